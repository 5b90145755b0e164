//! A deploy's thread means that deploy: a verb alone is enough there.

use insta::assert_snapshot;
use longshore_sim::ecs::Script;
use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::slack::Utterance;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, DEPLOYS, EVE};

const HOME: &str = "C0HOME001";

impl Chat {
    /// Where the newest message stands that says so, and the first message of its thread.
    fn thread_of(&self, said: &str) -> (String, String) {
        let state = self.world.state();
        let says = |message: &&longshore_sim::slack::Message| {
            serde_json::to_string(message).unwrap().contains(said)
        };
        let mut messages = state.slack.messages().iter().rev();
        let found = messages.find(says).unwrap();
        let root = found.thread.as_ref().unwrap_or(&found.ts);
        (found.channel.clone(), root.clone())
    }

    /// Somebody mentions the bot in the thread of the newest message that says so; what people then read.
    async fn hears_under(&self, said: &str, user: &str, text: &str) -> String {
        let (channel, root) = self.thread_of(said);
        let written = match channel.starts_with('D') {
            true => Utterance::words(user, &channel, text),
            false => Utterance::mention(user, &channel, text),
        };
        self.writes(&written.thread(&root)).await;
        self.settles().await;
        self.reads()
    }

    /// The first message of a thread that is no deploy's.
    async fn chatters(&self) -> String {
        let asks = Utterance::mention(ADA, DEPLOYS, "help");
        let root = self.begins(&asks).await;
        self.settles().await;
        self.skips();
        root
    }

    /// Somebody writes this, and begins a thread with it.
    async fn begins(&self, written: &Utterance) -> String {
        let sent = self.writes(written).await;
        let body: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
        body["event"]["ts"].as_str().unwrap().to_owned()
    }

    /// The same in the thread of what somebody else wrote there.
    async fn hears_in(&self, root: &str, text: &str) -> String {
        let written = Utterance::mention(ADA, DEPLOYS, text).thread(root);
        self.writes(&written).await;
        self.settles().await;
        self.reads()
    }

    async fn with(bot: Bot, typed: &[&str]) -> Self {
        let chat = Self::new(bot).await;
        for typed in typed {
            chat.types(ADA, typed).await;
            chat.settles().await;
        }
        chat.skips();
        chat
    }
}

#[tokio::test(start_paused = true)]
async fn a_verb_alone_under_a_card_means_its_deploy() {
    let chat = Chat::with(Bot::Token, &["webapp:1.0.2 to staging"]).await;
    let card = "webapp 1.0.2 runs on staging";
    assert_snapshot!(chat.hears_under(card, BOB, "status").await, @r"
    Longshore in #deploys, in a thread · Only visible to you, bob
      # What runs of webapp
      *webapp*
      staging: version 1.0.2 (commit `680af60`, digest `48a55179e67c`), just now, @ada
      • `webapp` on `webapp:2`: 6 of 6 running
      – As ECS said 10:00 today.
    ");
    assert_snapshot!(chat.hears_under(card, BOB, "show").await, @r"
    Longshore in #deploys, in a thread · Only visible to you, bob
      # Deploy id-1: webapp · staging
      *webapp: deployed version 1.0.2 to staging in 39 sec*
      *Asked for*
      `webapp:1.0.2` to staging
      *By*
      @ada at 10:00 today
      *Where it is*
      succeeded
      *Time*
      started 10:00 today, less than a second after it was asked for; ended 10:00 today, took 39 sec from its start
      *Confirmed*
      was not asked for
      *Told*
      verdict told on the card and in its thread
      *From*
      5a91773
      *To*
      1.0.2
      *Configuration*
      version 1
      *Commit*
      `680af6092fd37905d8f8385d0566001f014f9219`
      *Commits*
      1 commit (bob)
      *Image*
      `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp@sha256:48a55179e67c021951978083c550e89fc87e53ee6c396520cf274510811a93cc`
      *Cluster*
      `staging` in eu-west-1, account `222222222222`
      • `webapp`: runs `webapp:2`; lease fence 1
    ");
    assert_snapshot!(chat.hears_under(card, BOB, "why not?").await, @r"
    Longshore in #deploys, in a thread · Only visible to you, bob
      Deploy `id-1` was not refused. `/deploy show id-1` tells what became of it.
    ");
    assert_snapshot!(chat.hears_under(card, BOB, "cancel").await, @r"
    Longshore in #deploys, in a thread · Only visible to you, bob
      Deploy `id-1` has ended already: succeeded. `/deploy show id-1` tells how.
    ");
    assert_snapshot!(chat.hears_under(card, BOB, "please roll back this!").await, @r"
    Longshore in #deploys, in a thread
      # Rolling back webapp on staging
      1.0.2 → *5a91773*, without 1 commit (bob). Asked by @bob.
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because `1.0.2` was deployed just now.
      Starting.
      • `webapp`: about to start
      – `id-2` · less than a second so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Rolling back webapp on staging
      1.0.2 → *5a91773*, without 1 commit (bob). Asked by @bob.
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because `1.0.2` was deployed just now.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      – `id-2` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Rolling back webapp on staging
      1.0.2 → *5a91773*, without 1 commit (bob). Asked by @bob.
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because `1.0.2` was deployed just now.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-2` · 14 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # Rolling back webapp on staging
      1.0.2 → *5a91773*, without 1 commit (bob). Asked by @bob.
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because `1.0.2` was deployed just now.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-2` · 37 sec so far
      [ Cancel ]

    Longshore in #deploys, in a thread (edited)
      # webapp rolled back 1.0.2 → 5a91773 on staging
      ✅ Done in 49 sec, without 1 commit (bob). Asked by @bob.
      – The next deploy brings back what was taken away, unless it was mended or reverted first. `/deploy history webapp staging` lists what ran.
      – `id-2` · 10:01 today
      [ Deploy 1.0.2 again ]

    Longshore in #deploys, in a thread
      @bob webapp: rolled back to version 5a91773 on staging in 49 sec, without 1 commit (bob)
    ");
    // Its own card stands in the same thread, and is the newest there.
    assert_snapshot!(chat.hears_under(card, BOB, "show").await, @r"
    Longshore in #deploys, in a thread · Only visible to you, bob
      # Deploy id-2: webapp · staging
      *webapp: rolled back to version 5a91773 on staging in 49 sec, without 1 commit (bob)*
      *Asked for*
      rollback of `webapp` on staging from deploy `id-1`
      *By*
      @bob at 10:00 today, by mention
      *Where it is*
      succeeded
      *Time*
      started 10:00 today, less than a second after it was asked for; ended 10:01 today, took 49 sec from its start
      *Confirmed*
      was not asked for
      *Told*
      verdict told on the card and in its thread
      *From*
      1.0.2
      *To*
      5a91773
      *Configuration*
      version 1
      *Commit*
      `5a91773184385a7f4e33c1b708a90025ec9cac7c`
      *Commits*
      Without 1 commit (bob)
      *Cluster*
      `staging` in eu-west-1, account `222222222222`
      • `webapp`: runs `webapp:1`; lease fence 2
    ");
}

#[tokio::test(start_paused = true)]
async fn it_is_judged_as_if_the_id_had_been_typed() {
    let chat = Chat::with(Bot::Token, &["webapp:1.0.2 to staging"]).await;
    chat.types(ADA, "webapp:1.0.2 to production").await;
    chat.seconds(5).await;
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.skips();
    let id = chat.newest_deploy();
    let card = "webapp 1.0.2 runs on production";
    for user in [EVE, BOB] {
        for verb in ["rollback", "restart", "cancel", "show", "why-not", "logs"] {
            let here = chat.hears_under(card, user, verb).await;
            let typed = match verb {
                "logs" => "logs webapp on production".to_owned(),
                verb => format!("{verb} {id}"),
            };
            let typed = chat.hears_under(card, user, &typed).await;
            assert!(!here.is_empty(), "{user} {verb}");
            if user == EVE || !["rollback", "restart"].contains(&verb) {
                assert_eq!(here, typed, "{user} {verb}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_rolls_out_is_stopped_under_its_card() {
    let chat = Chat::new(Bot::Token).await;
    chat.script(
        "staging",
        "webapp",
        Script::Slow(std::time::Duration::from_secs(600)),
    );
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.seconds(60).await;
    chat.skips();
    let (channel, root) = chat.thread_of("Deploying webapp");
    let cancels = Utterance::mention(ADA, &channel, "cancel").thread(&root);
    chat.writes(&cancels).await;
    chat.seconds(5).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys, in a thread · Only visible to you, ada
      # Stop webapp · staging?
      *Deploy `id-1` (`webapp:1.0.2` to staging) has begun. Stop it, and bring back what ran before it?*
      ECS brings that back, also on services that are out already; what has not begun is left alone. Without an answer it goes on.
      [ Stop and roll back ]
    ");
    chat.clicks(ADA, "stop_back").await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn before_there_is_a_card_the_thread_means_what_was_asked_for_there() {
    let chat = Chat::new(Bot::Token).await;
    let asks = Utterance::mention(ADA, DEPLOYS, "webapp to production");
    let root = chat.begins(&asks).await;
    chat.seconds(5).await;
    chat.skips();
    let said = chat.hears_in(&root, "cancel").await;
    assert_snapshot!(said, @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp main@680af60 was cancelled on production
      🛑 @ada stopped it before anything was changed.
      – `id-1` · 10:00 today
      [ Retry ]
    ");
}

#[tokio::test(start_paused = true)]
async fn in_a_conversation_with_the_bot_a_thread_means_the_same() {
    let chat = Chat::new(Bot::Token).await;
    let asks = Utterance::words(ADA, "D", "webapp to staging");
    chat.writes(&asks).await;
    chat.settles().await;
    chat.skips();
    let said = chat
        .hears_under("main@680af60 runs on staging", ADA, "show")
        .await;
    assert_snapshot!(said, @r"
    Longshore in @ada
      # Deploy id-1: webapp · staging
      *webapp: deployed version main@680af60 to staging in 39 sec*
      *Asked for*
      `webapp` to staging
      *By*
      @ada at 10:00 today, by direct message
      *Where it is*
      succeeded
      *Time*
      started 10:00 today, less than a second after it was asked for; ended 10:00 today, took 39 sec from its start
      *Confirmed*
      was not asked for
      *Told*
      verdict told on the card and in its thread
      *From*
      5a91773
      *To*
      main@680af60
      *Configuration*
      version 1
      *Commit*
      `680af6092fd37905d8f8385d0566001f014f9219`
      *Commits*
      1 commit (bob)
      *Image*
      `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp@sha256:48a55179e67c021951978083c550e89fc87e53ee6c396520cf274510811a93cc`
      *Cluster*
      `staging` in eu-west-1, account `222222222222`
      • `webapp`: runs `webapp:2`; lease fence 1
    ");
}

#[tokio::test(start_paused = true)]
async fn a_question_has_a_thread_before_there_is_a_card() {
    let chat = Chat::new(Bot::Token).await;
    let asks = CONFIG.replacen("confirm  = false", "confirm  = true", 1);
    chat.push(&asks).await;
    let asks = Utterance::words(ADA, "D", "webapp to staging");
    chat.writes(&asks).await;
    chat.seconds(5).await;
    chat.skips();
    let question = "Deploy webapp main@680af60 to staging?";
    let said = chat.hears_under(question, ADA, "cancel").await;
    assert_snapshot!(said, @r"
    Longshore in @ada (edited)
      webapp: the deploy of version main@680af60 to staging was cancelled by @ada before anything was changed

    Longshore in @ada
      # webapp main@680af60 was cancelled on staging
      🛑 @ada stopped it before anything was changed.
      – `id-1` · 10:00 today
      [ Retry ]
    ");
}

#[tokio::test(start_paused = true)]
async fn words_win_over_the_thread() {
    let typed = ["webapp:1.0.2 to staging", "cms:1.0.2 to staging"];
    let chat = Chat::with(Bot::Token, &typed).await;
    let card = "webapp 1.0.2 runs on staging";
    let of_cms = chat.hears_under(card, ADA, "rollback cms on staging").await;
    assert!(
        of_cms.contains("# Rolling back Content Management System"),
        "{of_cms}"
    );
    let half = chat.hears_under(card, ADA, "rollback webapp").await;
    assert_snapshot!(half, @r"
    Longshore in #deploys, in a thread · Only visible to you, ada
      That does not say which environment, and none is the default; there are `production` and `staging`. For instance: `/deploy rollback webapp on staging`
    ");
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_is_no_deploys_says_what_to_type() {
    let chat = Chat::new(Bot::Token).await;
    let root = &chat.chatters().await;
    let said = chat.hears_in(root, "rollback").await;
    assert_snapshot!(said, @r"
    Longshore in #deploys, in a thread · Only visible to you, ada
      This thread is no deploy's that I know, so say which application and where. To look first: `/deploy show last`
    ");
    for verb in ["cancel", "restart", "show", "why"] {
        let other = chat.hears_in(root, verb).await;
        assert!(
            other.contains("This thread is no deploy's"),
            "{verb}: {other}"
        );
    }
    // This needs no deploy.
    let status = chat.hears_in(root, "status").await;
    assert!(status.contains("What runs"), "{status}");
    assert_eq!(chat.deploys().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn of_several_things_in_a_thread_one_has_to_be_named() {
    let chat = Chat::new(Bot::Token).await;
    let root = &chat.chatters().await;
    for typed in [
        "webapp:feature/signup-autocomplete to staging",
        "webapp:1.0.2 to staging",
    ] {
        chat.hears_in(root, typed).await;
    }
    // The newest of the same.
    let said = chat.hears_in(root, "show").await;
    assert!(said.contains("1.0.2"), "{said}");
    chat.hears_in(root, "cms:1.0.2 to staging").await;
    let said = chat.hears_in(root, "rollback").await;
    assert_snapshot!(said, @r"
    Longshore in #deploys, in a thread · Only visible to you, ada
      Deploys of different things stand in this thread, so say which application and where. To look first: `/deploy show last`
    ");
    assert_eq!(chat.deploys().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_has_no_card_does_not_take_the_thread_of_one_that_has() {
    let chat = Chat::new(Bot::Token).await;
    let root = &chat.chatters().await;
    chat.hears_in(root, "webapp:1.0.2 to staging").await;
    let refused = chat.hears_in(root, "cms:no-such-tag to staging").await;
    assert!(refused.contains("no-such-tag"), "{refused}");
    let said = chat.hears_in(root, "show").await;
    assert!(said.contains("deployed version 1.0.2"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_thread_means_what_was_last_asked_for_in_it_also_where_its_cards_stand_elsewhere() {
    let chat = Chat::new(Bot::Token).await;
    chat.world.state().slack.channel(HOME, "home").has_bot = true;
    let at_home = format!("aliases = [\"stg\"]\nhome = {HOME:?}\n");
    let config = CONFIG.replacen("aliases  = [\"stg\"]\n", &at_home, 1);
    chat.push(&config).await;
    let root = &chat.chatters().await;
    for typed in [
        "webapp:feature/signup-autocomplete to staging",
        "webapp:1.0.2 to staging",
    ] {
        chat.hears_in(root, typed).await;
    }
    let said = chat.hears_in(root, "show").await;
    assert!(said.contains("deployed version 1.0.2"), "{said}");
    chat.hears_in(root, "cms:1.0.2 to staging").await;
    let said = chat.hears_in(root, "rollback").await;
    assert!(said.contains("Deploys of different things"), "{said}");
    assert_eq!(chat.deploys().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_card_at_home_and_an_announcement_have_their_threads() {
    let chat = Chat::new(Bot::Token).await;
    for (id, name) in [(HOME, "home"), ("C0MGMT001", "management")] {
        chat.world.state().slack.channel(id, name).has_bot = true;
    }
    let config = CONFIG
        .replacen(
            "aliases  = [\"stg\"]\n",
            &format!("aliases = [\"stg\"]\nhome = {HOME:?}\nannounce = true\n"),
            1,
        )
        .replacen("command =", "announce = \"C0MGMT001\", command =", 1);
    chat.push(&config).await;
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    chat.skips();
    let id = chat.newest_deploy();
    for channel in [HOME, "C0MGMT001"] {
        let root = {
            let state = chat.world.state();
            let mut there = state
                .slack
                .messages()
                .iter()
                .filter(|one| one.channel == channel);
            there.next().unwrap().ts.clone()
        };
        let written = Utterance::mention(ADA, channel, "show").thread(&root);
        chat.writes(&written).await;
        chat.settles().await;
        let said = chat.reads();
        assert!(said.contains("id-1"), "{channel}, {id}: {said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_that_is_posted_anew_has_its_own_thread() {
    let chat = Chat::new(Bot::Token).await;
    let post = Matcher::operation("slack", "chat.postMessage").nth(1);
    chat.world.state().faults.plan(post, Kind::Lost);
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    chat.skips();
    let said = chat
        .hears_under("webapp 1.0.2 runs on staging", ADA, "show")
        .await;
    assert!(said.contains("id-1"), "{said}");
}
