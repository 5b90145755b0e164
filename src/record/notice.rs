//! What people are told once while a deploy is under way, beside its card: that Longshore cannot look,
//! that a stop was refused.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Deploy, Telling};
use crate::names::Actor;
use crate::rollout::AwsNo;

/// The most notices of one deploy: whoever has read ten will look themselves.
const MOST: usize = 10;

/// Something people are told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Whom it is for, where it is for somebody.
    pub to: Option<Actor>,
    /// What of.
    pub of: NoticeOf,
    /// How far the telling got.
    pub told: Telling,
}

/// What people are told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeOf {
    /// Longshore cannot look how it goes.
    CannotLook(AwsNo),
    /// ECS will not stop the rollout of a service.
    StopRefused {
        /// The service.
        service: String,
        /// What ECS said.
        no: AwsNo,
    },
    /// ECS will not stop the one-off task.
    TaskStopRefused(AwsNo),
    /// ECS will not take an answer to a pause of a service.
    AnswerRefused {
        /// The service.
        service: String,
        /// What ECS said.
        no: AwsNo,
    },
    /// ECS will not let a service go on at a pause on its way back.
    WayBackPauses {
        /// The service.
        service: String,
        /// What ECS said.
        no: AwsNo,
    },
}

/// Who is silent while a plan waits for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silent {
    /// A service of AWS.
    Aws(AwsNo),
    /// Slack does not say who somebody is, or who is in a user group.
    Slack,
    /// GitHub takes no more requests for now.
    GithubLimit,
    /// GitHub cannot be reached: what the attempt came to.
    Github(String),
}

/// Since when Longshore has not been allowed to look at a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blind {
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub no: AwsNo,
}

/// Something outside that a plan waits for. Whoever asked is told of it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// For whom.
    pub silent: Silent,
    /// From when on it is told.
    pub tell_at: Timestamp,
    /// Until when it is tried.
    pub until: Timestamp,
    /// How far the telling got.
    pub told: Telling,
}

impl Deploy {
    /// Has people told, once of the same.
    pub fn notify(&mut self, to: Option<&Actor>, of: NoticeOf) {
        let known = self.notices.iter().any(|notice| notice.of == of);
        if !known && self.notices.len() < MOST {
            self.notices.push(Notice {
                to: to.cloned(),
                of,
                told: Telling::Due,
            });
        }
    }
}
