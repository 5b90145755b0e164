//! Asking the waiter for something as an operator: the request in the operators' own partition, as the
//! command in Slack would write it in its own, and the execution that takes it in. IAM decides who may
//! write there; the waiter believes nothing but that.

use clap::Args;
use jiff::Timestamp;

use super::console::{Console, Format};
use super::failure::in_short;
use super::follow::{Follow, Until};
use super::json::{self, DeployObject};
use super::terminal::Given;
use super::{Exit, Failure, Surroundings, TableOption};
use crate::aws::dynamodb::{Accept, AcceptOutcome};
use crate::aws::sfn::Machine;
use crate::hearing::request::{Asker, Request};
use crate::names::{Actor, AppName, DeployId, EnvName, ReadId};
use crate::policy::{Action, Authorized, Policy, authorize};
use crate::record::job::{Job, RevokeAsked, Task};
use crate::record::{Deploy, Origin, What};
use crate::request::{ChangeKind, Verb};

/// Which table and which state machine.
#[derive(Debug, Args)]
pub(super) struct StackOptions {
    #[command(flatten)]
    table: TableOption,
    /// The state machine's ARN; without it, the variable STATE_MACHINE_ARN
    #[arg(long, value_name = "ARN")]
    machine: Option<String>,
}

/// What every command takes that has something changed: of which stack, and how it waits, asks and prints.
#[derive(Debug, Args)]
pub(super) struct AskingOptions {
    #[command(flatten)]
    pub(super) stack: StackOptions,
    /// Follow it until the verdict
    #[arg(long)]
    pub(super) wait: bool,
    /// Say yes beforehand to whatever it asks
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl AskingOptions {
    /// What was said beforehand.
    pub(super) fn given(&self) -> Given {
        Given::of(self.yes)
    }

    /// What is printed.
    pub(super) fn written(&self) -> Written {
        self.format.written()
    }
}

/// Whoever asks for something at the terminal.
pub(super) struct Caller {
    pub(super) console: Console,
    asker: Asker,
    machine: Machine,
}

impl Caller {
    /// Connects, reads the configuration and asks AWS who this is.
    pub(super) async fn open(
        options: &StackOptions,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<Self, Failure> {
        let variable = || (surroundings.variable)("STATE_MACHINE_ARN");
        let machine = options.machine.clone().or_else(variable);
        let machine = machine.filter(|machine| !machine.trim().is_empty());
        let machine = machine.ok_or_else(|| {
            Failure::Refused(
                "name the state machine with --machine or STATE_MACHINE_ARN; it is output StateMachineArn of the Longshore stack"
                    .to_owned(),
            )
        })?;
        let console = Console::open(&options.table, surroundings).await?;
        let arn = console.aws.identity().await?;
        Ok(Self {
            machine: console.aws.machine(machine),
            console,
            asker: Asker::Operator { arn },
        })
    }

    /// The actor that this is.
    pub(super) fn actor(&self) -> Actor {
        self.asker.actor()
    }

    /// What rights are judged by. The lists, and so who is in which group, do not bind operators.
    pub(super) fn policy(&self) -> Policy<'_> {
        // Nothing that grows old is judged.
        Policy::alone(&self.console.config, Timestamp::UNIX_EPOCH)
    }

    /// Asks the policy, as everywhere.
    pub(super) fn may(
        &self,
        change: ChangeKind,
        application: &AppName,
        environment: &EnvName,
    ) -> Result<Authorized, Failure> {
        let action = Action::Change(change);
        authorize(
            self.policy(),
            &self.actor(),
            &action,
            application,
            environment,
            None,
        )
        .map_err(|denied| Failure::Refused(denied.to_string()))
    }

    /// What is to be asked for, before anything is written: its id is known.
    pub(super) fn deploy(
        &self,
        verb: Verb,
        allowed: &Authorized,
        surroundings: &Surroundings<'_>,
    ) -> Deploy {
        let (actor, now) = (self.actor(), surroundings.now());
        let place = (allowed.application().clone(), allowed.environment().clone());
        let request = format!("{actor} {now} {} {} {verb:?}", place.0, place.1);
        let id = DeployId::derive(request.as_bytes());
        Deploy::new(id, verb, place, actor, now, Origin::typed(None))
    }

    /// Records the request for a deploy and hands it on.
    pub(super) async fn asks_for(
        &self,
        deploy: &Deploy,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<(), Failure> {
        let request = Request::for_deploy(self.asker.clone(), deploy);
        self.hands_on(deploy.id.as_str(), request, LookAt::Show, surroundings)
            .await
    }

    /// Says something about a deploy.
    pub(super) async fn says(
        &self,
        deploy: &Deploy,
        what: What,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<(), Failure> {
        let now = surroundings.now();
        let said = format!("{} {now} {} {what:?}", self.actor(), deploy.id);
        let job = Job {
            mention: None,
            id: ReadId::derive(said.as_bytes()),
            task: Task::Say {
                deploy: deploy.id.clone(),
                what,
            },
            requester: self.actor(),
            channel: None,
            requested_at: now,
        };
        let request = Request::for_job(self.asker.clone(), &job);
        self.hands_on(job.id.as_str(), request, LookAt::Show, surroundings)
            .await
    }

    /// Has rights taken back that were given in chat. Gives what that is entered under.
    pub(super) async fn takes_back(
        &self,
        asked: &RevokeAsked,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<(ReadId, Timestamp), Failure> {
        let now = surroundings.now();
        let taken = format!("{} {now} {asked:?}", self.actor());
        let job = Job {
            mention: None,
            id: ReadId::derive(taken.as_bytes()),
            task: Task::Revoke(Box::new(asked.clone())),
            requester: self.actor(),
            channel: None,
            requested_at: now,
        };
        let request = Request::for_job(self.asker.clone(), &job);
        self.hands_on(job.id.as_str(), request, LookAt::Who, surroundings)
            .await?;
        Ok((job.id, now))
    }

    async fn hands_on(
        &self,
        id: &str,
        request: Request,
        told: LookAt,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<(), Failure> {
        // The id says all: nothing of an operator's comes twice by itself.
        let at = request.at;
        let accept = Accept::new(id.to_owned(), Some(request), at);
        let record = self.record(&accept, told);
        surroundings.waits("writing the request", record).await??;
        let start = self.machine.start(id, id);
        if let Err(error) = surroundings.waits("handing it on", start).await? {
            // The request stands, and the sweeper starts whatever is open and has no execution.
            writeln!(
                surroundings.err,
                "it was not started at once and will be within two minutes: {}",
                in_short(&error)
            )?;
        }
        Ok(())
    }

    /// Records the request. A lost answer is asked for once more: the same request is recorded once.
    async fn record(&self, accept: &Accept, told: LookAt) -> Result<(), Failure> {
        let store = &self.console.store;
        let mut outcome = store.accept(accept).await;
        if outcome.as_ref().is_err_and(|error| !error.wrote_nothing()) {
            outcome = store.accept(accept).await;
        }
        match outcome {
            Ok(AcceptOutcome::Accepted) => Ok(()),
            Ok(AcceptOutcome::Duplicate { id }) if id == accept.id => Ok(()),
            Ok(AcceptOutcome::Duplicate { id }) => Err(Failure::Refused(told.already(&id))),
            Ok(_) => Err(Failure::Refused(
                "it was not recorded, because something else was recorded at the same moment; ask again"
                    .to_owned(),
            )),
            Err(error) => Err(Failure::Store {
                then: if error.wrote_nothing() {
                    "nothing was started"
                } else {
                    told.perhaps()
                },
                error,
            }),
        }
    }

    /// Follows a deploy to its verdict, which is the exit code; with `--json`, the deploy is written then.
    pub(super) async fn follows(
        &self,
        id: &DeployId,
        json: Written,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<Exit, Failure> {
        let mut follow = Follow::new(&self.console.store, id);
        let ended = follow.until(Until::Verdict, surroundings).await?;
        json.ends(&ended, surroundings)?;
        Ok(ended.verdict().map_or(Exit::Done, Exit::of))
    }
}

/// What tells afterwards of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LookAt {
    /// The record of a deploy.
    Show,
    /// Who may what.
    Who,
}

impl LookAt {
    /// That it had been recorded before.
    fn already(self, id: &str) -> String {
        match self {
            Self::Show => format!(
                "it was not recorded: it is deploy {id} already; `longshore show {id}` tells about it"
            ),
            Self::Who => {
                "it was not recorded, because it was before; `longshore who` tells whether it is done"
                    .to_owned()
            }
        }
    }

    /// That it may have been recorded.
    fn perhaps(self) -> &'static str {
        match self {
            Self::Show => {
                "whether the request was recorded is unknown: `longshore show last` tells, before you ask again"
            }
            Self::Who => {
                "whether the request was recorded is unknown: `longshore who` tells, before you ask again"
            }
        }
    }
}

/// What of a deploy that is asked for goes to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Its id, as soon as it is recorded.
    Id,
    /// All of it, as an object, as far as it was followed.
    Object,
}

impl Written {
    pub(super) fn begins(
        self,
        deploy: &Deploy,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<(), Failure> {
        if self == Self::Id {
            writeln!(surroundings.out, "{}", deploy.id)?;
            surroundings.out.flush()?;
        }
        Ok(())
    }

    pub(super) fn ends(
        self,
        deploy: &Deploy,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<(), Failure> {
        match self {
            Self::Id => Ok(()),
            Self::Object => json::line(surroundings.out, &DeployObject::from(deploy)),
        }
    }
}
