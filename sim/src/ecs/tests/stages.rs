use serde_json::json;

use super::*;

/// The stages with the new revision's share of the production traffic, each once, until it ends.
fn stages(story: &mut Story, limit: u32) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..limit {
        let rollout = story.rollout();
        if text(&rollout, "/status") == "SUCCESSFUL" {
            break;
        }
        if rollout["lifecycleStage"].is_string() {
            let share = &rollout["targetServiceRevision"]["requestedProductionTrafficWeight"];
            let now = format!("{} {share}", text(&rollout, "/lifecycleStage"));
            if seen.last() != Some(&now) {
                seen.push(now);
            }
        }
        story.wait(1);
    }
    seen
}

#[test]
fn a_blue_green_rollout_brings_a_second_set_up_moves_the_traffic_and_bakes() {
    let mut story = Story::new();
    story.script(&Script::BlueGreen);
    let definition = story.deploy();
    assert_eq!(
        stages(&mut story, 600),
        [
            "PRE_SCALE_UP 0.0",
            "SCALE_UP 0.0",
            "POST_SCALE_UP 0.0",
            "TEST_TRAFFIC_SHIFT 0.0",
            "POST_TEST_TRAFFIC_SHIFT 0.0",
            "PRE_PRODUCTION_TRAFFIC_SHIFT 0.0",
            "PRODUCTION_TRAFFIC_SHIFT 100.0",
            "POST_PRODUCTION_TRAFFIC_SHIFT 100.0",
            "BAKE_TIME 100.0",
            "CLEAN_UP 100.0",
        ]
    );
    let service = story.service();
    assert_eq!(service["taskDefinition"], json!(definition));
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(story.tasks("RUNNING").len(), 2);
}

#[test]
fn both_sets_run_while_it_bakes() {
    let mut story = Story::new();
    story.script(&Script::BlueGreen);
    story.deploy();
    story.wait(120);
    let rollout = story.rollout();
    assert_eq!(text(&rollout, "/lifecycleStage"), "BAKE_TIME");
    let (target, source) = (
        &rollout["targetServiceRevision"],
        &rollout["sourceServiceRevisions"][0],
    );
    assert_eq!(target["runningTaskCount"], 2);
    assert_eq!(source["runningTaskCount"], 2);
    assert_eq!(source["requestedProductionTrafficWeight"], 0.0);
    assert_eq!(rollout["deploymentCircuitBreaker"]["status"], "DISABLED");
}

#[test]
fn linear_and_canary_rollouts_move_the_traffic_in_steps() {
    for (script, shares) in [
        (Script::Linear, &["25.0", "50.0", "75.0", "100.0"][..]),
        (Script::Canary, &["10.0", "100.0"]),
    ] {
        let mut story = Story::new();
        story.script(&script);
        story.deploy();
        let seen = stages(&mut story, 900);
        let shifts: Vec<_> = seen
            .iter()
            .filter_map(|stage| stage.strip_prefix("PRODUCTION_TRAFFIC_SHIFT "))
            .collect();
        assert_eq!(shifts, shares);
        let before = seen
            .iter()
            .filter(|stage| stage.starts_with("PRE_PRODUCTION"));
        assert_eq!(before.count(), shares.len(), "{seen:?}");
    }
}

/// Plays until a hook waits; answers its service deployment's ARN and its id.
fn paused(story: &mut Story) -> (String, String) {
    for _ in 0..600 {
        let rollout = story.rollout();
        let hooks = rollout["lifecycleHookDetails"].as_array();
        let waits = hooks
            .into_iter()
            .flatten()
            .find(|hook| hook["status"] == "AWAITING_ACTION");
        if let Some(hook) = waits {
            assert_eq!(hook["targetType"], "PAUSE");
            let arn = text(&rollout, "/serviceDeploymentArn");
            return (arn, text(hook, "/hookId"));
        }
        story.wait(1);
    }
    panic!("no hook waits");
}

fn answer(
    story: &mut Story,
    (arn, hook): &(String, String),
    action: &str,
) -> Result<Answer, AwsError> {
    let request = json!({ "serviceDeploymentArn": arn, "hookId": hook, "action": action });
    story.try_call("ContinueServiceDeployment", request)
}

#[test]
fn a_pause_waits_for_its_answer_and_is_announced() {
    let mut story = Story::new();
    story.script(&Script::TwoPauses);
    story.deploy();
    let first = paused(&mut story);
    let events = story.state.ecs.take_events();
    let event = events.last().unwrap();
    assert_eq!(event["detail-type"], "ECS Hook State Change");
    assert_eq!(event["detail"]["eventName"], "HOOK_AWAITING_ACTION");
    assert_eq!(event["detail"]["hookId"], json!(first.1));
    story.wait(3600);
    assert_eq!(
        text(&story.rollout(), "/lifecycleStage"),
        "POST_TEST_TRAFFIC_SHIFT"
    );
    answer(&mut story, &first, "CONTINUE").unwrap();
    // An answer counts once, and an unknown hook is none.
    for hook in [&first.1, "ecs-pause-unknown"] {
        let again = (first.0.clone(), hook.to_owned());
        let refused = answer(&mut story, &again, "ROLLBACK").unwrap_err();
        assert_eq!(refused.code, "InvalidParameterException");
    }
    let second = paused(&mut story);
    assert_ne!(first.1, second.1);
    assert_eq!(
        text(&story.rollout(), "/lifecycleStage"),
        "POST_PRODUCTION_TRAFFIC_SHIFT"
    );
    // What is left out means to go on.
    let request = json!({ "serviceDeploymentArn": second.0, "hookId": second.1 });
    story.call("ContinueServiceDeployment", request);
    story.wait(600);
    assert_eq!(story.status(), "SUCCESSFUL");
}

#[test]
fn a_pause_is_answered_with_a_rollback_or_runs_out() {
    let mut story = Story::new();
    let before = text(&story.service(), "/taskDefinition");
    story.script(&Script::BlueGreenPause);
    story.deploy();
    let hook = paused(&mut story);
    answer(&mut story, &hook, "ROLLBACK").unwrap();
    assert_eq!(
        story.watch(120),
        ["ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"]
    );
    assert_eq!(text(&story.service(), "/taskDefinition"), before);

    for (action, end) in [
        ("ROLLBACK", "ROLLBACK_SUCCESSFUL"),
        ("CONTINUE", "SUCCESSFUL"),
    ] {
        let mut story = Story::new();
        let hooks = json!([{
            "targetType": "PAUSE",
            "lifecycleStages": ["PRE_SCALE_UP"],
            "timeoutConfiguration": { "timeoutInMinutes": 10, "action": action },
        }]);
        let configuration = json!({ "lifecycleHooks": hooks });
        story
            .state
            .ecs
            .configure("production", "webapp", &configuration)
            .unwrap();
        story.deploy();
        let hook = paused(&mut story);
        assert_eq!(
            story.service()["deployments"][0]["pendingCount"],
            0,
            "nothing starts yet"
        );
        story.wait(601);
        let rollout = story.rollout();
        assert_eq!(rollout["lifecycleHookDetails"][0]["status"], "TIMED_OUT");
        answer(&mut story, &hook, "CONTINUE").unwrap_err();
        story.wait(120);
        assert_eq!(story.status(), end);
    }
}

#[test]
fn a_rollout_with_stages_is_stopped_where_it_stands_or_rolled_back() {
    for (by_others, end, running) in [(true, "STOPPED", 4), (false, "ROLLBACK_SUCCESSFUL", 2)] {
        let mut story = Story::new();
        story.script(&Script::BlueGreenPause);
        story.deploy();
        let (arn, _) = paused(&mut story);
        if by_others {
            let (cluster, service) = ("production", "webapp");
            story.state.ecs.leave_standing(story.now, cluster, service);
        } else {
            let request = json!({ "serviceDeploymentArn": arn });
            story.call("StopServiceDeployment", request);
        }
        story.wait(120);
        assert_eq!(story.status(), end);
        assert_eq!(story.tasks("RUNNING").len(), running);
        assert_eq!(story.rollout()["lifecycleHookDetails"], json!([]));
    }
}

#[test]
fn a_configuration_is_held_to_the_rules() {
    let mut story = Story::new();
    let pause = |stage: &str| json!([{ "targetType": "PAUSE", "lifecycleStages": [stage] }]);
    for (configuration, refused) in [
        (
            json!({ "strategy": "PURPLE" }),
            "Invalid deployment strategy",
        ),
        (json!({ "bakeTimeInMinutes": 1441 }), "between 0 and 1440"),
        (
            json!({ "linearConfiguration": {} }),
            "only valid with strategy LINEAR",
        ),
        (
            json!({ "strategy": "LINEAR", "linearConfiguration": { "stepPercent": 2.9 } }),
            "between 3 and 100",
        ),
        (
            json!({ "strategy": "CANARY", "canaryConfiguration": { "canaryPercent": 0.15 } }),
            "multiple of 0.1",
        ),
        (
            json!({ "lifecycleHooks": pause("PRODUCTION_TRAFFIC_SHIFT") }),
            "cannot run at",
        ),
        (
            json!({ "lifecycleHooks": [{ "lifecycleStages": ["PRE_SCALE_UP"] }] }),
            "hookTargetArn and roleArn",
        ),
        (
            json!({ "lifecycleHooks": [{ "targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"],
                "timeoutConfiguration": { "timeoutInMinutes": 20161 } }] }),
            "between 1 and 20160",
        ),
    ] {
        let request = json!({ "cluster": "production", "service": "webapp", "deploymentConfiguration": configuration });
        let said = story.refusal("UpdateService", request);
        assert!(said.contains(refused), "{said}");
    }
    assert_eq!(
        story.service()["deploymentConfiguration"]["strategy"],
        "ROLLING"
    );
    for name in [
        "blue-green",
        "linear",
        "canary",
        "pause",
        "blue-green-pause",
        "two-pauses",
        "linear-pause",
        "canary-pause",
    ] {
        let script: Script = name.parse().unwrap();
        let configuration = script.configuration("webapp").unwrap();
        story
            .state
            .ecs
            .configure("production", "webapp", &configuration)
            .unwrap();
    }
}
