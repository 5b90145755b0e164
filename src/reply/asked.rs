//! What was asked for, in the words of whoever asked.

use super::label;
use super::words::{code, said};
use crate::past::asked_for;
use crate::record::Deploy;
use crate::request::{Entry, Verb};
use crate::slack::text::Mrkdwn;

/// What a deploy is about, as the requester put it: `webapp:main to staging`.
pub fn request(deploy: &Deploy) -> Mrkdwn {
    let (what, env) = (named(deploy), &deploy.environment);
    match deploy.verb() {
        Verb::Deploy { .. } => said!("{} to {}", what, env),
        Verb::Rollback { .. } if deploy.asked.len() > 1 => {
            said!("rollback of {} on {}", what, env)
        }
        Verb::Rollback { to: Some(to), .. } => {
            said!("rollback of {} on {} to deploy {}", what, env, to)
        }
        Verb::Rollback {
            version: Some(version),
            ..
        } => said!(
            "rollback of {} on {} to version {}",
            what,
            env,
            label(version.as_str())
        ),
        Verb::Rollback {
            away_from: Some(Entry::Deploy(from)),
            ..
        } => said!("rollback of {} on {} from deploy {}", what, env, from),
        Verb::Rollback { to: None, .. } => said!("rollback of {} on {}", what, env),
        Verb::Restart => said!("restart of {} on {}", what, env),
    }
}

/// The reply to a wish that a deploy stop. It does not say how far the deploy has got: nobody has
/// looked.
pub(crate) fn cancelling(deploy: &Deploy) -> Mrkdwn {
    if !deploy.has_begun() {
        return said!(
            "Deploy {} ({}) is to stop before it begins. If it has begun by now, it goes back to what ran before; its verdict tells.",
            deploy.id,
            request(deploy)
        );
    }
    said!(
        "Deploy {} ({}) is to stop and to go back to what ran before. Its verdict says how that ended.",
        deploy.id,
        request(deploy)
    )
}

/// The same for several at once.
pub(crate) fn cancelling_several(deploys: &[Deploy]) -> Mrkdwn {
    let each = deploys.iter();
    let each = each.map(|deploy| said!("{} ({})", deploy.id, request(deploy)));
    said!(
        "{} deploys are to stop: {}. What has begun goes back to what ran before. Their verdicts say how that ended.",
        deploys.len(),
        Mrkdwn::listed(each, "and")
    )
}

/// What was named in the request: `webapp:main`, `webapp:main and cms:1.0.2`.
pub(super) fn named(deploy: &Deploy) -> Mrkdwn {
    let each = deploy.each().into_iter().map(|one| match one.verb() {
        Verb::Deploy { .. } => code(&asked_for(&one)),
        Verb::Rollback {
            version: Some(version),
            ..
        } if deploy.asked.len() > 1 => code(&format!("{}:{version}", one.application())),
        Verb::Rollback { .. } | Verb::Restart => code(one.application().as_str()),
    });
    Mrkdwn::listed(each, "and")
}
