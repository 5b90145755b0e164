//! Who is called so: among the people who were looked at, and those in the user groups that the configuration names.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Directory, Seen};
use crate::aws::dynamodb::{KnownPerson, Store, StoreError};
use crate::names::{PersonName, UserId};
use crate::settings::Loaded;

impl Directory {
    /// What one person is now.
    pub(in crate::waiter) async fn see(
        &self,
        store: &Store,
        loaded: &Loaded,
        user: &UserId,
        now: Timestamp,
    ) -> Seen {
        self.look(store, &loaded.config, user, now).await
    }

    /// Everybody who is known by that name: by their handle, or as they call themselves. Members of groups are looked
    /// at first, as far as time lets one.
    pub(in crate::waiter) async fn called(
        &self,
        store: &Store,
        loaded: &Loaded,
        name: &PersonName,
        now: Timestamp,
    ) -> Result<Vec<KnownPerson>, StoreError> {
        let groups = loaded.groups.0.values();
        let members: BTreeSet<&UserId> = groups.flat_map(|group| &group.members).collect();
        self.look_at(store, &loaded.config, members, now).await;
        store.people_called(name).await
    }
}
