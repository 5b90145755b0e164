//! What only one person sees: the question, its answer, the reply to a job.

use std::time::Duration;

use super::way::missed;
use super::{KEPT_FOR_VERDICT, Missed, News, Round, way};
use crate::aws::dynamodb::{Recorded, ReplyAddress, StoreError};
use crate::card;
use crate::names::secret::Access;
use crate::names::{Actor, ChannelId, MessageTs};
use crate::record::job::Job;
use crate::record::{CardPlace, Choice, Deploy, Mention, Origin, Way};
use crate::slack::blocks::Message;

/// The pause before a question that could not be put is put again.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// The pause before an answer that could not be given is given again.
const ANSWER_AGAIN: Duration = Duration::from_secs(2);
/// How long Slack may want it to be put off: the function waits, and is paid for.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Where one person is told something among others.
#[derive(Clone, Copy, Default)]
pub(super) struct Spot<'a> {
    channel: Option<&'a ChannelId>,
    /// Where it was asked for in a thread. One that nobody has answered in shows nobody what is for one alone.
    thread: Option<&'a MessageTs>,
}

impl<'a> Spot<'a> {
    pub(super) fn of(origin: &'a Origin) -> Self {
        Self::at(origin.channel.as_ref(), origin.mention.as_ref())
    }

    fn of_job(job: &'a Job) -> Self {
        Self::at(job.channel.as_ref(), job.mention.as_deref())
    }

    fn at(channel: Option<&'a ChannelId>, mention: Option<&'a Mention>) -> Self {
        let thread = mention.and_then(|mention| mention.thread.as_ref());
        Self { channel, thread }
    }
}

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
        // Whoever asked at a terminal reads the question there, from the record.
        if let Actor::Operator { .. } = deploy.requester {
            let ask = deploy.ask.iter_mut();
            ask.for_each(|ask| (ask.shown, ask.closed) = (true, true));
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
        let told = match self.replace_question(deploy, &message).await {
            // A machine reads no question: those who may deploy there do, where it is told.
            Err(Missed::Never) if matches!(deploy.requester, Actor::Ci { .. }) => {
                self.ask_openly(deploy, &message).await.map(Some)
            }
            Err(Missed::Never) => match self.reply(deploy, &message, KEPT_FOR_VERDICT).await? {
                Err(Missed::Never) => {
                    // Whoever waited for an admin may have gone: what they alone see in a channel would be lost.
                    let spot = match deploy.plea {
                        Some(_) => Spot::default(),
                        None => Spot::of(&deploy.origin),
                    };
                    self.privately(&deploy.requester, spot, &message).await
                }
                told => told.map(|()| None),
            },
            told => told.map(|()| deploy.ask.as_ref().and_then(|ask| ask.place.clone())),
        };
        match told {
            Ok(place) => {
                if let Some(place) = &place {
                    self.keeps_thread(deploy, &place.channel, place.root())
                        .await;
                }
                if let Some(ask) = &mut deploy.ask {
                    ask.shown = true;
                    ask.place = place;
                }
                Ok(None)
            }
            Err(Missed::Later(wanted)) => Ok(Some(wanted.max(ASK_AGAIN))),
            Err(Missed::Never) => {
                tracing::warn!(deploy = %deploy.id, "a question could not be put to its requester");
                self.note_unanswered(deploy.id.as_str(), deploy.origin.mention.as_ref());
                Ok(None)
            }
        }
    }

    /// Puts a question where everybody sees it: in its home, else where the deploy is told.
    async fn ask_openly(&self, deploy: &Deploy, message: &Message) -> Result<CardPlace, Missed> {
        let token = self.token()?;
        for channel in self.home.iter().chain(self.place(deploy)) {
            let posted = self.slack.post_message(token, channel, None, message);
            match posted.await.map_err(missed) {
                Ok(posted) => {
                    return Ok(CardPlace {
                        channel: posted.channel,
                        ts: posted.ts,
                        thread: None,
                    });
                }
                Err(Missed::Never) => {}
                Err(later) => return Err(later),
            }
        }
        Err(Missed::Never)
    }

    /// Tells whoever asked that the plan waits, and for what.
    pub(super) async fn waiting(
        &self,
        deploy: &mut Deploy,
    ) -> Result<Option<Duration>, StoreError> {
        let Some(waiting) = &deploy.waiting else {
            return Ok(None);
        };
        if waiting.tell_at > self.now {
            return Ok(None);
        }
        if way::is_due(&waiting.told, self.now) {
            let message = card::plan_waits(deploy, waiting);
            let told = self.go(News::Waiting, deploy, &message).await?;
            if let Some(waiting) = &mut deploy.waiting {
                waiting.told = told;
            }
        }
        let told = deploy.waiting.as_ref().map(|waiting| &waiting.told);
        Ok(told.and_then(|told| way::rest(told, self.now)))
    }

    /// To whoever asked, and nobody else.
    pub(super) async fn to_requester_by(
        &self,
        way: Way,
        deploy: &Deploy,
        message: &Message,
    ) -> Result<Result<(), Missed>, StoreError> {
        let (person, spot) = (&deploy.requester, Spot::of(&deploy.origin));
        match way {
            Way::ResponseUrl => self.reply(deploy, message, KEPT_FOR_VERDICT).await,
            Way::Channel => Ok(self.ephemerally(person, spot, message).await),
            Way::Direct => Ok(self.directly(person, message).await.map(drop)),
            Way::Card | Way::Terminal => Ok(Err(Missed::Never)),
        }
    }

    /// Takes the buttons off a question that is answered, or that no answer counts for any more, as
    /// far as Slack lets us: nothing depends on it, because the record knows. A message that only one
    /// person sees can be replaced by the address of a click on it alone, and where the verdict goes
    /// to that address it takes the question's place itself.
    pub(super) async fn close_question(&self, deploy: &mut Deploy) -> Result<(), StoreError> {
        let Some(ask) = deploy.ask.as_ref().filter(|ask| ask.shown && !ask.closed) else {
            return Ok(());
        };
        let message = match (&ask.consented_by, &deploy.ending) {
            (Some(by), _) => card::answered(deploy, Choice::Confirm, by),
            (None, Some(_)) => card::closed(deploy),
            (None, None) => return Ok(()),
        };
        let mut closed = self.replace_question(deploy, &message).await;
        let click = self.replies.iter().find(|reply| is_click_on(deploy, reply));
        if let (Err(Missed::Never), Some(_), Some(reply)) = (&closed, &ask.consented_by, click)
            && !card::concerns_one(deploy)
        {
            let id = deploy.id.as_str();
            closed = self
                .reply_to(id, reply, &message, KEPT_FOR_VERDICT + 1)
                .await?;
        }
        if closed.is_err() {
            tracing::info!(deploy = %deploy.id, "an answered question keeps its buttons");
        }
        if let Some(ask) = &mut deploy.ask {
            ask.closed = closed.is_ok();
        }
        Ok(())
    }

    /// Changes the question where it is a message of the bot's.
    async fn replace_question(&self, deploy: &Deploy, message: &Message) -> Result<(), Missed> {
        let place = deploy.ask.as_ref().and_then(|ask| ask.place.as_ref());
        let place = place.ok_or(Missed::Never)?;
        let token = self.token()?;
        let changed = self.slack.update(token, &place.channel, &place.ts, message);
        changed.await.map_err(missed)
    }

    /// Answers a job, by the first way that works; where Slack puts it off or fails, once more after a moment, for
    /// nobody comes back to a job. What had arrived all the same is read twice.
    pub(super) async fn answer(
        &self,
        recorded: &Recorded,
        message: &Message,
    ) -> Result<Result<(), Missed>, StoreError> {
        let mut answered = self.answer_once(recorded, message).await?;
        if let Err(Missed::Later(wanted)) = answered
            && wanted <= LONGEST_PAUSE
        {
            tokio::time::sleep(wanted.max(ANSWER_AGAIN)).await;
            answered = self.answer_once(recorded, message).await?;
        }
        if answered.is_err() {
            tracing::warn!(job = recorded.id(), "an answer could not be delivered");
            let mention = match recorded {
                Recorded::Deploy(deploy) => deploy.origin.mention.as_ref(),
                Recorded::Job(job) => job.mention.as_deref(),
            };
            self.note_unanswered(recorded.id(), mention);
        }
        Ok(answered)
    }

    /// Notes that somebody wrote to the bot, which has no voice without its token.
    fn note_unanswered(&self, id: &str, mention: Option<&Mention>) {
        if let (Some(_), Access::Without) = (mention, &self.access) {
            tracing::error!(id, "a mention could not be answered: there is no bot token");
            self.metrics.unanswered(self.now);
        }
    }

    async fn answer_once(
        &self,
        recorded: &Recorded,
        message: &Message,
    ) -> Result<Result<(), Missed>, StoreError> {
        let (requester, spot) = match recorded {
            Recorded::Deploy(deploy) => (&deploy.requester, Spot::of(&deploy.origin)),
            Recorded::Job(job) => (&job.requester, Spot::of_job(job)),
        };
        let mut later = None;
        for reply in self.replies {
            match self.reply_to(recorded.id(), reply, message, 0).await? {
                Ok(()) => return Ok(Ok(())),
                Err(Missed::Later(wanted)) => later = Some(wanted),
                Err(Missed::Never) => {}
            }
        }
        let told = self.privately(requester, spot, message).await;
        Ok(match (told, later) {
            (Err(Missed::Never), Some(wanted)) => Err(Missed::Later(wanted)),
            (told, _) => told.map(drop),
        })
    }

    /// Shows a message to one person by the bot's token: in the channel, else in the conversation
    /// with them.
    async fn privately(
        &self,
        person: &Actor,
        spot: Spot<'_>,
        message: &Message,
    ) -> Result<Option<CardPlace>, Missed> {
        match self.ephemerally(person, spot, message).await {
            Err(Missed::Never) => self.directly(person, message).await.map(Some),
            told => told.map(|()| None),
        }
    }

    pub(super) async fn ephemerally(
        &self,
        person: &Actor,
        spot: Spot<'_>,
        message: &Message,
    ) -> Result<(), Missed> {
        // In the conversation with one person, a message of the bot's is for them alone anyway, and stays.
        let channel = spot.channel.filter(|channel| !channel.is_direct());
        let (Some(channel), Actor::Slack { user, .. }) = (channel, person) else {
            return Err(Missed::Never);
        };
        let thread = spot.thread.map(MessageTs::as_str);
        let token = self.token()?;
        let posted = self
            .slack
            .post_ephemeral(token, channel, thread, user, message)
            .await;
        posted.map_err(missed)
    }

    /// In the conversation with them: where it is then, so that it can be changed.
    pub(super) async fn directly(
        &self,
        person: &Actor,
        message: &Message,
    ) -> Result<CardPlace, Missed> {
        let Actor::Slack { user, .. } = person else {
            return Err(Missed::Never);
        };
        let token = self.token()?;
        let posted = self.slack.post_direct(token, user, message).await;
        let posted = posted.map_err(missed)?;
        Ok(CardPlace {
            channel: posted.channel,
            ts: posted.ts,
            thread: None,
        })
    }
}

/// Whether an address came with a click on something that this deploy said, so that there is a message
/// of its own to replace. The click that asked for it was on another deploy's.
pub(super) fn is_click_on(deploy: &Deploy, reply: &ReplyAddress) -> bool {
    reply.url.expose().contains("/actions/") && reply.since() > deploy.requested_at
}
