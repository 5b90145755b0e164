//! Why a right is not given or taken back in chat, in words.

use crate::policy::PersonKind;
use crate::record::{PlanMoved, RightRefused};
use crate::reply::phrase::{Code, Phrase, Typeable, phrase};

/// Why it stays as it is, and what can be done instead.
pub(super) fn words(refused: &RightRefused) -> Phrase {
    match refused {
        RightRefused::Over { term, zone } => phrase!(
            "{} has passed already in {}, where typed times are read. Name a later end.",
            Code(term),
            Code(zone.name())
        ),
        RightRefused::TooLong { term } => phrase!(
            "{} is too long: a right given in chat ends within 90 days. Name an earlier end, or have the configuration name them.",
            Code(term)
        ),
        RightRefused::NoFullMember { to, kind } => phrase!(
            "{} gets no right in chat: Slack says that they are {}, and only full members do. The configuration can name anybody.",
            to,
            Phrase::ours(kind_of(*kind))
        ),
        RightRefused::Unseen { to } => phrase!(
            "Slack does not show {} to Longshore, so they get no right in chat. The configuration can name anybody.",
            to
        ),
        RightRefused::NotSaid => phrase!(
            "Slack does not say now who that is, so nothing was given. Try again in a few minutes; if it stays so, ask {admins} to look at its bot token."
        ),
        RightRefused::Nobody { name } => phrase!(
            "Longshore knows nobody called {}. Name them by a mention: type `@`, and choose them from the list that Slack shows.",
            Code(name.as_str())
        ),
        RightRefused::Several { name } => phrase!(
            "Longshore knows several people called {}. Name one by a mention: type `@`, and choose from the list that Slack shows.",
            Code(name.as_str())
        ),
        RightRefused::NothingGiven {
            to,
            application,
            environment: Some(environment),
        } => phrase!(
            "{} was given no right to {} on {} in chat. {} shows why they may what they may.",
            to,
            application,
            environment,
            Typeable(format!("who {application} {environment}"))
        ),
        RightRefused::NothingGiven {
            to, application, ..
        } => phrase!(
            "{} was given no right to {} in chat, so there is nothing to take back. `{/} help who` says how to see where theirs comes from.",
            to,
            application
        ),
        RightRefused::GivenEverywhere { to, application } => phrase!(
            "{} was given that right everywhere, and it can only be taken back everywhere: {}",
            to,
            Typeable(format!("revoke @{to} {application}"))
        ),
        RightRefused::TooMany => phrase!(
            "So many rights were given in chat that no more are kept. Take some back, or have the configuration name people."
        ),
        RightRefused::NobodyToAsk => phrase!(
            "There is no admin whom Longshore can ask for you. Ask the people who run Longshore."
        ),
        RightRefused::NotAsked { admin } => phrase!(
            "Slack did not confirm that {} got the question, so it does not stand. Write to them yourself, or ask again later.",
            admin
        ),
        RightRefused::AskedOften { again_at } => phrase!(
            "You have asked three times within an hour, and nobody asks more often. Ask again after {}, or write to an admin.",
            again_at
        ),
        RightRefused::HasIt { command } => phrase!(
            "You may deploy that by now, so nobody has to be asked. Type {}.",
            Typeable(command.clone())
        ),
        RightRefused::Moved { by, what } => phrase!(
            "{} allowed one plan, and it does not fit any more: {}. Nothing was started. Ask again.",
            by,
            moved(what)
        ),
        RightRefused::Overtaken => phrase!(
            "Somebody has changed that right since you asked, and what they asked for stands. `{/} help who` says how to see it."
        ),
        RightRefused::Lapsed => phrase!(
            "That question has lapsed or is not yours, and nothing was changed. Ask again if it is still wanted."
        ),
    }
}

fn moved(what: &PlanMoved) -> Phrase {
    match what {
        PlanMoved::Live(service) => phrase!("what runs on {} has changed", Code(service)),
        PlanMoved::Foreign => phrase!("what others roll out there has changed"),
        PlanMoved::Rules => phrase!("the configuration has changed"),
    }
}

fn kind_of(kind: PersonKind) -> &'static str {
    match kind {
        PersonKind::Member => "a full member",
        PersonKind::Guest => "a guest",
        PersonKind::Deactivated => "deactivated",
        PersonKind::Elsewhere => "of another workspace",
        PersonKind::Bot => "a bot",
    }
}
