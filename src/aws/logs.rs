//! The last lines that a container wrote.

use std::collections::VecDeque;

use aws_sdk_cloudwatchlogs::Client;

use super::AwsError;
use crate::evidence::mask_lines;
use crate::task_definition::AwsLogs;

/// Pages asked for at most. CloudWatch Logs gives partial and empty pages where there is more
/// (<https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>).
const PAGES: usize = 6;

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

    /// The last `most` lines of `container` in the task `task_id`, oldest first, each cut to 300
    /// characters, without control characters and without what looks like a secret. Empty where the
    /// container wrote nothing, or its stream's name cannot be told.
    ///
    /// # Errors
    ///
    /// Whatever AWS says, but for a missing stream or group.
    pub(crate) async fn last_lines(
        &self,
        options: &AwsLogs,
        container: &str,
        task_id: &str,
        most: i32,
    ) -> Result<Vec<String>, AwsError> {
        let Some(stream) = options.stream(container, task_id) else {
            return Ok(Vec::new());
        };
        let mut lines: VecDeque<String> = VecDeque::new();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let answer = self
                .client
                .get_log_events()
                .log_group_name(&options.group)
                .log_stream_name(&stream)
                .limit(most)
                .start_from_head(false)
                .set_next_token(token.clone())
                .send()
                .await;
            let page = match answer {
                Ok(page) => page,
                Err(error) => match AwsError::from_sdk("logs", "GetLogEvents", error) {
                    error if error.is_not_found() => return Ok(Vec::new()),
                    // What an earlier page gave is better than nothing.
                    error if lines.is_empty() => return Err(error),
                    _ => break,
                },
            };
            let events = page.events.unwrap_or_default();
            for message in events.into_iter().rev().filter_map(|event| event.message) {
                lines.push_front(message);
            }
            let enough = i32::try_from(lines.len()).is_ok_and(|have| have >= most);
            // The same token again is the beginning of the stream.
            if enough || page.next_backward_token.is_none() || page.next_backward_token == token {
                break;
            }
            token = page.next_backward_token;
        }
        // What comes before the last lines tells whether those are a part of a key.
        let mut lines = VecDeque::from(plain(lines.make_contiguous()));
        while i32::try_from(lines.len()).is_ok_and(|have| have > most) {
            lines.pop_front();
        }
        Ok(lines.into())
    }
}

/// One line for each event, whose own lines are read for secrets together with their neighbours:
/// a key goes over several of either.
fn plain(events: &[String]) -> Vec<String> {
    let lines = events.iter().flat_map(|event| event.trim_end().split('\n'));
    let mut masked = mask_lines(lines).into_iter();
    let lines_of = |event: &String| event.trim_end().split('\n').count();
    events
        .iter()
        .map(|event| {
            let lines: Vec<String> = masked.by_ref().take(lines_of(event)).collect();
            let shown = lines.join(" ");
            let shown = shown.chars().map(|c| if c.is_control() { ' ' } else { c });
            shown.take(LINE).collect()
        })
        .collect()
}
