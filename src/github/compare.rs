//! What lies between two commits. GitHub lists the commits page by page, the oldest first.
//! <https://docs.github.com/en/rest/commits/commits#compare-two-commits>

use super::memory::Lasts;
use super::wire::{Comparison, ListedCommit, ListedFile, line};
use super::{GitHub, GitHubError, found};
use crate::config::GithubRepository;
use crate::names::CommitSha;
use crate::plan::{Commits, DifferingFiles, FilesListed, LISTED};

/// Commits shown of a comparison in a plan.
const SHOWN: u32 = 10;
/// Commits on the first page of a comparison: mostly, it has all.
const AT_ONCE: u32 = 30;

impl GitHub {
    /// What `head` has that `base` has not, and how much the other way round; `None` where one of
    /// them is not known or they have nothing in common.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub async fn compare(
        &self,
        repository: &GithubRepository,
        base: &CommitSha,
        head: &CommitSha,
    ) -> Result<Option<Commits>, GitHubError> {
        self.compare_newest(repository, [base, head], SHOWN).await
    }

    /// The same with so many of the newest commits, 100 at most.
    pub(crate) async fn compare_newest(
        &self,
        repository: &GithubRepository,
        [base, head]: [&CommitSha; 2],
        shown: u32,
    ) -> Result<Option<Commits>, GitHubError> {
        let read = self.compare_with_files(repository, [base, head], shown);
        Ok(read.await?.map(|(commits, _)| commits))
    }

    /// The same with the files that differ: where the older one is no ancestor, those alone that `head` changed since
    /// both had the same. GitHub lists them on the first page alone, 300 at most.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub(crate) async fn compare_with_files(
        &self,
        repository: &GithubRepository,
        [base, head]: [&CommitSha; 2],
        shown: u32,
    ) -> Result<Option<(Commits, DifferingFiles)>, GitHubError> {
        if base == head {
            return Ok(Some((Commits::default(), DifferingFiles::default())));
        }
        let page = |size, number| page([base, head], size, number);
        let ask = |size, number| async move {
            let path = page(size, number);
            found(
                self.get::<Comparison>(repository, &path, Lasts::ForGood)
                    .await,
            )
        };
        // The first page alone carries the changed files, which may be megabytes; a second page of
        // single commits has the counts without them.
        let (first, files) = match ask(AT_ONCE, 1).await {
            Ok(None) => return Ok(None),
            Ok(Some(mut first)) => {
                let files = changed(first.files.take());
                (Some(first), files)
            }
            Err(GitHubError::Unavailable(_)) => {
                let unknown = DifferingFiles::unknown(FilesListed::NotTold);
                (ask(1, 2).await?, unknown)
            }
            Err(error) => return Err(error),
        };
        let Some(mut first) = first else {
            return Ok(None);
        };
        let whole = usize::try_from(first.total_commits) == Ok(first.commits.len());
        let commits = match whole {
            true => std::mem::take(&mut first.commits),
            false => {
                self.last_pages(repository, page, first.total_commits, shown)
                    .await?
            }
        };
        let newest = commits.into_iter().rev().take(shown as usize);
        let commits = Commits {
            ahead: first.ahead_by,
            behind: first.behind_by,
            newest: newest.map(line).collect(),
            lost: Vec::new(),
        };
        Ok(Some((commits, files)))
    }

    /// The newest commits, oldest first: they are on the last page, and maybe the one before.
    async fn last_pages(
        &self,
        repository: &GithubRepository,
        page: impl Fn(u32, u32) -> String,
        total: u32,
        shown: u32,
    ) -> Result<Vec<ListedCommit>, GitHubError> {
        let mut commits = Vec::new();
        let last = total.div_ceil(shown);
        for number in [last.saturating_sub(1), last] {
            let needed = number > 0 && (number == last || !total.is_multiple_of(shown));
            if needed {
                match self
                    .get::<Comparison>(repository, &page(shown, number), Lasts::ForGood)
                    .await
                {
                    Ok(part) => commits.extend(part.commits),
                    // Too much changed to be listed: the counts stand.
                    Err(GitHubError::Unavailable(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(commits)
    }
}

/// One page of a comparison.
fn page([base, head]: [&CommitSha; 2], size: u32, number: u32) -> String {
    format!("/compare/{base}...{head}?per_page={size}&page={number}")
}

/// The files of a first page. Where there are as many as it can hold, there may be more.
fn changed(files: Option<Vec<ListedFile>>) -> DifferingFiles {
    let Some(files) = files else {
        return DifferingFiles::unknown(FilesListed::NotTold);
    };
    let whole = match files.len() < LISTED {
        true => FilesListed::All,
        false => FilesListed::Cut,
    };
    let paths = files
        .into_iter()
        .flat_map(|file| std::iter::once(file.filename).chain(file.previous_filename));
    DifferingFiles {
        paths: paths.collect(),
        whole,
    }
}
