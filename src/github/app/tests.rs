use longshore_sim::World;
use longshore_sim::github::published_key;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::config::{GithubAccess, GithubHost};
use crate::github::{Conversation, GitHub, Memory};
use crate::http::{Dial, Http};

const ID: &str = "Iv23liExample";

struct Place {
    world: World,
    installations: Arc<Installations>,
    memory: Arc<Memory>,
    key: Option<String>,
    host: Option<GithubHost>,
    repository: GithubRepository,
}

impl Place {
    fn new() -> Self {
        let world = crate::aws::tests::world();
        {
            let github = &mut world.state().github;
            github.repo("acme/webapp").set_private(true);
            let all = [
                ("checks", "write"),
                ("contents", "write"),
                ("metadata", "read"),
                ("issues", "write"),
            ];
            github.app(ID).install("Acme", &all);
        }
        Self {
            world,
            installations: Arc::default(),
            memory: Arc::default(),
            key: Some(published_key()),
            host: None,
            repository: "acme/webapp".parse().unwrap(),
        }
    }

    /// GitHub in a conversation of its own.
    fn github(&self) -> GitHub {
        let http = Http::new(self.world.http_client(), Dial::Direct);
        let configured = GithubAccess {
            host: self.host.clone(),
            app: Some(ID.parse().unwrap()),
            ..GithubAccess::default()
        };
        let key = Access::of(self.key.clone().map(Secret::new));
        GitHub::new(http, key)
            .configured(&configured, &self.installations, self.world.now())
            .within(Conversation::default())
            .remembering(Arc::clone(&self.memory))
    }

    async fn asks(&self) -> Result<String, GitHubError> {
        self.github().default_branch(&self.repository).await
    }

    /// What GitHub was asked, method and path, and by which status it answered.
    fn asked(&self) -> Vec<(String, u16)> {
        let state = self.world.state();
        let asked = state.calls.iter().filter(|call| call.service == "github");
        let asked = asked.map(|call| (call.operation.clone(), call.status));
        asked.collect()
    }
}

fn main() -> Result<String, GitHubError> {
    Ok("main".to_owned())
}

fn no(why: GithubNo) -> Result<String, GitHubError> {
    Err(GitHubError::App(why))
}

/// Two calls more, once an hour; and no more rights than are used.
#[tokio::test(start_paused = true)]
async fn an_installation_gives_a_token_that_is_kept_while_it_is_good() {
    let place = Place::new();
    assert_eq!(place.asks().await, main());
    let first = place.asked();
    assert_eq!(
        first,
        [
            ("GET /repos/acme/webapp/installation".to_owned(), 200),
            ("POST /app/installations/9000/access_tokens".to_owned(), 201),
            ("GET /repos/acme/webapp".to_owned(), 200),
        ]
    );
    {
        let state = place.world.state();
        let asked = state
            .calls
            .iter()
            .find(|call| call.operation.starts_with("POST"));
        assert_eq!(
            asked.unwrap().request["permissions"],
            serde_json::json!({"checks": "read", "contents": "read", "metadata": "read"})
        );
    }
    tokio::time::advance(Duration::from_secs(54 * 60)).await;
    assert_eq!(place.asks().await, main());
    assert_eq!(place.asked().len(), 4);
    tokio::time::advance(Duration::from_secs(2 * 60)).await;
    assert_eq!(place.asks().await, main());
    assert_eq!(place.asked().len(), 7);
    let said = format!("{:?}", place.installations);
    assert!(
        !said.contains("ghs_") && !said.contains("PRIVATE"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_taken_back_is_had_anew_once() {
    let place = Place::new();
    assert_eq!(place.asks().await, main());
    place.world.state().github.revoke_given();
    assert_eq!(place.asks().await, main());
    let statuses: Vec<u16> = place
        .asked()
        .into_iter()
        .map(|(_, status)| status)
        .collect();
    assert_eq!(statuses, [200, 201, 200, 401, 200, 201, 200]);
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_the_apps_way_is_told_apart() {
    let mut place = Place::new();
    place.key = None;
    assert_eq!(place.asks().await, no(GithubNo::NoKey));
    // A token is stored where a key belongs; it is not sent.
    place.key = Some("github_pat_planted_0001".to_owned());
    assert_eq!(place.asks().await, no(GithubNo::NoKey));
    assert!(place.asked().is_empty());
    place.key = Some(published_key());
    place.world.state().github.app(ID).suspend("acme", true);
    assert_eq!(place.asks().await, no(GithubNo::Suspended));
    place.world.state().github.app(ID).uninstall("acme");
    assert_eq!(place.asks().await, no(GithubNo::NotInstalled));
    place.world.state().github.app(ID).install("acme", &[]);
    assert_eq!(place.asks().await, no(GithubNo::Token));
}

/// Asked once in a conversation, whatever else is wanted.
#[tokio::test(start_paused = true)]
async fn a_key_of_another_app_is_told_once() {
    let place = Place::new();
    let github = {
        let http = Http::new(place.world.http_client(), Dial::Direct);
        let configured = GithubAccess {
            app: Some("Iv23liAnother".parse().unwrap()),
            ..GithubAccess::default()
        };
        let key = Access::With(Secret::new(published_key()));
        GitHub::new(http, key).configured(&configured, &place.installations, place.world.now())
    };
    for _ in 0..3 {
        let answer = github.default_branch(&place.repository).await;
        assert_eq!(answer, no(GithubNo::KeyNotTaken));
    }
    assert_eq!(place.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_enterprise_is_asked_at_its_own_host_and_nobody_else_is() {
    for (host, at) in [
        ("git.acme.example", "git.acme.example"),
        ("acme.ghe.com", "api.acme.ghe.com"),
    ] {
        let mut place = Place::new();
        let host: GithubHost = host.parse().unwrap();
        place.world.state().github.move_to(host.as_str());
        place.repository = place.repository.clone().at(Some(&host));
        // Of a configuration of before, or of after.
        assert_eq!(place.asks().await, Err(GitHubError::NotFound));
        assert!(place.asked().is_empty());
        place.host = Some(host);
        assert_eq!(place.asks().await, main());
        let state = place.world.state();
        for call in &state.calls {
            assert!(
                call.resources[0].starts_with(&format!("https://{at}/")),
                "{call:?}"
            );
        }
    }
}
