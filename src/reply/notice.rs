//! What people are told while something outside keeps Longshore from what it does: that a plan waits, that
//! it cannot look, that AWS refused.

use super::{for_all, joined, said, title};
use crate::names::Actor;
use crate::record::{Blind, Deploy, Notice, NoticeOf, Waiting};
use crate::slack::text::Mrkdwn;

/// That nothing is started yet, because somebody outside does not answer.
pub fn waits_for(deploy: &Deploy, waiting: &Waiting) -> Mrkdwn {
    said!(
        "{}: deploy {} to {} waits, and nothing has been started: {}. I try until {}; *Cancel* ends it now.",
        title(deploy),
        deploy.id,
        deploy.environment,
        for_all(&waiting.silent.to_string()),
        waiting.until
    )
}

/// On the card: AWS keeps Longshore from looking.
pub fn cannot_look(blind: &Blind) -> Mrkdwn {
    said!(
        ":see_no_evil: *Longshore cannot look, since {}.* What has begun goes on in ECS. {}",
        blind.since,
        for_all(&blind.no.to_string())
    )
}

/// Something people are told once, beside the card.
pub fn notice(deploy: &Deploy, notice: &Notice) -> Mrkdwn {
    let to = notice.to.as_ref().map_or_else(Mrkdwn::new, |to| match to {
        Actor::Slack { user, .. } => said!("{}", user),
        other => said!("{}", other),
    });
    let about = said!(
        ":warning: {} (deploy {}): {}",
        title(deploy),
        deploy.id,
        for_all(&news(&notice.of))
    );
    joined([to, about], " ")
}

/// What people are told once, as plain text.
fn news(of: &NoticeOf) -> String {
    match of {
        NoticeOf::CannotLook(no) => format!(
            "Longshore cannot see how it goes, because AWS does not allow {}. What has begun goes on in ECS. Longshore goes on trying to look. {no}",
            no.denied().unwrap_or_default()
        ),
        NoticeOf::StopRefused { service, no } => format!(
            "ECS refused to stop the rollout of {service} and go back, so it goes on. {no} Cancel it again to have ECS asked again; once it is out, a rollback goes back."
        ),
        NoticeOf::TaskStopRefused(no) => format!(
            "ECS refused to stop the one-off task, so it runs to its end. {no} No service is changed before it has ended."
        ),
        NoticeOf::AnswerRefused { service, no } => format!(
            "ECS refused the answer to the pause of {service}, and it goes on waiting. {no} Cancel the deploy to have it go back, or answer the pause in the ECS console."
        ),
        NoticeOf::WayBackPauses { service, no } => format!(
            "ECS refused to let {service} go on at a pause on its way back. {no} Answer that pause in the ECS console."
        ),
    }
}
