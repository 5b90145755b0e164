//! Under the refusal of a right to deploy, buttons that ask an admin for it. They carry what was typed, and nothing is
//! kept of a refusal; who presses it is judged anew.

use super::asked::Visit;
use super::click::Press;
use super::door::Answer;
use super::no::No;
use super::progress::About;
use crate::aws::dynamodb::KnownPerson;
use crate::card::{self, MayAsk};
use crate::command::Command;
use crate::names::{AppName, DeployId, EnvName};
use crate::policy::{Action, admins_for};
use crate::record::{Plea, RightRefused, TurnedDown};
use crate::request::{ChangeKind, Verb};
use crate::slack::blocks::Message;

/// The most characters of a command that a button carries, of 2,000
/// (<https://docs.slack.dev/reference/block-kit/block-elements/button-element>).
const LONGEST: usize = 1_500;

/// Admins among whom somebody chooses.
const MOST_NAMED: usize = 3;

/// One application's deploy, as it was typed.
struct TypedDeploy {
    app: AppName,
    env: EnvName,
    verb: Verb,
    line: String,
}

impl TypedDeploy {
    /// Of several applications each would need a right of its own: nobody is asked for those.
    fn read(visit: Visit<'_>, text: &str) -> Option<Self> {
        let command = Command::parse(text, &visit.loaded.words).ok()?;
        let line = command.to_string();
        match command {
            Command::Deploy {
                app,
                image,
                reference,
                also,
                env,
            } if also.is_empty() && line.len() <= LONGEST => Some(Self {
                app,
                env,
                verb: Verb::deploy(reference, image),
                line,
            }),
            _ => None,
        }
    }
}

/// The refusal with its buttons; none where nobody is to be asked by one.
pub(super) fn offer(visit: Visit<'_>, no: &No, text: &str) -> Option<Message> {
    if !no.wants_a_right() {
        return None;
    }
    let typed = TypedDeploy::read(visit, text)?;
    let may = visit.may_one(&Action::Plead, &typed.app, &typed.env);
    let admins = admins(visit);
    if may.is_err() || admins.is_empty() {
        return None;
    }
    let called = admins.iter();
    let called = called.filter_map(|admin| Some((&admin.user, admin.handle.as_ref()?)));
    let called: Vec<_> = called.take(MOST_NAMED).collect();
    let id = DeployId::derive(visit.asked.fingerprint.as_bytes());
    let said = no.said(visit.loaded, &visit.asked.actor, visit.asked.at);
    let asked = MayAsk {
        id: &id,
        typed: &typed.line,
        application: &typed.app,
        environment: &typed.env,
        admins: &called,
    };
    Some(card::may_ask(said, asked))
}

/// The admins whom the waiter can ask, as it wrote them down.
fn admins(visit: Visit<'_>) -> Vec<&KnownPerson> {
    let user = &visit.asked.person.user;
    let admins = admins_for(visit.policy(), user);
    let known = visit.loaded.can_be_asked.iter();
    known.filter(|known| admins.contains(&known.user)).collect()
}

/// Asks for the right to what was typed, once for each refusal.
pub(super) async fn press(visit: Visit<'_>, pressed: &Press) -> Result<Answer, No> {
    let stale = || TurnedDown::ButtonStale {
        id: pressed.value.deploy().clone(),
    };
    let typed = pressed.value.typed();
    let typed = typed.and_then(|text| TypedDeploy::read(visit, text));
    let typed = typed.ok_or_else(stale)?;
    let may = |action: &Action| visit.may_one(action, &typed.app, &typed.env);
    if may(&Action::Change(ChangeKind::Deploy)).is_ok() {
        let command = typed.line;
        return Err(TurnedDown::from(RightRefused::HasIt { command }).into());
    }
    let allowed = may(&Action::Plead)?;
    visit.progress.is_about(About::Target(typed.app, typed.env));
    let mut deploy = visit.asked.deploy(typed.verb, &allowed, Vec::new());
    deploy.plea = Some(Plea {
        to: pressed.value.admin().cloned(),
        ..Plea::default()
    });
    let nonce = format!("plea#{}", pressed.value.deploy());
    visit.accept_once(deploy, nonce).await
}
