//! The service deployments of a service, as ECS lists them: for 90 days, in pages, and in no order
//! that it promises
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html>).

use aws_sdk_ecs::types::{CreatedAt, ServiceDeploymentStatus};
use aws_smithy_types::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::{DEPLOYMENTS, EcsTarget, shape};
use crate::aws::AwsError;
use crate::rollout::{Revision, RolloutBrief, RunningImage, Status};

/// Entries of a page, the most there are.
const PAGE: i32 = 100;
/// Pages read at most: a thousand service deployments.
const PAGES: usize = 10;
/// What was made before that is looked at no more, where the newest matter. Coarse enough that the
/// difference of the clocks, ours and ECS's, does not.
const LATELY: SignedDuration = SignedDuration::from_hours(24);
/// Deployments whose revisions are looked at for one of ours, the newest first.
const CANDIDATES: usize = 100;

/// Which service deployments are asked for.
#[derive(Clone, Copy, Debug)]
enum RolloutFilter {
    /// Those of the last day.
    Lately,
    /// All that ECS remembers.
    Ever,
    /// Those that are under way, however old.
    UnderWay,
}

impl EcsTarget {
    /// The service deployments of `service` that were made within the last day, newest first.
    ///
    /// # Errors
    ///
    /// A missing service is `NotFound("ServiceNotFoundException")`.
    pub async fn service_deployments(&self, service: &str) -> Result<Vec<RolloutBrief>, AwsError> {
        self.list(service, RolloutFilter::Lately).await
    }

    /// Whether any service deployment of `service` is not over, whosever and however old. A status
    /// that this version does not know counts as not over.
    ///
    /// # Errors
    ///
    /// As [`Self::service_deployments`].
    pub async fn is_rolling(&self, service: &str) -> Result<bool, AwsError> {
        let lately = self.list(service, RolloutFilter::Lately).await?;
        if lately.iter().any(|brief| !brief.status.is_final()) {
            return Ok(true);
        }
        Ok(!self
            .list(service, RolloutFilter::UnderWay)
            .await?
            .is_empty())
    }

    /// The newest rollouts of a service, newest first, each with the task definition that it was to
    /// bring, where ECS still shows it: to tell what became of a change that is not Longshore's.
    ///
    /// # Errors
    ///
    /// As [`Self::service_deployments`].
    pub(crate) async fn newest_rollouts(
        &self,
        service: &str,
    ) -> Result<Vec<(Status, Option<String>)>, AwsError> {
        let mut briefs = self.list(service, RolloutFilter::Lately).await?;
        if briefs.is_empty() {
            briefs = self.list(service, RolloutFilter::Ever).await?;
        }
        briefs.truncate(DEPLOYMENTS);
        let targets: Vec<&str> = briefs.iter().filter_map(|b| b.target.as_deref()).collect();
        let revisions = self.describe_service_revisions(&targets).await?;
        let brings = |target: &str| {
            let revision = revisions.iter().find(|revision| revision.arn == target)?;
            Some(revision.task_definition.clone())
        };
        Ok(briefs
            .into_iter()
            .map(|brief| (brief.status, brief.target.as_deref().and_then(brings)))
            .collect())
    }

    /// What ECS resolved the images of `task_definition` (a full ARN) to when it last rolled that out on
    /// `service`; empty where it does not show that.
    ///
    /// # Errors
    ///
    /// As [`Self::service_deployments`].
    pub async fn resolved_images(
        &self,
        service: &str,
        task_definition: &str,
    ) -> Result<Vec<RunningImage>, AwsError> {
        let mut briefs = self.list(service, RolloutFilter::Ever).await?;
        briefs.truncate(DEPLOYMENTS);
        let targets: Vec<&str> = briefs.iter().filter_map(|b| b.target.as_deref()).collect();
        let mut revisions = self.describe_service_revisions(&targets).await?;
        revisions.retain(|one| one.task_definition == task_definition && !one.images.is_empty());
        // ECS answers in no order that it promises.
        let newest = |one: &Revision| targets.iter().position(|target| *target == one.arn);
        let newest = revisions.into_iter().min_by_key(newest);
        Ok(newest.map(|one| one.images).unwrap_or_default())
    }

    /// The newest service deployment of `service` that brings `task_definition` (a full ARN), was made
    /// within the last day and is not among the `known` ones, or `None` while ECS shows none.
    ///
    /// A revision that was registered for this very rollout needs no `known` ones. For a restart
    /// and for going back, pass what [`Self::service_deployments`] said before the update: an older
    /// rollout of the same revision must not be taken for this one. ECS's time is never compared
    /// with ours but for the day.
    ///
    /// # Errors
    ///
    /// As [`Self::service_deployments`].
    pub async fn find_service_deployment(
        &self,
        service: &str,
        task_definition: &str,
        known: &[String],
    ) -> Result<Option<RolloutBrief>, AwsError> {
        let mut briefs = self.service_deployments(service).await?;
        briefs.retain(|brief| !known.contains(&brief.arn));
        briefs.truncate(CANDIDATES);
        for briefs in briefs.chunks(DEPLOYMENTS) {
            let targets: Vec<&str> = briefs.iter().filter_map(|b| b.target.as_deref()).collect();
            let revisions = self.describe_service_revisions(&targets).await?;
            let found = briefs.iter().find(|brief| {
                revisions.iter().any(|revision| {
                    Some(&revision.arn) == brief.target.as_ref()
                        && revision.task_definition == task_definition
                })
            });
            if let Some(found) = found {
                return Ok(Some(found.clone()));
            }
        }
        Ok(None)
    }

    async fn list(
        &self,
        service: &str,
        asked: RolloutFilter,
    ) -> Result<Vec<RolloutBrief>, AwsError> {
        let after = match asked {
            RolloutFilter::Lately => self.now().saturating_sub(LATELY).ok(),
            RolloutFilter::Ever | RolloutFilter::UnderWay => None,
        };
        let after = after.map(|after| {
            let after = DateTime::from_millis(after.as_millisecond());
            CreatedAt::builder().after(after).build()
        });
        let statuses = match asked {
            RolloutFilter::Lately | RolloutFilter::Ever => None,
            RolloutFilter::UnderWay => Some(vec![
                ServiceDeploymentStatus::Pending,
                ServiceDeploymentStatus::InProgress,
                ServiceDeploymentStatus::StopRequested,
                ServiceDeploymentStatus::RollbackRequested,
                ServiceDeploymentStatus::RollbackInProgress,
            ]),
        };
        let mut briefs: Vec<RolloutBrief> = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let page = self
                .client
                .list_service_deployments()
                .cluster(&self.cluster)
                .service(service)
                .set_created_at(after.clone())
                .set_status(statuses.clone())
                .max_results(PAGE)
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| AwsError::from_sdk("ecs", "ListServiceDeployments", error))?;
            let listed = page.service_deployments.unwrap_or_default();
            briefs.extend(listed.into_iter().filter_map(shape::brief));
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        // Of two that were made at once, one takes the other's place: what is under way is newer.
        briefs.sort_by_key(|brief| (std::cmp::Reverse(brief.created), brief.status.is_final()));
        Ok(briefs)
    }

    /// What time it is by our clock.
    fn now(&self) -> Timestamp {
        let clock = self.client.config().time_source();
        let now = clock.map(|clock| clock.now());
        now.and_then(|now| Timestamp::try_from(now).ok())
            .unwrap_or(Timestamp::MAX)
    }
}
