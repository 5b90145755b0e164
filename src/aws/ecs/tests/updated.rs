//! What changes a service is sent once, whatever happens to it.

use longshore_sim::fault::Kind;

use super::*;
use crate::aws::tests::{break_calls, mend, requests};
use crate::rollout::Trigger;

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
