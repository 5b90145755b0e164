//! `diff APP[:REF] ENV`, `diff APP ENV ENV`: what runs, and what it is compared with. `where [APP] COMMIT`.

use super::super::lexicon::FROM;
use super::super::{AppRef, Command, DiffWith, Misreading};
use super::{Reader, Understood, first_and_others, is_preposition, pull_request};
use crate::names::{EnvName, Ref};

/// What may stand between two environments, beside what may stand before one.
const BETWEEN: [&str; 5] = ["and", "with", "vs", "versus", "against"];

impl Reader<'_> {
    pub(super) fn diff(&mut self) -> Understood<Command> {
        let leading = self.leading_place();
        let (
            AppRef {
                app,
                image,
                reference,
            },
            also,
        ) = first_and_others(self.list()?)?;
        if !also.is_empty() {
            return Err(Misreading::OneAtATime { verb: self.verb });
        }
        self.skip(&[FROM]);
        let env = match leading {
            Some(env) => env,
            None => self.place()?.0,
        };
        if let Some(other) = self.other_place() {
            if other == env {
                let word = env.to_string();
                return Err(Misreading::Repeated { word });
            }
            return match reference {
                // Of two environments and a ref, which two are meant is not plain.
                Some(_) => Err(Misreading::TwoEnvironments { one: env, other }),
                None => {
                    let with = DiffWith::Place(other);
                    Ok(Command::Diff {
                        app,
                        image,
                        env,
                        with,
                    })
                }
            };
        }
        let reference = match (reference, self.rest) {
            (None, [word, rest @ ..]) => {
                let read = self.last_word(&app, word)?;
                self.rest = rest;
                Some(read)
            }
            (reference, _) => reference,
        };
        let with = DiffWith::Ref(reference);
        Ok(Command::Diff {
            app,
            image,
            env,
            with,
        })
    }

    /// `[APP] COMMIT` in either order, or `APP:COMMIT`; of an application alone, what runs of it.
    pub(super) fn whereabouts(&mut self) -> Understood<Command> {
        if !self.names_next() {
            self.skip(&["is", "runs"]);
        }
        let change = self.change();
        let app = match (&change, self.rest) {
            (Some(_), []) => None,
            _ => {
                let (one, also) = first_and_others(self.list()?)?;
                match also.is_empty() {
                    true => Some(one),
                    false => return Err(Misreading::OneAtATime { verb: self.verb }),
                }
            }
        };
        let (app, named) = match app {
            Some(AppRef { app, reference, .. }) => (Some(app), reference),
            None => (None, None),
        };
        let change = change.or_else(|| self.change());
        match (change, named, app) {
            (Some(change), None, app) => Ok(Command::Where { app, change }),
            (None, Some(change), app) if change.is_change() => Ok(Command::Where { app, change }),
            (None, None, app) => Ok(Command::Status { app, env: None }),
            (_, Some(other), _) => Err(Misreading::NoRef {
                word: other.to_string(),
            }),
        }
    }

    /// A commit or a pull request, if one comes next.
    fn change(&mut self) -> Option<Ref> {
        let word = self.rest.first()?;
        let change = pull_request(word).or_else(|| word.parse().ok().filter(Ref::is_change))?;
        if self.words.is_name(word) {
            return None;
        }
        self.rest = &self.rest[1..];
        Some(change)
    }

    /// A second environment, if one follows.
    fn other_place(&mut self) -> Option<EnvName> {
        let joins = |word: &String| {
            let any = BETWEEN.iter().any(|one| word.eq_ignore_ascii_case(one));
            any || is_preposition(word)
        };
        let words = match self.rest {
            [first, rest @ ..] if joins(first) => rest,
            words => words,
        };
        let (first, rest) = words.split_first()?;
        let other = self.words.environment(first)?.clone();
        self.rest = rest;
        Some(other)
    }
}
