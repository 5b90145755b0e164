//! `longshore show`: everything on record about one deploy, as `/deploy show` has it; and following it
//! until its verdict.

use clap::Args;

use super::console::{COMMAND, Console, Format, unread};
use super::follow::{Follow, Until};
use super::json::{self, DeployObject};
use super::{Exit, Failure, Surroundings, TableOption};
use crate::card::{self, Setting};
use crate::names::DeployId;
use crate::record::{Deploy, Refused};
use crate::refusal::Refusal;
use crate::reply::no_history;

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore show 4f2k9x0a --table longshore-Table-1A2B3C
  longshore show last
  longshore show last --wait          follow it until its verdict
  longshore show last --json | jq .verdict

`last` is the deploy that was asked for last, by anybody, wherever. With --json, one object. Without
--wait the exit code says only whether there is such a deploy. Needs nothing but reading the table.";

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The deploy's id, or `last`
    #[arg(value_name = "DEPLOY")]
    deploy: String,
    #[command(flatten)]
    table: TableOption,
    /// Follow it until its verdict, which then is the exit code
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(
    arguments: &ShowArguments,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Failure> {
    let named =
        match arguments.deploy.as_str() {
            "last" => None,
            id => Some(id.parse::<DeployId>().map_err(|bad| {
                Failure::Misunderstood(format!("{bad}; name a deploy, or `last`"))
            })?),
        };
    let console = Console::open(&arguments.table, surroundings).await?;
    let found = find(&console, named.as_ref());
    let found = surroundings.waits("reading the deploy", found).await??;
    if !arguments.wait || found.ending.is_some() {
        print(&found, arguments.format, surroundings)?;
        return Ok(match arguments.wait {
            true => found.verdict().map_or(Exit::Done, Exit::of),
            false => Exit::Done,
        });
    }
    let mut follow = Follow::new(&console.store, &found.id);
    let ended = follow.until(Until::Verdict, surroundings).await?;
    print(&ended, arguments.format, surroundings)?;
    Ok(ended.verdict().map_or(Exit::Done, Exit::of))
}

fn print(
    deploy: &Deploy,
    format: Format,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    if format.json {
        return json::line(surroundings.out, &DeployObject::from(deploy));
    }
    let setting = Setting {
        command: COMMAND,
        now: surroundings.now(),
        on_call: &[],
    };
    for line in card::show(deploy, &setting).plain() {
        writeln!(surroundings.out, "{line}")?;
    }
    Ok(())
}

async fn find(console: &Console, named: Option<&DeployId>) -> Result<Deploy, Failure> {
    let id = match named {
        Some(id) => id.clone(),
        None => last(console).await?,
    };
    let found = console.store.deploy_or_request(&id).await;
    found.map_err(unread)?.ok_or_else(|| {
        let refusal = Refusal::from(Refused::UnknownDeploy { id });
        Failure::Refused(refusal.plain(COMMAND))
    })
}

/// The deploy that was asked for last: one under way, or the newest that has ended.
async fn last(console: &Console) -> Result<DeployId, Failure> {
    let store = &console.store;
    let (under_way, history) =
        futures_util::future::try_join(console.under_way(), store.history(1))
            .await
            .map_err(unread)?;
    let under_way = under_way.into_iter().map(|one| (one.requested_at, one.id));
    let ended = history
        .into_iter()
        .filter_map(|past| Some((past.requested_at, past.id?)));
    let newest = under_way.chain(ended).max_by_key(|(at, _)| *at);
    let (_, id) = newest.ok_or_else(|| Failure::Refused(no_history().plain()))?;
    Ok(id)
}
