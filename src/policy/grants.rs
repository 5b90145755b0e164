//! Rights given in chat: to one person, for one application, until some time. They add to `request`, and later to
//! `approve`, and never to the admins.
//!
//! A grant ends by its own stored time, whatever the table still holds, and never counts for longer than [`LONGEST`].
//! An approver's counts only once a day has passed, or a second admin has said yes.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::standing::AHEAD;
use crate::names::{AppName, DeployId, EnvName, GivenReason, UserId};
use crate::request::GrantedRight;

/// So long a grant counts at most.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);
/// So long a grant counts where nobody said how long.
pub const USUAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So long an approver's grant waits where no second admin says yes.
pub const UNSECONDED: SignedDuration = SignedDuration::from_hours(24);

/// A right that an admin gave somebody in chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Who has it.
    pub to: UserId,
    /// For which application.
    pub application: AppName,
    /// Where; `None`: wherever the application runs.
    pub environment: Option<EnvName>,
    /// What it gives.
    pub right: GrantedRight,
    /// The admin who gave it.
    pub by: UserId,
    /// When it was asked for.
    pub at: Timestamp,
    /// From when on it counts no more.
    pub until: Timestamp,
    /// Why, as that admin said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<GivenReason>,
    /// The admin who said yes to it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconded_by: Option<UserId>,
    /// The only deploy that it is for, with the plan that was shown. It gives no right beyond that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<Once>,
}

/// A deploy that was allowed once, as its plan was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Once {
    /// Which.
    pub deploy: DeployId,
    /// The hash of its plan.
    pub plan: String,
}

/// The plan that somebody's right is judged for, where it is about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanOf<'a> {
    /// Of this deploy.
    pub deploy: &'a DeployId,
    /// Its hash.
    pub hash: &'a str,
}

impl Once {
    fn is_for(&self, plan: Option<PlanOf<'_>>) -> bool {
        plan.is_some_and(|plan| self.deploy == *plan.deploy && self.plan == plan.hash)
    }
}

/// The rights that were given in chat, also those that have ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(pub Vec<Grant>);

impl Grant {
    /// When it ends, whatever it says itself.
    pub fn ends_at(&self) -> Timestamp {
        let longest = self.at.checked_add(LONGEST).unwrap_or(Timestamp::MAX);
        self.until.min(longest)
    }

    /// Whether its time has come and is not over.
    pub fn is_live(&self, now: Timestamp) -> bool {
        // One of a clock that is far ahead says nothing.
        now.duration_since(self.at) >= -AHEAD && now < self.ends_at()
    }

    /// From when on it counts, until it ends.
    pub fn counts_from(&self) -> Timestamp {
        let seconded = self.seconded_by.as_ref();
        let seconded = seconded.is_some_and(|admin| *admin != self.by && *admin != self.to);
        match self.right {
            GrantedRight::Request => self.at,
            GrantedRight::Approve if seconded => self.at,
            GrantedRight::Approve => self.at.checked_add(UNSECONDED).unwrap_or(Timestamp::MAX),
        }
    }

    /// Whether it gives its right now.
    pub fn counts(&self, now: Timestamp) -> bool {
        let waits = self.right == GrantedRight::Approve && now < self.counts_from();
        self.is_live(now) && !waits
    }

    /// Whether it is for that application there.
    pub fn is_for(&self, application: &AppName, environment: &EnvName) -> bool {
        let there = self.environment.as_ref();
        self.application == *application && there.is_none_or(|there| there == environment)
    }
}

impl Grants {
    /// None was given.
    pub const NONE: &Self = &Self(Vec::new());

    /// Those whose time is not over.
    pub fn live(&self, now: Timestamp) -> impl Iterator<Item = &Grant> {
        self.0.iter().filter(move |grant| grant.is_live(now))
    }

    /// Whether somebody has a right there: for good, or for this plan.
    pub fn give(
        &self,
        user: &UserId,
        right: GrantedRight,
        application: &AppName,
        environment: &EnvName,
        plan: Option<PlanOf<'_>>,
        now: Timestamp,
    ) -> bool {
        self.0.iter().any(|grant| {
            let once = grant.once.as_ref();
            grant.to == *user
                && grant.right == right
                && once.is_none_or(|once| once.is_for(plan))
                && grant.is_for(application, environment)
                && grant.counts(now)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60;
    const DAY: i64 = 24 * 60 * MINUTE;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn grant(right: GrantedRight) -> Grant {
        Grant {
            to: "U0GRANTED".parse().unwrap(),
            application: "cms".parse().unwrap(),
            environment: Some("production".parse().unwrap()),
            right,
            by: "U0ADMIN".parse().unwrap(),
            at: at(0),
            until: at(7 * DAY),
            why: None,
            seconded_by: None,
            once: None,
        }
    }

    #[test]
    fn a_grant_counts_from_when_it_was_given_to_its_end() {
        let one = grant(GrantedRight::Request);
        for (now, counts) in [
            (-5 * MINUTE - 1, false),
            (-5 * MINUTE, true),
            (0, true),
            (7 * DAY - 1, true),
            (7 * DAY, false),
            (70 * DAY, false),
        ] {
            assert_eq!(one.counts(at(now)), counts, "{now}");
            assert_eq!(one.is_live(at(now)), counts, "{now}");
        }
    }

    #[test]
    fn no_grant_counts_for_longer_than_the_longest() {
        let mut one = grant(GrantedRight::Request);
        one.until = Timestamp::MAX;
        assert!(one.counts(at(90 * DAY - 1)));
        assert!(!one.counts(at(90 * DAY)));
        assert_eq!(one.ends_at(), at(90 * DAY));
    }

    #[test]
    fn an_approvers_grant_counts_a_day_later_or_with_a_second_admins_yes() {
        let one = grant(GrantedRight::Approve);
        let by = |user: &str| Grant {
            seconded_by: Some(user.parse().unwrap()),
            ..one.clone()
        };
        for (now, alone, seconded) in [
            (0, false, true),
            (DAY - 1, false, true),
            (DAY, true, true),
            (7 * DAY, false, false),
        ] {
            assert_eq!(one.counts(at(now)), alone, "{now}");
            assert_eq!(by("U0OTHER").counts(at(now)), seconded, "{now}");
            // Nobody is their own second.
            assert_eq!(by("U0ADMIN").counts(at(now)), alone, "{now}");
            assert_eq!(by("U0GRANTED").counts(at(now)), alone, "{now}");
            assert_eq!(one.is_live(at(now)), now < 7 * DAY, "{now}");
        }
    }

    #[test]
    fn a_grant_gives_its_own_right_at_its_own_place() {
        let (cms, shop): (AppName, AppName) = ("cms".parse().unwrap(), "shop".parse().unwrap());
        let (here, there): (EnvName, EnvName) =
            ("production".parse().unwrap(), "staging".parse().unwrap());
        let one = grant(GrantedRight::Request);
        let (to, other) = (one.to.clone(), one.by.clone());
        let everywhere = Grant {
            environment: None,
            ..one.clone()
        };
        let once = Grant {
            once: Some(Once {
                deploy: DeployId::derive(b"one"),
                plan: "hash".to_owned(),
            }),
            ..one.clone()
        };
        let gives = |grant: &Grant, user: &UserId, right, place: (&AppName, &EnvName)| {
            Grants(vec![grant.clone()]).give(user, right, place.0, place.1, None, at(0))
        };
        let request = GrantedRight::Request;
        assert!(gives(&one, &to, request, (&cms, &here)));
        assert!(gives(&everywhere, &to, request, (&cms, &there)));
        for no in [
            gives(&one, &other, request, (&cms, &here)),
            gives(&one, &to, GrantedRight::Approve, (&cms, &here)),
            gives(&one, &to, request, (&cms, &there)),
            gives(&everywhere, &to, request, (&shop, &here)),
            gives(&once, &to, request, (&cms, &here)),
        ] {
            assert!(!no);
        }
        let (own, other) = (DeployId::derive(b"one"), DeployId::derive(b"another"));
        for (deploy, hash, gives) in [
            (&own, "hash", true),
            (&own, "another", false),
            (&other, "hash", false),
        ] {
            let plan = Some(PlanOf { deploy, hash });
            let given = Grants(vec![once.clone()]).give(&to, request, &cms, &here, plan, at(0));
            assert_eq!(given, gives, "{deploy} {hash}");
        }
    }
}
