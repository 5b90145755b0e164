//! GitHub, as far as refs, commits, comparisons and checks go. Tests arrange repositories with a
//! history of commits; answers and refusals are those of the REST API's documentation.
//!
//! <https://docs.github.com/en/rest>

mod app;
mod checks;
mod limits;
mod objects;
mod pulls;
mod refs;
mod serve;

use std::collections::{BTreeMap, BTreeSet};

use self::app::Given;
pub use self::app::{App, published_key};
pub(crate) use self::app::{published_der, published_numbers};
pub use self::limits::Mode;
use self::pulls::Pull;
use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::State;

/// What GitHub remembers.
#[derive(Clone, Debug, Default)]
pub struct GitHub {
    repos: BTreeMap<String, Repo>,
    /// How many repositories were ever made.
    made: u64,
    /// The numbers of repositories by a name of before.
    renamed: BTreeMap<String, u64>,
    tokens: BTreeSet<String>,
    mode: Mode,
    /// The API's host and what its paths begin with, where that is not `api.github.com`.
    place: Option<(String, String)>,
    apps: BTreeMap<String, App>,
    /// Tokens of installations.
    given: BTreeMap<String, Given>,
    /// Whether tokens may not see checks and statuses.
    checks_hidden: bool,
    /// Requests made in the current hour: without and with a token.
    used: [u32; 2],
}

/// One repository.
#[derive(Clone, Debug)]
pub struct Repo {
    name: String,
    number: u64,
    default_branch: String,
    private: bool,
    commits: BTreeMap<String, Commit>,
    branches: BTreeMap<String, String>,
    /// Today's names of branches by a name of before.
    renamed: BTreeMap<String, String>,
    tags: BTreeMap<String, Tag>,
    pulls: BTreeMap<u64, Pull>,
}

#[derive(Clone, Debug)]
struct Commit {
    sha: String,
    message: String,
    author: String,
    at: Timestamp,
    parents: Vec<String>,
    checks: Vec<Check>,
    statuses: Vec<Status>,
    /// Apps whose next jobs do not show yet.
    unfinished: BTreeSet<String>,
    signature: Signature,
    /// The files that it changes, each with its former name if it renames it.
    files: Vec<(String, Option<String>)>,
}

#[derive(Clone, Debug)]
struct Tag {
    commit: String,
    /// The tag object of an annotated tag: its SHA and message.
    object: Option<(String, String)>,
    signature: Signature,
}

/// What GitHub makes of a signature, in its own word: `valid`, `unsigned`, `unknown_key` and the like.
#[derive(Clone, Debug)]
struct Signature(String);

impl Default for Signature {
    fn default() -> Self {
        Self("unsigned".to_owned())
    }
}

/// A check run.
#[derive(Clone, Debug)]
struct Check {
    id: u64,
    name: String,
    /// The slug of the app that reported it.
    app: String,
    suite: u64,
    conclusion: Option<String>,
    /// When it began and ended, where that was arranged.
    times: Option<(Timestamp, Option<Timestamp>)>,
}

/// A commit status.
#[derive(Clone, Debug)]
struct Status {
    id: u64,
    creator: String,
    context: String,
    state: String,
    at: Timestamp,
}

impl GitHub {
    /// The repository `owner/name`, made with a first commit on `main` if need be.
    pub fn repo(&mut self, name: &str) -> &mut Repo {
        let made = &mut self.made;
        self.renamed.remove(&name.to_ascii_lowercase());
        self.repos
            .entry(name.to_ascii_lowercase())
            .or_insert_with(|| {
                // No number is given twice, also not that of one that was deleted.
                let number = 1_296_269 + *made;
                *made += 1;
                let mut repo = Repo {
                    name: name.to_owned(),
                    number,
                    default_branch: "main".to_owned(),
                    private: false,
                    commits: BTreeMap::new(),
                    branches: BTreeMap::new(),
                    renamed: BTreeMap::new(),
                    tags: BTreeMap::new(),
                    pulls: BTreeMap::new(),
                };
                repo.commit("main", "Initial commit", "ada");
                repo
            })
    }

    /// Accepts this token from now on.
    pub fn accept_token(&mut self, token: &str) {
        self.tokens.insert(token.to_owned());
    }

    /// Revokes a token: `Bad credentials` from now on.
    pub fn revoke_token(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    /// Takes the permissions to read checks and statuses from every token.
    pub fn hide_checks(&mut self) {
        self.checks_hidden = true;
    }

    /// It is a GitHub Enterprise of that host, and everybody's GitHub knows nothing of it.
    pub fn move_to(&mut self, host: &str) {
        self.place = Some(match host.ends_with(".ghe.com") {
            true => (format!("api.{host}"), String::new()),
            false => (host.to_owned(), "/api/v3".to_owned()),
        });
    }
}

impl Repo {
    /// Adds a commit to a branch, which begins at the default branch's head if it is new; gives the SHA.
    pub fn commit(&mut self, branch: &str, message: &str, author: &str) -> String {
        let seen = format!("{} {} {branch} {message}", self.name, self.commits.len());
        let sha = hex40(&seen);
        self.commit_as(&sha, branch, message, author)
    }

    /// The same with a given SHA of 40 hexadecimal digits, for worlds whose images are tagged beforehand.
    pub fn commit_as(&mut self, sha: &str, branch: &str, message: &str, author: &str) -> String {
        let parents = self
            .head(branch)
            .or_else(|| self.head(&self.default_branch.clone()))
            .into_iter()
            .collect();
        // A minute apart, so that their order shows.
        let second = 1_767_225_600 + 60 * i64::try_from(self.commits.len()).unwrap_or_default();
        let at = Timestamp::from_second(second).unwrap_or_default();
        let commit = Commit {
            message: message.to_owned(),
            parents,
            ..Commit::new(sha, author, at)
        };
        self.commits.insert(sha.to_owned(), commit);
        self.branches.insert(branch.to_owned(), sha.to_owned());
        self.follow(branch);
        sha.to_owned()
    }

    /// Sets a branch to a ref (branch, tag or SHA; the default branch's head if there is no such ref); gives
    /// the SHA.
    pub fn branch(&mut self, name: &str, at: &str) -> String {
        let sha = self.arranged(at);
        self.branches.insert(name.to_owned(), sha.clone());
        sha
    }

    /// Sets a lightweight tag in the same way; gives the SHA.
    pub fn tag(&mut self, name: &str, at: &str) -> String {
        let commit = self.arranged(at);
        let tag = Tag {
            commit: commit.clone(),
            object: None,
            signature: Signature::default(),
        };
        self.tags.insert(name.to_owned(), tag);
        commit
    }

    /// Sets an annotated tag in the same way; gives the commit's SHA, which is not the tag object's.
    pub fn annotated_tag(&mut self, name: &str, at: &str, message: &str) -> String {
        let commit = self.arranged(at);
        let object = hex40(&format!("tag {} {name} {commit}", self.name));
        let tag = Tag {
            commit: commit.clone(),
            object: Some((object, message.to_owned())),
            signature: Signature::default(),
        };
        self.tags.insert(name.to_owned(), tag);
        commit
    }

    /// A commit changes these files as well.
    pub fn changes<'a>(&mut self, sha: &str, files: impl IntoIterator<Item = &'a str>) {
        if let Some(commit) = self.commits.get_mut(sha) {
            let files = files.into_iter().map(|file| (file.to_owned(), None));
            commit.files.extend(files);
        }
    }

    /// A commit gives a file another name.
    pub fn renames(&mut self, sha: &str, from: &str, to: &str) {
        if let Some(commit) = self.commits.get_mut(sha) {
            commit.files.push((to.to_owned(), Some(from.to_owned())));
        }
    }

    /// A commit is signed, of which GitHub says this: `valid`, `unknown_key` and the like.
    pub fn sign(&mut self, sha: &str, says: &str) {
        if let Some(commit) = self.commits.get_mut(sha) {
            commit.signature = Signature(says.to_owned());
        }
    }

    /// The same of an annotated tag.
    pub fn sign_tag(&mut self, name: &str, says: &str) {
        if let Some(tag) = self.tags.get_mut(name) {
            tag.signature = Signature(says.to_owned());
        }
    }

    /// Gives a branch another name. GitHub sends whoever asks for the head of the old one to it.
    pub fn rename_branch(&mut self, from: &str, to: &str) {
        if let Some(head) = self.branches.remove(from) {
            self.branches.insert(to.to_owned(), head);
            self.renamed.insert(from.to_owned(), to.to_owned());
            if self.default_branch == from {
                to.clone_into(&mut self.default_branch);
            }
        }
    }

    /// A commit is gone, as what no branch has had for long can be.
    pub fn forget(&mut self, sha: &str) {
        self.commits.remove(sha);
    }

    /// Deletes a branch; its commits stay.
    pub fn delete_branch(&mut self, name: &str) {
        self.branches.remove(name);
    }

    /// Hides the repository from callers without a token.
    pub fn set_private(&mut self, private: bool) {
        self.private = private;
    }

    /// Names the default branch.
    pub fn set_default_branch(&mut self, name: &str) {
        name.clone_into(&mut self.default_branch);
    }

    /// The SHA a branch points at.
    pub fn head(&self, branch: &str) -> Option<String> {
        self.branches.get(branch).cloned()
    }

    /// The first parent of a commit.
    pub fn parent(&self, sha: &str) -> Option<String> {
        self.commits.get(sha)?.parents.first().cloned()
    }

    /// Every branch and its SHA.
    pub fn heads(&self) -> BTreeMap<String, String> {
        self.branches.clone()
    }

    fn arranged(&self, at: &str) -> String {
        self.find(at)
            .or_else(|| self.head(&self.default_branch))
            .unwrap_or_default()
    }

    /// The SHA of the commit a ref names, in git's order: full SHA, `HEAD`, qualified name, tag, branch, short SHA.
    pub fn find(&self, name: &str) -> Option<String> {
        if self.commits.contains_key(name) {
            return Some(name.to_owned());
        }
        if name == "HEAD" {
            return self.head(&self.default_branch);
        }
        let short = name.strip_prefix("refs/").unwrap_or(name);
        let qualified = match (short.strip_prefix("heads/"), short.strip_prefix("tags/")) {
            (Some(branch), _) => self.head(branch),
            (None, Some(tag)) => self.tags.get(tag).map(|tag| tag.commit.clone()),
            (None, None) => None,
        };
        let tag = || self.tags.get(name).map(|tag| tag.commit.clone());
        qualified
            .or_else(tag)
            .or_else(|| self.head(name))
            .or_else(|| self.unabbreviated(name))
    }

    fn unabbreviated(&self, prefix: &str) -> Option<String> {
        if prefix.len() < 4 {
            return None;
        }
        let mut found = self.commits.keys().filter(|sha| sha.starts_with(prefix));
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        }
    }

    /// A commit and everything it descends from.
    fn history(&self, sha: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut next = vec![sha.to_owned()];
        while let Some(sha) = next.pop() {
            if let Some(commit) = self.commits.get(&sha)
                && seen.insert(sha)
            {
                next.extend(commit.parents.iter().cloned());
            }
        }
        seen
    }
}

impl Commit {
    /// The first of a history.
    fn new(sha: &str, author: &str, at: Timestamp) -> Self {
        Self {
            sha: sha.to_owned(),
            message: String::new(),
            author: author.to_owned(),
            at,
            parents: Vec::new(),
            checks: Vec::new(),
            statuses: Vec::new(),
            unfinished: BTreeSet::new(),
            signature: Signature::default(),
            files: Vec::new(),
        }
    }
}

fn hex40(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let hex = digest.iter().map(|byte| format!("{byte:02x}"));
    hex.take(20).collect()
}

/// Answers a request to `api.github.com`.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    request: &http::Request<Bytes>,
) -> http::Response<Bytes> {
    state.github.handle(now, request)
}
