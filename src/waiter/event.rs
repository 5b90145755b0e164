//! What the waiter is called with: the state machine's steps, the schedule, and events.

use serde_json::Value;

use crate::names::arn::EcsArn;

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
        service: NamedService,
    },
    /// ECS said something that is nothing to Longshore. AWS may add events at any time
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html>).
    Ignored,
}

/// A service as an event names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedService {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The cluster; `None` where the service's ARN is an old one and nothing else in the event tells.
    pub cluster: Option<String>,
    /// The service's name.
    pub service: String,
}

/// ECS's events about the deployments of services, as the rules of the stacks forward them.
const OF_DEPLOYMENTS: [&str; 3] = [
    "ECS Deployment State Change",
    "ECS Service Deployment State Change",
    "ECS Hook State Change",
];

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
            Some("aws.ecs") => {
                let kind = text("detail-type");
                let known = |kind: &String| OF_DEPLOYMENTS.contains(&kind.as_str());
                let service = service_of(payload);
                if !kind.as_ref().is_none_or(known) || service.is_none() {
                    tracing::info!(kind, "ignored an event of ECS's");
                }
                Ok(match service {
                    Some(service) if kind.as_ref().is_none_or(known) => Self::Ecs { service },
                    Some(_) | None => Self::Ignored,
                })
            }
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

/// The service an ECS event is about: in `resources` as a service's ARN or a service deployment's, else
/// in `detail`. An old ARN of a service lacks the cluster, which `detail` may tell.
fn service_of(payload: &Value) -> Option<NamedService> {
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str);
    let resources = payload.get("resources").and_then(Value::as_array);
    let resources = resources.into_iter().flatten().filter_map(Value::as_str);
    let details = ["/detail/serviceArn", "/detail/serviceDeploymentArn"];
    let arns: Vec<EcsArn<'_>> = resources
        .chain(details.into_iter().filter_map(text))
        .chain(text("/detail/clusterArn"))
        .filter_map(EcsArn::read)
        .collect();
    let named = |arn: &EcsArn<'_>| {
        let (cluster, service) = arn.service()?;
        Some(NamedService {
            account: arn.account.to_owned(),
            region: arn.region.to_owned(),
            cluster: cluster.map(str::to_owned),
            service: service.to_owned(),
        })
    };
    let first = arns.iter().find_map(named)?;
    if first.cluster.is_some() {
        return Some(first);
    }
    let alike = |other: &NamedService| {
        (&other.account, &other.region, &other.service)
            == (&first.account, &first.region, &first.service)
    };
    let told = arns.iter().filter_map(named).filter(alike);
    let told = told.filter_map(|service| service.cluster).next();
    let at_home = |arn: &&EcsArn<'_>| arn.account == first.account && arn.region == first.region;
    let beside = arns.iter().filter(at_home).find_map(EcsArn::cluster);
    Some(NamedService {
        cluster: told.or_else(|| beside.map(str::to_owned)),
        ..first
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn web(cluster: Option<&str>) -> NamedService {
        NamedService {
            account: "222222222222".to_owned(),
            region: "eu-west-1".to_owned(),
            cluster: cluster.map(str::to_owned),
            service: "web".to_owned(),
        }
    }

    #[test]
    fn every_kind_of_event_is_read() {
        let service = web(Some("staging"));
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
            json!({"source": "aws.states", "detail": {"token": "secret"}}),
        ] {
            let error = Event::read(&payload).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    /// AWS's own sample, with the account and the names of this test:
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html>.
    fn hook() -> Value {
        let arn = |resource: &str| format!("arn:aws:ecs:eu-west-1:222222222222:{resource}");
        let deployment = arn("service-deployment/staging/web/0EYSiB0qap8xf0N76FsbE");
        json!({
            "version": "0",
            "id": "3329f79b-3dca-07f8-b1c2-5fe99f0b5e87",
            "detail-type": "ECS Hook State Change",
            "source": "aws.ecs",
            "account": "222222222222",
            "time": "2026-03-05T15:54:41Z",
            "region": "eu-west-1",
            "resources": [deployment],
            "detail": {
                "eventType": "INFO",
                "eventName": "HOOK_AWAITING_ACTION",
                "hookId": "ecs-pause-e7tK9G_WRJqNF_EOMjztDXfKenlJuEUVjsNStf4WLKw",
                "hookType": "PAUSE",
                "expiresAt": "2026-03-05T16:04:41Z",
                "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
                "clusterArn": arn("cluster/staging"),
                "serviceArn": arn("service/staging/web"),
                "serviceDeploymentArn": deployment,
                "updatedAt": "2026-03-05T15:54:41.618059641Z",
            },
        })
    }

    #[test]
    fn the_service_is_found_wherever_an_event_names_it() {
        let old = "arn:aws:ecs:eu-west-1:222222222222:service/web";
        let without = |members: &[&str]| {
            let mut event = hook();
            event["resources"] = json!([]);
            for member in members {
                event["detail"][*member] = Value::Null;
            }
            event
        };
        let in_staging = [
            hook(),
            without(&[]),
            without(&["serviceArn"]),
            without(&["serviceDeploymentArn", "clusterArn"]),
            {
                let mut event = hook();
                event.as_object_mut().unwrap().remove("resources");
                event
            },
            // An old ARN; the cluster is told by a deployment's, or by its own.
            {
                let mut event = without(&["clusterArn"]);
                event["resources"] = json!([old]);
                event
            },
            {
                let mut event = without(&["serviceArn", "serviceDeploymentArn"]);
                event["resources"] = json!([old]);
                event
            },
            json!({"source": "aws.ecs", "detail-type": "ECS Deployment State Change",
                "resources": [old, "arn:aws:ecs:eu-west-1:222222222222:cluster/staging"]}),
        ];
        for event in in_staging {
            let service = web(Some("staging"));
            assert_eq!(Event::read(&event), Ok(Event::Ecs { service }), "{event}");
        }
        let nowhere = json!({"source": "aws.ecs", "resources": [old], "detail":
            {"clusterArn": "arn:aws:ecs:us-east-1:222222222222:cluster/elsewhere"}});
        let service = web(None);
        assert_eq!(Event::read(&nowhere), Ok(Event::Ecs { service }));
        for partition in ["aws-cn", "aws-us-gov"] {
            let arn = format!("arn:{partition}:ecs:eu-west-1:222222222222:service/staging/web");
            let event = json!({"source": "aws.ecs", "resources": [arn]});
            let service = web(Some("staging"));
            assert_eq!(Event::read(&event), Ok(Event::Ecs { service }));
        }
    }

    #[test]
    fn what_else_ecs_says_is_ignored_and_no_error() {
        let mut unknown = hook();
        unknown["detail-type"] = json!("ECS Something New");
        let mut action = hook();
        action["detail-type"] = json!("ECS Service Action");
        for event in [
            unknown,
            action,
            json!({"source": "aws.ecs", "resources": []}),
            json!({"source": "aws.ecs", "resources": ["arn:aws:ecs:eu-west-1:1:cluster/x"]}),
            json!({"source": "aws.ecs", "detail-type": "ECS Hook State Change"}),
            json!({"source": "aws.ecs", "resources": "none", "detail": {"serviceArn": 7}}),
        ] {
            assert_eq!(Event::read(&event), Ok(Event::Ignored), "{event}");
        }
    }
}
