//! Somebody else's rollout that never ends: named in a question, replaced or waited for, and never a
//! reason to be locked out.

use std::time::Duration;

use insta::assert_snapshot;
use longshore::aws::Patience;
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, Bot, aws};

const HOME: &str = "staging";

impl Chat {
    /// A town in which 1.0.2 was deployed through Longshore, and then somebody else rolled out a
    /// revision by hand whose tasks crash for ever.
    async fn crashing(bot: Bot) -> Self {
        let chat = Self::new(bot).await;
        chat.types(ADA, "webapp:1.0.2 to staging").await;
        chat.settles().await;
        chat.somebody_else("webapp", &Script::BreakerOff);
        chat.seconds(300).await;
        chat.skips();
        chat
    }

    fn somebody_else(&self, service: &str, script: &Script) {
        let now = self.world.now();
        let ecs = &mut self.world.state().ecs;
        ecs.foreign_rollout(now, HOME, service, script);
    }

    /// What the newest question says, down to its buttons.
    fn question(&self) -> String {
        let read = self.reads();
        let asked = read.rsplit("\n\n").next();
        asked.unwrap_or_default().to_owned()
    }

    /// The revision that a service is meant to run.
    async fn live_revision(&self, service: &str) -> String {
        let ecs = aws(&self.world, "AKIDOBSERVER", Patience::STEP).ecs(HOME);
        let mut found = ecs.describe_services(&[service]).await.unwrap();
        found.pop().unwrap().task_definition
    }

    fn webapp_updates(&self) -> usize {
        self.world.state().ecs.update_calls(HOME, "webapp")
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollout_of_somebody_else_that_never_ends_is_replaced() {
    let chat = Chat::crashing(Bot::NoToken).await;
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    chat.seconds(10).await;
    assert_snapshot!(chat.question(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy webapp feature/signup-autocomplete@83a078a to staging?
      ⚠️ *Somebody else is rolling out there, not Longshore:*
      • `webapp`: `webapp:3`, registered by `arn:aws:iam:eu-west-1:222222222222:user/somebody-else`, rolling for 5 min, 0 of 6 tasks run, 30 failed to start
      *Replace it* stops that and brings what this plan says. *Wait* changes nothing.
      1.0.2 → *feature/signup-autocomplete@83a078a*
      `webapp`, digest `3ebc682504d3`
      • `webapp`: `webapp:3` → a copy with the new image; 6 tasks wanted
      ⚠️ If this fails, ECS does not stop by itself: the circuit breaker of `webapp` is off.
      – `id-2` · asked by @ada · stands until 10:20 today · cluster `staging` in eu-west-1, account `222222222222`
      [ Wait ] [ Replace it ]
    ");
    assert_eq!(chat.webapp_updates(), 1);
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
    assert_eq!(chat.webapp_updates(), 2);
    let id = chat.newest_deploy();
    chat.types(ADA, &format!("show {id}")).await;
    let shown = chat.reads();
    assert!(
        shown.contains("Somebody else's rollout that its plan replaces"),
        "{shown}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_waits_changes_nothing_and_hears_what_to_do_next() {
    let chat = Chat::crashing(Bot::NoToken).await;
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    chat.seconds(10).await;
    chat.skips();
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada (edited)
      # webapp feature/signup-autocomplete@83a078a was cancelled on staging
      🛑 @ada stopped it before anything was changed.
      What somebody else is rolling out there goes on; `/deploy status webapp staging` shows how. Ask again once it has ended, or to replace it.
      – `id-2` · 10:05 today
      [ Retry ]
    ");
    assert_eq!(chat.webapp_updates(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_goes_to_what_last_ran_well() {
    let chat = Chat::crashing(Bot::NoToken).await;
    chat.types(ADA, "rollback webapp on staging").await;
    chat.seconds(10).await;
    let asked = chat.question();
    assert!(
        asked.contains("Somebody else is rolling out there"),
        "{asked}"
    );
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("→ 1.0.2 on staging"), "{read}");
}

/// ... by way of what replaced it: that fails, and what last ran well comes back, not what crashes.
#[tokio::test(start_paused = true)]
async fn what_replaces_it_and_fails_goes_back_to_what_last_ran_well() {
    for script in [Script::CrashLoop, Script::BreakerWithoutRollback] {
        let chat = Chat::new(Bot::NoToken).await;
        chat.types(ADA, "webapp:1.0.2 to staging").await;
        chat.settles().await;
        let day = Duration::from_secs(24 * 60 * 60);
        chat.somebody_else("webapp", &Script::Slow(day));
        chat.seconds(300).await;
        chat.skips();
        let healthy = "webapp:2";
        chat.script("staging", "webapp", script.clone());
        chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
            .await;
        chat.seconds(10).await;
        chat.skips();
        chat.clicks(ADA, "confirm").await;
        chat.settles().await;
        let read = chat.reads();
        let deploy = chat.deploy(&chat.newest_deploy()).await;
        let plan = deploy.plan.as_ref().unwrap();
        let planned = &plan.services[0];
        assert!(planned.back_to().ends_with(healthy), "{planned:?}");
        assert_eq!(planned.live_label, "1.0.2");
        // The family's newest revision is a copy of what ran well.
        let good = planned.good.as_ref().unwrap();
        assert!(good.revision.ends_with(healthy), "{good:?}");
        match script {
            // ECS itself goes back to what came up last.
            Script::CrashLoop => {
                assert!(read.contains("↩️ "), "{read}");
                assert!(read.contains("1.0.2"), "{read}");
            }
            _ => assert!(read.contains("❌ "), "{read}"),
        }
    }
}

/// Also where Longshore sees the application for the first time.
#[tokio::test(start_paused = true)]
async fn what_ran_before_it_can_be_gone_back_to() {
    let chat = Chat::new(Bot::NoToken).await;
    let before = chat.live_revision("webapp").await;
    chat.somebody_else("webapp", &Script::BreakerOff);
    chat.seconds(120).await;
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.seconds(10).await;
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("webapp rolled back "), "{read}");
    assert_eq!(chat.live_revision("webapp").await, before, "{read}");
}

/// The same where another service fails, so that Longshore takes this one back.
#[tokio::test(start_paused = true)]
async fn a_sibling_that_fails_takes_it_back_to_what_last_ran_well() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.settles().await;
    chat.somebody_else("cms-api", &Script::BreakerOff);
    chat.seconds(120).await;
    chat.skips();
    chat.script("staging", "cms-worker", Script::CrashLoop);
    chat.types(ADA, "cms:main to staging").await;
    chat.seconds(10).await;
    chat.skips();
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("↩️ "), "{read}");
    let runs = chat.live_revision("cms-api").await;
    assert!(runs.ends_with("cms-api:2"), "{runs}: {read}");
}

#[tokio::test(start_paused = true)]
async fn a_restart_asks_as_well() {
    let chat = Chat::crashing(Bot::NoToken).await;
    chat.types(ADA, "restart webapp on staging").await;
    chat.seconds(10).await;
    let asked = chat.question();
    assert!(asked.contains("[ Wait ] [ Replace it ]"), "{asked}");
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
    assert_eq!(chat.webapp_updates(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_ended_while_people_thought_is_planned_without() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.somebody_else("webapp", &Script::Happy);
    chat.seconds(5).await;
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.seconds(10).await;
    let asked = chat.question();
    assert!(asked.contains("[ Wait ] [ Replace it ]"), "{asked}");
    chat.seconds(180).await;
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
    let id = chat.newest_deploy();
    let deploy = chat.deploy(&id).await;
    assert_eq!(
        (deploy.replans, deploy.plan.unwrap().foreign),
        (1, Vec::new())
    );
}

#[tokio::test(start_paused = true)]
async fn another_rollout_meanwhile_is_asked_about_anew() {
    let chat = Chat::crashing(Bot::NoToken).await;
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    chat.seconds(10).await;
    chat.skips();
    chat.somebody_else("webapp", &Script::BreakerOff);
    chat.seconds(30).await;
    chat.clicks(ADA, "confirm").await;
    chat.seconds(10).await;
    let asked = chat.question();
    assert!(asked.contains("has changed since the question"), "{asked}");
    assert!(asked.contains("`webapp:4`"), "{asked}");
    assert_eq!(chat.webapp_updates(), 1);
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn a_cancel_names_what_is_not_longshores() {
    let chat = Chat::crashing(Bot::NoToken).await;
    chat.types(ADA, "cancel webapp on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Not Longshore's: webapp · staging
      Longshore has nothing under way for webapp on staging, so there is nothing of its own to cancel. Somebody else is rolling out there:
      • `webapp`: `webapp:3`, registered by `arn:aws:iam:eu-west-1:222222222222:user/somebody-else`, rolling for 5 min, 0 of 6 tasks run, 30 failed to start
      `/deploy rollback webapp on staging` replaces it by what last ran well, and a deploy by another version; both ask first. Or stop it in the ECS console.
    ");
}

#[tokio::test(start_paused = true)]
async fn every_rollout_of_somebody_else_is_named() {
    let chat = Chat::new(Bot::NoToken).await;
    for service in ["webapp", "cms-worker"] {
        chat.somebody_else(service, &Script::BreakerOff);
    }
    chat.seconds(60).await;
    chat.types(ADA, "webapp:1.0.2,cms:1.0.2 to staging").await;
    chat.seconds(10).await;
    let asked = chat.question();
    for service in ["webapp", "cms-worker"] {
        let line = format!("• `{service}`: `{service}:2`, registered by");
        assert!(asked.contains(&line), "{service}: {asked}");
    }
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}
