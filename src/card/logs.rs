//! The last lines of a running task, for whoever asked. They are somebody's program's: escaped, without
//! what could end their block, and as many of the newest as a message holds.

use super::page::Page;
use crate::config::Member;
use crate::names::UserId;
use crate::refusal::no_lines;
use crate::reply::logs::{about, others, whose};
use crate::reply::phrase::Readers;
use crate::reply::{code_block, said};
use crate::running::Tail;
use crate::slack::blocks::Message;
use crate::slack::text::escape;

/// Characters of one code block, as Slack counts them: a section takes 3,000, its marks among them.
const BLOCK: usize = 2_800;
/// Characters of all lines of a message.
const ALL: usize = 8_000;

/// The lines, or why there are none.
pub fn logs(tail: &Tail, command: &str, admins: &[Member], reader: Option<&UserId>) -> Message {
    let lines = match &tail.found {
        Ok(lines) => lines,
        Err(why) => {
            let why = no_lines(tail, why).naming(admins, reader);
            let why = why.mrkdwn(command, Readers::One);
            return Page::of_sentence(why).only_for_one();
        }
    };
    let shown = newest(&lines.lines);
    let mut page = Page::new(said!("The log of {}", about(tail)));
    page.header(&format!("Log of {} · {}", tail.service, tail.environment));
    page.section(whose(lines, shown.len()));
    for block in blocks(shown) {
        page.section(code_block(block, BLOCK));
    }
    page.context(others(tail, lines, command));
    page.only_for_one()
}

/// Characters of a line with the end of it, as Slack counts them.
fn length(line: &str) -> usize {
    escape(line).chars().count() + 1
}

/// As many of the newest as find room.
fn newest(lines: &[String]) -> &[String] {
    let mut room = ALL;
    let fit = lines.iter().rev().take_while(|line| {
        let length = length(line);
        let fits = length <= room;
        room = room.saturating_sub(length);
        fits
    });
    &lines[lines.len() - fit.count()..]
}

/// The lines in as few blocks as hold them.
fn blocks(lines: &[String]) -> Vec<&[String]> {
    let mut blocks = Vec::new();
    let (mut from, mut filled) = (0, 0);
    for (at, line) in lines.iter().enumerate() {
        let length = length(line);
        if filled + length > BLOCK && at > from {
            blocks.push(&lines[from..at]);
            (from, filled) = (at, 0);
        }
        filled += length;
    }
    blocks.push(&lines[from..]);
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_newest_lines_are_shown_whole_whatever_they_hold(
            lines in proptest::collection::vec("[&<>`a-z \u{200b}@!|*_]{0,300}", 0..60),
        ) {
            let shown = newest(&lines);
            prop_assert_eq!(&lines[lines.len() - shown.len()..], shown);
            prop_assert!(shown.iter().map(|line| length(line)).sum::<usize>() <= ALL);
            let blocks = blocks(shown);
            prop_assert_eq!(&blocks.concat(), shown);
            for block in blocks {
                let block = code_block(block, BLOCK);
                let block = block.as_str();
                prop_assert!(block.chars().count() <= BLOCK + 6);
                prop_assert!(!block.contains(['<', '>']));
                prop_assert!(block.is_empty() || block.matches("```").count() == 2);
            }
        }
    }
}
