//! Tokens the waiter works better with and can do without: read from the parameter store when they
//! are needed, kept for five minutes. That one could not be read does not mean that there is none.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::aws::ssm::Parameters;
use crate::names::secret::{Access, Secret};

/// How long a copy is good for.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// One token's place, and the copy at hand.
#[derive(Debug)]
pub struct Token {
    parameters: Parameters,
    name: String,
    copy: Mutex<Option<(Timestamp, Option<Secret>)>>,
}

impl Token {
    /// The token kept under this parameter name.
    pub fn new(parameters: Parameters, name: impl Into<String>) -> Self {
        Self {
            parameters,
            name: name.into(),
            copy: Mutex::default(),
        }
    }

    /// The token, as far as it can be told. A parameter store that cannot be asked leaves the last
    /// copy in place; without one, nobody knows whether there is a token.
    pub async fn get(&self, now: Timestamp) -> Access {
        let copy = self
            .copy
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((read_at, token)) = &copy
            && now.duration_since(*read_at).unsigned_abs() < KEPT
        {
            return Access::of(token.clone());
        }
        match self.parameters.get(&self.name).await {
            Ok(token) => {
                let token = token.filter(|token| !token.expose().trim().is_empty());
                *self.copy.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some((now, token.clone()));
                Access::of(token)
            }
            Err(error) => {
                tracing::warn!(parameter = self.name, %error, "a token could not be read");
                copy.map_or(Access::Unread, |(_, token)| Access::of(token))
            }
        }
    }
}
