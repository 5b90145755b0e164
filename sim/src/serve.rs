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
use hyper::body::Incoming;
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
        _ = leaving.wait_for(|leaving| *leaving) => {
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
    let Ok(body) = Limited::new(body, BODY).collect().await else {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(response);
    };
    let request = Request::from_parts(parts, body.to_bytes());
    let response = if request.uri().path().starts_with("/_sim/") {
        control::handle(world, request).await
    } else {
        world.call(request).await?
    };
    Ok(response.map(Full::new))
}
