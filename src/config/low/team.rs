//! The teams as they were written.

use super::TextsAt;
use crate::config::problem::{At, Findings};
use crate::config::reader::Section;

/// `[teams.NAME]`
pub(in crate::config) struct LowTeam {
    pub(in crate::config) name: At<String>,
    pub(in crate::config) members: TextsAt,
    pub(in crate::config) leads: TextsAt,
    pub(in crate::config) oncall: TextsAt,
    pub(in crate::config) applications: TextsAt,
}

impl LowTeam {
    pub(super) fn read(
        name: At<String>,
        mut section: Section<'_>,
        findings: &mut Findings,
    ) -> Self {
        let team = Self {
            name,
            members: section.strings("members", findings),
            leads: section.strings("leads", findings),
            oncall: section.strings("oncall", findings),
            applications: section.strings("applications", findings),
        };
        section.finish(findings);
        team
    }
}
