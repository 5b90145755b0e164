//! `longshore history`: who deployed what, where, and how it ended, from the table alone.

use clap::Args;

use super::console::{COMMAND, Console, Format, all, unread};
use super::json::{self, EntryObject};
use super::{Exit, Failure, Surroundings, TableOption, columns};
use crate::aws::dynamodb::StoreError;
use crate::command::moment::StillToCome;
use crate::command::{Command, CommandVerb, HistoryScope};
use crate::names::{AppName, EnvName};
use crate::past::{self, IsAll, Listed, Marked, WantedEntries};
use crate::record::{Past, TurnedDown};
use crate::refusal::{NOTHING_TO_DO, Refusal, verdict_word};
use crate::reply::{clocks_changed, duration, joined, no_history, nothing_changed, read_in, said};
use crate::request::ChangeKind;

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore history --table longshore-Table-1A2B3C
  longshore history cms production --last 5
  longshore history cms --all
  longshore history production since 14:05 yesterday
  longshore history cms --json | jq -r 'select(.verdict == \"failed\") | .id'

Newest first, what changed something. With --json, one object a line. Needs nothing but reading the table.";

/// The most entries that are listed, as many as Slack's history looks through.
pub(super) const MOST: i32 = 200;

#[derive(Debug, Args)]
pub(super) struct HistoryArguments {
    /// Only this application, only this environment; by a name or an alias. Also "today" or "since 14:05 yesterday"
    #[arg(value_name = "APP] [ENV", num_args = 0..)]
    words: Vec<String>,
    /// How many entries
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(i32).range(1..=i64::from(MOST)))]
    last: i32,
    /// Also what changed nothing: what was refused, lapsed or was stopped before it began
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    table: TableOption,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(
    arguments: &HistoryArguments,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Failure> {
    let console = Console::open(&arguments.table, surroundings).await?;
    let asked = console.parse(CommandVerb::History, &arguments.words)?;
    let again = asked.with_a_time_that_passed().to_string();
    let (app, env, typed, period) = match asked {
        Command::History {
            app,
            env,
            scope,
            period,
        } => (app, env, scope, period),
        _ => (None, None, HistoryScope::Changes, None),
    };
    let zone = console.config.slack().zone();
    let within = period.map(|period| {
        let still_to_come = |StillToCome| {
            let refusal = TurnedDown::StillToCome {
                time: period.moment(),
                zone: zone.clone(),
                again: again.clone(),
            };
            Failure::Refused(Refusal::from(refusal).plain(COMMAND))
        };
        let now = surroundings.now();
        period.resolve(&zone, now).map_err(still_to_come)
    });
    let scope = match arguments.all {
        true => HistoryScope::All,
        false => typed,
    };
    let read = entries(&console, app.as_ref(), env.as_ref());
    let read = surroundings.waits("reading the history", read).await?;
    let wanted = WantedEntries {
        scope,
        within: within.transpose()?,
        most: usize::try_from(arguments.last).unwrap_or_default(),
    };
    let (read, is_all) = read.map_err(unread)?;
    let Listed {
        entries: listed,
        left_out,
        looked_back_to,
        ..
    } = past::listed(past::marked(read), &wanted, is_all);
    if arguments.format.json {
        let objects = listed.iter().map(EntryObject::of);
        objects
            .into_iter()
            .try_for_each(|object| json::line(surroundings.out, &object))?;
    } else if listed.is_empty() {
        let nothing = match left_out {
            0 => no_history(),
            _ => nothing_changed(),
        };
        writeln!(surroundings.err, "{}", nothing.plain())?;
    } else {
        let headings = [
            "DEPLOY",
            "ENDED (UTC)",
            "WHAT",
            "APPLICATION",
            "ENVIRONMENT",
            "VERSION",
            "HOW",
            "BY",
            "TOOK",
        ];
        let rows: Vec<_> = listed.iter().map(row).collect();
        columns::write(surroundings.out, headings, &rows)?;
    }
    if let Some(within) = wanted.within {
        let read_in = [read_in(&zone), clocks_changed(within.from.clock)];
        writeln!(surroundings.err, "{}", joined(read_in, " ").plain())?;
    }
    if let Some(oldest) = looked_back_to {
        let oldest = minute(oldest);
        writeln!(
            surroundings.err,
            "older ones were not looked at: what ended before {oldest} UTC"
        )?;
    }
    match left_out {
        0 => {}
        1 => writeln!(
            surroundings.err,
            "1 that changed nothing is left out: --all lists it."
        )?,
        many => writeln!(
            surroundings.err,
            "{many} that changed nothing are left out: --all lists them."
        )?,
    }
    Ok(Exit::Done)
}

/// The newest entries that fit, newest first: of one or several places, each of its own list.
async fn entries(
    console: &Console,
    app: Option<&AppName>,
    env: Option<&EnvName>,
) -> Result<(Vec<Past>, IsAll), StoreError> {
    if app.is_none() && env.is_none() {
        let entries = console.store.history(MOST).await?;
        let is_all = IsAll::of(&entries, MOST);
        return Ok((entries, is_all));
    }
    let places = console.places(app, env);
    let read = places
        .iter()
        .map(|(app, env)| console.store.history_at(app, env, MOST));
    let read = all(read).await?;
    let each = read.iter().map(|entries| IsAll::of(entries, MOST));
    let is_all = each.fold(IsAll::Yes, IsAll::and);
    let mut entries: Vec<Past> = read.into_iter().flatten().collect();
    // Within a place they are in order already, and the sort keeps that.
    entries.sort_by_key(|past| std::cmp::Reverse(past.when()));
    Ok((entries, is_all))
}

fn row(listed: &Marked) -> [String; 9] {
    let Marked { past, left } = listed;
    let what = match (&past.outside, past.verb.as_ref().map(|verb| verb.kind())) {
        (Some(_), _) => "changed outside of Longshore",
        (None, None) => "found running",
        (None, Some(change)) => change_word(change),
    };
    let verdict = match past.ran_already {
        true => NOTHING_TO_DO,
        false => past.verdict.map_or("", verdict_word),
    };
    let how = match (verdict, left) {
        ("", _) => String::new(),
        (verdict, None) => verdict.to_owned(),
        (verdict, Some(_)) => format!("{verdict}, later rolled back"),
    };
    let by = match past.verb {
        Some(_) => said!("{}", past.requester).plain(),
        None => String::new(),
    };
    [
        past.id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        minute(past.when()),
        what.to_owned(),
        past.application.to_string(),
        past.environment.to_string(),
        past.runs(),
        how,
        by,
        past.took().map(duration).unwrap_or_default(),
    ]
}

/// What is done, in a word.
pub(super) fn change_word(change: ChangeKind) -> &'static str {
    match change {
        ChangeKind::Deploy => "deploy",
        ChangeKind::Rollback => "rollback",
        ChangeKind::Restart => "restart",
    }
}

/// `2026-03-02 09:03`: a time that sorts, in UTC.
pub(super) fn minute(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}
