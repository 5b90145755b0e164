//! The published version: after a success the image that runs is written into an SSM parameter in the
//! environment's own account, for infrastructure as code to read. It comes after the verdict, is told
//! by `show`, and changes nothing else whatever becomes of it.

use std::time::Duration;

use tokio::time::timeout;

use crate::config::published_name;
use crate::plan::Plan;
use crate::record::{Deploy, Published, Verdict};
use crate::waiter::{InHand, StepError, Waiter};

/// How long people wait for their verdict because of it, at most.
const WITHIN: Duration = Duration::from_secs(5);
/// Entries of the history in which the newest success is looked for.
const HISTORY: i32 = 25;

/// What is to be written of a plan that was carried out.
#[derive(Debug, PartialEq, Eq)]
enum Version {
    /// Nothing new runs.
    Unchanged,
    /// This image, pinned.
    One(String),
    /// Several.
    Several,
}

/// Publishes the version that a deploy has brought, unless that is done, or not wanted.
pub(crate) async fn after_success(waiter: &Waiter, hand: &mut InHand) {
    let Some(plan) = due(&hand.deploy) else {
        return;
    };
    let parameter = published_name(&hand.deploy.application, &hand.deploy.environment);
    let image = match version(plan) {
        Version::Unchanged => return,
        Version::Several => {
            hand.deploy.published = Some(Published::SeveralImages);
            return;
        }
        Version::One(image) => image,
    };
    let written = timeout(
        WITHIN,
        write(waiter, &hand.deploy, plan, &parameter, &image),
    )
    .await;
    let failed = |why: String| {
        tracing::error!(deploy = %hand.deploy.id, parameter, why, "a version could not be published");
        Published::Failed {
            parameter: parameter.clone(),
            why,
        }
    };
    hand.deploy.published = Some(match written {
        Ok(Ok(true)) => Published::Written { parameter, image },
        Ok(Ok(false)) => Published::Overtaken,
        Ok(Err(StepError::Aws(error))) => failed(error.in_words()),
        Ok(Err(error)) => failed(error.to_string()),
        Err(_) => failed("it took too long".to_owned()),
    });
}

/// The plan of a deploy whose version is to be published and is not yet.
fn due(deploy: &Deploy) -> Option<&Plan> {
    let plan = deploy.plan.as_ref()?;
    let wanted = plan.publish && deploy.verdict() == Some(Verdict::Succeeded);
    (wanted && deploy.published.is_none()).then_some(plan)
}

fn version(plan: &Plan) -> Version {
    let mut images: Vec<&String> = plan
        .services
        .iter()
        .flat_map(|service| service.change.images())
        .map(|(_, image)| image)
        .collect();
    images.sort();
    images.dedup();
    // A service that a rollback leaves as it is counts too.
    let left = || plan.unchanged.iter().flat_map(|service| &service.digests);
    match images.as_slice() {
        [] => Version::Unchanged,
        [one] if left().all(|(_, digest)| one.ends_with(digest.as_str())) => {
            Version::One((*one).clone())
        }
        _ => Version::Several,
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
) -> Result<bool, StepError> {
    let (app, env) = (&deploy.application, &deploy.environment);
    let history = waiter.store.history_at(app, env, HISTORY).await?;
    let newest = history
        .iter()
        .find(|past| past.verdict == Some(Verdict::Succeeded));
    if newest.is_some_and(|past| past.id.as_ref() != Some(&deploy.id)) {
        return Ok(false);
    }
    let reach = waiter.reach(deploy, plan).await?;
    reach.parameters().put(parameter, image).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::plan::Change;

    #[test]
    fn one_image_is_published_and_several_are_not() {
        let mut plan = fixtures::plan("main", &["webapp"]);
        let image = |of: &str| vec![("app".to_owned(), of.to_owned())];
        let exactly = |images| Change::Exactly {
            revision: "webapp:1".to_owned(),
            images,
        };
        let again = plan.services[0].clone();
        for (changes, published) in [
            (vec![Change::Again], Version::Unchanged),
            (vec![exactly(image("a"))], Version::One("a".to_owned())),
            (
                vec![exactly(image("a")), exactly(image("a"))],
                Version::One("a".to_owned()),
            ),
            (
                vec![exactly(image("a")), exactly(image("b"))],
                Version::Several,
            ),
        ] {
            plan.services = changes
                .into_iter()
                .map(|change| crate::plan::PlannedService {
                    change,
                    ..again.clone()
                })
                .collect();
            assert_eq!(version(&plan), published, "{:?}", plan.services);
        }
    }
}
