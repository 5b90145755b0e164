//! What the waiter is called with: the state machine's steps, the schedule, and events.

use serde_json::Value;

use crate::lease::ServiceKey;

/// One invocation, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Take a step of this record.
    Step {
        /// The record.
        id: String,
        /// The execution that asks.
        execution: String,
    },
    /// The execution waits for an answer; this token wakes it.
    Ask {
        /// The record.
        id: String,
        /// The execution that asks.
        execution: String,
        /// The task token.
        token: String,
    },
    /// Look after everything that is open.
    Sweep,
    /// An execution of ours failed, timed out or was aborted.
    ExecutionEnded {
        /// The record it drove.
        id: String,
    },
    /// ECS said something about this service.
    Ecs {
        /// The service.
        service: ServiceKey,
    },
}

/// An event of no known kind. Says which kind, never what was in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the waiter was called with an event it does not know: {0}")]
pub struct UnknownEvent(String);

impl Event {
    /// Reads an invocation's payload.
    pub fn read(payload: &Value) -> Result<Self, UnknownEvent> {
        let text = |name: &str| payload.get(name).and_then(Value::as_str).map(str::to_owned);
        if let (Some(id), Some(execution)) = (text("id"), text("execution")) {
            return Ok(match text("token") {
                Some(token) => Self::Ask {
                    id,
                    execution,
                    token,
                },
                None => Self::Step { id, execution },
            });
        }
        if payload.get("sweep").is_some() {
            return Ok(Self::Sweep);
        }
        let unknown = |kind: &str| UnknownEvent(kind.to_owned());
        match text("source").as_deref() {
            Some("aws.states") => {
                let name = payload
                    .pointer("/detail/name")
                    .and_then(Value::as_str)
                    .ok_or_else(|| unknown("an execution's without a name"))?;
                Ok(Self::ExecutionEnded {
                    id: record_of(name).to_owned(),
                })
            }
            Some("aws.ecs") => service_of(payload)
                .map(|service| Self::Ecs { service })
                .ok_or_else(|| unknown("ECS's without a service")),
            _ => Err(unknown("neither a step nor a sweep nor a known source")),
        }
    }
}

/// The record an execution drives: `<id>` or `<id>-<n>`.
fn record_of(execution: &str) -> &str {
    let (prefix, rest) = execution
        .strip_prefix("r-")
        .map_or(("", execution), |rest| ("r-", rest));
    let id = rest.split('-').next().unwrap_or(rest);
    &execution[..prefix.len() + id.len()]
}

/// The service an ECS event is about, from `arn:…:service/CLUSTER/NAME` or
/// `arn:…:service-deployment/CLUSTER/NAME/ID`.
fn service_of(payload: &Value) -> Option<ServiceKey> {
    let resources = payload.get("resources")?.as_array()?;
    resources.iter().find_map(|arn| {
        let mut parts = arn.as_str()?.splitn(6, ':');
        let (region, account, resource) = (parts.nth(3)?, parts.next()?, parts.next()?);
        let mut path = resource.split('/');
        let kind = path.next()?;
        let (cluster, service) = (path.next()?, path.next()?);
        (kind == "service" || kind == "service-deployment")
            .then(|| ServiceKey::new(account, region, cluster, service))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_event_is_read() {
        let service = ServiceKey::new("222222222222", "eu-west-1", "staging", "web");
        for (payload, event) in [
            (
                json!({"id": "k3m9x2ab", "execution": "k3m9x2ab"}),
                Event::Step {
                    id: "k3m9x2ab".into(),
                    execution: "k3m9x2ab".into(),
                },
            ),
            (
                json!({"id": "k3m9x2ab", "execution": "k3m9x2ab-2", "token": "t"}),
                Event::Ask {
                    id: "k3m9x2ab".into(),
                    execution: "k3m9x2ab-2".into(),
                    token: "t".into(),
                },
            ),
            (json!({"sweep": {}}), Event::Sweep),
            (
                json!({"source": "aws.states", "detail": {"name": "k3m9x2ab-17"}}),
                Event::ExecutionEnded {
                    id: "k3m9x2ab".into(),
                },
            ),
            (
                json!({"source": "aws.states", "detail": {"name": "r-k3m9x2ab"}}),
                Event::ExecutionEnded {
                    id: "r-k3m9x2ab".into(),
                },
            ),
            (
                json!({"source": "aws.ecs", "resources":
                    ["arn:aws:ecs:eu-west-1:222222222222:service/staging/web"]}),
                Event::Ecs {
                    service: service.clone(),
                },
            ),
            (
                json!({"source": "aws.ecs", "resources":
                    ["arn:aws:ecs:eu-west-1:222222222222:service-deployment/staging/web/abc"]}),
                Event::Ecs { service },
            ),
        ] {
            assert_eq!(Event::read(&payload), Ok(event), "{payload}");
        }
    }

    #[test]
    fn anything_else_is_named_by_its_kind_only() {
        for payload in [
            json!({}),
            json!(null),
            json!({"source": "aws.s3"}),
            json!({"source": "aws.ecs", "resources": []}),
            json!({"source": "aws.ecs", "resources": ["arn:aws:ecs:eu-west-1:1:cluster/x"]}),
            json!({"source": "aws.states", "detail": {"token": "secret"}}),
        ] {
            let error = Event::read(&payload).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
