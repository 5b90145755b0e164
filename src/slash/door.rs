//! The door: what API Gateway hands over, turned into bytes, and what it is given back.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::secrets::Shut;
use crate::http::body::{self, BadBody};
use crate::slack::blocks::Message;
use crate::slack::payload::BadPayload;
use crate::slack::signature::MAX_BODY;
use crate::telemetry::Metrics;

/// What goes back through the door.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: AnswerBody,
}

#[derive(Debug)]
enum AnswerBody {
    Nothing,
    Text(String),
    Message(Box<Message>),
}

impl Answer {
    fn status(status: StatusCode) -> Self {
        Self {
            status,
            body: AnswerBody::Nothing,
        }
    }

    /// 200 and nothing to say.
    pub(crate) fn empty() -> Self {
        Self::status(StatusCode::OK)
    }

    /// 200 and plain text.
    pub(crate) fn text(body: String) -> Self {
        Self {
            status: StatusCode::OK,
            body: AnswerBody::Text(body),
        }
    }

    /// 200 and a message for the person.
    pub(crate) fn message(message: Message) -> Self {
        Self {
            status: StatusCode::OK,
            body: AnswerBody::Message(Box::new(message)),
        }
    }

    /// 503: a click that may not count. Slack shows the person an error, and no word of ours.
    pub(crate) fn failed() -> Self {
        Self::status(StatusCode::SERVICE_UNAVAILABLE)
    }

    /// 404: no such path.
    pub(crate) fn not_found() -> Self {
        Self::status(StatusCode::NOT_FOUND)
    }

    /// What it says to the person, if it does.
    pub(crate) fn said(&self) -> Option<&Message> {
        match &self.body {
            AnswerBody::Message(message) => Some(message),
            AnswerBody::Nothing | AnswerBody::Text(_) => None,
        }
    }

    /// The same without words, where nobody is shown them.
    pub(crate) fn wordless(self) -> Self {
        Self::status(self.status)
    }

    /// Whether the answer is to a verified request.
    pub(crate) fn is_verified(&self) -> bool {
        self.status == StatusCode::OK
    }

    /// The answer as it is given at `now`.
    pub(crate) fn into_response(self, now: Timestamp) -> ApiGatewayV2httpResponse {
        let (content_type, body) = match self.body {
            AnswerBody::Nothing => (None, String::new()),
            AnswerBody::Text(text) => (Some("text/plain; charset=utf-8"), text),
            AnswerBody::Message(message) => match serde_json::to_string(&message.sent_at(now)) {
                Ok(body) => (Some("application/json"), body),
                Err(error) => {
                    tracing::error!(%error, "a reply could not be serialised");
                    (None, String::new())
                }
            },
        };
        let mut headers = HeaderMap::new();
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status.as_u16());
        response.headers = headers;
        response.body = Some(lambda_http::Body::Text(body));
        response
    }
}

/// The raw bytes of the body.
pub(crate) fn body(event: &ApiGatewayV2httpRequest) -> Result<Bytes, Answer> {
    let written = event.body.as_deref().unwrap_or_default();
    body::decode(written, event.is_base64_encoded, MAX_BODY).map_err(|bad| match bad {
        BadBody::TooLarge => Answer::status(StatusCode::PAYLOAD_TOO_LARGE),
        BadBody::NotBase64 => {
            tracing::warn!("refused a body that is not the base64 it is said to be");
            Answer::status(StatusCode::UNAUTHORIZED)
        }
    })
}

/// The path that was asked for, without the stage.
pub(crate) fn path(event: &ApiGatewayV2httpRequest) -> &str {
    event
        .route_key
        .as_deref()
        .and_then(|route| route.split_once(' '))
        .map(|(_, path)| path)
        .filter(|path| path.starts_with('/'))
        .or(event.raw_path.as_deref())
        .unwrap_or_default()
}

/// Whether something is only looked at, as Slack does when it checks a certificate.
pub(crate) fn is_get(event: &ApiGatewayV2httpRequest) -> bool {
    event.request_context.http.method == Method::GET
}

/// How much of Slack's patience is left, by API Gateway's timestamp.
pub(crate) fn time_left(
    event: &ApiGatewayV2httpRequest,
    now: Timestamp,
    within: Duration,
    at_least: Duration,
) -> Duration {
    let arrived = Timestamp::from_millisecond(event.request_context.time_epoch).unwrap_or(now);
    let gone = Duration::try_from(now.duration_since(arrived)).unwrap_or_default();
    within.saturating_sub(gone).max(at_least)
}

/// A request that may not come in. Nothing in the answer or the log helps a forger.
pub(crate) fn shut(shut: &Shut, metrics: &Metrics, now: Timestamp) -> Answer {
    match shut {
        Shut::Forged => {
            metrics.refused_signature(now);
            tracing::warn!("refused a request whose signature is missing, wrong or not fresh");
            Answer::status(StatusCode::UNAUTHORIZED)
        }
        Shut::NoSecret(error) => {
            tracing::error!(%error, "refused a request: there is no usable signing secret");
            Answer::status(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// A signed request that is not of the form Slack documents.
pub(crate) fn malformed(malformed: &BadPayload) -> Answer {
    tracing::warn!(kind = %malformed, "refused a signed request that is malformed");
    Answer::status(StatusCode::BAD_REQUEST)
}
