//! Operations on requests: where one waits until the waiter takes it in, and how it becomes a record.
//!
//! A request is gone as soon as it is taken in: whatever is written under its id afterwards finds the
//! record, and changes nothing.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::Store;
use super::item::{Item, StoreError, item, s, seconds, text};
use super::lists::List;
use super::record::{DEDUPE_KEPT, IS_NEW, keyed, open_keys, record_item, sortable};
use super::write::{Transacted, Write};
use crate::hearing::request::{BadRequest, Desk, FRESH, Request, Timing};
use crate::names::{AppName, DeployId, EnvName};
use crate::record::{Deploy, HANDED_ON_WITHIN};

/// A request as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRequest {
    /// Where it stands.
    pub desk: Desk,
    /// The request, if the item holds one.
    pub request: Result<Request, BadRequest>,
}

/// What became of taking a request in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeInOutcome {
    /// The record is written, and the request gone.
    TakenIn,
    /// There is a record of that id.
    WasThere,
}

impl Desk {
    const ALL: [Self; 3] = [Self::Operators, Self::Public, Self::Pipelines];

    fn prefix(self) -> &'static str {
        match self {
            Self::Operators => "OPERATOR#",
            Self::Public => "ASKED#",
            Self::Pipelines => "PIPELINE#",
        }
    }

    /// The desk and the id of a request's partition.
    pub(super) fn of(pk: &str) -> Option<(Self, &str)> {
        let of = |desk: Self| Some((desk, pk.strip_prefix(desk.prefix())?));
        Self::ALL.into_iter().find_map(of)
    }
}

fn request_key(desk: Desk, id: &str) -> [(&'static str, AttributeValue); 2] {
    let pk = format!("{}{id}", desk.prefix());
    [("pk", s(pk)), ("sk", s("REQUEST"))]
}

/// Where the requests of one desk for a target wait.
fn waiting_pk(desk: Desk, application: &AppName, environment: &EnvName) -> String {
    format!("{}AT#{application}#{environment}", desk.prefix())
}

pub(super) fn request_item(id: &str, request: &Request) -> Result<Write, StoreError> {
    Ok(Write::Put {
        item: keyed(
            request_key(request.by.desk(), id),
            [
                ("id", s(id)),
                ("open", s(List::Requests.name())),
                ("due", s(sortable(request.at + HANDED_ON_WITHIN))),
                ("body", s(request.body()?)),
                ("expires", seconds(request.at + DEDUPE_KEPT)),
            ],
        ),
        condition: IS_NEW,
    })
}

/// So that somebody who wants it stopped at once finds it, for each of its applications.
pub(super) fn waiting_items(id: &str, request: &Request) -> Result<Vec<Write>, StoreError> {
    let Some((environment, each)) = request.wanted.deploys() else {
        return Ok(Vec::new());
    };
    // It is not looked for there: one partition more would be read by everybody who looks.
    if request.by.desk() == Desk::Pipelines {
        return Ok(Vec::new());
    }
    let body = request.body()?;
    let put = |application: &AppName| Write::Put {
        item: keyed(
            [
                (
                    "pk",
                    s(waiting_pk(request.by.desk(), application, environment)),
                ),
                ("sk", s(id)),
            ],
            [("body", s(&body)), ("expires", seconds(request.at + FRESH))],
        ),
        condition: IS_NEW,
    };
    Ok(each.iter().map(|one| put(&one.application)).collect())
}

impl Store {
    /// The request of this id that nobody has taken in, if there is one; an operator's first. What pipelines ask for is
    /// looked for last, and only where it is no other's, because that is one call more.
    pub async fn request(&self, id: &str) -> Result<Option<FoundRequest>, StoreError> {
        match self.request_of_people(id).await? {
            Some(found) => Ok(Some(found)),
            None => self.request_of_pipelines(id).await,
        }
    }

    async fn request_of_people(&self, id: &str) -> Result<Option<FoundRequest>, StoreError> {
        let read = |desk| self.get(item(request_key(desk, id)));
        let (operators, public) = tokio::try_join!(read(Desk::Operators), read(Desk::Public))?;
        let found = [(Desk::Operators, operators), (Desk::Public, public)];
        let found = found
            .into_iter()
            .find_map(|(desk, entry)| Some((desk, entry?)));
        Ok(found.map(|(desk, entry)| Self::found(desk, &entry)))
    }

    async fn request_of_pipelines(&self, id: &str) -> Result<Option<FoundRequest>, StoreError> {
        let desk = Desk::Pipelines;
        let entry = self.get(item(request_key(desk, id))).await?;
        Ok(entry.map(|entry| Self::found(desk, &entry)))
    }

    fn found(desk: Desk, entry: &Item) -> FoundRequest {
        FoundRequest {
            desk,
            request: match text(entry, "body") {
                Some(body) => Request::read(desk, body),
                None => Err(BadRequest::Unreadable),
            },
        }
    }

    /// A deploy as it stands, or as it was asked for if nobody has taken it in.
    pub(crate) async fn deploy_or_request(
        &self,
        id: &DeployId,
    ) -> Result<Option<Deploy>, StoreError> {
        let (deploy, request) =
            tokio::try_join!(self.deploy(id), self.request_of_people(id.as_str()))?;
        let request = match (&deploy, request) {
            (None, None) => self.request_of_pipelines(id.as_str()).await?,
            (_, request) => request,
        };
        let request = request.and_then(|found| found.request.ok()?.deploy(id));
        match deploy.or(request) {
            // One that was taken in between the two looks is a record by now.
            None => self.deploy(id).await,
            found => Ok(found),
        }
    }

    /// The deploys that are asked for there and not taken in yet, newest last.
    pub(super) async fn asked_at(
        &self,
        application: &AppName,
        environment: &EnvName,
        now: Timestamp,
    ) -> Result<Vec<Deploy>, StoreError> {
        let [operators, public] =
            [Desk::Operators, Desk::Public].map(|desk| waiting_pk(desk, application, environment));
        let (operators, public) = tokio::try_join!(self.page(&operators), self.page(&public))?;
        let operators = operators.iter().map(|entry| (Desk::Operators, entry));
        let public = public.iter().map(|entry| (Desk::Public, entry));
        let waiting = operators.chain(public).filter_map(|(desk, entry)| {
            let id: DeployId = text(entry, "sk")?.parse().ok()?;
            let request = Request::read(desk, text(entry, "body")?).ok()?;
            // What waited longer is refused when it is found.
            let fresh = Timing::of(request.at, now) == Timing::Fresh;
            request.deploy(&id).filter(|_| fresh)
        });
        Ok(waiting.collect())
    }

    /// Makes the record of a request: the record, its place among what is open there, and the
    /// request's end, all or nothing.
    pub async fn take_in(&self, deploy: &Deploy, desk: Desk) -> Result<TakeInOutcome, StoreError> {
        let id = deploy.id.as_str();
        let mut writes = vec![
            Write::Put {
                item: record_item(deploy)?,
                condition: IS_NEW,
            },
            Write::Delete {
                key: item(request_key(desk, id)),
            },
        ];
        for key in open_keys(deploy) {
            writes.push(Write::Put {
                item: keyed(key, [("id", s(id)), ("body", super::item::json(deploy)?)]),
                condition: IS_NEW,
            });
        }
        let waiting = match desk {
            Desk::Operators | Desk::Public => Some(deploy.applications()),
            Desk::Pipelines => None,
        };
        for application in waiting.into_iter().flatten() {
            let pk = waiting_pk(desk, application, &deploy.environment);
            writes.push(Write::Delete {
                key: item([("pk", s(pk)), ("sk", s(id))]),
            });
        }
        writes.extend(super::threads::begun(deploy));
        Ok(match self.transact(None, writes).await? {
            Transacted::Done => TakeInOutcome::TakenIn,
            Transacted::Refused(_) => TakeInOutcome::WasThere,
        })
    }

    /// Takes a request off its desk: it was done, or nothing is to come of it.
    pub(crate) async fn discard(&self, desk: Desk, id: &str) -> Result<(), StoreError> {
        self.delete(item(request_key(desk, id))).await
    }
}
