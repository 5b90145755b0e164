//! The verdict: the one thing that must reach people. The card and its thread first, then an address
//! to answer to, a post in the channel, a direct message; when nothing is left, the record says so
//! and a metric rings.

use std::time::Duration;

use super::one::{Spot, is_click_on};
use super::way::missed;
use super::{Missed, News, Round, way};
use crate::aws::dynamodb::StoreError;
use crate::card::{self, Setting};
use crate::names::Actor;
use crate::names::scope::AppScope;
use crate::record::{Deploy, Telling, Verdict, Way};
use crate::slack::blocks::Message;

impl Round<'_> {
    /// Tells the verdict, if it is not settled.
    pub(super) async fn verdict(
        &self,
        deploy: &mut Deploy,
    ) -> Result<Option<Duration>, StoreError> {
        if way::is_due(&deploy.told.verdict, self.now) {
            if deploy.told.verdict == Telling::Due {
                self.close_question(deploy).await?;
            }
            let message = card::verdict(deploy, &self.setting());
            deploy.told.verdict = self.go(News::Verdict, deploy, &message).await?;
            match &deploy.told.verdict {
                Telling::Told { .. } => self.announce(deploy).await,
                Telling::Undeliverable => {
                    tracing::error!(
                        deploy = %deploy.id,
                        environment = %deploy.environment,
                        "a verdict could be delivered to nobody"
                    );
                    self.metrics.undeliverable(self.now, &deploy.environment);
                }
                Telling::Due | Telling::Tried { .. } => {}
            }
        }
        Ok(way::rest(&deploy.told.verdict, self.now))
    }

    pub(super) async fn verdict_by(
        &self,
        way: Way,
        deploy: &Deploy,
        message: &Message,
    ) -> Result<Result<(), Missed>, StoreError> {
        let for_one = card::concerns_one(deploy);
        let requester = &deploy.requester;
        let spot = Spot::of(&deploy.origin);
        match way {
            Way::Card => Ok(self.verdict_on_card(deploy).await),
            Way::ResponseUrl if for_one => self.verdict_to_one(deploy, message).await,
            Way::ResponseUrl => self.reply(deploy, message, 0).await,
            Way::Channel if for_one && deploy.plea.is_some() => Ok(Err(Missed::Never)),
            Way::Channel if for_one => Ok(self.ephemerally(requester, spot, message).await),
            Way::Channel => Ok(self.post(deploy, self.place(deploy), message).await),
            Way::Direct => Ok(self.directly(requester, message).await.map(drop)),
            // Nobody in Slack asked: whoever did follows the record.
            Way::Terminal => Ok(match requester {
                Actor::Operator { .. } | Actor::Ci { .. } | Actor::Longshore => Ok(()),
                Actor::Slack { .. } => Err(Missed::Never),
            }),
        }
    }

    /// The card as it ends, and an answer in its thread, because an edit notifies nobody.
    /// Those on call are mentioned there alone; by any other way, in the message itself.
    async fn verdict_on_card(&self, deploy: &Deploy) -> Result<(), Missed> {
        let card = deploy.told.card.as_ref().ok_or(Missed::Never)?;
        let token = self.token()?;
        let silent = Setting {
            on_call: &[],
            ..self.setting()
        };
        let message = card::verdict(deploy, &silent);
        let edited = self
            .slack
            .update(token, &card.channel, &card.ts, &message)
            .await;
        edited.map_err(missed)?;
        self.to_thread(deploy, &card::thread(deploy, &self.setting()))
            .await
    }

    /// To the requester alone. An address answers the person it came from, so after somebody else's
    /// click the requester's own, older one is taken first.
    async fn verdict_to_one(
        &self,
        deploy: &Deploy,
        message: &Message,
    ) -> Result<Result<(), Missed>, StoreError> {
        let cancel = deploy.cancel.as_ref();
        let others_click = cancel.is_some_and(|cancel| cancel.by != deploy.requester);
        let mut replies: Vec<_> = self.replies.iter().collect();
        if others_click {
            replies.reverse();
        }
        for reply in replies {
            // The question's buttons go with it where its click is what was answered.
            let closes_question = deploy.ask.is_some()
                && !others_click
                && is_click_on(deploy, reply)
                && deploy.verdict() != Some(Verdict::Expired);
            let message = match closes_question {
                true => message.clone().replacing(),
                false => message.clone(),
            };
            match self
                .reply_to(deploy.id.as_str(), reply, &message, 0)
                .await?
            {
                Err(Missed::Never) => {}
                told => return Ok(told),
            }
        }
        Ok(Err(Missed::Never))
    }

    /// A line in the channel where deploys are announced, once and without insisting: those who
    /// asked know already.
    async fn announce(&self, deploy: &Deploy) {
        let (Ok(token), Some(channel)) = (self.token(), &self.announce) else {
            return;
        };
        // By the way that it was told: a card that could not be edited tells nobody.
        let told_in = match &deploy.told.verdict {
            // Where the card is at home, only a link to it is where it was asked for.
            Telling::Told { way: Way::Card } => deploy.told.card.as_ref().map(|card| &card.channel),
            Telling::Told { way: Way::Channel } => self.place(deploy),
            Telling::Told { .. }
            | Telling::Due
            | Telling::Tried { .. }
            | Telling::Undeliverable => deploy.origin.channel.as_ref(),
        };
        let there_already = told_in == Some(channel);
        // Without it nothing can be posted anywhere, and that is known.
        let mute = deploy.told.lacks == Some(AppScope::ChatWrite);
        if mute || there_already || card::concerns_one(deploy) {
            return;
        }
        let message = card::announcement(deploy);
        let posted = self
            .slack
            .post_message(token, channel, None, &message)
            .await;
        match posted {
            Ok(posted) => self.keeps_thread(deploy, &posted.channel, &posted.ts).await,
            Err(error) => {
                tracing::warn!(deploy = %deploy.id, %error, "a verdict was not announced");
            }
        }
    }
}
