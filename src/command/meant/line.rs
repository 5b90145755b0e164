//! The line out of what was found among the words.

use super::super::lexicon::{self, Sense};
use super::super::misunderstood::{Expected, Misreading, Suggestion};
use super::super::moment::{Day, Moment, Period};
use super::super::usage::CommandVerb;
use super::super::{AppRef, Command, HistoryScope, Vocabulary};
use super::Meant;
use super::its_ref::ItsRef;
use super::right::wants_time;

/// The longest line that is suggested, in characters.
const LONGEST_LINE: usize = 200;

/// Stands for the time that somebody would name: one that has passed whenever it is typed.
const EXAMPLE: Period = Period::Since(Moment {
    day: Some(Day::Yesterday),
    time: None,
});

impl Meant {
    /// The line for whoever typed it.
    pub(in crate::command) fn line(
        self,
        problem: &Misreading,
        vocabulary: &Vocabulary,
    ) -> Suggestion {
        // What was typed in its place says nothing, and what follows it may say anything.
        let unknown = matches!(problem, Misreading::Unknown { .. }) && self.left_over;
        let line = match self.found(problem, vocabulary) {
            Suggestion::Meant(command) if unknown => Suggestion::Instance(command),
            line => line,
        };
        let text = line.command().to_string();
        let short = text.chars().count() <= LONGEST_LINE;
        // A ref may be one that is not read back.
        match short && Command::read(&text, vocabulary).as_ref() == Ok(line.command()) {
            true => line,
            false => instance(Command::Help { about: None }),
        }
    }

    fn found(mut self, problem: &Misreading, vocabulary: &Vocabulary) -> Suggestion {
        let verb = self.verb_for(problem);
        if self.last && matches!(verb, CommandVerb::Show | CommandVerb::Status) {
            return self.newest();
        }
        if let Some(line) = self.about_a_deploy(verb) {
            return line;
        }
        if let Misreading::NotPlanned { verb, .. } = problem {
            return self.instead_of_a_plan(*verb);
        }
        if let Misreading::UnknownImage { app, word } = problem
            && let Some(one) = self.apps.iter_mut().find(|one| one.app == *app)
            && let Some(image) = vocabulary.near_image(app, word)
        {
            one.image = Some(image.clone());
            // It was taken for a ref.
            one.reference = one
                .reference
                .take()
                .filter(|reference| reference.as_str() != word);
        }
        if let Misreading::OtherRepository { app, word, .. } = problem
            && let Some(one) = self.apps.iter_mut().find(|one| one.app == *app)
            && let Some(built) = vocabulary.built_from(word).next()
        {
            one.app = built.clone();
        }
        let says_nothing = self.apps.is_empty() && self.env.is_none();
        match verb {
            CommandVerb::Help => self.help(problem),
            CommandVerb::Status | CommandVerb::Where => self.status(problem, vocabulary),
            CommandVerb::History => self.history(problem),
            CommandVerb::Show => self.newest(),
            CommandVerb::Grant | CommandVerb::Revoke | CommandVerb::Who => {
                self.of_rights(verb, problem, vocabulary)
            }
            CommandVerb::Deploy
                if says_nothing && self.verb.is_none() && !asks_for_name(problem) =>
            {
                instance(Command::Help { about: None })
            }
            CommandVerb::Deploy
            | CommandVerb::Promote
            | CommandVerb::Plan
            | CommandVerb::WhyNot
            | CommandVerb::Diff
            | CommandVerb::Rollback
            | CommandVerb::Cancel
            | CommandVerb::Restart
            | CommandVerb::Logs => self.at_a_place(verb, problem, vocabulary),
        }
    }

    fn verb_for(&self, problem: &Misreading) -> CommandVerb {
        match self.verb {
            // What is newest is what is deployed by default; what runs is what a restart leaves.
            None if self.again && !self.names_refs() => CommandVerb::Restart,
            // "who deployed webapp today"
            Some(CommandVerb::Who) if self.asks_who_did() => CommandVerb::History,
            // "what ran at 14:05"
            Some(CommandVerb::Status | CommandVerb::Where) if self.moment.is_some() => {
                CommandVerb::Status
            }
            // "what changed since yesterday", "yesterday"
            Some(CommandVerb::Status) | None if self.is_about_a_time() => CommandVerb::History,
            Some(verb) => verb,
            None if self.last => CommandVerb::Show,
            None => match problem {
                Misreading::Word {
                    sense: Sense::Perhaps(verb),
                    ..
                } => *verb,
                _ => CommandVerb::Deploy,
            },
        }
    }

    pub(super) fn is_about_a_time(&self) -> bool {
        match self.period {
            Some(Period::Since(_)) => self.verb.is_some() || self.apps.is_empty(),
            Some(Period::Day(_)) => self.apps.is_empty() || self.verb == Some(CommandVerb::Status),
            None => false,
        }
    }

    fn names_refs(&self) -> bool {
        !self.refs.is_empty() || self.apps.iter().any(|one| one.reference.is_some())
    }

    /// A line about one deploy, where its id was typed and no place.
    fn about_a_deploy(&self, verb: CommandVerb) -> Option<Suggestion> {
        let deploy = self
            .deploy
            .clone()
            .filter(|_| self.apps.is_empty() && self.env.is_none())?;
        Some(meant(match verb {
            CommandVerb::Cancel => Command::CancelOf { deploy },
            CommandVerb::Restart => Command::RestartOf { deploy },
            CommandVerb::WhyNot => Command::WhyNotOf { deploy },
            // Back from it, or back to it: nobody can tell.
            _ => Command::Show { deploy },
        }))
    }

    fn help(&self, problem: &Misreading) -> Suggestion {
        let about = match problem {
            _ if self.about.is_some() => self.about,
            Misreading::Unknown {
                what: Expected::Command,
                word,
            } => lexicon::near_verb(word),
            _ => None,
        };
        match about {
            Some(_) => meant(Command::Help { about }),
            None => instance(Command::Help { about: None }),
        }
    }

    fn newest(self) -> Suggestion {
        let app = self.apps.into_iter().next().map(|one| one.app);
        meant(Command::ShowLast { app, env: self.env })
    }

    /// What runs, or what ran where a time was typed or was to be.
    fn status(self, problem: &Misreading, vocabulary: &Vocabulary) -> Suggestion {
        let env = self.env;
        let named = self.apps.into_iter().next().map(|one| one.app);
        let Some(at) = self
            .moment
            .or_else(|| wants_time(problem).then_some(Moment::EXAMPLE))
        else {
            return read(Command::Status { app: named, env }, problem);
        };
        let whole = named.is_some() && self.moment.is_some();
        let there = env.as_ref();
        let Some(app) = named.or_else(|| vocabulary.application_in(there).cloned()) else {
            return instance(Command::Help { about: None });
        };
        let command = Command::StatusAt { app, env, at };
        match whole {
            true => read(command, problem),
            false => instance(command),
        }
    }

    fn history(self, problem: &Misreading) -> Suggestion {
        let scope = match self.all {
            true => HistoryScope::All,
            false => HistoryScope::Changes,
        };
        let command = Command::History {
            app: self.apps.into_iter().next().map(|one| one.app),
            env: self.env,
            scope,
            period: self
                .period
                .or_else(|| wants_time(problem).then_some(EXAMPLE)),
        };
        match wants_time(problem) && self.period.is_none() {
            true => instance(command),
            false => read(command, problem),
        }
    }

    /// A line about one place: one that changes something, or shows its logs.
    fn at_a_place(
        mut self,
        verb: CommandVerb,
        problem: &Misreading,
        vocabulary: &Vocabulary,
    ) -> Suggestion {
        let mut whole = self.env.is_some();
        if self.left_over && matches!(problem, Misreading::Unknown { .. }) {
            self.refs.clear();
        }
        if self.apps.is_empty() {
            return self.look_first(verb, problem);
        }
        match (self.give_ref(problem, vocabulary), verb) {
            // No line that works can be made up: the form has a field for it.
            (ItsRef::Wanting, CommandVerb::Deploy) => return self.look_first(verb, problem),
            (ItsRef::Wanting, _) => whole = false,
            (ItsRef::Typed, _) => {}
        }
        let mut each = self.apps.into_iter();
        let Some(first) = each.next() else {
            return instance(Command::Help { about: None });
        };
        // From where it is promoted is not where to.
        let there = self.env.filter(|env| {
            let itself = verb == CommandVerb::Promote && self.from.as_ref() == Some(env);
            whole &= !itself;
            !itself
        });
        let example = || match verb {
            CommandVerb::Logs => vocabulary.place_with_logs(&first.app),
            CommandVerb::Promote => vocabulary.place_after(&first.app, self.from.as_ref()),
            _ => None,
        };
        let usual = || vocabulary.places(&first.app).into_iter().next();
        let Some(env) = there.or_else(example).or_else(usual) else {
            return instance(Command::Help { about: None });
        };
        let word = match problem {
            Misreading::UnknownService { word, .. } => Some(word.as_str()),
            _ => self.service.as_deref(),
        };
        let service = word.and_then(|word| vocabulary.near_service(&first.app, &env, word));
        let service = service.map(str::to_owned);
        let no_service = matches!(problem, Misreading::UnknownService { .. }) && service.is_none();
        whole &= !no_service;
        let also: Vec<AppRef> = each.collect();
        let names = || also.iter().map(|one| one.app.clone()).collect();
        let AppRef {
            app,
            image,
            reference,
        } = first;
        let command = match verb {
            CommandVerb::Rollback => Command::Rollback {
                app,
                to: reference,
                also: also
                    .into_iter()
                    .map(|one| AppRef { image: None, ..one })
                    .collect(),
                env,
            },
            CommandVerb::Promote => Command::Promote {
                app,
                image,
                from: self.from.filter(|from| *from != env),
                env,
            },
            CommandVerb::Cancel => Command::Cancel { app, env },
            CommandVerb::Logs => Command::Logs {
                app,
                image,
                env,
                service,
            },
            CommandVerb::Restart => Command::Restart {
                app,
                also: names(),
                env,
            },
            _ => Command::Deploy {
                app,
                image,
                reference,
                also,
                env,
            },
        };
        let command = command.asked_with(verb);
        match whole {
            true => meant(command),
            false => instance(command),
        }
    }
}

/// Whether somebody named something that is not there, so that a line with a name that is helps.
fn asks_for_name(problem: &Misreading) -> bool {
    match problem {
        Misreading::Unknown { what, .. } => !matches!(what, Expected::CommandOrApplication),
        Misreading::Missing { .. } | Misreading::Word { .. } => true,
        _ => false,
    }
}

/// A line that shows something: what was meant, unless something had to be made up.
fn read(command: Command, problem: &Misreading) -> Suggestion {
    match problem {
        Misreading::Missing { .. } => instance(command),
        _ => meant(command),
    }
}

pub(super) fn meant(command: Command) -> Suggestion {
    Suggestion::Meant(Box::new(command))
}

pub(super) fn instance(command: Command) -> Suggestion {
    Suggestion::Instance(Box::new(command))
}
