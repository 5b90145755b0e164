//! What an image's digest is the digest of: a manifest of one platform, an index of several, or
//! something that is no image at all. Members as in ECR's model (botocore), formats as in
//! <https://github.com/opencontainers/image-spec>.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Ecr, Image, ImageStatus, NotPullable, digest, find_mut};

pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// A stored manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Manifest {
    /// An image of one platform, of which the manifest does not tell which.
    #[default]
    Image,
    /// Images of several: architecture as OCI calls it (`amd64`, `arm64`) and digest.
    Index(Vec<(String, String)>),
    /// No image: its `artifactMediaType`, the media type of its layer, and of which image's digest it
    /// is a referrer.
    Artifact {
        /// `application/vnd.cncf.helm.config.v1+json` and the like.
        media_type: String,
        /// `application/vnd.dev.cosign.simplesigning.v1+json` and the like.
        layer: String,
        /// The image it is about.
        subject: Option<String>,
    },
}

impl Manifest {
    pub(super) fn media_type(&self) -> &'static str {
        match self {
            Self::Index(_) => OCI_INDEX,
            Self::Image | Self::Artifact { .. } => OCI_MANIFEST,
        }
    }

    pub(super) fn artifact_media_type(&self) -> Option<&str> {
        match self {
            Self::Image => Some(OCI_CONFIG),
            Self::Index(_) => None,
            Self::Artifact { media_type, .. } => Some(media_type),
        }
    }

    pub(super) fn subject(&self) -> Option<&str> {
        match self {
            Self::Artifact { subject, .. } => subject.as_deref(),
            Self::Image | Self::Index(_) => None,
        }
    }

    /// The document of what was pushed under this digest. Its blobs are its own, so that no two images
    /// have one manifest.
    pub(super) fn document(&self, own: &str) -> Value {
        let blob = |media_type: &str| json!({ "mediaType": media_type, "digest": digest(&format!("{media_type} of {own}")), "size": 1024 });
        match self {
            Self::Image => json!({
                "schemaVersion": 2,
                "mediaType": OCI_MANIFEST,
                "config": blob(OCI_CONFIG),
                "layers": [blob("application/vnd.oci.image.layer.v1.tar+gzip")],
            }),
            Self::Artifact {
                media_type,
                layer,
                subject,
            } => {
                let mut document = json!({
                    "schemaVersion": 2,
                    "mediaType": OCI_MANIFEST,
                    "config": blob(media_type),
                    "layers": [blob(layer)],
                });
                if let Some(subject) = subject {
                    document["subject"] =
                        json!({ "mediaType": OCI_MANIFEST, "digest": subject, "size": 1024 });
                }
                document
            }
            // BuildKit puts an attestation beside every image.
            Self::Index(children) => {
                let image = |(architecture, digest): &(String, String)| {
                    json!({
                        "mediaType": OCI_MANIFEST,
                        "digest": digest,
                        "size": 1024,
                        "platform": { "architecture": architecture, "os": "linux" },
                    })
                };
                let attestation = |(_, of): &(String, String)| {
                    json!({
                        "mediaType": OCI_MANIFEST,
                        "digest": digest(&format!("attestation of {of}")),
                        "size": 1024,
                        "platform": { "architecture": "unknown", "os": "unknown" },
                        "annotations": {
                            "vnd.docker.reference.type": "attestation-manifest",
                            "vnd.docker.reference.digest": of,
                        },
                    })
                };
                let all = children.iter().map(image);
                let all: Vec<Value> = all.chain(children.iter().map(attestation)).collect();
                json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": all })
            }
        }
    }
}

impl Manifest {
    /// What a pushed manifest is, by its own words.
    pub(super) fn read(document: &Value) -> Self {
        let text = |value: &Value, member: &str| {
            let text = value.get(member).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        if let Some(children) = document.get("manifests").and_then(Value::as_array) {
            let children = children.iter().map(|child| {
                let platform = child.get("platform").cloned().unwrap_or_default();
                (text(&platform, "architecture"), text(child, "digest"))
            });
            let images = children.filter(|(architecture, _)| architecture != "unknown");
            return Self::Index(images.collect());
        }
        let config = document.get("config").cloned().unwrap_or_default();
        let media_type = text(&config, "mediaType");
        match media_type.as_str() {
            OCI_CONFIG | "application/vnd.docker.container.image.v1+json" => Self::Image,
            _ => Self::Artifact {
                media_type,
                layer: document["layers"][0]["mediaType"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                subject: document["subject"]["digest"].as_str().map(str::to_owned),
            },
        }
    }
}

impl Ecr {
    /// Makes what was pushed under this digest something else than an image of one platform. The
    /// images of an index are there too, without tags.
    pub fn set_manifest(
        &mut self,
        (account, region, repository): (&str, &str, &str),
        digest: &str,
        manifest: Manifest,
    ) {
        let name = super::name(account, region, repository);
        let Some(images) = self.repositories.get_mut(&name) else {
            return;
        };
        let mut pushed = Timestamp::UNIX_EPOCH;
        if let Some(image) = find_mut(images, digest) {
            pushed = image.pushed;
            image.manifest = manifest.clone();
        }
        let Manifest::Index(children) = manifest else {
            return;
        };
        for (_, child) in children {
            if find_mut(images, &child).is_none() {
                images.push(Image {
                    digest: child,
                    tags: Vec::new(),
                    pushed,
                    size: 24_159_191,
                    status: ImageStatus::Active,
                    manifest: Manifest::Image,
                    pushed_as: None,
                    scan: None,
                });
            }
        }
    }

    /// The digest of what a machine of this architecture pulls by an image reference, where it is of
    /// ECR: of an index, the image that is for it.
    pub(crate) fn pulled(
        &self,
        reference: &str,
        architecture: &str,
    ) -> Result<Option<String>, NotPullable> {
        let Some(digest) = self.resolve(reference)? else {
            return Ok(None);
        };
        let images = super::parse(reference).and_then(|(name, _)| self.repositories.get(&name));
        let image = images.and_then(|images| images.iter().find(|image| image.digest == digest));
        match image.map(|image| &image.manifest) {
            None | Some(Manifest::Image) => Ok(Some(digest)),
            Some(Manifest::Artifact { .. }) => Err(NotPullable),
            Some(Manifest::Index(children)) => {
                let mut children = children.iter();
                let found = children.find(|(for_it, _)| for_it == architecture);
                found
                    .map(|(_, child)| Some(child.clone()))
                    .ok_or(NotPullable)
            }
        }
    }
}

/// The architecture, as OCI calls it, of a task definition's tasks.
pub(crate) fn architecture(definition: &Value) -> &'static str {
    match definition["runtimePlatform"]["cpuArchitecture"].as_str() {
        Some("ARM64") => "arm64",
        _ => "amd64",
    }
}
