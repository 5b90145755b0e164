//! One function as a process, with a Runtime API of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bytes::Bytes;
use longshore_sim::runtime_api::RuntimeApi;
use serde_json::Value;
use tokio::process::{Child, Command};

use super::Result;
use super::place::Place;

/// Far beyond every budget: only a function that hangs takes so long.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A running function; its process ends with it.
pub(crate) struct Function {
    process: Child,
    api: RuntimeApi,
}

/// What a function answered, and how long that took.
pub(crate) struct Answer {
    pub(crate) took: Duration,
    body: Bytes,
}

impl Answer {
    fn document(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Fails unless it is a reply of API Gateway's with this status.
    pub(crate) fn has_status(&self, status: u16) -> Result<()> {
        let document = self.document();
        if document["statusCode"] == status {
            return Ok(());
        }
        Err(format!("expected status {status}, and got {document}").into())
    }

    /// Fails unless it is the empty reply to what was handed on: the waiter's answer follows.
    pub(crate) fn is_empty(&self) -> Result<()> {
        self.has_status(200)?;
        match self.document()["body"].as_str() {
            None | Some("") => Ok(()),
            Some(body) => Err(format!("expected an empty reply, and got {body}").into()),
        }
    }

    /// Fails unless it is a reply with status 200 in which `words` occur.
    pub(crate) fn says(&self, words: &str) -> Result<()> {
        self.has_status(200)?;
        let document = self.document();
        let body = document["body"].as_str().unwrap_or_default();
        if body.contains(words) {
            return Ok(());
        }
        Err(format!("expected a reply about {words}, and got {body}").into())
    }
}

impl Function {
    /// Starts a function with `event` waiting for it; the time is from the spawn to the reply.
    pub(crate) async fn cold(
        program: &Path,
        place: &Place,
        event: impl Into<Bytes>,
    ) -> Result<(Self, Answer)> {
        let api = RuntimeApi::open(TIMEOUT).await?;
        let reply = api.invoke(event);
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(place.environment())
            .env("AWS_LAMBDA_RUNTIME_API", api.address().to_string())
            .stdin(Stdio::null())
            .stdout(place.log())
            .stderr(place.log())
            .kill_on_drop(true);
        let began = Instant::now();
        let mut process = command
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let reply = tokio::select! {
            reply = reply => reply?,
            status = process.wait() => {
                let program = program.display();
                return Err(format!("{program} ended before it answered: {}; --logs shows why", status?).into());
            }
        };
        let answer = Answer {
            took: reply.answered.saturating_duration_since(began),
            body: reply.body,
        };
        Ok((Self { process, api }, answer))
    }

    /// Hands it one more event; the time is from when it takes the event to the reply.
    pub(crate) async fn invoke(&self, event: impl Into<Bytes>) -> Result<Answer> {
        let reply = self.api.invoke(event).await?;
        Ok(Answer {
            took: reply.answered.saturating_duration_since(reply.handed),
            body: reply.body,
        })
    }

    /// The most memory it ever held, in bytes.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        let id = self.process.id().ok_or("the process ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = peak.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kibibytes
            .ok_or("the kernel does not say VmHWM")?
            .parse::<u64>()?
            * 1024)
    }
}
