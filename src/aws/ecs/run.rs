//! A task that belongs to no service: run once, found again, stopped.

use aws_sdk_ecs::types::{ContainerOverride, DesiredStatus, Task, TaskOverride};

use super::super::AwsError;
use super::super::document::{Document, KeepBody, NotADocument, unreadable, with_members};
use super::EcsTarget;
use super::copy::{RevisionTags, own_tags};
use super::tasks::stopped;
use crate::evidence::{StoppedTask, heard};
use crate::names::DeployId;
use crate::record::lease::LeaseHeld;

/// A task that is to run once.
#[derive(Clone, Copy, Debug)]
pub struct OneOff<'a> {
    /// The full ARN of its revision.
    pub revision: &'a str,
    /// The container whose command is replaced.
    pub container: &'a str,
    /// The command; empty for the container's own.
    pub command: &'a [String],
    /// Whose it is.
    pub tags: RevisionTags<'a>,
    /// Which of that deploy's tasks.
    pub number: usize,
}

/// How running it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// ECS runs it, under this ARN.
    Started(String),
    /// ECS has no room for it. Nothing was started.
    NotPlaced(String),
    /// Nothing happened; the same call may be made later.
    TryLater(AwsError),
    /// It may have happened or not. The same call may be made again: it starts nothing twice.
    Unknown(AwsError),
    /// Nothing happened, and the same call would fare no better.
    Refused(AwsError),
}

/// A one-off task as ECS shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenTask {
    /// Its ARN.
    pub arn: String,
    /// How it ended, once it has.
    pub stopped: Option<StoppedTask>,
}

/// `startedBy` of a task that a deploy runs, which tells it from its others: the first is 0.
fn started_by(deploy: &DeployId, number: usize) -> String {
    match number {
        0 => format!("longshore/{deploy}"),
        more => format!("longshore/{deploy}/{more}"),
    }
}

impl EcsTarget {
    /// Runs a task once, where and as the lease's service runs its own: the same network, launch
    /// type or capacity providers, placement, platform version, volumes and tags. What a task of its
    /// own cannot have is left out: load balancers, service connect and service discovery. The token
    /// is the deploy's and the task's number, so that the same call made twice starts one task.
    pub(crate) async fn run_once(&self, held: &LeaseHeld<'_>, task: OneOff<'_>) -> RunOutcome {
        let service = match self.as_it_runs(held.service(), task.revision).await {
            Ok(service) => service,
            Err(error) if error.is_transient() => return RunOutcome::TryLater(error),
            Err(error) => return RunOutcome::Refused(error),
        };
        let command = (!task.command.is_empty()).then(|| {
            let container = ContainerOverride::builder()
                .name(task.container)
                .set_command(Some(task.command.to_vec()));
            TaskOverride::builder()
                .container_overrides(container.build())
                .build()
        });
        let by = started_by(task.tags.deploy, task.number);
        let answer = self
            .client
            .run_task()
            .cluster(&self.cluster)
            .task_definition(task.revision)
            .count(1)
            .client_token(by.replace('/', "-"))
            .started_by(by)
            .set_overrides(command)
            .set_tags(Some(own_tags(task.tags)))
            .customize()
            .map_request(with_members(service))
            .send()
            .await;
        let output = match answer {
            Ok(output) => output,
            Err(error) => return no_task(AwsError::from_sdk("ecs", "RunTask", error)),
        };
        let started = output.tasks().first().and_then(Task::task_arn);
        match (started, output.failures().first()) {
            (Some(arn), _) => RunOutcome::Started(arn.to_owned()),
            (None, Some(failure)) => {
                let words = [failure.reason(), failure.detail()].into_iter().flatten();
                RunOutcome::NotPlaced(heard(&words.collect::<Vec<_>>().join(": ")))
            }
            // An earlier call started it, and ECS does not show it any more.
            (None, None) => RunOutcome::Unknown(AwsError::incomplete("ecs", "RunTask", "task")),
        }
    }

    /// The volumes that a service has configured for its tasks, by name.
    ///
    /// # Errors
    ///
    /// Whatever AWS says.
    pub(crate) async fn launch_volumes(&self, service: &str) -> Result<Vec<String>, AwsError> {
        let volumes = volumes_of(&self.service_document(service).await?);
        let volumes = volumes.map_err(|error| unreadable("ecs", "DescribeServices", &error))?;
        Ok(volumes
            .iter()
            .filter_map(|volume| volume.text("name"))
            .collect())
    }

    /// Where and how a service runs its tasks, as ECS wrote it, in members of `RunTask`.
    async fn as_it_runs(&self, service: &str, revision: &str) -> Result<Document, AwsError> {
        let mut found = self.service_document(service).await?;
        let unreadable = |error| unreadable("ecs", "DescribeServices", &error);
        let mut volumes = volumes_of(&found).map_err(unreadable)?;
        if !volumes.is_empty() {
            // ECS refuses any that the task definition does not leave to the launch.
            let definition = self.describe_task_definition(revision).await?;
            let wanted = definition.map(|full| full.seen.launch_volumes);
            let wanted = wanted.unwrap_or_default();
            volumes.retain(|volume| {
                volume
                    .text("name")
                    .is_some_and(|name| wanted.contains(&name))
            });
        }
        let holds = |member: &str| found.get(member).is_some_and(|list| list != "[]");
        let provided = holds("capacityProviderStrategy");
        let placed = (holds("placementConstraints"), holds("placementStrategy"));
        // RunTask takes tags from the task definition, and refuses the service's.
        let tagged = found.text("propagateTags").as_deref() == Some("TASK_DEFINITION");
        found.retain(|member| match member {
            "networkConfiguration" | "platformVersion" | "enableECSManagedTags" => true,
            "placementConstraints" => placed.0,
            "placementStrategy" => placed.1,
            "propagateTags" => tagged,
            // One excludes the other.
            "capacityProviderStrategy" => provided,
            "launchType" => !provided,
            _ => false,
        });
        if !volumes.is_empty() {
            let volumes: Result<Vec<Document>, _> = volumes.into_iter().map(for_a_task).collect();
            let volumes = volumes.map_err(unreadable)?;
            found
                .set("volumeConfigurations", &volumes)
                .map_err(unreadable)?;
        }
        Ok(found)
    }

    async fn service_document(&self, service: &str) -> Result<Document, AwsError> {
        const OPERATION: &str = "DescribeServices";
        let body = KeepBody::default();
        let answer = self
            .client
            .describe_services()
            .cluster(&self.cluster)
            .services(service)
            .customize()
            .interceptor(body.clone())
            .send()
            .await;
        let body = body.of(answer, "ecs", OPERATION)?;
        let found = Document::read_list(body.get("services").unwrap_or("[]"));
        let found = found.map_err(|error| unreadable("ecs", OPERATION, &error))?;
        let found = found.into_iter().next();
        found.ok_or_else(|| AwsError::missing("ecs", OPERATION, service))
    }

    /// The task of this number that a deploy has run, if ECS shows it: while it runs, and for about an
    /// hour after. Running ones are listed by who started them, which ECS takes for a filter only
    /// alone, and so not for stopped ones: among those of the family, a thousand are looked at.
    ///
    /// # Errors
    ///
    /// Whatever AWS says.
    pub(crate) async fn find_one_off(
        &self,
        family: &str,
        deploy: &DeployId,
        number: usize,
    ) -> Result<Option<SeenTask>, AwsError> {
        let by = started_by(deploy, number);
        let running = self.client.list_tasks().started_by(&by);
        let stopped = self.client.list_tasks().family(family);
        for list in [running, stopped.desired_status(DesiredStatus::Stopped)] {
            let arns = self.list_tasks(list).await?;
            let tasks = self.describe_tasks(&arns).await?;
            let ours = |task: &Task| task.started_by.as_deref() == Some(&by);
            if let Some(task) = tasks.into_iter().find(ours) {
                return Ok(seen(task));
            }
        }
        Ok(None)
    }

    /// A one-off task by its ARN; `None` where ECS does not show it.
    ///
    /// # Errors
    ///
    /// Whatever AWS says.
    pub async fn one_off(&self, arn: &str) -> Result<Option<SeenTask>, AwsError> {
        let tasks = self.describe_tasks(&[arn.to_owned()]).await?;
        Ok(tasks.into_iter().next().and_then(seen))
    }

    /// Asks ECS to stop a one-off task. One that has ended stays as it ended.
    ///
    /// # Errors
    ///
    /// Whatever AWS says.
    pub(crate) async fn stop_one_off(
        &self,
        _held: &LeaseHeld<'_>,
        arn: &str,
        reason: &str,
    ) -> Result<(), AwsError> {
        self.client
            .stop_task()
            .cluster(&self.cluster)
            .task(arn)
            .reason(reason)
            .send()
            .await
            .map(drop)
            .map_err(|error| AwsError::from_sdk("ecs", "StopTask", error))
    }
}

/// What a service configures of its tasks' volumes, which ECS shows with its newest deployment.
fn volumes_of(service: &Document) -> Result<Vec<Document>, NotADocument> {
    let deployments = Document::read_list(service.get("deployments").unwrap_or("[]"))?;
    let mut deployments = deployments.into_iter();
    let primary = deployments.find(|one| one.text("status").as_deref() == Some("PRIMARY"));
    let volumes = primary
        .as_ref()
        .and_then(|one| one.get("volumeConfigurations"));
    Document::read_list(volumes.unwrap_or("[]"))
}

/// A service's volume as one of a task of its own: every member means the same there, which a test
/// holds against ECS's model. The disk goes with the task, as the service's own do.
fn for_a_task(mut volume: Document) -> Result<Document, NotADocument> {
    if let Some(mut disk) = volume.object("managedEBSVolume") {
        let goes = serde_json::json!({ "deleteOnTermination": true });
        disk.set("terminationPolicy", &goes)?;
        volume.set("managedEBSVolume", &disk)?;
    }
    Ok(volume)
}

fn no_task(error: AwsError) -> RunOutcome {
    match error {
        error if error.unknown_outcome() => RunOutcome::Unknown(error),
        error if error.is_transient() => RunOutcome::TryLater(error),
        error => RunOutcome::Refused(error),
    }
}

fn seen(task: Task) -> Option<SeenTask> {
    let ended = task.last_status.as_deref() == Some("STOPPED");
    Some(SeenTask {
        arn: task.task_arn.clone()?,
        stopped: ended.then(|| stopped(task)),
    })
}
