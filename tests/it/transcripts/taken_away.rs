//! What a rollback takes away, and what comes next: the commits between, as far as GitHub tells in time, and
//! the version that was left, to be deployed again by its image.

use std::time::Duration;

use insta::assert_snapshot;
use longshore_sim::ecs::Script;
use longshore_sim::fault::Matcher;
use longshore_sim::github::Mode;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, EVE};

const BRANCH: &str = "webapp:feature/signup-autocomplete to";
const WITHOUT: &str = "without 1 commit (ada)";

impl Chat {
    /// Webapp on production went from main to a branch.
    async fn has_moved_on(&self) {
        for typed in ["webapp:main to", BRANCH] {
            self.types(ADA, &format!("{typed} production")).await;
            self.seconds(10).await;
            self.clicks(ADA, "confirm").await;
            self.settles().await;
        }
        self.skips();
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_says_everywhere_what_it_takes_away() {
    for bot in [Bot::Token, Bot::NoToken] {
        let chat = Chat::empty(bot).await;
        let announced = CONFIG
            .replacen("command =", "announce = \"C0MGMT\", command =", 1)
            .replacen(
                "[environments.production]",
                "[environments.production]\nannounce = true",
                1,
            );
        chat.push(&announced).await;
        chat.has_moved_on().await;
        chat.types(ADA, "rollback webapp on production").await;
        chat.seconds(10).await;
        let question = chat.reads();
        assert!(
            question.contains(&format!("*main@680af60*, {WITHOUT}")),
            "{question}"
        );
        assert!(
            question.contains("83a078a Complete addresses (ada)"),
            "{question}"
        );
        chat.clicks(ADA, "confirm").await;
        chat.seconds(15).await;
        let under_way = chat.reads();
        assert!(
            under_way.contains(&format!("*main@680af60*, {WITHOUT}. Asked by")),
            "{under_way}"
        );
        chat.settles().await;
        let verdict = chat.reads();
        assert!(
            verdict.contains("✅ Done in ") && verdict.contains(", without 1 commit (ada)."),
            "{verdict}"
        );
        // Without a token, nothing is posted elsewhere.
        let mut told = verdict.lines().filter(|line| line.contains("asked for by"));
        assert_eq!(
            told.any(|line| line.contains(WITHOUT)),
            bot == Bot::Token,
            "{verdict}"
        );
        let id = chat.newest_deploy();
        for (typed, told) in [
            (format!("show {id}"), WITHOUT),
            (
                "history webapp production".to_owned(),
                "back to main@680af60, −1 commit, @ada",
            ),
        ] {
            chat.types(ADA, &typed).await;
            chat.seconds(5).await;
            let read = chat.reads();
            assert!(read.contains(told), "{typed}: {read}");
        }
        // Each of them links to the page that lists what went, which is the base's other end.
        let messages = serde_json::to_string(chat.world.state().slack.messages()).unwrap();
        let [from, to] = {
            let state = &mut *chat.world.state();
            let repo = state.github.repo("acme/webapp");
            ["feature/signup-autocomplete", "main"].map(|branch| repo.head(branch).unwrap())
        };
        let page = format!("https://github.com/acme/webapp/compare/{to}...{from}|1 commit");
        assert!(messages.matches(&page).count() >= 3, "{page}: {messages}");
    }
}

#[tokio::test(start_paused = true)]
async fn github_is_not_waited_for_on_the_way_back() {
    for silent in [false, true] {
        let chat = Chat::new(Bot::NoToken).await;
        chat.has_moved_on().await;
        match silent {
            true => {
                let github = Matcher::service("github");
                let long = Duration::from_secs(60);
                chat.world.state().faults.delay(github, long);
            }
            false => chat.world.state().github.set_mode(Mode::Down),
        }
        // These two were never compared, so nobody remembers what lies between them.
        let asked = chat.world.now();
        chat.types(ADA, "rollback webapp on production to 5a91773")
            .await;
        chat.seconds(1).await;
        let took = chat.world.now().duration_since(asked);
        assert!(took.as_millis() <= 2_000, "{silent}: {took}");
        let question = chat.reads();
        assert!(
            question.contains("# Roll back webapp to 5a91773"),
            "{silent}: {question}"
        );
        assert!(!question.contains("without"), "{question}");
        chat.clicks(ADA, "confirm").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("✅ Done in "), "{read}");
        assert!(!read.contains("without"), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deploy_that_was_taken_back_says_whose_commits_are_not_live() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("staging", "webapp", Script::CrashLoop);
    chat.types(ADA, &format!("{BRANCH} staging")).await;
    chat.settles().await;
    let read = chat.reads();
    let by_ecs =
        "5a91773 runs as before, 6 of 6 running, without 2 commits (ada, bob). ECS went back";
    assert!(read.contains(by_ecs), "{read}");
    chat.script("staging", "webapp", Script::Happy);
    chat.types(ADA, &format!("{BRANCH} staging")).await;
    chat.seconds(12).await;
    chat.clicks(BOB, "cancel").await;
    chat.seconds(2).await;
    chat.clicks(BOB, "stop_back").await;
    chat.settles().await;
    let read = chat.reads();
    let by_person = "without 2 commits (ada, bob). @bob stopped it";
    assert!(read.contains(by_person), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_a_rollback_left_is_deployed_again_by_its_button_and_by_its_image() {
    let chat = Chat::new(Bot::NoToken).await;
    for typed in ["webapp:main to staging", &format!("{BRANCH} staging")] {
        chat.types(ADA, typed).await;
        chat.settles().await;
    }
    // A restart brings nothing: what is left is what it restarted.
    chat.types(ADA, "restart webapp on staging").await;
    chat.settles().await;
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    chat.skips();
    // The branch moves on; the button names what was left.
    {
        let now = chat.world.now();
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let newer = repo.commit("feature/signup-autocomplete", "Newer", "ada");
        let digest = crate::town::digest_of(&newer);
        let (account, region) = (crate::town::PROD, crate::town::REGION);
        state
            .ecr
            .push(account, region, "webapp", &[&newer], &digest, now);
    }
    let card = chat.seen(BOB, "forward");
    chat.posts(&chat.press(BOB, &card, "forward")).await;
    chat.settles().await;
    chat.posts(&chat.press(BOB, &card, "forward")).await;
    chat.seconds(5).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying webapp to staging
      main@680af60 → *feature/signup-autocomplete@83a078a*, 1 commit (ada). Asked by @bob.
      ⚠️ *Rolled back here before:* it was rolled back just now, to `main@680af60`.
      – Deploy `id-5`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp feature/signup-autocomplete@83a078a runs on staging
      ✅ main@680af60 → feature/signup-autocomplete@83a078a, 1 commit (ada), in 44 sec. Asked by @bob.
      – `id-5` · 10:03 today
      [ Roll back ]

    Longshore in #deploys · Only visible to you, bob
      That button was used before: deploy `id-5`, asked for by you, came of it. `/deploy show id-5` tells how it went.
    ");
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_deploy_may_not_press_that_button() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.has_moved_on().await;
    chat.types(ADA, "rollback webapp on production").await;
    chat.seconds(10).await;
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.skips();
    let before = chat.newest_deploy();
    chat.clicks(EVE, "forward").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("You may not deploy webapp to production"),
        "{read}"
    );
    assert_eq!(chat.newest_deploy(), before);
}

#[tokio::test(start_paused = true)]
async fn a_second_step_back_offers_what_the_first_went_back_to() {
    let chat = Chat::new(Bot::NoToken).await;
    for typed in [
        "webapp:main to staging",
        &format!("{BRANCH} staging"),
        "rollback webapp on staging",
        "rollback webapp on staging",
    ] {
        chat.types(ADA, typed).await;
        chat.settles().await;
    }
    let read = chat.reads();
    let cards: Vec<&str> = read.split("# webapp rolled back").skip(1).collect();
    let [first, second] = cards.as_slice() else {
        panic!("{read}");
    };
    assert!(first.contains("[ Deploy feature/signup-"), "{first}");
    assert!(second.contains("[ Deploy main@680af60 again ]"), "{second}");
}
