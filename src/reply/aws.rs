//! AWS's no in words, for people: which action is missing, to which role, and where to mend it; for
//! everything else AWS's own words.

use std::fmt;

use crate::record::{Silent, Unwritten};
use crate::rollout::{AwsNo, AwsNoKind};

/// The step of README's *Install it* that gives an environment its role.
pub const ROLE_STEP: u32 = 4;
/// The step of the README in which the Slack app is made.
pub const APP_STEP: u32 = 5;

impl fmt::Display for AwsNo {
    /// Plain text, to be escaped where it is shown: what kind of no it was, and what AWS said of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            AwsNoKind::Denied { said, .. } => write!(f, "{}. AWS says: {said}", no_in_short(self))?,
            AwsNoKind::NotSent { said } => write!(f, "{}: {said}", no_in_short(self))?,
            AwsNoKind::Refused { said, .. } => write!(f, "AWS refuses {}: {said}", self.call())?,
            AwsNoKind::Throttled | AwsNoKind::Passing { .. } | AwsNoKind::Silent => {
                f.write_str(&no_in_short(self))?;
            }
        }
        match self.tried {
            Some(tried) => write!(
                f,
                " (tried {} times in {} minutes)",
                tried.times, tried.minutes
            ),
            None => Ok(()),
        }
    }
}

/// What kind of no it was, in a clause of plain text.
pub fn no_in_short(no: &AwsNo) -> String {
    let call = no.call();
    match &no.kind {
        AwsNoKind::Throttled => format!("AWS throttles {call}"),
        AwsNoKind::Denied { action, role, .. } if role.is_empty() => {
            format!("AWS does not allow {action}")
        }
        AwsNoKind::Denied { action, role, .. } => format!(
            "AWS does not allow {action} to the role {role}, which step {ROLE_STEP} of the README installs"
        ),
        AwsNoKind::Passing { code, .. } => format!("AWS does not take {call} for now ({code})"),
        AwsNoKind::Refused { code, .. } => format!("AWS refuses {call} with {code}"),
        AwsNoKind::NotSent { .. } => format!("{call} could not be sent"),
        AwsNoKind::Silent => format!("AWS does not answer {call}"),
    }
}

impl fmt::Display for Silent {
    /// In a clause of plain text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws(no) => f.write_str(&who_says_no(no)),
            Self::Slack => f.write_str("Slack does not say who may do this"),
            Self::GithubLimit => f.write_str("GitHub's rate limit is used up"),
            Self::Github(how) => write!(f, "GitHub cannot be reached: {how}"),
        }
    }
}

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws(no) => write!(f, "{no}"),
            Self::TooLong => f.write_str("it took too long"),
            Self::Unknown => f.write_str("Longshore's own table gave no answer"),
        }
    }
}

/// Who said no, and that it did, in a clause of plain text: `Amazon ECS does not answer`.
fn who_says_no(no: &AwsNo) -> String {
    let who = match no.service.as_str() {
        "ecs" => "Amazon ECS",
        "ecr" => "Amazon ECR, which has the images,",
        "sts" => "AWS STS, which lets Longshore into the account,",
        "dynamodb" => "Longshore's own table (DynamoDB)",
        "ssm" => "the parameter store (AWS Systems Manager)",
        "scheduler" => "Amazon EventBridge Scheduler",
        "logs" => "Amazon CloudWatch Logs",
        _ => "AWS",
    };
    let how = match no.kind {
        AwsNoKind::Throttled => "takes no more requests for now",
        AwsNoKind::Silent => "does not answer",
        AwsNoKind::Denied { .. }
        | AwsNoKind::Refused { .. }
        | AwsNoKind::Passing { .. }
        | AwsNoKind::NotSent { .. } => "does not do what it was asked for",
    };
    format!("{who} {how} ({})", no_in_short(no))
}
