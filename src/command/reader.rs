//! The high step: reads the typed words off the front, each as what the grammar wants at its place,
//! among the known names. Every refusal is made here; nothing is ever skipped or assumed.

mod image;

use super::{
    AppRef, Command, CommandVerb, Expected, MAX_APPLICATIONS, Misreading, Misunderstood,
    Vocabulary,
    typed::{QUOTES, Typed},
    vocabulary::{Candidates, nearest},
};
use crate::names::{AppName, DeployId, EnvName, Ref};

/// The words not read yet, and what is needed to read them.
pub(super) struct Reader<'a> {
    rest: &'a [String],
    /// What is left of a word that a comma divides.
    pending: Option<&'a str>,
    verb: CommandVerb,
    /// No verb was typed, so the first word may be a verb misspelt as well as an application.
    led_by_name: bool,
    words: &'a Vocabulary,
}

impl<'a> Reader<'a> {
    pub(super) fn new(typed: &'a Typed, verb: CommandVerb, words: &'a Vocabulary) -> Self {
        Self {
            rest: typed.words(),
            pending: None,
            verb,
            led_by_name: typed.verb().is_none() && !typed.said_deploy(),
            words,
        }
    }

    pub(super) fn deploy(&mut self) -> Result<Command, Misunderstood> {
        let (first, mut more) = self.application_and_ref(true)?;
        let mut also: Vec<AppRef> = Vec::new();
        while more {
            let (next, and_more) = self.application_and_ref(false)?;
            let mut named = std::iter::once(&first).chain(&also);
            if named.any(|before| before.app == next.app) {
                let word = next.app.to_string();
                return Err(Misunderstood::new(Misreading::Repeated { word }, self.verb));
            }
            if also.len() + 1 >= MAX_APPLICATIONS {
                return Err(Misunderstood::new(Misreading::TooMany, self.verb));
            }
            also.push(next);
            more = and_more;
        }
        let spelt_out = self.preposition();
        let place = self.rest.first();
        let env = self.environment().map_err(|misunderstood| match place {
            Some(word) if also.is_empty() => self.perhaps_a_ref(misunderstood, first.clone(), word),
            Some(_) | None => misunderstood,
        })?;
        let AppRef {
            app,
            image,
            mut reference,
        } = first;
        let no_refs = reference.is_none() && also.iter().all(|one| one.reference.is_none());
        // Behind several names it is the ref of all of them; where it has a comma, whose is not plain.
        if let (true, false, [word, ..]) = (no_refs, spelt_out, self.rest)
            && (also.is_empty() || !word.contains(','))
        {
            self.rest = &self.rest[1..];
            let word = match leads_ref(word) && word.len() > 1 {
                true => &word[1..],
                false => word,
            };
            reference = Some(self.reference(word)?);
            for one in &mut also {
                one.reference.clone_from(&reference);
            }
        }
        Ok(Command::Deploy {
            app,
            image,
            reference,
            also,
            env,
        })
    }

    /// One `APP[/IMAGE][:REF]`, and whether a comma says that another one follows.
    fn application_and_ref(&mut self, is_first: bool) -> Result<(AppRef, bool), Misunderstood> {
        let Some(word) = self.next() else {
            return Err(self.missing(Expected::Application));
        };
        // Names hold none of these characters, refs may hold all: the first one is the boundary.
        let boundary = word
            .char_indices()
            .skip(1)
            .find(|(_, c)| ":@,".contains(*c));
        let (names, tail) = match boundary {
            Some((at, c)) => (&word[..at], Some((c, &word[at + 1..]))),
            None => (word, None),
        };
        let (name, image) = match names.split_once('/') {
            Some((name, image)) => (name, Some(image)),
            None => (names, None),
        };
        let Some(app) = self.words.application(name).cloned() else {
            return Err(match is_first {
                true => self.unknown_first(name),
                false => self.unknown_application(name),
            });
        };
        let image = image.map(|word| self.image(&app, word)).transpose()?;
        let (reference, more) = match tail {
            Some((',', rest)) => {
                self.pending = Some(rest).filter(|rest| !rest.is_empty());
                (None, true)
            }
            Some((_, "")) => self.separate_ref()?,
            Some((_, text)) => self.ref_of_list(text)?,
            None if self.rest.first().is_some_and(|word| leads_ref(word)) => {
                match self.next().map(|word| &word[1..]) {
                    Some("") | None => self.separate_ref()?,
                    Some(text) => self.ref_of_list(text)?,
                }
            }
            None => (None, false),
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
    fn ref_of_list(&mut self, text: &'a str) -> Result<(Option<Ref>, bool), Misunderstood> {
        let ends_list = |at: &usize| {
            let rest = &text[at + 1..];
            let name = rest.split([':', '@', ',', '/']).next().unwrap_or(rest);
            rest.is_empty() || self.words.application(name).is_some()
        };
        let mut commas = text.match_indices(',').map(|(at, _)| at);
        let Some(at) = commas.find(ends_list) else {
            return Ok((Some(self.reference(text)?), false));
        };
        let rest = &text[at + 1..];
        self.pending = Some(rest).filter(|rest| !rest.is_empty());
        Ok((Some(self.reference(&text[..at])?), true))
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

    pub(super) fn rollback(&mut self) -> Result<Command, Misunderstood> {
        let (app, env) = self.target()?;
        let said_to = self.skip(&["to"]);
        let to = if said_to || !self.rest.is_empty() {
            Some(self.deploy_id()?)
        } else {
            None
        };
        Ok(Command::Rollback { app, env, to })
    }

    pub(super) fn help(&mut self) -> Result<Command, Misunderstood> {
        let Some(word) = self.next() else {
            return Ok(Command::Help { about: None });
        };
        match word.parse::<CommandVerb>() {
            Ok(verb) => Ok(Command::Help { about: Some(verb) }),
            Err(_) => {
                let near = nearest(word, &Candidates::verbs());
                Err(self
                    .unknown(Expected::Command, word)
                    .suggest(near)
                    .known(CommandVerb::ALL.map(|verb| verb.to_string())))
            }
        }
    }

    /// `APP on ENV`, both demanded.
    pub(super) fn target(&mut self) -> Result<(AppName, EnvName), Misunderstood> {
        let Some(word) = self.next() else {
            return Err(self.missing(Expected::Application));
        };
        self.whole(word)?;
        let Some(app) = self.words.application(word).cloned() else {
            return Err(self.unknown_application(word));
        };
        self.preposition();
        Ok((app, self.environment()?))
    }

    /// `[APP] [ENV]`, in this order, with or without a preposition between.
    pub(super) fn filter(&mut self) -> Result<(Option<AppName>, Option<EnvName>), Misunderstood> {
        let app = self
            .rest
            .first()
            .and_then(|word| self.words.application(word))
            .cloned();
        if app.is_some() {
            self.next();
        }
        if self.preposition() || (app.is_some() && !self.rest.is_empty()) {
            return Ok((app, Some(self.environment()?)));
        }
        let Some(word) = self.next() else {
            return Ok((app, None));
        };
        self.whole(word)?;
        match self.words.environment(word) {
            Some(env) => Ok((app, Some(env.clone()))),
            None => {
                let mut candidates = self.words.applications();
                candidates.extend(self.words.environments());
                let near = nearest(word, &candidates);
                Err(self
                    .unknown(Expected::ApplicationOrEnvironment, word)
                    .suggest(near)
                    .known(
                        self.words
                            .application_names()
                            .chain(self.words.environment_names()),
                    ))
            }
        }
    }

    fn environment(&mut self) -> Result<EnvName, Misunderstood> {
        let Some(word) = self.next() else {
            return Err(self
                .missing(Expected::Environment)
                .known(self.words.environment_names()));
        };
        self.words.environment(word).cloned().ok_or_else(|| {
            let near = nearest(word, &self.words.environments());
            self.unknown(Expected::Environment, word)
                .suggest(near)
                .known(self.words.environment_names())
        })
    }

    pub(super) fn deploy_id(&mut self) -> Result<DeployId, Misunderstood> {
        let Some(word) = self.next() else {
            return Err(self.missing(Expected::Deploy));
        };
        word.parse().map_err(|why| {
            let what = Expected::Deploy;
            let word = word.to_owned();
            Misunderstood::new(Misreading::Bad { what, word, why }, self.verb)
        })
    }

    /// The ref after a separator that stands alone: `webapp: main`. A preposition there means that
    /// the ref was left out.
    fn separate_ref(&mut self) -> Result<(Option<Ref>, bool), Misunderstood> {
        match self.rest.first() {
            Some(word) if !is_preposition(word) => {
                self.rest = &self.rest[1..];
                self.ref_of_list(word)
            }
            Some(_) | None => Err(self.missing(Expected::Ref)),
        }
    }

    fn reference(&self, word: &str) -> Result<Ref, Misunderstood> {
        let word = word.trim_matches(QUOTES);
        word.parse().map_err(|why| {
            let what = Expected::Ref;
            let word = word.to_owned();
            Misunderstood::new(Misreading::Bad { what, word, why }, self.verb)
        })
    }

    pub(super) fn end(&self) -> Result<(), Misunderstood> {
        if self.rest.is_empty() {
            return Ok(());
        }
        let words = self.rest.join(" ");
        Err(Misunderstood::new(
            Misreading::Trailing { words },
            self.verb,
        ))
    }

    fn next(&mut self) -> Option<&'a str> {
        if let Some(pending) = self.pending.take() {
            return Some(pending);
        }
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn preposition(&mut self) -> bool {
        self.skip(&PREPOSITIONS)
    }

    fn skip(&mut self, any_of: &[&str]) -> bool {
        let found = self
            .rest
            .first()
            .is_some_and(|word| any_of.iter().any(|w| word.eq_ignore_ascii_case(w)));
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn missing(&self, what: Expected) -> Misunderstood {
        Misunderstood::new(Misreading::Missing { what }, self.verb)
    }

    fn unknown(&self, what: Expected, word: &str) -> Misunderstood {
        let word = word.to_owned();
        Misunderstood::new(Misreading::Unknown { what, word }, self.verb)
    }

    fn unknown_application(&self, word: &str) -> Misunderstood {
        self.unknown(Expected::Application, word)
            .suggest(nearest(word, &self.words.applications()))
            .known(self.words.application_names())
    }

    /// The first word of a deploy is no application: perhaps a verb misspelt, perhaps the two names
    /// swapped.
    fn unknown_first(&self, word: &str) -> Misunderstood {
        let known = self.words.application_names();
        if let (Some(env), Some(app)) = (
            self.words.environment(word),
            self.rest.iter().find_map(|w| self.words.application(w)),
        ) {
            return self
                .unknown(Expected::Application, word)
                .suggest(Some(format!("{app} to {env}")))
                .known(known);
        }
        if !self.led_by_name {
            return self.unknown_application(word);
        }
        // `shop to staging`: with a preposition behind it, it can only be an application.
        let followed_by_place = self.rest.first().is_some_and(|next| is_preposition(next));
        let mut candidates = self.words.applications();
        if !followed_by_place {
            candidates.extend(Candidates::verbs());
        }
        let near = nearest(word, &candidates);
        let verb = near.as_deref().and_then(|near| near.parse().ok());
        self.unknown(Expected::CommandOrApplication, word)
            .suggest(near)
            .known(known)
            .about(verb.unwrap_or(self.verb))
    }

    /// `webapp main to staging` is not in the grammar, but what was meant is plain enough to say.
    fn perhaps_a_ref(
        &self,
        misunderstood: Misunderstood,
        named: AppRef,
        word: &str,
    ) -> Misunderstood {
        if let (Ok(reference), [to, env, ..]) = (word.parse::<Ref>(), self.rest)
            && is_preposition(to)
            && let Some(env) = self.words.environment(env)
        {
            let meant = AppRef {
                reference: Some(reference),
                ..named
            };
            return misunderstood.suggest(Some(format!("{meant} to {env}")));
        }
        misunderstood
    }
}

/// The words that may stand before an environment.
const PREPOSITIONS: [&str; 3] = ["to", "on", "in"];

fn is_preposition(word: &str) -> bool {
    PREPOSITIONS.iter().any(|w| word.eq_ignore_ascii_case(w))
}

fn leads_ref(word: &str) -> bool {
    word.starts_with([':', '@'])
}
