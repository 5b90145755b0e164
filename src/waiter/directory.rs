//! Who people are, and who is in which user group: Slack is asked, and copies of what it said are kept.
//!
//! Nothing here waits for Slack where a copy does, and where Slack does not answer, the copies grow old, which is
//! for [`crate::policy`] to judge.

mod asked;
mod called;
mod groups;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep, timeout_at};

use super::tokens::Token;
use crate::aws::dynamodb::Store;
use crate::config::Config;
use crate::names::secret::Access;
use crate::names::{GroupId, UserId};
use crate::policy::{PersonCopy, PersonKind, is_fresh};
use crate::slack::client::people::Profile;
use crate::slack::client::{PostError, SlackClient};
use crate::telemetry::Metrics;

/// How old a copy of a group gets before Slack is asked again: several tries fit into the hour for which it counts.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// People whose copies are kept at hand.
const PEOPLE_AT_HAND: usize = 1_000;
/// So long everybody together is looked at: a step has more to do.
const LOOKED_AT_WITHIN: Duration = Duration::from_secs(3);
/// People who are looked at for one step. Whoever fills a conversation with more gives none of them a right.
const MOST_LOOKED_AT: usize = 20;
/// The pause before Slack is asked once more about a person.
const ONCE_MORE: Duration = Duration::from_millis(500);
/// So long nobody asks again about people after Slack did not answer.
const REST_LASTS: SignedDuration = SignedDuration::from_secs(15);

/// The way to what Slack knows of people.
#[derive(Debug)]
pub(super) struct Directory {
    slack: SlackClient,
    token: Arc<Token>,
    metrics: Metrics,
    /// Copies of people at hand.
    people: Mutex<BTreeMap<UserId, PersonCopy>>,
    /// Until when nobody asks about people, and why.
    closed: Mutex<Option<(Timestamp, Rest)>>,
    /// Until when what was written down holds of who can be asked for a right, and by which version of the configuration.
    asked: Mutex<Option<(Timestamp, u64)>>,
    /// When each group was asked about last.
    tried: Mutex<BTreeMap<GroupId, Timestamp>>,
}

/// What a look at somebody came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// What they are, as Slack said within the hour.
    Now(PersonCopy),
    /// Slack does not say; what it said before, if it did.
    Silent(Option<PersonCopy>),
    /// The token does not see them.
    Unseen,
    /// There is no token, so that nobody can look.
    MayNotLook,
    /// There is one, and Slack does not let it look.
    NotAllowed,
}

/// Why nobody asks about people for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// The app may not ask.
    NotAllowed,
    /// Slack does not answer.
    Silent,
}

impl Directory {
    /// A directory that asks through `slack`, where there is a bot token.
    pub(super) fn new(slack: SlackClient, token: Arc<Token>, metrics: &Metrics) -> Self {
        Self {
            slack,
            token,
            metrics: metrics.clone(),
            people: Mutex::default(),
            closed: Mutex::default(),
            asked: Mutex::default(),
            tried: Mutex::default(),
        }
    }

    fn at(&self, config: &Config) -> SlackClient {
        self.slack.at(config.slack().instance())
    }

    /// What these people are, all of them within [`LOOKED_AT_WITHIN`]. Whoever could not be looked at is there with
    /// `None`; where nobody may be looked at, nobody is there.
    pub(super) async fn look_at(
        &self,
        store: &Store,
        config: &Config,
        users: BTreeSet<&UserId>,
        now: Timestamp,
    ) -> BTreeMap<UserId, Option<PersonCopy>> {
        let until = Instant::now() + LOOKED_AT_WITHIN;
        let each = users
            .into_iter()
            .enumerate()
            .map(|(place, user)| async move {
                let look = self.look(store, config, user, now);
                let seen = match place < MOST_LOOKED_AT {
                    true => timeout_at(until, look).await.unwrap_or(Seen::Silent(None)),
                    false => Seen::Silent(None),
                };
                match seen {
                    Seen::Now(copy) => Some((user.clone(), Some(copy))),
                    Seen::Silent(kept) => Some((user.clone(), kept)),
                    Seen::Unseen | Seen::MayNotLook | Seen::NotAllowed => None,
                }
            });
        join_all(each).await.into_iter().flatten().collect()
    }

    /// What somebody is.
    async fn look(&self, store: &Store, config: &Config, user: &UserId, now: Timestamp) -> Seen {
        let fresh = |copy: &PersonCopy| is_fresh(copy.read_at, now);
        if let Some(copy) = self.at_hand(user).filter(fresh) {
            return Seen::Now(copy);
        }
        // Also where it cannot be told whether there is a token, what was known of a guest is known.
        let kept = store.person(user).await.unwrap_or_else(|error| {
            tracing::warn!(%user, %error, "the copy of a person could not be read");
            None
        });
        if let Some(copy) = kept.filter(fresh) {
            self.keep_at_hand(user, copy);
            return Seen::Now(copy);
        }
        let token = match self.token.get(now).await {
            Access::With(token) => token,
            Access::Without => return Seen::MayNotLook,
            Access::Unread => return Seen::Silent(kept),
        };
        let closed = *self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        match closed.filter(|(until, _)| now < *until) {
            Some((_, Rest::NotAllowed)) => return Seen::NotAllowed,
            Some((_, Rest::Silent)) => return Seen::Silent(kept),
            None => {}
        }
        let slack = self.at(config);
        let profile = match slack.profile(&token, user).await {
            Err(PostError::Unknown | PostError::RateLimited { .. }) => {
                sleep(ONCE_MORE).await;
                slack.profile(&token, user).await
            }
            profile => profile,
        };
        match profile {
            Ok(profile) => {
                let kind = kind(&profile, config);
                let copy = PersonCopy { kind, read_at: now };
                self.keep_at_hand(user, copy);
                if let Err(error) = store.put_person(user, &copy, &profile.names()).await {
                    tracing::warn!(%user, %error, "the copy of a person could not be kept");
                }
                Seen::Now(copy)
            }
            // As without a token: nobody can look.
            Err(error) if is_not_allowed(&error) => {
                tracing::warn!(%error, "the app may not ask who people are");
                self.close(now + AGAIN, Rest::NotAllowed);
                Seen::NotAllowed
            }
            // Of another workspace than the token's, of those that are listed.
            Err(PostError::Refused(code)) if UNSEEN.contains(&code.as_str()) => {
                tracing::info!(%user, code, "the bot token does not see a person");
                Seen::Unseen
            }
            Err(error) => {
                tracing::warn!(%user, %error, "Slack does not say who a person is");
                self.close(now + REST_LASTS, Rest::Silent);
                Seen::Silent(kept)
            }
        }
    }

    fn close(&self, until: Timestamp, why: Rest) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = Some((until, why));
    }

    fn at_hand(&self, user: &UserId) -> Option<PersonCopy> {
        let people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        people.get(user).copied()
    }

    fn keep_at_hand(&self, user: &UserId, copy: PersonCopy) {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= PEOPLE_AT_HAND {
            people.clear();
        }
        people.insert(user.clone(), copy);
    }
}

/// What Slack says of people whom the token cannot see (<https://docs.slack.dev/reference/methods/users.info#errors>).
const UNSEEN: [&str; 2] = ["user_not_found", "user_not_visible"];

/// Whether nobody can look, whoever it is about: the scope is missing, or Slack does not take the token.
fn is_not_allowed(error: &PostError) -> bool {
    const OF_THE_TOKEN: [&str; 5] = [
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "token_expired",
        "token_revoked",
    ];
    match error {
        PostError::Lacks(_) => true,
        PostError::Refused(code) => OF_THE_TOKEN.contains(&code.as_str()),
        PostError::RateLimited { .. } | PostError::Expired | PostError::Unknown => false,
    }
}

/// What a profile makes of somebody, for a configuration that listens to its workspaces.
fn kind(profile: &Profile, config: &Config) -> PersonKind {
    let listed = |team: &str| {
        let teams = &config.slack().teams;
        teams.iter().any(|listed| listed.as_str() == team)
    };
    let organisation = &profile.enterprise_user;
    if profile.is_bot {
        PersonKind::Bot
    } else if profile.deleted {
        PersonKind::Deactivated
    } else if profile.is_restricted || profile.is_ultra_restricted {
        PersonKind::Guest
    } else if profile.is_stranger
        || !(listed(&profile.team_id)
            || listed(&organisation.enterprise_id)
            || organisation.teams.iter().any(|team| listed(team)))
    {
        PersonKind::Elsewhere
    } else {
        PersonKind::Member
    }
}
