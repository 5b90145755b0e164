//! How often a call that changes something was tried in vain: with growing pauses, and for a bounded
//! time. Kept in the record, so that it does not begin anew with every step.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rollout::{AwsNo, Tried};

/// The pause after the first try in vain; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long a call is tried before it counts as refused.
pub const TRIED_FOR: SignedDuration = SignedDuration::from_mins(10);

/// A call that did not go through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Try {
    /// Which: the operation and what it is about.
    call: String,
    /// When it failed first.
    since: Timestamp,
    /// How often it has.
    times: u32,
    /// Not before.
    next: Timestamp,
    /// Why it is not tried any more.
    over: Option<AwsNo>,
}

/// Whether a call may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallTurn {
    /// Now.
    Now,
    /// After so long.
    After(Duration),
    /// Not any more, and why.
    Never(AwsNo),
}

/// The calls of a deploy that did not go through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tries(Vec<Try>);

impl Tries {
    /// Whether nothing is tried in vain.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When this call may be sent: now, later or never.
    pub fn turn(&self, call: &str, now: Timestamp) -> CallTurn {
        let Some(one) = self.0.iter().find(|one| one.call == call) else {
            return CallTurn::Now;
        };
        match &one.over {
            Some(no) => CallTurn::Never(no.clone()),
            None => match Duration::try_from(one.next.duration_since(now)) {
                Ok(left) if !left.is_zero() => CallTurn::After(left),
                Ok(_) | Err(_) => CallTurn::Now,
            },
        }
    }

    /// Notes that a call did not go through and may later; what to do next.
    pub fn failed(&mut self, call: &str, now: Timestamp, no: AwsNo) -> CallTurn {
        let at = match self.0.iter().position(|one| one.call == call) {
            Some(at) => at,
            None => {
                self.0.push(Try {
                    call: call.to_owned(),
                    since: now,
                    times: 0,
                    next: now,
                    over: None,
                });
                self.0.len() - 1
            }
        };
        let one = &mut self.0[at];
        let pause = FIRST_PAUSE.saturating_mul(1 << one.times.min(16));
        let pause = pause.min(LONGEST_PAUSE);
        one.times += 1;
        let tried = now.duration_since(one.since);
        if tried >= TRIED_FOR {
            let no = no.after(Tried {
                times: one.times,
                minutes: u32::try_from(tried.as_secs() / 60).unwrap_or(u32::MAX),
            });
            one.over = Some(no.clone());
            return CallTurn::Never(no);
        }
        one.next = now + pause;
        CallTurn::After(pause)
    }

    /// Notes that a call was refused for good.
    pub fn refused(&mut self, call: &str, now: Timestamp, no: AwsNo) {
        self.went_through(call);
        self.0.push(Try {
            call: call.to_owned(),
            since: now,
            times: 1,
            next: now,
            over: Some(no),
        });
    }

    /// Whether a call that begins so was refused, or tried for too long.
    pub fn is_over(&self, begins: &str) -> bool {
        let mut all = self.0.iter();
        all.any(|one| one.over.is_some() && one.call.starts_with(begins))
    }

    /// Forgets the calls that begin so: somebody wants them anew.
    pub fn forget(&mut self, begins: &str) {
        self.0.retain(|one| !one.call.starts_with(begins));
    }

    /// Forgets a call that went through.
    pub fn went_through(&mut self, call: &str) {
        self.0.retain(|one| one.call != call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::AwsNoKind;

    fn throttled() -> AwsNo {
        AwsNo {
            service: "ecs".to_owned(),
            operation: "UpdateService".to_owned(),
            kind: AwsNoKind::Throttled,
            tried: None,
        }
    }

    #[test]
    fn a_call_is_tried_with_growing_pauses_and_not_for_ever() {
        let mut tries = Tries::default();
        let mut now = Timestamp::UNIX_EPOCH;
        let mut pauses = Vec::new();
        let why = loop {
            assert_eq!(tries.turn("UpdateService webapp", now), CallTurn::Now);
            match tries.failed("UpdateService webapp", now, throttled()) {
                CallTurn::After(pause) => {
                    assert_eq!(
                        tries.turn("UpdateService webapp", now),
                        CallTurn::After(pause)
                    );
                    pauses.push(pause.as_secs());
                    now += SignedDuration::try_from(pause).unwrap();
                }
                CallTurn::Never(why) => break why,
                CallTurn::Now => panic!("at once"),
            }
        };
        assert_eq!(pauses[..7], [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pauses.len(), 14);
        let told = "AWS throttles ecs:UpdateService (tried 15 times in 10 minutes)";
        assert_eq!(why.to_string(), told);
        assert_eq!(
            tries.turn("UpdateService webapp", now),
            CallTurn::Never(why)
        );
        assert_eq!(tries.turn("UpdateService worker", now), CallTurn::Now);
        assert!(tries.is_over("UpdateService") && !tries.is_over("StopTask"));
        tries.forget("StopTask");
        assert!(!tries.is_empty());
        tries.went_through("UpdateService webapp");
        assert!(tries.is_empty());
    }
}
