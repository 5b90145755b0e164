//! One ECS cluster, as the deploy role of its environment sees it.
//!
//! Reads give plain values of [`crate::rollout`] and [`crate::task_definition`]; what changes
//! anything asks for a [`LeaseHeld`](crate::record::lease::LeaseHeld) and is in `change`.

mod change;
mod copy;
mod full;
mod rollouts;
mod run;
mod shape;
mod staged;
mod tasks;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::config::Config;
use aws_sdk_ecs::types::TaskDefinitionField;
use aws_smithy_types::retry::RetryConfig;

use super::document::KeepBody;
use super::{AwsError, timestamp};
use crate::names::image_reference::digest_of;
use crate::rollout::{LiveService, Observed, Ours, Revision, Rollout, RunningImage, Status};
use crate::task_definition::RevisionStatus;

pub use change::{Force, UpdateOutcome};
pub use copy::{CommitTag, RevisionTags};
pub use full::FullTaskDefinition;
use full::full;
pub use run::{OneOff, RunOutcome, SeenTask};

/// Services in one `DescribeServices`.
const SERVICES: usize = 10;
/// Service deployments and service revisions in one call.
const DEPLOYMENTS: usize = 20;

/// One ECS cluster.
#[derive(Clone, Debug)]
pub struct EcsTarget {
    client: Client,
    /// The same without retries, for what must not be sent twice.
    once: Client,
    cluster: String,
}

impl super::Aws {
    /// The ECS cluster of that name, in this region, as this principal.
    pub fn ecs(&self, cluster: &str) -> EcsTarget {
        let once = Config::from(&self.config)
            .to_builder()
            .retry_config(RetryConfig::disabled())
            .build();
        EcsTarget {
            client: Client::new(&self.config),
            once: Client::from_conf(once),
            cluster: cluster.to_owned(),
        }
    }
}

impl EcsTarget {
    /// The cluster's name.
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// The services of those names, in that order. Those that do not exist are left out; deleted
    /// ones show as `INACTIVE` for a while.
    ///
    /// # Errors
    ///
    /// A missing cluster is `NotFound("ClusterNotFoundException")`.
    pub async fn describe_services(&self, names: &[&str]) -> Result<Vec<LiveService>, AwsError> {
        let mut services = Vec::new();
        for names in names.chunks(SERVICES) {
            let output = self
                .client
                .describe_services()
                .cluster(&self.cluster)
                .set_services(Some(names.iter().map(|&name| name.to_owned()).collect()))
                .send()
                .await
                .map_err(|error| AwsError::from_sdk("ecs", "DescribeServices", error))?;
            services.extend(
                output
                    .services
                    .unwrap_or_default()
                    .into_iter()
                    .map(shape::service),
            );
        }
        services.sort_by_key(|service| names.iter().position(|name| *name == service.name));
        Ok(services)
    }

    /// A task definition by its ARN or `family:revision`, or a family's newest ACTIVE one by the
    /// family alone; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Whatever else AWS says.
    pub async fn describe_task_definition(
        &self,
        arn_or_family: &str,
    ) -> Result<Option<FullTaskDefinition>, AwsError> {
        const OPERATION: &str = "DescribeTaskDefinition";
        let body = KeepBody::default();
        let answer = self
            .client
            .describe_task_definition()
            .task_definition(arn_or_family)
            .include(TaskDefinitionField::Tags)
            .customize()
            .interceptor(body.clone())
            .send()
            .await;
        match body.of(answer, "ecs", OPERATION) {
            Ok(body) => full(OPERATION, &body).map(Some),
            Err(error) => match error {
                // ECS has no code of its own for it.
                error
                    if error.code() == Some("ClientException")
                        && error
                            .message()
                            .contains("Unable to describe task definition") =>
                {
                    Ok(None)
                }
                error => Err(error),
            },
        }
    }

    /// The family's newest revision, if it is what registering this copy of `base` would make: then that
    /// need not be done again. What a service runs already (`live`) is not: giving it the same would roll
    /// nothing out.
    ///
    /// # Errors
    ///
    /// As [`Self::describe_task_definition`].
    pub async fn registered(
        &self,
        base: &FullTaskDefinition,
        images: &[(String, String)],
        tags: RevisionTags<'_>,
        live: &str,
    ) -> Result<Option<FullTaskDefinition>, AwsError> {
        let head = self.describe_task_definition(&base.seen.family).await?;
        let Some(head) = head.filter(|head| head.seen.arn != live) else {
            return Ok(None);
        };
        let active = head.seen.status == RevisionStatus::Active;
        Ok((active && head.is_copy(base, images, tags)?).then_some(head))
    }

    /// A service deployment; `None` where ECS does not show it.
    ///
    /// # Errors
    ///
    /// Whatever else AWS says.
    pub async fn describe_service_deployment(
        &self,
        arn: &str,
    ) -> Result<Option<Rollout>, AwsError> {
        let answer = self
            .client
            .describe_service_deployments()
            .service_deployment_arns(arn)
            .send()
            .await;
        match answer {
            Ok(output) => Ok(output
                .service_deployments
                .unwrap_or_default()
                .into_iter()
                .find_map(shape::rollout)),
            Err(error) => match AwsError::from_sdk("ecs", "DescribeServiceDeployments", error) {
                error if error.code() == Some("ServiceDeploymentNotFoundException") => Ok(None),
                error => Err(error),
            },
        }
    }

    /// A service revision: what a service deployment brings, with resolved digests; `None` where
    /// ECS does not show it.
    ///
    /// # Errors
    ///
    /// Whatever else AWS says.
    pub async fn describe_service_revision(&self, arn: &str) -> Result<Option<Revision>, AwsError> {
        Ok(self.describe_service_revisions(&[arn]).await?.pop())
    }

    async fn describe_service_revisions(&self, arns: &[&str]) -> Result<Vec<Revision>, AwsError> {
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let output = self
            .client
            .describe_service_revisions()
            .set_service_revision_arns(Some(arns.iter().map(|&arn| arn.to_owned()).collect()))
            .send()
            .await
            .map_err(|error| AwsError::from_sdk("ecs", "DescribeServiceRevisions", error))?;
        Ok(output
            .service_revisions
            .unwrap_or_default()
            .into_iter()
            .filter_map(shape::revision)
            .collect())
    }

    /// One look at a service and at our rollout in it, for [`crate::rollout::judge`]. `known` as in
    /// [`Self::find_service_deployment`].
    ///
    /// If our rollout was stopped by a newer one of our own revision (our update arrived twice, or
    /// somebody forced a new deployment of it), the newer one is looked at instead: its ARN is in
    /// the answer, and is to be remembered. `live` is the service if it has just been looked at,
    /// together with others.
    ///
    /// # Errors
    ///
    /// Whatever AWS says to any of the reads. A missing service is not one.
    pub(crate) async fn observe(
        &self,
        service: &str,
        live: Option<LiveService>,
        ours: &Ours,
        known: &[String],
    ) -> Result<Observed, AwsError> {
        let live = match live {
            Some(live) => Some(live),
            None => self.describe_services(&[service]).await?.pop(),
        };
        let mut rollout = match &ours.rollout {
            Some(arn) => self.describe_service_deployment(arn).await?,
            None if live.is_none() => None,
            None => self.newest_of_ours(service, ours, known).await?,
        };
        let primary = live.as_ref().and_then(LiveService::primary);
        let replaced_by_itself = rollout
            .as_ref()
            .is_some_and(|r| r.status == Status::Stopped)
            && primary.is_some_and(|primary| {
                primary.task_definition == ours.task_definition
                    && primary.state.as_deref() != Some("FAILED")
            });
        if replaced_by_itself && let Some(newer) = self.newest_of_ours(service, ours, known).await?
        {
            rollout = Some(newer);
        }
        let target = rollout
            .as_ref()
            .and_then(|rollout| rollout.target.as_deref());
        let mut revision = match target {
            Some(arn) => self.describe_service_revision(arn).await?,
            None => None,
        };
        let successful =
            rollout.as_ref().map(|rollout| &rollout.status) == Some(&Status::Successful);
        if let (Some(revision), true) = (&mut revision, successful) {
            self.add_pinned_images(revision, ours).await?;
        }
        Ok(Observed {
            service: live,
            rollout,
            revision,
        })
    }

    /// ECS resolves images when it starts tasks, and may show none for a service that has none. What
    /// the task definition pins is as certain; of a tag nothing is claimed.
    async fn add_pinned_images(
        &self,
        revision: &mut Revision,
        ours: &Ours,
    ) -> Result<(), AwsError> {
        let shown = |container: &str| {
            revision
                .images
                .iter()
                .any(|image| image.container == container)
        };
        if ours.images.iter().all(|(container, _)| shown(container)) {
            return Ok(());
        }
        let definition = self
            .describe_task_definition(&revision.task_definition)
            .await?;
        let containers = definition.into_iter().flat_map(|full| full.seen.containers);
        let pinned: Vec<RunningImage> = containers
            .filter(|container| !shown(&container.name) && digest_of(&container.image).is_some())
            .map(|container| RunningImage {
                container: container.name,
                image: Some(container.image),
                digest: None,
            })
            .collect();
        revision.images.extend(pinned);
        Ok(())
    }

    async fn newest_of_ours(
        &self,
        service: &str,
        ours: &Ours,
        known: &[String],
    ) -> Result<Option<Rollout>, AwsError> {
        let found = self
            .find_service_deployment(service, &ours.task_definition, known)
            .await?;
        match found {
            Some(brief) => self.describe_service_deployment(&brief.arn).await,
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
