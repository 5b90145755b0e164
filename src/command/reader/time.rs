//! When: a time that narrows a look down.

use super::super::lexicon::{ALL, SINCE};
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
