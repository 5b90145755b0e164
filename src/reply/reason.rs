//! Why a service, a one-off task or a schedule did not do what it was to do, in words.

use std::fmt;

use super::{code, said};
use crate::evidence::exit_meaning;
use crate::names::arn::last_part;
use crate::rollout::{OneOffReason, Reason};
use crate::slack::text::Mrkdwn;

/// That a service was to be taken back and is not: whether that was tried, the reason tells.
pub(super) fn halfway(reason: &Reason) -> Mrkdwn {
    match reason {
        Reason::TakenOver(revision) => said!(
            "had come up; somebody else rolled out {} before it was taken back",
            code(last_part(revision))
        ),
        // Nothing was sent to ECS, or ECS took nothing.
        Reason::Aws(_)
        | Reason::LeaseLost
        | Reason::RanBeforeGone(_)
        | Reason::DefinitionGone(_)
        | Reason::PlanGone => Mrkdwn::raw("had come up; it could not be taken back"),
        Reason::Said(_)
        | Reason::WentBack
        | Reason::NotBack
        | Reason::GaveUp
        | Reason::Stopped
        | Reason::Gone
        | Reason::Brought { .. }
        | Reason::Runs { .. }
        | Reason::WentElsewhere(_)
        | Reason::OneOff(_)
        | Reason::ScheduleGone
        | Reason::ScheduleRuns(_)
        | Reason::ScheduleRunsNoTask => Mrkdwn::raw("had come up; taking it back did not work"),
    }
}

/// What happened, with the reason where it says more.
pub(super) fn because(what: Mrkdwn, reason: &Reason) -> Mrkdwn {
    match reason.is_silent() {
        true => what,
        false => said!("{}: {}", what, code(reason.to_string().trim())),
    }
}

impl fmt::Display for Reason {
    /// Plain text, to be escaped where it is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(words) => f.write_str(words),
            Self::Aws(no) => write!(f, "{no}"),
            Self::WentBack => f.write_str("ECS rolled it back without saying why."),
            Self::NotBack => f.write_str("ECS could not roll it back, without saying why."),
            Self::GaveUp => f.write_str("ECS gave up on it."),
            Self::Stopped => f.write_str("It was stopped."),
            Self::Gone => {
                f.write_str("The rollout is gone, and the service is back on the revision before.")
            }
            Self::Brought { revision, wanted } => write!(
                f,
                "ECS calls the rollout successful, but it brought {} instead of {}.",
                last_part(revision),
                last_part(wanted)
            ),
            Self::Runs { container, wanted } => write!(
                f,
                "ECS calls the rollout successful, but container {container} does not run the accepted image {wanted}."
            ),
            Self::WentElsewhere(to) => write!(
                f,
                "ECS went back to {}, which is not what ran there when this began.",
                last_part(to)
            ),
            Self::TakenOver(by) => {
                write!(f, "Somebody else rolled out {} meanwhile.", last_part(by))
            }
            Self::LeaseLost => f.write_str("Another deploy took it over."),
            Self::DefinitionGone(arn) => {
                write!(f, "The task definition {} is gone.", last_part(arn))
            }
            Self::RanBeforeGone(arn) => write!(
                f,
                "The task definition {}, which ran before, is gone.",
                last_part(arn)
            ),
            Self::PlanGone => {
                f.write_str("The record of what to roll out is gone, so nothing more was changed.")
            }
            Self::OneOff(reason) => write!(f, "{reason}"),
            Self::ScheduleGone => f.write_str("it is gone."),
            Self::ScheduleRuns(arn) => {
                write!(f, "somebody else has it run {} meanwhile.", last_part(arn))
            }
            Self::ScheduleRunsNoTask => f.write_str("it runs no ECS task any more."),
        }
    }
}

impl fmt::Display for OneOffReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverShown => {
                f.write_str("Its one-off task may have been started, but ECS does not show it.")
            }
            Self::NoLongerShown => f.write_str(
                "ECS does not show its one-off task any more, so how that ended is not known.",
            ),
            Self::NoRoom(why) => write!(f, "ECS has no room for its one-off task: {why}"),
            Self::TimedOut => f.write_str("Its one-off task did not end in time and was stopped."),
            Self::Exited(code) => {
                let meaning = exit_meaning(*code).map_or_else(String::new, |is| format!(" ({is})"));
                write!(f, "Its one-off task exited with code {code}{meaning}.")
            }
            Self::StoppedByOthers => {
                f.write_str("Somebody stopped its one-off task, not Longshore.")
            }
            Self::Stopped(Some(why)) => {
                write!(f, "Its one-off task stopped without ending: {why}")
            }
            Self::Stopped(None) => {
                f.write_str("Its one-off task stopped without ending, and ECS does not say why.")
            }
            Self::NeverRan => f.write_str("Its one-off task could not start."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_says_what_happened() {
        const ARN: &str = "arn:aws:ecs:eu-west-1:1:task-definition/cms:9";
        let all = [
            Reason::Said("3 tasks failed to start.".to_owned()),
            Reason::WentBack,
            Reason::NotBack,
            Reason::GaveUp,
            Reason::Stopped,
            Reason::Gone,
            Reason::Brought {
                revision: ARN.to_owned(),
                wanted: ARN.replace(":9", ":10"),
            },
            Reason::Runs {
                container: "app".to_owned(),
                wanted: "cms@sha256:1f".to_owned(),
            },
            Reason::WentElsewhere(ARN.to_owned()),
            Reason::TakenOver(ARN.to_owned()),
            Reason::LeaseLost,
            Reason::DefinitionGone(ARN.to_owned()),
            Reason::RanBeforeGone(ARN.to_owned()),
            Reason::PlanGone,
            OneOffReason::NeverShown.into(),
            OneOffReason::NoLongerShown.into(),
            OneOffReason::NoRoom("RESOURCE:MEMORY".to_owned()).into(),
            OneOffReason::TimedOut.into(),
            OneOffReason::Exited(137).into(),
            OneOffReason::StoppedByOthers.into(),
            OneOffReason::Stopped(Some("Spot".to_owned())).into(),
            OneOffReason::Stopped(None).into(),
            OneOffReason::NeverRan.into(),
            Reason::ScheduleGone,
            Reason::ScheduleRuns(ARN.to_owned()),
            Reason::ScheduleRunsNoTask,
        ];
        let said: Vec<String> = all.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        3 tasks failed to start.
        ECS rolled it back without saying why.
        ECS could not roll it back, without saying why.
        ECS gave up on it.
        It was stopped.
        The rollout is gone, and the service is back on the revision before.
        ECS calls the rollout successful, but it brought cms:9 instead of cms:10.
        ECS calls the rollout successful, but container app does not run the accepted image cms@sha256:1f.
        ECS went back to cms:9, which is not what ran there when this began.
        Somebody else rolled out cms:9 meanwhile.
        Another deploy took it over.
        The task definition cms:9 is gone.
        The task definition cms:9, which ran before, is gone.
        The record of what to roll out is gone, so nothing more was changed.
        Its one-off task may have been started, but ECS does not show it.
        ECS does not show its one-off task any more, so how that ended is not known.
        ECS has no room for its one-off task: RESOURCE:MEMORY
        Its one-off task did not end in time and was stopped.
        Its one-off task exited with code 137 (it was killed: out of memory, or too slow to stop).
        Somebody stopped its one-off task, not Longshore.
        Its one-off task stopped without ending: Spot
        Its one-off task stopped without ending, and ECS does not say why.
        Its one-off task could not start.
        it is gone.
        somebody else has it run cms:9 meanwhile.
        it runs no ECS task any more.
        ");
        assert!(all.iter().all(|reason| !reason.is_silent()));
    }
}
