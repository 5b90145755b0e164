//! What planning waits for where somebody outside does not answer, GitHub, Slack or a service of AWS: it is tried
//! again and again, and whoever asked hears soon who is waited for, and until when.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::GIVE_UP_AFTER;
use super::bring::silent_github;
use crate::aws::dynamodb::StoreError;
use crate::github::GitHubError;
use crate::record::{Deploy, Refused, Silent, Telling, Verdict, Waiting};
use crate::request::Verb;
use crate::settings::NoSettings;
use crate::waiter::act::Act;
use crate::waiter::context::{InHand, StepError};
use crate::waiter::no::no_of;

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

/// Who does not answer, and how; `None` where nobody outside is waited for.
fn silence(error: &StepError) -> Option<Silent> {
    match error {
        StepError::GitHub(said) => silent_or_limited(said),
        StepError::NotKnown(_) => Some(Silent::Slack),
        StepError::Aws(said)
        | StepError::Store(StoreError::Aws(said))
        | StepError::Settings(NoSettings::Store(StoreError::Aws(said))) => {
            Some(Silent::Aws(no_of(said, "")))
        }
        StepError::Store(StoreError::Unreadable { .. } | StoreError::Unwritable(_))
        | StepError::Settings(_)
        | StepError::Asleep(_)
        | StepError::Unannounced
        | StepError::Overtaken
        | StepError::Request(_)
        | StepError::Event(_) => None,
    }
}

fn silent_or_limited(said: &GitHubError) -> Option<Silent> {
    match said {
        GitHubError::RateLimited { .. } => Some(Silent::GithubLimit),
        GitHubError::Silent(how) | GitHubError::Unavailable(how) => {
            Some(Silent::Github(how.clone()))
        }
        GitHubError::NotFound
        | GitHubError::Moved
        | GitHubError::OtherRepository { .. }
        | GitHubError::Denied(_)
        | GitHubError::App(_) => None,
    }
}

/// How it goes on after a plan failed: it is waited for whoever is silent, or, after too long, given up.
pub(super) fn or_give_up(hand: &mut InHand, error: StepError) -> Result<Act, StepError> {
    let deploy = &mut hand.deploy;
    let age = hand
        .now
        .duration_since(deploy.planning_since())
        .unsigned_abs();
    let silence = silence(&error);
    // A definite no of AWS's does not pass.
    let definite = matches!(&error, StepError::Aws(said) if !said.is_transient());
    if age < GIVE_UP_AFTER && !definite {
        let Some(who) = silence else {
            return Err(error);
        };
        tracing::warn!(deploy = %deploy.id, %error, "a plan waits for an answer; it is tried again");
        return Ok(wait(deploy, who, hand.now));
    }
    tracing::error!(deploy = %deploy.id, %error, "planning was given up");
    let refusal = given_up(deploy, &error);
    Ok(Act::End(Verdict::Refused, refusal.into()))
}

/// The reason why there is no plan, where nobody waits any longer.
pub(super) fn given_up(deploy: &Deploy, error: &StepError) -> Refused {
    match (error, deploy.verb()) {
        (StepError::NotKnown(denied), _) => Refused::Denied(denied.as_ref().clone()),
        (StepError::Aws(said), _) if !said.is_transient() => Refused::AwsRefuses(no_of(said, "")),
        (StepError::GitHub(said), Verb::Deploy { reference, .. }) => {
            // Of several applications, it is not known here which ref that was.
            let alone = !deploy.is_of_several();
            silent_github(reference.as_ref().filter(|_| alone), said.no())
        }
        _ => silence(error).map_or(Refused::Unavailable, Refused::NoAnswer),
    }
}

/// Notes who did not answer, and when to try again.
fn wait(deploy: &mut Deploy, silent: Silent, now: Timestamp) -> Act {
    let asked = deploy.planning_since();
    let patience = SignedDuration::try_from(GIVE_UP_AFTER).unwrap_or_default();
    let waiting = deploy.waiting.get_or_insert_with(|| Waiting {
        silent: silent.clone(),
        tell_at: asked + TOLD_AFTER,
        until: asked + patience,
        told: Telling::Due,
    });
    waiting.silent = silent;
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
    use crate::aws::{AwsError, ErrorKind};
    use crate::card::fixtures;

    #[test]
    fn a_silence_is_told_of_after_ten_seconds_and_tried_until_the_time_that_is_told() {
        let mut deploy = fixtures::asked(fixtures::deploy_of("v1.0.2"));
        let asked = deploy.requested_at;
        let silent = Silent::Github("HTTP 503".to_owned());
        let mut now = asked;
        let mut tries = 0;
        let mut told_at = None;
        while now < asked + SignedDuration::from_mins(3) {
            if is_to_be_told(&deploy, now) {
                told_at = Some(now);
                deploy.waiting.as_mut().unwrap().told = Telling::Undeliverable;
            }
            let Act::Wait(pause) = wait(&mut deploy, silent.clone(), now) else {
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

    #[test]
    fn who_is_silent_has_a_name_and_what_is_ours_is_no_silence() {
        let of = |service, operation, kind| {
            let error = AwsError::own(service, operation, kind, "secret".to_owned());
            let store = StepError::Store(StoreError::Aws(error.clone()));
            assert_eq!(silence(&store), silence(&StepError::Aws(error.clone())));
            let settings = NoSettings::Store(StoreError::Aws(error));
            silence(&StepError::Settings(settings)).unwrap().to_string()
        };
        assert_eq!(
            of("ecr", "DescribeImages", ErrorKind::Throttled),
            "Amazon ECR, which has the images, takes no more requests for now (AWS throttles ecr:DescribeImages)"
        );
        assert_eq!(
            of("sts", "AssumeRole", ErrorKind::Timeout),
            "AWS STS, which lets Longshore into the account, does not answer (AWS does not answer sts:AssumeRole)"
        );
        assert_eq!(silence(&StepError::Overtaken), None);
        assert_eq!(silence(&StepError::Settings(NoSettings::NotPushed)), None);
        assert_eq!(
            silence(&StepError::GitHub(crate::github::GitHubError::NotFound)),
            None
        );
    }
}
