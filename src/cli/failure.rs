//! Why a command did not do what it was asked to: one sentence that says what to do. What AWS's software
//! reports is not for people; `--verbose` prints it.

use std::io;

use super::{Exit, files, target};
use crate::aws::dynamodb::StoreError;
use crate::aws::{AwsError, ErrorKind};
use crate::config::TooLarge;
use crate::names::DeployId;

/// Why a command did not do what it was asked to. `Display` is what the operator reads.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Misunderstood(String),
    #[error("{0}")]
    Stands(String),
    #[error("deploy {0} goes on; `longshore show {0} --wait` follows it again")]
    Left(DeployId),
    #[error(transparent)]
    Unreadable(#[from] files::Unreadable),
    #[error("{}; {}", in_short(.0), next(.0))]
    Aws(#[from] AwsError),
    #[error("{}; {then}; {}", of_table(error), next_of_table(error))]
    Store {
        error: StoreError,
        then: &'static str,
    },
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    #[error(transparent)]
    DoesNotFit(#[from] target::DoesNotFit),
    #[error("cannot write the configuration as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("cannot write the result: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Refused(_)
            | Self::Unreadable(_)
            | Self::TooLarge(_)
            | Self::DoesNotFit(_)
            | Self::Json(_)
            | Self::Output(_) => Exit::Refused,
            Self::Misunderstood(_) => Exit::Usage,
            Self::Left(_) => Exit::Left,
            Self::Stands(_) => Exit::Stands,
            Self::Aws(_) | Self::Store { .. } => Exit::AwsFailed,
        }
    }

    /// What AWS's software reported, for whoever looks into it.
    pub(super) fn reported(&self) -> Option<String> {
        match self {
            Self::Aws(error) => Some(error.to_string()),
            Self::Store { error, .. } => Some(error.to_string()),
            _ => None,
        }
    }
}

/// What is wrong, as far as the caller can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lacking {
    Credentials,
    NewCredentials,
    Region,
}

/// What the caller lacks, where the call did not get so far that AWS judged it.
fn lacking(error: &AwsError) -> Option<Lacking> {
    let said = error.message().to_ascii_lowercase();
    let code = said.split(':').next().unwrap_or_default();
    let begins = |codes: &[&str]| codes.iter().any(|one| code.starts_with(one));
    match error.kind() {
        ErrorKind::NotSent | ErrorKind::Unavailable if said.contains("credential") => {
            Some(Lacking::Credentials)
        }
        ErrorKind::NotSent if said.contains("region") => Some(Lacking::Region),
        ErrorKind::Refused(_) if begins(&["expiredtoken"]) => Some(Lacking::NewCredentials),
        ErrorKind::Denied
            if begins(&[
                "unrecognizedclient",
                "invalidsignature",
                "invalidclienttokenid",
                "signaturedoesnotmatch",
                "incompletesignature",
            ]) =>
        {
            Some(Lacking::NewCredentials)
        }
        _ => None,
    }
}

/// What happened, without what AWS's software says of itself.
pub(super) fn in_short(error: &AwsError) -> String {
    let call = format!("{} {}", error.service(), error.operation());
    match (lacking(error), error.kind()) {
        (Some(Lacking::Credentials), _) => "you have no AWS credentials here".to_owned(),
        (Some(Lacking::NewCredentials), _) => {
            "AWS does not take your credentials: they are wrong or have expired".to_owned()
        }
        (Some(Lacking::Region), _) => "no AWS region is set".to_owned(),
        (None, ErrorKind::Denied) => format!("AWS does not allow you {}", error.action()),
        (None, ErrorKind::Throttled) => format!("AWS is asked too often ({call})"),
        (None, ErrorKind::Timeout | ErrorKind::Unavailable) => {
            format!("AWS cannot be reached ({call})")
        }
        (None, ErrorKind::Unknown) => format!("AWS gave an answer that cannot be read ({call})"),
        (None, ErrorKind::NotSent) => format!("the call to AWS could not be made ({call})"),
        (None, ErrorKind::NotFound(_) | ErrorKind::Refused(_) | ErrorKind::Passing(_)) => {
            format!("AWS says no to {call}: {}", error.message())
        }
    }
}

/// What to do about a call that did not end well.
fn next(error: &AwsError) -> &'static str {
    match (lacking(error), error.kind()) {
        (Some(Lacking::Credentials), _) => "sign in, or name a profile with AWS_PROFILE",
        (Some(Lacking::NewCredentials), _) => "sign in again, and check AWS_PROFILE",
        (Some(Lacking::Region), _) => "set AWS_REGION to the region of the Longshore stack",
        (None, ErrorKind::Denied) => "docs/operating.md has the policy that allows it",
        (None, ErrorKind::Throttled | ErrorKind::Passing(_)) => "try again in a moment",
        (None, ErrorKind::Timeout | ErrorKind::Unavailable) => {
            "check your connection and AWS_REGION, and try again"
        }
        (None, ErrorKind::NotFound(_) | ErrorKind::Refused(_)) => {
            "check AWS_PROFILE and AWS_REGION: is that the account and region of the stack?"
        }
        (None, ErrorKind::Unknown | ErrorKind::NotSent) => {
            "try again; with --verbose, what was reported is printed"
        }
    }
}

/// What happened to a table that does not answer.
pub(super) fn of_table(error: &StoreError) -> String {
    match error {
        StoreError::Aws(error) if error.is_not_found() => "there is no such table".to_owned(),
        StoreError::Aws(error) => in_short(error),
        other => other.to_string(),
    }
}

/// What to do about it.
fn next_of_table(error: &StoreError) -> &'static str {
    match error {
        StoreError::Aws(error) if error.is_not_found() => {
            "it is not in this account and region: check --table, AWS_PROFILE and AWS_REGION"
        }
        StoreError::Aws(error) => next(error),
        _ => "use the version of `longshore` that the stack has",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the SDK says of itself in its `Debug` form.
    const OF_SOFTWARE: &str = "other: an error occurred while loading credentials: failed to load IMDS session token (ConnectorError { kind: Other(None), source: ProviderError })";
    const REFUSED: &str = "io error: client error (Connect): tcp connect error (ConnectorError { kind: Io, source: hyper_util::client::legacy::Error })";

    fn failed(kind: ErrorKind, message: &str) -> AwsError {
        AwsError::own("dynamodb", "GetItem", kind, message.to_owned())
    }

    #[test]
    fn what_fails_at_aws_is_one_sentence_that_says_what_to_do() {
        let denied = "AccessDeniedException: User: arn:aws:iam::1:user/ada is not authorized to perform: dynamodb:GetItem on resource: x";
        let table = [
            (ErrorKind::Unavailable, OF_SOFTWARE),
            (ErrorKind::Unavailable, REFUSED),
            (ErrorKind::Timeout, "no answer in time"),
            (
                ErrorKind::NotSent,
                "failed to construct request: Invalid Configuration: Missing Region (ConstructionFailure { source: X })",
            ),
            (
                ErrorKind::NotSent,
                "a field is missing (BuildError { field: X })",
            ),
            (ErrorKind::Unknown, "unhandled (Unhandled { source: X })"),
            (ErrorKind::Denied, denied),
            (
                ErrorKind::Denied,
                "UnrecognizedClientException: The security token included in the request is invalid.",
            ),
            (
                ErrorKind::Refused("ExpiredTokenException".to_owned()),
                "ExpiredTokenException: The security token included in the request is expired",
            ),
            (ErrorKind::Throttled, "ThrottlingException: Rate exceeded"),
            (
                ErrorKind::NotFound("ResourceNotFoundException".to_owned()),
                "ResourceNotFoundException: Requested resource not found",
            ),
        ];
        let mut all = Vec::new();
        for (kind, message) in table {
            let failure = Failure::Store {
                error: StoreError::Aws(failed(kind.clone(), message)),
                then: "nothing was changed",
            };
            let said = failure.to_string();
            assert!(!said.contains(['{', '}']), "{said}");
            assert_eq!(failure.exit(), Exit::AwsFailed);
            assert!(failure.reported().is_some_and(|all| all.contains(message)));
            let alone = Failure::Aws(failed(kind, message)).to_string();
            assert!(!alone.contains(['{', '}']), "{alone}");
            all.push(said);
        }
        insta::assert_snapshot!(all.join("\n"), @r"
        you have no AWS credentials here; nothing was changed; sign in, or name a profile with AWS_PROFILE
        AWS cannot be reached (dynamodb GetItem); nothing was changed; check your connection and AWS_REGION, and try again
        AWS cannot be reached (dynamodb GetItem); nothing was changed; check your connection and AWS_REGION, and try again
        no AWS region is set; nothing was changed; set AWS_REGION to the region of the Longshore stack
        the call to AWS could not be made (dynamodb GetItem); nothing was changed; try again; with --verbose, what was reported is printed
        AWS gave an answer that cannot be read (dynamodb GetItem); nothing was changed; try again; with --verbose, what was reported is printed
        AWS does not allow you dynamodb:GetItem; nothing was changed; docs/operating.md has the policy that allows it
        AWS does not take your credentials: they are wrong or have expired; nothing was changed; sign in again, and check AWS_PROFILE
        AWS does not take your credentials: they are wrong or have expired; nothing was changed; sign in again, and check AWS_PROFILE
        AWS is asked too often (dynamodb GetItem); nothing was changed; try again in a moment
        there is no such table; nothing was changed; it is not in this account and region: check --table, AWS_PROFILE and AWS_REGION
        ");
    }
}
