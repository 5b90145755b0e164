use proptest::prelude::*;

use super::*;
use crate::card::fixtures;
use crate::names::DeployId;
use crate::record::{Outside, Verdict};
use crate::request::Verb;

/// An entry out of a word: `a=1@10-15` is a deploy of `1`, called `a`, from then to then, in seconds. `~` before it: ECS
/// took it back; `!`: it failed, and may run; `^`: somebody stopped it; `-`: it was refused; `?`: it was given up; `%`: some
/// of its services came up. `r=1@…` restarts, `<a=1@…` goes back to it; `base=0@0` was found, `o=9@20` was changed outside.
/// Without an end it is under way.
fn entry(word: &str) -> Past {
    let (what, when) = word.split_once('@').unwrap();
    let (from, until) = when.split_once('-').unwrap_or((when, when));
    let sign = what.chars().next().unwrap();
    let verdict = match sign {
        '~' => Verdict::RolledBack,
        '!' | '%' => Verdict::Failed,
        '^' => Verdict::Cancelled,
        '-' => Verdict::Refused,
        '?' => Verdict::Abandoned,
        _ => Verdict::Succeeded,
    };
    let plain = what.trim_start_matches(['~', '!', '^', '-', '?', '%']);
    let (name, image) = plain.split_once('=').unwrap_or((plain, ""));
    let mut past = fixtures::past(name.trim_start_matches('<'), true, Some(verdict));
    let second = |text: &str| fixtures::at(text.parse().unwrap());
    past.id = Some(DeployId::derive(word.as_bytes()));
    past.requested_at = second(from);
    past.started_at = past.started_at.map(|_| second(from));
    past.digests = vec![("app".to_owned(), image.to_owned())];
    past.revisions = vec![("webapp".to_owned(), format!("webapp:{name}"))];
    match (name, until) {
        ("r", _) => past.verb = Some(Verb::Restart),
        (name, _) if name.starts_with('<') => past.verb = Some(Verb::rollback(None)),
        ("base" | "o", _) => {
            (past.id, past.verb, past.verdict, past.started_at) = (None, None, None, None)
        }
        _ => {}
    }
    past.outside = (name == "o").then_some(Outside {
        registered_by: None,
        successful: true,
    });
    match until {
        "" => past.verdict = None,
        until => past.ended_at = Some(second(until)),
    }
    match sign {
        '-' => past.revisions.clear(),
        '%' => {
            let service =
                |name: &str, runs: Option<&str>| (name.to_owned(), runs.map(str::to_owned));
            past.left = vec![service("api", Some(name)), service("worker", None)];
        }
        _ => {}
    }
    past
}

/// The entries, newest first.
fn history(words: &str) -> Vec<Past> {
    words.split_whitespace().rev().map(entry).collect()
}

fn told(then: &RanThen<'_>) -> String {
    let name = |past: &Past| past.label.clone();
    let mut told = match then.ran {
        RanWhat::Version(past) => name(past),
        RanWhat::Each(by) => format!("each by {}", name(by)),
        RanWhat::OneOf(before, ref by) => {
            let before = before.map_or_else(|| "something".to_owned(), name);
            let by = by.iter().rev().map(|past| name(past));
            let all: Vec<String> = std::iter::once(before).chain(by).collect();
            all.join(" or ")
        }
        RanWhat::Unknown(None) => "unknown".to_owned(),
        RanWhat::Unknown(Some(first)) => format!("unknown until {}", name(first)),
    };
    for (what, past) in [
        ("rolling", then.rolling),
        ("taken back", then.taken_back),
        ("noticed", then.noticed_later),
    ] {
        if let Some(past) = past {
            told.push_str(&format!(", {what} {}", name(past)));
        }
    }
    told
}

#[test]
fn what_ran_at_a_time_is_what_had_come_up_by_then() {
    let busy = "base=0@0 a=1@10-15 ~b=2@20-25 c=3@30-35";
    for (words, at, is) in [
        ("", 5, "unknown"),
        // It ran when it was first seen, and before that nobody looked.
        (busy, -1, "unknown until base"),
        (busy, 0, "base"),
        (busy, 9, "base"),
        (busy, 10, "base, rolling a"),
        (busy, 14, "base, rolling a"),
        (busy, 15, "a"),
        (busy, 22, "a, rolling b"),
        (busy, 25, "a, taken back b"),
        (busy, 29, "a, taken back b"),
        (busy, 30, "a, rolling c, taken back b"),
        (busy, 35, "c"),
        (busy, 999, "c"),
        // Under way still.
        ("a=1@10-15 b=2@20-", 15, "a"),
        ("a=1@10-15 b=2@20-", 20, "a, rolling b"),
        ("a=1@10-", 20, "unknown, rolling a"),
        ("a=1@10-15", 5, "unknown until a"),
        ("a=1@10-15", 12, "unknown until a, rolling a"),
        // Nothing became another by these.
        ("a=1@10-15 -b=2@20-25", 22, "a"),
        ("a=1@10-15 -b=2@20-25", 30, "a"),
        ("a=1@10-15 ^b=2@20-25", 30, "a, taken back b"),
        ("a=1@10-15 r=1@20-25", 22, "a, rolling r"),
        ("a=1@10-15 r=1@20-25", 30, "a"),
        // What was restarted is what had been left.
        ("a=1@10-15 !b=2@20-25 r=2@30-35", 40, "b"),
        ("a=1@10-15 !b=2@20-25 r=1@30-35", 40, "a"),
        ("a=1@10-15 r=7@30-35", 40, "r"),
        // A way back.
        ("a=1@10-15 b=2@20-25 <a=1@30-35", 32, "b, rolling a"),
        ("a=1@10-15 b=2@20-25 <a=1@30-35", 40, "a"),
        // What failed may have been left there, until something comes up.
        ("a=1@10-15 !b=2@20-25", 30, "a or b"),
        ("!b=2@20-25", 30, "something or b"),
        ("a=1@10-15 !b=2@20-25 !c=3@30-35", 40, "a or b or c"),
        ("a=1@10-15 %b=2@20-25 !c=3@30-35", 40, "a or b or c"),
        ("a=1@10-15 !b=2@20-25 %c=3@30-35", 40, "each by c"),
        ("a=1@10-15 ?b=2@20-25", 30, "a or b"),
        (
            "a=1@10-15 !b=2@20-25 ~c=3@30-35",
            40,
            "a or b, taken back c",
        ),
        ("a=1@10-15 !b=2@20-25 c=3@30-35", 32, "a or b, rolling c"),
        ("a=1@10-15 !b=2@20-25 c=3@30-35", 40, "c"),
        ("a=1@10-15 %b=2@20-25", 30, "each by b"),
        (
            "a=1@10-15 %b=2@20-25 ~c=3@30-35",
            40,
            "each by b, taken back c",
        ),
        ("a=1@10-15 %b=2@20-25 c=3@30-35", 40, "c"),
        // It was noticed then, and done nobody knows when.
        ("a=1@10-15 o=9@40", 30, "a, noticed o"),
        ("a=1@10-15 o=9@40", 40, "o"),
        ("a=1@10-15 b=2@20-25 o=9@40", 17, "a"),
        ("a=1@10-15 b=2@20-25 o=9@40", 22, "a, rolling b"),
        ("a=1@10-15 ~b=2@20-25 o=9@40", 17, "a, noticed o"),
    ] {
        let history = history(words);
        let then = ran_at(&history, fixtures::at(at));
        assert_eq!(told(&then), is, "{words} at {at}");
    }
}

#[test]
fn services_that_were_left_alike_ran_one_version() {
    let service = |name: &str, runs: Option<&str>| (name.to_owned(), runs.map(str::to_owned));
    for (left, is) in [
        (vec![service("api", Some("b"))], "b"),
        (
            vec![service("api", Some("a")), service("worker", Some("a"))],
            "a",
        ),
        (
            vec![service("api", Some("b")), service("worker", Some("a"))],
            "each by b",
        ),
        (vec![service("api", None)], "a or b"),
        (
            vec![service("api", Some("x")), service("worker", Some("x"))],
            "each by b",
        ),
    ] {
        let mut history = history("a=1@10-15 !b=2@20-25");
        history[0].left = left;
        let then = ran_at(&history, fixtures::at(30));
        assert_eq!(told(&then), is);
    }
}

#[test]
fn what_is_under_way_stands_before_the_history_once() {
    let deploy = fixtures::rolling(fixtures::deploy_of("main"));
    let application = deploy.application().clone();
    let history = history("a=1@10-15");
    let all = with_open(history.clone(), std::slice::from_ref(&deploy), &application);
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].id.as_ref(), Some(&deploy.id));
    assert_eq!(
        with_open(all.clone(), std::slice::from_ref(&deploy), &application),
        all
    );
    let other = "another".parse().unwrap();
    assert_eq!(with_open(history.clone(), &[deploy], &other), history);
}

/// What happens at a place, and what of it is true.
#[derive(Clone, Copy, Debug)]
enum Event {
    Succeeds,
    TakenBack,
    FailsAndStays,
    FailsAndIsGone,
    Stopped,
    Refused,
    Restarted,
    /// Changed outside, and noticed so much later.
    Outside,
}

fn events() -> impl Strategy<Value = Vec<(Event, i64, i64)>> {
    let event = proptest::sample::select(vec![
        Event::Succeeds,
        Event::TakenBack,
        Event::FailsAndStays,
        Event::FailsAndIsGone,
        Event::Stopped,
        Event::Refused,
        Event::Restarted,
        Event::Outside,
    ]);
    proptest::collection::vec((event, 1_i64..6, 1_i64..6), 0..10)
}

/// What ran in truth, from when on: with what it changed to, while it did.
type Truth = Vec<(i64, Vec<String>)>;

fn lived(events: &[(Event, i64, i64)]) -> (Vec<Past>, Truth) {
    let mut words = vec!["base=none@0".to_owned()];
    let mut truth: Truth = vec![(0, vec!["base".to_owned()])];
    let mut now = 0;
    for (at, (event, pause, took)) in events.iter().enumerate() {
        let before = truth.last().unwrap().1[0].clone();
        let image = before.trim_start_matches('v').replace("base", "none");
        let new = format!("v{at}");
        let (from, until) = (now + pause, now + pause + took);
        let sign = match event {
            Event::TakenBack => "~",
            Event::FailsAndStays | Event::FailsAndIsGone => "!",
            Event::Stopped => "^",
            Event::Refused => "-",
            Event::Succeeds | Event::Restarted | Event::Outside => "",
        };
        words.push(match event {
            Event::Restarted => format!("r={image}@{from}-{until}"),
            Event::Outside => format!("o=o@{until}"),
            _ => format!("{sign}{new}={at}@{from}-{until}"),
        });
        let after = match event {
            Event::Succeeds | Event::FailsAndStays => new.clone(),
            Event::Outside => "o".to_owned(),
            _ => before.clone(),
        };
        match event {
            Event::Refused => {}
            Event::Outside => truth.push((from, vec![after])),
            _ => {
                truth.push((from, vec![before, new]));
                truth.push((until, vec![after]));
            }
        }
        now = until;
    }
    (history(&words.join(" ")), truth)
}

proptest! {
    #[test]
    fn what_is_told_of_a_time_was_so_or_is_said_to_be_uncertain(events in events(), at in -3_i64..120) {
        let (history, truth) = lived(&events);
        let then = ran_at(&history, fixtures::at(at));
        let ran = truth.iter().rev().find(|(from, _)| *from <= at);
        let Some((_, ran)) = ran else {
            prop_assert!(matches!(then.ran, RanWhat::Unknown(Some(_))));
            return Ok(());
        };
        prop_assert_eq!(then.rolling.is_some(), ran.len() == 2, "{}", told(&then));
        let may: Vec<&str> = match then.ran {
            RanWhat::Version(past) => vec![&past.label],
            RanWhat::OneOf(before, ref by) => {
                let all = by.iter().copied().chain(before);
                all.map(|past| past.label.as_str()).collect()
            }
            RanWhat::Each(_) | RanWhat::Unknown(_) => vec![],
        };
        let noticed = then.noticed_later.map(|past| past.label.as_str());
        let told_so = may.iter().copied().chain(noticed).any(|label| label == ran[0]);
        prop_assert!(told_so, "{ran:?} at {at}: {}", told(&then));
    }
}
