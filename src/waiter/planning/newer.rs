//! One open request of a pipeline for a target: a newer one takes the place of an older one that has not begun. What has
//! begun goes on.

use jiff::Timestamp;

use crate::aws::dynamodb::Dossier;
use crate::names::{Actor, DeployId};
use crate::record::{Cancel, Deploy, Newer, Phase, Refused, Verdict};
use crate::waiter::act::Act;
use crate::waiter::consent;
use crate::waiter::context::{InHand, StepError, Waiter};

/// Whether nothing of it is under way yet.
fn waits(deploy: &Deploy) -> bool {
    match deploy.phase {
        Phase::Requested | Phase::Planned | Phase::Asking => true,
        Phase::Starting | Phase::Rolling | Phase::Overdue | Phase::Ended => false,
    }
}

/// In which order requests came; two of the same moment are told apart all the same.
fn order(deploy: &Deploy) -> (Timestamp, &DeployId) {
    (deploy.requested_at, &deploy.id)
}

/// Whether a step has something to act on: what was said, or a newer request.
pub(crate) fn is_decided(deploy: &Deploy, dossier: &Dossier) -> bool {
    let cancel = dossier.cancel.as_ref();
    dossier.newer.is_some() || consent::is_answered(deploy, &dossier.answers, cancel)
}

/// The end of a deploy whose pipeline asked for a newer one.
pub(crate) fn replaced(hand: &mut InHand) -> Option<Act> {
    let newer = hand.dossier.newer.clone()?;
    if !waits(&hand.deploy) {
        return None;
    }
    hand.deploy.cancel = Some(Cancel {
        by: hand.deploy.requester.clone(),
        at: newer.at,
        by_copy: None,
    });
    let why = Refused::Newer { id: newer.id };
    Some(Act::End(Verdict::Cancelled, why.into()))
}

/// Has the older requests of the same pipeline for the same targets end, as far as they have not begun; or this one, if
/// it is the older one. Whichever of two is planned last finds the other, because it is listed before it is planned.
pub(super) async fn replace_others(
    waiter: &Waiter,
    hand: &mut InHand,
) -> Result<Option<Act>, StepError> {
    let Actor::Ci { .. } = &hand.deploy.requester else {
        return Ok(None);
    };
    let deploy = hand.deploy.clone();
    for application in deploy.applications() {
        let environment = &deploy.environment;
        for listed in waiter.store.open_at(application, environment).await? {
            if listed.id == deploy.id || listed.requester != deploy.requester {
                continue;
            }
            let Some(other) = waiter.open_deploy(&listed.id).await? else {
                continue;
            };
            if order(&other) > order(&deploy) {
                hand.dossier.newer = Some(newer(&other));
                return Ok(replaced(hand));
            }
            if waits(&other) {
                waiter.store.put_newer(&other.id, &newer(&deploy)).await?;
                // Read only now: whoever waits for an answer from here on finds what was put.
                if let Some(dossier) = waiter.store.load(other.id.as_str()).await? {
                    waiter.wake(&dossier).await;
                }
            }
        }
    }
    Ok(None)
}

fn newer(deploy: &Deploy) -> Newer {
    Newer {
        id: deploy.id.clone(),
        at: deploy.requested_at,
    }
}
