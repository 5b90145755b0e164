//! What a step judges rights by: the configuration of now, the copies of user groups, and whoever it is about, looked
//! at.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::context::Waiter;
use super::scene;
use crate::config::Who;
use crate::names::{Actor, EnvName, UserId};
use crate::policy::{Grants, People, Policy};
use crate::record::{Deploy, Refused, Why};
use crate::settings::{Loaded, NoSettings};

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
        // Only where full members may something does it matter who is one.
        let users = actors.into_iter().filter_map(|actor| match actor {
            Actor::Slack { user, .. } if is_open => Some(user),
            _ => None,
        });
        let users: BTreeSet<&UserId> = users.collect();
        let directory = &self.directory;
        let looks = directory.look_at(&self.store, &loaded.config, users, now);
        let (people, grants) = tokio::join!(looks, self.store.grants());
        Ok(Judged {
            loaded,
            people: People(people),
            grants: grants?,
            now,
        })
    }
}
