//! A commit of which CI built nothing, because nothing of the application changed: what its image is of instead.

use serde::{Deserialize, Serialize};

use super::BuiltBefore;
use crate::config::FilePattern;
use crate::names::CommitSha;

/// That an image is of a commit before the one that was asked for, since which no file of the application changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnchangedSince {
    /// What was asked for.
    pub name: String,
    /// Its commit.
    pub asked: CommitSha,
    /// How many commits before that the image's is.
    pub steps: u32,
    /// The files of the application.
    pub paths: Vec<FilePattern>,
}

/// Why an earlier image will not do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangedSince {
    /// This file changed.
    File(String),
    /// GitHub does not list all files that changed, and none of those that it lists is the application's.
    Untold,
}

/// The files that differ between two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFiles {
    /// Their paths; of one that was renamed, both.
    pub files: Vec<String>,
    /// Whether there may be more.
    pub more: bool,
}

/// Whether the image of `before` will do for `asked`, where these files differ.
///
/// # Errors
///
/// Why not.
pub fn unchanged_since(
    name: &str,
    asked: &CommitSha,
    before: &BuiltBefore,
    paths: &[FilePattern],
    changed: &ChangedFiles,
) -> Result<UnchangedSince, ChangedSince> {
    let own = |file: &&String| paths.iter().any(|pattern| pattern.fits(file));
    match (changed.files.iter().find(own), changed.more) {
        (Some(file), _) => Err(ChangedSince::File(file.clone())),
        (None, true) => Err(ChangedSince::Untold),
        (None, false) => Ok(UnchangedSince {
            name: name.to_owned(),
            asked: asked.clone(),
            steps: before.steps,
            paths: paths.to_vec(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_all_files_are_listed_and_none_is_its_own_an_earlier_image_will_do() {
        let asked: CommitSha = "a".repeat(40).parse().unwrap();
        let before = BuiltBefore {
            commit: "b".repeat(40).parse().unwrap(),
            steps: 2,
            reference: "v1".parse().unwrap(),
        };
        let paths = ["services/cms/**", "Cargo.lock"].map(|path| path.parse().unwrap());
        let judged = |files: &[&str], more| {
            let files = files.iter().map(|&file| file.to_owned()).collect();
            let changed = ChangedFiles { files, more };
            unchanged_since("main", &asked, &before, &paths, &changed)
        };
        let file = |file: &str| Err(ChangedSince::File(file.to_owned()));
        assert_eq!(judged(&["README.md"], false).unwrap().steps, 2);
        assert!(judged(&[], false).is_ok());
        let own = "services/cms/a.rs";
        assert_eq!(judged(&["README.md", own], false), file(own));
        assert_eq!(judged(&[own], true), file(own));
        assert_eq!(judged(&["Cargo.lock"], false), file("Cargo.lock"));
        assert_eq!(judged(&["README.md"], true), Err(ChangedSince::Untold));
        assert_eq!(judged(&[], true), Err(ChangedSince::Untold));
    }
}
