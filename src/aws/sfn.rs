//! The state machine: starting, resuming and looking after the executions that drive deploys.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionError;
use aws_sdk_sfn::operation::send_task_success::SendTaskSuccessError;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_sdk_sfn::types::ExecutionStatus;

use crate::aws::AwsError;

/// The one state machine.
#[derive(Clone, Debug)]
pub struct Machine {
    client: Client,
    arn: String,
}

/// Whether an execution is there to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It is running.
    Running,
    /// It ended, one way or another.
    Ended,
    /// There is none of this name.
    Missing,
}

impl Machine {
    /// The machine with this ARN, through this client.
    pub fn new(client: Client, arn: impl Into<String>) -> Self {
        Self {
            client,
            arn: arn.into(),
        }
    }

    /// Starts the execution `name` for the record `id`. An execution of that name that exists
    /// already is as good: names are never used for two different things.
    pub async fn start(&self, name: &str, id: &str) -> Result<(), AwsError> {
        let input = serde_json::json!({ "id": id }).to_string();
        let result = self
            .client
            .start_execution()
            .state_machine_arn(&self.arn)
            .name(name)
            .input(input)
            .send()
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(StartExecutionError::is_execution_already_exists) =>
            {
                Ok(())
            }
            Err(error) => Err(AwsError::from_sdk("states", "StartExecution", error)),
        }
    }

    /// The state of the execution `name`: running, ended, or never started.
    pub(crate) async fn liveness(&self, name: &str) -> Result<Liveness, AwsError> {
        let result = self
            .client
            .describe_execution()
            .execution_arn(self.execution_arn(name))
            .send()
            .await;
        match result {
            Ok(output) => Ok(match output.status() {
                ExecutionStatus::Running | ExecutionStatus::PendingRedrive => Liveness::Running,
                _ => Liveness::Ended,
            }),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DescribeExecutionError::is_execution_does_not_exist) =>
            {
                Ok(Liveness::Missing)
            }
            Err(error) => Err(AwsError::from_sdk("states", "DescribeExecution", error)),
        }
    }

    /// Wakes the execution that waits with this token. One that waits no longer needs no waking.
    pub async fn wake(&self, token: &str) -> Result<(), AwsError> {
        let result = self
            .client
            .send_task_success()
            .task_token(token)
            .output("{}")
            .send()
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(|error| {
                    SendTaskSuccessError::is_task_does_not_exist(error)
                        || SendTaskSuccessError::is_task_timed_out(error)
                }) =>
            {
                Ok(())
            }
            Err(error) => Err(AwsError::from_sdk("states", "SendTaskSuccess", error)),
        }
    }

    /// `arn:aws:states:R:A:stateMachine:M` → `arn:aws:states:R:A:execution:M:NAME`.
    fn execution_arn(&self, name: &str) -> String {
        format!(
            "{}:{name}",
            self.arn.replacen(":stateMachine:", ":execution:", 1)
        )
    }
}
