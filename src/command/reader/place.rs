//! Where: the environment before or behind the names, and what narrows a look down.

use super::super::lexicon::FROM;
use super::super::{Command, Expected, Misreading, Sense};
use super::{Reader, Understood, is_preposition, names_only, unknown};
use crate::names::{AppName, EnvName};

/// What a look is narrowed down to.
type Narrowed = (Option<AppName>, Option<EnvName>);

impl Reader<'_> {
    /// `[APP] [ENV]` in either order, with or without a preposition.
    pub(super) fn filter(&mut self) -> Understood<Narrowed> {
        self.narrowed(|_| Ok(false))
    }

    /// The same, with something else before, between or behind the names, which `other` takes.
    pub(super) fn narrowed(
        &mut self,
        mut other: impl FnMut(&mut Self) -> Understood<bool>,
    ) -> Understood<Narrowed> {
        let (mut app, mut env) = (None, None);
        loop {
            if other(self)? {
                continue;
            }
            let said = self.preposition();
            let Some(word) = self.rest.first() else {
                return match said {
                    true => Err(Misreading::Missing {
                        what: Expected::Environment,
                    }),
                    false => Ok((app, env)),
                };
            };
            let known = (self.words.application(word), self.words.environment(word));
            match known {
                (Some(named), _) if app.is_none() && !said => app = Some(named.clone()),
                (_, Some(named)) if env.is_none() => env = Some(named.clone()),
                (Some(_), _) if said => return Err(unknown(Expected::Environment, word)),
                (Some(_), _) => return Err(Misreading::OneAtATime { verb: self.verb }),
                (_, Some(named)) => {
                    return Err(two_places(env.unwrap_or_else(|| named.clone()), named));
                }
                (None, None) => return self.no_filter(word, app, env),
            }
            self.rest = &self.rest[1..];
        }
    }

    /// A word that narrows nothing down.
    fn no_filter(
        &self,
        word: &str,
        app: Option<AppName>,
        env: Option<EnvName>,
    ) -> Understood<Narrowed> {
        self.whole(word)?;
        let (name, _) = word.split_once(',').unwrap_or((word, ""));
        if name != word && self.words.application(name).is_some() {
            return Err(Misreading::OneAtATime { verb: self.verb });
        }
        if let Some(two) = self.places_of_list(word) {
            return Err(two);
        }
        match (&app, &env) {
            (None, None) => Err(unknown(Expected::ApplicationOrEnvironment, word)),
            (Some(_), None) => Err(unknown(Expected::Environment, word)),
            (None, Some(_)) => Err(unknown(Expected::Application, word)),
            // What follows is nobody's.
            (Some(_), Some(_)) => Ok((app, env)),
        }
    }

    /// `APP[/IMAGE] [from ENV] to ENV`, or with where it comes from at the end.
    pub(super) fn promote(&mut self) -> Understood<Command> {
        let leading = self.leading_place();
        let each = self.list()?;
        let image = each.first().and_then(|one| one.image.clone());
        let (app, also) = names_only(each)?;
        if !also.is_empty() {
            return Err(Misreading::OneAtATime { verb: self.verb });
        }
        let mut from = self.promoted_from()?;
        let env = match leading {
            Some(env) => env,
            None => self.place()?.0,
        };
        if from.is_none() {
            from = self.promoted_from()?;
        }
        if from.as_ref() == Some(&env) {
            let word = env.to_string();
            return Err(Misreading::Repeated { word });
        }
        self.no_second_place(&env)?;
        Ok(Command::Promote {
            app,
            image,
            from,
            env,
        })
    }

    fn promoted_from(&mut self) -> Understood<Option<EnvName>> {
        match self.skip(&[FROM]) {
            true => Ok(Some(self.place()?.0)),
            false => Ok(None),
        }
    }

    /// An environment at the front, with or without a preposition.
    pub(super) fn leading_place(&mut self) -> Option<EnvName> {
        let words = match self.rest {
            [first, rest @ ..] if is_preposition(first) => rest,
            words => words,
        };
        let (first, rest) = words.split_first()?;
        let env = self.words.environment(first)?.clone();
        self.rest = rest;
        Some(env)
    }

    /// The environment behind the names, and whether a preposition stands before it.
    pub(super) fn place(&mut self) -> Understood<(EnvName, bool)> {
        let spelt_out = self.preposition();
        let Some(word) = self.next() else {
            return Err(Misreading::Missing {
                what: Expected::Environment,
            });
        };
        if let Some(env) = self.words.environment(word) {
            return Ok((env.clone(), spelt_out));
        }
        if let Some(two) = self.places_of_list(word) {
            return Err(two);
        }
        Err(unknown(Expected::Environment, word))
    }

    /// One of the ECS services that the application has there.
    pub(super) fn service(&mut self, app: &AppName, env: &EnvName) -> Understood<String> {
        let word = self.next().unwrap_or_default();
        let mut services = self.words.services(app, env).iter();
        let known = services.find(|name| name.eq_ignore_ascii_case(word));
        known.cloned().ok_or_else(|| Misreading::UnknownService {
            app: app.clone(),
            env: env.clone(),
            word: word.to_owned(),
        })
    }

    /// Another environment behind the first is never a ref.
    pub(super) fn no_second_place(&self, env: &EnvName) -> Understood<()> {
        let idle = |word: &&String| {
            let idle = matches!(self.sense(word), Some(Sense::Filler | Sense::Preposition));
            idle || matches!(word.as_str(), "," | "&" | "+")
        };
        let word = self.rest.iter().find(|word| !idle(word));
        let second = word.and_then(|word| self.words.environment(word.trim_matches(',')));
        match second {
            Some(second) if second != env => Err(two_places(env.clone(), second)),
            _ => Ok(()),
        }
    }

    /// `staging,beta`
    fn places_of_list(&self, word: &str) -> Option<Misreading> {
        let mut named = word.split(',').map(|name| self.words.environment(name));
        let (one, other) = (named.next()??, named.next()??);
        Some(two_places(one.clone(), other))
    }
}

fn two_places(one: EnvName, other: &EnvName) -> Misreading {
    let other = other.clone();
    Misreading::TwoEnvironments { one, other }
}
