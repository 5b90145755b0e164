//! Tasks: what really runs, and what has just stopped.

use aws_sdk_ecs::types::{DesiredStatus, Task};

use super::super::{AwsError, timestamp};
use super::EcsTarget;
use crate::evidence::{StoppedContainer, StoppedTask};
use crate::rollout::RunningImage;

/// Tasks looked at, at most: one page of a list, and one call to describe it.
const TASKS: i32 = 100;

impl EcsTarget {
    /// What the containers of the service's running tasks run, by digest, once per container: the
    /// baseline. Only tasks of `task_definition` (a full ARN) count. Empty where nothing runs.
    ///
    /// # Errors
    ///
    /// Whatever AWS says.
    pub async fn running_images(
        &self,
        service: &str,
        task_definition: &str,
    ) -> Result<Vec<RunningImage>, AwsError> {
        let mut tasks = self.tasks(service, DesiredStatus::Running).await?;
        tasks.retain(|task| task.task_definition_arn.as_deref() == Some(task_definition));
        tasks.sort_by_key(|task| std::cmp::Reverse(task.started_at.as_ref().and_then(timestamp)));
        let mut images: Vec<RunningImage> = Vec::new();
        for container in tasks
            .into_iter()
            .flat_map(|task| task.containers.unwrap_or_default())
        {
            let Some(name) = container.name else { continue };
            let known = images.iter().any(|image| image.container == name);
            if !known && container.image_digest.is_some() {
                images.push(RunningImage {
                    container: name,
                    image: container.image,
                    digest: container.image_digest,
                });
            }
        }
        Ok(images)
    }

    /// The service's tasks of `task_definition` (a full ARN) that stopped, newest first: ECS shows
    /// them for about an hour.
    ///
    /// # Errors
    ///
    /// Whatever AWS says.
    pub async fn stopped_tasks(
        &self,
        service: &str,
        task_definition: &str,
    ) -> Result<Vec<StoppedTask>, AwsError> {
        let mut tasks = self.tasks(service, DesiredStatus::Stopped).await?;
        tasks.retain(|task| task.task_definition_arn.as_deref() == Some(task_definition));
        tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped_at.as_ref().and_then(timestamp)));
        Ok(tasks.into_iter().map(stopped).collect())
    }

    async fn tasks(&self, service: &str, status: DesiredStatus) -> Result<Vec<Task>, AwsError> {
        let listed = self
            .client
            .list_tasks()
            .cluster(&self.cluster)
            .service_name(service)
            .desired_status(status)
            .max_results(TASKS)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk("ecs", "ListTasks", error))?;
        self.describe_tasks(listed.task_arns.unwrap_or_default())
            .await
    }

    pub(super) async fn describe_tasks(&self, arns: Vec<String>) -> Result<Vec<Task>, AwsError> {
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let described = self
            .client
            .describe_tasks()
            .cluster(&self.cluster)
            .set_tasks(Some(arns))
            .send()
            .await
            .map_err(|error| AwsError::from_sdk("ecs", "DescribeTasks", error))?;
        Ok(described.tasks.unwrap_or_default())
    }
}

pub(super) fn stopped(task: Task) -> StoppedTask {
    let arn = task.task_arn.unwrap_or_default();
    StoppedTask {
        id: arn.rsplit('/').next().unwrap_or_default().to_owned(),
        stop_code: task.stop_code.map(|code| code.as_str().to_owned()),
        reason: task.stopped_reason,
        stopped_at: task.stopped_at.as_ref().and_then(timestamp),
        containers: task
            .containers
            .unwrap_or_default()
            .into_iter()
            .map(|container| StoppedContainer {
                name: container.name.unwrap_or_default(),
                exit_code: container.exit_code,
                reason: container.reason,
            })
            .collect(),
    }
}
