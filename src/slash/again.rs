//! New deploys out of a card's buttons: **Retry** and **Roll back**. What they mean is bound to the card,
//! not to what would be meant by now.

use super::asked::Visit;
use super::click::Clicked;
use super::door::Answer;
use super::no::No;
use crate::card;
use crate::names::{AppName, EnvName};
use crate::policy::Action;
use crate::record::Deploy;
use crate::record::TurnedDown;
use crate::request::Entry;
use crate::request::Verb;

/// A new deploy out of a button that works once.
pub(super) async fn again(
    visit: Visit<'_>,
    clicked: Clicked<'_>,
    wanted: Vec<(AppName, Verb)>,
) -> Result<Answer, No> {
    let environment = &clicked.deploy.environment;
    again_in(visit, clicked, environment, wanted).await
}

/// The same in another environment.
pub(super) async fn again_in(
    visit: Visit<'_>,
    clicked: Clicked<'_>,
    environment: &EnvName,
    wanted: Vec<(AppName, Verb)>,
) -> Result<Answer, No> {
    let Clicked {
        pressed, deploy, ..
    } = clicked;
    let asked = visit.asked;
    let wanted = wanted.into_iter().map(|(application, verb)| {
        let action = Action::Change(verb.kind());
        let allowed = visit.may_one(&action, &application, environment)?;
        Ok((verb, allowed))
    });
    let mut wanted = wanted.collect::<Result<Vec<_>, No>>()?.into_iter();
    let fresh = pressed.value.nonce() == card::nonce(deploy, pressed.action);
    let (Some((verb, allowed)), true) = (wanted.next(), fresh) else {
        let id = deploy.id.clone();
        return Err(TurnedDown::ButtonStale { id }.into());
    };
    let next = asked.deploy(verb, &allowed, wanted.collect());
    let nonce = format!("{}#{}", deploy.id, pressed.value.nonce());
    visit.accept_once(next, nonce).await
}

/// The same once more: a deploy brings the image that the card names, not what its ref names by now, nor what runs by
/// now where it was promoted from; a rollback goes to what it went to, not to what "back" would mean by now.
pub(super) fn retried(deploy: &Deploy, one: &Deploy) -> Verb {
    let plan = deploy.plan.as_ref();
    let own = plan.and_then(|plan| plan.own(one.application()));
    let own = own.map(|(share, _)| share);
    let back = own.and_then(|share| share.goes_back.as_ref());
    match (one.verb().clone(), back) {
        (
            Verb::Deploy {
                reference,
                image,
                again,
                from,
            },
            _,
        ) => Verb::Deploy {
            reference,
            image,
            again: match own {
                Some(_) => Some(deploy.id.clone()),
                None => again,
            },
            from,
        },
        (Verb::Rollback { to: None, .. }, Some(back)) => match (&back.to, &back.leaves) {
            (Entry::Deploy(id), _) => Verb::rollback(Some(id.clone())),
            (Entry::Found(_), Some(leaves)) => Verb::rollback_from(leaves.clone()),
            (Entry::Found(_), None) => Verb::rollback(None),
        },
        (verb, _) => verb,
    }
}
