//! The published version: what infrastructure as code reads after a success.

use insta::assert_snapshot;
use longshore_sim::ecs::Script;
use longshore_sim::fault::{Kind, Matcher};

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, DEV, EVE, PROD, REGION, digest_of};

const NAME: &str = "/longshore/staging/webapp/image";

/// A town in which staging's versions are published.
async fn town() -> Chat {
    let chat = Chat::empty(Bot::NoToken).await;
    let confirm = "confirm  = false";
    let publish = format!("{confirm}\npublish  = true");
    chat.push(&CONFIG.replace(confirm, &publish)).await;
    chat
}

impl Chat {
    async fn is_told(&self, typed: &str) {
        self.types(ADA, typed).await;
        self.settles().await;
        self.skips();
    }

    fn published(&self) -> Option<String> {
        let state = self.world.state();
        let value = state.ssm.value(DEV, REGION, NAME);
        value.map(str::to_owned)
    }

    fn writes(&self) -> usize {
        let state = self.world.state();
        let writes = |call: &&longshore_sim::Call| call.operation == "PutParameter";
        state.calls.iter().filter(writes).count()
    }

    async fn shows_newest(&self) -> String {
        let id = self.newest_deploy();
        self.types(EVE, &format!("show {id}")).await;
        self.reads()
    }
}

fn image(chat: &Chat, branch: &str) -> Option<String> {
    let mut state = chat.world.state();
    let commit = state.github.repo("acme/webapp").head(branch)?;
    let digest = digest_of(&commit);
    Some(format!(
        "{PROD}.dkr.ecr.{REGION}.amazonaws.com/webapp@{digest}"
    ))
}

#[tokio::test(start_paused = true)]
async fn a_success_is_published_in_the_environments_own_account_a_rollback_too() {
    let chat = town().await;
    chat.is_told("webapp:main to staging").await;
    assert_eq!(chat.published(), image(&chat, "main"));
    assert_snapshot!(chat.shows_newest().await, @r"
    Longshore in #deploys · Only visible to you, eve
      # Deploy id-1: webapp · staging
      *webapp: deployed version main@680af60 to staging in 42 sec*
      │ *Asked for*: `webapp:main` to staging
      │ *By*: @ada at 10:00 today
      │ *Where it is*: succeeded
      │ *Time*: started 10:00 today, less than a second after it was asked for; ended 10:00 today, took 42 sec from its start
      │ *Confirmed*: was not asked for
      │ *Told*: verdict told in answer to the request
      │ *Published*: `/longshore/staging/webapp/image` holds `webapp@sha256:48a55179e67c021951978083c550e89fc87e53ee6c396520cf274510811a93cc`
      │ *From*: 5a91773
      │ *To*: main@680af60
      │ *Configuration*: version 1
      │ *Commit*: `680af6092fd37905d8f8385d0566001f014f9219`
      │ *Commits*: 1 commit (bob)
      │ *Image*: `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp@sha256:48a55179e67c021951978083c550e89fc87e53ee6c396520cf274510811a93cc`
      │ *Cluster*: `staging` in eu-west-1, account `222222222222`
      • `webapp`: runs `webapp:2`; lease fence 1
    ");
    chat.is_told("webapp:feature/signup-autocomplete to staging")
        .await;
    let branch = image(&chat, "feature/signup-autocomplete");
    assert_eq!(chat.published(), branch);
    // Neither what failed nor what brought nothing new is published.
    chat.script("staging", "webapp", Script::CrashLoop);
    chat.is_told("webapp:main to staging").await;
    chat.is_told("restart webapp on staging").await;
    assert_eq!((chat.published(), chat.writes()), (branch, 2));
    chat.is_told("rollback webapp on staging").await;
    assert_eq!((chat.published(), chat.writes()), (image(&chat, "main"), 3));
}

#[tokio::test(start_paused = true)]
async fn where_it_is_not_wanted_nothing_is_published() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.is_told("webapp:main to staging").await;
    assert_eq!((chat.published(), chat.writes()), (None, 0));
}

#[tokio::test(start_paused = true)]
async fn a_version_that_cannot_be_published_changes_no_verdict_and_show_says_it() {
    for (kind, why) in [
        (Kind::Throttled, "AWS throttles ssm:PutParameter"),
        (Kind::TimedOut, "AWS does not answer ssm:PutParameter"),
    ] {
        let chat = town().await;
        let put = Matcher::operation("ssm", "PutParameter");
        chat.world.state().faults.plan(put, kind);
        chat.types(ADA, "webapp:main to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("✅ "), "{read}");
        let shown = chat.shows_newest().await;
        let said = format!("*`{NAME}` could not be written*: {why}");
        assert!(shown.contains(&said), "{shown}");
        assert_eq!(chat.published(), None);
    }
}
