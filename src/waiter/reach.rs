//! The way into an environment's account: its deploy role, assumed for one deploy, and the clients
//! that act as it.

use crate::aws::ecr::Images;
use crate::aws::ecs::EcsTarget;
use crate::aws::logs::Logs;
use crate::aws::scheduler::Schedules;
use crate::aws::ssm::Parameters;
use crate::aws::sts::{OnBehalf, Roles, Session};
use crate::aws::{Aws, AwsError};
use crate::task_definition::TaskDefinition;

/// Which account, region and cluster, and the role that opens them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Destination<'a> {
    /// The deploy role's ARN.
    pub role_arn: &'a str,
    /// The region of the cluster.
    pub region: &'a str,
    /// The cluster.
    pub cluster: &'a str,
}

/// The roles that open accounts.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    aws: Aws,
    roles: Roles,
    external_id: String,
}

/// An environment's account, open.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    /// Its ECS services.
    pub ecs: EcsTarget,
    /// Its logs.
    pub logs: Logs,
    /// Its schedules.
    pub schedules: Schedules,
    aws: Aws,
    session: Session,
}

impl Accounts {
    /// Opened with roles that ask for this external id.
    pub(crate) fn new(aws: Aws, external_id: impl Into<String>) -> Self {
        Self {
            roles: aws.roles(),
            aws,
            external_id: external_id.into(),
        }
    }

    /// Opens an environment's account on somebody's behalf.
    pub(crate) async fn open(
        &self,
        place: Destination<'_>,
        behalf: OnBehalf<'_>,
    ) -> Result<Reach, AwsError> {
        let session = self
            .roles
            .assume(place.role_arn, &self.external_id, behalf)
            .await?;
        let aws = self.aws.at(&session, place.region);
        Ok(Reach {
            ecs: aws.ecs(place.cluster),
            logs: aws.logs(),
            schedules: aws.schedules(),
            aws,
            session,
        })
    }
}

impl Reach {
    /// The image repositories of a region, as this environment's role sees them.
    pub(crate) fn images(&self, region: &str) -> Images {
        self.aws.at(&self.session, region).images()
    }

    /// The parameters of the environment's own account and region.
    pub(crate) fn parameters(&self) -> Parameters {
        self.aws.parameters()
    }

    /// A task definition that is expected to be there.
    pub(crate) async fn definition(&self, arn_or_family: &str) -> Result<TaskDefinition, AwsError> {
        let found = self.ecs.describe_task_definition(arn_or_family).await?;
        found
            .map(|found| found.definition().clone())
            .ok_or_else(|| AwsError::missing("ecs", "DescribeTaskDefinition", arn_or_family))
    }
}
