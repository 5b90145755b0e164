//! Refusals: what a person is told when the answer is no. Each says what was refused, why, and what
//! to do next, in plain words.
//!
//! `Display` is plain text, so that a refusal can end a deploy, be logged and be read in a terminal;
//! what somebody typed stands in backticks, people as `@U…`. [`Refusal::said`] is the same sentence
//! for Slack, escaped. A sentence that follows an unknown outcome never says that nothing was started.

mod back;
mod image;
mod wording;

use jiff::Timestamp;

pub use self::back::NoBack;
pub use self::image::{NoImage, NoPlatform};
pub(crate) use self::wording::verdict_word;
use self::wording::{DefaultOr, answered, but_on, misunderstood, went};
pub use self::wording::{NoSchedule, NoWayBack};
use crate::command::Misunderstood;
use crate::hearing::request::Timing;
use crate::names::{Actor, AppName, DeployId, EnvName, Ref};
use crate::policy::{Denied, Stranger};
use crate::record::{Choice, Verdict};
use crate::reply::plain::{Code, Name};
use crate::reply::{clock, for_one};
use crate::rollout::AfterPause;
use crate::slack::text::Mrkdwn;

/// The step of README's *Install it* that gives an environment its role.
pub const ROLE_STEP: u32 = 4;

/// The person's problem; its `Display` is the reply. The command's own name is `/deploy` in it,
/// which [`Refusal::for_command`] exchanges.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// What was typed is no command.
    #[error("{}", misunderstood(.0))]
    Misunderstood(#[from] Misunderstood),
    /// The policy said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The actor's workspace is not listened to.
    #[error(transparent)]
    Stranger(#[from] Stranger),
    /// Nobody has pushed a configuration.
    #[error(
        "No configuration has been pushed yet, so nobody may do anything here. Whoever runs Longshore writes `longshore.toml` and runs `longshore push`; then ask again."
    )]
    NoConfiguration,
    /// The pushed configuration cannot be read.
    #[error(
        "Longshore cannot read its configuration, and without one nobody may do anything; nothing was started. Whoever runs it checks `longshore.toml` with `longshore check` and publishes it with `longshore push`."
    )]
    UnreadableConfiguration,
    /// Both exist, but not together.
    #[error(
        "`{application}` does not run on {environment}{}. Add the environment to the application in `longshore.toml` and push that.",
        but_on(.there)
    )]
    NotThere {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// Where it does run.
        there: Vec<String>,
    },
    /// Another controller rolls the service out.
    #[error(
        "The service {} is rolled out by {}, not by ECS itself, so Longshore must keep its hands off. Deploy it with that, or recreate it with the deployment controller `ECS`.",
        Code(.service), Code(.controller)
    )]
    ForeignController {
        /// The service.
        service: String,
        /// `CODE_DEPLOY` or `EXTERNAL`.
        controller: String,
    },
    /// ECS manages the service, its load balancer and its revisions by itself.
    #[error(
        "The service {} is an Express Mode service, which ECS manages by itself. Whether it can be given a task definition is not verified, so Longshore keeps its hands off. Deploy it with `aws ecs update-express-gateway-service`, or run the application in a service of your own.",
        Code(.service)
    )]
    ExpressMode {
        /// The service.
        service: String,
    },
    /// No such service.
    #[error(
        "There is no service {} in the cluster {}. Create it, or correct `services` in `longshore.toml` and push that; nothing was started.",
        Code(.service), Code(.cluster)
    )]
    NoService {
        /// The service.
        service: String,
        /// The cluster.
        cluster: String,
    },
    /// The service is being deleted, or was.
    #[error(
        "The service {} is {}, not ACTIVE, so nothing can be deployed to it. Create it again, or take it out of `longshore.toml`.",
        Code(.service), Code(.status)
    )]
    InactiveService {
        /// The service.
        service: String,
        /// ECS's word.
        status: String,
    },
    /// No container to put the image in.
    #[error(
        "No container of {} uses an image of {}, so there is nothing to exchange. Name the containers in `longshore.toml` (`containers = [\"…\"]`) and push that.",
        Code(.service), Code(.repository)
    )]
    NoContainer {
        /// The service.
        service: String,
        /// The image's repository.
        repository: String,
    },
    /// No container to put one of several images in.
    #[error(transparent)]
    NoImage(#[from] NoImage),
    /// An image for other machines than those that would run it.
    #[error(transparent)]
    NoPlatform(#[from] NoPlatform),
    /// The family of the one-off task has no revision.
    #[error(
        "I can not run the one-off task {0} first: there is no such task definition family in that account. Register one, or correct `before.task`. Nothing was started.",
        Code(.family)
    )]
    NoTask {
        /// The family.
        family: String,
    },
    /// The one-off task needs a volume that the service which it runs like does not have.
    #[error(
        "I can not run the one-off task {0} first: its volume {1} is configured at launch, and the service {2} has no configuration for a volume of that name. Give the service one, or take `configuredAtLaunch` out of the task definition. Nothing was started.",
        Code(.family), Code(.volume), Code(.service)
    )]
    NoVolume {
        /// The family.
        family: String,
        /// The volume.
        volume: String,
        /// The service.
        service: String,
    },
    /// No essential container of the one-off task runs an image that a deploy exchanges.
    #[error(
        "I can not tell which container of the one-off task {0} to run: no essential one of its newest revision runs an image of {1}. Name the container in `containers`. Nothing was started.",
        Code(.family), Code(.repository)
    )]
    NoTaskContainer {
        /// The family.
        family: String,
        /// The image's repository.
        repository: String,
    },
    /// A schedule cannot be given the new revision.
    #[error(
        "I can not change the schedule {0}: {why}. Nothing was started.",
        Code(.schedule)
    )]
    Schedule {
        /// The schedule.
        schedule: String,
        /// Why.
        why: NoSchedule,
    },
    /// That digest runs already.
    #[error(
        "`{application}` on {environment} already runs {}: the very same image. To replace its tasks by new ones: `/deploy restart {application} on {environment}`.",
        Code(.label)
    )]
    AlreadyLive {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// What people call what runs.
        label: String,
    },
    /// All of several applications run already what was asked for.
    #[error(
        "Every one of these already runs on {environment} what you asked for: the very same images. To replace the tasks of one by new ones: `/deploy restart APP on {environment}`."
    )]
    AllLive {
        /// The environment.
        environment: EnvName,
    },
    /// More services than one plan can hold.
    #[error(
        "Those are {services} services, and one plan takes {most} at most. Deploy fewer applications with one command; nothing was started."
    )]
    TooManyServices {
        /// How many there are.
        services: usize,
        /// How many there can be.
        most: usize,
    },
    /// Another deploy has the service.
    #[error(
        "Deploy `{id}` of `{application}` to {environment}, asked for by {} at {}, is still under way. Wait for its verdict, or stop it: `/deploy cancel {application} on {environment}`.",
        Name(.by), clock(*.since)
    )]
    Busy {
        /// That deploy.
        id: DeployId,
        /// Of this application.
        application: AppName,
        /// Where.
        environment: EnvName,
        /// Who asked for it.
        by: Actor,
        /// When.
        since: Timestamp,
    },
    /// There is no way back, or none that is sure.
    #[error(transparent)]
    NoBack(#[from] NoBack),
    /// The deploy named is none that can be gone back to.
    #[error(
        "Deploy `{id}` cannot be gone back to: {why}. `/deploy history {application} {environment}` lists those that can."
    )]
    NoWayBack {
        /// The deploy named.
        id: DeployId,
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// What keeps it from running again.
        why: NoWayBack,
    },
    /// A rollback that came while a deploy was rolling out there: that one is stopped instead.
    #[error(
        "It was still under way. The card of deploy `{id}` says how that ends; ask for the rollback again if it is still wanted then."
    )]
    StoppedInstead {
        /// The deploy that was under way.
        id: DeployId,
    },
    /// What runs there changed again and again between the plan and the start.
    #[error(
        "What runs of `{application}` on {environment} keeps changing while this deploy gets ready, so nothing was started. See who else deploys there (`/deploy status {application} {environment}`), then ask again."
    )]
    KeepsChanging {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
    },
    /// What runs is known to have failed, so that it must not be brought to every task.
    #[error(
        "Nothing was restarted: the service {} was last given {}, which did not come up, and a restart would bring that to all of its tasks. Roll back (`/deploy rollback {application} on {environment}`), or deploy a version that works: `/deploy {application}:REF to {environment}`.",
        Code(.service), Code(.revision)
    )]
    RestartOfFailed {
        /// The service.
        service: String,
        /// The revision that was registered: `family:revision`.
        revision: String,
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
    },
    /// No such deploy.
    #[error(
        "There is no deploy `{id}`. `/deploy history` lists the latest; ids are eight letters and digits."
    )]
    UnknownDeploy {
        /// As typed.
        id: DeployId,
    },
    /// Nothing is under way.
    #[error(
        "No deploy of `{application}` to {environment} is under way, so there is nothing to cancel. To undo the last one: `/deploy rollback {application} on {environment}`."
    )]
    NothingToCancel {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
    },
    /// It has its verdict already.
    #[error(
        "Deploy `{id}` has ended already: {}. `/deploy show {id}` tells how.",
        verdict_word(*.verdict)
    )]
    Ended {
        /// The deploy.
        id: DeployId,
        /// Its verdict.
        verdict: Verdict,
    },
    /// The question lapsed.
    #[error(
        "That question has lapsed: nobody answered it in time, so deploy `{id}` changed nothing. Ask again if it is still wanted."
    )]
    ConsentExpired {
        /// The deploy.
        id: DeployId,
    },
    /// The plan has changed since; a new question comes.
    #[error(
        "That question is out of date: what runs there has changed since. Nothing was started by this click; answer the newest question of deploy `{id}`."
    )]
    PlanStale {
        /// The deploy.
        id: DeployId,
    },
    /// The question has its answer.
    #[error("{} at {}, and the first answer stands.", answered(*.choice, .by), clock(*.at))]
    Answered {
        /// What was chosen.
        choice: Choice,
        /// By whom.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// The pause ran out, was answered elsewhere, or its rollout ended.
    #[error(
        "That pause of deploy `{id}` {}. Nothing was changed by this click; `/deploy show {id}` tells how it goes on.",
        went(*.ran_out)
    )]
    PauseOver {
        /// The deploy.
        id: DeployId,
        /// What ECS did when it ran out, if it did.
        ran_out: Option<AfterPause>,
    },
    /// ECS is still at it, so watching goes on.
    #[error(
        "Deploy `{id}` is not given up: ECS is still rolling out {}, and nobody else could change it safely. Press *Roll back* first (or `/deploy cancel {application} on {environment}`), then *Abandon* again if it is still wanted.",
        Code(.service)
    )]
    StillRolling {
        /// The deploy.
        id: DeployId,
        /// Of this application.
        application: AppName,
        /// Where.
        environment: EnvName,
        /// The service ECS is rolling out.
        service: String,
    },
    /// Only a deploy that is overdue can be given up.
    #[error(
        "Deploy `{id}` is not overdue, so it is not given up. To stop it: `/deploy cancel {application} on {environment}`."
    )]
    NotOverdue {
        /// The deploy.
        id: DeployId,
        /// Of this application.
        application: AppName,
        /// Where.
        environment: EnvName,
    },
    /// It waited too long to be carried out.
    #[error(
        "That was asked for at {}, and Longshore got to it more than a quarter of an hour later, when nobody expects it any more; nothing was started. Ask again if it is still wanted.",
        clock(*.at)
    )]
    TooOld {
        /// When it was asked for.
        at: Timestamp,
    },
    /// Its time lies ahead.
    #[error(
        "That bears the time {}, which Longshore's clock has not reached, so nothing was started. Ask again; if that does not help, tell whoever runs Longshore.",
        clock(*.at)
    )]
    Ahead {
        /// Its time.
        at: Timestamp,
    },
    /// Somebody wanted it stopped before.
    #[error(
        "{} has asked deploy `{id}` to stop already, at {}. Its verdict comes as soon as ECS has gone back.",
        Name(.by), clock(*.at)
    )]
    CancelledBefore {
        /// The deploy.
        id: DeployId,
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// The button did its work before.
    #[error(
        "That button was used before: deploy `{id}`, asked for by {}, came of it. `/deploy show {id}` tells how it went.",
        Name(.by)
    )]
    ButtonUsed {
        /// What came of it.
        id: DeployId,
        /// Who pressed it.
        by: Actor,
    },
    /// The button belongs to something that is over.
    #[error(
        "That button no longer fits deploy `{id}`: it has moved on. `/deploy show {id}` tells where it is."
    )]
    ButtonStale {
        /// The deploy.
        id: DeployId,
    },
    /// The environment's deploy role does not allow it.
    #[error(
        "AWS does not let Longshore {} on {environment}: the role {} does not allow it, so nothing was changed there. Whoever runs it deploys the stack that `longshore target {environment}` writes, in that account: step {ROLE_STEP} of the README.",
        Code(.action),
        Code(.role)
    )]
    NoAccess {
        /// The environment.
        environment: EnvName,
        /// The action AWS denied, for instance `ecs:DescribeServices`.
        action: String,
        /// The ARN of the role it denied it to.
        role: String,
    },
    /// GitHub gave no answer.
    #[error(
        "GitHub could not be asked what {} is, so nothing was started. Try again in a minute, or name an image tag or a full commit.",
        DefaultOr(.reference.as_ref())
    )]
    NoGithub {
        /// As typed; the default branch where there is none.
        reference: Option<Ref>,
    },
    /// GitHub answers no more questions for a while.
    #[error(
        "GitHub's rate limit is used up until {}, so it could not be asked what {} is; nothing was started. Name an image tag or a full commit, which needs no GitHub. With a GitHub token Longshore may ask far more often.",
        clock(*.until),
        DefaultOr(.reference.as_ref())
    )]
    GithubLimit {
        /// As typed; the default branch where there is none.
        reference: Option<Ref>,
        /// When it is renewed.
        until: Timestamp,
    },
    /// Somebody outside gave no answer for as long as it was tried.
    #[error(
        "Nothing was started: {who}, and has been tried for three minutes. Ask again once that has passed: https://health.aws.amazon.com/health/status shows whether AWS knows of it."
    )]
    NoAnswer {
        /// Who, and how.
        who: String,
    },
    /// AWS said no to a look that the plan needs.
    #[error(
        "Nothing was started: {}. It will say so again until that is mended.",
        Code(.said)
    )]
    AwsRefuses {
        /// In AWS's words.
        said: String,
    },
    /// AWS could not be reached, and for certain nothing was written.
    #[error("Longshore could not reach AWS; nothing was started. Try again in a minute.")]
    Unavailable,
    /// AWS could not be reached, and a write may have happened.
    #[error(
        "AWS did not answer in time, and I can not tell whether this was accepted. `/deploy status {application} {environment}` shows it, or repeat the command: while one is under way, a second one is refused."
    )]
    Unknown {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
    },
    /// The same after a click.
    #[error(
        "AWS did not answer in time, and I can not tell whether this click was accepted. `/deploy show {id}` tells, or press again: it counts once."
    )]
    UnknownClick {
        /// The deploy.
        id: DeployId,
    },
    /// Only read, and AWS could not be reached.
    #[error("Longshore could not reach AWS, so there is nothing to show. Try again in a minute.")]
    NothingRead,
}

impl Refusal {
    /// Why what was asked for at one time is not carried out at another, if it is not.
    pub fn untimely(at: Timestamp, taken_in_at: Timestamp) -> Option<Self> {
        match Timing::of(at, taken_in_at) {
            Timing::Fresh => None,
            Timing::TooOld => Some(Self::TooOld { at }),
            Timing::Ahead => Some(Self::Ahead { at }),
        }
    }

    /// The sentence with the slash command's own name in it.
    pub fn for_command(&self, slash: &str) -> String {
        self.to_string().replace("`/deploy ", &format!("`{slash} "))
    }

    /// The sentence for the person in Slack.
    pub fn said(&self, slash: &str) -> Mrkdwn {
        for_one(&self.for_command(slash))
    }
}

#[cfg(test)]
mod tests;
