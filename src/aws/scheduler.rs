//! EventBridge Scheduler: what a schedule's ECS task runs, and changing that and nothing else.
//!
//! `UpdateSchedule` replaces a schedule whole, so that everything `GetSchedule` says is carried over as it
//! was written. What only `GetSchedule` says is held against the service's newest model by a test.

use aws_sdk_scheduler::Client;

use super::document::{Document, KeepBody, NotADocument, with_members};
use super::{AwsError, ErrorKind};
use crate::lease::LeaseHeld;

/// What `GetSchedule` says and the body of `UpdateSchedule` does not take; the name is in its path.
const READ_ONLY: [&str; 4] = ["Arn", "CreationDate", "LastModificationDate", "Name"];

/// The schedules of one region.
#[derive(Clone, Debug)]
pub struct Schedules {
    client: Client,
}

/// A schedule with everything that EventBridge Scheduler wrote of it.
#[derive(Clone, Debug)]
pub struct Schedule {
    name: String,
    document: Document,
}

impl Schedule {
    /// The task definition it runs, with its revision or without; `None` where it runs no ECS task.
    pub fn task_definition(&self) -> Option<String> {
        let target = self.document.object("Target")?;
        target.object("EcsParameters")?.text("TaskDefinitionArn")
    }
}

impl Schedules {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The schedule of that name in its group; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Whatever else AWS says.
    pub async fn get(&self, group: &str, name: &str) -> Result<Option<Schedule>, AwsError> {
        let body = KeepBody::default();
        let answer = self
            .client
            .get_schedule()
            .group_name(group)
            .name(name)
            .customize()
            .interceptor(body.clone())
            .send()
            .await;
        match body.of(answer, ("scheduler", "GetSchedule")) {
            Ok(document) => Ok(Some(Schedule {
                name: name.to_owned(),
                document,
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Has the schedule run another task definition from now on. Doing it twice is doing it once.
    ///
    /// # Errors
    ///
    /// Whatever AWS says. One that runs no ECS task is `NotSent`.
    pub async fn point_at(
        &self,
        _held: &LeaseHeld<'_>,
        schedule: &Schedule,
        task_definition: &str,
    ) -> Result<(), AwsError> {
        self.client
            .update_schedule()
            .name(&schedule.name)
            .customize()
            .map_request(with_members(members(&schedule.document, task_definition)?))
            .send()
            .await
            .map(drop)
            .map_err(|error| AwsError::from_sdk("scheduler", "UpdateSchedule", error))
    }
}

/// The members of the request that has a schedule run another task definition.
fn members(schedule: &Document, task_definition: &str) -> Result<Document, AwsError> {
    let not_sent =
        |why: String| AwsError::own("scheduler", "UpdateSchedule", ErrorKind::NotSent, why);
    let parts = schedule.object("Target").and_then(|target| {
        let ecs = target.object("EcsParameters")?;
        Some((target, ecs))
    });
    let Some((mut target, mut ecs)) = parts else {
        return Err(not_sent("the schedule runs no ECS task".to_owned()));
    };
    let mut members = schedule.clone();
    members.retain(|member| !READ_ONLY.contains(&member));
    let mut edit = || -> Result<(), NotADocument> {
        ecs.set("TaskDefinitionArn", &task_definition)?;
        target.set("EcsParameters", &ecs)?;
        members.set("Target", &target)
    };
    edit().map_err(|error| not_sent(error.to_string()))?;
    Ok(members)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use longshore_sim::models::model;

    use super::*;

    #[test]
    fn what_only_reading_says_is_what_the_newest_model_says() {
        let model = model("scheduler").unwrap();
        let members = |shape: &str| -> BTreeSet<String> {
            let members = model["shapes"][shape]["members"].as_object().unwrap();
            let in_body = members
                .iter()
                .filter(|(_, member)| member["location"].is_null());
            in_body.map(|(name, _)| name.clone()).collect()
        };
        let (read, taken) = (members("GetScheduleOutput"), members("UpdateScheduleInput"));
        let read_only: BTreeSet<_> = read.difference(&taken).cloned().collect();
        assert_eq!(read_only, READ_ONLY.map(str::to_owned).into());
        // The SDK makes one up.
        let own: Vec<_> = taken.difference(&read).collect();
        assert_eq!(own, ["ClientToken"]);
    }

    #[test]
    fn an_update_changes_the_task_definition_alone() {
        let schedule = r#"{"Arn":"a","Name":"nightly","StartDate":1.800000000123E9,"New":{"x":[1.0]},"Target":{"Arn":"c","EcsParameters":{"New":1e2,"TaskDefinitionArn":"jobs:3"},"New":true}}"#;
        let schedule = Document::read(schedule).unwrap();
        let members = members(&schedule, "jobs:4").unwrap();
        assert_eq!(
            serde_json::to_string(&members).unwrap(),
            r#"{"StartDate":1.800000000123E9,"New":{"x":[1.0]},"Target":{"Arn":"c","EcsParameters":{"New":1e2,"TaskDefinitionArn":"jobs:4"},"New":true}}"#
        );
    }

    #[test]
    fn a_schedule_that_runs_no_ecs_task_is_left_alone() {
        let document = Document::read(r#"{"Target":{"Arn":"l"}}"#).unwrap();
        let error = members(&document, "jobs:4").unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::NotSent);
        let name = "nightly".to_owned();
        assert_eq!(Schedule { name, document }.task_definition(), None);
    }
}
