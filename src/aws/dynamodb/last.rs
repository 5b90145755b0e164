//! Which deploy was asked for last.

use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::Store;
use super::item::StoreError;
use crate::names::{AppName, DeployId, EnvName};
use crate::record::{Deploy, Past, Verdict};

/// How many that have ended are read where the table cannot filter by what was asked for.
const READ: i32 = 200;

impl Store {
    /// The deploy that was asked for last, by anybody: of this application, in this environment, or anywhere. One
    /// that is under way, or the newest that has ended.
    pub(crate) async fn asked_for_last(
        &self,
        application: Option<&AppName>,
        environment: Option<&EnvName>,
        now: Timestamp,
    ) -> Result<Option<DeployId>, StoreError> {
        let (open, ended) = match (application, environment) {
            (Some(application), Some(environment)) => tokio::try_join!(
                self.open_or_asked_at(application, environment, now),
                self.history_at(application, environment, READ)
            )?,
            _ => tokio::try_join!(self.under_way(), self.history(READ))?,
        };
        let of = |name: &AppName| application.is_none_or(|asked| asked == name);
        let at = |name: &EnvName| environment.is_none_or(|asked| asked == name);
        let open = open.iter();
        let open = open.filter(|one| one.applications().any(of) && at(&one.environment));
        // Of two of the same second, the one that has not ended came later.
        let open = open.map(|deploy| (deploy.requested_at, 1, &deploy.id));
        let there = |past: &&Past| of(&past.application) && at(&past.environment);
        let ended = ended.iter().filter(there);
        let ended = ended.filter_map(|past| Some((past.requested_at, 0, past.id.as_ref()?)));
        Ok(open.chain(ended).max().map(|(_, _, id)| id.clone()))
    }

    /// The deploy that was refused last: of this application, in this environment, or anywhere.
    pub(crate) async fn refused_last(
        &self,
        application: Option<&AppName>,
        environment: Option<&EnvName>,
    ) -> Result<Option<DeployId>, StoreError> {
        let ended = match (application, environment) {
            (Some(application), Some(environment)) => {
                self.history_at(application, environment, READ).await?
            }
            _ => self.history(READ).await?,
        };
        let there = |past: &Past| {
            application.is_none_or(|asked| *asked == past.application)
                && environment.is_none_or(|asked| *asked == past.environment)
        };
        let mut refused = ended
            .into_iter()
            .filter(|past| past.verdict == Some(Verdict::Refused) && there(past));
        Ok(refused.find_map(|past| past.id))
    }

    /// The deploys without a verdict, as they stand or were asked for. From the index, so the newest may be missing
    /// for a moment.
    pub(crate) async fn under_way(&self) -> Result<Vec<Deploy>, StoreError> {
        let open = self.open().await?;
        // What is no deploy's is a job's.
        let ids: Vec<DeployId> = open.iter().filter_map(|one| one.id.parse().ok()).collect();
        let read = ids.iter().map(|id| self.deploy_or_request(id));
        let read = try_join_all(read).await?.into_iter().flatten();
        Ok(read.filter(|deploy| deploy.ending.is_none()).collect())
    }
}
