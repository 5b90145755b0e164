//! The trampoline's transitions: what is due, what an invocation is given, and where its answer
//! leads. Retry and Catch are the template's; nothing here waits.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::drive::{Failure, Work, failure};
use super::{Execution, HISTORY, Machine, PAYLOAD, Stage, States, Status};

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
    pub(super) fn any_running(&self) -> bool {
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
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<Work> {
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

    pub(super) fn next_due(&self) -> Option<Timestamp> {
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
    pub(super) fn begin(&mut self, work: &Work, now: Timestamp) -> (Value, Duration) {
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
    pub(super) fn stepped(&mut self, now: Timestamp, arn: &str, result: Result<Value, Failure>) {
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
    pub(super) fn asked(
        &mut self,
        now: Timestamp,
        arn: &str,
        token: &str,
        result: Result<Value, Failure>,
    ) {
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
