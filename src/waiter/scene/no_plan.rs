//! Why there is no plan, and what a missing right in the environment's account is told as.

use crate::aws::AwsError;
use crate::aws::dynamodb::StoreError;
use crate::record::{Deploy, Refused, Stops};
use crate::waiter::context::{StepError, Waiter};

/// Why there is no plan.
#[derive(Debug)]
pub(crate) enum NoPlan {
    /// The person's problem.
    Refused(Box<Refused>),
    /// Something that rolls out is stopped in place of it.
    Stops(Box<Stops>),
    /// A right is missing in the environment's account: the installer's to mend, and said so.
    Denied(AwsError),
    /// Ours; a later step may fare better.
    Failed(StepError),
}

impl<T: Into<Refused>> From<T> for NoPlan {
    fn from(refused: T) -> Self {
        Self::Refused(Box::new(refused.into()))
    }
}

impl From<StepError> for NoPlan {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Aws(error) => error.into(),
            error => Self::Failed(error),
        }
    }
}

impl From<StoreError> for NoPlan {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<AwsError> for NoPlan {
    fn from(error: AwsError) -> Self {
        match error.is_denied() {
            true => Self::Denied(error),
            false => Self::Failed(error.into()),
        }
    }
}

/// A missing right in the environment's account is the installer's to mend, and said so; anything
/// else may pass.
pub(crate) fn denied(error: AwsError, deploy: &Deploy) -> NoPlan {
    if error.is_denied() {
        tracing::error!(deploy = %deploy.id, %error, "the deploy role does not allow what a deploy needs");
    }
    error.into()
}

/// The reason that names the missing right and the role.
pub(crate) async fn no_access(waiter: &Waiter, deploy: &Deploy, error: &AwsError) -> Refused {
    let settings = waiter.settings.current(&waiter.store, waiter.now()).await;
    let (app, env) = (deploy.application(), &deploy.environment);
    let target = settings
        .ok()
        .and_then(|loaded| loaded.config.target(app, env));
    Refused::NoAccess {
        environment: env.clone(),
        action: error.action(),
        role: target.map_or_else(String::new, |target| target.deploy_role_arn()),
    }
}
