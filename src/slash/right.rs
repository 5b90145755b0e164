//! Rights given in chat: what an admin types is judged here, carried out by the waiter. `who` is answered at once, from
//! the configuration, the copies of groups and the grants of that moment.

use super::asked::Visit;
use super::click::Press;
use super::door::Answer;
use super::no::No;
use crate::card;
use crate::command::RightOf;
use crate::command::moment::{HasPassed, Term};
use crate::names::{AppName, EnvName, GivenReason, ReadId};
use crate::policy::{Action, LONGEST, USUAL, may_change_rights, roster};
use crate::record::job::{GrantAsked, RevokeAsked, Task, WhoIsMeant};
use crate::record::{Refused, RightRefused, TurnedDown};

/// Has a right given.
pub(super) async fn grant(
    visit: Visit<'_>,
    of: RightOf,
    term: Option<Term>,
    why: Option<GivenReason>,
) -> Result<Answer, No> {
    may(visit, &Action::Grant, &of)?;
    let (at, zone) = (visit.asked.at, visit.loaded.config.slack().zone());
    let until = match term {
        None => at.checked_add(USUAL).ok(),
        Some(term) => {
            let over = |HasPassed| RightRefused::Over {
                term: term.to_string(),
                zone: zone.clone(),
            };
            Some(
                term.end(&zone, at)
                    .map_err(|passed| TurnedDown::from(over(passed)))?,
            )
        }
    };
    let longest = at.checked_add(LONGEST).ok();
    let until = until.filter(|until| longest.is_none_or(|longest| *until <= longest));
    let Some(until) = until else {
        let term = term.map(|term| term.to_string()).unwrap_or_default();
        return Err(TurnedDown::from(RightRefused::TooLong { term }).into());
    };
    let asked = GrantAsked { of, until, why };
    visit
        .record_job(Task::Grant(Box::new(asked)), Vec::new())
        .await
}

/// Has a right taken back.
pub(super) async fn revoke(
    visit: Visit<'_>,
    of: RightOf,
    why: Option<GivenReason>,
) -> Result<Answer, No> {
    may(visit, &Action::Revoke, &of)?;
    let asked = RevokeAsked { of, why };
    visit
        .record_job(Task::Revoke(Box::new(asked)), Vec::new())
        .await
}

fn may(visit: Visit<'_>, action: &Action, of: &RightOf) -> Result<(), No> {
    let (policy, actor) = (visit.policy(), &visit.asked.actor);
    match may_change_rights(policy, actor, action, &of.app, of.env.as_ref()) {
        Some(decision) => Ok(decision.map(drop)?),
        None => Err(Refused::NoConfiguration.into()),
    }
}

/// Hands on whether the person who was found is the one who was meant.
pub(super) async fn meant(
    visit: Visit<'_>,
    pressed: &Press,
    answer: WhoIsMeant,
) -> Result<Answer, No> {
    let question = ReadId::of_deploy(pressed.value.deploy());
    let task = Task::MeantPerson { question, answer };
    visit.record_job(task, Vec::new()).await
}

/// Who may what there, as things stand now.
pub(super) async fn who(
    visit: Visit<'_>,
    application: &AppName,
    environment: &EnvName,
) -> Result<Answer, No> {
    let slash = visit.slash;
    let now = slash.now();
    let loaded = match slash.settings.anew(&slash.store, now).await {
        Ok(loaded) => loaded,
        Err(error) => return Ok(slash.no_settings(&error, visit.progress)),
    };
    let Some(roster) = roster(loaded.policy(now), application, environment) else {
        let there = loaded.config.application(application);
        let there = there.map(|own| own.environments.keys().map(ToString::to_string).collect());
        return Err(Refused::NotThere {
            application: application.clone(),
            environment: environment.clone(),
            there: there.unwrap_or_default(),
        }
        .into());
    };
    let message = card::roster(&roster, application, environment, now);
    Ok(Answer::message(message))
}
