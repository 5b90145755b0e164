//! The functions' environment: the only reader of its variables, and where the clients are built,
//! once. Errors name the variable.

use std::env;

use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};

use crate::aws::{Aws, Patience};
use crate::http;
use crate::slash::{SigningSecrets, Slash};

/// A variable that is missing or unusable.
#[derive(Debug, thiserror::Error)]
pub enum BadEnvironment {
    /// It is not set, or empty.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// It cannot be used as it is.
    #[error("the environment variable {name} is not usable: {why}")]
    Unusable {
        /// Its name.
        name: &'static str,
        /// Why not.
        why: String,
    },
}

fn required(name: &'static str) -> Result<String, BadEnvironment> {
    optional(name).ok_or(BadEnvironment::Missing(name))
}

fn optional(name: &'static str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The public function, as its environment says.
pub async fn slash_from_env() -> Result<Slash, BadEnvironment> {
    let (table, machine) = (required("TABLE_NAME")?, required("STATE_MACHINE_ARN")?);
    let secret = required("SIGNING_SECRET_PARAMETER")?;
    let previous = optional("SIGNING_SECRET_PREVIOUS_PARAMETER");
    let aws = Aws::from_env(http::aws_http_client(), Patience::DOOR).await;
    Ok(Slash::new(
        aws.store(table),
        aws.machine(machine),
        SigningSecrets::new(aws.parameters(), secret, previous),
        SharedTimeSource::new(SystemTimeSource::new()),
    ))
}

/// One structured line per event on standard output, as CloudWatch Logs Insights reads them.
pub fn start_log() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_max_level(tracing::Level::INFO)
        .init();
}
