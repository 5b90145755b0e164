//! The answer to a question: to a plan, by its requester; to somebody who asks for a right, by an admin.

use super::asked::{Visit, said_before};
use super::click::{Clicked, answered, ended, stale};
use super::door::Answer;
use super::no::No;
use super::progress::Reached;
use crate::aws::dynamodb::{Accept, AcceptOutcome, Extra};
use crate::card::ButtonAction;
use crate::hearing::What;
use crate::policy::Action;
use crate::record::TurnedDown;
use crate::record::job::{Pressed, Task};
use crate::record::{Choice, Phase, Verdict};

/// Records that an admin lets somebody else deploy what they asked for.
pub(super) async fn allow(visit: Visit<'_>, clicked: Clicked<'_>) -> Result<Answer, No> {
    let deploy = clicked.deploy;
    visit.may(&Action::Grant, deploy)?;
    // Nobody gives themselves a right.
    if deploy.requester == visit.asked.actor {
        return Err(stale(deploy));
    }
    let choice = match clicked.pressed.action {
        ButtonAction::AllowUntil => Choice::AllowUntil,
        _ => Choice::AllowOnce,
    };
    vote(visit, clicked, choice).await
}

/// Records an answer to the question that stands, then wakes the execution that waits for it.
pub(super) async fn vote(
    visit: Visit<'_>,
    clicked: Clicked<'_>,
    choice: Choice,
) -> Result<Answer, No> {
    let Clicked {
        pressed,
        deploy,
        dossier,
    } = clicked;
    let Visit {
        slash,
        asked,
        progress,
        ..
    } = visit;
    let ask = deploy
        .question()
        .filter(|ask| ask.nonce == pressed.value.nonce());
    let Some(ask) = ask else {
        return Err(stale(deploy));
    };
    let before = dossier.answers.iter().find(|vote| vote.nonce == ask.nonce);
    if let Some(vote) = before {
        return Err(answered(vote));
    }
    if asked.at > ask.expires_at || deploy.verdict() == Some(Verdict::Expired) {
        return Err(TurnedDown::ConsentExpired {
            id: deploy.id.clone(),
        }
        .into());
    }
    if let Some(verdict) = deploy.verdict() {
        return Err(ended(deploy, verdict));
    }
    if deploy.phase != Phase::Asking {
        return Err(stale(deploy));
    }
    let nonce = ask.nonce.clone();
    let mut extra = vec![asked.says(&deploy.id, What::Answer { nonce, choice })];
    // An admin's address is not where the deploy is told.
    let reply = asked.reply.clone().filter(|_| !deploy.pleads());
    extra.extend(reply.map(|url| Extra::Reply {
        deploy: deploy.id.clone(),
        url,
    }));
    // Whoever is no full member is known to the waiter alone: it hears them, and answers.
    if choice == Choice::Decline && deploy.requester != asked.actor {
        let task = Task::Nudge {
            deploy: deploy.id.clone(),
            pressed: Pressed::Decline,
        };
        return visit.record_job(task, extra).await;
    }
    let accept = Accept {
        dedupe: asked.dedupe(),
        extra,
        token: asked.token(),
        ..Accept::new(deploy.id.to_string(), None, asked.at)
    };
    match visit.accept(&accept).await {
        Ok(AcceptOutcome::Accepted | AcceptOutcome::Duplicate { .. }) => {}
        Ok(AcceptOutcome::SaidBefore(Some(before))) => {
            return Err(said_before(&before, deploy.id.clone()));
        }
        Ok(_) => return Err(stale(deploy)),
        Err(answer) => return Ok(answer),
    }
    progress.reach(Reached::Recorded);
    // The record decides; waking only spares people the wait for the next look. Without a
    // token yet, the execution looks for an answer itself before it waits.
    if let Some(token) = &dossier.token
        && let Err(error) = slash.machine.wake(token).await
    {
        tracing::warn!(deploy = %deploy.id, %error, "an answer could not wake its execution; the sweeper will");
    }
    Ok(Answer::empty())
}
