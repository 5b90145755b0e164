//! GitHub is asked little, and never stands in the way of an exact image tag.

use longshore_sim::fault::{Faults, Kind, Matcher};
use longshore_sim::github::Mode;
use longshore_sim::{State, ecr};

use super::Chat;
use crate::town::{ADA, Bot, PROD, REGION};

const TOKEN: &str = "github_pat_planted_0001";
const UNASKED: &str = "Git was not asked, because GitHub gives no usable answer: `nightly` is the image tag of that name.";

/// A town in which an image has the tag `nightly` and another one the name of a git tag.
async fn town() -> (Chat, String) {
    let chat = Chat::new(Bot::NoToken).await;
    let now = chat.world.now();
    let head = {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let head = repo.head("main").unwrap();
        repo.annotated_tag("signed", &head, "signed");
        for (tag, digest) in [
            ("nightly", ecr::digest("nightly")),
            ("1.0.2", ecr::digest(&head)),
        ] {
            state.ecr.push(PROD, REGION, "webapp", &[tag], &digest, now);
        }
        head
    };
    (chat, head)
}

/// GitHub knows who asks, as it should in an installation.
fn has_token(chat: &Chat) {
    let now = chat.world.now();
    let state = &mut *chat.world.state();
    state.ssm.put_secret(now, "/longshore/github-token", TOKEN);
    state.github.accept_token(TOKEN);
}

impl Chat {
    /// What GitHub was asked for to plan a deploy to staging, with what it said.
    async fn github_hears(&self, typed: &str) -> Vec<String> {
        self.github_hears_of(&format!("{typed} to staging")).await
    }

    async fn github_hears_of(&self, typed: &str) -> Vec<String> {
        let count = |state: &State| state.calls.len();
        let before = count(&self.world.state());
        let read = self.does(typed).await;
        let ended = ["✅ ", "⛔ ", "ℹ️ "];
        assert!(ended.iter().any(|sign| read.contains(sign)), "{read}");
        let state = self.world.state();
        let calls = state.calls.iter().skip(before);
        let calls = calls.filter(|call| call.service == "github");
        calls
            .map(|call| format!("{} {}", call.status, call.operation))
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_ref_costs_few_questions_and_no_question_is_asked_twice() {
    let (chat, head) = town().await;
    has_token(&chat);
    // Asked for the first time, and again; how many of those GitHub does not count.
    for (typed, expected) in [
        // Whether the repository is the one that is known, whether it has that commit, and what lies between; the last two
        // once and for all.
        (&*format!("webapp:{head}"), (4, 0, 0)),
        // That nothing has that name in git is one question.
        ("webapp:nightly", (2, 2, 1)),
        (&format!("webapp:{}", &head[..8]), (2, 2, 2)),
        // An image tag that is a git tag as well.
        ("webapp:1.0.2", (3, 3, 2)),
        ("webapp:signed", (4, 3, 2)),
        ("webapp:feature/signup-autocomplete", (4, 3, 2)),
        ("webapp", (3, 2, 2)),
        ("webapp:nope", (4, 4, 2)),
    ] {
        let first = chat.github_hears(typed).await;
        let again = chat.github_hears(typed).await;
        let free = again.iter().filter(|call| call.starts_with("304 ")).count();
        let figures = (first.len(), again.len(), free);
        assert_eq!(figures, expected, "{typed}: {first:#?} {again:#?}");
    }
}

/// GitHub in every way in which it may not answer.
type FallsIll = fn(&mut State);
const ILL: [(&str, FallsIll); 5] = [
    ("it gives no answer in time", |state| {
        state
            .faults
            .plan(Matcher::service("github"), Kind::TimedOut);
    }),
    ("it fails", |state| state.github.set_mode(Mode::Down)),
    ("its limit is used up", |state| state.github.exhaust()),
    ("it is asked too fast", |state| {
        state.github.set_mode(Mode::SlowedSilently)
    }),
    ("it takes the token no more", |state| {
        state.github.revoke_token(TOKEN)
    }),
];

#[tokio::test(start_paused = true)]
async fn an_exact_image_tag_goes_out_without_github_and_the_card_says_so() {
    for (case, falls_ill) in ILL {
        let (chat, _) = town().await;
        has_token(&chat);
        falls_ill(&mut chat.world.state());
        let asked = chat.world.now();
        chat.types(ADA, "webapp:nightly to staging").await;
        let begun = |state: &State| {
            let mut calls = state.calls.iter();
            let update = calls.find(|call| call.operation == "UpdateService" && call.at >= asked);
            update.map(|call| call.at)
        };
        chat.seconds(20).await;
        // One silence is waited for, and not each of many.
        let begun = begun(&chat.world.state()).unwrap_or_else(|| panic!("{case}: not begun"));
        let took = begun.duration_since(asked).as_secs();
        assert!(took <= 7, "{case}: {took} s");
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("✅ "), "{case}: {read}");
        assert!(read.contains(UNASKED), "{case}: {read}");
        let id = chat.newest_deploy();
        let heard = {
            let state = chat.world.state();
            let calls = state.calls.iter().filter(|call| call.at >= asked);
            calls.filter(|call| call.service == "github").count()
        };
        // An error that comes at once may be of that question alone; silence and the limit are of all.
        assert!(heard <= 2, "{case}: {heard} questions");
        let shown = chat.does(&format!("show {id}")).await;
        assert!(shown.contains("nightly"), "{case}: {shown}");
        chat.world.state().faults = Faults::default();
    }
}

#[tokio::test(start_paused = true)]
async fn applications_of_one_repository_share_what_was_asked() {
    let (chat, _) = town().await;
    has_token(&chat);
    let shared = crate::town::CONFIG.replace("acme/cms", "acme/webapp");
    chat.push(&shared).await;
    chat.passes(std::time::Duration::from_secs(120)).await;
    {
        let (now, digest) = (chat.world.now(), ecr::digest("nightly"));
        let ecr = &mut chat.world.state().ecr;
        ecr.push(PROD, REGION, "cms", &["nightly"], &digest, now);
    }
    let asked = chat.github_hears("webapp:nightly,cms:nightly").await;
    let of_the_tag = asked.iter().filter(|call| call.ends_with("nightly"));
    assert_eq!(of_the_tag.count(), 1, "{asked:#?}");
}

/// An environment that asks for all that can be asked.
#[tokio::test(start_paused = true)]
async fn with_every_rule_a_deploy_asks_few_questions_that_count_and_a_rollback_none() {
    let (chat, head) = town().await;
    has_token(&chat);
    let table = "[environments.staging]\n";
    let rules = r#"branches     = ["main", "hotfix/*"]
checks       = [{ name = "test", app = "github-actions" }]
forward_only = true
immutable    = true
scan         = "critical"
signed       = true
"#;
    let config = crate::town::CONFIG;
    assert!(config.contains(table));
    chat.push(&config.replace(table, &format!("{table}{rules}")))
        .await;
    chat.passes(std::time::Duration::from_secs(120)).await;
    {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.check(&head, "test", Some("success"));
        repo.sign(&head, "valid");
        state.ecr.set_immutable((PROD, REGION, "webapp"), true, &[]);
        state.ecr.scan_on_push(PROD, REGION, "webapp");
    }
    // One of them is about what runs when Longshore first sees it, once and for all. What has not changed is free, and is
    // what is asked once more before the start. The branch's head and its signature are one answer.
    for (typed, expected) in [
        ("webapp to staging", (5, 3)),
        ("rollback webapp on staging", (0, 0)),
    ] {
        let asked = chat.github_hears_of(typed).await;
        let free = asked.iter().filter(|call| call.starts_with("304 ")).count();
        assert_eq!((asked.len() - free, free), expected, "{typed}: {asked:#?}");
    }
}
