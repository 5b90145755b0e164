//! EventBridge Scheduler: what a schedule's ECS task runs, and changing that and nothing else.
//!
//! `UpdateSchedule` replaces a schedule whole, so that everything `GetSchedule` says is carried over as it
//! was written, but for a start date that lies too far back to be taken again (`when`). What only
//! `GetSchedule` says is held against the service's newest model by a test.

mod when;

use aws_sdk_scheduler::Client;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use self::when::{Start, has_ended, start};
use super::document::{Document, KeepBody, NotADocument, with_members};
use super::{AwsError, ErrorKind};
use crate::record::lease::LeaseHeld;

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

    /// Whether the schedule will never run again.
    pub(crate) fn has_ended(&self, now: Timestamp) -> bool {
        let expression = self.document.text("ScheduleExpression");
        let end = date(&self.document, "EndDate");
        has_ended(&expression.unwrap_or_default(), end, now)
    }
}

/// A date, which is written as seconds since the epoch.
fn date(document: &Document, member: &str) -> Option<Timestamp> {
    let seconds: f64 = document.get(member)?.parse().ok()?;
    super::timestamp(&DateTime::from_secs_f64(seconds))
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
        match body.of(answer, "scheduler", "GetSchedule") {
            Ok(document) => Ok(Some(Schedule {
                name: name.to_owned(),
                document,
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Has the schedule run another task definition from `now` on, at the moments at which it would have
    /// run. Doing it twice is doing it once.
    ///
    /// # Errors
    ///
    /// Whatever AWS says. One that runs no ECS task is `NotSent`.
    pub(crate) async fn point_at(
        &self,
        _held: &LeaseHeld<'_>,
        schedule: &Schedule,
        task_definition: &str,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let members = members(&schedule.document, task_definition, now)?;
        self.client
            .update_schedule()
            .name(&schedule.name)
            .customize()
            .map_request(with_members(members))
            .send()
            .await
            .map(drop)
            .map_err(|error| AwsError::from_sdk("scheduler", "UpdateSchedule", error))
    }
}

/// The members of the request that has a schedule run another task definition.
fn members(
    schedule: &Document,
    task_definition: &str,
    now: Timestamp,
) -> Result<Document, AwsError> {
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
    let expression = schedule.text("ScheduleExpression").unwrap_or_default();
    let start = start(&expression, date(schedule, "StartDate"), now);
    let out = |member: &str| member == "StartDate" && start == Start::Out;
    members.retain(|member| !READ_ONLY.contains(&member) && !out(member));
    let mut edit = || -> Result<(), NotADocument> {
        if let Start::Next(next) = start {
            members.set("StartDate", &next.as_second())?;
        }
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
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let members = members(&schedule, "jobs:4", now).unwrap();
        assert_eq!(
            serde_json::to_string(&members).unwrap(),
            r#"{"StartDate":1.800000000123E9,"New":{"x":[1.0]},"Target":{"Arn":"c","EcsParameters":{"New":1e2,"TaskDefinitionArn":"jobs:4"},"New":true}}"#
        );
    }

    #[test]
    fn a_start_date_that_lies_back_is_left_out_or_moved_on() {
        let target = r#""Target":{"EcsParameters":{"TaskDefinitionArn":"jobs:3"}}"#;
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for (expression, start, sent) in [
            ("cron(0 3 * * ? *)", "1.7E9", "null"),
            ("cron(0 3 * * ? *)", "1900000000.5", "1900000000.5"),
            ("rate(1 hours)", "1799996500", "1800000100"),
        ] {
            let written =
                format!(r#"{{"ScheduleExpression":"{expression}","StartDate":{start},{target}}}"#);
            let schedule = Document::read(written).unwrap();
            let members = members(&schedule, "jobs:4", now).unwrap();
            assert_eq!(
                members.get("StartDate").unwrap_or("null"),
                sent,
                "{expression}"
            );
        }
    }

    #[test]
    fn a_schedule_that_runs_no_ecs_task_is_left_alone() {
        let document = Document::read(r#"{"Target":{"Arn":"l"}}"#).unwrap();
        let error = members(&document, "jobs:4", Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::NotSent);
        let name = "nightly".to_owned();
        assert_eq!(Schedule { name, document }.task_definition(), None);
    }
}
