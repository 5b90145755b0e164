//! Pull requests. <https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request>

use serde_json::{Value, json};

use super::{Commit, Repo, hex40};

/// A pull request.
#[derive(Clone, Debug)]
pub(super) struct Pull {
    title: String,
    author: String,
    branch: String,
    /// The repository that the branch is in, if that is another one.
    fork: Option<String>,
    base: String,
    /// Its newest commit.
    head: String,
    closed: bool,
    merged: bool,
    /// The commit that merged it, or that tries to.
    merge: Option<String>,
    /// Whether GitHub has not tried yet to merge what was pushed last.
    untried: bool,
}

impl Repo {
    /// Opens a pull request of a branch into the default branch.
    pub fn pull_request(&mut self, number: u64, branch: &str, title: &str) {
        let head = self.arranged(branch);
        let author = self.commits.get(&head).map(|commit| commit.author.clone());
        let pull = Pull {
            title: title.to_owned(),
            author: author.unwrap_or_default(),
            branch: branch.to_owned(),
            fork: None,
            base: self.default_branch.clone(),
            head,
            closed: false,
            merged: false,
            merge: None,
            untried: false,
        };
        self.pulls.insert(number, pull);
        self.follow(branch);
    }

    /// GitHub does not try to merge what is pushed from now on: the merge stays that of before.
    pub fn leave_untried(&mut self, number: u64) {
        if let Some(pull) = self.pulls.get_mut(&number) {
            pull.untried = true;
        }
    }

    /// The SHA of the commit that merged a pull request, or that tries to.
    pub fn merge_of(&self, number: u64) -> Option<String> {
        self.pulls.get(&number)?.merge.clone()
    }

    /// Open ones follow their branch, and GitHub tries to merge them.
    pub(super) fn follow(&mut self, branch: &str) {
        let open = self.pulls.iter();
        let open = open.filter(|(_, pull)| !pull.closed && pull.branch == branch);
        let numbers: Vec<u64> = open.map(|(number, _)| *number).collect();
        for number in numbers {
            let head = self.arranged(branch);
            let base = self.pulls.get(&number).map(|pull| pull.base.clone());
            let merge = self.merge_commit(number, &base.unwrap_or_default(), &head);
            if let Some(pull) = self.pulls.get_mut(&number) {
                pull.head = head;
                if !pull.untried {
                    pull.merge = Some(merge);
                }
            }
        }
    }

    /// A pull request comes from another repository.
    pub fn from_fork(&mut self, number: u64, repository: &str) {
        if let Some(pull) = self.pulls.get_mut(&number) {
            pull.fork = Some(repository.to_owned());
        }
    }

    /// Merges a pull request by a merge commit, which becomes the head of the branch that it goes into; gives its SHA.
    pub fn merge(&mut self, number: u64) -> String {
        let Some(pull) = self.pulls.get(&number) else {
            return String::new();
        };
        let (base, head) = (pull.base.clone(), pull.head.clone());
        let merge = self.merge_commit(number, &base, &head);
        if let Some(pull) = self.pulls.get_mut(&number) {
            (pull.closed, pull.merged) = (true, true);
            pull.merge = Some(merge.clone());
        }
        self.branches.insert(base, merge.clone());
        merge
    }

    /// Closes a pull request.
    pub fn close(&mut self, number: u64) {
        if let Some(pull) = self.pulls.get_mut(&number) {
            pull.closed = true;
        }
    }

    /// A commit of both, on no branch.
    fn merge_commit(&mut self, number: u64, base: &str, head: &str) -> String {
        let sha = hex40(&format!("{} merge {number} {head}", self.name));
        let parents = [self.arranged(base), head.to_owned()];
        let at = self.commits.get(head).map(|commit| commit.at);
        let commit = Commit {
            message: format!("Merge pull request #{number}"),
            parents: parents.into(),
            ..Commit::new(&sha, "web-flow", at.unwrap_or_default())
        };
        self.commits.insert(sha.clone(), commit);
        sha
    }

    /// Those that are open, as far as anybody reads them.
    pub(super) fn listed_pulls(&self) -> (u16, Value) {
        let open = self.pulls.iter().filter(|(_, pull)| !pull.closed);
        let open = open.map(|(number, _)| self.pull(&number.to_string()).1);
        (200, open.collect())
    }

    pub(super) fn pull(&self, number: &str) -> (u16, Value) {
        let found = number
            .parse()
            .ok()
            .and_then(|number| self.pulls.get_key_value(&number));
        let Some((number, pull)) = found else {
            return super::serve::not_found();
        };
        let own = json!({"id": 1, "full_name": self.name});
        let from = match &pull.fork {
            Some(fork) => json!({"id": 2, "full_name": fork}),
            None => own.clone(),
        };
        let state = if pull.closed { "closed" } else { "open" };
        let body = json!({
            "number": number, "title": pull.title, "state": state, "draft": false,
            "mergeable": (!pull.closed && !pull.untried).then_some(true),
            "user": {"login": pull.author}, "merged": pull.merged, "merge_commit_sha": pull.merge,
            "head": {"ref": pull.branch, "sha": pull.head, "repo": from},
            "base": {"ref": pull.base, "sha": self.head(&pull.base), "repo": own},
            "html_url": format!("https://github.com/{}/pull/{number}", self.name),
            "url": self.url(&format!("/pulls/{number}")),
        });
        (200, body)
    }
}
