//! Refusals of rights given in chat.

use super::names::Names;
use super::*;
use crate::names::PersonName;
use crate::policy::PersonKind;
use crate::record::{PlanMoved, RightRefused, TurnedDown};

/// Whatever is said of rights given in chat.
pub(super) fn of_rights(names: &Names) -> Vec<Refusal> {
    let to = names.people.first().unwrap().clone();
    let name = "jbrueder".parse::<PersonName>().unwrap();
    let term = "until 2026-12-01 09:00".to_owned();
    let (application, environment) = (names.application.clone(), names.environment.clone());
    let admin = to.clone();
    let line = format!("{application}:{} to {environment}", names.reference);
    let moved = |what: PlanMoved| RightRefused::Moved {
        by: names.person.clone(),
        what,
    };
    let all = [
        RightRefused::Over {
            term: term.clone(),
            zone: "America/Argentina/ComodRivadavia".parse().unwrap(),
        },
        RightRefused::TooLong { term },
        RightRefused::NoFullMember {
            to: to.clone(),
            kind: PersonKind::Elsewhere,
        },
        RightRefused::Unseen { to: to.clone() },
        RightRefused::NotSaid,
        RightRefused::Nobody { name: name.clone() },
        RightRefused::Several { name },
        RightRefused::NothingGiven {
            to: to.clone(),
            application: application.clone(),
            environment: Some(environment),
        },
        RightRefused::NothingGiven {
            to: to.clone(),
            application: application.clone(),
            environment: None,
        },
        RightRefused::GivenEverywhere { to, application },
        RightRefused::TooMany,
        RightRefused::NobodyToAsk,
        RightRefused::NotAsked {
            admin: admin.clone(),
        },
        RightRefused::AskedOften {
            again_at: Timestamp::from_second(1_800_000_000).unwrap(),
        },
        RightRefused::HasIt { command: line },
        moved(PlanMoved::Live(names.service.clone())),
        moved(PlanMoved::Foreign),
        moved(PlanMoved::Rules),
        RightRefused::Overtaken,
        RightRefused::Lapsed,
    ];
    all.into_iter()
        .map(|one| TurnedDown::from(one).into())
        .collect()
}
