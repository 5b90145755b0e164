//! The ref of a line: the one that was typed, if there is no doubt which.

use super::super::misunderstood::{Expected, Misreading};
use super::super::usage::CommandVerb;
use super::super::{Vocabulary, lexicon};
use super::Meant;
use crate::names::Ref;

/// Whether a line has the ref that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItsRef {
    /// It is what was typed, or the line needs none.
    Typed,
    /// It would be a commit that nobody has named.
    Wanting,
}

impl Meant {
    /// Gives the applications the ref that was typed, if there is one and no doubt which.
    pub(super) fn give_ref(&mut self, problem: &Misreading, vocabulary: &Vocabulary) -> ItsRef {
        let bad = matches!(
            problem,
            Misreading::Bad {
                what: Expected::Ref,
                ..
            }
        );
        let refused = match problem {
            // `webapp staging please main`
            // A word that says nothing here may be left out, but not one that somebody meant.
            Misreading::NoRef { word } => {
                let says_nothing = lexicon::sense(word).is_some()
                    || !word.starts_with(char::is_alphanumeric)
                    || vocabulary.near_application(word).is_some()
                    || vocabulary.near_environment(word).is_some();
                !lexicon::is_courtesy(word) && says_nothing
            }
            // `rollback webapp nosuch`: it stands where an environment does.
            Misreading::Unknown {
                what: Expected::Environment,
                ..
            } => self.env.is_none() && self.verb == Some(CommandVerb::Rollback),
            Misreading::TwoEnvironments { .. } => true,
            _ => false,
        };
        let mut refs: Vec<Ref> = match refused {
            true => Vec::new(),
            false => std::mem::take(&mut self.refs),
        };
        let given = self.apps.iter().any(|one| one.reference.is_some());
        let its = match refs.is_empty() && bad && !given {
            true => ItsRef::Wanting,
            false => ItsRef::Typed,
        };
        // Behind everything that was understood, the first one is what the others do not fit.
        if matches!(problem, Misreading::Trailing { words } if !words.contains(',')) {
            refs.truncate(1);
        }
        if let ([reference], false) = (refs.as_slice(), given) {
            for one in &mut self.apps {
                one.reference = Some(reference.clone());
            }
        }
        its
    }
}
