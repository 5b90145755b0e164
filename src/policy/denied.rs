//! Why the answer is no, in words that say who may and what to do next.

use std::collections::BTreeSet;

use super::{Action, Stranger};
use crate::config::Who;
use crate::names::list::listed;
use crate::names::{Actor, AppName, ChannelId, EnvName, UserId};
use crate::request::ChangeKind;

/// At most this many people are named; a longer list helps nobody and reads as a roster.
const NAMED: usize = 5;

/// The policy said no; `Display` is the sentence, in plain text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Denied {
    what: &'static str,
    application: AppName,
    environment: EnvName,
    reason: Box<Reason>,
}

/// The rule that said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The actor is of a workspace that is not in `slack.teams`.
    OtherWorkspace,
    /// There is no such application, no such environment, or the one does not run in the other.
    NotConfigured,
    /// The list of those who may is empty.
    Nobody,
    /// Others may.
    NotNamed {
        /// The entries that name them.
        named: BTreeSet<Who>,
        /// The people behind those entries.
        ask: BTreeSet<UserId>,
    },
    /// It must be asked for in one of these channels.
    Channel(BTreeSet<ChannelId>),
    /// Only this requester may.
    NotRequester(Actor),
    /// Only the requester, the application's team and the admins may.
    NotRequesterOrTeam {
        /// Who asked for the deploy.
        requester: Actor,
        /// The team's people and the admins.
        may: BTreeSet<UserId>,
    },
}

impl Denied {
    pub(super) fn new(
        action: &Action,
        application: &AppName,
        environment: &EnvName,
        reason: Reason,
    ) -> Self {
        let what = match action {
            Action::Change(ChangeKind::Deploy) => "deploy",
            Action::Change(ChangeKind::Rollback) => "roll back",
            Action::Change(ChangeKind::Restart) => "restart",
            Action::Cancel { .. } => "cancel a deploy of",
            Action::Confirm { change, .. } => match change {
                ChangeKind::Deploy => "confirm the deploy of",
                ChangeKind::Rollback => "confirm the rollback of",
                ChangeKind::Restart => "confirm the restart of",
            },
            Action::AnswerPause => "answer a pause of",
            Action::Read => "look at",
        };
        Self {
            what,
            application: application.clone(),
            environment: environment.clone(),
            reason: Box::new(reason),
        }
    }

    /// The rule that said no.
    #[cfg(test)]
    pub(crate) fn reason(&self) -> &Reason {
        &self.reason
    }

    fn sentence(&self) -> String {
        let Self {
            what,
            application,
            environment,
            reason,
        } = self;
        let place = format!("{application} in {environment}");
        match reason.as_ref() {
            Reason::OtherWorkspace => Stranger.to_string(),
            Reason::NotConfigured => format!(
                "{application} does not run in {environment}. Add the environment to the application in longshore.toml and push it."
            ),
            Reason::Nobody => format!(
                "Nobody may {what} {place}: the list of people for {environment} is empty. Add them to longshore.toml and push it."
            ),
            Reason::NotNamed { named, ask } => {
                let who = named.iter().map(|who| describe(who, application));
                format!(
                    "You may not {what} {place}. {} may; {}.",
                    capitalized(&listed(who, "and")),
                    asking(ask, "and they can do it for you"),
                )
            }
            Reason::Channel(allowed) if allowed.is_empty() => format!(
                "Nothing may be asked for {environment} in any channel. Add one to longshore.toml and push it."
            ),
            Reason::Channel(allowed) => {
                let channels = allowed.iter().map(|channel| format!("#{channel}"));
                format!(
                    "You can {what} {place}, but not from here. Ask again in {}.",
                    listed(channels, "or")
                )
            }
            Reason::NotRequester(requester) => format!(
                "Only {} can {what} {place}, because they asked for it. To run your own, ask for it yourself.",
                name(requester)
            ),
            Reason::NotRequesterOrTeam { requester, may } => {
                let mut people = may.clone();
                if let Actor::Slack { user, .. } = requester {
                    people.remove(user);
                }
                let ask = std::iter::once(name(requester)).chain(some(&people));
                format!("You may not {what} {place}. Ask {}.", listed(ask, "or"))
            }
        }
    }
}

fn describe(who: &Who, application: &AppName) -> String {
    match who {
        Who::Everyone => "everyone".to_owned(),
        Who::Team => format!("the team of {application}"),
        Who::Leads => format!("the leads of {application}'s team"),
        Who::TeamNamed(team) => format!("the team {team}"),
        Who::Admins => "the admins".to_owned(),
        Who::User(user) => format!("@{user}"),
    }
}

fn asking(people: &BTreeSet<UserId>, then: &str) -> String {
    if people.is_empty() {
        "ask the people who run Longshore to add you to longshore.toml".to_owned()
    } else {
        format!("ask {}, {then}", listed(some(people), "or"))
    }
}

/// The first few people.
fn some(people: &BTreeSet<UserId>) -> impl Iterator<Item = String> {
    people.iter().take(NAMED).map(|user| format!("@{user}"))
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Whoever acts, as plain text.
fn name(actor: &Actor) -> String {
    match actor {
        Actor::Slack { user, .. } => format!("@{user}"),
        Actor::Operator { .. } => "the operator".to_owned(),
        Actor::Longshore => "Longshore".to_owned(),
    }
}
