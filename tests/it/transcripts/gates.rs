//! The gates: what must hold where something is about to change, when it is planned and when it starts.

use insta::assert_snapshot;
use longshore_sim::ecs::{Controller, ServiceSeed, add_service, task_definition};

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, DEV, PROD, REGION};

/// `cms-worker` on staging is handed to CodeDeploy.
fn hand_over(chat: &Chat) {
    let now = chat.world.now();
    let state = &mut *chat.world.state();
    let image = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/cms:latest");
    let definition = task_definition(DEV, REGION, "cms", &[("app", &image)]);
    let seed = ServiceSeed::new(DEV, REGION, "staging", "cms-worker", definition)
        .controller(Controller::CodeDeploy);
    add_service(state, now, seed).unwrap();
}

#[tokio::test(start_paused = true)]
async fn everything_that_stands_in_the_way_is_said_at_once() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.world.state().ecs.deactivate("staging", "cms-api");
    hand_over(&chat);
    chat.types(ADA, "cms to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms was refused on staging
      ⛔ Nothing was started.
      The service `cms-api` is `INACTIVE`, not ACTIVE, so nothing can be deployed to it. Create it again, or ask @root to take it out.
      The service `cms-worker` is rolled out by `CODE_DEPLOY`, not by ECS itself, so Longshore must keep its hands off. Deploy it with that, or recreate it with the deployment controller `ECS`.
      – `id-1` · 10:00 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn of_several_applications_each_says_what_stands_in_its_way() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.world.state().ecs.deactivate("staging", "cms-api");
    chat.world.state().ecs.deactivate("staging", "webapp");
    hand_over(&chat);
    chat.types(ADA, "webapp,cms to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp, cms were refused on staging
      ⛔ Nothing was started.
      webapp: The service `webapp` is `INACTIVE`, not ACTIVE, so nothing can be deployed to it. Create it again, or ask @root to take it out.
      cms: The service `cms-api` is `INACTIVE`, not ACTIVE, so nothing can be deployed to it. Create it again, or ask @root to take it out.
      cms: The service `cms-worker` is rolled out by `CODE_DEPLOY`, not by ECS itself, so Longshore must keep its hands off. Deploy it with that, or recreate it with the deployment controller `ECS`.
      – `id-1` · 10:00 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn the_same_gates_are_asked_once_more_when_it_starts() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp to production").await;
    chat.seconds(10).await;
    chat.reads();
    chat.world.state().ecs.deactivate("production", "webapp");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      # webapp main@680af60 was refused on production
      ⛔ Nothing was started.
      The service `webapp` is `INACTIVE`, not ACTIVE, so nothing can be deployed to it. Create it again, or ask @root to take it out.
      – `id-1` · 10:00 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn what_a_deploy_was_refused_for_names_the_command_by_its_own_name() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&CONFIG.replace("/deploy", "/ship")).await;
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("⛔ "), "{read}");
    assert!(
        read.contains("`/ship history webapp staging`") && !read.contains("/deploy"),
        "{read}"
    );
    let id = chat.newest_deploy();
    chat.types(ADA, &format!("show {id}")).await;
    let read = chat.reads();
    assert!(
        read.contains("`/ship history webapp staging`") && !read.contains("/deploy"),
        "{read}"
    );
}
