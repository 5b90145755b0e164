//! What lies between two commits. GitHub lists the commits page by page, the oldest first.
//! <https://docs.github.com/en/rest/commits/commits#compare-two-commits>

use super::memory::Lasts;
use super::wire::{Comparison, ListedCommit, ListedFile, line};
use super::{GitHub, GitHubError, found};
use crate::config::GithubRepository;
use crate::names::CommitSha;
use crate::plan::{Commits, DifferingFiles, FilesListed, LISTED};
use crate::resolve::ChangedFiles;

/// Commits on the first page of a comparison: mostly, it has all.
const AT_ONCE: u32 = 30;

impl GitHub {
    /// What `head` has that `base` has not, so many of the newest commits, 100 at most, and how much the other way
    /// round; with the files that differ: where the older one is no ancestor, those alone that `head` changed since both
    /// had the same. `None` where one of them is not known or they have nothing in common.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`] but `NotFound`.
    pub(crate) async fn compare(
        &self,
        repository: &GithubRepository,
        [base, head]: [&CommitSha; 2],
        shown: u32,
    ) -> Result<Option<(Commits, DifferingFiles)>, GitHubError> {
        if base == head {
            return Ok(Some((Commits::default(), DifferingFiles::default())));
        }
        let page = |size, number| page([base, head], size, number);
        // Without its first page, a comparison still tells the counts.
        let (first, without_files) = match self.first_page(repository, [base, head], AT_ONCE).await
        {
            Err(GitHubError::Unavailable(_) | GitHubError::Silent(_)) => {
                let path = page(1, 2);
                (self.get(repository, &path, Lasts::ForGood).await, true)
            }
            first => (first, false),
        };
        let Some(mut first) = found::<Comparison>(first)? else {
            return Ok(None);
        };
        // A later page has an empty list, which says nothing.
        let listed = first.files.take().filter(|_| !without_files);
        let files = changed(listed);
        let total = first.total_commits;
        let whole = usize::try_from(total) == Ok(first.commits.len());
        let commits = match (whole, without_files) {
            (true, _) => std::mem::take(&mut first.commits),
            (false, false) => self.last_pages(repository, page, total, shown, 1).await?,
            // The newest half is on the second page.
            (false, true) => {
                let size = shown.min(total.div_ceil(2)).max(1);
                self.last_pages(repository, page, total, size, 2).await?
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

    /// The files that differ between a commit and one that came after it.
    ///
    /// # Errors
    ///
    /// Any [`GitHubError`]; `NotFound` where one of them is not known.
    pub(crate) async fn changed_files(
        &self,
        repository: &GithubRepository,
        before: &CommitSha,
        after: &CommitSha,
    ) -> Result<ChangedFiles, GitHubError> {
        let first = self.first_page(repository, [before, after], 1).await;
        let (files, is_behind) = match first {
            // So much changed that GitHub cannot list it, or nobody can read the list: another try is answered alike.
            Err(GitHubError::Unavailable(why)) => {
                tracing::warn!(%why, "the files that changed are not listed");
                (changed(None), false)
            }
            first => first.map(|first| (changed(first.files), first.behind_by > 0))?,
        };
        Ok(ChangedFiles {
            more: files.whole != FilesListed::All || is_behind,
            files: files.paths,
        })
    }

    /// The first page, which alone carries the changed files, whatever its size. They may be megabytes, and slow to
    /// list: where it does not come in time, GitHub may well answer what else it is asked.
    async fn first_page(
        &self,
        repository: &GithubRepository,
        range: [&CommitSha; 2],
        size: u32,
    ) -> Result<Comparison, GitHubError> {
        let aside = self.clone().within(self.conversation.aside());
        let path = page(range, size, 1);
        let first = aside.get(repository, &path, Lasts::ForGood).await;
        match &first {
            Ok(_) | Err(GitHubError::Silent(_)) => first,
            Err(_) => self.conversation.heed(async { first }).await,
        }
    }

    /// The newest commits, oldest first: they are on the last page, and maybe the one before, if that is not before
    /// `least`.
    async fn last_pages(
        &self,
        repository: &GithubRepository,
        page: impl Fn(u32, u32) -> String,
        total: u32,
        size: u32,
        least: u32,
    ) -> Result<Vec<ListedCommit>, GitHubError> {
        let mut commits = Vec::new();
        let last = total.div_ceil(size);
        for number in [last.saturating_sub(1), last] {
            let needed = number >= least && (number == last || !total.is_multiple_of(size));
            if needed {
                match self
                    .get::<Comparison>(repository, &page(size, number), Lasts::ForGood)
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
