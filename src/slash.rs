//! Journey 1: from Slack's request to the reply, well within Slack's three seconds. The only place
//! where its stages meet: verify → parse → authorize → record → hand on → reply.
//!
//! What comes in is bytes until [`verify`](crate::slack::signature) has made them `Signed`; nothing
//! is recorded without an `Authorized`; nothing is started but an execution. This module must never
//! talk to ECS, ECR or GitHub, and never works on after its reply.

mod again;
mod asked;
mod cancel;
mod click;
mod command;
mod control;
mod door;
mod form;
mod help;
mod history;
mod mention;
mod met;
mod no;
mod of;
mod plea;
mod preview;
mod progress;
mod right;
mod secrets;
mod show;
mod then;
mod thread;
mod vote;

pub use asked::Slash;
pub use secrets::{NoSecret, SigningSecrets};

use std::time::Duration;

use bytes::Bytes;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};

use self::door::Answer;
use self::progress::Progress;
use crate::slack::payload::{self, CommandRequest, EventRequest, Interaction};
use crate::slack::signature::Signed;

/// When the reply must be on its way, counted from API Gateway's own timestamp. Slack gives three
/// seconds, the network included.
const ACK_WITHIN: Duration = Duration::from_millis(2_200);
/// What is left at least, should the two clocks disagree or the start have been a cold one.
const ACK_AT_LEAST: Duration = Duration::from_millis(700);

impl Slash {
    /// Reads secrets and configuration ahead of the first request. What cannot be read now is read
    /// when it is needed; without its secret the door stays shut.
    pub async fn warm(&self) {
        let now = self.now();
        let (secrets, settings) = tokio::join!(
            self.secrets.load(now),
            self.settings.current(&self.store, now)
        );
        if let Err(error) = secrets {
            tracing::error!(%error, "the signing secret is not usable; every request is refused");
        }
        if let Err(error) = settings {
            tracing::warn!(%error, "there is no configuration to act on yet");
        }
    }

    /// Answers one request.
    pub async fn handle(&self, event: &ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        let began = tokio::time::Instant::now();
        let answer = self.answer(event, began).await;
        if answer.is_verified() {
            self.metrics.acknowledged(self.now(), began.elapsed());
        }
        answer.into_response(self.now())
    }

    async fn answer(&self, event: &ApiGatewayV2httpRequest, began: tokio::time::Instant) -> Answer {
        let now = self.now();
        let body = match door::body(event) {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        let signed = match self.secrets.verify(&event.headers, body, now).await {
            Ok(signed) => signed,
            Err(shut) => return door::shut(&shut, &self.metrics, now),
        };
        let deadline = began + door::time_left(event, now, ACK_WITHIN, ACK_AT_LEAST);
        if door::is_get(event) {
            let query = event.raw_query_string.as_deref().unwrap_or_default();
            return match payload::ssl_check(door::path(event), query.as_bytes()) {
                Ok(()) => Answer::empty(),
                Err(error) => door::malformed(&error),
            };
        }
        let progress = Progress::default();
        let reply = self.reply(door::path(event), &signed, &progress);
        match tokio::time::timeout_at(deadline, reply).await {
            Ok(answer) => answer,
            // True whatever the lost call did: what is known is in `progress`.
            Err(_) => {
                tracing::error!("a reply ran out of time");
                progress.late(&self.command_name())
            }
        }
    }

    async fn reply(&self, path: &str, signed: &Signed<Bytes>, progress: &Progress) -> Answer {
        let body = signed.get();
        let malformed = |error| door::malformed(&error);
        let ignored = |kind: &str| {
            tracing::info!(kind, "ignored a request of a kind that is not used");
            Answer::empty()
        };
        match path {
            "/slack/commands" => match payload::commands(body) {
                Ok(CommandRequest::SslCheck) => Answer::empty(),
                Ok(CommandRequest::Command(typed)) => {
                    command::on_command(self, signed, &typed, progress).await
                }
                Err(error) => malformed(error),
            },
            "/slack/interactions" => match payload::interactions(body) {
                Ok(Interaction::SslCheck) => Answer::empty(),
                Ok(Interaction::BlockActions(click)) => {
                    click::on_click(self, signed, &click, progress).await
                }
                Ok(Interaction::Ignored(kind)) => ignored(&kind),
                Err(error) => malformed(error),
            },
            "/slack/events" => match payload::events(body) {
                Ok(EventRequest::UrlVerification { challenge }) => Answer::text(challenge),
                Ok(EventRequest::Addressed(said)) => {
                    mention::on_mention(self, &said, progress).await
                }
                Ok(EventRequest::Ignored(kind)) => ignored(&kind),
                Err(error) => malformed(error),
            },
            _ => Answer::not_found(),
        }
    }
}
