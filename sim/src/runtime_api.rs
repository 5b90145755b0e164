//! Lambda's Runtime API over loopback HTTP, so that a built function can be run and timed as Lambda
//! would run it. One function at a time polls one of these; nothing here starts or ends processes.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tokio::task::{AbortHandle, JoinSet};

const VERSION: &str = "/2018-06-01/runtime/";

/// The ARN that invocations carry.
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111111111111:function:longshore";

/// What a function made of one event.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The response document, as the function sent it.
    pub body: Bytes,
    /// When the event was handed to the function.
    pub handed: Instant,
    /// When the response had arrived in full.
    pub answered: Instant,
}

/// Why an event has no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoReply {
    /// The function reported an error; this is its document.
    Failed(String),
    /// It could not even start; this is its document.
    NotStarted(String),
    /// It did not answer within its time.
    TimedOut,
}

impl std::fmt::Display for NoReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(document) => write!(f, "the function failed: {document}"),
            Self::NotStarted(document) => write!(f, "the function did not start: {document}"),
            Self::TimedOut => f.write_str("the function did not answer in time"),
        }
    }
}

impl std::error::Error for NoReply {}

type Answer = oneshot::Sender<Result<Reply, NoReply>>;

#[derive(Debug, Default)]
struct Desk {
    /// Events nobody has taken yet, by request id.
    waiting: VecDeque<(String, Bytes, Answer)>,
    /// Events a function works on.
    taken: BTreeMap<String, (Instant, Answer)>,
    count: u64,
}

impl Desk {
    fn put(&mut self, event: Bytes, answer: Answer) {
        self.count += 1;
        let id = format!("00000000-0000-4000-8000-{:012x}", self.count);
        self.waiting.push_back((id, event, answer));
    }

    fn take(&mut self) -> Option<(String, Bytes)> {
        let (id, event, answer) = self.waiting.pop_front()?;
        self.taken.insert(id.clone(), (Instant::now(), answer));
        Some((id, event))
    }
}

#[derive(Debug, Default)]
struct Shared {
    desk: Mutex<Desk>,
    arrived: Notify,
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A Runtime API on a loopback port of its own, closed when dropped.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    timeout: Duration,
    shared: Arc<Shared>,
    serving: AbortHandle,
}

impl RuntimeApi {
    /// Opens one for a function with this timeout, counted from when it takes the event.
    ///
    /// # Errors
    ///
    /// When no loopback port can be had.
    pub async fn open(timeout: Duration) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let serving = tokio::spawn(accept(listener, Arc::clone(&shared), timeout)).abort_handle();
        Ok(Self {
            address,
            timeout,
            shared,
            serving,
        })
    }

    /// Host and port: the value of `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Puts this event before the next function that asks, at once; the future waits for what the
    /// function makes of it, as long as its timeout and once more for a process yet to start.
    ///
    /// # Errors
    ///
    /// [`NoReply`].
    pub fn invoke<E: Into<Bytes>>(
        &self,
        event: E,
    ) -> impl Future<Output = Result<Reply, NoReply>> + use<E> {
        let (answer, answered) = oneshot::channel();
        self.shared.desk().put(event.into(), answer);
        self.shared.arrived.notify_one();
        let patience = self.timeout * 2;
        async move {
            match tokio::time::timeout(patience, answered).await {
                Ok(Ok(reply)) => reply,
                Ok(Err(_)) | Err(_) => Err(NoReply::TimedOut),
            }
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, timeout: Duration) {
    // Dropped with this task, and its connections with it.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        // Small answers must not wait for more to send along.
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| {
            let shared = Arc::clone(&shared);
            async move { Ok::<_, Infallible>(respond(&shared, timeout, request).await) }
        });
        // A broken connection is the function's business.
        connections.spawn(async {
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn respond(
    shared: &Shared,
    timeout: Duration,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return status(StatusCode::BAD_REQUEST);
    };
    let (body, now) = (body.to_bytes(), Instant::now());
    let path = parts.uri.path().strip_prefix(VERSION).unwrap_or_default();
    let text = || String::from_utf8_lossy(&body).into_owned();
    match (
        &parts.method,
        path.split('/').collect::<Vec<_>>().as_slice(),
    ) {
        (&Method::GET, ["invocation", "next"]) => next(shared, timeout).await,
        (&Method::POST, ["invocation", id, "response"]) => finish(shared, id, |handed| {
            Ok(Reply {
                body: body.clone(),
                handed,
                answered: now,
            })
        }),
        (&Method::POST, ["invocation", id, "error"]) => {
            finish(shared, id, |_| Err(NoReply::Failed(text())))
        }
        (&Method::POST, ["init", "error"]) => {
            for (_, _, answer) in std::mem::take(&mut shared.desk().waiting) {
                let _ = answer.send(Err(NoReply::NotStarted(text())));
            }
            status(StatusCode::ACCEPTED)
        }
        _ => status(StatusCode::NOT_FOUND),
    }
}

/// The long poll: answers once there is an event.
async fn next(shared: &Shared, timeout: Duration) -> Response<Full<Bytes>> {
    let (id, event) = loop {
        let arrived = shared.arrived.notified();
        if let Some(taken) = shared.desk().take() {
            break taken;
        }
        arrived.await;
    };
    let deadline = Timestamp::now().as_millisecond() + timeout.as_millis() as i64;
    let response = Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", id)
        .header("Lambda-Runtime-Deadline-Ms", deadline)
        .header("Lambda-Runtime-Invoked-Function-Arn", FUNCTION)
        .header(
            "Lambda-Runtime-Trace-Id",
            "Root=1-66f00000-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0",
        )
        .body(Full::new(event));
    response.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

/// Passes on what became of an event; one that nobody works on is a client error, as on Lambda.
fn finish(
    shared: &Shared,
    id: &str,
    reply: impl FnOnce(Instant) -> Result<Reply, NoReply>,
) -> Response<Full<Bytes>> {
    let Some((handed, answer)) = shared.desk().taken.remove(id) else {
        return status(StatusCode::BAD_REQUEST);
    };
    // Nobody may be waiting any more.
    let _ = answer.send(reply(handed));
    status(StatusCode::ACCEPTED)
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(5);

    /// Sends one request and reads until the server closes.
    async fn talk(address: SocketAddr, line: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Takes the next event as a function would, and returns its request id.
    async fn take(address: SocketAddr, event: &str) -> String {
        let answer = talk(address, "GET /2018-06-01/runtime/invocation/next", "").await;
        assert!(answer.ends_with(&format!("\r\n\r\n{event}")), "{answer}");
        for name in ["deadline-ms", "invoked-function-arn", "trace-id"] {
            assert!(
                answer.contains(&format!("lambda-runtime-{name}: ")),
                "{answer}"
            );
        }
        let (_, id) = answer
            .split_once("lambda-runtime-aws-request-id: ")
            .unwrap();
        id.lines().next().unwrap().to_owned()
    }

    #[tokio::test]
    async fn an_event_is_handed_out_once_and_its_reply_comes_back() {
        let api = RuntimeApi::open(TIMEOUT).await.unwrap();
        let address = api.address();
        let function = async {
            let id = take(address, "{\"a\":1}").await;
            let post = format!("POST /2018-06-01/runtime/invocation/{id}/response");
            let answer = talk(address, &post, "\"done\"").await;
            assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
            talk(address, &post, "\"again\"").await
        };
        let (reply, again) = tokio::join!(api.invoke("{\"a\":1}"), function);
        let reply = reply.unwrap();
        assert_eq!(reply.body, "\"done\"");
        assert!(reply.handed <= reply.answered);
        assert!(again.starts_with("HTTP/1.1 400"), "{again}");
    }

    #[tokio::test]
    async fn a_function_that_asks_first_waits_for_its_event() {
        let api = RuntimeApi::open(TIMEOUT).await.unwrap();
        let address = api.address();
        let function = async {
            let id = take(address, "{}").await;
            let post = format!("POST /2018-06-01/runtime/invocation/{id}/error");
            talk(address, &post, "{\"errorType\":\"Transient\"}").await
        };
        let invoked = async {
            tokio::task::yield_now().await;
            api.invoke("{}").await
        };
        let (answer, reply) = tokio::join!(function, invoked);
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
        let failed = NoReply::Failed("{\"errorType\":\"Transient\"}".to_owned());
        assert_eq!(reply.unwrap_err(), failed);
    }

    #[tokio::test]
    async fn a_function_that_cannot_start_says_so_to_whoever_waits() {
        let api = RuntimeApi::open(TIMEOUT).await.unwrap();
        let address = api.address();
        let function = async {
            tokio::task::yield_now().await;
            talk(address, "POST /2018-06-01/runtime/init/error", "{}").await
        };
        let (reply, answer) = tokio::join!(api.invoke("{}"), function);
        assert_eq!(reply.unwrap_err(), NoReply::NotStarted("{}".to_owned()));
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
        let elsewhere = talk(address, "GET /2018-06-01/runtime/other", "").await;
        assert!(elsewhere.starts_with("HTTP/1.1 404"), "{elsewhere}");
    }
}
