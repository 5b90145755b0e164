//! The endpoints of checks: check runs by apps, and commit statuses.
//! <https://docs.github.com/en/rest/checks/runs>, <https://docs.github.com/en/rest/commits/statuses>

use std::collections::BTreeSet;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::serve::page;
use super::{Check, Commit, Repo, Status};
use crate::route;

impl Repo {
    /// Records a check run of GitHub Actions on a commit; without a conclusion it is still running. A second one of
    /// that name is a rerun.
    pub fn check(&mut self, sha: &str, name: &str, conclusion: Option<&str>) {
        self.check_of(sha, ("github-actions", 1), name, conclusion);
    }

    /// The same of another app, in one of its check suites.
    pub fn check_of(
        &mut self,
        sha: &str,
        (app, suite): (&str, u64),
        name: &str,
        conclusion: Option<&str>,
    ) {
        if let Some(commit) = self.commits.get_mut(sha) {
            commit.checks.push(Check {
                id: 4_000 + commit.checks.len() as u64,
                name: name.to_owned(),
                app: app.to_owned(),
                suite,
                conclusion: conclusion.map(str::to_owned),
                times: None,
            });
        }
    }

    /// The newest check run of that name began then, and ended then if it has.
    pub fn check_ran(&mut self, sha: &str, name: &str, began: Timestamp, ended: Option<Timestamp>) {
        let runs = self.commits.get_mut(sha).into_iter();
        let mut runs = runs.flat_map(|commit| commit.checks.iter_mut().rev());
        if let Some(run) = runs.find(|run| run.name == name) {
            run.times = Some((began, ended));
        }
    }

    /// An app has more to run on a commit, which shows only once it begins.
    pub fn goes_on(&mut self, sha: &str, app: &str) {
        if let Some(commit) = self.commits.get_mut(sha) {
            commit.unfinished.insert(app.to_owned());
        }
    }

    /// Records a commit status: `success`, `failure`, `error` or `pending`.
    pub fn status(&mut self, sha: &str, creator: &str, context: &str, state: &str) {
        if let Some(commit) = self.commits.get_mut(sha) {
            commit.statuses.push(Status {
                id: 7_000 + commit.statuses.len() as u64,
                creator: creator.to_owned(),
                context: context.to_owned(),
                state: state.to_owned(),
                at: commit.at,
            });
        }
    }

    /// The newest status of that context was made then.
    pub fn status_made(&mut self, sha: &str, context: &str, at: Timestamp) {
        let statuses = self.commits.get_mut(sha).into_iter();
        let mut statuses = statuses.flat_map(|commit| commit.statuses.iter_mut().rev());
        if let Some(status) = statuses.find(|status| status.context == context) {
            status.at = at;
        }
    }

    /// One for each app and event that began something, and for each app that never does.
    pub(super) fn check_suites(&self, commit: &Commit, request: &http::Request<Bytes>) -> Value {
        let suites: BTreeSet<(&str, u64)> = commit
            .checks
            .iter()
            .map(|check| (check.app.as_str(), check.suite))
            .collect();
        let suites = suites.into_iter().map(|(app, suite)| {
            let own = |check: &&Check| (check.app.as_str(), check.suite) == (app, suite);
            let runs = commit.checks.iter().filter(own);
            let unfinished = commit.unfinished.contains(app)
                || runs.clone().any(|check| check.conclusion.is_none());
            json!({
                "id": suite, "head_sha": commit.sha, "app": {"slug": app},
                "status": if unfinished { "in_progress" } else { "completed" },
                "latest_check_runs_count": runs.count(),
            })
        });
        let unused = json!({
            "id": 99, "head_sha": commit.sha, "app": {"slug": "never-used"}, "status": "queued",
            "conclusion": null, "latest_check_runs_count": 0,
        });
        let suites: Vec<Value> = suites.chain([unused]).collect();
        let shown: Vec<&Value> = page(request, &suites, 30).collect();
        json!({"total_count": suites.len(), "check_suites": shown})
    }

    pub(super) fn check_runs(&self, commit: &Commit, request: &http::Request<Bytes>) -> Value {
        let query = route::form(request.uri().query().unwrap_or_default().as_bytes());
        let name = query.get("check_name").and_then(Value::as_str);
        let all = query.get("filter").and_then(Value::as_str) == Some("all");
        let is_rerun = |check: &Check| {
            let mut others = commit.checks.iter();
            others.any(|other| {
                let same = |one: &Check| (one.app.clone(), one.suite, one.name.clone());
                same(other) == same(check) && other.id > check.id
            })
        };
        let runs: Vec<Value> = commit
            .checks
            .iter()
            .filter(|check| name.is_none_or(|name| name == check.name))
            .filter(|check| all || !is_rerun(check))
            .map(|check| {
                let status = if check.conclusion.is_some() {
                    "completed"
                } else {
                    "in_progress"
                };
                // Of what was not arranged: with the commit, and at once.
                let ends = check.conclusion.as_ref().map(|_| commit.at);
                let (began, ended) = check.times.unwrap_or((commit.at, ends));
                json!({
                    "started_at": began.to_string(), "completed_at": ended.map(|at| at.to_string()),
                    "id": check.id, "name": check.name, "head_sha": commit.sha, "status": status,
                    "conclusion": check.conclusion, "app": {"id": 15_368, "slug": check.app},
                    "check_suite": {"id": check.suite},
                    "html_url": format!("https://github.com/{}/runs/{}", self.name, check.id),
                })
            })
            .collect();
        let shown: Vec<&Value> = page(request, &runs, 30).collect();
        json!({"total_count": runs.len(), "check_runs": shown})
    }

    /// The newest first.
    pub(super) fn statuses(&self, commit: &Commit, request: &http::Request<Bytes>) -> Value {
        let statuses = commit.statuses.iter().rev();
        let statuses: Vec<Value> = statuses
            .map(|status| {
                json!({
                    "id": status.id, "state": status.state, "context": status.context,
                    "created_at": status.at.to_string(), "updated_at": status.at.to_string(),
                    "description": null, "creator": {"login": status.creator},
                    "target_url": format!("https://ci.example.com/{}", status.id),
                    "url": self.url(&format!("/statuses/{}", commit.sha)),
                })
            })
            .collect();
        page(request, &statuses, 30).cloned().collect()
    }
}
