//! A look ahead: what a deploy would do, planned as for one, and everything that stands in its way, told together.
//! Nothing is kept of it.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::timeout;

use super::{Unmade, as_one, make_one, waiting};
use crate::card::{Preview, PreviewOne};
use crate::config::{Config, GithubRepository, Target};
use crate::gate::{self, Gate, LookedAt};
use crate::github::Conversation;
use crate::record::{Deploy, Refused, Silent};
use crate::request::Verb;
use crate::waiter::context::{StepError, Waiter};
use crate::waiter::scene::{Errand, NoPlan, no_access};

/// How long a look waits to hear how many questions are left.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Looks at what `deploy`, which is on no record, would do.
pub(crate) async fn look(waiter: &Waiter, mut deploy: Deploy) -> Result<Preview, StepError> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let applications = deploy.each();
    let kept = kept_for_deploys(waiter, &loaded.config, &applications).await;
    let without_github = |one: &Deploy| {
        let target = loaded.config.target(one.application(), &one.environment);
        target.is_none_or(|target| does_without_github(&target, one.verb()))
    };
    if let (Some(until), false) = (kept, applications.iter().all(without_github)) {
        let refused = Refused::GithubKept { until };
        let each = applications.iter().map(|one| PreviewOne {
            application: one.application().clone(),
            asked: BTreeSet::new(),
            reached: LookedAt::default(),
            held: Vec::new(),
            refused: Some(refused.clone()),
        });
        let each = each.collect();
        return Ok(Preview { deploy, each });
    }
    let conversation = kept.map_or_else(Conversation::default, Conversation::resting);
    let errands: Vec<Errand> = applications.iter().map(|_| Errand::look()).collect();
    let several = applications.len() > 1;
    let made = applications.iter().zip(&errands);
    let made = made.map(|(one, errand)| make_one(waiter, (one, &conversation, errand), several));
    let made = join_all(made).await;
    let mut plans = Vec::new();
    let mut each = Vec::new();
    for ((one, errand), made) in applications.iter().zip(&errands).zip(made) {
        let target = loaded.config.target(one.application(), &one.environment);
        let mut seen = errand.seen();
        let mut refused = None;
        match made {
            Ok(plan) => {
                seen.reached = LookedAt::Plan;
                plans.push(plan);
            }
            Err(NoPlan::Refused(no)) => match *no {
                Refused::Gates(obstacles) => seen.held.extend(obstacles),
                no @ (Refused::GithubLimit { .. } | Refused::NoGithub { .. }) => {
                    refused = Some(kept.map_or(no, |until| Refused::GithubKept { until }));
                }
                no => refused = Some(no),
            },
            Err(no_plan) => {
                let no = told(waiter, one, no_plan).await;
                let of_github = matches!(no, Refused::NoAnswer(Silent::GithubLimit));
                let kept = kept.filter(|_| of_github);
                refused = Some(kept.map_or(no, |until| Refused::GithubKept { until }));
            }
        }
        let asked = target.map(|target| gate::asked(&target, one.verb()));
        let mut asked = asked.unwrap_or_default();
        // Where a deploy is at work, nobody looked for somebody else's rollout.
        if seen.held.iter().any(|one| one.gate() == Gate::Busy) {
            asked.remove(&Gate::Foreign);
        }
        each.push(PreviewOne {
            application: one.application().clone(),
            asked,
            reached: seen.reached,
            held: seen.held,
            refused,
        });
    }
    if plans.len() == each.len() {
        match as_one(&deploy, plans, waiter.now()) {
            Ok(plan) => deploy.plan = Some(plan),
            Err(Unmade::One(no_plan)) => {
                let no = told(waiter, &deploy, no_plan).await;
                if let Some(first) = each.first_mut() {
                    first.refused = Some(no);
                }
            }
            Err(Unmade::Each(all)) => {
                for (application, no) in all {
                    let mut each = each.iter_mut();
                    if let Some(one) = each.find(|one| one.application == application) {
                        one.refused = Some(no);
                    }
                }
            }
        }
    }
    Ok(Preview { deploy, each })
}

/// Until when nobody asks GitHub who only looks: it answers so few more questions that they are kept for what changes
/// something. Asking how many costs none. Nothing where that is not known, or nothing has to be asked.
async fn kept_for_deploys(
    waiter: &Waiter,
    config: &Config,
    applications: &[Deploy],
) -> Option<Timestamp> {
    let conversation = Conversation::default();
    let mut owners: Vec<&GithubRepository> = Vec::new();
    let targets: Vec<Target> = applications
        .iter()
        .filter_map(|one| {
            let target = config.target(one.application(), &one.environment)?;
            needs_github(&target, one.verb()).then_some(target)
        })
        .collect();
    let mut asking = Vec::new();
    for target in &targets {
        let Some(repository) = &target.source.repository else {
            continue;
        };
        // A limit is a token's, and an App has one of each owner.
        if owners
            .iter()
            .any(|known| known.owner() == repository.owner())
        {
            continue;
        }
        owners.push(repository);
        let github = waiter.github(&conversation, &target.github).await;
        asking.push(async move {
            let rate = timeout(PATIENCE, github.rate_limit(repository)).await;
            let rate = rate.ok()?.ok()??;
            rate.is_low().then_some(rate.until)
        });
    }
    let low = join_all(asking).await;
    low.into_iter().flatten().max()
}

/// Whether GitHub has to be asked: what a ref is, or how a gate stands. What ran before is known, and the commits
/// between only help.
fn needs_github(target: &Target, verb: &Verb) -> bool {
    let known = match verb {
        Verb::Deploy { again, from, .. } => again.is_some() || from.is_some(),
        Verb::Rollback { .. } | Verb::Restart => true,
    };
    !known || has_gates_at_github(target, verb)
}

/// Whether it can be looked at without GitHub: what was typed may be an image's tag, and no gate asks GitHub.
fn does_without_github(target: &Target, verb: &Verb) -> bool {
    let named = matches!(
        verb,
        Verb::Deploy {
            reference: Some(_),
            ..
        }
    );
    !needs_github(target, verb) || named && !has_gates_at_github(target, verb)
}

fn has_gates_at_github(target: &Target, verb: &Verb) -> bool {
    let asked = gate::asked(target, verb);
    let by_github = [Gate::Checks, Gate::Branches, Gate::Signed, Gate::Forward];
    by_github.iter().any(|gate| asked.contains(gate))
}

/// Why there is no plan: whoever looks waits for nobody.
pub(super) async fn told(waiter: &Waiter, deploy: &Deploy, no_plan: NoPlan) -> Refused {
    match no_plan {
        NoPlan::Refused(no) => *no,
        NoPlan::Stops(stops) => Refused::StoppedInstead {
            id: stops.deploy.clone(),
        },
        NoPlan::Denied(error) => no_access(waiter, deploy, &error).await,
        NoPlan::Failed(error) => {
            tracing::warn!(%error, "a look ahead got no answer");
            waiting::given_up(deploy, &error)
        }
    }
}
