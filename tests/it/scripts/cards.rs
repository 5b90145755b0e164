//! The cards that the scripts end with.

use super::*;

fn cards(services: usize) -> String {
    let mut cards = String::new();
    for (row, played) in TABLE.iter().zip(plays()) {
        let _ = writeln!(cards, "{}\n{}\n", row.words, played[services].card);
    }
    cards
}

#[test]
fn the_cards_of_one_service() {
    assert_snapshot!(cards(0), @"
    happy
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 48 sec. Asked by @ada.

    slow, 29 minutes
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 29 min, 26 sec. Asked by @ada.

    slow, 31 minutes
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 31 min, 23 sec. Asked by @ada.

    slow, 65 minutes
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 1 hour, 5 min. Asked by @ada.

    crash loop with breaker rollback
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back after 36 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    breaker on with no earlier good revision
      # webapp feature/signup-autocomplete@83a078a failed on staging
      ❌ *Runs now* on `webapp`: `webapp:2` (`feature/signup-autocomplete@83a078a`): 0 of 6 running, 6 failed; `webapp:1` (5a91773): 6 running. It failed after 25 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    breaker on without rollback
      # webapp feature/signup-autocomplete@83a078a failed on staging
      ❌ *Runs now* on `webapp`: `webapp:2` (`feature/signup-autocomplete@83a078a`): 0 of 6 running, 6 failed; `webapp:1` (5a91773): 6 running. It failed after 25 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    the rollback itself failing
      # webapp feature/signup-autocomplete@83a078a failed on staging
      ❌ *Runs now* on `webapp`: `webapp:1` (5a91773): 6 of 6 running, 3 failed. It failed after 36 sec. Asked by @ada.
      *Why:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    breaker off, never ending
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). @bob stopped it after 41 min, 33 sec. Asked by @ada.
      *Why:* `108 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    tasks dying uncounted
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). @bob stopped it after 41 min, 33 sec. Asked by @ada.
      *Why:* `588 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks

    unable to place tasks
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back after 48 sec. Asked by @ada.
      *Why:* ECS says: `was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your capacity provider.`. Likely cause: The cluster has no room for the new tasks: add capacity, or lower what they ask for.
      tasks

    image pull error
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back after 25 sec. Asked by @ada.
      *Why:* `3 × did not start: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp@sha256:3ebc682504d389d22f7c02afd…`. Likely cause: The image is not there (any more): has a lifecycle rule deleted it?
      tasks

    a foreign rollout superseding ours
      # webapp feature/signup-autocomplete@83a078a was superseded on staging
      ⚠️ *Runs now* on `webapp`: `webapp:3`: 0 of 6 running; `webapp:2` (`feature/signup-autocomplete@83a078a`): 6 running; `webapp:1` (5a91773): 6 running. Another rollout, not Longshore's, took its place after 25 sec. Asked by @ada.
      *Why:* Somebody else rolled out webapp:3 meanwhile.
      tasks

    stale reads for 30 s
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 42 sec. Asked by @ada.

    rolled back between two polls
      # webapp feature/signup-autocomplete@83a078a did not come up on staging
      ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back after 3 sec. Asked by @ada.
      *Why:* ECS says: `deployment failed: tasks failed to start.`
      tasks

    scaled to zero
      # webapp feature/signup-autocomplete@83a078a is set on staging, and no tasks run
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 14 sec. No tasks run: the desired count is 0; `feature/signup-autocomplete@83a078a` is what would start. Asked by @ada.

    alarm rollback
      # webapp feature/signup-autocomplete@83a078a was taken back on staging
      ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back after 25 sec because of the alarm `webapp-5xx`. Asked by @ada.
      *Why:* ECS says: `deployment failed: alarm detected.`
      tasks

    blue/green
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 14 sec. Asked by @ada.

    linear
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 35 sec. Asked by @ada.

    canary
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 14 sec. Asked by @ada.

    rolling update with a pause hook
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 1 min, 48 sec. Asked by @ada.

    rolling update with a pause hook that nobody answers
      # webapp feature/signup-autocomplete@83a078a was taken back on staging
      ↩️ 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). Nobody answered its pause in time, so ECS went back after 31 min, 41 sec. Asked by @ada.
      tasks

    blue/green with a pause hook
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 42 sec. Asked by @ada.

    blue/green with a pause hook, rolled back
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). @bob stopped it after 1 min, 36 sec. Asked by @ada.
      tasks

    blue/green with two pause hooks
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 7 min, 40 sec. Asked by @ada.

    linear with a pause hook
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 7 min, 2 sec. Asked by @ada.

    canary with a pause hook
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ 5a91773 → feature/signup-autocomplete@83a078a, 2 commits (ada, bob), in 6 min, 42 sec. Asked by @ada.
    ");
}

#[test]
fn the_cards_of_three_services_of_which_the_second_has_the_script() {
    assert_snapshot!(cards(1), @"
    happy
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 2 min, 12 sec. Asked by @ada.

    slow, 29 minutes
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 31 min, 1 sec. Asked by @ada.

    slow, 31 minutes
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 32 min, 57 sec. Asked by @ada.

    slow, 65 minutes
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 1 hour, 6 min. Asked by @ada.

    crash loop with breaker rollback
      # shop feature/signup-autocomplete@e7a7cf1 did not come up on staging
      ↩️ 14e1eb0 runs as before, with all tasks, without 2 commits (ada, bob). ECS went back after 2 min, 12 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    breaker on with no earlier good revision
      # shop feature/signup-autocomplete@e7a7cf1 failed on staging
      ❌ It failed after 1 min, 57 sec. Asked by @ada.
      14e1eb0 runs as before on `shop-api`, `shop-worker`, with all tasks
      *Runs now* on `shop-web`: `shop-web:2` (`feature/signup-autocomplete@e7a7cf1`): 0 of 6 running, 6 failed; `shop-web:1` (14e1eb0): 6 running
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` failed: `No rollback candidate was found to run the rollback.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    breaker on without rollback
      # shop feature/signup-autocomplete@e7a7cf1 failed on staging
      ❌ It failed after 1 min, 57 sec. Asked by @ada.
      14e1eb0 runs as before on `shop-api`, `shop-worker`, with all tasks
      *Runs now* on `shop-web`: `shop-web:2` (`feature/signup-autocomplete@e7a7cf1`): 0 of 6 running, 6 failed; `shop-web:1` (14e1eb0): 6 running
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` failed: `Service deployment stopped because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    the rollback itself failing
      # shop feature/signup-autocomplete@e7a7cf1 failed on staging
      ❌ It failed after 2 min, 12 sec. Asked by @ada.
      14e1eb0 runs as before on `shop-api`, `shop-worker`, with all tasks
      *Runs now* on `shop-web`: `shop-web:1` (14e1eb0): 3 of 6 running, 6 failed
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` failed: `The rollback's tasks failed to start.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `6 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    breaker off, never ending
      # shop feature/signup-autocomplete@e7a7cf1 was cancelled on staging
      🛑 14e1eb0 runs as before, with all tasks, without 2 commits (ada, bob). @bob stopped it after 42 min, 41 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: stopped, and back on what ran before
      • `shop-worker`: not touched
      *Why, `shop-web`:* `108 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    tasks dying uncounted
      # shop feature/signup-autocomplete@e7a7cf1 was cancelled on staging
      🛑 14e1eb0 runs as before, with all tasks, without 2 commits (ada, bob). @bob stopped it after 42 min, 41 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: stopped, and back on what ran before
      • `shop-worker`: not touched
      *Why, `shop-web`:* `582 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      `shop-web`: log stream · tasks

    unable to place tasks
      # shop feature/signup-autocomplete@e7a7cf1 did not come up on staging
      ↩️ 14e1eb0 runs as before, with all tasks, without 2 commits (ada, bob). ECS went back after 2 min, 27 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* ECS says: `was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your capacity provider.`. Likely cause: The cluster has no room for the new tasks: add capacity, or lower what they ask for.
      `shop-web`: tasks

    image pull error
      # shop feature/signup-autocomplete@e7a7cf1 did not come up on staging
      ↩️ 14e1eb0 runs as before, with all tasks, without 2 commits (ada, bob). ECS went back after 2 min, 12 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* `3 × did not start: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 111111111111.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:e40fc78159599ce813b5c24402c…`. Likely cause: The image is not there (any more): has a lifecycle rule deleted it?
      `shop-web`: tasks

    a foreign rollout superseding ours
      # shop feature/signup-autocomplete@e7a7cf1 was superseded on staging
      ⚠️ Another rollout, not Longshore's, took its place after 1 min, 57 sec. Asked by @ada.
      14e1eb0 runs as before on `shop-api`, `shop-worker`, with all tasks
      *Runs now* on `shop-web`: `shop-web:3`: 6 of 6 running
      *Why:* shop-web: Somebody else rolled out shop-web:3 meanwhile.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: another rollout, not Longshore's, replaced `shop-web:2`
      • `shop-worker`: not touched
      `shop-web`: tasks

    stale reads for 30 s
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 2 min, 23 sec. Asked by @ada.

    rolled back between two polls
      # shop feature/signup-autocomplete@e7a7cf1 did not come up on staging
      ↩️ 14e1eb0 runs as before, with all tasks, without 2 commits (ada, bob). ECS went back after 1 min, 42 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* ECS says: `deployment failed: tasks failed to start.`
      `shop-web`: tasks

    scaled to zero
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 1 min, 42 sec. Asked by @ada.
      `feature/signup-autocomplete@e7a7cf1` runs on `shop-api`, `shop-worker`
      No tasks run on `shop-web`: the desired count is 0; `feature/signup-autocomplete@e7a7cf1` is what would start
      • `shop-api`: runs `shop-api:2`
      • `shop-web`: on `shop-web:2`; no tasks run: the desired count is 0
      • `shop-worker`: runs `shop-worker:2`

    alarm rollback
      # shop feature/signup-autocomplete@e7a7cf1 was taken back on staging
      ↩️ 14e1eb0 runs as before, with all tasks, without 2 commits (ada, bob). ECS went back after 1 min, 57 sec because of the alarm `shop-web-5xx`. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: `shop-web:2` was rolled back because of the alarm `shop-web-5xx`: `Service deployment rolled back because of a CloudWatch alarm.`
      • `shop-worker`: not touched
      *Why, `shop-web`:* ECS says: `deployment failed: alarm detected.`
      `shop-web`: tasks

    blue/green
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 7 min, 46 sec. Asked by @ada.

    linear
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 8 min, 8 sec. Asked by @ada.

    canary
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 7 min, 46 sec. Asked by @ada.

    rolling update with a pause hook
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 3 min, 33 sec. Asked by @ada.

    rolling update with a pause hook that nobody answers
      # shop feature/signup-autocomplete@e7a7cf1 was taken back on staging
      ↩️ 14e1eb0 runs as before, with all tasks, without 2 commits (ada, bob). Nobody answered its pause in time, so ECS went back after 33 min, 27 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: nobody answered its pause in time; ECS rolled it back: `Service deployment rolled back because a lifecycle hook timed out.`
      • `shop-worker`: not touched
      `shop-web`: tasks

    blue/green with a pause hook
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 8 min, 23 sec. Asked by @ada.

    blue/green with a pause hook, rolled back
      # shop feature/signup-autocomplete@e7a7cf1 was cancelled on staging
      🛑 14e1eb0 runs as before, with all tasks, without 2 commits (ada, bob). @bob stopped it after 3 min, 10 sec. Asked by @ada.
      • `shop-api`: had come up; runs what ran before
      • `shop-web`: stopped, and back on what ran before
      • `shop-worker`: not touched
      `shop-web`: tasks

    blue/green with two pause hooks
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 9 min, 18 sec. Asked by @ada.

    linear with a pause hook
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 8 min, 44 sec. Asked by @ada.

    canary with a pause hook
      # shop feature/signup-autocomplete@e7a7cf1 runs on staging
      ✅ 14e1eb0 → feature/signup-autocomplete@e7a7cf1, 2 commits (ada, bob), in 8 min, 23 sec. Asked by @ada.
    ");
}
