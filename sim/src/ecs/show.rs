//! What ECS's answers look like on the wire: services, service deployments, service revisions and
//! tasks as the API's documents, timestamps as seconds since the epoch.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::hook::Hook;
use super::service::{
    Counts, Deployment, LastStatus, Monitor, Revision, Rollout, RolloutState, Service,
};

/// A timestamp as AWS's JSON protocols carry it: seconds since the epoch, to the millisecond.
pub(super) fn seconds(at: Timestamp) -> Value {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of this century fit a double exactly"
    )]
    let seconds = at.as_millisecond() as f64 / 1000.0;
    json!(seconds)
}

pub(super) fn put(document: &mut Value, member: &str, value: Option<Value>) {
    if let (Some(document), Some(value)) = (document.as_object_mut(), value) {
        document.insert(member.to_owned(), value);
    }
}

impl Service {
    /// The `service` document; tags only where they were asked for.
    pub(super) fn document(&self, with_tags: bool) -> Value {
        let ecs = self.controller.name() == "ECS";
        let deployments: Vec<_> = self
            .deployments
            .iter()
            .enumerate()
            .map(|(at, known)| self.deployment(at == 0, known))
            .collect();
        let events = self.events.iter().map(|event| {
            json!({ "id": event.id, "createdAt": seconds(event.at), "message": event.message })
        });
        let mut document = json!({
            "serviceArn": self.arn(),
            "serviceName": self.name,
            "clusterArn": self.cluster_arn(),
            "loadBalancers": [],
            "serviceRegistries": [],
            "status": if self.active { "ACTIVE" } else { "INACTIVE" },
            "desiredCount": self.desired,
            "runningCount": self.count(|task| task.last == LastStatus::Running),
            "pendingCount": self.count(|task| task.last == LastStatus::Pending),
            "taskDefinition": self.task_definition,
            "deploymentConfiguration": self.configuration,
            "deploymentController": { "type": self.controller.name() },
            "deployments": if ecs { deployments } else { Vec::new() },
            "events": events.collect::<Vec<_>>(),
            "createdAt": seconds(self.created),
            "placementConstraints": [],
            "placementStrategy": [],
            "schedulingStrategy": "REPLICA",
            "enableECSManagedTags": true,
            "propagateTags": "NONE",
            "enableExecuteCommand": false,
            "availabilityZoneRebalancing": "DISABLED",
        });
        // Volumes are shown with the deployments.
        let shown = self
            .settings
            .iter()
            .filter(|(member, _)| *member != "volumeConfigurations");
        for (member, value) in shown {
            put(&mut document, member, Some(value.clone()));
        }
        put(&mut document, "taskSets", (!ecs).then(|| json!([])));
        put(&mut document, "tags", with_tags.then(|| self.tags.clone()));
        if let Some(rollout) = self.rollouts.last().filter(|_| ecs) {
            put(
                &mut document,
                "currentServiceDeployment",
                Some(json!(rollout.arn)),
            );
            let revisions = self
                .deployments
                .iter()
                .map(|known| self.current_revision(known));
            put(
                &mut document,
                "currentServiceRevisions",
                Some(revisions.collect()),
            );
        }
        document
    }

    fn current_revision(&self, known: &Deployment) -> Value {
        let Counts {
            requested,
            running,
            pending,
        } = self.counts(&known.revision);
        let mut document = json!({
            "arn": known.revision,
            "requestedTaskCount": requested,
            "runningTaskCount": running,
            "pendingTaskCount": pending,
        });
        let current = self.current();
        let shares = current.and_then(|rollout| Some((rollout, rollout.shares()?)));
        if let Some((rollout, shares)) = shares {
            let target = rollout.target == known.revision;
            weigh(&mut document, if target { shares } else { rest(shares) });
        }
        document
    }

    fn deployment(&self, primary: bool, known: &Deployment) -> Value {
        let wanted = self.count(|task| task.deployment == known.id && task.wanted());
        let state = match known.state {
            RolloutState::InProgress => "IN_PROGRESS",
            RolloutState::Completed => "COMPLETED",
            RolloutState::Failed => "FAILED",
        };
        let mut document = json!({
            "id": known.id,
            "status": if primary { "PRIMARY" } else { "ACTIVE" },
            "taskDefinition": known.task_definition,
            "desiredCount": if primary && known.begun { self.desired } else { wanted },
            "pendingCount": self.pending(&known.id),
            "runningCount": self.running(&known.id),
            "failedTasks": known.failed_tasks,
            "createdAt": seconds(known.created),
            "updatedAt": seconds(known.updated),
            "rolloutState": state,
            "rolloutStateReason": known.reason,
        });
        for member in [
            "launchType",
            "capacityProviderStrategy",
            "platformVersion",
            "platformFamily",
            "networkConfiguration",
            "volumeConfigurations",
        ] {
            put(&mut document, member, self.settings.get(member).cloned());
        }
        document
    }

    /// An entry of `ListServiceDeployments`.
    pub(super) fn brief(&self, rollout: &Rollout) -> Value {
        let mut document = json!({
            "serviceDeploymentArn": rollout.arn,
            "serviceArn": self.arn(),
            "clusterArn": self.cluster_arn(),
            "createdAt": seconds(rollout.created),
            "targetServiceRevisionArn": rollout.target,
            "status": rollout.status.name(),
        });
        put(&mut document, "startedAt", rollout.started.map(seconds));
        put(&mut document, "finishedAt", rollout.finished.map(seconds));
        put(
            &mut document,
            "statusReason",
            rollout.reason.as_ref().map(|reason| json!(reason)),
        );
        document
    }

    /// An entry of `DescribeServiceDeployments`.
    pub(super) fn rollout_document(&self, rollout: &Rollout) -> Value {
        let live = || {
            (
                self.counts(&rollout.target),
                rollout.sources.iter().map(|arn| self.counts(arn)).collect(),
            )
        };
        let (target, sources): (Counts, Vec<Counts>) = rollout.frozen.clone().unwrap_or_else(live);
        let sources =
            rollout
                .sources
                .iter()
                .zip(sources)
                .enumerate()
                .map(|(place, (arn, counts))| {
                    let mut document = revision_counts(arn, counts);
                    if let Some(shares) = rollout.shares() {
                        weigh(
                            &mut document,
                            if place == 0 { rest(shares) } else { (0.0, 0.0) },
                        );
                    }
                    document
                });
        let alarms = rollout
            .configuration
            .get("alarms")
            .and_then(|alarms| alarms.get("alarmNames"));
        let mut alarm = json!({ "status": rollout.alarms.name() });
        if rollout.alarms != Monitor::Disabled {
            put(&mut alarm, "alarmNames", alarms.cloned());
        }
        if rollout.alarms == Monitor::Triggered {
            put(&mut alarm, "triggeredAlarmNames", alarms.cloned());
        }
        let mut document = self.brief(rollout);
        if let Some(document) = document.as_object_mut() {
            document.remove("targetServiceRevisionArn");
        }
        put(&mut document, "updatedAt", Some(seconds(rollout.updated)));
        put(&mut document, "stoppedAt", rollout.stopped.map(seconds));
        put(
            &mut document,
            "sourceServiceRevisions",
            Some(sources.collect()),
        );
        put(
            &mut document,
            "targetServiceRevision",
            Some({
                let mut document = revision_counts(&rollout.target, target);
                if let Some(shares) = rollout.shares() {
                    weigh(&mut document, shares);
                }
                document
            }),
        );
        if let Some(staging) = &rollout.staging {
            let stage = staging.leg().map(|leg| json!(leg.stage));
            put(
                &mut document,
                "lifecycleStage",
                stage.filter(|_| rollout.started.is_some()),
            );
            let hooks = staging.hooks.iter().map(Hook::document).collect();
            put(&mut document, "lifecycleHookDetails", Some(hooks));
        }
        put(
            &mut document,
            "deploymentConfiguration",
            Some(rollout.configuration.clone()),
        );
        put(
            &mut document,
            "deploymentCircuitBreaker",
            Some(json!({
                "status": rollout.breaker.name(),
                "failureCount": rollout.failures,
                "threshold": rollout.threshold,
            })),
        );
        put(&mut document, "alarms", Some(alarm));
        put(
            &mut document,
            "rollback",
            rollout.rollback.as_ref().map(|rollback| {
                json!({
                    "reason": rollback.reason,
                    "startedAt": seconds(rollback.started),
                    "serviceRevisionArn": rollback.revision,
                })
            }),
        );
        document
    }

    /// An entry of `DescribeServiceRevisions`.
    /// Images are resolved when tasks start: a service at 0 tasks shows none.
    pub(super) fn revision_document(&self, revision: &Revision) -> Value {
        let resolved = revision.containers.iter().filter(|_| self.desired > 0);
        let images = resolved.map(|container| {
            let mut image = json!({ "containerName": container.name, "image": container.image });
            put(
                &mut image,
                "imageDigest",
                container.digest.as_ref().map(|digest| json!(digest)),
            );
            image
        });
        let mut document = json!({
            "serviceRevisionArn": revision.arn,
            "serviceArn": self.arn(),
            "clusterArn": self.cluster_arn(),
            "taskDefinition": revision.task_definition,
            "containerImages": images.collect::<Vec<_>>(),
            "guardDutyEnabled": false,
            "createdAt": seconds(revision.created),
        });
        for member in [
            "launchType",
            "capacityProviderStrategy",
            "platformVersion",
            "platformFamily",
            "networkConfiguration",
            "loadBalancers",
        ] {
            put(&mut document, member, self.settings.get(member).cloned());
        }
        document
    }
}

/// The shares of test and production traffic that a revision gets, in per cent.
fn weigh(document: &mut Value, (test, production): (f64, f64)) {
    put(document, "requestedTestTrafficWeight", Some(json!(test)));
    put(
        document,
        "requestedProductionTrafficWeight",
        Some(json!(production)),
    );
}

fn rest((test, production): (f64, f64)) -> (f64, f64) {
    (100.0 - test, 100.0 - production)
}

fn revision_counts(arn: &str, counts: Counts) -> Value {
    json!({
        "arn": arn,
        "requestedTaskCount": counts.requested,
        "runningTaskCount": counts.running,
        "pendingTaskCount": counts.pending,
    })
}

/// An entry of an answer's `failures`.
pub(super) fn missing(arn: &str) -> Value {
    json!({ "arn": arn, "reason": "MISSING" })
}

/// One page of a listing: the items from the token on, and the token of the next page.
pub(super) fn page(
    items: Vec<Value>,
    start: usize,
    most: usize,
) -> (Vec<Value>, Map<String, Value>) {
    let next = start + most;
    let mut rest = Map::new();
    if next < items.len() {
        rest.insert("nextToken".to_owned(), json!(format!("page-{next}")));
    }
    (items.into_iter().skip(start).take(most).collect(), rest)
}
