//! What the end of a one-off task means. It did its work only if the container that was to do it
//! ended by itself, without an error; nothing else counts as that.

use crate::evidence::StoppedTask;
use crate::record::TaskStop;
use crate::rollout::OneOffReason;

/// How a one-off task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TaskEnd {
    /// Well.
    Succeeded,
    /// Otherwise: why.
    Failed(OneOffReason),
    /// None of its containers ever ran.
    NeverRan,
    /// It was stopped because the deploy was cancelled.
    Cancelled,
}

/// Judges the end of a task by the container that ran the command. `asked` says whether we asked ECS
/// to stop it: a program that is told to stop may well end without an error, and has still not done
/// its work.
pub(crate) fn judge(task: &StoppedTask, container: &str, asked: Option<TaskStop>) -> TaskEnd {
    let ran = task.containers.iter().find(|ran| ran.name == container);
    let exit = ran.and_then(|ran| ran.exit_code);
    let by_itself = task.stop_code.as_deref() == Some("EssentialContainerExited");
    match (by_itself, exit, asked) {
        (true, Some(0), _) => TaskEnd::Succeeded,
        (_, None, _) if task.stop_code.as_deref() == Some("TaskFailedToStart") => TaskEnd::NeverRan,
        (false, _, Some(TaskStop::Cancelled)) => TaskEnd::Cancelled,
        (false, _, Some(TaskStop::TimedOut)) => TaskEnd::Failed(OneOffReason::TimedOut),
        (_, Some(code), _) if by_itself => TaskEnd::Failed(OneOffReason::Exited(code)),
        (_, _, None) if task.stop_code.as_deref() == Some("UserInitiated") => {
            TaskEnd::Failed(OneOffReason::StoppedByOthers)
        }
        _ => {
            let said = task.reason.clone().filter(|said| !said.is_empty());
            TaskEnd::Failed(OneOffReason::Stopped(said))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::StoppedContainer;

    fn stopped(code: &str, exits: &[(&str, Option<i32>)]) -> StoppedTask {
        StoppedTask {
            stop_code: Some(code.to_owned()),
            reason: Some("as ECS says".to_owned()),
            containers: exits
                .iter()
                .map(|(name, exit_code)| StoppedContainer {
                    name: (*name).to_owned(),
                    exit_code: *exit_code,
                    reason: None,
                })
                .collect(),
            ..StoppedTask::default()
        }
    }

    #[test]
    fn only_a_container_that_ended_by_itself_without_an_error_has_done_its_work() {
        use TaskStop::{Cancelled, TimedOut};
        const EXITED: &str = "EssentialContainerExited";
        let failed = |why: &str| Err(why.to_owned());
        for (code, exits, asked, end) in [
            (
                EXITED,
                &[("app", Some(0))][..],
                None,
                Ok(TaskEnd::Succeeded),
            ),
            // Its sidecar was stopped because it had ended.
            (
                EXITED,
                &[("proxy", Some(143)), ("app", Some(0))],
                None,
                Ok(TaskEnd::Succeeded),
            ),
            // It ended well before it was told to stop.
            (
                EXITED,
                &[("app", Some(0))],
                Some(Cancelled),
                Ok(TaskEnd::Succeeded),
            ),
            (
                EXITED,
                &[("app", Some(1))],
                None,
                failed("Its one-off task exited with code 1."),
            ),
            (
                EXITED,
                &[("app", Some(42))],
                None,
                failed("Its one-off task exited with code 42."),
            ),
            // The sidecar ended the task, and the command had to go.
            (
                EXITED,
                &[("proxy", Some(0)), ("app", Some(143))],
                None,
                failed("Its one-off task exited with code 143 (it was asked to stop)."),
            ),
            // Told to stop, it was polite about it.
            (
                "UserInitiated",
                &[("app", Some(0))],
                Some(TimedOut),
                failed("Its one-off task did not end in time and was stopped."),
            ),
            (
                "UserInitiated",
                &[("app", Some(0))],
                Some(Cancelled),
                Ok(TaskEnd::Cancelled),
            ),
            (
                "UserInitiated",
                &[("app", Some(0))],
                None,
                failed("Somebody stopped its one-off task, not Longshore."),
            ),
            (
                "TaskFailedToStart",
                &[("app", None)],
                None,
                Ok(TaskEnd::NeverRan),
            ),
            (
                "SpotInterruption",
                &[("app", None)],
                None,
                failed("Its one-off task stopped without ending: as ECS says"),
            ),
            (
                EXITED,
                &[("proxy", Some(0))],
                None,
                failed("Its one-off task stopped without ending: as ECS says"),
            ),
        ] {
            let judged = match judge(&stopped(code, exits), "app", asked) {
                TaskEnd::Failed(reason) => Err(reason.to_string()),
                end => Ok(end),
            };
            assert_eq!(judged, end, "{code} {exits:?} {asked:?}");
        }
    }
}
