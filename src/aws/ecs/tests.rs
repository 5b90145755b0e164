//! Real rollouts through the real SDK, in the simulated world, on paused time.

use std::time::Duration;

use longshore_sim::World;
use longshore_sim::ecs::{Script, ServiceSeed, add_service, every_field};
use longshore_sim::fault::Kind;

use super::*;
use crate::aws::tests::{
    ACCOUNT, CLUSTER, REGION, aws, break_calls, image, mend, requests, script, world,
};
use crate::evidence::explain;
use crate::names::DeployId;
use crate::record::lease::LeaseHeld;
use crate::rollout::{Judgement, Trigger, judge};

mod one_off;

const HOUR: Duration = Duration::from_secs(3600);

/// One deploy of one service, played by hand.
struct Play {
    world: World,
    ecs: EcsTarget,
    deploy: DeployId,
    ours: Ours,
    known: Vec<String>,
}

impl Play {
    /// A service that runs `v1`.
    async fn new() -> Self {
        let world = world();
        let ecs = aws(&world).ecs(CLUSTER);
        let live = ecs.describe_services(&["webapp"]).await.unwrap();
        Self {
            deploy: DeployId::derive(b"a request"),
            ours: Ours {
                task_definition: live[0].task_definition.clone(),
                before: live[0].task_definition.clone(),
                images: vec![("app".to_owned(), image("v2"))],
                rollout: None,
                since: world.now(),
            },
            known: Vec::new(),
            ecs,
            world,
        }
    }

    fn tags(&self) -> RevisionTags<'_> {
        RevisionTags {
            deploy: &self.deploy,
            commit: CommitTag::Unknown,
        }
    }

    async fn register(&self) -> Result<FullTaskDefinition, AwsError> {
        let base = self.ecs.describe_task_definition(&self.ours.before).await;
        let base = base.unwrap().unwrap();
        self.ecs
            .register_copy(&held(), &base, &self.ours.images, self.tags())
            .await
    }

    /// Registers a copy with `v2`, and brings the service to it.
    async fn start(&mut self) {
        let new = self.register().await.unwrap();
        self.ours.task_definition.clone_from(&new.definition().arn);
        self.ours.since = self.world.now();
        assert_eq!(self.update(Force::No).await, UpdateOutcome::Started);
    }

    async fn update(&self, force: Force) -> UpdateOutcome {
        self.ecs
            .update_service(&held(), &self.ours.task_definition, force)
            .await
    }

    async fn look(&mut self) -> Judgement {
        let seen = self
            .ecs
            .observe("webapp", None, &self.ours, &self.known)
            .await
            .unwrap();
        let judgement = judge(self.world.now(), &self.ours, &seen);
        if let Some(rollout) = seen.rollout {
            self.ours.rollout = Some(rollout.arn);
        }
        judgement
    }

    /// Looks every ten seconds, later every minute, until it is over or an hour has passed.
    async fn watch(&mut self) -> Judgement {
        let start = tokio::time::Instant::now();
        loop {
            let judgement = self.look().await;
            let watched = start.elapsed();
            if judgement.is_final() || watched > HOUR {
                return judgement;
            }
            let pause = if watched < HOUR / 10 { 10 } else { 60 };
            tokio::time::sleep(Duration::from_secs(pause)).await;
        }
    }
}

fn held() -> LeaseHeld<'static> {
    LeaseHeld::shown("webapp", 1)
}

#[tokio::test(start_paused = true)]
async fn a_deploy_registers_once_updates_once_and_succeeds_by_its_own_rollout() {
    let mut play = Play::new().await;
    play.start().await;
    assert_eq!(play.watch().await, Judgement::Succeeded { no_tasks: false });
    let updates = requests(&play.world, "UpdateService");
    assert_eq!(
        updates,
        [serde_json::json!({
            "cluster": CLUSTER, "service": "webapp", "taskDefinition": play.ours.task_definition,
        })]
    );
    assert_eq!(requests(&play.world, "RegisterTaskDefinition").len(), 1);
    let running = play
        .ecs
        .running_images("webapp", &play.ours.task_definition)
        .await
        .unwrap();
    assert_eq!(running[0].digest.as_deref(), image("v2").split('@').nth(1));
    let resolved = play
        .ecs
        .resolved_images("webapp", &play.ours.task_definition);
    assert_eq!(resolved.await.unwrap(), running);
}

/// ECS resolves images when it starts tasks, and so shows none where there are none.
#[tokio::test(start_paused = true)]
async fn a_service_at_no_tasks_succeeds_by_what_its_task_definition_pins() {
    let mut play = Play::new().await;
    script(&play.world, &Script::ScaledToZero);
    play.start().await;
    assert_eq!(play.watch().await, Judgement::Succeeded { no_tasks: true });
}

/// ... and a tag proves nothing: that is neither success nor failure.
#[tokio::test(start_paused = true)]
async fn a_tag_that_nothing_has_resolved_proves_nothing() {
    let mut play = Play::new().await;
    script(&play.world, &Script::ScaledToZero);
    let tagged = image("v2").split('@').next().unwrap().to_owned() + ":v2";
    let accepted = std::mem::replace(&mut play.ours.images[0].1, tagged);
    let new = play.register().await.unwrap();
    play.ours.images[0].1 = accepted;
    play.ours.task_definition.clone_from(&new.definition().arn);
    play.ours.since = play.world.now();
    assert_eq!(play.update(Force::No).await, UpdateOutcome::Started);
    let judgement = play.watch().await;
    let verifying = matches!(
        judgement,
        Judgement::Rolling {
            stage: crate::rollout::Stage::Verifying,
            ..
        }
    );
    assert!(verifying, "{judgement:?}");
}

/// ECS promises no order, and gives a hundred at a time.
#[tokio::test(start_paused = true)]
async fn our_rollout_is_found_among_a_hundred_and_more() {
    let mut play = Play::new().await;
    for _ in 0..130 {
        assert_eq!(play.update(Force::NewTasks).await, UpdateOutcome::Started);
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let known = play.ecs.service_deployments("webapp").await.unwrap();
    assert_eq!(known.len(), 130);
    let newest_first = known
        .windows(2)
        .all(|pair| pair[0].created >= pair[1].created);
    assert!(newest_first);
    play.known = known.into_iter().map(|brief| brief.arn).collect();
    let before = requests(&play.world, "ListServiceDeployments").len();
    play.ours.since = play.world.now();
    assert_eq!(play.update(Force::NewTasks).await, UpdateOutcome::Started);
    assert!(play.ecs.is_rolling("webapp").await.unwrap());
    play.ours.images.clear();
    assert_eq!(play.watch().await, Judgement::Succeeded { no_tasks: false });
    let asked = requests(&play.world, "ListServiceDeployments");
    assert!(asked.len() - before < 10, "{} calls", asked.len() - before);
    assert!(asked[before]["createdAt"]["after"].is_number());
    assert!(!play.ecs.is_rolling("webapp").await.unwrap());
}

/// A rollout that is older than what is looked at by date still counts as under way.
#[tokio::test(start_paused = true)]
async fn a_rollout_that_never_ends_is_under_way_after_days() {
    let mut play = Play::new().await;
    script(&play.world, &Script::BreakerOff);
    play.start().await;
    tokio::time::sleep(HOUR * 50).await;
    assert!(
        play.ecs
            .service_deployments("webapp")
            .await
            .unwrap()
            .is_empty()
    );
    assert!(play.ecs.is_rolling("webapp").await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_tasks_of_a_large_service_are_all_looked_at() {
    let play = Play::new().await;
    let now = play.world.now();
    let definition = play.ours.task_definition.clone().into();
    let seed = ServiceSeed::new(ACCOUNT, REGION, CLUSTER, "large", definition).desired(250);
    add_service(&mut play.world.state(), now, seed).unwrap();
    let revision = &play.ours.task_definition;
    let running = play.ecs.running_images("large", revision).await.unwrap();
    assert_eq!(running.len(), 1);
    assert_eq!(requests(&play.world, "ListTasks").len(), 3);
    let described = requests(&play.world, "DescribeTasks");
    let described = described
        .iter()
        .map(|call| call["tasks"].as_array().unwrap().len());
    assert_eq!(described.collect::<Vec<_>>(), [100, 100, 50]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_is_rolled_back_and_explained() {
    let mut play = Play::new().await;
    script(&play.world, &Script::CrashLoop);
    play.start().await;
    let judgement = play.watch().await;
    assert!(
        matches!(
            &judgement,
            Judgement::RolledBack {
                by: Trigger::Breaker,
                ..
            }
        ),
        "{judgement:?}"
    );
    let tasks = play
        .ecs
        .stopped_tasks("webapp", &play.ours.task_definition)
        .await
        .unwrap();
    let explained = explain(&tasks, &[], None);
    assert!(
        explained.what[0].contains("exited with code 1"),
        "{explained:?}"
    );
    let culprit = explained.culprit.unwrap();
    let definition = play
        .ecs
        .describe_task_definition(&play.ours.task_definition)
        .await
        .unwrap()
        .unwrap();
    let logs = definition.definition().containers[0].logs.clone().unwrap();
    let lines = aws(&play.world)
        .logs()
        .last_lines(&logs, &culprit.container, &culprit.task, 15)
        .await
        .unwrap();
    assert!(!lines.is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_script_is_judged_as_what_it_is() {
    let word = |judgement: &Judgement| match judgement {
        Judgement::NotVisibleYet => "not visible",
        Judgement::NeverBegan => "never began",
        Judgement::Rolling { .. } => "rolling",
        Judgement::Succeeded { no_tasks: true } => "succeeded, no tasks",
        Judgement::Succeeded { no_tasks: false } => "succeeded",
        Judgement::RolledBack { by, .. } => match by {
            Trigger::Breaker => "rolled back by the breaker",
            Trigger::Alarms(_) => "rolled back by alarms",
            Trigger::Hook => "rolled back by a hook",
            Trigger::Request => "rolled back by request",
            Trigger::Unknown => "rolled back",
        },
        Judgement::Failed { .. } => "failed",
        Judgement::Superseded { .. } => "superseded",
        Judgement::Stopped { .. } => "stopped",
    };
    let table = [
        (Script::Happy, "succeeded"),
        (Script::Slow(31 * Duration::from_secs(60)), "succeeded"),
        (Script::CrashLoop, "rolled back by the breaker"),
        (Script::NoGoodRevision, "failed"),
        (Script::BreakerWithoutRollback, "failed"),
        (Script::BreakerOff, "rolling"),
        (Script::RollbackFails, "failed"),
        (Script::UncountedDeaths, "rolling"),
        (Script::UnableToPlace, "rolled back by the breaker"),
        (Script::ImagePullError, "rolled back by the breaker"),
        (Script::Foreign, "superseded"),
        (Script::StaleReads, "succeeded"),
        (Script::BetweenPolls, "rolled back by the breaker"),
        (Script::ScaledToZero, "succeeded, no tasks"),
        (Script::Alarm, "rolled back by alarms"),
    ];
    for (story, expected) in table {
        let mut play = Play::new().await;
        script(&play.world, &story);
        play.start().await;
        let judgement = play.watch().await;
        assert_eq!(word(&judgement), expected, "{story:?}: {judgement:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_everything_loses_nothing_on_the_wire() {
    let play = Play::new().await;
    let mut everything = every_field();
    let mut chance = fastrand::Rng::with_seed(7);
    for serial in 0..1000 {
        add_unknown(&mut everything, serial, &mut chance);
    }
    register_by_hand(&play.world, &everything).await;
    let base = play.ecs.describe_task_definition("every-field").await;
    let base = base.unwrap().unwrap();
    let container = base.definition().containers[0].name.clone();
    let images = [(container, image("v2"))];
    play.ecs
        .register_copy(&held(), &base, &images, play.tags())
        .await
        .unwrap();
    let mut sent = requests(&play.world, "RegisterTaskDefinition")
        .pop()
        .unwrap();
    let mut expected = everything;
    expected["containerDefinitions"][0]["image"] = image("v2").into();
    for document in [&mut sent, &mut expected] {
        document.as_object_mut().unwrap().remove("tags");
    }
    assert_eq!(sent, expected);
    // And a difference in any of them is seen.
    let copy = play.ecs.describe_task_definition("every-field").await;
    let copy = copy.unwrap().unwrap();
    assert!(base.seen.differences(&copy.seen, 9).is_empty());
    for serial in 1000..1050 {
        let mut changed = sent.clone();
        add_unknown(&mut changed, serial, &mut chance);
        register_by_hand(&play.world, &changed).await;
        let changed = play.ecs.describe_task_definition("every-field").await;
        let changed = changed.unwrap().unwrap();
        let differences = copy.seen.differences(&changed.seen, 9);
        assert!(!differences.is_empty(), "unknown{serial} goes unseen");
    }
}

/// Adds a member that nobody's model has yet, anywhere in a document.
fn add_unknown(document: &mut serde_json::Value, serial: u32, chance: &mut fastrand::Rng) {
    let mut places = Vec::new();
    objects(document, String::new(), &mut places);
    let place = &places[chance.usize(..places.len())];
    let value = match chance.u8(..6) {
        0 => serde_json::json!(chance.bool()),
        1 => serde_json::json!(chance.i64(..)),
        2 => serde_json::json!(f64::from(chance.u32(..)) / 64.0),
        3 => serde_json::json!([serial, "é"]),
        4 => serde_json::json!({ "in": { "deeper": serial } }),
        _ => serde_json::json!(format!("text {serial}")),
    };
    let object = document.pointer_mut(place).unwrap().as_object_mut();
    object.unwrap().insert(format!("unknown{serial}"), value);
}

/// The places of all objects of which unknown members are part.
fn objects(document: &serde_json::Value, at: String, places: &mut Vec<String>) {
    // Maps of text are the team's own, and tags are beside the task definition.
    let own = ["options", "driverOpts", "labels", "dockerLabels", "tags"];
    if own.contains(&at.rsplit('/').next().unwrap_or_default()) {
        return;
    }
    if let Some(members) = document.as_object() {
        for (name, value) in members {
            objects(value, format!("{at}/{name}"), places);
        }
        places.push(at);
    } else if let Some(items) = document.as_array() {
        for (index, item) in items.iter().enumerate() {
            objects(item, format!("{at}/{index}"), places);
        }
    }
}

/// Registers a document as a team would, byte for byte.
async fn register_by_hand(world: &World, document: &serde_json::Value) {
    let request = http::Request::post("https://ecs.eu-west-1.amazonaws.com/")
        .header("content-type", "application/x-amz-json-1.1")
        .header(
            "x-amz-target",
            "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition",
        )
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=111111111111/20260301/eu-west-1/ecs/aws4_request, SignedHeaders=host, Signature=0",
        )
        .body(document.to_string().into())
        .unwrap();
    let answer = world.call(request).await.unwrap();
    assert_eq!(answer.status(), 200, "{:?}", answer.body());
}

#[tokio::test(start_paused = true)]
async fn an_update_is_sent_once_whatever_happens_to_it() {
    type Expected = fn(&UpdateOutcome) -> bool;
    let unknown: Expected = |outcome| matches!(outcome, UpdateOutcome::Unknown(_));
    let later: Expected = |outcome| matches!(outcome, UpdateOutcome::TryLater(_));
    let table: [(Kind, Expected, usize); 5] = [
        (Kind::Before5xx, unknown, 0),
        (Kind::Throttled, later, 0),
        (Kind::TimedOut, unknown, 0),
        (Kind::Lost, unknown, 1),
        (Kind::LostLate, unknown, 1),
    ];
    for (kind, expected, taken) in table {
        let mut play = Play::new().await;
        let new = play.register().await.unwrap();
        play.ours.task_definition.clone_from(&new.definition().arn);
        break_calls(&play.world, "ecs", "UpdateService", kind);
        let outcome = play.update(Force::No).await;
        assert!(expected(&outcome), "{kind:?}: {outcome:?}");
        assert_eq!(play.world.state().faults.fired(), 1, "{kind:?}");
        mend(&play.world);
        let updates = play.world.state().ecs.update_calls(CLUSTER, "webapp");
        assert_eq!(updates, taken, "{kind:?}");
        // What happened is found by reading, and only by that.
        tokio::time::sleep(Duration::from_secs(61)).await;
        let judgement = play.look().await;
        if taken == 0 {
            assert_eq!(judgement, Judgement::NeverBegan);
        } else {
            assert_eq!(play.watch().await, Judgement::Succeeded { no_tasks: false });
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_arrives_twice_is_still_one_deploy() {
    let mut play = Play::new().await;
    let new = play.register().await.unwrap();
    play.ours.task_definition.clone_from(&new.definition().arn);
    break_calls(&play.world, "ecs", "UpdateService", Kind::Duplicated);
    assert_eq!(play.update(Force::NewTasks).await, UpdateOutcome::Started);
    assert_eq!(play.watch().await, Judgement::Succeeded { no_tasks: false });
}

#[tokio::test(start_paused = true)]
async fn a_registration_with_a_lost_answer_is_found_by_what_it_holds() {
    let play = Play::new().await;
    let base = play.ecs.describe_task_definition(&play.ours.before).await;
    let base = base.unwrap().unwrap();
    let find = || {
        let images = &play.ours.images;
        play.ecs.registered(&base, images, play.tags(), "")
    };
    assert!(find().await.unwrap().is_none());
    break_calls(&play.world, "ecs", "RegisterTaskDefinition", Kind::Lost);
    let error = play.register().await.unwrap_err();
    assert!(error.unknown_outcome());
    mend(&play.world);
    let found = find().await.unwrap().unwrap();
    assert_eq!(found.definition().revision, 2);
    assert_eq!(requests(&play.world, "RegisterTaskDefinition").len(), 1);
    let other = [("app".to_owned(), image("v1"))];
    let none = play.ecs.registered(&base, &other, play.tags(), "").await;
    assert!(none.unwrap().is_none(), "another image");
    let another = DeployId::derive(b"another request");
    let tags = RevisionTags {
        deploy: &another,
        commit: CommitTag::Unknown,
    };
    let images = &play.ours.images;
    let none = play.ecs.registered(&base, images, tags, "").await;
    assert!(none.unwrap().is_none(), "another deploy's");
    let runs = &found.definition().arn;
    let none = play.ecs.registered(&base, images, play.tags(), runs).await;
    assert!(
        none.unwrap().is_none(),
        "giving it what it runs rolls nothing out"
    );
}

#[tokio::test(start_paused = true)]
async fn a_registration_is_found_also_where_tags_leave_no_room_for_ours() {
    let play = Play::new().await;
    let mut full = every_field();
    full["tags"] = (0..50)
        .map(|n| serde_json::json!({ "key": format!("k{n}"), "value": "v" }))
        .collect();
    register_by_hand(&play.world, &full).await;
    let base = play.ecs.describe_task_definition("every-field").await;
    let base = base.unwrap().unwrap();
    let images = [(base.seen.containers[0].name.clone(), image("v2"))];
    let find = || play.ecs.registered(&base, &images, play.tags(), "");
    assert!(find().await.unwrap().is_none());
    let held = held();
    let copy = play.ecs.register_copy(&held, &base, &images, play.tags());
    let copy = copy.await.unwrap();
    assert_eq!(find().await.unwrap().unwrap().seen.arn, copy.seen.arn);
}

#[tokio::test(start_paused = true)]
async fn a_restart_is_not_taken_for_the_rollout_before_it() {
    let mut play = Play::new().await;
    play.start().await;
    play.watch().await;
    play.ours.rollout = None;
    play.ours.before = play.ours.task_definition.clone();
    play.ours.images.clear();
    let known = play.ecs.service_deployments("webapp").await.unwrap();
    play.known = known.into_iter().map(|brief| brief.arn).collect();
    play.ours.since = play.world.now();
    assert_eq!(play.look().await, Judgement::NotVisibleYet);
    assert_eq!(play.update(Force::NewTasks).await, UpdateOutcome::Started);
    assert!(!play.look().await.is_final());
    assert_eq!(play.watch().await, Judgement::Succeeded { no_tasks: false });
}

#[tokio::test(start_paused = true)]
async fn a_rollout_can_be_stopped_and_sent_back() {
    let mut play = Play::new().await;
    play.start().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    play.look().await;
    let arn = play.ours.rollout.clone().unwrap();
    let other = LeaseHeld::shown("worker", 1);
    let refused = play.ecs.stop_service_deployment(&other, &arn).await;
    assert!(refused.is_err());
    play.ecs
        .stop_service_deployment(&held(), &arn)
        .await
        .unwrap();
    let judged = play.watch().await;
    let by = match &judged {
        Judgement::RolledBack { by, .. } => Some(by),
        _ => None,
    };
    assert_eq!(by, Some(&Trigger::Request), "{judged:?}");
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_others_left_where_it_stood_is_read_as_such() {
    let mut play = Play::new().await;
    play.start().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    play.look().await;
    let now = play.world.now();
    assert!(
        play.world
            .state()
            .ecs
            .leave_standing(now, CLUSTER, "webapp")
    );
    assert!(matches!(play.watch().await, Judgement::Stopped { .. }));
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_told_apart_from_what_fails() {
    let play = Play::new().await;
    let none = play.ecs.describe_services(&["webapp", "gone"]).await;
    assert_eq!(none.unwrap().len(), 1);
    let nowhere = aws(&play.world).ecs("nowhere");
    let error = nowhere.describe_services(&["webapp"]).await.unwrap_err();
    assert_eq!(error.code(), Some("ClusterNotFoundException"));
    let none = play.ecs.describe_task_definition("nothing").await.unwrap();
    assert!(none.is_none());
    let arn = "arn:aws:ecs:eu-west-1:111111111111:service-deployment/production/webapp/nothing";
    let none = play.ecs.describe_service_deployment(arn).await.unwrap();
    assert!(none.is_none());
    play.world.state().ecs.deactivate(CLUSTER, "webapp");
    let outcome = play.update(Force::NewTasks).await;
    assert!(
        matches!(&outcome, UpdateOutcome::Refused(error) if error.code() == Some("ServiceNotActiveException")),
        "{outcome:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn reads_are_tried_again_and_give_up_within_five_seconds() {
    let play = Play::new().await;
    let before = play.world.state().faults.fired();
    break_calls(&play.world, "ecs", "DescribeServices", Kind::Throttled);
    let error = play.ecs.describe_services(&["webapp"]).await.unwrap_err();
    assert_eq!(error.kind(), &crate::aws::ErrorKind::Throttled);
    assert_eq!(play.world.state().faults.fired() - before, 3);
    mend(&play.world);
    break_calls(&play.world, "ecs", "DescribeServices", Kind::TimedOut);
    let start = tokio::time::Instant::now();
    let error = play.ecs.describe_services(&["webapp"]).await.unwrap_err();
    assert_eq!(error.kind(), &crate::aws::ErrorKind::Timeout);
    assert!(start.elapsed() <= Duration::from_millis(5100));
}
