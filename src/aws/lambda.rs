//! AWS as a function is given it: everything is in Lambda's environment.
//!
//! The command line looks for credentials wherever operators keep them. A function has them in its environment and
//! nowhere else, so what would look in files, in containers and on instances is not linked into it: most of a megabyte,
//! and a part of every cold start.

use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::identity::IdentityCache;
use aws_config::meta::region::ProvideRegion as _;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use super::{Aws, Patience};

/// The variable that says where all of AWS is, unless one of a single service says where that is.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

impl Aws {
    /// As Lambda's environment says: credentials, region, and `AWS_ENDPOINT_URL` with its siblings for single services,
    /// which `said` looks up.
    pub(crate) async fn in_lambda(
        http: SharedHttpClient,
        patience: Patience,
        said: fn(&str) -> Option<String>,
    ) -> Self {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .time_source(SystemTimeSource::new())
            .sleep_impl(TokioSleep::new())
            .region(EnvironmentVariableRegionProvider::new().region().await)
            .credentials_provider(SharedCredentialsProvider::new(
                EnvironmentVariableCredentialsProvider::new(),
            ))
            .identity_cache(IdentityCache::lazy().build())
            .retry_config(patience.retries())
            .timeout_config(patience.timeouts())
            .service_config(Endpoints { said });
        config.set_endpoint_url(said(ENDPOINT));
        Self {
            config: config.build(),
        }
    }
}

/// Where single services are, as the environment says.
#[derive(Debug)]
struct Endpoints {
    said: fn(&str) -> Option<String>,
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        (key.env() == ENDPOINT)
            .then(|| (self.said)(&variable_of(key.service_id())))
            .flatten()
    }
}

/// [The variable of one service](https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html).
fn variable_of(service: &str) -> String {
    format!(
        "{ENDPOINT}_{}",
        service.replace([' ', '-'], "_").to_uppercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_may_be_elsewhere_than_the_rest_of_aws() {
        let said = |variable: &str| match variable {
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS" => Some("http://logs".to_owned()),
            _ => None,
        };
        let of = |service, env| {
            let key = ServiceConfigKey::builder().service_id(service);
            let key = key.profile("endpoint_url").env(env).build().unwrap();
            Endpoints { said }.load_config(key)
        };
        assert_eq!(
            of("CloudWatch Logs", "AWS_ENDPOINT_URL").as_deref(),
            Some("http://logs")
        );
        assert_eq!(of("ECS", "AWS_ENDPOINT_URL"), None);
        assert_eq!(of("CloudWatch Logs", "AWS_SIGV4A_SIGNING_REGION_SET"), None);
    }
}
