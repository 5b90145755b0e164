//! The right that somebody asks for: the button under a refusal, the question to an admin, and what becomes of it.

use super::page::{Page, about};
use super::plan::{place, planned};
use super::{ButtonAction, ButtonValue, Setting};
use crate::names::{AppName, DeployId, EnvName, PersonName, UserId};
use crate::record::{Deploy, PleaPut};
use crate::reply::{self, plea as words};
use crate::slack::blocks::Message;
use crate::slack::text::{Mrkdwn, cut};

/// What somebody can ask an admin for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MayAsk<'a> {
    /// The refusal's own id.
    pub(crate) id: &'a DeployId,
    /// What was typed.
    pub(crate) typed: &'a str,
    /// Of which application.
    pub(crate) application: &'a AppName,
    /// Where.
    pub(crate) environment: &'a EnvName,
    /// The admins among whom they choose, and what each is called; nobody where an admin is asked whoever that is.
    pub(crate) admins: &'a [(&'a UserId, &'a PersonName)],
}

/// A refusal, and the buttons that ask an admin.
pub(crate) fn may_ask(refusal: Mrkdwn, asked: MayAsk<'_>) -> Message {
    let mut page = Page::new(refusal.clone());
    page.header("You have no right to this");
    page.section(refusal);
    let about = format!(
        "{} on {}",
        cut(asked.application.as_str(), 22),
        cut(asked.environment.as_str(), 20)
    );
    let value = |admin: Option<UserId>| ButtonValue::of_plea(asked.id.clone(), admin, asked.typed);
    let named = asked.admins.iter();
    let mut row: Vec<_> = named
        .map(|(admin, name)| (value(Some((*admin).clone())), words::ask(Some(name))))
        .collect();
    if row.is_empty() {
        row.push((value(None), words::ask(None)));
    }
    page.plea_buttons(&row, &about);
    page.only_for_one()
}

/// The question to the admin: who asks for what, and what would be done.
pub(crate) fn plea(deploy: &Deploy, put: &PleaPut, setting: &Setting<'_>) -> Message {
    let question = words::question(deploy);
    let mut page = Page::new(question.clone());
    page.header(&words::heading(deploy));
    page.section(question);
    planned(&mut page, deploy, setting);
    let id = reply::said!("{}", deploy.id);
    let expiry = reply::expiry(put.ask.expires_at, setting.now);
    let place = deploy.plan.as_ref().map(place);
    let small = [Some(id), Some(expiry), place];
    page.context(reply::joined(small.into_iter().flatten(), " · "));
    let until = words::until(put.until.on);
    page.buttons(
        deploy,
        &[
            (ButtonAction::AllowOnce, "Allow once"),
            (ButtonAction::AllowUntil, &until),
            (ButtonAction::Decline, "No"),
        ],
    );
    page.only_for_one()
}

/// What takes the question's place.
pub(crate) fn plea_closed(deploy: &Deploy) -> Message {
    Page::of_sentence(words::closed(deploy))
        .only_for_one()
        .replacing()
}

/// To its requester: who was asked, and until when.
pub(crate) fn was_asked(deploy: &Deploy, put: &PleaPut) -> Message {
    let said = words::was_asked(deploy, put);
    let mut page = Page::new(said.clone());
    page.header(&format!("Waiting: {}", about(deploy)));
    page.section(said);
    page.buttons(deploy, &[(ButtonAction::Cancel, "Withdraw")]);
    page.only_for_one().replacing()
}
