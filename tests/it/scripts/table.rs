//! The scripts: who does what to which, and which verdict each number of services comes to.

use longshore::record::Verdict::{Cancelled, Failed, RolledBack, Succeeded, Superseded};

use super::*;

pub(super) static TABLE: [Row; 27] = {
    use People::{GoBack, GoOn, Stop, Wait};
    [
        row("happy", Script::Happy, Wait, Succeeded),
        row(
            "slow, 29 minutes",
            Script::Slow(minutes(29)),
            Wait,
            Succeeded,
        ),
        row(
            "slow, 31 minutes",
            Script::Slow(minutes(31)),
            Wait,
            Succeeded,
        ),
        row(
            "slow, 65 minutes",
            Script::Slow(minutes(65)),
            Wait,
            Succeeded,
        ),
        row(
            "crash loop with breaker rollback",
            Script::CrashLoop,
            Wait,
            RolledBack,
        ),
        row(
            "breaker on with no earlier good revision",
            Script::NoGoodRevision,
            Wait,
            Failed,
        ),
        row(
            "breaker on without rollback",
            Script::BreakerWithoutRollback,
            Wait,
            Failed,
        ),
        row(
            "the rollback itself failing",
            Script::RollbackFails,
            Wait,
            Failed,
        ),
        row(
            "breaker off, never ending",
            Script::BreakerOff,
            Stop,
            Cancelled,
        ),
        row(
            "tasks dying uncounted",
            Script::UncountedDeaths,
            Stop,
            Cancelled,
        ),
        row(
            "unable to place tasks",
            Script::UnableToPlace,
            Wait,
            RolledBack,
        ),
        row("image pull error", Script::ImagePullError, Wait, RolledBack),
        row(
            "a foreign rollout superseding ours",
            Script::Foreign,
            Wait,
            Superseded,
        ),
        row("stale reads for 30 s", Script::StaleReads, Wait, Succeeded),
        row(
            "rolled back between two polls",
            Script::BetweenPolls,
            Wait,
            RolledBack,
        ),
        row("scaled to zero", Script::ScaledToZero, Wait, Succeeded),
        row("alarm rollback", Script::Alarm, Wait, RolledBack),
        row("blue/green", Script::BlueGreen, Wait, Succeeded),
        row("linear", Script::Linear, Wait, Succeeded),
        row("canary", Script::Canary, Wait, Succeeded),
        row(
            "rolling update with a pause hook",
            Script::Pause,
            GoOn,
            Succeeded,
        ),
        row(
            "rolling update with a pause hook that nobody answers",
            Script::Pause,
            Wait,
            RolledBack,
        ),
        row(
            "blue/green with a pause hook",
            Script::BlueGreenPause,
            GoOn,
            Succeeded,
        ),
        row(
            "blue/green with a pause hook, rolled back",
            Script::BlueGreenPause,
            GoBack,
            Cancelled,
        ),
        row(
            "blue/green with two pause hooks",
            Script::TwoPauses,
            GoOn,
            Succeeded,
        ),
        row(
            "linear with a pause hook",
            Script::LinearPause,
            GoOn,
            Succeeded,
        ),
        row(
            "canary with a pause hook",
            Script::CanaryPause,
            GoOn,
            Succeeded,
        ),
    ]
};

/// A script that is added does not compile here until somebody has given it its words.
#[test]
fn no_script_is_missing() {
    for script in Script::all() {
        let words = match script {
            Script::Happy => "happy",
            Script::Slow(_) => "slow, 31 minutes",
            Script::CrashLoop => "crash loop with breaker rollback",
            Script::NoGoodRevision => "breaker on with no earlier good revision",
            Script::BreakerWithoutRollback => "breaker on without rollback",
            Script::BreakerOff => "breaker off, never ending",
            Script::RollbackFails => "the rollback itself failing",
            Script::UncountedDeaths => "tasks dying uncounted",
            Script::UnableToPlace => "unable to place tasks",
            Script::ImagePullError => "image pull error",
            Script::Foreign => "a foreign rollout superseding ours",
            Script::StaleReads => "stale reads for 30 s",
            Script::BetweenPolls => "rolled back between two polls",
            Script::ScaledToZero => "scaled to zero",
            Script::Alarm => "alarm rollback",
            Script::BlueGreen => "blue/green",
            Script::Linear => "linear",
            Script::Canary => "canary",
            Script::Pause => "rolling update with a pause hook",
            Script::BlueGreenPause => "blue/green with a pause hook",
            Script::TwoPauses => "blue/green with two pause hooks",
            Script::LinearPause => "linear with a pause hook",
            Script::CanaryPause => "canary with a pause hook",
        };
        let row = TABLE.iter().find(|row| row.words == words);
        assert_eq!(row.map(|row| &row.script), Some(&script), "{words}");
    }
}
