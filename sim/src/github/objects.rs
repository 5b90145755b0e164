//! What lies in a repository: its commits, and what is between them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::refs::verification;
use super::serve::{Answer, not_found, page, refusal};
use super::{Commit, Repo};
use crate::route;

/// Commits in one comparison when the caller does not page.
const COMPARED: usize = 250;

impl Repo {
    /// A commit, or the one that the caller names, and what came before it, newest first.
    pub(super) fn commits_of(&self, name: &str, request: &http::Request<Bytes>) -> Answer {
        let query = route::form(request.uri().query().unwrap_or_default().as_bytes());
        let asked = query.get("sha").and_then(Value::as_str);
        let Some(sha) = self.find(asked.unwrap_or(name)) else {
            return match asked {
                Some(_) => not_found(),
                None => refusal(409, "Git Repository is empty."),
            };
        };
        let history = self.history(&sha);
        let mut commits: Vec<&Commit> = history
            .iter()
            .filter_map(|sha| self.commits.get(sha))
            .collect();
        commits.sort_by_key(|commit| std::cmp::Reverse(commit.at));
        let shown: Vec<Value> = page(request, &commits, 30)
            .map(|commit| self.json(commit))
            .collect();
        (200, shown.into())
    }

    /// `base...head`: what head has that base has not, oldest first.
    pub(super) fn compare(&self, range: &str, request: &http::Request<Bytes>) -> Answer {
        let resolved = range
            .split_once("...")
            .and_then(|(base, head)| Some((self.find(base)?, self.find(head)?)));
        let Some((base, head)) = resolved else {
            return not_found();
        };
        let (of_base, of_head) = (self.history(&base), self.history(&head));
        let shared = of_base
            .intersection(&of_head)
            .filter_map(|sha| self.commits.get(sha));
        let Some(merge_base) = shared.max_by_key(|commit| commit.at) else {
            return refusal(404, "No common ancestor between the two commits.");
        };
        let mut commits: Vec<&Commit> = of_head
            .difference(&of_base)
            .filter_map(|sha| self.commits.get(sha))
            .collect();
        commits.sort_by_key(|commit| commit.at);
        let ahead = commits.len();
        let behind = of_base.difference(&of_head).count();
        let status = match (ahead, behind) {
            (0, 0) => "identical",
            (_, 0) => "ahead",
            (0, _) => "behind",
            _ => "diverged",
        };
        let shown: Vec<Value> = page(request, &commits, COMPARED)
            .map(|commit| self.json(commit))
            .collect();
        let body = json!({
            "status": status, "ahead_by": ahead, "behind_by": behind, "total_commits": ahead,
            "base_commit": self.commits.get(&base).map(|commit| self.json(commit)),
            "merge_base_commit": self.json(merge_base), "commits": shown, "files": [],
            "html_url": format!("https://github.com/{}/compare/{range}", self.name),
        });
        (200, body)
    }

    pub(super) fn json(&self, commit: &Commit) -> Value {
        let person = json!({
            "name": commit.author, "email": format!("{}@example.com", commit.author),
            "date": commit.at.to_string(),
        });
        let parents: Vec<Value> = commit
            .parents
            .iter()
            .map(|sha| json!({"sha": sha}))
            .collect();
        json!({
            "sha": commit.sha, "parents": parents,
            "author": {"login": commit.author}, "committer": {"login": commit.author},
            "commit": {
                "message": commit.message, "author": person, "committer": person,
                "verification": verification(&commit.signature),
            },
            "url": self.url(&format!("/commits/{}", commit.sha)),
            "html_url": format!("https://github.com/{}/commit/{}", self.name, commit.sha),
        })
    }
}
