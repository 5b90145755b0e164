//! CloudWatch Logs, as the wire shows it: log streams that are read from either end.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Answer, AwsError, Caller, State};

/// Account, region and group name.
type Group = (String, String, String);

/// What CloudWatch Logs remembers: streams of lines with their times, by group.
#[derive(Clone, Debug, Default)]
pub struct Logs {
    groups: BTreeMap<Group, BTreeMap<String, Vec<(Timestamp, String)>>>,
    /// So many pages are empty before the first that holds something, as happens on AWS.
    pub empty_pages: usize,
}

impl Logs {
    /// Appends lines to a stream; group and stream are made as needed.
    pub fn put(
        &mut self,
        account: &str,
        region: &str,
        group: &str,
        stream: &str,
        lines: &[&str],
        at: Timestamp,
    ) {
        let group = (account.to_owned(), region.to_owned(), group.to_owned());
        let stream = self
            .groups
            .entry(group)
            .or_default()
            .entry(stream.to_owned())
            .or_default();
        stream.extend(lines.iter().map(|line| (at, (*line).to_owned())));
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
    crate::ecs::advance(state, now);
    match operation {
        "GetLogEvents" => get_log_events(&state.logs, now, request, caller),
        _ => Err(AwsError::unknown_operation(operation)),
    }
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

/// Tokens are `f/` or `b/` and a position; at either end the same token comes back. `e/` counts the
/// empty pages that are still to come.
fn get_log_events(
    logs: &Logs,
    now: Timestamp,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let identifier = text("logGroupName").or_else(|| text("logGroupIdentifier"));
    let identifier =
        identifier.ok_or_else(|| invalid("logGroupName or logGroupIdentifier is required"))?;
    let stream = text("logStreamName").ok_or_else(|| invalid("logStreamName is required"))?;
    let group = if identifier.starts_with("arn:") {
        identifier.split(':').nth(6).unwrap_or_default()
    } else {
        identifier
    };
    let region = if caller.region.is_empty() {
        "us-east-1"
    } else {
        &caller.region
    };
    let owner = logs
        .groups
        .keys()
        .find(|(_, at, name)| at == region && name == group);
    let own = if caller.account.is_empty() {
        owner.map_or("123456789012", |(account, _, _)| account)
    } else {
        &caller.account
    };
    let streams = logs
        .groups
        .get(&(own.to_owned(), region.to_owned(), group.to_owned()));
    let absent = |what: &str| {
        AwsError::new(
            "ResourceNotFoundException",
            format!("The specified log {what} does not exist."),
        )
    };
    let streams = streams.ok_or_else(|| absent("group"))?;
    let lines = streams.get(stream).ok_or_else(|| absent("stream"))?;
    let limit = match request
        .get("limit")
        .filter(|limit| !limit.is_null())
        .map(Value::as_u64)
    {
        None => 10_000,
        Some(Some(limit @ 1..=10_000)) => usize::try_from(limit).unwrap_or(10_000),
        Some(_) => return Err(invalid("limit must be between 1 and 10000")),
    };
    let time = |member: &str| request.get(member).and_then(Value::as_i64);
    let fits = |(at, _): &&(Timestamp, String)| {
        time("startTime").is_none_or(|start| at.as_millisecond() >= start)
            && time("endTime").is_none_or(|end| at.as_millisecond() < end)
    };
    let lines: Vec<_> = lines.iter().filter(fits).collect();
    let from_head = request.get("startFromHead") == Some(&json!(true));
    let token = text("nextToken");
    let empty = match token.map(|token| token.strip_prefix("e/").map(str::parse::<usize>)) {
        None if !from_head => logs.empty_pages,
        Some(Some(Ok(left))) => left,
        Some(Some(Err(_))) => return Err(invalid("The specified nextToken is invalid.")),
        None | Some(None) => 0,
    };
    let token = token.filter(|token| !token.starts_with("e/"));
    let (start, end) = match token.map(|token| token.split_at_checked(2).unwrap_or(("", ""))) {
        Some(("f/", position)) => {
            let start = position
                .parse()
                .map_err(|_| invalid("The specified nextToken is invalid."))?;
            (start, lines.len().min(start + limit))
        }
        Some(("b/", position)) => {
            let end = position
                .parse::<usize>()
                .map_err(|_| invalid("The specified nextToken is invalid."))?;
            (end.saturating_sub(limit), end)
        }
        Some(_) => return Err(invalid("The specified nextToken is invalid.")),
        None if from_head => (0, lines.len().min(limit)),
        None => (lines.len().saturating_sub(limit), lines.len()),
    };
    let events: Vec<_> = lines
        .get(start..end)
        .unwrap_or_default()
        .iter()
        .map(|(at, message)| {
            json!({
                "timestamp": at.as_millisecond(),
                "message": message,
                "ingestionTime": at.as_millisecond().min(now.as_millisecond()),
            })
        })
        .collect();
    if let Some(left) = empty.checked_sub(1) {
        return Ok(Answer {
            body: json!({
                "events": [],
                "nextForwardToken": format!("f/{}", lines.len()),
                "nextBackwardToken": format!("e/{left}"),
            }),
            resources: vec![format!(
                "arn:aws:logs:{region}:{own}:log-group:{group}:log-stream:{stream}"
            )],
            ..Answer::default()
        });
    }
    let arn = format!("arn:aws:logs:{region}:{own}:log-group:{group}:log-stream:{stream}");
    Ok(Answer {
        body: json!({
            "events": events,
            "nextForwardToken": format!("f/{end}"),
            "nextBackwardToken": format!("b/{start}"),
        }),
        resources: vec![arn],
        ..Answer::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(request: &Value) -> Result<Value, String> {
        let mut state = State::default();
        let at = Timestamp::UNIX_EPOCH;
        state.logs.put(
            "111111111111",
            "eu-west-1",
            "/ecs/webapp",
            "ecs/app/1",
            &["a", "b", "c"],
            at,
        );
        let caller = Caller {
            account: "111111111111".to_owned(),
            region: "eu-west-1".to_owned(),
            ..Caller::default()
        };
        let answer = handle(&mut state, at, "GetLogEvents", request, &caller);
        answer
            .map(|answer| answer.body)
            .map_err(|error| format!("{}: {}", error.code, error.message))
    }

    fn messages(answer: &Value) -> String {
        let events = answer["events"].as_array().unwrap();
        events
            .iter()
            .map(|event| event["message"].as_str().unwrap())
            .collect()
    }

    #[test]
    fn a_stream_is_read_from_either_end_and_on() {
        let stream =
            json!({ "logGroupName": "/ecs/webapp", "logStreamName": "ecs/app/1", "limit": 2 });
        let with = |member: &str, value: Value| {
            let mut request = stream.clone();
            request[member] = value;
            request
        };
        let tail = ask(&stream).unwrap();
        assert_eq!(messages(&tail), "bc");
        let before = ask(&with("nextToken", tail["nextBackwardToken"].clone())).unwrap();
        assert_eq!(messages(&before), "a");
        let head = ask(&with("startFromHead", json!(true))).unwrap();
        assert_eq!(messages(&head), "ab");
        let on = ask(&with("nextToken", head["nextForwardToken"].clone())).unwrap();
        assert_eq!(messages(&on), "c");
        let end = ask(&with("nextToken", on["nextForwardToken"].clone())).unwrap();
        assert_eq!(
            (messages(&end).as_str(), &end["nextForwardToken"]),
            ("", &on["nextForwardToken"])
        );
    }

    #[test]
    fn what_is_not_there_and_what_makes_no_sense_is_refused() {
        let refusal = |group: &str, stream: &str, limit: i64| {
            ask(&json!({ "logGroupName": group, "logStreamName": stream, "limit": limit }))
                .unwrap_err()
        };
        assert_eq!(
            refusal("/ecs/none", "x", 1),
            "ResourceNotFoundException: The specified log group does not exist."
        );
        assert_eq!(
            refusal("/ecs/webapp", "x", 1),
            "ResourceNotFoundException: The specified log stream does not exist."
        );
        assert!(refusal("/ecs/webapp", "ecs/app/1", 0).starts_with("InvalidParameterException"));
    }
}
