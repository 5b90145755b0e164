//! Every no, as it is said.

mod missing;

use insta::assert_snapshot;
use longshore::config::Packed;
use longshore_sim::ecr;
use longshore_sim::ecs::{Breaker, Controller, ServiceSeed, add_service, task_definition};
use longshore_sim::slack::Invocation;
use serde_json::json;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, DEPLOYS, DEV, EVE, PROD, REGION, ROOT};

impl Chat {
    /// The stored configuration becomes one that this version cannot read.
    fn spoil_configuration(&self) {
        let now = self.world.now();
        let state = &mut *self.world.state();
        let table = state.dynamodb.tables.get_mut("longshore").unwrap();
        let key = ("CONFIG".to_owned(), "CURRENT".to_owned());
        let mut item = table.items()[&key].clone();
        let body = Packed::of("{\"written\":\"in the future\"}").unwrap();
        let body = aws_smithy_types::base64::encode(body.bytes());
        item.insert("body".to_owned(), json!({ "B": body }));
        table.set(now, &key, Some(item));
    }

    /// Nothing was asked of ECS but to look.
    pub(super) fn assert_nothing_changed(&self) {
        let state = self.world.state();
        let changing = state.calls.iter().filter(|call| {
            call.service == "ecs"
                && !["Describe", "List"]
                    .iter()
                    .any(|read| call.operation.starts_with(read))
        });
        let changing: Vec<&str> = changing.map(|call| call.operation.as_str()).collect();
        assert_eq!(changing, Vec::<&str>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn what_people_type_is_shown_and_never_pings_or_links() {
    let chat = Chat::new(Bot::NoToken).await;
    for typed in [
        "<!channel> to staging",
        "webapp:<!here> to staging",
        "webapp to <https://evil.example|staging>",
        "`webapp` *to* staging",
        "webapp to <@U0BOB0001|bob>",
        ":white_check_mark: Succeeded. webapp to production",
    ] {
        chat.types(ADA, typed).await;
    }
    assert_snapshot!(chat.reads(), @r#"
    Longshore in #deploys · Only visible to you, ada
      `<!channel>` is not an application; there are `cms` and `webapp`. To choose from a form: `/deploy deploy`

    Longshore in #deploys · Only visible to you, ada
      `<!here>` cannot be read as a ref; name its commit. Did you mean `/deploy webapp:here to staging`?

    Longshore in #deploys · Only visible to you, ada
      `*to*` is not an environment. Did you mean `/deploy webapp to staging`?

    Longshore in #deploys · Only visible to you, ada
      `@bob` is not an environment; there are `production` and `staging`. For instance: `/deploy webapp to staging`

    Longshore in #deploys · Only visible to you, ada
      `:white_check_mark` is not a command or an application; there are `cms` and `webapp`. For instance: `/deploy webapp to production`
    "#);
    for message in chat.world.state().slack.messages() {
        let raw = serde_json::to_string(&message.blocks).unwrap() + &message.text;
        assert!(!raw.contains("<!") && !raw.contains("<http"), "{raw}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_something_else_rolls_out_is_refused_by_name() {
    for controller in [Controller::CodeDeploy, Controller::External] {
        let chat = Chat::new(Bot::NoToken).await;
        {
            let now = chat.world.now();
            let state = &mut *chat.world.state();
            let image = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/webapp:latest");
            let definition = task_definition(DEV, REGION, "webapp", &[("app", &image)]);
            let seed = ServiceSeed::new(DEV, REGION, "staging", "webapp", definition)
                .controller(controller)
                .breaker(Breaker::RollsBack);
            add_service(state, now, seed).unwrap();
        }
        chat.types(ADA, "webapp to staging").await;
        chat.settles().await;
        let read = chat.reads();
        if controller == Controller::CodeDeploy {
            assert_snapshot!(read, @r"
            Longshore in #deploys · Only visible to you, ada
              # webapp was refused on staging
              ⛔ Nothing was started.
              The service `webapp` is rolled out by `CODE_DEPLOY`, not by ECS itself, so Longshore must keep its hands off. Deploy it with that, or recreate it with the deployment controller `ECS`.
              – `id-1` · 10:00 today
            ");
        } else {
            assert!(read.contains("is rolled out by `EXTERNAL`"), "{read}");
        }
        chat.assert_nothing_changed();
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_there_or_not_active_is_refused() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.world.state().ecs.deactivate("staging", "webapp");
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp was refused on staging
      ⛔ Nothing was started.
      The service `webapp` is `INACTIVE`, not ACTIVE, so nothing can be deployed to it. Create it again, or ask @root to take it out.
      – `id-1` · 10:00 today
    ");
    chat.push(&CONFIG.replace(
        r#"["cms-api", "cms-worker"]"#,
        r#"["cms-api", "cms-mailer"]"#,
    ))
    .await;
    chat.seconds(61).await;
    chat.types(ADA, "cms to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # cms was refused on staging
      ⛔ Nothing was started.
      There is no service `cms-mailer` in the cluster `staging`. Create it, or ask @root to correct `services`.
      – `id-2` · 10:01 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn the_image_that_is_live_is_not_deployed_again_but_can_be_restarted() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    chat.skips();
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:1.0.2 runs on staging already
      ℹ️ Nothing was started.
      `webapp` on staging runs `1.0.2`, the very same image. To replace its tasks by new ones: `/deploy restart webapp on staging`
      – `id-2` · 10:00 today
      [ Restart ]
    ");
    assert_eq!(chat.world.state().ecs.update_calls("staging", "webapp"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_service_is_changed_by_one_deploy_at_a_time() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "cms to staging").await;
    chat.seconds(20).await;
    chat.skips();
    chat.types(EVE, "cms:feature/signup-autocomplete to staging")
        .await;
    chat.seconds(5).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # cms:feature/signup-autocomplete was refused on staging
      ⛔ Nothing was started.
      Deploy `id-1` of `cms` to staging is still under way. @ada asked for it at 10:00 today. Wait for its verdict, or stop it: `/deploy cancel cms on staging`. If you may not, ask @ada.
      – `id-2` · 10:00 today
    ");
    chat.types(EVE, "restart cms on staging").await;
    chat.seconds(5).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # The restart of cms was refused on staging
      ⛔ Nothing was started.
      Deploy `id-1` of `cms` to staging is still under way. @ada asked for it at 10:00 today. Wait for its verdict, or stop it: `/deploy cancel cms on staging`. If you may not, ask @ada.
      – `id-3` · 10:00 today
    ");
    // Another application is none of its business.
    chat.types(EVE, "webapp to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("# webapp main@680af60 runs on staging"),
        "{read}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_is_not_named_may_not() {
    let chat = Chat::new(Bot::NoToken).await;
    for typed in [
        "webapp to production",
        "rollback webapp on production",
        "restart webapp on production",
    ] {
        chat.types(EVE, typed).await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      You may not deploy webapp to production. The team of webapp may. Ask @ada or @bob, and they can do it for you.

    Longshore in #deploys · Only visible to you, eve
      You may not roll back webapp on production. The team of webapp may. Ask @ada or @bob, and they can do it for you.

    Longshore in #deploys · Only visible to you, eve
      You may not restart webapp on production. The team of webapp may. Ask @ada or @bob, and they can do it for you.
    ");
    chat.types(ADA, "webapp to production").await;
    chat.seconds(5).await;
    chat.skips();
    chat.types(EVE, "cancel webapp on production").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      You may not cancel a deploy of webapp to production. Ask @ada, @bob or @root.
    ");
    chat.settles().await;
    chat.skips();
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn production_is_asked_for_in_its_channel_only() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types_in(ADA, "C0RANDOM", "webapp to production").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #random · Only visible to you, ada
      You can deploy webapp to production, but not from here. Ask again in #deploys.
    ");
    assert!(chat.world.state().states.executions.is_empty());
}

#[tokio::test(start_paused = true)]
async fn people_of_another_workspace_are_turned_away() {
    let chat = Chat::new(Bot::NoToken).await;
    for typed in [
        "webapp to staging",
        "status",
        "help",
        "history",
        "frobnicate",
    ] {
        let typed = Invocation::new(ADA, DEPLOYS, typed).team("T0OTHER");
        let request = chat.world.state().slack.command(chat.world.now(), &typed);
        chat.posts(&request).await;
    }
    let said = chat.reads();
    let one = said.split("\n\n").next().unwrap();
    assert_snapshot!(one, @r"
    Longshore in #deploys · Only visible to you, ada
      Longshore does not take requests from this Slack workspace. Ask the people who run Longshore to add its id, which begins with T, to `slack.teams`.
    ");
    assert!(
        said.split("\n\n").all(|other| other.trim() == one.trim()),
        "{said}"
    );
    assert!(chat.world.state().states.executions.is_empty());
}

#[tokio::test(start_paused = true)]
async fn before_a_configuration_is_pushed_nobody_may_do_anything() {
    let chat = Chat::empty(Bot::NoToken).await;
    for typed in ["webapp to staging", "help"] {
        chat.types(ROOT, typed).await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, root
      No configuration has been pushed yet, so nobody may do anything here. Whoever runs Longshore writes `longshore.toml` and runs `longshore push`; then ask again.

    Longshore in #deploys · Only visible to you, root
      No configuration has been pushed yet, so nobody may do anything here. Whoever runs Longshore writes `longshore.toml` and runs `longshore push`; then ask again.
    ");
    // The first push is followed at once.
    chat.push(CONFIG).await;
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("# webapp main@680af60 runs on staging"),
        "{read}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_cannot_be_read_means_no() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.spoil_configuration();
    chat.types(ADA, "webapp to staging").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      Longshore cannot read its configuration, and without one nobody may do anything; nothing was started. Whoever runs it checks `longshore.toml` with `longshore check` and publishes it with `longshore push`.
    ");
    assert!(chat.world.state().states.executions.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_silent_github_is_waited_for_and_then_named() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.world
        .state()
        .github
        .set_mode(longshore_sim::github::Mode::Down);
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Waiting: webapp · staging
      ⏳ webapp: deploy `id-1` to staging waits, and nothing has been started: GitHub cannot be reached: HTTP 503. I try until 10:03 today; *Cancel* ends it now.
      [ Cancel ]

    Longshore in #deploys · Only visible to you, ada
      # webapp was refused on staging
      ⛔ Nothing was started.
      GitHub could not be asked what the default branch is. Try again in a minute, or name an image tag or a full commit.
      – `id-1` · 10:03 today
    ");
    chat.assert_nothing_changed();
    // A rollback and a restart never need it.
    chat.types(ADA, "restart webapp on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn a_repository_that_github_does_not_show_is_named() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.world
        .state()
        .github
        .repo("acme/webapp")
        .set_private(true);
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp was refused on staging
      ⛔ Nothing was started.
      GitHub shows no repository `acme/webapp`. Ask @root to check its name in the configuration, and that the GitHub token may read it.
      – `id-1` · 10:00 today
    ");
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:main was refused on staging
      ⛔ Nothing was started.
      GitHub shows no repository `acme/webapp`. Ask @root to check its name in the configuration, and that the GitHub token may read it.
      – `id-2` · 10:00 today
    ");
}

#[tokio::test(start_paused = true)]
async fn the_commands_own_name_is_configuration() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&CONFIG.replace("/deploy", "/ship")).await;
    for typed in [
        "cancel webapp on staging",
        "frobnicate",
        "help show",
        "show 4f2k9x0a",
    ] {
        chat.types(BOB, typed).await;
        chat.settles().await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, bob
      No deploy of `webapp` to staging is under way, so there is nothing to cancel. To undo the last one: `/ship rollback webapp on staging`.

    Longshore in #deploys · Only visible to you, bob
      `frobnicate` is not a command or an application; there are `cms` and `webapp`. For instance: `/ship help`

    Longshore in #deploys · Only visible to you, bob
      # Help on show
      `/ship show DEPLOY`  Everything about one deploy, by its id or as the `last` one.
      • `/ship show last`
      • `/ship show last cms`
      • `/ship show last staging`
      • `/ship show last cms staging`

    Longshore in #deploys · Only visible to you, bob
      There is no deploy `4f2k9x0a`. `/ship history` lists the latest; ids are eight letters and digits.
    ");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_rate_limit_that_lasts() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.world.state().github.exhaust();
    chat.types(ADA, "webapp:main to staging").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:main was refused on staging
      ⛔ Nothing was started.
      GitHub's rate limit is used up until 11:00 today, so it could not be asked what `main` is. Name an image tag or a full commit, which needs no GitHub. Without a GitHub token Longshore may ask little: if none is stored, ask @root to store one.
      – `id-1` · 10:00 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn what_runs_already_can_be_restarted_once_from_the_card_that_says_so() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.does("webapp:main to staging").await;
    let news = chat.does("webapp:main to staging").await;
    assert!(
        news.contains("# webapp:main runs on staging already"),
        "{news}"
    );
    chat.clicks(ADA, "restart").await;
    chat.settles().await;
    chat.clicks(ADA, "restart").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("# webapp restarted on staging"), "{read}");
    assert!(read.contains("That button was used before"), "{read}");
    assert_eq!(chat.deploys().len(), 3, "{read}");
}
