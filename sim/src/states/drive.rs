//! What makes executions move: the trampoline machine over a waiter that the caller supplies. Due
//! states run concurrently, as they do on AWS; all waiting is in the world's time.
//!
//! It holds no rule about deploys. What the template leaves open is in [`Machine`].

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Execution, HISTORY, Machine, PAYLOAD, Stage, States, Status};
use crate::{State, World, until_killed};

/// How often other services are asked for events.
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

type EventSource = Box<dyn Fn(&mut State, Timestamp) -> Vec<Value> + Send>;

/// Drives every execution in a world, calling `waiter` as Lambda would.
pub struct Drive<F> {
    world: World,
    waiter: Arc<F>,
    sweep: Option<(SignedDuration, Timestamp)>,
    events: Option<(EventSource, Timestamp)>,
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
enum Work {
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

    /// Sends the waiter the events that the template's rules select: ended executions, and whatever
    /// `more` takes from other services once a second.
    #[must_use]
    pub fn deliver_events(
        mut self,
        more: impl Fn(&mut State, Timestamp) -> Vec<Value> + Send + 'static,
    ) -> Self {
        self.events = Some((Box::new(more), self.world.now()));
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
        if let Some((more, next)) = &mut self.events {
            let ended = |event: &Value| {
                event["detail"]["status"] != "RUNNING" && event["detail"]["status"] != "SUCCEEDED"
            };
            let mut events: Vec<Value> = state.states.events.drain(..).filter(ended).collect();
            if *next <= now {
                *next = now + EVENT_POLL;
                events.extend(more(&mut state, now));
            }
            work.extend(events.into_iter().map(Work::Asynchronous));
        }
        work
    }

    fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let stages = self.world.state().states.next_due();
        let sweep = self.sweep.as_ref().map(|(_, next)| *next);
        let events = self.events.as_ref().map(|(_, next)| *next);
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

fn failure(error: &str, cause: &str) -> Failure {
    Failure {
        error: error.to_owned(),
        cause: cause.to_owned(),
    }
}

impl Machine {
    /// How long to wait before trying again, if the rules say so.
    fn retry(&self, retries: &mut Vec<u32>, error: &str) -> Option<Duration> {
        // States.ALL does not catch these two.
        let special = matches!(error, "States.Runtime" | "States.DataLimitExceeded");
        let names = |name: &String| name == error || (name == "States.ALL" && !special);
        let at = self
            .retry
            .iter()
            .position(|rule| rule.errors.iter().any(names))?;
        let rule = &self.retry[at];
        retries.resize(self.retry.len(), 0);
        let tried = retries[at];
        if tried >= rule.attempts {
            return None;
        }
        retries[at] += 1;
        let exponent = i32::try_from(tried).unwrap_or(i32::MAX);
        Some(
            rule.interval
                .mul_f64(rule.backoff.powi(exponent))
                .min(rule.longest),
        )
    }
}

impl States {
    fn any_running(&self) -> bool {
        self.executions
            .values()
            .any(|execution| execution.status == Status::Running)
    }

    fn machine(&self, arn: &str) -> Machine {
        let execution = self.executions.get(arn);
        let machine = execution.and_then(|execution| self.machines.get(&execution.machine));
        machine.cloned().unwrap_or_default()
    }

    /// Moves what only time moves, and takes what is due for the waiter.
    fn take_due(&mut self, now: Timestamp) -> Vec<Work> {
        let mut work = Vec::new();
        for (arn, execution) in &mut self.executions {
            match &mut execution.stage {
                Stage::Waiting { until } if *until <= now => {
                    let due = *until;
                    execution.enter(Stage::Step { due });
                }
                Stage::Asking {
                    token, deadline, ..
                } if *deadline <= now => {
                    self.spent.insert(token.clone());
                    execution.note(now, "TaskTimedOut", json!({"error": "States.Timeout"}));
                    execution.enter(Stage::Step { due: now });
                }
                Stage::Asking { due, called, .. } if *due <= now && !*called => {
                    *called = true;
                    work.push(Work::Ask(arn.clone()));
                }
                _ => {}
            }
            if matches!(execution.stage, Stage::Step { due } if due <= now) && !execution.running {
                execution.running = true;
                work.push(Work::Step(arn.clone()));
            }
        }
        work
    }

    fn next_due(&self) -> Option<Timestamp> {
        let due = |execution: &Execution| match &execution.stage {
            Stage::Step { due } if !execution.running => Some(*due),
            Stage::Waiting { until } => Some(*until),
            Stage::Asking {
                due, called: false, ..
            } => Some(*due),
            Stage::Asking { deadline, .. } => Some(*deadline),
            Stage::Step { .. } | Stage::Ended => None,
        };
        self.executions.values().filter_map(due).min()
    }

    /// The payload of an invocation, and the function's timeout.
    fn begin(&mut self, work: &Work, now: Timestamp) -> (Value, Duration) {
        let (Work::Step(arn) | Work::Ask(arn)) = work else {
            let Work::Asynchronous(payload) = work else {
                return Default::default();
            };
            let limits = self
                .machines
                .values()
                .map(|machine| machine.function_timeout);
            return (
                payload.clone(),
                limits.max().unwrap_or(Duration::from_secs(60)),
            );
        };
        let limit = self.machine(arn).function_timeout;
        let Some(execution) = self.executions.get_mut(arn) else {
            return Default::default();
        };
        let mut payload = json!({"id": execution.id(), "execution": execution.name});
        if let (Work::Ask(_), Stage::Asking { token, .. }) = (work, &execution.stage) {
            payload["token"] = json!(token);
        }
        execution.note(now, "TaskScheduled", payload.clone());
        execution.events += 5;
        (payload, limit)
    }

    /// Step has returned: `Next?` chooses, or `Retry` does.
    fn stepped(&mut self, now: Timestamp, arn: &str, result: Result<Value, Failure>) {
        let machine = self.machine(arn);
        let token = self.fresh_token();
        let Some(execution) = self.executions.get_mut(arn) else {
            return;
        };
        execution.running = false;
        if execution.status != Status::Running {
            return;
        }
        let outcome = result.and_then(|answer| {
            execution.note(now, "TaskSucceeded", answer.clone());
            next(&answer)
        });
        execution.events += 4;
        let end = match outcome {
            Ok(_) if execution.events > HISTORY => Some((
                Status::Failed,
                Some((
                    "States.Runtime".to_owned(),
                    "The execution reached the maximum number of history events (25000)."
                        .to_owned(),
                )),
            )),
            Ok(Next::Wait(seconds)) => {
                execution.enter(Stage::Waiting {
                    until: now + seconds,
                });
                None
            }
            Ok(Next::Ask) => {
                execution.enter(asking(token, now, &machine));
                None
            }
            Ok(Next::Done) => Some((Status::Succeeded, None)),
            Err(Failure { error, cause }) => {
                execution.note(now, "TaskFailed", json!({"error": error, "cause": cause}));
                match machine.retry(&mut execution.retries, &error) {
                    Some(delay) => {
                        execution.stage = Stage::Step { due: now + delay };
                        None
                    }
                    None => Some((Status::Failed, Some((error, cause)))),
                }
            }
        };
        if let Some((status, error)) = end {
            self.end(now, arn, status, error);
        }
    }

    /// Ask's function has returned; if it failed, `Retry` and `Catch` apply.
    fn asked(&mut self, now: Timestamp, arn: &str, token: &str, result: Result<Value, Failure>) {
        let machine = self.machine(arn);
        let fresh = self.fresh_token();
        let Some(execution) = self.executions.get_mut(arn) else {
            return;
        };
        let waits = matches!(&execution.stage, Stage::Asking { token: held, .. } if held == token);
        match result {
            Ok(answer) => execution.note(now, "TaskSubmitted", answer),
            Err(Failure { error, cause }) if waits => {
                self.spent.insert(token.to_owned());
                execution.note(now, "TaskFailed", json!({"error": error, "cause": cause}));
                match machine.retry(&mut execution.retries, &error) {
                    Some(delay) => execution.stage = asking(fresh, now + delay, &machine),
                    None => execution.enter(Stage::Step { due: now }),
                }
            }
            Err(_) => {}
        }
    }
}

fn asking(token: String, due: Timestamp, machine: &Machine) -> Stage {
    Stage::Asking {
        token,
        due,
        called: false,
        deadline: due + machine.ask_timeout,
    }
}

enum Next {
    Wait(Duration),
    Ask,
    Done,
}

/// `ResultSelector` and `Next?`: both fields must be there, and the choice has no default.
fn next(answer: &Value) -> Result<Next, Failure> {
    if answer.to_string().len() > PAYLOAD {
        return Err(failure(
            "States.DataLimitExceeded",
            "The state/task 'Step' returned a result with a size exceeding the maximum number of bytes service limit.",
        ));
    }
    for field in ["next", "seconds"] {
        if answer.get(field).is_none() {
            let cause = format!(
                "The JSONPath '$.Payload.{field}' specified for the field '{field}.$' could not be found in the input"
            );
            return Err(failure("States.Runtime", &cause));
        }
    }
    match answer["next"].as_str() {
        Some("done") => Ok(Next::Done),
        Some("ask") => Ok(Next::Ask),
        Some("wait") => answer["seconds"]
            .as_u64()
            .filter(|seconds| *seconds <= 99_999_999)
            .map(|seconds| Next::Wait(Duration::from_secs(seconds)))
            .ok_or_else(|| {
                failure(
                    "States.Runtime",
                    "The SecondsPath parameter does not reference a positive integer",
                )
            }),
        _ => Err(failure(
            "States.Runtime",
            "Failed to transition out of the state 'Next?'. The state's choice did not match",
        )),
    }
}
