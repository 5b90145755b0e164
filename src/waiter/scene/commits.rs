//! Which commits run and would run: those alone that an image proves to be of, as the history has
//! them, or as the image's tags say.

use crate::aws::AwsError;
use crate::aws::ecr::ImageName;
use crate::config::Source;
use crate::names::short_digest;
use crate::names::version::Part;
use crate::names::{CommitSha, ContainerName};
use crate::past::ran_as;
use crate::record::Past;
use crate::rollout::LiveService;
use crate::waiter::lookup;
use crate::waiter::scene::Scene;

/// The commit that would run of an image.
type Commit<'a> = &'a dyn Fn(Option<&ContainerName>) -> Option<CommitSha>;

impl Scene<'_> {
    /// The commit that runs now of an image, where the history knows it and all services run it;
    /// `parts` are what runs, where there are several images.
    pub(crate) fn live_commit(
        &self,
        image: Option<&ContainerName>,
        parts: &[Part],
    ) -> Option<CommitSha> {
        let mut services = self.live.iter();
        let first = self.commit_at(services.next()?, image, parts)?;
        let mut others = services.map(|service| self.commit_at(service, image, parts));
        let agree = others.all(|other| other.as_ref() == Some(&first));
        agree.then_some(first)
    }

    /// The same of one service.
    pub(crate) fn commit_at(
        &self,
        service: &LiveService,
        image: Option<&ContainerName>,
        parts: &[Part],
    ) -> Option<CommitSha> {
        if !parts.is_empty() {
            let part = parts.iter().find(|part| part.image.as_ref() == image)?;
            return part.commit.as_ref()?.parse().ok();
        }
        let runs = ran_as(&self.history, &service.name, &service.task_definition);
        let brought = |past: &&Past| past.revision_of(&service.name) == Some(runs);
        let past = self.history.iter().find(brought)?;
        past.commit.as_ref()?.parse().ok()
    }

    /// What tells what a service runs from what it would run, where people call both the same: by the
    /// first container whose image would be another.
    pub(crate) fn told_apart(
        &self,
        (service, parts, running): (&LiveService, &[Part], &[(String, String)]),
        labels: (&str, &str),
        (then, commit): (&[(String, String)], Commit<'_>),
    ) -> Option<(String, String)> {
        let runs = |container: &String| {
            let mut running = running.iter();
            running.find(|(name, _)| name == container)
        };
        then.iter().find_map(|(container, digest)| {
            let (_, now) = runs(container).filter(|(_, now)| now != digest)?;
            let image = self.image_in(container);
            let live = self.commit_at(service, image, parts);
            let commits = (live.as_ref(), commit(image));
            told_apart(labels, (commits.0, commits.1.as_ref()), (now, digest))
        })
    }

    /// The commit that the image with this digest proves to be of, and its tags.
    pub(crate) async fn proved(
        &self,
        source: &Source,
        digest: &str,
    ) -> Result<(Option<CommitSha>, Vec<String>), AwsError> {
        let Ok(digest) = digest.parse() else {
            return Ok((None, Vec::new()));
        };
        let image = &source.image;
        let images = self.reach.images(image.registry.region.as_str());
        let name = ImageName::Digest(&digest);
        let found = images
            .describe(image.registry.id.as_str(), &image.name, name)
            .await?;
        let tags = found.map(|found| found.tags).unwrap_or_default();
        let github = self.github().await;
        let commit = lookup::commit_of(source, &tags, None, None, &github).await;
        Ok((commit, tags))
    }

    /// The commit that one of the application's own images proves to be of.
    pub(crate) async fn commit_of(&self, digest: &str) -> Result<Option<CommitSha>, AwsError> {
        let (commit, _) = self.proved(&self.target.source, digest).await?;
        Ok(commit)
    }
}

/// What tells what runs from what would, where people call both by the same `labels`: their commits,
/// where both are known and differ, else their digests.
fn told_apart(
    labels: (&str, &str),
    commits: (Option<&CommitSha>, Option<&CommitSha>),
    (from, to): (&str, &str),
) -> Option<(String, String)> {
    if labels.0 != labels.1 || from == to {
        return None;
    }
    Some(match commits {
        (Some(one), Some(other)) if one.short() != other.short() => {
            (one.short().to_owned(), other.short().to_owned())
        }
        _ => (short_digest(from).to_owned(), short_digest(to).to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_one_name_is_told_apart_by_commits_or_digests() {
        let [a, b] = ["a", "b"].map(|letter| letter.repeat(40).parse::<CommitSha>().unwrap());
        let [one, two] = ["1", "2"].map(|digit| format!("sha256:{}", digit.repeat(64)));
        let words = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        for (labels, commits, digests, expected) in [
            (("main", "v1"), (Some(&a), Some(&b)), (&one, &two), None),
            (("main", "main"), (Some(&a), Some(&b)), (&one, &one), None),
            (
                ("main", "main"),
                (Some(&a), Some(&b)),
                (&one, &two),
                words("aaaaaaa", "bbbbbbb"),
            ),
            (
                ("main", "main"),
                (Some(&a), Some(&a)),
                (&one, &two),
                words("111111111111", "222222222222"),
            ),
            (
                ("main", "main"),
                (None, Some(&b)),
                (&one, &two),
                words("111111111111", "222222222222"),
            ),
        ] {
            let digests: (&String, &String) = digests;
            let apart = told_apart(labels, commits, (digests.0, digests.1));
            assert_eq!(apart, expected, "{labels:?} {commits:?}");
        }
    }
}
