//! Where people look on: the applications' own pages, the log of the task that failed, the tasks.

use insta::assert_snapshot;
use longshore_sim::ecs::{Script, task_definition};
use serde_json::json;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, DEV, PROD, REGION};

const ONE: &str = "source       = { repository = \"acme/webapp\", image = \"webapp\" }\n";
const TWO: &str = "services     = [\"cms-api\", \"cms-worker\"]\n";

/// A town whose webapp and cms have pages of their own.
async fn with_pages(bot: Bot) -> Chat {
    let chat = Chat::new(bot).await;
    let of_one = r#"links = { dashboard = "https://grafana.example.com/d/{app}?env={env}&s={service}", "run book" = "https://wiki.example.com/webapp" }"#;
    let of_two = r#"links = { dashboard = "https://grafana.example.com/d/{app}?env={env}" }"#;
    let config = CONFIG
        .replacen(ONE, &format!("{ONE}{of_one}\n"), 1)
        .replacen(TWO, &format!("{TWO}{of_two}\n"), 1);
    chat.push(&config).await;
    chat
}

/// Every link in what has been posted so far, each once.
fn linked(chat: &Chat) -> Vec<String> {
    let messages = serde_json::to_string(chat.world.state().slack.messages()).unwrap();
    let mut links: Vec<String> = Vec::new();
    for link in messages.split("<https://").skip(1) {
        let link = link.split('>').next().unwrap().to_owned();
        if !links.contains(&link) && !link.starts_with("github.com") {
            links.push(link);
        }
    }
    links
}

#[tokio::test(start_paused = true)]
async fn an_applications_pages_stand_on_its_card_its_verdict_and_its_status() {
    let chat = with_pages(Bot::Token).await;
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.seconds(15).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying webapp to staging
      5a91773 → *1.0.2*, 1 commit (bob). Asked by @ada.
      Starting.
      • `webapp`: about to start
      dashboard · run book
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `webapp`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      dashboard · run book
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying webapp to staging
      5a91773 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • `webapp`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      dashboard · run book
      – `id-1` · 15 sec so far
      [ Cancel ]
    ");
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      # webapp 1.0.2 runs on staging
      ✅ 5a91773 → 1.0.2, 1 commit (bob), in 39 sec. Asked by @ada.
      dashboard · run book
      – `id-1` · 10:00 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada webapp: deployed version 1.0.2 to staging in 39 sec
    ");
    chat.types(ADA, "status webapp staging").await;
    chat.seconds(5).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # What runs of webapp
      *webapp*
      staging: version 1.0.2 (commit `680af60`, digest `48a55179e67c`), just now, @ada
      • `webapp` on `webapp:2`: 6 of 6 running
      dashboard · run book
      – As ECS said 10:00 today.
    ");
    assert_eq!(
        linked(&chat),
        [
            "grafana.example.com/d/webapp?env=staging&amp;s=webapp|dashboard",
            "wiki.example.com/webapp|run book",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_bot_token_they_stand_on_the_start_too() {
    let chat = with_pages(Bot::NoToken).await;
    chat.types(ADA, "webapp:1.0.2, cms:1.0.2 to staging").await;
    chat.seconds(15).await;
    let read = chat.reads();
    let pages = "webapp: dashboard · run book\n  Content Management System: dashboard\n";
    assert!(read.contains(pages), "{read}");
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains(pages), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_fails_links_the_log_of_its_task_and_its_tasks() {
    let chat = Chat::new(Bot::Token).await;
    chat.script("staging", "webapp", Script::CrashLoop);
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    let read = chat.reads();
    let (_, verdict) = read.split_once("did not come up").unwrap();
    assert!(verdict.contains("\n  log stream · tasks\n"), "{verdict}");
    let links = linked(&chat);
    let log = "eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Fecs$252Fwebapp/log-events/ecs$252Fapp$252F";
    let tasks = "eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/webapp/tasks?region=eu-west-1|tasks";
    let of_a_task = |link: &&String| {
        let id = link.strip_prefix(log)?.strip_suffix("|log stream")?;
        Some(id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit()))
    };
    let logs: Vec<_> = links.iter().filter_map(|link| of_a_task(&link)).collect();
    assert!(
        !logs.is_empty() && logs.iter().all(|good| *good),
        "{links:?}"
    );
    assert!(links.iter().any(|link| link == tasks), "{links:?}");
    assert_eq!(links.len(), logs.len() + 1, "{links:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_logged_elsewhere_has_no_link_to_its_log() {
    let elsewhere = json!({ "logDriver": "awsfirelens", "options": { "Name": "datadog" } });
    let group = json!({ "awslogs-group": "/ecs/webapp", "awslogs-region": REGION });
    let unnamed = json!({ "logDriver": "awslogs", "options": group });
    for log in [elsewhere, unnamed] {
        let chat = Chat::empty(Bot::Token).await;
        chat.push(&CONFIG.replace("base = \"live\"", "base = \"head\""))
            .await;
        {
            let (now, state) = (chat.world.now(), &mut *chat.world.state());
            let running = state.ecs.running("staging", "webapp").remove(0);
            let image = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/webapp@{}", running.1);
            let mut definition = task_definition(DEV, REGION, "webapp", &[("app", &image)]);
            definition["containerDefinitions"][0]["logConfiguration"] = log;
            state
                .ecs
                .add_definition(now, (DEV, REGION), &definition)
                .unwrap();
        }
        chat.script("staging", "webapp", Script::CrashLoop);
        chat.types(ADA, "webapp:1.0.2 to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(!read.contains("log stream"), "{read}");
        assert!(read.contains("\n  tasks\n"), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_overdue_links_its_tasks() {
    let chat = with_pages(Bot::Token).await;
    chat.script(
        "staging",
        "cms-api",
        Script::Slow(std::time::Duration::from_secs(40 * 60)),
    );
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.seconds(31 * 60).await;
    let read = chat.reads();
    let (_, overdue) = read.split_once(" is overdue. It began").unwrap();
    assert!(
        overdue.contains("  `cms-api`: tasks\n  `cms-worker`: tasks\n"),
        "{overdue}"
    );
    chat.settles().await;
    chat.skips();
}
