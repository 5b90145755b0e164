//! `longshore status`: what runs where by the record, and what is under way. It asks nobody but the
//! table, so that it answers while Slack, the functions and the state machine are down, and needs no
//! right in any environment's account; what ECS runs at this moment it does not know, and says so.

mod then;

use clap::Args;

use super::console::{Console, Format, all, unread};
use super::history::minute;
use super::json::{self, PlaceObject};
use super::{Exit, Failure, Surroundings, TableOption, columns};
use crate::aws::dynamodb::StoreError;
use crate::card::phase;
use crate::command::{Command, CommandVerb};
use crate::names::{AppName, EnvName};
use crate::past::{Live, Stack};
use crate::record::{Deploy, Past};
use crate::refusal::verdict_word;
use crate::reply::{nothing_to_show, said};

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore status --table longshore-Table-1A2B3C
  longshore status cms
  longshore status production --json | jq -r '[.application, .on_record.version] | @tsv'
  longshore status cms production at 14:05 yesterday

As of the last change that Longshore saw: it reads the table alone. What ECS runs at this moment,
`/deploy status` in Slack says. With --json, one object a line. Needs nothing but reading the table.";

/// Entries of a place's history looked through for what runs there, as a rollback does.
const HISTORY: i32 = 100;

#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    /// Only this application, only this environment; by a name or an alias. Also "at 14:05 yesterday", behind an application
    #[arg(value_name = "APP] [ENV", num_args = 0..)]
    words: Vec<String>,
    #[command(flatten)]
    table: TableOption,
    #[command(flatten)]
    format: Format,
}

/// What the table says of one place.
struct PlaceOnRecord {
    application: AppName,
    environment: EnvName,
    history: Vec<Past>,
    under_way: Vec<Deploy>,
}

pub(super) async fn run(
    arguments: &StatusArguments,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Failure> {
    let console = Console::open(&arguments.table, surroundings).await?;
    let asked = console.parse(CommandVerb::Status, &arguments.words)?;
    let (app, env) = match &asked {
        Command::StatusAt { app, env, at } => {
            let asked = then::AskedAt {
                command: &asked,
                application: app,
                environment: env.as_ref(),
                at,
            };
            return then::run(&console, &asked, arguments.format, surroundings).await;
        }
        Command::Status { app, env } => (app.clone(), env.clone()),
        _ => (None, None),
    };
    let read = read(&console, app.as_ref(), env.as_ref());
    let read = surroundings.waits("reading what runs", read).await?;
    let places = read.map_err(unread)?;
    if arguments.format.json {
        for place in &places {
            json::line(surroundings.out, &place.object())?;
        }
        return Ok(Exit::Done);
    }
    if places.is_empty() {
        writeln!(surroundings.err, "{}", nothing_to_show().plain())?;
        return Ok(Exit::Done);
    }
    let headings = [
        "APPLICATION",
        "ENVIRONMENT",
        "VERSION ON RECORD",
        "SINCE (UTC)",
        "BY",
        "DEPLOY",
        "LAST",
        "UNDER WAY",
    ];
    let rows: Vec<_> = places.iter().map(PlaceOnRecord::row).collect();
    columns::write(surroundings.out, headings, &rows)?;
    writeln!(
        surroundings.err,
        "as of the last change that Longshore saw; what ECS runs now, `{} status` in Slack says",
        console.config.slack().command
    )?;
    Ok(Exit::Done)
}

async fn read(
    console: &Console,
    app: Option<&AppName>,
    env: Option<&EnvName>,
) -> Result<Vec<PlaceOnRecord>, StoreError> {
    let under_way = console.under_way().await?;
    let places = console.places(app, env);
    let read = places.into_iter().map(|(application, environment)| {
        let under_way = &under_way;
        async move {
            let store = &console.store;
            let history = store
                .history_at(&application, &environment, HISTORY)
                .await?;
            let here = |deploy: &&Deploy| deploy.is_about(&application, &environment);
            Ok(PlaceOnRecord {
                under_way: under_way.iter().filter(here).cloned().collect(),
                history,
                application,
                environment,
            })
        }
    });
    all(read).await
}

/// What an entry says of what runs. Of what did not come up everywhere, that is what it left, where that is one version
/// for all services, and else not certain.
fn version(live: &Past) -> String {
    if live.is_good() {
        return live.runs();
    }
    let mut left = live.left.iter().map(|(_, runs)| runs.as_deref());
    match left.next().flatten() {
        Some(first) if left.all(|runs| runs == Some(first)) => first.to_owned(),
        _ => "not certain".to_owned(),
    }
}

impl PlaceOnRecord {
    fn live(&self) -> Option<&Past> {
        let from = Stack::of(&self.history).ways(Live::NotSeen, 1).from?;
        self.history
            .iter()
            .find(|past| past.entry() == from.entry())
    }

    /// What ended there last, however it did.
    fn last(&self) -> Option<&Past> {
        self.history.first()
    }

    fn object(&self) -> PlaceObject<'_> {
        let place = (&self.application, &self.environment);
        PlaceObject::new(place, self.live(), self.last(), &self.under_way)
    }

    fn row(&self) -> [String; 8] {
        let live = self.live();
        let by = live.filter(|past| past.verb.is_some());
        let last = self
            .last()
            .filter(|last| live.is_none_or(|live| !live.is_good() || live.entry() != last.entry()))
            .and_then(|past| Some((past.id.as_ref()?, past.verdict?)));
        let under_way = self.under_way.iter().map(|deploy| {
            let phase = phase(deploy);
            said!("{} {}", deploy.id, phase).plain()
        });
        [
            self.application.to_string(),
            self.environment.to_string(),
            live.map(version).unwrap_or_default(),
            live.map(|past| minute(past.ended_at.unwrap_or(past.requested_at)))
                .unwrap_or_default(),
            by.map(|past| said!("{}", past.requester).plain())
                .unwrap_or_default(),
            live.and_then(|past| past.id.as_ref())
                .map(ToString::to_string)
                .unwrap_or_default(),
            last.map(|(id, verdict)| format!("{id} {}", verdict_word(verdict)))
                .unwrap_or_default(),
            under_way.collect::<Vec<_>>().join("; "),
        ]
    }
}
