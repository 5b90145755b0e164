//! How far a request has got, so that a reply that comes in the middle of it is still true.

use std::sync::{Mutex, PoisonError};

use crate::card;
use crate::names::{AppName, DeployId, EnvName};
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

/// How far one request has got.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<(About, Reached)>);

impl Progress {
    pub(crate) fn is_about(&self, about: About) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = about;
    }

    pub(crate) fn reach(&self, reached: Reached) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = reached;
    }

    /// What to say when there is no time left, or a call failed.
    pub(crate) fn late_reply(&self, command: &str) -> Message {
        let (about, reached) = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let refusal = match (reached, about) {
            (Reached::Recorded, _) => return card::sentence(reply::recorded_but_late()),
            (_, About::Reading) => Refusal::NothingRead,
            (Reached::Nothing, _) => Refusal::Unavailable,
            (Reached::Unknown, About::Target(application, environment)) => Refusal::Unknown {
                application,
                environment,
            },
            (Reached::Unknown, About::Click(id)) => Refusal::UnknownClick { id },
        };
        card::refused(&refusal, command)
    }
}
