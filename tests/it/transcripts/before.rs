//! The one-off task before the switch: once, on the new image, and nothing is switched unless it ends
//! well.

use std::time::Duration;

use insta::assert_snapshot;
use longshore::record::{Head, OneOffPhase, Phase, Verdict};
use longshore_sim::ecs::{Script, TaskScript};
use longshore_sim::fault::{Kill, Matcher};

use super::Chat;
use crate::town::{ADA, Bot, DEV, REGION, with_before};

const TYPED: &str = "cms:1.0.2 to staging";

impl Chat {
    /// A town in which cms runs a migration first, and how that goes the next time.
    async fn with_task(bot: Bot, script: TaskScript) -> Self {
        let chat = Self::empty(bot).await;
        chat.push(&with_before()).await;
        chat.task_script(&script);
        chat
    }

    fn task_script(&self, script: &TaskScript) {
        let state = &mut *self.world.state();
        state.ecs.set_task_script("cms-migrate", script);
    }

    fn tasks_run(&self) -> usize {
        self.world.state().ecs.tasks_run("cms-migrate")
    }

    fn updates(&self) -> usize {
        let state = &mut *self.world.state();
        let api = state.ecs.update_calls("staging", "cms-api");
        api + state.ecs.update_calls("staging", "cms-worker")
    }

    /// The image that a revision on staging names, or a family's newest there.
    pub(super) async fn image_of(&self, revision: &str) -> String {
        let aws = crate::town::aws(&self.world, "AKIAANY", longshore::aws::Patience::STEP);
        let ecs = aws.ecs("staging");
        let newest = ecs
            .describe_task_definition(&format!(
                "arn:aws:ecs:{REGION}:{DEV}:task-definition/{revision}"
            ))
            .await;
        let newest = newest.unwrap().unwrap();
        newest.definition().image("app").unwrap().to_owned()
    }
}

#[tokio::test(start_paused = true)]
async fn a_migration_runs_once_before_the_services() {
    let chat = Chat::with_task(Bot::Token, TaskScript::default()).await;
    chat.types(ADA, TYPED).await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      Its one-off task runs first.
      • one-off task `cms-migrate`: comes first
      • `cms-api`: waits for its turn
      • `cms-worker`: waits for its turn
      – `id-1` · less than a second so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      Its one-off task runs first.
      • one-off task `cms-migrate`: runs `./migrate --all` of `cms-migrate`
      • `cms-api`: waits for its turn
      • `cms-worker`: waits for its turn
      – `id-1` · 3 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • one-off task `cms-migrate`: ended well after 36 sec
      • `cms-api`: rolling out; ECS has not counted its tasks yet
      • `cms-worker`: waits for its turn
      – `id-1` · 36 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • one-off task `cms-migrate`: ended well after 36 sec
      • `cms-api`: ░░░░░░░░░░ 0 of 6 running, 6 pending, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 48 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • one-off task `cms-migrate`: ended well after 36 sec
      • `cms-api`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      • `cms-worker`: waits for its turn
      – `id-1` · 1 min so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • one-off task `cms-migrate`: ended well after 36 sec
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: rolling out; ECS has not counted its tasks yet
      – `id-1` · 1 min, 15 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • one-off task `cms-migrate`: ended well after 36 sec
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running, 6 old
      – `id-1` · 1 min, 30 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      • one-off task `cms-migrate`: ended well after 36 sec
      • `cms-api`: runs `cms-api:2`
      • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 6 of 6 running
      – `id-1` · 1 min, 46 sec so far
      [ Cancel ]

    Longshore in #deploys (edited)
      # Content Management System 1.0.2 runs on staging
      ✅ 5c42316 → 1.0.2, 1 commit (bob), in 2 min, 2 sec. Asked by @ada.
      • one-off task `cms-migrate`: ended well after 36 sec
      – `id-1` · 10:02 today
      [ Roll back ]

    Longshore in #deploys, in a thread
      @ada Content Management System: deployed version 1.0.2 to staging in 2 min, 2 sec
    ");
    assert_eq!((chat.tasks_run(), chat.updates()), (1, 2));
    chat.types(ADA, "history cms staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The latest 2 changes, newest first
      • `id-1` cms staging: 1.0.2, @ada, 2026-03-02 10:02, in 2 min, 2 sec, ran a migration
      • found running, cms staging: 5c42316, first seen 2026-03-02 10:00
      – `/deploy show id-1` tells everything about one.
    ");
}

#[tokio::test(start_paused = true)]
async fn the_task_runs_where_and_as_the_service_does() {
    let chat = Chat::with_task(Bot::NoToken, TaskScript::default()).await;
    chat.types(ADA, TYPED).await;
    chat.settles().await;
    chat.skips();
    let state = chat.world.state();
    let mut calls = state.calls.iter();
    let call = calls.find(|call| call.operation == "RunTask").unwrap();
    let id = call.request["clientToken"].as_str().unwrap();
    assert_snapshot!(call.request.to_string().replace(id.trim_start_matches("longshore-"), "ID"), @r#"{"clientToken":"longshore-ID","cluster":"staging","count":1,"enableECSManagedTags":true,"launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":{"assignPublicIp":"DISABLED","securityGroups":["sg-02556bf85a191f59a"],"subnets":["subnet-0d0eab1bb38d5ca64"]}},"overrides":{"containerOverrides":[{"command":["./migrate","--all"],"name":"app"}]},"platformVersion":"1.4.0","startedBy":"longshore/ID","tags":[{"key":"longshore:deploy","value":"ID"},{"key":"longshore:commit","value":"283fc7344efef71edc9fbb9668135ded4579fbf7"}],"taskDefinition":"arn:aws:ecs:eu-west-1:222222222222:task-definition/cms-migrate:2"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_migration_that_fails_leaves_everything_as_it_was() {
    let fails = TaskScript::Exits(Duration::from_secs(5), 1);
    let chat = Chat::with_task(Bot::NoToken, fails).await;
    let before = chat.image_of("cms-migrate").await;
    chat.types(ADA, TYPED).await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r#"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      *First, once:* `./migrate --all` of `cms-migrate` runs in a copy of `cms-migrate:1` with the new image, for 20 min at most. Unless it ends well, nothing is switched.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System 1.0.2 failed on staging
      ❌ 5c42316 runs as before. Its one-off task failed after 21 sec; no service was changed. Asked by @ada.
      *Why:* Its one-off task exited with code 1.
      • one-off task `cms-migrate`: did not end well; what it did is not undone
      • `cms-api`: not touched
      • `cms-worker`: not touched
      *Why, its one-off task:* `app exited with code 1`
      ```applying 0007_add_index
      fatal: relation "orders" does not exist```
      its one-off task: log stream · task
      – `id-1` · 10:00 today
      [ Retry ]
    "#);
    assert_eq!((chat.tasks_run(), chat.updates()), (1, 0));
    assert_eq!(chat.image_of("cms-migrate").await, before);
    // Its services are free again, and pressing Retry runs it again.
    chat.clicks(ADA, "retry").await;
    chat.settles().await;
    assert!(chat.reads().contains("✅ "));
    assert_eq!((chat.tasks_run(), chat.updates()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_migration_that_never_begins_is_told_apart_from_one_that_fails() {
    for (script, run) in [(TaskScript::NotPlaced, 0), (TaskScript::NotPulled, 1)] {
        let chat = Chat::with_task(Bot::NoToken, script.clone()).await;
        chat.types(ADA, TYPED).await;
        chat.settles().await;
        let read = chat.reads();
        let (_, verdict) = read.split_once("❌").unwrap();
        match script {
            TaskScript::NotPlaced => assert_snapshot!(verdict, @r"
            Nothing was changed. Asked by @ada.
             ECS has no room for its one-off task: RESOURCE:MEMORY
             – `id-1` · 10:00 today
             [ Retry ]
            "),
            _ => assert_snapshot!(verdict, @r"
            Nothing was changed. Asked by @ada.
             Its one-off task could not start.
             *Why, its one-off task:* `did not start: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms@sha256:32451332ce1707f293b5bae4d9794629…`. Likely cause: The image is not there (any more): has a lifecycle rule deleted it?
             its one-off task: task
             – `id-1` · 10:00 today
             [ Retry ]
            "),
        }
        assert_eq!((chat.tasks_run(), chat.updates()), (run, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_migration_that_takes_too_long_is_stopped() {
    let chat = Chat::with_task(Bot::NoToken, TaskScript::NeverEnds).await;
    chat.types(ADA, TYPED).await;
    chat.settles().await;
    let read = chat.reads();
    let (_, verdict) = read.split_once("❌").unwrap();
    assert_snapshot!(verdict, @r"
    5c42316 runs as before. Its one-off task failed after 20 min, 27 sec; no service was changed. Asked by @ada.
     *Why:* Its one-off task did not end in time and was stopped.
     • one-off task `cms-migrate`: did not end well; what it did is not undone
     • `cms-api`: not touched
     • `cms-worker`: not touched
     its one-off task: task
     – `id-1` · 10:20 today
     [ Retry ]
    ");
    assert_eq!((chat.tasks_run(), chat.updates()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_migration_is_stopped_by_a_cancel() {
    let chat = Chat::with_task(Bot::Token, TaskScript::NeverEnds).await;
    chat.types(ADA, TYPED).await;
    chat.seconds(40).await;
    chat.skips();
    chat.clicks(ADA, "cancel").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys (edited)
      # Taking Content Management System back on staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      Its one-off task runs first.
      🛑 @ada asked for it to stop; its one-off task is stopped, and no service is changed.
      • one-off task `cms-migrate`: is being stopped
      • `cms-api`: not begun, and left alone
      • `cms-worker`: not begun, and left alone
      – `id-1` · 40 sec so far

    Longshore in #deploys (edited)
      # Content Management System 1.0.2 was cancelled on staging
      🛑 5c42316 runs as before, without 1 commit (bob). @ada stopped it after 48 sec; its one-off task had been started, no service was changed. Asked by @ada.
      • one-off task `cms-migrate`: was stopped; what it did is not undone
      • `cms-api`: not touched
      • `cms-worker`: not touched
      – `id-1` · 10:00 today
      [ Retry ]

    Longshore in #deploys, in a thread
      @ada Content Management System: the deploy of version 1.0.2 to staging was cancelled by @ada, 48 sec after it began; its one-off task had been started, no service was changed
    ");
    assert_eq!((chat.tasks_run(), chat.updates()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_dies_around_the_migration_never_runs_it_twice() {
    for operation in [
        "RunTask",
        "RegisterTaskDefinition",
        "DescribeTasks",
        "ListTasks",
    ] {
        for side in [Kill::Before, Kill::After] {
            let chat = Chat::with_task(Bot::NoToken, TaskScript::default()).await;
            let first = Matcher::operation("ecs", operation).nth(1);
            chat.world.state().faults.kill(first, side);
            chat.types(ADA, TYPED).await;
            chat.settles().await;
            let read = chat.reads();
            assert!(read.contains("✅ "), "{operation} {side:?}: {read}");
            let counted = (chat.tasks_run(), chat.updates());
            assert_eq!(counted, (1, 2), "{operation} {side:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_across_a_migration_warns_and_runs_none() {
    let chat = Chat::with_task(Bot::NoToken, TaskScript::default()).await;
    chat.types(ADA, "cms:1.0.2 to production").await;
    chat.seconds(30).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy Content Management System 1.0.2 to production?
      5c42316 → *1.0.2*
      Commit `283fc73`, `cms`, digest `32451332ce17`
      *First, once:* `./migrate --all` of `cms-migrate` runs in a copy of `cms-migrate:1` with the new image, for 20 min at most. Unless it ends well, nothing is switched.
      • `cms-api`: `cms-api:1` → a copy with the new image; 6 tasks wanted
      • `cms-worker`: `cms-worker:1` → a copy with the new image; 6 tasks wanted
      *Commits:* brings 1 commit · compare
      ```283fc73 Sell shoes (bob)```
      – `id-1` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.skips();
    assert_eq!(chat.tasks_run(), 1);
    chat.types(ADA, "rollback cms on production").await;
    chat.seconds(30).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Roll back Content Management System to 5c42316 on production?
      1.0.2 → *5c42316*, without 1 commit (bob)
      • `cms-api`: `cms-api:2` → `cms-api:1`; 6 tasks wanted
      • `cms-worker`: `cms-worker:2` → `cms-worker:1`; 6 tasks wanted
      Goes back to 5c42316, as it was found running when Longshore first looked, 10:00 today. It is not live any more because @ada deployed `1.0.2` just now.
      ⚠️ *Goes back across a migration:* since then, `cms-migrate` by deploy `id-1` of version 1.0.2 ran. Going back does not undo what that did: make sure that the old version can work with it.
      *Taken away from Content Management System:*
      ```283fc73 Sell shoes (bob)```
      – `id-2` · asked by @ada · stands until 10:17 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not roll back ] [ Confirm ]
    ");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    assert!(chat.reads().contains("✅ "));
    chat.types(ADA, "restart cms on staging").await;
    chat.settles().await;
    assert!(chat.reads().contains("✅ "));
    assert_eq!(chat.tasks_run(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_migration_did_is_not_said_to_be_undone() {
    let chat = Chat::with_task(Bot::NoToken, TaskScript::default()).await;
    chat.script("staging", "cms-api", Script::CrashLoop);
    chat.types(ADA, TYPED).await;
    chat.settles().await;
    let read = chat.reads();
    let (_, verdict) = read.split_once("↩️").unwrap();
    assert_snapshot!(verdict, @r"
    5c42316 runs as before, with all tasks, without 1 commit (bob). ECS went back after 1 min, 7 sec. Asked by @ada.
     • one-off task `cms-migrate`: ended well after 32 sec; what it did is not undone
     • `cms-api`: `cms-api:2` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
     • `cms-worker`: not touched
     *Why, `cms-api`:* `6 × app exited with code 1`
     ```starting up
     configuration key DATABASE_URL is missing
     fatal: giving up```
     `cms-api`: log stream · tasks
     – `id-1` · 10:01 today
     [ Retry ] [ Definition diff ]
    ");
    let id = chat.newest_deploy();
    let deploy = chat.deploy(&id).await;
    let before = &deploy.one_offs[0];
    assert_eq!(before.head, Head::Restored);
    assert!(matches!(before.phase, OneOffPhase::Succeeded { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_cannot_be_stopped_is_overdue_and_not_given_up_while_it_is_shown() {
    let chat = Chat::with_task(Bot::Token, TaskScript::Unreachable).await;
    chat.types(ADA, TYPED).await;
    let id = chat.newest_deploy();
    // Its own 20 minutes, and ten to start and to stop.
    chat.seconds(29 * 60).await;
    assert_eq!(chat.deploy(&id).await.phase, Phase::Rolling);
    chat.seconds(3 * 60).await;
    assert_eq!(chat.deploy(&id).await.phase, Phase::Overdue);
    assert!(chat.reads().contains(" is overdue. It began"));
    chat.clicks(ADA, "abandon").await;
    chat.seconds(30).await;
    assert_eq!(chat.deploy(&id).await.verdict(), None);
    chat.skips();
    // The instance is gone at last, and the task with it.
    chat.world.state().ecs.lose_tasks("cms-migrate");
    chat.clicks(ADA, "abandon").await;
    chat.settles().await;
    chat.skips();
    let deploy = chat.deploy(&id).await;
    assert_eq!(deploy.verdict(), Some(Verdict::Abandoned));
}
