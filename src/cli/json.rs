//! What `--json` writes: members that stay. One is never renamed or removed, only added; times are
//! RFC 3339 in UTC, what is not known is `null`, and every list is there, if empty.

mod rights;

use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;

pub(super) use self::rights::{RightsObject, TakenObject};
use super::Failure;
use super::console::COMMAND;
use crate::names::{Actor, AppName, DeployId, EnvName};
use crate::past::{Marked, RanThen, RanWhat};
use crate::record::{Deploy, Past, Phase, ServiceState, Verdict};
use crate::refusal::why;
use crate::request::{ChangeKind, Verb};

/// Writes one object as one line.
pub(super) fn line(out: &mut dyn Write, object: &impl Serialize) -> Result<(), Failure> {
    let line = serde_json::to_string(object)?;
    writeln!(out, "{line}")?;
    Ok(())
}

/// One deploy as its record has it.
#[derive(Serialize)]
pub(super) struct DeployObject<'d> {
    id: &'d DeployId,
    change: ChangeKind,
    applications: Vec<ApplicationObject<'d>>,
    environment: &'d EnvName,
    phase: Phase,
    verdict: Option<Verdict>,
    why: Vec<String>,
    requester: ActorObject<'d>,
    requested_at: Timestamp,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    cancelled_by: Option<ActorObject<'d>>,
    confirmed_by: Option<ActorObject<'d>>,
    services: Vec<ServiceObject<'d>>,
}

#[derive(Serialize)]
struct ApplicationObject<'d> {
    application: &'d AppName,
    asked_for: Option<&'d str>,
    version: Option<&'d str>,
    commit: Option<&'d str>,
    image: Option<String>,
}

#[derive(Serialize)]
struct ServiceObject<'d> {
    service: &'d str,
    revision: Option<&'d str>,
    desired: i32,
    running: i32,
    pending: i32,
    failed: i32,
}

/// One entry of the history.
#[derive(Serialize)]
pub(super) struct EntryObject<'d> {
    id: Option<&'d DeployId>,
    /// `None` for what was found running, and for what others changed.
    change: Option<ChangeKind>,
    application: &'d AppName,
    environment: &'d EnvName,
    verdict: Option<Verdict>,
    version: String,
    commit: Option<&'d str>,
    images: Vec<ImageObject<'d>>,
    requester: ActorObject<'d>,
    requested_at: Timestamp,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    outside: bool,
    rolled_back_from: bool,
}

#[derive(Serialize)]
struct ImageObject<'d> {
    container: &'d str,
    digest: &'d str,
}

/// One application in one environment.
#[derive(Serialize)]
pub(super) struct PlaceObject<'d> {
    application: &'d AppName,
    environment: &'d EnvName,
    /// What the history says is live; `None` where it says nothing.
    on_record: Option<EntryObject<'d>>,
    /// What ended there last, however it did.
    last: Option<EntryObject<'d>>,
    under_way: Vec<DeployObject<'d>>,
}

/// What ran of one application in one environment at a time.
#[derive(Serialize)]
pub(super) struct ThenObject<'d> {
    application: &'d AppName,
    environment: &'d EnvName,
    at: Timestamp,
    /// `None` where the history does not tell it of every service.
    version: Option<String>,
    /// What each service ran, where they differ; `None` of one for which that is not certain.
    each: Vec<ServiceThenObject<'d>>,
    /// The entry that brought it, or that left it so.
    brought_by: Option<EntryObject<'d>>,
    /// What was rolling out.
    under_way: Option<EntryObject<'d>>,
    /// What was found changed outside of Longshore later: it may have been so already.
    noticed_later: Option<EntryObject<'d>>,
}

#[derive(Serialize)]
struct ServiceThenObject<'d> {
    service: &'d str,
    version: Option<&'d str>,
}

/// Who acts: a person in Slack by the user id, an operator by the ARN, or Longshore itself.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ActorObject<'d> {
    Slack { user: &'d str },
    Operator { arn: &'d str },
    Ci { name: &'d str },
    Longshore,
}

impl<'d> From<&'d Actor> for ActorObject<'d> {
    fn from(actor: &'d Actor) -> Self {
        match actor {
            Actor::Slack { user, .. } => Self::Slack {
                user: user.as_str(),
            },
            Actor::Operator { arn, name: _ } => Self::Operator { arn },
            Actor::Ci { name } => Self::Ci {
                name: name.as_str(),
            },
            Actor::Longshore => Self::Longshore,
        }
    }
}

impl<'d> From<&'d Deploy> for DeployObject<'d> {
    fn from(deploy: &'d Deploy) -> Self {
        let ending = deploy.ending.as_ref();
        let reasons = ending.iter().flat_map(|ending| why(&ending.why));
        let confirmed = deploy
            .ask
            .as_ref()
            .and_then(|ask| ask.consented_by.as_ref());
        let asked = deploy.asked.iter().map(|asked| {
            let plan = deploy.plan.as_ref();
            let share = plan.and_then(|plan| {
                let mut shares = plan.shares.iter();
                shares.find(|share| share.application == asked.application)
            });
            let image = share.and_then(|share| share.image.as_ref());
            ApplicationObject {
                application: &asked.application,
                asked_for: match &asked.verb {
                    Verb::Deploy { reference, .. } => {
                        reference.as_ref().map(crate::names::Ref::as_str)
                    }
                    Verb::Rollback { to, .. } => to.as_ref().map(DeployId::as_str),
                    Verb::Restart => None,
                },
                version: share.map(|share| share.label.as_str()),
                commit: share
                    .and_then(|share| share.commit.as_ref())
                    .map(crate::names::CommitSha::as_str),
                image: image.map(|image| format!("{}@{}", image.repository, image.digest)),
            }
        });
        Self {
            id: &deploy.id,
            change: deploy.verb().kind(),
            applications: asked.collect(),
            environment: &deploy.environment,
            phase: deploy.phase,
            verdict: deploy.verdict(),
            why: reasons.map(|reason| reason.plain(COMMAND)).collect(),
            requester: (&deploy.requester).into(),
            requested_at: deploy.requested_at,
            started_at: deploy.started_at,
            ended_at: ending.map(|ending| ending.at),
            cancelled_by: deploy.cancel.as_ref().map(|cancel| (&cancel.by).into()),
            confirmed_by: confirmed.map(ActorObject::from),
            services: deploy.services.iter().map(ServiceObject::from).collect(),
        }
    }
}

impl<'d> From<&'d ServiceState> for ServiceObject<'d> {
    fn from(service: &'d ServiceState) -> Self {
        let counts = service.counts;
        Self {
            service: &service.service,
            revision: service.revision.as_deref(),
            desired: counts.desired,
            running: counts.running,
            pending: counts.pending,
            failed: counts.failed,
        }
    }
}

impl<'d> EntryObject<'d> {
    pub(super) fn of(listed: &'d Marked) -> Self {
        Self {
            rolled_back_from: listed.left.is_some(),
            ..Self::from(&listed.past)
        }
    }
}

impl<'d> From<&'d Past> for EntryObject<'d> {
    fn from(past: &'d Past) -> Self {
        let digests = past.digests.iter();
        Self {
            id: past.id.as_ref(),
            change: past.verb.as_ref().map(Verb::kind),
            application: &past.application,
            environment: &past.environment,
            verdict: past.verdict,
            version: past.runs(),
            commit: past.commit.as_deref(),
            images: digests
                .map(|(container, digest)| ImageObject { container, digest })
                .collect(),
            requester: (&past.requester).into(),
            requested_at: past.requested_at,
            started_at: past.started_at,
            ended_at: past.ended_at,
            outside: past.outside.is_some(),
            rolled_back_from: false,
        }
    }
}

impl<'d> ThenObject<'d> {
    pub(super) fn new(
        application: &'d AppName,
        environment: &'d EnvName,
        then: &RanThen<'d>,
    ) -> Self {
        let (version, each, by) = match &then.ran {
            RanWhat::Version(past) => (Some(past.runs()), &[][..], Some(*past)),
            RanWhat::Each(by) => (None, by.left.as_slice(), Some(*by)),
            RanWhat::OneOf(_, by) => (None, &[][..], by.first().copied()),
            RanWhat::Unknown(_) => (None, &[][..], None),
        };
        let services = each.iter().map(|(service, version)| ServiceThenObject {
            service,
            version: version.as_deref(),
        });
        Self {
            application,
            environment,
            at: then.at,
            version,
            each: services.collect(),
            brought_by: by.map(EntryObject::from),
            under_way: then.rolling.map(EntryObject::from),
            noticed_later: then.noticed_later.map(EntryObject::from),
        }
    }
}

impl<'d> PlaceObject<'d> {
    pub(super) fn new(
        (application, environment): (&'d AppName, &'d EnvName),
        live: Option<&'d Past>,
        last: Option<&'d Past>,
        under_way: &'d [Deploy],
    ) -> Self {
        Self {
            application,
            environment,
            on_record: live.map(EntryObject::from),
            last: last.map(EntryObject::from),
            under_way: under_way.iter().map(DeployObject::from).collect(),
        }
    }
}
