//! The command alone: a form, which whoever may deploy something fills in. Its button carries nothing but the form's own
//! id; what was chosen comes with the click, and is judged like what is typed.

use super::asked::Visit;
use super::click::Press;
use super::door::Answer;
use super::help;
use super::met;
use super::no::No;
use super::progress::About;
use crate::card::form::{APPLICATION, ENVIRONMENT, REFERENCE, SUGGESTION};
use crate::card::{self, Offer};
use crate::names::{AppName, DeployId, EnvName, Ref, is_invisible, plain_spelling};
use crate::policy::Action;
use crate::record::{Field, TurnedDown};
use crate::request::{ChangeKind, Verb};
use crate::slack::payload::BlockActions;

/// The form with what the asker may deploy; the help where that is nothing, or more than a form can list.
pub(super) async fn show(visit: Visit<'_>) -> Answer {
    let config = &visit.loaded.config;
    let may = |application: &AppName, environment: &EnvName| {
        let deploy = Action::Change(ChangeKind::Deploy);
        visit.may_one(&deploy, application, environment).is_ok()
    };
    let environments = || config.environments().map(|(name, _)| name);
    let applications = config.applications();
    let applications: Vec<_> = applications
        .filter(|(name, _)| environments().any(|environment| may(name, environment)))
        .map(|(name, application)| {
            (
                name.clone(),
                application
                    .title
                    .clone()
                    .unwrap_or_else(|| name.to_string()),
            )
        })
        .collect();
    let environments = environments()
        .filter(|name| {
            config
                .applications()
                .any(|(application, _)| may(application, name))
        })
        .cloned()
        .collect();
    let mut met = met::lately(visit).await;
    met.retain(|(name, _)| applications.iter().any(|(offered, _)| offered == name));
    let offer = Offer {
        applications,
        environments,
        met,
        now: visit.slash.now(),
    };
    let command = &config.slack().command;
    let id = DeployId::derive(visit.asked.fingerprint.as_bytes());
    let form = card::form(&offer, id, command);
    form.map_or_else(|| help::of_met(visit, None, &offer.met), Answer::message)
}

/// Deploys what was chosen. A form works once; one that is not filled in can be pressed again.
pub(super) async fn press(
    visit: Visit<'_>,
    pressed: &Press,
    click: &BlockActions,
) -> Result<Answer, No> {
    let (application, environment, reference) = chosen(click)?;
    let deploy = Action::Change(ChangeKind::Deploy);
    let allowed = visit.may_one(&deploy, &application, &environment)?;
    visit
        .progress
        .is_about(About::Target(application, environment));
    let verb = Verb::deploy(reference, None);
    let deploy = visit.asked.deploy(verb, &allowed, Vec::new());
    let nonce = format!("form#{}", pressed.value.deploy());
    visit.accept_once(deploy, nonce).await
}

fn chosen(click: &BlockActions) -> Result<(AppName, EnvName, Option<Ref>), TurnedDown> {
    let entered = |name: &str| click.entered.get(name).map(String::as_str);
    // What is no name was not offered.
    let application = entered(APPLICATION).and_then(|name| name.parse().ok());
    let application = application.ok_or(TurnedDown::NotChosen(Field::Application))?;
    let environment = entered(ENVIRONMENT).and_then(|name| name.parse().ok());
    let environment = environment.ok_or(TurnedDown::NotChosen(Field::Environment))?;
    let mut reference = String::new();
    for c in entered(REFERENCE).unwrap_or_default().chars() {
        match plain_spelling(c) {
            Some(plain) => reference.push_str(plain),
            None if is_invisible(c) => {}
            None => reference.push(c),
        }
    }
    let reference = match reference.trim() {
        "" => entered(SUGGESTION)
            .map(|value| suggestion(value, &application))
            .transpose()?,
        typed => Some(typed.parse().map_err(|_| TurnedDown::NoRef)?),
    };
    Ok((application, environment, reference))
}

/// The version that was chosen, which must be one of the chosen application's.
fn suggestion(value: &str, application: &AppName) -> Result<Ref, TurnedDown> {
    // What is no version of anything was not offered.
    let (of, reference) = value.split_once(':').ok_or(TurnedDown::NoRef)?;
    let of: AppName = of.parse().map_err(|_| TurnedDown::NoRef)?;
    let reference = reference.parse().map_err(|_| TurnedDown::NoRef)?;
    match of == *application {
        true => Ok(reference),
        false => Err(TurnedDown::OtherSuggestion {
            application: application.clone(),
            of,
            reference,
        }),
    }
}
