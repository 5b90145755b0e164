//! Amazon ECR, as the wire shows it: repositories, the images in them and their tags. ECS asks it
//! whether an image can be pulled.

mod lifecycle;
mod manifest;
mod push;
mod scan;
mod serve;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

pub use self::manifest::Manifest;
pub(crate) use self::manifest::architecture;
pub use self::scan::{Scan, Scanner};
pub(crate) use self::serve::handle;

/// An image's `imageStatus`; only ACTIVE ones can be pulled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImageStatus {
    /// Can be pulled.
    #[default]
    Active,
    /// In the archive.
    Archived,
    /// On the way back from the archive.
    Activating,
}

impl ImageStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
            Self::Activating => "ACTIVATING",
        }
    }
}

#[derive(Clone, Debug)]
struct Image {
    digest: String,
    tags: Vec<String>,
    pushed: Timestamp,
    size: u64,
    status: ImageStatus,
    manifest: Manifest,
    /// The manifest's own text, where one was pushed.
    pushed_as: Option<String>,
    scan: Option<Scan>,
}

impl Image {
    /// The manifest as its digest is of it.
    fn text(&self) -> String {
        let made_up = || self.manifest.document(&self.digest).to_string();
        self.pushed_as.clone().unwrap_or_else(made_up)
    }
}

/// Account, region and repository name.
type Name = (String, String, String);

/// What ECR remembers.
#[derive(Clone, Debug, Default)]
pub struct Ecr {
    repositories: BTreeMap<Name, Vec<Image>>,
    /// Repositories whose tags stay with their images.
    immutable: BTreeSet<Name>,
    /// Repositories whose images are scanned when they are pushed, and in which nothing is found.
    scanned: BTreeSet<Name>,
    /// Tags that are not as their repository's setting has it, as patterns.
    exclusions: BTreeMap<Name, Vec<String>>,
    policies: BTreeMap<Name, lifecycle::Policy>,
}

/// An image that cannot be pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotPullable;

/// The digest of an image made up from a text, for seeds: `sha256:` and 64 hexadecimal digits.
pub fn digest(of: &str) -> String {
    let bytes = Sha256::digest(of.as_bytes());
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn find_mut<'a>(images: &'a mut [Image], digest: &str) -> Option<&'a mut Image> {
    images.iter_mut().find(|image| image.digest == digest)
}

fn name(account: &str, region: &str, repository: &str) -> Name {
    (account.to_owned(), region.to_owned(), repository.to_owned())
}

impl Ecr {
    /// Makes an empty repository, if there is none of that name.
    pub fn create(&mut self, account: &str, region: &str, repository: &str) {
        self.repositories
            .entry(name(account, region, repository))
            .or_default();
    }

    /// Has every image of a repository scanned when it is pushed. Of one for which no scan is arranged, nothing is found.
    pub fn scan_on_push(&mut self, account: &str, region: &str, repository: &str) {
        self.scanned.insert(name(account, region, repository));
    }

    /// Says whether a repository's tags stay with their images, but for those that look like one of `exclusions`, for
    /// which the opposite holds.
    pub fn set_immutable(
        &mut self,
        (account, region, repository): (&str, &str, &str),
        immutable: bool,
        exclusions: &[&str],
    ) {
        let place = name(account, region, repository);
        match immutable {
            true => self.immutable.insert(place.clone()),
            false => self.immutable.remove(&place),
        };
        let exclusions = exclusions.iter().map(|one| (*one).to_owned()).collect();
        self.exclusions.insert(place, exclusions);
    }

    /// Pushes an image; tags that were another's move to it.
    pub fn push(
        &mut self,
        account: &str,
        region: &str,
        repository: &str,
        tags: &[&str],
        digest: &str,
        at: Timestamp,
    ) {
        let images = self
            .repositories
            .entry(name(account, region, repository))
            .or_default();
        for image in images.iter_mut() {
            image.tags.retain(|tag| !tags.contains(&tag.as_str()));
        }
        match images.iter_mut().find(|image| image.digest == digest) {
            Some(image) => image.tags.extend(tags.iter().map(|tag| (*tag).to_owned())),
            None => images.push(Image {
                digest: digest.to_owned(),
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                pushed: at,
                size: 48_318_382,
                status: ImageStatus::Active,
                manifest: Manifest::default(),
                pushed_as: None,
                scan: None,
            }),
        }
    }

    /// Moves a tag to the image with this digest.
    pub fn retag(
        &mut self,
        account: &str,
        region: &str,
        repository: &str,
        tag: &str,
        digest: &str,
    ) {
        let images = self
            .repositories
            .entry(name(account, region, repository))
            .or_default();
        for image in images {
            image.tags.retain(|known| known != tag);
            if image.digest == digest {
                image.tags.push(tag.to_owned());
            }
        }
    }

    /// Deletes an image and its tags, as a lifecycle rule would.
    pub fn delete_image(&mut self, account: &str, region: &str, repository: &str, digest: &str) {
        let images = self
            .repositories
            .entry(name(account, region, repository))
            .or_default();
        images.retain(|image| image.digest != digest);
    }

    /// Archives an image, or brings it back.
    pub fn set_status(
        &mut self,
        account: &str,
        region: &str,
        repository: &str,
        digest: &str,
        status: ImageStatus,
    ) {
        let images = self
            .repositories
            .entry(name(account, region, repository))
            .or_default();
        for image in images.iter_mut().filter(|image| image.digest == digest) {
            image.status = status;
        }
    }

    /// The digest an image reference stands for now, where it is of ECR: ECS reports none for others.
    /// Repositories that this world does not have, and other registries, always resolve.
    pub(crate) fn resolve(&self, reference: &str) -> Result<Option<String>, NotPullable> {
        let elsewhere = || match reference.split_once('@') {
            Some((_, given)) => Some(given.to_owned()),
            None => Some(digest(reference)),
        };
        let Some((name, wanted)) = parse(reference) else {
            return Ok(None);
        };
        let Some(images) = self.repositories.get(&name) else {
            return Ok(elsewhere());
        };
        let found = images
            .iter()
            .find(|image| image.digest == wanted || image.tags.contains(&wanted));
        let found = found.filter(|image| image.status == ImageStatus::Active);
        found
            .map(|image| Some(image.digest.clone()))
            .ok_or(NotPullable)
    }
}

/// Under which names a registry answers, after its account and before its region's:
/// <https://docs.aws.amazon.com/general/latest/gr/ecr.html>.
const NAMES: [(&str, [&str; 2]); 4] = [
    ("dkr.ecr.", ["amazonaws.com", "amazonaws.com.cn"]),
    ("dkr.ecr-fips.", ["amazonaws.com", "amazonaws.com.cn"]),
    ("dkr-ecr.", ["on.aws", "on.amazonwebservices.com.cn"]),
    ("dkr-ecr-fips.", ["on.aws", "on.amazonwebservices.com.cn"]),
];

/// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY`, or another name of that registry, and a `:tag`, an
/// `@digest`, both (then the digest counts), or nothing (`latest`).
fn parse(reference: &str) -> Option<(Name, String)> {
    let (host, path) = reference.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(":443").unwrap_or(&host);
    let (account, rest) = host.split_once('.')?;
    let (region, _) = NAMES.iter().find_map(|(label, domains)| {
        let (region, domain) = rest.strip_prefix(label)?.split_once('.')?;
        let china = usize::from(region.starts_with("cn-"));
        (domains[china] == domain).then_some((region, domain))
    })?;
    let (path, digest) = path
        .split_once('@')
        .map_or((path, None), |(path, digest)| (path, Some(digest)));
    let (repository, tag) = path.split_once(':').unwrap_or((path, "latest"));
    Some((
        name(account, region, repository),
        digest.unwrap_or(tag).to_owned(),
    ))
}

/// Whether an image is one of a private registry of ECR's.
pub(crate) fn is_private(image: &str) -> bool {
    parse(image).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Caller, State};

    const ACCOUNT: &str = "111111111111";
    const REGION: &str = "eu-west-1";

    fn ask(state: &mut State, request: &Value) -> Result<Value, String> {
        let caller = Caller {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            ..Caller::default()
        };
        let answer = handle(
            state,
            Timestamp::UNIX_EPOCH,
            "DescribeImages",
            request,
            &caller,
        );
        answer
            .map(|answer| answer.body["imageDetails"].clone())
            .map_err(|error| format!("{}: {}", error.code, error.message))
    }

    fn by_tag(tag: &str) -> Value {
        json!({ "repositoryName": "webapp", "imageIds": [{ "imageTag": tag }] })
    }

    fn world() -> State {
        let mut state = State::default();
        for tag in ["one", "two"] {
            state.ecr.push(
                ACCOUNT,
                REGION,
                "webapp",
                &[tag],
                &digest(tag),
                Timestamp::UNIX_EPOCH,
            );
        }
        state
    }

    #[test]
    fn an_image_is_found_by_tag_by_digest_and_after_its_tag_moved() {
        let mut state = world();
        let found = ask(&mut state, &by_tag("one")).unwrap();
        assert_eq!(found[0]["imageDigest"], json!(digest("one")));
        let id =
            json!({ "repositoryName": "webapp", "imageIds": [{ "imageDigest": digest("two") }] });
        assert_eq!(
            ask(&mut state, &id).unwrap()[0]["imageTags"],
            json!(["two"])
        );
        state
            .ecr
            .retag(ACCOUNT, REGION, "webapp", "one", &digest("two"));
        assert_eq!(
            ask(&mut state, &by_tag("one")).unwrap()[0]["imageDigest"],
            json!(digest("two"))
        );
        state.ecr.push(
            ACCOUNT,
            REGION,
            "webapp",
            &["one"],
            &digest("three"),
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(
            ask(&mut state, &by_tag("one")).unwrap()[0]["imageDigest"],
            json!(digest("three"))
        );
    }

    #[test]
    fn what_is_not_there_is_refused_as_ecr_refuses_it() {
        let mut state = world();
        state
            .ecr
            .delete_image(ACCOUNT, REGION, "webapp", &digest("one"));
        let refusal = ask(&mut state, &by_tag("one")).unwrap_err();
        assert!(refusal.starts_with("ImageNotFoundException: The image with imageId {imageDigest:'null', imageTag:'one'}"), "{refusal}");
        let refusal = ask(&mut state, &json!({ "repositoryName": "none" })).unwrap_err();
        assert!(
            refusal.starts_with("RepositoryNotFoundException"),
            "{refusal}"
        );
        let refusal = ask(
            &mut state,
            &json!({ "repositoryName": "webapp", "registryId": "222222222222" }),
        )
        .unwrap_err();
        assert!(
            refusal.starts_with("RepositoryNotFoundException"),
            "{refusal}"
        );
    }

    #[test]
    fn an_archived_image_says_so_and_is_not_listed() {
        let mut state = world();
        state.ecr.set_status(
            ACCOUNT,
            REGION,
            "webapp",
            &digest("one"),
            ImageStatus::Archived,
        );
        let mut by_tag = by_tag("one");
        assert_eq!(ask(&mut state, &by_tag).unwrap(), json!([]));
        by_tag["filter"] = json!({ "imageStatus": "ANY" });
        let refusal = ask(&mut state, &by_tag).unwrap_err();
        assert!(
            refusal.starts_with("InvalidParameterException"),
            "{refusal}"
        );
        let archived =
            json!({ "repositoryName": "webapp", "filter": { "imageStatus": "ARCHIVED" } });
        let archived = ask(&mut state, &archived).unwrap();
        assert_eq!(archived[0]["imageTags"], json!(["one"]));
        assert_eq!(archived.as_array().unwrap().len(), 1);
        let listed = ask(&mut state, &json!({ "repositoryName": "webapp" })).unwrap();
        assert_eq!(listed.as_array().unwrap().len(), 1);
        let any = json!({ "repositoryName": "webapp", "filter": { "imageStatus": "ANY" } });
        assert_eq!(ask(&mut state, &any).unwrap().as_array().unwrap().len(), 2);
    }

    #[test]
    fn references_resolve_only_to_images_that_can_be_pulled() {
        let mut state = world();
        let host = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com");
        assert_eq!(
            state.ecr.resolve(&format!("{host}/webapp:one")),
            Ok(Some(digest("one")))
        );
        assert_eq!(
            state
                .ecr
                .resolve(&format!("{host}/webapp@{}", digest("one"))),
            Ok(Some(digest("one")))
        );
        assert_eq!(
            state.ecr.resolve(&format!("{host}/webapp")),
            Err(NotPullable),
            "no tag latest"
        );
        for same in [
            "111111111111.dkr.ecr-fips.eu-west-1.amazonaws.com",
            "111111111111.dkr-ecr.eu-west-1.on.aws",
            "111111111111.dkr-ecr-fips.eu-west-1.on.aws",
            "111111111111.DKR.ECR.eu-west-1.amazonaws.com:443",
        ] {
            let tagged = format!("{same}/webapp:two@{}", digest("one"));
            assert_eq!(
                state.ecr.resolve(&tagged),
                Ok(Some(digest("one"))),
                "{same}"
            );
            let missing = state.ecr.resolve(&format!("{same}/webapp:three"));
            assert_eq!(missing, Err(NotPullable), "{same}");
        }
        assert!(state.ecr.resolve(&format!("{host}/elsewhere:1")).is_ok());
        assert_eq!(state.ecr.resolve("nginx:1.27"), Ok(None));
        state.ecr.set_status(
            ACCOUNT,
            REGION,
            "webapp",
            &digest("one"),
            ImageStatus::Activating,
        );
        assert_eq!(
            state.ecr.resolve(&format!("{host}/webapp:one")),
            Err(NotPullable)
        );
    }
}
