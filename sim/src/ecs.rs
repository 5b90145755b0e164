//! Amazon ECS, as the wire shows it: task definitions, services and their rollouts, tasks.
//!
//! A rollout is a function of time: each call first lets everything happen that is due, so that a
//! virtual clock and the machine's work alike. How it goes is a [`Script`]; the counts, events and
//! tasks follow from a small scheduler, and are never set by hand.

mod arrange;
mod cluster;
mod configuration;
mod containers;
mod create;
mod definition;
mod deployment;
mod devices;
mod failure;
mod hook;
mod ids;
mod launch;
mod oneoff;
mod operation;
mod place;
mod rollout;
mod scheduler;
mod script;
mod seed;
mod service;
mod shape;
mod show;
mod size;
mod stage;
mod tags;
mod task;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use self::{
    ids::{Home, Serial, account_of, account_of_role},
    operation::Turn,
    place::Place,
    rollout::Surroundings,
};
pub use self::{
    oneoff::TaskScript,
    script::{Script, UnknownScript},
    seed::{Breaker, ServiceSeed, add_service, task_definition},
    service::Controller,
    shape::every_field,
    told::{Told, ToldSide},
};
use crate::{Answer, AwsError, Caller, State};

/// What ECS remembers.
#[derive(Clone, Debug)]
pub struct Ecs {
    places: BTreeMap<Home, Place>,
    serial: Serial,
    speed: f64,
    bus: Vec<Value>,
    told: Vec<Told>,
    aside: Option<String>,
}

impl Default for Ecs {
    fn default() -> Self {
        Self {
            places: BTreeMap::new(),
            serial: Serial::default(),
            speed: 1.0,
            bus: Vec::new(),
            told: Vec::new(),
            aside: None,
        }
    }
}

impl Ecs {
    /// Whose resources a call is about: the account whose key signs. A key that nobody here handed out,
    /// as those of the local AWS's sessions, is of the account that the request's ECS ARNs name, or the
    /// roles that a task definition is given, or of the first that has such a cluster or family.
    fn home(&self, request: &Value, caller: &Caller) -> Home {
        let region = if caller.region.is_empty() {
            "us-east-1"
        } else {
            &caller.region
        };
        if !caller.account.is_empty() {
            return Home::new(&caller.account, region);
        }
        let members = request
            .as_object()
            .into_iter()
            .flat_map(|request| request.values());
        let mut texts = members.flat_map(|value| match value {
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            other => other.as_str().into_iter().collect::<Vec<_>>(),
        });
        if let Some(account) = texts.find_map(account_of) {
            return Home::new(account, region);
        }
        let text = |member: &str| request.get(member).and_then(Value::as_str);
        // A session can register nothing with roles of another account.
        let roles = [text("executionRoleArn"), text("taskRoleArn")];
        if let Some(account) = roles.into_iter().flatten().find_map(account_of_role) {
            return Home::new(account, region);
        }
        let cluster = text("cluster");
        let family = text("family")
            .or(text("familyPrefix"))
            .or(text("taskDefinition"));
        let family = family.map(|name| name.split(':').next().unwrap_or(name));
        let here = || {
            self.places
                .values()
                .filter(|place| place.home.region == region)
        };
        let found = here().find(|place| {
            cluster.is_some_and(|cluster| place.clusters.contains_key(cluster))
                || cluster.is_none()
                    && family.is_some_and(|family| place.families.contains_key(family))
        });
        let found = found.or_else(|| here().next());
        found.map_or_else(
            || Home::new("123456789012", region),
            |place| place.home.clone(),
        )
    }
}

/// Lets everything happen that is due by now; every operation does so first.
pub fn advance(state: &mut State, now: Timestamp) {
    let State { ecs, ecr, logs, .. } = state;
    let Ecs {
        places,
        serial,
        speed,
        bus,
        ..
    } = ecs;
    let mut around = Surroundings {
        serial,
        ecr,
        logs,
        bus,
        speed: *speed,
    };
    for place in places.values_mut() {
        place.advance(now, &mut around);
    }
}

/// Answers one operation.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    operation: &str,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    advance(state, now);
    let home = state.ecs.home(request, caller);
    let State { ecs, ecr, logs, .. } = state;
    let Ecs {
        places,
        serial,
        speed,
        bus,
        told,
        aside,
    } = ecs;
    let aside = aside.clone();
    let by = if caller.arn.is_empty() {
        home.arn("root").replacen(":ecs:", ":iam:", 1)
    } else {
        caller.arn.clone()
    };
    let mut turn = Turn {
        place: places
            .entry(home.clone())
            .or_insert_with(|| Place::new(&home)),
        around: Surroundings {
            serial,
            ecr,
            logs,
            bus,
            speed: *speed,
        },
        request,
        now,
        told,
        by,
    };
    let turn = &mut turn;
    let answer = match operation {
        "DescribeServices" => operation::describe_services(turn),
        "UpdateService" => operation::update_service(turn),
        "ListServiceDeployments" => deployment::list_service_deployments(turn),
        "DescribeServiceDeployments" => deployment::describe_service_deployments(turn),
        "DescribeServiceRevisions" => deployment::describe_service_revisions(turn),
        "StopServiceDeployment" => deployment::stop_service_deployment(turn),
        "ContinueServiceDeployment" => deployment::continue_service_deployment(turn),
        "RunTask" => oneoff::run_task(turn),
        "StopTask" => oneoff::stop_task(turn),
        "ListTasks" => task::list_tasks(turn),
        "DescribeTasks" => task::describe_tasks(turn),
        "DescribeTaskDefinition" => task::describe_task_definition(turn),
        "RegisterTaskDefinition" => task::register_task_definition(turn),
        "DeregisterTaskDefinition" => task::deregister_task_definition(turn),
        "ListTaskDefinitionFamilies" => task::list_task_definition_families(turn),
        "ListTaskDefinitions" => task::list_task_definitions(turn),
        "ListClusters" => cluster::list_clusters(turn),
        "DescribeClusters" => cluster::describe_clusters(turn),
        "CreateCluster" => cluster::create_cluster(turn),
        "ListServices" => cluster::list_services(turn),
        "PutClusterCapacityProviders" => cluster::put_capacity_providers(turn),
        "CreateService" => create::create_service(turn),
        "DeleteService" => create::delete_service(turn),
        "TagResource" => tags::tag_resource(turn),
        "UntagResource" => tags::untag_resource(turn),
        "ListTagsForResource" => tags::list_tags_for_resource(turn),
        _ => Err(AwsError::unknown_operation(operation)),
    };
    answer.map(|mut answer| {
        if let Some(aside) = aside {
            told::say_aside(&mut answer.body, &aside);
        }
        answer
    })
}
