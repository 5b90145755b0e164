//! How long something is to last, as people type it: `for 7d`, `for 2 hours`, `until friday`, `until 2026-12-01`, `until
//! tomorrow 9:00`. Without a time of its own, a day ends with the working day.

use std::fmt;

use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::day::{DayOfYear, date, of_year};
use super::{is, number, time};
use crate::command::lexicon::{FOR, TODAY, TOMORROW, UNTIL};
use crate::names::zone::Zone;

/// When a day ends for which no time was typed.
const EVENING: Time = Time::constant(18, 0, 0, 0);
/// Years to look for a day of February that not every year has.
const YEARS_TO_LEAP: i16 = 8;

/// How long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// `for 7d`: so many minutes.
    For(u32),
    /// `until friday 12:00`: a day, or a time of one, or both; never neither.
    Until {
        /// The day; the next one that has the time, if none was typed.
        day: Option<ComingDay>,
        /// The time of that day; the evening if none was typed.
        time: Option<Time>,
    },
}

/// A day that is today or still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComingDay {
    /// `today`
    Today,
    /// `tomorrow`
    Tomorrow,
    /// `friday`: the next one, which may be today.
    Next(Weekday),
    /// `2026-12-01`
    On(Date),
    /// `2 March`: the next one.
    Of(DayOfYear),
}

/// What says that a term follows is followed by none.
pub(in crate::command) struct NoTerm;

/// That time has passed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that has passed already")]
pub struct HasPassed;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];
/// The fewest letters of a day of the week.
const LETTERS: usize = 3;

const MINUTES_OF_AN_HOUR: u32 = 60;
const MINUTES_OF_A_DAY: u32 = 24 * MINUTES_OF_AN_HOUR;

/// Units, the largest first, by which a term is written; and what else they are called.
const UNITS: [(&str, u32, &[&str]); 4] = [
    ("w", 7 * MINUTES_OF_A_DAY, &["week", "weeks", "wk", "wks"]),
    ("d", MINUTES_OF_A_DAY, &["day", "days"]),
    ("h", MINUTES_OF_AN_HOUR, &["hour", "hours", "hr", "hrs"]),
    ("m", 1, &["minute", "minutes", "min", "mins"]),
];

impl Term {
    /// When something ends that begins now, by the clocks of `zone`.
    ///
    /// # Errors
    ///
    /// [`HasPassed`]
    pub fn end(&self, zone: &Zone, now: Timestamp) -> Result<Timestamp, HasPassed> {
        let (day, at) = match *self {
            Self::For(minutes) => {
                let length = SignedDuration::from_mins(i64::from(minutes));
                return Ok(now.checked_add(length).unwrap_or(Timestamp::MAX));
            }
            Self::Until { day, time } => (day, time.unwrap_or(EVENING)),
        };
        let here = now.to_zoned(zone.rules().clone());
        let today = here.date();
        let ends = |date: Date| {
            let ambiguous = zone.rules().to_ambiguous_timestamp(date.to_datetime(at));
            // Beyond what can be counted lies the future.
            ambiguous.compatible().unwrap_or(Timestamp::MAX)
        };
        let next = |date: Date, days: i64| date.checked_add(days.days()).unwrap_or(Date::MAX);
        let end = match day {
            None => Some(ends(today))
                .filter(|end| *end > now)
                .or_else(|| Some(ends(next(today, 1)))),
            Some(ComingDay::Today) => Some(ends(today)),
            Some(ComingDay::Tomorrow) => Some(ends(next(today, 1))),
            Some(ComingDay::On(date)) => Some(ends(date)),
            Some(ComingDay::Next(weekday)) => {
                let days = i64::from(today.weekday().until(weekday));
                let first = ends(next(today, days));
                Some(first)
                    .filter(|end| *end > now)
                    .or_else(|| Some(ends(next(today, days + 7))))
            }
            Some(ComingDay::Of(day)) => {
                let years = 0..=YEARS_TO_LEAP;
                let mut dates = years.filter_map(|more| day.in_year(today.year() + more));
                dates.find(|date| ends(*date) > now).map(ends)
            }
        };
        end.filter(|end| *end > now).ok_or(HasPassed)
    }
}

/// Reads a term off the front of `words`, and how many words it is. `Err` where its first word says that one follows and
/// none does; `for` may also stand before an application, and then says nothing.
pub(in crate::command) fn read(words: &[String]) -> Option<Result<(Term, usize), NoTerm>> {
    let (lead, rest) = words.split_first()?;
    if is(lead, FOR) {
        return length(rest).map(|(term, taken)| Ok((term, taken + 1)));
    }
    is(lead, UNTIL).then(|| match moment(rest) {
        Some((term, taken)) => Ok((term, taken + 1)),
        None => Err(NoTerm),
    })
}

/// `7d`, `2 hours`, `a week`
fn length(words: &[String]) -> Option<(Term, usize)> {
    let first = words.first()?.to_ascii_lowercase();
    let digits = first.find(|c: char| !c.is_ascii_digit());
    let (count, named, taken) = match digits {
        Some(0) if ["a", "an", "one"].contains(&first.as_str()) => (1, words.get(1)?.clone(), 2),
        Some(0) => return None,
        Some(at) => (number::<u32>(&first[..at])?, first[at..].to_owned(), 1),
        None => (number::<u32>(&first)?, words.get(1)?.clone(), 2),
    };
    let named = named.to_ascii_lowercase();
    let mut units = UNITS.iter();
    let (_, minutes, _) =
        units.find(|(short, _, long)| *short == named || long.contains(&named.as_str()))?;
    let minutes = count.checked_mul(*minutes).filter(|minutes| *minutes > 0)?;
    Some((Term::For(minutes), taken))
}

/// A day and a time in either order, or one of them.
fn moment(words: &[String]) -> Option<(Term, usize)> {
    let (mut day, mut at, mut taken) = (None, None, 0);
    loop {
        let words = &words[taken..];
        let read_time = words.first().and_then(|word| time(word));
        match (read_time, coming(words)) {
            (Some(read), _) if at.is_none() => {
                at = Some(read);
                taken += 1;
            }
            (_, Some((read, count))) if day.is_none() => {
                day = Some(read);
                taken += count;
            }
            _ => break,
        }
    }
    (taken > 0).then_some((Term::Until { day, time: at }, taken))
}

fn coming(words: &[String]) -> Option<(ComingDay, usize)> {
    let first = words.first()?;
    let lower = first.to_ascii_lowercase();
    let long = lower.len() >= LETTERS;
    let mut weekdays = WEEKDAYS.iter();
    if let Some((_, day)) = weekdays.find(|(name, _)| long && name.starts_with(lower.as_str())) {
        return Some((ComingDay::Next(*day), 1));
    }
    match () {
        () if is(first, TODAY) => Some((ComingDay::Today, 1)),
        () if is(first, TOMORROW) => Some((ComingDay::Tomorrow, 1)),
        () => match date(first) {
            Some(date) => Some((ComingDay::On(date), 1)),
            None => of_year(words).map(|day| (ComingDay::Of(day), 2)),
        },
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(minutes) => {
                let mut units = UNITS.iter();
                let unit = units.find(|(_, unit, _)| minutes.is_multiple_of(*unit));
                let (name, unit) = unit.map_or(("m", 1), |(name, unit, _)| (*name, *unit));
                write!(f, "{FOR} {}{name}", minutes / unit)
            }
            Self::Until { day, time } => {
                f.write_str(UNTIL)?;
                day.iter().try_for_each(|day| write!(f, " {day}"))?;
                let mut time = time.iter();
                time.try_for_each(|time| write!(f, " {}", time.strftime("%H:%M")))
            }
        }
    }
}

impl fmt::Display for ComingDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => f.write_str(TODAY),
            Self::Tomorrow => f.write_str(TOMORROW),
            Self::Next(weekday) => {
                let mut names = WEEKDAYS.iter();
                let name = names.find(|(_, day)| day == weekday);
                f.write_str(name.map_or("", |(name, _)| name))
            }
            Self::On(date) => write!(f, "{date}"),
            Self::Of(day) => write!(f, "{day}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(text: &str) -> Option<Term> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        match read(&words)? {
            Ok((term, taken)) if taken == words.len() => Some(term),
            Ok(_) | Err(NoTerm) => None,
        }
    }

    /// Terms as they are typed on a Thursday at half past nine in Vienna, and when they end there.
    #[test]
    fn a_term_ends_when_people_there_think_it_does() {
        let zone: Zone = "Europe/Vienna".parse().unwrap();
        let now: Timestamp = "2026-03-26T08:30:00Z".parse().unwrap();
        for (typed, end) in [
            ("for 7d", "2026-04-02 10:30"),
            ("for 2 hours", "2026-03-26 11:30"),
            ("for 90m", "2026-03-26 11:00"),
            ("for a week", "2026-04-02 10:30"),
            ("for 1w", "2026-04-02 10:30"),
            ("until friday", "2026-03-27 18:00"),
            ("until Fri 12:00", "2026-03-27 12:00"),
            ("until 9:00 friday", "2026-03-27 09:00"),
            ("until thursday", "2026-03-26 18:00"),
            ("until thursday 9:00", "2026-04-02 09:00"),
            ("until sunday", "2026-03-29 18:00"),
            ("until today", "2026-03-26 18:00"),
            ("until tomorrow 8am", "2026-03-27 08:00"),
            ("until 18:00", "2026-03-26 18:00"),
            ("until 8:00", "2026-03-27 08:00"),
            ("until 2026-04-01", "2026-04-01 18:00"),
            ("until 2 March", "2027-03-02 18:00"),
            ("until 29 Feb", "2028-02-29 18:00"),
        ] {
            let term = term(typed).unwrap_or_else(|| panic!("{typed}"));
            let at = term.end(&zone, now).unwrap();
            let there = at.to_zoned(zone.rules().clone());
            assert_eq!(there.strftime("%Y-%m-%d %H:%M").to_string(), end, "{typed}");
            // And as it is written again.
            assert_eq!(self::term(&term.to_string()), Some(term), "{term}");
        }
        for typed in [
            "until today 9:00",
            "until 2026-03-25",
            "until 2026-03-26 9:00",
        ] {
            assert_eq!(
                term(typed).unwrap().end(&zone, now),
                Err(HasPassed),
                "{typed}"
            );
        }
        for typed in [
            "until",
            "for",
            "for cms",
            "for 0d",
            "for 7",
            "for 7x",
            "until cms",
            "until 30 Feb",
            "seven days",
            "for -1d",
            "for 99999999999d",
        ] {
            assert_eq!(term(typed), None, "{typed}");
        }
    }
}
