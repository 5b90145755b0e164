//! People and user groups, by what is known of them now.

use std::collections::BTreeSet;

use super::Policy;
use super::standing::Holds;
use crate::config::Member;
use crate::names::UserId;

/// People and user groups, by what is known now.
#[derive(Clone, Copy)]
pub(super) struct Crowd<'c> {
    pub(super) policy: Policy<'c>,
}

impl Crowd<'_> {
    pub(super) fn has<'m>(
        &self,
        user: &UserId,
        members: impl IntoIterator<Item = &'m Member>,
    ) -> Holds {
        Holds::any(members.into_iter().map(|member| match member {
            Member::User(named) => (named == user).into(),
            Member::Group(group) => self.policy.groups.in_group(user, group, self.policy.now),
        }))
    }

    /// Whether somebody is behind an entry, by whatever copy there is.
    pub(super) fn has_one(&self, user: &UserId, member: &Member) -> bool {
        self.people([member]).contains(user)
    }

    pub(super) fn has_admin(&self, user: &UserId) -> Holds {
        let (groups, now) = (self.policy.groups, self.policy.now);
        let admins = &self.policy.config.slack().admins;
        Holds::any(admins.iter().map(|admin| match admin {
            Member::User(named) => (named == user).into(),
            Member::Group(group) => groups.in_trusted_group(user, group, now),
        }))
    }

    /// The admins, as far as they are known.
    pub(super) fn admins(&self) -> BTreeSet<UserId> {
        let Policy {
            config,
            groups,
            now,
            ..
        } = self.policy;
        let mut people = BTreeSet::new();
        for admin in &config.slack().admins {
            match admin {
                Member::User(user) => {
                    people.insert(user.clone());
                }
                Member::Group(group) => people.extend(groups.trusted_members(group, now).cloned()),
            }
        }
        people
    }

    /// The people behind some entries.
    pub(super) fn people<'m>(
        &self,
        members: impl IntoIterator<Item = &'m Member>,
    ) -> BTreeSet<UserId> {
        let mut people = BTreeSet::new();
        for member in members {
            match member {
                Member::User(user) => {
                    people.insert(user.clone());
                }
                Member::Group(group) => {
                    people.extend(self.policy.groups.members(group).cloned());
                }
            }
        }
        people
    }
}
