//! What the checks of a commit say: which of those that are required have passed, and what keeps the others.
//!
//! Pure. Only what the named source reported counts, and only success is success; what nobody knows is no.

use serde::{Deserialize, Serialize};

use crate::config::{CheckSource, Leniency, RequiredCheck};

/// What GitHub shows of one commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenChecks {
    /// The checks, in any order; of reruns the newest.
    pub checks: Vec<SeenCheck>,
    /// Apps that have not ended all that they began, so that more of theirs may come.
    pub unfinished: Vec<String>,
    /// Whether there are more check runs than were read.
    pub more_runs: bool,
    /// Whether there are more commit statuses than were read, all of them older.
    pub more_statuses: bool,
}

/// A check that was reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenCheck {
    /// Its name, or the status's context.
    pub name: String,
    /// Who reported it.
    pub source: CheckSource,
    /// How it stands.
    pub state: CheckState,
}

/// How a check stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// It succeeded.
    Passed,
    /// It says neither yes nor no.
    Undecided(Leniency),
    /// It has not ended.
    Running,
    /// It ended otherwise, in GitHub's word: `failure`, `cancelled`, `timed_out`.
    Failed(String),
    /// Something that GitHub did not say when this was written, in its word.
    Other(String),
}

/// Why a required check does not count as passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckTrouble {
    /// It failed, in GitHub's word.
    Failed(String),
    /// It says neither yes nor no, and that is not accepted.
    Undecided(Leniency),
    /// It has not ended.
    Running,
    /// Its source reported none.
    Missing,
    /// A word that this version does not know.
    Unheard(String),
    /// None of those that were read; there are more than are read.
    TooMany,
}

/// What a required check comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// It passed; the names of all that were looked at for it.
    Passed(Vec<String>),
    /// It did not.
    Not(CheckTrouble),
}

/// What each required check comes to.
pub fn judge_checks<'r>(
    required: &'r [RequiredCheck],
    seen: &SeenChecks,
) -> Vec<(&'r RequiredCheck, CheckOutcome)> {
    let each = required.iter();
    each.map(|check| (check, judge_one(check, seen))).collect()
}

fn judge_one(check: &RequiredCheck, seen: &SeenChecks) -> CheckOutcome {
    let is_it = |one: &&SeenCheck| {
        one.source.is(&check.source) && check.name.as_ref().is_none_or(|name| *name == one.name)
    };
    // Of one name there may be several: of a push and of a pull request. All are of this commit, and all count.
    let newest: Vec<&SeenCheck> = seen.checks.iter().filter(is_it).collect();
    // What is worst is said: a failure, before what may still come.
    let mut worst: Option<(u8, CheckTrouble)> = None;
    for one in &newest {
        let (rank, trouble) = match &one.state {
            CheckState::Passed => continue,
            CheckState::Undecided(what) if check.accept.contains(what) => continue,
            CheckState::Failed(word) => (0, CheckTrouble::Failed(word.clone())),
            CheckState::Other(word) => (1, CheckTrouble::Unheard(word.clone())),
            CheckState::Undecided(what) => (2, CheckTrouble::Undecided(*what)),
            CheckState::Running => (3, CheckTrouble::Running),
        };
        if worst.as_ref().is_none_or(|(known, _)| rank < *known) {
            worst = Some((rank, trouble));
        }
    }
    match worst {
        Some((_, trouble)) => CheckOutcome::Not(trouble),
        // Of those that were not read, any may have failed.
        None if beyond(check, seen, newest.is_empty()) => CheckOutcome::Not(CheckTrouble::TooMany),
        None if check.name.is_none() && comes_more(check, seen) => {
            CheckOutcome::Not(CheckTrouble::Running)
        }
        None if newest.is_empty() => CheckOutcome::Not(CheckTrouble::Missing),
        None => {
            let mut names: Vec<String> = newest.iter().map(|one| one.name.clone()).collect();
            names.sort();
            names.dedup();
            CheckOutcome::Passed(names)
        }
    }
}

/// Whether one that was not read may say otherwise. The newest status of a name is the one that counts.
fn beyond(check: &RequiredCheck, seen: &SeenChecks, found_none: bool) -> bool {
    match check.source {
        CheckSource::App(_) => seen.more_runs,
        CheckSource::Creator(_) => seen.more_statuses && (found_none || check.name.is_none()),
    }
}

/// Whether an app may report more of this commit.
fn comes_more(check: &RequiredCheck, seen: &SeenChecks) -> bool {
    let is_it = |app: &String| CheckSource::App(app.clone()).is(&check.source);
    seen.unfinished.iter().any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTIONS: &str = "github-actions";

    fn app(slug: &str) -> CheckSource {
        CheckSource::App(slug.to_owned())
    }

    fn required(name: Option<&str>, accept: &[Leniency]) -> RequiredCheck {
        RequiredCheck {
            name: name.map(str::to_owned),
            source: app(ACTIONS),
            accept: accept.iter().copied().collect(),
        }
    }

    fn run(name: &str, state: CheckState) -> SeenCheck {
        SeenCheck {
            name: name.to_owned(),
            source: app(ACTIONS),
            state,
        }
    }

    fn failed() -> CheckState {
        CheckState::Failed("failure".to_owned())
    }

    fn trouble(required: &RequiredCheck, checks: Vec<SeenCheck>) -> Option<CheckTrouble> {
        let seen = SeenChecks {
            checks,
            ..SeenChecks::default()
        };
        match judge_one(required, &seen) {
            CheckOutcome::Not(trouble) => Some(trouble),
            CheckOutcome::Passed(_) => None,
        }
    }

    #[test]
    fn nothing_but_success_of_the_named_source_passes() {
        use CheckState::{Other, Passed, Running, Undecided};
        let test = required(Some("test"), &[]);
        let lenient = required(Some("test"), &[Leniency::Skipped]);
        for (state, strict, leniently) in [
            (Passed, None, None),
            (
                failed(),
                Some(CheckTrouble::Failed("failure".to_owned())),
                Some(CheckTrouble::Failed("failure".to_owned())),
            ),
            (
                Running,
                Some(CheckTrouble::Running),
                Some(CheckTrouble::Running),
            ),
            (
                Undecided(Leniency::Skipped),
                Some(CheckTrouble::Undecided(Leniency::Skipped)),
                None,
            ),
            (
                Undecided(Leniency::Neutral),
                Some(CheckTrouble::Undecided(Leniency::Neutral)),
                Some(CheckTrouble::Undecided(Leniency::Neutral)),
            ),
            (
                Other("stale".to_owned()),
                Some(CheckTrouble::Unheard("stale".to_owned())),
                Some(CheckTrouble::Unheard("stale".to_owned())),
            ),
        ] {
            let checks = || vec![run("test", state.clone())];
            assert_eq!(trouble(&test, checks()), strict, "{state:?}");
            assert_eq!(trouble(&lenient, checks()), leniently, "{state:?}");
        }
        assert_eq!(trouble(&test, Vec::new()), Some(CheckTrouble::Missing));
        for source in [
            app("somebodys-app"),
            CheckSource::Creator(ACTIONS.to_owned()),
        ] {
            let of_another = SeenCheck {
                source,
                ..run("test", Passed)
            };
            assert_eq!(
                trouble(&test, vec![of_another]),
                Some(CheckTrouble::Missing)
            );
        }
        let other_name = vec![run("Test", Passed)];
        assert_eq!(trouble(&test, other_name), Some(CheckTrouble::Missing));
    }

    #[test]
    fn of_one_name_all_must_have_passed() {
        use CheckState::Passed;
        let test = required(Some("test"), &[]);
        // Of a push and of a pull request, or one that somebody made up.
        for checks in [
            [failed(), Passed],
            [Passed, failed()],
            [Passed, CheckState::Running],
        ] {
            let checks = checks.map(|state| run("test", state));
            assert!(trouble(&test, checks.into()).is_some());
        }
        assert_eq!(
            trouble(&test, vec![run("test", Passed), run("test", Passed)]),
            None
        );
    }

    #[test]
    fn all_of_a_source_are_all_of_it_and_more_than_none() {
        use CheckState::Passed;
        let all = required(None, &[]);
        assert_eq!(trouble(&all, Vec::new()), Some(CheckTrouble::Missing));
        let two = |other| vec![run("test", Passed), run("lint", other)];
        assert_eq!(trouble(&all, two(Passed)), None);
        assert!(trouble(&all, two(failed())).is_some());
        let judged = |check: &RequiredCheck, seen: SeenChecks| match judge_one(check, &seen) {
            CheckOutcome::Passed(_) => None,
            CheckOutcome::Not(trouble) => Some(trouble),
        };
        // The next job of a workflow shows only once the one before has ended.
        let unfinished = || SeenChecks {
            checks: two(Passed),
            unfinished: vec!["GitHub-Actions".to_owned()],
            ..SeenChecks::default()
        };
        assert_eq!(judged(&all, unfinished()), Some(CheckTrouble::Running));
        assert_eq!(judged(&required(Some("test"), &[]), unfinished()), None);
        let more = || SeenChecks {
            checks: two(Passed),
            more_runs: true,
            more_statuses: true,
            ..SeenChecks::default()
        };
        assert_eq!(judged(&all, more()), Some(CheckTrouble::TooMany));
        assert_eq!(
            judged(&required(Some("test"), &[]), more()),
            Some(CheckTrouble::TooMany)
        );
        let status = RequiredCheck {
            source: CheckSource::Creator("acme-ci".to_owned()),
            ..required(Some("test"), &[])
        };
        let found = SeenCheck {
            source: status.source.clone(),
            ..run("test", Passed)
        };
        let with = SeenChecks {
            checks: vec![found],
            ..more()
        };
        assert_eq!(judged(&status, with), None);
        assert_eq!(judged(&status, more()), Some(CheckTrouble::TooMany));
    }
}
