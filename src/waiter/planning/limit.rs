//! How many deploys one person may have open in one environment: whoever has three there had better answer or stop one
//! of those. The way back is not counted, and waits for nobody; nor is what operators ask for, whom IAM keeps.

use futures_util::future::join_all;

use crate::aws::dynamodb::{CountOutcome, PleaOutcome, StoreError, counts_for};
use crate::names::Actor;
use crate::past::asked_for;
use crate::record::{Deploy, Refused, RightRefused, StillOpen};
use crate::request::Verb;
use crate::waiter::context::{StepError, Waiter};

/// So many deploys and restarts of one person are open in one environment at most.
const MOST_OPEN: u64 = 3;
/// How often it is tried in one step, where what was open ends meanwhile.
const TRIES: u32 = 4;

/// Counts a deploy, or refuses it.
pub(super) async fn refused(
    waiter: &Waiter,
    deploy: &Deploy,
) -> Result<Option<Refused>, StepError> {
    match too_many_open(waiter, deploy).await? {
        Some(refused) => Ok(Some(refused)),
        None => asked_often(waiter, deploy).await,
    }
}

/// Counts the question to an admin that a deploy is for, before anything is planned for it, or refuses it.
async fn asked_often(waiter: &Waiter, deploy: &Deploy) -> Result<Option<Refused>, StepError> {
    let (Some(_), None, Actor::Slack { user, .. }) =
        (&deploy.plea, deploy.plea_put(), &deploy.requester)
    else {
        return Ok(None);
    };
    let counted = waiter.store.count_plea(user, deploy, waiter.now());
    Ok(match counted.await? {
        PleaOutcome::Counted => None,
        PleaOutcome::Full(again_at) => Some(RightRefused::AskedOften { again_at }.into()),
    })
}

/// Counts a deploy among those that its requester has open there, or refuses it. However many come at the same moment,
/// no more get through: they are counted in one item, each by a conditional write.
async fn too_many_open(waiter: &Waiter, deploy: &Deploy) -> Result<Option<Refused>, StepError> {
    let Some(user) = counts_for(deploy) else {
        return Ok(None);
    };
    let environment = &deploy.environment;
    for _ in 0..TRIES {
        let counted = match waiter.store.count(user, deploy, MOST_OPEN).await? {
            CountOutcome::Counted => return Ok(None),
            CountOutcome::Full(counted) => counted,
        };
        let records = join_all(counted.iter().map(|id| waiter.store.deploy(id))).await;
        let (mut open, mut over) = (Vec::new(), Vec::new());
        for (id, record) in counted.into_iter().zip(records) {
            match record {
                Ok(Some(record)) if record.ending.is_none() => open.push(record),
                // A step that was held up long enough may count what has ended since.
                Ok(_) | Err(StoreError::Unreadable { .. }) => over.push(id),
                Err(error) => return Err(error.into()),
            }
        }
        if over.is_empty() && !open.is_empty() {
            open.sort_by_key(|record| record.requested_at);
            let open = join_all(open.iter().map(|record| still_open(waiter, record))).await;
            let environment = environment.clone();
            return Ok(Some(Refused::TooManyOpen { environment, open }));
        }
        if !over.is_empty() {
            let store = &waiter.store;
            store.take_out_of_count(user, environment, &over).await?;
        }
    }
    // Others are at it in this very moment.
    Err(StepError::Overtaken)
}

async fn still_open(waiter: &Waiter, record: &Deploy) -> StillOpen {
    let asked = record.each().into_iter().map(|one| match one.verb() {
        Verb::Deploy { .. } => asked_for(&one),
        Verb::Rollback { .. } | Verb::Restart => one.application().to_string(),
    });
    StillOpen {
        id: record.id.clone(),
        kind: record.verb().kind(),
        asked: asked.collect(),
        application: record.application().clone(),
        card: waiter.notifier.page_of_card(record, waiter.now()).await,
    }
}
