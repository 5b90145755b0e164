//! What a text that is no command was meant to be: the line that is suggested. It is a `Command`, so
//! that it works when it is typed; nothing of this is ever carried out.
//!
//! Every word is looked at by itself: names, verbs and ids wherever they stand, then, for what is still
//! wanting, the names that are near to what is left. What is still wanting then is taken from the
//! configuration, and the line is an instance instead of what was meant.

mod its_ref;
mod line;
mod look;
mod right;
mod time;
mod tokens;

use std::collections::VecDeque;

use self::tokens::{Spoken, tokens};
use super::lexicon::{self, Sense, sense};
use super::moment::{Moment, Period};
use super::reader::pull_request;
use super::usage::CommandVerb;
use super::vocabulary::name_and_rest;
use super::{AppRef, MAX_APPLICATIONS, Vocabulary};
use crate::names::{AppName, DeployId, EnvName, Ref, Somebody};

/// Around and between words, whoever typed them.
const MARKS: &[char] = &[
    '(', ')', '[', ']', '{', '}', '<', '>', '.', ',', ';', '!', '?', '…', '"', '\'', '`', '*', '_',
    '~', ':', '=', '|', '→', '\\', '/', '-',
];
/// The shortest word that is taken for a misspelt verb wherever it stands, in characters.
const SURELY_A_VERB: usize = 5;

/// What was found among the words.
#[derive(Debug, Default)]
pub(super) struct Meant {
    verb: Option<CommandVerb>,
    /// What help is wanted about.
    about: Option<CommandVerb>,
    again: bool,
    last: bool,
    /// Every entry of the history.
    all: bool,
    /// A time.
    period: Option<Period>,
    /// A time of a day, at which something ran.
    moment: Option<Moment>,
    apps: Vec<AppRef>,
    env: Option<EnvName>,
    /// Where something is promoted from.
    from: Option<EnvName>,
    /// An ECS service, where logs are wanted.
    service: Option<String>,
    deploy: Option<DeployId>,
    /// What may be a ref.
    refs: Vec<Ref>,
    /// Somebody, by the sign before them.
    person: Option<Somebody>,
    /// There was a word that nothing is made of.
    left_over: bool,
}

impl Meant {
    /// What these words may say.
    pub(super) fn by(words: &[String], vocabulary: &Vocabulary) -> Self {
        let plain = time::plain(words, vocabulary);
        let mut meant = Self {
            period: time::period(&plain),
            moment: time::moment(&plain),
            person: person(words, vocabulary),
            ..Self::default()
        };
        let rest = meant.certain(tokens(words, vocabulary), vocabulary);
        let rest = meant.pull_requests(rest);
        let rest = meant.joined(rest, vocabulary);
        meant.near(rest, vocabulary);
        meant
    }

    /// Takes what is known as it stands; returns the rest.
    fn certain(&mut self, tokens: Vec<Spoken>, vocabulary: &Vocabulary) -> Vec<Spoken> {
        let mut rest = Vec::new();
        let mut placed = false;
        let mut sourced = false;
        let mut certain_place = false;
        // "of all applications" says nothing of the entries.
        let ends_so = |token: &Spoken| token.text.eq_ignore_ascii_case(lexicon::ALL);
        self.all = tokens.last().is_some_and(ends_so);
        for mut token in tokens {
            token.placed = placed;
            placed = lexicon::is_preposition(&token.text);
            let is_source = sourced && self.verb == Some(CommandVerb::Promote);
            sourced = token.text.eq_ignore_ascii_case(lexicon::FROM);
            // `staging/web`: a host there, for tools that know hosts.
            let place = token.text.split('/').next().unwrap_or_default();
            if let Some(env) = vocabulary.environment(place) {
                if is_source {
                    self.from = Some(env.clone());
                    continue;
                }
                // Where to counts, not from where.
                if self.env.is_none() || (token.placed && !certain_place) {
                    self.env = Some(env.clone());
                    certain_place = token.placed;
                }
                continue;
            }
            if let Some(app) = application(&token.text, vocabulary) {
                self.take(app, vocabulary);
                continue;
            }
            match sense(&token.text) {
                Some(Sense::Verb(verb) | Sense::Perhaps(verb)) => self.take_verb(verb, &token.text),
                Some(Sense::NotYet(verb)) => self.verb = Some(verb),
                Some(Sense::Again) => self.again = true,
                Some(Sense::Last) => self.last = true,
                Some(Sense::Preposition | Sense::Courtesy | Sense::Filler) => {}
                None if self.takes_service(&token.text, vocabulary) => {}
                None => rest.push(token),
            }
        }
        rest
    }

    /// Takes `#42`, `pr 42` and `pr #42` out of the words.
    fn pull_requests(&mut self, tokens: Vec<Spoken>) -> Vec<Spoken> {
        let mut rest: Vec<Spoken> = Vec::new();
        for token in tokens {
            let before = rest.last();
            let announced = before.is_some_and(|before| is_called_request(&before.text));
            let number = token.text.trim_start_matches('#');
            let by_number = || pull_request(&format!("#{number}")).filter(|_| announced);
            match pull_request(&token.text).or_else(by_number) {
                Some(request) => {
                    if announced {
                        rest.pop();
                    }
                    self.refs.push(request);
                }
                None => rest.push(token),
            }
        }
        rest
    }

    /// Whether a word is an ECS service of the application whose logs are wanted, or says which that is.
    fn takes_service(&mut self, word: &str, vocabulary: &Vocabulary) -> bool {
        let wanted = self.verb == Some(CommandVerb::Logs) && self.service.is_none();
        let Some(app) = vocabulary.application_of(word).filter(|_| wanted) else {
            return false;
        };
        if self.apps.is_empty() {
            self.take(AppRef::whole(app), vocabulary);
        }
        self.service = Some(word.to_owned());
        true
    }

    fn take(&mut self, named: AppRef, vocabulary: &Vocabulary) {
        let as_place = named
            .reference
            .as_ref()
            .and_then(|word| vocabulary.environment(word.as_str()));
        let named = match (as_place.cloned(), &self.env) {
            // `webapp@staging`
            (Some(env), None) => {
                self.env = Some(env);
                AppRef {
                    reference: None,
                    ..named
                }
            }
            _ => named,
        };
        let known = self.apps.iter().any(|one| one.app == named.app);
        if !known && self.apps.len() < MAX_APPLICATIONS {
            self.apps.push(named);
        }
    }

    /// Of several verbs, the one that says most: `kubectl rollout undo` goes back.
    fn take_verb(&mut self, verb: CommandVerb, word: &str) {
        let own = word.parse::<CommandVerb>().is_ok();
        let vague = |verb| {
            matches!(
                verb,
                CommandVerb::Deploy | CommandVerb::Help | CommandVerb::Show
            )
        };
        match self.verb {
            None => self.verb = Some(verb),
            Some(before) if vague(before) && (own || !vague(verb)) => self.verb = Some(verb),
            Some(_) => {}
        }
    }

    /// Takes names that are two words because a keyboard made them so: `web app`.
    fn joined(&mut self, tokens: Vec<Spoken>, vocabulary: &Vocabulary) -> VecDeque<Spoken> {
        let mut rest: VecDeque<Spoken> = VecDeque::new();
        for token in tokens {
            let joined = rest.back().and_then(|before| {
                let (one, two) = (&before.text, &token.text);
                let spellings = [format!("{one}{two}"), format!("{one}-{two}")];
                spellings.into_iter().find(|name| vocabulary.is_name(name))
            });
            let Some(name) = joined else {
                rest.push_back(token);
                continue;
            };
            rest.pop_back();
            match vocabulary.environment(&name) {
                Some(env) => self.env = self.env.take().or_else(|| Some(env.clone())),
                None => {
                    if let Some(app) = application(&name, vocabulary) {
                        self.take(app, vocabulary);
                    }
                }
            }
        }
        rest
    }

    /// What stands behind a preposition is a place, or the version to go back to.
    fn may_be_ref(&self, token: &Spoken) -> bool {
        !token.placed || self.verb == Some(CommandVerb::Rollback)
    }

    /// Takes what is near to something that is still wanting; what is left may be a deploy's id or a ref.
    fn near(&mut self, tokens: VecDeque<Spoken>, vocabulary: &Vocabulary) {
        for token in tokens {
            let word = token.text.as_str();
            let (name, tail) = name_and_rest(word);
            let name = name.split('/').next().unwrap_or(name);
            // Behind the first word, only a long one is more like a verb than like a ref.
            let long = word.chars().count() >= SURELY_A_VERB;
            let letters = word.chars().all(char::is_alphabetic);
            let idle = lexicon::is_near_courtesy(word) || lexicon::is_near_preposition(word);
            if !token.first && idle {
                continue;
            }
            let like_verb = token.leads || (long && letters && !token.first);
            let verb =
                lexicon::near_verb(word).filter(|_| like_verb && !lexicon::is_usual_ref(word));
            let wants_place = self.env.is_none();
            let nameless = self.apps.is_empty() && wants_place;
            if let (true, Some(about), Some(CommandVerb::Help)) =
                (token.first && nameless, self.verb, verb)
            {
                self.about = Some(about);
                self.verb = Some(CommandVerb::Help);
            } else if let (true, true, Some(env)) =
                (wants_place, token.placed, vocabulary.near_environment(word))
            {
                self.env = Some(env.clone());
            } else if let (true, None, Some(verb)) = (token.leads, self.verb, verb)
                && vocabulary.near_application(name).is_none()
            {
                self.verb = Some(verb);
            } else if let (true, Some(app)) = (
                self.apps.is_empty() || token.listed,
                vocabulary.near_application(name),
            ) {
                let reference = tail.and_then(|(_, tail)| plain(tail).parse().ok());
                let app = app.clone();
                self.take(
                    AppRef {
                        app,
                        image: None,
                        reference,
                    },
                    vocabulary,
                );
            } else if let (true, Some(env)) = (wants_place, vocabulary.near_environment(word)) {
                self.env = Some(env.clone());
            } else if let (false, None, Some(verb)) =
                (self.apps.is_empty() && wants_place, self.verb, verb)
            {
                self.verb = Some(verb);
            } else if let Some(id) = deploy_id(word) {
                self.deploy = self.deploy.take().or(Some(id));
                self.refs.extend(word.parse());
            } else if !token.leads && self.may_be_ref(&token) {
                self.refs.extend(plain(word).parse());
            } else {
                self.left_over = true;
            }
        }
    }
}

/// The first word with a sign before it that is no application and no environment.
fn person(words: &[String], vocabulary: &Vocabulary) -> Option<Somebody> {
    let mut signed = words.iter().filter(|word| word.starts_with('@'));
    let found = signed.find(|word| !vocabulary.is_name(word))?;
    found.trim_end_matches([',', '.', ':']).parse().ok()
}

/// A word that is an id, and not only eight letters.
fn deploy_id(word: &str) -> Option<DeployId> {
    let has_digit = word.bytes().any(|b| b.is_ascii_digit());
    word.parse().ok().filter(|_| has_digit)
}

/// What people call a pull request before its number.
fn is_called_request(word: &str) -> bool {
    ["pr", "mr", "pull", "request", "pull-request"]
        .iter()
        .any(|name| word.eq_ignore_ascii_case(name))
}

fn plain(word: &str) -> &str {
    let word = word.trim_matches(MARKS);
    let prefixes = ["refs/heads/", "refs/tags/", "origin/"];
    prefixes
        .iter()
        .find_map(|prefix| word.strip_prefix(prefix))
        .unwrap_or(word)
}

/// The application that a word names, alone or with what follows it: `webapp`, `webapp:main`,
/// `webapp/main`, `acme/webapp@main`, `deployment/webapp`.
fn application(word: &str, vocabulary: &Vocabulary) -> Option<AppRef> {
    let (names, tail) = name_and_rest(word);
    let reference = |text: &str| {
        let within = text
            .rsplit_once('@')
            .filter(|(place, _)| place.contains('/'));
        let text = within.map_or(text, |(_, reference)| reference);
        pull_request(text).or_else(|| plain(text).parse().ok())
    };
    let of_tail = tail.and_then(|(_, tail)| reference(tail));
    let named = |app: &AppName, image, reference| AppRef {
        app: app.clone(),
        image,
        reference,
    };
    if let Some((name, rest)) = names.split_once('#')
        && let Some(app) = vocabulary.application(name)
    {
        // `webapp#42`
        let request = pull_request(&format!("#{rest}"));
        return Some(named(app, None, request.or_else(|| reference(rest))));
    }
    if let Some(app) = vocabulary.application(names) {
        return Some(named(app, None, of_tail));
    }
    if let Some(app) = vocabulary.built_from(names).next() {
        return Some(named(app, None, of_tail));
    }
    let (name, rest) = names.split_once('/')?;
    match (vocabulary.application(name), vocabulary.application(rest)) {
        (Some(app), _) => Some(match vocabulary.image(app, rest) {
            Some(image) => named(app, Some(image.clone()), of_tail),
            None => named(app, None, of_tail.or_else(|| reference(rest))),
        }),
        (None, Some(app)) => Some(named(app, None, of_tail)),
        (None, None) => None,
    }
}
