//! The checks of a commit: check runs, which apps report, and commit statuses, which users and bots do.
//! <https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference>
//! <https://docs.github.com/en/rest/checks/suites#list-check-suites-for-a-git-reference>
//! <https://docs.github.com/en/rest/commits/statuses#list-commit-statuses-for-a-reference>

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::memory::Lasts;
use super::wire::plain;
use super::{GitHub, GitHubError};
use crate::config::{CheckSource, GithubRepository, Leniency, RequiredCheck};
use crate::names::CommitSha;
use crate::resolve::{CheckState, CiRun, SeenCheck, SeenChecks};

/// Checks on a page; GitHub gives no more.
const ON_A_PAGE: usize = 100;
/// Pages read of each kind. What is behind them counts as unknown.
const PAGES: usize = 3;

#[derive(Deserialize)]
pub(super) struct CheckRuns {
    total_count: usize,
    check_runs: Vec<CheckRun>,
}

#[derive(Deserialize)]
struct CheckRun {
    name: String,
    head_sha: String,
    status: String,
    conclusion: Option<String>,
    app: Option<App>,
    #[serde(default)]
    started_at: Option<String>,
    #[serde(default)]
    completed_at: Option<String>,
}

#[derive(Deserialize)]
struct App {
    slug: Option<String>,
}

#[derive(Deserialize)]
struct CheckSuites {
    total_count: usize,
    check_suites: Vec<CheckSuite>,
}

#[derive(Deserialize)]
struct CheckSuite {
    status: Option<String>,
    app: Option<App>,
    latest_check_runs_count: u64,
}

#[derive(Deserialize)]
struct CommitStatus {
    state: String,
    context: String,
    creator: Option<Creator>,
    #[serde(default)]
    created_at: Option<String>,
}

#[derive(Deserialize)]
struct Creator {
    login: String,
}

impl GitHub {
    /// What was reported of a commit, as far as one of these checks can be among it.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`]; `Denied` and `NotFound` where the token may not see checks.
    pub(crate) async fn checks(
        &self,
        repository: &GithubRepository,
        commit: &CommitSha,
        required: &[RequiredCheck],
    ) -> Result<SeenChecks, GitHubError> {
        let is_app = |check: &&RequiredCheck| matches!(check.source, CheckSource::App(_));
        let mut seen = SeenChecks::default();
        // Before the runs: whatever ended before them is among them.
        if required
            .iter()
            .any(|check| is_app(&check) && check.name.is_none())
        {
            seen.unfinished = self.unfinished(repository, commit).await?;
        }
        if required.iter().any(|check| is_app(&check)) {
            let path = format!("/commits/{commit}/check-runs?filter=latest");
            let mut read = 0;
            for page in 1..=PAGES {
                let answer: CheckRuns = self.page(repository, &path, page).await?;
                read += answer.check_runs.len();
                let runs = answer.check_runs.into_iter();
                let own = runs.filter(|run| run.head_sha == commit.as_str());
                seen.checks.extend(own.filter_map(CheckRun::seen));
                seen.more_runs = read < answer.total_count;
                if !seen.more_runs {
                    break;
                }
            }
        }
        if required.iter().any(|check| !is_app(&check)) {
            let path = format!("/commits/{commit}/statuses?");
            let mut newest = BTreeSet::new();
            for page in 1..=PAGES {
                let answer: Vec<CommitStatus> = self.page(repository, &path, page).await?;
                seen.more_statuses = answer.len() == ON_A_PAGE;
                // The newest come first.
                let statuses = answer.into_iter().filter_map(CommitStatus::seen);
                let fresh = statuses.filter(|one| {
                    let login = one.source.name().to_ascii_lowercase();
                    newest.insert((login, one.name.clone()))
                });
                seen.checks.extend(fresh);
                if !seen.more_statuses {
                    break;
                }
            }
        }
        Ok(seen)
    }

    /// The apps that have not ended what they began. A suite without a run is one that an app never used.
    async fn unfinished(
        &self,
        repository: &GithubRepository,
        commit: &CommitSha,
    ) -> Result<Vec<String>, GitHubError> {
        let path = format!("/commits/{commit}/check-suites?");
        let mut apps = Vec::new();
        let mut read = 0;
        for page in 1..=PAGES {
            let answer: CheckSuites = self.page(repository, &path, page).await?;
            read += answer.check_suites.len();
            let open = answer.check_suites.into_iter().filter(|suite| {
                let unused = suite.latest_check_runs_count == 0;
                suite.status.as_deref() != Some("completed") && !unused
            });
            apps.extend(open.filter_map(|suite| suite.app?.slug));
            if read >= answer.total_count {
                break;
            }
        }
        Ok(apps)
    }

    /// The newest status of each context and creator, as far as they are on the first page.
    pub(super) async fn newest_statuses(
        &self,
        repository: &GithubRepository,
        commit: &CommitSha,
    ) -> Result<Vec<CiRun>, GitHubError> {
        let path = format!("/commits/{commit}/statuses?");
        let statuses: Vec<CommitStatus> = self.page(repository, &path, 1).await?;
        let mut newest = BTreeSet::new();
        let runs = statuses.into_iter().filter_map(|status| {
            let at = time(status.created_at.as_deref());
            let seen = status.seen()?;
            let of = (seen.source.name().to_ascii_lowercase(), seen.name.clone());
            let ends = seen.state != CheckState::Running;
            newest.insert(of).then(|| CiRun {
                name: plain(&seen.name),
                state: seen.state,
                // Each change is a status of its own, which says when it was made.
                began: at.filter(|_| !ends),
                ended: at.filter(|_| ends),
            })
        });
        Ok(runs.collect())
    }

    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        repository: &GithubRepository,
        path: &str,
        page: usize,
    ) -> Result<T, GitHubError> {
        let path = format!("{path}&per_page={ON_A_PAGE}&page={page}");
        self.get(repository, &path, Lasts::ForNow).await
    }
}

impl CheckRuns {
    /// Those of this commit that somebody reported, with their times.
    pub(super) fn of(self, commit: &CommitSha) -> Vec<CiRun> {
        let own = self.check_runs.into_iter();
        let own = own.filter(|run| run.head_sha == commit.as_str());
        let run = |run: CheckRun| {
            let began = time(run.started_at.as_deref());
            let ended = time(run.completed_at.as_deref());
            let seen = run.seen()?;
            Some(CiRun {
                name: plain(&seen.name),
                state: seen.state,
                began,
                ended,
            })
        };
        own.filter_map(run).collect()
    }
}

/// A time, where it is one.
fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

impl CheckRun {
    /// None of one whose reporter is not known.
    fn seen(self) -> Option<SeenCheck> {
        let slug = self.app?.slug?;
        let state = match (self.status.as_str(), self.conclusion) {
            ("completed", Some(conclusion)) => match conclusion.as_str() {
                "success" => CheckState::Passed,
                "skipped" => CheckState::Undecided(Leniency::Skipped),
                "neutral" => CheckState::Undecided(Leniency::Neutral),
                "failure" | "cancelled" | "timed_out" | "action_required" | "startup_failure"
                | "stale" => CheckState::Failed(conclusion),
                _ => CheckState::Other(conclusion),
            },
            ("queued" | "in_progress" | "waiting" | "requested" | "pending", None) => {
                CheckState::Running
            }
            (_, _) => CheckState::Other(self.status),
        };
        Some(SeenCheck {
            name: self.name,
            source: CheckSource::App(slug),
            state,
        })
    }
}

impl CommitStatus {
    /// None of one whose creator is gone.
    fn seen(self) -> Option<SeenCheck> {
        let login = self.creator?.login;
        let state = match self.state.as_str() {
            "success" => CheckState::Passed,
            "pending" => CheckState::Running,
            "failure" | "error" => CheckState::Failed(self.state),
            _ => CheckState::Other(self.state),
        };
        Some(SeenCheck {
            name: self.context,
            source: CheckSource::Creator(login),
            state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(status: &str, conclusion: Option<&str>) -> CheckState {
        let run = serde_json::json!({
            "name": "test", "head_sha": "0123456789abcdef0123456789abcdef01234567",
            "status": status, "conclusion": conclusion, "app": {"slug": "github-actions"},

        });
        let run: CheckRun = serde_json::from_value(run).unwrap();
        run.seen().unwrap().state
    }

    #[test]
    fn every_word_of_githubs_is_one_of_ours_and_only_success_passed() {
        let passed = |status, conclusion| run(status, conclusion) == CheckState::Passed;
        assert!(passed("completed", Some("success")));
        for conclusion in [
            "failure",
            "neutral",
            "cancelled",
            "skipped",
            "timed_out",
            "action_required",
            "startup_failure",
            "stale",
            "SUCCESS",
            "",
        ] {
            assert!(!passed("completed", Some(conclusion)), "{conclusion}");
        }
        for status in ["queued", "in_progress", "waiting", "requested", "pending"] {
            assert_eq!(run(status, None), CheckState::Running);
            // It contradicts itself.
            assert!(!passed(status, Some("success")));
        }
        assert!(!passed("completed", None));
    }

    #[test]
    fn what_nobody_reported_is_not_seen() {
        let anonymous = serde_json::json!({
            "name": "test", "head_sha": "", "status": "completed", "conclusion": "success",
            "app": null,
        });
        let run: CheckRun = serde_json::from_value(anonymous).unwrap();
        assert_eq!(run.seen(), None);
        let ghost = serde_json::json!({
            "state": "success", "context": "test", "creator": null,
        });
        let status: CommitStatus = serde_json::from_value(ghost).unwrap();
        assert_eq!(status.seen(), None);
    }
}
