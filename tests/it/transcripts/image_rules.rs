//! What an image itself must be: signed, and under a tag that stays. Its scan is [`scans`]'s.

mod scans;

use longshore_sim::State;
use longshore_sim::ecr::{Scan, Scanner};
use longshore_sim::fault::{Faults, Kind, Matcher};
use longshore_sim::github::Mode;

use super::gated::{TOKEN, no_illness_is_a_pass, town};
use crate::town::{ADA, PROD, REGION, digest_of};

const WEBAPP: (&str, &str, &str) = (PROD, REGION, "webapp");

/// What is arranged for the commit at the head of main.
type Arranged = fn(&mut State, &str);
/// What it is, the rule, what is arranged, what is typed, and what is said; nothing where it goes out.
type Case = (
    &'static str,
    &'static str,
    Arranged,
    &'static str,
    Option<&'static str>,
);

async fn hold(cases: &[Case]) {
    for (case, rule, arranged, typed, said) in cases {
        let (chat, head) = town("staging", rule).await;
        arranged(&mut chat.world.state(), &head);
        let typed = typed.replace("HEAD", &head);
        chat.types(ADA, &format!("{typed} to staging")).await;
        chat.settles().await;
        let read = chat.reads();
        match said {
            None => assert!(read.contains("✅ "), "{case}: {read}"),
            Some(said) => {
                assert!(read.contains(said), "{case}: {read}");
                chat.assert_nothing_changed();
            }
        }
    }
}

fn scanned(state: &mut State, head: &str, scan: Scan) {
    state.ecr.set_scan(WEBAPP, &digest_of(head), scan);
}

fn basic(status: &str) -> Scan {
    Scan::new(Scanner::Basic, status)
}

const SIGNED: &str = "signed = true";
const MAIN: &str = "webapp:main";

fn signs(state: &mut State, head: &str, says: &str) {
    state.github.repo("acme/webapp").sign(head, says);
}

#[tokio::test(start_paused = true)]
async fn only_what_is_signed_goes_out_where_that_is_asked() {
    hold(&[
        (
            "signed",
            SIGNED,
            |state, head| signs(state, head, "valid"),
            MAIN,
            None,
        ),
        (
            "not signed",
            SIGNED,
            |_, _| {},
            MAIN,
            Some("is not signed, and must be."),
        ),
        (
            "by a key that nobody knows",
            SIGNED,
            |state, head| signs(state, head, "unknown_key"),
            MAIN,
            Some("GitHub does not take its signature: `unknown_key`."),
        ),
        (
            "which GitHub cannot check",
            SIGNED,
            |state, head| signs(state, head, "gpgverify_unavailable"),
            MAIN,
            Some("`gpgverify_unavailable`"),
        ),
        (
            "by a tag that is signed",
            SIGNED,
            |state, head| {
                let repo = state.github.repo("acme/webapp");
                repo.annotated_tag("v2", head, "Second");
                repo.sign_tag("v2", "valid");
            },
            "webapp:v2",
            None,
        ),
        (
            "by its commit, which only a tag is signed of",
            SIGNED,
            |state, head| {
                let repo = state.github.repo("acme/webapp");
                repo.annotated_tag("v2", head, "Second");
                repo.sign_tag("v2", "valid");
            },
            MAIN,
            Some("is not signed, and must be."),
        ),
        (
            "by a tag that is not signed",
            SIGNED,
            |state, head| {
                let repo = state.github.repo("acme/webapp");
                repo.annotated_tag("v2", head, "Second");
            },
            "webapp:v2",
            Some("is not signed, and must be."),
        ),
        (
            "by a tag without an object of its own",
            SIGNED,
            |state, head| {
                state.github.repo("acme/webapp").tag("v2", head);
            },
            "webapp:v2",
            Some("is not signed, and must be."),
        ),
        (
            "an image that proves no commit",
            SIGNED,
            |state, _| {
                let digest = digest_of("nightly");
                let now = jiff::Timestamp::UNIX_EPOCH;
                state
                    .ecr
                    .push(PROD, REGION, "webapp", &["nightly"], &digest, now);
            },
            "webapp:nightly",
            Some("so nobody can tell whether it is signed."),
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_github_does_not_say_is_no_pass() {
    let signed = |state: &mut State, head: &str| signs(state, head, "valid");
    let closed = |state: &mut State| state.github.revoke_token(TOKEN);
    let unsaid = "whether it is signed";
    no_illness_is_a_pass(SIGNED, unsaid, signed, closed).await;
}

const IMMUTABLE: &str = "immutable = true";

#[tokio::test(start_paused = true)]
async fn only_what_is_under_a_tag_that_stays_goes_out_where_that_is_asked() {
    hold(&[
        (
            "a repository whose tags stay",
            IMMUTABLE,
            |state, _| state.ecr.set_immutable(WEBAPP, true, &[]),
            MAIN,
            None,
        ),
        (
            "one whose tags can be moved",
            IMMUTABLE,
            |_, _| {},
            MAIN,
            Some("can be moved to another image."),
        ),
        (
            "one whose other tags can be moved",
            IMMUTABLE,
            |state, _| {
                state
                    .ecr
                    .set_immutable(WEBAPP, true, &["latest", "nightly*"])
            },
            MAIN,
            None,
        ),
        (
            "one whose tags stay but for this",
            IMMUTABLE,
            |state, _| {
                state.ecr.set_immutable(WEBAPP, true, &["night*"]);
                let now = jiff::Timestamp::UNIX_EPOCH;
                let digest = digest_of("nightly");
                state
                    .ecr
                    .push(PROD, REGION, "webapp", &["nightly"], &digest, now);
            },
            "webapp:nightly",
            Some("The tag `nightly` can be moved to another image."),
        ),
        (
            "one whose tags can be moved but for this",
            IMMUTABLE,
            |state, head| {
                state.ecr.set_immutable(WEBAPP, false, &["v*"]);
                let digest = digest_of(head);
                state.ecr.retag(PROD, REGION, "webapp", "v9", &digest);
            },
            "webapp:v9",
            None,
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_repository_that_is_opened_while_people_are_asked_does_not_start() {
    let (chat, _) = town("production", "immutable = true\nscan = \"low\"").await;
    {
        let ecr = &mut chat.world.state().ecr;
        ecr.set_immutable(WEBAPP, true, &[]);
        ecr.scan_on_push(PROD, REGION, "webapp");
    }
    chat.types(ADA, "webapp:main to production").await;
    chat.seconds(10).await;
    let asked = chat.reads();
    let passed = "Passed: its tag cannot be moved, its scan found nothing low or worse";
    assert!(asked.contains(passed), "{asked}");
    chat.world.state().ecr.set_immutable(WEBAPP, false, &[]);
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("can be moved to another image."), "{read}");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn a_signature_that_is_taken_back_while_people_are_asked_does_not_start() {
    let (chat, head) = town("production", SIGNED).await;
    signs(&mut chat.world.state(), &head, "valid");
    chat.types(ADA, "webapp:main to production").await;
    chat.seconds(10).await;
    let asked = chat.reads();
    assert!(asked.contains("Passed: signed"), "{asked}");
    signs(&mut chat.world.state(), &head, "unknown_key");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("`unknown_key`"), "{read}");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn what_the_registry_does_not_say_is_no_pass() {
    for (rule, operation) in [
        ("scan = \"high\"", "DescribeImageScanFindings"),
        (IMMUTABLE, "DescribeRepositories"),
    ] {
        for (kind, said) in [
            (Kind::Denied, "AWS does not let Longshore"),
            (Kind::Before5xx, "Nothing was started"),
            (Kind::TimedOut, "Nothing was started"),
        ] {
            let (chat, head) = town("staging", rule).await;
            {
                let state = &mut *chat.world.state();
                scanned(state, &head, basic("COMPLETE"));
                state.ecr.set_immutable(WEBAPP, true, &[]);
                state
                    .faults
                    .plan(Matcher::operation("ecr", operation), kind);
            }
            chat.types(ADA, "webapp:main to staging").await;
            chat.settles().await;
            let read = chat.reads();
            assert!(read.contains(said), "{rule} {said}: {read}");
            chat.assert_nothing_changed();
        }
    }
}

/// What AWS refuses when a deploy starts does not pass, and keeps no service from anybody.
#[tokio::test(start_paused = true)]
async fn a_definite_no_of_the_registry_at_the_start_ends_the_deploy() {
    let (chat, head) = town("production", "scan = \"high\"").await;
    scanned(&mut chat.world.state(), &head, basic("COMPLETE"));
    chat.types(ADA, "webapp:main to production").await;
    chat.seconds(10).await;
    chat.skips();
    let no = Kind::Refused("ValidationException", "no such scan");
    let matcher = Matcher::operation("ecr", "DescribeImageScanFindings");
    chat.world.state().faults.plan(matcher, no);
    chat.clicks(ADA, "confirm").await;
    chat.seconds(30).await;
    let read = chat.reads();
    assert!(read.contains("Nothing was started"), "{read}");
    assert!(read.contains("ecr:DescribeImageScanFindings"), "{read}");
    chat.assert_nothing_changed();
    chat.world.state().faults = Faults::default();
    chat.types(ADA, "webapp:main to production").await;
    chat.seconds(10).await;
    let read = chat.reads();
    assert!(read.contains("Confirm"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn the_way_back_and_a_restart_ask_for_none_of_it() {
    let (chat, head) = town("staging", "signed = true\nimmutable = true\nscan = \"low\"").await;
    {
        let state = &mut *chat.world.state();
        signs(state, &head, "valid");
        scanned(state, &head, basic("COMPLETE"));
        state.ecr.set_immutable(WEBAPP, true, &[]);
    }
    chat.does("webapp:main to staging").await;
    {
        let state = &mut *chat.world.state();
        signs(state, &head, "unsigned");
        scanned(state, &head, basic("FAILED"));
        state.ecr.set_immutable(WEBAPP, false, &[]);
        state.github.set_mode(Mode::Down);
    }
    let read = chat.does("restart webapp on staging").await;
    assert!(read.contains("✅ "), "{read}");
    let read = chat.does("rollback webapp on staging").await;
    assert!(read.contains("✅ "), "{read}");
}
