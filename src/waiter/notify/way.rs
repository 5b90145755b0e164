//! Which way is tried when: each in its order, a way that fails for now again after a growing pause,
//! a way that fails for good never again. How far it got is in the [`Telling`] alone, so that the
//! next step goes on where this one stopped.

use std::time::Duration;

use jiff::Timestamp;

use crate::aws::dynamodb::ReplyAddress;
use crate::names::instance::Instance;
use crate::record::{Telling, Way};
use crate::slack::client::PostError;

/// Every way, in the order in which they are tried.
const WAYS: [Way; 5] = [
    Way::Card,
    Way::ResponseUrl,
    Way::Channel,
    Way::Direct,
    Way::Terminal,
];
/// How often one way is tried before the next one is.
const TRIES: u32 = 8;
/// The pause after the first failure; it doubles.
const PAUSE: Duration = Duration::from_secs(5);
/// The longest pause that is not Slack's own wish.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Whose addresses people answer from.
pub(super) fn instance_of(replies: &[ReplyAddress]) -> Option<Instance> {
    replies.first().map(|reply| reply.url.instance())
}

/// Why a way did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// Not now; Slack wants at least this pause.
    Later(Duration),
    /// Not at all.
    Never,
}

/// How far the trying of ways has got. Each way has [`TRIES`] attempts, so their count says which
/// way is next.
pub(super) struct Attempts {
    attempts: u32,
}

impl Attempts {
    /// Where an earlier step stopped.
    pub(super) fn of(telling: &Telling) -> Self {
        let attempts = match telling {
            Telling::Due | Telling::Told { .. } | Telling::Undeliverable => 0,
            Telling::Tried { attempts, .. } => *attempts,
        };
        Self { attempts }
    }

    /// The way to try now; none when all have failed.
    pub(super) fn way(&self) -> Option<Way> {
        let turn = usize::try_from(self.attempts / TRIES).ok()?;
        WAYS.get(turn).copied()
    }

    /// What a try of `way` came to: where the telling stands, or `None` to go on at once.
    pub(super) fn after(
        &mut self,
        way: Way,
        result: Result<(), Missed>,
        now: Timestamp,
    ) -> Option<Telling> {
        match result {
            Ok(()) => Some(Telling::Told { way }),
            Err(Missed::Never) => {
                self.attempts = (self.attempts / TRIES + 1) * TRIES;
                None
            }
            Err(Missed::Later(wanted)) => {
                let pause = pause(self.attempts % TRIES).max(wanted);
                self.attempts += 1;
                let same_way = !self.attempts.is_multiple_of(TRIES);
                same_way.then(|| Telling::Tried {
                    attempts: self.attempts,
                    again_at: now + pause,
                })
            }
        }
    }
}

fn pause(before: u32) -> Duration {
    PAUSE
        .saturating_mul(2_u32.saturating_pow(before))
        .min(LONGEST_PAUSE)
}

/// Whether the time has come to try to tell people.
pub(super) fn is_due(telling: &Telling, now: Timestamp) -> bool {
    match telling {
        Telling::Due => true,
        Telling::Tried { again_at, .. } => *again_at <= now,
        Telling::Told { .. } | Telling::Undeliverable => false,
    }
}

/// How long until it is to be tried again, if it is.
pub(super) fn rest(telling: &Telling, now: Timestamp) -> Option<Duration> {
    match telling {
        Telling::Tried { again_at, .. } => {
            Some(Duration::try_from(again_at.duration_since(now)).unwrap_or_default())
        }
        Telling::Due | Telling::Told { .. } | Telling::Undeliverable => None,
    }
}

/// What a failed post means for the way it went.
pub(super) fn missed(error: PostError) -> Missed {
    match error {
        PostError::RateLimited { retry_after } => Missed::Later(retry_after),
        PostError::Unknown => Missed::Later(Duration::ZERO),
        PostError::Expired => Missed::Never,
        PostError::Lacks(scope) => {
            let scope = scope.as_str();
            tracing::warn!(
                scope,
                "the app lacks a scope; another way is tried: reinstall it with the manifest"
            );
            Missed::Never
        }
        PostError::Refused(code) => {
            tracing::info!(code, "Slack refused a message; another way is tried");
            Missed::Never
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    /// Tries again and again, letting the asked-for time pass, until it is settled.
    fn until_settled(fate: impl Fn(Way) -> Result<(), Missed>) -> (Telling, Vec<Way>, i64) {
        let mut telling = Telling::default();
        let mut tried = Vec::new();
        let mut now = at(0);
        while !telling.is_settled() {
            let mut tries = Attempts::of(&telling);
            telling = loop {
                let Some(way) = tries.way() else {
                    break Telling::Undeliverable;
                };
                tried.push(way);
                if let Some(telling) = tries.after(way, fate(way), now) {
                    break telling;
                }
            };
            if let Some(rest) = rest(&telling, now) {
                assert!(!is_due(&telling, now));
                now += rest;
                assert!(is_due(&telling, now));
            }
        }
        (telling, tried, now.as_second() - at(0).as_second())
    }

    #[test]
    fn the_first_way_that_works_is_the_last_one_tried() {
        let (telling, tried, took) = until_settled(|_| Ok(()));
        assert_eq!(telling, Telling::Told { way: Way::Card });
        assert_eq!((tried, took), (vec![Way::Card], 0));
    }

    #[test]
    fn a_way_that_never_works_costs_no_time() {
        let fate = |way| match way {
            Way::Direct => Ok(()),
            _ => Err(Missed::Never),
        };
        let (telling, tried, took) = until_settled(fate);
        assert_eq!(telling, Telling::Told { way: Way::Direct });
        let before = vec![Way::Card, Way::ResponseUrl, Way::Channel, Way::Direct];
        assert_eq!((tried, took), (before, 0));
    }

    #[test]
    fn a_way_that_fails_for_now_is_tried_eight_times_with_growing_pauses() {
        let fate = |way| match way {
            Way::Card => Err(Missed::Later(Duration::ZERO)),
            _ => Ok(()),
        };
        let (telling, tried, took) = until_settled(fate);
        let way = Way::ResponseUrl;
        assert_eq!(telling, Telling::Told { way });
        assert_eq!((tried.len(), took), (9, 5 + 10 + 20 + 40 + 60 + 60 + 60));
    }

    #[test]
    fn slacks_own_pause_is_kept() {
        let wanted = Duration::from_secs(600);
        let telling =
            Attempts::of(&Telling::Due).after(Way::Card, Err(Missed::Later(wanted)), at(0));
        assert_eq!(rest(&telling.unwrap(), at(0)), Some(wanted));
    }

    #[test]
    fn when_no_way_is_left_it_is_undeliverable() {
        let (telling, tried, _) = until_settled(|_| Err(Missed::Never));
        assert_eq!((telling, tried.len()), (Telling::Undeliverable, 5));
        let (telling, tried, took) = until_settled(|_| Err(Missed::Later(Duration::ZERO)));
        assert_eq!((telling, tried.len()), (Telling::Undeliverable, 40));
        assert!(took < 1_800, "{took}");
    }
}
