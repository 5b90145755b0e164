//! AWS's no as it is kept: the record holds what it was, and the words are made where it is shown.

use crate::aws::{AwsError, ErrorKind};
use crate::rollout::{AwsNo, AwsNoKind};

/// What AWS said no to. `role_arn` is the role that asked; empty where it is not known.
pub(crate) fn no_of(error: &AwsError, role_arn: &str) -> AwsNo {
    let said = error.message().to_owned();
    AwsNo {
        service: error.service().to_owned(),
        operation: error.operation().to_owned(),
        kind: match error.kind() {
            ErrorKind::Throttled => AwsNoKind::Throttled,
            ErrorKind::Denied => AwsNoKind::Denied {
                action: error.action(),
                role: role_arn.to_owned(),
                said,
            },
            ErrorKind::NotFound(code) | ErrorKind::Refused(code) => AwsNoKind::Refused {
                code: code.clone(),
                said,
            },
            ErrorKind::Passing(code) => AwsNoKind::Passing {
                code: code.clone(),
                said,
            },
            ErrorKind::NotSent => AwsNoKind::NotSent { said },
            ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Unknown => AwsNoKind::Silent,
        },
        tried: None,
    }
}
