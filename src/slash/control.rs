//! Clicks on a rollout under way: the answer to a pause, and giving an overdue deploy up. What is
//! clicked is recorded beside the record; only the waiter may tell ECS.

use super::asked::Visit;
use super::cancel;
use super::click::{Clicked, answered, ended};
use super::door::Answer;
use super::no::No;
use crate::aws::dynamodb::Extra;
use crate::card::ButtonAction;
use crate::hearing::What;
use crate::policy::Action;
use crate::record::PauseEnd;
use crate::record::TurnedDown;
use crate::record::job::Task;
use crate::record::{Choice, Deploy, Phase, Vote};

/// Records the answer to a pause; the first one stands, and the waiter gives it to ECS.
pub(super) async fn answer_pause(visit: Visit<'_>, clicked: Clicked<'_>) -> Result<Answer, No> {
    let Clicked {
        pressed,
        deploy,
        dossier,
    } = clicked;
    let choice = match pressed.action {
        ButtonAction::PauseBack => Choice::RollBack,
        _ => Choice::Continue,
    };
    match choice {
        // To have it go back is to stop it.
        Choice::RollBack => cancel::may(visit, deploy)?,
        _ => visit.may(&Action::AnswerPause, deploy)?,
    }
    let id = deploy.id.clone();
    let mut pauses = deploy.services.iter().flat_map(|service| &service.pauses);
    let Some(pause) = pauses.find(|pause| pause.nonce == pressed.value.nonce()) else {
        return Err(TurnedDown::ButtonStale { id }.into());
    };
    let before = dossier
        .answers
        .iter()
        .find(|vote| vote.nonce == pause.nonce);
    match (pause.end, before, deploy.verdict()) {
        (Some(PauseEnd::RanOut), ..) => {
            let (ran_out, waits) = (Some(pause.on_timeout), newer(deploy));
            return Err(TurnedDown::PauseOver { id, ran_out, waits }.into());
        }
        (_, Some(vote), _) => return Err(answered_before(deploy, vote)),
        (_, None, Some(verdict)) => return Err(ended(deploy, verdict)),
        (Some(_), None, None) => {
            let (ran_out, waits) = (None, newer(deploy));
            return Err(TurnedDown::PauseOver { id, ran_out, waits }.into());
        }
        (None, None, None) => {}
    }
    let nonce = pause.nonce.clone();
    let mut extra = vec![visit.asked.says(&id, What::Answer { nonce, choice })];
    extra.extend(visit.asked.reply.clone().map(|url| Extra::Reply {
        deploy: id.clone(),
        url,
    }));
    let nonce = pause.nonce.clone();
    let task = Task::AnswerPause { deploy: id, nonce };
    visit.record_job(task, extra).await
}

/// Who answered, and that another pause waits, if one does.
fn answered_before(deploy: &Deploy, vote: &Vote) -> No {
    let Some(service) = newer(deploy) else {
        return answered(vote);
    };
    let newer = TurnedDown::NewerPause {
        choice: vote.choice,
        by: vote.by.clone(),
        at: vote.at,
        service,
    };
    newer.into()
}

/// The service that waits for an answer now, if one does.
fn newer(deploy: &Deploy) -> Option<String> {
    let open = deploy.verdict().is_none() && deploy.cancel.is_none();
    let mut services = deploy.services.iter().filter(|_| open);
    let waits = services.find(|service| {
        let mut waiting = service.waiting_pauses();
        waiting.any(|pause| pause.answer.is_none())
    });
    waits.map(|service| service.service.clone())
}

/// Hands on that somebody gives an overdue deploy up.
pub(super) async fn abandon(visit: Visit<'_>, deploy: &Deploy) -> Result<Answer, No> {
    if let Some(verdict) = deploy.verdict() {
        return Err(ended(deploy, verdict));
    }
    if deploy.phase != Phase::Overdue {
        return Err(TurnedDown::NotOverdue {
            id: deploy.id.clone(),
            application: deploy.application().clone(),
            environment: deploy.environment.clone(),
        }
        .into());
    }
    let task = Task::Abandon {
        deploy: deploy.id.clone(),
    };
    visit.record_job(task, Vec::new()).await
}
