//! Which admins can be asked for a right: the public function reads it where it reads the rights.

use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};

use super::{AGAIN, Directory, Seen};
use crate::aws::dynamodb::{KnownPerson, Store, StoreError};
use crate::names::secret::Access;
use crate::policy::{PersonKind, admins};
use crate::settings::Loaded;

/// How long what was found holds, unless the configuration is another one by then.
const HOLDS: SignedDuration = SignedDuration::from_hours(6);
/// Admins who are written down.
const MOST: usize = 5;

impl Directory {
    /// Writes down which admins can be asked, where that has changed.
    pub(in crate::waiter) async fn keep_who_can_be_asked(
        &self,
        store: &Store,
        loaded: &Loaded,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let kept = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = kept.is_some_and(|(until, version)| {
            version == loaded.version && now < until && until <= now + HOLDS
        });
        if holds {
            return Ok(());
        }
        let found = match self.token.get(now).await {
            Access::With(_) => self.who_can_be_asked(store, loaded, now).await?,
            Access::Without => Vec::new(),
            Access::Unread => return Ok(()),
        };
        if found != loaded.can_be_asked {
            store.put_can_be_asked(&found).await?;
        }
        let all_are_known = found.iter().all(|admin| admin.handle.is_some());
        let until = now + if all_are_known { HOLDS } else { AGAIN };
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some((until, loaded.version));
        Ok(())
    }

    /// By what is known of them; only whoever has no name yet is looked at.
    async fn who_can_be_asked(
        &self,
        store: &Store,
        loaded: &Loaded,
        now: Timestamp,
    ) -> Result<Vec<KnownPerson>, StoreError> {
        let mut found = Vec::new();
        for user in admins(loaded.policy(now)).into_iter().take(MOST) {
            let mut handle = store.handle(&user).await?;
            if handle.is_none()
                && let Seen::Now(_) = self.see(store, loaded, &user, now).await
            {
                handle = store.handle(&user).await?;
            }
            let copy = store.person(&user).await?;
            if copy.is_none_or(|copy| copy.kind == PersonKind::Member) {
                found.push(KnownPerson { user, handle });
            }
        }
        Ok(found)
    }
}
