//! The parts that the program writes: conversations, the table of commands, the command line's help.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use longshore::cli::{self, Exit, Surroundings};
use longshore::command::USAGES;
use longshore_sim::ecs::Script;

use super::{COMMANDS, OPERATING, README, part, root, text};
use crate::town::{ADA, Bot, Town};

/// Holds a part of a document to what it is generated from.
pub(crate) fn holds(document: &str, name: &str, generated: &str) {
    // Tests run side by side, and a file is written whole.
    static WRITING: Mutex<()> = Mutex::new(());
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let whole = text(document);
    let written = part(&whole, name);
    if std::env::var_os("README").is_some_and(|what| what == "write") && written != generated {
        let begin = format!("<!-- {name}: begin -->\n");
        let before = format!("{begin}{written}");
        let after = format!("{begin}{generated}");
        std::fs::write(root().join(document), whole.replacen(&before, &after, 1)).unwrap();
        return;
    }
    assert!(
        written == generated,
        "{document}'s part \"{name}\" is out of date; run the tests with README=write. It would be:\n{generated}"
    );
}

/// What people type and press, and what they are shown.
#[derive(Default)]
struct Conversation {
    text: String,
}

impl Conversation {
    fn goes(&mut self, line: &str, town: &Town) {
        let read = town.reads();
        self.text += &format!("> {line}\n\n{}\n\n", read.trim_end());
    }

    fn fenced(&self) -> String {
        format!("\n````\n{}\n````\n\n", self.text.trim_end())
    }
}

/// A deploy to staging that ECS rolls back.
#[tokio::test(start_paused = true)]
async fn the_readmes_conversation_is_what_people_read() {
    let town = Town::new(Bot::NoToken).await;
    let mut conversation = Conversation::default();
    town.script("staging", "webapp", Script::CrashLoop);
    town.types(ADA, "webapp:main to staging").await;
    town.settles().await;
    conversation.goes("ada: /deploy webapp:main to staging", &town);
    holds(README, "conversation", &conversation.fenced());
}

/// One person's deploy to production, confirmed.
#[tokio::test(start_paused = true)]
async fn the_conversation_that_asks_first_is_what_people_read() {
    let town = Town::new(Bot::NoToken).await;
    let mut conversation = Conversation::default();
    town.types(ADA, "cms production 1.0.2").await;
    town.passes(Duration::from_secs(30)).await;
    conversation.goes("ada: /deploy cms production 1.0.2", &town);
    town.clicks(ADA, "confirm").await;
    town.settles().await;
    conversation.goes("ada presses [ Confirm ]", &town);
    holds(COMMANDS, "conversation", &conversation.fenced());
}

#[test]
fn the_commands_are_those_of_the_grammar() {
    let mut table = "| command | what it does | for instance |\n| --- | --- | --- |\n".to_owned();
    for usage in USAGES {
        let example = usage.examples.last().unwrap();
        table += &format!(
            "| `/deploy {}` | {} | `/deploy {example}` |\n",
            usage.line, usage.summary
        );
    }
    for document in [README, COMMANDS] {
        holds(document, "commands", &table);
    }
}

#[tokio::test]
async fn the_help_is_what_the_command_line_prints() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut surroundings = Surroundings {
        variable: &|_| None,
        connect: &|| unreachable!("help needs no AWS"),
        slack: &|| panic!("this command needs no Slack"),
        github: &|| panic!("this command needs no GitHub"),
        clock: &|| jiff::Timestamp::UNIX_EPOCH,
        input: &mut std::io::empty(),
        terminal: cli::Terminal::nobody(),
        out: &mut out,
        err: &mut err,
    };
    let exit = cli::run(["longshore", "--help"], &mut surroundings).await;
    assert_eq!(exit, Exit::Done);
    let help = String::from_utf8(out).unwrap();
    holds(
        OPERATING,
        "help",
        &format!("\n```\n$ longshore --help\n{}\n```\n\n", help.trim_end()),
    );
}
