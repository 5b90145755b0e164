//! Images that a lifecycle rule is about to take: said when it is planned, and never in the way.

use std::time::Duration;

use insta::assert_snapshot;
use longshore_sim::fault::{Kind, Matcher};
use serde_json::{Value, json};

use super::Chat;
use crate::town::{ADA, Bot, PROD, REGION, digest_of};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Tagged images go so many days after they were pushed.
fn by_age(days: u32) -> Value {
    json!({ "rules": [{
        "rulePriority": 1,
        "selection": {
            "tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days,
        },
        "action": { "type": "expire" },
    }] })
}

/// So many images stay; `action` is what becomes of the others.
fn by_count(images: u32, action: &Value) -> Value {
    json!({ "rules": [{
        "rulePriority": 2,
        "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": images },
        "action": action,
    }] })
}

impl Chat {
    fn keeps(&self, policy: &Value) {
        let now = self.world.now();
        let place = (PROD, REGION, "webapp");
        let ecr = &mut self.world.state().ecr;
        ecr.put_lifecycle_policy(place, &policy.to_string(), now)
            .unwrap();
    }

    /// CI pushes an image for a new commit of a branch.
    fn builds(&self, branch: &str) {
        let now = self.world.now();
        let state = &mut *self.world.state();
        let commit = state
            .github
            .repo("acme/webapp")
            .commit(branch, "Sell boots", "ada");
        let digest = digest_of(&commit);
        state
            .ecr
            .push(PROD, REGION, "webapp", &[&commit], &digest, now);
    }

    fn calls_to(&self, operation: &str) -> usize {
        let state = self.world.state();
        let calls = state.calls.iter();
        calls.filter(|call| call.operation == operation).count()
    }
}

#[tokio::test(start_paused = true)]
async fn the_question_says_that_the_way_back_is_about_to_go() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.keeps(&by_age(30));
    tokio::time::advance(26 * DAY).await;
    chat.builds("boots");
    chat.types(ADA, "webapp:boots to production").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy webapp boots@83d789e to production?
      5a91773 → *boots@83d789e*
      `webapp`, digest `aa0a5cca121f`
      • `webapp`: `webapp:1` → a copy with the new image; 6 tasks wanted
      ⚠️ *The way back is about to go:* rule 1 of `webapp`'s lifecycle policy removes the image of 5a91773 (`517460eebcab`) in about 4 days. Have that rule keep more, or no rollback can go back to it.
      *Commits:* brings 2 commits · compare
      ```83d789e Sell boots (ada)
      680af60 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn the_verdict_says_that_what_runs_is_about_to_go() {
    let chat = Chat::new(Bot::Token).await;
    tokio::time::advance(DAY).await;
    chat.builds("boots");
    tokio::time::advance(DAY).await;
    chat.builds("boots");
    let archive = json!({ "type": "transition", "targetStorageClass": "archive" });
    chat.keeps(&by_count(3, &archive));
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      Starting.
      • `webapp`: about to start
      ⚠️ *This image is about to go:* rule 2 of `webapp`'s lifecycle policy archives the image of main@680af60 (`48a55179e67c`) as soon as one more image is pushed. From then on ECS can start no more tasks of it. Have that rule keep more.
      ⚠️ *The way back is about to go:* rule 2 of `webapp`'s lifecycle policy archives the image of 5a91773 (`517460eebcab`) as soon as one more image is pushed. Have that rule keep more, or no rollback can go back to it.
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      ⚠️ *This image is about to go:* rule 2 of `webapp`'s lifecycle policy archives the image of main@680af60 (`48a55179e67c`) as soon as one more image is pushed. From then on ECS can start no more tasks of it. Have that rule keep more.
      ⚠️ *The way back is about to go:* rule 2 of `webapp`'s lifecycle policy archives the image of 5a91773 (`517460eebcab`) as soon as one more image is pushed. Have that rule keep more, or no rollback can go back to it.
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      ⚠️ *This image is about to go:* rule 2 of `webapp`'s lifecycle policy archives the image of main@680af60 (`48a55179e67c`) as soon as one more image is pushed. From then on ECS can start no more tasks of it. Have that rule keep more.
      ⚠️ *The way back is about to go:* rule 2 of `webapp`'s lifecycle policy archives the image of 5a91773 (`517460eebcab`) as soon as one more image is pushed. Have that rule keep more, or no rollback can go back to it.
      – `id-1` · 23 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *main@680af60*, 1 commit (bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      ⚠️ *This image is about to go:* rule 2 of `webapp`'s lifecycle policy archives the image of main@680af60 (`48a55179e67c`) as soon as one more image is pushed. From then on ECS can start no more tasks of it. Have that rule keep more.
      ⚠️ *The way back is about to go:* rule 2 of `webapp`'s lifecycle policy archives the image of 5a91773 (`517460eebcab`) as soon as one more image is pushed. Have that rule keep more, or no rollback can go back to it.
      – `id-1` · 33 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # webapp main@680af60 runs on staging
      ✅ 5a91773 → main@680af60, 1 commit (bob), in 44 sec. Asked by @ada.
      ⚠️ *This image is about to go:* rule 2 of `webapp`'s lifecycle policy archives the image of main@680af60 (`48a55179e67c`) as soon as one more image is pushed. From then on ECS can start no more tasks of it. Have that rule keep more.
      ⚠️ *The way back is about to go:* rule 2 of `webapp`'s lifecycle policy archives the image of 5a91773 (`517460eebcab`) as soon as one more image is pushed. Have that rule keep more, or no rollback can go back to it.
      – `id-1` · 10:00 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada webapp: deployed version main@680af60 to staging in 44 sec
    ");
}

#[tokio::test(start_paused = true)]
async fn images_that_stay_are_not_spoken_of() {
    let expire = json!({ "type": "expire" });
    for policy in [by_age(30), by_count(500, &expire)] {
        let chat = Chat::new(Bot::Token).await;
        chat.keeps(&policy);
        chat.types(ADA, "webapp:main to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("✅ "), "{read}");
        assert!(!read.contains("about to go"), "{read}");
    }
}

/// The images only where there is a policy, and none of it for a rollback or a restart.
#[tokio::test(start_paused = true)]
async fn no_more_is_read_than_has_to_be() {
    let chat = Chat::new(Bot::Token).await;
    let count = |chat: &Chat| {
        let read = ["GetLifecyclePolicy", "DescribeImages"];
        read.map(|operation| chat.calls_to(operation))
    };
    let expire = json!({ "type": "expire" });
    for (policy, command, expected) in [
        (None, "webapp:main to staging", [1, 4]),
        (None, "rollback webapp on staging", [1, 6]),
        (None, "restart webapp on staging", [1, 6]),
        // One call for the images themselves, and one for all where they are counted.
        (Some(by_age(500)), "webapp:main to staging", [2, 10]),
        (
            Some(by_count(500, &expire)),
            "webapp:feature/signup-autocomplete to staging",
            [3, 14],
        ),
    ] {
        if let Some(policy) = policy {
            chat.keeps(&policy);
        }
        chat.types(ADA, command).await;
        chat.settles().await;
        assert_eq!(count(&chat), expected, "{command}");
        chat.skips();
    }
}

/// The warning is left out, and the deploy goes on.
#[tokio::test(start_paused = true)]
async fn whatever_keeps_the_policy_from_being_read_only_drops_the_warning() {
    let warned = |read: &str| read.contains("*The way back is about to go:*");
    for (operation, kind) in [
        ("GetLifecyclePolicy", None),
        ("GetLifecyclePolicy", Some(Kind::Denied)),
        ("GetLifecyclePolicy", Some(Kind::Throttled)),
        ("GetLifecyclePolicy", Some(Kind::Before5xx)),
        ("GetLifecyclePolicy", Some(Kind::TimedOut)),
    ] {
        let chat = Chat::new(Bot::Token).await;
        chat.keeps(&by_age(1));
        if let Some(kind) = kind {
            let matcher = Matcher::operation("ecr", operation);
            chat.world.state().faults.plan(matcher, kind);
        }
        let asked = chat.world.now();
        chat.types(ADA, "webapp:main to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("✅ "), "{kind:?}: {read}");
        assert_eq!(warned(&read), kind.is_none(), "{kind:?}: {read}");
        let calls = chat.world.state().calls.clone();
        let update = calls.iter().find(|call| call.operation == "UpdateService");
        let waited = update.unwrap().at.duration_since(asked).as_secs();
        assert!(waited <= 3, "{kind:?}: UpdateService after {waited} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_not_understood_says_nothing() {
    let chat = Chat::new(Bot::Token).await;
    let mut policy = by_age(1);
    policy["rules"][0]["selection"]["countType"] = json!("sinceImagePulled");
    chat.keeps(&policy);
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
    assert!(!read.contains("about to go"), "{read}");
}

/// Counting needs all images, and a thousand are as many as are looked at.
#[tokio::test(start_paused = true)]
async fn more_than_a_thousand_images_are_not_counted() {
    for (images, counted) in [(1000, true), (1001, false)] {
        let chat = Chat::new(Bot::Token).await;
        tokio::time::advance(Duration::from_secs(60)).await;
        chat.keeps(&by_count(2, &json!({ "type": "expire" })));
        for _ in 3..images {
            chat.builds("boots");
        }
        chat.types(ADA, "webapp:main to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("✅ "), "{read}");
        assert_eq!(read.contains("about to go"), counted, "{images}: {read}");
    }
}
