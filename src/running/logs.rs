//! What a running task has written lately, and whose it is: which container's log is read, and why there is
//! nothing to show.

use jiff::Timestamp;

use crate::config::Target;
use crate::names::{AppName, ContainerName, EnvName};
use crate::task_definition::{AwsLogs, Container, TaskDefinition};

/// A task that ECS wants to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningTask {
    /// Its id, the last part of its ARN.
    pub id: String,
    /// The ARN of its revision.
    pub definition: String,
    /// Since when it runs, by ECS's clock; `None` while it starts.
    pub since: Option<Timestamp>,
}

/// The last lines of one service, or why there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The application.
    pub application: AppName,
    /// The environment.
    pub environment: EnvName,
    /// The ECS service.
    pub service: String,
    /// The application's other services there, where the asker named none.
    pub others: Vec<String>,
    /// What was found.
    pub found: Result<TailLines, NoLines>,
}

/// Lines, and where they are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TailLines {
    /// The task's id.
    pub task: String,
    /// The ARN of its revision.
    pub revision: String,
    /// How many tasks of the service run.
    pub tasks: usize,
    /// The container.
    pub container: String,
    /// The task's other containers.
    pub others: Vec<String>,
    /// The lines, the newest last.
    pub lines: Vec<String>,
}

/// Why there are no lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoLines {
    /// There is no such service, in the configuration or in ECS.
    NoService,
    /// No task runs; so many are starting.
    NoTask {
        /// How many.
        starting: usize,
    },
    /// The tasks have no such container.
    NoContainer {
        /// Which was asked for.
        container: String,
    },
    /// The container's log does not go to CloudWatch Logs.
    Elsewhere {
        /// Which.
        container: String,
    },
    /// It goes there without a prefix, so that nobody can tell which stream it is.
    NoPrefix {
        /// Which.
        container: String,
    },
    /// It goes to another region than the environment's.
    OtherRegion {
        /// Which.
        container: String,
        /// The region.
        region: String,
    },
    /// It has written nothing yet.
    Nothing {
        /// Which.
        container: String,
        /// The task's id.
        task: String,
        /// The log group.
        group: String,
    },
    /// The deploy role may not read the log group.
    Denied {
        /// The log group.
        group: String,
        /// The action, in AWS's spelling.
        action: String,
    },
    /// Something could not be read.
    Unread {
        /// Why, as a clause in plain text.
        why: String,
        /// The role it was to be read with, where that is what is wrong.
        role: Option<String>,
    },
}

/// The task that began last, of those that run.
pub(crate) fn newest(tasks: &[RunningTask]) -> Result<&RunningTask, NoLines> {
    let running = tasks.iter().filter(|task| task.since.is_some());
    let newest = running.max_by_key(|task| (task.since, &task.id));
    newest.ok_or(NoLines::NoTask {
        starting: tasks.len(),
    })
}

/// Whose log is read, by the container's name, and where it goes: of the application's own containers, or of
/// the one that was named, the first that writes to CloudWatch Logs.
pub(crate) fn written_by<'d>(
    definition: &'d TaskDefinition,
    target: &Target,
    image: Option<&ContainerName>,
) -> Result<(&'d str, &'d AwsLogs), NoLines> {
    let own = own_containers(definition, target, image);
    let own = match (own.is_empty(), image) {
        (false, _) => own,
        (true, Some(image)) => {
            let container = image.to_string();
            return Err(NoLines::NoContainer { container });
        }
        // It runs an image from elsewhere: whatever writes a log is better than nothing.
        (true, None) => definition.containers.iter().collect(),
    };
    let first = own.iter().find(|container| container.logs.is_some());
    let Some(chosen) = first.or(own.first()) else {
        return Err(NoLines::NoContainer {
            container: target.application.to_string(),
        });
    };
    let container = || chosen.name.clone();
    let Some(logs) = &chosen.logs else {
        return Err(NoLines::Elsewhere {
            container: container(),
        });
    };
    if logs.prefix.is_none() {
        return Err(NoLines::NoPrefix {
            container: container(),
        });
    }
    match &logs.region {
        Some(region) if region != target.region.as_str() => Err(NoLines::OtherRegion {
            container: container(),
            region: region.clone(),
        }),
        _ => Ok((&chosen.name, logs)),
    }
}

fn own_containers<'d>(
    definition: &'d TaskDefinition,
    target: &Target,
    image: Option<&ContainerName>,
) -> Vec<&'d Container> {
    let Some(source) = target.source_of(image) else {
        return Vec::new();
    };
    let names = match &source.containers {
        Some(names) => names.clone(),
        None => definition.containers_from(&source.image.uri()),
    };
    let runs_its_own = |name: &str| target.images.keys().any(|one| one.as_str() == name);
    let containers = definition.containers.iter();
    let named = containers.filter(|one| names.contains(&one.name));
    named
        .filter(|one| image.is_some() || !runs_its_own(&one.name))
        .collect()
}
