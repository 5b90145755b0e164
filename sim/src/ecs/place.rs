//! One account in one region: its families and clusters, how requests name them, and the passing
//! of time over all of its services.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    definition::{self, Definition},
    ids::{Home, Serial, client},
    oneoff::OneOffs,
    rollout::{Happening, Surroundings},
    script::Script,
    service::{Revision, RevisionContainer, Service},
};
use crate::{AwsError, ecr::Ecr};

/// What ECS remembers of one account in one region.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) home: Home,
    pub(super) families: BTreeMap<String, Vec<Definition>>,
    /// Services by name, by cluster.
    pub(super) clusters: BTreeMap<String, BTreeMap<String, Service>>,
    /// What was given of a cluster: its capacity providers, its tags.
    pub(super) settings: BTreeMap<String, Map<String, Value>>,
    /// Tasks that belong to no service.
    pub(super) one_offs: OneOffs,
}

impl Place {
    pub(super) fn new(home: &Home) -> Self {
        Self {
            home: home.clone(),
            families: BTreeMap::new(),
            clusters: BTreeMap::new(),
            settings: BTreeMap::new(),
            one_offs: OneOffs::default(),
        }
    }

    /// Lets everything happen that is due.
    pub(super) fn advance(&mut self, now: Timestamp, around: &mut Surroundings<'_>) {
        let Self {
            home,
            families,
            clusters,
            settings: _,
            one_offs,
        } = self;
        one_offs.advance(home, now, around);
        for service in clusters.values_mut().flat_map(BTreeMap::values_mut) {
            while let Some((at, happening)) = service.due(now) {
                match happening {
                    Happening::Foreign(arn) => {
                        let ours = service.current().is_some_and(|rollout| rollout.arn == arn);
                        if ours || arn.is_empty() {
                            foreign(home, families, service, at, around);
                        }
                    }
                    happening => service.apply(at, happening, around),
                }
                service.forget(at);
            }
            service.forget(now);
        }
    }

    /// The cluster a request names, `default` if it names none.
    pub(super) fn cluster(&self, request: &Value) -> Result<String, AwsError> {
        let text = request
            .get("cluster")
            .and_then(Value::as_str)
            .unwrap_or("default");
        let name = self.home.name("cluster", text)?;
        if self.clusters.contains_key(name) {
            return Ok(name.to_owned());
        }
        Err(AwsError::new(
            "ClusterNotFoundException",
            "Cluster not found.",
        ))
    }

    pub(super) fn service(&mut self, cluster: &str, text: &str) -> Result<&mut Service, AwsError> {
        let name = self.home.name("service", text)?.to_owned();
        let found = self
            .clusters
            .get_mut(cluster)
            .and_then(|services| services.get_mut(&name));
        found.ok_or_else(|| AwsError::new("ServiceNotFoundException", "Service not found."))
    }

    pub(super) fn services(&self) -> impl Iterator<Item = &Service> {
        self.clusters.values().flat_map(BTreeMap::values)
    }

    /// The task definition that this names: a revision, or a family's newest ACTIVE one.
    pub(super) fn definition(&self, text: &str) -> Result<Option<&Definition>, AwsError> {
        let (family, revision) = definition::parse(&self.home, text)?;
        let known = self.families.get(family).into_iter().flatten();
        Ok(match revision {
            Some(revision) => known
                .into_iter()
                .find(|definition| definition.revision == revision),
            None => known.into_iter().rfind(|definition| definition.active),
        })
    }

    /// The same for calls that would run it.
    pub(super) fn runnable(&self, text: &str) -> Result<&Definition, AwsError> {
        match self.definition(text)? {
            Some(definition) if definition.active => Ok(definition),
            Some(_) => Err(client("TaskDefinition is inactive")),
            None => Err(client("TaskDefinition not found.")),
        }
    }
}

/// What a new service revision of this task definition resolves to.
pub(super) fn revise(
    service_arn: &str,
    definition: &Definition,
    now: Timestamp,
    serial: &mut Serial,
    ecr: &Ecr,
) -> Revision {
    let text =
        |value: &Value, member: &str| value.get(member).and_then(Value::as_str).map(str::to_owned);
    let containers = definition.containers().map(|container| {
        let image = text(container, "image").unwrap_or_default();
        let pinned = container.get("versionConsistency") != Some(&json!("disabled"));
        let digest = ecr.resolve(&image).ok().flatten().filter(|_| pinned);
        let log = container
            .get("logConfiguration")
            .filter(|log| text(log, "logDriver").as_deref() == Some("awslogs"));
        let option = |name: &str| text(log?.get("options")?, name);
        let log = option("awslogs-group").zip(option("awslogs-stream-prefix"));
        RevisionContainer {
            name: text(container, "name").unwrap_or_default(),
            image,
            digest,
            log,
        }
    });
    Revision {
        arn: format!(
            "{}/{}",
            service_arn.replacen(":service/", ":service-revision/", 1),
            serial.digits()
        ),
        task_definition: definition.arn.clone(),
        containers: containers.collect(),
        architecture: definition.architecture(),
        created: now,
    }
}

/// Somebody who is not us registers a revision of the service's family and rolls it out.
fn foreign(
    home: &Home,
    families: &mut BTreeMap<String, Vec<Definition>>,
    service: &mut Service,
    at: Timestamp,
    around: &mut Surroundings<'_>,
) {
    let family = definition::parse(home, &service.task_definition).map_or("", |(family, _)| family);
    let Some(known) = families.get_mut(family) else {
        return;
    };
    let Some(newest) = known
        .iter()
        .find(|definition| definition.arn == service.task_definition)
    else {
        return;
    };
    let mut request = newest.request();
    if let Some(container) = request
        .pointer_mut("/containerDefinitions/0")
        .and_then(Value::as_object_mut)
    {
        container.insert(
            "environment".to_owned(),
            json!([{ "name": "CHANGED_BY", "value": "somebody else" }]),
        );
    }
    let by = home.arn("user/somebody-else").replacen(":ecs:", ":iam:", 1);
    let Ok(definition) = definition::register(home, known, at, &request, &by) else {
        return;
    };
    let revision = revise(&service.arn(), &definition, at, around.serial, around.ecr);
    let script = service.foreign_scripts.pop_front();
    service.roll_out(at, revision, script.unwrap_or(Script::Happy), around);
}
