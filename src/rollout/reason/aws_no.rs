//! A no of AWS's to something that Longshore asked of it, as it was given: it is kept in the record and
//! becomes words where it is shown.

use serde::{Deserialize, Serialize};

/// A no of AWS's, or its silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsNo {
    /// The service in IAM's spelling: `ecs`.
    pub service: String,
    /// The operation: `UpdateService`.
    pub operation: String,
    /// What kind of no it was.
    pub kind: AwsNoKind,
    /// How long it was tried, where that was more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Tried>,
}

/// What kind of no it was. What AWS said is masked and bounded where it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AwsNoKind {
    /// It takes no more requests for now.
    Throttled,
    /// A right is missing.
    Denied {
        /// The action that is not allowed, which may be another one than was asked for: `iam:PassRole`.
        action: String,
        /// The role that lacks it, an ARN; empty where it is not known.
        role: String,
        /// What AWS said.
        said: String,
    },
    /// It does not do what it was asked for.
    Refused {
        /// Its own code: `ClusterNotFoundException`.
        code: String,
        /// What it said.
        said: String,
    },
    /// It does not take it for now.
    Passing {
        /// Its own code.
        code: String,
        /// What it said.
        said: String,
    },
    /// The request could not even be made.
    NotSent {
        /// Why.
        said: String,
    },
    /// It gave no answer, or none that could be understood.
    Silent,
}

/// How long a call was tried in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// How often.
    pub times: u32,
    /// Over how many minutes.
    pub minutes: u32,
}

impl AwsNo {
    /// `ecs:UpdateService`
    pub fn call(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// The action that is not allowed, if that is what it was.
    pub fn denied(&self) -> Option<&str> {
        match &self.kind {
            AwsNoKind::Denied { action, .. } => Some(action),
            _ => None,
        }
    }

    /// The same after so many tries.
    #[must_use]
    pub fn after(self, tried: Tried) -> Self {
        Self {
            tried: Some(tried),
            ..self
        }
    }
}
