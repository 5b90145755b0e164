//! What is typed: one line per command.

use bytes::Bytes;

use super::asked::{Asked, Slash, Visit};
use super::door::Answer;
use super::no::No;
use super::progress::{About, Progress};
use super::{cancel, history, show};
use crate::card;
use crate::command::{AppRef, Command};
use crate::hearing::request::Person;
use crate::policy::{Action, Authorized};
use crate::record::job::Task;
use crate::request::{ChangeKind, Verb};
use crate::slack::payload::SlashCommand;
use crate::slack::signature::Signed;

/// Answers what somebody typed.
pub(super) async fn on_command(
    slash: &Slash,
    signed: &Signed<Bytes>,
    typed: &SlashCommand,
    progress: &Progress,
) -> Answer {
    let mut asked = Asked {
        person: Person::home(&typed.sender()),
        actor: typed.sender().actor(),
        channel: Some(typed.channel_id.clone()),
        reply: typed.response_url.clone(),
        at: signed.at(),
        fingerprint: signed.fingerprint().to_owned(),
        trigger: Some(typed.trigger_id.clone()),
    };
    let loaded = match slash.settings.current(&slash.store, slash.now()).await {
        Ok(loaded) => loaded,
        Err(error) => return slash.no_settings(&error, progress),
    };
    let obeyed = match typed.sender().admitted(&loaded.config, None) {
        Ok(actor) => {
            asked.admitted(actor);
            let visit = Visit {
                slash,
                asked: &asked,
                loaded: &loaded,
                progress,
            };
            obey(visit, &typed.text).await
        }
        Err(stranger) => Err(stranger.into()),
    };
    match obeyed {
        Ok(answer) => answer,
        Err(no) => {
            tracing::info!(actor = %asked.actor, stage = no.stage(), "refused a command");
            let command = &loaded.config.slack().command;
            Answer::message(&card::sentence(no.said(command)))
        }
    }
}

async fn obey(visit: Visit<'_>, text: &str) -> Result<Answer, No> {
    let config = &visit.loaded.config;
    match Command::parse(text, &config.vocabulary())? {
        Command::Deploy {
            app,
            image,
            reference,
            also,
            env,
        } => {
            let allowed = visit.may_one(&Action::Change(ChangeKind::Deploy), &app, &env)?;
            let also = also.into_iter().map(
                |AppRef {
                     app,
                     image,
                     reference,
                 }| {
                    let allowed = visit.may_one(&Action::Change(ChangeKind::Deploy), &app, &env)?;
                    Ok((Verb::Deploy { reference, image }, allowed))
                },
            );
            let also = also.collect::<Result<_, No>>()?;
            Ok(change(visit, Verb::Deploy { reference, image }, allowed, also).await)
        }
        Command::Rollback { app, env, to } => {
            let allowed = visit.may_one(&Action::Change(ChangeKind::Rollback), &app, &env)?;
            Ok(change(visit, Verb::rollback(to), allowed, Vec::new()).await)
        }
        Command::Restart { app, env } => {
            let allowed = visit.may_one(&Action::Change(ChangeKind::Restart), &app, &env)?;
            Ok(change(visit, Verb::Restart, allowed, Vec::new()).await)
        }
        Command::Cancel { app, env } => cancel::request(visit, &app, &env).await,
        Command::Status { app, env } => {
            let task = Task::Status {
                application: app,
                environment: env,
            };
            visit.record_job(task, Vec::new()).await
        }
        Command::History { app, env } => {
            Ok(history::answer(visit, app.as_ref(), env.as_ref()).await)
        }
        Command::Show { deploy } => show::answer(visit, &deploy).await,
        Command::Help { about } => {
            let command = &config.slack().command;
            Ok(Answer::message(&card::help(about, command)))
        }
    }
}

/// Records something that changes what runs.
async fn change(
    visit: Visit<'_>,
    verb: Verb,
    allowed: Authorized,
    also: Vec<(Verb, Authorized)>,
) -> Answer {
    let (app, env) = (allowed.application().clone(), allowed.environment().clone());
    visit.progress.is_about(About::Target(app, env));
    let deploy = visit.asked.deploy(verb, &allowed, also);
    visit.record_deploy(deploy).await
}
