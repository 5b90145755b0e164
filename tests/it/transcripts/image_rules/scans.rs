//! What a scan of an image found, and how it may come to say nothing.

use longshore_sim::State;
use longshore_sim::ecr::{self, Manifest, Scan, Scanner};

use super::{ADA, MAIN, WEBAPP, basic, hold, scanned, town};
use crate::town::{PROD, REGION, digest_of};

const SCAN: &str = "scan = \"high\"";

fn enhanced(status: &str) -> Scan {
    Scan::new(Scanner::Enhanced, status)
}

/// The head's image becomes an index of two platforms, whose images have these scans.
fn is_index(state: &mut State, head: &str, scans: [Option<Scan>; 2]) {
    let digests = ["amd64", "arm64"].map(|one| (one.to_owned(), ecr::digest(one)));
    let now = jiff::Timestamp::UNIX_EPOCH;
    for ((_, digest), scan) in digests.iter().zip(scans) {
        state.ecr.push(PROD, REGION, "webapp", &[], digest, now);
        if let Some(scan) = scan {
            state.ecr.set_scan(WEBAPP, digest, scan);
        }
    }
    let index = Manifest::Index(digests.into());
    state.ecr.set_manifest(WEBAPP, &digest_of(head), index);
}

#[tokio::test(start_paused = true)]
async fn only_what_a_scan_found_nothing_bad_in_goes_out_where_that_is_asked() {
    hold(&[
        (
            "a basic scan that found nothing",
            SCAN,
            |state, head| scanned(state, head, basic("COMPLETE")),
            MAIN,
            None,
        ),
        (
            "one that found less",
            SCAN,
            |state, head| {
                let scan = basic("COMPLETE").finding("CVE-1", "MEDIUM", "zlib");
                let scan = scan.finding("CVE-2", "UNDEFINED", "zlib");
                scanned(state, head, scan);
            },
            MAIN,
            None,
        ),
        (
            "one that found as much",
            SCAN,
            |state, head| {
                let scan = basic("COMPLETE").finding("CVE-1", "HIGH", "openssl");
                scanned(state, head, scan);
            },
            MAIN,
            Some("The scan of its image found 1 weakness that is high or worse."),
        ),
        (
            "an enhanced scan that found nothing",
            SCAN,
            |state, head| scanned(state, head, enhanced("ACTIVE")),
            MAIN,
            None,
        ),
        (
            "one that found more",
            SCAN,
            |state, head| {
                let scan = enhanced("ACTIVE").finding("CVE-7", "CRITICAL", "log4j");
                scanned(state, head, scan);
            },
            MAIN,
            Some("`CVE-7` critical, in `log4j`"),
        ),
        (
            "one of which nothing is shown",
            SCAN,
            |state, head| scanned(state, head, Scan::new(Scanner::Unseen, "ACTIVE")),
            MAIN,
            Some("ECR does not show what the scan of its image found."),
        ),
        (
            "none",
            SCAN,
            |_, _| {},
            MAIN,
            Some("Its image has not been scanned."),
        ),
        (
            "one that runs",
            SCAN,
            |state, head| scanned(state, head, basic("IN_PROGRESS")),
            MAIN,
            Some("The scan of its image has not ended."),
        ),
        (
            "one that is to begin",
            SCAN,
            |state, head| scanned(state, head, enhanced("PENDING")),
            MAIN,
            Some("The scan of its image has not ended."),
        ),
        (
            "one that failed",
            SCAN,
            |state, head| scanned(state, head, basic("FAILED")),
            MAIN,
            Some("stands at `FAILED`"),
        ),
        (
            "an image that is too large",
            SCAN,
            |state, head| scanned(state, head, enhanced("IMAGE_SIZE_EXCEEDED")),
            MAIN,
            Some("stands at `IMAGE_SIZE_EXCEEDED`"),
        ),
        (
            "one that is not kept current any more",
            SCAN,
            |state, head| scanned(state, head, enhanced("SCAN_ELIGIBILITY_EXPIRED")),
            MAIN,
            Some("stands at `SCAN_ELIGIBILITY_EXPIRED`"),
        ),
        (
            "more findings than a page holds, the worst behind it",
            SCAN,
            |state, head| {
                let low =
                    |scan: Scan, number| scan.finding(&format!("CVE-{number}"), "LOW", "zlib");
                let scan = (0..1_100).fold(basic("COMPLETE"), low);
                let scan = scan.finding("CVE-2026-9", "CRITICAL", "openssl");
                scanned(state, head, scan);
            },
            MAIN,
            Some("`CVE-2026-9` critical, in `openssl`"),
        ),
        (
            "of several platforms, all clean",
            SCAN,
            |state, head| {
                is_index(
                    state,
                    head,
                    [Some(basic("COMPLETE")), Some(basic("COMPLETE"))],
                );
            },
            MAIN,
            None,
        ),
        (
            "of several platforms, one not scanned",
            SCAN,
            |state, head| is_index(state, head, [Some(basic("COMPLETE")), None]),
            MAIN,
            Some("Its image has not been scanned."),
        ),
        (
            "of several platforms, one with a weakness",
            SCAN,
            |state, head| {
                let bad = basic("COMPLETE").finding("CVE-1", "HIGH", "openssl");
                is_index(state, head, [Some(basic("COMPLETE")), Some(bad)]);
            },
            MAIN,
            Some("found 1 weakness that is high or worse."),
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_five_worst_are_listed() {
    let (chat, head) = town("staging", "scan = \"medium\"").await;
    let mut scan = basic("COMPLETE");
    for (number, severity) in [
        "LOW", "MEDIUM", "HIGH", "CRITICAL", "MEDIUM", "HIGH", "MEDIUM",
    ]
    .iter()
    .enumerate()
    {
        scan = scan.finding(&format!("CVE-2026-000{number}"), severity, "openssl");
    }
    scanned(&mut chat.world.state(), &head, scan);
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:main was refused on staging
      ⛔ Nothing was started.
      The scan of its image found 6 weaknesses that are medium or worse.
      • `CVE-2026-0003` critical, in `openssl`
      • `CVE-2026-0002` high, in `openssl`
      • `CVE-2026-0005` high, in `openssl`
      • `CVE-2026-0001` medium, in `openssl`
      • `CVE-2026-0004` medium, in `openssl`
      Mend that, build it anew, and deploy what was built.
      – `id-1` · 10:00 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn a_weakness_that_is_found_while_people_are_asked_does_not_start() {
    let (chat, head) = town("production", SCAN).await;
    scanned(&mut chat.world.state(), &head, enhanced("ACTIVE"));
    chat.types(ADA, "webapp:main to production").await;
    chat.seconds(10).await;
    chat.skips();
    let scan = enhanced("ACTIVE").finding("CVE-7", "CRITICAL", "log4j");
    scanned(&mut chat.world.state(), &head, scan);
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("`CVE-7` critical, in `log4j`"), "{read}");
    chat.assert_nothing_changed();
}
