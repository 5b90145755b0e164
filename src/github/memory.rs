//! What GitHub said before, kept in the function's memory while it is warm: what cannot change is not asked
//! for again, and for the rest GitHub is asked whether it changed. An answer of "no" is free of the limit.
//! <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate>
//!
//! Only for the token that it was said to: another one may see less, and GitHub's etags are of a token.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::HeaderValue;

use crate::names::secret::Access;

/// Answers kept.
const ANSWERS: usize = 128;
/// The longest answer kept, in bytes; those of a ref are a few hundred.
const LONGEST: usize = 64 * 1024;
/// What all of them may take, in bytes.
const WHOLE: usize = 1024 * 1024;

/// What GitHub is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// Where.
    pub(super) url: String,
    /// As what.
    pub(super) accept: &'static str,
}

/// How long an answer is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lasts {
    /// Until somebody pushes.
    ForNow,
    /// As long as git: it is about objects that are called by their hash.
    ForGood,
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct KnownAnswer {
    /// By which GitHub recognises it.
    pub(super) etag: Option<HeaderValue>,
    /// The answer's body.
    pub(super) body: Bytes,
}

/// What GitHub said.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// To whom.
    access: Option<Access>,
    /// The one used last at the end.
    answers: VecDeque<(Question, KnownAnswer)>,
}

impl Memory {
    /// What was said to that question.
    pub(super) fn recall(&self, access: &Access, question: &Question) -> Option<KnownAnswer> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = kept.of(access).take(question)?;
        let known = answer.clone();
        kept.answers.push_back((question.clone(), answer));
        Some(known)
    }

    /// Keeps an answer that may be of use again.
    pub(super) fn keep(
        &self,
        access: &Access,
        question: &Question,
        lasts: Lasts,
        known: &KnownAnswer,
    ) {
        let useful = known.etag.is_some() || lasts == Lasts::ForGood;
        if !useful || known.body.len() > LONGEST {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.of(access).take(question);
        kept.answers.push_back((question.clone(), known.clone()));
        while kept.answers.len() > ANSWERS || kept.bytes() > WHOLE {
            kept.answers.pop_front();
        }
    }
}

impl Remembered {
    /// What was said to that token; whatever was said to another one is forgotten.
    fn of(&mut self, access: &Access) -> &mut Self {
        if self.access.as_ref() != Some(access) {
            self.answers.clear();
            self.access = Some(access.clone());
        }
        self
    }

    fn take(&mut self, question: &Question) -> Option<KnownAnswer> {
        let at = self.answers.iter().position(|(one, _)| one == question)?;
        self.answers.remove(at).map(|(_, known)| known)
    }

    fn bytes(&self) -> usize {
        let answers = self.answers.iter();
        answers
            .map(|(question, known)| question.url.len() + known.body.len())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::secret::Secret;

    fn question(number: usize) -> Question {
        Question {
            url: format!("https://api.github.com/{number}"),
            accept: "application/vnd.github.sha",
        }
    }

    fn of(bytes: usize) -> KnownAnswer {
        KnownAnswer {
            etag: Some(HeaderValue::from_static("W/\"1\"")),
            body: vec![b'x'; bytes].into(),
        }
    }

    fn token(token: &str) -> Access {
        Access::With(Secret::new(token))
    }

    #[test]
    fn what_was_said_to_one_token_is_not_told_another() {
        let memory = Memory::default();
        memory.keep(&token("ghp_first"), &question(1), Lasts::ForNow, &of(3));
        assert!(memory.recall(&token("ghp_first"), &question(1)).is_some());
        assert!(memory.recall(&token("ghp_second"), &question(1)).is_none());
        assert!(memory.recall(&token("ghp_first"), &question(1)).is_none());
        assert!(!format!("{memory:?}").contains("ghp_first"));
    }

    #[test]
    fn it_is_small_and_forgets_first_what_was_not_used_for_longest() {
        let memory = Memory::default();
        let access = Access::Without;
        for number in 0..ANSWERS {
            memory.keep(&access, &question(number), Lasts::ForNow, &of(1));
        }
        assert!(memory.recall(&access, &question(0)).is_some());
        memory.keep(&access, &question(ANSWERS), Lasts::ForNow, &of(1));
        assert!(memory.recall(&access, &question(0)).is_some());
        assert!(memory.recall(&access, &question(1)).is_none());
        for number in 0..ANSWERS {
            memory.keep(&access, &question(number), Lasts::ForGood, &of(LONGEST));
        }
        assert!(memory.0.lock().unwrap().bytes() <= WHOLE);
        memory.keep(&access, &question(500), Lasts::ForGood, &of(LONGEST + 1));
        assert!(memory.recall(&access, &question(500)).is_none());
        let unmarked = KnownAnswer {
            etag: None,
            ..of(1)
        };
        memory.keep(&access, &question(501), Lasts::ForNow, &unmarked);
        assert!(memory.recall(&access, &question(501)).is_none());
        memory.keep(&access, &question(501), Lasts::ForGood, &unmarked);
        assert!(memory.recall(&access, &question(501)).is_some());
    }
}
