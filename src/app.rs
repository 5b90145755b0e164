//! The functions' environment: the only reader of its variables, and where the clients are built,
//! once. Errors name the variable.

use std::{env, io};

use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::aws::{AMAZON_ROOTS, Aws, Patience};
use crate::ci::{Ci, PipelineKeys};
use crate::http::{self, BadDial, Dial, Http};
use crate::slash::{SigningSecrets, Slash};
use crate::telemetry::Metrics;
use crate::waiter::{Clients, Waiter};

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

fn optional(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The public function, as its environment says.
pub async fn slash_from_env() -> Result<Slash, BadEnvironment> {
    let (table, machine) = (required("TABLE_NAME")?, required("STATE_MACHINE_ARN")?);
    let secret = required("SIGNING_SECRET_PARAMETER")?;
    let previous = optional("SIGNING_SECRET_PREVIOUS_PARAMETER");
    let aws = Aws::in_lambda(door_client(), Patience::DOOR, optional).await;
    Ok(Slash::new(
        aws.store(table),
        aws.machine(machine),
        SigningSecrets::new(aws.parameters(), secret, previous),
        Metrics::new(&required("METRICS_NAMESPACE")?, io::stdout()),
        SharedTimeSource::new(SystemTimeSource::new()),
    ))
}

/// The function that pipelines speak to, as its environment says.
pub async fn ci_from_env() -> Result<Ci, BadEnvironment> {
    let (table, machine) = (required("TABLE_NAME")?, required("STATE_MACHINE_ARN")?);
    let prefix = required("CI_KEYS_PREFIX")?;
    let aws = Aws::in_lambda(door_client(), Patience::DOOR, optional).await;
    Ok(Ci::new(
        aws.store(table),
        aws.machine(machine),
        PipelineKeys::new(aws.parameters(), prefix),
        Metrics::new(&required("METRICS_NAMESPACE")?, io::stdout()),
        SharedTimeSource::new(SystemTimeSource::new()),
    ))
}

/// The waiter, as its environment says.
pub async fn waiter_from_env() -> Result<Waiter, BadEnvironment> {
    let (table, machine) = (required("TABLE_NAME")?, required("STATE_MACHINE_ARN")?);
    let client = http::aws_http_client();
    let aws = Aws::in_lambda(client.clone(), Patience::STEP, optional).await;
    Ok(Waiter::new(Clients {
        store: aws.store(table),
        machine: aws.machine(machine),
        http: Http::new(client, dial()?),
        bot_token: required("BOT_TOKEN_PARAMETER")?,
        github_token: required("GITHUB_TOKEN_PARAMETER")?,
        external_id: required("EXTERNAL_ID")?,
        metrics: Metrics::new(&required("METRICS_NAMESPACE")?, io::stdout()),
        clock: SharedTimeSource::new(SystemTimeSource::new()),
        aws,
    }))
}

/// Where Slack and GitHub are dialled. The template never sets it; the local world does.
fn dial() -> Result<Dial, BadEnvironment> {
    let name = "LONGSHORE_DIAL";
    let Some(value) = optional(name) else {
        return Ok(Dial::Direct);
    };
    value
        .parse()
        .map_err(|why: BadDial| BadEnvironment::Unusable {
            name,
            why: why.to_string(),
        })
}

/// The public function's HTTP client. It talks to AWS alone, so it need not read the system's
/// certificates, which would be most of its start. The regions in China are another partition, and
/// nothing says that their endpoints stand under the same roots.
fn door_client() -> SharedHttpClient {
    let elsewhere = optional("AWS_REGION").is_some_and(|region| region.starts_with("cn-"));
    if elsewhere {
        return http::aws_http_client();
    }
    http::aws_only_http_client(AMAZON_ROOTS).unwrap_or_else(|_| http::aws_http_client())
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
