//! Looking after what is open: executions that ended before their deploy did are resumed, and where
//! one is late, the step that it owes is taken here. Nothing here invents a verdict.
//!
//! Every record says when it is due, which is a while after the next look that its last step
//! promised, and the index of open records is sorted by that. So what goes well is not even read,
//! and of the rest, the longest overdue come first.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};

use super::context::{By, StepError, Waiter, execution_name};
use super::event::NamedService;
use super::given::OWED_FOR;
use super::step;
use crate::aws::dynamodb::{Dossier, From, List, OpenItem, Recorded, SaveOutcome};
use crate::aws::sfn::Liveness;
use crate::names::{Actor, DeployId, ReadId};
use crate::record::job::{Job, Task};
use crate::record::lease::ServiceKey;
use crate::record::{Deploy, HANDED_ON_WITHIN, Phase};
use crate::waiter::{issuers, outside, planning};

/// Records looked after at the same time. Each takes up to four calls, so that at 50 ms a call a
/// thousand dead executions are resumed in some fifteen seconds; Step Functions lets an account
/// describe 250 executions at once and ten to fifteen more a second, and the SDK waits for those
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>).
const AT_ONCE: usize = 16;
/// So long a sweep takes up more: what it has begun then ends well before the function's timeout of
/// 60 s, and the next sweep goes on with the rest.
const BEGINS_WITHIN: SignedDuration = SignedDuration::from_secs(35);
/// Jobs nobody managed to do are given up after this long: their asker's reply address is dead.
const JOB_LASTS: Duration = Duration::from_secs(30 * 60);
/// Beyond that, what is owed to everybody is tried so rarely that no alarm is made of it.
const RARELY: u64 = 10;
/// An execution that waits for an answer goes on by itself so soon after the question lapsed.
const ASK_ENDS: SignedDuration = SignedDuration::from_secs(60);

/// So long an execution that was started may take until its first step has ended.
const BEGUN_WITHIN: SignedDuration = SignedDuration::from_secs(90);

/// Cause a record is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// It is due.
    Due,
    /// Step Functions said that an execution of it ended.
    ExecutionEnded,
}

/// The most requests that one sweep looks after.
const REQUESTS_AT_ONCE: usize = 100;

/// What is due, page by page: every record, then some requests. However many of those somebody writes
/// down, what is under way comes first.
#[derive(Debug)]
struct Queue {
    list: List,
    page: std::vec::IntoIter<OpenItem>,
    next: Option<From>,
}

/// Looks after everything that is due. One that fails keeps neither the others from their turn
/// nor this sweep from ending well: it is due again in the next one.
///
/// # Errors
///
/// The list of what is due could not be read at all.
pub(super) async fn sweep(waiter: &Waiter, invocation: &str) -> Result<(), StepError> {
    let began = waiter.now();
    let first = waiter.store.due(List::Records, began, None).await?;
    let mut queue = Queue {
        list: List::Records,
        page: first.open.into_iter(),
        next: first.next,
    };
    let mut at_work = FuturesUnordered::new();
    let (mut looked_at, mut neglected) = (0_u64, 0_u64);
    loop {
        while at_work.len() < AT_ONCE && waiter.now().duration_since(began) < BEGINS_WITHIN {
            let Some(one) = next_of(waiter, &mut queue, began).await else {
                break;
            };
            at_work.push(Box::pin(async move {
                let done = look_after(waiter, &one, Cause::Due, invocation).await;
                (one.id, done)
            }));
        }
        let Some((id, done)) = at_work.next().await else {
            break;
        };
        looked_at += 1;
        if let Err(error) = done {
            neglected += 1;
            tracing::error!(id, %error, "an open record could not be looked after");
        }
    }
    refresh(waiter, began).await;
    let left = queue.page.len();
    tracing::info!(looked_at, neglected, left, invocation, "swept");
    if neglected > 0 {
        waiter.metrics.neglected(began, neglected);
    }
    Ok(())
}

/// Has the copies of user groups, and of the keys of issuers of tokens, read again. What is under way comes first, and never waits for them.
async fn refresh(waiter: &Waiter, began: Timestamp) {
    let now = waiter.now();
    let until = began + BEGINS_WITHIN;
    if now >= until {
        return;
    }
    let refreshed = match waiter.settings.current(&waiter.store, now).await {
        Ok(loaded) => {
            let directory = &waiter.directory;
            let clock = || waiter.now();
            let store = &waiter.store;
            if let Err(error) = directory.keep_who_can_be_asked(store, &loaded, now).await {
                tracing::warn!(%error, "who can be asked for a right could not be written down");
            }
            if let Err(error) = issuers::refresh(waiter, &loaded.config, until).await {
                tracing::error!(%error, "the keys of an issuer of tokens could not be kept");
            }
            directory.refresh(store, &loaded, clock, until).await
        }
        // Nobody may do anything, whoever is in which group.
        Err(error) => return tracing::warn!(%error, "no configuration says which groups to read"),
    };
    if let Err(error) = refreshed {
        tracing::error!(%error, "the copies of user groups could not be read");
    }
}

/// The next that is due. What cannot be read any more is left to the next sweep.
async fn next_of(waiter: &Waiter, queue: &mut Queue, began: Timestamp) -> Option<OpenItem> {
    loop {
        if let Some(one) = queue.page.next() {
            return Some(one);
        }
        let from = match (queue.list, queue.next.take()) {
            (List::Records, Some(from)) => Some(from),
            (List::Records, None) => None,
            (List::Requests, _) => return None,
        };
        if from.is_none() {
            queue.list = List::Requests;
        }
        match waiter.store.due(queue.list, began, from).await {
            Ok(mut page) => {
                if queue.list == List::Requests {
                    page.open.truncate(REQUESTS_AT_ONCE);
                }
                queue.page = page.open.into_iter();
                queue.next = page.next;
            }
            Err(error) => {
                tracing::error!(%error, "a page of what is due could not be read");
                return None;
            }
        }
    }
}

/// Sees to it that one record, or one request for one, has an execution that will get on with it,
/// and that what is owed meanwhile is done.
pub(super) async fn look_after(
    waiter: &Waiter,
    one: &OpenItem,
    why: Cause,
    invocation: &str,
) -> Result<(), StepError> {
    if let Ok(id) = one.id.parse::<ReadId>() {
        return match waiter.job(&id).await? {
            Some(job) => look_after_job(waiter, &job).await,
            None => Ok(()),
        };
    }
    let Ok(id) = one.id.parse::<DeployId>() else {
        return Ok(());
    };
    let dossier = match (waiter.dossier(&id).await?, one.request) {
        // Written once more after it was taken in: its record is all that there is of it.
        (Some(_), Some(desk)) => return Ok(waiter.store.discard(desk, id.as_str()).await?),
        (Some(dossier), None) => Some(dossier),
        (None, _) => overdue_request(waiter, &id).await?,
    };
    let Some(dossier) = dossier else {
        return Ok(());
    };
    match &dossier.recorded {
        Recorded::Deploy(deploy) if !deploy.is_closed() => {
            look_after_deploy(waiter, deploy, &dossier, why, invocation).await
        }
        Recorded::Deploy(_) | Recorded::Job(_) => Ok(()),
    }
}

/// A request that the public function should have handed on by now, taken in.
async fn overdue_request(waiter: &Waiter, id: &DeployId) -> Result<Option<Dossier>, StepError> {
    let found = waiter.store.request(id.as_str()).await?;
    let at = found.and_then(|found| Some(found.request.ok()?.at));
    match at.is_some_and(|at| is_young(waiter, at)) {
        true => Ok(None),
        false => waiter.taken_in(id).await,
    }
}

/// Whether the public function may still be handing it on.
fn is_young(waiter: &Waiter, asked: Timestamp) -> bool {
    waiter.now().duration_since(asked).abs() < HANDED_ON_WITHIN
}

async fn look_after_job(waiter: &Waiter, job: &Job) -> Result<(), StepError> {
    let id = job.id.as_str();
    let age = waiter.now().duration_since(job.requested_at).unsigned_abs();
    let owes = matches!(
        (&job.task, &job.requester),
        (Task::Revoke(_), Actor::Operator { .. })
    );
    let minutes = age.as_secs() / 60;
    if age > JOB_LASTS && owes && age <= OWED_FOR {
        if !minutes.is_multiple_of(RARELY) {
            return Ok(());
        }
    } else if age > JOB_LASTS {
        tracing::warn!(id, "a job was given up: nobody can be told any more");
        return waiter.close_job(job).await;
    }
    if is_young(waiter, job.requested_at) {
        return Ok(());
    }
    let name = match waiter.machine.liveness(id).await? {
        Liveness::Running => return Ok(()),
        Liveness::Missing => id.to_owned(),
        // Names are used once, so number it.
        Liveness::Ended => format!("{id}-{minutes}"),
    };
    waiter.metrics.resume(waiter.now());
    Ok(waiter.machine.start(&name, id).await?)
}

async fn look_after_deploy(
    waiter: &Waiter,
    deploy: &Deploy,
    dossier: &Dossier,
    why: Cause,
    invocation: &str,
) -> Result<(), StepError> {
    let (id, now) = (deploy.id.as_str(), waiter.now());
    let at_work = deploy.turn.as_ref().is_some_and(|turn| turn.lasts(now));

    // The index may show the time that a step has just moved on.
    let early = is_young(waiter, deploy.requested_at) || deploy.due > now;
    if at_work || (early && why == Cause::Due) {
        return Ok(());
    }
    if deploy.phase == Phase::Asking && why == Cause::Due {
        let answered = planning::newer::is_decided(deploy, dossier);
        if answered || waiter.lost_right(deploy).await.is_some() {
            // Nobody woke its execution. Whether anybody can, the answer counts now; and who asked for what they
            // may not have any more hears of it now, and not when they press a button.
            step::step(waiter, id, By::Sweeper, invocation).await?;
            waiter.wake(dossier).await;
            return Ok(());
        }
        let lapses = deploy.question().map(|ask| ask.expires_at + ASK_ENDS);
        // Who was to ask an admin may have ended before it could: nobody else does, for as long as the question stands.
        if lapses.is_some_and(|lapses| now < lapses) && !deploy.has_to_be_put() {
            return Ok(());
        }
    }
    match waiter.machine.liveness(&execution_name(deploy)).await? {
        Liveness::Running if why == Cause::ExecutionEnded => Ok(()),
        // It is late: it waits for an answer that was given, or its steps keep failing.
        Liveness::Running => step::step(waiter, id, By::Sweeper, invocation)
            .await
            .map(drop),
        // The public function recorded it and could not hand it on.
        Liveness::Missing => {
            waiter.metrics.resume(now);
            tracing::warn!(id, "starting the execution that was never started");
            Ok(waiter.machine.start(&execution_name(deploy), id).await?)
        }
        Liveness::Ended => {
            let mut resumed = deploy.clone();
            resumed.resumes += 1;
            resumed.steps = 0;
            // To the back of the queue: its first step moves this on again.
            resumed.due = now + BEGUN_WITHIN;
            if let SaveOutcome::Lost = waiter.store.save(&resumed, dossier.rev).await? {
                // A step is at work this very moment; the next sweep looks again.
                return Ok(());
            }
            waiter.metrics.resume(now);
            tracing::warn!(
                id,
                resumes = resumed.resumes,
                "resuming a deploy whose execution ended"
            );
            Ok(waiter.machine.start(&execution_name(&resumed), id).await?)
        }
    }
}

/// ECS said something about a service: whoever holds its lease takes a step at once. If nobody
/// does, it may be somebody else's change. Where the event does not tell the cluster, it may be
/// about each configured service of that name there.
pub(super) async fn on_ecs_event(
    waiter: &Waiter,
    named: &NamedService,
    invocation: &str,
) -> Result<(), StepError> {
    let (account, region) = (named.account.as_str(), named.region.as_str());
    let services = match &named.cluster {
        Some(cluster) => vec![ServiceKey::new(account, region, cluster, &named.service)],
        None => outside::services_named(waiter, named).await?,
    };
    for service in services {
        let lease = waiter.store.lease(&service).await?;
        match lease.and_then(|lease| lease.holder) {
            Some(deploy) => {
                step::step(waiter, deploy.as_str(), By::Event, invocation).await?;
            }
            None => outside::noticed_by_event(waiter, &service).await?,
        }
    }
    Ok(())
}
