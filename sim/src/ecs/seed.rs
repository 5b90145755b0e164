//! Services that exist before the story starts, for tests and demos: steady, with a past.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{
    Ecs, definition,
    ids::Home,
    place::{Place, revise},
    script::{Fate, Script},
    service::{
        Controller, Deployment, LastStatus, Monitor, Rollout, RolloutState, Service, Status, Task,
        TaskContainer,
    },
};
use crate::{AwsError, State};

/// The circuit breaker of a seeded service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Breaker {
    /// On, and rolls back.
    #[default]
    RollsBack,
    /// On, and only stops.
    Stops,
    /// Off.
    Off,
}

impl Breaker {
    pub(super) fn document(self) -> Value {
        json!({ "enable": self != Self::Off, "rollback": self == Self::RollsBack })
    }
}

/// A service that exists before the story starts: steady, its first service deployment long done.
#[derive(Clone, Debug)]
pub struct ServiceSeed {
    account: String,
    region: String,
    cluster: String,
    name: String,
    task_definition: Value,
    desired: u32,
    controller: Controller,
    breaker: Breaker,
    tags: Value,
}

impl ServiceSeed {
    /// A service of `desired` tasks. `task_definition` is a `RegisterTaskDefinition` request
    /// ([`task_definition`] makes one) and is registered, or the ARN of one that is.
    pub fn new(
        account: &str,
        region: &str,
        cluster: &str,
        name: &str,
        task_definition: Value,
    ) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            cluster: cluster.to_owned(),
            name: name.to_owned(),
            task_definition,
            desired: 2,
            controller: Controller::default(),
            breaker: Breaker::default(),
            tags: json!([]),
        }
    }

    /// How many tasks it runs; 2 unless told.
    #[must_use]
    pub fn desired(mut self, desired: u32) -> Self {
        self.desired = desired;
        self
    }

    /// Its deployment controller; `ECS` unless told.
    #[must_use]
    pub fn controller(mut self, controller: Controller) -> Self {
        self.controller = controller;
        self
    }

    /// Its circuit breaker; on and rolling back unless told.
    #[must_use]
    pub fn breaker(mut self, breaker: Breaker) -> Self {
        self.breaker = breaker;
        self
    }

    /// Its tags, as `[{"key": …, "value": …}]`.
    #[must_use]
    pub fn tags(mut self, tags: Value) -> Self {
        self.tags = tags;
        self
    }
}

/// A `RegisterTaskDefinition` request for Fargate: one container per `(name, image)`, logging to
/// `/ecs/FAMILY` with stream prefix `ecs`.
pub fn task_definition(
    account: &str,
    region: &str,
    family: &str,
    containers: &[(&str, &str)],
) -> Value {
    let containers: Vec<_> = containers
        .iter()
        .map(|(name, image)| {
            json!({
                "name": name,
                "image": image,
                "essential": true,
                "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                "environment": [{ "name": "PORT", "value": "8080" }],
                "logConfiguration": { "logDriver": "awslogs", "options": {
                    "awslogs-group": format!("/ecs/{family}"),
                    "awslogs-region": region,
                    "awslogs-stream-prefix": "ecs",
                } },
            })
        })
        .collect();
    json!({
        "family": family,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": format!("arn:aws:iam::{account}:role/{family}-execution"),
        "taskRoleArn": format!("arn:aws:iam::{account}:role/{family}-task"),
        "containerDefinitions": containers,
    })
}

/// Adds a service (and its cluster); answers its ARN.
///
/// # Errors
/// What registering its task definition would be refused with.
pub fn add_service(
    state: &mut State,
    now: Timestamp,
    seed: ServiceSeed,
) -> Result<String, AwsError> {
    let home = Home::new(&seed.account, &seed.region);
    let State { ecs, ecr, .. } = state;
    let Ecs { places, serial, .. } = ecs;
    let place = places
        .entry(home.clone())
        .or_insert_with(|| Place::new(&home));
    let past = now - SignedDuration::from_hours(24);
    let definition = match seed.task_definition.as_str() {
        Some(name) => place.runnable(name)?.clone(),
        None => {
            let family = seed
                .task_definition
                .get("family")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let mut known = place.families.get(family).cloned().unwrap_or_default();
            let by = home.arn("root").replacen(":ecs:", ":iam:", 1);
            let definition =
                definition::register(&home, &mut known, past, &seed.task_definition, &by)?;
            place.families.insert(family.to_owned(), known);
            definition
        }
    };
    let mut service = blank(&home, &seed.cluster, &seed.name, past);
    service.controller = seed.controller;
    service.task_definition.clone_from(&definition.arn);
    service.desired = seed.desired;
    service.configuration["deploymentCircuitBreaker"] = seed.breaker.document();
    service.tags = seed.tags;
    let revision = revise(&service.arn(), &definition, past, serial, ecr);
    let id = format!("ecs-svc/{}", serial.digits());
    let word = serial.word();
    let done = past + SignedDuration::from_secs(60);
    for _ in 0..seed.desired {
        let containers = revision.containers.iter().map(|container| TaskContainer {
            name: container.name.clone(),
            image: container.image.clone(),
            digest: ecr
                .pulled(&container.pulled(), revision.architecture)
                .ok()
                .flatten(),
            exit_code: None,
            reason: None,
        });
        service.tasks.push(Task {
            id: serial.hex(),
            deployment: id.clone(),
            started_by: id.clone(),
            revision: revision.arn.clone(),
            task_definition: definition.arn.clone(),
            containers: containers.collect(),
            last: LastStatus::Running,
            created: past,
            started: Some(done),
            stopping: None,
            stopped: None,
            stop_code: None,
            stopped_reason: None,
        });
    }
    service.deployments.push(Deployment {
        id: id.clone(),
        revision: revision.arn.clone(),
        task_definition: definition.arn.clone(),
        state: RolloutState::Completed,
        reason: format!("ECS deployment {id} completed."),
        failed_tasks: 0,
        begun: true,
        fate: Fate::Healthy,
        pace: Script::Happy.pace(),
        created: past,
        updated: done,
    });
    let monitor = if seed.breaker == Breaker::Off {
        Monitor::Disabled
    } else {
        Monitor::Complete
    };
    service.rollouts.push(Rollout {
        arn: home.arn(&format!(
            "service-deployment/{}/{}/{word}",
            seed.cluster, seed.name
        )),
        status: Status::Successful,
        reason: None,
        created: past,
        started: Some(past),
        finished: Some(done),
        stopped: None,
        updated: done,
        sources: Vec::new(),
        target: revision.arn.clone(),
        deployment: id.clone(),
        rollback: None,
        failures: 0,
        threshold: service.threshold(),
        breaker: monitor,
        alarms: Monitor::Disabled,
        configuration: service.configuration.clone(),
        script: Script::Happy,
        staging: None,
        frozen: Some((service.counts(&revision.arn), Vec::new())),
    });
    service.last_good = Some((revision.arn.clone(), id));
    service.revisions.push(revision);
    let arn = service.arn();
    place
        .clusters
        .entry(seed.cluster)
        .or_default()
        .insert(seed.name, service);
    Ok(arn)
}

/// A service on Fargate with ECS's defaults, before its first rollout.
pub(super) fn blank(home: &Home, cluster: &str, name: &str, now: Timestamp) -> Service {
    let mut settings = Map::new();
    let network = json!({ "awsvpcConfiguration": { "subnets": ["subnet-0d0eab1bb38d5ca64"], "securityGroups": ["sg-02556bf85a191f59a"], "assignPublicIp": "DISABLED" } });
    for (member, value) in [
        ("launchType", json!("FARGATE")),
        ("platformVersion", json!("1.4.0")),
        ("platformFamily", json!("Linux")),
        ("networkConfiguration", network),
    ] {
        settings.insert(member.to_owned(), value);
    }
    Service {
        home: home.clone(),
        cluster: cluster.to_owned(),
        name: name.to_owned(),
        active: true,
        controller: Controller::Ecs,
        task_definition: String::new(),
        desired: 0,
        configuration: json!({
            "deploymentCircuitBreaker": Breaker::Off.document(),
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "strategy": "ROLLING",
            "bakeTimeInMinutes": 0,
        }),
        settings,
        tags: json!([]),
        created: now,
        deployments: Vec::new(),
        rollouts: Vec::new(),
        revisions: Vec::new(),
        tasks: Vec::new(),
        events: VecDeque::new(),
        last_good: None,
        agenda: BTreeMap::new(),
        entries: 0,
        scripts: VecDeque::new(),
        foreign_scripts: VecDeque::new(),
        place_again: None,
        stale: None,
        updates: 0,
    }
}
