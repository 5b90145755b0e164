//! How far a request has got, so that a reply that comes in the middle of it is still true.

use std::sync::{Mutex, PoisonError};

use super::door::Answer;
use crate::card;
use crate::names::{AppName, DeployId, EnvName};
use crate::record::Refused;
use crate::refusal::Refusal;
use crate::reply;
use crate::slack::blocks::Message;

/// What a request is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum About {
    /// It only reads.
    #[default]
    Reading,
    /// It would change something there.
    Target(AppName, EnvName),
    /// It is a click on this deploy's card.
    Click(DeployId),
}

/// What is known to have happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reached {
    /// Nothing was written.
    #[default]
    Nothing,
    /// A write was sent; whether it took effect is not known.
    Unknown,
    /// It is recorded, and will be carried out, if not now then by the sweeper.
    Recorded,
}

/// How the person who asked sees the answer to the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shown {
    /// In its words: Slack shows the body that answers a command.
    #[default]
    Words,
    /// By its status: Slack shows nobody the body that answers a click, and marks the message with
    /// an error of its own where the status is another than 200
    /// (<https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response>).
    Status,
}

/// How far one request has got.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<State>);

#[derive(Clone, Debug, Default)]
struct State {
    about: About,
    reached: Reached,
    shown: Shown,
}

impl Progress {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn state(&self) -> State {
        let state = self.0.lock();
        state.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn is_about(&self, about: About) {
        self.change(|state| state.about = about);
    }

    pub(crate) fn reach(&self, reached: Reached) {
        self.change(|state| state.reached = reached);
    }

    /// It is a click or an event: only the answer's status is seen.
    pub(crate) fn shows_its_status(&self) {
        self.change(|state| state.shown = Shown::Status);
    }

    /// Whether something is recorded that will be carried out.
    pub(crate) fn is_recorded(&self) -> bool {
        self.state().reached == Reached::Recorded
    }

    /// The answer when there is no time left, or a call failed. A click that is recorded counts,
    /// whatever failed after it; of any other the person learns that it may not have, and nothing
    /// is claimed about it.
    pub(crate) fn late(&self, command: &str) -> Answer {
        self.failed(&self.late_reply(command))
    }

    /// The answer when a request fails with these words.
    pub(crate) fn failed(&self, said: &Message) -> Answer {
        let state = self.state();
        match (state.shown, state.reached) {
            (Shown::Words, _) => Answer::message(said.clone()),
            (Shown::Status, Reached::Recorded) => Answer::empty(),
            (Shown::Status, Reached::Nothing | Reached::Unknown) => Answer::failed(),
        }
    }

    /// What to say when there is no time left, or a call failed.
    fn late_reply(&self, command: &str) -> Message {
        let State { about, reached, .. } = self.state();
        let refusal = match (reached, about) {
            (Reached::Recorded, _) => return card::sentence(reply::recorded_but_late()),
            (_, About::Reading) => Refusal::NothingRead,
            (Reached::Nothing, _) => Refused::Unavailable.into(),
            (Reached::Unknown, About::Target(application, environment)) => Refusal::Unknown {
                application,
                environment,
            },
            (Reached::Unknown, About::Click(id)) => Refusal::UnknownClick { id },
        };
        card::refused(&refusal, command, &[])
    }
}
