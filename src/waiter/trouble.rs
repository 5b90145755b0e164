//! What an act's failure means for its deploy. Before anything was sent, a no from AWS ends it; once a
//! rollout is under way, people hear that Longshore cannot look, and it goes on looking.

use std::time::Duration;

use jiff::Timestamp;

use super::context::{InHand, StepError, Waiter};
use crate::record::{
    Blind, CallTurn, Deploy, NoticeOf, OneOffPhase, Phase, Refused, ServiceEnding, ServicePhase,
    Verdict, Why,
};
use crate::rollout::{AwsNo, Reason};
use crate::waiter::act::Act;
use crate::waiter::no::no_of;
use crate::waiter::scene;

/// What the start of a deploy is tried under.
const START: &str = "start";
/// How soon to look again, at first, where looking is not allowed.
const BLIND_REST: Duration = Duration::from_secs(30);
/// And at the slowest.
const BLIND_LONGEST: Duration = Duration::from_secs(5 * 60);

/// How it goes on after an act that failed.
pub(super) async fn after_trouble(
    waiter: &Waiter,
    hand: &mut InHand,
    error: StepError,
) -> Result<Act, StepError> {
    let now = waiter.now();
    let StepError::Aws(said) = &error else {
        return Err(error);
    };
    match hand.deploy.phase {
        Phase::Starting if said.is_denied() => {
            let refusal = scene::no_access(waiter, &hand.deploy, said).await;
            Ok(Act::End(Verdict::Refused, refusal.into()))
        }
        Phase::Starting if said.is_transient() => {
            tracing::warn!(deploy = %hand.deploy.id, %error, "a deploy could not be started yet");
            match hand.deploy.tries.failed(START, now, no_of(said, "")) {
                CallTurn::After(rest) => Ok(Act::Wait(rest)),
                CallTurn::Now | CallTurn::Never(_) => {
                    Ok(Act::End(Verdict::Refused, Refused::Unavailable.into()))
                }
            }
        }
        // A definite no does not pass, and the services are not to be kept for it.
        Phase::Starting if !may_have_been_sent(&hand.deploy) => {
            tracing::error!(deploy = %hand.deploy.id, %error, "a deploy cannot be started");
            let refusal = Refused::AwsRefuses(no_of(said, ""));
            Ok(Act::End(Verdict::Refused, refusal.into()))
        }
        Phase::Rolling | Phase::Overdue if said.is_denied() => {
            tracing::error!(deploy = %hand.deploy.id, %error, "a rollout cannot be looked at");
            let plan = hand.deploy.plan.as_ref();
            let role = plan.map_or("", |plan| plan.role_arn.as_str());
            let no = no_of(said, role);
            if !may_have_been_sent(&hand.deploy) {
                return Ok(Act::End(Verdict::Failed, Why::failed(Reason::Aws(no))));
            }
            Ok(Act::Wait(blind(&mut hand.deploy, no, now)))
        }
        Phase::Requested
        | Phase::Planned
        | Phase::Asking
        | Phase::Starting
        | Phase::Rolling
        | Phase::Overdue
        | Phase::Ended => Err(error),
    }
}

/// Notes that Longshore may not look, has people told, and says how soon to try again.
fn blind(deploy: &mut Deploy, no: AwsNo, now: Timestamp) -> Duration {
    let since = deploy.blind.as_ref().map_or(now, |blind| blind.since);
    deploy.notify(None, NoticeOf::CannotLook(no.clone()));
    deploy.blind = Some(Blind { since, no });
    let waited = Duration::try_from(now.duration_since(since)).unwrap_or_default();
    waited.clamp(BLIND_REST, BLIND_LONGEST)
}

/// Whether anything of a deploy may have reached ECS.
fn may_have_been_sent(deploy: &Deploy) -> bool {
    let sent = deploy.services.iter().any(|service| match &service.phase {
        ServicePhase::Waiting | ServicePhase::Starting { sent: None, .. } => false,
        ServicePhase::Unsuccessful { ending, .. } => *ending != ServiceEnding::NotStarted,
        ServicePhase::Starting { sent: Some(_), .. }
        | ServicePhase::Rolling { .. }
        | ServicePhase::Succeeded { .. }
        | ServicePhase::GoingBack { .. }
        | ServicePhase::WentBack
        | ServicePhase::StuckHalfway { .. } => true,
    });
    let ran = deploy.one_offs.iter().any(|task| match &task.phase {
        OneOffPhase::Waiting | OneOffPhase::Starting { sent: None, .. } => false,
        OneOffPhase::Failed { ran, .. } => *ran,
        OneOffPhase::Starting { sent: Some(_), .. }
        | OneOffPhase::Running { .. }
        | OneOffPhase::Succeeded { .. }
        | OneOffPhase::Cancelled => true,
    });
    sent || ran
}

/// Notes that an act went through: what kept Longshore from looking has passed.
pub(super) fn passed(deploy: &mut Deploy) {
    deploy.blind = None;
    if deploy.phase != Phase::Starting {
        deploy.tries.went_through(START);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{AwsError, ErrorKind};
    use crate::card::fixtures;
    use crate::request::Verb;
    use jiff::SignedDuration;

    #[test]
    fn looks_that_are_not_allowed_come_more_rarely_and_are_told_once() {
        let mut deploy = fixtures::rolling(Verb::Restart);
        let said = AwsError::own("ecs", "DescribeServices", ErrorKind::Denied, String::new());
        let start = Timestamp::UNIX_EPOCH;
        let rests = [0, 60, 3_600].map(|seconds| {
            let now = start + SignedDuration::from_secs(seconds);
            blind(&mut deploy, no_of(&said, ""), now).as_secs()
        });
        assert_eq!(rests, [30, 60, 300]);
        assert_eq!(deploy.notices.len(), 1);
        passed(&mut deploy);
        assert_eq!(deploy.blind, None);
    }
}
