//! What makes executions move: the trampoline machine over a waiter that the caller supplies. Due
//! states run concurrently, as they do on AWS; all waiting is in the world's time.
//!
//! It holds no rule about deploys. What the template says is in [`super::Machine`].

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::{World, ecs, until_killed};

/// How often ECS is asked for events.
const EVENT_POLL: SignedDuration = SignedDuration::from_secs(1);

/// A failed invocation, as `ErrorEquals` sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The error's name.
    pub error: String,
    /// The cause.
    pub cause: String,
}

impl From<(String, String)> for Failure {
    fn from((error, cause): (String, String)) -> Self {
        Self { error, cause }
    }
}

/// Drives every execution in a world, calling `waiter` as Lambda would.
pub struct Drive<F> {
    world: World,
    waiter: Arc<F>,
    sweep: Option<(SignedDuration, Timestamp)>,
    events: Option<Timestamp>,
}

impl<F> std::fmt::Debug for Drive<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drive").finish_non_exhaustive()
    }
}

impl World {
    /// A driver that calls `waiter` with the payloads of the template. A waiter killed by a planned
    /// fault fails as `Runtime.ExitError`, one past the function's timeout as `Sandbox.Timedout`.
    pub fn drive<F, Fut>(&self, waiter: F) -> Drive<F>
    where
        F: Fn(Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, (String, String)>> + Send + 'static,
    {
        Drive {
            world: self.clone(),
            waiter: Arc::new(waiter),
            sweep: None,
            events: None,
        }
    }
}

/// What is to be done now.
pub(super) enum Work {
    Step(String),
    Ask(String),
    Asynchronous(Value),
}

impl<F, Fut> Drive<F>
where
    F: Fn(Value) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Value, (String, String)>> + Send + 'static,
{
    /// Sends `{"sweep":{}}` to the waiter this often, from now on.
    #[must_use]
    pub fn sweep_every(mut self, period: Duration) -> Self {
        let period = SignedDuration::try_from(period).unwrap_or(SignedDuration::MAX);
        self.sweep = Some((period, self.world.now() + period));
        self
    }

    /// Sends the waiter the events that the template's rules select: ended executions at once, and
    /// ECS's rollouts within a second.
    #[must_use]
    pub fn deliver_events(mut self) -> Self {
        self.events = Some(self.world.now());
        self
    }

    /// Runs for this long.
    pub async fn run_for(&mut self, time: Duration) {
        let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        self.run_until(self.world.now() + time).await;
    }

    /// Runs until this instant, and then until what has begun has ended.
    pub async fn run_until(&mut self, end: Timestamp) {
        self.run(end, false).await;
    }

    /// Runs until no execution is running, or until `time` is over. Says whether all have ended.
    pub async fn run_to_the_end(&mut self, time: Duration) -> bool {
        let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        self.run(self.world.now() + time, true).await;
        !self.world.state().states.any_running()
    }

    async fn run(&mut self, end: Timestamp, only_while_running: bool) {
        let mut flights = JoinSet::new();
        loop {
            let now = self.world.now();
            if now <= end {
                for work in self.due(now) {
                    flights.spawn(fly(self.world.clone(), self.waiter.clone(), work));
                }
            }
            let quiet = only_while_running && !self.world.state().states.any_running();
            if flights.is_empty() && (now >= end || quiet) {
                return;
            }
            let next = self.next(now).filter(|next| *next < end && now < end);
            let pause = next
                .unwrap_or(end)
                .duration_since(now)
                .max(SignedDuration::ZERO);
            let changed = self.world.changed();
            tokio::select! {
                biased;
                Some(landed) = flights.join_next() => {
                    if let Err(error) = landed && error.is_panic() {
                        std::panic::resume_unwind(error.into_panic());
                    }
                }
                () = changed.notified() => {}
                () = sleep(pause.unsigned_abs()), if now < end => {}
            }
        }
    }

    fn due(&mut self, now: Timestamp) -> Vec<Work> {
        let mut state = self.world.state();
        let mut work = state.states.take_due(now);
        if let Some((period, next)) = &mut self.sweep
            && *next <= now
        {
            *next = now + *period;
            work.push(Work::Asynchronous(json!({ "sweep": {} })));
        }
        if let Some(next) = &mut self.events {
            let mut events: Vec<Value> = state.states.events.drain(..).filter(selected).collect();
            if *next <= now {
                *next = now + EVENT_POLL;
                ecs::advance(&mut state, now);
                events.extend(state.ecs.take_events());
            }
            work.extend(events.into_iter().map(Work::Asynchronous));
        }
        work
    }

    fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let stages = self.world.state().states.next_due();
        let sweep = self.sweep.as_ref().map(|(_, next)| *next);
        let events = self.events;
        let all = stages.into_iter().chain(sweep).chain(events);
        all.filter(|next| *next > now).min()
    }
}

/// One invocation, and what it means for its execution.
async fn fly<F, Fut>(world: World, waiter: Arc<F>, work: Work)
where
    F: Fn(Value) -> Fut,
    Fut: Future<Output = Result<Value, (String, String)>>,
{
    let (payload, limit) = world.state().states.begin(&work, world.now());
    let result = match timeout(limit, until_killed(waiter(payload.clone()))).await {
        Ok(Some(result)) => result.map_err(Failure::from),
        Ok(None) => Err(failure(
            "Runtime.ExitError",
            "Error: Runtime exited with error: signal: killed",
        )),
        Err(_) => Err(failure(
            "Sandbox.Timedout",
            &format!(
                "Error: Task timed out after {:.2} seconds",
                limit.as_secs_f64()
            ),
        )),
    };
    let now = world.now();
    let states = &mut world.state().states;
    match work {
        Work::Step(arn) => states.stepped(now, &arn, result),
        Work::Ask(arn) => states.asked(
            now,
            &arn,
            payload["token"].as_str().unwrap_or_default(),
            result,
        ),
        Work::Asynchronous(_) => states.asynchronous.push((now, payload, result)),
    }
}

/// Whether the template's rule for executions selects an event.
fn selected(event: &Value) -> bool {
    let status = event["detail"]["status"].as_str();
    matches!(status, Some("FAILED" | "TIMED_OUT" | "ABORTED"))
}

pub(super) fn failure(error: &str, cause: &str) -> Failure {
    Failure {
        error: error.to_owned(),
        cause: cause.to_owned(),
    }
}
