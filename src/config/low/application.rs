//! The applications as they were written.

use super::{LowDefaults, TextAt, TextsAt};
use crate::config::image_rules::LowOwnRules;
use crate::config::problem::{At, Findings, Location};
use crate::config::reader::Section;
use crate::config::source::LowSource;

/// `[applications.NAME]`
pub(in crate::config) struct LowApplication {
    pub(in crate::config) name: At<String>,
    pub(in crate::config) title: TextAt,
    pub(in crate::config) aliases: TextsAt,
    pub(in crate::config) environments: TextsAt,
    pub(in crate::config) team: TextAt,
    pub(in crate::config) source: LowSource,
    pub(in crate::config) services: TextsAt,
    pub(in crate::config) families: TextsAt,
    pub(in crate::config) roles: TextsAt,
    pub(in crate::config) log_groups: TextsAt,
    pub(in crate::config) containers: TextsAt,
    pub(in crate::config) images: Vec<LowImage>,
    pub(in crate::config) before: Option<LowBefore>,
    pub(in crate::config) schedules: TextsAt,
    pub(in crate::config) links: Vec<(At<String>, At<String>)>,
    pub(in crate::config) home: TextAt,
    pub(in crate::config) rules: LowOwnRules,
    pub(in crate::config) own: LowDefaults,
}

/// One of the `images` of an application, by its container.
pub(in crate::config) struct LowImage {
    pub(in crate::config) container: At<String>,
    pub(in crate::config) image: TextAt,
    pub(in crate::config) repository: TextAt,
    pub(in crate::config) tag: Option<At<Vec<At<String>>>>,
}

/// `before` of an application.
pub(in crate::config) struct LowBefore {
    pub(in crate::config) place: Location,
    pub(in crate::config) task: TextAt,
    pub(in crate::config) command: TextsAt,
    pub(in crate::config) timeout: TextAt,
}

impl LowApplication {
    pub(super) fn read(
        name: At<String>,
        mut section: Section<'_>,
        findings: &mut Findings,
    ) -> Self {
        let source = section.section("source", findings);
        let source = source.map(|section| LowSource::read(section, findings));
        let before = section.section("before", findings).map(|mut before| {
            let read = LowBefore {
                place: before.place().clone(),
                task: before.string("task", findings),
                command: before.strings("command", findings),
                timeout: before.string("timeout", findings),
            };
            before.finish(findings);
            read
        });
        let images = section.sections("images", findings).into_iter();
        let images = images.map(|(container, mut own)| {
            let read = LowImage {
                container,
                image: own.string("image", findings),
                repository: own.string("repository", findings),
                tag: own.one_or_more("tag", findings),
            };
            own.finish(findings);
            read
        });
        let images = images.collect();
        let application = Self {
            name,
            images,
            title: section.string("title", findings),
            aliases: section.strings("aliases", findings),
            environments: section.strings("environments", findings),
            team: section.string("team", findings),
            source: source.unwrap_or_default(),
            services: section.strings("services", findings),
            families: section.strings("families", findings),
            roles: section.strings("roles", findings),
            log_groups: section.strings("log_groups", findings),
            containers: section.strings("containers", findings),
            before,
            schedules: section.strings("schedules", findings),
            links: section.named_strings("links", findings),
            home: section.string("home", findings),
            rules: LowOwnRules::read(&mut section, findings),
            own: LowDefaults::read(&mut section, findings),
        };
        section.not_supported(
            &["checks", "freeze", "approve", "after", "branches"],
            findings,
        );
        section.finish(findings);
        application
    }
}
