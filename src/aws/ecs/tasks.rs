//! Tasks: what really runs, and what has just stopped.

use aws_sdk_ecs::operation::list_tasks::builders::ListTasksFluentBuilder;
use aws_sdk_ecs::types::{DesiredStatus, Task};

use super::super::{AwsError, timestamp};
use super::EcsTarget;
use crate::evidence::{StoppedContainer, StoppedTask, heard};
use crate::names::arn::last_part;
use crate::rollout::RunningImage;
use crate::running::RunningTask;

/// Tasks of one page of a list, the most there are.
const PAGE: i32 = 100;
/// Pages read at most: a thousand tasks.
const PAGES: usize = 10;
/// Tasks in one `DescribeTasks`.
const DESCRIBED: usize = 100;

impl EcsTarget {
    /// What the containers of the service's running tasks run, by digest, once per container: the
    /// baseline. Only tasks of `task_definition` (a full ARN) count. Empty where nothing runs.
    ///
    /// # Errors
    ///
    /// Whatever AWS says.
    pub(crate) async fn running_images(
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
    pub(crate) async fn stopped_tasks(
        &self,
        service: &str,
        task_definition: &str,
    ) -> Result<Vec<StoppedTask>, AwsError> {
        let mut tasks = self.tasks(service, DesiredStatus::Stopped).await?;
        tasks.retain(|task| task.task_definition_arn.as_deref() == Some(task_definition));
        tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped_at.as_ref().and_then(timestamp)));
        Ok(tasks.into_iter().map(stopped).collect())
    }

    /// The service's tasks that are to run, whatever their revision; those that start among them.
    ///
    /// # Errors
    ///
    /// Whatever AWS says. A missing service is `NotFound("ServiceNotFoundException")`.
    pub(crate) async fn running_tasks(&self, service: &str) -> Result<Vec<RunningTask>, AwsError> {
        let tasks = self.tasks(service, DesiredStatus::Running).await?;
        let running = tasks.into_iter().map(|task| {
            let runs = task.last_status.as_deref() == Some("RUNNING");
            RunningTask {
                id: last_part(&task.task_arn.unwrap_or_default()).to_owned(),
                definition: task.task_definition_arn.unwrap_or_default(),
                since: task
                    .started_at
                    .as_ref()
                    .and_then(timestamp)
                    .filter(|_| runs),
            }
        });
        Ok(running.collect())
    }

    async fn tasks(&self, service: &str, status: DesiredStatus) -> Result<Vec<Task>, AwsError> {
        let list = self.client.list_tasks().service_name(service);
        let arns = self.list_tasks(list.desired_status(status)).await?;
        self.describe_tasks(&arns).await
    }

    /// The ARNs that a listing gives, page by page; a page may be empty and not be the last.
    pub(super) async fn list_tasks(
        &self,
        list: ListTasksFluentBuilder,
    ) -> Result<Vec<String>, AwsError> {
        let list = list.cluster(&self.cluster).max_results(PAGE);
        let mut arns = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let page = list
                .clone()
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| AwsError::from_sdk("ecs", "ListTasks", error))?;
            arns.extend(page.task_arns.unwrap_or_default());
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        Ok(arns)
    }

    /// Those of the tasks that ECS shows.
    pub(super) async fn describe_tasks(&self, arns: &[String]) -> Result<Vec<Task>, AwsError> {
        let mut tasks = Vec::new();
        for arns in arns.chunks(DESCRIBED) {
            let described = self
                .client
                .describe_tasks()
                .cluster(&self.cluster)
                .set_tasks(Some(arns.to_vec()))
                .send()
                .await
                .map_err(|error| AwsError::from_sdk("ecs", "DescribeTasks", error))?;
            tasks.extend(described.tasks.unwrap_or_default());
        }
        Ok(tasks)
    }
}

pub(super) fn stopped(task: Task) -> StoppedTask {
    let arn = task.task_arn.unwrap_or_default();
    StoppedTask {
        id: last_part(&arn).to_owned(),
        stop_code: task.stop_code.map(|code| code.as_str().to_owned()),
        reason: task.stopped_reason.as_deref().map(heard),
        stopped_at: task.stopped_at.as_ref().and_then(timestamp),
        containers: task
            .containers
            .unwrap_or_default()
            .into_iter()
            .map(|container| StoppedContainer {
                name: container.name.unwrap_or_default(),
                exit_code: container.exit_code,
                reason: container.reason.as_deref().map(heard),
            })
            .collect(),
    }
}
