//! The stages of a rollout that has any: blue/green, linear and canary rollouts, and rolling updates
//! with lifecycle hooks. A stage lasts its time, or until its tasks run, or until somebody answers
//! its pause hook. Stages:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html>.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    hook::{Hook, HookStatus},
    rollout::{Happening, Surroundings},
    service::{Rollout, Service, Status},
};

/// How long a stage lasts that has nothing to wait for.
const STAGE: Duration = Duration::from_secs(2);
/// How long it takes to move traffic.
const SHIFT: Duration = Duration::from_secs(4);
/// What ends a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Its time is over.
    Over(Duration),
    /// The new tasks run.
    Running,
    /// The old tasks are gone; the last leg.
    Clean,
}

/// One leg of a rollout's way: a stage, and how the traffic is divided in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    pub(super) stage: &'static str,
    /// Share of the test traffic that the new revision gets, in per cent.
    pub(super) test: f64,
    /// The same for the production traffic.
    pub(super) production: f64,
    pub(super) until: Until,
}

/// Where a rollout with stages is.
#[derive(Clone, Debug)]
pub(super) struct Staging {
    /// Whether a second set of tasks comes up beside the first, and traffic is moved.
    pub(super) shifts: bool,
    legs: Vec<Leg>,
    at: usize,
    pub(super) hooks: Vec<Hook>,
}

impl Staging {
    /// The way of a rollout under this `deploymentConfiguration`; `None` for a rolling update
    /// without hooks, which has no stages. `reconciles`: more than one revision runs already.
    pub(super) fn of(configuration: &Value, reconciles: bool) -> Option<Self> {
        let strategy = configuration.get("strategy").and_then(Value::as_str);
        let hooks = configuration
            .get("lifecycleHooks")
            .and_then(Value::as_array);
        let shifts = !matches!(strategy, None | Some("ROLLING"));
        if !shifts && hooks.is_none_or(Vec::is_empty) {
            return None;
        }
        let mut way = Way::default();
        if reconciles {
            way.stage("RECONCILE_SERVICE", STAGE);
        }
        way.stage("PRE_SCALE_UP", STAGE);
        way.leg("SCALE_UP", Until::Running);
        way.stage("POST_SCALE_UP", STAGE);
        if shifts {
            way.test = 100.0;
            way.stage("TEST_TRAFFIC_SHIFT", SHIFT);
            way.stage("POST_TEST_TRAFFIC_SHIFT", STAGE);
            let (steps, bake) = steps(configuration, strategy);
            for share in steps {
                way.stage("PRE_PRODUCTION_TRAFFIC_SHIFT", STAGE);
                way.production = share;
                // Nothing is waited for once all traffic has moved.
                let bakes = if share < 100.0 { bake } else { Duration::ZERO };
                way.stage("PRODUCTION_TRAFFIC_SHIFT", SHIFT + bakes);
            }
            way.stage("POST_PRODUCTION_TRAFFIC_SHIFT", STAGE);
            way.stage("BAKE_TIME", minutes(configuration, "bakeTimeInMinutes", 0));
        }
        way.leg("CLEAN_UP", Until::Clean);
        Some(Self {
            shifts,
            legs: way.legs,
            at: 0,
            hooks: Vec::new(),
        })
    }

    pub(super) fn leg(&self) -> Option<&Leg> {
        self.legs.get(self.at)
    }
}

#[derive(Default)]
struct Way {
    legs: Vec<Leg>,
    test: f64,
    production: f64,
}

impl Way {
    fn stage(&mut self, stage: &'static str, lasts: Duration) {
        self.leg(stage, Until::Over(lasts));
    }

    fn leg(&mut self, stage: &'static str, until: Until) {
        self.legs.push(Leg {
            stage,
            test: self.test,
            production: self.production,
            until,
        });
    }
}

/// The shares of the production traffic in order, and the wait between them.
fn steps(configuration: &Value, strategy: Option<&str>) -> (Vec<f64>, Duration) {
    let number = |section: &str, member: &str, default: f64| {
        let value = configuration
            .get(section)
            .and_then(|section| section.get(member));
        value.and_then(Value::as_f64).unwrap_or(default)
    };
    let empty = json!({});
    match strategy {
        Some("LINEAR") => {
            let step = number("linearConfiguration", "stepPercent", 10.0);
            let mut shares = Vec::new();
            let mut share = step;
            while share < 100.0 {
                shares.push(share);
                share += step;
            }
            shares.push(100.0);
            let section = configuration.get("linearConfiguration").unwrap_or(&empty);
            (shares, minutes(section, "stepBakeTimeInMinutes", 6))
        }
        Some("CANARY") => {
            let first = number("canaryConfiguration", "canaryPercent", 5.0);
            let section = configuration.get("canaryConfiguration").unwrap_or(&empty);
            let mut shares = vec![first];
            if first < 100.0 {
                shares.push(100.0);
            }
            (shares, minutes(section, "canaryBakeTimeInMinutes", 10))
        }
        _ => (vec![100.0], Duration::ZERO),
    }
}

pub(super) fn minutes(section: &Value, member: &str, default: u64) -> Duration {
    let value = section.get(member).and_then(Value::as_u64);
    Duration::from_secs(60 * value.unwrap_or(default))
}

impl Rollout {
    /// The leg it is on, while it goes forward.
    pub(super) fn leg(&self) -> Option<&Leg> {
        let forward = self.rollback.is_none() && self.status == Status::InProgress;
        self.staging.as_ref().filter(|_| forward)?.leg()
    }

    /// The new revision's shares of test and production traffic, where ECS moves traffic.
    pub(super) fn shares(&self) -> Option<(f64, f64)> {
        let staging = self.staging.as_ref().filter(|staging| staging.shifts)?;
        match (&self.rollback, staging.leg()) {
            (Some(_), _) | (None, None) => Some((0.0, 0.0)),
            (None, Some(leg)) => Some((leg.test, leg.production)),
        }
    }

    /// The hooks that nobody will answer any more are not shown.
    pub(super) fn leave_hooks(&mut self) {
        if let Some(staging) = &mut self.staging {
            staging
                .hooks
                .retain(|hook| hook.status != HookStatus::AwaitingAction);
        }
    }
}

impl Service {
    /// The leg that the rollout under way is on, if it has stages and goes forward.
    pub(super) fn leg(&self) -> Option<&Leg> {
        self.current()?.leg()
    }

    /// Whether the rollout under way keeps the old tasks for now.
    pub(super) fn keeps_old(&self) -> bool {
        let shifts = self
            .current()
            .and_then(|rollout| rollout.staging.as_ref())
            .is_some_and(|staging| staging.shifts);
        shifts && self.leg().is_some_and(|leg| leg.until != Until::Clean)
    }

    /// Goes on to the next leg of a rollout, or to its first.
    pub(super) fn advance_stage(
        &mut self,
        at: Timestamp,
        arn: &str,
        from: Option<usize>,
        around: &mut Surroundings<'_>,
    ) {
        let ready = match self.leg().map(|leg| leg.until) {
            Some(Until::Running) => self.has_scaled_up(),
            Some(Until::Over(_) | Until::Clean) => true,
            None => return,
        };
        let Some(staging) = self
            .rollouts
            .iter_mut()
            .find(|rollout| rollout.arn == arn)
            .and_then(|rollout| rollout.staging.as_mut())
        else {
            return;
        };
        match from {
            // Planned on a leg that was left meanwhile, or whose tasks have died since.
            Some(from) if from != staging.at || !ready => return,
            Some(_) => staging.at += 1,
            None => {}
        }
        self.reach_hooks(at, arn, around);
        self.go_on(at, arn, around);
    }

    /// Whether the new tasks run as many as they should.
    pub(super) fn has_scaled_up(&self) -> bool {
        let shifts = self
            .current()
            .and_then(|rollout| rollout.staging.as_ref())
            .is_some_and(|staging| staging.shifts);
        let Some(primary) = self.deployments.first() else {
            return false;
        };
        match shifts {
            true => primary.begun && self.running(&primary.id) >= self.desired,
            false => self.is_steady(),
        }
    }

    /// Waits for what ends the leg, unless somebody has to answer first.
    pub(super) fn go_on(&mut self, at: Timestamp, arn: &str, around: &mut Surroundings<'_>) {
        let Some(rollout) = self.rollouts.iter_mut().find(|rollout| rollout.arn == arn) else {
            return;
        };
        rollout.updated = at;
        let Some(leg) = rollout.leg().copied() else {
            return;
        };
        let Some(staging) = &rollout.staging else {
            return;
        };
        let waits = |hook: &Hook| hook.status == HookStatus::AwaitingAction;
        if staging.hooks.iter().any(waits) {
            return;
        }
        match leg.until {
            Until::Over(lasts) => {
                let next = Happening::Advance(arn.to_owned(), staging.at);
                let lasts = around.lasts(lasts);
                self.plan(at + lasts, next);
            }
            Until::Running => {
                let deployment = rollout.deployment.clone();
                let mut known = self.deployments.iter_mut();
                if let Some(known) = known.find(|known| known.id == deployment) {
                    known.begun = true;
                    known.updated = at;
                }
                self.schedule(at, around);
            }
            Until::Clean => self.schedule(at, around),
        }
    }

    /// The end of a leg that waits for tasks, once they run.
    pub(super) fn consider_advancing(&mut self, at: Timestamp, around: &Surroundings<'_>) {
        let (true, Some(rollout), Some(primary)) = (
            self.has_scaled_up(),
            self.current(),
            self.deployments.first(),
        ) else {
            return;
        };
        let Some(staging) = &rollout.staging else {
            return;
        };
        let least = rollout.created + around.lasts(primary.pace.least);
        let next = Happening::Advance(rollout.arn.clone(), staging.at);
        let ready = (at + around.lasts(primary.pace.settle)).max(least);
        self.plan(ready, next);
    }
}
