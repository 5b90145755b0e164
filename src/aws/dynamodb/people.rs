//! Copies of what Slack said of people and user groups, which the waiter alone writes.
//!
//! Groups stand among the rights, of which everybody who judges them reads all. People have a partition of their own,
//! of which one is read at a time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Store;
use super::grants::RIGHTS;
use super::item::{Item, StoreError, body, item, json, millis, s, seconds, text};
use super::record::keyed;
use super::write::WriteOutcome;
use crate::names::{GroupId, PersonName, PersonNames, UserId};
use crate::policy::{AHEAD, GroupCopy, Groups, OLDEST, PersonCopy};

/// What the key of a copy of a user group begins with, among the rights: no application is called so.
const GROUP: &str = "!group#";
const PEOPLE: &str = "PEOPLE";
/// What is there is older, or of a clock that is wrong. A sweep that took long does not bring back who was taken out
/// meanwhile.
const IS_OLDER: &str = "attribute_not_exists(pk) OR read_at < :read_at OR read_at > :ahead";
/// Nobody has read it since.
const IS_AS_READ: &str = "read_at = :read_at";
const COPY: &str = "SET body = :body, read_at = :read_at REMOVE expires";
const FORGET: &str = "SET expires = :expires REMOVE body";
/// A copy of a person that counts for nothing any more is kept for as long again, and then forgotten. A group's is
/// not, as long as the configuration names the group: who joined a trusted one is known by it alone.
const KEPT: SignedDuration = SignedDuration::from_hours(2 * OLDEST.as_hours());

/// Somebody who is known by a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownPerson {
    /// Who.
    pub(crate) user: UserId,
    /// Their handle, where only what they call themselves is that name.
    pub(crate) handle: Option<PersonName>,
}

fn group_key(group: &GroupId) -> Item {
    item([("pk", s(RIGHTS)), ("sk", s(format!("{GROUP}{group}")))])
}

/// The copies of user groups among the rights. One that cannot be read is known to nobody.
pub(super) fn groups(rights: &[Item]) -> Groups {
    let of = |item: &Item| {
        let group: GroupId = text(item, "sk")?.strip_prefix(GROUP)?.parse().ok()?;
        item.get("body")?;
        let copy = body(item).unwrap_or_else(|error| {
            tracing::error!(%group, %error, "the copy of a user group cannot be read");
            GroupCopy::unreadable()
        });
        Some((group, copy))
    };
    Groups(rights.iter().filter_map(of).collect())
}

impl Store {
    /// Keeps a copy of a user group, unless there is a newer one.
    pub(crate) async fn put_group(
        &self,
        group: &GroupId,
        copy: &GroupCopy,
    ) -> Result<(), StoreError> {
        let key = group_key(group);
        let ahead = copy.read_at.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
        let values = item([
            (":body", json(copy)?),
            (":read_at", millis(copy.read_at)),
            (":ahead", millis(ahead)),
        ]);
        match self.update(key, COPY, IS_OLDER, values).await? {
            WriteOutcome::Done | WriteOutcome::Refused => Ok(()),
        }
    }

    /// Forgets a copy of a user group that nothing names any more, unless it was read again meanwhile.
    pub(crate) async fn forget_group(
        &self,
        group: &GroupId,
        copy: &GroupCopy,
    ) -> Result<(), StoreError> {
        let key = group_key(group);
        let values = item([
            (":read_at", millis(copy.read_at)),
            (
                ":expires",
                seconds(copy.read_at.checked_add(KEPT).unwrap_or(Timestamp::MAX)),
            ),
        ]);
        match self.update(key, FORGET, IS_AS_READ, values).await? {
            WriteOutcome::Done | WriteOutcome::Refused => Ok(()),
        }
    }

    /// The copy of what a person is.
    pub(crate) async fn person(&self, user: &UserId) -> Result<Option<PersonCopy>, StoreError> {
        let key = item([("pk", s(PEOPLE)), ("sk", s(user.as_str()))]);
        self.get(key).await?.as_ref().map(body).transpose()
    }

    /// Somebody's handle, if they were looked at.
    pub(crate) async fn handle(&self, user: &UserId) -> Result<Option<PersonName>, StoreError> {
        let key = item([("pk", s(PEOPLE)), ("sk", s(user.as_str()))]);
        let kept = self.get(key).await?;
        let called = kept.as_ref().and_then(|item| text(item, "called"));
        let names = called.and_then(|called| serde_json::from_str::<PersonNames>(called).ok());
        Ok(names.and_then(|names| names.handle))
    }

    /// Everybody who was looked at and is called so. A handle is nobody else's and comes first; what people call themselves, anybody can take.
    pub(crate) async fn people_called(
        &self,
        name: &PersonName,
    ) -> Result<Vec<KnownPerson>, StoreError> {
        let items = self.newest(PEOPLE, "", None).await?;
        let called = |item: &Item| {
            let names: PersonNames = serde_json::from_str(text(item, "called")?).ok()?;
            let handle = names.handle?;
            let user = text(item, "sk")?.parse().ok()?;
            match handle == *name {
                true => Some(KnownPerson { user, handle: None }),
                false if names.display.as_ref() == Some(name) => Some(KnownPerson {
                    user,
                    handle: Some(handle),
                }),
                false => None,
            }
        };
        let called = items.iter().filter_map(called);
        let (by_handle, by_display): (Vec<KnownPerson>, Vec<KnownPerson>) =
            called.partition(|called| called.handle.is_none());
        Ok(match by_handle.is_empty() {
            true => by_display,
            false => by_handle,
        })
    }

    /// Keeps a copy of what a person is, and what they are called.
    pub(crate) async fn put_person(
        &self,
        user: &UserId,
        copy: &PersonCopy,
        names: &PersonNames,
    ) -> Result<(), StoreError> {
        let forgotten = copy.read_at.checked_add(KEPT).unwrap_or(Timestamp::MAX);
        let entry = keyed(
            [("pk", s(PEOPLE)), ("sk", s(user.as_str()))],
            [
                ("body", json(copy)?),
                ("called", json(names)?),
                ("expires", seconds(forgotten)),
            ],
        );
        self.put_over(entry).await
    }
}
