//! `longshore deploy` and `longshore restart`: what `/deploy` does, at a terminal. An environment that
//! asks, asks here: the waiter makes the plan and puts its question into the record; it is shown, and the
//! answer goes back with the question's nonce, which stands for the hash of exactly that plan. If that
//! goes out of date, the next one is shown and asked about anew.

use clap::Args;

use super::console::{COMMAND, Console};
use super::follow::{Follow, Until};
use super::request::{AskingOptions, Caller, Written};
use super::terminal::{Assent, Given};
use super::{Exit, Failure, Surroundings, of};
use crate::card::{self, Setting};
use crate::command::{Command, CommandVerb};
use crate::names::{AppName, EnvName};
use crate::record::{Ask, Choice, Deploy, Phase, Refused, What};
use crate::refusal::Refusal;
use crate::reply;
use crate::request::Verb;

pub(super) const DEPLOY_EXAMPLES: &str = "\
Examples:
  longshore deploy webapp:main to staging --wait --table longshore-Table-1A2B3C \\
    --machine arn:aws:states:eu-west-1:111111111111:stateMachine:longshore-deploys
  longshore deploy cms production 1.0.2
  longshore deploy cms:1.0.2 production --yes --wait --json | jq -r .verdict

The words are those of `/deploy`, of one application. Where the environment asks, shows the plan and asks
here; --yes agrees to whatever it shows, and where nobody sits at a terminal, nothing is started without
it. Returns when the deploy has begun, with --wait when it has ended, and then the exit code is the
verdict's. Prints the deploy's id, with --json the deploy. Ctrl-C leaves it going.";

pub(super) const PROMOTE_EXAMPLES: &str = "\
Examples:
  longshore promote webapp to production --wait
  longshore promote webapp from staging to production

Asks, waits and prints as `longshore deploy` does.";

pub(super) const RESTART_EXAMPLES: &str = "\
Examples:
  longshore restart webapp staging --wait

Asks, waits and prints as `longshore deploy` does.";

#[derive(Debug, Args)]
pub(super) struct DeployArguments {
    /// As after `/deploy`: the application and the environment, by a name or an alias
    #[arg(value_name = "APP[:REF]> to <ENV", num_args = 1.., required = true)]
    words: Vec<String>,
    #[command(flatten)]
    asking: AskingOptions,
}

#[derive(Debug, Args)]
pub(super) struct PromoteArguments {
    /// As after `/deploy promote`: the application and the environments, by a name or an alias
    #[arg(value_name = "APP> [from ENV] to <ENV", num_args = 1.., required = true)]
    words: Vec<String>,
    #[command(flatten)]
    asking: AskingOptions,
}

#[derive(Debug, Args)]
pub(super) struct RestartArguments {
    /// The deploy's id; or the application and the environment, by a name or an alias
    #[arg(value_name = "DEPLOY|APP> on <ENV", num_args = 1.., required = true)]
    words: Vec<String>,
    #[command(flatten)]
    asking: AskingOptions,
}

/// What is to be changed: a verb of `/deploy`, and what follows it.
pub(super) struct TypedChange<'a> {
    verb: CommandVerb,
    words: &'a [String],
    asking: &'a AskingOptions,
}

macro_rules! change {
    ($($arguments:ident is $verb:ident),* $(,)?) => {$(
        impl<'a> From<&'a $arguments> for TypedChange<'a> {
            fn from(arguments: &'a $arguments) -> Self {
                Self {
                    verb: CommandVerb::$verb,
                    words: &arguments.words,
                    asking: &arguments.asking,
                }
            }
        }
    )*};
}

change!(DeployArguments is Deploy, PromoteArguments is Promote, RestartArguments is Restart);

pub(super) async fn run(
    change: impl Into<TypedChange<'_>>,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Failure> {
    let TypedChange {
        verb,
        words,
        asking,
    } = change.into();
    let caller = Caller::open(&asking.stack, surroundings).await?;
    let config = &caller.console.config;
    let command = caller.console.parse(verb, words)?;
    let (application, environment, wanted) = wanted(command, &caller.console).await?;
    let allowed = caller.may(wanted.kind(), &application, &environment)?;
    let given = asking.given();
    let target = config.target(&application, &environment);
    let asks = target.is_some_and(|target| target.confirm);
    if asks && given == Given::Nothing && !surroundings.terminal.can_be_asked() {
        return Err(Failure::Refused(format!(
            "nothing was started: {environment} asks for confirmation, and nobody can be asked here; --yes agrees to the plan"
        )));
    }
    let deploy = caller.deploy(wanted, &allowed, surroundings);
    caller.asks_for(&deploy, surroundings).await?;
    let written = asking.written();
    written.begins(&deploy, surroundings)?;
    writeln!(
        surroundings.err,
        "{} {}",
        reply::accepted(&deploy).plain(),
        how_to_go_on(&deploy)
    )?;
    let mut follow = Follow::new(&caller.console.store, &deploy.id);
    let begun = agrees(&caller, &mut follow, given, surroundings).await?;
    let last = match asking.wait {
        true => follow.until(Until::Verdict, surroundings).await?,
        false => begun,
    };
    ends(&last, written, surroundings)
}

fn ends(
    deploy: &Deploy,
    written: Written,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Failure> {
    written.ends(deploy, surroundings)?;
    Ok(deploy.verdict().map_or(Exit::Done, Exit::of))
}

fn how_to_go_on(deploy: &Deploy) -> String {
    format!("`longshore show {}` tells about it.", deploy.id)
}

/// One application, where, and what is wanted of it.
async fn wanted(command: Command, console: &Console) -> Result<(AppName, EnvName, Verb), Failure> {
    match command {
        Command::Promote {
            app,
            image,
            from,
            env,
        } => {
            let from = from.or_else(|| console.config.before(&app, &env).cloned());
            let from = from.ok_or_else(|| {
                let refused = Refused::NothingBefore {
                    application: app.clone(),
                    environment: env.clone(),
                    others: console.config.elsewhere(&app, &env),
                };
                Failure::Misunderstood(Refusal::from(refused).plain(COMMAND))
            })?;
            Ok((app, env, Verb::promote(from, image, None)))
        }
        Command::Deploy {
            app,
            image,
            reference,
            also,
            env,
        } if also.is_empty() => Ok((app, env, Verb::deploy(reference, image))),
        Command::Restart { app, also, env } if also.is_empty() => Ok((app, env, Verb::Restart)),
        Command::Deploy { .. } | Command::Restart { .. } => Err(of_one()),
        Command::RestartOf { deploy: id } => {
            let deploy = of::find(console, &id).await?;
            let (app, env) = of::place(&deploy, CommandVerb::Restart)?;
            Ok((app, env, Verb::Restart))
        }
        // A verb after the verb, as in `deploy rollback cms production`.
        other => Err(of::another(&other, console)),
    }
}

/// That several applications were named.
pub(super) fn of_one() -> Failure {
    Failure::Misunderstood(
        "at a terminal one application is changed at a time; name one, and the others after it"
            .to_owned(),
    )
}

/// Follows a deploy until it has begun or ended, and answers each question that it puts meanwhile.
async fn agrees(
    caller: &Caller,
    follow: &mut Follow<'_>,
    given: Given,
    surroundings: &mut Surroundings<'_>,
) -> Result<Deploy, Failure> {
    let mut answered = String::new();
    loop {
        let deploy = follow.until(Until::Question, surroundings).await?;
        let ask = deploy.ask.as_ref();
        let ask = ask.filter(|_| deploy.phase == Phase::Asking);
        match ask {
            None => return Ok(deploy),
            Some(ask) if ask.nonce != answered => {
                answered.clone_from(&ask.nonce);
                let choice = asked(&deploy, given, surroundings).await?;
                caller
                    .says(&deploy, answer(ask, choice), surroundings)
                    .await?;
            }
            // The waiter is about to hear it.
            Some(_) => follow.rests(surroundings).await?,
        }
    }
}

fn answer(ask: &Ask, choice: Choice) -> What {
    What::Answer {
        nonce: ask.nonce.clone(),
        choice,
    }
}

/// Shows the plan and asks.
async fn asked(
    deploy: &Deploy,
    given: Given,
    surroundings: &mut Surroundings<'_>,
) -> Result<Choice, Failure> {
    let setting = Setting {
        command: COMMAND,
        admins: &[],
        now: surroundings.now(),
        on_call: &[],
    };
    for line in card::ask(deploy, &setting).plain() {
        writeln!(surroundings.err, "{line}")?;
    }
    if given == Given::Yes {
        writeln!(surroundings.err, "agreed to by --yes")?;
        return Ok(Choice::Confirm);
    }
    let question = reply::question(deploy).plain();
    Ok(match surroundings.asks(&question).await? {
        Some(Assent::Yes) => Choice::Confirm,
        Some(Assent::No) => Choice::Decline,
        None => {
            let nobody =
                "nobody can be asked here, so it is decided against; --yes agrees to the plan";
            writeln!(surroundings.err, "{nobody}")?;
            Choice::Decline
        }
    })
}
