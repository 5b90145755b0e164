//! A terminal has no form, no buttons and no mentions, and Slack has no command line: each names only what its reader has.

use longshore::command::CommandVerb;

use super::*;
use crate::town::EVE;

/// What is mistyped, too little, not there or not needed, as words after the program's name.
const TYPED: &[&[&str]] = &[
    &["deploy"],
    &["deploy", "webap", "staging"],
    &["deploy", "webapp"],
    &["deploy", "webapp", "nowhere"],
    &["deploy", "cms", "to", "production", "to", "staging"],
    &["deploy", "webapp:gone", "staging", "--yes"],
    &["deploy", "webapp:1.0.2", "staging", "--yes", "--wait"],
    // It runs already.
    &["deploy", "webapp:1.0.2", "staging", "--yes", "--wait"],
    &["deploy", "webapp:1.0.2,cms:gone", "staging", "--yes"],
    &["rollback"],
    &["rollback", "webapp"],
    &["rollback", "webapp", "staging", "to", "9.9.9", "--yes"],
    &["rollback", "cms", "staging", "--yes"],
    &["rollback", "cms", "on", "staging"],
    &["rollback", "webapp,cms", "on", "staging"],
    &["rollback", "k3m9x2ab"],
    &["restart", "k3m9x2ab"],
    &["promote", "webapp", "to", "production"],
    &["promote", "webapp", "from", "staging", "to", "staging"],
    &["restart", "wepapp", "staging"],
    &["cancel"],
    &["cancel", "webapp", "staging"],
    &["status", "nothing"],
    &["status", "webapp", "at", "25:00"],
    &["status", "webapp", "at", "23:59"],
    &["history", "nothing"],
    &["show", "k3m9x2ab"],
    &["show", "last", "webapp", "staging"],
];

/// What only a reader in Slack can do.
const OF_SLACK: &[&str] = &[
    "/deploy",
    " form",
    "press ",
    "button",
    "a mention",
    "Slack shows",
    "[ ",
    "Only visible",
    "<@",
    "<!",
];

#[tokio::test(start_paused = true)]
async fn a_terminal_offers_nothing_that_only_slack_has() {
    let town = Town::new(Bot::Token).await;
    let mut mistakes = 0;
    for words in TYPED {
        let printed = types(&town, words, Terminal::nobody()).await;
        let all = format!("{}{}", printed.out, printed.err);
        let found: Vec<_> = OF_SLACK
            .iter()
            .filter(|word| all.contains(**word))
            .collect();
        assert!(found.is_empty(), "{words:?}: {found:?} in {all}");
        assert!(!all.trim().is_empty(), "{words:?} is answered by nothing");
        mistakes += usize::from(printed.exit != Exit::Done);
    }
    assert!(mistakes > 15, "{mistakes}");
}

#[tokio::test(start_paused = true)]
async fn slack_offers_nothing_that_only_a_terminal_has() {
    let town = Town::new(Bot::Token).await;
    for words in TYPED {
        let words = words.iter().filter(|word| !word.starts_with("--"));
        let words: Vec<&str> = words.copied().collect();
        let typed = words.join(" ");
        for user in [ADA, EVE] {
            town.types(user, &typed).await;
            town.settles().await;
            let read = town.reads();
            assert!(
                !read.contains("--yes") && !read.contains("--wait"),
                "{read}"
            );
            for verb in CommandVerb::ALL {
                let line = format!("longshore {verb}");
                assert!(!read.contains(&line), "{typed}: {line} in {read}");
            }
        }
    }
}

/// The lines in backticks that begin with the program's name.
fn lines(said: &str) -> Vec<String> {
    let spans = said.split('`').skip(1).step_by(2);
    let lines = spans.filter(|span| span.starts_with("longshore "));
    lines.map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_terminal_is_told_to_type_is_accepted_there() {
    let town = Town::new(Bot::Token).await;
    let mut told = std::collections::BTreeSet::new();
    for words in TYPED {
        let printed = types(&town, words, Terminal::nobody()).await;
        told.extend(lines(&format!("{}{}", printed.out, printed.err)));
    }
    assert!(told.len() > 5, "{told:?}");
    for line in told {
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        let printed = types(&town, &words, Terminal::nobody()).await;
        assert_ne!(printed.exit, Exit::Usage, "{line}: {}", printed.err);
    }
}
