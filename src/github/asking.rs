//! One question to GitHub: once in a conversation, not at all where the answer is known for good, and as whoever may ask.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request};
use percent_encoding::percent_decode_str;

use super::app::{AppRequest, AsApp};
use super::identity::ITSELF;
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
            if path != ITSELF {
                self.is_itself(repository).await?;
            }
            let mut access = access;
            let mut answer = self
                .send(&access, repository, &question, known.as_ref())
                .await;
            if let (Some(app), Err(GitHubError::Denied(401))) = (&self.app, &answer) {
                // It was taken back before its end.
                app.installations.forget(&app.id, repository).await;
                access = self.access(repository).await?;
                answer = self.send(&access, repository, &question, None).await;
            }
            let answer = answer?;
            let body = match (answer.status(), known) {
                (StatusCode::NOT_MODIFIED, Some(known)) => known.body,
                (StatusCode::NOT_MODIFIED, None) => {
                    return Err(unusable("where it should say what is"));
                }
                _ => {
                    let etag = answer.headers().get(header::ETAG).cloned();
                    let body = answer.into_body();
                    let known = KnownAnswer { etag, body };
                    self.memory.keep(&access, &question, lasts, &known);
                    known.body
                }
            };
            if path == ITSELF {
                self.recognise(repository, &body)?;
            }
            Ok(body)
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
            let request = |url: &str| asked(method.clone(), url, accept, Some(&signed));
            let answer = self.followed(repository, &url, body, request).await?;
            Ok(answer.into_body())
        };
        let token = app.installations.token(by, repository, ask).await?;
        Ok(Access::With(token))
    }

    async fn send(
        &self,
        access: &Access,
        repository: &GithubRepository,
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
        let request = |url: &str| {
            let request = asked(Method::GET, url, question.accept, token)?;
            Ok(match known.and_then(|known| known.etag.as_ref()) {
                Some(etag) => request.header(header::IF_NONE_MATCH, etag),
                None => request,
            })
        };
        self.followed(repository, &question.url, Bytes::new(), request)
            .await
    }

    /// The answer to a request, by the repository's number where it was renamed.
    async fn followed(
        &self,
        repository: &GithubRepository,
        url: &str,
        body: Bytes,
        request: impl Fn(&str) -> Result<request::Builder, GitHubError>,
    ) -> Result<Response<Bytes>, GitHubError> {
        let answer = self.sent(request(url)?, body).await?;
        let Some(elsewhere) = renamed(&answer, repository, url) else {
            return judge(answer);
        };
        tracing::warn!(%repository, "GitHub calls the repository by another name");
        self.conversation.renamed(repository);
        // Once: whoever is sent on again is not told anything.
        self.answered(request(&elsewhere)?, Bytes::new()).await
    }

    pub(super) async fn answered(
        &self,
        request: request::Builder,
        body: Bytes,
    ) -> Result<Response<Bytes>, GitHubError> {
        judge(self.sent(request, body).await?)
    }

    async fn sent(
        &self,
        request: request::Builder,
        body: Bytes,
    ) -> Result<Response<Bytes>, GitHubError> {
        let request = request.body(body).map_err(|_| GitHubError::NotFound)?;
        let answer = self.http.send(request, WITHIN).await;
        answer.map_err(|error| match error {
            SendError::TimedOut | SendError::Lost => GitHubError::Silent(error.to_string()),
            SendError::TooLarge | SendError::Invalid => GitHubError::Unavailable(error.to_string()),
        })
    }
}

/// Where the same is to be asked of a repository that was renamed: by its number, at the same host. Nobody is sent
/// anywhere else, because the token would go along; nor to anything else there, because a branch that was renamed is
/// answered in the same way, and what was asked about is the branch of that name.
/// <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects>
fn renamed(answer: &Response<Bytes>, repository: &GithubRepository, url: &str) -> Option<String> {
    if !answer.status().is_redirection() || answer.status() == StatusCode::NOT_MODIFIED {
        return None;
    }
    let to = answer.headers().get(header::LOCATION)?.to_str().ok()?;
    let (api, owner, name) = (repository.api(), repository.owner(), repository.name());
    let rest = url.strip_prefix(&format!("{api}/repos/{owner}/{name}"))?;
    let to = to.strip_prefix(&format!("{api}/repositories/"))?;
    let end = to.find(|c: char| !c.is_ascii_digit()).unwrap_or(to.len());
    let (number, same) = to.split_at(end);
    // How it is escaped is GitHub's to choose; what is asked stays as it was.
    let is_same = percent_decode_str(same).eq(percent_decode_str(rest));
    (!number.is_empty() && is_same).then(|| format!("{api}/repositories/{number}{rest}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_to_the_same_host_and_by_number_is_a_repository_followed() {
        let followed = |status: u16, to: &str| {
            let repository: GithubRepository = "acme/cms".parse().unwrap();
            let answer = Response::builder()
                .status(status)
                .header(header::LOCATION, to);
            let asked = "https://api.github.com/repos/acme/cms/branches/a%2Fb?c=d";
            renamed(&answer.body(Bytes::new()).unwrap(), &repository, asked)
        };
        let good = "https://api.github.com/repositories/12/branches/a%2Fb?c=d";
        for status in [301, 302, 307, 308] {
            assert_eq!(followed(status, good).as_deref(), Some(good), "{status}");
        }
        let bare = "https://api.github.com/repositories/12/branches/a/b?c=d";
        assert_eq!(followed(301, bare).as_deref(), Some(good));
        for (status, to) in [
            (304, good),
            (200, good),
            (
                301,
                "https://api.github.com.example.com/repositories/12/branches/a%2Fb?c=d",
            ),
            (
                301,
                "https://api.github.com@example.com/repositories/12/branches/a%2Fb?c=d",
            ),
            (
                301,
                "http://api.github.com/repositories/12/branches/a%2Fb?c=d",
            ),
            (301, "//example.com/repositories/12/branches/a%2Fb?c=d"),
            (301, "/repositories/12/branches/a%2Fb?c=d"),
            (
                301,
                "https://api.github.com/repositories/../branches/a%2Fb?c=d",
            ),
            (
                301,
                "https://api.github.com/repositories//branches/a%2Fb?c=d",
            ),
            (301, ""),
            // Of a branch that was renamed.
            (
                301,
                "https://api.github.com/repos/acme/cms/branches/new?c=d",
            ),
            (
                301,
                "https://api.github.com/repositories/12/branches/new?c=d",
            ),
            (301, "https://api.github.com/repositories/12/branches/a%2Fb"),
            (301, "https://api.github.com/repositories/12"),
        ] {
            assert_eq!(followed(status, to), None, "{status} {to}");
        }
    }
}
