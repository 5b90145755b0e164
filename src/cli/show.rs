//! `longshore show`: everything on record about one deploy, as `/deploy show` has it; and following it
//! until its verdict.

use clap::Args;
use jiff::Timestamp;

use super::console::{COMMAND, Console, Format, unread};
use super::follow::{Follow, Until};
use super::json::{self, DeployObject};
use super::{Exit, Failure, Surroundings, TableOption};
use crate::card::{self, Setting};
use crate::command::{Command, CommandVerb};
use crate::record::{Deploy, Refused};
use crate::refusal::Refusal;
use crate::reply::no_history;

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore show 4f2k9x0a --table longshore-Table-1A2B3C
  longshore show last
  longshore show last webapp staging
  longshore show last --wait          follow it until its verdict
  longshore show last --json | jq .verdict

`last` is the deploy that was asked for last, by anybody, wherever; of APP, in ENV, or both, where they are named. With --json, one object. Without
--wait the exit code says only whether there is such a deploy. Needs nothing but reading the table.";

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The deploy's id; or `last`, and of which application and environment
    #[arg(value_name = "DEPLOY | last [APP] [ENV]", num_args = 1.., required = true)]
    words: Vec<String>,
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
    let console = Console::open(&arguments.table, surroundings).await?;
    let now = surroundings.now();
    let wanted = match arguments.words.as_slice() {
        [id] if id != "last" => Command::Show {
            deploy: id.parse().map_err(|bad| {
                Failure::Misunderstood(format!("{bad}; name a deploy, or `last`"))
            })?,
        },
        words => console.parse(CommandVerb::Show, words)?,
    };
    let found = find(&console, &wanted, now);
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
        admins: &[],
        now: surroundings.now(),
        on_call: &[],
    };
    for line in card::show(deploy, &setting).plain() {
        writeln!(surroundings.out, "{line}")?;
    }
    Ok(())
}

async fn find(console: &Console, wanted: &Command, now: Timestamp) -> Result<Deploy, Failure> {
    let store = &console.store;
    let id = match wanted {
        Command::Show { deploy } => deploy.clone(),
        Command::ShowLast { app, env } => {
            let last = store.asked_for_last(app.as_ref(), env.as_ref(), now);
            let last = last.await.map_err(unread)?;
            last.ok_or_else(|| Failure::Refused(no_history().plain()))?
        }
        _ => return Err(Failure::Refused(no_history().plain())),
    };
    let found = store.deploy_or_request(&id).await;
    found.map_err(unread)?.ok_or_else(|| {
        let refusal = Refusal::from(Refused::UnknownDeploy { id });
        Failure::Refused(refusal.plain(COMMAND))
    })
}
