//! The truth board: what runs where, whose it is, and what cannot be read.

use std::fmt::Write as _;
use std::time::Duration;

use insta::assert_snapshot;
use longshore_sim::ecs::{ServiceSeed, add_service, task_definition};
use longshore_sim::fault::Matcher;

use super::Chat;
use crate::town::{ADA, Bot, DEV, EVE, PROD, REGION};

#[tokio::test(start_paused = true)]
async fn the_board_shows_what_runs_everywhere_and_who_brought_it() {
    for bot in [Bot::NoToken, Bot::Token] {
        let chat = Chat::new(bot).await;
        chat.types(ADA, "cms:1.0.2 to staging").await;
        chat.settles().await;
        chat.seconds(3 * 3600).await;
        chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
            .await;
        chat.seconds(20).await;
        chat.skips();
        chat.types(EVE, "status").await;
        chat.seconds(3).await;
        let read = chat.reads();
        insta::allow_duplicates! {
            assert_snapshot!(read, @r"
            Longshore in #deploys · Only visible to you, eve
              # What runs
              *Content Management System* (`cms`)
              • production: `cms-api:1`, `cms-worker:1`, 12 of 12 tasks, never deployed by Longshore
              • staging: 1.0.2 `283fc73`, 12 of 12 tasks, @ada, 3 h ago
              *webapp*
              • production: `webapp:1`, 6 of 6 tasks, never deployed by Longshore
              • staging: 5a91773 → `feature/signup-autocomplete@83a078a`, 6 of 6 tasks up, asked by @ada 20 sec ago
              – As ECS said 13:01 today. `/deploy status cms` shows one application in detail.
            ");
        }
        chat.settles().await;
        chat.skips();
    }
}

#[tokio::test(start_paused = true)]
async fn the_board_names_what_somebody_else_rolls_out_and_has_rolled_out() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    chat.skips();
    let now = chat.world.now();
    chat.world
        .state()
        .ecs
        .foreign_update(now, "staging", "webapp");
    for seconds in [5, 300] {
        chat.seconds(seconds).await;
        chat.types(EVE, "status staging").await;
        chat.settles().await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # What runs
      *Content Management System* (`cms`)
      • staging: `cms-api:1`, `cms-worker:1`, 12 of 12 tasks, never deployed by Longshore
      *webapp*
      • staging: main@680af60 → `webapp:3`, *0 of 6 tasks up*, *rolling out, not by Longshore*, *changed outside*
      – As ECS said 10:00 today. `/deploy status cms staging` shows one application in detail.

    Longshore in #deploys · Only visible to you, eve
      # What runs
      *Content Management System* (`cms`)
      • staging: `cms-api:1`, `cms-worker:1`, 12 of 12 tasks, never deployed by Longshore
      *webapp*
      • staging: `webapp:3`, 6 of 6 tasks, *changed outside*, last deployed main@680af60
      – As ECS said 10:05 today. `/deploy status cms staging` shows one application in detail.
    ");
}

#[tokio::test(start_paused = true)]
async fn the_board_names_what_could_not_be_read_with_which_role_and_why() {
    let chat = Chat::new(Bot::NoToken).await;
    let other = Some("another external id");
    let role = "longshore-production";
    chat.world.state().sts.add_role(PROD, role, other);
    chat.world.state().ecs.deactivate("staging", "webapp");
    chat.types(EVE, "status").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # What runs
      ⚠️ production could not be read for 2 applications: AWS does not allow sts:AssumeRole: step 4 of the README (role `longshore-production`). Nothing is claimed about it.
      ⚠️ staging could not be read for 1 application: the service webapp is not ACTIVE (role `longshore-staging`). Nothing is claimed about it.
      *Content Management System* (`cms`)
      • production: ⚠️ unreadable (denied)
      • staging: `cms-api:1`, `cms-worker:1`, 12 of 12 tasks, never deployed by Longshore
      *webapp*
      • production: ⚠️ unreadable (denied)
      • staging: ⚠️ unreadable (not active)
      – As ECS said 10:00 today. `/deploy status cms` shows one application in detail.
    ");
}

/// Two hundred applications in four environments, fifty milliseconds from everything.
#[tokio::test(start_paused = true)]
async fn two_hundred_applications_in_four_environments_are_answered_within_ten_seconds() {
    for bot in [Bot::Token, Bot::NoToken] {
        let chat = Chat::empty(bot).await;
        let mut config = String::from(
            "slack = { teams = [\"T0001\"], admins = [\"U0ROOT001\"] }\n\
             accounts = { dev = { id = \"222222222222\", region = \"eu-west-1\" }, prod = { id = \"111111111111\", region = \"eu-west-1\" } }\n",
        );
        let environments = [
            ("alpha", DEV, "dev"),
            ("beta", DEV, "dev"),
            ("staging", DEV, "dev"),
            ("production", PROD, "prod"),
        ];
        for (name, account, short) in environments {
            let _ = write!(
                config,
                "[environments.{name}]\naccount = \"{short}\"\ncluster = \"{name}\"\nrequest = [\"everyone\"]\n"
            );
            let role = format!("longshore-{name}");
            chat.world
                .state()
                .sts
                .add_role(account, &role, Some("longshore-test"));
        }
        let _ = write!(
            config,
            "[teams.web]\nmembers = [\"{ADA}\"]\napplications = [\"app-150\", \"app-199\"]\n"
        );
        let now = chat.world.now();
        for number in 0..200 {
            let name = format!("app-{number}");
            let _ = write!(
                config,
                "[applications.{name}]\nenvironments = [\"alpha\", \"beta\", \"staging\", \"production\"]\n"
            );
            for (environment, account, _) in environments {
                let definition = task_definition(
                    account,
                    REGION,
                    &format!("{name}-{environment}"),
                    &[("app", "nginx:1.27")],
                );
                let seed = ServiceSeed::new(account, REGION, environment, &name, definition);
                add_service(&mut chat.world.state(), now, seed).unwrap();
            }
        }
        chat.push(&config).await;
        chat.skips();
        chat.world.state().calls.clear();
        chat.world
            .state()
            .faults
            .delay(Matcher::any(), Duration::from_millis(50));
        let began = chat.world.now();
        chat.types(ADA, "status").await;
        chat.settles().await;
        let took = chat.world.now().duration_since(began);
        let read = chat.reads();
        assert!(took.as_secs() < 10, "it took {took:?}");
        let shown = |number| read.matches(&format!("*app-{number}*")).count();
        assert!((0..200).all(|number| shown(number) == 1), "{read}");
        assert!(!read.contains("are not shown"), "{read}");
        // A `response_url` takes five posts, and the answer may have them all: that it takes a while, the reply says.
        let messages = read.matches("Longshore in #deploys").count();
        assert!(bot == Bot::Token || messages <= 6, "{messages}");
        assert_eq!(read.matches("I am asking AWS").count(), 1);
        let cells = read.matches("  • ").count();
        assert_eq!(cells, 4 * 200);
        let origins = read.matches("never deployed by Longshore").count();
        assert_eq!(origins, 200, "said once of all four");
        let first = |name: &str| read.find(&format!("*{name}*")).unwrap();
        assert!(first("app-150") < first("app-199") && first("app-199") < first("app-1"));
        let calls = |operation: &str| {
            let state = chat.world.state();
            state
                .calls
                .iter()
                .filter(|call| call.operation == operation)
                .count()
        };
        assert_eq!(calls("AssumeRole"), 4);
        assert_eq!(calls("DescribeServices"), 80);
        assert_eq!(calls("DescribeTaskDefinition"), 0);
    }
}
