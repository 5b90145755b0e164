//! Looking a ref up: asks GitHub what it points to and ECR which image that is, and lets
//! [`crate::resolve`] decide. Nothing is decided here but whom to ask.

mod again;
mod newest;
mod request;
mod spelling;
mod tagged;
mod unbuilt;
mod unchanged;

pub(crate) use self::again::once_more;
use self::newest::usable_tags;
pub(crate) use self::newest::{instead, newest};
use self::spelling::{is_image_tag, may_be_an_expression, other_spelling};
pub(crate) use self::unbuilt::with_what_is_known;
use crate::aws::AwsError;
use crate::aws::ecr::{ImageName, Images};
use crate::config::{GithubRepository, Source};
use crate::github::{GitHub, GitHubError, looks_like_sha};
use crate::names::near::likest;
use crate::names::{CommitSha, Ref};
use crate::resolve::{Kind, Meaning, PushedImage, Resolved, Unresolvable, choose, decide, signs};

/// Tags offered to who named none.
const NEWEST: usize = 5;
/// Tags looked through for near ones.
const CONSIDERED: usize = 200;

/// An image's tags about which GitHub is asked whether they are commits, at most.
const SIGNS: usize = 4;

/// Why a ref was not found.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum LookupError {
    /// It cannot be deployed: the person's problem.
    #[error(transparent)]
    Unresolvable(#[from] Unresolvable),
    /// ECR could not be asked.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// GitHub could not be asked.
    #[error(transparent)]
    GitHub(#[from] GitHubError),
}

/// The image that `reference` means; the default branch's head where there is none.
///
/// `images` are those of the source's registry's region.
///
/// # Errors
///
/// [`LookupError::Unresolvable`] is for people; the others say who could not be asked.
pub(crate) async fn lookup(
    source: &Source,
    reference: Option<&Ref>,
    github: &GitHub,
    images: &Images,
) -> Result<Resolved, LookupError> {
    let desk = Lookup {
        source,
        github,
        images,
    };
    let found = match (reference, &source.repository) {
        (None, None) => return Err(desk.no_ref().await?.into()),
        (None, Some(repository)) => desk.default_branch(repository).await,
        (Some(reference), repository) => desk.named(reference, repository.as_ref()).await,
    };
    let mut found = match found {
        Err(LookupError::Unresolvable(why)) => {
            let why = desk.or_resting(why).await?;
            desk.unchanged(why).await?
        }
        found => found?,
    };
    let typed_whole = reference.is_some_and(|typed| typed.as_str().parse::<CommitSha>().is_ok());
    let asked = found.points_at.as_ref();
    // Who typed a whole SHA was not told by GitHub that it is one of the repository's.
    let confirmed = asked.filter(|_| !typed_whole || found.since.is_some());
    let tags = &found.image.tags;
    found.commit = match found.git_unasked {
        // It is silent, or its limit is used up: what it would be asked, the configuration may make certain.
        true => {
            let signs = signs(tags, &source.tag);
            let alone: Vec<CommitSha> = signs
                .iter()
                .filter_map(|sign| sign.alone().cloned())
                .collect();
            choose(&alone, asked)
        }
        false => commit_of(source, tags, asked, confirmed, github).await,
    };
    Ok(found)
}

/// The commit that an image with these tags proves to be of. `asked` is the one that was asked for,
/// `confirmed` the same where GitHub has said that the repository has it; about others GitHub is asked,
/// and where it is silent, nothing is claimed but what the configuration makes certain.
pub(crate) async fn commit_of(
    source: &Source,
    tags: &[String],
    asked: Option<&CommitSha>,
    confirmed: Option<&CommitSha>,
    github: &GitHub,
) -> Option<CommitSha> {
    let signs = signs(tags, &source.tag);
    let known = confirmed.filter(|commit| signs.iter().any(|sign| sign.names(commit)));
    if known.is_some() {
        return known.cloned();
    }
    let mut proved = Vec::new();
    for sign in signs.iter().take(SIGNS) {
        let found = match &source.repository {
            Some(repository) => github.commit(repository, sign.digits()).await,
            None => Ok(sign.alone().cloned()),
        };
        match found {
            Ok(found) => proved.extend(found),
            Err(error) => {
                tracing::warn!(%error, "GitHub does not say whether it has the commit of an image's tag");
                proved.extend(sign.alone().cloned());
            }
        }
    }
    choose(&proved, asked)
}

/// Where a ref is looked up: the configured source, GitHub and the registry.
struct Lookup<'a> {
    source: &'a Source,
    github: &'a GitHub,
    images: &'a Images,
}

impl Lookup<'_> {
    async fn no_ref(&self) -> Result<Unresolvable, LookupError> {
        Ok(Unresolvable::NoRef {
            image_repository: self.source.image.uri(),
            newest: self
                .newest_images()
                .await?
                .iter()
                .filter_map(|image| usable_tags(&image.tags).into_iter().next())
                .take(NEWEST)
                .collect(),
        })
    }

    async fn default_branch(&self, repository: &GithubRepository) -> Result<Resolved, LookupError> {
        let missing = || Unresolvable::NoRepository {
            repository: repository.to_string(),
        };
        let name = match self.github.default_branch(repository).await {
            Err(GitHubError::NotFound | GitHubError::Moved) => return Err(missing().into()),
            answer => answer?,
        };
        // An empty repository has a default branch, but no head.
        let head = self.github.branch(repository, &name).await?;
        let reference: Option<Ref> = name.parse().ok();
        let (Some(commit), Some(reference)) = (head, reference) else {
            return Err(missing().into());
        };
        let meaning = self.of_commit(Kind::Branch, &reference, commit).await?;
        let decided = decide(&name, &self.source.image.uri(), vec![meaning])?;
        decided.ok_or_else(|| missing().into())
    }

    async fn named(
        &self,
        reference: &Ref,
        repository: Option<&GithubRepository>,
    ) -> Result<Resolved, LookupError> {
        if let Some(found) = self.spelt(reference, repository).await? {
            return Ok(found);
        }
        if let Some(other) = other_spelling(reference)
            && let Some(found) = self.spelt(&other, repository).await?
        {
            return Ok(found);
        }
        Err(self.unknown(reference, repository).await?.into())
    }

    /// What has exactly that name, if anything has.
    async fn spelt(
        &self,
        reference: &Ref,
        repository: Option<&GithubRepository>,
    ) -> Result<Option<Resolved>, LookupError> {
        let image = self.image(reference.as_str()).await?;
        let mut meanings: Vec<Meaning> = image
            .map(|image| Meaning {
                kind: Kind::ImageTag,
                name: reference.to_string(),
                commit: None,
                tag: reference.to_string(),
                image: Some(image),
                missing: Vec::new(),
                request: None,
            })
            .into_iter()
            .collect();
        let mut git_unasked = false;
        if let Some(repository) = repository {
            match self.in_git(reference, repository, meanings.first()).await {
                // An image tag needs no GitHub: neither its outage nor a token that it no longer takes stops
                // anybody who knows what to deploy.
                Err(LookupError::GitHub(error)) if !meanings.is_empty() => {
                    tracing::warn!(%error, "an image tag is taken without asking git");
                    git_unasked = true;
                }
                found => meanings.extend(found?),
            }
        }
        let decided = decide(reference.as_str(), &self.source.image.uri(), meanings)?;
        Ok(decided.map(|resolved| Resolved {
            git_unasked,
            ..resolved
        }))
    }

    async fn in_git(
        &self,
        reference: &Ref,
        repository: &GithubRepository,
        image_tag: Option<&Meaning>,
    ) -> Result<Vec<Meaning>, LookupError> {
        if let Some(number) = reference.pull_request() {
            let found = self.of_request(reference, repository, number).await?;
            return Ok(found.into_iter().collect());
        }
        let name = reference.as_str();
        let whole = name.parse::<CommitSha>().ok();
        let mut meanings = Vec::new();
        if let Some(commit) = whole {
            // A whole SHA with an image needs no GitHub, so that its outage stops nobody who knows
            // what to deploy. Git refuses branches and tags of such names.
            let meaning = self.of_commit(Kind::Commit, reference, commit).await?;
            if meaning.image.is_some() || self.github.commit(repository, name).await?.is_some() {
                meanings.push(meaning);
            }
            return Ok(meanings);
        }
        // Where git probably has nothing of that name, one request says so.
        let expected = image_tag.is_none() || self.source.tag.has_ref();
        let named = match looks_like_sha(reference) || !expected {
            true => self.named_in_git(repository, reference).await?,
            false => self.both(repository, name).await?,
        };
        for (kind, commit) in named {
            meanings.push(self.of_commit(kind, reference, commit).await?);
        }
        Ok(meanings)
    }

    /// What git calls by that name, where that is rather the name of something else.
    async fn named_in_git(
        &self,
        repository: &GithubRepository,
        reference: &Ref,
    ) -> Result<Vec<(Kind, CommitSha)>, GitHubError> {
        let name = reference.as_str();
        let Some(any) = self.github.any(repository, name).await? else {
            return Ok(Vec::new());
        };
        if looks_like_sha(reference) {
            // Had a tag or a branch that name, its commit would have been the answer.
            return match any.begins_with(name) {
                true => Ok(vec![(Kind::Commit, any)]),
                false => self.both(repository, name).await,
            };
        }
        match self.github.branch(repository, name).await? {
            None if !may_be_an_expression(name) => Ok(vec![(Kind::GitTag, any)]),
            _ => self.both(repository, name).await,
        }
    }

    /// The git tag and the branch of that name, as far as they exist.
    async fn both(
        &self,
        repository: &GithubRepository,
        name: &str,
    ) -> Result<Vec<(Kind, CommitSha)>, GitHubError> {
        let (tag, branch) = tokio::join!(
            self.github.tag(repository, name),
            self.github.branch(repository, name),
        );
        let tag = tag?.map(|tag| (Kind::GitTag, tag));
        let branch = branch?.map(|branch| (Kind::Branch, branch));
        Ok(tag.into_iter().chain(branch).collect())
    }

    async fn image(&self, tag: &str) -> Result<Option<PushedImage>, LookupError> {
        if !is_image_tag(tag) {
            return Ok(None);
        }
        let image = &self.source.image;
        let answer = self
            .images
            .describe(image.registry.id.as_str(), &image.name, ImageName::Tag(tag))
            .await;
        answer.map_err(|error| self.no_repository(error))
    }

    /// That an image is in the archive, where that is why it was not found.
    async fn or_resting(&self, why: Unresolvable) -> Result<Unresolvable, LookupError> {
        let tags = match &why {
            Unresolvable::NoImage { tags, .. } => tags.clone(),
            Unresolvable::UnknownRef { reference, .. } => vec![reference.to_string()],
            _ => return Ok(why),
        };
        let image = &self.source.image;
        let (registry, name) = (image.registry.id.as_str(), &image.name);
        // Without the archive's answer the refusal stands as it is.
        let resting = self
            .images
            .resting(registry, name)
            .await
            .unwrap_or_default();
        let under = |tag: String| {
            let found = resting.iter().find(|image| image.tags.contains(&tag))?;
            Some(Unresolvable::NotActive {
                image_repository: image.uri(),
                tag,
                state: found.state.name().to_owned(),
            })
        };
        Ok(tags.into_iter().find_map(under).unwrap_or(why))
    }

    async fn newest_images(&self) -> Result<Vec<PushedImage>, LookupError> {
        let image = &self.source.image;
        let answer = self
            .images
            .newest(image.registry.id.as_str(), &image.name)
            .await;
        answer.map_err(|error| self.no_repository(error))
    }

    fn no_repository(&self, error: AwsError) -> LookupError {
        if error.code() == Some("RepositoryNotFoundException") {
            let image_repository = self.source.image.uri();
            return Unresolvable::NoImageRepository { image_repository }.into();
        }
        error.into()
    }

    async fn unknown(
        &self,
        reference: &Ref,
        repository: Option<&GithubRepository>,
    ) -> Result<Unresolvable, LookupError> {
        let mut searched = vec![self.source.image.uri()];
        // Suggestions are a courtesy: without them the refusal stands.
        let images = self.newest_images().await.unwrap_or_default();
        let mut names: Vec<String> = images
            .iter()
            .flat_map(|image| usable_tags(&image.tags))
            .collect();
        names.truncate(CONSIDERED);
        if let Some(repository) = repository {
            match self.github.default_branch(repository).await {
                Err(GitHubError::NotFound | GitHubError::Moved) => {
                    let repository = repository.to_string();
                    return Ok(Unresolvable::NoRepository { repository });
                }
                answer => answer?,
            };
            searched.insert(0, repository.to_string());
            names.extend(self.github.branch_names(repository).await);
        }
        Ok(Unresolvable::UnknownRef {
            reference: reference.clone(),
            searched,
            suggestions: likest(reference.as_str(), &names),
        })
    }
}

#[cfg(test)]
mod tests;
