//! The published version: after a success the image that runs is written into an SSM parameter in the
//! environment's own account, for infrastructure as code to read. It comes after the verdict, is told
//! by `show`, and changes nothing else whatever becomes of it.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::config::published_name;
use crate::names::image_reference::is_same;
use crate::names::{AppName, ContainerName};
use crate::plan::Plan;
use crate::record::Unwritten;
use crate::record::{Deploy, Published, Verdict};
use crate::request::Verb;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::no::no_of;

/// How long people wait for their verdict because of it, at most.
const WITHIN: Duration = Duration::from_secs(5);
/// The pause after a write that was not taken; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Entries of the history in which the newest success is looked for.
const HISTORY: i32 = 25;

/// The version that a carried-out plan has brought of one image, as the parameter is to hold it.
#[derive(Debug, PartialEq, Eq)]
enum NewVersion {
    /// Nothing new runs.
    Unchanged,
    /// This image, pinned.
    One(String),
    /// Several.
    Several,
}

/// Publishes the versions that a deploy has brought, unless that is done, or not wanted.
pub(crate) async fn after_success(waiter: &Waiter, hand: &mut InHand) {
    let Some(plan) = due(&hand.deploy) else {
        return;
    };
    let until = Instant::now() + WITHIN;
    let mut published = Vec::new();
    for one in hand.deploy.each() {
        for image in brought(&one, plan) {
            published.extend(publish(waiter, &one, plan, image.as_ref(), until).await);
        }
    }
    hand.deploy.published = published;
}

/// The images that are published: the one that was deployed; after a rollback, all that ran then.
fn brought(deploy: &Deploy, plan: &Plan) -> Vec<Option<ContainerName>> {
    let Some((share, services)) = plan.own(deploy.application()) else {
        return Vec::new();
    };
    match deploy.verb() {
        _ if services.is_empty() => Vec::new(),
        Verb::Deploy { image, .. } => vec![image.clone()],
        Verb::Rollback { .. } if !share.parts.is_empty() => {
            let parts = share.parts.iter();
            parts.map(|part| part.image.clone()).collect()
        }
        Verb::Rollback { .. } | Verb::Restart => vec![None],
    }
}

async fn publish(
    waiter: &Waiter,
    deploy: &Deploy,
    plan: &Plan,
    own: Option<&ContainerName>,
    until: Instant,
) -> Option<Published> {
    let parameter = published_name(deploy.application(), &deploy.environment, own);
    let image = match version(plan, deploy.application(), own) {
        NewVersion::Unchanged => return None,
        NewVersion::Several => return Some(Published::SeveralImages),
        NewVersion::One(image) => image,
    };
    let written = timeout_at(
        until,
        write(waiter, deploy, plan, &parameter, &image, until),
    )
    .await;
    let failed = |why: Unwritten| {
        tracing::error!(deploy = %deploy.id, parameter, ?why, "a version could not be published");
        Published::Failed {
            parameter: parameter.clone(),
            why,
        }
    };
    Some(match written {
        Ok(Ok(true)) => Published::Written { parameter, image },
        Ok(Ok(false)) => Published::Overtaken,
        Ok(Err(StepError::Aws(error))) => failed(Unwritten::Aws(no_of(&error, &plan.role_arn))),
        Ok(Err(error)) => {
            tracing::error!(deploy = %deploy.id, %error, "a version could not be published");
            failed(Unwritten::Unknown)
        }
        Err(_) => failed(Unwritten::TooLong),
    })
}

/// The plan of a deploy whose version is to be published and is not yet.
fn due(deploy: &Deploy) -> Option<&Plan> {
    let plan = deploy.plan.as_ref()?;
    let wanted = plan.publish && deploy.verdict() == Some(Verdict::Succeeded);
    (wanted && deploy.published.is_empty()).then_some(plan)
}

/// What the containers that run `own` are to run by the plan.
fn version(plan: &Plan, application: &AppName, own: Option<&ContainerName>) -> NewVersion {
    let Some((share, services)) = plan.own(application) else {
        return NewVersion::Unchanged;
    };
    let runs_it = |container: &str| {
        let mut several = share.parts.iter().filter_map(|part| part.image.as_ref());
        several.find(|name| name.as_str() == container) == own
    };
    let mut images: Vec<&String> = services
        .iter()
        .flat_map(|service| service.change.images())
        .filter(|(container, _)| runs_it(container))
        .map(|(_, image)| image)
        .collect();
    images.sort();
    // A service that a rollback leaves as it is counts too.
    let left = share.unchanged.iter().flat_map(|service| &service.digests);
    let mut left = left.filter(|(container, _)| runs_it(container));
    match images.as_slice() {
        [] => NewVersion::Unchanged,
        // Under whichever name each service reaches its registry.
        [one, others @ ..]
            if others.iter().all(|other| is_same(one, other))
                && left.all(|(_, digest)| one.ends_with(digest.as_str())) =>
        {
            NewVersion::One((*one).clone())
        }
        _ => NewVersion::Several,
    }
}

/// Writes it if nothing newer has succeeded there: its lease is free by now, and a step that died may
/// come again late.
async fn write(
    waiter: &Waiter,
    deploy: &Deploy,
    plan: &Plan,
    parameter: &str,
    image: &str,
    until: Instant,
) -> Result<bool, StepError> {
    let (app, env) = (deploy.application(), &deploy.environment);
    let history = waiter.store.history_at(app, env, HISTORY).await?;
    let newest = history
        .iter()
        .find(|past| past.verdict == Some(Verdict::Succeeded));
    if newest.is_some_and(|past| past.id.as_ref() != Some(&deploy.id)) {
        return Ok(false);
    }
    let reach = waiter.reach(deploy, plan).await?;
    let mut pause = FIRST_PAUSE;
    loop {
        match reach.parameters().put(parameter, image).await {
            Ok(()) => return Ok(true),
            // Another write of it at the same moment, for instance.
            Err(error) if error.is_transient() && Instant::now() + pause < until => {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::plan::Change;

    #[test]
    fn one_image_is_published_and_several_are_not() {
        let application = "cms".parse().unwrap();
        let mut plan = fixtures::plan("main", &["webapp"]);
        let image = |of: &str| vec![("app".to_owned(), of.to_owned())];
        let exactly = |images| Change::Exactly {
            revision: "webapp:1".to_owned(),
            images,
        };
        let again = plan.services[0].clone();
        let digest = format!("sha256:{}", "0".repeat(64));
        let usual = format!("111111111111.dkr.ecr.eu-west-1.amazonaws.com/web@{digest}");
        let dual_stack = format!("111111111111.dkr-ecr.eu-west-1.on.aws/web@{digest}");
        for (changes, published) in [
            (vec![Change::Again], NewVersion::Unchanged),
            (vec![exactly(image("a"))], NewVersion::One("a".to_owned())),
            (
                vec![exactly(image("a")), exactly(image("a"))],
                NewVersion::One("a".to_owned()),
            ),
            (
                vec![exactly(image("a")), exactly(image("b"))],
                NewVersion::Several,
            ),
            (
                vec![exactly(image(&dual_stack)), exactly(image(&usual))],
                NewVersion::One(dual_stack.clone()),
            ),
            (
                vec![
                    exactly(image(&dual_stack)),
                    exactly(image(&usual.replace('a', "b"))),
                ],
                NewVersion::Several,
            ),
        ] {
            plan.shares.first_mut().services = changes.len();
            plan.services = changes
                .into_iter()
                .map(|change| crate::plan::PlannedService {
                    change,
                    ..again.clone()
                })
                .collect();
            assert_eq!(
                version(&plan, &application, None),
                published,
                "{:?}",
                plan.services
            );
        }
    }
}
