//! The judgement: what each service runs, whose that is, and what is happening to it.

use super::{
    BroughtFrom, LiveSide, Moves, Read, Runs, ServiceNow, Services, There, Unread, Version,
};
use crate::config::Target;
use crate::names::DeployId;
use crate::past::{self, Standing};
use crate::record::{Deploy, Open, Past};

/// What the table knows of a place.
pub(crate) struct Known<'a> {
    /// Its history, newest first.
    pub(crate) history: &'a [Past],
    /// What is open there.
    pub(crate) open: Vec<&'a Deploy>,
    /// Who holds the leases on its services.
    pub(crate) holders: Vec<DeployId>,
}

/// What one application runs in one environment. What is unread of one service leaves nothing to be
/// claimed of the application; a service that is not there leaves the others.
pub(crate) fn judge(target: &Target, said: &Services, known: &Known<'_>) -> There {
    let unreadable = |unread| There::Unreadable {
        unread,
        role: target.deploy_role_arn(),
    };
    let mut services = Vec::new();
    for name in &target.services {
        match said.get(name) {
            Some(Ok(read)) => services.push(known.service(target, name, read.as_ref())),
            Some(Err(unread)) => return unreadable(unread.clone()),
            None => return unreadable(Unread::broke_off()),
        }
    }
    if services.iter().all(ServiceNow::is_gone) {
        return unreadable(Unread::of_gone(&services));
    }
    There::Read(Runs {
        services,
        leases: known.holders.clone(),
        open: known.open.iter().map(|deploy| Open::of(deploy)).collect(),
        links: target.links.clone(),
    })
}

impl Unread {
    /// Nobody knows why.
    pub(crate) fn broke_off() -> Self {
        Self {
            word: "broke off",
            why: "reading it broke off".to_owned(),
        }
    }

    fn of_gone(services: &[ServiceNow]) -> Self {
        let why = services.iter().map(|one| match one.moves {
            Moves::NotActive => format!("the service {} is not ACTIVE", one.service),
            _ => format!("there is no service {}", one.service),
        });
        let missing = services.iter().any(|one| one.moves == Moves::Missing);
        Self {
            word: match missing {
                true => "no such service",
                false => "not active",
            },
            why: why.collect::<Vec<_>>().join(", "),
        }
    }
}

impl Known<'_> {
    fn service(&self, target: &Target, name: &str, read: Option<&Read>) -> ServiceNow {
        let gone = |moves| ServiceNow {
            service: name.to_owned(),
            sides: Vec::new(),
            moves,
        };
        let Some(Read { service, staged }) = read else {
            return gone(Moves::Missing);
        };
        if !service.is_active() {
            return gone(Moves::NotActive);
        }
        let sides = service.sides(staged.as_ref()).into_iter().map(|side| {
            let mut version = self.version(name, &side.task_definition);
            // Of several images, no one digest would say it.
            version.digest = version.digest.filter(|_| target.images.is_empty());
            LiveSide { side, version }
        });
        let stage = || staged.as_ref().and_then(|staged| staged.stage.clone());
        let pause = staged.as_ref().and_then(|staged| staged.pause.clone());
        let goes_back = staged.as_ref().is_some_and(|staged| staged.goes_back);
        ServiceNow {
            service: name.to_owned(),
            sides: sides.collect(),
            moves: match pause {
                // Of one that goes back ECS still names the stage that it had reached.
                _ if service.in_flight() && goes_back => Moves::GoingBack,
                Some(pause) if service.in_flight() => Moves::Waiting(stage(), pause),
                _ if service.in_flight() => Moves::RollingOut(stage()),
                _ if service.is_unfinished() => Moves::Unfinished,
                _ => Moves::Settled,
            },
        }
    }

    fn version(&self, service: &str, revision: &str) -> Version {
        let mut open = self.open.iter();
        if let Some(brought) = open.find_map(|deploy| brought_by(deploy, service, revision)) {
            return brought;
        }
        let known_as = past::ran_as(self.history, service, revision);
        let brings = |past: &&Past| past.revision_of(service) == Some(known_as);
        let brought = || self.history.iter().filter(brings);
        let named = brought().next();
        Version {
            label: named.map(Past::runs),
            commit: named.and_then(Past::own_commit),
            digest: brought().find_map(only_digest).map(str::to_owned),
            from: self.from(service, revision),
        }
    }

    fn from(&self, service: &str, revision: &str) -> BroughtFrom {
        let past = match past::standing(self.history, service, revision) {
            Standing::Ours(past) => past,
            Standing::Outside(past) => {
                return BroughtFrom::Outside {
                    instead_of: past.runs(),
                };
            }
            Standing::Unknown => return BroughtFrom::Unknown,
        };
        let at = |past: &Past| past.ended_at.unwrap_or(past.requested_at);
        // Who restarts something has not brought it.
        match past::author(self.history, past, service) {
            Some(found) if let Some(outside) = &found.outside => BroughtFrom::Noticed {
                at: at(found),
                by: outside.registered_by.clone(),
            },
            Some(found) if found.is_baseline() => BroughtFrom::Found {
                known_since: at(found),
            },
            author => BroughtFrom::Ours {
                since: author.map(at),
                by: author.map(|author| author.requester.clone()),
            },
        }
    }
}

/// The digest that all containers ran which the entry tells of.
fn only_digest(past: &Past) -> Option<&str> {
    let mut digests = past.digests.iter().map(|(_, digest)| digest.as_str());
    let first = digests.next()?;
    digests.all(|other| other == first).then_some(first)
}

/// What a deploy under way has brought, if this is that deploy's revision.
fn brought_by(deploy: &Deploy, service: &str, revision: &str) -> Option<Version> {
    let at = deploy
        .services
        .iter()
        .position(|state| state.service == service && state.is_ours(revision))?;
    let plan = deploy.plan.as_ref()?;
    let share = plan.share_of(at);
    let (label, commit) = match deploy.services[at].revision.as_deref() == Some(revision) {
        true => (share.runs(), share.own_commit()),
        // A copy of what ran before, which the service is taken back to.
        false => (plan.services.get(at)?.live_label.clone(), None),
    };
    Some(Version {
        label: Some(label),
        commit: commit.map(str::to_owned),
        digest: None,
        from: BroughtFrom::Ours {
            since: None,
            by: Some(deploy.requester.clone()),
        },
    })
}
