//! `longshore push`: publishes the configuration as a new immutable version.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, Surroundings, TableOption, check, live, read};
use crate::aws::dynamodb::PushOutcome;
use crate::config::{Checked, Packed};
use crate::names::Actor;

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore push --table longshore-Table-1A2B3C
  longshore push --dry-run infra/longshore.toml
  AWS_PROFILE=operations longshore push --table longshore-Table-1A2B3C

The table is output TableName of the Longshore stack. Functions use the new version within a minute;
deploys that wait for consent are planned again if it changes what applies to them.";

#[derive(Debug, Args)]
pub(super) struct PushArguments {
    /// The main file, or the folder it is in
    #[arg(default_value = crate::config::files::MAIN_FILE)]
    path: PathBuf,
    #[command(flatten)]
    table: TableOption,
    /// Show what would be stored, and store nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(
    arguments: &PushArguments,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let Checked {
        config, not_judged, ..
    } = read(&arguments.path, surroundings)?;
    // Whoever reads such a key believes in a gate that nobody guards.
    if !not_judged.is_empty() {
        return Err(Failure::Refused(format!(
            "{} has keys that this version judges nothing by; take them out until one does. Nothing was stored",
            arguments.path.display()
        )));
    }
    let packed = Packed::of(&config.canonical()?)?;
    if arguments.dry_run {
        write!(surroundings.out, "{}", check::summary(&config)?)?;
        writeln!(surroundings.err, "nothing was stored")?;
        return Ok(());
    }
    let table = arguments.table.name(surroundings)?;
    live::can_read_groups(&config, surroundings).await?;
    let sha256 = config.sha256()?;
    let (aws, operator) = surroundings.operator().await?;
    writeln!(surroundings.err, "pushing to {table} as {operator}")?;
    let store = aws.store(table.as_str());
    let by = Actor::Operator {
        arn: operator,
        name: None,
    };
    let outcome = store
        .put_configuration(&packed, &sha256, &by, surroundings.now())
        .await
        .map_err(|error| Failure::Store {
            then: if error.wrote_nothing() {
                "nothing was stored"
            } else {
                "whether it was stored is unknown: push again, the same configuration is stored once"
            },
            error,
        })?;
    match outcome {
        PushOutcome::Pushed(version) => {
            writeln!(surroundings.out, "version {version}, sha256 {sha256}")?;
            Ok(())
        }
        PushOutcome::Unchanged(version) => {
            writeln!(surroundings.out, "version {version}, sha256 {sha256}")?;
            writeln!(surroundings.err, "it is current already; nothing was stored")?;
            Ok(())
        }
        PushOutcome::Raced => Err(Failure::Refused(
            "somebody else pushed at the same moment, and nothing was stored; look at their change and push again"
                .to_owned(),
        )),
    }
}
