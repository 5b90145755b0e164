//! Image references, as task definitions name images: `HOST[:PORT]/NAME[:TAG][@DIGEST]`. This is the
//! one place that takes one apart or puts one together.
//!
//! ECR serves the same repository under several host names, and they are not interchangeable: an
//! IPv6-only subnet can pull from the dual-stack ones alone, and some teams must use the FIPS ones. So
//! they are the same repository wherever references are compared, and whatever is pinned keeps the
//! name that it had.

use std::fmt::Display;

use crate::names::ImageDigest;
use crate::names::partition::Partition;

/// The port that a registry's name implies.
const HTTPS: &str = ":443";

/// The repository of an image reference: what stands before `:tag` or `@digest`, as it is written.
pub fn repository_of(image: &str) -> &str {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    // A colon before the last slash belongs to the registry's port.
    match named.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        Some(_) | None => named,
    }
}

/// The tag that a reference without one means.
pub const LATEST: &str = "latest";

/// The tag of an image reference; a reference that is pinned may have one too.
pub fn tag_of(image: &str) -> Option<&str> {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    named.get(repository_of(image).len()..)?.strip_prefix(':')
}

/// The digest that an image reference is pinned to.
pub fn digest_of(image: &str) -> Option<ImageDigest> {
    image
        .split_once('@')
        .and_then(|(_, digest)| digest.parse().ok())
}

/// What stands behind the `@`, or all of it: a digest, where that is what was given.
pub(crate) fn digest_part(image: &str) -> &str {
    image.rsplit_once('@').map_or(image, |(_, digest)| digest)
}

/// The image with that digest in the repository of `named`, which keeps its name.
pub fn pinned(named: &str, digest: impl Display) -> String {
    format!("{}@{digest}", repository_of(named))
}

/// The image with that digest in `repository`, under the name by which `named` reaches it: the same,
/// where it names that repository; else one of the same kind, where it names another repository that
/// ECR has in that region.
pub(crate) fn pinned_like(named: &str, repository: &str, digest: impl Display) -> String {
    if is_from(named, repository) {
        return pinned(named, digest);
    }
    let like = Registry::of(named)
        .zip(Registry::of(repository))
        .filter(|(other, own)| other.region == own.region)
        .map(|(other, own)| own.host_as(other.endpoint));
    match (like, repository.split_once('/')) {
        (Some(host), Some((_, name))) => format!("{host}/{name}@{digest}"),
        _ => format!("{repository}@{digest}"),
    }
}

/// Whether an image comes from `repository`, whatever its tag or digest, and whichever of its names
/// ECR is given.
pub(crate) fn is_from(image: &str, repository: &str) -> bool {
    let (one, other) = (repository_of(image), repository_of(repository));
    if one == other {
        return true;
    }
    let (Some((one, one_name)), Some((other, other_name))) =
        (one.split_once('/'), other.split_once('/'))
    else {
        return false;
    };
    // The names of hosts do not differ in case; those of repositories do.
    one_name == other_name
        && match (Registry::at(one), Registry::at(other)) {
            (Some(one), Some(other)) => one.account == other.account && one.region == other.region,
            (None, None) => host(one) == host(other),
            (Some(_), None) | (None, Some(_)) => false,
        }
}

/// Whether two references are pinned to the same image of the same repository.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one == other
        || (is_from(one, other) && digest_of(one).is_some() && digest_of(one) == digest_of(other))
}

fn host(written: &str) -> String {
    let lower = written.to_ascii_lowercase();
    lower.strip_suffix(HTTPS).unwrap_or(&lower).to_owned()
}

/// By which of its names a registry is reached:
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, over IPv4 alone.
    Usual,
    /// `ACCOUNT.dkr.ecr-fips.REGION.amazonaws.com`
    Fips,
    /// `ACCOUNT.dkr-ecr.REGION.on.aws`, over IPv4 and IPv6.
    DualStack,
    /// `ACCOUNT.dkr-ecr-fips.REGION.on.aws`
    DualStackFips,
}

impl Endpoint {
    const ALL: [Self; 4] = [
        Self::Usual,
        Self::Fips,
        Self::DualStack,
        Self::DualStackFips,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Usual => "dkr.ecr",
            Self::Fips => "dkr.ecr-fips",
            Self::DualStack => "dkr-ecr",
            Self::DualStackFips => "dkr-ecr-fips",
        }
    }

    fn domain(self, partition: Partition) -> &'static str {
        match self {
            Self::Usual | Self::Fips => partition.domain,
            Self::DualStack | Self::DualStackFips => partition.dual_stack,
        }
    }
}

/// A private registry of ECR's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Registry {
    account: String,
    region: String,
    endpoint: Endpoint,
}

impl Registry {
    fn of(image: &str) -> Option<Self> {
        Self::at(image.split_once('/')?.0)
    }

    fn at(written: &str) -> Option<Self> {
        let host = host(written);
        Endpoint::ALL.into_iter().find_map(|endpoint| {
            let (account, rest) = host.split_once(&format!(".{}.", endpoint.label()))?;
            let (region, domain) = rest.split_once('.')?;
            let is_account =
                account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            let fits = is_account && domain == endpoint.domain(Partition::of(region));
            fits.then(|| Self {
                account: account.to_owned(),
                region: region.to_owned(),
                endpoint,
            })
        })
    }

    fn host_as(&self, endpoint: Endpoint) -> String {
        let Self {
            account, region, ..
        } = self;
        let domain = endpoint.domain(Partition::of(region));
        format!("{account}.{}.{region}.{domain}", endpoint.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: &str = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/web";
    const SAME: [&str; 6] = [
        USUAL,
        "111111111111.dkr.ecr-fips.eu-west-1.amazonaws.com/team/web",
        "111111111111.dkr-ecr.eu-west-1.on.aws/team/web",
        "111111111111.dkr-ecr-fips.eu-west-1.on.aws/team/web",
        "111111111111.DKR-ECR.EU-West-1.On.AWS/team/web",
        "111111111111.dkr.ecr.eu-west-1.amazonaws.com:443/team/web",
    ];

    fn digest(of: char) -> String {
        format!("sha256:{}", of.to_string().repeat(64))
    }

    #[test]
    fn a_reference_is_taken_apart_at_the_right_signs() {
        let digest = digest('a');
        for (image, repository, tag, pinned) in [
            ("nginx".to_owned(), "nginx", None, false),
            ("nginx:1.27".to_owned(), "nginx", Some("1.27"), false),
            (
                "localhost:5000/web".to_owned(),
                "localhost:5000/web",
                None,
                false,
            ),
            (
                "localhost:5000/a/web:v1".to_owned(),
                "localhost:5000/a/web",
                Some("v1"),
                false,
            ),
            (
                format!("r.example/web@{digest}"),
                "r.example/web",
                None,
                true,
            ),
            (
                format!("r.example/web:v1@{digest}"),
                "r.example/web",
                Some("v1"),
                true,
            ),
            (
                format!("r.example:80/web@{digest}"),
                "r.example:80/web",
                None,
                true,
            ),
            ("web@sha256:short".to_owned(), "web", None, false),
        ] {
            assert_eq!(repository_of(&image), repository, "{image}");
            assert_eq!(tag_of(&image), tag, "{image}");
            assert_eq!(digest_of(&image).is_some(), pinned, "{image}");
        }
    }

    #[test]
    fn every_name_of_a_registry_is_the_same_repository() {
        for one in SAME {
            for other in SAME {
                for end in [
                    "",
                    ":v1",
                    &format!("@{}", digest('a')),
                    &format!(":v1@{}", digest('a')),
                ] {
                    assert!(is_from(&format!("{one}{end}"), other), "{one}{end} {other}");
                }
                let (one, other) = (pinned(one, digest('a')), pinned(other, digest('a')));
                assert!(is_same(&one, &other), "{one} {other}");
            }
        }
        for (usual, dual_stack) in [
            (
                "111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/web",
                "111111111111.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn/web",
            ),
            (
                "111111111111.dkr.ecr-fips.us-gov-west-1.amazonaws.com/web",
                "111111111111.dkr-ecr-fips.us-gov-west-1.on.aws/web",
            ),
            (
                "111111111111.dkr.ecr.eusc-de-east-1.amazonaws.eu/web",
                "111111111111.dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu/web",
            ),
            (
                "111111111111.dkr.ecr.us-iso-east-1.c2s.ic.gov/web",
                "111111111111.dkr-ecr.us-iso-east-1.on.aws.ic.gov/web",
            ),
        ] {
            assert!(is_from(dual_stack, usual), "{dual_stack}");
        }
    }

    #[test]
    fn what_only_looks_alike_is_another_repository() {
        for other in [
            "222222222222.dkr.ecr.eu-west-1.amazonaws.com/team/web",
            "111111111111.dkr.ecr.eu-west-2.amazonaws.com/team/web",
            "111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/web-proxy",
            "111111111111.dkr.ecr.eu-west-1.amazonaws.com/web",
            "111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/Web",
            "111111111111.dkr.ecr.eu-west-1.amazonaws.com:8443/team/web",
            "111111111111.dkr.ecr.eu-west-1.amazonaws.com.cn/team/web",
            "111111111111.dkr.ecr.eu-west-1.amazonaws.com.evil.example/team/web",
            "evil.example/111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/web",
            "111111111111.dkr-ecr.eu-west-1.amazonaws.com/team/web",
            "111111111111.dkr.ecr.eu-west-1.on.aws/team/web",
            "x111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/web",
            "team/web",
            "web",
        ] {
            assert!(!is_from(other, USUAL), "{other}");
            assert!(!is_from(USUAL, other), "{other}");
        }
        assert!(is_from("R.Example:5000/web:1", "r.example:5000/web"));
        assert!(!is_from("r.example:5000/web:1", "r.example:5001/web"));
        let one = pinned(USUAL, digest('a'));
        assert!(!is_same(&one, &pinned(USUAL, digest('b'))));
        assert!(!is_same(&format!("{USUAL}:v1"), &format!("{}:v1", SAME[2])));
    }

    #[test]
    fn what_is_pinned_keeps_the_name_that_it_had() {
        let digest = digest('a');
        for named in SAME {
            for end in ["", ":v1", &format!(":v1@{}", self::digest('b'))] {
                let pinned = pinned_like(&format!("{named}{end}"), USUAL, &digest);
                assert_eq!(pinned, format!("{named}@{digest}"));
            }
        }
        for (named, pinned) in [
            // Another repository, in the same region: reached over the same kind of name.
            (
                "111111111111.dkr-ecr.eu-west-1.on.aws/old:1",
                "111111111111.dkr-ecr.eu-west-1.on.aws/team/web",
            ),
            (
                "222222222222.dkr.ecr-fips.eu-west-1.amazonaws.com/old",
                "111111111111.dkr.ecr-fips.eu-west-1.amazonaws.com/team/web",
            ),
            // Nothing is known of other regions and other registries.
            ("111111111111.dkr-ecr.eu-west-2.on.aws/team/web", USUAL),
            ("nginx:1.27", USUAL),
            ("", USUAL),
        ] {
            let expected = format!("{pinned}@{digest}");
            assert_eq!(pinned_like(named, USUAL, &digest), expected, "{named}");
        }
    }
}
