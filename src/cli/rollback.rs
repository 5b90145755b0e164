//! `longshore rollback`: the way back when Slack is down.
//!
//! It writes the request that the command in Slack would write, in the operators' own partition, and
//! starts the same execution, under the caller's IAM identity; record, leases, plan and verdict are
//! the waiter's as always. IAM decides who may: it takes writing to that partition and starting the
//! state machine.

use std::time::Duration;

use clap::Args;

use super::change::of_one;
use super::console::{COMMAND, Console};
use super::failure::of_table;
use super::request::{AskingOptions, Caller};
use super::terminal::{Assent, Given};
use super::{Exit, Failure, Surroundings, of};
use crate::command::{Command, CommandVerb};
use crate::names::{AppName, DeployId, EnvName, Ref};
use crate::past::{Live, Stack, counted_between, is_called};
use crate::record::{Deploy, Past};
use crate::reply::gone::how_left;
use crate::reply::phrase::Readers;
use crate::reply::{ago, clock, link, under_way};
use crate::request::{ChangeKind, Entry, Verb};

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore rollback cms production --table longshore-Table-1A2B3C \\
    --machine arn:aws:states:eu-west-1:111111111111:stateMachine:longshore-deploys --wait
  longshore rollback cms on production to 1.0.2
  longshore rollback cms on production to 1a2b3c4d
  longshore rollback 4f2k9x0a           away from what this deploy brought

Table and machine are outputs TableName and StateMachineArn of the Longshore stack. Shows from what to
what it goes and what Slack will be told, and asks; with --yes it does not. Prints the rollback's id. With
--wait, the exit code is the verdict's; Ctrl-C leaves it going. Nobody is asked again in Slack.";

/// How many of the newest entries of the history are read, as the waiter does.
const HISTORY: i32 = 100;

#[derive(Debug, Args)]
pub(super) struct RollbackArguments {
    /// As after `/deploy rollback`: the application and the environment, by a name or an alias, and what to go back
    /// to, or else what ran before the live version was deployed; or the deploy to go back from
    #[arg(value_name = "DEPLOY|APP> on <ENV> to <VERSION", num_args = 1.., required = true)]
    words: Vec<String>,
    /// The deploy or version to go back to, as behind the word `to`
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    #[command(flatten)]
    asking: AskingOptions,
}

pub(super) async fn run(
    arguments: &RollbackArguments,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Failure> {
    let operator = Caller::open(&arguments.asking.stack, surroundings).await?;
    let console = &operator.console;
    let (place, goal) = target(console, arguments).await?;
    let (application, environment) = (&place.0, &place.1);
    let allowed = operator.may(ChangeKind::Rollback, application, environment)?;
    let verb = planned(console, (application, environment), &goal, surroundings).await?;
    let deploy = operator.deploy(verb, &allowed, surroundings);
    writeln!(surroundings.err, "{}", told(console, &deploy))?;
    if arguments.asking.given() == Given::Nothing {
        confirm(surroundings).await?;
    }
    operator.asks_for(&deploy, surroundings).await?;
    let id = &deploy.id;
    let written = arguments.asking.written();
    written.begins(&deploy, surroundings)?;
    writeln!(
        surroundings.err,
        "the rollback of {application} on {environment} is recorded as {id}"
    )?;
    match arguments.asking.wait {
        true => operator.follows(id, written, surroundings).await,
        false => written.ends(&deploy, surroundings).map(|()| Exit::Done),
    }
}

/// What it is to go to.
enum BackTo {
    /// What ran before the live version was deployed.
    Before,
    /// This deploy, or this version that ran.
    Named(Ref),
    /// What ran before this deploy.
    AwayFrom(DeployId),
}

/// Where and to what, by the grammar of Slack's command.
async fn target(
    console: &Console,
    arguments: &RollbackArguments,
) -> Result<((AppName, EnvName), BackTo), Failure> {
    let to = arguments.to.iter();
    let to = to.flat_map(|to| ["to".to_owned(), to.clone()]);
    let words: Vec<String> = arguments.words.iter().cloned().chain(to).collect();
    match console.parse(CommandVerb::Rollback, &words)? {
        Command::Rollback { app, to, also, env } if also.is_empty() => {
            Ok(((app, env), to.map_or(BackTo::Before, BackTo::Named)))
        }
        Command::Rollback { .. } => Err(of_one()),
        Command::RollbackOf { deploy: id } => {
            let deploy = of::find(console, &id).await?;
            if deploy.verdict().is_none() {
                return Err(Failure::Refused(format!(
                    "deploy {id} is still under way; `{COMMAND} cancel {id}` stops it, and goes back"
                )));
            }
            Ok((
                of::place(&deploy, CommandVerb::Rollback)?,
                BackTo::AwayFrom(id),
            ))
        }
        other => Err(of::another(&other, console)),
    }
}

/// What Slack is told of it, in the words of its card, and where.
fn told(console: &Console, deploy: &Deploy) -> String {
    let config = &console.config;
    let target = config.target(deploy.application(), &deploy.environment);
    let announced = target.and_then(|target| target.announce);
    match announced.or_else(|| config.slack().announce.clone()) {
        Some(channel) => format!("Slack, in #{channel}: {}", under_way(deploy).plain()),
        None => "Slack is told nothing: `slack.announce` names no channel".to_owned(),
    }
}

/// Says from what to what it goes, by the history, and makes it the request for exactly that: whoever
/// agrees agrees to what they read. What the history does not tell is left to the plan.
async fn planned(
    console: &Console,
    (application, environment): (&AppName, &EnvName),
    goal: &BackTo,
    surroundings: &mut Surroundings<'_>,
) -> Result<Verb, Failure> {
    let history = console.store.history_at(application, environment, HISTORY);
    let history = surroundings.waits("reading the history", history).await?;
    let was_read = history.is_ok();
    let history = history.or_else(|error| {
        // The way back is not taken away by what only helps to decide.
        let why = of_table(&error);
        writeln!(surroundings.err, "the history cannot be read: {why}")?;
        Ok::<_, Failure>(Vec::new())
    })?;
    let stack = Stack::of(&history);
    let ways = match goal {
        BackTo::AwayFrom(id) => stack.ways_away_from(&Entry::Deploy(id.clone()), Live::NotSeen, 1),
        BackTo::Before | BackTo::Named(_) => stack.ways(Live::NotSeen, 1),
    };
    let past = match goal {
        BackTo::Named(name) => named(&history, name),
        BackTo::Before | BackTo::AwayFrom(_) => ways.back.first().copied(),
    };
    let runs = ways
        .from
        .map_or_else(|| "what runs now".to_owned(), version);
    let goes = match (past, goal) {
        (Some(past), _) => version(past),
        (None, BackTo::Named(name)) => match name.as_str().parse::<DeployId>() {
            Ok(id) => {
                format!("what deploy {id} ran, which the newest {HISTORY} entries do not hold")
            }
            // Whoever agrees to a name that stands for nothing agrees to nothing.
            Err(_) if was_read => {
                return Err(Failure::Misunderstood(format!(
                    "nothing that ran well of {application} on {environment} is called `{name}` in its history; what was found running may be called by its commit: `{COMMAND} history {application} {environment}` lists what ran"
                )));
            }
            Err(_) => format!("version {name}, if it ran there"),
        },
        (None, BackTo::Before | BackTo::AwayFrom(_)) => {
            "what ran before it, which the history does not tell".to_owned()
        }
    };
    let now = surroundings.now();
    let err = &mut surroundings.err;
    writeln!(err, "{application} on {environment}: {runs} -> {goes}")?;
    if let Some((from, past)) = ways.from.zip(past)
        && let Some(without) = without(&history, from, past)
    {
        writeln!(err, "{without}")?;
    }
    if let Some(left) = past.and_then(|past| stack.mark(past).or_else(|| stack.left(past))) {
        let span = Duration::try_from(now.duration_since(left.at)).unwrap_or_default();
        let how = how_left(&left, &ago(span), Readers::One).plain("");
        let marked = past.is_some_and(|past| stack.mark(past).is_some());
        let what = match marked {
            true => "it was rolled back before",
            false => "it is not live any more because",
        };
        writeln!(err, "{what}: {how}")?;
    }
    for (past, left) in &ways.left {
        let span = Duration::try_from(now.duration_since(left.at)).unwrap_or_default();
        let how = how_left(left, &ago(span), Readers::One).plain("");
        writeln!(err, "not to {}, unless you name it: {how}", version(past))?;
    }
    let id = past.and_then(|past| past.id.clone());
    Ok(match (goal, id, ways.from) {
        (_, Some(id), _) => Verb::rollback(Some(id)),
        (BackTo::Named(name), None, _) => match name.as_str().parse() {
            Ok(id) => Verb::rollback(Some(id)),
            Err(_) => Verb::rollback_to(Some(name.clone())),
        },
        (BackTo::AwayFrom(id), None, _) => Verb::rollback_from(Entry::Deploy(id.clone())),
        // What was found has no name: away from what runs, to that.
        (BackTo::Before, None, Some(from)) => Verb::rollback_from(from.entry()),
        (BackTo::Before, None, None) => Verb::rollback(None),
    })
}

/// The entry that is called so: the deploy of that id, or the newest that came up and is that version.
fn named<'a>(history: &'a [Past], name: &Ref) -> Option<&'a Past> {
    let id: Option<DeployId> = name.as_str().parse().ok();
    let mut all = history.iter();
    let by_id = all.find(|past| id.is_some() && past.id == id);
    let mut good = history.iter().filter(|past| past.is_good());
    by_id.or_else(|| good.find(|past| is_called(past, name)))
}

/// `without 2 commits (https://github.com/acme/cms/compare/…) (maria, sam)`, as far as the history tells.
fn without(history: &[Past], from: &Past, to: &Past) -> Option<String> {
    let counted = counted_between(history, from, to)?;
    let page = link::compare_back(from, to);
    Some(link::counted_away(&counted, page.as_deref()).plain())
}

/// `1.4.1 (deploy 4f2k9x0a, 27 Nov 18:05 UTC)`
fn version(past: &Past) -> String {
    let at = clock(past.ended_at.unwrap_or(past.requested_at));
    match (&past.id, &past.outside) {
        (Some(id), _) => format!("{} (deploy {id}, {at})", past.runs()),
        (None, Some(_)) => format!("{} (from outside of Longshore, noticed {at})", past.runs()),
        (None, None) => format!("{} (found when first seen, {at})", past.runs()),
    }
}

/// Asks whether it shall go so; anything but a yes is a no.
async fn confirm(surroundings: &mut Surroundings<'_>) -> Result<(), Failure> {
    let refused = match surroundings.asks("Roll back?").await? {
        Some(Assent::Yes) => return Ok(()),
        Some(Assent::No) => {
            "nothing was started, because nobody said yes; with --yes it does not ask"
        }
        None => "nothing was started, because nobody can be asked here; with --yes it does not ask",
    };
    Err(Failure::Refused(refused.to_owned()))
}
