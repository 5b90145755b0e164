//! The door of pipelines: what API Gateway hands over, and what it is given back.

use bytes::Bytes;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::http::body::{self, BadBody};
use crate::names::PipelineName;
use crate::reply::pipeline::ProblemCode;

/// The largest body that is accepted: names and a ref.
const MAX_BODY: usize = 8 * 1024;

/// What is asked of which pipeline's door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// A deploy.
    Deploys,
    /// How one stands.
    Status,
}

/// What goes back.
#[derive(Debug)]
pub(super) struct PipelineAnswer {
    status: StatusCode,
    content_type: &'static str,
    body: String,
    retry_after: Option<u64>,
}

/// [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457).
#[derive(Serialize)]
struct ProblemBody {
    title: &'static str,
    status: u16,
    code: &'static str,
}

impl PipelineAnswer {
    /// An object, as JSON.
    pub(super) fn object(status: StatusCode, object: &impl Serialize) -> Self {
        match serde_json::to_string(object) {
            Ok(body) => Self {
                status,
                content_type: "application/json",
                body,
                retry_after: None,
            },
            Err(error) => {
                tracing::error!(%error, "an answer could not be serialised");
                Self::problem(ProblemCode::Unavailable)
            }
        }
    }

    /// Why not.
    pub(super) fn problem(code: ProblemCode) -> Self {
        let status = status_of(code);
        let body = ProblemBody {
            title: code.title(),
            status: status.as_u16(),
            code: code.word(),
        };
        Self {
            status,
            content_type: "application/problem+json",
            body: serde_json::to_string(&body).unwrap_or_default(),
            retry_after: match code {
                ProblemCode::Unavailable => Some(5),
                _ => None,
            },
        }
    }

    /// When to ask again.
    pub(super) fn again_after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    pub(super) fn into_response(self) -> ApiGatewayV2httpResponse {
        let mut headers = HeaderMap::new();
        let content_type = HeaderValue::from_static(self.content_type);
        headers.insert(header::CONTENT_TYPE, content_type);
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status.as_u16());
        response.headers = headers;
        response.body = Some(lambda_http::Body::Text(self.body));
        response
    }
}

/// The status that a code is answered with.
pub(super) fn status_of(code: ProblemCode) -> StatusCode {
    match code {
        ProblemCode::NotVerified => StatusCode::UNAUTHORIZED,
        ProblemCode::Malformed => StatusCode::BAD_REQUEST,
        ProblemCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemCode::NotAllowed => StatusCode::FORBIDDEN,
        ProblemCode::NotFound => StatusCode::NOT_FOUND,
        ProblemCode::OtherBody => StatusCode::CONFLICT,
        ProblemCode::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ProblemCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Which door it came to, and whose. The route's key names the door: no path can pass for another.
pub(super) fn route(event: &ApiGatewayV2httpRequest) -> Option<(Route, PipelineName)> {
    let route = match event.route_key.as_deref()? {
        "POST /ci/{name}/deploys" => Route::Deploys,
        "POST /ci/{name}/status" => Route::Status,
        _ => return None,
    };
    let name = event.path_parameters.get("name")?;
    Some((route, name.parse().ok()?))
}

/// The raw bytes of the body.
pub(super) fn body(event: &ApiGatewayV2httpRequest) -> Result<Bytes, ProblemCode> {
    let written = event.body.as_deref().unwrap_or_default();
    body::decode(written, event.is_base64_encoded, MAX_BODY).map_err(|bad| match bad {
        BadBody::TooLarge => ProblemCode::TooLarge,
        BadBody::NotBase64 => ProblemCode::NotVerified,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ci::described;
    use serde_json::json;

    #[test]
    fn a_path_is_a_door_by_its_routes_key_alone() {
        let event = |key: &str, name: &str| -> ApiGatewayV2httpRequest {
            serde_json::from_value(json!({
                "routeKey": key,
                "rawPath": "/ci/build-cms/deploys",
                "pathParameters": { "name": name },
                "requestContext": { "http": { "method": "POST" } },
            }))
            .unwrap()
        };
        for key in described::routes() {
            assert!(route(&event(&key, "build-cms")).is_some(), "{key}");
            assert!(route(&event(&key, "Build CMS")).is_none(), "{key}");
        }
        for key in [
            "$default",
            "GET /ci/{name}/deploys",
            "POST /ci/{name}/confirm",
        ] {
            assert!(route(&event(key, "build-cms")).is_none(), "{key}");
        }
    }

    #[test]
    fn every_code_is_documented_with_its_status() {
        let manual = include_str!("../../docs/install.md");
        for code in ProblemCode::ALL {
            let told = format!("`{}` ({}", code.word(), status_of(code).as_u16());
            assert!(manual.contains(&told), "{told}");
        }
    }
}
