//! The card that is kept current: posted once with the bot's token, edited when what it shows has
//! changed, at most every three seconds.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::way::missed;
use super::{Missed, Round};
use crate::card::{self, Setting};
use crate::record::{CardPlace, Deploy};
use crate::slack::blocks::Message;
use crate::slack::client::PostError;

/// The shortest time between two edits; `chat.update` takes about 50 a minute for all cards together.
const BETWEEN_EDITS: SignedDuration = SignedDuration::from_secs(3);
/// After this time a card is edited for its elapsed time alone, so that it does not look dead.
const STALE: SignedDuration = SignedDuration::from_secs(30);

impl Round<'_> {
    /// Posts the card where the conversation is, or in the announce channel for an operator.
    pub(super) async fn post_card(&self, deploy: &mut Deploy) -> Result<(), Missed> {
        let channel = self.place(deploy).cloned().ok_or(Missed::Never)?;
        let token = self.token()?;
        let message = card::progress(deploy, &self.setting());
        let posted = self
            .slack
            .post_message(token, &channel, None, &message)
            .await;
        posted.map_err(missed).map(|posted| {
            deploy.told.card = Some(CardPlace {
                channel: posted.channel,
                ts: posted.ts,
            });
            deploy.told.edited_at = Some(self.now);
            deploy.told.shown = Some(self.substance(deploy));
        })
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
            Err(PostError::Expired) => None,
        }
    }

    /// Answers in the card's thread.
    pub(super) async fn to_thread(&self, deploy: &Deploy, message: &Message) -> Result<(), Missed> {
        let card = deploy.told.card.as_ref().ok_or(Missed::Never)?;
        let token = self.token()?;
        let thread = Some(card.ts.as_str());
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
            now: deploy.requested_at,
            on_call: &[],
        };
        card::fingerprint(&card::progress(deploy, &still))
    }
}
