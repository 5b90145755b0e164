//! What is read of GitHub's answers, and nothing more of them.

use serde::Deserialize;

use crate::evidence::heard;
use crate::plan::CommitLine;

/// The longest commit summary kept, in characters.
const SUMMARY: usize = 120;

#[derive(Deserialize)]
pub(super) struct Repository {
    pub(super) default_branch: String,
}

#[derive(Deserialize)]
pub(super) struct Pointer {
    #[serde(default)]
    pub(super) r#ref: String,
    pub(super) object: Object,
}

#[derive(Deserialize)]
pub(super) struct Object {
    pub(super) r#type: String,
    pub(super) sha: String,
}

#[derive(Deserialize)]
pub(super) struct Comparison {
    pub(super) ahead_by: u32,
    pub(super) behind_by: u32,
    pub(super) total_commits: u32,
    #[serde(default)]
    pub(super) commits: Vec<ListedCommit>,
    /// On the first page alone.
    pub(super) files: Option<Vec<ListedFile>>,
}

#[derive(Deserialize)]
pub(super) struct ListedFile {
    pub(super) filename: String,
    pub(super) previous_filename: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ListedCommit {
    pub(super) sha: String,
    pub(super) commit: CommitBody,
    pub(super) author: Option<Login>,
    #[serde(default)]
    pub(super) parents: Vec<Parent>,
}

#[derive(Deserialize)]
pub(super) struct Parent {
    pub(super) sha: String,
}

#[derive(Deserialize)]
pub(super) struct CommitBody {
    pub(super) message: String,
    pub(super) author: Option<GitAuthor>,
}

#[derive(Deserialize)]
pub(super) struct GitAuthor {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct Login {
    pub(super) login: String,
}

#[derive(Deserialize)]
pub(super) struct Branch {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct BranchHead {
    name: String,
    commit: HeadCommit,
}

impl BranchHead {
    /// The head, if it is that branch's: of one that was renamed, GitHub may tell what is called otherwise by now.
    pub(super) fn of(self, branch: &str) -> Option<HeadCommit> {
        (self.name == branch).then_some(self.commit)
    }
}

#[derive(Deserialize)]
pub(super) struct HeadCommit {
    pub(super) sha: String,
    pub(super) commit: HeadBody,
}

#[derive(Deserialize)]
pub(super) struct HeadBody {
    /// GitHub Enterprise of old does not tell.
    pub(super) verification: Option<Verification>,
}

#[derive(Deserialize)]
pub(super) struct Verification {
    pub(super) verified: bool,
    pub(super) reason: String,
}

pub(super) fn line(commit: ListedCommit) -> CommitLine {
    let first = commit.commit.message.lines().next().unwrap_or_default();
    let login = commit.author.map(|author| author.login);
    let name = commit.commit.author.map(|author| author.name);
    CommitLine {
        short: commit.sha.chars().take(7).collect(),
        summary: plain(first),
        author: plain(&login.or(name).unwrap_or_default()),
    }
}

/// What somebody wrote at GitHub, as one short line.
pub(super) fn plain(text: &str) -> String {
    // Masked before it is cut: of half a secret nobody sees that it is one.
    let text = heard(text.trim());
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SUMMARY)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_another_branch_is_not_the_one_asked_for() {
        let head = |branch: &str| {
            let head = serde_json::json!({"name": "main", "commit": {"sha": "0", "commit": {}}});
            serde_json::from_value::<BranchHead>(head)
                .unwrap()
                .of(branch)
        };
        assert!(head("main").is_some());
        assert!(head("master").is_none() && head("Main").is_none());
    }

    #[test]
    fn a_commits_line_is_short_and_plain() {
        let commit: ListedCommit = serde_json::from_value(serde_json::json!({
            "sha": "0123456789abcdef0123456789abcdef01234567",
            "commit": {"message": "Fix\u{7} it\n\nlong story", "author": {"name": "Ada"}},
            "author": null,
        }))
        .unwrap();
        assert_eq!(
            line(commit),
            CommitLine {
                short: "0123456".to_owned(),
                summary: "Fix  it".to_owned(),
                author: "Ada".to_owned(),
            }
        );
    }
}
