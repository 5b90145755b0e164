//! The right that somebody asks for: the question reaches an admin in the conversation with them, and its requester hears
//! whom Longshore asked.

use std::time::Duration;

use super::way::missed;
use super::{KEPT_FOR_VERDICT, Missed, News, Round, sooner, way};
use crate::aws::dynamodb::StoreError;
use crate::card;
use crate::record::{CardPlace, Deploy, PleaPut, Telling, Way};
use crate::slack::blocks::Message;

/// How soon a step takes note that an admin cannot be asked.
const AT_ONCE: Duration = Duration::from_secs(1);

fn put_of(deploy: &mut Deploy) -> Option<&mut PleaPut> {
    deploy.plea.as_mut()?.put.as_mut()
}

impl Round<'_> {
    /// Puts the question to the admin, and then tells its requester.
    pub(super) async fn plea(&self, deploy: &mut Deploy) -> Result<Option<Duration>, StoreError> {
        let Some(put) = deploy.plea_put().cloned() else {
            return Ok(None);
        };
        if way::is_due(&put.asked, self.now) && put.ask.expires_at > self.now {
            let message = card::plea(deploy, &put, &self.setting());
            let asked = self.go(News::Plea, deploy, &message).await?;
            if let Some(put) = put_of(deploy) {
                put.asked = asked;
            }
        }
        let mut again = None;
        match deploy.plea_put().map(|put| put.asked.clone()) {
            Some(Telling::Undeliverable) => return Ok(Some(AT_ONCE)),
            Some(Telling::Told { .. }) => {
                if way::is_due(&put.told, self.now) {
                    let message = card::was_asked(deploy, &put);
                    let told = self.go(News::PleaPut, deploy, &message).await?;
                    if let Some(put) = put_of(deploy) {
                        put.told = told;
                    }
                }
                let told = deploy.plea_put().map(|put| put.told.clone());
                sooner(&mut again, told.and_then(|told| way::rest(&told, self.now)));
            }
            Some(asked) => sooner(&mut again, way::rest(&asked, self.now)),
            None => {}
        }
        Ok(again)
    }

    /// To the admin and nobody else.
    pub(super) async fn plea_by(
        &self,
        way: Way,
        deploy: &mut Deploy,
        message: &Message,
    ) -> Result<(), Missed> {
        let (Way::Direct, Some(put)) = (way, put_of(deploy)) else {
            return Err(Missed::Never);
        };
        let posted = self.slack.post_direct(self.token()?, &put.to, message);
        let posted = posted.await.map_err(missed)?;
        let place = CardPlace {
            channel: posted.channel,
            ts: posted.ts,
            thread: None,
        };
        self.keeps_thread(deploy, &place.channel, place.root())
            .await;
        if let Some(put) = put_of(deploy) {
            put.ask.shown = true;
            put.ask.place = Some(place);
        }
        Ok(())
    }

    /// Says in the question's place what became of it. Nothing depends on that: the record knows.
    pub(super) async fn close_plea(&self, deploy: &mut Deploy) {
        let Some(put) = deploy.plea_put() else {
            return;
        };
        let is_over = !deploy.pleads() || deploy.ending.is_some();
        let (true, false, Some(place)) = (is_over, put.ask.closed, &put.ask.place) else {
            return;
        };
        let message = card::plea_closed(deploy);
        let closed = match self.token() {
            Ok(token) => {
                let changed = self
                    .slack
                    .update(token, &place.channel, &place.ts, &message);
                changed.await.map_err(missed)
            }
            Err(missed) => Err(missed),
        };
        if let Some(put) = put_of(deploy) {
            put.ask.closed = !matches!(closed, Err(Missed::Later(_)));
        }
    }

    /// Where its requester hears of a deploy that waited for an admin: they may have gone meanwhile, and what only they
    /// see in a channel is gone when they come back.
    pub(super) async fn to_pleader_by(
        &self,
        way: Way,
        deploy: &Deploy,
        message: &Message,
    ) -> Result<Result<(), Missed>, StoreError> {
        match way {
            Way::ResponseUrl => self.reply(deploy, message, KEPT_FOR_VERDICT).await,
            Way::Direct => Ok(self.directly(&deploy.requester, message).await.map(drop)),
            Way::Card | Way::Channel | Way::Terminal => Ok(Err(Missed::Never)),
        }
    }
}
