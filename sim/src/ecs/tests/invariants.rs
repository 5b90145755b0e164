//! Whatever people, scripts and foreign hands do in whatever order, some things always hold.

use serde_json::json;

use super::*;

/// A small generator, so that every run is the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const SCRIPTS: [&str; 22] = [
    "happy",
    "slow:5",
    "crash-loop",
    "no-good-revision",
    "breaker-without-rollback",
    "breaker-off",
    "rollback-fails",
    "uncounted-deaths",
    "unable-to-place",
    "image-pull-error",
    "foreign",
    "stale-reads",
    "between-polls",
    "alarm",
    "blue-green",
    "linear",
    "canary",
    "pause",
    "blue-green-pause",
    "two-pauses",
    "linear-pause",
    "canary-pause",
];

fn is_final(status: &str) -> bool {
    matches!(
        status,
        "SUCCESSFUL" | "STOPPED" | "ROLLBACK_SUCCESSFUL" | "ROLLBACK_FAILED"
    )
}

/// Checks the service as seen now; `before` are the final statuses seen so far, by ARN.
fn check(story: &mut Story, before: &mut Vec<(String, String)>) {
    let service = story.service();
    let deployments = service["deployments"].as_array().unwrap();
    let primaries = deployments
        .iter()
        .filter(|known| known["status"] == "PRIMARY")
        .count();
    assert_eq!(primaries, 1);
    assert_eq!(deployments[0]["status"], "PRIMARY");
    assert_eq!(deployments[0]["taskDefinition"], service["taskDefinition"]);
    for member in ["runningCount", "pendingCount"] {
        let sum: i64 = deployments
            .iter()
            .map(|known| known[member].as_i64().unwrap())
            .sum();
        assert_eq!(service[member], json!(sum));
    }
    let listed = story.list();
    let rolling = listed
        .iter()
        .filter(|known| !is_final(&text(known, "/status")));
    let rolling: Vec<_> = rolling.map(|known| text(known, "/status")).collect();
    let superseded = |status: &String| status == "STOP_REQUESTED";
    assert!(rolling.iter().skip(1).all(superseded), "{rolling:?}");
    for known in &listed {
        let (arn, status) = (text(known, "/serviceDeploymentArn"), text(known, "/status"));
        assert_eq!(
            known["finishedAt"].is_number(),
            is_final(&status),
            "{known}"
        );
        match before.iter().find(|(seen, _)| *seen == arn) {
            Some((_, ended)) => assert_eq!(*ended, status, "an end is an end"),
            None if is_final(&status) => before.push((arn, status)),
            None => {}
        }
    }
    for task in story.tasks("RUNNING") {
        assert_eq!(task["desiredStatus"], "RUNNING");
    }
    for task in story
        .tasks("STOPPED")
        .iter()
        .filter(|task| task["lastStatus"] == "STOPPED")
    {
        assert!(task["stoppedAt"].is_number() && task["stopCode"].is_string());
    }
}

impl Story {
    /// Nothing but too many deployments is a reason to refuse.
    fn updates(&mut self, request: serde_json::Value) {
        if let Err(error) = self.try_call("UpdateService", request) {
            assert!(
                error.message.starts_with("5 active deployments exist"),
                "{error:?}"
            );
            assert_eq!(self.service()["deployments"].as_array().unwrap().len(), 5);
        }
    }
}

#[test]
fn whatever_happens_ends_are_final_and_counts_agree() {
    for seed in 0..12 {
        let mut dice = Dice(seed);
        let mut story = Story::with(Breaker::RollsBack, 1 + u32::try_from(dice.roll(6)).unwrap());
        let mut ends = Vec::new();
        for step in 0..40 {
            match dice.roll(9) {
                5 => {
                    let proceed = dice.roll(2) == 0;
                    story
                        .state
                        .ecs
                        .answer_pauses(story.now, "production", "webapp", proceed);
                }
                0 => {
                    let script = SCRIPTS[usize::try_from(dice.roll(20)).unwrap()]
                        .parse()
                        .unwrap();
                    story.script(&script);
                    let image = story.image(&format!("{seed}-{step}"));
                    let definition = story.register(&image);
                    let update = json!({ "cluster": "production", "service": "webapp", "taskDefinition": definition });
                    story.updates(update);
                }
                1 => {
                    let force = json!({ "cluster": "production", "service": "webapp", "forceNewDeployment": true });
                    story.updates(force);
                }
                2 => {
                    if dice.roll(2) == 0 {
                        let (cluster, service) = ("production", "webapp");
                        story.state.ecs.leave_standing(story.now, cluster, service);
                        continue;
                    }
                    let arn = text(&story.list()[0], "/serviceDeploymentArn");
                    let request = json!({ "serviceDeploymentArn": arn });
                    let _ = story.try_call("StopServiceDeployment", request);
                }
                3 => {
                    let desired = u32::try_from(dice.roll(7)).unwrap();
                    story
                        .state
                        .ecs
                        .set_desired_count(story.now, "production", "webapp", desired);
                }
                4 => story
                    .state
                    .ecs
                    .foreign_update(story.now, "production", "webapp"),
                _ => {}
            }
            story.wait(i64::try_from(dice.roll(40)).unwrap());
            check(&mut story, &mut ends);
        }
        let plain = json!({ "strategy": "ROLLING", "lifecycleHooks": [] });
        story
            .state
            .ecs
            .configure("production", "webapp", &plain)
            .unwrap();
        story.script(&Script::Happy);
        let force =
            json!({ "cluster": "production", "service": "webapp", "forceNewDeployment": true });
        if story.try_call("UpdateService", force.clone()).is_err() {
            // Old tasks hold five deployments: somebody has to scale them away.
            let scale = |desired: u32| json!({ "cluster": "production", "service": "webapp", "desiredCount": desired });
            story.call("UpdateService", scale(0));
            story.wait(120);
            story.call("UpdateService", scale(2));
            story.call("UpdateService", force);
        }
        story.wait(600);
        check(&mut story, &mut ends);
        assert_eq!(story.status(), "SUCCESSFUL", "seed {seed}");
        let service = story.service();
        assert_eq!(service["runningCount"], service["desiredCount"]);
        assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    }
}
