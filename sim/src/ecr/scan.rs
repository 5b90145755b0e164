//! Scans of images, as they are arranged, basic ones and Inspector's. Nothing scans by itself here.
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::serve::{find, invalid, repository_of};
use super::{Ecr, Manifest, find_mut, name};
use crate::{Answer, AwsError, Caller};

/// Whose scans they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scanner {
    /// ECR's own: `findings`.
    #[default]
    Basic,
    /// Amazon Inspector's: `enhancedFindings`.
    Enhanced,
    /// Amazon Inspector's, of which the caller may see nothing: an empty list, as it was seen to be.
    /// <https://github.com/aws/aws-cli/issues/6759>
    Unseen,
}

/// The scan of one image.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    scanner: Scanner,
    status: String,
    /// Name, severity and package.
    findings: Vec<(String, String, String)>,
}

impl Scan {
    /// One that stands at this status, and has found nothing.
    pub fn new(scanner: Scanner, status: &str) -> Self {
        Self {
            scanner,
            status: status.to_owned(),
            findings: Vec::new(),
        }
    }

    /// The same with one more finding.
    #[must_use]
    pub fn finding(mut self, name: &str, severity: &str, package: &str) -> Self {
        let finding = [name, severity, package].map(str::to_owned);
        let [name, severity, package] = finding;
        self.findings.push((name, severity, package));
        self
    }

    fn shown(&self, start: usize, size: usize) -> Value {
        let mut found = Map::new();
        let page = self.findings.iter().skip(start).take(size);
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, severity, _) in &self.findings {
            *counts.entry(severity).or_default() += 1;
        }
        let at = 1_767_225_600;
        match self.scanner {
            Scanner::Basic => {
                let each = page.map(|(name, severity, package)| {
                    json!({
                        "name": name, "severity": severity, "description": "A weakness.",
                        "uri": format!("https://security.example/{name}"),
                        "attributes": [
                            {"key": "package_version", "value": "1.1.1k"},
                            {"key": "package_name", "value": package},
                        ],
                    })
                });
                found.insert("findings".to_owned(), each.collect());
            }
            Scanner::Enhanced => {
                let each = page.map(|(name, severity, package)| {
                    json!({
                        "title": format!("{name} - {package}"), "severity": severity, "status": "ACTIVE",
                        "type": "PACKAGE_VULNERABILITY", "score": 9.8,
                        "packageVulnerabilityDetails": {
                            "vulnerabilityId": name, "source": "NVD",
                            "vulnerablePackages": [{"name": package, "version": "1.1.1k"}],
                        },
                    })
                });
                found.insert("enhancedFindings".to_owned(), each.collect());
            }
            Scanner::Unseen => {
                found.insert("findings".to_owned(), json!([]));
                return Value::Object(found);
            }
        }
        found.insert("imageScanCompletedAt".to_owned(), json!(at));
        found.insert("vulnerabilitySourceUpdatedAt".to_owned(), json!(at));
        found.insert("findingSeverityCounts".to_owned(), json!(counts));
        Value::Object(found)
    }
}

impl Ecr {
    /// An image has been scanned, or is being.
    pub fn set_scan(
        &mut self,
        (account, region, repository): (&str, &str, &str),
        digest: &str,
        scan: Scan,
    ) {
        let images = self
            .repositories
            .get_mut(&name(account, region, repository));
        if let Some(image) = images.and_then(|images| find_mut(images, digest)) {
            image.scan = Some(scan);
        }
    }
}

/// An index has no scan of its own, unless one was arranged.
pub(super) fn describe(ecr: &Ecr, request: &Value, caller: &Caller) -> Result<Answer, AwsError> {
    let (images, place) = repository_of(ecr, request, caller)?;
    let (account, region, repository) = &place;
    let id = request.get("imageId").ok_or_else(|| {
        invalid("Invalid parameter at 'imageId' failed to satisfy constraint: 'Member must not be null'")
    })?;
    let image = find(images, id, account, repository)?;
    let size = match request.get("maxResults").and_then(Value::as_u64) {
        None => 100,
        Some(size @ 1..=1000) => usize::try_from(size).unwrap_or(100),
        Some(size) => {
            return Err(invalid(format!(
                "maxResults must be between 1 and 1000, not {size}"
            )));
        }
    };
    let start = match request.get("nextToken").and_then(Value::as_str) {
        None => 0,
        Some(token) => {
            let start = token
                .strip_prefix("page-")
                .and_then(|start| start.parse().ok());
            start.ok_or_else(|| invalid("Invalid nextToken"))?
        }
    };
    let on_push = ecr.scanned.contains(&place) && image.manifest == Manifest::Image;
    let clean = on_push.then(|| Scan::new(Scanner::Basic, "COMPLETE"));
    let Some(scan) = image.scan.clone().or(clean) else {
        let message = format!(
            "Image scan does not exist for the image with '{{imageDigest:'{}'}}' in the repository with name '{repository}' in the registry with id '{account}'",
            image.digest
        );
        return Err(AwsError::new("ScanNotFoundException", message));
    };
    let mut body = json!({
        "registryId": account, "repositoryName": repository,
        "imageId": {"imageDigest": image.digest},
        "imageScanStatus": {"status": scan.status, "description": "As arranged."},
    });
    if matches!(scan.status.as_str(), "COMPLETE" | "ACTIVE") {
        body["imageScanFindings"] = scan.shown(start, size);
        if start + size < scan.findings.len() {
            body["nextToken"] = json!(format!("page-{}", start + size));
        }
    }
    Ok(Answer {
        body,
        resources: vec![format!(
            "arn:aws:ecr:{region}:{account}:repository/{repository}"
        )],
        ..Answer::default()
    })
}
