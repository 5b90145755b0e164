//! SSM's parameter store: names, versions, SecureString.
//!
//! SecureStrings are kept in the clear here; without `WithDecryption` something unusable is shown,
//! as on AWS.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Answer, AwsError, Caller, State};

/// One version of a parameter.
#[derive(Clone, Debug)]
struct Version {
    value: String,
    kind: String,
    at: Timestamp,
}

/// What SSM remembers.
#[derive(Clone, Debug, Default)]
pub struct Ssm {
    /// By account, region and name.
    parameters: BTreeMap<(String, String, String), Vec<Version>>,
}

/// Where the product itself lives, and whoever cannot be told from it.
const HOME: (&str, &str) = ("111111111111", "eu-west-1");

fn key((account, region): (&str, &str), name: &str) -> (String, String, String) {
    (account.to_owned(), region.to_owned(), name.to_owned())
}

fn place(caller: &Caller) -> (&str, &str) {
    (
        match caller.account.as_str() {
            "" => HOME.0,
            account => account,
        },
        match caller.region.as_str() {
            "" => HOME.1,
            region => region,
        },
    )
}

impl Ssm {
    /// Stores a SecureString as the parameter's newest version.
    pub fn put_secret(&mut self, now: Timestamp, name: &str, value: &str) {
        let version = Version {
            value: value.to_owned(),
            kind: "SecureString".to_owned(),
            at: now,
        };
        self.parameters
            .entry(key(HOME, name))
            .or_default()
            .push(version);
    }

    /// Removes a parameter with all its versions.
    pub fn remove(&mut self, name: &str) {
        self.parameters.remove(&key(HOME, name));
    }

    /// The newest value of a parameter in an account and region.
    pub fn value(&self, account: &str, region: &str, name: &str) -> Option<&str> {
        let versions = self.parameters.get(&key((account, region), name))?;
        versions.last().map(|version| version.value.as_str())
    }
}

/// Answers one operation.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    operation: &str,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    match operation {
        "GetParameter" => get(&state.ssm, request, caller),
        "PutParameter" => put(&mut state.ssm, now, request, caller),
        _ => Err(AwsError::unknown_operation(operation)),
    }
}

fn field<'a>(request: &'a Value, name: &str) -> &'a str {
    request
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// `arn:aws:ssm:REGION:ACCOUNT:parameter/NAME`; a leading slash of the name is not doubled.
fn arn(name: &str, caller: &Caller) -> String {
    let (account, region) = place(caller);
    format!(
        "arn:aws:ssm:{region}:{account}:parameter/{}",
        name.trim_start_matches('/')
    )
}

fn get(ssm: &Ssm, request: &Value, caller: &Caller) -> Result<Answer, AwsError> {
    let asked = field(request, "Name");
    if asked.is_empty() {
        let message = "1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1";
        return Err(AwsError::new("ValidationException", message));
    }
    let (name, number) = match asked.rsplit_once(':') {
        Some((name, selector)) => (name, Some(selector)),
        None => (asked, None),
    };
    let missing = || AwsError::new("ParameterNotFound", "");
    let versions = ssm
        .parameters
        .get(&key(place(caller), name))
        .ok_or_else(missing)?;
    let number = match number {
        None => versions.len(),
        Some(selector) => selector.parse().unwrap_or_default(),
    };
    let at = number.checked_sub(1);
    let version = at.and_then(|at| versions.get(at)).ok_or_else(|| {
        AwsError::new("ParameterVersionNotFound", format!("Systems Manager could not find version {number} of {name}. Verify the version and try again."))
    })?;
    let encrypted =
        version.kind == "SecureString" && request.get("WithDecryption") != Some(&Value::Bool(true));
    let value = if encrypted {
        "AQICAHhTaW11bGF0ZWQ="
    } else {
        &version.value
    };
    let arn = arn(name, caller);
    Ok(Answer {
        body: json!({"Parameter": {
            "ARN": arn,
            "DataType": "text",
            "LastModifiedDate": version.at.as_second(),
            "Name": name,
            "Type": version.kind,
            "Value": value,
            "Version": number,
        }}),
        resources: vec![arn],
        ..Answer::default()
    })
}

fn put(
    ssm: &mut Ssm,
    now: Timestamp,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let (name, value) = (field(request, "Name"), field(request, "Value"));
    if name.is_empty() || value.is_empty() {
        let message = "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1";
        return Err(AwsError::new("ValidationException", message));
    }
    if value.len() > 4096 {
        let message = "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.";
        return Err(AwsError::new("ValidationException", message));
    }
    let last = ssm
        .parameters
        .get(&key(place(caller), name))
        .and_then(|versions| versions.last());
    if last.is_some() && request.get("Overwrite") != Some(&Value::Bool(true)) {
        let message = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
        return Err(AwsError::new("ParameterAlreadyExists", message));
    }
    let kind = match (field(request, "Type"), last) {
        ("", None) => {
            return Err(AwsError::new(
                "ValidationException",
                "A parameter type is required when you create a parameter.",
            ));
        }
        ("", Some(last)) => last.kind.clone(),
        (kind, _) => kind.to_owned(),
    };
    let versions = ssm.parameters.entry(key(place(caller), name)).or_default();
    versions.push(Version {
        value: value.to_owned(),
        kind,
        at: now,
    });
    Ok(Answer {
        body: json!({"Version": versions.len(), "Tier": "Standard"}),
        resources: vec![arn(name, caller)],
        ..Answer::default()
    })
}
