//! EventBridge Scheduler: what a schedule's ECS task runs, and changing that and nothing else.
//!
//! `UpdateSchedule` replaces a schedule whole, so that everything `GetSchedule` says is carried over.
//! A test holds the mapping against the SDK's own types.

use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::operation::update_schedule::builders::UpdateScheduleInputBuilder;

use super::{AwsError, ErrorKind};
use crate::lease::LeaseHeld;

/// The schedules of one region.
#[derive(Clone, Debug)]
pub struct Schedules {
    client: Client,
}

/// A schedule with every field that EventBridge Scheduler gave.
#[derive(Clone, Debug)]
pub struct Schedule {
    every_field: GetScheduleOutput,
}

impl Schedule {
    /// The task definition it runs, with its revision or without; `None` where it runs no ECS task.
    pub fn task_definition(&self) -> Option<&str> {
        let target = self.every_field.target()?;
        Some(target.ecs_parameters()?.task_definition_arn())
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
        let answer = self
            .client
            .get_schedule()
            .group_name(group)
            .name(name)
            .send()
            .await;
        match answer {
            Ok(every_field) => Ok(Some(Schedule { every_field })),
            Err(error) => match AwsError::from_sdk("scheduler", "GetSchedule", error) {
                error if error.is_not_found() => Ok(None),
                error => Err(error),
            },
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
        request(schedule.every_field.clone(), task_definition)?
            .send_with(&self.client)
            .await
            .map(drop)
            .map_err(|error| AwsError::from_sdk("scheduler", "UpdateSchedule", error))
    }
}

fn request(
    schedule: GetScheduleOutput,
    task_definition: &str,
) -> Result<UpdateScheduleInputBuilder, AwsError> {
    let mut target = schedule.target;
    let ecs = target
        .as_mut()
        .and_then(|target| target.ecs_parameters.as_mut());
    let Some(ecs) = ecs else {
        return Err(AwsError::own(
            "scheduler",
            "UpdateSchedule",
            ErrorKind::NotSent,
            "the schedule runs no ECS task".to_owned(),
        ));
    };
    task_definition.clone_into(&mut ecs.task_definition_arn);
    Ok(UpdateScheduleInputBuilder::default()
        .set_name(schedule.name)
        .set_group_name(schedule.group_name)
        .set_schedule_expression(schedule.schedule_expression)
        .set_schedule_expression_timezone(schedule.schedule_expression_timezone)
        .set_start_date(schedule.start_date)
        .set_end_date(schedule.end_date)
        .set_description(schedule.description)
        .set_state(schedule.state)
        .set_kms_key_arn(schedule.kms_key_arn)
        .set_target(target)
        .set_flexible_time_window(schedule.flexible_time_window)
        .set_action_after_completion(schedule.action_after_completion))
}

#[cfg(test)]
mod tests {
    use aws_sdk_scheduler::operation::update_schedule::UpdateScheduleInput;
    use aws_sdk_scheduler::types::{
        ActionAfterCompletion, DeadLetterConfig, EcsParameters, FlexibleTimeWindow,
        FlexibleTimeWindowMode, RetryPolicy, ScheduleState, Target,
    };

    use super::*;

    /// The fields of a structure that are set, and those that are not, as the SDK itself prints it.
    fn fields(debug: &str) -> (Vec<String>, Vec<String>) {
        let (mut set, mut unset) = (Vec::new(), Vec::new());
        for line in debug.lines() {
            let field = line
                .strip_prefix("    ")
                .filter(|rest| !rest.starts_with([' ', '}']));
            if let Some((name, value)) = field.and_then(|field| field.split_once(": ")) {
                match value {
                    "None," => unset.push(name.to_owned()),
                    _ => set.push(name.to_owned()),
                }
            }
        }
        (set, unset)
    }

    fn every_field() -> GetScheduleOutput {
        let now = aws_smithy_types::DateTime::from_secs(1_800_000_000);
        let ecs = EcsParameters::builder()
            .task_definition_arn("arn:aws:ecs:eu-west-1:1:task-definition/jobs:3")
            .task_count(2)
            .platform_version("1.4.0");
        let target = Target::builder()
            .arn("arn:aws:ecs:eu-west-1:1:cluster/staging")
            .role_arn("arn:aws:iam::1:role/scheduler")
            .input("{}")
            .retry_policy(RetryPolicy::builder().maximum_retry_attempts(3).build())
            .dead_letter_config(DeadLetterConfig::builder().arn("arn:aws:sqs:::q").build())
            .ecs_parameters(ecs.build().unwrap());
        let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off);
        GetScheduleOutput::builder()
            .arn("arn:aws:scheduler:eu-west-1:1:schedule/default/nightly")
            .group_name("default")
            .name("nightly")
            .schedule_expression("cron(0 3 * * ? *)")
            .start_date(now)
            .end_date(now)
            .description("at night")
            .schedule_expression_timezone("Europe/Vienna")
            .state(ScheduleState::Disabled)
            .creation_date(now)
            .last_modification_date(now)
            .kms_key_arn("arn:aws:kms:::key/1")
            .target(target.build().unwrap())
            .flexible_time_window(window.build().unwrap())
            .action_after_completion(ActionAfterCompletion::Delete)
            .build()
    }

    #[test]
    fn an_update_carries_every_field_and_changes_the_task_definition_alone() {
        let schedule = every_field();
        let (_, unset) = fields(&format!("{schedule:#?}"));
        assert_eq!(
            unset,
            ["_request_id"],
            "a new member of GetSchedule: set it here and carry it"
        );
        let input: UpdateScheduleInput = request(schedule.clone(), "jobs:4")
            .unwrap()
            .build()
            .unwrap();
        let (carried, unset) = fields(&format!("{input:#?}"));
        assert_eq!(unset, ["client_token"], "lost when a schedule is updated");
        assert!(carried.len() > 10);
        let mut target = schedule.target.unwrap();
        target.ecs_parameters.as_mut().unwrap().task_definition_arn = "jobs:4".to_owned();
        assert_eq!(input.target, Some(target));
        assert_eq!(input.state, schedule.state);
        assert_eq!(input.start_date, schedule.start_date);
        assert_eq!(input.schedule_expression, schedule.schedule_expression);
    }

    #[test]
    fn a_schedule_that_runs_no_ecs_task_is_left_alone() {
        let mut schedule = every_field();
        schedule.target.as_mut().unwrap().ecs_parameters = None;
        let error = request(schedule.clone(), "jobs:4").unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::NotSent);
        let schedule = Schedule {
            every_field: schedule,
        };
        assert_eq!(schedule.task_definition(), None);
    }
}
