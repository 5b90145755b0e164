//! What IAM is asked for one recorded call: its actions, each with its resource and condition keys.
//!
//! Where AWS checks an action that no request is made for (passing a role, tagging, decrypting), it
//! is here.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use longshore_sim::Call;
use serde_json::Value;

use super::policy::Request;
use crate::town::MACHINE;

/// Whose call it was, by the roles' names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Principal {
    Slash,
    Ci,
    Waiter,
    /// The deploy role of this environment.
    Deploy(String),
    /// Whoever runs the command line.
    Operator,
    /// Somebody at the console, who is no part of Longshore.
    Somebody,
}

/// What one call needs.
#[derive(Debug)]
pub(crate) struct Needs {
    pub(crate) by: Principal,
    pub(crate) requests: Vec<Request>,
}

/// What the call needs; `secrets_key` is the KMS key of the parameters.
pub(crate) fn needs(call: &Call, by: Principal, secrets_key: &str) -> Needs {
    let requests = match call.service {
        "dynamodb" => table(call),
        "states" => machine(call),
        "ssm" => parameter(call, secrets_key),
        "sts" => role(call),
        "ecs" | "ecr" | "logs" => elsewhere(call),
        "scheduler" => schedule(call),
        other => panic!("nobody here knows what {other}:{} needs", call.operation),
    };
    Needs { by, requests }
}

fn field<'c>(document: &'c Value, name: &str) -> &'c str {
    let text = document.get(name).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("{name} is missing in {document}"))
}

/// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`, where the caller is.
fn arn(call: &Call, service: &str, resource: &str) -> String {
    let (region, account) = (&call.caller.region, &call.caller.account);
    format!("arn:aws:{service}:{region}:{account}:{resource}")
}

/// A transaction is not an action of its own: its items are checked one by one.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>
fn table(call: &Call) -> Vec<Request> {
    let on = |action: &str, document: &Value| {
        let table = arn(
            call,
            "dynamodb",
            &format!("table/{}", field(document, "TableName")),
        );
        let resource = match document.get("IndexName").and_then(Value::as_str) {
            Some(index) => format!("{table}/index/{index}"),
            None => table,
        };
        let key = document.get("Key").or_else(|| document.get("Item"));
        let partition = match key {
            Some(key) => field(&key["pk"], "S").to_owned(),
            None => queried(document),
        };
        Request::new(&format!("dynamodb:{action}"), &resource)
            .with("dynamodb:LeadingKeys", &partition)
    };
    match call.request.get("TransactItems").and_then(Value::as_array) {
        None => vec![on(&call.operation, &call.request)],
        Some(items) => {
            let parts = items.iter().filter_map(Value::as_object).flatten();
            parts
                .map(|(verb, part)| on(&item_action(verb), part))
                .collect()
        }
    }
}

fn item_action(verb: &str) -> String {
    let item = ["Put", "Update", "Delete", "ConditionCheck"];
    assert!(item.contains(&verb), "{verb} in a transaction");
    format!("{verb}Item")
}

/// The partition a query reads: `pk = :value …`.
fn queried(document: &Value) -> String {
    let condition = field(document, "KeyConditionExpression");
    let mut words = condition.split_whitespace();
    assert_eq!(words.nth(1), Some("="), "{condition}");
    let value = words.next().expect("a value");
    field(&document["ExpressionAttributeValues"][value], "S").to_owned()
}

fn machine(call: &Call) -> Vec<Request> {
    let resource = match call.operation.as_str() {
        "StartExecution" => field(&call.request, "stateMachineArn").to_owned(),
        "DescribeExecution" | "StopExecution" => field(&call.request, "executionArn").to_owned(),
        // The token says which; here there is one machine.
        "SendTaskSuccess" => arn(call, "states", &format!("stateMachine:{MACHINE}")),
        other => panic!("states:{other}"),
    };
    vec![Request::new(&call.actions[0], &resource)]
}

/// A SecureString is decrypted on the caller's behalf, under a key whose policy leaves that to IAM.
fn parameter(call: &Call, secrets_key: &str) -> Vec<Request> {
    let name = field(&call.request, "Name");
    let resource = arn(call, "ssm", &format!("parameter{name}"));
    let mut requests = vec![Request::new(&call.actions[0], &resource)];
    if call.status == 200 && call.request["WithDecryption"] == true {
        let via = format!("ssm.{}.amazonaws.com", call.caller.region);
        requests.push(Request::new("kms:Decrypt", secrets_key).with("kms:ViaService", &via));
    }
    requests
}

fn role(call: &Call) -> Vec<Request> {
    match call.operation.as_str() {
        // Nobody needs a right to ask who they are.
        "GetCallerIdentity" => Vec::new(),
        "AssumeRole" => {
            let document = call.request.as_object().expect("form fields");
            let role = field(&call.request, "RoleArn");
            let mut assume = Request::new("sts:AssumeRole", role);
            let mut tag = Request::new("sts:TagSession", role);
            if let Some(external_id) = document.get("ExternalId").and_then(Value::as_str) {
                assume = assume.with("sts:ExternalId", external_id);
            }
            for (name, value) in document {
                if name.starts_with("Tags.member.") && name.ends_with(".Key") {
                    tag = tag.with("aws:TagKeys", value.as_str().expect("a key"));
                }
            }
            if tag.keys.is_empty() {
                vec![assume]
            } else {
                vec![assume, tag]
            }
        }
        other => panic!("sts:{other}"),
    }
}

/// Whoever updates a schedule passes the role that it runs its task with.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policies.html>
fn schedule(call: &Call) -> Vec<Request> {
    let mut requests = elsewhere(call);
    if call.operation == "UpdateSchedule" {
        let role = field(&call.request["Target"], "RoleArn");
        let pass = Request::new("iam:PassRole", role);
        requests.push(pass.with("iam:PassedToService", "scheduler.amazonaws.com"));
    }
    requests
}

/// In the environments' accounts the simulator notes what AWS would see.
fn elsewhere(call: &Call) -> Vec<Request> {
    let resources = match call.resources.as_slice() {
        // An error; what it was about is in the request.
        [] => vec![unnoted(call)],
        noted => noted.to_vec(),
    };
    let session = call.caller.session_tags.iter();
    let session = session.map(|(key, value)| (format!("aws:PrincipalTag/{key}"), value.clone()));
    let keys: Vec<_> = call.conditions.iter().cloned().chain(session).collect();
    let requests = resources.iter().map(|resource| Request {
        action: call.actions[0].clone(),
        resource: resource.clone(),
        keys: keys.clone(),
    });
    let mut requests: Vec<Request> = requests.collect();
    if call.operation == "RunTask" && tagged(call) {
        let cluster = field(&call.request, "cluster");
        requests.push(Request {
            action: "ecs:TagResource".to_owned(),
            resource: arn(call, "ecs", &format!("task/{cluster}/*")),
            keys: keys.clone(),
        });
    }
    // Of enhanced scans, ECR asks Inspector in its caller's name.
    if call.operation == "DescribeImageScanFindings" {
        requests.push(Request::new("inspector2:ListFindings", "*"));
    }
    if call.operation == "RegisterTaskDefinition" {
        if tagged(call) {
            requests.push(Request {
                action: "ecs:TagResource".to_owned(),
                ..requests[0].clone()
            });
        }
        for member in ["taskRoleArn", "executionRoleArn"] {
            if let Some(role) = call.request.get(member).and_then(Value::as_str) {
                let pass = Request::new("iam:PassRole", role);
                requests.push(pass.with("iam:PassedToService", "ecs-tasks.amazonaws.com"));
            }
        }
    }
    requests
}

fn tagged(call: &Call) -> bool {
    let tags = call.request.get("tags").and_then(Value::as_array);
    tags.is_some_and(|tags| !tags.is_empty())
}

fn unnoted(call: &Call) -> String {
    let request = &call.request;
    let region = &call.caller.region;
    match call.actions[0].as_str() {
        "ecr:BatchGetImage"
        | "ecr:DescribeImages"
        | "ecr:DescribeImageScanFindings"
        | "ecr:GetLifecyclePolicy" => {
            let (registry, name) = (
                field(request, "registryId"),
                field(request, "repositoryName"),
            );
            format!("arn:aws:ecr:{region}:{registry}:repository/{name}")
        }
        "logs:GetLogEvents" => {
            let (group, stream) = (
                field(request, "logGroupName"),
                field(request, "logStreamName"),
            );
            arn(
                call,
                "logs",
                &format!("log-group:{group}:log-stream:{stream}"),
            )
        }
        "ecs:StopServiceDeployment" => field(request, "serviceDeploymentArn").to_owned(),
        "ecs:DescribeTaskDefinition" => "*".to_owned(),
        "ecs:UpdateService" | "ecs:ListServiceDeployments" => {
            let (cluster, service) = (field(request, "cluster"), field(request, "service"));
            arn(call, "ecs", &format!("service/{cluster}/{service}"))
        }
        other => panic!("nobody here knows what {other} is about: {request}"),
    }
}
