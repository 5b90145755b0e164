//! What is wanted of one deploy by its id, as in `longshore rollback 4f2k9x0a`: the deploy, and the one
//! application and environment that it changed.

use super::Failure;
use super::console::{COMMAND, Console, unread};
use crate::command::{Command, CommandVerb};
use crate::names::{AppName, DeployId, EnvName};
use crate::record::{Deploy, Refused};
use crate::refusal::Refusal;

/// The deploy, as it stands or was asked for.
pub(super) async fn find(console: &Console, id: &DeployId) -> Result<Deploy, Failure> {
    let found = console.store.deploy_or_request(id).await.map_err(unread)?;
    found.ok_or_else(|| {
        let refusal = Refusal::from(Refused::UnknownDeploy { id: id.clone() });
        Failure::Refused(refusal.plain(COMMAND))
    })
}

/// Where it changed something: of several applications, one has to be named.
pub(super) fn place(deploy: &Deploy, verb: CommandVerb) -> Result<(AppName, EnvName), Failure> {
    let environment = &deploy.environment;
    let mut changed = deploy.changed();
    let first = changed.next().unwrap_or(deploy.application());
    match changed.next() {
        None => Ok((first.clone(), environment.clone())),
        Some(_) => Err(Failure::Refused(format!(
            "deploy {} changed several applications, and at a terminal one is changed at a time: `{COMMAND} {verb} {first} on {environment}`, and the others after it",
            deploy.id
        ))),
    }
}

/// That what was typed is another command: at a terminal, or one that only Slack has.
pub(super) fn another(command: &Command, console: &Console) -> Failure {
    let slash = &console.config.slack().command;
    Failure::Misunderstood(match super::has(command.verb()) {
        true => format!("that is another command: `{COMMAND} {command}`"),
        false => format!("that is done in Slack: `{slash} {command}`"),
    })
}
