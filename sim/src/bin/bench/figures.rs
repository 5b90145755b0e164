//! What was measured, beside what was promised.

use std::fmt;
use std::time::Duration;

/// Times of one kind of request.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn extend(&mut self, took: impl IntoIterator<Item = Duration>) {
        self.0.extend(took);
    }

    /// The time that this share of all stays within; nearest rank.
    fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }

    fn median(&self) -> Duration {
        self.percentile(50)
    }
}

/// What was promised of a time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Budget {
    None,
    /// At most so many times the bare function's median.
    Ratio(f64),
    /// At most so long, nineteen times of twenty.
    Within(Duration),
    /// At most so much more than the bare function's median: what the function itself takes.
    OwnTime(Duration),
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    what: String,
    value: String,
    p95: String,
    /// Compared with the bare function.
    ratio: String,
    budget: String,
    verdict: &'static str,
}

impl Row {
    /// A time, compared with the bare function's where there is one.
    pub(crate) fn time(what: &str, times: &Times, bare: Option<&Times>, budget: Budget) -> Self {
        let (median, bare) = (times.median(), bare.map(Times::median));
        let ratio = bare.map(|bare| median.as_secs_f64() / bare.as_secs_f64());
        let own = median.saturating_sub(bare.unwrap_or_default());
        let (promised, kept) = match budget {
            Budget::None => (String::new(), None),
            Budget::Ratio(most) => (
                format!("{most:.1} x"),
                Some(ratio.is_some_and(|ratio| ratio <= most)),
            ),
            Budget::Within(most) => (
                format!("p95 {}", time(most)),
                Some(times.percentile(95) <= most),
            ),
            Budget::OwnTime(most) => (
                format!("+{} (is +{})", time(most), time(own)),
                Some(own <= most),
            ),
        };
        Self {
            what: what.to_owned(),
            value: time(median),
            p95: time(times.percentile(95)),
            ratio: ratio.map_or_else(String::new, |ratio| format!("{ratio:.2} x")),
            budget: promised,
            verdict: verdict(kept),
        }
    }

    /// A size in megabytes (a million bytes), and how many it may be.
    pub(crate) fn size(what: impl Into<String>, megabytes: f64, most: Option<f64>) -> Self {
        Self {
            what: what.into(),
            value: format!("{megabytes:.2} MB"),
            p95: String::new(),
            ratio: String::new(),
            budget: most.map_or_else(String::new, |most| format!("{most} MB")),
            verdict: verdict(most.map(|most| megabytes <= most)),
        }
    }

    fn cells(&self) -> [&str; 6] {
        let Self {
            what,
            value,
            p95,
            ratio,
            budget,
            verdict,
        } = self;
        [what, value, p95, ratio, budget, verdict]
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, value, .. } = self;
        let ratio = if self.ratio.is_empty() {
            String::new()
        } else {
            format!(", {}", self.ratio)
        };
        write!(f, "{what}: {value}{ratio}; the budget is {}", self.budget)
    }
}

fn verdict(kept: Option<bool>) -> &'static str {
    match kept {
        None => "",
        Some(true) => "ok",
        Some(false) => "OVER",
    }
}

fn time(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 1000.0 {
        format!("{micros:.0} us")
    } else {
        format!("{:.2} ms", micros / 1000.0)
    }
}

/// Everything measured; `Display` aligns it.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn push(&mut self, row: Row) {
        self.0.push(row);
    }

    /// The rows that are over their budgets.
    pub(crate) fn missed(&self) -> Vec<&Row> {
        self.0.iter().filter(|row| row.verdict == "OVER").collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["", "median", "p95", "to bare", "budget", ""];
        let lines = || std::iter::once(head).chain(self.0.iter().map(Row::cells));
        let mut widths = [0; 6];
        for cells in lines() {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = cell.chars().count().max(*width);
            }
        }
        for cells in lines() {
            let mut line = String::new();
            for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
                // Words to the left, figures to the right.
                line += &match at {
                    0 => format!("{cell:<width$}"),
                    _ => format!("  {cell:>width$}"),
                };
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(millis: impl IntoIterator<Item = u64>) -> Times {
        Times(millis.into_iter().map(Duration::from_millis).collect())
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let all = times((1..=100).rev());
        assert_eq!(all.median(), Duration::from_millis(50));
        assert_eq!(all.percentile(95), Duration::from_millis(95));
        assert_eq!(times([7]).percentile(95), Duration::from_millis(7));
        assert_eq!(Times::default().median(), Duration::ZERO);
    }

    #[test]
    fn only_what_is_over_its_budget_is_missed() {
        let (bare, thrice) = (times([2]), times([6]));
        let mut table = Table::default();
        table.push(Row::time("bare", &bare, None, Budget::None));
        table.push(Row::time("good", &thrice, Some(&bare), Budget::Ratio(3.0)));
        table.push(Row::time("slow", &thrice, Some(&bare), Budget::Ratio(2.9)));
        let own = |millis| Budget::OwnTime(Duration::from_millis(millis));
        table.push(Row::time("quick", &thrice, Some(&bare), own(4)));
        table.push(Row::time("late", &thrice, Some(&bare), own(3)));
        table.push(Row::size("large", 4.1, Some(4.0)));
        let missed = table.missed();
        assert_eq!(
            missed.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "slow: 6.00 ms, 3.00 x; the budget is 2.9 x",
                "late: 6.00 ms, 3.00 x; the budget is +3.00 ms (is +4.00 ms)",
                "large: 4.10 MB; the budget is 4 MB",
            ]
        );
        assert!(
            table
                .to_string()
                .contains("slow   6.00 ms  6.00 ms   3.00 x")
        );
    }
}
