//! Every error of AWS in one type: what was asked, what kind of no it was, and what AWS said.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::answers::{self, Means};
use crate::evidence::heard;

/// The longest message kept, in characters.
const MESSAGE: usize = 500;
/// How AWS says which right is missing.
const NOT_AUTHORIZED: &str = "not authorized to perform: ";

/// What kind of no it was. Somebody branches on each of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Too many calls. Nothing happened; later it may.
    Throttled,
    /// Not allowed, or not who it claimed to be. Nothing happened.
    Denied,
    /// The call names something that does not exist. The code says what: `ClusterNotFoundException`.
    NotFound(String),
    /// AWS understood and refused; the code is its own. Nothing happened.
    Refused(String),
    /// AWS refused for something that passes; the code is its own. Nothing happened; later it may.
    Passing(String),
    /// The request could not even be made (no credentials, no region, a missing field). Nothing
    /// happened.
    NotSent,
    /// No answer in time. It may have happened.
    Timeout,
    /// No connection, a broken one, or an internal error of theirs. It may have happened.
    Unavailable,
    /// An answer that could not be understood. It may have happened.
    Unknown,
}

/// A call to AWS that did not end well. Its text holds no credentials: it is what AWS said about a
/// request, and requests are never part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{service} {operation}: {message}")]
pub struct AwsError {
    service: &'static str,
    operation: &'static str,
    kind: ErrorKind,
    message: String,
}

impl AwsError {
    /// The one mapping from the SDK's errors. `service` and `operation` in IAM's spelling.
    pub(crate) fn from_sdk<E>(
        service: &'static str,
        operation: &'static str,
        error: SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let (kind, message) = match error {
            SdkError::ServiceError(context) => {
                let status = context.raw().status().as_u16();
                let error = context.into_err();
                let code = error.code().unwrap_or("Unknown");
                let said = error.message().unwrap_or("no message");
                let kind = of_code(service, operation, code, said, status);
                (kind, heard(&format!("{code}: {said}")))
            }
            SdkError::ConstructionFailure(_) => {
                (ErrorKind::NotSent, DisplayErrorContext(&error).to_string())
            }
            SdkError::TimeoutError(_) => (ErrorKind::Timeout, "no answer in time".to_owned()),
            SdkError::DispatchFailure(failure) => {
                let kind = if failure.is_timeout() {
                    ErrorKind::Timeout
                } else {
                    ErrorKind::Unavailable
                };
                let said = failure.as_connector_error().map_or_else(
                    || "no connection".to_owned(),
                    |error| DisplayErrorContext(error).to_string(),
                );
                (kind, said)
            }
            error => (ErrorKind::Unknown, DisplayErrorContext(&error).to_string()),
        };
        Self {
            service,
            operation,
            kind,
            message: message.chars().take(MESSAGE).collect(),
        }
    }

    /// A request that the SDK would not build.
    pub(crate) fn malformed(
        service: &'static str,
        operation: &'static str,
        error: &dyn std::error::Error,
    ) -> Self {
        Self::own(service, operation, ErrorKind::NotSent, error.to_string())
    }

    /// An answer that lacks what the documentation promises.
    pub(crate) fn incomplete(service: &'static str, operation: &'static str, what: &str) -> Self {
        let message = format!("the answer holds no {what}");
        Self::own(service, operation, ErrorKind::Unknown, message)
    }

    pub(crate) fn own(
        service: &'static str,
        operation: &'static str,
        kind: ErrorKind,
        message: String,
    ) -> Self {
        Self {
            service,
            operation,
            kind,
            message,
        }
    }

    /// The error of a call that names something that is not there.
    pub(crate) fn missing(service: &'static str, operation: &'static str, what: &str) -> Self {
        let message = format!("{what} does not exist");
        Self::own(
            service,
            operation,
            ErrorKind::NotFound("NotFound".to_owned()),
            message,
        )
    }

    /// The service in IAM's spelling: `ecs`, `states`.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// The operation: `UpdateService`.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// What kind of no it was.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// What AWS said, at most 500 characters.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the call failed because a right is missing.
    pub(crate) fn is_denied(&self) -> bool {
        self.kind == ErrorKind::Denied
    }

    /// The action that is not allowed, where AWS names one: with `ecs:RegisterTaskDefinition` that may
    /// be `iam:PassRole`.
    pub fn action(&self) -> String {
        let named = self
            .message
            .split_once(NOT_AUTHORIZED)
            .and_then(|(_, rest)| {
                let word = rest.split_whitespace().next()?;
                let word = word.trim_end_matches(['.', ',', ';']);
                word.contains(':').then(|| word.to_owned())
            });
        named.unwrap_or_else(|| format!("{}:{}", self.service, self.operation))
    }

    /// What kind of no it was, in a word, for where there is no room.
    pub(crate) fn in_a_word(&self) -> &'static str {
        match &self.kind {
            ErrorKind::Throttled => "throttled",
            ErrorKind::Denied => "denied",
            ErrorKind::NotFound(_) => "not found",
            ErrorKind::Refused(_) | ErrorKind::Passing(_) => "refused",
            ErrorKind::NotSent => "not sent",
            ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Unknown => "no answer",
        }
    }

    /// AWS's own code where it gave one that matters.
    pub fn code(&self) -> Option<&str> {
        match &self.kind {
            ErrorKind::NotFound(code) | ErrorKind::Refused(code) | ErrorKind::Passing(code) => {
                Some(code)
            }
            ErrorKind::Throttled
            | ErrorKind::Denied
            | ErrorKind::NotSent
            | ErrorKind::Timeout
            | ErrorKind::Unavailable
            | ErrorKind::Unknown => None,
        }
    }

    /// Whether trying again may help.
    pub(crate) fn is_transient(&self) -> bool {
        match self.kind {
            ErrorKind::Throttled
            | ErrorKind::Passing(_)
            | ErrorKind::Timeout
            | ErrorKind::Unavailable
            | ErrorKind::Unknown => true,
            ErrorKind::Denied
            | ErrorKind::NotFound(_)
            | ErrorKind::Refused(_)
            | ErrorKind::NotSent => false,
        }
    }

    /// Whether the call may have taken effect all the same.
    pub fn unknown_outcome(&self) -> bool {
        match self.kind {
            ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Unknown => true,
            ErrorKind::Throttled
            | ErrorKind::Passing(_)
            | ErrorKind::Denied
            | ErrorKind::NotFound(_)
            | ErrorKind::Refused(_)
            | ErrorKind::NotSent => false,
        }
    }

    /// Whether what was named does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self.kind, ErrorKind::NotFound(_))
    }
}

/// Calls that change something have their answers in a [table](answers); beyond it, codes are told apart
/// by their words, because every service has its own spelling: `ThrottlingException`, `Throttling`,
/// `TooManyRequestsException`.
fn of_code(service: &str, operation: &str, code: &str, said: &str, status: u16) -> ErrorKind {
    const THROTTLED: [&str; 7] = [
        "Throttl",
        "TooManyRequests",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceeded",
        "RequestThrottled",
        "TransactionInProgress",
        "SlowDown",
    ];
    const DENIED: [&str; 7] = [
        "AccessDenied",
        "UnauthorizedOperation",
        "UnrecognizedClient",
        "InvalidSignature",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
    ];
    let has = |words: &[&str]| words.iter().any(|word| code.starts_with(word));
    let means = answers::means(service, operation, code, said);
    if has(&THROTTLED) || status == 429 {
        ErrorKind::Throttled
    } else if means == Some(Means::NotNow) {
        ErrorKind::Passing(code.to_owned())
    } else if means == Some(Means::Perhaps) {
        ErrorKind::Unavailable
    } else if has(&DENIED) || said.contains(NOT_AUTHORIZED) {
        ErrorKind::Denied
    } else if status >= 500
        || [
            "ServerException",
            "InternalServer",
            "ServiceUnavailable",
            "InternalFailure",
        ]
        .iter()
        .any(|word| code.starts_with(word))
    {
        ErrorKind::Unavailable
    } else if code.contains("NotFound") || code.ends_with("DoesNotExist") {
        ErrorKind::NotFound(code.to_owned())
    } else if code == "Unknown" {
        ErrorKind::Unknown
    } else {
        ErrorKind::Refused(code.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_whether_anything_may_have_happened() {
        let table = [
            ("ThrottlingException", 400, true, false),
            ("TooManyRequestsException", 400, true, false),
            ("AccessDeniedException", 400, false, false),
            ("ClusterNotFoundException", 400, false, false),
            ("ExecutionDoesNotExist", 400, false, false),
            ("InvalidParameterException", 400, false, false),
            ("LimitExceededException", 400, false, false),
            ("ServerException", 500, true, true),
            ("ServiceUnavailable", 503, true, true),
            ("Unknown", 400, true, true),
        ];
        for (code, status, transient, unknown) in table {
            let kind = of_code("ecs", "UpdateService", code, "", status);
            let error = AwsError::own("ecs", "UpdateService", kind, String::new());
            assert_eq!(error.is_transient(), transient, "{code}");
            assert_eq!(error.unknown_outcome(), unknown, "{code}");
        }
    }

    #[test]
    fn a_right_that_is_missing_is_named_as_aws_names_it() {
        let role = "User: arn:aws:sts::1:assumed-role/longshore-staging/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/app";
        let register = ("ecs", "RegisterTaskDefinition");
        for (code, said, action) in [
            ("AccessDeniedException", "", "ecs:RegisterTaskDefinition"),
            ("AccessDenied", "no", "ecs:RegisterTaskDefinition"),
            (
                "UnauthorizedOperation",
                "You are not authorized to perform this operation.",
                "ecs:RegisterTaskDefinition",
            ),
            ("AccessDeniedException", role, "iam:PassRole"),
            ("ClientException", role, "iam:PassRole"),
        ] {
            let kind = of_code(register.0, register.1, code, said, 400);
            let error = AwsError::own(register.0, register.1, kind, format!("{code}: {said}"));
            assert!(error.is_denied(), "{code}");
            assert_eq!(error.action(), action, "{code}");
        }
    }

    #[test]
    fn a_missing_thing_is_told_apart_by_its_code() {
        let error = AwsError::own(
            "ecr",
            "DescribeImages",
            of_code("ecr", "DescribeImages", "ImageNotFoundException", "", 400),
            "gone".to_owned(),
        );
        assert!(error.is_not_found());
        assert_eq!(error.code(), Some("ImageNotFoundException"));
        assert_eq!(error.to_string(), "ecr DescribeImages: gone");
    }
}
