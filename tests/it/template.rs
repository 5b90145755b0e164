//! The contract between the template and the code: what one names, the other has.

mod woken;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cloudformation::{
    TEMPLATE, many, nulls, parse, properties, resources_of, statements, template,
};
use crate::documents;
use crate::rights::Deployed;
use crate::town::{DEV, PROD};

fn names<'a>(values: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    values.into_iter().map(str::to_owned).collect()
}

fn actions(role: &str) -> BTreeSet<String> {
    let statements = statements(role);
    let actions = statements.iter().flat_map(|one| many(&one["Action"]));
    actions
        .map(|action| action.as_str().expect("an action").to_owned())
        .collect()
}

#[test]
fn the_machine_is_a_trampoline_and_nothing_else() {
    let retry = json!([{
        "ErrorEquals": [
            "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException",
            "Lambda.TooManyRequestsException", "Lambda.ClientExecutionTimeoutException",
            "Lambda.Unknown", "Sandbox.Timedout", longshore::waiter::StepError::TRANSIENT,
        ],
        "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 6, "MaxDelaySeconds": 30,
        "JitterStrategy": "FULL",
    }]);
    let waiter = json!({ "Fn::GetAtt": ["WaiterFunction", "Arn"] });
    let choice = |next: &str, state: &str| json!({ "Variable": "$.step.next", "StringEquals": next, "Next": state });
    let mut definition = properties("Machine")["Definition"].clone();
    definition
        .as_object_mut()
        .expect("a definition")
        .remove("Comment");
    let expected = json!({
        "StartAt": "Step",
        "States": {
            "Step": {
                "Type": "Task",
                "Resource": { "Fn::Sub": "arn:${AWS::Partition}:states:::lambda:invoke" },
                "Parameters": {
                    "FunctionName": waiter,
                    "Payload": { "id.$": "$.id", "execution.$": "$$.Execution.Name" },
                },
                "TimeoutSeconds": 90,
                "ResultSelector": { "next.$": "$.Payload.next", "seconds.$": "$.Payload.seconds" },
                "ResultPath": "$.step",
                "Retry": retry,
                "Next": "Next?",
            },
            "Next?": {
                "Type": "Choice",
                "Choices": [choice("wait", "Wait"), choice("ask", "Ask"), choice("done", "Done")],
            },
            "Wait": { "Type": "Wait", "SecondsPath": "$.step.seconds", "Next": "Step" },
            "Ask": {
                "Type": "Task",
                "Resource": { "Fn::Sub": "arn:${AWS::Partition}:states:::lambda:invoke.waitForTaskToken" },
                "Parameters": {
                    "FunctionName": waiter,
                    "Payload": {
                        "id.$": "$.id", "execution.$": "$$.Execution.Name", "token.$": "$$.Task.Token",
                    },
                },
                "TimeoutSeconds": 900,
                "ResultPath": "$.step",
                "Retry": retry,
                "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.step", "Next": "Step" }],
                "Next": "Step",
            },
            "Done": { "Type": "Succeed" },
        },
    });
    assert_eq!(definition, expected);
    let properties = properties("Machine");
    assert_eq!(properties["StateMachineType"], "STANDARD");
}

/// CloudFormation answers `'null' values are not allowed in templates`, whatever a property's type:
/// <https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1378>.
#[test]
fn no_value_of_a_template_is_null() {
    for (written, paths) in [
        ("a: null", vec!["/a"]),
        ("a: ~", vec!["/a"]),
        ("a: Null\nb: NULL", vec!["/a", "/b"]),
        ("a:\nb: 1", vec!["/a"]),
        ("a: [1, ~]", vec!["/a/1"]),
        ("a:\n  -\n  - b: { c: }", vec!["/a/0", "/a/1/b/c"]),
        ("a: !If [x, null, y]", vec!["/a/Fn::If/1"]),
        ("a: !Ref", vec!["/a/Ref"]),
        ("a: 'null'\nb: \"\"\nc: \"~\"\nd: []", vec![]),
    ] {
        assert_eq!(nulls(&parse(written)), paths, "{written}");
    }
    assert_eq!(nulls(&template()), Vec::<String>::new());
    let mut examples = 0;
    for document in documents::DOCUMENTS {
        for example in documents::blocks(&documents::text(document), "yaml") {
            assert_eq!(nulls(&parse(&example)), Vec::<String>::new(), "{example}");
            examples += usize::from(example.contains("Resources:"));
        }
    }
    assert!(examples > 0);
}

/// Names that AWS takes, whatever the stack is called: a stack's name has up to 128 characters.
#[test]
fn every_legal_name_of_a_stack_makes_legal_names_of_its_parts() {
    const LONGEST_STACK: usize = 128;
    /// Property, and the most characters that AWS takes there.
    const NAMES: [(&str, &str, usize); 4] = [
        ("AWS::ApiGatewayV2::Api", "Name", 128),
        ("AWS::StepFunctions::StateMachine", "StateMachineName", 80),
        ("AWS::Events::EventBus", "Name", 256),
        ("AWS::Logs::LogGroup", "LogGroupName", 512),
    ];
    let name = "s".repeat(LONGEST_STACK);
    let stack = deployed(DEV).called(&name);
    let template = template();
    let mut named = 0;
    for (resource, written) in template["Resources"].as_object().expect("resources") {
        let kind = written["Type"].as_str().expect("a type");
        let properties = stack.properties(resource);
        for (property, value) in properties.as_object().expect("properties") {
            let is_a_name = property == "Name" || property.ends_with("Name");
            let of_another = ["FunctionName", "EventBusName"].contains(&&**property)
                && written["Properties"][property].get("Ref").is_some();
            if !is_a_name || of_another || ["StageName", "MetricName"].contains(&&**property) {
                continue;
            }
            let limit = NAMES
                .iter()
                .find(|(one, key, _)| *one == kind && key == property);
            let (_, _, most) = limit.unwrap_or_else(|| {
                panic!(
                    "{resource}: let CloudFormation make {property} up, or say how long it may be"
                )
            });
            let value = value.as_str().expect("a text");
            assert!(
                value.len() <= *most,
                "{resource}: {value} has over {most} characters"
            );
            named += 1;
        }
    }
    assert_eq!(named, 6);
    // Two stacks of the account have two machines.
    assert_ne!(
        deployed(DEV).with_id("a").machine_arn(),
        deployed(DEV).with_id("b").machine_arn()
    );
    let variables = |function: &str| stack.properties(function)["Environment"]["Variables"].clone();
    assert_eq!(
        variables("WaiterFunction")["STATE_MACHINE_ARN"],
        stack.machine_arn()
    );
    assert_eq!(
        variables("SlashFunction")["STATE_MACHINE_ARN"],
        stack.machine_arn()
    );
}

#[test]
fn every_function_is_one_of_the_crates_binaries() {
    let manifest: toml::Table = include_str!("../../Cargo.toml")
        .parse()
        .expect("a manifest");
    let bins = manifest["bin"].as_array().expect("binaries");
    let bins: BTreeSet<&str> = bins.iter().filter_map(|bin| bin["name"].as_str()).collect();
    let template = template();
    let functions = resources_of("AWS::Serverless::Function");
    assert_eq!(functions.len(), 3);
    for (name, properties) in functions {
        let metadata = &template["Resources"][&name]["Metadata"];
        assert_eq!(metadata["BuildMethod"], "rust-cargolambda", "{name}");
        let bin = metadata["BuildProperties"]["Binary"]
            .as_str()
            .expect("a binary");
        assert!(bins.contains(bin), "{name} is built from {bin}");
        assert_eq!(properties["Runtime"], "provided.al2023", "{name}");
        assert_eq!(
            properties["Architectures"],
            json!([{ "Ref": "Architecture" }]),
            "{name}"
        );
    }
}

#[test]
fn the_functions_get_exactly_the_variables_that_they_read() {
    let given = |function: &str| -> BTreeSet<String> {
        let properties = properties(function);
        let variables = properties["Environment"]["Variables"]
            .as_object()
            .expect("variables");
        variables.keys().cloned().collect()
    };
    let source = include_str!("../../src/app.rs");
    let read = |function: &str| -> BTreeSet<String> {
        let (_, rest) = source
            .split_once(&format!("pub async fn {function}("))
            .expect("the function that reads the environment");
        let (body, _) = rest.split_once("\n}").expect("its end");
        ["required(\"", "optional(\""]
            .iter()
            .flat_map(|call| body.split(call).skip(1))
            .map(|after| after.split('"').next().expect("a name").to_owned())
            .collect()
    };
    assert!(read("slash_from_env").contains("SIGNING_SECRET_PARAMETER"));
    assert!(read("waiter_from_env").contains("EXTERNAL_ID"));
    assert_eq!(given("SlashFunction"), read("slash_from_env"));
    assert_eq!(given("WaiterFunction"), read("waiter_from_env"));
    assert_eq!(given("CiFunction"), read("ci_from_env"));
}

#[test]
fn nothing_in_the_template_can_change_where_connections_go() {
    for name in ["LONGSHORE_DIAL", "ENDPOINT_URL"] {
        assert!(
            !TEMPLATE.contains(name),
            "{name} belongs to the local world"
        );
    }
}

#[test]
fn the_public_function_has_no_right_on_ecs_iam_sts_or_lambda() {
    let expected = [
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:ConditionCheckItem",
        "states:StartExecution",
        "states:SendTaskSuccess",
        "ssm:GetParameter",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "kms:Decrypt",
    ];
    assert_eq!(actions("SlashRole"), names(expected));
}

#[test]
fn the_function_of_pipelines_writes_and_reads_what_is_its_own() {
    let expected = [
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:ConditionCheckItem",
        "states:StartExecution",
        "ssm:GetParameter",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "kms:Decrypt",
    ];
    assert_eq!(actions("CiRole"), names(expected));
    let statements = statements("CiRole");
    let of = |sid: &str| statements.iter().find(|one| one["Sid"] == sid).unwrap();
    assert_eq!(
        of("Record")["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"],
        json!(["PIPELINE#*"])
    );
    let keys =
        "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${CiKeysPrefix}/*";
    assert_eq!(of("Secrets")["Resource"], json!({ "Fn::Sub": keys }));
}

#[test]
fn the_waiter_acts_elsewhere_only_through_the_deploy_roles() {
    let expected = [
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "states:StartExecution",
        "states:DescribeExecution",
        "states:SendTaskSuccess",
        "ssm:GetParameter",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sts:AssumeRole",
        "sts:TagSession",
        "kms:Decrypt",
    ];
    assert_eq!(actions("WaiterRole"), names(expected));
    let statements = statements("WaiterRole");
    let assumes = statements
        .iter()
        .find(|one| one["Sid"] == "DeployRoles")
        .expect("a statement");
    assert_eq!(assumes["Resource"], json!({ "Ref": "DeployRoles" }));
}

#[test]
fn the_machine_may_invoke_the_waiter_and_nothing_else() {
    let statements = statements("MachineRole");
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Action"], "lambda:InvokeFunction");
    assert_eq!(
        statements[0]["Resource"],
        json!({ "Fn::GetAtt": ["WaiterFunction", "Arn"] })
    );
}

#[test]
fn no_statement_names_every_resource_or_every_action() {
    for (role, _) in resources_of("AWS::IAM::Role") {
        for statement in statements(&role) {
            assert_eq!(statement["Effect"], "Allow", "{role}");
            assert!(statement.get("NotAction").is_none() && statement.get("NotResource").is_none());
            let resources = many(&statement["Resource"]);
            assert!(
                !resources.is_empty() && !resources.contains(&json!("*")),
                "{role}: {statement}"
            );
            for action in many(&statement["Action"]) {
                assert!(!action.as_str().unwrap().contains('*'), "{role}: {action}");
            }
        }
    }
}

#[test]
fn the_door_has_slacks_routes_and_a_throttle() {
    let routes: BTreeSet<String> = resources_of("AWS::ApiGatewayV2::Route")
        .iter()
        .map(|(_, route)| route["RouteKey"].as_str().expect("a key").to_owned())
        .collect();
    let expected = [
        "POST /slack/commands",
        "POST /slack/interactions",
        "POST /slack/events",
        "GET /slack/commands",
        "GET /slack/interactions",
        "POST /ci/{name}/deploys",
        "POST /ci/{name}/status",
    ];
    assert_eq!(routes, names(expected));
    // Pipelines never take the place of people.
    let own = &properties("ApiStage")["RouteSettings"];
    for route in ["POST /ci/{name}/deploys", "POST /ci/{name}/status"] {
        for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
            let settings = &own[route][limit];
            assert_eq!(
                *settings,
                json!({ "Ref": "CiRequestsPerSecond" }),
                "{route}"
            );
        }
    }
    assert_eq!(properties("ApiIntegration")["PayloadFormatVersion"], "2.0");
    let settings = &properties("ApiStage")["DefaultRouteSettings"];
    assert_eq!(
        settings["ThrottlingRateLimit"],
        json!({ "Ref": "RequestsPerSecond" })
    );
    assert_eq!(
        settings["ThrottlingBurstLimit"],
        json!({ "Ref": "RequestsPerSecond" })
    );
    let parameter = &template()["Parameters"]["RequestsPerSecond"];
    assert_eq!(
        parameter["Description"],
        "Requests per second that the API lets through, and as many at one moment"
    );
}

#[test]
fn the_table_survives_the_stack_and_can_be_restored() {
    let template = template();
    assert_eq!(template["Resources"]["Table"]["DeletionPolicy"], "Retain");
    assert_eq!(
        template["Resources"]["Table"]["UpdateReplacePolicy"],
        "Retain"
    );
    let table = properties("Table");
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(
        table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
        true
    );
    assert_eq!(
        table["TimeToLiveSpecification"],
        json!({ "AttributeName": "expires", "Enabled": true })
    );
    let key = |hash: &str, range: &str| {
        json!([
            { "AttributeName": hash, "KeyType": "HASH" },
            { "AttributeName": range, "KeyType": "RANGE" },
        ])
    };
    assert_eq!(table["KeySchema"], key("pk", "sk"));
    let index = &table["GlobalSecondaryIndexes"][0];
    assert_eq!(index["IndexName"], "open");
    assert_eq!(index["KeySchema"], key("open", "due"));
    assert_eq!(index["Projection"]["ProjectionType"], "KEYS_ONLY");
}

#[test]
fn the_logs_of_the_functions_end_some_day() {
    for (function, group) in [
        ("SlashFunction", "SlashLogs"),
        ("WaiterFunction", "WaiterLogs"),
        ("CiFunction", "CiLogs"),
    ] {
        let logs = &properties(function)["LoggingConfig"];
        assert_eq!(logs, &json!({ "LogGroup": { "Ref": group } }));
        assert_eq!(
            properties(group)["RetentionInDays"],
            json!({ "Ref": "LogRetentionDays" })
        );
    }
}

/// AWS's own, or one that is made of the stack's name.
fn namespace(of: &Value) -> &str {
    of.as_str().or_else(|| of["Fn::Sub"].as_str()).unwrap()
}

/// Two stacks in one account do not ring each other's alarms.
#[test]
fn the_functions_write_metrics_where_the_alarms_look() {
    for function in ["SlashFunction", "WaiterFunction", "CiFunction"] {
        let variables = &properties(function)["Environment"]["Variables"];
        let own = namespace(&variables["METRICS_NAMESPACE"]);
        assert_eq!(own, "Longshore/${AWS::StackName}", "{function}");
    }
}

#[test]
fn people_are_alarmed_where_only_they_can_help() {
    let alarms = resources_of("AWS::CloudWatch::Alarm");
    let watched: BTreeSet<String> = alarms
        .iter()
        .map(|(_, alarm)| {
            format!(
                "{}/{}",
                namespace(&alarm["Namespace"]),
                alarm["MetricName"].as_str().unwrap()
            )
        })
        .collect();
    let expected = [
        "Longshore/${AWS::StackName}/Undeliverable",
        "Longshore/${AWS::StackName}/Resumes",
        "Longshore/${AWS::StackName}/Neglected",
        "Longshore/${AWS::StackName}/UnknownGroups",
        "AWS/States/ExecutionsFailed",
        "AWS/Lambda/Errors",
        "AWS/Lambda/Invocations",
    ];
    assert_eq!(watched, names(expected));
    for (name, alarm) in alarms {
        assert_eq!(
            alarm["AlarmActions"]["Fn::If"][0], "HasAlarmTopic",
            "{name}"
        );
    }
}

/// The stack in the account of the events in `events/`, with these other accounts.
fn deployed(others: &str) -> Deployed {
    let given = [("ExternalId", "longshore-test"), ("TargetAccounts", others)];
    Deployed::new(template(), PROD, &given)
}
