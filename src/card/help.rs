//! The help: the grammar's own usage lines, with the slash command's name in front, and examples of what is
//! configured.

use super::page::Page;
use crate::command::{Command, CommandVerb, USAGES, Usage};
use crate::reply::{command, said};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// How to type commands, or one of them, for the asker, and what they could type.
pub fn help(about: Option<CommandVerb>, examples: &[Command], slash: &str) -> Message {
    let typed = |example: &Command| command(slash, &example.to_string());
    match about {
        None => {
            let mut page = Page::new(said!("How to use {}", command(slash, "")));
            page.header(&format!("How to use {slash}"));
            page.section(said!(
                "*How to use {}.* Capitals stand for names, brackets for what may be left out.",
                command(slash, "")
            ));
            let usages = USAGES.iter().map(|usage| line(usage, slash));
            let instance = |example| said!("For instance: {}", typed(example));
            page.lines(usages.chain(examples.iter().map(instance)).collect());
            page.context(said!(
                "A REF is a branch, tag, commit or image tag, an IMAGE a container that runs an image of its own. {} shows examples.",
                command(slash, "help COMMAND")
            ));
            page.only_for_one()
        }
        Some(verb) => {
            let usage = verb.usage();
            let mut page = Page::new(said!("How to use {}", command(slash, usage.line)));
            page.header(&format!("Help on {}", verb.as_str()));
            page.section(line(usage, slash));
            let bullet = |example| said!("• {}", typed(example));
            page.lines(examples.iter().map(bullet).collect());
            page.only_for_one()
        }
    }
}

fn line(usage: &Usage, slash: &str) -> Mrkdwn {
    said!(
        "{}  {}",
        command(slash, usage.line),
        Mrkdwn::raw(usage.summary)
    )
}
