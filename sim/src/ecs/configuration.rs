//! What a `deploymentConfiguration` must be: the rules of the API reference on strategies, traffic
//! steps and lifecycle hooks
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html>).

use serde_json::{Map, Value, json};

use super::{hook::HookAction, ids::invalid};
use crate::AwsError;

const STRATEGIES: [&str; 4] = ["ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"];
/// Stages at which a hook may run; the last two are for Lambda functions only.
const STAGES: [&str; 8] = [
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "TEST_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
];
const PAUSES: usize = 6;
/// A day, the longest bake time.
const DAY: u64 = 1440;

/// Brings a service's configuration up to date with what a request says of it.
///
/// # Errors
/// `InvalidParameterException` for what AWS refuses; the configuration then stays as it was.
pub(super) fn change(known: &mut Value, asked: Option<&Value>) -> Result<(), AwsError> {
    let Some(asked) = asked.and_then(Value::as_object) else {
        return Ok(());
    };
    let Some(before) = known.as_object() else {
        return Ok(());
    };
    let mut whole = before.clone();
    // What belongs to another strategy than the one asked for is gone with it.
    if asked.contains_key("strategy") {
        whole.remove("linearConfiguration");
        whole.remove("canaryConfiguration");
    }
    whole.extend(asked.clone());
    check(&whole)?;
    *known = Value::Object(whole);
    Ok(())
}

fn check(whole: &Map<String, Value>) -> Result<(), AwsError> {
    let strategy = match whole.get("strategy").and_then(Value::as_str) {
        None => "ROLLING",
        Some(strategy) if STRATEGIES.contains(&strategy) => strategy,
        Some(other) => return Err(invalid(format!("Invalid deployment strategy: {other}"))),
    };
    within(whole, "bakeTimeInMinutes", 0, DAY)?;
    if strategy == "BLUE_GREEN" && !whole.contains_key("bakeTimeInMinutes") {
        return Err(invalid("bakeTimeInMinutes is required for BLUE_GREEN."));
    }
    for (section, of, percent, least, bake) in [
        (
            "linearConfiguration",
            "LINEAR",
            "stepPercent",
            3.0,
            "stepBakeTimeInMinutes",
        ),
        (
            "canaryConfiguration",
            "CANARY",
            "canaryPercent",
            0.1,
            "canaryBakeTimeInMinutes",
        ),
    ] {
        let Some(given) = whole.get(section).and_then(Value::as_object) else {
            continue;
        };
        if strategy != of {
            return Err(invalid(format!(
                "{section} is only valid with strategy {of}."
            )));
        }
        share(given, percent, least)?;
        within(given, bake, 0, DAY)?;
    }
    let hooks = whole.get("lifecycleHooks").and_then(Value::as_array);
    hooks.into_iter().flatten().try_for_each(hook)
}

fn within(
    section: &Map<String, Value>,
    member: &str,
    least: u64,
    most: u64,
) -> Result<(), AwsError> {
    match section.get(member).filter(|value| !value.is_null()) {
        None => Ok(()),
        Some(value) if value.as_u64().is_some_and(|n| (least..=most).contains(&n)) => Ok(()),
        Some(_) => Err(invalid(format!(
            "{member} must be between {least} and {most}."
        ))),
    }
}

/// A percentage in tenths.
fn share(section: &Map<String, Value>, member: &str, least: f64) -> Result<(), AwsError> {
    let Some(value) = section.get(member).filter(|value| !value.is_null()) else {
        return Ok(());
    };
    let fits = |share: f64| {
        let tenths = share * 10.0;
        (least..=100.0).contains(&share) && (tenths - tenths.round()).abs() < 1e-6
    };
    match value.as_f64() {
        Some(share) if fits(share) => Ok(()),
        _ => Err(invalid(format!(
            "{member} must be a multiple of 0.1 between {least} and 100."
        ))),
    }
}

fn hook(hook: &Value) -> Result<(), AwsError> {
    let text = |member: &str| hook.get(member).and_then(Value::as_str);
    let allowed = match text("targetType") {
        Some("PAUSE") => {
            if text("hookTargetArn").is_some() || text("roleArn").is_some() {
                return Err(invalid("A PAUSE hook has neither a target nor a role."));
            }
            &STAGES[..PAUSES]
        }
        None | Some("AWS_LAMBDA") => {
            if text("hookTargetArn").is_none() || text("roleArn").is_none() {
                return Err(invalid(
                    "hookTargetArn and roleArn are required for a Lambda hook.",
                ));
            }
            &STAGES[..]
        }
        Some(other) => return Err(invalid(format!("Invalid hook target type: {other}"))),
    };
    let stages = hook.get("lifecycleStages").and_then(Value::as_array);
    let stages = stages.filter(|stages| !stages.is_empty());
    let Some(stages) = stages else {
        return Err(invalid("lifecycleStages should not be null or empty."));
    };
    if let Some(stage) = stages
        .iter()
        .find(|stage| !allowed.iter().any(|known| json!(known) == **stage))
    {
        return Err(invalid(format!(
            "A hook of this type cannot run at {stage}."
        )));
    }
    let timeout = hook.get("timeoutConfiguration").and_then(Value::as_object);
    if let Some(timeout) = timeout {
        within(timeout, "timeoutInMinutes", 1, 20160)?;
        let action = timeout.get("action").filter(|action| !action.is_null());
        if action.is_some_and(|action| HookAction::of(action.as_str()).is_none()) {
            return Err(invalid("Invalid timeout action."));
        }
    }
    Ok(())
}
