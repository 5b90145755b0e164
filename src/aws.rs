//! AWS, and the only place that names its SDK: clients over one HTTP client, one clock and one
//! answer to "how long may this take", and every error of theirs in one type of ours.
//!
//! Nothing here decides anything: the modules below translate between AWS's wire and the plain
//! types that decisions are made of.

pub mod answers;
mod document;
pub mod dynamodb;
pub mod ecr;
pub mod ecs;
mod error;
mod identity;
mod lambda;
pub mod logs;
pub mod scheduler;
pub mod sfn;
pub mod ssm;
pub mod sts;
#[cfg(test)]
pub(crate) mod tests;

use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::Region;

pub use error::{AwsError, ErrorKind};

/// The root certificates of AWS's own endpoints, in PEM.
pub(crate) const AMAZON_ROOTS: &[u8] = include_bytes!("aws/amazon-roots.pem");

/// How long a caller can wait, and how often it may be tried meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For one attempt.
    pub attempt: Duration,
    /// For the whole call, all attempts and pauses between them included.
    pub operation: Duration,
    /// Attempts at most, the first included. Never applies to registering a task definition or
    /// updating a service, which are tried once.
    pub attempts: u32,
}

impl Patience {
    /// Somebody waits for the reply: Slack allows three seconds for everything.
    pub const DOOR: Self = Self {
        connect: Duration::from_millis(300),
        attempt: Duration::from_millis(500),
        operation: Duration::from_millis(1100),
        attempts: 2,
    };
    /// A step of the state machine, which would rather be repeated than wait long.
    pub const STEP: Self = Self {
        connect: Duration::from_secs(1),
        attempt: Duration::from_secs(3),
        operation: Duration::from_secs(5),
        attempts: 3,
    };

    fn retries(self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(self.attempts)
            .with_initial_backoff(Duration::from_millis(100))
            .with_max_backoff(Duration::from_secs(1))
    }

    fn timeouts(self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .read_timeout(self.attempt)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }
}

/// AWS as one principal sees it, in one region.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
}

impl Aws {
    /// As operators' machines say, in environment and files: credentials, region, and `AWS_ENDPOINT_URL` with its
    /// siblings for single services.
    pub async fn from_env(http: SharedHttpClient, patience: Patience) -> Self {
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .retry_config(patience.retries())
            .timeout_config(patience.timeouts())
            .load()
            .await;
        Self { config }
    }

    /// By hand, for tests: this access key in this region, on this clock. Sleeps are tokio's, so
    /// that paused time holds for retries and timeouts.
    pub fn new(
        http: SharedHttpClient,
        time: SharedTimeSource,
        region: &str,
        access_key: &str,
        patience: Patience,
    ) -> Self {
        let credentials = aws_credential_types::Credentials::from_keys(
            access_key,
            "not-a-secret",
            None::<String>,
        );
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .time_source(time)
            .sleep_impl(TokioSleep::new())
            .region(Region::new(region.to_owned()))
            .credentials_provider(
                aws_credential_types::provider::SharedCredentialsProvider::new(credentials),
            )
            .identity_cache(IdentityCache::no_cache())
            .retry_config(patience.retries())
            .timeout_config(patience.timeouts())
            .build();
        Self { config }
    }

    /// The same, as the principal of `session` and in `region`.
    #[must_use]
    pub fn at(&self, session: &sts::Session, region: &str) -> Self {
        let config = self
            .config
            .to_builder()
            .region(Region::new(region.to_owned()))
            .credentials_provider(session.provider())
            // These credentials are kept and renewed in `sts`, and a shared cache would remember
            // every session that ever was.
            .identity_cache(IdentityCache::no_cache())
            .build();
        Self { config }
    }

    /// The region.
    pub fn region(&self) -> &str {
        self.config.region().map_or("", Region::as_ref)
    }

    /// DynamoDB.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// The table of this name.
    pub fn store(&self, table: impl Into<String>) -> dynamodb::Store {
        dynamodb::Store::new(self.dynamodb(), table)
    }

    /// The state machine with this ARN.
    pub fn machine(&self, arn: impl Into<String>) -> sfn::Machine {
        sfn::Machine::new(self.states(), arn)
    }

    /// Step Functions.
    pub fn states(&self) -> aws_sdk_sfn::Client {
        aws_sdk_sfn::Client::new(&self.config)
    }

    /// Parameters, where the secrets are.
    pub fn parameters(&self) -> ssm::Parameters {
        ssm::Parameters::new(aws_sdk_ssm::Client::new(&self.config))
    }

    /// The roles that may be assumed.
    pub fn roles(&self) -> sts::Roles {
        sts::Roles::new(aws_sdk_sts::Client::new(&self.config), &self.config)
    }

    /// Image repositories of this region.
    pub fn images(&self) -> ecr::Images {
        ecr::Images::new(aws_sdk_ecr::Client::new(&self.config))
    }

    /// Schedules of this region.
    pub fn schedules(&self) -> scheduler::Schedules {
        scheduler::Schedules::new(aws_sdk_scheduler::Client::new(&self.config))
    }

    /// Log groups of this region.
    pub fn logs(&self) -> logs::Logs {
        logs::Logs::new(aws_sdk_cloudwatchlogs::Client::new(&self.config))
    }
}

/// AWS's time in ours. Out of range means a broken answer, which is treated as no answer.
fn timestamp(time: &aws_smithy_types::DateTime) -> Option<jiff::Timestamp> {
    let nanos = i32::try_from(time.subsec_nanos()).ok()?;
    jiff::Timestamp::new(time.secs(), nanos).ok()
}
