//! The operations on services: what a request must be, what it does, and
//! which resources and condition keys IAM would have seen
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html>).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    configuration,
    ids::invalid,
    launch,
    place::{Place, revise},
    rollout::{Happening, Surroundings},
    script::{STALE_FOR, Script},
    service::Controller,
    show::missing,
    told::Told,
};
use crate::{Answer, AwsError};

/// One call: what is asked, when, by whom, of which account and region.
pub(super) struct Turn<'a> {
    pub(super) place: &'a mut Place,
    pub(super) around: Surroundings<'a>,
    pub(super) request: &'a Value,
    pub(super) now: Timestamp,
    /// What has been said of services.
    pub(super) told: &'a mut Vec<Told>,
    /// The caller's ARN.
    pub(super) by: String,
}

impl<'a> Turn<'a> {
    /// An optional text of the request.
    pub(super) fn text(&self, member: &str) -> Option<&'a str> {
        self.request.get(member).and_then(Value::as_str)
    }

    /// A text the request must have.
    pub(super) fn required(&self, member: &str) -> Result<&'a str, AwsError> {
        let text = self.text(member).filter(|text| !text.is_empty());
        text.ok_or_else(|| invalid(format!("{member} should not be null or empty.")))
    }

    /// A list of texts, neither empty nor longer than `most`.
    pub(super) fn list(&self, member: &str, most: usize) -> Result<Vec<&'a str>, AwsError> {
        let list = self.request.get(member).and_then(Value::as_array);
        let texts: Vec<_> = list
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if texts.is_empty() {
            return Err(invalid(format!("{member} cannot be empty.")));
        }
        if texts.len() > most {
            return Err(invalid(format!("{member} can have at most {most} items.")));
        }
        Ok(texts)
    }

    /// Where a listing starts and how long its page is.
    pub(super) fn paging(&self, default: usize, most: usize) -> Result<(usize, usize), AwsError> {
        let size = match self
            .request
            .get("maxResults")
            .filter(|size| !size.is_null())
        {
            None => default,
            Some(size) => {
                let size = size.as_u64().and_then(|size| usize::try_from(size).ok());
                let size = size.filter(|size| (1..=most).contains(size));
                size.ok_or_else(|| invalid(format!("maxResults must be between 1 and {most}.")))?
            }
        };
        let start = match self.text("nextToken") {
            None => 0,
            Some(token) => {
                let start = token
                    .strip_prefix("page-")
                    .and_then(|start| start.parse().ok());
                start.ok_or_else(|| invalid("Invalid token."))?
            }
        };
        Ok((start, size))
    }

    pub(super) fn cluster_condition(&self, cluster: &str) -> (String, String) {
        (
            "ecs:cluster".to_owned(),
            self.place.home.arn(&format!("cluster/{cluster}")),
        )
    }

    fn includes_tags(&self) -> bool {
        let include = self.request.get("include").and_then(Value::as_array);
        include.is_some_and(|include| include.contains(&json!("TAGS")))
    }
}

pub(super) fn describe_services(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let cluster = turn.place.cluster(turn.request)?;
    let names = turn.list("services", 10)?;
    let (tags, now) = (turn.includes_tags(), turn.now);
    let (mut services, mut failures, mut resources) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        let short = turn.place.home.name("service", name)?;
        let arn = turn.place.home.arn(&format!("service/{cluster}/{short}"));
        match turn.place.service(&cluster, name) {
            Ok(service) => {
                let document = service.view(now).document(tags);
                turn.told.push(Told::of(now, &document));
                services.push(document);
            }
            Err(_) => failures.push(missing(&arn)),
        }
        resources.push(arn);
    }
    Ok(Answer {
        body: json!({ "services": services, "failures": failures }),
        resources,
        conditions: vec![turn.cluster_condition(&cluster)],
    })
}

/// Members of `UpdateService` that start a new deployment when they change.
pub(super) const DEPLOYED: [&str; 8] = [
    "networkConfiguration",
    "platformVersion",
    "capacityProviderStrategy",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];
/// Members that do not.
pub(super) const KEPT: [&str; 7] = [
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    "placementConstraints",
    "placementStrategy",
    "availabilityZoneRebalancing",
];

/// To whoever gives a service of one task an instance a number of tasks.
pub(super) const NO_DESIRED_COUNT: &str = "The daemon scheduling strategy does not support a desired count for services. Remove desiredCount and try again.";

pub(super) fn update_service(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let (now, request) = (turn.now, turn.request);
    let cluster = turn.place.cluster(request)?;
    let name = turn.required("service")?;
    let service = turn.place.service(&cluster, name)?;
    if !service.active {
        return Err(AwsError::new(
            "ServiceNotActiveException",
            "Service was not ACTIVE.",
        ));
    }
    let asked = request.get("taskDefinition").and_then(Value::as_str);
    check_controller(service.controller, request)?;
    let desired = count(request, "desiredCount")?;
    let definition = match asked {
        Some(text) => turn.place.runnable(text)?.clone(),
        None => {
            let live = turn.place.service(&cluster, name)?.task_definition.clone();
            match turn.place.definition(&live)? {
                Some(definition) => definition.clone(),
                None => return Err(invalid("TaskDefinition not found.")),
            }
        }
    };
    let service = turn.place.service(&cluster, name)?;
    let before = service.clone();
    let mut changed = definition.arn != service.task_definition;
    changed |= request.get("forceNewDeployment") == Some(&json!(true));
    let mut settings = service.settings.clone();
    for member in DEPLOYED.iter().chain(&KEPT) {
        if let Some(value) = request.get(*member).filter(|value| !value.is_null()) {
            changed |= DEPLOYED.contains(member) && settings.get(*member) != Some(value);
            settings.insert((*member).to_owned(), value.clone());
        }
    }
    if request
        .get("capacityProviderStrategy")
        .is_some_and(|given| *given != json!([]))
    {
        settings.remove("launchType");
    }
    if desired.is_some() && service.is_daemon() {
        return Err(invalid(NO_DESIRED_COUNT));
    }
    if changed {
        launch::check(&definition, &settings)?;
        launch::check_deployments(service)?;
    }
    configuration::change(
        &mut service.configuration,
        request.get("deploymentConfiguration"),
    )?;
    service.settings = settings;
    service.desired = desired.unwrap_or(service.desired);
    service.updates += 1;
    if changed {
        let script = service.scripts.pop_front().unwrap_or_default();
        if script == Script::StaleReads {
            service.stale = Some((now + turn.around.lasts(STALE_FOR), Box::new(before)));
        }
        let revision = revise(
            &service.arn(),
            &definition,
            now,
            turn.around.serial,
            turn.around.ecr,
        );
        service.roll_out(now, revision, script, &mut turn.around);
    } else if desired.is_some() {
        service.plan(now, Happening::Schedule);
    }
    let mut document = service.document(true);
    if let Some(document) = document.as_object_mut().filter(|_| changed) {
        // What AWS fills in asynchronously is not there yet; the service deployment has to be looked up.
        document.remove("currentServiceDeployment");
        document.remove("currentServiceRevisions");
    }
    let mut conditions = vec![("ecs:cluster".to_owned(), service.cluster_arn())];
    if asked.is_some() {
        conditions.push(("ecs:task-definition".to_owned(), definition.arn));
    }
    for (member, key) in [
        ("enableExecuteCommand", "ecs:enable-execute-command"),
        ("enableECSManagedTags", "ecs:enable-ecs-managed-tags"),
        ("propagateTags", "ecs:propagate-tags"),
    ] {
        let value = request.get(member).filter(|value| !value.is_null());
        conditions.extend(value.map(|value| {
            (
                key.to_owned(),
                value.to_string().trim_matches('"').to_owned(),
            )
        }));
    }
    Ok(Answer {
        body: json!({ "service": document }),
        resources: vec![service.arn()],
        conditions,
    })
}

fn check_controller(controller: Controller, request: &Value) -> Result<(), AwsError> {
    let other = match controller {
        Controller::Ecs => return Ok(()),
        Controller::CodeDeploy => "Use AWS CodeDeploy to trigger a new deployment.",
        Controller::External => "Create a task set instead.",
    };
    let name = controller.name();
    for (member, what) in [
        ("taskDefinition", "task definition"),
        ("networkConfiguration", "network parameters"),
        ("platformVersion", "platform version"),
        ("loadBalancers", "load balancers"),
    ] {
        if request.get(member).is_some_and(|value| !value.is_null()) {
            let message = format!(
                "Unable to update {what} on services with a {name} deployment controller. {other}"
            );
            return Err(invalid(message));
        }
    }
    if request.get("forceNewDeployment") == Some(&json!(true)) {
        return Err(invalid(format!(
            "Cannot force a new deployment on services with a {name} deployment controller. {other}"
        )));
    }
    Ok(())
}

/// A count of the request, if it has one.
pub(super) fn count(request: &Value, member: &str) -> Result<Option<u32>, AwsError> {
    match request.get(member).filter(|value| !value.is_null()) {
        None => Ok(None),
        Some(value) => {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            number
                .map(Some)
                .ok_or_else(|| invalid(format!("{member} cannot be negative.")))
        }
    }
}
