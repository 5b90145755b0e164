//! `longshore rollback`: the way back when Slack is down.
//!
//! It writes the request that the command in Slack would write, in the operators' own partition, and
//! starts the same execution, under the caller's IAM identity; record, leases, plan and verdict are
//! the waiter's as always. IAM decides who may: it takes writing to that partition and starting the
//! state machine.

use std::time::Duration;

use clap::Args;

use super::{Failure, Surroundings, TableOption};
use crate::aws::dynamodb::{Accept, AcceptOutcome, Store, StoreError};
use crate::config::Config;
use crate::hearing::request::{Asker, Request};
use crate::names::{AppName, DeployId, EnvName};
use crate::past::{Live, Stack};
use crate::policy::{Action, authorize};
use crate::record::{Deploy, Origin, Past, Phase, Verdict};
use crate::refusal::why;
use crate::reply::gone::how_left;
use crate::reply::phrase::Readers;
use crate::reply::{ago, clock};
use crate::request::{ChangeKind, Verb};

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore rollback cms production --table longshore-Table-1A2B3C \\
    --machine arn:aws:states:eu-west-1:111111111111:stateMachine:longshore-deploys --wait
  longshore rollback cms production --to 1a2b3c4d

Table and machine are outputs TableName and StateMachineArn of the Longshore stack. Shows from what to
what it goes, and asks; with --yes it does not. Prints the rollback's id. With --wait, exit code 0
means that it succeeded. Nobody is asked again in Slack.";

/// How many of the newest entries of the history are read, as the waiter does.
const HISTORY: i32 = 100;

/// The longest answer that is read.
const MOST_TYPED: usize = 16;

/// How often the record is read while it is followed.
const POLL: Duration = Duration::from_secs(2);

/// Failed reads in a row after which following gives up.
const PATIENCE: u32 = 10;

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
    table: TableOption,
    /// The state machine's ARN; without it, the variable STATE_MACHINE_ARN
    #[arg(long, value_name = "ARN")]
    machine: Option<String>,
    /// Follow it until the verdict
    #[arg(long)]
    wait: bool,
    /// Go without asking
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(
    arguments: &RollbackArguments,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let to = arguments
        .to
        .as_deref()
        .map(str::parse::<DeployId>)
        .transpose();
    let to = to.map_err(|bad| Failure::Refused(format!("--to: {bad}")))?;
    let table = arguments.table.name(surroundings)?;
    let variable = || (surroundings.variable)("STATE_MACHINE_ARN");
    let machine = arguments.machine.clone().or_else(variable).ok_or_else(|| {
        Failure::Refused(
            "name the state machine with --machine or STATE_MACHINE_ARN; it is output StateMachineArn of the Longshore stack"
                .to_owned(),
        )
    })?;
    let (aws, operator) = surroundings.operator().await?;
    let store = aws.store(table.as_str());
    let config = configuration(&store).await?;
    let (application, environment) = target(&config, arguments)?;
    let asker = Asker::Operator { arn: operator };
    let operator = asker.actor();
    let allowed = authorize(
        &config,
        &operator,
        &Action::Change(ChangeKind::Rollback),
        &application,
        &environment,
        None,
    )
    .map_err(|denied| Failure::Refused(denied.to_string()))?;

    let verb = planned(
        &store,
        (&application, &environment),
        to.as_ref(),
        surroundings,
    )
    .await?;
    if !arguments.yes {
        confirm(surroundings)?;
    }
    let request = format!(
        "{operator} {} {application} {environment} {to:?}",
        surroundings.now
    );
    let id = DeployId::derive(request.as_bytes());
    let deploy = Deploy::new(
        id.clone(),
        verb,
        (allowed.application().clone(), allowed.environment().clone()),
        operator,
        surroundings.now,
        Origin { channel: None },
    );
    // The id says all: nothing of an operator's comes twice by itself.
    let accept = Accept::new(
        id.to_string(),
        Some(Request::for_deploy(asker, &deploy)),
        surroundings.now,
    );
    record(&store, &accept).await?;
    writeln!(surroundings.out, "{id}")?;
    writeln!(
        surroundings.err,
        "the rollback of {application} in {environment} is recorded as {id}"
    )?;
    if let Err(error) = aws.machine(machine).start(id.as_str(), id.as_str()).await {
        // The record stands, and the sweeper starts whatever is open and has no execution.
        writeln!(
            surroundings.err,
            "it was not started at once and will be within two minutes: {error}"
        )?;
    }
    if arguments.wait {
        follow(&store, &id, &config.slack().command, surroundings).await
    } else {
        Ok(())
    }
}

/// Says from what to what it goes, by the history, and makes it the request for exactly that: whoever
/// agrees agrees to what they read. What the history does not tell is left to the plan.
async fn planned(
    store: &Store,
    (application, environment): (&AppName, &EnvName),
    to: Option<&DeployId>,
    surroundings: &mut Surroundings<'_>,
) -> Result<Verb, Failure> {
    let history = store.history_at(application, environment, HISTORY).await;
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
    let from = ways
        .from
        .map_or_else(|| "what runs now".to_owned(), version);
    let goes = match (past, to) {
        (Some(past), _) => version(past),
        (None, Some(id)) => {
            format!("what deploy {id} ran, which the newest {HISTORY} entries do not hold")
        }
        (None, None) => "what ran before it, which the history does not tell".to_owned(),
    };
    let err = &mut surroundings.err;
    writeln!(err, "{application} in {environment}: {from} → {goes}")?;
    let now = surroundings.now;
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
fn confirm(surroundings: &mut Surroundings<'_>) -> Result<(), Failure> {
    write!(surroundings.err, "Roll back? Type yes: ")?;
    surroundings.err.flush()?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while answer.len() < MOST_TYPED && surroundings.input.read(&mut byte)? == 1 && byte[0] != b'\n'
    {
        answer.push(byte[0]);
    }
    let answer = String::from_utf8_lossy(&answer).trim().to_ascii_lowercase();
    match answer.as_str() {
        "yes" | "y" => Ok(()),
        _ => Err(Failure::Refused(
            "nothing was started, because nobody said yes; with --yes it does not ask".to_owned(),
        )),
    }
}

async fn configuration(store: &Store) -> Result<Config, Failure> {
    let stored = store
        .configuration()
        .await
        .map_err(|error| Failure::Store {
            error,
            then: "nothing was started",
        })?;
    let stored = stored.ok_or_else(|| {
        Failure::Refused(
            "no configuration was ever pushed; publish one with `longshore push`".to_owned(),
        )
    })?;
    Config::parse(&stored.body).map_err(|unusable| {
        Failure::Refused(format!("{unusable}; push it again with `longshore push`"))
    })
}

fn target(config: &Config, arguments: &RollbackArguments) -> Result<(AppName, EnvName), Failure> {
    let words = config.vocabulary();
    let unknown = |kind: &str, word: &str, known: Vec<String>| {
        Failure::Refused(format!(
            "there is no {kind} \"{word}\"; there are {}",
            known.join(", ")
        ))
    };
    let (application, environment) = (&arguments.application, &arguments.environment);
    let known = || words.application_names().collect();
    let app = words.application(application);
    let app = app.ok_or_else(|| unknown("application", application, known()))?;
    let known = || words.environment_names().collect();
    let env = words.environment(environment);
    let env = env.ok_or_else(|| unknown("environment", environment, known()))?;
    Ok((app.clone(), env.clone()))
}

/// Records the request. A lost answer is asked for once more: the same request is recorded once.
async fn record(store: &Store, accept: &Accept) -> Result<(), Failure> {
    let mut outcome = store.accept(accept).await;
    if outcome.as_ref().is_err_and(|error| !error.wrote_nothing()) {
        outcome = store.accept(accept).await;
    }
    match outcome {
        Ok(AcceptOutcome::Accepted) => Ok(()),
        Ok(AcceptOutcome::Duplicate { id }) if id == accept.id => Ok(()),
        Ok(other) => Err(Failure::Refused(format!(
            "it was not recorded, because {other:?}"
        ))),
        Err(error) => Err(Failure::Store {
            then: if error.wrote_nothing() {
                "nothing was started"
            } else {
                "whether the rollback was recorded is unknown: look at the service before asking again"
            },
            error,
        }),
    }
}

/// Reads the record until it has its verdict, and says what changes.
async fn follow(
    store: &Store,
    id: &DeployId,
    command: &str,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let mut said = String::new();
    let mut failures = 0;
    loop {
        match store.deploy_or_request(id).await {
            Ok(deploy) => {
                failures = 0;
                if let Some(deploy) = deploy {
                    let now = progress(&deploy, command);
                    if now != said {
                        writeln!(surroundings.err, "{now}")?;
                        surroundings.err.flush()?;
                        said = now;
                    }
                    if let Some(ending) = deploy.ending {
                        return match ending.verdict {
                            Verdict::Succeeded => Ok(()),
                            verdict => Err(Failure::Refused(format!(
                                "the rollback ended {}",
                                verdict.name()
                            ))),
                        };
                    }
                }
            }
            Err(error) => {
                failures += 1;
                if failures >= PATIENCE || !error.is_transient() {
                    return Err(lost_sight(error));
                }
            }
        }
        tokio::time::sleep(POLL).await;
    }
}

fn lost_sight(error: StoreError) -> Failure {
    Failure::Store {
        error,
        then: "the rollback goes on, but cannot be followed from here",
    }
}

/// Where the rollback is, in one line.
fn progress(deploy: &Deploy, command: &str) -> String {
    let phase = match deploy.phase {
        Phase::Requested => "requested",
        Phase::Planned => "planned",
        Phase::Asking => "waiting for consent",
        Phase::Starting => "starting",
        Phase::Rolling => "rolling",
        Phase::Overdue => "overdue: it takes longer than its deadline and is still watched",
        Phase::Ended => deploy.verdict().map_or("ended", Verdict::name),
    };
    let mut line = phase.to_owned();
    for service in &deploy.services {
        let counts = service.counts;
        line.push_str(&format!(
            ", {} {}/{} running",
            service.service, counts.running, counts.desired
        ));
    }
    let reasons = deploy.ending.iter().flat_map(|ending| why(&ending.why));
    let reasons: Vec<String> = reasons.map(|one| one.plain(command)).collect();
    match reasons.is_empty() {
        true => line,
        false => format!("{line}: {}", reasons.join("\n")),
    }
}
