//! What was rolled out in a service lately, by whomever: to tell what became of a change that is not
//! Longshore's.

use super::super::AwsError;
use super::{DEPLOYMENTS, EcsTarget};
use crate::rollout::Status;

impl EcsTarget {
    /// The newest rollouts of a service, newest first, each with the task definition that it was to
    /// bring, where ECS still shows it.
    ///
    /// # Errors
    ///
    /// As [`Self::service_deployments`].
    pub async fn newest_rollouts(
        &self,
        service: &str,
    ) -> Result<Vec<(Status, Option<String>)>, AwsError> {
        let mut briefs = self.service_deployments(service).await?;
        briefs.truncate(DEPLOYMENTS);
        let targets: Vec<&str> = briefs.iter().filter_map(|b| b.target.as_deref()).collect();
        let revisions = self.describe_service_revisions(&targets).await?;
        let brings = |target: &str| {
            let revision = revisions.iter().find(|revision| revision.arn == target)?;
            Some(revision.task_definition.clone())
        };
        Ok(briefs
            .into_iter()
            .map(|brief| (brief.status, brief.target.as_deref().and_then(brings)))
            .collect())
    }
}
