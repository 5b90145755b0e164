//! What a rollback can go back to: offered with its age, checked before, and said why not.

use insta::assert_snapshot;
use longshore_sim::ecr::ImageStatus;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, PROD, REGION, digest_of};

const BRANCH: &str = "feature/signup-autocomplete";

/// Three versions of webapp on staging, an hour apart: `main`, then a newer commit of it, then the
/// branch, which runs. Whether people are asked first is up to the environment.
async fn town(asked: bool) -> (Chat, [String; 3]) {
    let chat = Chat::empty(Bot::NoToken).await;
    let config = match asked {
        true => CONFIG.replace("confirm  = false", ""),
        false => CONFIG.to_owned(),
    };
    chat.push(&config).await;
    let mut commits = Vec::new();
    for reference in ["main", "newer", BRANCH] {
        let commit = {
            let now = chat.world.now();
            let state = &mut *chat.world.state();
            let repo = state.github.repo("acme/webapp");
            let commit = match repo.head(reference) {
                Some(commit) => commit,
                None => repo.commit(reference, "Sell boots", "ada"),
            };
            let digest = digest_of(&commit);
            state
                .ecr
                .push(PROD, REGION, "webapp", &[&commit], &digest, now);
            commit
        };
        commits.push(commit);
        chat.types(ADA, &format!("webapp:{reference} to staging"))
            .await;
        chat.settles().await;
        chat.seconds(3600).await;
    }
    chat.skips();
    (chat, commits.try_into().unwrap())
}

impl Chat {
    fn archive(&self, commit: &str) {
        let ecr = &mut self.world.state().ecr;
        let status = ImageStatus::Archived;
        ecr.set_status(PROD, REGION, "webapp", &digest_of(commit), status);
    }

    fn delete(&self, commit: &str) {
        let ecr = &mut self.world.state().ecr;
        ecr.delete_image(PROD, REGION, "webapp", &digest_of(commit));
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_offers_the_last_good_versions_with_their_age() {
    let (chat, _) = town(true).await;
    chat.types(ADA, "rollback webapp on staging").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Roll back webapp to newer@9970fe2 on staging?
      feature/signup-autocomplete@83a078a → *newer@9970fe2*, without 1 commit (ada), with 1 other
      • `webapp`: `webapp:4` → `webapp:3`; 6 tasks wanted
      Goes back to newer@9970fe2 (deploy `id-2`), exactly as it ran from 11:01 today on. It is not live any more because @ada deployed `feature/signup-autocomplete@83a078a` 60 min ago.
      *Good versions, newest first; choose another below:*
      • newer@9970fe2, deploy `id-2` by @ada, 2 h ago, *this one*
      • main@680af60, deploy `id-1` by @ada, 3 h ago
      • 5a91773, found running, first seen 3 h ago
      *Taken away from webapp:*
      ```83a078a Complete addresses (ada)```
      – `id-4` · asked by @ada · stands until 13:17 today · cluster `staging` in eu-west-1, account `222222222222`
      [ newer@9970fe2 · 2 h ago ▾ main@680af60 · 3 h ago | 5a91773 · found running ]
      [ Do not roll back ] [ Confirm ]
    ");
    chat.types(ADA, "cancel webapp on staging").await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn what_cannot_run_again_is_passed_over_and_said_why() {
    let (chat, [main, newer, _]) = town(true).await;
    chat.archive(&newer);
    chat.delete(&main);
    chat.types(ADA, "rollback webapp on staging").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Roll back webapp to 5a91773 on staging?
      feature/signup-autocomplete@83a078a → *5a91773*, without 2 commits (ada, bob)
      • `webapp`: `webapp:4` → `webapp:1`; 6 tasks wanted
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because @ada deployed `main@680af60` 3 h ago.
      *Good versions, newest first:*
      • newer@9970fe2, deploy `id-2` by @ada, 2 h ago, cannot run again: its image `214f7dcb04f3` is `ARCHIVED` and cannot be pulled until it is restored
      • main@680af60, deploy `id-1` by @ada, 3 h ago, cannot run again: its image `48a55179e67c` is gone
      • 5a91773, found running, first seen 3 h ago, *this one*
      *Taken away from webapp:*
      ```83a078a Complete addresses (ada)
      680af60 Sell shoes (bob)```
      – `id-4` · asked by @ada · stands until 13:17 today · cluster `staging` in eu-west-1, account `222222222222`
      [ Do not roll back ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("→ 5a91773 on staging"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn where_nobody_is_asked_the_newest_good_version_or_none_is_gone_back_to() {
    let (chat, [_, newer, _]) = town(false).await;
    chat.archive(&newer);
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The rollback of webapp was refused on staging
      ⛔ Nothing was started.
      The newest good version of `webapp` on staging is `newer@9970fe2`. It cannot be gone back to: its image `214f7dcb04f3` is `ARCHIVED` and cannot be pulled until it is restored. Older ones can: `/deploy rollback webapp on staging to id-1` (`main@680af60`) or `/deploy rollback webapp on staging to 5a91773`
      – `id-4` · 13:02 today
    ");
}

#[tokio::test(start_paused = true)]
async fn what_ran_which_image_cannot_be_told_is_not_gone_back_to() {
    let (chat, _) = town(true).await;
    // CI pushes to another repository from now on, and what runs came from the old one.
    let elsewhere = CONFIG.replace("image = \"webapp\"", "image = \"webapp-next\"");
    chat.push(&elsewhere).await;
    chat.seconds(61).await;
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The rollback of webapp was refused on staging
      ⛔ Nothing was started.
      The newest good version of `webapp` on staging is `feature/signup-autocomplete@83a078a`. It cannot be gone back to: which image its task definition `webapp:4` ran cannot be told. No older one can be either. Deploy the version you want; `/deploy history webapp staging` shows what ran.
      – `id-4` · 13:03 today
    ");
    let calls = chat.world.state().ecs.update_calls("staging", "webapp");
    assert_eq!(calls, 3);
}
