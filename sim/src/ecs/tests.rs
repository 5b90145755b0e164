//! The simulated ECS, driven through `handle` as the wire would.

mod definitions;
mod invariants;
mod people;
mod rollouts;
mod stages;
mod strict;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Breaker, Script, ServiceSeed, add_service, handle, task_definition};
use crate::{Answer, AwsError, Caller, State};

const ACCOUNT: &str = "111111111111";
const REGION: &str = "eu-west-1";

/// A world with one service `webapp` on cluster `production`, and a clock that tests turn.
struct Story {
    state: State,
    now: Timestamp,
}

impl Story {
    fn with(breaker: Breaker, desired: u32) -> Self {
        let mut story = Self {
            state: State::default(),
            now: "2026-03-01T12:00:00Z".parse().unwrap(),
        };
        let old = story.image("v1");
        let definition = task_definition(ACCOUNT, REGION, "webapp", &[("app", &old)]);
        let seed = ServiceSeed::new(ACCOUNT, REGION, "production", "webapp", definition);
        let seed = seed.breaker(breaker).desired(desired);
        add_service(&mut story.state, story.now, seed).unwrap();
        story
    }

    fn new() -> Self {
        Self::with(Breaker::RollsBack, 2)
    }

    /// Pushes an image and answers its reference by digest.
    fn image(&mut self, tag: &str) -> String {
        let digest = crate::ecr::digest(tag);
        self.state
            .ecr
            .push(ACCOUNT, REGION, "webapp", &[tag], &digest, self.now);
        format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/webapp@{digest}")
    }

    fn script(&mut self, script: &Script) {
        let found = self
            .state
            .ecs
            .set_script(self.now, "production", "webapp", script);
        assert!(found);
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "requests are written in place"
    )]
    fn try_call(&mut self, operation: &str, request: Value) -> Result<Answer, AwsError> {
        let caller = Caller {
            arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/longshore-production/x"),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            ..Caller::default()
        };
        handle(&mut self.state, self.now, operation, &request, &caller)
    }

    fn call(&mut self, operation: &str, request: Value) -> Value {
        self.try_call(operation, request).unwrap().body
    }

    fn refusal(&mut self, operation: &str, request: Value) -> String {
        let error = self.try_call(operation, request).unwrap_err();
        format!("{}: {}", error.code, error.message)
    }

    fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    /// Registers a revision with this image; answers its ARN.
    fn register(&mut self, image: &str) -> String {
        let request = task_definition(ACCOUNT, REGION, "webapp", &[("app", image)]);
        let answer = self.call("RegisterTaskDefinition", request);
        text(&answer, "/taskDefinition/taskDefinitionArn")
    }

    fn update(&mut self, definition: &str) -> Value {
        let request =
            json!({ "cluster": "production", "service": "webapp", "taskDefinition": definition });
        self.call("UpdateService", request)
    }

    /// Registers `v2` and updates the service to it; answers the task definition's ARN.
    fn deploy(&mut self) -> String {
        let image = self.image("v2");
        let definition = self.register(&image);
        self.update(&definition);
        definition
    }

    fn service(&mut self) -> Value {
        let request = json!({ "cluster": "production", "services": ["webapp"] });
        self.call("DescribeServices", request)["services"][0].take()
    }

    /// The service deployments, newest first.
    fn list(&mut self) -> Vec<Value> {
        let request = json!({ "cluster": "production", "service": "webapp" });
        let mut answer = self.call("ListServiceDeployments", request);
        let listed = answer["serviceDeployments"].take();
        let mut listed: Vec<Value> = serde_json::from_value(listed).unwrap();
        let created = |one: &Value| one["createdAt"].as_f64().unwrap();
        listed.sort_by(|one, other| created(other).total_cmp(&created(one)));
        listed
    }

    /// The newest service deployment, described.
    fn rollout(&mut self) -> Value {
        let arn = text(&self.list()[0], "/serviceDeploymentArn");
        let request = json!({ "serviceDeploymentArns": [arn] });
        self.call("DescribeServiceDeployments", request)["serviceDeployments"][0].take()
    }

    fn status(&mut self) -> String {
        text(&self.list()[0], "/status")
    }

    fn tasks(&mut self, desired_status: &str) -> Vec<Value> {
        let request = json!({ "cluster": "production", "serviceName": "webapp", "desiredStatus": desired_status });
        let arns = self.call("ListTasks", request)["taskArns"].take();
        if arns == json!([]) {
            return Vec::new();
        }
        let mut answer = self.call(
            "DescribeTasks",
            json!({ "cluster": "production", "tasks": arns }),
        );
        serde_json::from_value(answer["tasks"].take()).unwrap()
    }

    /// Polls every second until the newest service deployment has ended; answers each status once.
    fn watch(&mut self, limit: u32) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        for _ in 0..limit {
            let status = self.status();
            if seen.last() != Some(&status) {
                seen.push(status.clone());
            }
            let counted = self.service();
            let of_deployments: i64 = counted["deployments"]
                .as_array()
                .unwrap()
                .iter()
                .map(|known| known["runningCount"].as_i64().unwrap())
                .sum();
            assert_eq!(counted["runningCount"].as_i64().unwrap(), of_deployments);
            if !matches!(
                status.as_str(),
                "PENDING"
                    | "IN_PROGRESS"
                    | "STOP_REQUESTED"
                    | "ROLLBACK_REQUESTED"
                    | "ROLLBACK_IN_PROGRESS"
            ) {
                break;
            }
            self.wait(1);
        }
        seen
    }
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
