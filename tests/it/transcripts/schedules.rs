//! Schedules: they follow once every service is out, and go back with them.

use insta::assert_snapshot;
use longshore_sim::ecs::Script;
use longshore_sim::fault::{Kill, Kind, Matcher};
use serde_json::{Value, json};

use super::Chat;
use crate::town::{ADA, Bot, with_schedules};

const TYPED: &str = "cms:1.0.2 to staging";

impl Chat {
    /// A town in which cms has two schedules.
    async fn with_schedules(bot: Bot) -> Self {
        let chat = Self::empty(bot).await;
        chat.push(&with_schedules()).await;
        chat
    }

    /// The schedule of that name on staging, as it is.
    pub(super) fn schedule(&self, name: &str) -> Value {
        let state = self.world.state();
        let all = state.scheduler.named(name);
        let is_there = |one: &&&Value| one["Target"]["Arn"].as_str().unwrap().ends_with("/staging");
        (*all.iter().find(is_there).unwrap()).clone()
    }

    /// What both run.
    fn scheduled(&self) -> [String; 2] {
        ["nightly-report", "cleanup"].map(|name| {
            let schedule = self.schedule(name);
            let arn = schedule["Target"]["EcsParameters"]["TaskDefinitionArn"].as_str();
            arn.unwrap().rsplit('/').next().unwrap().to_owned()
        })
    }
}

#[tokio::test(start_paused = true)]
async fn schedules_follow_the_services_and_go_back_with_a_rollback() {
    let chat = Chat::with_schedules(Bot::NoToken).await;
    let mut before = chat.schedule("nightly-report");
    chat.types(ADA, TYPED).await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Deploying Content Management System to staging
      5c42316 → *1.0.2*, 1 commit (bob). Asked by @ada.
      One after the other: `cms-api`, `cms-worker`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # Content Management System 1.0.2 runs on staging
      ✅ 5c42316 → 1.0.2, 1 commit (bob), in 1 min, 22 sec. Asked by @ada.
      • schedule `nightly-report`: runs `nightly-report:2` from now on
      • schedule `cleanup`: runs `cms-worker:2` from now on
      – `id-1` · 10:01 today
      [ Roll back ]
    ");
    assert_eq!(chat.scheduled(), ["nightly-report:2", "cms-worker:2"]);
    // Nothing else of it has changed.
    let mut after = chat.schedule("nightly-report");
    for schedule in [&mut before, &mut after] {
        schedule["LastModificationDate"].take();
        schedule["Target"]["EcsParameters"]["TaskDefinitionArn"].take();
    }
    assert_eq!(after, before);
    chat.types(ADA, "rollback cms on staging").await;
    chat.settles().await;
    let read = chat.reads();
    let (_, verdict) = read.split_once("✅").unwrap();
    assert_snapshot!(verdict, @r"
    Done in 1 min, 23 sec, without 1 commit (bob). Asked by @ada.
     • schedule `nightly-report`: runs `nightly-report:1` from now on
     • schedule `cleanup`: runs `cms-worker:1` from now on
     – The next deploy brings back what was taken away, unless it was mended or reverted first. `/deploy history cms staging` lists what ran.
     – `id-2` · 10:02 today
     [ Deploy 1.0.2 again ]
    ");
    assert_eq!(chat.scheduled(), ["nightly-report:1", "cms-worker:1"]);
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_cannot_be_changed_takes_everything_back() {
    let chat = Chat::with_schedules(Bot::NoToken).await;
    chat.types(ADA, TYPED).await;
    chat.seconds(60).await;
    chat.skips();
    // While the services roll out, somebody has the second run something else.
    let foreign = "arn:aws:ecs:eu-west-1:222222222222:task-definition/cms-worker:77";
    chat.world.state().scheduler.repoint("cleanup", foreign);
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Content Management System 1.0.2 was taken back on staging
      ↩️ 5c42316 runs as before, with all tasks, without 1 commit (bob). It came up, but a schedule could not be changed, so it went back after 2 min, 59 sec. Asked by @ada.
      *Why:* Schedule cleanup: somebody else has it run cms-worker:77 meanwhile.
      • `cms-api`: had come up; runs what ran before
      • `cms-worker`: had come up; runs what ran before
      • schedule `nightly-report`: had been changed; runs `nightly-report:1` again
      • schedule `cleanup`: could not be changed: `somebody else has it run cms-worker:77 meanwhile.`
      – `id-1` · 10:02 today
      [ Retry ] [ Definition diff ]
    ");
    assert_eq!(chat.scheduled(), ["nightly-report:1", "cms-worker:77"]);
    // Nor is what failed the newest revision of its family.
    let first = chat.image_of("nightly-report:1").await;
    assert_eq!(chat.image_of("nightly-report").await, first);
    assert_ne!(chat.image_of("nightly-report:2").await, first);
}

#[tokio::test(start_paused = true)]
async fn where_a_failure_only_stops_the_services_and_the_other_schedules_stay_changed() {
    let chat = Chat::empty(Bot::NoToken).await;
    let stop = "[applications.cms]\non_failure = \"stop\"\n";
    chat.push(&with_schedules().replace("[applications.cms]\n", stop))
        .await;
    chat.types(ADA, TYPED).await;
    chat.seconds(60).await;
    chat.skips();
    let foreign = "arn:aws:ecs:eu-west-1:222222222222:task-definition/cms-worker:77";
    chat.world.state().scheduler.repoint("cleanup", foreign);
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("❌ "), "{read}");
    for line in [
        "❌ 1.0.2 runs. ",
        "schedule `nightly-report`: runs `nightly-report:2` from now on",
        "schedule `cleanup`: could not be changed: `somebody else has it run cms-worker:77 meanwhile.`",
    ] {
        assert!(read.contains(line), "{line}: {read}");
    }
    assert_eq!(chat.scheduled(), ["nightly-report:2", "cms-worker:77"]);
}

#[tokio::test(start_paused = true)]
async fn no_schedule_is_touched_when_a_service_fails() {
    let chat = Chat::with_schedules(Bot::NoToken).await;
    chat.script("staging", "cms-worker", Script::CrashLoop);
    chat.types(ADA, TYPED).await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("↩️ "), "{read}");
    assert!(
        read.contains("schedule `nightly-report`: not touched, runs `nightly-report:1`"),
        "{read}"
    );
    assert_eq!(chat.scheduled(), ["nightly-report:1", "cms-worker:1"]);
}

#[tokio::test(start_paused = true)]
async fn schedules_are_changed_whatever_happens_to_the_calls_or_to_who_makes_them() {
    for operation in ["GetSchedule", "UpdateSchedule"] {
        for nth in 1..=4 {
            for kind in [Kind::Throttled, Kind::Lost, Kind::Duplicated] {
                let chat = Chat::with_schedules(Bot::NoToken).await;
                let call = Matcher::operation("scheduler", operation).nth(nth);
                chat.world.state().faults.plan(call, kind);
                chat.types(ADA, TYPED).await;
                chat.settles().await;
                assert!(chat.reads().contains("✅ "), "{operation} {nth} {kind:?}");
                assert_eq!(chat.scheduled(), ["nightly-report:2", "cms-worker:2"]);
            }
        }
        for side in [Kill::Before, Kill::After] {
            let chat = Chat::with_schedules(Bot::NoToken).await;
            let call = Matcher::operation("scheduler", operation).nth(2);
            chat.world.state().faults.kill(call, side);
            chat.types(ADA, TYPED).await;
            chat.settles().await;
            assert!(chat.reads().contains("✅ "), "{operation} {side:?}");
            assert_eq!(chat.scheduled(), ["nightly-report:2", "cms-worker:2"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_is_not_there_or_not_ours_stops_the_deploy_before_it_begins() {
    for (written, why) in [
        (
            "weekly",
            "there is none of that name in EventBridge Scheduler",
        ),
        (
            "cleanup",
            "it runs the task definition family `cms-worker`. Add that to its entry in `schedules`, after a colon",
        ),
    ] {
        let chat = Chat::empty(Bot::NoToken).await;
        chat.push(&with_schedules().replace("nightly-report", written))
            .await;
        chat.types(ADA, TYPED).await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains(why), "{read}");
    }
}

/// EventBridge Scheduler takes no start date that lies back, and whatever has ended stays so.
#[tokio::test(start_paused = true)]
async fn schedules_with_dates_keep_their_meaning() {
    let chat = Chat::with_schedules(Bot::NoToken).await;
    let day = 24 * 60 * 60;
    let now = chat.world.now().as_second();
    {
        let scheduler = &mut chat.world.state().scheduler;
        scheduler.set_member("nightly-report", "StartDate", &json!(now - 400 * day));
        scheduler.set_member("nightly-report", "EndDate", &json!(now + 400 * day));
        scheduler.set_member("cleanup", "EndDate", &json!(now - day));
    }
    let ended = chat.schedule("cleanup");
    chat.types(ADA, TYPED).await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("schedule `nightly-report`: runs `nightly-report:2` from now on"),
        "{read}"
    );
    assert!(!read.contains("`cleanup`"), "{read}");
    let report = chat.schedule("nightly-report");
    assert_eq!(report.get("StartDate"), None);
    assert_eq!(report["EndDate"], json!(now + 400 * day));
    assert_eq!(chat.schedule("cleanup"), ended, "it does not begin again");

    // What runs every so often has its rhythm from its start.
    let scheduler = |name: &str, member: &str, value: serde_json::Value| {
        chat.world
            .state()
            .scheduler
            .set_member(name, member, &value);
    };
    scheduler(
        "nightly-report",
        "ScheduleExpression",
        json!("rate(1 days)"),
    );
    scheduler(
        "nightly-report",
        "StartDate",
        json!(now - 400 * day + 60 * 60),
    );
    chat.types(ADA, "rollback cms on staging").await;
    chat.settles().await;
    chat.skips();
    assert_eq!(chat.scheduled()[0], "nightly-report:1");
    let report = chat.schedule("nightly-report");
    assert_eq!(report["StartDate"], json!(now + 60 * 60));
}
