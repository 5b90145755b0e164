//! Times as people type them: `14:05`, `2pm`, `yesterday`, `2026-11-20`, `2 March`, and two of these together. What was
//! typed is kept as it is; which moment that was is known only with a time zone and the time of the
//! question. A time that is still to come is none.

mod day;
mod term;

use std::fmt;

use jiff::civil::{Date, Time};
use jiff::tz::AmbiguousOffset;
use jiff::{Timestamp, ToSpan};

pub use self::day::Day;
pub use self::term::{ComingDay, HasPassed, Term};
pub(super) use self::term::{NoTerm, read as read_term};
use super::lexicon::AT;
use crate::names::zone::Zone;

/// A time of a day, a day, or both; never neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The day; today's if none was typed.
    pub day: Option<Day>,
    /// The time of that day; its beginning if none was typed.
    pub time: Option<Time>,
}

/// From when to when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// `since 14:05`
    Since(Moment),
    /// `today`
    Day(Day),
}

/// Which moment was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MomentMeant {
    /// It.
    pub at: Timestamp,
    /// How often the clocks showed that time that day.
    pub clock: Clock,
}

/// How often clocks show a time on a day on which they may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Once, as usual.
    Once,
    /// Twice: the first time is meant.
    Twice,
    /// Never: what it would have been without the change is meant.
    Skipped,
}

/// From this moment on, up to another, if there is an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    /// The first moment.
    pub from: MomentMeant,
    /// The first one after it.
    pub until: Option<Timestamp>,
}

/// The time has not come yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is still to come")]
pub struct StillToCome;

impl Moment {
    /// Stands for one that somebody would name: it has passed whenever it is typed.
    pub const EXAMPLE: Self = Self {
        day: Some(Day::Yesterday),
        time: Some(Time::constant(14, 5, 0, 0)),
    };

    /// Which moment that was, by the clocks of `zone`.
    ///
    /// # Errors
    ///
    /// [`StillToCome`]
    pub fn resolve(&self, zone: &Zone, now: Timestamp) -> Result<MomentMeant, StillToCome> {
        let date = self.day.unwrap_or(Day::Today).date(zone, now)?;
        let resolved = resolve(date, self.time.unwrap_or_default(), zone)?;
        match resolved.at > now {
            true => Err(StillToCome),
            false => Ok(resolved),
        }
    }
}

impl Period {
    /// From when to when that was, by the clocks of `zone`.
    ///
    /// # Errors
    ///
    /// [`StillToCome`]
    pub fn resolve(&self, zone: &Zone, now: Timestamp) -> Result<Within, StillToCome> {
        match self {
            Self::Since(moment) => Ok(Within {
                from: moment.resolve(zone, now)?,
                until: None,
            }),
            Self::Day(day) => {
                let date = day.date(zone, now)?;
                let next = date.checked_add(1.day()).map_err(|_| StillToCome)?;
                Ok(Within {
                    from: resolve(date, Time::midnight(), zone)?,
                    until: Some(resolve(next, Time::midnight(), zone)?.at),
                })
            }
        }
    }
}

impl Period {
    /// The time in it, as it is typed.
    pub fn moment(&self) -> String {
        match self {
            Self::Since(moment) => moment.to_string(),
            Self::Day(day) => day.to_string(),
        }
    }
}

impl Within {
    /// Whether it is between the two.
    pub fn holds(&self, at: Timestamp) -> bool {
        at >= self.from.at && self.until.is_none_or(|until| at < until)
    }
}

fn resolve(date: Date, time: Time, zone: &Zone) -> Result<MomentMeant, StillToCome> {
    let ambiguous = zone.rules().to_ambiguous_timestamp(date.to_datetime(time));
    let clock = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => Clock::Once,
        AmbiguousOffset::Fold { .. } => Clock::Twice,
        AmbiguousOffset::Gap { .. } => Clock::Skipped,
    };
    // Beyond what can be counted lies the future.
    let at = ambiguous.compatible().map_err(|_| StillToCome)?;
    Ok(MomentMeant { at, clock })
}

/// Reads a moment off the front of `words`, and how many words it is: a time and a day in either order, `at`
/// before the time and `on` before a date.
pub(super) fn read(words: &[String]) -> Option<(Moment, usize)> {
    let mut moment = Moment::default();
    let mut taken = 0;
    loop {
        let part = match &words[taken..] {
            [lead, word, ..] if is(lead, AT) => time(word).map(|time| (MomentPart::Time(time), 2)),
            [lead, rest @ ..] if is(lead, "on") => match day::read(rest) {
                Some((day @ (Day::On(_) | Day::Last(_)), words)) => {
                    Some((MomentPart::Day(day), words + 1))
                }
                Some((Day::Today | Day::Yesterday, _)) | None => None,
            },
            words => part(words),
        };
        match part {
            Some((MomentPart::Time(time), words)) if moment.time.is_none() => {
                moment.time = Some(time);
                taken += words;
            }
            Some((MomentPart::Day(day), words)) if moment.day.is_none() => {
                moment.day = Some(day);
                taken += words;
            }
            Some((MomentPart::Both(on, time), words)) if moment == Moment::default() => {
                moment = Moment {
                    day: Some(Day::On(on)),
                    time: Some(time),
                };
                taken += words;
            }
            _ => return (taken > 0).then_some((moment, taken)),
        }
    }
}

/// Whether a word is a time or a day by itself, and so can be no name.
pub(super) fn is_moment(word: &str) -> bool {
    part(&[word.to_owned()]).is_some()
}

enum MomentPart {
    Time(Time),
    Day(Day),
    Both(Date, Time),
}

fn part(words: &[String]) -> Option<(MomentPart, usize)> {
    let first = words.first()?;
    if let Some((day, words)) = day::read(words) {
        return Some((MomentPart::Day(day), words));
    }
    let part = match first.split_once(['T', 't']) {
        Some((on, at)) => MomentPart::Both(day::date(on)?, time(at)?),
        None => MomentPart::Time(time(first)?),
    };
    Some((part, 1))
}

/// `14:05`, `9:30`, `2pm`, `2:30pm`
fn time(word: &str) -> Option<Time> {
    let lower = word.to_ascii_lowercase();
    let half = |suffix: &str, add: i8| Some((lower.strip_suffix(suffix)?, Some(add)));
    let (clock, afternoon) = half("am", 0)
        .or_else(|| half("pm", 12))
        .unwrap_or((&lower, None));
    let (hour, minute) = match (clock.split_once(':'), afternoon) {
        (Some((hour, minute)), _) if minute.len() == 2 => (hour, number(minute)?),
        (Some(_), _) | (None, None) => return None,
        (None, Some(_)) => (clock, 0),
    };
    if hour.len() > 2 {
        return None;
    }
    let hour: i8 = number(hour)?;
    let hour = match afternoon {
        None => hour,
        Some(add) if (1..=12).contains(&hour) => hour % 12 + add,
        Some(_) => return None,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// Of digits alone: no sign.
fn number<N: std::str::FromStr>(digits: &str) -> Option<N> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

fn is(word: &str, known: &str) -> bool {
    word.eq_ignore_ascii_case(known)
}

/// What stands before a day.
fn lead(day: Day) -> &'static str {
    match day {
        Day::Today | Day::Yesterday => "",
        Day::On(_) | Day::Last(_) => "on ",
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(time) = self.time {
            f.write_str(&time.strftime("%H:%M").to_string())?;
        }
        match (self.time, self.day) {
            (None, Some(day)) => write!(f, "{day}"),
            (Some(_), Some(day)) => write!(f, " {}{day}", lead(day)),
            (_, None) => Ok(()),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Since(moment) => write!(f, "{} {moment}", super::lexicon::SINCE),
            Self::Day(day) => write!(f, "{}{day}", lead(*day)),
        }
    }
}

#[cfg(test)]
mod tests;
