//! What Longshore sends to Slack: replies to a `response_url` and the Web API's `chat.*` methods
//! (<https://docs.slack.dev/reference/methods>). Each call is one attempt within [`LIMIT`]; whether
//! to try again, or another way, is the caller's to decide by the error.

mod answer;
pub(crate) mod people;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use aws_smithy_async::time::SharedTimeSource;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use jiff::Timestamp;
use serde::Serialize;

use self::answer::{Answered, Permalink, Yes, code, failed, posted, read, refused, said};
use super::{
    blocks::{Block, Message, Wire},
    response_url::ResponseUrl,
    scopes::{Granted, lacking},
};
use crate::{
    http::{Http, SendError},
    names::instance::Instance,
    names::scope::AppScope,
    names::secret::Secret,
    names::{ChannelId, UserId},
};

/// How long one call may take, connection and answer included.
pub const LIMIT: Duration = Duration::from_secs(5);

const JSON: &str = "application/json; charset=utf-8";
const FORM: &str = "application/x-www-form-urlencoded";

/// Why a message was not posted, or may not have been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// Too many messages; worth another try after the time that Slack asks for.
    #[error("Slack asks to wait {} s", retry_after.as_secs())]
    RateLimited {
        /// How long to wait, between a second and an hour.
        retry_after: Duration,
    },
    /// The `response_url` is too old or used up. It never works again.
    #[error("the response_url is no longer valid")]
    Expired,
    /// The app was not granted what this takes; trying again would not help.
    #[error("the app lacks the scope {}", .0.as_str())]
    Lacks(AppScope),
    /// Slack refuses; trying again would not help. Its own code, such as `channel_not_found` or
    /// `token_revoked`.
    #[error("Slack refuses: {0}")]
    Refused(String),
    /// No answer, or one that does not say: the message may have been posted.
    #[error("whether Slack took the message is unknown")]
    Unknown,
}

impl From<SendError> for PostError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::TimedOut | SendError::Lost | SendError::TooLarge => Self::Unknown,
            SendError::Invalid => Self::Refused("invalid_request".to_owned()),
        }
    }
}

/// Where a message is: what `chat.update` and threads need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The channel; for a message to a user, the conversation with them.
    pub channel: ChannelId,
    /// The message's timestamp, which is its name within the channel.
    pub ts: String,
}

/// Slack, seen from here.
#[derive(Clone)]
pub struct SlackClient {
    http: Http,
    clock: SharedTimeSource,
    instance: Instance,
}

impl fmt::Debug for SlackClient {
    /// Without its clock, which in a simulated world is that whole world.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SlackClient");
        shown.field("http", &self.http);
        shown.field("instance", &self.instance);
        shown.finish_non_exhaustive()
    }
}

impl SlackClient {
    /// A client over `http` for Slack itself.
    pub fn new(http: Http, clock: SharedTimeSource) -> Self {
        let instance = Instance::Slack;
        Self {
            http,
            clock,
            instance,
        }
    }

    /// The same for this instance of Slack. A token works at the one that issued it.
    #[must_use]
    pub fn at(&self, instance: Instance) -> Self {
        Self {
            instance,
            ..self.clone()
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::try_from(self.clock.now()).unwrap_or(Timestamp::MAX)
    }

    /// Posts to a `response_url`, at most five times within thirty minutes each.
    ///
    /// # Errors
    ///
    /// [`PostError`]; [`Expired`](PostError::Expired) when the URL has done its work.
    pub async fn post_response(
        &self,
        url: &ResponseUrl,
        message: &Message,
    ) -> Result<(), PostError> {
        let body = message.sent_at(self.now());
        let answer = self.post(url.expose(), None, &body).await?;
        match answer.status() {
            StatusCode::GONE => Err(PostError::Expired),
            status if status.is_success() => match read(answer.body()) {
                // Slack answers a plain `ok`, older paths nothing.
                Some(Answered {
                    ok: false, error, ..
                }) => Err(refused(error.as_deref())),
                Some(_) | None => Ok(()),
            },
            status => {
                let code = code(answer.body());
                let over = ["expired_url", "used_url", "no_service", "unknown_error"];
                if status == StatusCode::NOT_FOUND && over.contains(&code.as_str()) {
                    Err(PostError::Expired)
                } else {
                    Err(failed(status, answer.headers(), code))
                }
            }
        }
    }

    /// Posts to a channel, in a thread if `thread_ts` names one.
    ///
    /// # Errors
    ///
    /// [`PostError`]; never [`Expired`](PostError::Expired).
    pub async fn post_message(
        &self,
        token: &Secret,
        channel: &ChannelId,
        thread_ts: Option<&str>,
        message: &Message,
    ) -> Result<Posted, PostError> {
        let post = Post {
            thread_ts,
            ..Post::new_message(channel.as_str(), message.sent_at(self.now()))
        };
        posted(self.call("chat.postMessage", token, &post).await?)
    }

    /// Posts to a user, in the app's conversation with them.
    ///
    /// # Errors
    ///
    /// As [`post_message`](Self::post_message).
    pub(crate) async fn post_direct(
        &self,
        token: &Secret,
        user: &UserId,
        message: &Message,
    ) -> Result<Posted, PostError> {
        let post = Post::new_message(user.as_str(), message.sent_at(self.now()));
        posted(self.call("chat.postMessage", token, &post).await?)
    }

    /// Posts to a channel, in a thread if `thread_ts` names one, so that only `user` sees it. Such a message cannot be changed later.
    ///
    /// # Errors
    ///
    /// As [`post_message`](Self::post_message).
    pub async fn post_ephemeral(
        &self,
        token: &Secret,
        channel: &ChannelId,
        thread_ts: Option<&str>,
        user: &UserId,
        message: &Message,
    ) -> Result<(), PostError> {
        let post = Post {
            user: Some(user.as_str()),
            thread_ts,
            ..Post::to(channel.as_str(), message.sent_at(self.now()))
        };
        self.call("chat.postEphemeral", token, &post).await?;
        Ok(())
    }

    /// Replaces a message that was posted with the same token, text and blocks both. Doing it twice
    /// is doing it once, so an unknown outcome may be tried again.
    ///
    /// # Errors
    ///
    /// As [`post_message`](Self::post_message).
    pub async fn update(
        &self,
        token: &Secret,
        channel: &ChannelId,
        ts: &str,
        message: &Message,
    ) -> Result<(), PostError> {
        let post = Post {
            ts: Some(ts),
            ..Post::to(channel.as_str(), message.sent_at(self.now()))
        };
        self.call("chat.update", token, &post).await?;
        Ok(())
    }

    /// The address of a message, for people. Slack documents this method for forms, not for JSON.
    ///
    /// # Errors
    ///
    /// As [`post_message`](Self::post_message).
    pub(crate) async fn permalink(
        &self,
        token: &Secret,
        channel: &ChannelId,
        ts: &str,
    ) -> Result<String, PostError> {
        // Neither a channel's id nor a timestamp holds what a form would escape.
        let form = format!("channel={channel}&message_ts={ts}");
        let answer = self.ask("chat.getPermalink", token, form).await?;
        let said: Permalink = said(&answer, None)?;
        said.permalink.ok_or(PostError::Unknown)
    }

    /// The scopes that the token was granted; `None` where Slack does not say.
    ///
    /// # Errors
    ///
    /// As [`post_message`](Self::post_message).
    pub async fn granted(&self, token: &Secret) -> Result<Option<Granted>, PostError> {
        let answer = self.ask("auth.test", token, String::new()).await?;
        said::<Yes>(&answer, None)?;
        Ok(Granted::read(answer.headers()))
    }

    /// Calls a method that Slack documents for forms.
    async fn ask(
        &self,
        method: &str,
        token: &Secret,
        form: String,
    ) -> Result<Response<Bytes>, PostError> {
        let url = format!("https://{}/api/{method}", self.instance.host());
        self.send(&url, Some(token), FORM, form.into()).await
    }

    async fn call(
        &self,
        method: &str,
        token: &Secret,
        post: &Post<'_>,
    ) -> Result<Answered, PostError> {
        let url = format!("https://{}/api/{method}", self.instance.host());
        let answer = self.post(&url, Some(token), post).await?;
        if !answer.status().is_success() {
            let code = code(answer.body());
            return Err(failed(answer.status(), answer.headers(), code));
        }
        match read(answer.body()) {
            Some(answered) if answered.ok => Ok(answered),
            Some(answered) => {
                let code = answered.error.as_deref();
                let lacks = lacking(code.unwrap_or_default(), answer.headers());
                Err(lacks.map_or_else(|| refused(code), PostError::Lacks))
            }
            None => Err(PostError::Unknown),
        }
    }

    async fn post(
        &self,
        url: &str,
        token: Option<&Secret>,
        body: &impl Serialize,
    ) -> Result<Response<Bytes>, PostError> {
        let body = serde_json::to_vec(body).map_err(|_| PostError::from(SendError::Invalid))?;
        self.send(url, token, JSON, body.into()).await
    }

    async fn send(
        &self,
        url: &str,
        token: Option<&Secret>,
        content_type: &'static str,
        body: Bytes,
    ) -> Result<Response<Bytes>, PostError> {
        let invalid = || PostError::from(SendError::Invalid);
        let mut request = Request::post(url)
            .header(header::CONTENT_TYPE, content_type)
            .body(body)
            .map_err(|_| invalid())?;
        if let Some(token) = token {
            let bearer = format!("Bearer {}", token.expose());
            let mut value = HeaderValue::try_from(bearer).map_err(|_| invalid())?;
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        Ok(self.http.send(request, LIMIT).await?)
    }
}

/// The arguments of the `chat.*` methods.
#[derive(Serialize)]
struct Post<'a> {
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_ts: Option<&'a str>,
    text: Cow<'a, str>,
    /// Always there: left out of an update, the old ones would stay.
    blocks: &'a [Block],
    /// Nobody asked for previews of what a commit message happens to link to. Only
    /// `chat.postMessage` has these two.
    #[serde(skip_serializing_if = "Option::is_none")]
    unfurl_links: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unfurl_media: Option<bool>,
}

impl<'a> Post<'a> {
    fn to(channel: &'a str, message: Wire<'a>) -> Self {
        Self {
            channel,
            user: None,
            ts: None,
            thread_ts: None,
            text: message.text,
            blocks: message.blocks,
            unfurl_links: None,
            unfurl_media: None,
        }
    }

    fn new_message(channel: &'a str, message: Wire<'a>) -> Self {
        Self {
            unfurl_links: Some(false),
            unfurl_media: Some(false),
            ..Self::to(channel, message)
        }
    }
}

#[cfg(test)]
mod tests;
