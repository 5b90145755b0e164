//! What a rollout does: the scripts that tests and people give to a service, and the fates and
//! paces they come down to. Scripts are data; the clock and the effects are in `rollout`.

use std::{fmt, str::FromStr, time::Duration};

use serde_json::{Value, json};

/// How a service's next rollout goes. Everything after it is [`Script::Happy`] again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Script {
    /// Tasks start, the old ones drain, the rollout completes after some 40 seconds.
    #[default]
    Happy,
    /// Happy, but not complete before this long after `UpdateService`.
    Slow(Duration),
    /// The container exits with 1 at once. What follows is up to the service's circuit breaker.
    CrashLoop,
    /// Crash loop on a service whose breaker would roll back, but nothing ever completed before.
    NoGoodRevision,
    /// Crash loop with the breaker on and its rollback off.
    BreakerWithoutRollback,
    /// Crash loop with the breaker off: it never ends.
    BreakerOff,
    /// Crash loop, breaker rolls back, and the rollback's own tasks crash as well.
    RollbackFails,
    /// Tasks run a while and die without ever counting as failed: it never ends.
    UncountedDeaths,
    /// No task can be placed.
    UnableToPlace,
    /// The image cannot be pulled.
    ImagePullError,
    /// Somebody else registers a revision and rolls it out while ours is under way.
    Foreign,
    /// Happy, but for 30 seconds reads show the service as it was before the update.
    StaleReads,
    /// Breaker and rollback are through within four seconds of the update.
    BetweenPolls,
    /// The desired count is 0 from the moment the script is set; the rollout completes at once.
    ScaledToZero,
    /// A CloudWatch alarm is already firing: fails and rolls back within seconds.
    Alarm,
    /// Happy, on a service that is blue/green from now on, with five minutes of bake time.
    BlueGreen,
    /// Happy, on a service that moves a quarter of the traffic every minute from now on.
    Linear,
    /// Happy, on a service that gives a tenth of the traffic to the new revision for three minutes
    /// from now on, and watches an alarm.
    Canary,
    /// Happy, on a service that pauses once its new tasks run, from now on: for half an hour at
    /// most, then it rolls back.
    Pause,
    /// As [`Script::BlueGreen`], and pauses when the test traffic has moved: for 24 hours at most.
    BlueGreenPause,
    /// As [`Script::BlueGreenPause`], and once more when the production traffic has moved.
    TwoPauses,
    /// As [`Script::Linear`], and pauses when the test traffic has moved: for 24 hours at most.
    LinearPause,
    /// As [`Script::Canary`], and pauses when the test traffic has moved: for 24 hours at most.
    CanaryPause,
}

/// The scripts' names, as `POST /_sim/script` takes them.
const NAMES: [(&str, Script); 23] = [
    ("happy", Script::Happy),
    ("slow", Script::Slow(Duration::from_secs(31 * 60))),
    ("crash-loop", Script::CrashLoop),
    ("no-good-revision", Script::NoGoodRevision),
    ("breaker-without-rollback", Script::BreakerWithoutRollback),
    ("breaker-off", Script::BreakerOff),
    ("rollback-fails", Script::RollbackFails),
    ("uncounted-deaths", Script::UncountedDeaths),
    ("unable-to-place", Script::UnableToPlace),
    ("image-pull-error", Script::ImagePullError),
    ("foreign", Script::Foreign),
    ("stale-reads", Script::StaleReads),
    ("between-polls", Script::BetweenPolls),
    ("scaled-to-zero", Script::ScaledToZero),
    ("alarm", Script::Alarm),
    ("blue-green", Script::BlueGreen),
    ("linear", Script::Linear),
    ("canary", Script::Canary),
    ("pause", Script::Pause),
    ("blue-green-pause", Script::BlueGreenPause),
    ("two-pauses", Script::TwoPauses),
    ("linear-pause", Script::LinearPause),
    ("canary-pause", Script::CanaryPause),
];

/// A script's name that nobody knows; its `Display` lists those that exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScript(String);

impl fmt::Display for UnknownScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
        write!(
            f,
            "no script {:?}; there are {} and slow:MINUTES",
            self.0,
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownScript {}

/// A name of the list above, or `slow:MINUTES`.
impl FromStr for Script {
    type Err = UnknownScript;

    fn from_str(text: &str) -> Result<Self, UnknownScript> {
        let minutes = text
            .strip_prefix("slow:")
            .and_then(|minutes| minutes.parse::<u32>().ok());
        if let Some(minutes) = minutes {
            return Ok(Self::Slow(Duration::from_secs(u64::from(minutes) * 60)));
        }
        let known = NAMES.iter().find(|(name, _)| *name == text);
        known
            .map(|(_, script)| script.clone())
            .ok_or_else(|| UnknownScript(text.to_owned()))
    }
}

/// How the tasks of one deployment fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Healthy,
    /// Exits with 1 soon after it started; counted by the breaker.
    Crashes,
    /// Runs, dies before the service is steady; not counted.
    DiesLater,
    NotPlaced,
    NotPulled,
}

/// How long things take, before the world's speed is applied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// From `UpdateService` to `IN_PROGRESS`.
    pub(super) begin: Duration,
    /// From a task's creation to `RUNNING`.
    pub(super) startup: Duration,
    /// From deciding to stop an old task to its end: the load balancer's deregistration delay.
    pub(super) drain: Duration,
    /// How long a steady state must hold to count as complete.
    pub(super) settle: Duration,
    /// The least time from `UpdateService` to complete.
    pub(super) least: Duration,
}

const PACE: Pace = Pace {
    begin: Duration::from_secs(2),
    startup: Duration::from_secs(12),
    drain: Duration::from_secs(14),
    settle: Duration::from_secs(10),
    least: Duration::ZERO,
};

/// How soon after it runs a crashing container exits.
pub(super) const CRASH_AFTER: Duration = Duration::from_secs(3);
/// How long a task that dies uncounted lives: shorter than any settling.
pub(super) const LIFETIME: Duration = Duration::from_secs(8);
/// How long a stale read stays stale.
pub(super) const STALE_FOR: Duration = Duration::from_secs(30);
/// From a request to stop or roll back to its being acted upon.
pub(super) const HEED: Duration = Duration::from_secs(2);
/// How long a stopped task can still be described.
pub(super) const STOPPED_FOR: Duration = Duration::from_secs(3600);

impl Script {
    /// Every script there is, of [`Script::Slow`] one.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(_, script)| script.clone())
    }

    /// What the service's `deploymentConfiguration` becomes before the rollout that plays it.
    pub(super) fn configuration(&self, service: &str) -> Option<Value> {
        let pause = |stages: &[&str], minutes: u32| {
            json!([{
                "targetType": "PAUSE",
                "lifecycleStages": stages,
                "timeoutConfiguration": { "timeoutInMinutes": minutes, "action": "ROLLBACK" },
            }])
        };
        let paused = |stages: &[&str]| {
            json!({
                "strategy": "BLUE_GREEN",
                "bakeTimeInMinutes": 5,
                "lifecycleHooks": pause(stages, 1440),
            })
        };
        Some(match self {
            Self::BlueGreen => json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5 }),
            Self::Linear => json!({
                "strategy": "LINEAR",
                "bakeTimeInMinutes": 2,
                "linearConfiguration": { "stepPercent": 25.0, "stepBakeTimeInMinutes": 1 },
            }),
            Self::Canary => json!({
                "strategy": "CANARY",
                "bakeTimeInMinutes": 2,
                "canaryConfiguration": { "canaryPercent": 10.0, "canaryBakeTimeInMinutes": 3 },
                "alarms": {
                    "enable": true,
                    "rollback": true,
                    "alarmNames": [format!("{service}-5xx")],
                },
            }),
            Self::Pause => json!({ "lifecycleHooks": pause(&["POST_SCALE_UP"], 30) }),
            Self::BlueGreenPause => paused(&["POST_TEST_TRAFFIC_SHIFT"]),
            Self::TwoPauses => {
                paused(&["POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"])
            }
            Self::LinearPause | Self::CanaryPause => {
                let without = match self {
                    Self::LinearPause => Self::Linear,
                    _ => Self::Canary,
                };
                let mut configuration = without.configuration(service)?;
                configuration["lifecycleHooks"] = pause(&["POST_TEST_TRAFFIC_SHIFT"], 1440);
                configuration
            }
            _ => return None,
        })
    }

    pub(super) fn fate(&self) -> Fate {
        match self {
            Self::Happy
            | Self::Slow(_)
            | Self::Foreign
            | Self::StaleReads
            | Self::ScaledToZero
            | Self::Alarm
            | Self::BlueGreen
            | Self::Linear
            | Self::Canary
            | Self::Pause
            | Self::BlueGreenPause
            | Self::TwoPauses
            | Self::LinearPause
            | Self::CanaryPause => Fate::Healthy,
            Self::CrashLoop
            | Self::NoGoodRevision
            | Self::BreakerWithoutRollback
            | Self::BreakerOff
            | Self::RollbackFails
            | Self::BetweenPolls => Fate::Crashes,
            Self::UncountedDeaths => Fate::DiesLater,
            Self::UnableToPlace => Fate::NotPlaced,
            Self::ImagePullError => Fate::NotPulled,
        }
    }

    pub(super) fn pace(&self) -> Pace {
        match self {
            Self::Slow(least) => Pace {
                startup: *least / 6,
                drain: *least / 3,
                least: *least,
                ..PACE
            },
            Self::BetweenPolls => Pace {
                begin: Duration::from_millis(500),
                startup: Duration::from_secs(1),
                drain: Duration::from_millis(500),
                settle: Duration::from_millis(500),
                least: Duration::ZERO,
            },
            _ => PACE,
        }
    }
}

/// The wait before a failed task is replaced: ECS's service throttle, doubling up to 15 minutes.
pub(super) fn backoff(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(3).min(8);
    (Duration::from_secs(5) * 2_u32.pow(doublings)).min(Duration::from_secs(900))
}
