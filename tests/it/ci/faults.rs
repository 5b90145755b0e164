//! Every call of the door × every fault: it says so or it is done, what is sent again is the same deploy, and there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use longshore_sim::fault::{Kind, Matcher};

use super::{Heard, Sent, asks, looks, with_pipelines};
use crate::town::{CI_KEY, Town};

/// A call that the door made: service, operation, and the how manieth of its kind.
type Made = (&'static str, String, u64);

/// What is played, beginning with a town that nobody has asked anything of.
#[derive(Clone, Copy, Debug)]
enum Request {
    Deploys,
    Status,
}

impl Request {
    /// What is sent, with what has to be there before.
    async fn prepared(self, town: &Town) -> Sent<'static> {
        let deploy = asks("msg_1", "cms", "staging", "1.0.2");
        match self {
            Self::Deploys => deploy,
            Self::Status => {
                let deploy = deploy.to(town).await.deploy();
                looks("msg_2", &deploy)
            }
        }
    }

    fn is_done(self, heard: &Heard) -> bool {
        match self {
            Self::Deploys => heard.status == 202,
            Self::Status => heard.status == 200,
        }
    }
}

/// The faults that make a difference to a call: a read has no effect.
fn kinds(operation: &str) -> &'static [Kind] {
    match operation.starts_with("Get") || operation == "Query" {
        true => &[Kind::Before5xx, Kind::Lost],
        false => &Kind::ALL,
    }
}

/// The calls that it makes, undisturbed.
async fn calls(request: Request) -> Vec<Made> {
    let town = with_pipelines().await;
    let sent = request.prepared(&town).await;
    let before = town.world.state().calls.len();
    sent.to(&town).await;
    let state = town.world.state();
    let mut count: BTreeMap<(&str, String), u64> = BTreeMap::new();
    let made = state.calls[before..].iter();
    made.map(|call| {
        assert_eq!(call.caller.access_key, CI_KEY);
        let nth = count
            .entry((call.service, call.operation.clone()))
            .or_default();
        *nth += 1;
        (call.service, call.operation.clone(), *nth)
    })
    .collect()
}

async fn under_every_fault(request: Request) {
    let made = calls(request).await;
    assert!(!made.is_empty());
    for (service, operation, nth) in made {
        for kind in kinds(&operation).iter().copied() {
            let town = with_pipelines().await;
            let sent = request.prepared(&town).await;
            let matcher = Matcher::operation(service, &operation).nth(nth);
            town.world.state().faults.plan(matcher, kind);
            let what = format!("{request:?}: {service} {operation} #{nth} {kind:?}");
            let mut heard = sent.to(&town).await;
            assert_eq!(town.world.state().faults.fired(), 1, "{what}");
            // Whatever is not done is said to be unknown, and when to send it again.
            if !request.is_done(&heard) {
                assert_eq!(heard.code(), (503, "unavailable"), "{what}: {heard:?}");
                assert!(heard.again.is_some(), "{what}");
                town.passes(Duration::from_secs(5)).await;
                heard = sent.to(&town).await;
            }
            assert!(request.is_done(&heard), "{what}: {heard:?}");
            let deploy = heard.deploy();
            town.passes(Duration::from_secs(61)).await;
            let later = looks("msg_3", &deploy).to(&town).await;
            assert_ne!(later.body["status"], "requested", "{what}: {later:?}");
            let state = town.world.state();
            let runs = state.states.executions.values();
            let deploys: BTreeSet<_> = runs.filter_map(|run| run.name.split('-').next()).collect();
            assert_eq!(deploys, BTreeSet::from([&*deploy]), "{what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_for_a_deploy_keeps_its_word_under_every_fault() {
    under_every_fault(Request::Deploys).await;
}

#[tokio::test(start_paused = true)]
async fn a_question_keeps_its_word_under_every_fault() {
    under_every_fault(Request::Status).await;
}
