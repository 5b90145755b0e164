//! When: a time that narrows a look down.

use super::super::lexicon::{ALL, AT, SINCE};
use super::super::moment::{self, Moment, Period};
use super::super::{Command, Expected, HistoryScope, Misreading};
use super::{Reader, Understood, unknown};

impl Reader<'_> {
    /// `[APP] [ENV] [all] [today|yesterday|DATE|since TIME]`, in any order.
    pub(super) fn history(&mut self) -> Understood<Command> {
        let mut scope = HistoryScope::Changes;
        let mut period = None;
        let (app, env) = self.narrowed(|reader| {
            if reader.names_next() {
                return Ok(false);
            }
            if reader.skip(&[ALL]) {
                scope = HistoryScope::All;
                return Ok(true);
            }
            let words = reader.rest;
            match (reader.period()?, period) {
                (None, _) => Ok(false),
                (read, None) => {
                    period = read;
                    Ok(true)
                }
                (Some(_), Some(_)) => Err(trailing(words)),
            }
        })?;
        Ok(Command::History {
            app,
            env,
            scope,
            period,
        })
    }

    /// `[APP] [ENV]`, `APP [ENV] at TIME`, in any order.
    pub(super) fn status(&mut self) -> Understood<Command> {
        let mut at = None;
        let (app, env) = self.narrowed(|reader| {
            if reader.names_next() {
                return Ok(false);
            }
            let words = reader.rest;
            match (reader.time_of_a_day()?, at) {
                (None, _) => Ok(false),
                (read, None) => {
                    at = read;
                    Ok(true)
                }
                (Some(_), Some(_)) => Err(trailing(words)),
            }
        })?;
        match (at, app) {
            (None, app) => Ok(Command::Status { app, env }),
            (Some(at), Some(app)) => Ok(Command::StatusAt { app, env, at }),
            (Some(_), None) => Err(Misreading::NoApplication),
        }
    }

    /// A moment, with a time of the day: over a whole day there is no one answer.
    fn time_of_a_day(&mut self) -> Understood<Option<Moment>> {
        if let Some((moment, taken)) = moment::read(self.rest) {
            let (read, rest) = self.rest.split_at(taken);
            if moment.time.is_none() {
                let day = read.join(" ");
                return Err(Misreading::WholeDay { day });
            }
            self.rest = rest;
            return Ok(Some(moment));
        }
        let what = Expected::Time;
        match self.rest {
            [at, rest @ ..] if at.eq_ignore_ascii_case(AT) => match rest.first() {
                Some(word) if self.words.is_name(word) => Ok(None),
                Some(word) => Err(unknown(what, word)),
                None => Err(Misreading::Missing { what }),
            },
            _ => Ok(None),
        }
    }

    fn period(&mut self) -> Understood<Option<Period>> {
        if self.skip(&[SINCE]) {
            return Ok(Some(Period::Since(self.moment()?)));
        }
        let Some((moment, taken)) = moment::read(self.rest) else {
            return Ok(None);
        };
        match (moment.day, moment.time) {
            (Some(day), None) => {
                self.rest = &self.rest[taken..];
                Ok(Some(Period::Day(day)))
            }
            // From then on, or what ran then: nobody can tell.
            _ => Err(trailing(self.rest)),
        }
    }

    fn moment(&mut self) -> Understood<Moment> {
        if let Some((moment, taken)) = moment::read(self.rest) {
            self.rest = &self.rest[taken..];
            return Ok(moment);
        }
        let what = Expected::Time;
        Err(match self.rest.first() {
            Some(word) => unknown(what, word),
            None => Misreading::Missing { what },
        })
    }
}

fn trailing(words: &[String]) -> Misreading {
    Misreading::Trailing {
        words: words.join(" "),
    }
}
