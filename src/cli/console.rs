//! What the operator's commands share: the table and its configuration, names in them, and who asks.
//! IAM decides what may be read and written; the policy is asked all the same, as everywhere.

use clap::Args;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::request::Written;
use super::{Failure, Surroundings, TableOption};
use crate::aws::Aws;
use crate::aws::dynamodb::{Store, StoreError};
use crate::command::{Command, CommandVerb};
use crate::config::Config;
use crate::names::{AppName, EnvName};
use crate::record::Deploy;

/// The slash command's name in words for a terminal: what it suggests can be typed there.
pub(super) const COMMAND: &str = "longshore";

/// Reads of the table at the same time.
const AT_ONCE: usize = 32;

/// The table, read as the caller.
pub(super) struct Console {
    pub(super) aws: Aws,
    pub(super) store: Store,
    pub(super) config: Config,
}

/// How the result is written.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Format {
    /// Write JSON for other programs; docs/operating.md has its members
    #[arg(long)]
    pub(super) json: bool,
}

impl Format {
    /// What of a deploy that is asked for is written.
    pub(super) fn written(self) -> Written {
        match self.json {
            true => Written::Object,
            false => Written::Id,
        }
    }
}

impl Console {
    /// Connects and reads the configuration.
    pub(super) async fn open(
        table: &TableOption,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<Self, Failure> {
        let table = table.name(surroundings)?;
        let aws = (surroundings.connect)().await;
        let store = aws.store(table);
        let config = surroundings
            .waits("reading the configuration", configuration(&store))
            .await??;
        Ok(Self { aws, store, config })
    }

    /// Every application in each of its environments, or those that fit.
    pub(super) fn places(
        &self,
        application: Option<&AppName>,
        environment: Option<&EnvName>,
    ) -> Vec<(AppName, EnvName)> {
        let applications = self.config.applications();
        applications
            .filter(|(name, _)| application.is_none_or(|asked| asked == *name))
            .flat_map(|(name, app)| app.environments.keys().map(move |env| (name, env)))
            .filter(|(_, env)| environment.is_none_or(|asked| asked == *env))
            .map(|(name, env)| (name.clone(), env.clone()))
            .collect()
    }

    /// The deploys without a verdict, as they stand or were asked for.
    pub(super) async fn under_way(&self) -> Result<Vec<Deploy>, StoreError> {
        self.store.under_way().await
    }

    /// Reads words of the command line by the grammar of Slack's command.
    pub(super) fn parse(&self, verb: CommandVerb, words: &[String]) -> Result<Command, Failure> {
        let typed = format!("{verb} {}", words.join(" "));
        let command = Command::parse(&typed, &self.config.vocabulary());
        command.map_err(|misunderstood| {
            Failure::Misunderstood(
                crate::refusal::Refusal::from(misunderstood.at_a_terminal(super::has))
                    .plain(COMMAND),
            )
        })
    }
}

/// What each of these gives, in their order, some of them at the same time.
pub(super) async fn all<T, E>(
    each: impl IntoIterator<Item: Future<Output = Result<T, E>>>,
) -> Result<Vec<T>, E> {
    let each = stream::iter(each).buffered(AT_ONCE);
    each.try_collect().await
}

/// What a reading command says of a table that does not answer.
pub(super) fn unread(error: StoreError) -> Failure {
    Failure::Store {
        error,
        then: "nothing was changed",
    }
}

async fn configuration(store: &Store) -> Result<Config, Failure> {
    let stored = store.configuration().await.map_err(unread)?;
    let stored = stored.ok_or_else(|| {
        Failure::Refused(
            "no configuration was ever pushed; publish one with `longshore push`".to_owned(),
        )
    })?;
    Config::parse(&stored.body).map_err(|unusable| {
        Failure::Refused(format!("{unusable}; push it again with `longshore push`"))
    })
}
