//! Pull requests, deployed by their number: which of their commits goes out, and what the card says of it.

use insta::assert_snapshot;

use super::Chat;
use crate::town::{ADA, Bot, PROD, REGION, digest_of};

impl Chat {
    /// CI pushes an image of a commit.
    fn image_of_commit(&self, commit: &str) {
        let now = self.world.now();
        let digest = digest_of(commit);
        let mut state = self.world.state();
        state
            .ecr
            .push(PROD, REGION, "webapp", &[commit], &digest, now);
    }

    /// A branch with a pull request; its commit.
    fn opens(&self, number: u64, branch: &str, title: &str) -> String {
        let mut state = self.world.state();
        let repo = state.github.repo("acme/webapp");
        let head = repo.commit(branch, title, "maria");
        repo.pull_request(number, branch, title);
        head
    }
}

#[tokio::test(start_paused = true)]
async fn a_pull_request_goes_out_as_it_is_typed_and_the_card_says_what_of_it() {
    let chat = Chat::new(Bot::NoToken).await;
    let head = chat.opens(42, "feature/signup", "Sign up with a *link*");
    let fork = chat.opens(43, "patch-1", "Mend <the> door");
    let merged = chat.opens(44, "feature/boots", "Sell boots");
    let (trial, merge) = {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.from_fork(43, "sam/webapp");
        repo.merge(44);
        (repo.merge_of(43).unwrap(), repo.merge_of(44).unwrap())
    };
    chat.image_of_commit(&head);
    chat.image_of_commit(&trial);
    chat.image_of_commit(&merge);
    assert_ne!((fork, merged), (trial, merge));
    for typed in [
        "webapp #42 to production",
        "webapp:#43 to production",
        "webapp production pull/44",
    ] {
        chat.types(ADA, typed).await;
        chat.seconds(10).await;
        chat.clicks(ADA, "decline").await;
        chat.settles().await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy webapp #42@ff41389 to production?
      5a91773 → *#42@ff41389*
      `webapp`, digest `4948100457f6`
      • `webapp`: `webapp:1` → a copy with the new image; 6 tasks wanted
      #42 “Sign up with a *link*” by maria: its newest commit
      *Commits:* brings 2 commits · compare
      ```ff41389 Sign up with a *link* (maria)
      680af60 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]

    Longshore in #deploys · Only visible to you, ada (edited)
      # webapp #42@ff41389 was cancelled on production
      🛑 @ada stopped it before anything was changed.
      – `id-1` · 10:00 today
      [ Retry ]

    Longshore in #deploys · Only visible to you, ada
      # Deploy webapp #43@1a5c2a4 to production?
      5a91773 → *#43@1a5c2a4*
      `webapp`, digest `1504b1a84480`
      • `webapp`: `webapp:1` → a copy with the new image; 6 tasks wanted
      #43 “Mend <the> door” by maria, from the fork `sam/webapp`: its trial merge into `main`, because there is no image of its newest commit
      *Commits:* brings 3 commits · pull request #43 · compare
      ```9ab6719 Mend <the> door (maria)
      1a5c2a4 Merge pull request #43 (web-flow)
      680af60 Sell shoes (bob)```
      – `id-2` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]

    Longshore in #deploys · Only visible to you, ada (edited)
      # webapp #43@1a5c2a4 was cancelled on production
      🛑 @ada stopped it before anything was changed.
      – `id-2` · 10:00 today
      [ Retry ]

    Longshore in #deploys · Only visible to you, ada
      # Deploy webapp #44@ef14acc to production?
      5a91773 → *#44@ef14acc*
      `webapp`, digest `3350bdbed117`
      • `webapp`: `webapp:1` → a copy with the new image; 6 tasks wanted
      #44 “Sell boots” by maria: its merge into `main`
      *Commits:* brings 3 commits · pull request #44 · compare
      ```ef14acc Merge pull request #44 (web-flow)
      8bdc10b Sell boots (maria)
      680af60 Sell shoes (bob)```
      – `id-3` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]

    Longshore in #deploys · Only visible to you, ada (edited)
      # webapp #44@ef14acc was cancelled on production
      🛑 @ada stopped it before anything was changed.
      – `id-3` · 10:00 today
      [ Retry ]
    ");
}

#[tokio::test(start_paused = true)]
async fn a_pull_request_that_is_not_there_or_not_built_says_so_and_starts_nothing() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.opens(42, "feature/signup", "Sign up with a link");
    chat.types(ADA, "webapp #42 to staging").await;
    chat.types(ADA, "webapp #7 to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:#7 was refused on staging
      ⛔ Nothing was started.
      There is no pull request `#7` in `acme/webapp`. Check the spelling, or deploy one of the 3 newest there (`5a91773184385a7f4e3…`, pushed 10:00 today): `/deploy webapp:5a91773184385a7f4e33c1b708a90025ec9cac7c to staging`
      – `id-1` · 10:00 today

    Longshore in #deploys · Only visible to you, ada
      # webapp:#42 was refused on staging
      ⛔ Nothing was started.
      No image yet for `#42`, `f4113af` `Sign up with a link` (maria). Look at its build, or deploy `680af60`, 1 commit before it: `/deploy webapp:680af60 to staging`
      – `id-2` · 10:00 today
      [ Deploy 680af60, the newest that is ]
    ");
}

#[tokio::test(start_paused = true)]
async fn the_commit_of_a_pull_request_is_pinned_when_it_is_asked_for() {
    let chat = Chat::new(Bot::NoToken).await;
    let head = chat.opens(42, "feature/signup", "Sign up with a link");
    chat.image_of_commit(&head);
    chat.types(ADA, "webapp #42 to production").await;
    chat.seconds(10).await;
    let newer = {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.commit("feature/signup", "Say more", "maria")
    };
    chat.image_of_commit(&newer);
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let runs = chat.world.state().ecs.running("production", "webapp");
    assert!(
        chat.reads()
            .contains(&format!("webapp #42@{} runs on production", &head[..7]))
    );
    let digests: Vec<String> = runs.into_iter().map(|(_, digest)| digest).collect();
    assert!(
        digests.iter().all(|digest| *digest == digest_of(&head)),
        "{digests:?}"
    );
}
