//! `longshore cancel`: has what is under way stop, as `/deploy cancel` does. Before anything has begun it
//! ends there; of what has, it is asked first whether it shall go back.

use std::time::Duration;

use clap::Args;

use super::console::{COMMAND, unread};
use super::follow::{Follow, Until};
use super::request::{AskingOptions, Caller};
use super::terminal::{Assent, Given};
use super::{Exit, Failure, Surroundings, of};
use crate::command::{Command, CommandVerb};
use crate::hearing;
use crate::names::DeployId;
use crate::policy::Action;
use crate::record::TurnedDown;
use crate::record::{Deploy, Refused, Verdict, What};
use crate::refusal::Refusal;
use crate::reply;

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore cancel 4f2k9x0a --table longshore-Table-1A2B3C \\
    --machine arn:aws:states:eu-west-1:111111111111:stateMachine:longshore-deploys
  longshore cancel cms production --yes --wait

What has not begun ends at once; of what has, asks whether it shall go back, and --yes answers that
before. With --wait, exit code 0 means that it was cancelled, and others are the verdict's: it may have
come too late. With --json, one object for each deploy.";

/// How long a wish may take to be heard: the sweeper's two looks, and a step that is at work.
const HEARD_WITHIN: Duration = Duration::from_secs(3 * 60);

#[derive(Debug, Args)]
pub(super) struct CancelArguments {
    /// The deploy's id; or the application and the environment, by a name or an alias
    #[arg(value_name = "DEPLOY|APP> <ENV", num_args = 1.., required = true)]
    words: Vec<String>,
    #[command(flatten)]
    asking: AskingOptions,
}

pub(super) async fn run(
    arguments: &CancelArguments,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Failure> {
    let caller = Caller::open(&arguments.asking.stack, surroundings).await?;
    let found = find(&caller, &arguments.words);
    let mut open = surroundings.waits("looking what is open", found).await??;
    // What has not begun first, so that it never does.
    open.sort_by_key(Deploy::has_started);
    for deploy in &open {
        let requester = deploy.requester.clone();
        let action = Action::Cancel { requester };
        hearing::may(caller.policy(), &caller.actor(), None, &action, deploy)
            .map_err(|denied| Failure::Refused(denied.to_string()))?;
        if deploy.has_started() && arguments.asking.given() == Given::Nothing {
            confirm(deploy, surroundings).await?;
        }
    }
    let written = arguments.asking.written();
    let mut exit = Exit::Done;
    // All of them first: none goes on because another is waited for.
    for deploy in &open {
        caller.says(deploy, What::Stop, surroundings).await?;
    }
    for deploy in &open {
        written.begins(deploy, surroundings)?;
        writeln!(surroundings.err, "{}", reply::cancelling(deploy).plain())?;
        let mut follow = Follow::new(&caller.console.store, &deploy.id);
        let last = match arguments.asking.wait {
            true => follow.until(Until::Verdict, surroundings).await?,
            false => {
                let heard = follow.until(Until::Stopping, surroundings);
                let heard = tokio::time::timeout(HEARD_WITHIN, heard).await;
                heard.map_err(|_| Failure::Refused(unheard(&deploy.id)))??
            }
        };
        written.ends(&last, surroundings)?;
        exit = match last.verdict() {
            None | Some(Verdict::Cancelled) => exit,
            Some(verdict) => Exit::of_stopped(verdict),
        };
    }
    Ok(exit)
}

impl Exit {
    /// The exit code of a verdict where a deploy was to stop: that it succeeded is none.
    fn of_stopped(verdict: Verdict) -> Self {
        match Self::of(verdict) {
            Self::Done => Self::Refused,
            other => other,
        }
    }
}

/// What is open there, or that deploy, if it is.
async fn find(caller: &Caller, words: &[String]) -> Result<Vec<Deploy>, Failure> {
    let refused = |refusal: &Refusal| Failure::Refused(refusal.plain(COMMAND));
    let console = &caller.console;
    if let [word] = words
        && let Ok(id) = word.parse::<DeployId>()
    {
        let found = console.store.deploy_or_request(&id).await.map_err(unread)?;
        return match found.map(|deploy| (deploy.verdict(), deploy)) {
            None => Err(refused(&Refused::UnknownDeploy { id }.into())),
            Some((Some(verdict), _)) => Err(refused(&TurnedDown::Ended { id, verdict }.into())),
            Some((None, deploy)) => Ok(vec![deploy]),
        };
    }
    let (application, environment) = match console.parse(CommandVerb::Cancel, words)? {
        Command::Cancel { app, env } => (app, env),
        other => return Err(of::another(&other, console)),
    };
    let open = console.under_way().await.map_err(unread)?;
    let here = |deploy: &Deploy| deploy.is_about(&application, &environment);
    let open: Vec<Deploy> = open.into_iter().filter(here).collect();
    match open.is_empty() {
        false => Ok(open),
        true => Err(refused(
            &TurnedDown::NothingToCancel {
                application,
                environment,
            }
            .into(),
        )),
    }
}

async fn confirm(deploy: &Deploy, surroundings: &mut Surroundings<'_>) -> Result<(), Failure> {
    let [question, does] = reply::shall_it_go_back(deploy);
    writeln!(surroundings.err, "{}", does.plain())?;
    let refused = match surroundings.asks(&question.plain()).await? {
        Some(Assent::Yes) => return Ok(()),
        Some(Assent::No) => {
            "nothing was stopped, because nobody said yes; with --yes it does not ask"
        }
        None => "nothing was stopped, because nobody can be asked here; with --yes it does not ask",
    };
    Err(Failure::Refused(refused.to_owned()))
}

fn unheard(id: &DeployId) -> String {
    format!("deploy {id} has not taken that in; `longshore show {id} --wait` tells whether it does")
}
