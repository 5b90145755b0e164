//! The last lines that a container wrote.

use aws_sdk_cloudwatchlogs::Client;

use super::AwsError;
use crate::evidence::mask;
use crate::task_definition::AwsLogs;

/// Lines fetched at most.
pub const LINES: i32 = 15;

/// The longest line kept, in characters.
const LINE: usize = 300;

/// Log groups of one region.
#[derive(Clone, Debug)]
pub struct Logs {
    client: Client,
}

impl Logs {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The last [`LINES`] lines of `container` in the task `task_id`, oldest first, each cut to 300
    /// characters, without control characters and without what looks like a secret. Empty where the
    /// container wrote nothing, or its stream's name cannot be told.
    ///
    /// # Errors
    ///
    /// Whatever AWS says, but for a missing stream or group.
    pub async fn last_lines(
        &self,
        options: &AwsLogs,
        container: &str,
        task_id: &str,
    ) -> Result<Vec<String>, AwsError> {
        let Some(stream) = options.stream(container, task_id) else {
            return Ok(Vec::new());
        };
        let answer = self
            .client
            .get_log_events()
            .log_group_name(&options.group)
            .log_stream_name(stream)
            .limit(LINES)
            .start_from_head(false)
            .send()
            .await;
        match answer {
            Ok(output) => Ok(output
                .events
                .unwrap_or_default()
                .into_iter()
                .filter_map(|event| event.message)
                .map(|line| plain(&line))
                .collect()),
            Err(error) => match AwsError::from_sdk("logs", "GetLogEvents", error) {
                error if error.is_not_found() => Ok(Vec::new()),
                error => Err(error),
            },
        }
    }
}

fn plain(line: &str) -> String {
    mask(line.trim_end())
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LINE)
        .collect()
}
