//! Whatever the policy says no to.

use std::collections::BTreeSet;

use serde_json::json;

use super::names::Names;
use super::*;
use crate::config::{Member, Who};
use crate::names::ChannelId;
use crate::policy::{Action, DenyRule, Doubt, PersonKind};
use crate::request::ChangeKind;

/// Every rule to the action with the most words, and every action to one rule.
pub(super) fn of_the_policy(names: &Names) -> Vec<Refusal> {
    let requester = || names.person.clone();
    let change = ChangeKind::Rollback;
    let channels: BTreeSet<ChannelId> = ["C2147483705", "C2147483706"]
        .map(|id| id.parse().unwrap())
        .into();
    let rules = [
        DenyRule::OtherWorkspace,
        DenyRule::NotConfigured,
        DenyRule::Nobody,
        DenyRule::NoLogs,
        DenyRule::NotNamed {
            named: [
                Who::Team,
                Who::Leads,
                Who::Admins,
                Who::Member(Member::User(names.people.first().unwrap().clone())),
            ]
            .into(),
            others: 12,
            ask: names.people.clone(),
        },
        DenyRule::NotNamed {
            named: [Who::Admins].into(),
            others: 0,
            ask: BTreeSet::new(),
        },
        DenyRule::NoFullMember {
            kind: PersonKind::Elsewhere,
            ask: names.people.clone(),
        },
        DenyRule::Doubtful {
            doubt: Doubt::Group("S0614TZR7".parse().unwrap(), None),
            ask: names.people.clone(),
        },
        DenyRule::Doubtful {
            doubt: Doubt::Person(None),
            ask: BTreeSet::new(),
        },
        DenyRule::Channel(BTreeSet::new()),
        DenyRule::Channel(channels),
        DenyRule::NotRequester(requester()),
        DenyRule::NotRequesterOrTeam {
            requester: requester(),
            may: names.people.clone(),
        },
        DenyRule::NotAdmin {
            ask: names.people.clone(),
        },
        DenyRule::NotListed {
            pipeline: "p".repeat(64).parse().unwrap(),
        },
    ];
    let actions = [
        Action::Confirm {
            requester: requester(),
            change,
        },
        Action::Change(change),
        Action::Cancel {
            requester: requester(),
        },
        Action::AnswerPause,
        Action::ReadLogs,
        Action::Grant,
        Action::Revoke,
    ];
    // The first has the most words.
    let all = rules.iter().map(|rule| (&actions[0], rule));
    let all = all.chain(actions[1..].iter().map(|action| (action, &rules[2])));
    all.map(|(action, rule)| {
        let denied = json!({
            "action": action,
            "application": names.application,
            "environment": names.environment,
            "reason": rule,
        });
        Refused::Denied(serde_json::from_value(denied).unwrap()).into()
    })
    .collect()
}
