//! What people said about a deploy, and what of it counts.
//!
//! The public function writes down every answer and every wish to stop; whether it counts is judged
//! here, with the configuration of the moment, as if nobody had judged it before. Pure, and the one
//! place for it: the public function asks the same to tell people early, the waiter to act on it.

pub mod request;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hearing::request::{Person, Timing};
use crate::names::{Actor, ChannelId};
use crate::policy::{Action, Denied, Doubt, PlanOf, Policy, authorize};
pub use crate::record::What;
use crate::record::{Cancel, Choice, Deploy, Vote};

/// The most bytes of a thing said.
pub(crate) const MAX_BYTES: usize = 2 * 1024;

/// One thing that a person said about a deploy. That it was a person in Slack is the partition's
/// word: nobody else is heard there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Who.
    pub by: Person,
    /// In which conversation.
    pub channel: Option<ChannelId>,
    /// When, by the signed time.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What counts of everything that was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The answers, earliest first; of two at the same moment, the no comes first.
    pub answers: Vec<Vote>,
    /// The earliest wish that it stop.
    pub cancel: Option<Cancel>,
}

impl Said {
    /// Whether it counts no more when the like is said at that time: so long after it, it may be said once more.
    pub(crate) fn is_past(&self, at: Timestamp) -> bool {
        let counts_for_a_while = match self.what {
            What::Answer { choice, .. } => match choice {
                Choice::Confirm | Choice::Another(_) | Choice::AllowOnce | Choice::AllowUntil => {
                    true
                }
                Choice::Decline | Choice::Continue | Choice::RollBack => false,
            },
            What::Stop => false,
        };
        counts_for_a_while && Timing::of(self.at, at) == Timing::TooOld
    }
}

/// Something said, by whomever, with who that is by where it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Voice<'a> {
    /// Who.
    pub(crate) by: Actor,
    /// In which conversation; none at a terminal.
    pub(crate) channel: Option<&'a ChannelId>,
    /// When.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) what: &'a What,
}

impl<'a> From<&'a Said> for Voice<'a> {
    fn from(said: &'a Said) -> Self {
        Self {
            by: said.by.actor(),
            channel: said.channel.as_ref(),
            at: said.at,
            what: &said.what,
        }
    }
}

/// Something said that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Valid {
    /// The old copy of what Slack said that it goes by, where it needs one.
    pub(crate) by_copy: Option<Doubt>,
}

/// Whether something counts that is said about this deploy, as things stand.
pub(crate) fn counts(policy: Policy<'_>, deploy: &Deploy, voice: &Voice<'_>) -> Option<Valid> {
    let judge = Judge {
        policy,
        deploy,
        voice,
    };
    judge.counts()
}

/// What counts of `said` about this deploy, as things stand.
pub fn judge(policy: Policy<'_>, deploy: &Deploy, said: &[Said]) -> Heard {
    let mut heard = Heard::default();
    let voices = said.iter().map(Voice::from);
    let mut cancels = Vec::new();
    for voice in voices {
        let Some(Valid { by_copy }) = counts(policy, deploy, &voice) else {
            continue;
        };
        let (by, at) = (policy.config.named(voice.by), voice.at);
        match voice.what {
            What::Answer { nonce, choice } => heard.answers.push(Vote {
                nonce: nonce.clone(),
                choice: *choice,
                by,
                at,
                by_copy,
            }),
            What::Stop => cancels.push(Cancel { by, at, by_copy }),
        }
    }
    in_order(&mut heard.answers);
    heard.cancel = cancels.into_iter().min_by_key(|cancel| cancel.at);
    heard
}

/// The earliest first; of two at the same moment, what sets less going.
pub(crate) fn in_order(answers: &mut [Vote]) {
    answers.sort_by_key(|answer| (answer.at, boldness(answer.choice)));
}

/// How much a choice sets going: nothing, another question, what was asked about.
fn boldness(choice: Choice) -> u8 {
    match choice {
        Choice::Decline | Choice::RollBack => 0,
        Choice::Another(_) | Choice::AllowOnce => 1,
        Choice::Confirm | Choice::Continue | Choice::AllowUntil => 2,
    }
}

struct Judge<'a> {
    policy: Policy<'a>,
    deploy: &'a Deploy,
    voice: &'a Voice<'a>,
}

impl Judge<'_> {
    fn counts(&self) -> Option<Valid> {
        if Timing::of(self.voice.at, self.policy.now) == Timing::Ahead {
            return None;
        }
        let requester = || self.deploy.requester.clone();
        let may_stop = || {
            self.may(&Action::Cancel {
                requester: requester(),
            })
        };
        match self.voice.what {
            What::Stop => may_stop(),
            What::Answer { nonce, choice } => match choice {
                Choice::Confirm | Choice::Another(_) => {
                    let change = self.deploy.verb().kind();
                    let requester = requester();
                    let goes_there = match choice {
                        Choice::Another(version) => self.deploy.may_go_to(*version),
                        _ => true,
                    };
                    let fits = !self.deploy.pleads()
                        && self.answers_the_question(nonce)
                        && self.is_recent_or_known()
                        && goes_there;
                    fits.then(|| self.may(&Action::Confirm { requester, change }))?
                }
                // Nobody gives themselves a right.
                Choice::AllowOnce | Choice::AllowUntil => {
                    let fits = self.deploy.pleads()
                        && self.deploy.requester != self.voice.by
                        && self.answers_the_question(nonce)
                        && self.is_recent_or_known();
                    fits.then(|| self.may(&Action::Grant))?
                }
                Choice::Decline => self.answers_the_question(nonce).then(may_stop)?,
                Choice::Continue => {
                    let may = || self.may(&Action::AnswerPause);
                    self.answers_a_pause(nonce).then(may)?
                }
                // To have it go back is to stop it.
                Choice::RollBack => self.answers_a_pause(nonce).then(may_stop)?,
            },
        }
    }

    /// The question that stands, before it lapsed. A click counts by its own time: one that came in
    /// time is not lost to a slow step.
    fn answers_the_question(&self, nonce: &str) -> bool {
        let ask = self.deploy.question();
        ask.is_some_and(|ask| ask.nonce == nonce && self.voice.at <= ask.expires_at)
    }

    /// Whoever writes it down could have dated it back into the question's time.
    fn is_recent_or_known(&self) -> bool {
        let ask = self.deploy.question();
        let consented = ask.and_then(|ask| ask.consented_by.as_ref());
        consented == Some(&self.voice.by)
            || Timing::of(self.voice.at, self.policy.now) == Timing::Fresh
    }

    fn answers_a_pause(&self, nonce: &str) -> bool {
        let mut pauses = self
            .deploy
            .services
            .iter()
            .flat_map(|service| &service.pauses);
        pauses.any(|pause| pause.nonce == nonce)
    }

    fn may(&self, action: &Action) -> Option<Valid> {
        let Voice { by, channel, .. } = self.voice;
        let allowed = may(self.policy, by, *channel, action, self.deploy);
        allowed.ok().map(|by_copy| Valid { by_copy })
    }
}

/// Holds an action on a deploy against the policy: whoever acts, in this conversation, needs the right
/// for each application of the deploy. Gives the old copy of what Slack said that it goes by, if it needs one.
///
/// # Errors
///
/// The first application's [`Denied`] that says no.
pub fn may(
    policy: Policy<'_>,
    actor: &Actor,
    channel: Option<&ChannelId>,
    action: &Action,
    deploy: &Deploy,
) -> Result<Option<Doubt>, Denied> {
    let environment = &deploy.environment;
    let bound = deploy.bound_plan();
    let plan = bound.as_deref().map(|hash| PlanOf {
        deploy: &deploy.id,
        hash,
    });
    let policy = policy.about(plan);
    let mut applications = deploy.applications();
    applications.try_fold(None, |by_copy, application| {
        let allowed = authorize(policy, actor, action, application, environment, channel)?;
        Ok(by_copy.or_else(|| allowed.by_copy().cloned()))
    })
}

#[cfg(test)]
mod tests;
