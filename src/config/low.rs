//! The configuration as it was written: which keys exist, and nothing about what they mean.
//!
//! The functions here are the schema. A key that is not named in one of them is refused.

mod application;
pub(super) mod later;
mod pipeline;
mod team;

use toml::de::DeTable;

pub(super) use self::application::{LowApplication, LowBefore};
use self::later::{LowApprove, LowEmergency};
pub(super) use self::pipeline::LowPipeline;
pub(super) use self::team::LowTeam;
use super::after::LowAfter;
use super::checks::LowCheck;
use super::image_rules::LowRules;
use super::problem::{At, Findings, Location};
use super::reader::{Section, SourceFile};

type TextAt = Option<At<String>>;
type TextsAt = Option<At<Vec<At<String>>>>;

/// Everything that the files of one configuration say.
pub(super) struct Low {
    /// Where to point when a whole table is missing.
    pub(super) start: Location,
    /// A file was not TOML, so that what it would have said is unknown.
    pub(super) unreadable: bool,
    pub(super) slack: Option<LowSlack>,
    pub(super) accounts: Vec<LowAccount>,
    pub(super) defaults: LowDefaults,
    pub(super) environments: Vec<LowEnvironment>,
    pub(super) teams: Vec<LowTeam>,
    pub(super) applications: Vec<LowApplication>,
    pub(super) operators: Vec<(At<String>, At<String>)>,
    pub(super) oncall: TextsAt,
    pub(super) order: TextsAt,
    pub(super) github: LowGithub,
    pub(super) ci: Vec<LowPipeline>,
}

/// `[github]`
#[derive(Default)]
pub(super) struct LowGithub {
    pub(super) host: TextAt,
    pub(super) app: TextAt,
    pub(super) repository_ids: Vec<(At<String>, At<String>)>,
}

/// `[slack]`
pub(super) struct LowSlack {
    pub(super) place: Location,
    pub(super) teams: TextsAt,
    pub(super) admins: TextsAt,
    pub(super) trusted: TextsAt,
    pub(super) announce: TextAt,
    pub(super) command: TextAt,
    pub(super) gov: Option<At<bool>>,
    pub(super) zone: TextAt,
}

/// `[accounts.NAME]`
pub(super) struct LowAccount {
    pub(super) name: At<String>,
    pub(super) id: TextAt,
    pub(super) region: TextAt,
}

/// `[defaults]`, and the same keys in an application.
#[derive(Default)]
pub(super) struct LowDefaults {
    pub(super) registry: TextAt,
    pub(super) tag: Option<At<Vec<At<String>>>>,
    pub(super) service: TextAt,
    pub(super) base: TextAt,
    pub(super) restore_head: Option<At<bool>>,
    pub(super) rollouts: TextAt,
    pub(super) on_failure: TextAt,
    pub(super) test_url: TextAt,
}

/// `[environments.NAME]`
pub(super) struct LowEnvironment {
    pub(super) name: At<String>,
    pub(super) account: TextAt,
    pub(super) cluster: TextAt,
    pub(super) aliases: TextsAt,
    pub(super) request: TextsAt,
    pub(super) confirm: Option<At<bool>>,
    pub(super) rollback_by: TextsAt,
    pub(super) approve: Option<LowApprove>,
    pub(super) emergency: Option<LowEmergency>,
    pub(super) logs: TextsAt,
    pub(super) channels: TextsAt,
    pub(super) evidence: TextAt,
    pub(super) announce: Option<At<bool>>,
    pub(super) deadline: TextAt,
    pub(super) publish: Option<At<bool>>,
    pub(super) scope: TextAt,
    pub(super) oncall: TextsAt,
    pub(super) home: TextAt,
    pub(super) checks: Vec<LowCheck>,
    pub(super) after: Option<LowAfter>,
    pub(super) rules: LowRules,
}

impl Low {
    /// Reads the main file, then the others, which may hold teams and applications only.
    pub(super) fn read(files: &[SourceFile], findings: &mut Findings) -> Self {
        let mut low = Self {
            start: Location {
                file: files
                    .first()
                    .map_or("longshore.toml", SourceFile::name)
                    .to_owned(),
                line: 1,
                key: String::new(),
            },
            unreadable: false,
            slack: None,
            accounts: Vec::new(),
            defaults: LowDefaults::default(),
            environments: Vec::new(),
            teams: Vec::new(),
            applications: Vec::new(),
            operators: Vec::new(),
            oncall: None,
            order: None,
            github: LowGithub::default(),
            ci: Vec::new(),
        };
        for (index, file) in files.iter().enumerate() {
            let table = match DeTable::parse(file.text()) {
                Ok(table) => table,
                Err(_) => {
                    syntax_errors(file, findings);
                    low.unreadable = true;
                    continue;
                }
            };
            let mut root = Section::root(file, table.get_ref());
            if index == 0 {
                low.main_only(&mut root, findings);
            } else {
                not_here(&mut root, findings);
            }
            for (name, section) in root.sections("teams", findings) {
                low.teams.push(LowTeam::read(name, section, findings));
            }
            for (name, section) in root.sections("applications", findings) {
                low.applications
                    .push(LowApplication::read(name, section, findings));
            }
            root.finish(findings);
        }
        low
    }

    fn main_only(&mut self, root: &mut Section<'_>, findings: &mut Findings) {
        self.slack = root
            .section("slack", findings)
            .map(|section| LowSlack::read(section, findings));
        for (name, mut section) in root.sections("accounts", findings) {
            self.accounts.push(LowAccount {
                name,
                id: section.string("id", findings),
                region: section.string("region", findings),
            });
            section.finish(findings);
        }
        if let Some(mut section) = root.section("defaults", findings) {
            self.defaults = LowDefaults::read(&mut section, findings);
            section.finish(findings);
        }
        for (name, section) in root.sections("environments", findings) {
            self.environments
                .push(LowEnvironment::read(name, section, findings));
        }
        self.operators = root.named_strings("operators", findings);
        self.oncall = root.strings("oncall", findings);
        self.order = root.strings("order", findings);
        if let Some(mut section) = root.section("github", findings) {
            self.github = LowGithub {
                host: section.string("host", findings),
                app: section.string("app", findings),
                repository_ids: section.named_strings("repository_ids", findings),
            };
            section.finish(findings);
        }
        for (name, section) in root.sections("ci", findings) {
            self.ci.push(LowPipeline::read(name, section, findings));
        }
        root.not_supported(&["schedules", "freeze"], findings);
    }
}

/// The keys that only the main file may set: they are the operators' to decide, not a team's.
fn not_here(root: &mut Section<'_>, findings: &mut Findings) {
    for name in [
        "slack",
        "accounts",
        "defaults",
        "environments",
        "operators",
        "oncall",
        "order",
        "github",
        "ci",
    ] {
        if root.has(name) {
            findings.refuse(
                &root.place_of(name),
                "belongs in the main file; a team's file holds teams and applications only",
            );
        }
    }
}

impl LowSlack {
    fn read(mut section: Section<'_>, findings: &mut Findings) -> Self {
        let slack = Self {
            place: section.place().clone(),
            teams: section.strings("teams", findings),
            admins: section.strings("admins", findings),
            trusted: section.strings("trusted", findings),
            announce: section.string("announce", findings),
            command: section.string("command", findings),
            gov: section.boolean("gov", findings),
            zone: section.string("zone", findings),
        };
        section.finish(findings);
        slack
    }
}

impl LowDefaults {
    fn read(section: &mut Section<'_>, findings: &mut Findings) -> Self {
        Self {
            registry: section.string("registry", findings),
            tag: section.one_or_more("tag", findings),
            service: section.string("service", findings),
            base: section.string("base", findings),
            restore_head: section.boolean("restore_head", findings),
            rollouts: section.string("rollouts", findings),
            on_failure: section.string("on_failure", findings),
            test_url: section.string("test_url", findings),
        }
    }
}

impl LowEnvironment {
    fn read(name: At<String>, mut section: Section<'_>, findings: &mut Findings) -> Self {
        let rollback_by = section
            .section("rollback", findings)
            .and_then(|mut rollback| {
                let by = rollback.strings("by", findings);
                if by.is_none() && !rollback.has("by") {
                    findings.refuse(
                        rollback.place(),
                        "has no \"by\"; say who may roll back, or remove it",
                    );
                }
                rollback.zero("approvals", findings);
                rollback.finish(findings);
                by
            });
        let environment = Self {
            name,
            account: section.string("account", findings),
            cluster: section.string("cluster", findings),
            aliases: section.strings("aliases", findings),
            request: section.strings("request", findings),
            confirm: section.boolean("confirm", findings),
            rollback_by,
            approve: LowApprove::read(&mut section, findings),
            emergency: LowEmergency::read(&mut section, findings),
            logs: section.strings("logs", findings),
            channels: section.strings("channels", findings),
            evidence: section.string("evidence", findings),
            announce: section.boolean("announce", findings),
            deadline: section.string("deadline", findings),
            publish: section.boolean("publish", findings),
            scope: section.string("scope", findings),
            oncall: section.strings("oncall", findings),
            home: section.string("home", findings),
            checks: LowCheck::read(&mut section, findings),
            after: LowAfter::read(&mut section, findings),
            rules: LowRules::read(&mut section, findings),
        };
        section.not_supported(&["freeze", "before", "schedules"], findings);
        section.finish(findings);
        environment
    }
}

/// Every place where the file is not TOML.
fn syntax_errors(file: &SourceFile, findings: &mut Findings) {
    let (_, errors) = DeTable::parse_recoverable(file.text());
    for error in errors {
        let place = Location {
            file: file.name().to_owned(),
            line: file.line(error.span().map_or(0, |span| span.start)),
            key: String::new(),
        };
        findings.refuse(&place, format!("not TOML: {}", error.message()));
    }
}
