//! What conversations about gates share: a town whose environment asks for something, and the ways in which GitHub, which
//! is to vouch for it, falls ill.

use longshore_sim::State;
use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::github::Mode;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG};

pub(super) const TOKEN: &str = "github_pat_planted_0001";

/// The configuration, in which an environment asks for something.
pub(super) fn asking(environment: &str, rule: &str) -> String {
    let table = format!("[environments.{environment}]\n");
    assert!(CONFIG.contains(&table));
    CONFIG.replace(&table, &format!("{table}{rule}\n"))
}

/// A town whose environment asks for something, and the commit at the head of main.
pub(super) async fn town(environment: &str, rule: &str) -> (Chat, String) {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&asking(environment, rule)).await;
    let head = {
        let now = chat.world.now();
        let state = &mut *chat.world.state();
        state.ssm.put_secret(now, "/longshore/github-token", TOKEN);
        state.github.accept_token(TOKEN);
        state.github.repo("acme/webapp").head("main").unwrap()
    };
    (chat, head)
}

type FallsIll = fn(&mut State);

/// The ways in which GitHub says nothing, and what is said of them; the end of the first kind is what it does not say.
const ILLNESSES: [(&str, FallsIll, &str); 4] = [
    (
        "silent",
        |state| {
            let matcher = Matcher::service("github");
            state.faults.plan(matcher, Kind::TimedOut);
        },
        "GitHub does not say ",
    ),
    (
        "down",
        |state| state.github.set_mode(Mode::Down),
        "GitHub does not say ",
    ),
    (
        "its limit used up",
        |state| state.github.exhaust(),
        "GitHub answers no more questions until",
    ),
    (
        "asked too fast",
        |state| state.github.set_mode(Mode::SlowedSilently),
        "GitHub answers no more questions for now",
    ),
];

/// However GitHub falls ill, what is `well` does not go out on staging, and what it does not say is said: also where it
/// is `closed`, so that nobody is shown it.
pub(super) async fn no_illness_is_a_pass(
    rule: &str,
    unsaid: &str,
    well: fn(&mut State, &str),
    closed: FallsIll,
) {
    let shut = "GitHub does not let Longshore see ";
    let ill = ILLNESSES.into_iter().chain([("closed", closed, shut)]);
    for (case, falls_ill, said) in ill {
        let (chat, head) = town("staging", rule).await;
        well(&mut chat.world.state(), &head);
        falls_ill(&mut chat.world.state());
        // By the whole commit, which needs no GitHub.
        chat.types(ADA, &format!("webapp:{head} to staging")).await;
        chat.settles().await;
        let read = chat.reads();
        let said = match said.strip_suffix(' ') {
            Some(_) => format!("{said}{unsaid}."),
            None => said.to_owned(),
        };
        assert!(read.contains(&said), "{case}: {read}");
        chat.assert_nothing_changed();
    }
}
