use jiff::SignedDuration;

use super::*;
use crate::card::fixtures;
use crate::names::DeployId;
use crate::record::Outside;

/// A history out of words, oldest first. `a=1` deploys the image `1` as `a`; `<a` goes back to what
/// `a` ran, `<1` to what a history without that note calls so; `r` restarts. `!` before it: it failed
/// and may run; `~`: ECS took it back; `^`: somebody stopped it; `-`: it was refused. `o=9` is rolled out by others, `o:a` is the
/// very revision of `a` put back by others, `x=9` by others and did not come up. `base=0` was found.
fn history(words: &str) -> Vec<Past> {
    let mut all: Vec<(String, Past)> = Vec::new();
    for (at, word) in words.split_whitespace().enumerate() {
        let (verdict, rest) = match word.split_at(1) {
            ("!", rest) => (Verdict::Failed, rest),
            ("~", rest) => (Verdict::RolledBack, rest),
            ("-", rest) => (Verdict::Refused, rest),
            ("?", rest) => (Verdict::Abandoned, rest),
            ("^", rest) => (Verdict::Cancelled, rest),
            _ => (Verdict::Succeeded, word),
        };
        let find = |name: &str| all.iter().rev().find(|(known, _)| known == name);
        let is_good = verdict == Verdict::Succeeded;
        let mut past = fixtures::past(word, true, Some(verdict));
        past.id = Some(DeployId::derive(format!("{at} {word}").as_bytes()));
        past.requested_at += SignedDuration::from_mins(i64::try_from(at).unwrap());
        let ran = |past: &mut Past, name: &str, digests: &str| {
            past.label = name.to_owned();
            let services = digests
                .split('/')
                .map(|one| ("app".to_owned(), one.to_owned()));
            past.digests = services.collect();
            past.revisions = vec![("webapp".to_owned(), format!("webapp:{at}"))];
        };
        let name = if let Some(to) = rest.strip_prefix('<') {
            past.verb = Some(Verb::rollback(None));
            let runs = |(_, past): &&(String, Past)| past.digests[0].1 == to;
            let (_, target) = find(to).or(all.iter().rev().find(runs)).unwrap();
            past.label = target.label.clone();
            past.digests = target.digests.clone();
            past.revisions = target.revisions.clone();
            if find(to).is_some() {
                past.back_to = Some(target.entry());
            }
            word.to_owned()
        } else if rest == "r" {
            past.verb = Some(Verb::Restart);
            let ran = all.iter().rev().find(|(_, past)| past.took_effect());
            let (_, ran) = ran.unwrap();
            past.digests = ran.digests.clone();
            past.revisions = ran.revisions.clone();
            word.to_owned()
        } else if let Some(old) = rest.strip_prefix("o:") {
            let (_, target) = find(old).unwrap();
            past.digests = target.digests.clone();
            past.revisions = target.revisions.clone();
            past.label = target.label.clone();
            word.to_owned()
        } else {
            let (name, digests) = rest.split_once('=').unwrap();
            ran(&mut past, name, digests);
            name.to_owned()
        };
        if word.starts_with('o') || word.starts_with('x') || word.starts_with("base") {
            (past.id, past.verb, past.verdict) = (None, None, None);
        }
        if word.starts_with('o') || word.starts_with('x') {
            past.outside = Some(Outside {
                registered_by: None,
                successful: !word.starts_with('x'),
            });
        }
        if verdict == Verdict::Refused {
            past.revisions.clear();
        }
        past.ended_at = (is_good || past.outside.is_some()).then_some(past.requested_at);
        all.push((name, past));
    }
    all.into_iter().rev().map(|(_, past)| past).collect()
}

fn runs(live: &str) -> Vec<(String, String)> {
    let live = live.split_whitespace();
    live.map(|digest| ("app".to_owned(), digest.to_owned()))
        .collect()
}

fn labels<'a>(pasts: impl Iterator<Item = &'a Past>) -> String {
    let labels: Vec<&str> = pasts.map(|past| past.label.as_str()).collect();
    labels.join(" ")
}

/// What happened, what runs, what a rollback goes back to in order, and what it passes over because
/// somebody rolled back from it.
const TABLE: &[(&str, &str, &str, &str)] = &[
    ("", "1", "", ""),
    ("base=0", "0", "", ""),
    ("base=0", "1", "base", ""),
    ("base=0 a=1", "1", "base", ""),
    ("base=0 a=1 b=2", "2", "a base", ""),
    // Never forward: what was rolled back from is not offered.
    ("base=0 a=1 b=2 <a", "1", "base", "b"),
    ("base=0 a=1 b=2 <a <base", "0", "", "a b"),
    ("base=0 a=1 b=2 c=3 <b", "2", "a base", "c"),
    ("base=0 a=1 b=2 c=3 <b <a", "1", "base", "b c"),
    ("base=0 a=1 b=2 <1", "1", "base", "b"),
    // Two at once: what was passed over was not rolled back from, and lies above all the same.
    ("base=0 a=1 b=2 c=3 <a", "1", "base", "c"),
    ("base=0 a=1 b=2 c=3 <a d=4", "4", "a base", "c"),
    // By name: it is live by somebody's wish, on what it lay on before.
    ("base=0 a=1 b=2 <a <b", "2", "a base", ""),
    ("base=0 a=1 b=2 <a <b <a", "1", "base", "b"),
    ("base=0 a=1 b=2 <a c=3 <b", "2", "a base", "c"),
    ("base=0 a=1 b=2 c=3 <a <b", "2", "a base", "c"),
    // Deployed again: the mark is gone, whatever it is called.
    ("base=0 a=1 b=2 <a b2=2", "2", "a base", ""),
    ("base=0 a=1 b=2 <a b2=2 c=3", "3", "b2 a base", ""),
    ("base=0 a=1 b=2 <a b2=2 c=3 <b2", "2", "a base", "c"),
    ("base=0 a=1 b=2 <a c=3", "3", "a base", "b"),
    ("base=0 a=1 b=2 <a c=3 <a", "1", "base", "c b"),
    // The same image under two names: rolled back from under one of them.
    ("base=0 a=1 b=2 a2=1", "1", "b base", ""),
    ("base=0 a=1 b=2 a2=1 <b", "2", "base", "a2"),
    // A restart is what ran before.
    ("base=0 a=1 r", "1", "base", ""),
    ("base=0 a=1 b=2 <a r", "1", "base", "b"),
    ("base=0 a=1 r b=2", "2", "a base", ""),
    // What did not come up leaves the stack as it was, also where it was a way back.
    ("base=0 a=1 ~b=2", "1", "base", ""),
    ("base=0 a=1 -b=2", "1", "base", ""),
    ("base=0 a=1 b=2 ~<a", "2", "a base", ""),
    ("base=0 a=1 b=2 ~<a <a", "1", "base", "b"),
    // It failed, and runs or runs in part: back to what came up last.
    ("base=0 a=1 !b=2", "2", "a base", ""),
    ("base=0 a=1 ?b=2", "2", "a base", ""),
    ("base=0 a=1 !b=2", "1 2", "a base", ""),
    ("base=0 a=1 !b=2", "1", "base", ""),
    ("base=0 a=1 !b=2 c=3", "3", "a base", ""),
    ("base=0 a=1 b=2", "2 2", "a base", ""),
    // A rollback failed on the way: not to what it fled from.
    ("base=0 a=1 b=2 !<a", "1", "base", "b"),
    ("base=0 a=1 b=2 !<a", "1 2", "a base", "b"),
    ("base=0 a=1 b=2 !<a", "2", "a base", ""),
    ("base=0 a=1 b=2 !<a !c=3", "3", "a base", "b"),
    ("base=0 a=1 b=2 !<a ~c=3", "1", "base", "b"),
    // Stopped halfway, or just before its end.
    ("base=0 a=1 b=2 ^<a", "2", "a base", ""),
    ("base=0 a=1 b=2 ^<a", "1 2", "a base", "b"),
    ("base=0 a=1 b=2 ^<a", "1", "base", "b"),
    ("base=0 a=1 ^b=2", "1", "base", ""),
    ("base=0 a=1 ^b=2", "1 2", "a base", ""),
    ("base=0 a=1 ^b=2", "2", "a base", ""),
    // From outside: on top like a deploy, and back where the very revision comes back.
    ("base=0 a=1 o=9", "9", "a base", ""),
    ("base=0 a=1 o=9 <a", "1", "base", "o"),
    ("base=0 a=1 o=9 b=2", "2", "o a base", ""),
    ("base=0 a=1 x=9", "9", "a base", ""),
    ("base=0 a=1 x=9 b=2", "2", "a base", ""),
    ("base=0 a=1 b=2 o:a", "1", "base", "b"),
    ("base=0 a=1 b=2 o:a o:b", "2", "a base", ""),
    ("base=0 a=1 b=2 o=1", "1", "b base", ""),
    // Several services, which run different images.
    ("base=0 a=1/2 b=3/4", "3 4", "a base", ""),
    ("base=0 a=1/2 b=3/4 <a", "1 2", "base", "b"),
    // Somebody else is rolling out: back to what ran last.
    ("base=0 a=1 b=2", "", "b a base", ""),
    ("base=0 a=1 b=2 <a", "", "a base", "b"),
];

#[test]
fn a_rollback_goes_to_what_ran_before_what_is_live_was_deployed() {
    for (words, live, back, left) in TABLE {
        let history = history(words);
        let stack = Stack::of(&history);
        let live = runs(live);
        let ways = stack.ways(Live::Runs(&live), 5);
        let found = labels(ways.back.iter().copied());
        assert_eq!(found, *back, "{words}, and {live:?} runs");
        let found = labels(ways.left.iter().map(|(past, _)| *past));
        assert_eq!(found, *left, "{words}, and {live:?} runs");
    }
}

#[test]
fn a_rollback_that_nothing_is_known_below_of_goes_no_further() {
    let whole = history("base=0 a=1 b=2 <a c=3 <a");
    // Of an old place, the newest few entries are read.
    let young = &whole[..3];
    let stack = Stack::of(young);
    let live = runs("1");
    let ways = stack.ways(Live::Runs(&live), 5);
    assert_eq!(labels(ways.back.iter().copied()), "");
    assert_eq!(labels(ways.left.iter().map(|(past, _)| *past)), "c");
    // What was gone back to is older than all that is read; what was left is not.
    let whole = history("base=0 a=1 b=2 c=3 <a");
    let live = runs("1");
    let young = Stack::of(&whole[..3]);
    let ways = young.ways(Live::Runs(&live), 5);
    assert_eq!(labels(ways.back.iter().copied()), "");
    assert_eq!(labels(ways.left.iter().map(|(past, _)| *past)), "c");
}

#[test]
fn where_nobody_has_looked_the_history_says_what_runs() {
    for (words, from, back) in [
        ("base=0", "base", ""),
        ("base=0 a=1 b=2", "b", "a base"),
        ("base=0 a=1 b=2 <a", "a", "base"),
        ("base=0 a=1 ~b=2", "a", "base"),
        ("base=0 a=1 -b=2", "a", "base"),
        ("base=0 a=1 !b=2", "b", "a base"),
        ("base=0 a=1 b=2 !<a", "a", "a base"),
        ("base=0 a=1 b=2 ^<a", "b", "a base"),
        ("", "", ""),
    ] {
        let history = history(words);
        let stack = Stack::of(&history);
        let ways = stack.ways(Live::NotSeen, 5);
        assert_eq!(labels(ways.from.into_iter()), from, "{words}");
        assert_eq!(labels(ways.back.iter().copied()), back, "{words}");
    }
}

#[test]
fn each_image_is_offered_once_and_no_more_than_wanted() {
    let history = history("base=0 a=1 b=2 c=3 d=2 e=3");
    let stack = Stack::of(&history);
    for (most, back) in [(5, "d a base"), (2, "d a")] {
        let live = runs("3");
        let ways = stack.ways(Live::Runs(&live), most);
        assert_eq!(labels(ways.back.iter().copied()), back);
    }
}

/// What happened, which entry's card (counted from the oldest), what runs, and what its button does.
const BUTTONS: &[(&str, usize, &str, &str)] = &[
    ("base=0 a=1 b=2", 2, "2", "goes to a"),
    ("base=0 a=1 b=2 r", 2, "2", "goes to a"),
    // A card from before: what it brought is gone.
    ("base=0 a=1 b=2", 1, "2", "a gone: Deployed b"),
    ("base=0 a=1 b=2 <a", 2, "1", "b gone: RolledBack a"),
    ("base=0 a=1 b=2 <a c=3", 2, "3", "b gone: RolledBack a"),
    ("base=0 a=1 o=9", 1, "9", "a gone: Outside o"),
    ("base=0 a=1 b=2 o:a", 2, "1", "b gone: Outside a"),
    // It is there again, by name or under another.
    ("base=0 a=1 b=2 <a", 1, "1", "goes to base"),
    ("base=0 a=1 b=2 <a <b", 2, "2", "goes to a"),
    ("base=0 a=1 b=2 <a b2=2", 2, "2", "goes to a"),
    // What failed, and may run.
    ("base=0 a=1 !b=2", 2, "2", "goes to a"),
    ("base=0 a=1 !b=2", 2, "1 2", "goes to a"),
    ("base=0 a=1 !b=2", 2, "1", "b gone: itself"),
    ("base=0 a=1 !b=2 !c=3", 2, "3", "b gone: TriedToDeploy c"),
    ("base=0 a=1 !b=2 !c=3", 3, "3", "goes to a"),
    ("base=0 a=1 !b=2 c=3", 2, "3", "b gone: Deployed c"),
    ("base=0 a=1 !b=2 b2=2", 2, "2", "goes to a"),
    // Not to what it brought, though something failed above it.
    ("base=0 a=1 !b=2", 1, "2", "a gone: TriedToDeploy b"),
    ("base=0 a=1 b=2 !<a", 2, "1", "b gone: TriedToRollBack a"),
    // Somebody else is rolling out: away from it all the same.
    ("base=0 a=1 b=2", 2, "", "goes to a"),
    ("base=0 a=1 b=2 <a", 2, "", "b gone: RolledBack a"),
];

#[test]
fn the_button_of_a_card_goes_away_from_what_the_card_brought_and_from_nothing_else() {
    for (words, card, live, does) in BUTTONS {
        let history = history(words);
        let stack = Stack::of(&history);
        let entry = history[history.len() - 1 - card].entry();
        let live = runs(live);
        let live = Live::Runs(&live);
        let found = match stack.there(&entry, live) {
            Ok(()) => {
                let ways = stack.ways_away_from(&entry, live, 1);
                format!("goes to {}", labels(ways.back.into_iter()))
            }
            Err(gone) => {
                let label = gone.label.unwrap();
                let left = gone.left.map_or("itself".to_owned(), |left| {
                    format!("{:?} {}", left.how, left.label)
                });
                format!("{label} gone: {left}")
            }
        };
        assert_eq!(found, *does, "{words}, the card {card}");
    }
    // Older than what is read of the history.
    let history = history("base=0 a=1 b=2");
    let stack = Stack::of(&history[..1]);
    let live = runs("2");
    let gone = stack
        .there(&history[1].entry(), Live::Runs(&live))
        .unwrap_err();
    assert_eq!(gone.label, None);
    assert_eq!(gone.left.unwrap().label, "b");
}

#[test]
fn what_is_gone_back_to_says_how_it_was_left_and_whether_it_is_marked() {
    let history = history("base=0 a=1 b=2 <a c=3");
    let stack = Stack::of(&history);
    let of = |label: &str| history.iter().rfind(|past| past.label == label).unwrap();
    let left = |label: &str| stack.left(of(label)).map(|left| (left.how, left.label));
    assert_eq!(left("a"), Some((Leaving::Deployed, "c".to_owned())));
    assert_eq!(left("b"), Some((Leaving::RolledBack, "a".to_owned())));
    assert_eq!(left("base"), Some((Leaving::Deployed, "a".to_owned())));
    assert_eq!(left("c"), None);
    assert!(stack.mark(of("b")).is_some() && stack.mark(of("a")).is_none());
}

#[test]
fn what_a_rollback_would_go_back_to_then_is_what_lies_below() {
    for (words, back_to, will_run, way) in [
        ("base=0 a=1", None, "2", "a"),
        ("base=0 a=1 b=2", Some("a"), "1", "base"),
        ("base=0 a=1 b=2 <a", None, "3", "a"),
        ("base=0 a=1 b=2 <a", Some("b"), "2", "a"),
    ] {
        let history = history(words);
        let stack = Stack::of(&history);
        let to = back_to.map(|to| {
            history
                .iter()
                .rfind(|past| past.label == to)
                .unwrap()
                .entry()
        });
        let found = stack.way_back_from(to.as_ref(), &runs(will_run));
        assert_eq!(labels(found.into_iter()), way, "{words}, to {back_to:?}");
    }
}

#[test]
fn only_what_was_rolled_back_itself_is_marked() {
    for (words, expected) in [
        ("base=0 a=1 <base", "a"),
        // The same image, deployed before and left for another: nobody rolled that back.
        ("base=0 a=1 b=2 c=1 <b", "c"),
        ("base=0 a=1 b=2 c=1 <b d=1", ""),
    ] {
        let marked = marked(history(words)).into_iter();
        let marked = marked.filter(|one| one.left.is_some());
        let labels: Vec<String> = marked.map(|one| one.past.label).collect();
        assert_eq!(labels.join(" "), expected, "{words}");
    }
}
