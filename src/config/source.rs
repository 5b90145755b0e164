//! `source` of an application, as written.

use super::checks::LowCheck;
use super::problem::{At, Findings};
use super::reader::Section;

/// Where its commits and images come from.
#[derive(Default)]
pub(super) struct LowSource {
    pub(super) repository: Option<At<String>>,
    pub(super) image: Option<At<String>>,
    pub(super) checks: Vec<LowCheck>,
    pub(super) paths: Option<At<Vec<At<String>>>>,
}

impl LowSource {
    /// Reads its keys.
    pub(super) fn read(mut section: Section<'_>, findings: &mut Findings) -> Self {
        let read = Self {
            repository: section.string("repository", findings),
            image: section.string("image", findings),
            checks: LowCheck::read(&mut section, findings),
            paths: section.strings("paths", findings),
        };
        section.finish(findings);
        read
    }
}
