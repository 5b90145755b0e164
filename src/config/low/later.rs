//! The keys whose rules come later: they are read and checked, and nothing goes by them.

use super::TextsAt;
use crate::config::problem::{At, Findings, Location};
use crate::config::reader::Section;

/// `approve` of an environment.
pub(in crate::config) struct LowApprove {
    pub(in crate::config) place: Location,
    pub(in crate::config) by: TextsAt,
    pub(in crate::config) count: Option<At<u32>>,
}

/// `emergency` of an environment.
pub(in crate::config) struct LowEmergency {
    pub(in crate::config) place: Location,
    pub(in crate::config) by: TextsAt,
    pub(in crate::config) waives: TextsAt,
}

impl LowApprove {
    pub(super) fn read(environment: &mut Section<'_>, findings: &mut Findings) -> Option<Self> {
        let mut section = environment.section("approve", findings)?;
        let read = Self {
            place: section.place().clone(),
            by: section.strings("by", findings),
            count: section.number("count", findings),
        };
        section.boolean("not_author", findings);
        section.finish(findings);
        Some(read)
    }
}

impl LowEmergency {
    pub(super) fn read(environment: &mut Section<'_>, findings: &mut Findings) -> Option<Self> {
        let mut section = environment.section("emergency", findings)?;
        let read = Self {
            place: section.place().clone(),
            by: section.strings("by", findings),
            waives: section.strings("waives", findings),
        };
        section.finish(findings);
        Some(read)
    }
}
