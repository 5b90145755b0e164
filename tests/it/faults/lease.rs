//! Leases of the dead: taken over when their time is up and ECS shows nothing of theirs in flight,
//! and never a moment earlier; whoever comes back with an old fence changes nothing.

use std::time::Duration;

use longshore::aws::dynamodb::{TakeOutcome, TakeOver};
use longshore::names::DeployId;
use longshore::record::Verdict;
use longshore::record::lease::{LEASE_LASTS, ServiceKey};
use longshore_sim::ecs::Script;
use longshore_sim::fault::{Faults, Kill, Matcher};

use super::journey::Journey;
use super::story::Story;
use crate::town::{DEV, REGION};

fn webapp() -> ServiceKey {
    ServiceKey::new(DEV, REGION, "staging", "webapp")
}

/// A deploy whose waiter dies on its way to that call, and that nobody resumes: no schedule, no
/// events.
async fn dead_deploy(call: Matcher, script: Script) -> Story {
    let mut story = Story::begin(Journey::Deploy).await.without_sweeper();
    story.town.script("staging", "webapp", script);
    story.plan_death(call, Kill::Before);
    story.types("webapp:1.0.2 to staging").await;
    story.passes(60).await;
    assert_eq!(story.town.world.state().faults.fired(), 1);
    story.town.world.state().faults = Faults::default();
    assert!(story.executing().is_empty(), "its execution is dead");
    story
}

fn updates(story: &Story) -> usize {
    let ecs = &mut story.town.world.state().ecs;
    ecs.update_calls("staging", "webapp")
}

#[tokio::test(start_paused = true)]
async fn a_dead_deploys_lease_is_taken_when_it_has_expired_and_a_late_comer_changes_nothing() {
    let update = Matcher::operation("ecs", "UpdateService");
    let mut story = dead_deploy(update, Script::Happy).await;
    let dead = story.own_deploys().await[0].id.clone();
    assert_eq!(updates(&story), 0);

    // As long as it lasts, nobody else may.
    story.passes(LEASE_LASTS.as_secs() - 120).await;
    story
        .types("webapp:feature/signup-autocomplete to staging")
        .await;
    story.passes(30).await;
    let deploys = story.own_deploys().await;
    let early = deploys.iter().find(|deploy| deploy.id != dead).unwrap();
    assert_eq!(early.verdict(), Some(Verdict::Refused), "{early:?}");
    assert!(
        early
            .ending
            .as_ref()
            .unwrap()
            .why
            .to_string()
            .contains("still under way")
    );
    assert_eq!(updates(&story), 0);

    // Afterwards anybody may: ECS shows nothing of the dead one.
    story.passes(180).await;
    story
        .types("webapp:feature/signup-autocomplete to staging")
        .await;
    story.passes(300).await;
    let deploys = story.own_deploys().await;
    let next = deploys
        .iter()
        .find(|d| d.id != dead && d.id != early.id)
        .unwrap();
    assert_eq!(next.verdict(), Some(Verdict::Succeeded), "{next:?}");
    assert_eq!(updates(&story), 1);
    let ran = story.running().await;

    // The dead one comes back with its old fence, and changes nothing.
    let mut story = story.with_sweeper();
    story.settles().await;
    let back = story.town.deploy(dead.as_str()).await;
    assert_eq!(back.verdict(), Some(Verdict::Superseded), "{back:?}");
    assert_eq!(updates(&story), 1, "it sent nothing");
    assert_eq!(story.running().await, ran);
    assert_eq!(story.open(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_expired_lease_is_not_taken_while_ecs_shows_its_holders_rollout() {
    let slow = Script::Slow(Duration::from_secs(4 * 2400));
    // Dies after the update, at the first look at the rollout.
    let look = Matcher::operation("ecs", "DescribeServiceDeployments");
    let mut story = dead_deploy(look, slow).await;
    let dead = story.own_deploys().await[0].id.clone();
    assert_eq!(updates(&story), 1);

    story.passes(LEASE_LASTS.as_secs() + 60).await;
    story
        .types("webapp:feature/signup-autocomplete to staging")
        .await;
    story.passes(60).await;
    let deploys = story.own_deploys().await;
    let other = deploys.iter().find(|deploy| deploy.id != dead).unwrap();
    assert_eq!(other.verdict(), Some(Verdict::Refused), "{other:?}");
    let why = other.ending.as_ref().unwrap().why.to_string();
    assert!(
        why.contains(dead.as_str()),
        "it says whose rollout it is: {why}"
    );
    assert_eq!(updates(&story), 1);

    let mut story = story.with_sweeper();
    story.settles().await;
    let back = story.town.deploy(dead.as_str()).await;
    assert_eq!(back.verdict(), Some(Verdict::Succeeded), "{back:?}");
}

/// The table's own part: what makes an old fence, an old step and an old look worthless.
#[tokio::test(start_paused = true)]
async fn the_table_refuses_old_fences_old_steps_and_old_looks() {
    let story = Story::begin(Journey::Deploy).await;
    let (store, now) = (&story.town.store, story.town.world.now());
    let (first, second) = (DeployId::derive(b"first"), DeployId::derive(b"second"));
    let services = [webapp()];
    let key = webapp();
    let take = async |me: &DeployId, over: &[TakeOver]| {
        store.take_leases(me, &services, over, now).await.unwrap()
    };
    let hold = async |me: &DeployId, fence, step| {
        let held = store
            .hold_lease(me, &key, "webapp", fence, step, now + LEASE_LASTS)
            .await;
        held.unwrap().is_some()
    };
    assert_eq!(take(&first, &[]).await, TakeOutcome::Taken(vec![1]));
    assert!(hold(&first, 1, 5).await);
    assert!(hold(&first, 1, 5).await, "a repeated look of the same step");
    assert!(
        !hold(&first, 1, 4).await,
        "an earlier step of the same deploy"
    );
    let TakeOutcome::Held { lease, .. } = take(&second, &[]).await else {
        panic!("it was free");
    };
    let over = TakeOver::of(&key, &lease).unwrap();
    // The holder renews between the look and the taking.
    let renewed = store.hold_lease(&first, &key, "webapp", 1, 6, now + LEASE_LASTS * 2);
    assert!(renewed.await.unwrap().is_some());
    let taken = take(&second, std::slice::from_ref(&over)).await;
    assert!(matches!(taken, TakeOutcome::Held { .. }), "{taken:?}");
    let lease = store.lease(&key).await.unwrap().unwrap();
    let over = TakeOver::of(&key, &lease).unwrap();
    assert_eq!(take(&second, &[over]).await, TakeOutcome::Taken(vec![2]));
    assert!(!hold(&first, 1, 9).await, "an old fence");
    store
        .release_leases(&first, &[(webapp(), 1)], now)
        .await
        .unwrap();
    assert!(
        hold(&second, 2, 1).await,
        "an old fence frees nothing either"
    );
    store
        .release_leases(&second, &[(webapp(), 2)], now)
        .await
        .unwrap();
    assert!(
        !hold(&second, 2, 2).await,
        "what was given back is not held"
    );
    assert_eq!(
        take(&first, &[]).await,
        TakeOutcome::Taken(vec![3]),
        "a fence only grows"
    );
}

/// While one service takes longer than a lease lasts, nobody can have the lease of the one that waits
/// for its turn, nor that of the one that is out and may have to be taken back.
#[tokio::test(start_paused = true)]
async fn the_leases_of_services_that_wait_are_kept() {
    let mut story = Story::begin(Journey::TakenBack).await;
    let slow = Script::Slow(Duration::from_secs(60 * 60));
    story.town.script("staging", "cms-api", slow.clone());
    story.town.script("staging", "cms-worker", slow);
    story.types("cms:1.0.2 to staging").await;
    for minutes in [18, 20] {
        story.passes(minutes * 60).await;
        let deploy = &story.own_deploys().await[0];
        assert_eq!(deploy.verdict(), None, "after {minutes} minutes");
        for service in ["cms-api", "cms-worker"] {
            let lease = lease_of(&story, service);
            assert_eq!(
                crate::faults::story::text(&lease, "holder"),
                deploy.id.as_str()
            );
            let until: i64 = lease["expires_at"]["N"].as_str().unwrap().parse().unwrap();
            let now = story.town.world.now().as_millisecond();
            assert!(until > now, "the lease of {service} has lapsed");
        }
    }
    story.settles().await;
    let deploy = &story.own_deploys().await[0];
    assert_eq!(deploy.verdict(), Some(Verdict::Succeeded));
}

fn lease_of(story: &Story, service: &str) -> longshore_sim::dynamodb::Item {
    let items = story.items();
    let lease = items.into_iter().find(|item| {
        let pk = crate::faults::story::text(item, "pk");
        pk.starts_with("LEASE#") && pk.ends_with(service)
    });
    lease.unwrap()
}
