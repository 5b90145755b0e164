//! `longshore rollback`: the way back when Slack is down.
//!
//! It writes the request that the command in Slack would write, in the operators' own partition, and
//! starts the same execution, under the caller's IAM identity; record, leases, plan and verdict are
//! the waiter's as always. IAM decides who may: it takes writing to that partition and starting the
//! state machine.

use std::time::Duration;

use clap::Args;

use super::console::{COMMAND, Console};
use super::request::{AskingOptions, Caller};
use super::terminal::{Assent, Given};
use super::{Exit, Failure, Surroundings};
use crate::command::{Command, CommandVerb};
use crate::names::{AppName, BadName, DeployId, EnvName};
use crate::past::{Live, Stack, counted_between};
use crate::record::{Deploy, Past};
use crate::reply::gone::how_left;
use crate::reply::phrase::Readers;
use crate::reply::{ago, clock, link, under_way};
use crate::request::{ChangeKind, Verb};

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore rollback cms production --table longshore-Table-1A2B3C \\
    --machine arn:aws:states:eu-west-1:111111111111:stateMachine:longshore-deploys --wait
  longshore rollback cms production --to 1a2b3c4d

Table and machine are outputs TableName and StateMachineArn of the Longshore stack. Shows from what to
what it goes and what Slack will be told, and asks; with --yes it does not. Prints the rollback's id. With
--wait, the exit code is the verdict's; Ctrl-C leaves it going. Nobody is asked again in Slack.";

/// How many of the newest entries of the history are read, as the waiter does.
const HISTORY: i32 = 100;

#[derive(Debug, Args)]
pub(super) struct RollbackArguments {
    /// The application, by its name or an alias
    application: String,
    /// The environment, by its name or an alias
    environment: String,
    /// The deploy to go back to; without it, what ran before the live version was deployed
    #[arg(long, value_name = "DEPLOY")]
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
    let (application, environment, to) = target(console, arguments)?;
    let allowed = operator.may(ChangeKind::Rollback, &application, &environment)?;
    let place = (&application, &environment);
    let verb = planned(console, place, to.as_ref(), surroundings).await?;
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
        "the rollback of {application} in {environment} is recorded as {id}"
    )?;
    match arguments.asking.wait {
        true => operator.follows(id, written, surroundings).await,
        false => written.ends(&deploy, surroundings).map(|()| Exit::Done),
    }
}

/// The names, by the grammar of Slack's command.
fn target(
    console: &Console,
    arguments: &RollbackArguments,
) -> Result<(AppName, EnvName, Option<DeployId>), Failure> {
    let mut words = vec![arguments.application.clone(), arguments.environment.clone()];
    words.extend(
        arguments
            .to
            .iter()
            .flat_map(|to| ["to".to_owned(), to.clone()]),
    );
    match console.parse(CommandVerb::Rollback, &words)? {
        Command::Rollback { app, to, also, env } if also.is_empty() => {
            let to = to.map(|to| to.as_str().parse()).transpose();
            let to = to.map_err(|why: BadName| {
                Failure::Misunderstood(format!(
                    "{why}; `{COMMAND} history {app} {env}` lists the deploys"
                ))
            })?;
            Ok((app, env, to))
        }
        other => Err(Failure::Misunderstood(format!("that reads as `{other}`"))),
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
    to: Option<&DeployId>,
    surroundings: &mut Surroundings<'_>,
) -> Result<Verb, Failure> {
    let history = console.store.history_at(application, environment, HISTORY);
    let history = surroundings.waits("reading the history", history).await?;
    let history = history.or_else(|error| {
        // The way back is not taken away by what only helps to decide.
        writeln!(surroundings.err, "the history cannot be read: {error}")?;
        Ok::<_, Failure>(Vec::new())
    })?;
    let stack = Stack::of(&history);
    let ways = stack.ways(Live::NotSeen, 1);
    let named = |id: &DeployId| history.iter().find(|past| past.id.as_ref() == Some(id));
    let past = match to {
        Some(id) => named(id),
        None => ways.back.first().copied(),
    };
    let runs = ways
        .from
        .map_or_else(|| "what runs now".to_owned(), version);
    let goes = match (past, to) {
        (Some(past), _) => version(past),
        (None, Some(id)) => {
            format!("what deploy {id} ran, which the newest {HISTORY} entries do not hold")
        }
        (None, None) => "what ran before it, which the history does not tell".to_owned(),
    };
    let now = surroundings.now();
    let err = &mut surroundings.err;
    writeln!(err, "{application} in {environment}: {runs} -> {goes}")?;
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
            true => "it was rolled back from",
            false => "it is not live any more because",
        };
        writeln!(err, "{what}: {how}")?;
    }
    for (past, left) in &ways.left {
        let span = Duration::try_from(now.duration_since(left.at)).unwrap_or_default();
        let how = how_left(left, &ago(span), Readers::One).plain("");
        writeln!(
            err,
            "not to {}, which only --to goes to: {how}",
            version(past)
        )?;
    }
    Ok(match (to, past.map(|past| &past.id), ways.from) {
        (Some(id), _, _) => Verb::rollback(Some(id.clone())),
        (None, Some(Some(id)), _) => Verb::rollback(Some(id.clone())),
        // What was found has no name: away from what runs, to that.
        (None, _, Some(from)) => Verb::rollback_from(from.entry()),
        (None, _, None) => Verb::rollback(None),
    })
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
