//! What is known beside the configuration: who is in which user group, and who people are in Slack. These are copies
//! of what Slack said, and they count for as long as their age allows.
//!
//! A copy is never older than it looks: whoever reads one says of when it is. What nobody knows is *no*.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::names::{GroupId, UserId};

/// So old a copy may be for whatever sets something going.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// So old it may be for stopping something and for the way back, which are never the dangerous choice.
pub const OLDEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So long somebody has to be in a trusted group, after that was announced, before it counts.
pub const PROBATION: SignedDuration = SignedDuration::from_hours(24);

/// A copy that claims to be so much later than now is of a clock that is wrong, and says nothing.
pub(crate) const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Who is in a user group, as Slack said at some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupCopy {
    /// The people in it.
    pub members: BTreeSet<UserId>,
    /// When Slack said so.
    pub read_at: Timestamp,
    /// Who came into it after it was first read: since when that is announced, `None` where it is not yet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub joined: BTreeMap<UserId, Option<Timestamp>>,
}

/// What somebody is in Slack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// A full member of a workspace that is listened to.
    Member,
    /// A guest, of one channel or of several.
    Guest,
    /// Somebody whose account was deactivated.
    Deactivated,
    /// Somebody of another workspace or organisation.
    Elsewhere,
    /// No person: a bot or an app.
    Bot,
}

/// What somebody is in Slack, as Slack said at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonCopy {
    /// What they are.
    pub kind: PersonKind,
    /// When Slack said so.
    pub read_at: Timestamp,
}

/// The user groups that the configuration names, as far as Slack told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups(pub BTreeMap<GroupId, GroupCopy>);

/// People who were looked at. `None`: Slack could not be asked, although the app may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People(pub BTreeMap<UserId, Option<PersonCopy>>);

impl GroupCopy {
    /// One that is there and cannot be read: nobody is known to be in the group, and whoever is found in it next has
    /// joined it.
    pub(crate) fn unreadable() -> Self {
        Self {
            members: BTreeSet::new(),
            read_at: Timestamp::UNIX_EPOCH,
            joined: BTreeMap::new(),
        }
    }
}

/// Whether a copy of that time is good for whatever is set going.
pub(crate) fn is_fresh(read_at: Timestamp, now: Timestamp) -> bool {
    (-AHEAD..=FRESH).contains(&now.duration_since(read_at))
}

impl Groups {
    /// None is known.
    pub const NONE: &Self = &Self(BTreeMap::new());
}

impl People {
    /// Nobody was looked at.
    pub const NOBODY: &Self = &Self(BTreeMap::new());
}

/// Whether something holds, by copies of different ages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// It does.
    Yes,
    /// It does by an old copy, which only stopping and the way back may go by.
    ByCopy(Doubt),
    /// Nobody knows.
    Unknown(Doubt),
    /// It does not.
    No,
}

/// What is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Who is in a user group: since when, or ever.
    Group(GroupId, Option<Timestamp>),
    /// Whether somebody is a full member.
    Person(Option<Timestamp>),
}

impl Doubt {
    /// Of when the copy is.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Group(_, since) | Self::Person(since) => *since,
        }
    }
}

impl Holds {
    /// The better of two reasons: what is known, before what is known of old, before what is not.
    pub(super) fn or(self, other: impl FnOnce() -> Self) -> Self {
        let rank = |one: &Self| match one {
            Self::Yes => 0,
            Self::ByCopy(_) => 1,
            Self::Unknown(_) => 2,
            Self::No => 3,
        };
        if self == Self::Yes {
            return self;
        }
        let other = other();
        match rank(&other) < rank(&self) {
            true => other,
            false => self,
        }
    }

    pub(super) fn any(each: impl IntoIterator<Item = Self>) -> Self {
        let each = each.into_iter();
        each.fold(Self::No, |best, one| best.or(|| one))
    }

    /// What holds by a copy of that time.
    fn of(holds: bool, read_at: Timestamp, now: Timestamp, doubt: Doubt) -> Self {
        let age = now.duration_since(read_at);
        match holds {
            _ if age > OLDEST || age < -AHEAD => Self::Unknown(doubt),
            holds if is_fresh(read_at, now) => holds.into(),
            true => Self::ByCopy(doubt),
            // Somebody may have come meanwhile.
            false => Self::Unknown(doubt),
        }
    }
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        match holds {
            true => Self::Yes,
            false => Self::No,
        }
    }
}

impl Groups {
    /// Whether somebody is in a user group.
    pub(super) fn in_group(&self, user: &UserId, group: &GroupId, now: Timestamp) -> Holds {
        match self.0.get(group) {
            None => Holds::Unknown(Doubt::Group(group.clone(), None)),
            Some(copy) => Holds::of(
                copy.members.contains(user),
                copy.read_at,
                now,
                Doubt::Group(group.clone(), Some(copy.read_at)),
            ),
        }
    }

    /// The same where more than a deploy hangs on it: only once it was announced, and a day has passed.
    pub(super) fn in_trusted_group(&self, user: &UserId, group: &GroupId, now: Timestamp) -> Holds {
        // By the copy's own time: whoever was taken out again meanwhile is not in a later one.
        let is_new = self.0.get(group).is_some_and(|copy| {
            let joined = copy.joined.get(user);
            joined.is_some_and(|announced| {
                announced.is_none_or(|at| copy.read_at.duration_since(at) < PROBATION)
            })
        });
        match is_new {
            true => Holds::No,
            false => self.in_group(user, group, now),
        }
    }

    /// Those in a trusted group who count.
    pub(super) fn trusted_members(
        &self,
        group: &GroupId,
        now: Timestamp,
    ) -> impl Iterator<Item = &UserId> {
        let members = self.members(group);
        members.filter(move |user| self.in_trusted_group(user, group, now) != Holds::No)
    }

    /// The people in a group, by whatever copy there is.
    pub(super) fn members(&self, group: &GroupId) -> impl Iterator<Item = &UserId> {
        let copy = self.0.get(group).into_iter();
        copy.flat_map(|copy| &copy.members)
    }
}

impl People {
    /// Whether somebody is a full member, as far as that can be told. Who was never looked at is taken for one:
    /// without a bot token, nobody can be.
    pub(super) fn is_full_member(&self, user: &UserId, now: Timestamp) -> Holds {
        match self.0.get(user) {
            None => Holds::Yes,
            Some(None) => Holds::Unknown(Doubt::Person(None)),
            Some(Some(copy)) => Holds::of(
                copy.kind == PersonKind::Member,
                copy.read_at,
                now,
                Doubt::Person(Some(copy.read_at)),
            ),
        }
    }

    /// What somebody is, where that is known and no full member.
    pub(super) fn kind(&self, user: &UserId) -> Option<PersonKind> {
        let copy = self.0.get(user).copied().flatten();
        let kind = copy.map(|copy| copy.kind);
        kind.filter(|kind| *kind != PersonKind::Member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn a_copy_counts_for_an_hour_and_for_the_way_back_for_a_week() {
        let (inside, outside): (UserId, UserId) =
            ("U0000001".parse().unwrap(), "U0000002".parse().unwrap());
        let (group, other): (GroupId, GroupId) =
            ("S0000001".parse().unwrap(), "S0000002".parse().unwrap());
        let copy = GroupCopy {
            members: [inside.clone()].into(),
            read_at: at(0),
            joined: BTreeMap::new(),
        };
        let groups = Groups([(group.clone(), copy)].into());
        let of_then = || Doubt::Group(group.clone(), Some(at(0)));
        let (old, doubt) = (|| Holds::ByCopy(of_then()), || Holds::Unknown(of_then()));
        for (now, member, stranger) in [
            (0, Holds::Yes, Holds::No),
            (HOUR, Holds::Yes, Holds::No),
            (HOUR + 1, old(), doubt()),
            (7 * DAY, old(), doubt()),
            (7 * DAY + 1, doubt(), doubt()),
            // Of a clock that is wrong.
            (-5 * 60, Holds::Yes, Holds::No),
            (-5 * 60 - 1, doubt(), doubt()),
        ] {
            assert_eq!(groups.in_group(&inside, &group, at(now)), member, "{now}");
            assert_eq!(
                groups.in_group(&outside, &group, at(now)),
                stranger,
                "{now}"
            );
            let unknown = Holds::Unknown(Doubt::Group(other.clone(), None));
            assert_eq!(groups.in_group(&inside, &other, at(now)), unknown);
        }
    }

    #[test]
    fn who_joins_a_trusted_group_counts_a_day_after_it_was_announced() {
        let users: Vec<UserId> = ["U0000001", "U0000002", "U0000003"]
            .map(|id| id.parse().unwrap())
            .into();
        let group: GroupId = "S0000001".parse().unwrap();
        let copy = GroupCopy {
            members: users.iter().cloned().collect(),
            read_at: at(DAY),
            joined: [(users[1].clone(), Some(at(0))), (users[2].clone(), None)].into(),
        };
        let groups = Groups([(group.clone(), copy)].into());
        let is = |user: usize, now| groups.in_trusted_group(&users[user], &group, at(now));
        assert_eq!(is(0, DAY), Holds::Yes);
        assert_eq!(is(1, DAY), Holds::Yes);
        assert_eq!(is(2, DAY + HOUR), Holds::No);
        // A copy from within the day does not see that they were taken out again.
        let mut early = groups.clone();
        early
            .0
            .values_mut()
            .for_each(|copy| copy.read_at = at(DAY - 1));
        let is = |now| early.in_trusted_group(&users[1], &group, at(now));
        assert_eq!(
            (is(DAY - 1), is(DAY), is(2 * DAY)),
            (Holds::No, Holds::No, Holds::No)
        );
    }

    #[test]
    fn who_was_looked_at_and_is_no_full_member_is_none() {
        let user: UserId = "U0000001".parse().unwrap();
        let of = |copy| People([(user.clone(), copy)].into());
        let kind = |kind| {
            of(Some(PersonCopy {
                kind,
                read_at: at(0),
            }))
        };
        assert_eq!(People::NOBODY.is_full_member(&user, at(0)), Holds::Yes);
        assert_eq!(
            of(None).is_full_member(&user, at(0)),
            Holds::Unknown(Doubt::Person(None))
        );
        for other in [
            PersonKind::Guest,
            PersonKind::Deactivated,
            PersonKind::Elsewhere,
            PersonKind::Bot,
        ] {
            assert_eq!(kind(other).is_full_member(&user, at(0)), Holds::No);
        }
        let member = kind(PersonKind::Member);
        assert_eq!(member.is_full_member(&user, at(HOUR)), Holds::Yes);
        assert_eq!(
            member.is_full_member(&user, at(DAY)),
            Holds::ByCopy(Doubt::Person(Some(at(0))))
        );
    }

    #[test]
    fn what_is_known_goes_before_what_is_not() {
        let doubt = || Holds::Unknown(Doubt::Person(None));
        let old = || Holds::ByCopy(Doubt::Person(Some(at(0))));
        let order = [Holds::Yes, old(), doubt(), Holds::No];
        for (rank, better) in order.iter().enumerate() {
            for worse in &order[rank..] {
                assert_eq!(&better.clone().or(|| worse.clone()), better);
                assert_eq!(&worse.clone().or(|| better.clone()), better);
                assert_eq!(&Holds::any([worse.clone(), better.clone()]), better);
            }
        }
        assert_eq!(Holds::any([]), Holds::No);
    }
}
