//! A task definition as decisions see it: which images its containers run, whose revision it is,
//! and in what it differs from another.
//!
//! It is never stored and never shown whole: environment variables hold secrets more often than
//! anybody admits, so their values are kept as hashes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::evidence::heard;
use crate::names::arn::last_part;
use crate::names::image_reference::{digest_of, is_from};

/// The tag that names the deploy a revision was registered for.
pub(crate) const DEPLOY_TAG: &str = "longshore:deploy";
/// The tag that names the commit it runs.
pub(crate) const COMMIT_TAG: &str = "longshore:commit";

/// What `DescribeTaskDefinition` says of a revision and `RegisterTaskDefinition` does not take: ECS adds it
/// by itself. Held against the service's newest model by a test.
pub(crate) const READ_ONLY: [&str; 9] = [
    "compatibilities",
    "deleteRequestedAt",
    "deregisteredAt",
    "registeredAt",
    "registeredBy",
    "requiresAttributes",
    "revision",
    "status",
    "taskDefinitionArn",
];

/// Whether a revision can be deployed. Only `Active` can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevisionStatus {
    /// It can.
    Active,
    /// It was deregistered: what runs goes on, but nothing new starts.
    Inactive,
    /// It is being deleted.
    DeleteInProgress,
    /// A state this version does not know: taken as "cannot".
    Other,
}

/// One revision of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDefinition {
    /// Its full ARN.
    pub arn: String,
    /// Its family.
    pub family: String,
    /// Its number in the family.
    pub revision: i32,
    /// ECS's status of the revision; only an ACTIVE one can be deployed.
    pub status: RevisionStatus,
    /// Its containers, in order.
    pub containers: Vec<Container>,
    /// The machines that its tasks run on, as far as it tells.
    pub platform: TaskPlatform,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The principal that registered it.
    pub registered_by: Option<String>,
    /// When it was registered, by ECS's clock.
    pub registered_at: Option<Timestamp>,
    /// Names of the volumes that are configured when a task is launched.
    pub launch_volumes: Vec<String>,
    settings: BTreeMap<String, String>,
}

/// The machines that tasks run on, in the words of OCI's
/// [image index](https://github.com/opencontainers/image-spec/blob/main/image-index.md).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskPlatform {
    /// `linux` or `windows`.
    pub os: Option<&'static str>,
    /// `amd64`, `arm64`.
    pub architecture: Option<String>,
}

/// One container of a task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image: `repository:tag` or `repository@digest`.
    pub image: String,
    /// Whether the task ends with it.
    pub essential: bool,
    /// Where its log goes, if to CloudWatch.
    pub logs: Option<AwsLogs>,
}

/// The options of the `awslogs` driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsLogs {
    /// The log group.
    pub group: String,
    /// The region, where it is given.
    pub region: Option<String>,
    /// The prefix of the streams' names; without one they cannot be told.
    pub prefix: Option<String>,
}

impl AwsLogs {
    /// The stream that `container` of the task `task_id` writes:
    /// [`prefix/container/task`](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html).
    pub fn stream(&self, container: &str, task_id: &str) -> Option<String> {
        let prefix = self.prefix.as_deref()?;
        Some(format!("{prefix}/{container}/{task_id}"))
    }
}

/// What `registered` is about in [`TaskDefinition::new`].
#[derive(Clone, Debug, Default)]
pub struct Registered {
    /// The principal that registered it.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

fn launch_volumes(document: &Value) -> Vec<String> {
    let volumes = document["volumes"].as_array();
    let at_launch = volumes
        .into_iter()
        .flatten()
        .filter(|volume| volume["configuredAtLaunch"] == true);
    at_launch
        .filter_map(|volume| volume["name"].as_str().map(str::to_owned))
        .collect()
}

/// Which revision it is, in [`TaskDefinition::new`].
#[derive(Clone, Debug)]
pub struct RevisionName {
    /// Its ARN.
    pub arn: String,
    /// Its family.
    pub family: String,
    /// Its number.
    pub revision: i32,
}

impl TaskDefinition {
    /// A revision as ECS describes it. `document` is the whole description in ECS's own JSON, from
    /// which the differences are told.
    pub fn new(
        name: RevisionName,
        status: RevisionStatus,
        tags: BTreeMap<String, String>,
        registered: Registered,
        document: &Value,
    ) -> Self {
        let containers = document["containerDefinitions"].as_array();
        Self {
            arn: name.arn,
            family: name.family,
            revision: name.revision,
            status,
            containers: containers
                .map(|all| all.iter().map(container).collect())
                .unwrap_or_default(),
            platform: platform(document),
            tags,
            registered_by: registered.by,
            registered_at: registered.at,
            launch_volumes: launch_volumes(document),
            settings: settings(document),
        }
    }

    /// The image of the container of that name.
    pub fn image(&self, container: &str) -> Option<&str> {
        let found = self.containers.iter().find(|c| c.name == container);
        found.map(|c| c.image.as_str())
    }

    /// The containers that name a tag, or neither tag nor digest.
    pub fn tagged(&self) -> impl Iterator<Item = &Container> {
        let tagged = |one: &&Container| digest_of(&one.image).is_none();
        self.containers.iter().filter(tagged)
    }

    /// Whether every container names its image by digest.
    pub(crate) fn is_pinned(&self) -> bool {
        self.tagged().next().is_none()
    }

    /// The names of the containers whose image comes from `repository`, whatever its tag or digest,
    /// and by whichever of its names.
    pub(crate) fn containers_from(&self, repository: &str) -> Vec<String> {
        self.containers
            .iter()
            .filter(|container| is_from(&container.image, repository))
            .map(|container| container.name.clone())
            .collect()
    }

    /// Whether a copy of it can be registered: also of one that was deregistered.
    pub(crate) fn can_be_copied(&self) -> bool {
        match self.status {
            RevisionStatus::Active | RevisionStatus::Inactive => true,
            RevisionStatus::DeleteInProgress | RevisionStatus::Other => false,
        }
    }

    /// In what `to` differs from this, beyond the images of its containers: one line each, in plain
    /// text, `limit` at most and then how many more. Values appear only where they are no secrets.
    pub(crate) fn differences(&self, to: &Self, limit: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (path, before) in &self.settings {
            match to.settings.get(path) {
                None => lines.push(format!("{}: removed", heard(path))),
                Some(after) if after != before => lines.push(changed(path, before, after)),
                Some(_) => {}
            }
        }
        for (path, after) in &to.settings {
            if !self.settings.contains_key(path) {
                let value = shown(after);
                let value = value.map_or_else(String::new, |value| format!(" {}", heard(value)));
                lines.push(format!("{}: added{value}", heard(path)));
            }
        }
        lines.sort();
        if lines.len() > limit {
            let more = lines.len() - limit;
            lines.truncate(limit);
            lines.push(format!("and {more} more"));
        }
        lines
    }
}

/// The family in a task definition's ARN, or in `family:revision`.
pub(crate) fn family_of(arn: &str) -> &str {
    let name = last_part(arn);
    name.split_once(':').map_or(name, |(family, _)| family)
}

/// [`runtimePlatform`](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#runtime-platform),
/// which on Fargate is Linux on X86_64 where nothing is written. On EC2 it is whatever the instances are.
fn platform(document: &Value) -> TaskPlatform {
    let written = |member: &str| document["runtimePlatform"][member].as_str();
    let on = document["requiresCompatibilities"].as_array();
    let fargate = on.is_some_and(|on| !on.is_empty() && on.iter().all(|one| one == "FARGATE"));
    let architecture = match written("cpuArchitecture") {
        Some("X86_64") => Some("amd64"),
        Some("ARM64") => Some("arm64"),
        Some(_) => None,
        None => fargate.then_some("amd64"),
    };
    let os = match written("operatingSystemFamily") {
        Some("LINUX") => Some("linux"),
        Some(family) if family.starts_with("WINDOWS") => Some("windows"),
        Some(_) => None,
        None => fargate.then_some("linux"),
    };
    TaskPlatform {
        os,
        architecture: architecture.map(str::to_owned),
    }
}

fn container(definition: &Value) -> Container {
    let log = &definition["logConfiguration"];
    let option = |name: &str| log["options"][name].as_str().map(str::to_owned);
    let logs = match (log["logDriver"].as_str(), option("awslogs-group")) {
        (Some("awslogs"), Some(group)) => Some(AwsLogs {
            group,
            region: option("awslogs-region"),
            prefix: option("awslogs-stream-prefix"),
        }),
        _ => None,
    };
    Container {
        name: text(&definition["name"]),
        image: text(&definition["image"]),
        essential: definition["essential"].as_bool().unwrap_or(true),
        logs,
    }
}

fn settings(document: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (key, value) in document.as_object().into_iter().flatten() {
        if key == "containerDefinitions" {
            for container in value.as_array().into_iter().flatten() {
                let mut container = container.clone();
                if let Some(fields) = container.as_object_mut() {
                    fields.remove("image");
                }
                flatten(&text(&container["name"]), &container, &mut found);
            }
        } else if key != "family" && !READ_ONLY.contains(&key.as_str()) {
            flatten(key, value, &mut found);
        }
    }
    found
}

/// Every leaf under its path. Lists of named things are told apart by their names, so that a new
/// one in the middle is one difference.
fn flatten(path: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(&format!("{path} {key}"), value, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = item["name"].as_str();
                if let (Some(name), Some("environment" | "secrets")) =
                    (name, path.rsplit(' ').next())
                {
                    // Whatever else it has beside its value.
                    let hash = Sha256::digest(item.to_string());
                    found.insert(format!("{path} {name}"), hidden(&hash));
                } else {
                    let label = name.map_or_else(|| (index + 1).to_string(), str::to_owned);
                    flatten(&format!("{path} {label}"), item, found);
                }
            }
        }
        Value::Bool(_) | Value::Number(_) => {
            found.insert(path.to_owned(), value.to_string());
        }
        Value::String(text) => {
            let kept = if may_be_shown(path) {
                text.clone()
            } else {
                hidden(&Sha256::digest(text))
            };
            found.insert(path.to_owned(), kept);
        }
    }
}

const HIDDEN: char = '#';

fn hidden(hash: &[u8]) -> String {
    format!("{HIDDEN}{}", crate::names::digest::hex(hash))
}

fn may_be_shown(path: &str) -> bool {
    const KEYS: [&str; 14] = [
        "cpu",
        "memory",
        "networkMode",
        "taskRoleArn",
        "executionRoleArn",
        "pidMode",
        "ipcMode",
        "cpuArchitecture",
        "operatingSystemFamily",
        "protocol",
        "logDriver",
        "awslogs-group",
        "condition",
        "containerName",
    ];
    path.rsplit(' ')
        .next()
        .is_some_and(|key| KEYS.contains(&key))
}

fn shown(value: &str) -> Option<&str> {
    (!value.starts_with(HIDDEN)).then_some(value)
}

fn changed(path: &str, before: &str, after: &str) -> String {
    // Part by part: what a secret is called is no secret, and beside it a word would be taken for one.
    let name = heard(path);
    match (shown(before), shown(after)) {
        (Some(before), Some(after)) => format!("{name}: {} → {}", heard(before), heard(after)),
        _ if path.contains(" secrets ") => format!("{name}: another reference"),
        _ => format!("{name}: changed"),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definition(document: &Value) -> TaskDefinition {
        TaskDefinition::new(
            RevisionName {
                arn: "arn:aws:ecs:eu-west-1:1:task-definition/web:7".to_owned(),
                family: "web".to_owned(),
                revision: 7,
            },
            RevisionStatus::Active,
            BTreeMap::new(),
            Registered::default(),
            document,
        )
    }

    #[test]
    fn a_revisions_name_is_read_from_its_arn() {
        let arn = "arn:aws:ecs:eu-west-1:111111111111:task-definition/web-api:42";
        assert_eq!((family_of(arn), last_part(arn)), ("web-api", "web-api:42"));
        assert_eq!(family_of("web-api"), "web-api");
    }

    #[test]
    fn differences_name_what_changed_and_never_show_what_may_be_secret() {
        let from = definition(&json!({
            "cpu": "256", "revision": 7, "registeredAt": 1.0,
            "containerDefinitions": [{
                "name": "app", "image": "r/web:1", "essential": true, "command": ["serve"],
                "environment": [{"name": "DB", "value": "hush"}, {"name": "OLD", "value": "x"}],
                "secrets": [{"name": "DB_PASSWORD", "valueFrom": "hush"}],
                "portMappings": [{"containerPort": 80}],
            }],
        }));
        let to = definition(&json!({
            "cpu": "512", "revision": 9, "registeredAt": 2.0,
            "containerDefinitions": [{
                "name": "app", "image": "r/web:2", "essential": true, "command": ["serve", "-v"],
                "environment": [{"name": "NEW", "value": "shh"}, {"name": "DB", "value": "hush!"}],
                "secrets": [{"name": "DB_PASSWORD", "valueFrom": "hush!"}],
                "portMappings": [{"containerPort": 8080}],
            }],
        }));
        assert_eq!(
            from.differences(&to, 10),
            [
                "app command 2: added",
                "app environment DB: changed",
                "app environment NEW: added",
                "app environment OLD: removed",
                "app portMappings 1 containerPort: 80 → 8080",
                "app secrets DB_PASSWORD: another reference",
                "cpu: 256 → 512",
            ]
        );
        assert_eq!(
            from.differences(&to, 1),
            ["app command 2: added", "and 6 more"]
        );
        assert!(from.differences(&from, 10).is_empty());
        assert!(!format!("{from:?}").contains("hush"));
    }

    #[test]
    fn the_machines_are_told_by_the_definition_or_by_fargate() {
        let platform = |on: Value, written: Value| {
            let document = json!({ "requiresCompatibilities": on, "runtimePlatform": written });
            let found = definition(&document).platform;
            (found.os, found.architecture)
        };
        let words = |os, architecture: Option<&str>| (os, architecture.map(str::to_owned));
        let arm = json!({ "cpuArchitecture": "ARM64" });
        let windows = json!({ "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE" });
        for (on, written, expected) in [
            (
                json!(["FARGATE"]),
                json!(null),
                words(Some("linux"), Some("amd64")),
            ),
            (
                json!(["FARGATE"]),
                arm.clone(),
                words(Some("linux"), Some("arm64")),
            ),
            (
                json!(["FARGATE"]),
                windows,
                words(Some("windows"), Some("amd64")),
            ),
            (json!(["EC2"]), json!(null), words(None, None)),
            (json!(["EC2"]), arm, words(None, Some("arm64"))),
            (json!(["EC2", "FARGATE"]), json!(null), words(None, None)),
            (
                json!(null),
                json!({ "cpuArchitecture": "RISCV" }),
                words(None, None),
            ),
        ] {
            assert_eq!(platform(on.clone(), written), expected, "{on}");
        }
    }

    #[test]
    fn containers_are_found_by_their_repository_and_logs_by_their_prefix() {
        let definition = definition(&json!({"containerDefinitions": [
            {"name": "app", "image": "r.example/web:1", "logConfiguration": {"logDriver": "awslogs",
             "options": {"awslogs-group": "/ecs/web", "awslogs-stream-prefix": "ecs"}}},
            {"name": "proxy", "image": "r.example/web-proxy:1"},
        ]}));
        assert_eq!(definition.containers_from("r.example/web"), ["app"]);
        assert_eq!(definition.containers_from("R.Example/web:2"), ["app"]);
        let logs = definition.containers[0].logs.clone().unwrap();
        assert_eq!(logs.stream("app", "0123").unwrap(), "ecs/app/0123");
    }
}
