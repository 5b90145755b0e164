//! The configuration as the functions see it: read from the table, kept for a minute.
//!
//! No configuration, an unreadable one or a table that cannot be asked all mean *no*: there is no
//! default to fall back on, and a stale copy outlives its minute only until the table answers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::aws::dynamodb::{KnownPerson, Store, StoreError};
use crate::command::Vocabulary;
use crate::config::{Config, Member, Unusable};
use crate::names::Actor;
use crate::policy::{Grants, Groups, Policy, admins_told};
use crate::record::job::Task;

/// How long a copy is good for: after a push, the longest that the old one is still followed.
pub const REFRESH: Duration = Duration::from_secs(60);

/// Why there is no configuration to act on.
#[derive(Debug, thiserror::Error)]
pub enum NoSettings {
    /// None was ever pushed.
    #[error("no configuration has been pushed")]
    NotPushed,
    /// The stored one is not usable.
    #[error("the configuration (version {version}) is unusable: {why}")]
    Unusable {
        /// Which.
        version: u64,
        /// Why.
        why: Unusable,
    },
    /// The table could not be read.
    #[error("the configuration could not be read: {0}")]
    Store(#[from] StoreError),
}

/// A configuration and the version it is stored as.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The version.
    pub version: u64,
    /// The configuration.
    pub config: Config,
    /// The names in it, as commands are read among them.
    pub words: Vocabulary,
    /// The user groups that it names, as far as they are known.
    pub groups: Groups,
    /// The rights that were given in chat.
    pub grants: Grants,
    /// The admins whom the waiter can ask for a right; nobody where it cannot write to people.
    pub(crate) can_be_asked: Vec<KnownPerson>,
}

impl Loaded {
    /// What rights are judged by at that time, where nobody was looked at.
    pub fn policy(&self, now: Timestamp) -> Policy<'_> {
        Policy {
            groups: &self.groups,
            grants: &self.grants,
            ..Policy::alone(&self.config, now)
        }
    }

    /// The first few admins, as one reader is told of them.
    pub(crate) fn admins_told(&self, reader: &Actor, now: Timestamp) -> Vec<Member> {
        admins_told(self.policy(now), reader)
    }

    /// Whether a job takes so long, and its answer so many messages, that the public function says so before.
    pub(crate) fn is_long(&self, task: &Task) -> bool {
        match task {
            Task::Status {
                application: None,
                environment,
            } => self.config.is_large(environment.as_ref()),
            _ => false,
        }
    }
}

/// The function's copy.
#[derive(Debug, Default)]
pub struct Settings {
    copy: Mutex<Option<(Timestamp, Arc<Loaded>)>>,
}

impl Settings {
    /// The current configuration, at most [`REFRESH`] old.
    pub async fn current(&self, store: &Store, now: Timestamp) -> Result<Arc<Loaded>, NoSettings> {
        if let Some((read_at, loaded)) = &*self.copy.lock().unwrap_or_else(PoisonError::into_inner)
            && now.duration_since(*read_at).unsigned_abs() < REFRESH
        {
            return Ok(Arc::clone(loaded));
        }
        self.anew(store, now).await
    }

    /// The configuration of this moment.
    pub(crate) async fn anew(
        &self,
        store: &Store,
        now: Timestamp,
    ) -> Result<Arc<Loaded>, NoSettings> {
        let loaded = Arc::new(read(store).await?);
        *self.copy.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((now, Arc::clone(&loaded)));
        Ok(loaded)
    }
}

impl Settings {
    /// Whether the copy is of another moment.
    pub(crate) fn is_older(&self, now: Timestamp) -> bool {
        let copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner);
        copy.as_ref().is_none_or(|(read_at, _)| *read_at != now)
    }

    /// The slash command's own name, as last seen; Slack's usual one before that.
    pub(crate) fn command_name(&self) -> String {
        let copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner);
        copy.as_ref().map_or_else(
            || "/deploy".to_owned(),
            |(_, loaded)| loaded.config.slack().command.clone(),
        )
    }
}

async fn read(store: &Store) -> Result<Loaded, NoSettings> {
    // At once: neither waits for the other.
    let (stored, rights) = tokio::try_join!(store.configuration(), store.rights())?;
    let stored = stored.ok_or(NoSettings::NotPushed)?;
    let version = stored.version;
    match Config::parse(&stored.body) {
        Ok(config) => Ok(Loaded {
            version,
            words: config.vocabulary(),
            config,
            groups: rights.groups,
            grants: rights.grants,
            can_be_asked: rights.can_be_asked,
        }),
        Err(why) => Err(NoSettings::Unusable { version, why }),
    }
}
