//! The form that the command alone is answered with: what to deploy, where, and which version.

use super::page::Page;
use crate::names::{AppName, DeployId, EnvName, Ref};
use crate::reply::{command, joined, said};
use crate::slack::blocks::{Choices, Input, Message};
use crate::slack::text::Mrkdwn;

/// The fields, by the names under which they come back.
pub(crate) const APPLICATION: &str = "application";
pub(crate) const ENVIRONMENT: &str = "environment";
pub(crate) const REFERENCE: &str = "reference";

/// What somebody may deploy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The applications, with what people call them.
    pub applications: Vec<(AppName, String)>,
    /// The environments.
    pub environments: Vec<EnvName>,
}

/// The form, for whoever typed the command alone. None where there is nothing to choose, or more than Slack can
/// list.
pub fn form(offer: &Offer, id: DeployId, slash: &str) -> Option<Message> {
    let applications = offer.applications.iter().map(|(name, title)| {
        let shown = match title == name.as_str() || title.trim().is_empty() {
            true => name.to_string(),
            false => format!("{title} ({name})"),
        };
        (name.to_string(), shown)
    });
    let environments = offer
        .environments
        .iter()
        .map(|name| (name.to_string(), name.to_string()));
    let applications = Choices::of(&applications.collect::<Vec<_>>())?;
    let environments = Choices::of(&environments.collect::<Vec<_>>())?;
    let mut page = Page::new(Mrkdwn::raw("What shall be deployed?"));
    page.header("Deploy");
    page.input(Input::menu(APPLICATION, "Application", applications));
    page.input(Input::menu(ENVIRONMENT, "Environment", environments));
    let hint = "Branch, tag, commit or image tag; empty for the default branch";
    page.input(Input::line(REFERENCE, "Version", hint, Ref::MAX));
    page.form_button(id, "Deploy");
    let typed = said!("The same in one line: {}", command(slash, "APP:REF to ENV"));
    let more = said!("{} shows all commands", command(slash, "help"));
    page.context(joined([typed, more], " · "));
    Some(page.only_for_one())
}
