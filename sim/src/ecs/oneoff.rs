//! Tasks that belong to no service: `RunTask` and `StopTask`, as strict as AWS about what they are
//! asked. A token is good for one set of parameters in its cluster
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html>); how a task
//! fares is a [`TaskScript`] of its family.

mod run;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) use self::run::{run_task, stop_task};
use super::{
    Ecs,
    ids::Home,
    place::Place,
    rollout::Surroundings,
    service::{LastStatus, RevisionContainer},
    show::seconds,
};
use crate::AwsError;

/// How a family's next task of its own goes. Every one after it exits with 0 again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskScript {
    /// Runs this long, then its first container exits with this code.
    Exits(Duration, i32),
    /// Runs until it is stopped.
    NeverEnds,
    /// Runs where the agent has lost touch with ECS: asked to stop, it is still shown as running.
    Unreachable,
    /// There is no room for it: `RunTask` answers with a failure and starts nothing.
    NotPlaced,
    /// Its image cannot be pulled.
    NotPulled,
}

impl Default for TaskScript {
    fn default() -> Self {
        Self::Exits(Duration::from_secs(20), 0)
    }
}

/// From `RunTask` to a running container.
const STARTUP: Duration = Duration::from_secs(12);
/// From `StopTask` to the end: the container heeds its SIGTERM.
const HEEDS: Duration = Duration::from_secs(3);
/// How long a stopped task can still be described.
const SHOWN_FOR: Duration = Duration::from_secs(3600);

/// Tasks of one place that belong to no service, with what `RunTask` remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct OneOffs {
    tasks: Vec<OneOff>,
    scripts: BTreeMap<String, VecDeque<TaskScript>>,
    /// Cluster and token → the request it was used for, and the task that came of it.
    tokens: BTreeMap<(String, String), (Value, String)>,
    /// Tasks ever started, by family.
    pub(super) started: BTreeMap<String, usize>,
}

#[derive(Clone, Debug)]
pub(super) struct OneOff {
    pub(super) cluster: String,
    pub(super) id: String,
    pub(super) family: String,
    pub(super) started_by: String,
    task_definition: String,
    containers: Vec<RevisionContainer>,
    settings: Vec<(&'static str, Value)>,
    overrides: Value,
    tags: Vec<Value>,
    script: TaskScript,
    last: LastStatus,
    created: Timestamp,
    started: Option<Timestamp>,
    stopping: Option<Timestamp>,
    stopped: Option<Timestamp>,
    stop_code: Option<&'static str>,
    stopped_reason: Option<String>,
    exit_code: Option<i32>,
}

impl OneOff {
    /// Whether it is listed as `RUNNING`, not as `STOPPED`: that filter is on the desired status.
    pub(super) fn wanted(&self) -> bool {
        self.stopping.is_none()
    }

    pub(super) fn arn(&self, home: &Home) -> String {
        home.arn(&format!("task/{}/{}", self.cluster, self.id))
    }

    fn end(&mut self, at: Timestamp, code: &'static str, reason: String, exit: Option<i32>) {
        self.stopping.get_or_insert(at);
        self.stopped = Some(at);
        self.last = LastStatus::Stopped;
        self.stop_code.get_or_insert(code);
        self.stopped_reason.get_or_insert(reason);
        self.exit_code = exit;
    }

    fn advance(&mut self, home: &Home, now: Timestamp, around: &mut Surroundings<'_>) {
        if self.last == LastStatus::Stopped {
            return;
        }
        let runs = self.created + around.lasts(STARTUP);
        let heeds = self.script != TaskScript::Unreachable;
        let dies = self.stopping.filter(|_| heeds);
        let dies = dies.map(|at| at + around.lasts(HEEDS));
        if self.last == LastStatus::Pending && runs <= now && dies.is_none() {
            let image = self
                .containers
                .iter()
                .find(|container| around.ecr.resolve(&container.image).is_err())
                .or(self
                    .containers
                    .first()
                    .filter(|_| self.script == TaskScript::NotPulled))
                .map(|container| container.image.clone());
            if let Some(image) = image {
                let reason = format!(
                    "CannotPullContainerError: pull image manifest has been retried 1 time(s): \
                     failed to resolve ref {image}: {image}: not found"
                );
                self.end(runs, "TaskFailedToStart", reason, None);
                return;
            }
            self.last = LastStatus::Running;
            self.started = Some(runs);
        }
        if let Some(dies) = dies {
            if dies <= now {
                let exit = (self.last == LastStatus::Running).then_some(143);
                self.end(dies, "UserInitiated", String::new(), exit);
            }
            return;
        }
        if let (LastStatus::Running, TaskScript::Exits(after, code)) = (self.last, &self.script) {
            let (at, code) = (runs + around.lasts(*after), *code);
            if at <= now {
                self.last_words(home, at, code, around);
                let reason = "Essential container in task exited".to_owned();
                self.end(at, "EssentialContainerExited", reason, Some(code));
            }
        }
    }

    fn last_words(&self, home: &Home, at: Timestamp, code: i32, around: &mut Surroundings<'_>) {
        for container in &self.containers {
            if let Some((group, prefix)) = &container.log {
                let stream = format!("{prefix}/{}/{}", container.name, self.id);
                let lines: &[&str] = match code {
                    0 => &["3 migrations applied"],
                    _ => &[
                        "applying 0007_add_index",
                        "fatal: relation \"orders\" does not exist",
                    ],
                };
                let (account, region) = (&home.account, &home.region);
                around.logs.put(account, region, group, &stream, lines, at);
            }
        }
    }

    /// An entry of `DescribeTasks`.
    pub(super) fn document(&self, home: &Home, with_tags: bool) -> Value {
        let last = match self.last {
            LastStatus::Pending => "PENDING",
            LastStatus::Running => "RUNNING",
            LastStatus::Stopped => "STOPPED",
        };
        let arn = self.arn(home);
        let containers = self.containers.iter().enumerate().map(|(index, container)| {
            let mut document = json!({
                "containerArn": home.arn(&format!("container/{}/{}-{}", self.cluster, self.id, container.name)),
                "taskArn": arn,
                "name": container.name,
                "image": container.image,
                "lastStatus": last,
                "networkInterfaces": [],
                "healthStatus": "UNKNOWN",
            });
            if let (Some(_), Some(digest)) = (self.started, &container.digest) {
                document["imageDigest"] = json!(digest);
            }
            // The others are stopped because the first has ended.
            let exit = self.exit_code.map(|code| if index == 0 { code } else { 143 });
            if let Some(code) = exit {
                document["exitCode"] = json!(code);
            } else if let (Some("TaskFailedToStart"), 0) = (self.stop_code, index) {
                document["reason"] = json!(self.stopped_reason);
            }
            document
        });
        let mut document = json!({
            "taskArn": arn,
            "clusterArn": home.arn(&format!("cluster/{}", self.cluster)),
            "taskDefinitionArn": self.task_definition,
            "group": format!("family:{}", self.family),
            "lastStatus": last,
            "desiredStatus": if self.wanted() { "RUNNING" } else { "STOPPED" },
            "containers": containers.collect::<Vec<_>>(),
            "createdAt": seconds(self.created),
            "attachments": [],
            "attributes": [],
            "overrides": self.overrides,
            "version": 1,
        });
        let times = [
            ("startedAt", self.started),
            ("stoppingAt", self.stopping),
            ("stoppedAt", self.stopped),
        ];
        for (member, at) in times {
            if let Some(at) = at {
                document[member] = seconds(at);
            }
        }
        if !self.started_by.is_empty() {
            document["startedBy"] = json!(self.started_by);
        }
        if let (Some(code), Some(_)) = (self.stop_code, self.stopping) {
            document["stopCode"] = json!(code);
            document["stoppedReason"] = json!(self.stopped_reason);
        }
        for (member, value) in &self.settings {
            document[*member] = value.clone();
        }
        if with_tags {
            document["tags"] = json!(self.tags);
        }
        document
    }
}

impl OneOffs {
    pub(super) fn advance(&mut self, home: &Home, now: Timestamp, around: &mut Surroundings<'_>) {
        for task in &mut self.tasks {
            task.advance(home, now, around);
        }
        let gone = |at: Timestamp| at + around.lasts(SHOWN_FOR) <= now;
        self.tasks.retain(|task| !task.stopped.is_some_and(gone));
    }

    /// Those of a cluster.
    pub(super) fn of<'a>(&'a self, cluster: &'a str) -> impl Iterator<Item = &'a OneOff> {
        self.tasks
            .iter()
            .filter(move |task| task.cluster == cluster)
    }
}

impl Ecs {
    /// How the next task of this family that belongs to no service goes, in every account.
    pub fn set_task_script(&mut self, family: &str, script: &TaskScript) {
        for place in self.places.values_mut() {
            let scripts = place.one_offs.scripts.entry(family.to_owned()).or_default();
            scripts.clear();
            scripts.push_back(script.clone());
        }
    }

    /// The tasks of this family are gone without a trace, with the instance they ran on.
    pub fn lose_tasks(&mut self, family: &str) {
        for place in self.places.values_mut() {
            place.one_offs.tasks.retain(|task| task.family != family);
        }
    }

    /// How many tasks of this family were ever started by `RunTask`.
    pub fn tasks_run(&self, family: &str) -> usize {
        let places = self.places.values();
        places
            .filter_map(|place| place.one_offs.started.get(family))
            .sum()
    }

    /// Registers a task definition (a `RegisterTaskDefinition` request) before the story starts.
    ///
    /// # Errors
    /// What registering it would be refused with.
    pub fn add_definition(
        &mut self,
        now: Timestamp,
        (account, region): (&str, &str),
        request: &Value,
    ) -> Result<String, AwsError> {
        let home = Home::new(account, region);
        let place = self
            .places
            .entry(home.clone())
            .or_insert_with(|| Place::new(&home));
        let family = request
            .get("family")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let known = place.families.entry(family.to_owned()).or_default();
        let by = home.arn("root").replacen(":ecs:", ":iam:", 1);
        Ok(super::definition::register(&home, known, now, request, &by)?.arn)
    }
}
