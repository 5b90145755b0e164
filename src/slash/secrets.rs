//! The signing secrets as the public function holds them: read from the parameter store, kept for
//! five minutes, read again when a signature does not fit (a rotation), never more than twice a
//! minute.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;

use crate::aws::AwsError;
use crate::aws::ssm::Parameters;
use crate::slack::signature::{BadSecret, Forged, Secrets, Signed, SigningSecret, verify};

/// How long a copy is good for.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// How soon a signature that does not fit may cause another read.
const REREAD_AFTER: Duration = Duration::from_secs(30);
/// The same while a secret could not be read.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Why there is no secret to verify with.
#[derive(Debug, thiserror::Error)]
pub enum NoSecret {
    /// The parameter store could not be asked.
    #[error("{0}")]
    Aws(#[from] AwsError),
    /// There is no such parameter.
    #[error("the parameter {0} does not exist")]
    Missing(String),
    /// It is blank or short.
    #[error("the parameter {name} holds no usable signing secret: {why}")]
    Unusable {
        /// The parameter.
        name: String,
        /// What is wrong with it.
        why: BadSecret,
    },
    /// It could not be read a moment ago, and is not tried again yet.
    #[error("the signing secret could not be read a moment ago")]
    NotYet,
}

/// Why a request may not come in.
#[derive(Debug)]
pub(crate) enum Shut {
    /// It does not carry a fresh, valid signature.
    Forged,
    /// There is nothing to verify it with.
    NoSecret(NoSecret),
}

#[derive(Debug, Default)]
struct Copy {
    secrets: Option<Secrets>,
    tried_at: Option<Timestamp>,
    previous: Previous,
}

/// Whether the copy tells all that is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Previous {
    /// The previous secret was read, or there is none.
    #[default]
    Known,
    /// It could not be read: what the copy holds of it, if anything, may be out of date.
    Unread,
}

/// Where the signing secrets come from, and the copy at hand.
#[derive(Debug)]
pub struct SigningSecrets {
    parameters: Parameters,
    current: String,
    previous: Option<String>,
    copy: Mutex<Copy>,
}

impl SigningSecrets {
    /// Secrets kept under these parameter names.
    pub fn new(parameters: Parameters, current: String, previous: Option<String>) -> Self {
        Self {
            parameters,
            current,
            previous,
            copy: Mutex::default(),
        }
    }

    /// Reads the secrets if the copy is missing or old. A store that cannot be asked leaves an old
    /// copy in place; a missing, blank or short secret does not.
    pub async fn load(&self, now: Timestamp) -> Result<Secrets, NoSecret> {
        let (copy, age) = {
            let copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner);
            let age = copy
                .tried_at
                .map(|at| now.duration_since(at).unsigned_abs());
            (copy.secrets.clone(), age)
        };
        match (copy, age) {
            (Some(secrets), Some(age)) if age < KEPT => return Ok(secrets),
            // Garbage at the door must not turn into calls to the parameter store.
            (None, Some(age)) if age < RETRY_AFTER => return Err(NoSecret::NotYet),
            _ => {}
        }
        self.read(now).await
    }

    async fn read(&self, now: Timestamp) -> Result<Secrets, NoSecret> {
        let (current, previous) = tokio::join!(self.parameters.get(&self.current), async {
            match &self.previous {
                Some(name) => self.parameters.get(name).await,
                None => Ok(None),
            }
        });
        let mut copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner);
        copy.tried_at = Some(now);
        let current = match current {
            Ok(Some(secret)) => secret,
            Ok(None) => {
                copy.secrets = None;
                return Err(NoSecret::Missing(self.current.clone()));
            }
            Err(error) => return copy.secrets.clone().ok_or(NoSecret::Aws(error)),
        };
        let current = match SigningSecret::new(current.expose().as_bytes()) {
            Ok(secret) => secret,
            Err(why) => {
                copy.secrets = None;
                return Err(NoSecret::Unusable {
                    name: self.current.clone(),
                    why,
                });
            }
        };
        // A previous secret that is missing or unusable is simply not accepted. One that could not be
        // read is still the one that was known.
        let previous = match previous {
            Ok(previous) => {
                copy.previous = Previous::Known;
                previous.and_then(|secret| SigningSecret::new(secret.expose().as_bytes()).ok())
            }
            Err(error) => {
                tracing::warn!(%error, "the previous signing secret could not be read");
                copy.previous = Previous::Unread;
                copy.secrets
                    .as_ref()
                    .and_then(|known| known.previous().cloned())
            }
        };
        let secrets = Secrets::new(current, previous);
        copy.secrets = Some(secrets.clone());
        Ok(secrets)
    }

    /// Verifies a request. A signature that does not fit is tried once more with freshly read
    /// secrets, at most every [`REREAD_AFTER`].
    pub(crate) async fn verify(
        &self,
        headers: &HeaderMap,
        body: Bytes,
        now: Timestamp,
    ) -> Result<Signed<Bytes>, Shut> {
        let secrets = self.load(now).await.map_err(Shut::NoSecret)?;
        let forged = match verify(&secrets, headers, body.clone(), now) {
            Ok(signed) => return Ok(signed),
            Err(forged) => forged,
        };
        let (age, again_after) = {
            let copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner);
            let age = copy
                .tried_at
                .map(|at| now.duration_since(at).unsigned_abs());
            let again_after = match copy.previous {
                Previous::Known => REREAD_AFTER,
                Previous::Unread => RETRY_AFTER,
            };
            (age, again_after)
        };
        if forged != Forged::Mismatch || age.is_some_and(|age| age < again_after) {
            return Err(Shut::Forged);
        }
        match self.read(now).await {
            Ok(secrets) => verify(&secrets, headers, body, now).map_err(|_| Shut::Forged),
            Err(_) => Err(Shut::Forged),
        }
    }
}
