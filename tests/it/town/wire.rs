//! What passes through the door: API Gateway's event of a request, and what Lambda answers.

use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use serde_json::json;

use super::*;

/// What API Gateway makes of a request: header names in lower case, the form body in base64.
pub(crate) fn event(request: &SignedRequest, now: Timestamp) -> ApiGatewayV2httpRequest {
    let mut headers = serde_json::Map::new();
    for (name, value) in &request.headers {
        headers.insert(name.to_lowercase(), json!(value));
    }
    let body = aws_smithy_types::base64::encode(&request.body);
    serde_json::from_value(json!({
        "version": "2.0",
        "routeKey": format!("POST {}", request.path),
        "rawPath": request.path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": PROD,
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "http": {
                "method": "POST",
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": format!("POST {}", request.path),
            "stage": "$default",
            "time": "02/Mar/2026:09:00:00 +0000",
            "timeEpoch": now.as_millisecond(),
        },
        "body": body,
        "isBase64Encoded": true,
    }))
    .unwrap()
}

pub(crate) fn http_response(response: &ApiGatewayV2httpResponse) -> http::Response<Bytes> {
    let body = match &response.body {
        Some(Body::Text(text)) => Bytes::from(text.clone()),
        Some(Body::Binary(bytes)) => Bytes::from(bytes.clone()),
        _ => Bytes::new(),
    };
    let mut built = http::Response::new(body);
    *built.status_mut() = u16::try_from(response.status_code)
        .unwrap()
        .try_into()
        .unwrap();
    *built.headers_mut() = response.headers.clone();
    built
}
