//! What lies under a digest: an image, an index of images for several platforms, or no image at all.
//! Signatures, attestations, SBOMs, charts and build caches live in the same repositories, and some
//! of them look like images but for their names.

use serde_json::Value;

use crate::names::ImageDigest;

/// What a digest is the digest of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// An image of one platform. Which, its manifest does not tell.
    Image,
    /// An index of images for several platforms.
    Index,
    /// No image, but this, for a sentence.
    Other(String),
}

/// The configurations of what can run:
/// <https://github.com/opencontainers/image-spec/blob/main/config.md> and Docker's of before.
const CONFIGS: [&str; 2] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
];
const INDEXES: [&str; 2] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
const ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";

impl Content {
    /// By what ECR tells of an image: `imageManifestMediaType`, `artifactMediaType` and
    /// `subjectManifestDigest`. What it does not tell is taken for an image.
    pub fn of(manifest: Option<&str>, artifact: Option<&str>, subject: Option<&str>) -> Self {
        let kind = artifact.filter(|artifact| !CONFIGS.contains(artifact));
        match (manifest, kind, subject) {
            (_, _, Some(_)) => Self::Other("something that refers to another image".to_owned()),
            (_, Some(kind), None) => Self::Other(format!("an artifact of the type `{kind}`")),
            (Some(ARTIFACT), None, None) => Self::Other("an artifact".to_owned()),
            (Some(manifest), None, None) if INDEXES.contains(&manifest) => Self::Index,
            (_, None, None) => Self::Image,
        }
    }

    /// The same, once the tag is known under which it is asked for.
    pub fn under(&self, tag: &str) -> Self {
        match self {
            Self::Image | Self::Index if is_of_another(tag) => Self::Other(
                "a signature, an attestation or the like, which is kept under the digest of its image"
                    .to_owned(),
            ),
            content => content.clone(),
        }
    }
}

/// Whether a tag is that of something that belongs to another image: `sha256-` and that image's digest,
/// by OCI's scheme for [referrers](https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema),
/// with `.sig`, `.att` or `.sbom` by cosign's.
pub fn is_of_another(tag: &str) -> bool {
    let Some((digits, rest)) = tag
        .strip_prefix("sha256-")
        .and_then(|tag| tag.split_at_checked(64))
    else {
        return false;
    };
    digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        && (rest.is_empty() || rest.starts_with(['.', '-']))
}

/// One image of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// `linux`, `windows`.
    pub os: String,
    /// `amd64`, `arm64`.
    pub architecture: String,
    /// Its digest, which tasks may report in place of the index's.
    pub digest: ImageDigest,
}

/// The images that an index holds, without the attestations beside them; `None` where the text is no
/// index, or one of its images does not tell its platform.
pub fn platforms(manifest: &str) -> Option<Vec<Platform>> {
    let document: Value = serde_json::from_str(manifest).ok()?;
    let entries = document["manifests"].as_array()?;
    let is_image = |entry: &&Value| {
        let platform = &entry["platform"];
        let attests = entry["annotations"]["vnd.docker.reference.type"].is_string();
        let unknown = platform["os"] == "unknown" && platform["architecture"] == "unknown";
        let media_type = entry["mediaType"].as_str().unwrap_or_default();
        let layer = media_type.contains(".layer.") || media_type.contains("buildkit");
        !attests && !unknown && !layer && entry["artifactType"].is_null()
    };
    let platform = |entry: &Value| {
        let text = |member: &str| Some(entry["platform"][member].as_str()?.to_owned());
        Some(Platform {
            os: text("os")?,
            architecture: text("architecture")?,
            digest: entry["digest"].as_str()?.parse().ok()?,
        })
    };
    entries.iter().filter(is_image).map(platform).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

    #[test]
    fn only_images_and_indexes_of_them_can_run() {
        let docker = "application/vnd.docker.distribution.manifest.v2+json";
        for (manifest, artifact, subject, expected) in [
            (None, None, None, "image"),
            (Some(OCI), Some(CONFIGS[0]), None, "image"),
            (Some(docker), Some(CONFIGS[1]), None, "image"),
            (Some(docker), None, None, "image"),
            (
                Some("application/vnd.docker.distribution.manifest.v1+prettyjws"),
                None,
                None,
                "image",
            ),
            (Some(INDEXES[0]), None, None, "index"),
            (Some(INDEXES[1]), None, None, "index"),
            (
                Some(OCI),
                Some("application/vnd.cncf.helm.config.v1+json"),
                None,
                "other",
            ),
            (
                Some(OCI),
                Some("application/vnd.buildkit.cacheconfig.v0"),
                None,
                "other",
            ),
            (
                Some(OCI),
                Some("application/vnd.cncf.notary.signature"),
                None,
                "other",
            ),
            (Some(OCI), Some("application/spdx+json"), None, "other"),
            (
                Some(OCI),
                Some("application/vnd.oci.empty.v1+json"),
                None,
                "other",
            ),
            (
                Some(OCI),
                Some("application/vnd.wasm.config.v0+json"),
                None,
                "other",
            ),
            (
                Some(INDEXES[0]),
                Some("application/vnd.example.bundle"),
                None,
                "other",
            ),
            (Some(OCI), Some(CONFIGS[0]), Some("sha256:0"), "other"),
            (Some(ARTIFACT), None, None, "other"),
        ] {
            let word = match Content::of(manifest, artifact, subject) {
                Content::Image => "image",
                Content::Index => "index",
                Content::Other(_) => "other",
            };
            assert_eq!(word, expected, "{manifest:?} {artifact:?} {subject:?}");
        }
    }

    #[test]
    fn what_belongs_to_another_image_is_known_by_its_tag() {
        let digits = "0123456789abcdef".repeat(4);
        for end in ["", ".sig", ".att", ".sbom", "-1"] {
            assert!(is_of_another(&format!("sha256-{digits}{end}")), "{end}");
        }
        for tag in [
            "main",
            "sha256-0123.sig",
            "v1.sig",
            &format!("sha256-{digits}0"),
            &format!("sha256-{}x", &digits[1..]),
            &format!("x-sha256-{digits}"),
            "sha256-äääääääääääääääääääääääääääääääääääääääääääääääääää",
        ] {
            assert!(!is_of_another(tag), "{tag}");
        }
        let tag = format!("sha256-{digits}.sig");
        assert!(matches!(Content::Image.under(&tag), Content::Other(_)));
        assert_eq!(Content::Index.under("main"), Content::Index);
    }

    fn entry(os: &str, architecture: &str, of: char) -> Value {
        json!({
            "mediaType": OCI,
            "digest": format!("sha256:{}", of.to_string().repeat(64)),
            "platform": { "os": os, "architecture": architecture },
        })
    }

    #[test]
    fn an_index_tells_its_platforms_and_not_its_attestations() {
        let mut attestation = entry("unknown", "unknown", 'c');
        attestation["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest" });
        let found = |manifests: Value| {
            let index = json!({ "schemaVersion": 2, "manifests": manifests });
            let platforms = platforms(&index.to_string())?;
            let word = |one: Platform| format!("{}/{}", one.os, one.architecture);
            Some(platforms.into_iter().map(word).collect::<Vec<_>>())
        };
        let both = json!([
            entry("linux", "amd64", 'a'),
            attestation,
            entry("linux", "arm64", 'b')
        ]);
        let words = |all: &[&str]| Some(all.iter().map(|&one| one.to_owned()).collect::<Vec<_>>());
        assert_eq!(found(both), words(&["linux/amd64", "linux/arm64"]));
        assert_eq!(found(json!([attestation])), words(&[]));
        let cache = json!([{ "mediaType": "application/vnd.buildkit.cacheconfig.v0", "digest": "x" },
            { "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "y" }]);
        assert_eq!(found(cache), words(&[]));
        // One that does not tell makes the whole untold.
        assert_eq!(
            found(json!([entry("linux", "amd64", 'a'), { "mediaType": OCI, "digest": "x" }])),
            None
        );
        assert_eq!(platforms("{}"), None);
        assert_eq!(platforms("no json"), None);
    }
}
