//! Lines about rights: who may what, and giving and taking them.

use super::super::misunderstood::{Expected, Misreading, Suggestion};
use super::super::usage::CommandVerb;
use super::super::{Command, RightOf, Vocabulary};
use super::Meant;
use super::line::{instance, meant};
use crate::names::Somebody;

/// Stands for somebody.
const SOMEBODY: &str = "@maria";

impl Meant {
    /// Whether it is about what people did, and not about what they may.
    pub(super) fn asks_who_did(&self) -> bool {
        self.is_about_a_time() || self.left_over || !self.refs.is_empty()
    }

    pub(super) fn of_rights(
        self,
        verb: CommandVerb,
        problem: &Misreading,
        vocabulary: &Vocabulary,
    ) -> Suggestion {
        let there = self.env.as_ref();
        let named = self.apps.into_iter().next().map(|one| one.app);
        let whole = named.is_some() && !matches!(problem, Misreading::Admins);
        let Some(app) = named.or_else(|| vocabulary.application_in(there).cloned()) else {
            return instance(Command::Help { about: None });
        };
        if verb == CommandVerb::Who {
            let whole = whole && self.env.is_some();
            let env = self
                .env
                .or_else(|| vocabulary.places(&app).into_iter().next());
            return match env {
                Some(env) if whole => meant(Command::Who { app, env }),
                Some(env) => instance(Command::Who { app, env }),
                None => instance(Command::Help { about: None }),
            };
        }
        let whole = whole && self.person.is_some() && !unsaid(problem);
        let Some(to) = self.person.or_else(|| SOMEBODY.parse::<Somebody>().ok()) else {
            return instance(Command::Help { about: None });
        };
        let of = RightOf {
            to,
            app,
            env: self.env,
            right: None,
        };
        let command = match verb {
            CommandVerb::Revoke => Command::Revoke { of, why: None },
            _ => Command::Grant {
                of,
                term: None,
                why: None,
            },
        };
        match whole {
            true => meant(command),
            false => instance(command),
        }
    }
}

/// Whether something was said of the right that the line leaves out.
fn unsaid(problem: &Misreading) -> bool {
    match problem {
        Misreading::Unknown { what, .. } | Misreading::Missing { what } => {
            matches!(what, Expected::End | Expected::Right | Expected::Reason)
        }
        Misreading::LongReason => true,
        _ => false,
    }
}

/// Whether a time was to be typed.
pub(super) fn wants_time(problem: &Misreading) -> bool {
    matches!(
        problem,
        Misreading::Unknown {
            what: Expected::Time,
            ..
        } | Misreading::Missing {
            what: Expected::Time
        }
    )
}
