//! `APP[/IMAGE][:REF],…`: the applications that a command names.

use super::super::vocabulary::name_and_rest;
use super::super::{AppRef, CommandVerb, Expected, MAX_APPLICATIONS, Misreading};
use super::{Reader, Understood, is_preposition, pull_request, unknown};
use crate::names::{AppName, ContainerName, Ref};

impl<'a> Reader<'a> {
    /// All applications that commas divide, at least one.
    pub(super) fn list(&mut self) -> Understood<Vec<AppRef>> {
        let mut each: Vec<AppRef> = Vec::new();
        loop {
            let (next, more) = self.application_and_ref(each.is_empty())?;
            if each.iter().any(|before| before.app == next.app) {
                let word = next.app.to_string();
                return Err(Misreading::Repeated { word });
            }
            if each.len() >= MAX_APPLICATIONS {
                return Err(Misreading::TooMany);
            }
            each.push(next);
            if !more {
                return Ok(each);
            }
        }
    }

    /// One `APP[/IMAGE][:REF]`, and whether a comma says that another one follows.
    fn application_and_ref(&mut self, is_first: bool) -> Understood<(AppRef, bool)> {
        let Some(word) = self.next() else {
            let what = Expected::Application;
            return Err(Misreading::Missing { what });
        };
        let (names, tail) = name_and_rest(word);
        let (name, image) = match names.split_once('/') {
            Some((name, image)) => (name, Some(image)),
            None => (names, None),
        };
        let Some(app) = self.words.application(name).cloned() else {
            let name = if name.is_empty() { names } else { name };
            return Err(match is_first {
                true => self.unknown_first(name),
                false => unknown(Expected::Application, name),
            });
        };
        let image = match (image, self.verb) {
            (None, _) => None,
            (
                Some(image),
                CommandVerb::Deploy | CommandVerb::Promote | CommandVerb::Diff | CommandVerb::Logs,
            ) => Some(self.image(&app, image)?),
            (Some(_), _) => return Err(self.one_image(app, names)),
        };
        let (reference, more) = match tail {
            Some((',', rest)) => {
                self.pending = Some(rest).filter(|rest| !rest.is_empty());
                (None, true)
            }
            Some((_, "")) => self.separate_ref(&app)?,
            Some((_, text)) => self.ref_of_list(&app, text)?,
            None => match self.rest.first() {
                Some(word) if leads_ref(word) && self.words.environment(word).is_none() => {
                    match self.next().map(|word| &word[1..]) {
                        Some("") | None => self.separate_ref(&app)?,
                        Some(text) => self.ref_of_list(&app, text)?,
                    }
                }
                // `webapp #42`: nothing else begins so.
                _ => match self.pull_request() {
                    Some(word) => self.ref_of_list(&app, word)?,
                    None => (None, false),
                },
            },
        };
        let more = more || self.comma();
        let named = AppRef {
            app,
            image,
            reference,
        };
        Ok((named, more))
    }

    /// A ref up to the comma behind which another application follows. Git allows commas in names,
    /// so that any other comma belongs to the ref.
    fn ref_of_list(&mut self, app: &AppName, text: &'a str) -> Understood<(Option<Ref>, bool)> {
        let ends_list = |at: &usize| {
            let rest = &text[at + 1..];
            let name = rest.split([':', '@', ',', '/']).next().unwrap_or(rest);
            rest.is_empty() || self.words.application(name).is_some()
        };
        let mut commas = text.match_indices(',').map(|(at, _)| at);
        let Some(at) = commas.find(ends_list) else {
            return Ok((Some(self.ref_or_version(app, text)?), false));
        };
        let rest = &text[at + 1..];
        self.pending = Some(rest).filter(|rest| !rest.is_empty());
        Ok((Some(self.ref_or_version(app, &text[..at])?), true))
    }

    /// A pull request that stands behind its application as a word of its own, where it can be meant: `#42`, `#42,cms`.
    fn pull_request(&mut self) -> Option<&'a str> {
        let takes = matches!(self.verb, CommandVerb::Deploy | CommandVerb::Diff);
        let word = self.rest.first().filter(|_| takes)?;
        let first = word.split(',').next().unwrap_or(word);
        pull_request(first)?;
        self.next()
    }

    /// A comma that stands alone, or before the next word.
    fn comma(&mut self) -> bool {
        let Some(rest) = self.rest.first().and_then(|word| word.strip_prefix(',')) else {
            return false;
        };
        self.rest = &self.rest[1..];
        self.pending = Some(rest).filter(|rest| !rest.is_empty());
        true
    }

    /// The ref after a separator that stands alone: `webapp: main`. A preposition there means that
    /// the ref was left out.
    fn separate_ref(&mut self, app: &AppName) -> Understood<(Option<Ref>, bool)> {
        match self.rest.first() {
            Some(word) if !is_preposition(word) => {
                self.rest = &self.rest[1..];
                self.ref_of_list(app, word)
            }
            Some(_) | None => Err(Misreading::Missing {
                what: Expected::Ref,
            }),
        }
    }

    /// The first word of a deploy is no application: perhaps a verb misspelt.
    fn unknown_first(&self, word: &str) -> Misreading {
        // `shop to staging`: with a preposition behind it, it can only be an application.
        let followed_by_place = self.rest.first().is_some_and(|next| is_preposition(next));
        let what = match self.led_by_name && !followed_by_place {
            true => Expected::CommandOrApplication,
            false => Expected::Application,
        };
        unknown(what, word)
    }

    /// One of the application's images beside its own.
    fn image(&self, app: &AppName, word: &str) -> Understood<ContainerName> {
        let problem = || Misreading::UnknownImage {
            app: app.clone(),
            word: word.to_owned(),
        };
        self.words.image(app, word).cloned().ok_or_else(problem)
    }

    /// Refuses one image of an application, where all of it is meant.
    pub(super) fn whole(&self, word: &str) -> Understood<()> {
        let named = word.split_once('/');
        let app = named.and_then(|(name, _)| self.words.application(name));
        match app {
            Some(app) => Err(self.one_image(app.clone(), word)),
            None => Ok(()),
        }
    }

    fn one_image(&self, app: AppName, word: &str) -> Misreading {
        Misreading::OneImage {
            app,
            word: word.to_owned(),
            verb: self.verb,
        }
    }
}

/// Whether a word is a ref by its sign.
fn leads_ref(word: &str) -> bool {
    word.starts_with([':', '@'])
}
