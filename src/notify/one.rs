//! What only one person sees: the question, its answer, the reply to a job.

use std::time::Duration;

use super::{KEPT_FOR_VERDICT, Missed, Round, missed};
use crate::aws::dynamodb::{Recorded, ReplyAddress, StoreError};
use crate::card;
use crate::names::{Actor, ChannelId};
use crate::record::{Choice, Deploy};
use crate::slack::blocks::Message;

/// The pause before a question that could not be put is put again.
const ASK_AGAIN: Duration = Duration::from_secs(5);

impl Round<'_> {
    /// Puts the question, if it has not been.
    pub(super) async fn question(
        &self,
        deploy: &mut Deploy,
    ) -> Result<Option<Duration>, StoreError> {
        let Some(ask) = deploy.ask.as_ref().filter(|ask| !ask.shown) else {
            return Ok(None);
        };
        if ask.expires_at <= self.now {
            return Ok(None);
        }
        let mut message = card::ask(deploy, &self.setting());
        // A question that came out of date is replaced where its button was pressed.
        if ask.number > 1
            && self
                .replies
                .first()
                .is_some_and(|reply| is_click_on(deploy, reply))
        {
            message = message.replacing();
        }
        let told = match self.reply(deploy, &message, KEPT_FOR_VERDICT).await? {
            Err(Missed::Never) => {
                let channel = deploy.origin.channel.as_ref();
                self.privately(&deploy.requester, channel, &message).await
            }
            told => told,
        };
        match told {
            Ok(()) => {
                if let Some(ask) = &mut deploy.ask {
                    ask.shown = true;
                }
                Ok(None)
            }
            Err(Missed::Later(wanted)) => Ok(Some(wanted.max(ASK_AGAIN))),
            Err(Missed::Never) => {
                tracing::warn!(deploy = %deploy.id, "a question could not be put to its requester");
                Ok(None)
            }
        }
    }

    /// Takes the buttons off the answered question, as far as Slack lets us: nothing depends on it,
    /// because the record knows that it was answered.
    pub(super) async fn close_question(&self, deploy: &Deploy) -> Result<(), StoreError> {
        let consent = deploy
            .ask
            .as_ref()
            .and_then(|ask| ask.consented_by.as_ref());
        let click = self.replies.iter().find(|reply| is_click_on(deploy, reply));
        let (Some(by), Some(reply)) = (consent, click) else {
            return Ok(());
        };
        let message = card::answered(deploy, Choice::Confirm, by);
        let id = deploy.id.as_str();
        let closed = self
            .reply_to(id, reply, &message, KEPT_FOR_VERDICT + 1)
            .await?;
        if closed.is_err() {
            tracing::info!(deploy = %deploy.id, "an answered question keeps its buttons");
        }
        Ok(())
    }

    /// Answers a job, by the first way that works.
    pub(super) async fn answer(
        &self,
        recorded: &Recorded,
        message: &Message,
    ) -> Result<(), StoreError> {
        let (requester, channel) = match recorded {
            Recorded::Deploy(deploy) => (&deploy.requester, deploy.origin.channel.as_ref()),
            Recorded::Job(job) => (&job.requester, job.channel.as_ref()),
        };
        for reply in self.replies {
            if self
                .reply_to(recorded.id(), reply, message, 0)
                .await?
                .is_ok()
            {
                return Ok(());
            }
        }
        if self.privately(requester, channel, message).await.is_err() {
            tracing::warn!(job = recorded.id(), "an answer could not be delivered");
        }
        Ok(())
    }

    /// Shows a message to one person by the bot's token: in the channel, else in the conversation
    /// with them.
    async fn privately(
        &self,
        person: &Actor,
        channel: Option<&ChannelId>,
        message: &Message,
    ) -> Result<(), Missed> {
        match self.ephemerally(person, channel, message).await {
            Err(Missed::Never) => self.directly(person, message).await,
            told => told,
        }
    }

    pub(super) async fn ephemerally(
        &self,
        person: &Actor,
        channel: Option<&ChannelId>,
        message: &Message,
    ) -> Result<(), Missed> {
        let (Some(channel), Actor::Slack { user, .. }) = (channel, person) else {
            return Err(Missed::Never);
        };
        let token = self.token()?;
        let posted = self
            .slack
            .post_ephemeral(token, channel, user, message)
            .await;
        posted.map_err(missed)
    }

    pub(super) async fn directly(&self, person: &Actor, message: &Message) -> Result<(), Missed> {
        let Actor::Slack { user, .. } = person else {
            return Err(Missed::Never);
        };
        let token = self.token()?;
        let posted = self.slack.post_direct(token, user, message).await;
        posted.map(drop).map_err(missed)
    }
}

/// Whether an address came with a click on something that this deploy said, so that there is a message
/// of its own to replace. The click that asked for it was on another deploy's.
pub(super) fn is_click_on(deploy: &Deploy, reply: &ReplyAddress) -> bool {
    reply.url.expose().contains("/actions/") && reply.since() > deploy.requested_at
}
