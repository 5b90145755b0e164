//! How many messages an answer takes: one, unless it takes long.

use std::time::Duration;

use longshore_sim::fault::{Kill, Matcher};

use super::Chat;
use crate::town::{ADA, Bot, DEPLOYS};

fn heard(read: &str) -> usize {
    read.matches("Longshore in #deploys").count()
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_the_only_message() {
    for bot in [Bot::Token, Bot::NoToken] {
        let chat = Chat::new(bot).await;
        for typed in [
            "status",
            "status webapp staging",
            "logs webapp staging",
            "logs webapp production",
            "history",
            "show k3m9x2ab",
            "help",
            "cms:1.0.2 to production",
            "cancel webapp on staging",
            "frobnicate",
        ] {
            chat.types(ADA, typed).await;
            chat.seconds(2).await;
            let read = chat.reads();
            assert_eq!(heard(&read), 1, "{bot:?}, {typed}: {read}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_takes_over_three_seconds_is_announced_once() {
    for bot in [Bot::Token, Bot::NoToken] {
        for (typed, word) in [
            (
                "cms:1.0.2 to production",
                "Got it: `cms:1.0.2` to production, deploy `",
            ),
            ("status webapp staging", "This takes longer than usual."),
            ("logs webapp staging", "This takes longer than usual."),
            ("cancel webapp on staging", "This takes longer than usual."),
        ] {
            for (delay, times) in [(100, 0), (1_800, 1)] {
                let chat = Chat::new(bot).await;
                let ecs = Matcher::service("ecs");
                let sts = Matcher::service("sts");
                let delay = Duration::from_millis(delay);
                chat.world.state().faults.delay(ecs, delay);
                chat.world.state().faults.delay(sts, delay);
                chat.types(ADA, typed).await;
                chat.seconds(3).await;
                let early = chat.reads();
                chat.seconds(30).await;
                let read = format!("{early}{}", chat.reads());
                assert_eq!(
                    early.matches(word).count(),
                    times,
                    "{typed}, {delay:?}: {read}"
                );
                assert_eq!(
                    read.matches(word).count(),
                    times,
                    "{typed}, {delay:?}: {read}"
                );
                assert_eq!(heard(&read), 1 + times, "{typed}, {delay:?}: {read}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_that_brings_no_address_is_answered_at_once() {
    let chat = Chat::new(Bot::NoToken).await;
    for (typed, word) in [
        ("webapp to staging", "Got it: `webapp` to staging, deploy `"),
        ("status", "This takes longer"),
    ] {
        let body = format!(
            "team_id=T0001&channel_id={DEPLOYS}&user_id={ADA}&command=%2Fdeploy&text={}\
             &response_url=&trigger_id=1.2.{}",
            typed.replace(' ', "+"),
            typed.len()
        );
        let form = "application/x-www-form-urlencoded";
        let now = chat.world.now();
        let path = "/slack/commands";
        let request = chat.world.state().slack.sign(now, path, form, body);
        let (_, answer) = chat.knocks(&request).await;
        let said = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(said.contains(word), "{said}");
    }
}

/// However often its work begins anew, an answer is announced once: only the first use of an address is for
/// that, and four are left for what people wait for.
#[tokio::test(start_paused = true)]
async fn what_dies_again_and_again_is_announced_once() {
    for (typed, dies) in [("cms:1.0.2 to production", 3), ("status webapp staging", 2)] {
        let chat = Chat::new(Bot::NoToken).await;
        let slow = Duration::from_millis(1_800);
        {
            let faults = &mut chat.world.state().faults;
            faults.delay(Matcher::service("ecs"), slow);
            faults.delay(Matcher::service("sts"), slow);
            for nth in 1..=dies {
                faults.kill(Matcher::service("ecs").nth(nth), Kill::After);
            }
        }
        chat.types(ADA, typed).await;
        chat.seconds(900).await;
        assert_eq!(chat.world.state().faults.fired(), dies, "{typed}");
        let read = chat.reads();
        let words = ["Got it: ", "This takes longer"];
        let announced: usize = words.iter().map(|word| read.matches(word).count()).sum();
        assert_eq!(announced, 1, "{typed}: {read}");
        assert!(heard(&read) > 1, "{typed}: {read}");
    }
}
