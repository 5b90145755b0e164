//! Temporary.
use crate::aws::dynamodb::{Dossier, Store, StoreError};
use crate::card::{self, Setting};
use crate::record::{Deploy, Phase, Telling, Way};
use crate::slack::blocks::Message;
use crate::slack::client::SlackClient;
use crate::tokens::Token;
use jiff::Timestamp;
use std::time::Duration;
#[derive(Debug)]
pub struct Notifier {
    slack: SlackClient,
    token: Token,
}
impl Notifier {
    pub fn new(slack: SlackClient, token: Token) -> Self {
        Self { slack, token }
    }
    pub async fn tell(
        &self,
        store: &Store,
        dossier: &Dossier,
        deploy: &mut Deploy,
        now: Timestamp,
    ) -> Result<Option<Duration>, StoreError> {
        let setting = Setting {
            command: "/deploy",
            now,
        };
        if let Some(ask) = &mut deploy.ask
            && !ask.shown
            && deploy.phase == Phase::Asking
        {
            ask.shown = true;
            let m = card::ask(deploy, &setting);
            self.answer(store, dossier, &m, now).await?;
        }
        if deploy.ending.is_some() && !deploy.told.verdict.is_settled() {
            let m = card::verdict(deploy, &setting);
            self.answer(store, dossier, &m, now).await?;
            deploy.told.verdict = Telling::Told {
                way: Way::ResponseUrl,
            };
        }
        Ok(None)
    }
    pub async fn answer(
        &self,
        _store: &Store,
        dossier: &Dossier,
        message: &Message,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let _ = self.token.get(now).await;
        if let Some(reply) = dossier.replies.first() {
            let _ = self.slack.post_response(&reply.url, message).await;
        }
        Ok(())
    }
}
