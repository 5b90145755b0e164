//! Where the newest service deployments of several services stand: the share of the traffic that
//! each revision gets, the stage, and the pause that waits. For people alone; nothing is decided by it.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{ServiceDeployment, ServiceRevisionSummary};

use super::super::AwsError;
use super::{DEPLOYMENTS, EcsTarget, shape};
use crate::rollout::{LiveService, Staged, Status};

impl EcsTarget {
    /// By name, of those services alone of which something is moving or stands where it was
    /// stopped: of the others [`Self::describe_services`] has told everything. Two calls for up to
    /// ten services, and none where nothing moves.
    ///
    /// # Errors
    ///
    /// Whatever AWS says.
    pub async fn staged(
        &self,
        services: &[&LiveService],
    ) -> Result<BTreeMap<String, Staged>, AwsError> {
        let unsettled = services.iter().filter(|service| !service.is_settled());
        let current: Vec<(&str, &str)> = unsettled
            .filter_map(|service| Some((service.name.as_str(), service.current.as_deref()?)))
            .collect();
        let mut staged = BTreeMap::new();
        for current in current.chunks(DEPLOYMENTS) {
            let arns = current.iter().map(|(_, arn)| (*arn).to_owned()).collect();
            let output = self
                .client
                .describe_service_deployments()
                .set_service_deployment_arns(Some(arns))
                .send()
                .await
                .map_err(|error| AwsError::from_sdk("ecs", "DescribeServiceDeployments", error))?;
            let found = output.service_deployments.unwrap_or_default();
            let weighed: Vec<&str> = found
                .iter()
                .flat_map(weights)
                .map(|(revision, _)| revision)
                .collect();
            let mut revisions = Vec::new();
            for weighed in weighed.chunks(DEPLOYMENTS) {
                revisions.extend(self.describe_service_revisions(weighed).await?);
            }
            for deployment in &found {
                let arn = deployment.service_deployment_arn.as_deref();
                let Some((name, _)) = current.iter().find(|(_, known)| Some(*known) == arn) else {
                    continue;
                };
                let shares = weights(deployment).filter_map(|(arn, weight)| {
                    let revision = revisions.iter().find(|revision| revision.arn == arn)?;
                    Some((revision.task_definition.clone(), shape::tenths(weight)))
                });
                let shares = shares.collect();
                let rollout = shape::rollout(deployment.clone());
                let pause = rollout.as_ref().and_then(|one| one.waiting_hooks().next());
                let status = rollout.as_ref().map(|one| &one.status);
                let goes_back = status.is_some_and(|status| {
                    use Status::{RollbackInProgress, RollbackRequested, StopRequested};
                    matches!(
                        status,
                        StopRequested | RollbackRequested | RollbackInProgress
                    )
                });
                let stands = Staged {
                    goes_back,
                    shares,
                    pause: pause.cloned(),
                    stage: rollout.and_then(|rollout| rollout.stage),
                };
                staged.insert((*name).to_owned(), stands);
            }
        }
        Ok(staged)
    }
}

/// The service revisions of a service deployment, each with its share of the production traffic,
/// where ECS moves traffic at all.
fn weights(deployment: &ServiceDeployment) -> impl Iterator<Item = (&str, f64)> {
    let weight = |revision: &ServiceRevisionSummary| revision.requested_production_traffic_weight;
    let sources = deployment.source_service_revisions.iter().flatten();
    let target = deployment.target_service_revision.iter();
    target
        .chain(sources)
        .filter_map(move |revision| Some((revision.arn.as_deref()?, weight(revision)?)))
}
