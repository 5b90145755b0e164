//! What stands in a deploy's way, in words.

use crate::gate::{Busy, Obstacle};
use crate::plan::Closed;
use crate::reply::last_part;
use crate::reply::phrase::{Code, Phrase, phrase};

/// What stands in the way, and what to do about it.
pub(crate) fn obstacle(obstacle: &Obstacle) -> Phrase {
    match obstacle {
        Obstacle::UnknownController {
            service,
            controller,
        } => phrase!(
            "The service {} names the deployment controller {}. This version of Longshore does not know that one and keeps its hands off. Deploy it as before, or upgrade Longshore.",
            Code(service),
            Code(controller)
        ),
        Obstacle::ForeignController {
            service,
            controller,
        } => phrase!(
            "The service {} is rolled out by {}, not by ECS itself, so Longshore must keep its hands off. Deploy it with that, or recreate it with the deployment controller `ECS`.",
            Code(service),
            Code(controller)
        ),
        Obstacle::ExpressMode { service } => phrase!(
            "The service {} is an Express Mode service, which ECS manages by itself. Whether it can be given a task definition is not verified, so Longshore keeps its hands off. Deploy it with `aws ecs update-express-gateway-service`, or run the application in a service of your own.",
            Code(service)
        ),
        Obstacle::NoService { service, cluster } => phrase!(
            "There is no service {} in the cluster {}. Nothing was started. Create it, or ask the people who run Longshore to correct `services`.",
            Code(service),
            Code(cluster)
        ),
        Obstacle::Inactive { service, status } => phrase!(
            "The service {} is {}, not ACTIVE, so nothing can be deployed to it. Create it again, or ask the people who run Longshore to take it out.",
            Code(service),
            Code(status)
        ),
        Obstacle::Busy(Busy {
            id,
            application,
            environment,
            by: _,
            since: _,
            stopped_by: Some(stopped_by),
        }) => phrase!(
            "Deploy `{}` of `{}` to {} is being stopped, as {} wished. Wait for its verdict, then ask again.",
            id,
            application,
            environment,
            stopped_by
        ),
        Obstacle::Busy(Busy {
            id,
            application,
            environment,
            by,
            since,
            stopped_by: None,
        }) => phrase!(
            "Deploy `{}` of `{}` to {} is still under way. {} asked for it at {}. Wait for its verdict; {} may stop it: `{/} cancel {} on {}`.",
            id,
            application,
            environment,
            by,
            since,
            by,
            application,
            environment
        ),
        Obstacle::Foreign(foreign) => phrase!(
            "Somebody else is rolling out {} on the service {}. Wait until that is over, then ask again.",
            Code(last_part(&foreign.revision)),
            Code(&foreign.service)
        ),
        Obstacle::NoWayBack { service, closed } => {
            let why = match closed {
                Closed::Revision(arn) => phrase!(
                    "its task definition {} is being deleted",
                    Code(last_part(arn))
                ),
                Closed::Image(digest) => phrase!(
                    "the image {} that runs cannot be pulled any more",
                    Code(digest)
                ),
            };
            phrase!(
                "{} has no way back: {}. If this fails, it stays on whatever it runs by then.",
                Code(service),
                why
            )
        }
    }
}
