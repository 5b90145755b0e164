//! What nobody may do, whatever the code does: the table of wishes that every policy must refuse,
//! for the day that a function is taken over.

mod targets;

use std::collections::BTreeMap;

use super::journeys::{configuration, of_the_cluster, target};
use super::policy::{Decision, Policy, Request};
use super::{ENVIRONMENTS, longshore_stack, target_stack, target_stack_of};
use crate::cloudformation::TEMPLATE;
use crate::town::{DEV, MACHINE, PROD, REGION};

const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111111111111:table/longshore";

/// Every role of every stack, with all that is attached to it.
fn roles() -> BTreeMap<String, Policy> {
    let mut roles = BTreeMap::new();
    let stack = longshore_stack();
    for role in stack.roles() {
        roles.insert(role.clone(), stack.policy(&role));
    }
    for (environment, _) in ENVIRONMENTS {
        let stack = target_stack(environment);
        for role in stack.roles() {
            let policy = stack.policy(&role);
            roles.insert(format!("{environment}'s {role}"), policy);
        }
    }
    roles
}

/// The deploy roles of environments with `scope = "cluster"`, too.
fn roles_of_both_scopes() -> BTreeMap<String, Policy> {
    let mut all = roles();
    for (environment, _) in ENVIRONMENTS {
        let stack = target_stack_of(environment, &of_the_cluster());
        let name = format!("{environment}'s cluster's DeployRole");
        all.insert(name, stack.policy("DeployRole"));
    }
    all
}

fn role(name: &str) -> Policy {
    roles().remove(name).unwrap()
}

#[test]
fn there_are_no_roles_but_these() {
    let expected = [
        "CiRole",
        "MachineRole",
        "SlashRole",
        "WaiterRole",
        "production's DeployRole",
        "production's ForwardRole",
        "staging's DeployRole",
        "staging's ForwardRole",
    ];
    assert_eq!(roles().into_keys().collect::<Vec<_>>(), expected);
}

#[test]
fn the_public_function_reaches_its_table_its_machine_its_secrets_and_its_log() {
    for statement in role("SlashRole").statements() {
        for action in &statement.actions {
            let (service, _) = action.split_once(':').unwrap();
            let own = match service {
                "dynamodb" => TABLE,
                "states" => "arn:aws:states:eu-west-1:111111111111:stateMachine:longshore-deploys-",
                "ssm" => "arn:aws:ssm:eu-west-1:111111111111:parameter/longshore/signing-secret",
                "kms" => super::SECRETS_KEY,
                "logs" => {
                    "arn:aws:logs:eu-west-1:111111111111:log-group:/longshore/longshore/slash:"
                }
                other => {
                    panic!("the public function may {action}, and {other} is not its business")
                }
            };
            for resource in &statement.resources {
                assert!(resource.starts_with(own), "{action} on {resource}");
            }
        }
    }
    let waiter = role("WaiterRole");
    for wish in [
        Request::new(
            "ecs:UpdateService",
            "arn:aws:ecs:eu-west-1:111111111111:service/production/cms-api",
        ),
        Request::new(
            "sts:AssumeRole",
            "arn:aws:iam::111111111111:role/longshore-production",
        ),
        Request::new(
            "lambda:InvokeFunction",
            "arn:aws:lambda:eu-west-1:111111111111:function:longshore-WaiterFunction",
        ),
        Request::new(
            "ssm:GetParameter",
            "arn:aws:ssm:eu-west-1:111111111111:parameter/longshore/bot-token",
        ),
    ] {
        assert_eq!(
            role("SlashRole").decide(&wish),
            Decision::NotAllowed,
            "{wish:?}"
        );
    }
    let direct = Request::new(
        "ecs:UpdateService",
        "arn:aws:ecs:eu-west-1:111111111111:service/production/cms-api",
    );
    assert_eq!(
        waiter.decide(&direct),
        Decision::NotAllowed,
        "only through the deploy roles"
    );
}

fn written(action: &str, partition: &str) -> Request {
    let action = format!("dynamodb:{action}");
    Request::new(&action, TABLE).with("dynamodb:LeadingKeys", partition)
}

#[test]
fn nobody_may_change_roles_functions_secrets_rules_or_the_stack() {
    let home =
        |service: &str, resource: &str| format!("arn:aws:{service}:{REGION}:{PROD}:{resource}");
    let mut wishes = Vec::new();
    for account in [PROD, DEV] {
        for role in ["SlashRole", "CiRole", "WaiterRole", "MachineRole"]
            .map(|role| format!("longshore-{role}"))
            .into_iter()
            .chain([
                "longshore-staging".to_owned(),
                "longshore-production".to_owned(),
            ])
        {
            let arn = format!("arn:aws:iam::{account}:role/{role}");
            for action in [
                "PutRolePolicy",
                "DeleteRolePolicy",
                "AttachRolePolicy",
                "DetachRolePolicy",
                "UpdateAssumeRolePolicy",
                "PutRolePermissionsBoundary",
                "DeleteRolePermissionsBoundary",
                "UpdateRole",
                "DeleteRole",
                "CreateRole",
                "TagRole",
            ] {
                wishes.push(Request::new(&format!("iam:{action}"), &arn));
            }
            let passed = Request::new("iam:PassRole", &arn);
            wishes.push(passed.with("iam:PassedToService", "ecs-tasks.amazonaws.com"));
        }
        let policy = format!("arn:aws:iam::{account}:policy/longshore-Applications1");
        for action in [
            "CreatePolicyVersion",
            "SetDefaultPolicyVersion",
            "DeletePolicyVersion",
        ] {
            wishes.push(Request::new(&format!("iam:{action}"), &policy));
        }
        wishes.push(Request::new(
            "iam:CreateAccessKey",
            &format!("arn:aws:iam::{account}:user/ops"),
        ));
        wishes.push(Request::new(
            "cloudformation:UpdateStack",
            &format!("arn:aws:cloudformation:{REGION}:{account}:stack/longshore/x"),
        ));
    }
    for (function, logs) in [
        ("SlashFunction", "slash"),
        ("CiFunction", "ci"),
        ("WaiterFunction", "waiter"),
    ] {
        let arn = home("lambda", &format!("function:longshore-{function}"));
        for action in [
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
            "DeleteFunction",
            "AddPermission",
            "PublishVersion",
            "UpdateAlias",
            "PutFunctionConcurrency",
            "CreateFunctionUrlConfig",
        ] {
            wishes.push(Request::new(&format!("lambda:{action}"), &arn));
        }
        let group = home("logs", &format!("log-group:/longshore/longshore/{logs}:*"));
        for action in ["DeleteLogGroup", "DeleteLogStream", "PutRetentionPolicy"] {
            wishes.push(Request::new(&format!("logs:{action}"), &group));
        }
    }
    let machine = home("states", &format!("stateMachine:{MACHINE}"));
    for action in ["UpdateStateMachine", "DeleteStateMachine"] {
        wishes.push(Request::new(&format!("states:{action}"), &machine));
    }
    let execution = home("states", &format!("execution:{MACHINE}:k3m9x2ab"));
    for action in ["StopExecution", "RedriveExecution", "GetExecutionHistory"] {
        wishes.push(Request::new(&format!("states:{action}"), &execution));
    }
    for parameter in [
        "signing-secret",
        "signing-secret-previous",
        "bot-token",
        "github-token",
    ] {
        let arn = home("ssm", &format!("parameter/longshore/{parameter}"));
        for action in ["PutParameter", "DeleteParameter", "AddTagsToResource"] {
            wishes.push(Request::new(&format!("ssm:{action}"), &arn));
        }
    }
    for action in [
        "PutRule",
        "DeleteRule",
        "DisableRule",
        "PutTargets",
        "RemoveTargets",
    ] {
        wishes.push(Request::new(
            &format!("events:{action}"),
            &home("events", "rule/longshore-SweepRule"),
        ));
    }
    for action in [
        "DeleteTable",
        "UpdateTable",
        "UpdateTimeToLive",
        "UpdateContinuousBackups",
        "Scan",
    ] {
        wishes.push(Request::new(&format!("dynamodb:{action}"), TABLE));
    }
    for (name, policy) in roles_of_both_scopes() {
        for wish in &wishes {
            assert_eq!(
                policy.decide(wish),
                Decision::NotAllowed,
                "{name}: {wish:?}"
            );
        }
        for statement in policy.statements() {
            let vague = statement.actions.iter().find(|action| action.contains('*'));
            assert_eq!(vague, None, "{name}: {}", statement.sid);
        }
    }
}

/// What each role may write, by partition: P puts, U updates, D deletes.
const WRITERS: [(&str, [&str; 4]); 23] = [
    ("ASKED#k3m9x2ab", ["P", "D", "", ""]),
    ("SAID#k3m9x2ab", ["P", "", "", ""]),
    ("SEEN#signature#x", ["P", "", "", ""]),
    ("BUTTON#x", ["P", "", "", ""]),
    ("PIPELINE#k3m9x2ab", ["", "D", "", "P"]),
    ("PIPELINE#MINUTE#cms#1", ["", "D", "", "P"]),
    ("PIPELINE#KEYS", ["", "D", "", "P"]),
    ("OPERATOR#k3m9x2ab", ["", "D", "P", ""]),
    ("DEPLOY#k3m9x2ab", ["", "PU", "", ""]),
    ("OPEN#cms#production", ["", "PD", "", ""]),
    ("LEASE#x", ["", "U", "", ""]),
    ("COUNTED#U0ADA0001#staging", ["", "U", "", ""]),
    ("THREAD#C0DEPLOYS#1772442000.000100", ["", "U", "", ""]),
    ("TARGET#cms#production", ["", "P", "", ""]),
    ("HISTORY", ["", "P", "", ""]),
    ("MET", ["", "P", "", ""]),
    ("ISSUERS", ["", "P", "", ""]),
    ("REPOSITORIES", ["", "P", "", ""]),
    ("RIGHTS", ["", "U", "", ""]),
    ("GRANTED", ["", "PU", "", ""]),
    ("PEOPLE", ["", "P", "", ""]),
    ("CONFIG", ["", "", "PU", ""]),
    ("AUDIT", ["", "", "PU", ""]),
];

#[test]
fn every_partition_has_one_writer() {
    let mut all = roles_of_both_scopes();
    all.insert("operators".to_owned(), super::operators());
    for (name, policy) in all {
        for (partition, [slash, waiter, operators, ci]) in WRITERS {
            let may = match name.as_str() {
                "SlashRole" => slash,
                "WaiterRole" => waiter,
                "CiRole" => ci,
                "operators" => operators,
                _ => "",
            };
            for action in ["PutItem", "UpdateItem", "DeleteItem"] {
                let expected = match may.contains(&action[..1]) {
                    true => Decision::Allowed,
                    false => Decision::NotAllowed,
                };
                let wish = written(action, partition);
                assert_eq!(policy.decide(&wish), expected, "{name}: {wish:?}");
            }
        }
    }
    for (partition, writers) in WRITERS {
        let writes = |may: &&str| may.contains(['P', 'U']);
        assert_eq!(
            writers.iter().filter(|may| writes(may)).count(),
            1,
            "{partition}"
        );
    }
}

#[test]
fn every_star_has_its_reason_beside_it() {
    let generated = [configuration(), of_the_cluster()];
    let generated = generated.iter().flat_map(|configuration| {
        ENVIRONMENTS.map(|(environment, _)| target(environment, configuration))
    });
    let generated: Vec<String> = generated.collect();
    let mut stars = 0;
    for text in generated.iter().map(String::as_str).chain([TEMPLATE]) {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let value = line
                .trim_start_matches("- ")
                .trim_start_matches("Resource:")
                .trim();
            if !matches!(value, "\"*\"" | "'*'" | "*" | "[\"*\"]" | "['*']") {
                continue;
            }
            stars += 1;
            let begins = lines[..at]
                .iter()
                .rposition(|line| line.starts_with("- Sid:"))
                .unwrap();
            let above = lines[..begins]
                .iter()
                .rev()
                .take_while(|line| line.starts_with('#'));
            assert!(
                above.into_iter().any(|line| line.contains("`*`")),
                "{} says not why",
                lines[begins]
            );
        }
        let statements = text.matches("Resource: \"*\"").count();
        assert_eq!(
            statements,
            text.matches("\"*\"").count(),
            "a star elsewhere"
        );
    }
    assert_eq!(
        stars, 18,
        "four in each deploy role, one more where scans are read, none in the template"
    );
}
