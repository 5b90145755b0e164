//! What a step judges rights by: the configuration of now, the copies of user groups, and whoever it is about, looked
//! at.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::context::{StepError, Waiter};
use super::directory::Seen;
use super::scene;
use crate::config::Who;
use crate::names::{Actor, EnvName, UserId};
use crate::past;
use crate::policy::{Action, Grants, People, PersonKind, Policy, authorize};
use crate::record::{Deploy, Refused, RightRefused, Why};
use crate::settings::{Loaded, NoSettings};

/// Rights given in chat that are kept at most: whoever judges one reads all of them.
pub(super) const MOST_GRANTS: usize = 500;

/// What rights are judged by, with the people it is about looked at.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The configuration.
    pub(crate) loaded: Arc<Loaded>,
    people: People,
    /// As they are at this moment: what an admin takes back is gone at once.
    grants: Grants,
    now: Timestamp,
}

impl Judged {
    /// What rights are judged by.
    pub(crate) fn policy(&self) -> Policy<'_> {
        Policy {
            people: &self.people,
            grants: &self.grants,
            ..self.loaded.policy(self.now)
        }
    }
}

/// That nobody has to be asked for a right any more.
fn has_it(policy: Policy<'_>, deploy: &Deploy) -> Option<RightRefused> {
    let action = Action::Change(deploy.verb().kind());
    let channel = deploy.origin.channel.as_ref();
    let (requester, environment) = (&deploy.requester, &deploy.environment);
    // What was given for this plan alone is no right to type it again.
    let policy = policy.about(None);
    let may = |application| {
        authorize(
            policy,
            requester,
            &action,
            application,
            environment,
            channel,
        )
    };
    let has = deploy.pleads()
        && deploy
            .applications()
            .all(|application| may(application).is_ok());
    has.then(|| RightRefused::HasIt {
        command: typed(deploy),
    })
}

/// What was asked for, as it is typed.
fn typed(deploy: &Deploy) -> String {
    format!("{} to {}", past::asked_for(deploy), deploy.environment)
}

impl Waiter {
    /// Why nothing comes any more of a deploy that waits for an answer: whoever asked for it has no right to it now, and
    /// that is certain. Where it is not known, the deploy goes on waiting, and is judged again when it starts.
    pub(crate) async fn lost_right(&self, deploy: &Deploy) -> Option<Why> {
        let lost = self.lost_by_copy(deploy).await?;
        let now = self.now();
        if !self.settings.is_older(now) {
            return Some(lost);
        }
        // A verdict stands: it is not given by a copy of a configuration that may be another one by now.
        self.settings.anew(&self.store, now).await.ok()?;
        self.lost_by_copy(deploy).await
    }

    async fn lost_by_copy(&self, deploy: &Deploy) -> Option<Why> {
        let judged = self.judged([&deploy.requester], &deploy.environment).await;
        let judged = judged.ok()?;
        if let Some(refused) = has_it(judged.policy(), deploy) {
            return Some(Refused::Right(refused).into());
        }
        let each = deploy.each().into_iter().filter_map(|one| {
            let denied = scene::allowed(judged.policy(), &one).err()?;
            (!denied.is_doubt()).then(|| (one.application().clone(), Refused::Denied(denied)))
        });
        let each: Vec<_> = each.collect();
        match (each.as_slice(), deploy.is_of_several()) {
            ([], _) => None,
            ([(_, refused)], false) => Some(refused.clone().into()),
            _ => Some(Why::RefusedEach(each)),
        }
    }

    /// Why somebody gets no right in chat: they are no full member, as far as anybody may look.
    pub(super) async fn no_full_member(
        &self,
        user: &UserId,
    ) -> Result<Option<RightRefused>, StepError> {
        let now = self.now();
        let loaded = self.settings.current(&self.store, now).await?;
        let to = user.clone();
        let seen = self.directory.see(&self.store, &loaded, user, now);
        Ok(match seen.await {
            Seen::Now(copy) if copy.kind == PersonKind::Member => None,
            Seen::Now(copy) => Some(RightRefused::NoFullMember {
                to,
                kind: copy.kind,
            }),
            Seen::Silent(_) => Some(RightRefused::NotSaid),
            Seen::Unseen => Some(RightRefused::Unseen { to }),
            Seen::NotAllowed => Some(RightRefused::NotSaid),
            // Without a token nobody can look, and everybody is taken for a full member.
            Seen::MayNotLook => None,
        })
    }

    /// What the rights of these people in an environment are judged by.
    pub(crate) async fn judged<'a>(
        &self,
        actors: impl IntoIterator<Item = &'a Actor>,
        environment: &EnvName,
    ) -> Result<Judged, NoSettings> {
        let now = self.now();
        let loaded = self.settings.current(&self.store, now).await?;
        let place = loaded.config.environment(environment);
        let is_open =
            place.is_some_and(|place| place.entries().any(|entry| *entry == Who::Everyone));
        let users = actors.into_iter().filter_map(|actor| match actor {
            Actor::Slack { user, .. } => Some(user),
            _ => None,
        });
        let users: BTreeSet<&UserId> = users.collect();
        let look_at = |users| {
            let directory = &self.directory;
            directory.look_at(&self.store, &loaded.config, users, now)
        };
        // Only where full members may something does it matter who is one, and of those who were given a right in chat.
        let (people, grants) = match is_open {
            true => tokio::join!(look_at(users), self.store.grants()),
            false => {
                let grants = self.store.grants().await?;
                let live = || grants.live(now);
                let has = |user: &&&UserId| live().any(|grant| grant.to == ***user);
                let given = users.iter().filter(has).copied().collect();
                (look_at(given).await, Ok(grants))
            }
        };
        Ok(Judged {
            people: People(people),
            grants: grants?,
            now,
            loaded,
        })
    }
}
