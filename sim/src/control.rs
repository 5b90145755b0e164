//! The `/_sim/` endpoints: how people and scripts arrange the served world and look into it.
//! Nothing a vendor offers lives here.

use bytes::Bytes;

use crate::World;

/// Answers a request whose path begins with `/_sim/`.
#[expect(dead_code, reason = "the server calls it")]
pub(crate) async fn handle(world: World, request: http::Request<Bytes>) -> http::Response<Bytes> {
    let _ = (world, request);
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = http::StatusCode::NOT_FOUND;
    response
}
