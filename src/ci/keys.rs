//! The keys of pipelines, out of the parameter store: read when one first asks, and kept for five minutes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::signature::WebhookKey;
use crate::aws::AwsError;
use crate::aws::ssm::Parameters;
use crate::names::PipelineName;

/// How long a copy is good for.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// Where keys come from, and the copies at hand.
#[derive(Debug)]
pub struct PipelineKeys {
    parameters: Parameters,
    prefix: String,
    copies: Mutex<BTreeMap<PipelineName, (Timestamp, Vec<WebhookKey>)>>,
}

impl PipelineKeys {
    /// Keys in `PREFIX/NAME` and `PREFIX/NAME-previous`.
    pub fn new(parameters: Parameters, prefix: String) -> Self {
        Self {
            parameters,
            prefix,
            copies: Mutex::default(),
        }
    }

    /// The keys that are accepted of a pipeline that the configuration names; none where there is none.
    pub(super) async fn of(
        &self,
        name: &PipelineName,
        now: Timestamp,
    ) -> Result<Vec<WebhookKey>, AwsError> {
        {
            let copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((read_at, keys)) = copies.get(name)
                && now.duration_since(*read_at).unsigned_abs() < KEPT
            {
                return Ok(keys.clone());
            }
        }
        let current = format!("{}/{name}", self.prefix);
        let previous = format!("{current}-previous");
        let (current, previous) = tokio::try_join!(
            self.parameters.get(&current),
            self.parameters.get(&previous)
        )?;
        let written = [current, previous].into_iter().flatten();
        let mut keys = Vec::new();
        for key in written {
            match WebhookKey::new(key.expose()) {
                Ok(key) => keys.push(key),
                Err(error) => tracing::error!(pipeline = %name, %error, "a key is not accepted"),
            }
        }
        let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        copies.insert(name.clone(), (now, keys.clone()));
        Ok(keys)
    }
}
