//! The event of a service that tells why its tasks do not come up, out of the many that only tell
//! what ECS does: ECS's list ends with "has reached a steady state" when everything is over.

use jiff::Timestamp;

use crate::rollout::ServiceEvent;

/// Words of [ECS's event messages](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html)
/// that name a cause.
const CAUSES: [&str; 9] = [
    "unable to place",
    "unable to stop or start",
    "unable to assume",
    "failed to launch",
    "failed to register",
    "health check",
    "unhealthy",
    "CannotPull",
    "throttled",
];
/// Words that say no more than that something is wrong.
const TROUBLE: [&str; 3] = ["unable to", "deployment failed", "failed"];

/// The newest event since the rollout began that names a cause. `began` is by ECS's clock, as the
/// events are.
pub fn telling(events: &[ServiceEvent], began: Option<Timestamp>) -> Option<&str> {
    newest(events, began, &CAUSES)
}

/// The newest that says that something is wrong, for where neither a task nor an event tells what.
pub(super) fn trouble(events: &[ServiceEvent], began: Option<Timestamp>) -> Option<&str> {
    newest(events, began, &TROUBLE)
}

fn newest<'a>(
    events: &'a [ServiceEvent],
    began: Option<Timestamp>,
    words: &[&str],
) -> Option<&'a str> {
    let since = |event: &&ServiceEvent| match (event.at, began) {
        (Some(at), Some(began)) => at >= began,
        _ => true,
    };
    let holds = |event: &&ServiceEvent| words.iter().any(|word| event.message.contains(word));
    // ECS lists the newest first.
    let event = events.iter().filter(since).find(holds)?;
    Some(&event.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "(service web) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster.";

    fn event(second: i64, message: &str) -> ServiceEvent {
        ServiceEvent {
            at: Some(Timestamp::from_second(second).unwrap()),
            message: message.to_owned(),
        }
    }

    #[test]
    fn the_event_that_names_a_cause_is_told_and_not_the_closing_one() {
        // Newest first, as ECS has them.
        let events = [
            event(70, "(service web) has reached a steady state."),
            event(
                60,
                "(service web) deregistered 1 targets in (target-group web)",
            ),
            event(
                50,
                "(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
            ),
            event(40, PLACE),
            event(30, "(service web) has started 1 tasks: (task 1)."),
        ];
        assert_eq!(telling(&events, None), Some(PLACE));
        assert_eq!(telling(&events[..3], None), None);
        let failed = trouble(&events[..3], None).unwrap();
        assert!(failed.contains("deployment failed"));
        assert_eq!(trouble(&events[..2], None), None);
    }

    #[test]
    fn what_happened_before_the_rollout_began_is_not_its() {
        let began = Timestamp::from_second(45).unwrap();
        assert_eq!(telling(&[event(40, PLACE)], Some(began)), None);
        assert_eq!(telling(&[event(45, PLACE)], Some(began)), Some(PLACE));
    }

    #[test]
    fn health_and_pull_are_causes() {
        for message in [
            "(service web) (instance i-1) (port 80) is unhealthy in (target-group web) due to (reason Health checks failed)",
            "(service web) failed to launch a task with (error ECS was unable to assume the role)",
            "(service web) was unable to stop or start tasks during a deployment because of the service deployment configuration.",
        ] {
            assert_eq!(telling(&[event(1, message)], None), Some(message));
        }
        for message in [
            "(service web) has begun draining connections on 1 tasks.",
            "(service web) registered 1 targets in (target-group web)",
        ] {
            assert_eq!(telling(&[event(1, message)], None), None);
            assert_eq!(trouble(&[event(1, message)], None), None);
        }
    }
}
