//! Answers to whoever asked for something that is no deploy, and the word that an answer takes a while.

use std::time::Duration;

use jiff::Timestamp;

use super::way::{instance_of, missed};
use super::{Missed, Notifier, Round, home};
use crate::aws::dynamodb::{Dossier, REPLY_USES, ReplyAddress, Store, StoreError};
use crate::card;
use crate::config::Config;
use crate::names::ChannelId;
use crate::names::secret::Access;
use crate::reply::logs as reply;
use crate::slack::blocks::Message;

/// What became of an announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Announced {
    /// It stands in this channel.
    There(ChannelId),
    /// It may not stand there yet: Slack puts it off, or does not answer.
    Later(Duration),
    /// There is no such channel, no token, or Slack does not take it.
    Nowhere,
}

/// The most messages that one answer takes.
const MESSAGES: usize = 10;

impl Notifier {
    /// Answers the person behind a job, once: to their address, else where only they see it.
    ///
    /// # Errors
    ///
    /// Only the table's, as for [`Self::tell`].
    pub async fn answer(
        &self,
        store: &Store,
        dossier: &Dossier,
        message: &Message,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let told = self.answer_at(store, dossier, &dossier.replies, message, now);
        told.await.map(drop)
    }

    /// The same to the very person who asked, where the bot token can: an address to answer to says nothing of who
    /// reads there, and the public function is taken at its word about it.
    ///
    /// # Errors
    ///
    /// Only the table's, as for [`Self::tell`].
    pub(crate) async fn answer_alone(
        &self,
        store: &Store,
        dossier: &Dossier,
        message: &Message,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let alone = match self.token.get(now).await {
            Access::With(_) => self.answer_at(store, dossier, &[], message, now).await?,
            Access::Without | Access::Unread => {
                return self.answer(store, dossier, message, now).await;
            }
        };
        match alone {
            Ok(()) => Ok(()),
            // Not the answer itself, which is for its reader alone: that there is none, and why.
            Err(_) => {
                let none = card::sentence(reply::not_to_you_alone());
                self.answer(store, dossier, &none, now).await
            }
        }
    }

    /// Answers to the first of these addresses that works, else by the bot token where only they see it.
    async fn answer_at(
        &self,
        store: &Store,
        dossier: &Dossier,
        replies: &[ReplyAddress],
        message: &Message,
        now: Timestamp,
    ) -> Result<Result<(), Missed>, StoreError> {
        let access = self.token.get(now).await;
        let mut round = self.answering(store, dossier, access, now);
        round.replies = replies;
        if replies.is_empty() {
            // No address says whose token it is.
            let loaded = self.settings.current(store, now).await.ok();
            let home = loaded.and_then(|loaded| home(&loaded.config));
            round.slack = self.slack.at(home.unwrap_or_default());
        }
        round.answer(&dossier.recorded, message).await
    }

    /// Says something to whoever clicked, where the click said to and nowhere else: what is said is the
    /// public function's own sentence, and that may say nothing in the bot's name.
    ///
    /// # Errors
    ///
    /// Only the table's, as for [`Self::tell`].
    pub(crate) async fn answer_click(
        &self,
        store: &Store,
        dossier: &Dossier,
        message: &Message,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let round = self.answering(store, dossier, Access::Without, now);
        let told = round.answer(&dossier.recorded, message).await;
        told.map(drop)
    }

    /// Says to the person behind a request that its answer takes a while: as the first use of their address
    /// and only then, so that neither the answer nor the verdict ever wants for one.
    ///
    /// # Errors
    ///
    /// Only the table's, as for [`Self::tell`].
    pub(crate) async fn say_meanwhile(
        &self,
        store: &Store,
        dossier: &Dossier,
        message: &Message,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let round = self.answering(store, dossier, Access::Without, now);
        if let Some(reply) = dossier.replies.first() {
            let id = dossier.recorded.id();
            let said = round.reply_to(id, reply, message, REPLY_USES - 1).await?;
            if said.is_err() {
                tracing::info!(id, "nobody was told that an answer takes a while");
            }
        }
        Ok(())
    }

    /// Posts something where deploys are announced.
    pub(crate) async fn announce(
        &self,
        config: &Config,
        message: &Message,
        now: Timestamp,
    ) -> Announced {
        let Some(channel) = config.slack().announce.as_ref() else {
            return Announced::Nowhere;
        };
        self.announce_in(config, channel, message, now).await
    }

    /// Posts something for everybody in this channel.
    pub(crate) async fn announce_in(
        &self,
        config: &Config,
        channel: &ChannelId,
        message: &Message,
        now: Timestamp,
    ) -> Announced {
        let token = match self.token.get(now).await {
            Access::With(token) => token,
            Access::Without => return Announced::Nowhere,
            Access::Unread => return Announced::Later(Duration::ZERO),
        };
        let slack = self.slack.at(config.slack().instance());
        match slack.post_message(&token, channel, None, message).await {
            Ok(_) => Announced::There(channel.clone()),
            Err(error) => {
                tracing::warn!(%channel, %error, "something could not be announced");
                match missed(error) {
                    Missed::Later(wanted) => Announced::Later(wanted),
                    Missed::Never => Announced::Nowhere,
                }
            }
        }
    }

    fn answering<'a>(
        &'a self,
        store: &'a Store,
        dossier: &'a Dossier,
        access: Access,
        now: Timestamp,
    ) -> Round<'a> {
        let instance = instance_of(&dossier.replies).unwrap_or_default();
        Round {
            slack: self.slack.at(instance),
            access,
            metrics: &self.metrics,
            store,
            replies: &dossier.replies,
            command: String::new(),
            admins: Vec::new(),
            announce: None,
            noticeboard: None,
            now,
            on_call: Vec::new(),
            home: None,
        }
    }

    /// How many messages an answer to the person behind a job may take: what is left of their
    /// addresses after `said` messages, and as many as anybody wants to read where there is a bot token.
    pub(crate) async fn room(&self, dossier: &Dossier, said: usize, now: Timestamp) -> usize {
        if let Access::With(_) = self.token.get(now).await {
            return MESSAGES;
        }
        let left = |reply: &ReplyAddress| match reply.expires_at > now {
            true => reply.left(),
            false => 0,
        };
        let all: usize = dossier.replies.iter().map(left).sum();
        all.saturating_sub(said).min(MESSAGES)
    }
}
