//! GitHub, as the wire shows it.

use bytes::Bytes;
use jiff::Timestamp;

use crate::State;

/// What GitHub remembers.
#[derive(Debug, Default)]
pub struct GitHub {}

/// Answers one request.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    request: &http::Request<Bytes>,
) -> http::Response<Bytes> {
    let _ = (state, now, request);
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = http::StatusCode::NOT_FOUND;
    response
}
