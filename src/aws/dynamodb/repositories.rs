//! What repositories are known by: one item each, written when one is seen for the first time, and by the waiter alone.

use std::collections::BTreeMap;

use super::Store;
use super::item::{StoreError, n, number, s, text, unreadable};
use super::record::{IS_NEW, keyed};
use super::write::WriteOutcome;
use crate::config::{GithubRepository, RepositoryId};

const PARTITION: &str = "REPOSITORIES";

impl Store {
    /// Every repository that was seen, by its name as it is compared.
    pub(crate) async fn repositories(
        &self,
    ) -> Result<BTreeMap<GithubRepository, RepositoryId>, StoreError> {
        let mut seen = BTreeMap::new();
        for entry in self.newest(PARTITION, "", None).await? {
            let name = text(&entry, "sk").map(str::to_owned);
            let name = name.and_then(|name| GithubRepository::try_from(name).ok());
            let id = number(&entry, "id").and_then(|id| u64::try_from(id).ok());
            // What cannot be read would be taken for one that was never seen.
            let (Some(name), Some(id)) = (name, id) else {
                return Err(unreadable(&entry, "it names no repository and its id"));
            };
            seen.insert(name, RepositoryId::new(id));
        }
        Ok(seen)
    }

    /// Keeps what a repository is known by, if nothing is kept of it.
    pub(crate) async fn put_repository(
        &self,
        name: &GithubRepository,
        id: RepositoryId,
    ) -> Result<(), StoreError> {
        let sk = String::from(name.clone());
        let entry = keyed(
            [("pk", s(PARTITION)), ("sk", s(sk))],
            [("id", n(id.number()))],
        );
        match self.put(entry, IS_NEW).await? {
            WriteOutcome::Done | WriteOutcome::Refused => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use longshore_sim::{Clock, World};

    use crate::aws::{Aws, Patience};
    use crate::config::{GithubRepository, RepositoryId};

    #[tokio::test(start_paused = true)]
    async fn what_was_seen_first_stays() {
        let world = World::new(Clock::starting_at("2026-01-05T10:00:00Z".parse().unwrap()));
        world.state().dynamodb.create_table("longshore");
        let aws = Aws::new(
            world.http_client(),
            world.time_source(),
            "eu-west-1",
            "AKIAANY",
            Patience::STEP,
        );
        let store = aws.store("longshore");
        let named = |name: &str| GithubRepository::try_from(name.to_owned()).unwrap();
        let cms = named("acme/cms");
        store
            .put_repository(&cms, RepositoryId::new(1))
            .await
            .unwrap();
        store
            .put_repository(&cms, RepositoryId::new(2))
            .await
            .unwrap();
        let elsewhere = named("git.acme.example/acme/cms");
        store
            .put_repository(&elsewhere, RepositoryId::new(3))
            .await
            .unwrap();
        let seen = store.repositories().await.unwrap();
        assert_eq!(
            seen.into_iter().collect::<Vec<_>>(),
            [
                (cms, RepositoryId::new(1)),
                (elsewhere, RepositoryId::new(3))
            ]
        );
    }
}
