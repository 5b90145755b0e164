//! Consent: whether a deploy may go ahead, judged from what is stored.
//!
//! Pure. The answer to a question is the first one recorded under the question's nonce, and a
//! question is bound to the hash of the plan it showed; the task token's output decides nothing.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::act::Act;
use crate::names::Actor;
use crate::plan::hex;
use crate::record::{Answer, Ask, Cancel, Choice, Deploy, Phase, Verdict};

/// How long a question stands.
pub const ASK_LASTS: SignedDuration = SignedDuration::from_mins(15);

/// Whether there is something for a step to act on: an answer to the question that stands, or a
/// wish that the deploy stop.
pub fn is_answered(deploy: &Deploy, answers: &[Answer], cancel: Option<&Cancel>) -> bool {
    cancel.is_some()
        || deploy
            .ask
            .as_ref()
            .is_some_and(|ask| answer_to(ask, answers).is_some())
}

fn answer_to<'a>(ask: &Ask, answers: &'a [Answer]) -> Option<&'a Answer> {
    answers.iter().find(|answer| answer.nonce == ask.nonce)
}

/// Moves a planned deploy on: asks, waits, goes ahead or ends.
pub(crate) fn seek(
    deploy: &mut Deploy,
    answers: &[Answer],
    cancel: Option<&Cancel>,
    now: Timestamp,
) -> Act {
    if let Some(cancel) = cancel {
        deploy.cancel = Some(cancel.clone());
        return Act::End(Verdict::Cancelled, String::new());
    }
    let Some(plan) = &deploy.plan else {
        deploy.phase = Phase::Requested;
        return Act::Again;
    };
    let hash = plan.hash(&deploy.application, &deploy.environment, &deploy.verb);
    let at_a_terminal = matches!(deploy.requester, Actor::Operator { .. });
    if !plan.confirm || at_a_terminal {
        deploy.phase = Phase::Starting;
        return Act::Again;
    }
    let Some(ask) = deploy.ask.as_mut().filter(|ask| ask.plan_hash == hash) else {
        let questions = deploy.ask.as_ref().map_or(0, |ask| ask.number);
        deploy.ask = Some(Ask {
            nonce: nonce(deploy, &hash, questions + 1),
            plan_hash: hash,
            number: questions + 1,
            asked_at: now,
            expires_at: now + ASK_LASTS,
            shown: false,
            consented_by: None,
        });
        deploy.phase = Phase::Asking;
        return Act::Ask;
    };
    match answer_to(ask, answers) {
        // A click counts by its own time: one that came in time is not lost to a slow step.
        Some(answer) if answer.at > ask.expires_at => Act::End(Verdict::Expired, String::new()),
        Some(answer) => match answer.choice {
            Choice::Confirm => {
                ask.consented_by = Some(answer.by.clone());
                deploy.phase = Phase::Starting;
                Act::Again
            }
            Choice::Decline => {
                deploy.cancel = Some(Cancel {
                    by: answer.by.clone(),
                    at: answer.at,
                });
                Act::End(Verdict::Cancelled, String::new())
            }
        },
        None if now >= ask.expires_at => Act::End(Verdict::Expired, String::new()),
        None => Act::Ask,
    }
}

/// Opaque, and the same for the same question.
fn nonce(deploy: &Deploy, plan_hash: &str, number: u32) -> String {
    let mut whole = Sha256::new();
    whole.update(deploy.id.as_str());
    whole.update(plan_hash);
    whole.update(number.to_be_bytes());
    hex(&whole.finalize())[..20].to_owned()
}
