//! The card that is kept current: posted once with the bot's token, edited when what it shows has
//! changed, at most every three seconds.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::way::missed;
use super::{KEPT_FOR_VERDICT, Missed, Round};
use crate::aws::dynamodb::StoreError;
use crate::card::{self, Setting};
use crate::names::scope::AppScope;
use crate::names::{ChannelId, MessageTs};
use crate::record::{CardPlace, Deploy, Mention};
use crate::reply;
use crate::slack::blocks::Message;
use crate::slack::client::PostError;

/// The shortest time between two edits; `chat.update` takes about 50 a minute for all cards together.
const BETWEEN_EDITS: SignedDuration = SignedDuration::from_secs(3);
/// After this time a card is edited for its elapsed time alone, so that it does not look dead.
const STALE: SignedDuration = SignedDuration::from_secs(30);

/// What a deploy is remembered by whose home the app is not in, in Slack's word.
const NOT_IN_CHANNEL: &str = "not_in_channel";

/// What a card that was not taken means, and the scope that would have helped.
fn without_card(deploy: &mut Deploy, error: PostError) -> Missed {
    if let PostError::Lacks(scope) = error {
        deploy.told.lacks = Some(scope);
    }
    missed(error)
}

/// The thread in which a deploy is told there: that of the message to the bot that asked for it.
pub(super) fn thread_in<'d>(deploy: &'d Deploy, channel: &ChannelId) -> Option<&'d MessageTs> {
    let origin = &deploy.origin;
    let there = origin.channel.as_ref() == Some(channel);
    let mention = origin.mention.as_ref().filter(|_| there);
    mention.map(Mention::root)
}

impl Round<'_> {
    /// Posts the card in its home, else where the conversation is, or in the announce channel for an
    /// operator.
    pub(super) async fn post_card(
        &self,
        deploy: &mut Deploy,
    ) -> Result<Result<(), Missed>, StoreError> {
        if let Some(home) = self
            .home
            .as_ref()
            .filter(|_| deploy.told.homeless.is_none())
        {
            match self.post_card_in(home, deploy).await {
                Ok(()) => {
                    // It is there: whatever becomes of the link, it is not posted again.
                    if let Err(error) = self.link_home(deploy).await {
                        tracing::warn!(deploy = %deploy.id, %error, "where it was asked for, nobody was told where the card is");
                    }
                    return Ok(Ok(()));
                }
                Err(PostError::Refused(code)) => {
                    tracing::warn!(deploy = %deploy.id, %home, code, "a home channel did not take a card");
                    deploy.told.homeless = Some(code);
                }
                Err(PostError::Lacks(scope @ AppScope::ChatWritePublic)) => {
                    let scope = scope.as_str();
                    tracing::warn!(deploy = %deploy.id, %home, scope, "a home channel did not take a card: the app is not in it and lacks a scope");
                    deploy.told.homeless = Some(NOT_IN_CHANNEL.to_owned());
                }
                Err(passing) => return Ok(Err(without_card(deploy, passing))),
            }
        }
        let Some(channel) = self.place(deploy).cloned() else {
            return Ok(Err(Missed::Never));
        };
        let posted = self.post_card_in(&channel, deploy).await;
        if posted.is_ok()
            && let (Some(home), Some(code)) = (&self.home, &deploy.told.homeless)
        {
            let message = card::sentence_for_all(reply::homeless(home, code));
            if self.to_thread(deploy, &message).await.is_err() {
                tracing::info!(deploy = %deploy.id, "nobody was told that a card is not at home");
            }
        }
        Ok(posted.map_err(|error| without_card(deploy, error)))
    }

    async fn post_card_in(
        &self,
        channel: &ChannelId,
        deploy: &mut Deploy,
    ) -> Result<(), PostError> {
        let token = self.token().map_err(|missed| match missed {
            Missed::Later(_) => PostError::Unknown,
            Missed::Never => PostError::Refused("no_token".to_owned()),
        })?;
        let message = card::progress(deploy, &self.setting());
        let thread = thread_in(deploy, channel).cloned();
        let at = thread.as_ref().map(MessageTs::as_str);
        let posted = self
            .slack
            .post_message(token, channel, at, &message)
            .await?;
        deploy.told.card = Some(CardPlace {
            channel: posted.channel,
            ts: posted.ts,
            thread,
        });
        deploy.told.edited_at = Some(self.now);
        deploy.told.shown = Some(self.substance(deploy));
        if let Some(card) = &deploy.told.card {
            self.keeps_thread(deploy, &card.channel, card.root()).await;
        }
        Ok(())
    }

    /// Keeps whose thread it is, and of whose message that asked for it, so that a verb alone means this deploy there.
    /// Nothing depends on it: where that is not kept, people are told what to write instead.
    pub(super) async fn keeps_thread(&self, deploy: &Deploy, channel: &ChannelId, root: &str) {
        let asked = deploy
            .origin
            .channel
            .as_ref()
            .zip(deploy.origin.mention.as_ref());
        let asked = asked.map(|(channel, mention)| (channel, mention.root().as_str()));
        let asked = asked.filter(|asked| *asked != (channel, root));
        for (channel, root) in [(channel, root)].into_iter().chain(asked) {
            if let Err(error) = self.store.put_thread(channel, root, deploy).await {
                tracing::warn!(deploy = %deploy.id, %error, "which deploy is meant in a thread is not kept");
            }
        }
    }

    /// Says where it was asked for where the card is, once and without insisting: an answer to the address
    /// reaches conversations, too, that the app is not in.
    async fn link_home(&self, deploy: &Deploy) -> Result<(), StoreError> {
        let (Some(card), Some(asked)) = (&deploy.told.card, &deploy.origin.channel) else {
            return Ok(());
        };
        let Ok(token) = self.token() else {
            return Ok(());
        };
        if card.channel == *asked {
            return Ok(());
        }
        let link = self.slack.permalink(token, &card.channel, &card.ts).await;
        let message = card::sentence_for_all(reply::at_home(deploy, &card.channel, link.ok()));
        let told = match self.reply(deploy, &message, KEPT_FOR_VERDICT).await? {
            Err(Missed::Never) => self.post(deploy, Some(asked), &message).await,
            told => told,
        };
        if told.is_err() {
            tracing::info!(deploy = %deploy.id, "where it was asked for, nobody was told where the card is");
        }
        Ok(())
    }

    /// Edits the card if it shows something else than the record says. Gives the time after which
    /// an edit that came too soon is due.
    pub(super) async fn edit(&self, deploy: &mut Deploy) -> Option<Duration> {
        let card = deploy.told.card.as_ref()?;
        let token = match self.token() {
            Ok(token) => token,
            Err(Missed::Later(_)) => return Duration::try_from(STALE).ok(),
            Err(Missed::Never) => return None,
        };
        let substance = self.substance(deploy);
        let since = deploy.told.edited_at.unwrap_or(Timestamp::UNIX_EPOCH);
        let age = self.now.duration_since(since);
        let changed = deploy.told.shown.as_deref() != Some(substance.as_str());
        if !changed && age < STALE {
            return None;
        }
        if age < BETWEEN_EDITS {
            return Duration::try_from(BETWEEN_EDITS - age).ok();
        }
        let message = card::progress(deploy, &self.setting());
        let edited = self
            .slack
            .update(token, &card.channel, &card.ts, &message)
            .await;
        deploy.told.edited_at = Some(self.now);
        match edited {
            Ok(()) => {
                deploy.told.shown = Some(substance);
                None
            }
            Err(PostError::RateLimited { retry_after }) => Some(retry_after),
            Err(PostError::Unknown) => Duration::try_from(BETWEEN_EDITS).ok(),
            Err(PostError::Refused(code)) => {
                // Deleted, or out of reach: people are told by the other ways from now on.
                tracing::info!(deploy = %deploy.id, code, "the card can no longer be edited");
                deploy.told.card = None;
                None
            }
            Err(error @ PostError::Lacks(_)) => {
                without_card(deploy, error);
                deploy.told.card = None;
                None
            }
            Err(PostError::Expired) => None,
        }
    }

    /// Answers in the card's thread.
    pub(super) async fn to_thread(&self, deploy: &Deploy, message: &Message) -> Result<(), Missed> {
        let card = deploy.told.card.as_ref().ok_or(Missed::Never)?;
        let token = self.token()?;
        let thread = Some(card.root());
        let posted = self
            .slack
            .post_message(token, &card.channel, thread, message)
            .await;
        posted.map(drop).map_err(missed)
    }

    /// What the card shows but for the time that passes.
    fn substance(&self, deploy: &Deploy) -> String {
        let still = Setting {
            command: &self.command,
            admins: &[],
            now: deploy.requested_at,
            on_call: &[],
        };
        card::fingerprint(&card::progress(deploy, &still))
    }
}
