//! What planning waits for where GitHub does not answer: it is tried again and again, and whoever asked hears
//! soon what is waited for, and until when.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::GIVE_UP_AFTER;
use crate::github::GitHubError;
use crate::record::{Deploy, Telling, Waiting};
use crate::waiter::act::Act;

/// From the request until its requester hears that it waits.
const TOLD_AFTER: SignedDuration = SignedDuration::from_secs(10);
/// The pause before the next try, at first and at the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Whether the requester is to hear that it waits before anything is tried again: a try may take long.
pub(super) fn is_to_be_told(deploy: &Deploy, now: Timestamp) -> bool {
    let untold = |waiting: &Waiting| waiting.told == Telling::Due && waiting.tell_at <= now;
    deploy.waiting.as_ref().is_some_and(untold)
}

/// Notes that GitHub did not answer, and when to try again.
pub(super) fn wait(deploy: &mut Deploy, said: &GitHubError, now: Timestamp) -> Act {
    let asked = deploy.requested_at;
    let patience = SignedDuration::try_from(GIVE_UP_AFTER).unwrap_or_default();
    let waiting = deploy.waiting.get_or_insert_with(|| Waiting {
        why: String::new(),
        tell_at: asked + TOLD_AFTER,
        until: asked + patience,
        told: Telling::Due,
    });
    waiting.why = said.to_string();
    let left = |to: Timestamp| Duration::try_from(to.duration_since(now)).unwrap_or_default();
    let waited = Duration::try_from(now.duration_since(asked)).unwrap_or_default();
    let pause = (waited / 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
    let pause = match waiting.told {
        // At the latest when it is to be told.
        Telling::Due => pause.min(left(waiting.tell_at)).max(Duration::from_secs(1)),
        _ => pause,
    };
    Act::Wait(pause.min(left(waiting.until).max(Duration::from_secs(1))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;

    #[test]
    fn a_silent_github_is_told_of_after_ten_seconds_and_tried_until_the_time_that_is_told() {
        let mut deploy = fixtures::asked(fixtures::deploy_of("v1.0.2"));
        let asked = deploy.requested_at;
        let said = GitHubError::Unavailable("HTTP 503".to_owned());
        let mut now = asked;
        let mut tries = 0;
        let mut told_at = None;
        while now < asked + SignedDuration::from_mins(3) {
            if is_to_be_told(&deploy, now) {
                told_at = Some(now);
                deploy.waiting.as_mut().unwrap().told = Telling::Undeliverable;
            }
            let Act::Wait(pause) = wait(&mut deploy, &said, now) else {
                panic!("it does not wait");
            };
            assert!(pause >= Duration::from_secs(1));
            now += pause;
            tries += 1;
        }
        assert_eq!(told_at, Some(asked + TOLD_AFTER));
        assert_eq!(now, deploy.waiting.unwrap().until);
        // GitHub gives sixty requests an hour to whom it does not know.
        assert!((5..20).contains(&tries), "{tries}");
    }
}
