//! What explains a failed service, gathered while ECS still shows it.

use jiff::Timestamp;

use crate::aws::AwsError;
use crate::config;
use crate::evidence::{self, Culprit, Explanation, StoppedTask};
use crate::names::console;
use crate::plan::{Plan, PlannedService};
use crate::record::Evidence;
use crate::reply::no_in_short;
use crate::rollout::ServiceEvent;
use crate::task_definition::AwsLogs;
use crate::waiter::no::no_of;
use crate::waiter::reach::Reach;

/// Log lines of a failed container that are shown, at most.
const LOG_LINES: i32 = 15;

/// Gathers what explains why `revision` did not come up; its rollout began then, by ECS's clock. Helps people and decides nothing, so what
/// cannot be read is left out.
pub(super) async fn explain(
    reach: &Reach,
    plan: &Plan,
    planned: &PlannedService,
    revision: &str,
    began: Option<Timestamp>,
) -> Evidence {
    let link = console::service_tasks(&plan.region, &plan.cluster, &planned.service);
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
    let link = console::task(&plan.region, &plan.cluster, &task.id);
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

/// An explanation, with where whoever is to blame wrote its log, and the last lines of it where they may be
/// shown.
async fn told(
    reach: &Reach,
    plan: &Plan,
    revision: &str,
    explained: Explanation,
) -> Result<Evidence, AwsError> {
    let mut what = explained.what;
    let mut log_lines = Vec::new();
    let mut log = None;
    if let Some(culprit) = &explained.culprit {
        let definition = match (reach.definition(revision).await, plan.evidence) {
            (Ok(definition), _) => Some(definition),
            (Err(error), config::LogEvidence::Logs) => return Err(error),
            // Without it there is no link to the log, and the rest is told.
            (Err(error), config::LogEvidence::Link) => {
                tracing::warn!(%error, "where a task writes its log could not be read");
                None
            }
        };
        let mut containers = definition.iter().flat_map(|whole| &whole.containers);
        let container = containers.find(|container| container.name == culprit.container);
        if let Some(options) = container.and_then(|container| container.logs.as_ref()) {
            log = log_page(plan, options, culprit);
            if plan.evidence == config::LogEvidence::Logs {
                let read =
                    reach
                        .logs
                        .last_lines(options, &culprit.container, &culprit.task, LOG_LINES);
                match read.await {
                    Ok(lines) => log_lines = lines,
                    Err(error) => {
                        tracing::warn!(%error, "log lines could not be read");
                        what.extend(unread(plan, &error));
                    }
                }
            }
        }
    }
    Ok(Evidence {
        what,
        cause: explained.cause,
        log_lines,
        link: None,
        log,
        event: explained.event,
    })
}

/// Where that container's log is in the console. Without a prefix, its stream has a name that only the
/// container instance knows.
fn log_page(plan: &Plan, options: &AwsLogs, culprit: &Culprit) -> Option<String> {
    let stream = options.stream(&culprit.container, &culprit.task)?;
    let region = options.region.as_deref().unwrap_or(&plan.region);
    console::log_stream(region, &options.group, &stream)
}

/// Which right is missing to see it; of what passes, nothing is said.
fn unread(plan: &Plan, error: &AwsError) -> Vec<String> {
    let denied = error.is_denied();
    let why = denied.then(|| no_in_short(&no_of(error, &plan.role_arn)));
    why.into_iter().collect()
}
