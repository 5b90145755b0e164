//! The form that the command alone is answered with: what to deploy, where, and which version.

use jiff::Timestamp;

use super::page::Page;
use crate::names::{AppName, DeployId, EnvName, Ref};
use crate::record::{Met, MetKind};
use crate::reply::{ago, command, said};
use crate::slack::blocks::{Choices, Input, Message};
use crate::slack::text::Mrkdwn;

/// The fields, by the names under which they come back.
pub(crate) const APPLICATION: &str = "application";
pub(crate) const ENVIRONMENT: &str = "environment";
pub(crate) const REFERENCE: &str = "reference";
pub(crate) const SUGGESTION: &str = "suggestion";

/// How many versions are suggested, as many as a menu holds
/// (<https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element>).
const SUGGESTED: usize = 100;
/// The most characters of one, as it is shown and as it comes back; a longer one is left out
/// (<https://docs.slack.dev/reference/block-kit/composition-objects/option-object>).
const LONGEST: usize = 75;
/// The most characters of all, so that the other menus have room in the message.
const ALL_SUGGESTED: usize = 4_000;

/// What somebody may deploy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The applications, with what people call them.
    pub applications: Vec<(AppName, String)>,
    /// The environments.
    pub environments: Vec<EnvName>,
    /// Versions that were met, the newest first.
    pub met: Vec<(AppName, Met)>,
    /// Now, for their age.
    pub now: Timestamp,
}

impl Offer {
    /// What is suggested, each as it comes back and as it is shown.
    fn suggestions(&self) -> Vec<(String, String)> {
        let mut left = ALL_SUGGESTED;
        let each = self.met.iter().filter_map(|(application, met)| {
            let Met {
                reference,
                kind,
                at,
            } = met;
            let value = format!("{application}:{reference}");
            let age = ago(self.now.duration_since(*at).try_into().unwrap_or_default());
            let kind = match kind {
                MetKind::Tag => "",
                MetKind::Branch => "branch ",
            };
            let shown = format!("{application} · {kind}{reference}, {age}");
            let fits = value.chars().count().max(shown.chars().count()) <= LONGEST;
            fits.then_some((value, shown))
        });
        let fitting = each.take_while(|(_, shown)| {
            let rest = left.checked_sub(shown.chars().count());
            left = rest.unwrap_or_default();
            rest.is_some()
        });
        fitting.take(SUGGESTED).collect()
    }
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
    let suggestions = Choices::of(&offer.suggestions());
    let suggests = suggestions.is_some();
    if let Some(suggestions) = suggestions {
        page.input(Input::optional_menu(
            SUGGESTION,
            "Recent version",
            suggestions,
        ));
    }
    let hint = "Branch, tag, commit or image tag; empty for the default branch";
    page.input(Input::line(REFERENCE, "Version", hint, Ref::MAX));
    page.form_button(id, "Deploy");
    page.context(said!(
        "{} shows how to type the same in one line.",
        command(slash, "help deploy")
    ));
    if suggests {
        page.context(said!(
            "A version that you type counts, whatever is chosen among the recent ones."
        ));
    }
    Some(page.only_for_one())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::blocks::check_limits;

    #[test]
    fn a_form_keeps_slacks_limits_however_much_there_is_to_suggest() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let applications: Vec<(AppName, String)> = (0..200)
            .map(|number| {
                let name = format!("application-{number}");
                (
                    name.parse().unwrap(),
                    format!("Application number {number}"),
                )
            })
            .collect();
        let met = |name: &AppName, reference: &str| {
            let met = Met {
                reference: reference.parse().unwrap(),
                kind: MetKind::Tag,
                at: now,
            };
            (name.clone(), met)
        };
        for length in [1, 20, 40, 75] {
            let all = applications.iter();
            let offer = Offer {
                met: all
                    .map(|(name, _)| met(name, &"v".repeat(length)))
                    .collect(),
                applications: applications.clone(),
                environments: vec!["staging".parse().unwrap()],
                now,
            };
            let suggested = offer.suggestions();
            let most = match length {
                1 => SUGGESTED,
                75 => 0,
                _ => SUGGESTED - 1,
            };
            assert!(suggested.len() <= most, "{length}: {}", suggested.len());
            assert_eq!(suggested.is_empty(), length == 75);
            for (value, shown) in &suggested {
                assert!(value.chars().count().max(shown.chars().count()) <= LONGEST);
            }
            let form = form(&offer, DeployId::derive(b"form"), "/deploy").unwrap();
            assert_eq!(check_limits(form.content()), Ok(()));
        }
    }
}
