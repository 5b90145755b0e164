//! The posts themselves: in a channel by the bot's token, and to the addresses that Slack gave.

use super::edit::thread_in;
use super::way::missed;
use super::{Missed, Round};
use crate::aws::dynamodb::{ReplyAddress, StoreError};
use crate::names::{ChannelId, MessageTs};
use crate::record::Deploy;
use crate::slack::blocks::Message;
use crate::slack::client::PostError;

impl Round<'_> {
    /// Posts in a channel, in the thread that it was asked for in.
    pub(super) async fn post(
        &self,
        deploy: &Deploy,
        place: Option<&ChannelId>,
        message: &Message,
    ) -> Result<(), Missed> {
        let channel = place.ok_or(Missed::Never)?;
        let token = self.token()?;
        let thread = thread_in(deploy, channel).map(MessageTs::as_str);
        let posted = self
            .slack
            .post_message(token, channel, thread, message)
            .await;
        let posted = posted.map_err(missed)?;
        if thread.is_none() {
            self.keeps_thread(deploy, &posted.channel, &posted.ts).await;
        }
        Ok(())
    }

    /// Posts to one address of a deploy or a job, if a use is left beyond those kept back.
    pub(super) async fn reply_to(
        &self,
        id: &str,
        reply: &ReplyAddress,
        message: &Message,
        kept_back: u64,
    ) -> Result<Result<(), Missed>, StoreError> {
        if reply.expires_at <= self.now || !self.store.use_reply(id, reply, kept_back).await? {
            return Ok(Err(Missed::Never));
        }
        let posted = self.slack.post_response(&reply.url, message).await;
        if let Err(PostError::RateLimited { .. }) = posted {
            self.store.give_use_back(id, reply).await?;
        }
        Ok(posted.map_err(missed))
    }

    /// Posts to the newest address that takes it.
    pub(super) async fn reply(
        &self,
        deploy: &Deploy,
        message: &Message,
        kept_back: u64,
    ) -> Result<Result<(), Missed>, StoreError> {
        for reply in self.replies {
            match self
                .reply_to(deploy.id.as_str(), reply, message, kept_back)
                .await?
            {
                Err(Missed::Never) => {}
                told => return Ok(told),
            }
        }
        Ok(Err(Missed::Never))
    }
}
