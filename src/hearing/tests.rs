use jiff::SignedDuration;

use super::*;
use crate::card::fixtures;
use crate::config::Config;
use crate::config::SourceFile;
use crate::hearing::request::{AHEAD, FRESH};
use crate::names::DeployId;
use crate::plan::{Candidate, CannotRun};
use crate::record::{Ask, Origin, Phase, ServiceState, Telling};
use crate::record::{LastDay, Pause, Plea, PleaPut};
use crate::request::{Entry, EntryKey, Verb};
use crate::rollout::AfterPause;

const T: Timestamp = Timestamp::UNIX_EPOCH;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const ADA: &str = "U0ADA0001";
const BOB: &str = "U0BOB0001";
const EVE: &str = "U0EVE0001";

const CONFIG: &str = r#"
slack    = { teams = ["T0001"], admins = ["U0ROOT001"] }
accounts = { main = { id = "111111111111", region = "eu-west-1" } }

[environments.production]
account  = "main"
cluster  = "production"
request  = ["team"]
channels = ["C0DEPLOYS"]

[teams.web]
members      = ["U0ADA0001"]
leads        = ["U0BOB0001"]
applications = ["webapp"]

[applications.webapp]
environments = ["production"]
"#;

fn config(text: &str) -> Config {
    Config::compile(&[SourceFile::new("longshore.toml", text)])
        .unwrap()
        .config
}

fn person(user: &str) -> Person {
    Person {
        team: "T0001".parse().unwrap(),
        user: user.parse().unwrap(),
    }
}

fn said(user: &str, at: Timestamp, what: What) -> Said {
    Said {
        by: person(user),
        channel: Some("C0DEPLOYS".parse().unwrap()),
        at,
        what,
    }
}

fn answer(nonce: &str, choice: Choice) -> What {
    let nonce = nonce.to_owned();
    What::Answer { nonce, choice }
}

/// What stands for a version in the question's menu.
fn version(label: &str) -> EntryKey {
    Entry::Deploy(DeployId::derive(label.as_bytes())).key()
}

/// Ada's deploy, which asks until a quarter past and pauses.
fn asking() -> Deploy {
    let place = ("webapp".parse().unwrap(), "production".parse().unwrap());
    let id = DeployId::derive(b"a request");
    let channel = Some("C0DEPLOYS".parse().unwrap());
    let by = person(ADA).actor();
    let mut deploy = Deploy::new(id, Verb::Restart, place, by, T, Origin::typed(channel));
    deploy.phase = Phase::Asking;
    deploy.ask = Some(Ask {
        nonce: "question".to_owned(),
        plan_hash: "hash".to_owned(),
        occasion: crate::record::Occasion::First,
        chose: None,
        number: 1,
        asked_at: T,
        expires_at: T + MINUTE * 15,
        shown: true,
        place: None,
        closed: false,
        consented_by: None,
    });
    let mut service = ServiceState::new("webapp");
    service.pauses.push(Pause {
        hook: "hook".to_owned(),
        nonce: "pause".to_owned(),
        stage: None,
        since: T,
        expires_at: None,
        on_timeout: AfterPause::Continue,
        answer: None,
        trouble: None,
        end: None,
        asked: Telling::Due,
        reported: Telling::Due,
    });
    deploy.services.push(service);
    let mut plan = fixtures::plan("1.0.2", &["webapp"]);
    let listed = |label: &str, why_not| Candidate {
        key: version(label),
        why_not,
        ..fixtures::goes_back(label).way
    };
    let gone = Some(CannotRun::Image("48a55179e67c".to_owned()));
    plan.shares.first_mut().candidates = vec![listed("1.0.1", None), listed("1.0.0", gone)];
    deploy.plan = Some(plan);
    deploy
}

fn heard(deploy: &Deploy, said: &[Said], now: Timestamp) -> Heard {
    judge(Policy::alone(&config(CONFIG), now), deploy, said)
}

/// Whether this one thing counts a moment later.
fn counts(deploy: &Deploy, one: Said) -> bool {
    let now = one.at + SignedDuration::from_secs(1);
    heard(deploy, &[one], now) != Heard::default()
}

#[test]
fn only_who_may_is_heard() {
    for (what, ada, bob, eve) in [
        (answer("question", Choice::Confirm), true, false, false),
        (answer("question", Choice::Decline), true, true, false),
        (
            answer("question", Choice::Another(version("1.0.1"))),
            true,
            false,
            false,
        ),
        // It was not to be chosen.
        (
            answer("question", Choice::Another(version("1.0.0"))),
            false,
            false,
            false,
        ),
        (
            answer("question", Choice::Another(version("0.9"))),
            false,
            false,
            false,
        ),
        (
            answer("pause", Choice::Another(version("1.0.1"))),
            false,
            false,
            false,
        ),
        (answer("pause", Choice::Continue), true, true, false),
        (answer("pause", Choice::RollBack), true, true, false),
        (What::Stop, true, true, false),
    ] {
        for (user, may) in [(ADA, ada), (BOB, bob), (EVE, eve)] {
            let one = said(user, T + MINUTE, what.clone());
            assert_eq!(counts(&asking(), one), may, "{user} {what:?}");
        }
        let mut stranger = said(ADA, T + MINUTE, what);
        stranger.by.team = "T0002".parse().unwrap();
        assert!(!counts(&asking(), stranger));
    }
}

#[test]
fn a_yes_counts_only_where_it_may_be_given() {
    for (what, elsewhere) in [
        (answer("question", Choice::Confirm), false),
        (answer("question", Choice::Another(version("1.0.1"))), false),
        (answer("pause", Choice::Continue), false),
        // To stop is never the dangerous choice.
        (answer("question", Choice::Decline), true),
        (answer("pause", Choice::RollBack), true),
        (What::Stop, true),
    ] {
        for channel in [Some("C0RANDOM1".parse().unwrap()), None] {
            let mut one = said(ADA, T + MINUTE, what.clone());
            one.channel = channel;
            assert_eq!(counts(&asking(), one), elsewhere, "{what:?}");
        }
    }
}

#[test]
fn a_right_that_is_gone_is_gone() {
    let confirmed = said(ADA, T + MINUTE, answer("question", Choice::Confirm));
    let now = T + MINUTE;
    let without = config(&CONFIG.replace("members      = [\"U0ADA0001\"]", "members = []"));
    let heard = judge(Policy::alone(&without, now), &asking(), &[confirmed]);
    assert_eq!(heard, Heard::default());
}

#[test]
fn an_answer_is_to_what_stands() {
    for what in [
        answer("another", Choice::Confirm),
        answer("another", Choice::Decline),
        answer("another", Choice::Continue),
        answer("another", Choice::RollBack),
        // An answer to the one is none to the other.
        answer("pause", Choice::Confirm),
        answer("pause", Choice::Decline),
        answer("question", Choice::Continue),
        answer("question", Choice::RollBack),
    ] {
        assert!(
            !counts(&asking(), said(ADA, T + MINUTE, what.clone())),
            "{what:?}"
        );
    }
}

#[test]
fn an_answer_comes_before_its_question_lapses() {
    let second = SignedDuration::from_secs(1);
    let lapses = T + MINUTE * 15;
    for choice in [Choice::Confirm, Choice::Decline] {
        for (at, in_time) in [(lapses, true), (lapses + second, false)] {
            let one = said(ADA, at, answer("question", choice));
            assert_eq!(counts(&asking(), one), in_time, "{choice:?} {at}");
        }
    }
}

#[test]
fn a_yes_that_turns_up_long_after_its_time_does_not_count() {
    let at = T + MINUTE * 14;
    let yes = || [said(ADA, at, answer("question", Choice::Confirm))];
    assert!(!heard(&asking(), &yes(), at + FRESH).answers.is_empty());
    let later = at + FRESH + MINUTE;
    assert!(heard(&asking(), &yes(), later).answers.is_empty());
    // One that has counted is still known.
    let mut deploy = asking();
    let ask = deploy.ask.as_mut().unwrap();
    ask.consented_by = Some(person(ADA).actor());
    assert!(!heard(&deploy, &yes(), later).answers.is_empty());
}

#[test]
fn nothing_counts_before_its_time() {
    let second = SignedDuration::from_secs(1);
    for what in [
        answer("question", Choice::Confirm),
        answer("pause", Choice::Continue),
        What::Stop,
    ] {
        for (ahead, counts) in [(AHEAD, true), (AHEAD + second, false)] {
            let one = said(ADA, T + ahead, what.clone());
            assert_eq!(heard(&asking(), &[one], T) != Heard::default(), counts);
        }
    }
}

#[test]
fn the_first_that_counts_comes_first_and_a_no_before_a_yes() {
    let yes = |user, at| said(user, at, answer("question", Choice::Confirm));
    let no = |user, at| said(user, at, answer("question", Choice::Decline));
    let at = |minutes| T + MINUTE * minutes;
    for (all, first) in [
        (
            vec![yes(EVE, at(1)), no(EVE, at(1)), yes(ADA, at(2))],
            Some(Choice::Confirm),
        ),
        (vec![no(BOB, at(3)), yes(ADA, at(2))], Some(Choice::Confirm)),
        (vec![yes(ADA, at(2)), no(BOB, at(1))], Some(Choice::Decline)),
        (vec![yes(ADA, at(2)), no(BOB, at(2))], Some(Choice::Decline)),
        (vec![yes(EVE, at(2)), no(EVE, at(2))], None),
    ] {
        let heard = heard(&asking(), &all, at(5));
        assert_eq!(
            heard.answers.first().map(|one| one.choice),
            first,
            "{all:?}"
        );
    }
    let stop = |user, at| said(user, at, What::Stop);
    let wishes = [stop(EVE, at(1)), stop(BOB, at(3)), stop(ADA, at(2))];
    let heard = heard(&asking(), &wishes, at(5));
    assert_eq!(heard.cancel.unwrap().by, person(ADA).actor());
}

/// Whoever takes the public function over writes answers in anybody's name: an admin's alone gives a right, and nobody's
/// own does.
#[test]
fn a_right_is_allowed_by_an_admin_and_by_nobody_for_themselves() {
    let mut deploy = asking();
    let ask = deploy.ask.take().unwrap();
    deploy.plea = Some(Plea {
        put: Some(PleaPut {
            to: "U0ROOT001".parse().unwrap(),
            ask,
            until: LastDay {
                on: "1970-01-02".parse().unwrap(),
                at: T + MINUTE * 60,
            },
            asked: Telling::Due,
            told: Telling::Due,
        }),
        ..Plea::default()
    });
    for choice in [Choice::AllowOnce, Choice::AllowUntil] {
        for (user, requester, counts) in [
            ("U0ROOT001", ADA, true),
            (BOB, ADA, false),
            (EVE, ADA, false),
            ("U0ROOT001", "U0ROOT001", false),
        ] {
            deploy.requester = person(requester).actor();
            let said = [said(user, T + MINUTE, answer("question", choice))];
            let heard = heard(&deploy, &said, T + MINUTE);
            assert_eq!(
                heard.answers.len(),
                usize::from(counts),
                "{user} {choice:?}"
            );
        }
    }
}
