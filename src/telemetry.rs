//! What is seen from outside: the log, and metrics.
//!
//! The log is one structured line per decision, readable alone, with its identifiers as fields; never a body,
//! never what people typed, never a URL that is a credential. Metrics are in CloudWatch's embedded metric
//! format, one JSON line on standard output each; their dimensions are environment and verdict only, for every
//! further one would cost money per value.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::names::EnvName;
use crate::record::{Deploy, LogRead};

/// The namespace, as the template's alarms know it.
pub const NAMESPACE: &str = "Longshore";

/// A request was accepted as a deploy.
pub fn accepted(deploy: &Deploy) {
    tracing::info!(
        deploy = %deploy.id,
        actor = %deploy.requester,
        application = %deploy.application(),
        environment = %deploy.environment,
        "accepted a deploy"
    );
}

/// A deploy moved to another phase.
pub fn phase(deploy: &Deploy) {
    tracing::info!(
        deploy = %deploy.id,
        application = %deploy.application(),
        environment = %deploy.environment,
        phase = ?deploy.phase,
        "a deploy moved on"
    );
}

/// Somebody is shown the last lines of a running task.
pub(crate) fn log_read(read: &LogRead) {
    tracing::info!(
        id = %read.id,
        actor = %read.by,
        application = %read.application,
        environment = %read.environment,
        service = read.service,
        task = read.task,
        container = read.container,
        "somebody reads a log"
    );
}

/// A request's signature was refused.
pub(crate) fn refused_signature(now: Timestamp) {
    emit(now, &[("RefusedSignatures", "Count", 1.0)], &[]);
}

/// A verified request was answered after so long.
pub(crate) fn acknowledged(now: Timestamp, after: Duration) {
    let millis = after.as_secs_f64() * 1000.0;
    emit(now, &[("AckLatency", "Milliseconds", millis)], &[]);
}

/// A deploy got its verdict.
pub fn verdict(deploy: &Deploy) {
    let Some(ending) = &deploy.ending else {
        return;
    };
    let took = deploy.elapsed(ending.at);
    tracing::info!(
        deploy = %deploy.id,
        actor = %deploy.requester,
        application = %deploy.application(),
        environment = %deploy.environment,
        verdict = ending.verdict.name(),
        why = ending.why.name(),
        seconds = took.as_secs(),
        "a deploy got its verdict"
    );
    let seconds = took.as_secs_f64();
    emit(
        ending.at,
        &[
            ("Deploys", "Count", 1.0),
            ("DeployDuration", "Seconds", seconds),
        ],
        &[
            ("Environment", deploy.environment.as_str()),
            ("Verdict", ending.verdict.name()),
        ],
    );
}

/// A verdict could be delivered to nobody. Without dimensions too, for the alarm.
pub fn undeliverable(now: Timestamp, environment: &EnvName) {
    let environment = [("Environment", environment.as_str())];
    emit(now, &[("Undeliverable", "Count", 1.0)], &environment);
    emit(now, &[("Undeliverable", "Count", 1.0)], &[]);
}

/// The sweeper had to start an execution.
pub(crate) fn resume(now: Timestamp) {
    emit(now, &[("Resumes", "Count", 1.0)], &[]);
}

/// So many user groups that the configuration names are unknown, or known of old only.
pub(crate) fn unknown_groups(now: Timestamp, groups: u64) {
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 groups")]
    let groups = groups as f64;
    emit(now, &[("UnknownGroups", "Count", groups)], &[]);
}

/// So many open records could not be looked after by a sweep.
pub(crate) fn neglected(now: Timestamp, records: u64) {
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 deploys")]
    let records = records as f64;
    emit(now, &[("Neglected", "Count", records)], &[]);
}

#[expect(
    clippy::print_stdout,
    reason = "the embedded metric format is a line on standard output"
)]
fn emit(now: Timestamp, metrics: &[(&str, &str, f64)], dimensions: &[(&str, &str)]) {
    println!("{}", line(now, metrics, dimensions));
}

fn line(now: Timestamp, metrics: &[(&str, &str, f64)], dimensions: &[(&str, &str)]) -> Value {
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
    let units: Vec<Value> = metrics
        .iter()
        .map(|(name, unit, _)| json!({ "Name": name, "Unit": unit }))
        .collect();
    let mut members = Map::new();
    members.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [names],
                "Metrics": units,
            }],
        }),
    );
    for (name, value) in dimensions {
        members.insert((*name).to_owned(), json!(value));
    }
    for (name, _, value) in metrics {
        members.insert((*name).to_owned(), json!(value));
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_one_line_that_cloudwatch_understands() {
        let line = line(
            Timestamp::UNIX_EPOCH,
            &[("Deploys", "Count", 1.0)],
            &[("Environment", "staging"), ("Verdict", "Succeeded")],
        );
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": 0,
                    "CloudWatchMetrics": [{
                        "Namespace": "Longshore",
                        "Dimensions": [["Environment", "Verdict"]],
                        "Metrics": [{ "Name": "Deploys", "Unit": "Count" }],
                    }],
                },
                "Environment": "staging",
                "Verdict": "Succeeded",
                "Deploys": 1.0,
            })
        );
    }
}
