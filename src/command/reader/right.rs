//! `@PERSON APP [on ENV] [as approver] [for 7d] [because REASON]`, in any order but for the reason, which goes to the
//! end of the line. Where nobody is mentioned, the first word that is nothing else is somebody's name.

use super::super::lexicon::{APPROVER, AS, BECAUSE, FOR, REQUESTER};
use super::super::moment::{self, Term};
use super::super::{Command, CommandVerb, Expected, Misreading, RightOf, Sense};
use super::{Reader, Understood, unknown};
use crate::names::{AppName, EnvName, GivenReason, Somebody};
use crate::request::GrantedRight;

/// Who cannot be made in chat.
const ADMINS: [&str; 2] = ["admin", "admins"];

/// What has been read so far.
#[derive(Default)]
struct RightParts {
    to: Option<Somebody>,
    app: Option<AppName>,
    env: Option<EnvName>,
    right: Option<GrantedRight>,
    term: Option<Term>,
    why: Option<GivenReason>,
}

impl Reader<'_> {
    pub(super) fn grant(&mut self) -> Understood<Command> {
        let (of, term, why) = self.right()?;
        Ok(Command::Grant { of, term, why })
    }

    pub(super) fn revoke(&mut self) -> Understood<Command> {
        let (of, _, why) = self.right()?;
        Ok(Command::Revoke { of, why })
    }

    pub(super) fn who(&mut self) -> Understood<Command> {
        let (app, env) = self.filter()?;
        let app = app.ok_or(Misreading::NoApplication)?;
        let what = Expected::Environment;
        let env = env.ok_or(Misreading::Missing { what })?;
        Ok(Command::Who { app, env })
    }

    fn right(&mut self) -> Understood<(RightOf, Option<Term>, Option<GivenReason>)> {
        let line = self.rest.iter();
        let mut line = line.take_while(|word| !word.eq_ignore_ascii_case(BECAUSE));
        let mentioned = line.any(|word| self.mention(word).is_some());
        let mut parts = RightParts::default();
        while let Some(word) = self.rest.first() {
            if self.skip(&[BECAUSE]) {
                parts.why = Some(self.reason()?);
                break;
            }
            let read = self.term(&mut parts)?
                || self.named_right(&mut parts)?
                || self.person(&mut parts, word, mentioned)
                || self.place_of_right(&mut parts, word)?;
            if !read {
                return Err(unknown(Expected::ApplicationOrEnvironment, word));
            }
        }
        let missing = |what| Misreading::Missing { what };
        let of = RightOf {
            to: parts.to.ok_or(missing(Expected::Person))?,
            app: parts.app.ok_or(missing(Expected::Application))?,
            env: parts.env,
            right: parts.right,
        };
        Ok((of, parts.term, parts.why))
    }

    fn mention(&self, word: &str) -> Option<Somebody> {
        if let Some(user) = self.typed.mentioned(word) {
            return Some(Somebody::Mentioned(user.clone()));
        }
        let read = word.parse().ok();
        read.filter(|read| matches!(read, Somebody::Mentioned(_)))
    }

    /// Everything up to the end, without what would say something else when it is typed again.
    fn reason(&mut self) -> Understood<GivenReason> {
        let mut words = std::mem::take(&mut self.rest)
            .join(" ")
            .replace(['<', '>'], "");
        while let Some(entity) = ["&amp;", "&lt;", "&gt;"]
            .iter()
            .find(|one| words.contains(**one))
        {
            words = words.replace(*entity, "");
        }
        match words.trim() {
            "" => Err(Misreading::Missing {
                what: Expected::Reason,
            }),
            words => words.parse().map_err(|_| Misreading::LongReason),
        }
    }

    fn term(&mut self, parts: &mut RightParts) -> Understood<bool> {
        if self.verb != CommandVerb::Grant || self.names_next() {
            return Ok(false);
        }
        match (moment::read_term(self.rest), parts.term) {
            (None, _) => Ok(false),
            (Some(Ok((term, taken))), None) => {
                self.rest = &self.rest[taken..];
                parts.term = Some(term);
                Ok(true)
            }
            (Some(Ok(_)), Some(_)) => Err(Misreading::Trailing {
                words: self.rest.join(" "),
            }),
            (Some(Err(moment::NoTerm)), _) => Err(match self.rest.get(1) {
                Some(word) => unknown(Expected::End, word),
                None => Misreading::Missing {
                    what: Expected::End,
                },
            }),
        }
    }

    /// `as approver`
    fn named_right(&mut self, parts: &mut RightParts) -> Understood<bool> {
        if self.names_next() {
            return Ok(false);
        }
        let led = self.skip(&[AS]);
        let article = led && self.skip(&["a", "an"]);
        let right = match self.rest.first() {
            Some(word) if ADMINS.iter().any(|one| word.eq_ignore_ascii_case(one)) => {
                return Err(Misreading::Admins);
            }
            Some(_) if self.skip(&[APPROVER]) => GrantedRight::Approve,
            Some(_) if self.skip(&[REQUESTER]) => GrantedRight::Request,
            Some(word) if led || article => return Err(unknown(Expected::Right, word)),
            None if led => {
                return Err(Misreading::Missing {
                    what: Expected::Right,
                });
            }
            Some(_) | None => return Ok(false),
        };
        parts.right = Some(right);
        Ok(true)
    }

    fn person(&mut self, parts: &mut RightParts, word: &str, mentioned: bool) -> bool {
        if parts.to.is_some() {
            return false;
        }
        // An application may be called like somebody; a sign before the word says who is meant.
        let is_other =
            !word.starts_with('@') && (self.words.is_name(word) || self.sense(word).is_some());
        let somebody = match mentioned {
            true => self.mention(word),
            false if is_other => None,
            false => word.parse().ok(),
        };
        let found = somebody.is_some();
        if found {
            parts.to = somebody;
            self.rest = &self.rest[1..];
        }
        found
    }

    fn place_of_right(&mut self, parts: &mut RightParts, word: &str) -> Understood<bool> {
        self.whole(word)?;
        if let Some(app) = self.words.application(word) {
            match &parts.app {
                None => parts.app = Some(app.clone()),
                Some(before) if before == app => {}
                Some(_) => return Err(Misreading::OneAtATime { verb: self.verb }),
            }
        } else if let Some(env) = self.words.environment(word) {
            match parts.env.take() {
                Some(one) if one != *env => {
                    let other = env.clone();
                    return Err(Misreading::TwoEnvironments { one, other });
                }
                Some(_) | None => parts.env = Some(env.clone()),
            }
        } else {
            let idle = matches!(
                self.sense(word),
                Some(Sense::Filler | Sense::Preposition | Sense::Courtesy)
            );
            let leads = word.eq_ignore_ascii_case(FOR);
            if leads && self.rest.len() == 1 {
                return Err(Misreading::Missing {
                    what: Expected::End,
                });
            }
            if !idle && !leads {
                return Ok(false);
            }
        }
        self.rest = &self.rest[1..];
        Ok(true)
    }
}
