//! What wakes the waiter: executions that end, ECS's events, the sweeper's minute.

use serde_json::Value;

use super::*;
use crate::cloudformation::lets_through;

/// A rule's pattern as it is once deployed there.
fn pattern(rule: &str) -> Value {
    deployed(DEV).properties(rule)["EventPattern"].clone()
}

fn event(text: &str) -> Value {
    serde_json::from_str(text).expect("an event")
}

#[test]
fn an_execution_that_ends_without_a_verdict_wakes_the_waiter() {
    let pattern = pattern("ExecutionRule");
    let machine = deployed(DEV).machine_arn();
    let mut failed = event(include_str!("../../../events/execution-failed.json"));
    failed["detail"]["stateMachineArn"] = json!(machine);
    for status in ["FAILED", "TIMED_OUT", "ABORTED"] {
        let mut event = failed.clone();
        event["detail"]["status"] = json!(status);
        assert!(lets_through(&pattern, &event), "{status}");
    }
    for status in ["RUNNING", "SUCCEEDED", "PENDING_REDRIVE"] {
        let mut event = failed.clone();
        event["detail"]["status"] = json!(status);
        assert!(!lets_through(&pattern, &event), "{status}");
    }
    let mut foreign = failed;
    foreign["detail"]["stateMachineArn"] =
        json!("arn:aws:states:eu-west-1:111111111111:stateMachine:another");
    assert!(!lets_through(&pattern, &foreign));
}

#[test]
fn ecs_events_of_this_account_and_of_the_targets_wake_the_waiter() {
    let rollout = event(include_str!("../../../events/ecs-event.json"));
    for rule in ["EcsRule", "TargetsEcsRule"] {
        assert!(lets_through(&pattern(rule), &rollout), "{rule}");
        let mut task = rollout.clone();
        task["detail-type"] = json!("ECS Task State Change");
        assert!(!lets_through(&pattern(rule), &task), "{rule}");
    }
    let mut stranger = rollout;
    stranger["account"] = json!("999999999999");
    assert!(!lets_through(&pattern("TargetsEcsRule"), &stranger));
}

#[test]
fn only_ecs_events_of_this_and_of_the_named_accounts_reach_the_targets_bus() {
    for (others, accounts) in [
        ("", vec![PROD]),
        (DEV, vec![PROD, DEV]),
        ("222222222222,333333333333", vec![PROD, DEV, "333333333333"]),
    ] {
        let stack = deployed(others);
        let policy = &stack.properties("TargetsBus")["Policy"]["Statement"][0];
        assert_eq!(policy["Principal"], json!({ "AWS": accounts }));
        assert_eq!(policy["Action"], "events:PutEvents");
        assert_eq!(
            policy["Condition"],
            json!({ "StringEquals": { "events:source": "aws.ecs" } })
        );
        let rule = stack.properties("TargetsEcsRule");
        assert_eq!(rule["EventPattern"]["account"], json!(accounts));
    }
}

#[test]
fn the_sweeper_runs_once_a_minute_with_the_sample_event() {
    let rule = properties("SweepRule");
    assert_eq!(rule["ScheduleExpression"], "rate(1 minute)");
    let input = rule["Targets"][0]["Input"].as_str().expect("an input");
    assert_eq!(
        event(input),
        event(include_str!("../../../events/sweep.json"))
    );
}

#[test]
fn whatever_has_a_rule_may_invoke_the_waiter_and_nothing_else_may() {
    let permissions = resources_of("AWS::Lambda::Permission");
    let rules = resources_of("AWS::Events::Rule");
    for (rule, properties) in &rules {
        assert_eq!(
            properties["Targets"][0]["Arn"],
            json!({ "Fn::GetAtt": ["WaiterFunction", "Arn"] }),
            "{rule}"
        );
        let source = json!({ "Fn::GetAtt": [rule, "Arn"] });
        assert!(
            permissions
                .iter()
                .any(|(_, one)| one["SourceArn"] == source),
            "{rule} may not invoke"
        );
    }
    assert_eq!(
        permissions.len(),
        rules.len() + 3,
        "three more, for the API"
    );
    assert!(
        permissions
            .iter()
            .all(|(_, one)| one.get("SourceArn").is_some())
    );
}
