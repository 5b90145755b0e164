//! The REST API itself: who may ask, the rate limits in every answer's headers, and one function per
//! endpoint.

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::app::Given;
use super::{Commit, GitHub, Mode, Repo};
use crate::route;

/// Requests an hour, without and with a token.
pub(super) const HOURLY: [u32; 2] = [60, 5_000];

/// What is no answer of GitHub's.
const PAGE: &str = "<!doctype html><title>Please wait</title>";

/// An answer: status and document, or a SHA alone.
pub(super) type Answer = (u16, Value);

impl GitHub {
    /// Answers a request to `api.github.com`.
    pub fn handle(
        &mut self,
        now: Timestamp,
        request: &http::Request<Bytes>,
    ) -> http::Response<Bytes> {
        let token = token(request);
        let here = self.here(request);
        let tier = usize::from(token.is_some());
        let (mut status, body) = match here {
            Some(request) => self.judge(now, &request, token.as_deref()),
            None => not_found(),
        };
        let moved = (status == 301).then(|| body["url"].as_str()).flatten();
        let mut to = moved.map(str::to_owned);
        let mut kind = match &body {
            Value::String(_) => "application/vnd.github.sha; charset=utf-8",
            _ => "application/json; charset=utf-8",
        };
        let mut body: Bytes = match body {
            Value::String(sha) => sha.into(),
            body => body.to_string().into(),
        };
        match self.mode {
            Mode::Garbled => (status, kind, body) = (200, "text/html", PAGE.into()),
            Mode::Cut => body.truncate(body.len() / 2),
            Mode::SentAway => (status, to) = (302, Some("https://github.com/login".to_owned())),
            Mode::Up | Mode::Down | Mode::Slowed | Mode::SlowedSilently => {}
        }
        let etag = (status == 200).then(|| etag(token.as_deref(), kind, &body));
        if etag.as_ref().is_some_and(|etag| is_known(request, etag)) {
            (status, body) = (304, Bytes::new());
            // What has not changed costs nobody anything that says who they are.
            self.used[tier] -= u32::from(token.is_some());
        }
        let mut response = http::Response::new(Bytes::new());
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static(kind));
        if let Some(to) = to.and_then(|to| HeaderValue::from_str(&to).ok()) {
            headers.insert("location", to);
        }
        if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(&etag).ok()) {
            headers.insert("etag", etag);
            headers.insert("vary", HeaderValue::from_static("Accept, Authorization"));
        }
        let left = HOURLY[tier].saturating_sub(self.used[tier]);
        if self.mode != Mode::SlowedSilently {
            headers.insert("x-ratelimit-limit", HOURLY[tier].into());
            headers.insert("x-ratelimit-remaining", left.into());
            headers.insert("x-ratelimit-used", self.used[tier].into());
            headers.insert("x-ratelimit-reset", next_hour(now).into());
            headers.insert("x-ratelimit-resource", HeaderValue::from_static("core"));
        }
        if self.mode == Mode::Slowed {
            headers.insert("retry-after", 60.into());
        }
        *response.body_mut() = body;
        response
    }

    /// The request as it is asked at `api.github.com`; `None` where it goes somewhere else than this GitHub is.
    fn here(&self, request: &http::Request<Bytes>) -> Option<http::Request<Bytes>> {
        let usual = ("api.github.com".to_owned(), String::new());
        let (host, prefix) = self.place.as_ref().unwrap_or(&usual);
        let rest = request.uri().path().strip_prefix(prefix.as_str())?;
        if route::host(request) != host {
            return None;
        }
        let query = request.uri().query();
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let mut asked = request.clone();
        *asked.uri_mut() = format!("https://api.github.com{rest}{query}")
            .parse()
            .ok()?;
        Some(asked)
    }

    /// The path by its name of a repository that is asked for by its number.
    pub(super) fn by_number(&self, path: &str) -> Option<String> {
        let rest = path.strip_prefix("/repositories/")?;
        let (number, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let number: u64 = number.parse().ok()?;
        let mut known = self.repos.values();
        let repo = known.find(|repo| repo.number == number)?;
        Some(format!("/repos/{}/{rest}", repo.name))
    }

    /// Refuses, or passes on to the endpoint.
    fn judge(
        &mut self,
        now: Timestamp,
        request: &http::Request<Bytes>,
        token: Option<&str>,
    ) -> Answer {
        match self.mode {
            Mode::Up | Mode::Garbled | Mode::Cut | Mode::SentAway => {}
            Mode::Down => return (503, json!({"message": "Service unavailable."})),
            Mode::Slowed | Mode::SlowedSilently => {
                return refusal(
                    403,
                    "You have exceeded a secondary rate limit. Please wait.",
                );
            }
        }
        if !request.headers().contains_key("user-agent") {
            return refusal(
                403,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
            );
        }
        if let Some(answer) = token.and_then(|token| self.of_app(now, request, token)) {
            return answer;
        }
        let given = token.and_then(|token| self.given.get(token));
        let given = given.filter(|given| now < given.until).cloned();
        if token.is_some_and(|token| given.is_none() && !self.tokens.contains(token)) {
            return refusal(401, "Bad credentials");
        }
        let tier = usize::from(token.is_some());
        if self.used[tier] >= HOURLY[tier] {
            return refusal(403, "API rate limit exceeded for 203.0.113.7.");
        }
        if request.uri().path() == "/rate_limit" {
            let left = HOURLY[tier].saturating_sub(self.used[tier]);
            let core = json!({
                "limit": HOURLY[tier], "remaining": left, "used": self.used[tier],
                "reset": next_hour(now), "resource": "core",
            });
            return (200, json!({"resources": {"core": core}, "rate": core}));
        }
        self.used[tier] += 1;
        if request.method() != http::Method::GET {
            return not_found();
        }
        let path = request.uri().path();
        let named = self.by_number(path);
        let path = named.as_deref().unwrap_or(path);
        // What stands last may end with a slash: the beginning of a ref does.
        let mut parts = path.trim_start_matches('/').splitn(4, '/');
        let (Some("repos"), Some(owner), Some(name)) = (parts.next(), parts.next(), parts.next())
        else {
            return not_found();
        };
        let key = format!("{owner}/{name}").to_ascii_lowercase();
        if let Some(number) = self.renamed.get(&key) {
            return moved(*number, parts.next(), request);
        }
        let opens = |given: &Given| {
            given.owner.eq_ignore_ascii_case(owner) && given.permissions.contains_key("contents")
        };
        let known = token.is_some() && given.as_ref().is_none_or(opens);
        let visible = |repo: &&Repo| !repo.private || known;
        let of_checks = ["/check-runs", "/check-suites", "/statuses"]
            .iter()
            .any(|end| path.ends_with(end));
        let of = |part: &str| path.split('/').any(|one| one == part);
        let needed = match () {
            () if of("statuses") => "statuses",
            () if of_checks => "checks",
            () if of("pulls") => "pull_requests",
            () => "metadata",
        };
        let may = |given: &Given| given.permissions.contains_key(needed);
        let hidden = of_checks && self.checks_hidden;
        if hidden || !given.as_ref().is_none_or(may) {
            return refusal(403, "Resource not accessible by personal access token");
        }
        match self.repos.get(&key).filter(visible) {
            Some(repo) => repo.answer(parts.next().unwrap_or_default(), request),
            None => not_found(),
        }
    }
}

impl Repo {
    /// Answers `rest`, the path behind `/repos/{owner}/{repo}/`, still encoded.
    fn answer(&self, rest: &str, request: &http::Request<Bytes>) -> Answer {
        let rest = decode_path(rest);
        if rest.is_empty() {
            return self.itself();
        }
        if let Some(name) = rest.strip_prefix("git/ref/") {
            return self.git_ref(name);
        }
        if let Some(prefix) = rest.strip_prefix("git/matching-refs/") {
            return self.matching_refs(prefix);
        }
        if let Some(sha) = rest.strip_prefix("git/commits/") {
            return self.git_commit(sha);
        }
        if let Some(sha) = rest.strip_prefix("git/tags/") {
            return self.git_tag(sha);
        }
        if let Some(name) = rest.strip_prefix("branches/") {
            return match self.head(name).and_then(|sha| self.commits.get(&sha)) {
                Some(commit) => (
                    200,
                    json!({"name": name, "commit": self.json(commit), "protected": false}),
                ),
                None => match self.renamed.get(name) {
                    Some(new) => moved(self.number, Some(&format!("branches/{new}")), request),
                    None => refusal(404, "Branch not found"),
                },
            };
        }
        if rest == "branches" {
            return self.branches();
        }
        if rest == "pulls" {
            return self.listed_pulls();
        }
        if rest == "commits" {
            return self.commits_of("HEAD", request);
        }
        if let Some(number) = rest.strip_prefix("pulls/") {
            return self.pull(number);
        }
        if let Some(range) = rest.strip_prefix("compare/") {
            return self.compare(range, request);
        }
        let Some(name) = rest.strip_prefix("commits/") else {
            return not_found();
        };
        if let Some(name) = name.strip_suffix("/check-runs") {
            return self.with_commit(name, |commit| self.check_runs(commit, request));
        }
        if let Some(name) = name.strip_suffix("/check-suites") {
            return self.with_commit(name, |commit| self.check_suites(commit, request));
        }
        if let Some(name) = name.strip_suffix("/statuses") {
            return self.with_commit(name, |commit| self.statuses(commit, request));
        }
        let accept = request.headers().get("accept").map(HeaderValue::as_bytes);
        let sha_only = accept == Some(b"application/vnd.github.sha");
        self.with_commit(name, |commit| {
            if sha_only {
                json!(commit.sha)
            } else {
                self.json(commit)
            }
        })
    }

    fn with_commit(&self, name: &str, answer: impl FnOnce(&Commit) -> Value) -> Answer {
        match self.find(name).and_then(|sha| self.commits.get(&sha)) {
            Some(commit) => (200, answer(commit)),
            None => refusal(422, &format!("No commit found for SHA: {name}")),
        }
    }

    fn itself(&self) -> Answer {
        let (owner, name) = self.name.split_once('/').unwrap_or(("", &self.name));
        let body = json!({
            "id": self.number, "name": name, "full_name": self.name, "owner": {"login": owner}, "private": self.private,
            "default_branch": self.default_branch, "archived": false, "disabled": false,
            "html_url": format!("https://github.com/{}", self.name), "url": self.url(""),
        });
        (200, body)
    }

    /// The first page: as many as a page holds at most.
    fn branches(&self) -> Answer {
        let branches = self.heads().into_iter().take(100).map(|(name, sha)| {
            let url = self.url(&format!("/commits/{sha}"));
            json!({"name": name, "commit": {"sha": sha, "url": url}, "protected": false})
        });
        (200, branches.collect())
    }

    pub(super) fn url(&self, rest: &str) -> String {
        format!("https://api.github.com/repos/{}{rest}", self.name)
    }
}

/// When the requests are counted anew.
fn next_hour(now: Timestamp) -> i64 {
    now.as_second() - now.as_second().rem_euclid(3600) + 3600
}

/// The items of the page asked for.
pub(super) fn page<'a, T>(
    request: &http::Request<Bytes>,
    items: &'a [T],
    usual: usize,
) -> impl Iterator<Item = &'a T> {
    let query = route::form(request.uri().query().unwrap_or_default().as_bytes());
    let number = |name: &str| {
        query
            .get(name)
            .and_then(Value::as_str)?
            .parse::<usize>()
            .ok()
    };
    let size = number("per_page").unwrap_or(usual).clamp(1, usual.max(100));
    let skipped = number("page").unwrap_or(1).saturating_sub(1) * size;
    items.iter().skip(skipped).take(size)
}

fn token(request: &http::Request<Bytes>) -> Option<String> {
    let header = request.headers().get("authorization")?.to_str().ok()?;
    let (_, token) = header.split_once(' ').unwrap_or(("", header));
    Some(token.to_owned())
}

/// Another one for whoever asks with another token.
/// <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate>
fn etag(token: Option<&str>, kind: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in [token.unwrap_or_default().as_bytes(), kind.as_bytes(), body] {
        hash.update(part);
        hash.update([0]);
    }
    let digits = hash.finalize();
    let digits: String = digits.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{digits}\"")
}

/// Whether the caller has it already: by weak comparison, as `If-None-Match` is compared (RFC 9110).
fn is_known(request: &http::Request<Bytes>, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let given = request.headers().get("if-none-match");
    let given = given
        .and_then(|given| given.to_str().ok())
        .unwrap_or_default();
    given
        .split(',')
        .any(|one| one.trim() == "*" || opaque(one) == opaque(etag))
}

/// <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects>
pub(super) fn moved(number: u64, rest: Option<&str>, request: &http::Request<Bytes>) -> Answer {
    let rest = rest.map(|rest| format!("/{rest}")).unwrap_or_default();
    let query = request.uri().query();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("https://api.github.com/repositories/{number}{rest}{query}");
    let body = json!({
        "message": "Moved Permanently", "url": url,
        "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
    });
    (301, body)
}

pub(super) fn not_found() -> Answer {
    refusal(404, "Not Found")
}

pub(super) fn refusal(status: u16, message: &str) -> Answer {
    let body = json!({
        "message": message, "status": status.to_string(),
        "documentation_url": "https://docs.github.com/rest",
    });
    (status, body)
}

/// Decodes the `%XX` of a path; a `+` is a plus there, a broken escape stands for itself.
fn decode_path(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(github: &mut GitHub, path: &str, headers: &[(&str, &str)]) -> (u16, Value) {
        let mut request = http::Request::get(format!("https://api.github.com{path}"))
            .header("user-agent", "longshore");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = github.handle(Timestamp::UNIX_EPOCH, &request.body(Bytes::new()).unwrap());
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        (response.status().as_u16(), body)
    }

    fn get(github: &mut GitHub, path: &str) -> (u16, Value) {
        ask(github, path, &[])
    }

    #[test]
    fn every_kind_of_ref_finds_its_commit() {
        let mut github = GitHub::default();
        let repo = github.repo("acme/webapp");
        let sha = repo.commit("feature/signup", "Complete addresses", "maria");
        repo.tag("v1", &sha);
        repo.annotated_tag("v2", &sha, "Second");
        for name in [
            sha.as_str(),
            &sha[..7],
            "feature/signup",
            "feature%2Fsignup",
            "heads/feature/signup",
            "tags/v2",
            "v1",
        ] {
            let (status, body) = get(&mut github, &format!("/repos/acme/webapp/commits/{name}"));
            assert_eq!((status, &body["sha"]), (200, &json!(sha)), "{name}");
            assert_eq!(body["commit"]["author"]["name"], "maria");
        }
        let head = github.repo("acme/webapp").head("main").unwrap();
        let (_, body) = get(&mut github, "/repos/Acme/WebApp/commits/HEAD");
        assert_eq!(body["sha"], json!(head));
    }

    #[test]
    fn what_has_not_changed_is_said_in_short_and_free_only_to_whom_it_knows() {
        let mut github = GitHub::default();
        github.repo("acme/webapp");
        github.accept_token("one");
        github.accept_token("two");
        let ask = |github: &mut GitHub, token: Option<&str>, etag: Option<&str>| {
            let mut request =
                http::Request::get("https://api.github.com/repos/acme/webapp/git/ref/heads/main")
                    .header("user-agent", "longshore");
            if let Some(token) = token {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            if let Some(etag) = etag {
                request = request.header("if-none-match", etag);
            }
            let response =
                github.handle(Timestamp::UNIX_EPOCH, &request.body(Bytes::new()).unwrap());
            let etag = response.headers().get("etag").unwrap();
            (
                response.status().as_u16(),
                etag.to_str().unwrap().to_owned(),
                response.body().len(),
            )
        };
        for (tier, token) in [(0, None), (1, Some("one"))] {
            let (status, etag, _) = ask(&mut github, token, None);
            assert_eq!((status, github.used[tier]), (200, 1));
            let strong = etag.trim_start_matches("W/").to_owned();
            for known in [etag.clone(), strong, format!("\"other\", {etag}")] {
                assert_eq!(
                    ask(&mut github, token, Some(&known)),
                    (304, etag.clone(), 0)
                );
            }
            assert_eq!(github.used[tier], if token.is_some() { 1 } else { 4 });
            // Somebody else's is no good.
            assert_eq!(ask(&mut github, Some("two"), Some(&etag)).0, 200);
            github.repo("acme/webapp").commit("main", "More", "ada");
            assert_eq!(ask(&mut github, token, Some(&etag)).0, 200);
            github.renew();
        }
        let missing =
            http::Request::get("https://api.github.com/repos/acme/webapp/git/ref/heads/nope")
                .header("user-agent", "longshore");
        let missing = github.handle(Timestamp::UNIX_EPOCH, &missing.body(Bytes::new()).unwrap());
        assert!(missing.headers().get("etag").is_none());
    }

    #[test]
    fn missing_refs_are_422_and_missing_repositories_404() {
        let mut github = GitHub::default();
        github.repo("acme/webapp");
        let (status, body) = get(&mut github, "/repos/acme/webapp/commits/nowhere");
        assert_eq!(
            (status, body["message"].as_str()),
            (422, Some("No commit found for SHA: nowhere"))
        );
        assert_eq!(get(&mut github, "/repos/acme/other/commits/main").0, 404);
        assert_eq!(
            get(&mut github, "/repos/acme/webapp/git/ref/heads/mai").0,
            404
        );
        assert_eq!(get(&mut github, "/user").0, 404);
    }

    #[test]
    fn branches_and_tags_are_told_apart_by_git_refs() {
        let mut github = GitHub::default();
        let repo = github.repo("acme/webapp");
        let old = repo.tag("release/1", "main");
        let new = repo.commit("release/1", "Later", "sam");
        repo.annotated_tag("v2", &new, "Second");
        let mut object = |path: &str| get(&mut github, path).1["object"].clone();
        assert_eq!(
            object("/repos/acme/webapp/git/ref/tags/release/1")["sha"],
            json!(old)
        );
        assert_eq!(
            object("/repos/acme/webapp/git/ref/heads/release%2F1")["sha"],
            json!(new)
        );
        let tag = object("/repos/acme/webapp/git/ref/tags/v2");
        assert_eq!(tag["type"], "tag");
        let sha = tag["sha"].as_str().unwrap();
        let behind = object(&format!("/repos/acme/webapp/git/tags/{sha}"));
        assert_eq!(
            (&behind["type"], &behind["sha"]),
            (&json!("commit"), &json!(new))
        );
    }

    #[test]
    fn refs_that_begin_alike_are_listed_and_none_is_no_error() {
        let mut github = GitHub::default();
        let repo = github.repo("acme/webapp");
        let fix = repo.commit("hotfix/a", "Fix", "sam");
        repo.branch("hotfixes", "main");
        repo.tag("hotfix/1", "main");
        let mut matching = |prefix: &str| {
            let path = format!("/repos/acme/webapp/git/matching-refs/{prefix}");
            let (status, body) = get(&mut github, &path);
            assert_eq!(status, 200);
            body
        };
        let found = matching("heads/hotfix/");
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert_eq!(found[0]["ref"], "refs/heads/hotfix/a");
        assert_eq!(found[0]["object"]["sha"], json!(fix));
        assert_eq!(matching("heads/hotfix").as_array().unwrap().len(), 2);
        assert_eq!(matching("heads/release/"), json!([]));
    }

    #[test]
    fn a_comparison_counts_both_sides_and_lists_the_oldest_first() {
        let mut github = GitHub::default();
        let repo = github.repo("acme/webapp");
        repo.branch("feature/a", "main");
        repo.commit("feature/a", "One", "maria");
        repo.commit("feature/a", "Two", "maria");
        repo.commit("main", "Elsewhere", "sam");
        let (_, body) = get(&mut github, "/repos/acme/webapp/compare/main...feature%2Fa");
        assert_eq!(body["status"], "diverged");
        assert_eq!(
            (&body["ahead_by"], &body["behind_by"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(body["commits"][0]["commit"]["message"], "One");
        let (_, body) = get(&mut github, "/repos/acme/webapp/compare/main...main");
        assert_eq!(body["status"], "identical");
        let (_, body) = get(
            &mut github,
            "/repos/acme/webapp/compare/main...feature/a?per_page=1&page=2",
        );
        assert_eq!(body["commits"][0]["commit"]["message"], "Two");
        assert_eq!(
            get(&mut github, "/repos/acme/webapp/compare/main...gone").0,
            404
        );
    }

    #[test]
    fn checks_are_running_or_concluded() {
        let mut github = GitHub::default();
        let repo = github.repo("acme/webapp");
        let sha = repo.head("main").unwrap();
        repo.check(&sha, "test", Some("failure"));
        repo.check(&sha, "test", Some("success"));
        repo.check(&sha, "lint", None);
        let (_, body) = get(&mut github, "/repos/acme/webapp/commits/main/check-runs");
        assert_eq!(body["total_count"], 2);
        assert_eq!(body["check_runs"][0]["conclusion"], "success");
        assert_eq!(body["check_runs"][1]["status"], "in_progress");
        let (_, body) = get(
            &mut github,
            "/repos/acme/webapp/commits/main/check-runs?check_name=lint",
        );
        assert_eq!(body["total_count"], 1);
    }

    #[test]
    fn private_repositories_need_a_good_token() {
        let mut github = GitHub::default();
        github.repo("acme/secret").set_private(true);
        github.accept_token("good");
        let path = "/repos/acme/secret";
        assert_eq!(get(&mut github, path).0, 404);
        assert_eq!(
            ask(&mut github, path, &[("authorization", "Bearer bad")]).0,
            401
        );
        let (status, body) = ask(&mut github, path, &[("authorization", "token good")]);
        assert_eq!((status, &body["default_branch"]), (200, &json!("main")));
    }

    #[test]
    fn limits_outages_and_rude_callers_are_refused_as_documented() {
        let mut github = GitHub::default();
        github.repo("acme/webapp");
        let rude =
            http::Request::get("https://api.github.com/repos/acme/webapp").body(Bytes::new());
        let refused = github.handle(Timestamp::UNIX_EPOCH, &rude.unwrap());
        assert_eq!(refused.status(), 403);
        assert_eq!(refused.headers()["x-ratelimit-remaining"], "60");
        github.exhaust();
        let (status, body) = get(&mut github, "/repos/acme/webapp");
        assert!(
            status == 403
                && body["message"]
                    .as_str()
                    .unwrap()
                    .contains("rate limit exceeded")
        );
        github.set_mode(Mode::Slowed);
        assert_eq!(get(&mut github, "/repos/acme/webapp").0, 403);
        github.set_mode(Mode::Down);
        assert_eq!(get(&mut github, "/repos/acme/webapp").0, 503);
    }

    #[test]
    fn a_caller_may_ask_for_the_sha_alone() {
        let mut github = GitHub::default();
        let sha = github.repo("acme/webapp").head("main").unwrap();
        let request = http::Request::get("https://api.github.com/repos/acme/webapp/commits/main")
            .header("user-agent", "longshore")
            .header("accept", "application/vnd.github.sha");
        let answer = github.handle(Timestamp::UNIX_EPOCH, &request.body(Bytes::new()).unwrap());
        assert_eq!(answer.body(), sha.as_bytes());
    }

    #[test]
    fn broken_escapes_in_a_path_stand_for_themselves() {
        assert_eq!(decode_path("feature%2Fa+b"), "feature/a+b");
        assert_eq!(decode_path("%zz%4"), "%zz%4");
    }
}
