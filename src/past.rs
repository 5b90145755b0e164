//! What the history keeps of a deploy once it has its verdict, and what it says of a revision that
//! is found running: whose it is, or that nobody here brought it.

use crate::plan::Change;
use crate::record::{Deploy, Past, Verb, Verdict};

/// What the history says of the revision that a service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It knows nothing of this service.
    Unknown,
    /// This entry brought it, or left it there when it failed.
    Ours(&'a Past),
    /// Nothing here did; by the history, what this entry brought should run.
    Outside(&'a Past),
}

impl Past {
    /// Whether a service runs what this entry says, unless something came after it.
    pub fn took_effect(&self) -> bool {
        self.id.is_none() || self.verdict == Some(Verdict::Succeeded)
    }
}

/// Holds what a service runs against the history, newest first. What did not succeed may have left
/// its revision behind; what came before the last success may not.
pub fn standing<'a>(history: &'a [Past], service: &str, revision: &str) -> Standing<'a> {
    for past in history {
        let brought = past.revisions.iter().find(|(name, _)| name == service);
        match brought {
            Some((_, brought)) if brought == revision => return Standing::Ours(past),
            Some(_) if past.took_effect() => return Standing::Outside(past),
            Some(_) | None => {}
        }
    }
    Standing::Unknown
}

/// The history's entry for this deploy.
pub fn of(deploy: &Deploy) -> Past {
    let plan = deploy.plan.as_ref();
    let services = plan.map_or(&[][..], |plan| &plan.services);
    let mut digests: Vec<(String, String)> = Vec::new();
    for service in services {
        let images = match &service.change {
            Change::Again => &service.live_digests,
            Change::Copy { images, .. } | Change::Exactly { images, .. } => images,
        };
        for (container, image) in images {
            let digest = image.rsplit('@').next().unwrap_or(image);
            let entry = (container.clone(), digest.to_owned());
            if !digests.contains(&entry) {
                digests.push(entry);
            }
        }
    }
    let revisions = deploy
        .services
        .iter()
        .filter_map(|service| Some((service.service.clone(), service.revision.clone()?)))
        .collect();
    Past {
        id: Some(deploy.id.clone()),
        verb: Some(deploy.verb.clone()),
        application: deploy.application.clone(),
        environment: deploy.environment.clone(),
        requester: deploy.requester.clone(),
        requested_at: deploy.requested_at,
        verdict: deploy.verdict(),
        ended_at: deploy.ending.as_ref().map(|ending| ending.at),
        label: plan.map_or_else(|| asked_for(deploy), |plan| plan.label.clone()),
        digests,
        commit: plan.and_then(|plan| plan.commit.as_ref().map(ToString::to_string)),
        revisions,
        ran_task: plan
            .and_then(|plan| plan.before.as_ref())
            .filter(|_| deploy.ran_task())
            .map(|task| task.family.clone()),
        why: deploy
            .ending
            .as_ref()
            .map_or_else(String::new, |ending| ending.why.clone()),
    }
}

/// What was asked for, where no plan says what it came to.
fn asked_for(deploy: &Deploy) -> String {
    match &deploy.verb {
        Verb::Deploy {
            reference: Some(reference),
        } => reference.to_string(),
        Verb::Deploy { reference: None } => "the default branch".to_owned(),
        Verb::Rollback { to: Some(id) } => format!("back to {id}"),
        Verb::Rollback { to: None } => "back".to_owned(),
        Verb::Restart => "restart".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::names::{Actor, DeployId};

    fn past(verdict: Option<Verdict>, revision: &str) -> Past {
        Past {
            id: verdict.map(|_| DeployId::derive(revision.as_bytes())),
            verb: verdict.map(|_| Verb::Deploy { reference: None }),
            application: "webapp".parse().unwrap(),
            environment: "staging".parse().unwrap(),
            requester: Actor::Longshore,
            requested_at: Timestamp::UNIX_EPOCH,
            verdict,
            ended_at: None,
            label: revision.to_owned(),
            digests: Vec::new(),
            commit: None,
            revisions: vec![("webapp".to_owned(), revision.to_owned())],
            ran_task: None,
            why: String::new(),
        }
    }

    #[test]
    fn what_runs_is_ours_or_somebody_elses() {
        use Verdict::{Failed, RolledBack, Succeeded};
        let baseline = || past(None, "1");
        let entry = |verdict, revision| past(Some(verdict), revision);
        let mut refused = entry(Verdict::Refused, "?");
        refused.revisions.clear();
        for (history, runs, is) in [
            (vec![], "1", "unknown"),
            (vec![baseline()], "1", "ours 1"),
            (vec![baseline()], "9", "outside, not 1"),
            (vec![entry(Succeeded, "2"), baseline()], "2", "ours 2"),
            // Somebody put the revision from before back.
            (
                vec![entry(Succeeded, "2"), baseline()],
                "1",
                "outside, not 2",
            ),
            // ECS went back, or could not.
            (vec![entry(RolledBack, "2"), baseline()], "1", "ours 1"),
            (vec![entry(Failed, "2"), baseline()], "2", "ours 2"),
            (vec![entry(Failed, "2"), baseline()], "9", "outside, not 1"),
            (vec![refused, baseline()], "1", "ours 1"),
        ] {
            let said = match standing(&history, "webapp", runs) {
                Standing::Unknown => "unknown".to_owned(),
                Standing::Ours(past) => format!("ours {}", past.label),
                Standing::Outside(past) => format!("outside, not {}", past.label),
            };
            assert_eq!(said, is, "{runs} {history:#?}");
            let other = standing(&history, "another", runs);
            assert_eq!(other, Standing::Unknown);
        }
    }
}
