//! Consent: whether a deploy may go ahead, judged from what is stored.
//!
//! Pure. The answer to a question is the first one recorded under the question's nonce, and a
//! question is bound to the hash of the plan it showed; the task token's output decides nothing.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::gate;
use crate::names::Actor;
use crate::names::digest::hex;
use crate::record::{Ask, Cancel, Choice, Deploy, Occasion, Phase, Verdict, Vote, Why};
use crate::request::Verb;
use crate::waiter::act::Act;

/// How long a question stands.
pub(crate) const ASK_LASTS: SignedDuration = SignedDuration::from_mins(15);

/// Whether a step has something to act on: an answer to the question that stands, or a
/// wish that the deploy stop.
pub(crate) fn is_answered(deploy: &Deploy, answers: &[Vote], cancel: Option<&Cancel>) -> bool {
    cancel.is_some()
        || deploy
            .question()
            .is_some_and(|ask| answer_to(ask, answers).is_some())
}

/// The answer to a question.
pub(crate) fn answer_to<'a>(ask: &Ask, answers: &'a [Vote]) -> Option<&'a Vote> {
    answers.iter().find(|answer| answer.nonce == ask.nonce)
}

/// Moves a planned deploy on: asks, waits, goes ahead or ends.
pub(crate) fn seek(
    deploy: &mut Deploy,
    answers: &[Vote],
    cancel: Option<&Cancel>,
    now: Timestamp,
) -> Act {
    if let Some(cancel) = cancel {
        deploy.cancel = Some(cancel.clone());
        return Act::End(Verdict::Cancelled, Why::Said);
    }
    let Some(plan) = &deploy.plan else {
        deploy.plan_anew(now);
        return Act::Again;
    };
    let hash = plan.hash(deploy.application(), &deploy.environment, deploy.verb());
    // An admin's yes of hours ago was to another plan: this one, nobody has seen.
    let is_unseen = deploy
        .plea_put()
        .is_some_and(|put| put.ask.plan_hash != hash);
    if was_asked(deploy) || !(is_unseen || gate::asks(plan)) {
        deploy.phase = Phase::Starting;
        return Act::Again;
    }
    // What was chosen instead of an answer is asked about also where the plan is still the same.
    let stands = |ask: &&mut Ask| ask.plan_hash == hash && ask.chose.is_none();
    let Some(ask) = deploy.ask.as_mut().filter(stands) else {
        let before = deploy.ask.as_ref();
        let questions = before.map_or(0, |ask| ask.number);
        deploy.ask = Some(Ask {
            nonce: nonce(deploy, &hash, questions + 1),
            occasion: match before {
                Some(before) => before.next_occasion(),
                None if is_unseen => Occasion::Changed,
                None => Occasion::First,
            },
            chose: None,
            plan_hash: hash,
            number: questions + 1,
            asked_at: now,
            expires_at: now + ASK_LASTS,
            shown: false,
            // A newer question takes the older one's place.
            place: deploy.ask.as_ref().and_then(|ask| ask.place.clone()),
            closed: false,
            consented_by: None,
        });
        deploy.phase = Phase::Asking;
        return Act::Ask;
    };
    match answer_to(ask, answers) {
        // A click counts by its own time: one that came in time is not lost to a slow step.
        Some(answer) if answer.at > ask.expires_at => Act::End(Verdict::Expired, Why::Said),
        Some(answer) => match answer.choice {
            Choice::Confirm => {
                ask.consented_by = Some(answer.by.clone());
                deploy.phase = Phase::Starting;
                Act::Again
            }
            Choice::Decline => {
                deploy.cancel = Some(Cancel {
                    by: answer.by.clone(),
                    at: answer.at,
                    by_copy: answer.by_copy.clone(),
                });
                Act::End(Verdict::Cancelled, Why::Said)
            }
            Choice::Another(version) => {
                ask.chose = Some(version);
                deploy.plan_anew(now);
                Act::Again
            }
            // Answers to a pause or for a right, whose nonces are never a question's.
            Choice::Continue | Choice::RollBack | Choice::AllowOnce | Choice::AllowUntil => {
                Act::Ask
            }
        },
        None if now >= ask.expires_at => Act::End(Verdict::Expired, Why::Said),
        None => Act::Ask,
    }
}

/// Whether its requester has said yes before it was recorded: a rollback at a terminal shows where it
/// goes, and names exactly that. It is the way back, and must not wait for anybody.
fn was_asked(deploy: &Deploy) -> bool {
    match (&deploy.requester, deploy.verb()) {
        (Actor::Operator { .. }, Verb::Rollback { .. }) => true,
        (Actor::Operator { .. }, Verb::Deploy { .. } | Verb::Restart)
        | (Actor::Slack { .. } | Actor::Ci { .. } | Actor::Longshore, _) => false,
    }
}

/// Opaque, and the same for the same question.
pub(crate) fn nonce(deploy: &Deploy, plan_hash: &str, number: u32) -> String {
    let mut whole = Sha256::new();
    whole.update(deploy.id.as_str());
    whole.update(plan_hash);
    whole.update(number.to_be_bytes());
    hex(&whole.finalize())[..20].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::names::DeployId;
    use crate::plan::Plan;
    use crate::record::Origin;
    use crate::request::Entry;

    const T: Timestamp = Timestamp::UNIX_EPOCH;

    fn ada() -> Actor {
        Actor::Slack {
            team: "T0001".parse().unwrap(),
            user: "U0ADA0001".parse().unwrap(),
        }
    }

    fn ops() -> Actor {
        Actor::Operator {
            arn: "arn:aws:iam::1:user/ops".to_owned(),
            name: None,
        }
    }

    fn planned(confirm: bool, requester: Actor) -> Deploy {
        let place = ("webapp".parse().unwrap(), "production".parse().unwrap());
        let origin = Origin::typed(None);
        let id = DeployId::derive(b"a request");
        let mut deploy = Deploy::new(id, Verb::Restart, place, requester, T, origin);
        deploy.phase = Phase::Planned;
        deploy.plan = Some(Plan {
            confirm,
            ..fixtures::plan("1.0.2", &["webapp"])
        });
        deploy
    }

    fn asking() -> (Deploy, String) {
        let mut deploy = planned(true, ada());
        assert_eq!(seek(&mut deploy, &[], None, T), Act::Ask);
        assert_eq!(deploy.phase, Phase::Asking);
        let nonce = deploy.ask.as_ref().unwrap().nonce.clone();
        (deploy, nonce)
    }

    fn answer(nonce: &str, choice: Choice, at: Timestamp) -> Vote {
        Vote {
            nonce: nonce.to_owned(),
            choice,
            by: ada(),
            at,
            by_copy: None,
        }
    }

    #[test]
    fn without_a_question_it_goes_ahead() {
        let mut deploy = planned(false, ada());
        assert_eq!(seek(&mut deploy, &[], None, T), Act::Again);
        assert_eq!(deploy.phase, Phase::Starting);
        assert_eq!(deploy.ask, None);
    }

    #[test]
    fn nobody_elses_rollout_is_replaced_without_being_asked_about() {
        for (requester, verb, phase) in [
            (ada(), Verb::Restart, Phase::Asking),
            (ops(), Verb::Restart, Phase::Asking),
            (ops(), Verb::rollback(None), Phase::Starting),
        ] {
            let mut deploy = planned(false, requester);
            deploy.asked.first_mut().verb = verb;
            if let Some(plan) = &mut deploy.plan {
                plan.foreign = vec![fixtures::foreign("webapp")];
            }
            seek(&mut deploy, &[], None, T);
            assert_eq!(deploy.phase, phase);
        }
    }

    #[test]
    fn consent_to_replace_a_rollout_is_bound_to_it() {
        let mut deploy = planned(false, ada());
        if let Some(plan) = &mut deploy.plan {
            plan.foreign = vec![fixtures::foreign("webapp")];
        }
        assert_eq!(seek(&mut deploy, &[], None, T), Act::Ask);
        let nonce = deploy.ask.as_ref().unwrap().nonce.clone();
        if let Some(plan) = &mut deploy.plan {
            plan.foreign[0].rollout = "ecs-svc/another".to_owned();
        }
        let answers = [answer(&nonce, Choice::Confirm, T)];
        assert_eq!(seek(&mut deploy, &answers, None, T), Act::Ask);
        assert_ne!(deploy.ask.unwrap().nonce, nonce);
    }

    #[test]
    fn an_operator_was_asked_about_a_rollback_and_is_asked_about_anything_else() {
        let to_main = Verb::Deploy {
            reference: None,
            image: None,
            again: None,
            from: None,
        };
        for (verb, phase) in [
            (Verb::rollback(None), Phase::Starting),
            (Verb::Restart, Phase::Asking),
            (to_main, Phase::Asking),
        ] {
            let mut deploy = planned(true, ops());
            deploy.asked.first_mut().verb = verb;
            seek(&mut deploy, &[], None, T);
            assert_eq!(deploy.phase, phase);
        }
    }

    #[test]
    fn the_answer_to_the_question_that_stands_decides() {
        for (choice, act) in [
            (Choice::Confirm, Act::Again),
            (Choice::Decline, Act::End(Verdict::Cancelled, Why::Said)),
        ] {
            let (mut deploy, nonce) = asking();
            let answers = [answer(&nonce, choice, T)];
            assert_eq!(seek(&mut deploy, &answers, None, T), act);
            let goes_ahead = deploy.phase == Phase::Starting;
            assert_eq!(goes_ahead, choice == Choice::Confirm);
            assert!(is_answered(&deploy, &answers, None));
        }
    }

    #[test]
    fn an_answer_to_another_question_decides_nothing() {
        let (mut deploy, _) = asking();
        let answers = [answer("some other nonce", Choice::Confirm, T)];
        assert_eq!(seek(&mut deploy, &answers, None, T), Act::Ask);
        assert!(!is_answered(&deploy, &answers, None));
    }

    #[test]
    fn a_question_lapses_by_its_stored_time_and_a_click_counts_by_its_own() {
        let expired = Act::End(Verdict::Expired, Why::Said);
        let before = T + ASK_LASTS - SignedDuration::from_secs(1);
        let after = T + ASK_LASTS + SignedDuration::from_secs(1);
        let (mut deploy, _) = asking();
        assert_eq!(seek(&mut deploy, &[], None, before), Act::Ask);
        assert_eq!(seek(&mut deploy, &[], None, after), expired);
        let (mut deploy, nonce) = asking();
        let late = [answer(&nonce, Choice::Confirm, after)];
        assert_eq!(seek(&mut deploy, &late, None, after), expired);
        let in_time = [answer(&nonce, Choice::Confirm, before)];
        assert_eq!(seek(&mut deploy, &in_time, None, after), Act::Again);
    }

    #[test]
    fn a_plan_that_changed_is_asked_about_anew() {
        let (mut deploy, nonce) = asking();
        let answers = [answer(&nonce, Choice::Confirm, T)];
        if let Some(plan) = &mut deploy.plan {
            plan.policy_hash = "another".to_owned();
        }
        assert_eq!(seek(&mut deploy, &answers, None, T), Act::Ask);
        assert_ne!(deploy.ask.unwrap().nonce, nonce);
    }

    #[test]
    fn another_version_is_asked_about_also_where_the_plan_is_still_the_same() {
        let (mut deploy, nonce) = asking();
        let version = Entry::Deploy(DeployId::derive(b"older")).key();
        let answers = [answer(&nonce, Choice::Another(version), T)];
        let plan = deploy.plan.clone();
        assert_eq!(seek(&mut deploy, &answers, None, T), Act::Again);
        assert_eq!((deploy.phase, &deploy.plan), (Phase::Requested, &None));
        assert_eq!(deploy.ask.as_ref().and_then(Ask::chosen), Some(version));
        deploy.plan = plan;
        deploy.phase = Phase::Planned;
        let later = T + ASK_LASTS;
        assert_eq!(seek(&mut deploy, &answers, None, later), Act::Ask);
        let ask = deploy.ask.as_ref().unwrap();
        assert_ne!(ask.nonce, nonce);
        assert_eq!(ask.occasion, Occasion::Chosen(version));
        assert_eq!(ask.expires_at, later + ASK_LASTS);
        assert!(!ask.shown);
        // It is kept when the plan goes stale after that.
        assert_eq!(ask.next_occasion(), Occasion::ChangedSince(version));
    }

    #[test]
    fn a_wish_to_stop_comes_before_everything() {
        let (mut deploy, nonce) = asking();
        let cancel = Cancel {
            by: ada(),
            at: T,
            by_copy: None,
        };
        let answers = [answer(&nonce, Choice::Confirm, T)];
        let act = seek(&mut deploy, &answers, Some(&cancel), T);
        assert_eq!(act, Act::End(Verdict::Cancelled, Why::Said));
        assert!(is_answered(&deploy, &[], Some(&cancel)));
    }
}
