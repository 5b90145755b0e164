//! What is seen from outside: the log, and metrics.
//!
//! The log is one structured line per decision, readable alone, with its identifiers as fields; never a body,
//! never what people typed, never a URL that is a credential. Metrics are in CloudWatch's embedded metric
//! format, one JSON line on standard output each; their dimensions are environment and verdict only, for every
//! further one would cost money per value. What tells one installation's metrics from another's is their namespace.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::names::EnvName;
use crate::record::{Deploy, LogRead};

/// Where a function's metrics go, and the namespace that they are in.
#[derive(Clone)]
pub struct Metrics {
    namespace: Arc<str>,
    out: Arc<Mutex<dyn Write + Send>>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Metrics");
        shown
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

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

impl Metrics {
    /// Metrics in that namespace, as lines of `out`.
    pub fn new(namespace: &str, out: impl Write + Send + 'static) -> Self {
        Self {
            namespace: namespace.into(),
            out: Arc::new(Mutex::new(out)),
        }
    }

    /// A request's signature was refused.
    pub(crate) fn refused_signature(&self, now: Timestamp) {
        self.emit(now, &[("RefusedSignatures", "Count", 1.0)], &[]);
    }

    /// A verified request was answered after so long.
    pub(crate) fn acknowledged(&self, now: Timestamp, after: Duration) {
        let millis = after.as_secs_f64() * 1000.0;
        self.emit(now, &[("AckLatency", "Milliseconds", millis)], &[]);
    }

    /// A deploy got its verdict.
    pub(crate) fn verdict(&self, deploy: &Deploy) {
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
        self.emit(
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
    pub(crate) fn undeliverable(&self, now: Timestamp, environment: &EnvName) {
        let environment = [("Environment", environment.as_str())];
        self.emit(now, &[("Undeliverable", "Count", 1.0)], &environment);
        self.emit(now, &[("Undeliverable", "Count", 1.0)], &[]);
    }

    /// Somebody wrote to the bot, and there is no bot token to answer with.
    pub(crate) fn unanswered(&self, now: Timestamp) {
        self.emit(now, &[("Unanswered", "Count", 1.0)], &[]);
    }

    /// The sweeper had to start an execution.
    pub(crate) fn resume(&self, now: Timestamp) {
        self.emit(now, &[("Resumes", "Count", 1.0)], &[]);
    }

    /// So many user groups that the configuration names are unknown, or known of old only.
    pub(crate) fn unknown_groups(&self, now: Timestamp, groups: u64) {
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 groups")]
        let groups = groups as f64;
        self.emit(now, &[("UnknownGroups", "Count", groups)], &[]);
    }

    /// So many open records could not be looked after by a sweep.
    pub(crate) fn neglected(&self, now: Timestamp, records: u64) {
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 deploys")]
        let records = records as f64;
        self.emit(now, &[("Neglected", "Count", records)], &[]);
    }

    fn emit(&self, now: Timestamp, metrics: &[(&str, &str, f64)], dimensions: &[(&str, &str)]) {
        let line = format!("{}\n", line(&self.namespace, now, metrics, dimensions));
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // In one piece, because the log goes there too.
        if let Err(error) = out.write_all(line.as_bytes()).and_then(|()| out.flush()) {
            tracing::warn!(%error, "a metric could not be written");
        }
    }
}

fn line(
    namespace: &str,
    now: Timestamp,
    metrics: &[(&str, &str, f64)],
    dimensions: &[(&str, &str)],
) -> Value {
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
                "Namespace": namespace,
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
            "Longshore/longshore",
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
                        "Namespace": "Longshore/longshore",
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
