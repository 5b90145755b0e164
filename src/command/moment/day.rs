//! Days as people type them: `today`, `2026-11-20`, `2 March`, `March 2nd`, `2 March 2026`. Without a year it is
//! the last such day that there was.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{StillToCome, is, number};
use crate::command::lexicon::{TODAY, YESTERDAY};
use crate::names::zone::Zone;

/// The months, whose first letters do as well.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The fewest letters of a month.
const LETTERS: usize = 3;
/// A year that has every day.
const LEAP_YEAR: i16 = 2000;
/// The most years between two days of February that not every year has: 1896 and 1904 have one, 1900 has none.
const YEARS_TO_LEAP: i16 = 8;

/// A day, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// `today`
    Today,
    /// `yesterday`
    Yesterday,
    /// `2026-11-20`
    On(Date),
    /// `2 March`
    Last(DayOfYear),
}

/// A day of a month, of whichever year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOfYear {
    month: i8,
    day: i8,
}

impl DayOfYear {
    /// `None` where no year has it.
    pub(super) fn new(month: i8, day: i8) -> Option<Self> {
        Date::new(LEAP_YEAR, month, day).ok()?;
        Some(Self { month, day })
    }

    /// The one of that year, if it has it.
    pub(super) fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day).ok()
    }

    /// The last one up to that day.
    fn until(self, today: Date) -> Option<Date> {
        let years = (0..=YEARS_TO_LEAP).map(|back| today.year() - back);
        let mut days = years.filter_map(|year| self.in_year(year));
        days.find(|day| *day <= today)
    }
}

impl Day {
    pub(super) fn date(self, zone: &Zone, now: Timestamp) -> Result<Date, StillToCome> {
        let today = now.to_zoned(zone.rules().clone()).date();
        match self {
            Self::Today => Ok(today),
            Self::Yesterday => today.yesterday().map_err(|_| StillToCome),
            Self::On(date) if date > today => Err(StillToCome),
            Self::On(date) => Ok(date),
            Self::Last(day) => day.until(today).ok_or(StillToCome),
        }
    }
}

/// Reads a day off the front of `words`, and how many words it is.
pub(super) fn read(words: &[String]) -> Option<(Day, usize)> {
    let first = words.first()?;
    let named = [(TODAY, Day::Today), (YESTERDAY, Day::Yesterday)]
        .into_iter()
        .find(|(known, _)| is(first, known));
    named
        .map(|(_, day)| (day, 1))
        .or_else(|| Some((Day::On(date(first)?), 1)))
        .or_else(|| spelt_out(words))
}

/// `2026-11-20`
pub(super) fn date(word: &str) -> Option<Date> {
    let mut parts = word.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = (year.len(), month.len(), day.len()) == (4, 2, 2) && parts.next().is_none();
    if !fits {
        return None;
    }
    Date::new(number(year)?, number(month)?, number(day)?).ok()
}

/// `2 March`, `March 2nd`, `2 March 2026`
fn spelt_out(words: &[String]) -> Option<(Day, usize)> {
    let day = of_year(words)?;
    let year = words.get(2).filter(|word| word.len() == 4);
    match year.and_then(|word| number(word)) {
        Some(year) => Some((Day::On(Date::new(year, day.month, day.day).ok()?), 3)),
        None => Some((Day::Last(day), 2)),
    }
}

/// `2 March`, `March 2nd`: two words.
pub(super) fn of_year(words: &[String]) -> Option<DayOfYear> {
    let [one, two, ..] = words else {
        return None;
    };
    match (month(one), month(two)) {
        (None, Some(month)) => DayOfYear::new(month, day_of_month(one)?),
        (Some(month), None) => DayOfYear::new(month, day_of_month(two)?),
        (None, None) | (Some(_), Some(_)) => None,
    }
}

/// `March`, `mar`
fn month(word: &str) -> Option<i8> {
    let word = word.trim_end_matches([',', '.']).to_ascii_lowercase();
    let short = word.len() < LETTERS;
    let begins = |month: &str| month.to_ascii_lowercase().starts_with(&word);
    let at = MONTHS.iter().position(|month| !short && begins(month))?;
    i8::try_from(at + 1).ok()
}

/// `2`, `2nd`, `2.`
fn day_of_month(word: &str) -> Option<i8> {
    let word = word.trim_end_matches([',', '.']).to_ascii_lowercase();
    let ends = ["st", "nd", "rd", "th"];
    let digits = ends.iter().find_map(|end| word.strip_suffix(end));
    number(digits.unwrap_or(&word))
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => f.write_str(TODAY),
            Self::Yesterday => f.write_str(YESTERDAY),
            Self::On(date) => write!(f, "{date}"),
            Self::Last(day) => write!(f, "{day}"),
        }
    }
}

impl fmt::Display for DayOfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = usize::try_from(self.month - 1).unwrap_or_default();
        write!(f, "{} {}", self.day, MONTHS.get(at).unwrap_or(&MONTHS[0]))
    }
}
