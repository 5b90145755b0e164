//! What nobody may do, whatever the code does: the table of wishes that every policy must refuse,
//! for the day that a function is taken over.

use std::collections::BTreeMap;

use serde_json::Value;

use super::journeys::{calls, configuration, of_the_cluster, target};
use super::policy::{Decision, Policy, Request};
use super::{ENVIRONMENTS, EXTERNAL_ID, longshore_stack, target_stack, target_stack_of};
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
        for role in ["SlashRole", "WaiterRole", "MachineRole"]
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
    for (function, logs) in [("SlashFunction", "slash"), ("WaiterFunction", "waiter")] {
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
const WRITERS: [(&str, [&str; 3]); 13] = [
    ("ASKED#k3m9x2ab", ["P", "D", ""]),
    ("SAID#k3m9x2ab", ["P", "", ""]),
    ("SEEN#signature#x", ["P", "", ""]),
    ("BUTTON#x", ["P", "", ""]),
    ("OPERATOR#k3m9x2ab", ["", "D", "P"]),
    ("DEPLOY#k3m9x2ab", ["", "PU", ""]),
    ("OPEN#cms#production", ["", "PD", ""]),
    ("LEASE#x", ["", "U", ""]),
    ("TARGET#cms#production", ["", "P", ""]),
    ("HISTORY", ["", "P", ""]),
    ("MET", ["", "P", ""]),
    ("CONFIG", ["", "", "PU"]),
    ("AUDIT", ["", "", "PU"]),
];

#[test]
fn every_partition_has_one_writer() {
    let mut all = roles_of_both_scopes();
    all.insert("operators".to_owned(), super::operators());
    for (name, policy) in all {
        for (partition, [slash, waiter, operators]) in WRITERS {
            let may = match name.as_str() {
                "SlashRole" => slash,
                "WaiterRole" => waiter,
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
fn only_the_tasks_own_roles_are_passed_and_only_to_tasks() {
    let pass =
        |arn: &str, to: &str| Request::new("iam:PassRole", arn).with("iam:PassedToService", to);
    for (environment, account) in ENVIRONMENTS {
        let policy = role(&format!("{environment}'s DeployRole"));
        let own = format!("arn:aws:iam::{account}:role/webapp-task");
        let to_tasks = pass(&own, "ecs-tasks.amazonaws.com");
        assert_eq!(policy.decide(&to_tasks), Decision::Allowed);
        let other = if account == PROD { DEV } else { PROD };
        for wish in [
            Request::new("iam:PassRole", &own),
            pass(&own, "lambda.amazonaws.com"),
            pass(&own, "ec2.amazonaws.com"),
            pass(&own, "ecs.amazonaws.com"),
            pass(
                &format!("arn:aws:iam::{account}:role/Administrator"),
                "ecs-tasks.amazonaws.com",
            ),
            pass(
                &format!("arn:aws:iam::{account}:role/webapp-task2"),
                "ecs-tasks.amazonaws.com",
            ),
            pass(
                &format!("arn:aws:iam::{other}:role/webapp-task"),
                "ecs-tasks.amazonaws.com",
            ),
        ] {
            assert_eq!(policy.decide(&wish), Decision::NotAllowed, "{wish:?}");
        }
    }
    for (name, policy) in roles_of_both_scopes() {
        let passing = policy
            .statements()
            .iter()
            .filter(|one| one.actions.iter().any(|action| action == "iam:PassRole"));
        for statement in passing {
            assert!(name.ends_with("DeployRole"), "{name} passes roles");
            for resource in &statement.resources {
                assert!(!resource.contains(['*', '?']), "{name}: {resource}");
            }
        }
    }
}

#[test]
fn a_deploy_role_rolls_out_its_own_families_on_its_own_services_and_nothing_else() {
    let ecs = |account: &str, resource: &str| format!("arn:aws:ecs:{REGION}:{account}:{resource}");
    let update = |service: &str, definition: &str| {
        Request::new("ecs:UpdateService", service).with("ecs:task-definition", definition)
    };
    for (environment, account) in ENVIRONMENTS {
        let policy = role(&format!("{environment}'s DeployRole"));
        let own = ecs(account, &format!("service/{environment}/webapp"));
        let definition = ecs(account, "task-definition/webapp:7");
        assert_eq!(policy.decide(&update(&own, &definition)), Decision::Allowed);
        let elsewhere = ecs(account, "service/another/webapp");
        let other = ecs(account, &format!("service/{environment}/billing"));
        for wish in [
            update(&elsewhere, &definition),
            update(&other, &definition),
            update(&own, &ecs(account, "task-definition/billing:1")),
            update(&own, &ecs(account, "task-definition/webapp-admin:1")),
            // Scaling to nothing, other subnets, other load balancers: whatever names no revision.
            Request::new("ecs:UpdateService", &own),
            Request::new(
                "ecs:RegisterTaskDefinition",
                &ecs(account, "task-definition/billing:1"),
            ),
            Request::new("ecs:TagResource", &ecs(account, "task-definition/webapp:7")),
            Request::new("ecs:TagResource", &own)
                .with("ecs:CreateAction", "RegisterTaskDefinition"),
            Request::new(
                "ecs:StopServiceDeployment",
                &ecs(
                    account,
                    &format!("service-deployment/{environment}/billing/x"),
                ),
            ),
            Request::new("ecs:DeregisterTaskDefinition", "*"),
            Request::new("ecs:DeleteService", &own),
            Request::new("ecs:CreateService", &own),
            Request::new("ecs:RunTask", &definition),
            Request::new(
                "ecr:PutImage",
                "arn:aws:ecr:eu-west-1:111111111111:repository/webapp",
            ),
            Request::new(
                "logs:GetLogEvents",
                &format!("arn:aws:logs:{REGION}:{account}:log-group:/ecs/billing:log-stream:x"),
            ),
        ] {
            assert_eq!(
                policy.decide(&wish),
                Decision::NotAllowed,
                "{environment}: {wish:?}"
            );
        }
        let shell = update(&own, &definition).with("ecs:enable-execute-command", "true");
        assert_eq!(policy.decide(&shell), Decision::Denied);
        let exec = Request::new(
            "ecs:ExecuteCommand",
            &ecs(account, &format!("task/{environment}/x")),
        );
        assert_eq!(policy.decide(&exec), Decision::Denied);
    }
}

/// What `scope = "cluster"` gives up, and what it does not.
#[test]
fn a_role_for_a_cluster_stays_in_the_cluster_and_changes_nothing_but_rollouts() {
    let ecs = |account: &str, resource: &str| format!("arn:aws:ecs:{REGION}:{account}:{resource}");
    let update = |service: &str, definition: &str| {
        Request::new("ecs:UpdateService", service).with("ecs:task-definition", definition)
    };
    for (environment, account) in ENVIRONMENTS {
        let policy = target_stack_of(environment, &of_the_cluster()).policy("DeployRole");
        let foreign = ecs(account, &format!("service/{environment}/billing"));
        let family = ecs(account, "task-definition/billing:1");
        for given_up in [
            update(&foreign, &family),
            Request::new("ecs:RegisterTaskDefinition", &family),
            Request::new(
                "ecs:StopServiceDeployment",
                &ecs(
                    account,
                    &format!("service-deployment/{environment}/billing/x"),
                ),
            ),
        ] {
            assert_eq!(policy.decide(&given_up), Decision::Allowed, "{given_up:?}");
        }
        let other = if account == PROD { DEV } else { PROD };
        for wish in [
            update(&ecs(account, "service/another/webapp"), &family),
            update(
                &ecs(other, &format!("service/{environment}/webapp")),
                &family,
            ),
            update(&foreign, &ecs(other, "task-definition/billing:1")),
            Request::new("ecs:UpdateService", &foreign),
            Request::new(
                "ecs:StopServiceDeployment",
                &ecs(account, "service-deployment/another/webapp/x"),
            ),
            Request::new("ecs:TagResource", &family),
            Request::new("ecs:RunTask", &family)
                .with("ecs:cluster", &ecs(account, "cluster/another")),
            Request::new(
                "ecs:StopTask",
                &ecs(account, &format!("task/{environment}/x")),
            ),
            Request::new("ecs:DeleteService", &foreign),
            Request::new("ecs:CreateService", &foreign),
            Request::new(
                "ssm:PutParameter",
                &format!("arn:aws:ssm:{REGION}:{account}:parameter/longshore/signing-secret"),
            ),
            Request::new(
                "ecr:PutImage",
                "arn:aws:ecr:eu-west-1:111111111111:repository/webapp",
            ),
        ] {
            assert_eq!(policy.decide(&wish), Decision::NotAllowed, "{wish:?}");
        }
        let shell = update(&foreign, &family).with("ecs:enable-execute-command", "true");
        assert_eq!(policy.decide(&shell), Decision::Denied);
    }
}

#[test]
fn an_update_names_a_revision_and_a_restart_new_tasks_and_nothing_else_of_the_service() {
    let updates = calls()
        .iter()
        .filter(|call| call.operation == "UpdateService");
    let mut forced = 0;
    for call in updates {
        let request = call.request.as_object().unwrap();
        for required in ["cluster", "service", "taskDefinition"] {
            assert!(request.contains_key(required), "{request:?}");
        }
        forced += usize::from(request.get("forceNewDeployment") == Some(&Value::Bool(true)));
        let known = ["cluster", "service", "taskDefinition", "forceNewDeployment"];
        assert!(
            request.keys().all(|key| known.contains(&key.as_str())),
            "{request:?}"
        );
    }
    assert_eq!(forced, 1, "the play has one restart of one service");
}

#[test]
fn only_the_waiter_assumes_a_deploy_role_and_only_with_the_external_id() {
    let waiter = longshore_stack().role_arn("WaiterRole");
    let slash = longshore_stack().role_arn("SlashRole");
    for (environment, account) in ENVIRONMENTS {
        let stack = target_stack(environment);
        let arn = format!("arn:aws:iam::{account}:role/longshore-{environment}");
        assert_eq!(stack.role_arn("DeployRole"), arn);
        let trust = stack.trust("DeployRole");
        let asks = |who: &str, wish: &Request| trust.decide_for(Some(who), wish);
        let assume = Request::new("sts:AssumeRole", &arn);
        let known = assume.clone().with("sts:ExternalId", EXTERNAL_ID);
        assert_eq!(asks(&waiter, &known), Decision::Allowed);
        assert_eq!(
            asks(&waiter, &assume),
            Decision::NotAllowed,
            "without the external id"
        );
        let wrong = assume.with("sts:ExternalId", "another");
        assert_eq!(asks(&waiter, &wrong), Decision::NotAllowed);
        for stranger in [
            slash.as_str(),
            "arn:aws:iam::999999999999:role/longshore-WaiterRole",
        ] {
            assert_eq!(asks(stranger, &known), Decision::NotAllowed, "{stranger}");
        }
        let tag = Request::new("sts:TagSession", &arn);
        let ours = tag
            .clone()
            .with("aws:TagKeys", "longshore:deploy")
            .with("aws:TagKeys", "longshore:actor");
        assert_eq!(asks(&waiter, &ours), Decision::Allowed);
        assert_eq!(
            asks(&waiter, &tag.with("aws:TagKeys", "team")),
            Decision::NotAllowed
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
    assert_eq!(stars, 16, "four in each deploy role, none in the template");
}
