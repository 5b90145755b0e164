//! What the deploy roles in other accounts may, and who may take them on.

use serde_json::Value;

use super::*;
use crate::rights::EXTERNAL_ID;
use crate::rights::journeys::calls;

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
