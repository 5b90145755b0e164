//! What AWS's answers mean for the calls that change something: one table, call by call, of which
//! answer ends what the call was made for, and after which it is tried again.
//!
//! The names are those of AWS's own models; how often and how long apart a call is tried again is
//! [`Tries`](crate::record::Tries)' business, the same for all.

/// What an answer means for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// No. Nothing happened, and the same call would fare no better: what it was made for is over.
    No,
    /// Not now. Nothing happened, and the same call may go through later.
    NotNow,
    /// Perhaps. It may have happened: it is looked for before it is sent again.
    Perhaps,
}

use Means::{No, NotNow, Perhaps};

/// The errors of one call, by name.
type Errors = &'static [(&'static str, Means)];

/// Every call that changes something in an environment's account, by service (in IAM's spelling) and
/// operation, with every error of its model.
pub const CALLS: [(&str, &str, Errors); 8] = [
    ("ecs", "RegisterTaskDefinition", REGISTER),
    ("ecs", "UpdateService", UPDATE),
    ("ecs", "StopServiceDeployment", STOP),
    ("ecs", "ContinueServiceDeployment", CONTINUE),
    ("ecs", "RunTask", RUN),
    ("ecs", "StopTask", STOP_TASK),
    ("scheduler", "UpdateSchedule", SCHEDULE),
    ("ssm", "PutParameter", PUT),
];

const REGISTER: Errors = &[
    ("AccessDeniedException", No),
    ("ClientException", No),
    ("InvalidParameterException", No),
    ("LimitExceededException", No),
    ("ServerException", Perhaps),
];
const UPDATE: Errors = &[
    ("AccessDeniedException", No),
    ("ClientException", No),
    ("ClusterNotFoundException", No),
    ("InvalidParameterException", No),
    ("NamespaceNotFoundException", No),
    ("PlatformTaskDefinitionIncompatibilityException", No),
    ("PlatformUnknownException", No),
    ("ServerException", Perhaps),
    ("ServiceNotActiveException", No),
    ("ServiceNotFoundException", No),
    ("UnsupportedFeatureException", No),
];
const STOP: Errors = &[
    ("AccessDeniedException", No),
    ("ClientException", No),
    // It is over already.
    ("ConflictException", No),
    ("InvalidParameterException", No),
    ("ServerException", Perhaps),
    ("ServiceDeploymentNotFoundException", No),
    ("UnsupportedFeatureException", No),
];
const CONTINUE: Errors = &[
    ("AccessDeniedException", No),
    ("ClientException", No),
    ("InvalidParameterException", No),
    ("ServerException", Perhaps),
    ("ServiceDeploymentNotFoundException", No),
    ("UnsupportedFeatureException", No),
];
const RUN: Errors = &[
    ("AccessDeniedException", No),
    ("BlockedException", No),
    ("ClientException", No),
    ("ClusterNotFoundException", No),
    // The token was used before: an earlier call of ours has started it.
    ("ConflictException", Perhaps),
    ("InvalidParameterException", No),
    ("PlatformTaskDefinitionIncompatibilityException", No),
    ("PlatformUnknownException", No),
    ("ServerException", Perhaps),
    ("UnsupportedFeatureException", No),
];
const STOP_TASK: Errors = &[
    ("AccessDeniedException", No),
    ("ClientException", No),
    ("ClusterNotFoundException", No),
    ("InvalidParameterException", No),
    ("ServerException", Perhaps),
];
const SCHEDULE: Errors = &[
    // With another change of the schedule, which passes.
    ("ConflictException", NotNow),
    ("InternalServerException", Perhaps),
    ("ResourceNotFoundException", No),
    ("ServiceQuotaExceededException", No),
    ("ThrottlingException", NotNow),
    ("ValidationException", No),
];
const PUT: Errors = &[
    ("HierarchyLevelLimitExceededException", No),
    ("HierarchyTypeMismatchException", No),
    ("IncompatiblePolicyException", No),
    ("InternalServerError", Perhaps),
    ("InvalidAllowedPatternException", No),
    ("InvalidKeyId", No),
    ("InvalidPolicyAttributeException", No),
    ("InvalidPolicyTypeException", No),
    ("ParameterAlreadyExists", No),
    ("ParameterLimitExceeded", No),
    ("ParameterMaxVersionLimitExceeded", No),
    ("ParameterPatternMismatchException", No),
    ("PoliciesLimitExceededException", No),
    // Another write of the same parameter, which passes.
    ("TooManyUpdates", NotNow),
    ("UnsupportedParameterType", No),
];

/// What any call may be answered with
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html>); the table of the
/// call itself comes first.
const ANY: Errors = &[
    ("ExpiredToken", NotNow),
    ("ExpiredTokenException", NotNow),
    ("RequestExpired", NotNow),
    ("ValidationError", No),
    ("ValidationException", No),
];

/// A no that its own words take back: service, operation, code, and how what it says begins.
const PASSES: [(&str, &str, &str, &str); 1] = [(
    "ecs",
    "RegisterTaskDefinition",
    "ClientException",
    "Too many concurrent attempts to create a new revision",
)];

/// The meaning of an answer for a call, where the table has one.
pub(super) fn means(service: &str, operation: &str, code: &str, said: &str) -> Option<Means> {
    let passes = PASSES.iter().any(|(of, call, name, words)| {
        (*of, *call, *name) == (service, operation, code) && said.starts_with(words)
    });
    if passes {
        return Some(NotNow);
    }
    let calls = CALLS.iter();
    let own = calls
        .filter(|(of, call, _)| (*of, *call) == (service, operation))
        .flat_map(|(_, _, errors)| errors.iter());
    let mut all = own.chain(ANY);
    all.find(|(name, _)| *name == code).map(|(_, means)| *means)
}

#[cfg(test)]
mod tests {
    use longshore_sim::models::model;

    use super::*;

    #[test]
    fn a_no_that_passes_is_not_a_no() {
        let register = ("ecs", "RegisterTaskDefinition");
        let passes =
            "Too many concurrent attempts to create a new revision of the specified family.";
        let table = [
            (register, "ClientException", passes, Some(NotNow)),
            (register, "ClientException", "Role is not valid", Some(No)),
            (
                ("ecs", "UpdateService"),
                "ClientException",
                passes,
                Some(No),
            ),
            (
                ("scheduler", "UpdateSchedule"),
                "ConflictException",
                "",
                Some(NotNow),
            ),
            (
                ("ecs", "StopServiceDeployment"),
                "ConflictException",
                "",
                Some(No),
            ),
            (("ssm", "PutParameter"), "TooManyUpdates", "", Some(NotNow)),
            (
                ("ecs", "UpdateService"),
                "ExpiredTokenException",
                "",
                Some(NotNow),
            ),
            (("ecs", "UpdateService"), "NeverHeardOf", "", None),
            (("ecs", "DescribeServices"), "ServerException", "", None),
        ];
        for ((service, operation), code, said, expected) in table {
            let is = means(service, operation, code, said);
            assert_eq!(is, expected, "{operation} {code}");
        }
    }

    #[test]
    fn every_error_of_a_call_is_in_the_table_and_no_other() {
        for (service, operation, errors) in CALLS {
            let model = model(service).unwrap();
            let named = model["operations"][operation]["errors"].as_array().unwrap();
            let named = named.iter().filter_map(|error| error["shape"].as_str());
            let mut named: Vec<&str> = named.collect();
            named.sort_unstable();
            let mut ours: Vec<_> = errors.iter().map(|(name, _)| *name).collect();
            ours.sort_unstable();
            assert_eq!(ours, named, "{service} {operation}");
        }
    }
}
