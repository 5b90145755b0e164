//! `logs APP on ENV [SERVICE]`: the last lines of the task that began last, read at that moment and shown to
//! the asker alone. That somebody read them is written down before they are shown; the lines are kept nowhere.

use std::time::Duration;

use tokio::time::timeout;

use crate::aws::AwsError;
use crate::aws::sts::OnBehalf;
use crate::config::Target;
use crate::record::LogRead;
use crate::record::job::{Job, LogsOf};
use crate::reply::no_in_short;
use crate::running::{NoLines, Tail, TailLines, newest, written_by};
use crate::slack::blocks::Message;
use crate::task_definition::AwsLogs;
use crate::waiter::context::{StepError, Waiter};
use crate::waiter::no::no_of;
use crate::waiter::reach::{Destination, Reach};
use crate::{card, telemetry};

/// How long AWS may take to answer, before it is said that it could not be read.
const READ_WITHIN: Duration = Duration::from_secs(8);
/// Lines read at most: about what one message of Slack's holds.
const LINES: i32 = 50;

/// The lines, or why there are none, for somebody who may read them.
pub(crate) async fn answer(waiter: &Waiter, job: &Job, of: &LogsOf) -> Result<Message, StepError> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let tail = match loaded.config.target(&of.application, &of.environment) {
        Some(target) => tail(waiter, job, of, &target).await,
        None => nothing(
            of,
            of.service.as_deref().unwrap_or_default(),
            NoLines::NoService,
        ),
    };
    if let Ok(lines) = &tail.found {
        let read = LogRead {
            id: job.id.clone(),
            by: job.requester.clone(),
            channel: job.channel.clone(),
            at: job.requested_at,
            application: tail.application.clone(),
            environment: tail.environment.clone(),
            service: tail.service.clone(),
            task: lines.task.clone(),
            container: lines.container.clone(),
        };
        waiter.store.put_log_read(&read).await?;
        telemetry::log_read(&read);
    }
    let command = &loaded.config.slack().command;
    let admins = loaded.admins_told(&job.requester, waiter.now());
    let reader = job.requester.user();
    Ok(card::logs(&tail, command, &admins, reader))
}

fn nothing(of: &LogsOf, service: &str, why: NoLines) -> Tail {
    Tail {
        application: of.application.clone(),
        environment: of.environment.clone(),
        service: service.to_owned(),
        others: Vec::new(),
        found: Err(why),
    }
}

async fn tail(waiter: &Waiter, job: &Job, of: &LogsOf, target: &Target) -> Tail {
    let mut services = target.services.iter();
    let service = match &of.service {
        Some(named) => services.find(|service| *service == named),
        None => services.next(),
    };
    let Some(service) = service else {
        return nothing(
            of,
            of.service.as_deref().unwrap_or_default(),
            NoLines::NoService,
        );
    };
    let read = timeout(READ_WITHIN, read(waiter, job, of, target, service));
    let found = read.await.unwrap_or_else(|_| {
        Err(NoLines::Unread {
            why: "AWS took too long to answer".to_owned(),
            role: None,
        })
    });
    let others = target.services.iter().filter(|other| *other != service);
    Tail {
        others: others.filter(|_| of.service.is_none()).cloned().collect(),
        found,
        ..nothing(of, service, NoLines::NoService)
    }
}

async fn read(
    waiter: &Waiter,
    job: &Job,
    of: &LogsOf,
    target: &Target,
    service: &str,
) -> Result<TailLines, NoLines> {
    let role_arn = target.deploy_role_arn();
    let unread = |error: AwsError| unread(&error, &role_arn);
    let place = Destination {
        role_arn: &role_arn,
        region: target.region.as_str(),
        cluster: &target.cluster,
    };
    let behalf = OnBehalf {
        deploy: job.id.as_str(),
        actor: &job.requester,
    };
    let reach = waiter.accounts.open(place, behalf).await.map_err(unread)?;
    let tasks = reach.ecs.running_tasks(service).await;
    let tasks = tasks.map_err(|error| match error.code() {
        Some("ServiceNotFoundException") => NoLines::NoService,
        _ => unread(error),
    })?;
    let task = newest(&tasks)?;
    let definition = reach.definition(&task.definition).await.map_err(unread)?;
    let (container, logs) = written_by(&definition, target, of.image.as_ref())?;
    let lines = lines(&reach, logs, container, &task.id).await;
    let lines = lines.map_err(|error| match error.is_denied() {
        true => NoLines::Denied {
            group: logs.group.clone(),
            action: error.action(),
        },
        false => unread(error),
    })?;
    if lines.is_empty() {
        return Err(NoLines::Nothing {
            container: container.to_owned(),
            task: task.id.clone(),
            group: logs.group.clone(),
        });
    }
    let others = definition.containers.iter().map(|one| one.name.clone());
    Ok(TailLines {
        task: task.id.clone(),
        revision: task.definition.clone(),
        tasks: tasks.iter().filter(|task| task.since.is_some()).count(),
        container: container.to_owned(),
        others: others.filter(|name| name != container).collect(),
        lines,
    })
}

async fn lines(
    reach: &Reach,
    logs: &AwsLogs,
    container: &str,
    task: &str,
) -> Result<Vec<String>, AwsError> {
    reach.logs.last_lines(logs, container, task, LINES).await
}

fn unread(error: &AwsError, role_arn: &str) -> NoLines {
    NoLines::Unread {
        why: no_in_short(&no_of(error, "")),
        role: error.is_denied().then(|| role_arn.to_owned()),
    }
}
