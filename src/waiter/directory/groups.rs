//! Who is in which user group: Slack is asked by the sweep, a few groups at a time.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};

use super::{AGAIN, Directory};
use crate::aws::dynamodb::{Store, StoreError};
use crate::config::{Config, Member};
use crate::names::secret::{Access, Secret};
use crate::names::{GroupId, TeamId, UserId};
use crate::policy::{GroupCopy, OLDEST, PROBATION};
use crate::settings::Loaded;
use crate::slack::client::{PostError, SlackClient};
use crate::{card, reply};

/// A copy older than that means that trying again did not help.
const TROUBLE: SignedDuration = SignedDuration::from_mins(30);
/// Calls that one sweep makes to ask Slack about groups: a workspace may call the method some twenty times a minute
/// (tier 2, <https://docs.slack.dev/apis/web-api/rate-limits>).
const CALLS_AT_ONCE: u32 = 10;
/// A larger group is not read: whoever judges rights reads all of them every minute, within the time that Slack
/// leaves for a reply.
const MOST_MEMBERS: usize = 4_000;
/// Those of many who joined a group that a message names.
const NAMED: usize = 5;

impl Directory {
    /// Asks Slack who is in those groups whose copies have grown old, those first that were asked about longest ago.
    /// What cannot be read keeps its copy.
    pub(in crate::waiter) async fn refresh(
        &self,
        store: &Store,
        Loaded {
            config,
            groups: known,
            ..
        }: &Loaded,
        clock: impl Fn() -> Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let groups = config.groups();
        if groups.is_empty() && known.0.is_empty() {
            return Ok(());
        }
        let now = clock();
        // As they are now: the copies at hand may be those of before the last sweep.
        let copies = store.rights().await?.groups.0;
        for (group, copy) in &copies {
            // A copy that counts for nothing any more, of a group that nothing names. A younger one is kept, so that a
            // group that is named again is no new one: whoever has joined it meanwhile has joined it.
            let old = now.duration_since(copy.read_at).abs() > OLDEST;
            if old && !groups.contains(group) {
                tracing::info!(%group, "forgot a user group that the configuration names no more");
                store.forget_group(group, copy).await?;
            }
        }
        let read_at = |group: &GroupId| copies.get(group).map(|copy| copy.read_at);
        let younger = |group: &GroupId, than: SignedDuration| {
            let age = read_at(group).map(|at| now.duration_since(at).abs());
            age.is_some_and(|age| age < than)
        };
        let mut due: Vec<&GroupId> = groups.into_iter().collect();
        due.retain(|group| !younger(group, AGAIN));
        due.sort_by_key(|group| self.tried_at(group).max(read_at(group)));
        let token = match self.token.get(now).await {
            Access::With(token) => Some(token),
            Access::Without | Access::Unread => None,
        };
        let (mut lost, mut calls) = (0_u64, 0);
        for group in due {
            let tried = match &token {
                Some(token) if calls < CALLS_AT_ONCE && clock() < until => {
                    self.try_now(group, now);
                    let before = copies.get(group);
                    self.read(config, token, GroupAsked { group, before, now }, &mut calls)
                        .await
                }
                Some(_) | None => None,
            };
            let kept = match &tried {
                Some(copy) => store.put_group(group, copy).await,
                None => Ok(()),
            };
            if let Err(error) = &kept {
                tracing::error!(%group, %error, "the copy of a user group could not be kept");
            }
            if (tried.is_none() || kept.is_err()) && !younger(group, TROUBLE) {
                lost += 1;
            }
        }
        if lost > 0 {
            self.metrics.unknown_groups(now, lost);
        }
        Ok(())
    }

    fn tried_at(&self, group: &GroupId) -> Option<Timestamp> {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        tried.get(group).copied()
    }

    fn try_now(&self, group: &GroupId, now: Timestamp) {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        tried.insert(group.clone(), now);
    }

    /// A new copy of a group.
    async fn read(
        &self,
        config: &Config,
        token: &Secret,
        asked: GroupAsked<'_>,
        calls: &mut u32,
    ) -> Option<GroupCopy> {
        let GroupAsked { group, before, now } = asked;
        let slack = self.at(config);
        // A workspace's own token needs no team, and passes over one that is named.
        let workspaces = config.slack().teams.iter();
        let workspaces = workspaces.filter(|team| team.as_str().starts_with('T'));
        let mut workspaces = workspaces.map(Some).collect::<Vec<Option<&TeamId>>>();
        if workspaces.is_empty() {
            workspaces.push(None);
        }
        let mut members = Err(PostError::Unknown);
        for team in workspaces {
            *calls += 1;
            members = slack.members(token, group, team).await;
            // Of an organisation, the group may be another workspace's.
            if !matches!(&members, Err(PostError::Refused(_))) {
                break;
            }
        }
        let members = match members {
            Ok(members) if members.len() <= MOST_MEMBERS => members,
            Ok(members) => {
                tracing::error!(%group, members = members.len(), most = MOST_MEMBERS, "a user group is too large");
                return None;
            }
            Err(error) => {
                if let PostError::RateLimited { .. } = error {
                    *calls = CALLS_AT_ONCE;
                }
                tracing::warn!(%group, %error, "Slack does not say who is in a user group");
                return None;
            }
        };
        let mut copy = GroupCopy {
            members,
            read_at: now,
            joined: before.map_or_else(BTreeMap::new, |before| before.joined.clone()),
        };
        copy.joined.retain(|user, joined| {
            let probation = joined.is_none_or(|at| now.duration_since(at) < PROBATION);
            probation && copy.members.contains(user)
        });
        let is_admins = config
            .slack()
            .admins
            .contains(&Member::Group(group.clone()));
        if let (true, Some(before)) = (is_admins, before) {
            let new = copy.members.iter();
            let new = new.filter(|user| !before.members.contains(*user));
            copy.joined.extend(new.map(|user| (user.clone(), None)));
            self.announce(&slack, config, token, (group, &mut copy), now)
                .await;
        }
        Some(copy)
    }

    /// Says where deploys are announced who will count as trusted, all of them at once.
    async fn announce(
        &self,
        slack: &SlackClient,
        config: &Config,
        token: &Secret,
        place: (&GroupId, &mut GroupCopy),
        now: Timestamp,
    ) {
        let (group, copy) = place;
        let new = copy.joined.iter().filter(|(_, joined)| joined.is_none());
        let new: Vec<&UserId> = new.map(|(user, _)| user).collect();
        let (Some(channel), false) = (&config.slack().announce, new.is_empty()) else {
            return;
        };
        let named = &new[..new.len().min(NAMED)];
        let words =
            reply::people::joined_trusted(named, new.len() - named.len(), group, now + PROBATION);
        let message = card::sentence_for_all(words);
        match slack.post_message(token, channel, None, &message).await {
            Ok(_) => {
                let new = copy.joined.values_mut().filter(|joined| joined.is_none());
                new.for_each(|joined| *joined = Some(now));
            }
            Err(error) => {
                tracing::warn!(%group, %error, "who joined a trusted group was not announced");
            }
        }
    }
}

/// A group to ask Slack about.
struct GroupAsked<'a> {
    group: &'a GroupId,
    /// The copy that there is.
    before: Option<&'a GroupCopy>,
    now: Timestamp,
}
