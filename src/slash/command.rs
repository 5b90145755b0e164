//! What is typed: one line per command.

use bytes::Bytes;

use super::asked::{Asked, Slash, Visit};
use super::door::Answer;
use super::no::No;
use super::progress::{About, Progress};
use super::{cancel, form, help, history, of, plea, preview, right, show, then, thread};
use crate::card;
use crate::command::{AppRef, Command, DiffWith};
use crate::hearing::request::Person;
use crate::names::{AppName, ContainerName, EnvName, Ref};
use crate::policy::Action;
use crate::record::Refused;
use crate::record::job::{DiffOf, LogsOf, Shows, Task, WhereOf};
use crate::refusal::Refusal;
use crate::request::{AskedOf, Verb};
use crate::settings::Loaded;
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
        mention: None,
        reply: typed.response_url.clone(),
        at: signed.at(),
        fingerprint: signed.fingerprint().to_owned(),
        trigger: Some(typed.trigger_id.clone()),
    };
    let loaded = match slash.settings.current(&slash.store, slash.now()).await {
        Ok(loaded) => loaded,
        Err(error) => return slash.no_settings(&error, progress),
    };
    let actor = match typed.sender().admitted(&loaded.config, None) {
        Ok(actor) => actor,
        Err(stranger) => return refused(&loaded, &asked, &stranger.into()),
    };
    asked.admitted(actor);
    let visit = Visit {
        slash,
        asked: &asked,
        loaded: &loaded,
        progress,
    };
    heed(visit, &typed.text).await
}

/// Answers somebody who was admitted.
pub(super) async fn heed(visit: Visit<'_>, text: &str) -> Answer {
    let Visit {
        slash,
        asked,
        loaded,
        ..
    } = visit;
    match obey(visit, text).await {
        Ok(answer) => answer,
        // The right may have been given within the minute.
        Err(no) if no.wants_a_right() && slash.settings.is_older(slash.now()) => {
            match slash.settings.anew(&slash.store, slash.now()).await {
                Ok(loaded) => {
                    let visit = Visit {
                        loaded: &loaded,
                        ..visit
                    };
                    match obey(visit, text).await {
                        Ok(answer) => answer,
                        Err(no) => refused_with_a_way_on(visit, &no, text),
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a refusal could not be judged anew");
                    refused(loaded, asked, &no)
                }
            }
        }
        Err(no) => refused_with_a_way_on(visit, &no, text),
    }
}

pub(super) fn refused(loaded: &Loaded, asked: &Asked, no: &No) -> Answer {
    tracing::info!(actor = %asked.actor, stage = no.stage(), "refused a command");
    Answer::message(card::sentence(no.said(loaded, &asked.actor, asked.at)))
}

/// A refusal, and where an admin can be asked for the right, the button for that.
fn refused_with_a_way_on(visit: Visit<'_>, no: &No, text: &str) -> Answer {
    let plain = refused(visit.loaded, visit.asked, no);
    if visit.asked.mention.is_some() {
        return plain;
    }
    plea::offer(visit, no, text).map_or(plain, Answer::message)
}

async fn obey(visit: Visit<'_>, text: &str) -> Result<Answer, No> {
    let command = match thread::read(visit, text).await? {
        Ok(command) => command,
        Err(answer) => return Ok(answer),
    };
    match command {
        Command::Deploy {
            app,
            image,
            reference,
            also,
            env,
        } => {
            let first = brings(app, image, reference);
            change(visit, env, first, each(also)).await
        }
        Command::Promote {
            app,
            image,
            from,
            env,
        } => {
            let first = promotes(visit, app, image, from, &env)?;
            change(visit, env, first, std::iter::empty()).await
        }
        Command::Plan { of } => preview::plan(visit, *of, Shows::All).await,
        Command::WhyNot { of } => preview::plan(visit, *of, Shows::WhyNot).await,
        Command::WhyNotOf { deploy } => show::why_not(visit, &deploy).await,
        Command::WhyNotLast { app, env } => {
            show::why_not_last(visit, app.as_ref(), env.as_ref()).await
        }
        Command::Diff {
            app,
            image,
            env,
            with,
        } => {
            let places = std::iter::once(&env).chain(match &with {
                DiffWith::Place(other) => Some(other),
                DiffWith::Ref(_) => None,
            });
            for place in places {
                visit.may_one(&Action::Read, &app, place)?;
            }
            let of = DiffOf {
                application: app,
                image,
                environment: env,
                with,
            };
            let task = Task::Diff(Box::new(of));
            visit.record_job(task, Vec::new()).await
        }
        Command::Rollback { app, to, also, env } => {
            let also = also
                .into_iter()
                .map(|AppRef { app, reference, .. }| asked(app, Verb::rollback_to(reference)));
            change(visit, env, asked(app, Verb::rollback_to(to)), also).await
        }
        Command::Restart { app, also, env } => {
            let also = also.into_iter().map(|app| asked(app, Verb::Restart));
            change(visit, env, asked(app, Verb::Restart), also).await
        }
        Command::RollbackOf { deploy } => of::rollback(visit, &deploy).await,
        Command::RestartOf { deploy } => of::restart(visit, &deploy).await,
        Command::CancelOf { deploy } => of::cancel(visit, &deploy).await,
        Command::Cancel { app, env } => cancel::request(visit, &app, &env).await,
        Command::Status { app, env } => {
            let task = Task::Status {
                application: app,
                environment: env,
            };
            visit.record_job(task, Vec::new()).await
        }
        Command::StatusAt { app, env, at } => then::answer(visit, &app, env.as_ref(), &at).await,
        Command::Where { app, change } => {
            let of = WhereOf {
                application: app,
                change,
            };
            let task = Task::Where(Box::new(of));
            visit.record_job(task, Vec::new()).await
        }
        Command::Logs {
            app,
            image,
            env,
            service,
        } => {
            visit.may_one(&Action::ReadLogs, &app, &env)?;
            let of = LogsOf {
                application: app,
                image,
                environment: env,
                service,
            };
            let task = Task::Logs(Box::new(of));
            visit.record_job(task, Vec::new()).await
        }
        history @ Command::History { .. } => history::answer(visit, &history).await,
        Command::Show { deploy } => show::answer(visit, &deploy).await,
        Command::ShowLast { app, env } => show::last(visit, app.as_ref(), env.as_ref()).await,
        Command::Grant { .. } | Command::Revoke { .. } if visit.asked.mention.is_some() => {
            Err(Refusal::NotByMention.into())
        }
        Command::Grant { of, term, why } => right::grant(visit, of, term, why).await,
        Command::Revoke { of, why } => right::revoke(visit, of, why).await,
        Command::Who { app, env } => right::who(visit, &app, &env).await,
        Command::Form if visit.asked.mention.is_some() => Ok(help::answer(visit, None).await),
        Command::Form => Ok(form::show(visit).await),
        Command::Help { about } => Ok(help::answer(visit, about).await),
    }
}

/// The deploy of one application.
pub(super) fn brings(
    app: AppName,
    image: Option<ContainerName>,
    reference: Option<Ref>,
) -> AskedOf {
    asked(app, Verb::deploy(reference, image))
}

/// The deploys of several.
pub(super) fn each(all: Vec<AppRef>) -> impl Iterator<Item = AskedOf> {
    let each = all.into_iter();
    each.map(|one| brings(one.app, one.image, one.reference))
}

/// The promotion of one application, from where it was said or from the environment before.
pub(super) fn promotes(
    visit: Visit<'_>,
    app: AppName,
    image: Option<ContainerName>,
    from: Option<EnvName>,
    env: &EnvName,
) -> Result<AskedOf, No> {
    let config = &visit.loaded.config;
    let before = || config.before(&app, env).cloned();
    let from = from.or_else(before).ok_or_else(|| Refused::NothingBefore {
        application: app.clone(),
        environment: env.clone(),
        others: config.elsewhere(&app, env),
    })?;
    Ok(asked(app, Verb::promote(from, image, None)))
}

fn asked(application: AppName, verb: Verb) -> AskedOf {
    AskedOf { application, verb }
}

/// Records something that changes what runs, of one application or several, for each of which the asker
/// needs the right.
pub(super) async fn change(
    visit: Visit<'_>,
    env: EnvName,
    first: AskedOf,
    also: impl Iterator<Item = AskedOf>,
) -> Result<Answer, No> {
    let may = |one: AskedOf| {
        let action = Action::Change(one.verb.kind());
        let allowed = visit.may_one(&action, &one.application, &env)?;
        Ok((one.verb, allowed))
    };
    let app = first.application.clone();
    let (verb, allowed) = may(first)?;
    let also = also.map(may).collect::<Result<_, No>>()?;
    let deploy = visit.asked.deploy(verb, &allowed, also);
    visit.progress.is_about(About::Target(app, env));
    Ok(visit.record_deploy(deploy).await)
}
