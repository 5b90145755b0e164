//! The pipelines as they were written.

use super::TextsAt;
use crate::config::problem::{At, Findings};
use crate::config::reader::Section;
use crate::config::trust::LowTrust;

/// `[ci.NAME]`
pub(in crate::config) struct LowPipeline {
    pub(in crate::config) name: At<String>,
    pub(in crate::config) applications: TextsAt,
    pub(in crate::config) environments: TextsAt,
    pub(in crate::config) may: TextsAt,
    pub(in crate::config) token: Option<LowTrust>,
}

impl LowPipeline {
    pub(super) fn read(
        name: At<String>,
        mut section: Section<'_>,
        findings: &mut Findings,
    ) -> Self {
        let pipeline = Self {
            name,
            applications: section.strings("applications", findings),
            environments: section.strings("environments", findings),
            may: section.strings("may", findings),
            token: LowTrust::read(&mut section, findings),
        };
        section.finish(findings);
        pipeline
    }
}
