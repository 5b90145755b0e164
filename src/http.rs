//! Plain HTTP for Slack and GitHub, over the same client as AWS's SDK: one HTTP and TLS stack, and
//! one seam where tests mount the simulated world. It follows no redirects, retries nothing and never
//! puts a URL, a header or a body into an error: some of them are credentials.

pub(crate) mod body;
mod components;

use std::{
    fmt,
    str::FromStr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_smithy_http_client::{
    Builder,
    tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header, uri};
use http_body_util::{BodyExt, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// How long establishing a connection may take, within the time for the whole call.
const CONNECT: Duration = Duration::from_secs(2);

/// What need not be escaped in a URL or a form: <https://datatracker.ietf.org/doc/html/rfc3986#section-2.3>.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// What calls itself so in other people's logs; GitHub refuses requests without.
const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("longshore/", env!("CARGO_PKG_VERSION")));

/// The client for AWS, Slack and GitHub: rustls with ring, trusting the system's certificates.
pub fn aws_http_client() -> SharedHttpClient {
    Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// A client that trusts only the certificates in `pem`, for AWS alone: reading the system's hundred
/// or more is most of what a cold start costs.
///
/// # Errors
///
/// [`BadRoots`] when `pem` holds no certificate. One that cannot be parsed panics at the first call,
/// so `pem` is to be a constant that a test has tried.
pub(crate) fn aws_only_http_client(pem: &[u8]) -> Result<SharedHttpClient, BadRoots> {
    let begin = b"-----BEGIN CERTIFICATE-----";
    if !pem.windows(begin.len()).any(|window| window == begin) {
        return Err(BadRoots);
    }
    let roots = TrustStore::empty().with_pem_certificate(pem);
    let context = TlsContext::builder().with_trust_store(roots).build();
    Ok(Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .tls_context(context.map_err(|_| BadRoots)?)
        .build_https())
}

/// There is no certificate to trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no root certificate to trust")]
pub struct BadRoots;

/// Where connections to Slack and GitHub go. The requests themselves are the same either way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Dial {
    /// To the host in the URL.
    #[default]
    Direct,
    /// To a simulator on this machine, in the clear. The `Host` header stays the URL's.
    Simulator(uri::Authority),
}

impl FromStr for Dial {
    type Err = BadDial;

    /// Reads the value of `LONGSHORE_DIAL`: `http://`, a loopback host and a port. Any other host is
    /// refused: tokens would travel to it unencrypted.
    fn from_str(text: &str) -> Result<Self, BadDial> {
        let authority = text.strip_prefix("http://").ok_or(BadDial)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let authority: uri::Authority = authority.parse().map_err(|_| BadDial)?;
        let loopback = ["127.0.0.1", "localhost", "[::1]"].contains(&authority.host());
        let plain = !authority.as_str().contains('@') && authority.port_u16().is_some();
        if loopback && plain {
            Ok(Self::Simulator(authority))
        } else {
            Err(BadDial)
        }
    }
}

/// The text is no `http://` URL of a port on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("LONGSHORE_DIAL is to be http://127.0.0.1:PORT")]
pub struct BadDial;

/// Why there is no answer. Whether the request took effect is unknown in every case but
/// [`Invalid`](SendError::Invalid).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Not within the time.
    #[error("no answer in time")]
    TimedOut,
    /// The connection failed, or broke off.
    #[error("the connection failed")]
    Lost,
    /// The answer is larger than 4 MiB.
    #[error("the answer is too large")]
    TooLarge,
    /// The request cannot be sent at all.
    #[error("the request cannot be sent")]
    Invalid,
}

impl From<ConnectorError> for SendError {
    fn from(error: ConnectorError) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else if error.is_user() {
            Self::Invalid
        } else {
            Self::Lost
        }
    }
}

/// Sends single requests. Clones share their connections.
#[derive(Clone)]
pub struct Http {
    client: SharedHttpClient,
    dial: Dial,
    /// Made at the first request: a function that only reads AWS never pays for it.
    connector: Arc<OnceLock<SharedHttpConnector>>,
}

impl Http {
    /// Sends through `client`, wherever `dial` says.
    pub fn new(client: SharedHttpClient, dial: Dial) -> Self {
        Self {
            client,
            dial,
            connector: Arc::default(),
        }
    }

    /// Sends `request`, whose URI is absolute, and reads the whole answer, whatever its status, all
    /// `within` that time.
    ///
    /// # Errors
    ///
    /// [`SendError`] when there is no answer.
    pub async fn send(
        &self,
        request: Request<Bytes>,
        within: Duration,
    ) -> Result<Response<Bytes>, SendError> {
        let request = self.dialled(request)?;
        let exchange = async {
            let response = self.connector()?.call(request).await?;
            let response = response.try_into_http1x().map_err(|_| SendError::Lost)?;
            let (parts, body) = response.into_parts();
            let body = match Limited::new(body, MAX_ANSWER).collect().await {
                Ok(body) => body.to_bytes(),
                Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                    return Err(SendError::TooLarge);
                }
                Err(_) => return Err(SendError::Lost),
            };
            Ok(Response::from_parts(parts, body))
        };
        match tokio::time::timeout(within, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(SendError::TimedOut),
        }
    }

    fn dialled(&self, request: Request<Bytes>) -> Result<HttpRequest, SendError> {
        let (mut parts, body) = request.into_parts();
        let host = parts.uri.authority().ok_or(SendError::Invalid)?.as_str();
        let host = HeaderValue::from_str(host).map_err(|_| SendError::Invalid)?;
        parts.headers.insert(header::HOST, host);
        parts
            .headers
            .entry(header::USER_AGENT)
            .or_insert(USER_AGENT);
        if let Dial::Simulator(authority) = &self.dial {
            let mut uri = parts.uri.into_parts();
            uri.scheme = Some(uri::Scheme::HTTP);
            uri.authority = Some(authority.clone());
            parts.uri = Uri::from_parts(uri).map_err(|_| SendError::Invalid)?;
        }
        HttpRequest::try_from(Request::from_parts(parts, SdkBody::from(body)))
            .map_err(|_| SendError::Invalid)
    }

    fn connector(&self) -> Result<&SharedHttpConnector, SendError> {
        if let Some(connector) = self.connector.get() {
            return Ok(connector);
        }
        let components = components::for_connector().map_err(|_| SendError::Invalid)?;
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT)
            .build();
        Ok(self
            .connector
            .get_or_init(|| self.client.http_connector(&settings, &components)))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("dial", &self.dial)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
