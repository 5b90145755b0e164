//! What ran of an application at a time, a line for each environment: what the history tells, and what it does
//! not.

use jiff::Timestamp;

use super::Setting;
use super::page::Page;
use crate::command::moment::MomentMeant;
use crate::command::{Command, HistoryScope};
use crate::names::zone::Zone;
use crate::names::{AppName, EnvName};
use crate::past::{IsAll, RanThen, RanWhat, ran_at};
use crate::record::Past;
use crate::refusal::verdict_word;
use crate::reply::{self, code, command, joined, label, link, said};
use crate::request::Verb;
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// What was asked of a time, and how it was read.
#[derive(Clone, Copy, Debug)]
pub struct AskedThen<'a> {
    /// Of which application.
    pub application: &'a AppName,
    /// As it is typed.
    pub typed: &'a str,
    /// What was meant.
    pub meant: MomentMeant,
    /// The time zone in which times are read.
    pub zone: &'a Zone,
}

/// What is known of one environment.
#[derive(Clone, Debug)]
pub struct PlaceThen {
    /// Which.
    pub environment: EnvName,
    /// Its history, newest first, with what is under way before it.
    pub history: Vec<Past>,
    /// Whether that is all of it.
    pub is_all: IsAll,
}

/// What ran there then, as a message for the asker.
pub fn then(places: &[PlaceThen], asked: &AskedThen<'_>, setting: &Setting<'_>) -> Message {
    let summary = format!("What ran of {}", asked.application);
    let mut page = Page::new(said!("{}", summary.as_str()));
    page.header(&summary);
    let lines = places.iter().map(|place| {
        said!(
            "• {}: {}",
            place.environment,
            ran_then(place, asked.meant.at)
        )
    });
    // All times are its reader's own, as those of the answer are; what was typed is told once, with its zone.
    let when = said!(
        "At {}, typed as {} in {}:",
        asked.meant.at,
        code(asked.typed),
        code(asked.zone.name())
    );
    page.lines(std::iter::once(when).chain(lines).collect());
    let mut now = Command::Status {
        app: Some(asked.application.clone()),
        env: None,
    };
    let mut all = Command::History {
        app: Some(asked.application.clone()),
        env: None,
        scope: HistoryScope::Changes,
        period: None,
    };
    if let ([place], Command::Status { env: one, .. }, Command::History { env: other, .. }) =
        (places, &mut now, &mut all)
    {
        *one = Some(place.environment.clone());
        *other = Some(place.environment.clone());
    }
    page.context(joined(
        [
            Mrkdwn::raw("By the history."),
            reply::clocks_changed(asked.meant.clock),
            said!(
                "{} lists what was changed, {} tells what runs now.",
                command(setting.command, &all.to_string()),
                command(setting.command, &now.to_string())
            ),
        ],
        " ",
    ));
    page.only_for_one()
}

/// What ran at one place, in one line.
pub fn ran_then(place: &PlaceThen, at: Timestamp) -> Mrkdwn {
    place.told(&ran_at(&place.history, at))
}

impl PlaceThen {
    fn told(&self, then: &RanThen<'_>) -> Mrkdwn {
        let ran = match then.rolling {
            Some(rolling) => rolling_out(rolling, &then.ran),
            None => self.ran(&then.ran),
        };
        let taken_back = then.taken_back.map_or_else(Mrkdwn::new, |tried| {
            said!("{} was tried meanwhile: {}", version(tried), ending(tried))
        });
        let noticed = then.noticed_later.map_or_else(Mrkdwn::new, |outside| {
            said!(
                "or {} already, which somebody else brought: noticed {}, nobody knows since when",
                version(outside),
                outside.when()
            )
        });
        joined([ran, taken_back, noticed], "; ")
    }

    fn ran(&self, ran: &RanWhat<'_>) -> Mrkdwn {
        match ran {
            RanWhat::Version(past) => brought(past),
            RanWhat::Each(by) => {
                let services = by.left.iter().map(|(service, runs)| {
                    let runs = runs.as_deref().map(label);
                    match runs {
                        Some(runs) => said!("{} ran {}", code(service), runs),
                        None => said!("what {} ran is not certain", code(service)),
                    }
                });
                let services = Mrkdwn::listed(services, "and");
                said!("*not one version alone*: {}; {}", services, ending(by))
            }
            RanWhat::OneOf(before, by) => {
                let before = before.map_or_else(|| Mrkdwn::raw("what ran before"), version);
                let by = || by.iter().rev();
                let versions = std::iter::once(before).chain(by().map(|past| version(past)));
                let endings = by().map(|past| ending(past));
                let versions = Mrkdwn::listed(versions, "or");
                said!("*not certain*: {}; {}", versions, joined(endings, ", "))
            }
            RanWhat::Unknown(first) => self.unknown(*first),
        }
    }

    /// That nobody knows, and since when somebody does.
    fn unknown(&self, first: Option<&Past>) -> Mrkdwn {
        let since = match (self.is_all, first) {
            (IsAll::DownTo(oldest), _) => said!(
                "the history was looked at back to {}, and not what is older",
                oldest
            ),
            (IsAll::Yes, Some(first)) if first.is_baseline() => said!(
                "the history begins {}, when {} was found running",
                first.when(),
                version(first)
            ),
            (IsAll::Yes, Some(first)) => said!(
                "the history begins {}, with {}",
                first.started_at.unwrap_or(first.when()),
                version(first)
            ),
            (IsAll::Yes, None) => Mrkdwn::raw("nothing has come up there through Longshore yet"),
        };
        said!("*not known*: {}", since)
    }
}

/// `*rolling out* from 1.5.0 to 1.6.0 since …; deploy `id` …`
fn rolling_out(rolling: &Past, before: &RanWhat<'_>) -> Mrkdwn {
    let (what, brings) = match (&rolling.verb, rolling.runs().is_empty()) {
        (Some(Verb::Restart), _) => ("*restarting*", Mrkdwn::new()),
        (Some(Verb::Rollback { .. }), true) => ("*going back*", Mrkdwn::new()),
        (Some(Verb::Rollback { .. }), false) => ("*going back*", said!("to {}", version(rolling))),
        (Some(Verb::Deploy { .. }) | None, _) => {
            ("*rolling out*", said!("to {}", version(rolling)))
        }
    };
    let from = match before {
        RanWhat::Version(past) => said!("from {}", version(past)),
        RanWhat::Each(_) | RanWhat::OneOf(..) | RanWhat::Unknown(_) => {
            Mrkdwn::raw("from an uncertain version")
        }
    };
    // What is restarted stays.
    let from = match &rolling.verb {
        Some(Verb::Restart) => version(rolling),
        _ => from,
    };
    let set_out = rolling.started_at.unwrap_or(rolling.requested_at);
    let what = joined([Mrkdwn::raw(what), from, brings], " ");
    said!("{} since {}; {}", what, set_out, ending(rolling))
}

/// `1.5.0 since …, deploy `id` of @maria`
fn brought(past: &Past) -> Mrkdwn {
    let (version, at) = (version(past), past.when());
    match (&past.id, &past.outside) {
        (Some(id), _) => said!(
            "{} since {}, deploy {} by {}",
            version,
            at,
            id,
            past.requester
        ),
        (None, Some(_)) => said!(
            "{}, *changed outside of Longshore*, which was noticed {}",
            version,
            at
        ),
        (None, None) => said!("{}, found running when it was first seen, {}", version, at),
    }
}

/// How a deploy ended, and when.
fn ending(past: &Past) -> Mrkdwn {
    let Some(id) = &past.id else {
        return said!(
            "changed outside of Longshore, which was noticed {}",
            past.when()
        );
    };
    let by = &past.requester;
    match past.verdict {
        Some(verdict) => said!(
            "deploy {} by {}, {} {}",
            id,
            by,
            Mrkdwn::raw(verdict_word(verdict)),
            past.when()
        ),
        None => said!("deploy {} by {}, still under way", id, by),
    }
}

/// What people call what the entry has, linked to its commit.
fn version(past: &Past) -> Mrkdwn {
    // Of several images, each has its own repository.
    let repository = past.repository.as_ref().filter(|_| past.parts.is_empty());
    link::at_commit(&past.runs(), repository, past.own_commit().as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures::{at, maria, past};
    use crate::record::{Outside, Verdict};

    /// Something that was set out on then, and ended a minute later.
    fn entry(label: &str, second: i64, verdict: Option<Verdict>) -> Past {
        let mut past = past(label, true, verdict);
        past.requester = maria();
        past.requested_at = at(second);
        past.started_at = Some(at(second));
        past.ended_at = verdict.map(|_| at(second + 60));
        past.digests = vec![("app".to_owned(), label.to_owned())];
        past.revisions = vec![("webapp".to_owned(), label.to_owned())];
        past
    }

    fn found(label: &str, second: i64, outside: Option<Outside>) -> Past {
        let mut past = entry(label, second, None);
        (past.id, past.verb, past.started_at) = (None, None, None);
        past.outside = outside;
        past
    }

    fn said(history: &[Past], second: i64, is_all: IsAll) -> String {
        let place = PlaceThen {
            environment: "staging".parse().unwrap(),
            history: history.iter().rev().cloned().collect(),
            is_all,
        };
        ran_then(&place, at(second)).plain()
    }

    #[test]
    fn every_kind_of_answer_says_what_is_known_and_no_more() {
        let good = |label: &str, second| entry(label, second, Some(Verdict::Succeeded));
        let ended = |label: &str, verdict| entry(label, 600, Some(verdict));
        let outside = Outside {
            registered_by: None,
            successful: true,
        };
        let base = || found("1.4.0", 0, None);
        let foreign = || found("1.4.1", 900, Some(outside.clone()));
        let mut in_part = ended("1.6.0", Verdict::Failed);
        in_part.left = vec![
            ("api".to_owned(), Some("1.6.0".to_owned())),
            ("worker".to_owned(), None),
        ];
        let mut back = ended("1.4.0", Verdict::Succeeded);
        back.verb = Some(Verb::rollback(None));
        let mut restart = ended("1.5.0", Verdict::Succeeded);
        restart.verb = Some(Verb::Restart);
        let mut open = entry("1.6.0", 600, None);
        open.label.clear();
        open.verb = Some(Verb::rollback(None));
        let cases: Vec<(Vec<Past>, i64)> = vec![
            (vec![], 0),
            (vec![base()], -1),
            (vec![base()], 1),
            (vec![good("1.5.0", 10)], 1),
            (vec![good("1.5.0", 10)], 20),
            (vec![base(), good("1.5.0", 10)], 20),
            (vec![base(), good("1.5.0", 10)], 700),
            (
                vec![good("1.5.0", 10), ended("1.6.0", Verdict::RolledBack)],
                630,
            ),
            (
                vec![good("1.5.0", 10), ended("1.6.0", Verdict::RolledBack)],
                700,
            ),
            (
                vec![good("1.5.0", 10), ended("1.6.0", Verdict::Failed)],
                700,
            ),
            (vec![good("1.5.0", 10), in_part], 700),
            (vec![good("1.5.0", 10), back], 630),
            (vec![good("1.5.0", 10), restart], 630),
            (vec![good("1.5.0", 10), entry("1.6.0", 600, None)], 700),
            (vec![good("1.5.0", 10), open], 700),
            (vec![good("1.5.0", 10), foreign()], 700),
            (vec![good("1.5.0", 10), foreign()], 1_000),
        ];
        let told = cases
            .iter()
            .map(|(history, second)| said(history, *second, IsAll::Yes));
        let told: Vec<String> = told.collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        not known: nothing has come up there through Longshore yet
        not known: the history begins 2027-01-15 08:00 UTC, when 1.4.0 was found running
        1.4.0, found running when it was first seen, 2027-01-15 08:00 UTC
        not known: the history begins 2027-01-15 08:00 UTC, with 1.5.0
        rolling out from an uncertain version to 1.5.0 since 2027-01-15 08:00 UTC; deploy 3x6w15pn by @U061F7AUR, succeeded 2027-01-15 08:01 UTC
        rolling out from 1.4.0 to 1.5.0 since 2027-01-15 08:00 UTC; deploy 3x6w15pn by @U061F7AUR, succeeded 2027-01-15 08:01 UTC
        1.5.0 since 2027-01-15 08:01 UTC, deploy 3x6w15pn by @U061F7AUR
        rolling out from 1.5.0 to 1.6.0 since 2027-01-15 08:10 UTC; deploy arhphcga by @U061F7AUR, rolled back 2027-01-15 08:11 UTC
        1.5.0 since 2027-01-15 08:01 UTC, deploy 3x6w15pn by @U061F7AUR; 1.6.0 was tried meanwhile: deploy arhphcga by @U061F7AUR, rolled back 2027-01-15 08:11 UTC
        not certain: 1.5.0 or 1.6.0; deploy arhphcga by @U061F7AUR, failed 2027-01-15 08:11 UTC
        not one version alone: api ran 1.6.0 and what worker ran is not certain; deploy arhphcga by @U061F7AUR, failed 2027-01-15 08:11 UTC
        going back from 1.5.0 to 1.4.0 since 2027-01-15 08:10 UTC; deploy ejw61cs7 by @U061F7AUR, succeeded 2027-01-15 08:11 UTC
        restarting 1.5.0 since 2027-01-15 08:10 UTC; deploy 3x6w15pn by @U061F7AUR, succeeded 2027-01-15 08:11 UTC
        rolling out from 1.5.0 to 1.6.0 since 2027-01-15 08:10 UTC; deploy arhphcga by @U061F7AUR, still under way
        going back from 1.5.0 since 2027-01-15 08:10 UTC; deploy arhphcga by @U061F7AUR, still under way
        1.5.0 since 2027-01-15 08:01 UTC, deploy 3x6w15pn by @U061F7AUR; or 1.4.1 already, which somebody else brought: noticed 2027-01-15 08:15 UTC, nobody knows since when
        1.4.1, changed outside of Longshore, which was noticed 2027-01-15 08:15 UTC
        ");
        let cut = said(&[good("1.5.0", 10)], 1, IsAll::DownTo(at(70)));
        insta::assert_snapshot!(cut, @"
        not known: the history was looked at back to 2027-01-15 08:01 UTC, and not what is older
        ");
        // What was read tells it all the same.
        let known = said(&[good("1.5.0", 10)], 80, IsAll::DownTo(at(70)));
        assert!(known.starts_with("1.5.0 since "), "{known}");
    }
}
