//! The sweeper with a thousand open deploys: what a sweep costs, what it mends, and that it ends in
//! time whatever it meets.

use std::time::Duration;

use jiff::SignedDuration;
use longshore::aws::dynamodb::List;
use longshore::hearing::request::Desk;
use longshore::names::{Actor, DeployId};
use longshore::record::{Deploy, Origin, Phase};
use longshore::request::Verb;
use longshore::waiter::Event;
use longshore_sim::fault::{Faults, Kind, Matcher};
use longshore_sim::states::{Stage, Status};
use serde_json::json;

use crate::town::{ADA, Bot, MACHINE, PROD, REGION, Town};

const MANY: usize = 1_000;
/// The waiter's own timeout.
const TIMEOUT: Duration = Duration::from_secs(60);
const A_CALL: Duration = Duration::from_millis(50);

/// How the executions of the open deploys are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Executions {
    Run,
    Died,
}

/// So many deploys that have asked for nothing yet, each with an execution; their next look is due
/// after so long.
async fn town_with(many: usize, due_in: SignedDuration, executions: Executions) -> Town {
    let town = Town::new(Bot::NoToken).await;
    let operator = Actor::Operator {
        arn: "arn:aws:iam::111111111111:user/ops".to_owned(),
        name: None,
    };
    let now = town.world.now();
    let machine = crate::town::aws(&town.world, "AKIAOPERATOR", longshore::aws::Patience::STEP)
        .machine(format!(
            "arn:aws:states:{REGION}:{PROD}:stateMachine:{MACHINE}"
        ));
    for number in 0..many {
        let id = DeployId::derive(format!("deploy {number}").as_bytes());
        let place = ("webapp".parse().unwrap(), "staging".parse().unwrap());
        let origin = Origin::typed(None);
        let restart = Verb::Restart;
        let mut deploy = Deploy::new(id.clone(), restart, place, operator.clone(), now, origin);
        // No two are due at the same moment, and the first recorded are due last.
        let earlier = SignedDuration::from_millis(i64::try_from(number).unwrap());
        deploy.due = now + due_in - earlier;
        town.store.take_in(&deploy, Desk::Operators).await.unwrap();
        machine.start(id.as_str(), id.as_str()).await.unwrap();
    }
    {
        let state = &mut *town.world.state();
        for execution in state.states.executions.values_mut() {
            if executions == Executions::Died {
                execution.status = Status::Failed;
                execution.stage = Stage::Ended;
                execution.stopped = Some(now);
            }
        }
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    {
        let state = &mut *town.world.state();
        state.calls.clear();
        state.faults.delay(Matcher::any(), A_CALL);
    }
    town
}

/// One sweep, and how long it took. It ends well, in time.
async fn sweeps(town: &Town, invocation: &str) -> Duration {
    let began = tokio::time::Instant::now();
    let swept = tokio::time::timeout(TIMEOUT, town.waiter.handle(Event::Sweep, invocation)).await;
    swept
        .expect("a sweep ends before the function's timeout")
        .expect("a sweep ends well");
    began.elapsed()
}

fn calls(town: &Town, operation: &str) -> usize {
    let state = town.world.state();
    let all = state.calls.iter();
    all.filter(|call| call.operation == operation).count()
}

/// The numbers of the deploys that run in their second execution.
fn resumed(town: &Town) -> usize {
    let state = town.world.state();
    let all = state.states.executions.values();
    all.filter(|run| run.status == Status::Running && run.name.ends_with("-1"))
        .count()
}

/// Every resumed execution takes its first step, after which the next is due in a while.
async fn first_steps(town: &Town) {
    let faults = std::mem::take(&mut town.world.state().faults);
    for one in town.store.open().await.unwrap() {
        let id = one.id;
        let dossier = town.store.load(&id).await.unwrap().unwrap();
        let mut deploy = town.deploy(&id).await;
        if deploy.resumes > 0 {
            deploy.due = town.world.now() + SignedDuration::from_hours(1);
            town.store.save(&deploy, dossier.rev).await.unwrap();
        }
    }
    town.world.state().faults = faults;
}

#[tokio::test(start_paused = true)]
async fn a_healthy_thousand_costs_no_more_than_none() {
    let town = town_with(MANY, SignedDuration::from_mins(5), Executions::Run).await;
    let took = sweeps(&town, "sweep").await;
    // One for the records, one for the requests; at the same time the configuration, and what else rights are judged by.
    assert_eq!((calls(&town, "Query"), calls(&town, "GetItem")), (3, 1));
    // And whether there is a bot token, by which an admin could be asked for a right.
    assert_eq!(town.world.state().calls.len(), 5);
    assert_eq!(took, A_CALL * 4);
}

/// Also what was due by the index is not described if a step has been there since.
#[tokio::test(start_paused = true)]
async fn an_index_that_lags_makes_nobody_describe_an_execution() {
    let town = town_with(20, SignedDuration::ZERO, Executions::Run).await;
    for one in town.store.open().await.unwrap() {
        let id = one.id;
        let dossier = town.store.load(&id).await.unwrap().unwrap();
        let mut deploy = town.deploy(&id).await;
        deploy.due = town.world.now() + SignedDuration::from_secs(40);
        town.store.save(&deploy, dossier.rev).await.unwrap();
    }
    town.world.state().dynamodb.lag = SignedDuration::from_secs(30);
    town.world.state().calls.clear();
    sweeps(&town, "sweep").await;
    assert_eq!(calls(&town, "Query"), 3 + 2 * 20);
    assert_eq!(calls(&town, "DescribeExecution"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_dead_executions_are_resumed_in_one_sweep() {
    let town = town_with(MANY, SignedDuration::ZERO, Executions::Died).await;
    let took = sweeps(&town, "sweep").await;
    assert_eq!(resumed(&town), MANY);
    assert_eq!(calls(&town, "DescribeExecution"), MANY);
    assert_eq!(calls(&town, "StartExecution"), MANY);
    assert_eq!(calls(&town, "UpdateItem"), MANY);
    // Two lists, and what rights are judged by beside the configuration; of each deploy its record and what was said, at the same time.
    assert_eq!(calls(&town, "Query"), 2 * MANY + 3);
    // Four calls of 50 ms each, sixteen at a time.
    let least = A_CALL * u32::try_from(4 * MANY / 16).unwrap();
    assert!(took < least + Duration::from_secs(3), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn every_third_read_throttled_keeps_nobody_from_being_resumed() {
    let town = town_with(MANY, SignedDuration::ZERO, Executions::Died).await;
    let reads = Matcher::operation("dynamodb", "Query").every(3);
    town.world.state().faults.plan(reads, Kind::Throttled);
    sweeps(&town, "sweep").await;
    town.world.state().faults = Faults::default();
    let first = resumed(&town);
    assert!(first > MANY * 9 / 10, "{first} in the first sweep");
    tokio::time::sleep(Duration::from_secs(60)).await;
    sweeps(&town, "next sweep").await;
    assert_eq!(resumed(&town), MANY);
}

#[tokio::test(start_paused = true)]
async fn one_record_that_cannot_be_read_fails_nothing_else() {
    let town = town_with(10, SignedDuration::ZERO, Executions::Died).await;
    let one = DeployId::derive(b"deploy 4");
    let reads = Matcher::operation("dynamodb", "Query").about(one.as_str());
    town.world.state().faults.plan(reads, Kind::Throttled);
    sweeps(&town, "sweep").await;
    assert_eq!(resumed(&town), 9);
}

#[tokio::test(start_paused = true)]
async fn a_sweep_with_too_much_to_do_ends_in_time_and_the_next_goes_on_with_the_rest() {
    let many = 400;
    let town = town_with(many, SignedDuration::ZERO, Executions::Died).await;
    let slow = Duration::from_millis(1500);
    town.world.state().faults.delay(Matcher::any(), slow);
    let mut done = vec![0];
    for number in 0..5 {
        sweeps(&town, &format!("sweep {number}")).await;
        done.push(resumed(&town));
        first_steps(&town).await;
    }
    let shares: Vec<usize> = done.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(shares[0] > 50 && shares[0] < many / 2, "{shares:?}");
    assert_eq!(done.last(), Some(&many), "{shares:?}");
}

/// The longest overdue come first.
#[tokio::test(start_paused = true)]
async fn the_longest_overdue_come_first() {
    let many = 200;
    let town = town_with(many, SignedDuration::ZERO, Executions::Died).await;
    let slow = Duration::from_secs(2);
    town.world.state().faults.delay(Matcher::any(), slow);
    sweeps(&town, "sweep").await;
    let ids = |number: usize| DeployId::derive(format!("deploy {number}").as_bytes());
    let state = town.world.state();
    let lives = |number: usize| {
        let again = format!("{}-1", ids(number));
        state
            .states
            .executions
            .values()
            .any(|run| run.name == again)
    };
    assert!(
        lives(many - 1) && lives(many - 16),
        "recorded last, due first"
    );
    assert!(!lives(0), "due last");
}

#[tokio::test(start_paused = true)]
async fn what_is_due_is_listed_page_by_page() {
    let town = Town::new(Bot::NoToken).await;
    let now = town.world.now();
    // A thousand keys of two kilobytes: two of DynamoDB's pages.
    for number in 0..MANY {
        let pk = format!("DEPLOY#{number:0>2000}");
        let item = json!({
            "pk": {"S": pk}, "sk": {"S": "RECORD"},
            "open": {"S": "open"}, "due": {"S": format!("{number:015}")},
        });
        let mut state = town.world.state();
        let table = state.dynamodb.tables.get_mut("longshore").unwrap();
        let key = (pk, "RECORD".to_owned());
        table.set(now, &key, Some(item.as_object().unwrap().clone()));
    }
    let first = town.store.due(List::Records, now, None).await.unwrap();
    assert!(first.open.len() < MANY && first.next.is_some());
    let second = town
        .store
        .due(List::Records, now, first.next)
        .await
        .unwrap();
    assert_eq!(first.open.len() + second.open.len(), MANY);
    assert!(second.next.is_none());
    assert_eq!(town.store.open().await.unwrap().len(), MANY);
}

/// A town in which ada has been asked to confirm a deploy to production.
async fn asked() -> (Town, String) {
    let town = Town::new(Bot::Token).await;
    town.types(ADA, "webapp production 1.0.2").await;
    let mut driver = town.driver();
    driver.run_for(Duration::from_secs(20)).await;
    let id = town.store.open().await.unwrap().pop().unwrap().id;
    assert_eq!(town.deploy(&id).await.phase, Phase::Asking);
    (town, id)
}

async fn confirms(town: &Town) {
    let now = town.world.now();
    let click = town.world.state().slack.click_newest(now, ADA, "confirm");
    town.posts(&click.unwrap()).await;
}

/// A consent takes effect within a minute where nobody may answer a task token, and when the click's
/// own call fails; afterwards the rollout is watched until the execution awakes by itself.
#[tokio::test(start_paused = true)]
async fn a_consent_that_woke_nobody_takes_effect_within_a_minute() {
    for kind in [Kind::Denied, Kind::Before5xx] {
        let (town, id) = asked().await;
        let wakes = Matcher::operation("states", "SendTaskSuccess");
        town.world.state().faults.plan(wakes, kind);
        confirms(&town).await;
        let mut driver = town.driver().sweep_every(Duration::from_secs(60));
        driver.run_for(Duration::from_secs(62)).await;
        let phase = town.deploy(&id).await.phase;
        assert_eq!(phase, Phase::Rolling, "{kind:?}");
        driver.run_for(Duration::from_secs(240)).await;
        let deploy = town.deploy(&id).await;
        let verdict = deploy.verdict().map(longshore::record::Verdict::name);
        assert_eq!(verdict, Some("Succeeded"), "{kind:?}");
    }
}

/// The answer came before the execution began to wait, and its token cannot be answered: it leaves
/// the wait by failing, at once.
#[tokio::test(start_paused = true)]
async fn an_execution_that_cannot_be_woken_does_not_begin_to_wait() {
    let (town, id) = asked().await;
    let wakes = Matcher::operation("states", "SendTaskSuccess");
    town.world.state().faults.plan(wakes, Kind::Denied);
    confirms(&town).await;
    let event = json!({"id": id, "execution": id, "token": "a token"});
    let asked = town
        .waiter
        .handle(Event::read(&event).unwrap(), "ask")
        .await;
    let error = asked.unwrap_err();
    assert_eq!(error.name(), "Asleep");
    assert_ne!(error.name(), longshore::waiter::StepError::TRANSIENT);
}

/// A question that nobody has answered costs its sweep the reading of it and of what was said, and no
/// execution is described.
#[tokio::test(start_paused = true)]
async fn a_question_that_stands_is_read_and_left_alone() {
    let (town, id) = asked().await;
    let before = town.deploy(&id).await;
    // Who can be asked for a right is written down once.
    sweeps(&town, "before").await;
    town.world.state().calls.clear();
    sweeps(&town, "sweep").await;
    assert_eq!(calls(&town, "Query"), 5);
    assert_eq!(town.world.state().calls.len(), 5);
    assert_eq!(town.deploy(&id).await, before);
}
