//! What the policy said no to, in words that say who may and what to do next.

use std::collections::BTreeSet;
use std::fmt;

use super::USUAL_COMMAND;
use crate::config::Who;
use crate::names::{Actor, AppName, UserId};
use crate::policy::{Action, Denied, DenyRule, Doubt, PersonKind};
use crate::reply::phrase::{Phrase, Wording, phrase};
use crate::request::ChangeKind;

/// At most this many people are named; a longer list helps nobody and reads as a roster.
const NAMED: usize = 5;

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(self).plain(USUAL_COMMAND))
    }
}

impl std::error::Error for Denied {}

/// What is said to those of other workspaces.
pub(super) fn stranger() -> Phrase {
    phrase!(
        "Longshore does not take requests from this Slack workspace. Ask the people who run Longshore to add its id, which begins with T, to `slack.teams`."
    )
}

/// Who may, and what to do next.
pub(super) fn words(denied: &Denied) -> Phrase {
    let (application, environment) = (denied.application(), denied.environment());
    let what = Phrase::ours(action(denied.action()));
    let place = match denied.action() {
        // A right may be for every place, and is then judged at one of them.
        Action::Grant | Action::Revoke => phrase!("{}", application),
        Action::Change(ChangeKind::Deploy)
        | Action::Confirm {
            change: ChangeKind::Deploy,
            ..
        }
        | Action::Cancel { .. }
        | Action::Plead => phrase!("{} to {}", application, environment),
        _ => phrase!("{} on {}", application, environment),
    };
    match denied.reason() {
        DenyRule::OtherWorkspace => stranger(),
        DenyRule::NotConfigured => phrase!(
            "{} does not run on {}. Ask {admins} to add it there.",
            application,
            environment
        ),
        DenyRule::Nobody => phrase!(
            "Nobody may {} {}: the list of people for that is empty. Ask {admins} to name some.",
            what,
            place
        ),
        DenyRule::NoLogs => phrase!(
            "Longshore does not show logs of {} in Slack. Read them in CloudWatch, or ask {admins} to set `evidence` to `logs` there.",
            environment
        ),
        DenyRule::NotNamed { named, others, ask } => {
            let others = (*others > 0).then(|| phrase!("{} more", *others));
            let who = named.iter().map(|who| describe(who, application));
            let who = who.chain(others);
            phrase!(
                "You may not {} {}. {} may. {}.",
                what,
                place,
                Phrase::listed(who, "and").capitalized(),
                asking(ask).capitalized()
            )
        }
        DenyRule::NoFullMember { kind, ask } => phrase!(
            "You may not {} {}. Every full member may, but {}. {}.",
            what,
            place,
            Phrase::ours(person(*kind)),
            asking(ask).capitalized()
        ),
        DenyRule::Doubtful { doubt, ask } => phrase!(
            "Whether you may {} {} is not known. Slack does not say {}. Try again in a few minutes. If it stays so: {}.",
            what,
            place,
            unknown(doubt),
            asking(ask)
        ),
        DenyRule::Channel(allowed) if allowed.is_empty() => phrase!(
            "Nothing may be asked for {} in any channel. Ask {admins} to name one.",
            environment
        ),
        DenyRule::Channel(allowed) => {
            let channels = allowed.iter().map(Wording::text);
            phrase!(
                "You can {} {}, but not from here. Ask again in {}.",
                what,
                place,
                Phrase::listed(channels, "or")
            )
        }
        DenyRule::NotRequester(requester) => phrase!(
            "Only {} can {} {}: they asked for it. To run your own, ask for it yourself.",
            requester,
            what,
            place
        ),
        DenyRule::NotListed { pipeline: _ } => phrase!(
            "This pipeline may not {} {}. Ask {admins} to list it.",
            what,
            place
        ),
        DenyRule::NotAdmin { ask } => phrase!(
            "You may not {} {}. Only the admins may. {}.",
            what,
            place,
            asking(ask).capitalized()
        ),
        DenyRule::NotRequesterOrTeam { requester, may } => {
            let mut people = may.clone();
            if let Actor::Slack { user, .. } = requester {
                people.remove(user);
            }
            let ask = std::iter::once(requester.text()).chain(some(&people));
            phrase!(
                "You may not {} {}. Ask {}.",
                what,
                place,
                Phrase::listed(ask, "or")
            )
        }
    }
}

fn action(action: &Action) -> &'static str {
    match action {
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
        Action::ReadLogs => "read the logs of",
        Action::Plead => "ask for the right to deploy",
        Action::Grant => "give rights to",
        Action::Revoke => "take rights to",
    }
}

fn describe(who: &Who, application: &AppName) -> Phrase {
    match who {
        Who::Everyone => phrase!("everyone"),
        Who::Team => phrase!("the team of {}", application),
        Who::Leads => phrase!("the leads of its team"),
        Who::TeamNamed(team) => phrase!("the team {}", team.to_string()),
        Who::Admins => phrase!("the admins"),
        Who::OnCall => phrase!("those on call"),
        Who::Member(member) => member.text(),
    }
}

fn person(kind: PersonKind) -> &'static str {
    match kind {
        PersonKind::Member => "Slack says that you are one",
        PersonKind::Guest => "Slack says that you are a guest",
        PersonKind::Deactivated => "Slack says that your account is deactivated",
        PersonKind::Elsewhere => "Slack says that you belong to another workspace",
        PersonKind::Bot => "Slack says that you are a bot",
    }
}

/// What Slack does not say.
fn unknown(doubt: &Doubt) -> Phrase {
    match doubt {
        Doubt::Group(group, _) => phrase!("who is in the user group {}", group),
        Doubt::Person(_) => phrase!("whether you are a full member"),
    }
}

fn asking(people: &BTreeSet<UserId>) -> Phrase {
    if people.is_empty() {
        return phrase!("ask {admins} to add you");
    }
    let people = Phrase::listed(some(people), "or");
    phrase!("ask {}, and they can do it for you", people)
}

/// The first few people.
fn some(people: &BTreeSet<UserId>) -> impl Iterator<Item = Phrase> {
    people.iter().take(NAMED).map(Wording::text)
}
