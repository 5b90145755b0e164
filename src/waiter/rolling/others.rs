//! What others do to a service while a deploy is at work: seen before it is touched, and left alone.

use jiff::Timestamp;

use super::launch::may_still_appear;
use super::service::Rolling;
use crate::rollout::Reason;
use crate::waiter::context::InHand;
use crate::waiter::context::StepError;

impl Rolling<'_> {
    /// Why a service whose turn comes late is left alone: what it runs is not what the plan found.
    /// Reads lag, and right after the start the plan was held against ECS.
    pub(super) async fn changed_meanwhile(
        &self,
        hand: &InHand,
    ) -> Result<Option<Reason>, StepError> {
        let started = hand.deploy.started_at.unwrap_or(Timestamp::UNIX_EPOCH);
        if may_still_appear(started, self.waiter.now()) {
            return Ok(None);
        }
        let foreign = self.runs_neither(None).await?;
        Ok(foreign.map(Reason::TakenOver))
    }

    /// What the service runs, where that is neither `ours` nor what the plan found there: what was being
    /// rolled out, or what ran before that.
    pub(super) async fn runs_neither(
        &self,
        ours: Option<&str>,
    ) -> Result<Option<String>, StepError> {
        let planned = self.planned();
        let name = [planned.service.as_str()];
        let services = self.reach.ecs.describe_services(&name).await?;
        let runs = services.into_iter().next().map(|live| live.task_definition);
        Ok(runs.filter(|runs| {
            let planned = *runs == planned.live || *runs == planned.back_to();
            !planned && Some(runs.as_str()) != ours
        }))
    }
}
