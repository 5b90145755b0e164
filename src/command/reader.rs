//! The high step: reads the typed words off the front, each as what the grammar wants at its place,
//! among the known names. Every refusal is made here; nothing is ever skipped or assumed.

mod alone;
mod compare;
mod list;
mod place;
mod reference;
mod right;
mod time;

pub(super) use self::reference::pull_request;
use super::lexicon::{LAST, Sense, is_preposition, sense};
use super::typed::Typed;
use super::{AppRef, Command, CommandVerb, Expected, Misreading, Vocabulary};
use crate::names::{AppName, DeployId, EnvName};

type Understood<T> = Result<T, Misreading>;

/// The words not read yet, and what is needed to read them.
pub(super) struct Reader<'a> {
    rest: &'a [String],
    /// What is left of a word that a comma divides.
    pending: Option<&'a str>,
    verb: CommandVerb,
    /// No verb was typed, so the first word may be a verb misspelt as well as an application.
    led_by_name: bool,
    words: &'a Vocabulary,
    typed: &'a Typed,
}

impl<'a> Reader<'a> {
    pub(super) fn new(typed: &'a Typed, words: &'a Vocabulary) -> Self {
        Self {
            rest: typed.words(),
            pending: None,
            verb: CommandVerb::Deploy,
            led_by_name: true,
            words,
            typed,
        }
    }

    /// The whole command, to its last word.
    pub(super) fn command(&mut self) -> Understood<Command> {
        if self.rest.is_empty() {
            return Ok(Command::Form);
        }
        self.take_verb()?;
        if self.rest.is_empty() && self.verb == CommandVerb::Deploy {
            return Ok(Command::Form);
        }
        if let ([word], false) = (self.rest, self.led_by_name)
            && self.sense(word) == Some(Sense::Verb(CommandVerb::Help))
        {
            let about = Some(self.verb);
            return Ok(Command::Help { about });
        }
        let command = match self.verb {
            CommandVerb::Deploy => self.deploy(),
            CommandVerb::Promote => self.promote(),
            CommandVerb::Plan => self.plan(),
            CommandVerb::WhyNot => self.why_not(),
            CommandVerb::Diff => self.diff(),
            CommandVerb::Rollback => self.rollback(),
            CommandVerb::Cancel => self.cancel(),
            CommandVerb::Restart => self.restart(),
            CommandVerb::Status => self.status(),
            CommandVerb::Where => self.whereabouts(),
            CommandVerb::Logs => self.logs(),
            CommandVerb::History => self.history(),
            CommandVerb::Show => self.show(),
            CommandVerb::Grant => self.grant(),
            CommandVerb::Revoke => self.revoke(),
            CommandVerb::Who => self.who(),
            CommandVerb::Help => self.help(),
        }?;
        self.end()?;
        Ok(command)
    }

    /// What a word says that is nobody's name.
    fn sense(&self, word: &str) -> Option<Sense> {
        sense(word).filter(|_| !self.words.is_name(word))
    }

    /// The verb: `/deploy deploy webapp` and `/deploy deploy rollback webapp` both happen.
    fn take_verb(&mut self) -> Understood<()> {
        for _ in 0..2 {
            let [first, rest @ ..] = self.rest else {
                return Ok(());
            };
            let (verb, rest) = match (self.sense(first), rest) {
                (Some(Sense::Perhaps(CommandVerb::Deploy)), [next, rest @ ..])
                    if first.eq_ignore_ascii_case("roll") && next.eq_ignore_ascii_case("back") =>
                {
                    (CommandVerb::Rollback, rest)
                }
                // "deploy --help"
                (Some(Sense::Verb(CommandVerb::Help)), []) if !self.led_by_name => return Ok(()),
                (Some(Sense::Verb(verb)), rest) => (verb, rest),
                (Some(Sense::Courtesy | Sense::Filler | Sense::Preposition) | None, _) => {
                    return Ok(());
                }
                (Some(sense), _) => {
                    let word = first.clone();
                    return Err(Misreading::Word { word, sense });
                }
            };
            self.rest = rest;
            self.verb = verb;
            self.led_by_name = false;
            if verb != CommandVerb::Deploy {
                return Ok(());
            }
        }
        Ok(())
    }

    fn deploy(&mut self) -> Understood<Command> {
        let place = self.leading_place();
        let mut each = self.list()?;
        let (env, spelt_out) = match place {
            Some(env) => (env, false),
            None => self.place()?,
        };
        self.no_second_place(&env)?;
        let no_refs = each.iter().all(|one| one.reference.is_none());
        // Behind several names it is the ref of all of them; where it has a comma, whose is not plain.
        if let (true, false, [word, rest @ ..]) = (no_refs, spelt_out, self.rest)
            && (each.len() == 1 || !word.contains(','))
        {
            for one in &mut each {
                one.reference = Some(self.last_word(&one.app, word)?);
            }
            self.rest = rest;
        }
        let (
            AppRef {
                app,
                image,
                reference,
            },
            also,
        ) = first_and_others(each)?;
        Ok(Command::Deploy {
            app,
            image,
            reference,
            also,
            env,
        })
    }

    /// A deploy or a promotion, in the words of either.
    fn plan(&mut self) -> Understood<Command> {
        let of = Box::new(self.brings(CommandVerb::Plan)?);
        Ok(Command::Plan { of })
    }

    /// `why-not` or `why not`, of one that was refused or of one that would be.
    fn why_not(&mut self) -> Understood<Command> {
        self.skip(&["not"]);
        if let Some(deploy) = self.only_a_deploy() {
            return Ok(Command::WhyNotOf { deploy });
        }
        if self.skip(&[LAST]) {
            let (app, env) = self.filter()?;
            return Ok(Command::WhyNotLast { app, env });
        }
        let of = Box::new(self.brings(CommandVerb::WhyNot)?);
        Ok(Command::WhyNot { of })
    }

    /// What would be brought, for a verb that only looks.
    fn brings(&mut self, looks: CommandVerb) -> Understood<Command> {
        let verb = match self.rest.first().and_then(|word| self.sense(word)) {
            Some(Sense::Verb(verb @ (CommandVerb::Deploy | CommandVerb::Promote))) => {
                self.rest = &self.rest[1..];
                verb
            }
            Some(Sense::Verb(verb) | Sense::Perhaps(verb))
                if matches!(
                    verb,
                    CommandVerb::Rollback | CommandVerb::Restart | CommandVerb::Cancel
                ) =>
            {
                return Err(Misreading::NotPlanned { looks, verb });
            }
            _ => CommandVerb::Deploy,
        };
        self.verb = verb;
        match verb {
            CommandVerb::Promote => self.promote(),
            _ => self.deploy(),
        }
    }

    fn rollback(&mut self) -> Understood<Command> {
        if let Some(deploy) = self.only_a_deploy() {
            return Ok(Command::RollbackOf { deploy });
        }
        let (mut each, env) = self.targets()?;
        let said_to = self.skip(&["to"]);
        if let ([one], true) = (each.as_mut_slice(), said_to || !self.rest.is_empty())
            && one.reference.is_none()
        {
            let Some(word) = self.next() else {
                return Err(Misreading::Missing {
                    what: Expected::Version,
                });
            };
            let no_version = || Misreading::NoRef {
                word: word.to_owned(),
            };
            one.reference = Some(match said_to {
                true if self.words.environment(word).is_some() => return Err(no_version()),
                true if sense(word).is_some() => return Err(no_version()),
                true => Self::version(word.strip_prefix(':').unwrap_or(word))?,
                false => self.last_word(&one.app, word)?,
            });
        }
        let (AppRef { app, reference, .. }, also) = first_and_others(each)?;
        Ok(Command::Rollback {
            app,
            to: reference,
            also,
            env,
        })
    }

    fn cancel(&mut self) -> Understood<Command> {
        if let Some(deploy) = self.only_a_deploy() {
            return Ok(Command::CancelOf { deploy });
        }
        let (each, env) = self.targets()?;
        let (app, also) = names_only(each)?;
        match also.is_empty() {
            true => Ok(Command::Cancel { app, env }),
            false => Err(Misreading::OneAtATime { verb: self.verb }),
        }
    }

    fn restart(&mut self) -> Understood<Command> {
        if let Some(deploy) = self.only_a_deploy() {
            return Ok(Command::RestartOf { deploy });
        }
        let (each, env) = self.targets()?;
        let (app, also) = names_only(each)?;
        Ok(Command::Restart { app, also, env })
    }

    /// The whole application, one of its images, or one of its services.
    fn logs(&mut self) -> Understood<Command> {
        let (each, env) = self.targets()?;
        let image = each.first().and_then(|one| one.image.clone());
        let (app, also) = names_only(each)?;
        if !also.is_empty() {
            return Err(Misreading::OneAtATime { verb: self.verb });
        }
        let service = match self.rest.first() {
            Some(_) => Some(self.service(&app, &env)?),
            None => None,
        };
        Ok(Command::Logs {
            app,
            image,
            env,
            service,
        })
    }

    fn show(&mut self) -> Understood<Command> {
        if let Some(deploy) = self.only_a_deploy() {
            return Ok(Command::Show { deploy });
        }
        if self.skip(&[LAST]) {
            let (app, env) = self.filter()?;
            return Ok(Command::ShowLast { app, env });
        }
        let what = Expected::Deploy;
        match self.next() {
            Some(word) if !self.words.is_name(word) => match word.parse::<DeployId>() {
                Ok(deploy) => Ok(Command::Show { deploy }),
                Err(why) => Err(Misreading::Bad {
                    what,
                    word: word.to_owned(),
                    why,
                }),
            },
            Some(_) | None => Err(Misreading::Missing { what }),
        }
    }

    fn help(&mut self) -> Understood<Command> {
        let Some(word) = self.next() else {
            return Ok(Command::Help { about: None });
        };
        match self.sense(word) {
            Some(Sense::Verb(verb)) => Ok(Command::Help { about: Some(verb) }),
            _ => Err(unknown(Expected::Command, word)),
        }
    }

    /// One deploy by its id and nothing else. Eight letters may be a misspelt name as well.
    fn only_a_deploy(&mut self) -> Option<DeployId> {
        let word = match self.rest {
            [word] => word,
            [deploy, word] if deploy.eq_ignore_ascii_case(CommandVerb::Deploy.as_str()) => word,
            _ => return None,
        };
        let is_name = self.words.is_name(word)
            || self.words.near_application(word).is_some()
            || self.words.near_environment(word).is_some();
        let deploy = word.parse().ok().filter(|_| !is_name)?;
        self.rest = &[];
        Some(deploy)
    }

    /// `APP on ENV`, `ENV APP`, of as many applications as are named.
    fn targets(&mut self) -> Understood<(Vec<AppRef>, EnvName)> {
        // The last one of an application there is what these are about anyway.
        self.skip(&[LAST]);
        let place = self.leading_place();
        let each = self.list()?;
        let env = match place {
            Some(env) => env,
            None => self.place()?.0,
        };
        self.no_second_place(&env)?;
        Ok((each, env))
    }

    fn end(&self) -> Understood<()> {
        match self.rest {
            [] => Ok(()),
            rest => Err(Misreading::Trailing {
                words: rest.join(" "),
            }),
        }
    }

    fn next(&mut self) -> Option<&'a str> {
        if let Some(pending) = self.pending.take() {
            return Some(pending);
        }
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Whether an application's or environment's name comes next, which always means that.
    fn names_next(&self) -> bool {
        self.rest
            .first()
            .is_some_and(|word| self.words.is_name(word))
    }

    fn preposition(&mut self) -> bool {
        let found = self.rest.first().is_some_and(|word| is_preposition(word));
        self.rest = &self.rest[usize::from(found)..];
        found
    }

    fn skip(&mut self, any_of: &[&str]) -> bool {
        let is = |word: &String| any_of.iter().any(|one| word.eq_ignore_ascii_case(one));
        let found = self.rest.first().is_some_and(is);
        self.rest = &self.rest[usize::from(found)..];
        found
    }
}

fn unknown(what: Expected, word: &str) -> Misreading {
    let word = word.to_owned();
    Misreading::Unknown { what, word }
}

/// A list has at least one.
fn first_and_others(each: Vec<AppRef>) -> Understood<(AppRef, Vec<AppRef>)> {
    let mut each = each.into_iter();
    let what = Expected::Application;
    let first = each.next().ok_or(Misreading::Missing { what })?;
    Ok((first, each.collect()))
}

/// The names of a list, where no version can be meant.
fn names_only(each: Vec<AppRef>) -> Understood<(AppName, Vec<AppName>)> {
    let mut refs = each.iter().filter_map(|one| one.reference.as_ref());
    if let Some(reference) = refs.next() {
        let words = format!(":{reference}");
        return Err(Misreading::Trailing { words });
    }
    let (first, also) = first_and_others(each)?;
    Ok((first.app, also.into_iter().map(|one| one.app).collect()))
}
