//! Rollouts of every length, and that their verdicts reach people, or are known not to.

use std::time::Duration;

use longshore::record::{Telling, Verdict, Way};
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, Bot};

const BRANCH: &str = "webapp:feature/signup-autocomplete to staging";
/// Minutes that rollouts take.
const LENGTHS: [u64; 4] = [29, 31, 65, 360];

/// A deploy whose rollout takes so long, played to its end. Somebody presses **Keep me posted** every
/// twenty minutes, if anybody does.
async fn played(bot: Bot, minutes: u64, pressed: bool) -> (Chat, Telling) {
    let chat = Chat::new(bot).await;
    chat.script(
        "staging",
        "webapp",
        Script::Slow(Duration::from_secs(minutes * 60)),
    );
    chat.types(ADA, BRANCH).await;
    let mut passed = 0;
    while pressed && passed + 26 < minutes {
        chat.seconds(26 * 60).await;
        passed += 26;
        chat.clicks(ADA, "keep_posted").await;
    }
    chat.settles().await;
    let deploy = chat.deploy(&chat.newest_deploy()).await;
    assert_eq!(deploy.verdict(), Some(Verdict::Succeeded));
    let took = deploy.elapsed(chat.world.now()).as_secs() / 60;
    assert!((minutes..minutes + 6).contains(&took), "{took}");
    (chat, deploy.told.verdict)
}

#[tokio::test(start_paused = true)]
async fn with_a_bot_token_every_verdict_is_delivered_however_long_it_takes() {
    for minutes in LENGTHS {
        let (chat, told) = played(Bot::Token, minutes, false).await;
        assert_eq!(told, Telling::Told { way: Way::Card }, "{minutes}");
        let read = chat.reads();
        assert!(read.contains("in a thread"), "{minutes}: {read}");
        assert_eq!(
            read.matches(" is overdue. It began").count(),
            usize::from(minutes > 30)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_token_it_is_delivered_to_whoever_keeps_being_posted() {
    for minutes in LENGTHS {
        let (chat, told) = played(Bot::NoToken, minutes, true).await;
        let way = Way::ResponseUrl;
        assert_eq!(told, Telling::Told { way }, "{minutes}");
        assert!(chat.reads().contains("✅ "), "{minutes}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_token_and_a_click_it_is_known_to_have_reached_nobody() {
    for minutes in LENGTHS {
        let (chat, told) = played(Bot::NoToken, minutes, false).await;
        let lapsed = minutes > 30;
        let read = chat.reads();
        assert_eq!(read.contains("✅ "), !lapsed, "{minutes}: {read}");
        assert_eq!(told == Telling::Undeliverable, lapsed, "{minutes}");
        chat.types(ADA, &format!("show {}", chat.newest_deploy()))
            .await;
        let shown = chat.reads();
        let says = shown.contains("the verdict could not be delivered to anybody");
        assert_eq!(says, lapsed, "{minutes}: {shown}");
    }
}
