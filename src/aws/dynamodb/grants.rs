//! Rights given in chat, which the waiter alone writes: one item for each right of somebody's in one place, so that
//! the last request stands, and for each change an entry of its own that is never written over.
//!
//! A right that was taken back leaves its item behind without a body: a request from before that is carried out late
//! finds it, and gives nothing. A right to one deploy alone has an item of its own, which ends with that deploy.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use super::Store;
use super::item::{Item, StoreError, body, item, json, millis, s, seconds, text};
use super::people::{KnownPerson, groups};
use super::record::{IS_NEW, deploy_pk, keyed, sortable};
use super::write::{Transacted, Write, WriteOutcome};
use crate::names::{Actor, EnvName, ReadId};
use crate::policy::{Grant, Grants, Groups, LONGEST};
use crate::record::{ChangedRight, Deploy, RightChange, RightKey, RightWish};
use crate::request::GrantedRight;

/// Whatever rights are judged by beside the configuration: grants, copies of user groups, admins who can be asked.
pub(super) const RIGHTS: &str = "RIGHTS";
/// Stands for those who can be asked: no application is called so.
const CAN_BE_ASKED: &str = "!ask";
const GRANTED: &str = "GRANTED";
/// Stands for everywhere: no environment is called so.
const EVERYWHERE: &str = "*";
/// Nobody asked for anything else since.
const IS_LATEST: &str = "attribute_not_exists(pk) OR asked_at <= :at";
/// The same for giving: of two requests of one moment, what takes back stands.
const IS_NEWEST: &str = "attribute_not_exists(pk) OR asked_at < :at";
/// Nothing is given there, and nobody asked for anything else since.
const IS_FREE: &str = "attribute_not_exists(pk) OR (asked_at <= :at AND (attribute_not_exists(body) OR expires <= :ended))";
/// It is still the grant that was read.
const IS_AS_READ: &str = "asked_at = :seen AND attribute_exists(body)";
const GIVE: &str = "SET body = :body, asked_at = :at, expires = :expires";
const TAKE: &str = "SET asked_at = :at, expires = :expires REMOVE body";
const IS_THERE: &str = "attribute_exists(pk)";
const NAME_ADMINS: &str = "SET admins = :admins";
const IS_NO_GRANT: &str = "attribute_not_exists(body)";
const TELL: &str = "SET announced = :at";
/// What has ended, or was taken back, is kept for so long: longer than any request waits.
const KEPT: SignedDuration = SignedDuration::from_hours(48);
/// Rights that one request can take back: as many as one transaction holds beside its entry.
const MOST_AT_ONCE: usize = 90;

/// What rights are judged by beside the configuration.
#[derive(Debug)]
pub(crate) struct StoredRights {
    /// The user groups, as far as they are known.
    pub(crate) groups: Groups,
    /// The rights that were given in chat.
    pub(crate) grants: Grants,
    /// The admins who can be asked for one.
    pub(crate) can_be_asked: Vec<KnownPerson>,
}

/// What became of a change to a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RightOutcome {
    /// It is written, by this call or by one before, and nobody was told of it.
    Changed,
    /// The same, and it is announced.
    Announced,
    /// Somebody asked for something else since.
    Overtaken,
}

fn key(of: &RightKey) -> Item {
    let right = match of.right {
        GrantedRight::Request => "request",
        GrantedRight::Approve => "approve",
    };
    let place = of.environment.as_ref().map_or(EVERYWHERE, EnvName::as_str);
    let once = of.once.as_ref().map(|deploy| format!("#{deploy}"));
    let once = once.unwrap_or_default();
    let sk = format!("{}#{place}#{}#{right}{once}", of.application, of.to);
    item([("pk", s(RIGHTS)), ("sk", s(sk))])
}

fn entry_key(id: &ReadId, at: Timestamp) -> Item {
    let sk = format!("{}#{id}", sortable(at));
    item([("pk", s(GRANTED)), ("sk", s(sk))])
}

/// When an item may be forgotten.
fn forgotten(end: Timestamp) -> Timestamp {
    end.checked_add(KEPT).unwrap_or(Timestamp::MAX)
}

fn give(
    grant: &Grant,
    change: &RightChange,
    before: Option<Timestamp>,
) -> Result<Write, StoreError> {
    let mut values = item([
        (":body", json(grant)?),
        (":at", millis(change.at)),
        (":expires", seconds(forgotten(grant.ends_at()))),
    ]);
    let condition = match before {
        Some(seen) => {
            values.insert(":seen".to_owned(), millis(seen));
            IS_AS_READ
        }
        None => IS_NEWEST,
    };
    Ok(Write::Update {
        key: key(&RightKey::of(grant)),
        set: GIVE,
        condition,
        values,
        names_open: false,
    })
}

/// What is given for one deploy alone is not given where everything was taken back since.
fn not_taken(grant: &Grant, change: &RightChange) -> Option<Write> {
    grant.once.as_ref()?;
    Some(Write::Check {
        key: key(&RightKey {
            once: None,
            ..RightKey::of(grant)
        }),
        condition: IS_NEWEST,
        values: item([(":at", millis(change.at))]),
        names_open: false,
    })
}

/// Ends the right to a deploy alone together with that deploy, whether or not it was given: a step that was held up
/// gives none afterwards.
pub(super) fn used_up(deploy: &Deploy, now: Timestamp) -> Option<Write> {
    deploy.plea_put()?;
    let Actor::Slack { user, .. } = &deploy.requester else {
        return None;
    };
    Some(Write::Change {
        key: key(&RightKey {
            application: deploy.application().clone(),
            environment: Some(deploy.environment.clone()),
            to: user.clone(),
            right: GrantedRight::Request,
            once: Some(deploy.id.clone()),
        }),
        set: TAKE,
        values: item([(":at", millis(now)), (":expires", seconds(forgotten(now)))]),
    })
}

fn take(grant: &Grant, change: &RightChange) -> Write {
    let end = change.at.checked_add(LONGEST).unwrap_or(Timestamp::MAX);
    Write::Update {
        key: key(&RightKey::of(grant)),
        set: TAKE,
        condition: IS_LATEST,
        values: item([
            (":at", millis(change.at)),
            (":expires", seconds(forgotten(end.min(grant.ends_at())))),
        ]),
        names_open: false,
    }
}

/// What an entry says of its change.
fn outcome(entry: &Item) -> RightOutcome {
    match entry.contains_key("announced") {
        true => RightOutcome::Announced,
        false => RightOutcome::Changed,
    }
}

/// What is written for a change, its entry last. What finds no room in one transaction is not changed by it.
fn change_writes(change: &mut RightChange) -> Result<Vec<Write>, StoreError> {
    if let ChangedRight::Taken { grants, more, .. } = &mut change.what {
        *more += grants.len().saturating_sub(MOST_AT_ONCE);
        grants.truncate(MOST_AT_ONCE);
    }
    let mut writes = match &change.what {
        ChangedRight::Given(grant) => {
            let own = give(grant, change, None)?;
            std::iter::once(own)
                .chain(not_taken(grant, change))
                .collect()
        }
        ChangedRight::Seconded(grant) => vec![give(grant, change, Some(grant.at))?],
        ChangedRight::Taken { grants, .. } => {
            grants.iter().map(|grant| take(grant, change)).collect()
        }
    };
    let mut entry = entry_key(&change.id, change.at);
    entry.extend(item([("body", json(change)?)]));
    writes.push(Write::Put {
        item: entry,
        condition: IS_NEW,
    });
    Ok(writes)
}

impl Store {
    /// The rights that were given in chat.
    pub(crate) async fn grants(&self) -> Result<Grants, StoreError> {
        self.rights().await.map(|rights| rights.grants)
    }

    /// What rights are judged by beside the configuration, in one look. What cannot be read gives nothing.
    pub(crate) async fn rights(&self) -> Result<StoredRights, StoreError> {
        let items = self.newest(RIGHTS, "", None).await?;
        let is_grant = |item: &&Item| text(item, "sk").is_some_and(|sk| !sk.starts_with('!'));
        let given = items.iter().filter(is_grant);
        let given = given.filter(|item| item.contains_key("body"));
        let grant = |item: &Item| match body::<Grant>(item) {
            // Its key says whose it is: one of them is written over, both count.
            Ok(grant) if text(item, "sk") == text(&key(&RightKey::of(&grant)), "sk") => Some(grant),
            Ok(_) => {
                tracing::error!(sk = text(item, "sk"), "a grant stands in another's place");
                None
            }
            Err(error) => {
                tracing::error!(%error, "a grant cannot be read");
                None
            }
        };
        let mut admins = items.iter().filter_map(|item| text(item, "admins"));
        let admins = admins.next().map(serde_json::from_str);
        Ok(StoredRights {
            groups: groups(&items),
            grants: Grants(given.filter_map(grant).collect()),
            can_be_asked: admins.and_then(Result::ok).unwrap_or_default(),
        })
    }

    /// Keeps who can be asked for a right.
    pub(crate) async fn put_can_be_asked(&self, admins: &[KnownPerson]) -> Result<(), StoreError> {
        let key = item([("pk", s(RIGHTS)), ("sk", s(CAN_BE_ASKED))]);
        let values = item([(":admins", json(&admins)?)]);
        match self.update(key, NAME_ADMINS, IS_NO_GRANT, values).await? {
            WriteOutcome::Done | WriteOutcome::Refused => Ok(()),
        }
    }

    /// Keeps a request from giving this right that is from before `at` and not carried out yet. A right that is given
    /// stays.
    pub(crate) async fn bar_right(
        &self,
        of: &RightKey,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let values = item([
            (":at", millis(at)),
            (":ended", seconds(forgotten(now))),
            (":expires", seconds(forgotten(at))),
        ]);
        match self.update(key(of), TAKE, IS_FREE, values).await? {
            WriteOutcome::Done | WriteOutcome::Refused => Ok(()),
        }
    }

    /// Gives a right or takes some back, and enters that for good, all or nothing; once, however often the request is
    /// carried out. Of two requests, the later one stands: of several rights, those that somebody gave anew since are
    /// left out. Gives the change as it is entered.
    pub(crate) async fn change_right(
        &self,
        change: &RightChange,
    ) -> Result<(RightChange, RightOutcome), StoreError> {
        let mut change = change.clone();
        loop {
            let writes = change_writes(&mut change)?;
            let refused = match self.transact(None, writes).await? {
                Transacted::Done => return Ok((change, RightOutcome::Changed)),
                Transacted::Refused(refused) => refused,
            };
            if let Some(Some(entry)) = refused.last() {
                return match entry {
                    Some(entry) => Ok((body(entry)?, outcome(entry))),
                    None => Ok((change, RightOutcome::Changed)),
                };
            }
            let ChangedRight::Taken { grants, .. } = &mut change.what else {
                return Ok((change, RightOutcome::Overtaken));
            };
            let before = grants.len();
            let mut anew = refused.iter().map(Option::is_some);
            grants.retain(|_| !anew.next().unwrap_or(false));
            if grants.is_empty() || grants.len() == before {
                return Ok((change, RightOutcome::Overtaken));
            }
        }
    }

    /// The change that was made for a request, and whether it is announced.
    pub(crate) async fn right_change(
        &self,
        id: &ReadId,
        at: Timestamp,
    ) -> Result<Option<(RightChange, RightOutcome)>, StoreError> {
        let Some(entry) = self.get(entry_key(id, at)).await? else {
            return Ok(None);
        };
        Ok(Some((body(&entry)?, outcome(&entry))))
    }

    /// Notes that a change is announced.
    pub(crate) async fn note_announced(
        &self,
        change: &RightChange,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let values = item([(":at", millis(now))]);
        match self
            .update(entry_key(&change.id, change.at), TELL, IS_THERE, values)
            .await?
        {
            WriteOutcome::Done | WriteOutcome::Refused => Ok(()),
        }
    }

    /// Keeps what waits until its admin says who was meant; once.
    pub(crate) async fn put_right_wish(
        &self,
        question: &ReadId,
        wish: &RightWish,
    ) -> Result<(), StoreError> {
        let entry = keyed(
            wish_key(question),
            [
                ("body", json(wish)?),
                ("expires", seconds(forgotten(wish.at))),
            ],
        );
        match self.put(entry, IS_NEW).await? {
            WriteOutcome::Done | WriteOutcome::Refused => Ok(()),
        }
    }

    /// What waits for that answer.
    pub(crate) async fn right_wish(
        &self,
        question: &ReadId,
    ) -> Result<Option<RightWish>, StoreError> {
        let found = self.get(item(wish_key(question))).await?;
        found.as_ref().map(body).transpose()
    }
}

fn wish_key(question: &ReadId) -> [(&'static str, AttributeValue); 2] {
    [("pk", s(deploy_pk(question.as_str()))), ("sk", s("WISH"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_room_in_one_request_is_counted() {
        let now = Timestamp::UNIX_EPOCH;
        let given = |number: usize| Grant {
            to: "U0EVE0001".parse().unwrap(),
            application: "cms".parse().unwrap(),
            environment: Some(format!("e{number}").parse().unwrap()),
            right: GrantedRight::Request,
            by: "U0ROOT001".parse().unwrap(),
            at: now,
            until: now + LONGEST,
            why: None,
            seconded_by: None,
            once: None,
        };
        for (all, left) in [(MOST_AT_ONCE, 0), (MOST_AT_ONCE + 7, 7)] {
            let mut change = RightChange {
                id: ReadId::derive(b"a request"),
                by: Actor::Longshore,
                channel: None,
                at: now,
                what: ChangedRight::Taken {
                    grants: (0..all).map(given).collect(),
                    why: None,
                    everywhere: Vec::new(),
                    more: 0,
                },
            };
            for _ in 0..2 {
                let writes = change_writes(&mut change).unwrap();
                assert_eq!(writes.len(), MOST_AT_ONCE + 1);
                let ChangedRight::Taken { more, .. } = &change.what else {
                    panic!("{change:?}");
                };
                assert_eq!(*more, left);
            }
        }
    }
}
