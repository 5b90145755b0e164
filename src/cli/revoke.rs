//! `longshore revoke`: takes back a right that was given in chat, when Slack is down. The waiter alone writes rights:
//! the request goes to it as every other of an operator's does, and what it enters of it is printed here.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::console::{COMMAND, Console, Format, unread};
use super::json::{self, TakenObject};
use super::request::{Caller, StackOptions};
use super::{Exit, Failure, Surroundings, of};
use crate::command::{Command, CommandVerb, RightOf};
use crate::hearing::request::FRESH;
use crate::names::{ReadId, Somebody, UserId};
use crate::policy::{Action, Grants, may_change_rights};
use crate::record::job::RevokeAsked;
use crate::record::{ChangedRight, Refused, RightChange, RightRefused, TurnedDown};
use crate::refusal::Refusal;
use crate::reply;

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore revoke @U061F7AUR cms on production --table longshore-Table-1A2B3C \\
    --machine arn:aws:states:eu-west-1:111111111111:stateMachine:longshore-deploys
  longshore revoke @U061F7AUR cms because the laptop was stolen

The words are those of `/deploy revoke`; a person is named by the id that `longshore who` lists, because Slack is not
asked here. Without ENV, everywhere that the application runs. What the configuration gives is taken in the
configuration. Returns when it is done, and prints what was taken; with --json, as one object. Exit code 1: nothing
was taken.";

/// How often it is looked whether it was done.
const POLL: Duration = Duration::from_secs(2);

/// How long that may take: the sweeper's two looks, and a step that is at work.
const DONE_WITHIN: Duration = Duration::from_secs(3 * 60);

#[derive(Debug, Args)]
pub(super) struct RevokeArguments {
    /// Whose, by their id; of which application; where, by a name or an alias
    #[arg(value_name = "PERSON> <APP> [on ENV", num_args = 1.., required = true)]
    words: Vec<String>,
    #[command(flatten)]
    stack: StackOptions,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(
    arguments: &RevokeArguments,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Failure> {
    let caller = Caller::open(&arguments.stack, surroundings).await?;
    let (of, why) = match caller
        .console
        .parse(CommandVerb::Revoke, &arguments.words)?
    {
        Command::Revoke { of, why } => (of, why),
        other => return Err(of::another(&other, &caller.console)),
    };
    let whose = whose(&of, &caller.console)?;
    may(&caller, &of)?;
    let of = RightOf {
        to: Somebody::Mentioned(whose.clone()),
        ..of
    };
    let asked = RevokeAsked { of, why };
    let before = caller.console.store.grants().await.map_err(unread)?;
    let (id, at) = caller.takes_back(&asked, surroundings).await?;
    let done = tokio::time::timeout(DONE_WITHIN, until_done(&caller, &id, at));
    let done = surroundings.waits("taking it back", done);
    let done = done
        .await?
        .map_err(|_| Failure::Stands(undone(&asked.of, at)))?;
    let Some(change) = done? else {
        let why = why_not(&caller.console, &asked, &whose, &before, surroundings.now()).await?;
        return Err(Failure::Refused(why));
    };
    match arguments.format.json {
        true => json::line(surroundings.out, &TakenObject::from(&change))?,
        false => writeln!(
            surroundings.out,
            "{}",
            reply::right::changed(&change, COMMAND).plain()
        )?,
    }
    Ok(Exit::Done)
}

/// Whom the words name. Nobody is sought by a name: that would be Slack's to say.
fn whose(of: &RightOf, console: &Console) -> Result<UserId, Failure> {
    let named = match &of.to {
        Somebody::Mentioned(user) => return Ok(user.clone()),
        Somebody::Called(name) => name.as_str().to_ascii_uppercase(),
    };
    let is_id = named.contains(|c: char| c.is_ascii_digit());
    if let (true, Ok(user)) = (is_id, named.parse()) {
        return Ok(user);
    }
    let place = console.places(Some(&of.app), of.env.as_ref());
    let line = match place.first() {
        Some((app, env)) => format!("{COMMAND} who {app} {env}"),
        None => format!("{COMMAND} who"),
    };
    Err(Failure::Misunderstood(format!(
        "nobody is sought by a name at a terminal: name them by their id, such as @U061F7AUR; `{line}` lists the ids of those who were given a right"
    )))
}

/// Asks the policy, as everywhere.
fn may(caller: &Caller, of: &RightOf) -> Result<(), Failure> {
    let actor = caller.actor();
    let place = of.env.as_ref();
    let refused = |refusal: Refusal| Failure::Refused(refusal.plain(COMMAND));
    match may_change_rights(caller.policy(), &actor, &Action::Revoke, &of.app, place) {
        Some(decision) => decision.map(drop).map_err(|denied| refused(denied.into())),
        None => Err(refused(Refused::NoConfiguration.into())),
    }
}

/// What was entered of the request, once it is off its desk; none if nothing was.
async fn until_done(
    caller: &Caller,
    id: &ReadId,
    at: Timestamp,
) -> Result<Option<RightChange>, Failure> {
    let store = &caller.console.store;
    loop {
        // In this order: what is off its desk has been entered before.
        let waits = store.request(id.as_str()).await;
        let entered = store.right_change(id, at).await;
        match (waits, entered) {
            (_, Ok(Some((change, _)))) => return Ok(Some(change)),
            (Ok(None), Ok(None)) => return Ok(None),
            (Err(error), _) | (_, Err(error)) if !error.is_transient() => {
                return Err(Failure::Store {
                    error,
                    then: "it was asked for, and whether it is done cannot be read; `longshore who` tells",
                });
            }
            _ => tokio::time::sleep(POLL).await,
        }
    }
}

/// Why nothing was taken. What is given is compared with what was before: this machine's clock may be wrong.
async fn why_not(
    console: &Console,
    asked: &RevokeAsked,
    whose: &UserId,
    before: &Grants,
    now: Timestamp,
) -> Result<String, Failure> {
    let given = console.store.grants().await.map_err(unread)?;
    let refused = match ChangedRight::taking(asked, whose, &given, now) {
        Ok(taken) if ChangedRight::taking(asked, whose, before, now) == Ok(taken.clone()) => {
            return Ok(stands(&asked.of));
        }
        Ok(_) => RightRefused::Overtaken,
        Err(refused) => refused,
    };
    Ok(Refusal::from(TurnedDown::from(refused)).plain(COMMAND))
}

/// That the request was refused; for what, nothing on record tells.
fn stands(of: &RightOf) -> String {
    format!(
        "it was not taken back, and that right still stands; check this machine's clock and the configuration, and ask again; `{}` lists what is given",
        who(of)
    )
}

fn undone(of: &RightOf, at: Timestamp) -> String {
    let until = (at + FRESH).strftime("%H:%M UTC");
    format!(
        "nobody has taken that in yet; it stands until {until}, and `{}` tells whether it is done",
        who(of)
    )
}

/// The line that tells what was given there.
fn who(of: &RightOf) -> String {
    match &of.env {
        Some(env) => format!("{COMMAND} who {} {env}", of.app),
        None => format!("{COMMAND} who {}", of.app),
    }
}
