//! `longshore sign`: events as Slack would sign them.

use super::*;

#[test]
fn sign_prints_the_event_as_slack_would_sign_it_now() {
    let event = r#"{"requestContext":{"timeEpoch":1},"headers":{},"body":"text=help","isBase64Encoded":false}"#;
    let said = with_input(&["sign", "-", "--secret-env", "SECRET"], event);
    assert_eq!(said.exit, Exit::Done);
    insta::assert_snapshot!(said.out, @r#"
{
  "body": "text=help",
  "headers": {
    "x-slack-request-timestamp": "1531420618",
    "x-slack-signature": "v0=5276b3ad6d1d175c510c993952329bae4fb40328922aba008776294351199f94"
  },
  "isBase64Encoded": false,
  "requestContext": {
    "timeEpoch": 1531420618000
  }
}
"#);
}

#[test]
fn sign_needs_a_secret_and_an_event() {
    let said = with_input(&["sign", "-"], "{}");
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err, @r"longshore: SLACK_SIGNING_SECRET is not set; set it to the Slack app's signing secret, or name another variable with --secret-env");
    let said = with_input(&["sign", "-", "--secret-env", "SECRET"], "{}");
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err, @r"longshore: -: not an event of an HTTP API in payload format 2.0: it has no requestContext");
}
