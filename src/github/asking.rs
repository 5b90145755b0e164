//! One question to GitHub: once in a conversation, not at all where the answer is known for good, and as whoever may ask.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request};

use super::app::{AppRequest, AsApp};
use super::memory::{KnownAnswer, Lasts, Question};
use super::refused::judge;
use super::{GitHub, GitHubError, WITHIN, unusable};
use crate::config::GithubRepository;
use crate::http::SendError;
use crate::names::secret::{Access, Secret};

impl GitHub {
    /// The answer's body; asked for once in a conversation.
    pub(super) async fn ask(
        &self,
        repository: &GithubRepository,
        path: &str,
        accept: &'static str,
        lasts: Lasts,
    ) -> Result<Bytes, GitHubError> {
        // What a record names may be at a host of before, which is not to see today's token.
        if repository.host() != self.host.as_ref() {
            return Err(GitHubError::NotFound);
        }
        let (api, owner, name) = (repository.api(), repository.owner(), repository.name());
        let question = Question {
            url: format!("{api}/repos/{owner}/{name}{path}"),
            accept,
        };
        if let Some(said) = self.conversation.said(&question) {
            return said;
        }
        let access = self.conversation.heed(self.access(repository)).await?;
        let known = self.memory.recall(&access, &question);
        if let (Some(known), Lasts::ForGood) = (&known, lasts) {
            return Ok(known.body.clone());
        }
        let asking = || async {
            let mut access = access;
            let mut answer = self.send(&access, &question, known.as_ref()).await;
            if let (Some(app), Err(GitHubError::Denied(401))) = (&self.app, &answer) {
                // It was taken back before its end.
                app.installations.forget(&app.id, repository).await;
                access = self.access(repository).await?;
                answer = self.send(&access, &question, None).await;
            }
            let answer = answer?;
            match (answer.status(), known) {
                (StatusCode::NOT_MODIFIED, Some(known)) => Ok(known.body),
                (StatusCode::NOT_MODIFIED, None) => Err(unusable("where it should say what is")),
                _ => {
                    let etag = answer.headers().get(header::ETAG).cloned();
                    let body = answer.into_body();
                    let known = KnownAnswer { etag, body };
                    self.memory.keep(&access, &question, lasts, &known);
                    Ok(known.body)
                }
            }
        };
        self.conversation.once(&question, asking).await
    }

    /// What opens a repository.
    pub(super) async fn access(
        &self,
        repository: &GithubRepository,
    ) -> Result<Access, GitHubError> {
        let Some(app) = &self.app else {
            return Ok(self.access.clone());
        };
        let by = AsApp {
            app: &app.id,
            key: &self.access,
            now: app.now,
        };
        let ask = |request: AppRequest| async move {
            let AppRequest {
                method,
                url,
                body,
                accept,
                signed,
            } = request;
            // Whoever waited for the one before it hears what that one heard.
            self.conversation.goes_on()?;
            let asked = asked(method, &url, accept, Some(&signed))?;
            let answer = self.answered(asked, body).await?;
            Ok(answer.into_body())
        };
        let token = app.installations.token(by, repository, ask).await?;
        Ok(Access::With(token))
    }

    async fn send(
        &self,
        access: &Access,
        question: &Question,
        known: Option<&KnownAnswer>,
    ) -> Result<Response<Bytes>, GitHubError> {
        let token = match access {
            Access::With(token) => Some(token),
            Access::Without => None,
            // As somebody unknown, GitHub would say that there is no such repository.
            Access::Unread => {
                let why = "its token cannot be read from the parameter store";
                return Err(GitHubError::Unavailable(why.to_owned()));
            }
        };
        let mut request = asked(Method::GET, &question.url, question.accept, token)?;
        if let Some(etag) = known.and_then(|known| known.etag.as_ref()) {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        self.answered(request, Bytes::new()).await
    }

    pub(super) async fn answered(
        &self,
        request: request::Builder,
        body: Bytes,
    ) -> Result<Response<Bytes>, GitHubError> {
        let request = request.body(body).map_err(|_| GitHubError::NotFound)?;
        let answer = self
            .http
            .send(request, WITHIN)
            .await
            .map_err(|error| match error {
                SendError::TimedOut | SendError::Lost => GitHubError::Silent(error.to_string()),
                SendError::TooLarge | SendError::Invalid => {
                    GitHubError::Unavailable(error.to_string())
                }
            })?;
        judge(answer)
    }
}

/// A request, as whoever that token is.
pub(super) fn asked(
    method: Method,
    url: &str,
    accept: &str,
    token: Option<&Secret>,
) -> Result<request::Builder, GitHubError> {
    let request = Request::builder()
        .method(method)
        .uri(url)
        .header(header::ACCEPT, accept)
        .header("x-github-api-version", "2022-11-28");
    let Some(token) = token else {
        return Ok(request);
    };
    let bearer = format!("Bearer {}", token.expose());
    let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| GitHubError::Denied(401))?;
    bearer.set_sensitive(true);
    Ok(request.header(header::AUTHORIZATION, bearer))
}
