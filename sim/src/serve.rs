//! The world mounted over HTTP/1.1, for the local stack, `curl`, boto3 and the AWS command line.
//! Vendors are told apart by the `Host` header; `/_sim/` is the world's own.
//!
//! Planned faults apply here too: a lost answer closes the connection, a hang holds it open.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::mount::ConnectionLost;
use crate::{World, control};

/// The largest request body; DynamoDB's transactions are the largest real ones.
const BODY: usize = 8 * 1024 * 1024;

/// How long open connections may finish after the stop.
const GRACE: Duration = Duration::from_secs(2);

/// Serves the world until `stop` resolves, then lets open requests finish for two seconds.
///
/// # Errors
///
/// Only what accepting a connection may fail with for good.
pub async fn serve(
    world: World,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let (leave, leaving) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                connections.spawn(connection(world.clone(), stream, leaving.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    leave.send_replace(true);
    let finished = async { while connections.join_next().await.is_some() {} };
    // Whatever still hangs is dropped with the set.
    let _ = tokio::time::timeout(GRACE, finished).await;
    Ok(())
}

async fn connection(world: World, stream: TcpStream, mut leaving: watch::Receiver<bool>) {
    let service = service_fn(move |request| respond(world.clone(), request));
    let mut serving = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    // A broken connection is the client's business.
    tokio::select! {
        _ = serving.as_mut() => {}
        _ = leaving.changed() => {
            serving.as_mut().graceful_shutdown();
            let _ = serving.await;
        }
    }
}

async fn respond(
    world: World,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, ConnectionLost> {
    let (parts, body) = request.into_parts();
    let Some(body) = whole(body).await else {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(response);
    };
    let request = Request::from_parts(parts, body);
    let response = if request.uri().path().starts_with("/_sim/") {
        control::handle(world, request).await
    } else {
        world.call(request).await?
    };
    Ok(response.map(Full::new))
}

/// The whole body; `None` if it is too large, or breaks off.
async fn whole(body: Incoming) -> Option<Bytes> {
    if body.size_hint().lower() > BODY as u64 {
        return None;
    }
    let body = Limited::new(body, BODY).collect().await.ok()?;
    Some(body.to_bytes())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    use super::*;
    use crate::Clock;
    use crate::fault::{Kind, Matcher};

    /// Sends raw bytes and reads until the server closes.
    async fn talk(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    fn post(target: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Amz-Target: {target}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }

    #[tokio::test]
    async fn a_served_world_answers_breaks_and_stops_as_planned() {
        let world = World::new(Clock::Wall);
        world.state().dynamodb.create_table("t");
        world
            .state()
            .faults
            .plan(Matcher::operation("dynamodb", "GetItem").nth(2), Kind::Lost);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(serve(world.clone(), listener, async {
            let _ = stopped.await;
        }));
        let get = post(
            "DynamoDB_20120810.GetItem",
            r#"{"TableName":"t","Key":{"pk":{"S":"a"},"sk":{"S":"b"}}}"#,
        );
        let answer = talk(port, &get).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(
            answer.contains("content-type: application/x-amz-json-1.0"),
            "{answer}"
        );
        assert_eq!(talk(port, &get).await, "");
        assert_eq!(world.state().calls.len(), 2);
        let large = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            BODY + 1
        );
        assert!(talk(port, &large).await.starts_with("HTTP/1.1 413"));
        stop.send(()).unwrap();
        served.await.unwrap().unwrap();
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    }
}
