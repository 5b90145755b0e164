//! `longshore who`: who may what, and why, as `/deploy who` tells it, from the table alone.

use clap::Args;

use super::console::{COMMAND, Console, Format, unread};
use super::json::{self, RightsObject};
use super::{Exit, Failure, Surroundings, TableOption};
use crate::card;
use crate::command::{Command, CommandVerb};
use crate::names::{AppName, EnvName};
use crate::policy::{Policy, roster};
use crate::record::Refused;
use crate::refusal::Refusal;

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore who cms production --table longshore-Table-1A2B3C
  longshore who production
  longshore who --json | jq -r '.granted[] | [.person, .application, .environment, .until] | @tsv'

By the configuration, by Longshore's copies of user groups, and by the rights that were given in chat. People are
listed by their ids, which `longshore revoke` takes. With --json, one object a line. Needs nothing but reading the table.";

#[derive(Debug, Args)]
pub(super) struct WhoArguments {
    /// Only this application, only this environment; by a name or an alias
    #[arg(value_name = "APP] [ENV", num_args = 0..)]
    words: Vec<String>,
    #[command(flatten)]
    table: TableOption,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(
    arguments: &WhoArguments,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Failure> {
    let console = Console::open(&arguments.table, surroundings).await?;
    let (app, env) = asked(&console, &arguments.words)?;
    let places = console.places(app.as_ref(), env.as_ref());
    if let (true, Some(application), Some(environment)) = (places.is_empty(), app, env) {
        let there = console.places(Some(&application), None);
        let there = there.iter().map(|(_, environment)| environment.to_string());
        let refused = Refused::NotThere {
            application,
            environment,
            there: there.collect(),
        };
        return Err(Failure::Refused(Refusal::from(refused).plain(COMMAND)));
    }
    let store = &console.store;
    let read = surroundings.waits("reading who may what", store.rights());
    let rights = read.await?.map_err(unread)?;
    let now = surroundings.now();
    let policy = Policy {
        groups: &rights.groups,
        grants: &rights.grants,
        ..Policy::alone(&console.config, now)
    };
    let mut is_first = true;
    for (application, environment) in &places {
        let Some(roster) = roster(policy, application, environment) else {
            continue;
        };
        if arguments.format.json {
            let object = RightsObject::new(application, environment, &roster);
            json::line(surroundings.out, &object)?;
            continue;
        }
        if !std::mem::take(&mut is_first) {
            writeln!(surroundings.out)?;
        }
        for line in card::roster(&roster, application, environment, now).plain() {
            writeln!(surroundings.out, "{line}")?;
        }
    }
    Ok(Exit::Done)
}

/// Of which application and where: in Slack both are named, here either may be left out.
fn asked(
    console: &Console,
    words: &[String],
) -> Result<(Option<AppName>, Option<EnvName>), Failure> {
    let names = console.config.vocabulary();
    if let [word] = words {
        let (app, env) = (names.application(word), names.environment(word));
        if app.is_some() || env.is_some() {
            return Ok((app.cloned(), env.cloned()));
        }
    }
    match (words, console.parse(CommandVerb::Who, words)) {
        ([], _) => Ok((None, None)),
        (_, Ok(Command::Who { app, env })) => Ok((Some(app), Some(env))),
        (_, Ok(other)) => Err(super::of::another(&other, console)),
        (_, Err(misunderstood)) => Err(misunderstood),
    }
}
