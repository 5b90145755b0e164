//! What somebody else changes at the console, by Terraform or by a pipeline: noticed, recorded once,
//! and right for whoever wants to go back.

use std::time::Duration;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::ContainerDefinition;
use insta::assert_snapshot;
use longshore::waiter::Event;
use serde_json::json;

use super::Chat;
use crate::town::{ADA, Bot, DEV, EVE, PROD, REGION, digest_of};

const KIM: &str = "arn:aws:iam::222222222222:user/kim";

/// The console of the account that staging is in, as Kim sees it.
struct Console(Client);

impl Console {
    async fn of(chat: &Chat) -> Self {
        let key = "AKIAKIM";
        let kim = (KIM.to_owned(), DEV.to_owned());
        let arrives = |state: &mut longshore_sim::State| {
            state.sts.principals.insert(key.to_owned(), kim);
        };
        arrives(&mut chat.world.state());
        let keys = aws_credential_types::Credentials::from_keys(key, "not-a-secret", None);
        let configuration = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new(REGION))
            .credentials_provider(keys)
            .http_client(chat.world.http_client())
            .time_source(chat.world.time_source())
            .load()
            .await;
        Self(Client::new(&configuration))
    }

    /// A new revision of webapp with the image of that commit, or with what is given.
    async fn registers(&self, image: &str) -> String {
        let live = self.0.describe_task_definition().task_definition("webapp");
        let live = live.send().await.unwrap().task_definition.unwrap();
        let container = ContainerDefinition::builder().name("app").image(image);
        let made = self.0.register_task_definition().family("webapp");
        let made = made
            .container_definitions(container.build())
            .set_network_mode(live.network_mode)
            .set_requires_compatibilities(live.requires_compatibilities)
            .set_cpu(live.cpu)
            .set_memory(live.memory)
            .set_execution_role_arn(live.execution_role_arn)
            .send()
            .await
            .unwrap();
        made.task_definition.unwrap().task_definition_arn.unwrap()
    }

    async fn rolls_out(&self, revision: &str) {
        let update = self.0.update_service().cluster("staging");
        let update = update.service("webapp").task_definition(revision);
        update.send().await.unwrap();
    }
}

fn image(commit: &str) -> String {
    let digest = digest_of(commit);
    format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/webapp@{digest}")
}

impl Chat {
    /// The commits of webapp, oldest first: the last is of a branch.
    fn commits(&self) -> Vec<String> {
        let mut state = self.world.state();
        let repo = state.github.repo("acme/webapp");
        let heads = ["main", "feature/signup-autocomplete"].map(|branch| repo.head(branch));
        heads.into_iter().flatten().collect()
    }

    /// Time passes while ECS's events arrive.
    async fn hears(&self, seconds: u64) {
        let mut driver = self.driver().deliver_events();
        driver.run_for(Duration::from_secs(seconds)).await;
    }

    async fn asks(&self, text: &str) {
        self.types(EVE, text).await;
        self.settles().await;
    }
}

/// Webapp's `main` deployed to staging by Ada, and then the branch's image rolled out by Kim.
async fn changed(heard: bool) -> (Chat, Console) {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.skips();
    let console = Console::of(&chat).await;
    let branch = chat.commits().pop().unwrap();
    let revision = console.registers(&image(&branch)).await;
    console.rolls_out(&revision).await;
    match heard {
        true => chat.hears(120).await,
        false => chat.seconds(120).await,
    }
    (chat, console)
}

#[tokio::test(start_paused = true)]
async fn a_change_from_outside_is_noticed_from_ecs_events_and_shown() {
    let (chat, _console) = changed(true).await;
    chat.asks("history webapp staging").await;
    chat.asks("status staging").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # The latest 3 changes, newest first
      • *changed outside of Longshore*: webapp staging 83a078a, by `kim`, 2026-03-02 10:01
      • `id-1` webapp staging: main@680af60, @ada, 2026-03-02 10:00, in 42 sec
      • found running, webapp staging: 5a91773, first seen 2026-03-02 10:00
      – `/deploy show id-1` tells everything about one.

    Longshore in #deploys · Only visible to you, eve
      # What runs
      *Content Management System* (`cms`)
      • staging: `cms-api:1`, `cms-worker:1`, 12 of 12 tasks, never deployed by Longshore
      *webapp*
      • staging: 83a078a `webapp:3`, 6 of 6 tasks, *changed outside*, noticed 1 min ago
      – As ECS said 10:02 today. `/deploy status cms staging` shows one application in detail.
    ");
}

#[tokio::test(start_paused = true)]
async fn a_change_is_recorded_once_however_many_events_and_plans_see_it() {
    let (chat, _console) = changed(true).await;
    // The service is one with an old ARN, and the event does not tell its cluster.
    let arn = format!("arn:aws:ecs:{REGION}:{DEV}:service/webapp");
    let event = || Event::read(&json!({"source": "aws.ecs", "resources": [arn]})).unwrap();
    let (one, other) = tokio::join!(
        chat.waiter.handle(event(), "one"),
        chat.waiter.handle(event(), "other")
    );
    assert!(one.is_ok() && other.is_ok());
    // What is asked for is what runs, so nothing is done; but it was planned.
    let branch = "webapp:feature/signup-autocomplete to staging";
    chat.types(ADA, branch).await;
    chat.settles().await;
    chat.skips();
    chat.asks("history").await;
    let read = chat.reads();
    assert_eq!(
        read.matches("changed outside of Longshore").count(),
        1,
        "{read}"
    );
    // The same revision once more, after something else: that is another change.
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    let console = Console::of(&chat).await;
    let revision = console
        .0
        .describe_task_definition()
        .task_definition("webapp:3");
    let revision = revision.send().await.unwrap().task_definition.unwrap();
    console
        .rolls_out(revision.task_definition_arn().unwrap())
        .await;
    chat.hears(120).await;
    chat.skips();
    chat.asks("history").await;
    let read = chat.reads();
    assert_eq!(
        read.matches("changed outside of Longshore").count(),
        2,
        "{read}"
    );
}

#[tokio::test(start_paused = true)]
async fn two_looks_at_the_same_moment_record_a_change_once() {
    let (chat, _console) = changed(false).await;
    let arn = format!("arn:aws:ecs:{REGION}:{DEV}:service/staging/webapp");
    let event = || Event::read(&json!({"source": "aws.ecs", "resources": [arn]})).unwrap();
    let (one, other) = tokio::join!(
        chat.waiter.handle(event(), "one"),
        chat.waiter.handle(event(), "other")
    );
    assert!(one.is_ok() && other.is_ok());
    chat.asks("history").await;
    let read = chat.reads();
    assert_eq!(
        read.matches("changed outside of Longshore").count(),
        1,
        "{read}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_rollback_goes_back_from_a_change_that_no_event_told_and_never_to_it_again() {
    let (chat, _console) = changed(false).await;
    for _ in 0..2 {
        chat.types(ADA, "rollback webapp on staging").await;
        chat.settles().await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Rolling back webapp on staging
      83a078a → *main@680af60*, without 1 commit (ada). Asked by @ada.
      Goes back to main@680af60 (deploy `id-1`), exactly as it ran from 10:00 today on. It is not live any more because `83a078a` was rolled out outside of Longshore, noticed just now.
      – Deploy `id-2`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp rolled back 83a078a → main@680af60 on staging
      ✅ Done in 45 sec, without 1 commit (ada). Asked by @ada.
      – `id-2` · 10:03 today

    Longshore in #deploys
      # Rolling back webapp on staging
      main@680af60 → *5a91773*, without 1 commit (bob). Asked by @ada.
      Goes back to 5a91773, as it was found running when Longshore first looked, 10:00 today. It is not live any more because `main@680af60` was deployed 2 min ago.
      – Deploy `id-3`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp rolled back main@680af60 → 5a91773 on staging
      ✅ Done in 43 sec, without 1 commit (bob). Asked by @ada.
      – Deploying `main` again brings back what was taken away, unless it was mended or reverted there. `/deploy history webapp staging` lists what ran.
      – `id-3` · 10:04 today
      [ Deploy main@680af60 again ]
    ");
}

#[tokio::test(start_paused = true)]
async fn putting_an_older_revision_of_ours_back_is_a_change_too() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    let console = Console::of(&chat).await;
    let first = console
        .0
        .describe_task_definition()
        .task_definition("webapp:1");
    let first = first.send().await.unwrap().task_definition.unwrap();
    console
        .rolls_out(first.task_definition_arn().unwrap())
        .await;
    chat.hears(120).await;
    chat.skips();
    chat.asks("history webapp staging").await;
    chat.asks("status webapp staging").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # The latest 3 changes, newest first
      • *changed outside of Longshore*: webapp staging 5a91773, 2026-03-02 10:01
      • `id-1` webapp staging: main@680af60, taken back outside, @ada, 2026-03-02 10:00
      • found running, webapp staging: 5a91773, first seen 2026-03-02 10:00
      – `/deploy show id-1` tells everything about one.

    Longshore in #deploys · Only visible to you, eve
      # What runs of webapp
      *webapp*
      staging: version 5a91773 (digest `517460eebcab`), *changed outside of Longshore*, noticed 1 min ago
      • `webapp` on `webapp:1`: 6 of 6 running
      – As ECS said 10:02 today.
    ");
}

#[tokio::test(start_paused = true)]
async fn what_a_moving_tag_brings_is_a_change_and_what_nobody_here_deploys_is_none() {
    let chat = Chat::new(Bot::NoToken).await;
    // The service runs a tag when Longshore first sees it.
    let console = Console::of(&chat).await;
    let [main, branch] = chat.commits().try_into().unwrap();
    let uri = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/webapp");
    let moves = |to: &str| {
        let digest = digest_of(to);
        let now = chat.world.now();
        let ecr = &mut chat.world.state().ecr;
        ecr.push(PROD, REGION, "webapp", &["latest"], &digest, now);
    };
    moves(&main);
    let revision = console.registers(&format!("{uri}:latest")).await;
    console.rolls_out(&revision).await;
    chat.hears(120).await;
    chat.asks("history").await;
    let read = chat.reads();
    assert!(read.contains("Nothing has been deployed there"), "{read}");
    // A plan that is refused is enough to have seen it.
    chat.types(ADA, "webapp:nothing to staging").await;
    chat.settles().await;
    moves(&branch);
    let again = console.0.update_service().cluster("staging");
    let again = again.service("webapp").force_new_deployment(true);
    again.send().await.unwrap();
    chat.hears(120).await;
    chat.skips();
    chat.asks("history webapp staging").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # The latest 2 changes, newest first
      • *changed outside of Longshore*: webapp staging 83a078a, 2026-03-02 10:02
      • found running, webapp staging: 680af60, first seen 2026-03-02 10:02
      – 1 that changed nothing is left out: `/deploy history webapp staging all` lists it.
    ");
}
