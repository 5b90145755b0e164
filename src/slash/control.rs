//! Clicks on a rollout under way: the answer to a pause, and giving an overdue deploy up. What is
//! clicked is recorded beside the record; only the waiter may tell ECS.

use super::click::{Press, answered, ended};
use super::{Answer, Asked, No, Progress, Slash};
use crate::aws::dynamodb::{Dossier, Extra};
use crate::card::{self, ButtonAction};
use crate::hearing::What;
use crate::policy::Action;
use crate::record::PauseEnd;
use crate::record::job::Task;
use crate::record::{Choice, Deploy, Phase};
use crate::refusal::Refusal;
use crate::settings::Loaded;
use crate::{cancel, reply};

impl Slash {
    /// Records the answer to a pause; the first one stands, and the waiter gives it to ECS.
    pub(super) async fn answer_pause(
        &self,
        asked: &Asked,
        pressed: &Press,
        loaded: &Loaded,
        (deploy, dossier): (&Deploy, &Dossier),
        progress: &Progress,
    ) -> Result<Answer, No> {
        let choice = match pressed.action {
            ButtonAction::PauseBack => Choice::RollBack,
            _ => Choice::Continue,
        };
        match choice {
            // To have it go back is to stop it.
            Choice::RollBack => cancel::may(&loaded.config, asked, deploy)?,
            _ => self.may(asked, loaded, &Action::AnswerPause, deploy)?,
        }
        let id = deploy.id.clone();
        let mut pauses = deploy.services.iter().flat_map(|service| &service.pauses);
        let Some(pause) = pauses.find(|pause| pause.nonce == pressed.value.nonce()) else {
            return Err(Refusal::ButtonStale { id }.into());
        };
        let before = dossier
            .answers
            .iter()
            .find(|vote| vote.nonce == pause.nonce);
        match (pause.end, before, deploy.verdict()) {
            (Some(PauseEnd::RanOut), ..) => {
                let ran_out = Some(pause.on_timeout);
                return Err(Refusal::PauseOver { id, ran_out }.into());
            }
            (_, Some(vote), _) => return Err(answered(vote)),
            (_, None, Some(verdict)) => return Err(ended(deploy, verdict)),
            (Some(_), None, None) => {
                let ran_out = None;
                return Err(Refusal::PauseOver { id, ran_out }.into());
            }
            (None, None, None) => {}
        }
        let nonce = pause.nonce.clone();
        let mut extra = vec![asked.says(&id, What::Answer { nonce, choice })];
        extra.extend(asked.reply.clone().map(|url| Extra::Reply {
            deploy: id.clone(),
            url,
        }));
        let nonce = pause.nonce.clone();
        let task = Task::AnswerPause { deploy: id, nonce };
        let said = card::sentence(reply::reading());
        self.record_job(asked, task, extra, said, progress).await
    }

    /// Hands on that somebody gives an overdue deploy up.
    pub(super) async fn abandon(
        &self,
        asked: &Asked,
        deploy: &Deploy,
        progress: &Progress,
    ) -> Result<Answer, No> {
        if let Some(verdict) = deploy.verdict() {
            return Err(ended(deploy, verdict));
        }
        if deploy.phase != Phase::Overdue {
            return Err(Refusal::NotOverdue {
                id: deploy.id.clone(),
                application: deploy.application.clone(),
                environment: deploy.environment.clone(),
            }
            .into());
        }
        let task = Task::Abandon {
            deploy: deploy.id.clone(),
        };
        let said = card::sentence(reply::reading());
        self.record_job(asked, task, Vec::new(), said, progress)
            .await
    }
}
