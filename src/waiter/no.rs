//! AWS's no in words, for people: which action is missing, to which role, and where to mend it; for
//! everything else AWS's own words, which are masked and bounded where they are read.

use crate::aws::{AwsError, ErrorKind};
use crate::refusal::ROLE_STEP;

/// What kind of no it was, in a clause.
pub(crate) fn in_short(error: &AwsError, role_arn: &str) -> String {
    match error.kind() {
        ErrorKind::Denied => format!(
            "AWS does not allow {} to the role {role_arn}, which step {ROLE_STEP} of the README installs",
            error.action()
        ),
        ErrorKind::Throttled
        | ErrorKind::NotFound(_)
        | ErrorKind::Refused(_)
        | ErrorKind::Passing(_)
        | ErrorKind::NotSent
        | ErrorKind::Timeout
        | ErrorKind::Unavailable
        | ErrorKind::Unknown => error.in_words(),
    }
}

/// The same with what AWS said.
pub(crate) fn aws_says(error: &AwsError, role_arn: &str) -> String {
    let short = in_short(error, role_arn);
    match error.kind() {
        ErrorKind::Denied => format!("{short}. AWS says: {}", error.message()),
        ErrorKind::NotSent => format!("{short}: {}", error.message()),
        ErrorKind::NotFound(_) | ErrorKind::Refused(_) | ErrorKind::Passing(_) => {
            format!(
                "AWS refuses {}:{}: {}",
                error.service(),
                error.operation(),
                error.message()
            )
        }
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Unknown => {
            short
        }
    }
}
