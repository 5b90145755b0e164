//! What a repository says of its tags, and what scans found in its images.

use aws_sdk_ecr::types::{
    EnhancedImageScanFinding, ImageScanFinding, ImageTagMutabilityExclusionFilterType,
};

use super::{ImageName, Images};
use crate::aws::AwsError;
use crate::config::Severity;
use crate::evidence::heard;
use crate::names::ImageDigest;
use crate::resolve::{Finding, ImageScan, TagSetting};

/// Findings on a page; ECR gives no more.
const ON_A_PAGE: i32 = 1000;
/// Pages read of one scan.
const PAGES: usize = 5;
/// Characters kept of what a finding or its package is called.
const NAME: usize = 60;

impl Images {
    /// Whether a repository's tags can be moved; `None` where there is no such repository.
    ///
    /// # Errors
    ///
    /// Any [`AwsError`] but that there is none.
    pub(crate) async fn tag_setting(
        &self,
        registry: &str,
        repository: &str,
    ) -> Result<Option<TagSetting>, AwsError> {
        let answer = self
            .client
            .describe_repositories()
            .registry_id(registry)
            .repository_names(repository)
            .send()
            .await;
        let found = match answer {
            Ok(output) => output.repositories.unwrap_or_default().into_iter().next(),
            Err(error) => match AwsError::from_sdk("ecr", "DescribeRepositories", error) {
                error if error.code() == Some("RepositoryNotFoundException") => None,
                error => return Err(error),
            },
        };
        Ok(found.map(|found| {
            let filters = found
                .image_tag_mutability_exclusion_filters
                .unwrap_or_default();
            let filters = filters.into_iter().map(|filter| {
                let known = filter.filter_type == ImageTagMutabilityExclusionFilterType::Wildcard;
                known.then_some(filter.filter)
            });
            let word = found.image_tag_mutability;
            TagSetting {
                word: word
                    .map(|word| word.as_str().to_owned())
                    .unwrap_or_default(),
                exclusions: filters.collect(),
            }
        }))
    }

    /// What the scan of an image found. Of an index there is none: its images are scanned.
    ///
    /// # Errors
    ///
    /// Any [`AwsError`] but that there is no scan, or no such image.
    pub(crate) async fn scan(
        &self,
        registry: &str,
        repository: &str,
        digest: &ImageDigest,
    ) -> Result<ImageScan, AwsError> {
        let mut scan = ImageScan::default();
        let mut page = None;
        for _ in 0..PAGES {
            let answer = self
                .client
                .describe_image_scan_findings()
                .registry_id(registry)
                .repository_name(repository)
                .image_id(ImageName::Digest(digest).id())
                .max_results(ON_A_PAGE)
                .set_next_token(page)
                .send()
                .await;
            let output = match answer {
                Ok(output) => output,
                Err(error) => match AwsError::from_sdk("ecr", "DescribeImageScanFindings", error) {
                    error
                        if matches!(
                            error.code(),
                            Some("ScanNotFoundException" | "ImageNotFoundException")
                        ) =>
                    {
                        return Ok(ImageScan::default());
                    }
                    error => return Err(error),
                },
            };
            let status = output.image_scan_status.and_then(|status| status.status);
            scan.status = Some(
                status
                    .map(|word| word.as_str().to_owned())
                    .unwrap_or_default(),
            );
            if let Some(found) = output.image_scan_findings {
                // An empty list says nothing by itself: a scan that goes on has one too.
                scan.has_result |= found.image_scan_completed_at.is_some()
                    || found.finding_severity_counts.is_some();
                if let Some(counts) = found.finding_severity_counts {
                    let counts = counts.into_iter();
                    let counts = counts.map(|(word, count)| {
                        (
                            word.as_str().to_owned(),
                            u32::try_from(count).unwrap_or(u32::MAX),
                        )
                    });
                    scan.counts = Some(counts.collect());
                }
                let basic = found.findings.unwrap_or_default().into_iter();
                scan.findings.extend(basic.map(basic_finding));
                let enhanced = found.enhanced_findings.unwrap_or_default().into_iter();
                scan.findings.extend(enhanced.filter_map(enhanced_finding));
            }
            page = output.next_token;
            scan.more = page.is_some();
            if !scan.more {
                break;
            }
        }
        Ok(scan)
    }
}

fn basic_finding(finding: ImageScanFinding) -> Finding {
    let attributes = finding.attributes.unwrap_or_default();
    let mut attributes = attributes.into_iter();
    let package = attributes.find(|attribute| attribute.key == "package_name");
    Finding {
        name: name(&finding.name.unwrap_or_default()),
        severity: finding
            .severity
            .and_then(|word| Severity::of(word.as_str())),
        package: package
            .and_then(|package| package.value)
            .map(|text| name(&text)),
    }
}

/// None of one that somebody has put aside, or that is no more.
fn enhanced_finding(finding: EnhancedImageScanFinding) -> Option<Finding> {
    if matches!(finding.status.as_deref(), Some("SUPPRESSED" | "CLOSED")) {
        return None;
    }
    let details = finding.package_vulnerability_details;
    let (id, packages) = match details {
        Some(details) => (details.vulnerability_id, details.vulnerable_packages),
        None => (None, None),
    };
    let package = packages.unwrap_or_default().into_iter().next();
    Some(Finding {
        name: name(&id.or(finding.title).unwrap_or_default()),
        severity: finding.severity.as_deref().and_then(Severity::of),
        package: package
            .and_then(|package| package.name)
            .map(|text| name(&text)),
    })
}

/// Somebody else's word, as one short line.
fn name(text: &str) -> String {
    let text = heard(text.trim());
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(NAME).collect()
}
