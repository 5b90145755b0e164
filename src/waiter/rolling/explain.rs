//! What explains a failed service, gathered while ECS still shows it.

use jiff::Timestamp;

use crate::aws::AwsError;
use crate::config;
use crate::evidence::{self, Explanation, StoppedTask};
use crate::plan::{Plan, PlannedService};
use crate::record::Evidence;
use crate::rollout::ServiceEvent;
use crate::waiter::no::in_short;
use crate::waiter::reach::Reach;

/// Gathers what explains why `revision` did not come up; its rollout began then, by ECS's clock. Helps people and decides nothing, so what
/// cannot be read is left out.
pub(super) async fn explain(
    reach: &Reach,
    plan: &Plan,
    planned: &PlannedService,
    revision: &str,
    began: Option<Timestamp>,
) -> Evidence {
    let link = Some(console_link(plan, &planned.service));
    match gather(reach, plan, planned, revision, began).await {
        Ok(evidence) => Evidence { link, ..evidence },
        Err(error) => {
            tracing::warn!(service = planned.service, %error, "what explains a failure could not be read");
            Evidence {
                what: unread(plan, &error),
                link,
                ..Evidence::default()
            }
        }
    }
}

async fn gather(
    reach: &Reach,
    plan: &Plan,
    planned: &PlannedService,
    revision: &str,
    began: Option<Timestamp>,
) -> Result<Evidence, AwsError> {
    let tasks = reach.ecs.stopped_tasks(&planned.service, revision).await?;
    let mut services = reach.ecs.describe_services(&[&planned.service]).await?;
    let events: Vec<ServiceEvent> = services.pop().map(|live| live.events).unwrap_or_default();
    told(
        reach,
        plan,
        revision,
        evidence::explain(&tasks, &events, began),
    )
    .await
}

/// Gathers what explains why a one-off task of `revision` stopped as it did.
pub(super) async fn explain_task(
    reach: &Reach,
    plan: &Plan,
    revision: &str,
    task: StoppedTask,
) -> Evidence {
    let link = Some(task_link(plan, &task.id));
    let explained = evidence::explain(&[task], &[], None);
    match told(reach, plan, revision, explained).await {
        Ok(evidence) => Evidence { link, ..evidence },
        Err(error) => {
            tracing::warn!(%error, "what explains a failed task could not be read");
            Evidence {
                what: unread(plan, &error),
                link,
                ..Evidence::default()
            }
        }
    }
}

/// An explanation, with the last lines of whoever is to blame, where they may be shown.
async fn told(
    reach: &Reach,
    plan: &Plan,
    revision: &str,
    explained: Explanation,
) -> Result<Evidence, AwsError> {
    let mut what = explained.what;
    let mut log_lines = Vec::new();
    if let (Some(culprit), config::LogEvidence::Logs) = (&explained.culprit, plan.evidence) {
        let definition = reach.definition(revision).await?;
        let options = definition
            .containers
            .iter()
            .find(|container| container.name == culprit.container)
            .and_then(|container| container.logs.clone());
        if let Some(options) = options {
            let read = reach
                .logs
                .last_lines(&options, &culprit.container, &culprit.task);
            match read.await {
                Ok(lines) => log_lines = lines,
                Err(error) => {
                    tracing::warn!(%error, "log lines could not be read");
                    what.extend(unread(plan, &error));
                }
            }
        }
    }
    Ok(Evidence {
        what,
        cause: explained.cause,
        log_lines,
        link: None,
        event: explained.event,
    })
}

/// Which right is missing to see it; of what passes, nothing is said.
fn unread(plan: &Plan, error: &AwsError) -> Vec<String> {
    let denied = error.is_denied();
    let why = denied.then(|| in_short(error, &plan.role_arn));
    why.into_iter().collect()
}

fn console_link(plan: &Plan, service: &str) -> String {
    format!(
        "https://{region}.console.aws.amazon.com/ecs/v2/clusters/{cluster}/services/{service}/tasks?region={region}",
        region = plan.region,
        cluster = plan.cluster,
    )
}

fn task_link(plan: &Plan, task: &str) -> String {
    format!(
        "https://{region}.console.aws.amazon.com/ecs/v2/clusters/{cluster}/tasks/{task}?region={region}",
        region = plan.region,
        cluster = plan.cluster,
    )
}
