//! What must never be seen: secrets, task tokens and the addresses that anybody could post to. After
//! a busy day everything that was said, stored, logged and handed on is searched for them.

use serde_json::{Value, json};

use longshore_sim::ecs::{Script, TaskScript};

use super::Chat;
use crate::door::capture_log;
use crate::town::{ADA, BOB, Bot, CONFIG, EVE, SECRET, TOKEN};

const GITHUB: &str = "github_pat_planted_0001";
/// How every address to answer to begins.
const HOOKS: &str = "hooks.slack.com";
/// What is in every address of the simulated workspace, also when it was cut short or encoded.
const ADDRESS: &str = "/T0001/";

/// A day with a bit of everything.
async fn busy_day(chat: &Chat) {
    {
        let now = chat.world.now();
        let state = &mut *chat.world.state();
        state.ssm.put_secret(now, "/longshore/github-token", GITHUB);
        state.github.accept_token(GITHUB);
        for repository in ["acme/webapp", "acme/cms"] {
            state.github.repo(repository).set_private(true);
        }
    }
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.script("staging", "cms-worker", Script::CrashLoop);
    chat.types(BOB, "cms:1.0.2 to staging").await;
    chat.settles().await;
    for typed in ["webapp:1.0.2 to production", "cms production"] {
        chat.types(ADA, typed).await;
        chat.seconds(10).await;
    }
    chat.clicks(ADA, "confirm").await;
    chat.clicks(ADA, "decline").await;
    chat.seconds(20).await;
    chat.types(BOB, "cancel cms on production").await;
    chat.settles().await;
    chat.clicks(ADA, "retry").await;
    // Nobody answers: the question lapses.
    chat.settles().await;
    for typed in [
        "nonsense to nowhere",
        "webapp to production",
        "status",
        "history",
        "help",
    ] {
        chat.types(EVE, typed).await;
    }
    chat.types(ADA, &format!("show {}", chat.newest_deploy()))
        .await;
    chat.settles().await;
    chat.push(&CONFIG.replace("acme/webapp", "acme/moved"))
        .await;
    chat.seconds(61).await;
    chat.types(ADA, "webapp to staging").await;
    chat.world
        .state()
        .slack
        .set_mode(longshore_sim::slack::Mode::HooksDown);
    chat.settles().await;
    chat.skips();
}

/// Panics if one of them is in `text`.
fn assert_holds_none(place: &str, text: &str, secrets: &[&str]) {
    for secret in secrets {
        if let Some(at) = text.find(secret) {
            let from = text[..at]
                .char_indices()
                .rev()
                .nth(300)
                .map_or(0, |(at, _)| at);
            panic!("{place} holds {secret}: …{}", &text[from..at]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_ever_seen() {
    for bot in [Bot::Token, Bot::NoToken] {
        let (log, _guard) = capture_log();
        let chat = Chat::new(bot).await;
        busy_day(&chat).await;
        let state = chat.world.state();
        let tokens = task_tokens(&state.states);
        assert!(!tokens.is_empty(), "nobody was asked anything");
        let mut secrets = vec![SECRET, TOKEN, GITHUB, HOOKS, ADDRESS];
        secrets.extend(tokens.iter().map(String::as_str));

        let said = serde_json::to_string(&state.slack.events()).unwrap();
        assert!(
            said.contains(":white_check_mark: ") && said.contains(":leftwards_arrow_with_hook: ")
        );
        assert_holds_none("the conversation", &said, &secrets);

        let logged = log.text();
        assert!(logged.contains("a deploy got its verdict"), "{logged}");
        assert_holds_none("the log", &logged, &secrets);

        let mut addresses = 0;
        for (key, item) in state.dynamodb.tables["longshore"].items() {
            for (name, value) in item {
                let own = matches!(
                    (key.1.split('#').next(), name.as_str()),
                    (Some("REPLY"), "url") | (Some("TOKEN"), "token")
                );
                addresses += usize::from(own);
                if !own {
                    let text = format!("{name}={value}");
                    assert_holds_none(&format!("{}/{}", key.0, key.1), &text, &secrets);
                }
            }
            assert_holds_none("a key", &format!("{}/{}", key.0, key.1), &secrets);
        }
        assert!(
            addresses > 5,
            "{addresses} addresses and tokens in the table"
        );

        for run in state.states.executions.values() {
            assert_holds_none("an execution's input", &run.input, &secrets);
            assert_eq!(run.input, json!({"id": run.name.split_once('-').map_or(run.name.as_str(), |(id, n)| if id == "r" { &run.name[..2 + n.find('-').unwrap_or(n.len())] } else { id })}).to_string());
            for (_, kind, payload) in &run.history {
                // The one place where a token must stand: what Step Functions hands to the task.
                let asks = *kind == "TaskScheduled" && payload.get("token").is_some();
                let mut payload = payload.clone();
                if asks {
                    payload["token"] = Value::Null;
                }
                assert_holds_none(
                    &format!("an execution's {kind}"),
                    &payload.to_string(),
                    &secrets,
                );
            }
        }
        for (_, payload, answer) in &state.states.asynchronous {
            assert_holds_none("an event", &payload.to_string(), &secrets);
            assert_holds_none("an event's answer", &format!("{answer:?}"), &secrets);
        }

        for call in &state.calls {
            let what = format!("{}:{}", call.service, call.operation);
            let own = match call.service {
                // Slack's own, and the two stores that keep secrets.
                "slack" | "dynamodb" => continue,
                "states" => call.operation == "SendTaskSuccess",
                _ => false,
            };
            let text = format!(
                "{} {:?} {:?}",
                call.request, call.resources, call.conditions
            );
            if !own {
                assert_holds_none(&what, &text, &secrets);
            }
        }
    }
}

/// The tokens that were handed out.
fn task_tokens(states: &longshore_sim::states::States) -> Vec<String> {
    let history = states.executions.values().flat_map(|run| &run.history);
    history
        .filter_map(|(_, _, payload)| payload.get("token")?.as_str().map(str::to_owned))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_address_is_forgotten_by_the_table_when_it_has_lapsed() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    chat.skips();
    let state = chat.world.state();
    let now = chat.world.now().as_second();
    let items = state.dynamodb.tables["longshore"].items();
    let addresses: Vec<_> = items
        .iter()
        .filter(|(key, _)| key.1.starts_with("REPLY#"))
        .collect();
    assert!(!addresses.is_empty());
    for (key, item) in addresses {
        let expires: i64 = item["expires"]["N"].as_str().unwrap().parse().unwrap();
        assert!(
            (now..=now + 3600).contains(&expires),
            "{key:?} expires at {expires}"
        );
    }
}

/// Secrets of several kinds, and how a program would write them.
const LEAKED: [(&str, &str); 5] = [
    ("AKIAZ7XNOQ3RPLANTED1", "denied for AKIAZ7XNOQ3RPLANTED1"),
    (
        "hunter2Planted",
        "postgres://app:hunter2Planted@db.internal/shop",
    ),
    ("p4ssw0rdPlanted", "DB_PASSWORD=p4ssw0rdPlanted"),
    (
        "ghp_plantedPlantedPlanted0001",
        "token ghp_plantedPlantedPlanted0001",
    ),
    (
        "T0001/B0001/plantedPlanted",
        "https://hooks.slack.com/services/T0001/B0001/plantedPlanted",
    ),
];

#[tokio::test(start_paused = true)]
async fn what_ecs_and_github_say_in_words_of_their_own_brings_no_secret_in() {
    let aside = LEAKED.map(|(_, written)| written).join(" ");
    let secrets = LEAKED.map(|(secret, _)| secret);
    for bot in [Bot::Token, Bot::NoToken] {
        for script in [
            Script::CrashLoop,
            Script::UnableToPlace,
            Script::ImagePullError,
            Script::Alarm,
            Script::RollbackFails,
        ] {
            let (log, _guard) = capture_log();
            let chat = Chat::new(bot).await;
            let summaries = LEAKED.map(|(_, written)| {
                let mut state = chat.world.state();
                let repo = state.github.repo("acme/webapp");
                repo.commit("leaky", written, written)
            });
            {
                let now = chat.world.now();
                let state = &mut *chat.world.state();
                state.ecs.says_aside(&aside);
                state.ecs.set_task_script(
                    "cms-migrate",
                    &TaskScript::Exits(std::time::Duration::from_secs(5), 1),
                );
                let digest = crate::town::digest_of(&summaries[4]);
                let tags = [&*summaries[4]];
                state.ecr.push(
                    crate::town::PROD,
                    crate::town::REGION,
                    "webapp",
                    &tags,
                    &digest,
                    now,
                );
            }
            chat.push(&crate::town::with_before()).await;
            chat.seconds(61).await;
            chat.script("staging", "webapp", script.clone());
            chat.types(ADA, "webapp:leaky to staging").await;
            chat.types(ADA, "cms:1.0.2 to staging").await;
            chat.seconds(600).await;
            for typed in ["status staging", "status webapp staging"] {
                chat.types(EVE, typed).await;
            }
            chat.types(ADA, "cancel webapp on staging").await;
            chat.seconds(900).await;
            for id in chat.deploys() {
                chat.types(ADA, &format!("show {id}")).await;
            }
            chat.types(ADA, "webapp:leaky to production").await;
            chat.types(ADA, "history").await;
            chat.types(ADA, "history webapp staging").await;
            chat.seconds(60).await;
            chat.seconds(900).await;
            chat.skips();
            crate::rights::journeys::longshore(&chat, &["rollback", "--yes", "webapp", "staging"])
                .await;
            chat.seconds(900).await;
            chat.skips();
            let state = chat.world.state();
            let said = serde_json::to_string(&state.slack.events()).unwrap();
            // They did speak, and what is no secret stands.
            assert!(said.contains("postgres://"), "{script:?}: {said}");
            assert!(
                said.contains("*Commits*") || said.contains(&summaries[4][..7]),
                "{script:?}"
            );
            assert_holds_none("the conversation", &said, &secrets);
            assert_holds_none("the log", &log.text(), &secrets);
            for (key, item) in state.dynamodb.tables["longshore"].items() {
                let text = format!("{item:?}");
                assert_holds_none(&format!("{}/{}", key.0, key.1), &text, &secrets);
            }
        }
    }
}
