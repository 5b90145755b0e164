//! What a scan of an image found, and whether that lets it out.
//!
//! Basic scans are ECR's own, enhanced ones Amazon Inspector's; both are asked for in the same words and answer in
//! different ones. A finding that has no severity is at none, whatever is asked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::config::Severity;

/// Findings that are named, at most.
const NAMED: usize = 5;

/// What a registry says of the scan of one image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageScan {
    /// How the scan stands, in ECR's word; none where there is none.
    pub status: Option<String>,
    /// How many findings there are of each severity, in ECR's words; none where it does not say.
    pub counts: Option<BTreeMap<String, u32>>,
    /// Those that were read.
    pub findings: Vec<Finding>,
    /// Whether it says anything of a result, if only that nothing was found.
    pub has_result: bool,
    /// Whether there are more findings than were read.
    pub more: bool,
}

/// A weakness that a scan found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// What it is called: `CVE-2026-1234`.
    pub name: String,
    /// How bad it is; none where the scan gave it no severity.
    pub severity: Option<Severity>,
    /// In which package it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
}

/// Why a scan does not let an image out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanTrouble {
    /// It found so many weaknesses of that severity and above, of which these are the worst.
    Found {
        /// How many.
        count: u32,
        /// The worst few.
        worst: Vec<Finding>,
    },
    /// There is none.
    Missing,
    /// It has not ended.
    Running,
    /// It stands at this word of ECR's, which says nothing of what is in the image.
    Stands(String),
    /// It has ended, and its result is not shown, or not all of it.
    NotShown,
    /// The image is of more platforms than are looked at.
    Platforms,
}

/// Whether nothing was found from `from` on.
///
/// # Errors
///
/// What was, or why nobody can tell.
pub(crate) fn judge_scan(scan: &ImageScan, from: Severity) -> Result<(), ScanTrouble> {
    match scan.status.as_deref() {
        None => return Err(ScanTrouble::Missing),
        // A basic scan is complete, and one that goes on as long as the image is there is active.
        Some("COMPLETE" | "ACTIVE") => {}
        Some("IN_PROGRESS" | "PENDING") => return Err(ScanTrouble::Running),
        Some(word) => return Err(ScanTrouble::Stands(word.to_owned())),
    }
    let is_one = |severity: Option<Severity>| severity.is_some_and(|one| one >= from);
    let listed = scan.findings.iter().filter(|one| is_one(one.severity));
    let worst: BTreeSet<&Finding> = listed.collect();
    let counts = scan.counts.iter().flatten();
    let counted: u32 = counts
        .filter(|(word, _)| is_one(Severity::of(word)))
        .map(|(_, count)| *count)
        .sum();
    let seen = u32::try_from(worst.len()).unwrap_or(u32::MAX);
    let count = counted.max(seen);
    if count > 0 {
        let mut worst: Vec<Finding> = worst.into_iter().cloned().collect();
        worst.sort_by_key(|one| std::cmp::Reverse(one.severity));
        worst.truncate(NAMED);
        return Err(ScanTrouble::Found { count, worst });
    }
    // Without a count, what was not read may be anything.
    match scan.has_result && (scan.counts.is_some() || !scan.more) {
        true => Ok(()),
        false => Err(ScanTrouble::NotShown),
    }
}

/// The same of the scans of an image's platforms, all of which go out: what was found in any of them counts before
/// what is not known of another one.
///
/// # Errors
///
/// As [`judge_scan`].
pub(crate) fn judge_scans(scans: &[ImageScan], from: Severity) -> Result<(), ScanTrouble> {
    let (mut most, mut all) = (0, BTreeSet::new());
    let mut other = None;
    for scan in scans {
        match judge_scan(scan, from) {
            Ok(()) => {}
            Err(ScanTrouble::Found { count, worst }) => {
                most = most.max(count);
                all.extend(worst);
            }
            Err(trouble) => other = other.or(Some(trouble)),
        }
    }
    if most > 0 {
        let mut worst: Vec<Finding> = all.into_iter().collect();
        worst.sort_by_key(|one| std::cmp::Reverse(one.severity));
        let count = most.max(u32::try_from(worst.len()).unwrap_or(u32::MAX));
        worst.truncate(NAMED);
        return Err(ScanTrouble::Found { count, worst });
    }
    match (other, scans.is_empty()) {
        (Some(trouble), _) => Err(trouble),
        (None, true) => Err(ScanTrouble::Missing),
        (None, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(status: &str, counts: Option<&[(&str, u32)]>) -> ImageScan {
        let counts = counts.map(|all| all.iter().map(|(w, n)| ((*w).to_owned(), *n)).collect());
        ImageScan {
            status: Some(status.to_owned()),
            has_result: counts.is_some(),
            counts,
            ..ImageScan::default()
        }
    }

    fn finding(name: &str, severity: Option<Severity>) -> Finding {
        Finding {
            name: name.to_owned(),
            severity,
            package: None,
        }
    }

    #[test]
    fn only_a_scan_that_ended_and_shows_that_it_found_nothing_so_bad_passes() {
        let none: Option<&[(&str, u32)]> = Some(&[]);
        assert_eq!(judge_scan(&scan("COMPLETE", none), Severity::Low), Ok(()));
        assert_eq!(judge_scan(&scan("ACTIVE", none), Severity::Low), Ok(()));
        for status in [
            "FAILED",
            "UNSUPPORTED_IMAGE",
            "SCAN_ELIGIBILITY_EXPIRED",
            "FINDINGS_UNAVAILABLE",
            "LIMIT_EXCEEDED",
            "IMAGE_ARCHIVED",
            "IMAGE_SIZE_EXCEEDED",
            "complete",
            "",
        ] {
            let judged = judge_scan(&scan(status, none), Severity::Critical);
            assert_eq!(judged, Err(ScanTrouble::Stands(status.to_owned())));
        }
        for status in ["IN_PROGRESS", "PENDING"] {
            let judged = judge_scan(&scan(status, none), Severity::Critical);
            assert_eq!(judged, Err(ScanTrouble::Running));
        }
        let missing = judge_scan(&ImageScan::default(), Severity::Critical);
        assert_eq!(missing, Err(ScanTrouble::Missing));
        // To whoever may not see what Inspector found, ECR shows an empty list, and nothing else.
        let blank = judge_scan(&scan("ACTIVE", None), Severity::Critical);
        assert_eq!(blank, Err(ScanTrouble::NotShown));
    }

    #[test]
    fn a_severity_counts_with_all_above_it() {
        let scan = scan(
            "COMPLETE",
            Some(&[("HIGH", 2), ("LOW", 9), ("UNDEFINED", 4), ("UNTRIAGED", 1)]),
        );
        let count = |from| match judge_scan(&scan, from) {
            Err(ScanTrouble::Found { count, .. }) => count,
            Ok(()) => 0,
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(count(Severity::Critical), 0);
        assert_eq!(count(Severity::High), 2);
        assert_eq!(count(Severity::Medium), 2);
        assert_eq!(count(Severity::Low), 11);
    }

    #[test]
    fn the_five_worst_are_named_and_what_is_not_counted_counts_where_it_is_listed() {
        let mut scan = scan("COMPLETE", None);
        scan.has_result = true;
        for number in 0..6 {
            let severity = [Severity::High, Severity::Critical][number % 2];
            scan.findings
                .push(finding(&format!("CVE-{number}"), Some(severity)));
        }
        scan.findings.push(finding("CVE-9", None));
        let Err(ScanTrouble::Found { count, worst }) = judge_scan(&scan, Severity::High) else {
            panic!("it passes");
        };
        let names: Vec<_> = worst.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(
            (count, names),
            (6, vec!["CVE-1", "CVE-3", "CVE-5", "CVE-0", "CVE-2"])
        );
        scan.findings.truncate(1);
        assert_eq!(judge_scan(&scan, Severity::Critical), Ok(()));
        scan.more = true;
        let judged = judge_scan(&scan, Severity::Critical);
        assert_eq!(judged, Err(ScanTrouble::NotShown));
    }

    #[test]
    fn every_platform_of_an_image_must_pass() {
        let clean = scan("COMPLETE", Some(&[]));
        let bad = scan("COMPLETE", Some(&[("CRITICAL", 3)]));
        let running = scan("IN_PROGRESS", None);
        let judge = |scans: &[&ImageScan]| {
            let scans: Vec<_> = scans.iter().map(|one| (*one).clone()).collect();
            judge_scans(&scans, Severity::Critical)
        };
        assert_eq!(judge(&[&clean, &clean]), Ok(()));
        assert_eq!(judge(&[&clean, &running]), Err(ScanTrouble::Running));
        let found = judge(&[&running, &bad, &clean]);
        assert!(matches!(found, Err(ScanTrouble::Found { count: 3, .. })));
        assert_eq!(judge(&[]), Err(ScanTrouble::Missing));
    }
}
