//! The world mounted in process: the AWS SDK's `HttpClient`, through which the product's Slack and
//! GitHub clients go as well. Nothing here opens a socket, so paused tokio time is safe.
//!
//! A call is executed at one instant; latency and hangs are timers in the world's time, so that the
//! caller's own timeouts decide.

use std::future::{Future, pending};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use tokio::sync::Notify;

use crate::World;
use crate::fault::{self, Kill, Kind};
use crate::route;

tokio::task_local! {
    /// Rung when the caller running in this scope is to die.
    static DEATH: Arc<Notify>;
}

/// The connection broke after the request had been executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLost;

impl std::fmt::Display for ConnectionLost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("connection reset by peer")
    }
}

impl std::error::Error for ConnectionLost {}

/// Runs a caller until it finishes, or until a planned kill takes it: then it is dropped where it
/// stands and `None` is returned.
pub async fn until_killed<T>(caller: impl Future<Output = T>) -> Option<T> {
    let bell = Arc::new(Notify::new());
    let death = bell.clone();
    tokio::select! {
        biased;
        () = death.notified() => None,
        result = DEATH.scope(bell, caller) => Some(result),
    }
}

impl World {
    /// Executes one request as the network would: with whatever fault is planned for it.
    ///
    /// # Errors
    ///
    /// [`ConnectionLost`] for [`Kind::Lost`]. Under [`Kind::TimedOut`], [`Kind::LostLate`] and a
    /// kill the future never resolves.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ConnectionLost> {
        let to = route::destination(&request);
        let fate = self.state().faults.fate(&to, request.body());
        if !fate.latency.is_zero() {
            tokio::time::sleep(fate.latency).await;
        }
        if fate.kill == Some(Kill::Before) {
            die().await;
        }
        let answer = match fate.fault {
            None => Ok(self.handle(&request)),
            Some(kind @ (Kind::Before5xx | Kind::Throttled | Kind::Denied | Kind::Refused(..))) => {
                Ok(fault::refusal(&to, kind))
            }
            Some(Kind::TimedOut) => pending().await,
            Some(Kind::Lost) => {
                self.handle(&request);
                Err(ConnectionLost)
            }
            Some(Kind::LostLate) => {
                self.handle(&request);
                pending().await
            }
            Some(Kind::Duplicated) => {
                self.handle(&request);
                Ok(self.handle(&request))
            }
        };
        if fate.kill == Some(Kill::After) {
            die().await;
        }
        answer
    }

    /// The world as the HTTP client of AWS's SDK, and of everything else that dials out.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Mount {
            world: self.clone(),
            read_timeout: None,
        })
    }

    /// The world's clock, for the SDK's signatures, credential expiry and clock skew.
    pub fn time_source(&self) -> SharedTimeSource {
        self.time_source_off_by(SignedDuration::ZERO)
    }

    /// A clock that is so far ahead of the world's, or behind it.
    pub fn time_source_off_by(&self, skew: SignedDuration) -> SharedTimeSource {
        SharedTimeSource::new(WorldTime {
            world: self.clone(),
            skew,
        })
    }
}

async fn die() {
    // Without a scope nobody waits for the death; the call just never returns.
    let _ = DEATH.try_with(|bell| bell.notify_one());
    pending::<()>().await;
}

#[derive(Debug)]
struct WorldTime {
    world: World,
    skew: SignedDuration,
}

impl TimeSource for WorldTime {
    fn now(&self) -> SystemTime {
        SystemTime::from(self.world.now() + self.skew)
    }
}

#[derive(Clone, Debug)]
struct Mount {
    world: World,
    read_timeout: Option<Duration>,
}

impl HttpClient for Mount {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Self {
            world: self.world.clone(),
            read_timeout: settings.read_timeout(),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("simulated-world", None))
    }
}

impl HttpConnector for Mount {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self {
            world,
            read_timeout,
        } = self.clone();
        HttpConnectorFuture::new(async move {
            let work = exchange(&world, request);
            match read_timeout {
                None => work.await,
                Some(limit) => tokio::time::timeout(limit, work)
                    .await
                    .unwrap_or_else(|late| Err(ConnectorError::timeout(late.into()))),
            }
        })
    }
}

async fn exchange(world: &World, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let user = |error| ConnectorError::user(error);
    let request = request.try_into_http1x().map_err(|e| user(e.into()))?;
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(user)?.to_bytes();
    let answer = world.call(Request::from_parts(parts, body)).await;
    let answer = answer.map_err(|lost| ConnectorError::io(lost.into()))?;
    HttpResponse::try_from(answer.map(SdkBody::from)).map_err(|e| user(e.into()))
}
