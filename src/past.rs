//! What the history keeps of a deploy once it has its verdict.

use crate::plan::Change;
use crate::record::{Deploy, Past, Verb};

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
