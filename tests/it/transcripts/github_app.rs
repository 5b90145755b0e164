//! GitHub asked as an App, and at a host of one's own.

use longshore_sim::github::published_key;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG};

const APP: &str = "Iv23liExample";

async fn chat_as_app(more: &str) -> Chat {
    let chat = Chat::new(Bot::NoToken).await;
    {
        let now = chat.world.now();
        let state = &mut *chat.world.state();
        state
            .ssm
            .put_secret(now, "/longshore/github-token", &published_key());
        state.github.repo("acme/webapp").set_private(true);
        state
            .github
            .app(APP)
            .install("acme", &[("contents", "read"), ("metadata", "read")]);
    }
    chat.push(&format!("{CONFIG}\n[github]\napp = \"{APP}\"\n{more}"))
        .await;
    chat.seconds(61).await;
    chat
}

/// Everything that Slack was sent, links and all.
fn sent(chat: &Chat) -> String {
    serde_json::to_string(chat.world.state().slack.messages()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_branch_of_a_private_repository_goes_out_by_an_app() {
    let chat = chat_as_app("").await;
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("runs on staging\n  ✅"), "{read}");
    let sent = sent(&chat);
    assert!(
        sent.contains("https://github.com/acme/webapp/commit/"),
        "{sent}"
    );
    for secret in ["ghs_", "PRIVATE KEY"] {
        assert!(!sent.contains(secret), "{sent}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_of_ones_own_is_asked_and_linked_to() {
    let chat = chat_as_app("host = \"git.acme.example\"\n").await;
    chat.world.state().github.move_to("git.acme.example");
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    chat.settles().await;
    chat.reads();
    let read = sent(&chat);
    assert!(
        read.contains("https://git.acme.example/acme/webapp/commit/"),
        "{read}"
    );
    assert!(!read.contains("//github.com"), "{read}");
    let state = chat.world.state();
    let asked = state.calls.iter().filter(|call| call.service == "github");
    for call in asked {
        assert!(
            call.resources[0].starts_with("https://git.acme.example/api/v3/"),
            "{call:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_app_that_is_not_installed_is_an_admins_to_mend() {
    let chat = chat_as_app("").await;
    chat.world.state().github.app(APP).uninstall("acme");
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    chat.settles().await;
    insta::assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:feature/signup-autocomplete was refused on staging
      ⛔ Nothing was started.
      Longshore's GitHub App is not installed on that repository, so nobody can say what `feature/signup-autocomplete` is. Name an image tag, or ask @root to install it there.
      – `id-1` · 10:01 today
    ");
}

/// Also where it belongs to somebody else by now, whose installation opens nothing else of who had it before.
#[tokio::test(start_paused = true)]
async fn a_renamed_repository_is_followed_by_an_app_too() {
    for name in ["acme/shop", "omega/shop"] {
        let chat = chat_as_app("").await;
        {
            let github = &mut chat.world.state().github;
            github.rename("acme/webapp", name);
            github.repo("acme/cms").set_private(true);
            let rights = [("contents", "read"), ("metadata", "read")];
            github.app(APP).install("omega", &rights);
        }
        for typed in ["webapp:main to staging", "cms:main to staging"] {
            chat.types(ADA, typed).await;
            chat.settles().await;
            let read = chat.reads();
            assert!(read.contains("runs on staging\n  ✅"), "{name}: {read}");
        }
    }
}
