//! `longshore status APP [ENV] at TIME`: what ran there then, as `/deploy status` has it.

use crate::aws::dynamodb::StoreError;
use crate::card::{PlaceThen, ran_then};
use crate::cli::console::{COMMAND, Console, Format, all, unread};
use crate::cli::history::{MOST, minute};
use crate::cli::json::{self, ThenObject};
use crate::cli::{Exit, Failure, Surroundings, columns};
use crate::command::Command;
use crate::command::moment::{Moment, StillToCome};
use crate::names::{AppName, EnvName};
use crate::past::{self, IsAll, ran_at};
use crate::record::{Deploy, TurnedDown};
use crate::refusal::Refusal;
use crate::reply::{clocks_changed, joined, nothing_to_show, read_in};

/// What was typed.
pub(super) struct AskedAt<'a> {
    pub(super) command: &'a Command,
    pub(super) application: &'a AppName,
    pub(super) environment: Option<&'a EnvName>,
    pub(super) at: &'a Moment,
}

pub(super) async fn run(
    console: &Console,
    asked: &AskedAt<'_>,
    format: Format,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Failure> {
    let zone = console.config.slack().zone();
    let meant = asked.at.resolve(&zone, surroundings.now());
    let meant = meant.map_err(|StillToCome| {
        let refusal = TurnedDown::StillToCome {
            time: asked.at.to_string(),
            zone: zone.clone(),
            again: asked.command.with_a_time_that_passed().to_string(),
        };
        Failure::Refused(Refusal::from(refusal).plain(COMMAND))
    })?;
    let read = read(console, asked);
    let read = surroundings.waits("reading the history", read).await?;
    let places = read.map_err(unread)?;
    if format.json {
        for place in &places {
            let then = ran_at(&place.history, meant.at);
            let object = ThenObject::new(asked.application, &place.environment, &then);
            json::line(surroundings.out, &object)?;
        }
        return Ok(Exit::Done);
    }
    if places.is_empty() {
        writeln!(surroundings.err, "{}", nothing_to_show().plain())?;
        return Ok(Exit::Done);
    }
    let rows = places.iter().map(|place| {
        let ran = ran_then(place, meant.at).plain();
        [
            asked.application.to_string(),
            place.environment.to_string(),
            ran,
        ]
    });
    let rows: Vec<_> = rows.collect();
    let headings = ["APPLICATION", "ENVIRONMENT", "RAN"];
    columns::write(surroundings.out, headings, &rows)?;
    let small_print = joined([read_in(&zone), clocks_changed(meant.clock)], " ").plain();
    let at = minute(meant.at);
    writeln!(
        surroundings.err,
        "by the history, at {at} UTC. {small_print}"
    )?;
    Ok(Exit::Done)
}

async fn read(console: &Console, asked: &AskedAt<'_>) -> Result<Vec<PlaceThen>, StoreError> {
    let under_way = console.under_way().await?;
    let places = console.places(Some(asked.application), asked.environment);
    let read = places.into_iter().map(|(application, environment)| {
        let under_way = &under_way;
        async move {
            let store = &console.store;
            let history = store.history_at(&application, &environment, MOST).await?;
            let here = |deploy: &&Deploy| deploy.is_about(&application, &environment);
            let open: Vec<Deploy> = under_way.iter().filter(here).cloned().collect();
            let is_all = IsAll::of(&history, MOST);
            Ok(PlaceThen {
                history: past::with_open(history, &open, &application),
                environment,
                is_all,
            })
        }
    });
    all(read).await
}
