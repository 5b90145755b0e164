//! What `DescribeServices` has answered, for tests that hold what a product says against it.

use jiff::Timestamp;
use serde_json::Value;

use super::Ecs;

/// What it said of one service.
#[derive(Clone, Debug)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// The service's name.
    pub service: String,
    /// The revision that it is meant to run, `family:revision`.
    pub meant: String,
    /// Each of its deployments.
    pub sides: Vec<ToldSide>,
}

/// What it said of one deployment.
#[derive(Clone, Debug)]
pub struct ToldSide {
    /// `family:revision`.
    pub revision: String,
    /// Tasks running.
    pub running: i64,
    /// Tasks on their way.
    pub pending: i64,
}

impl Told {
    pub(super) fn of(at: Timestamp, document: &Value) -> Self {
        let short = |value: &Value| {
            let arn = value.as_str().unwrap_or_default();
            arn.rsplit('/').next().unwrap_or_default().to_owned()
        };
        let count = |value: &Value| value.as_i64().unwrap_or_default();
        let sides = document["deployments"].as_array().into_iter().flatten();
        Self {
            at,
            service: short(&document["serviceName"]),
            meant: short(&document["taskDefinition"]),
            sides: sides
                .map(|side| ToldSide {
                    revision: short(&side["taskDefinition"]),
                    running: count(&side["runningCount"]),
                    pending: count(&side["pendingCount"]),
                })
                .collect(),
        }
    }
}

impl Ecs {
    /// Everything that `DescribeServices` has said, oldest first.
    pub fn told(&self) -> &[Told] {
        &self.told
    }
}

/// Where ECS answers in words of its own.
const WORDS: [&str; 6] = [
    "reason",
    "detail",
    "message",
    "statusReason",
    "stoppedReason",
    "rolloutStateReason",
];

/// Says this besides, wherever it answers in words of its own.
pub(super) fn say_aside(answer: &mut Value, aside: &str) {
    match answer {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(words) if WORDS.contains(&name.as_str()) => {
                        words.push(' ');
                        words.push_str(aside);
                    }
                    value => say_aside(value, aside),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| say_aside(one, aside)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Ecs {
    /// From now on ECS says this besides, wherever it answers in words of its own: what a program wrote into
    /// the reason for which it gave up.
    pub fn says_aside(&mut self, aside: &str) {
        self.aside = Some(aside.to_owned());
    }
}
