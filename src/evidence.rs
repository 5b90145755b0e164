//! Evidence: what the stopped tasks and the service's own words say about a failure, in one short
//! explanation. It claims a likely cause only where ECS's words are plain.

mod mask;
mod telling;

use jiff::Timestamp;

pub use self::mask::{heard, mask_lines};
pub use self::telling::telling;
use crate::rollout::ServiceEvent;

/// A task that stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoppedTask {
    /// Its id, the last part of its ARN.
    pub id: String,
    /// [ECS's code](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html):
    /// `TaskFailedToStart`, `EssentialContainerExited`, …
    pub stop_code: Option<String>,
    /// ECS's words.
    pub reason: Option<String>,
    /// When, by ECS's clock.
    pub stopped_at: Option<Timestamp>,
    /// Its containers.
    pub containers: Vec<StoppedContainer>,
}

/// A container of a task that stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoppedContainer {
    /// Its name.
    pub name: String,
    /// How it exited, where it ran at all.
    pub exit_code: Option<i32>,
    /// ECS's words.
    pub reason: Option<String>,
}

/// What happened, explained. Plain text, to be escaped where it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What happened to the tasks, one line per kind, [`LINES`] at most.
    pub what: Vec<String>,
    /// The likely cause and what to do about it, for the common ones.
    pub cause: Option<String>,
    /// What the service's own events say of it.
    pub event: Option<String>,
    /// The task and the container whose log is worth reading.
    pub culprit: Option<Culprit>,
}

/// Whose log is worth reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// The task's id.
    pub task: String,
    /// The container's name.
    pub container: String,
}

/// Lines at most.
pub const LINES: usize = 3;
/// Characters of ECS's words that are kept.
const WORDS: usize = 400;

/// Explains a failure from the tasks of the failed revision that stopped, newest first, and from the
/// service's newest events since the rollout began, by ECS's clock. Tasks that somebody or the
/// scheduler stopped on purpose say nothing.
pub(crate) fn explain(
    tasks: &[StoppedTask],
    events: &[ServiceEvent],
    began: Option<Timestamp>,
) -> Explanation {
    // A revision that is rolled out again has tasks of earlier rollouts.
    let since = |task: &&StoppedTask| match (task.stopped_at, began) {
        (Some(at), Some(began)) => at >= began,
        _ => true,
    };
    let told = tasks.iter().filter(since).filter(|task| !on_purpose(task));
    let told: Vec<&StoppedTask> = told.collect();
    let mut kinds: Vec<(String, usize, &StoppedTask)> = Vec::new();
    for task in told {
        let line = line(task);
        match kinds.iter_mut().find(|(known, ..)| *known == line) {
            Some((_, count, _)) => *count += 1,
            None => kinds.push((line, 1, task)),
        }
    }
    // A stable sort: among equals the newest comes first.
    kinds.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    let first = kinds.first().map(|(_, _, task)| *task);
    let what: Vec<String> = kinds
        .iter()
        .take(LINES)
        .map(|(line, count, _)| match count {
            1 => line.clone(),
            count => format!("{count} × {line}"),
        })
        .collect();
    let event = telling(events, began);
    let event = event.or_else(|| telling::trouble(events, began).filter(|_| what.is_empty()));
    let words = match first {
        Some(task) => words(task),
        None => event.unwrap_or_default().to_owned(),
    };
    let exit = first.and_then(failed_container).and_then(|c| c.exit_code);
    Explanation {
        what,
        cause: cause(&words, exit).map(str::to_owned),
        event: event.map(event_in_short),
        culprit: first.and_then(|task| {
            let container = failed_container(task)?;
            container.exit_code?;
            Some(Culprit {
                task: task.id.clone(),
                container: container.name.clone(),
            })
        }),
    }
}

/// What an exit code means.
pub(crate) fn exit_meaning(code: i32) -> Option<&'static str> {
    match code {
        0 => Some("it ended by itself, without an error"),
        125..=126 => Some("the command could not be run"),
        127 => Some("the command was not found in the image"),
        130 => Some("it was interrupted"),
        134 => Some("it aborted"),
        137 => Some("it was killed: out of memory, or too slow to stop"),
        139 => Some("it crashed: segmentation fault"),
        143 => Some("it was asked to stop"),
        _ => None,
    }
}

fn on_purpose(task: &StoppedTask) -> bool {
    let failed_health = task
        .reason
        .as_deref()
        .is_some_and(|reason| reason.contains("failed") && reason.contains("health checks"));
    let by_hand = matches!(
        task.stop_code.as_deref(),
        Some("UserInitiated" | "ServiceSchedulerInitiated")
    );
    by_hand && !failed_health
}

/// The container that made the task stop: the first that failed, else one that could not start.
fn failed_container(task: &StoppedTask) -> Option<&StoppedContainer> {
    let failed = |c: &&StoppedContainer| c.exit_code.is_some_and(|code| code != 0);
    let killed = |c: &&StoppedContainer| matches!(c.exit_code, Some(137 | 143));
    let all = &task.containers;
    // The others were stopped because one failed: 143 and 137 may be theirs.
    all.iter()
        .find(|c| failed(c) && !killed(c))
        .or_else(|| all.iter().find(|c| killed(c) && c.reason.is_some()))
        .or_else(|| all.iter().find(failed))
        .or_else(|| all.iter().find(|c| c.reason.is_some()))
        .or_else(|| all.iter().find(|c| c.exit_code.is_some()))
}

fn line(task: &StoppedTask) -> String {
    let container = failed_container(task);
    let exit = container.and_then(|container| {
        let code = container.exit_code?;
        let meaning = exit_meaning(code).map_or_else(String::new, |m| format!(" ({m})"));
        Some(format!(
            "{} exited with code {code}{meaning}",
            container.name
        ))
    });
    let reasons = [
        task.reason.as_deref(),
        container.and_then(|container| container.reason.as_deref()),
    ];
    // "Essential container in task exited" adds nothing to the exit itself.
    let said = reasons
        .into_iter()
        .flatten()
        .find(|reason| exit.is_none() || !reason.starts_with("Essential container in task exited"));
    // That a container exited says what ECS's word for it does.
    let code = match task.stop_code.as_deref() {
        Some("TaskFailedToStart") => "did not start",
        Some(code) => code,
        None => "stopped",
    };
    short(&match (exit, said) {
        (Some(exit), Some(said)) => format!("{exit}: {}", without_ids(said)),
        (Some(exit), None) => exit,
        (None, Some(said)) => format!("{code}: {}", without_ids(said)),
        (None, None) => format!("{code}, and ECS says no more"),
    })
}

fn words(task: &StoppedTask) -> String {
    let container = failed_container(task).and_then(|container| container.reason.as_deref());
    [task.reason.as_deref(), container]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Task ids differ from task to task; without them, equal failures read equal.
fn without_ids(text: &str) -> String {
    let id = |word: &str| {
        let plain = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        plain.len() == 32 && plain.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    text.split_whitespace()
        .filter(|word| !id(word))
        .collect::<Vec<_>>()
        .join(" ")
}

/// An event without what is the same in all of them: ids, and where ECS documents it.
pub(crate) fn event_in_short(event: &str) -> String {
    let event = event.split(" For more information, see").next();
    let mut event = event.unwrap_or_default();
    // `(service webapp) (deployment ecs-svc/1) deployment failed: …`: whose it is stands beside it.
    while let Some((_, rest)) = event
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "))
    {
        event = rest;
    }
    short(&without_ids(event))
}

fn short(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if plain.chars().count() <= WORDS {
        return plain;
    }
    plain.chars().take(WORDS - 1).chain(['…']).collect()
}

/// The likely cause, from ECS's
/// [own words](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html).
fn cause(words: &str, exit: Option<i32>) -> Option<&'static str> {
    const CAUSES: [(&[&str], &str); 10] = [
        (
            &["OutOfMemory"],
            "The container needed more memory than it has: raise its memory, or find what eats it.",
        ),
        (
            &["CannotPullContainerError", "not found"],
            "The image is not there (any more): has a lifecycle rule deleted it?",
        ),
        (
            &["CannotPullContainerError", "exec format"],
            "The image is for another processor architecture.",
        ),
        (
            &["CannotPullContainer"],
            "The image cannot be pulled: check that it exists, that the execution role may pull it, and that the subnet reaches the registry.",
        ),
        (
            &["ResourceInitializationError", "secret"],
            "A secret cannot be read: check its name and the execution role's rights.",
        ),
        (
            &["ResourceInitializationError"],
            "The task's surroundings could not be set up: check secrets, log group and network.",
        ),
        (
            &["health checks"],
            "The new tasks do not pass the load balancer's health check: look at the log, and at path, port and grace period.",
        ),
        (
            &["unable to place"],
            "The cluster has no room for the new tasks: add capacity, or lower what they ask for.",
        ),
        (
            &["RESOURCE:"],
            "The cluster has no room for the new tasks: add capacity, or lower what they ask for.",
        ),
        (
            &["exec format error"],
            "The image is for another processor architecture.",
        ),
    ];
    let named = CAUSES
        .iter()
        .find(|(needed, _)| needed.iter().all(|word| words.contains(word)));
    if let Some((_, cause)) = named {
        return Some(cause);
    }
    match exit? {
        137 => {
            Some("Killed: most often out of memory. Compare the task's memory with what it uses.")
        }
        126 | 127 => Some("The image does not hold the command that the task definition runs."),
        139 => Some(
            "The program crashed by itself: often a native library, or the wrong architecture.",
        ),
        0 => Some("The program ended though it should run on: is it a one-off command?"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(
        stop_code: &str,
        reason: &str,
        containers: &[(&str, Option<i32>, Option<&str>)],
    ) -> StoppedTask {
        StoppedTask {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            stop_code: Some(stop_code.to_owned()),
            reason: Some(reason.to_owned()),
            stopped_at: None,
            containers: containers
                .iter()
                .map(|&(name, exit_code, reason)| StoppedContainer {
                    name: name.to_owned(),
                    exit_code,
                    reason: reason.map(str::to_owned),
                })
                .collect(),
        }
    }

    const EXITED: &str = "Essential container in task exited";

    #[test]
    fn a_crash_is_told_with_its_meaning_and_count() {
        let crash = task(
            "EssentialContainerExited",
            EXITED,
            &[("app", Some(1), None)],
        );
        let explained = explain(&[crash.clone(), crash.clone(), crash], &[], None);
        assert_eq!(explained.what, ["3 × app exited with code 1"]);
        // The log says why, and stands beside it.
        assert_eq!(explained.cause, None);
        assert_eq!(explained.culprit.unwrap().container, "app");
    }

    #[test]
    fn each_exit_code_has_its_cause() {
        let cause = |code, reason: Option<&str>| {
            let task = task(
                "EssentialContainerExited",
                EXITED,
                &[("app", Some(code), reason)],
            );
            explain(&[task], &[], None).cause.unwrap_or_default()
        };
        assert!(cause(137, None).contains("out of memory"));
        assert!(
            cause(
                137,
                Some("OutOfMemoryError: Container killed due to memory usage")
            )
            .contains("needed more memory")
        );
        assert!(cause(139, None).contains("crashed"));
        assert!(cause(127, None).contains("command"));
        assert_eq!(cause(143, None), "");
        for code in [137, 139, 143] {
            assert!(exit_meaning(code).is_some());
        }
    }

    #[test]
    fn the_container_that_failed_is_blamed_and_not_those_stopped_with_it() {
        let task = task(
            "EssentialContainerExited",
            EXITED,
            &[("sidecar", Some(143), None), ("app", Some(2), None)],
        );
        let explained = explain(&[task], &[], None);
        assert_eq!(explained.culprit.unwrap().container, "app");
        assert!(explained.what[0].contains("app exited with code 2"));
    }

    #[test]
    fn what_never_started_has_no_log() {
        let task = task(
            "TaskFailedToStart",
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): image not found",
            &[("app", None, Some("CannotPullContainerError: not found"))],
        );
        let explained = explain(&[task], &[], None);
        assert_eq!(explained.culprit, None);
        assert!(explained.cause.unwrap().contains("lifecycle rule"));
    }

    #[test]
    fn what_was_stopped_on_purpose_is_no_evidence() {
        let scaled = task(
            "ServiceSchedulerInitiated",
            "Scaling activity initiated by (deployment ecs-svc/1)",
            &[("app", Some(143), None)],
        );
        assert_eq!(explain(&[scaled], &[], None), Explanation::default());
        let unhealthy = task(
            "ServiceSchedulerInitiated",
            "Task failed ELB health checks in (target-group x)",
            &[("app", Some(143), None)],
        );
        let explained = explain(&[unhealthy], &[], None);
        assert!(explained.cause.unwrap().contains("health check"));
    }

    #[test]
    fn without_tasks_the_service_itself_is_heard() {
        let event = |message: &str| ServiceEvent {
            at: None,
            message: message.to_owned(),
        };
        let events = [
            event("(service web) has started 1 tasks."),
            event(
                "(service web) was unable to place a task because no container instance met all of its requirements.",
            ),
        ];
        let explained = explain(&[], &events, None);
        assert!(
            explained
                .event
                .unwrap()
                .contains("no container instance met all")
        );
        assert!(explained.cause.unwrap().contains("no room"));
    }

    #[test]
    fn long_words_and_many_kinds_are_cut() {
        let tasks: Vec<_> = (0..9)
            .map(|n| {
                let reason = format!("{n}{}", "é\u{7}".repeat(400));
                task("TaskFailedToStart", &reason, &[])
            })
            .collect();
        let explained = explain(&tasks, &[], None);
        assert_eq!(explained.what.len(), LINES);
        for line in explained.what {
            assert_eq!(line.chars().count(), WORDS);
            assert!(!line.contains('\u{7}'));
        }
    }
}
