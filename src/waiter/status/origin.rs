//! Where a revision that runs is from, by the record of what is open and the history.

use crate::card::BroughtFrom;
use crate::past::{self, Standing};
use crate::record::{Deploy, Past};

/// Where this revision of a service is from.
pub(super) fn origin(
    (service, revision): (&str, &str),
    history: &[Past],
    open: &[&Deploy],
) -> BroughtFrom {
    let rolling_out = open
        .iter()
        .find_map(|deploy| Some((deploy, brought_by(deploy, service, revision)?)));
    if let Some((deploy, brought)) = rolling_out {
        return BroughtFrom::Ours {
            label: brought.label,
            commit: brought.commit,
            since: None,
            by: Some(deploy.requester.clone()),
        };
    }
    let past = match past::standing(history, service, revision) {
        Standing::Ours(past) => past,
        Standing::Outside(past) => {
            return BroughtFrom::Outside {
                instead_of: past.runs(),
            };
        }
        Standing::Unknown => return BroughtFrom::Unknown,
    };
    // Who restarts something has not brought it.
    let author = past::author(history, past, service);
    let at = |past: &Past| past.ended_at.unwrap_or(past.requested_at);
    match author {
        Some(found) if found.outside.is_some() => BroughtFrom::Noticed {
            label: past.runs(),
            at: at(found),
            by: found
                .outside
                .as_ref()
                .and_then(|outside| outside.registered_by.clone()),
        },
        Some(found) if found.is_baseline() => BroughtFrom::Found {
            label: past.runs(),
            commit: past.own_commit(),
            known_since: at(found),
        },
        author => BroughtFrom::Ours {
            label: past.runs(),
            commit: past.own_commit(),
            since: author.map(at),
            by: author.map(|author| author.requester.clone()),
        },
    }
}

/// What a deploy under way has brought to a service.
pub(crate) struct Brought {
    /// What people call it, with every image that its application runs.
    pub(crate) label: String,
    /// The commit of the application's own image, where it is known.
    pub(crate) commit: Option<String>,
}

/// What a deploy under way has brought, if this is that deploy's revision.
pub(crate) fn brought_by(deploy: &Deploy, service: &str, revision: &str) -> Option<Brought> {
    let at = deploy
        .services
        .iter()
        .position(|state| state.service == service && state.is_ours(revision))?;
    let plan = deploy.plan.as_ref()?;
    if deploy.services[at].revision.as_deref() != Some(revision) {
        // A copy of what ran before, which the service is taken back to.
        return Some(Brought {
            label: plan.services.get(at)?.live_label.clone(),
            commit: None,
        });
    }
    let share = plan.share_of(at);
    Some(Brought {
        label: share.runs(),
        commit: share.own_commit().map(str::to_owned),
    })
}
