//! What changes ECS. Every call asks for the proof that the lease is held, and is sent once: ECS
//! takes no idempotency token, so after a lost answer only reading tells what happened.

use aws_sdk_ecs::types::{DeploymentLifecycleHookAction, StopServiceDeploymentStopType};

use super::super::document::{KeepBody, with_members};
use super::super::{AwsError, ErrorKind};
use super::copy::{RevisionTags, all_tags, members};
use super::{EcsTarget, FullTaskDefinition, full};
use crate::names::arn::EcsArn;
use crate::record::lease::LeaseHeld;
use crate::rollout::AfterPause;

/// Whether tasks are replaced though the task definition stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// They are not: for everything but a restart.
    No,
    /// They are: for a restart, and for nothing else.
    NewTasks,
}

/// How an update was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateOutcome {
    /// ECS took it.
    Started,
    /// Nothing happened; the same call may be made later.
    TryLater(AwsError),
    /// It may have happened or not: read before anything else.
    Unknown(AwsError),
    /// Nothing happened, and the same call would fare no better.
    Refused(AwsError),
}

impl EcsTarget {
    /// Brings the lease's service to the task definition, named by its full ARN. Nothing else of
    /// the service is touched: what is left out of the call stays as it is.
    pub async fn update_service(
        &self,
        held: &LeaseHeld<'_>,
        task_definition: &str,
        force: Force,
    ) -> UpdateOutcome {
        if !is_full_arn(task_definition) {
            return UpdateOutcome::Refused(AwsError::own(
                "ecs",
                "UpdateService",
                ErrorKind::NotSent,
                format!("{task_definition} is not the full ARN of a revision"),
            ));
        }
        let answer = self
            .once
            .update_service()
            .cluster(&self.cluster)
            .service(held.service())
            .task_definition(task_definition)
            .set_force_new_deployment(match force {
                Force::No => None,
                Force::NewTasks => Some(true),
            })
            .send()
            .await;
        match answer {
            Ok(_) => UpdateOutcome::Started,
            Err(error) => match AwsError::from_sdk("ecs", "UpdateService", error) {
                error if error.unknown_outcome() => UpdateOutcome::Unknown(error),
                error if error.is_transient() => UpdateOutcome::TryLater(error),
                error => UpdateOutcome::Refused(error),
            },
        }
    }

    /// Registers a copy of `base` in its family, with these containers' images (container →
    /// `repository@digest`; none for a copy as it is) and nothing else changed.
    ///
    /// # Errors
    ///
    /// A container that `base` does not have is `NotSent`. Where
    /// [`unknown_outcome`](AwsError::unknown_outcome), look with [`EcsTarget::registered`] before
    /// registering again; a revision too many does no harm.
    pub(crate) async fn register_copy(
        &self,
        _held: &LeaseHeld<'_>,
        base: &FullTaskDefinition,
        images: &[(String, String)],
        tags: RevisionTags<'_>,
    ) -> Result<FullTaskDefinition, AwsError> {
        const OPERATION: &str = "RegisterTaskDefinition";
        let body = KeepBody::default();
        let answer = self
            .once
            .register_task_definition()
            .family(&base.seen.family)
            .set_tags(Some(all_tags(&base.seen.tags, tags)))
            .customize()
            .interceptor(body.clone())
            .map_request(with_members(members(&base.document, images)?))
            .send()
            .await;
        full(OPERATION, &body.of(answer, "ecs", OPERATION)?)
    }

    /// Has a service deployment of the lease's service go back, from PENDING or IN_PROGRESS.
    ///
    /// The model also lists the stop type `ABORT`, but "valid values are ROLLBACK"
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html>).
    ///
    /// # Errors
    ///
    /// `Refused("ConflictException")` and the like where it is over already, or not of this service.
    pub async fn stop_service_deployment(
        &self,
        held: &LeaseHeld<'_>,
        arn: &str,
    ) -> Result<(), AwsError> {
        is_of(held, arn, "StopServiceDeployment")?;
        self.once
            .stop_service_deployment()
            .service_deployment_arn(arn)
            .stop_type(StopServiceDeploymentStopType::Rollback)
            .send()
            .await
            .map(drop)
            .map_err(|error| AwsError::from_sdk("ecs", "StopServiceDeployment", error))
    }

    /// Answers a pause hook of a service deployment of the lease's service. The action is always
    /// named: ECS takes one that is left out for `CONTINUE`.
    ///
    /// # Errors
    ///
    /// `Refused("InvalidParameterException")` and the like where the hook does not wait any more. A
    /// hook takes one answer, so that giving the same again does no harm.
    pub async fn continue_service_deployment(
        &self,
        held: &LeaseHeld<'_>,
        arn: &str,
        hook: &str,
        action: AfterPause,
    ) -> Result<(), AwsError> {
        is_of(held, arn, "ContinueServiceDeployment")?;
        self.once
            .continue_service_deployment()
            .service_deployment_arn(arn)
            .hook_id(hook)
            .action(match action {
                AfterPause::Continue => DeploymentLifecycleHookAction::Continue,
                AfterPause::RollBack => DeploymentLifecycleHookAction::Rollback,
            })
            .send()
            .await
            .map(drop)
            .map_err(|error| AwsError::from_sdk("ecs", "ContinueServiceDeployment", error))
    }
}

/// Holds a service deployment's ARN against the service whose lease was shown.
fn is_of(held: &LeaseHeld<'_>, arn: &str, operation: &'static str) -> Result<(), AwsError> {
    let service = EcsArn::read(arn).and_then(|arn| arn.service());
    if service.is_some_and(|(_, service)| service == held.service()) {
        return Ok(());
    }
    let why = format!("{arn} is not a service deployment of {}", held.service());
    Err(AwsError::own("ecs", operation, ErrorKind::NotSent, why))
}

/// `arn:…:task-definition/FAMILY:REVISION`. Without the revision ECS would take the family's
/// newest, which may be somebody else's.
fn is_full_arn(task_definition: &str) -> bool {
    let named = task_definition
        .strip_prefix("arn:")
        .and_then(|arn| arn.split_once("/"));
    let revision = named.and_then(|(_, name)| name.split_once(':'));
    revision.is_some_and(|(family, revision)| {
        !family.is_empty()
            && !revision.is_empty()
            && revision.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_revision_named_in_full_is_deployed() {
        assert!(is_full_arn(
            "arn:aws:ecs:eu-west-1:111111111111:task-definition/web:7"
        ));
        for bad in [
            "web",
            "web:7",
            "arn:aws:ecs:eu-west-1:111111111111:task-definition/web",
            "arn:aws:ecs:eu-west-1:111111111111:task-definition/web:latest",
            "arn:aws:ecs:eu-west-1:111111111111:task-definition/:7",
        ] {
            assert!(!is_full_arn(bad), "{bad}");
        }
    }
}
