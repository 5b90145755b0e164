//! What lies in a repository: its commits, and what is between them.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};

use super::refs::verification;
use super::serve::{Answer, not_found, page, refusal};
use super::{Commit, Repo, hex40};
use crate::route;

/// Commits in one comparison when the caller does not page: the newest.
/// <https://docs.github.com/en/rest/commits/commits#compare-two-commits>
const COMPARED: usize = 250;
/// Commits on a page where the caller pages and names no number.
const PAGE: usize = 30;
/// Files in one comparison. They stand on its first page alone.
const FILES: usize = 300;

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
        let asked = route::form(request.uri().query().unwrap_or_default().as_bytes());
        let paged = asked.get("page").is_some() || asked.get("per_page").is_some();
        let later = asked.get("page").is_some_and(|page| page != "1");
        let shown: Vec<Value> = match paged {
            true => page(request, &commits, PAGE)
                .map(|commit| self.json(commit))
                .collect(),
            false => commits[commits.len().saturating_sub(COMPARED)..]
                .iter()
                .map(|commit| self.json(commit))
                .collect(),
        };
        let files = match later {
            true => Vec::new(),
            false => self.files(&commits),
        };
        let body = json!({
            "status": status, "ahead_by": ahead, "behind_by": behind, "total_commits": ahead,
            "base_commit": self.commits.get(&base).map(|commit| self.json(commit)),
            "merge_base_commit": self.json(merge_base), "commits": shown, "files": files,
            "html_url": format!("https://github.com/{}/compare/{range}", self.name),
        });
        (200, body)
    }

    /// The files that these commits change, by name, as many as are listed.
    fn files(&self, commits: &[&Commit]) -> Vec<Value> {
        let all: BTreeMap<&String, Option<&String>> = commits
            .iter()
            .flat_map(|commit| &commit.files)
            .map(|(name, former)| (name, former.as_ref()))
            .collect();
        let listed = all.into_iter().take(FILES).map(|(name, former)| {
            let sha = hex40(&format!("blob {name}"));
            let mut file = json!({
                "sha": sha, "filename": name, "status": "modified",
                "additions": 1, "deletions": 1, "changes": 2,
                "blob_url": format!("https://github.com/{}/blob/{sha}/{name}", self.name),
                "raw_url": format!("https://github.com/{}/raw/{sha}/{name}", self.name),
                "contents_url": self.url(&format!("/contents/{name}")),
                "patch": "@@ -1 +1 @@",
            });
            if let Some(former) = former {
                file["status"] = json!("renamed");
                file["previous_filename"] = json!(former);
            }
            file
        });
        listed.collect()
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::GitHub;
    use super::*;

    #[test]
    fn a_comparison_is_paged_and_its_files_are_cut_and_stand_on_the_first_page_alone() {
        let mut github = GitHub::default();
        let repo = github.repo("acme/webapp");
        repo.branch("feature/a", "main");
        for number in 0..260 {
            let sha = repo.commit("feature/a", &format!("Number {number}"), "maria");
            let names = [format!("src/{number}.rs"), format!("docs/{number}.md")];
            repo.changes(&sha, names.iter().map(String::as_str));
        }
        let last = repo.head("feature/a").unwrap();
        repo.renames(&last, "migrations/1.sql", "attic/1.sql");
        let mut ask = |query: &str| {
            let url =
                format!("https://api.github.com/repos/acme/webapp/compare/main...feature/a{query}");
            let request = http::Request::get(url).header("user-agent", "longshore");
            let response =
                github.handle(Timestamp::UNIX_EPOCH, &request.body(Bytes::new()).unwrap());
            let body: Value = serde_json::from_slice(response.body()).unwrap();
            let commits = body["commits"].as_array().unwrap();
            let of = |commit: Option<&Value>| {
                commit.map(|one| one["commit"]["message"].as_str().unwrap().to_owned())
            };
            let ends = (of(commits.first()), of(commits.last()));
            let files = body["files"].as_array().unwrap();
            let former = files
                .iter()
                .filter(|file| file["previous_filename"] == "migrations/1.sql");
            assert_eq!(body["total_commits"], 260);
            (commits.len(), ends, files.len(), former.count())
        };
        let ends =
            |from: u32, to: u32| (Some(format!("Number {from}")), Some(format!("Number {to}")));
        assert_eq!(ask(""), (250, ends(10, 259), 300, 1));
        assert_eq!(ask("?per_page=250"), (100, ends(0, 99), 300, 1));
        assert_eq!(ask("?page=1"), (30, ends(0, 29), 300, 1));
        assert_eq!(ask("?per_page=100&page=3"), (60, ends(200, 259), 0, 0));
        assert_eq!(ask("?per_page=1&page=2"), (1, ends(1, 1), 0, 0));
        assert_eq!(ask("?per_page=100&page=4"), (0, (None, None), 0, 0));
    }
}
