//! GitHub in every way in which it may not answer: whoever only looks is told what nobody knows, and nothing that is not
//! so.

use insta::assert_snapshot;
use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::github::Mode;
use longshore_sim::{State, ecr};

use super::Chat;
use super::gated::{self, TOKEN};
use crate::town::{ADA, PROD, REGION};

type FallsIll = fn(&mut State);

/// Every illness, with one that is none.
const STATES: [(&str, FallsIll); 13] = [
    ("well", |_| {}),
    ("5xx", |state| state.github.set_mode(Mode::Down)),
    ("silence", |state| {
        let matcher = Matcher::service("github");
        state.faults.plan(matcher, Kind::TimedOut);
    }),
    ("a connection that breaks", |state| {
        let matcher = Matcher::service("github");
        state.faults.plan(matcher, Kind::Lost);
    }),
    ("the hour's limit", |state| state.github.exhaust()),
    ("asked too fast", |state| {
        state.github.set_mode(Mode::Slowed);
    }),
    ("asked too fast, unsaid", |state| {
        state.github.set_mode(Mode::SlowedSilently);
    }),
    ("401", |state| state.github.revoke_token(TOKEN)),
    ("404", |state| {
        state.github.delete("acme/webapp");
    }),
    ("another repository of the name", |state| {
        state.github.delete("acme/webapp");
        let repo = state.github.repo("acme/webapp");
        repo.commit("feature/signup-autocomplete", "Sell nothing", "mallory");
    }),
    ("a redirect", |state| state.github.set_mode(Mode::SentAway)),
    ("a page", |state| state.github.set_mode(Mode::Garbled)),
    ("a cut body", |state| state.github.set_mode(Mode::Cut)),
];

/// A town whose staging asks for a check, where the head of main runs already and a commit came after it.
async fn town() -> (Chat, String) {
    let rule = "checks = [{ name = \"test\", app = \"github-actions\" }]";
    let (chat, head) = gated::town("staging", rule).await;
    let now = chat.world.now();
    {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.check(&head, "test", Some("success"));
        let branch = "feature/signup-autocomplete";
        let next = repo.head(branch).unwrap();
        repo.check(&next, "test", Some("success"));
        repo.pull_request(42, branch, "Complete addresses");
        repo.branch("hotfix/door", &head);
        let door = repo.commit("hotfix/door", "Mend the door", "sam");
        repo.check(&door, "test", Some("success"));
        let digest = ecr::digest(&door);
        state
            .ecr
            .push(PROD, REGION, "webapp", &[&door], &digest, now);
    }
    // What lies between what runs on staging and on production is not compared before.
    for reference in ["main", "hotfix/door"] {
        chat.types(ADA, &format!("webapp:{reference} to staging"))
            .await;
        chat.settles().await;
    }
    chat.skips();
    (chat, head)
}

/// What is read when that is typed, in every state of GitHub's, without what is the same in all.
async fn told(typed: &str) -> String {
    let mut all = String::new();
    for (case, falls_ill) in STATES {
        let (chat, _) = town().await;
        let updates = |chat: &Chat| chat.world.state().ecs.update_calls("staging", "webapp");
        let before = updates(&chat);
        falls_ill(&mut chat.world.state());
        chat.types(ADA, typed).await;
        chat.seconds(50).await;
        let read = chat.reads();
        assert_eq!(updates(&chat), before, "{case}");
        let lines = read.lines().map(str::trim).filter(|line| {
            let same = ["Longshore in", "– Only you see this"];
            !same.iter().any(|same| line.starts_with(same))
        });
        assert!(!read.contains("mallory"), "{case}: {read}");
        all += &format!("{case}:\n");
        for line in lines {
            all += &match line {
                "" => "\n".to_owned(),
                line => format!("  {line}\n"),
            };
        }
        chat.world.state().faults = longshore_sim::fault::Faults::default();
    }
    all
}

#[tokio::test(start_paused = true)]
async fn a_difference() {
    assert_snapshot!(told("diff webapp:feature/signup-autocomplete staging").await, @r"
    well:
      # Difference: webapp · staging
      hotfix/door@7f95c0d → *feature/signup-autocomplete@83a078a*
      ⚠️ Brings 1 commit (ada), takes away 1 commit (sam) · compare
      • 83a078a Complete addresses – ada
      *Taken away:*
      • 7f95c0d Mend the door – sam
    5xx:
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
    silence:
      This takes longer than usual. The answer follows here.

      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
    a connection that breaks:
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
    the hour's limit:
      GitHub's rate limit is used up until 11:00 today, so it could not be asked what `feature/signup-autocomplete` is. Name an image tag or a full commit, which needs no GitHub. Without a GitHub token Longshore may ask little: if none is stored, ask @root to store one.
    asked too fast:
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
    asked too fast, unsaid:
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
    401:
      GitHub does not take Longshore's token, so nobody can say what `feature/signup-autocomplete` is. Name an image tag, or ask @root to store a token that may read the repository.
    404:
      GitHub shows no repository `acme/webapp`. Ask @root to check its name in the configuration, and that the GitHub token may read it.
    another repository of the name:
      Another repository at GitHub has the name of this one by now, and what it calls `feature/signup-autocomplete` is not to be trusted. Ask @root: `longshore check --live` says which two.
    a redirect:
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
    a page:
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
    a cut body:
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
    ");
}

/// Both are known without GitHub, which only knows what lies between.
#[tokio::test(start_paused = true)]
async fn a_difference_between_environments() {
    assert_snapshot!(told("diff webapp staging production").await, @r"
    well:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      staging has 2 commits (sam, bob) that production has not · compare
      • 7f95c0d Mend the door – sam
      • 680af60 Sell shoes – bob
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    5xx:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub gives no usable answer; ask again in a minute.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    silence:
      This takes longer than usual. The answer follows here.

      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub gives no usable answer; ask again in a minute.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    a connection that breaks:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub gives no usable answer; ask again in a minute.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    the hour's limit:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub takes no more questions until 11:00 today.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    asked too fast:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub takes no more questions for now.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    asked too fast, unsaid:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub takes no more questions for now.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    401:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub does not show the repository to Longshore; `longshore check --live` says why.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    404:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub does not show Longshore both commits, or they have nothing in common.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    another repository of the name:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: another repository at GitHub has the name by now; `longshore check --live` says which two.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    a redirect:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub does not show the repository to Longshore; `longshore check --live` says why.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    a page:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub gives no usable answer; ask again in a minute.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    a cut body:
      # Difference: webapp · staging and production
      staging runs hotfix/door@7f95c0d, production runs 5a91773
      Which commits lie between is not known: GitHub gives no usable answer; ask again in a minute.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
    ");
}

#[tokio::test(start_paused = true)]
async fn where_a_change_runs() {
    assert_snapshot!(told("where #42").await, @r"
    well:
      # Where #42 runs
      #42 of `acme/webapp` “Complete addresses” by ada: not merged yet, its newest commit is 83a078a
      *webapp*
      ? production: the commit of what runs there is not known
      ✗ staging: not in `hotfix/door@7f95c0d`, which runs there
    5xx:
      GitHub gives no usable answer about `#42`. Ask again in a minute.
    silence:
      This takes longer than usual. The answer follows here.

      GitHub gives no usable answer about `#42`. Ask again in a minute.
    a connection that breaks:
      GitHub gives no usable answer about `#42`. Ask again in a minute.
    the hour's limit:
      GitHub takes no more questions until 11:00 today. Ask about `#42` again then.
    asked too fast:
      GitHub takes no more questions for now. Ask about `#42` again in a few minutes.
    asked too fast, unsaid:
      GitHub takes no more questions for now. Ask about `#42` again in a few minutes.
    401:
      GitHub does not show Longshore whether there is `#42`; `longshore check --live` says why.
    404:
      No repository that Longshore may read has `#42`. Check the number or the digits.
    another repository of the name:
      Nobody can tell: another repository at GitHub has the name by now. `longshore check --live` says which two.
    a redirect:
      GitHub does not show Longshore whether there is `#42`; `longshore check --live` says why.
    a page:
      GitHub gives no usable answer about `#42`. Ask again in a minute.
    a cut body:
      GitHub gives no usable answer about `#42`. Ask again in a minute.
    ");
}

#[tokio::test(start_paused = true)]
async fn a_plan() {
    assert_snapshot!(told("plan webapp:feature/signup-autocomplete to staging").await, @r"
    well:
      # Plan: webapp · staging
      It would start at once.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ✓ Nobody else is rolling something out on them
      ✓ The checks that must pass have passed
      ✓ What runs now could come back
      hotfix/door@7f95c0d → *feature/signup-autocomplete@83a078a*
      `webapp`, digest `3ebc682504d3`
      • `webapp`: `webapp:3` → a copy with the new image; 6 tasks wanted
      Passed: `test`
      *Commits:* brings 1 commit, takes away 1 commit · compare
      ```83a078a Complete addresses (ada)```
      *Taken away:*
      ```7f95c0d Mend the door (sam)```
    5xx:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    silence:
      This takes longer than usual. The answer follows here.

      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    a connection that breaks:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    the hour's limit:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub's rate limit is used up until 11:00 today, so it could not be asked what `feature/signup-autocomplete` is. Name an image tag or a full commit, which needs no GitHub. Without a GitHub token Longshore may ask little: if none is stored, ask @root to store one.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    asked too fast:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    asked too fast, unsaid:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    401:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub does not take Longshore's token, so nobody can say what `feature/signup-autocomplete` is. Name an image tag, or ask @root to store a token that may read the repository.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    404:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub shows no repository `acme/webapp`. Ask @root to check its name in the configuration, and that the GitHub token may read it.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    another repository of the name:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      Another repository at GitHub has the name of this one by now, and what it calls `feature/signup-autocomplete` is not to be trusted. Ask @root: `longshore check --live` says which two.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    a redirect:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    a page:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    a cut body:
      # Plan: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what `feature/signup-autocomplete` is. Try again in a minute, or name an image tag or a full commit.
      ✓ Its services are there and ACTIVE
      ✓ ECS itself rolls them out
      ✓ No other deploy is at work on them
      ? Not looked at, because there is no plan: whether somebody else rolls something out; its checks; whether what runs now could come back
    ");
}

#[tokio::test(start_paused = true)]
async fn what_keeps_a_deploy_from_being_started() {
    assert_snapshot!(told("why-not webapp to staging").await, @r"
    well:
      # Why not: webapp · staging
      It would start at once.
    5xx:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what the default branch is. Try again in a minute, or name an image tag or a full commit.
    silence:
      This takes longer than usual. The answer follows here.

      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what the default branch is. Try again in a minute, or name an image tag or a full commit.
    a connection that breaks:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what the default branch is. Try again in a minute, or name an image tag or a full commit.
    the hour's limit:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub's rate limit is used up until 11:00 today, so it could not be asked what the default branch is. Name an image tag or a full commit, which needs no GitHub. Without a GitHub token Longshore may ask little: if none is stored, ask @root to store one.
    asked too fast:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what the default branch is. Try again in a minute, or name an image tag or a full commit.
    asked too fast, unsaid:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what the default branch is. Try again in a minute, or name an image tag or a full commit.
    401:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub does not take Longshore's token, so nobody can say what the default branch is. Name an image tag, or ask @root to store a token that may read the repository.
    404:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub shows no repository `acme/webapp`. Ask @root to check its name in the configuration, and that the GitHub token may read it.
    another repository of the name:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      Another repository at GitHub has the name of this one by now, and what it calls the default branch is not to be trusted. Ask @root: `longshore check --live` says which two.
    a redirect:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub shows no repository `acme/webapp`. Ask @root to check its name in the configuration, and that the GitHub token may read it.
    a page:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what the default branch is. Try again in a minute, or name an image tag or a full commit.
    a cut body:
      # Why not: webapp · staging
      ⛔ *It would be refused now.*
      GitHub could not be asked what the default branch is. Try again in a minute, or name an image tag or a full commit.
    ");
}
