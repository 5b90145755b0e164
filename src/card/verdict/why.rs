//! Why a deploy ended so, as its card says it.

use super::concerns_one;
use crate::card::Setting;
use crate::names::UserId;
use crate::record::{
    Deploy, Ending, Evidence, FailedPart, Of, ServicePhase, ServiceState, Verdict, Why,
};
use crate::refusal;
use crate::reply::phrase::Readers;
use crate::reply::said;
use crate::rollout::{Reason, Trigger};
use crate::slack::text::Mrkdwn;

/// Why it ended so, a line for each reason. Names become mentions only where nobody else reads them.
pub(in crate::card) fn why(
    deploy: &Deploy,
    ending: &Ending,
    setting: &Setting<'_>,
    reader: Option<&UserId>,
) -> Vec<Mrkdwn> {
    let readers = match concerns_one(deploy) {
        true => Readers::One,
        false => Readers::All,
    };
    let lines = refusal::why(&ending.why).into_iter();
    let lines = lines.map(|line| match readers {
        Readers::One => line.naming(setting.admins, reader),
        Readers::All => line,
    });
    lines
        .map(|line| line.mrkdwn(setting.command, readers))
        .collect()
}

/// The same below a line that says that nothing was started.
fn why_not(deploy: &Deploy, ending: &Ending, setting: &Setting<'_>) -> Vec<Mrkdwn> {
    let lines = refusal::why(&ending.why).into_iter();
    lines
        .map(|line| {
            line.without(refusal::NOTHING_STARTED)
                .naming(setting.admins, deploy.requester.user())
        })
        .map(|line| line.mrkdwn(setting.command, Readers::One))
        .collect()
}

/// Why it ended so, without what the heading, the line below it and the evidence say already.
pub(super) fn reasons(deploy: &Deploy, ending: &Ending, setting: &Setting<'_>) -> Vec<Mrkdwn> {
    let Why::Failed(parts) = &ending.why else {
        return match ending.verdict {
            Verdict::Refused => why_not(deploy, ending, setting),
            _ => why(deploy, ending, setting, deploy.requester.user()),
        };
    };
    let untold = parts.iter().filter(|part| !is_told(deploy, part));
    let why = Why::Failed(untold.cloned().collect());
    let ending = Ending {
        why,
        ..ending.clone()
    };
    let lines = self::why(deploy, &ending, setting, deploy.requester.user()).into_iter();
    lines.filter(|line| !line.is_empty()).collect()
}

/// Whether what ECS says of a service says nothing that is not told beside it: that tasks kept failing,
/// which the evidence tells, or that somebody wanted it stopped.
fn is_told(deploy: &Deploy, part: &FailedPart) -> bool {
    let named = |service: &&ServiceState| match &part.of {
        Some(Of::Service(name)) => service.service == *name,
        Some(Of::Schedule(_) | Of::Head(_)) => false,
        None => {
            matches!(&service.phase, ServicePhase::Unsuccessful { reason, .. } if *reason == part.reason)
        }
    };
    let Some(service) = deploy.services.iter().find(named) else {
        return false;
    };
    // Its own line says so.
    if let ServicePhase::StuckHalfway {
        reason: Reason::TakenOver(_),
    } = service.phase
    {
        return deploy.services.len() > 1;
    }
    let by_person =
        deploy.cancel.is_some() || service.pauses.iter().any(|one| one.answer.is_some());
    match service.trigger {
        Some(Trigger::Breaker) => service.evidence.as_ref().is_some_and(Evidence::tells),
        Some(Trigger::Request) => by_person,
        Some(Trigger::Alarms(_) | Trigger::Hook) => true,
        Some(Trigger::Unknown) | None => false,
    }
}

/// The reasons as lines; where something was changed, the first says that it is one.
pub(super) fn why_lines(deploy: &Deploy, reasons: &[Mrkdwn]) -> Vec<Mrkdwn> {
    let lines = reasons.iter().enumerate();
    let lines = lines.map(|(at, line)| match (at, deploy.has_begun()) {
        (0, true) => said!("*Why:* {}", line),
        _ => line.clone(),
    });
    lines.collect()
}
