//! What the checks of a commit say: which of those that are required have passed, and what keeps the others.
//!
//! Pure. Only what the named source reported counts, and only success is success; what nobody knows is no.

use serde::{Deserialize, Serialize};

use crate::config::{CheckSource, Leniency, RequiredCheck};

/// What GitHub shows of one commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenChecks {
    /// The checks, in any order.
    pub checks: Vec<SeenCheck>,
    /// Whether there are more than were read.
    pub more: bool,
}

/// A check that was reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenCheck {
    /// Its name, or the status's context.
    pub name: String,
    /// Who reported it.
    pub source: CheckSource,
    /// The check suite. A rerun stays in its suite, and the suite of another event is another one.
    pub suite: u64,
    /// Of two in one suite, the one with the greater number is the newer.
    pub number: u64,
    /// How it stands.
    pub state: CheckState,
    /// Its page.
    pub url: Option<String>,
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
    Not {
        /// Why.
        trouble: CheckTrouble,
        /// The page of that.
        url: Option<String>,
    },
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
    let reported: Vec<&SeenCheck> = seen.checks.iter().filter(is_it).collect();
    let is_newest = |one: &&&SeenCheck| {
        let mut others = reported.iter();
        !others.any(|other| {
            (other.suite, &other.name) == (one.suite, &one.name) && other.number > one.number
        })
    };
    let newest: Vec<&SeenCheck> = reported.iter().filter(is_newest).copied().collect();
    // What is worst is said: a failure, before what may still come.
    let mut worst: Option<(u8, CheckTrouble, Option<String>)> = None;
    for one in &newest {
        let (rank, trouble) = match &one.state {
            CheckState::Passed => continue,
            CheckState::Undecided(what) if check.accept.contains(what) => continue,
            CheckState::Failed(word) => (0, CheckTrouble::Failed(word.clone())),
            CheckState::Other(word) => (1, CheckTrouble::Unheard(word.clone())),
            CheckState::Undecided(what) => (2, CheckTrouble::Undecided(*what)),
            CheckState::Running => (3, CheckTrouble::Running),
        };
        if worst.as_ref().is_none_or(|(known, ..)| rank < *known) {
            worst = Some((rank, trouble, one.url.clone()));
        }
    }
    let not = |trouble, url| CheckOutcome::Not { trouble, url };
    match worst {
        Some((_, trouble, url)) => not(trouble, url),
        // Of those that were not read, any may have failed.
        None if seen.more => not(CheckTrouble::TooMany, None),
        None if newest.is_empty() => not(CheckTrouble::Missing, None),
        None => {
            let mut names: Vec<String> = newest.iter().map(|one| one.name.clone()).collect();
            names.sort();
            names.dedup();
            CheckOutcome::Passed(names)
        }
    }
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

    fn run(name: &str, (suite, number): (u64, u64), state: CheckState) -> SeenCheck {
        SeenCheck {
            name: name.to_owned(),
            source: app(ACTIONS),
            suite,
            number,
            state,
            url: None,
        }
    }

    fn failed() -> CheckState {
        CheckState::Failed("failure".to_owned())
    }

    fn trouble(required: &RequiredCheck, checks: Vec<SeenCheck>) -> Option<CheckTrouble> {
        let seen = SeenChecks {
            checks,
            more: false,
        };
        match judge_one(required, &seen) {
            CheckOutcome::Not { trouble, .. } => Some(trouble),
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
            let checks = || vec![run("test", (1, 1), state.clone())];
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
                ..run("test", (1, 1), Passed)
            };
            assert_eq!(
                trouble(&test, vec![of_another]),
                Some(CheckTrouble::Missing)
            );
        }
        let other_name = vec![run("Test", (1, 1), Passed)];
        assert_eq!(trouble(&test, other_name), Some(CheckTrouble::Missing));
    }

    #[test]
    fn the_newest_rerun_counts_and_every_suite() {
        use CheckState::{Passed, Running};
        let test = required(Some("test"), &[]);
        let rerun = |first: CheckState, then: CheckState| {
            vec![run("test", (1, 7), then), run("test", (1, 3), first)]
        };
        assert_eq!(trouble(&test, rerun(failed(), Passed)), None);
        assert!(trouble(&test, rerun(Passed, failed())).is_some());
        let running = Some(CheckTrouble::Running);
        assert_eq!(trouble(&test, rerun(Passed, Running)), running);
        // Of a push and of a pull request: both are of this commit.
        let suites = vec![run("test", (1, 3), failed()), run("test", (2, 7), Passed)];
        assert!(trouble(&test, suites).is_some());
    }

    #[test]
    fn all_of_a_source_are_all_of_it_and_more_than_none() {
        use CheckState::Passed;
        let all = required(None, &[]);
        assert_eq!(trouble(&all, Vec::new()), Some(CheckTrouble::Missing));
        let two = |other| vec![run("test", (1, 1), Passed), run("lint", (1, 2), other)];
        assert_eq!(trouble(&all, two(Passed)), None);
        assert!(trouble(&all, two(failed())).is_some());
        let seen = SeenChecks {
            checks: two(Passed),
            more: true,
        };
        let not = CheckOutcome::Not {
            trouble: CheckTrouble::TooMany,
            url: None,
        };
        assert_eq!(judge_one(&all, &seen), not);
    }
}
