//! What lies between what runs of an application and something else, for whoever asked.

use super::Setting;
use super::page::Page;
use crate::command::DiffWith;
use crate::plan::CommitLine;
use crate::reply::diff as words;
use crate::reply::{self, code, code_block, joined, said};
use crate::running::{Between, Definitions, Diff, DiffPair};
use crate::slack::blocks::Message;
use crate::slack::text::{Mrkdwn, cut};

/// Characters of what differs in one task definition.
const LIST: usize = 1_800;
/// Characters of a title in the heading.
const TITLE: usize = 60;

/// The commits between, each with its pull request.
pub fn diff(diff: &Diff, setting: &Setting<'_>) -> Message {
    let title = cut(&diff.title, TITLE);
    let about = match &diff.with {
        DiffWith::Ref(_) => diff.environment.to_string(),
        DiffWith::Place(other) => format!("{} and {other}", diff.environment),
    };
    let heading = format!("Difference: {title} · {about}");
    let mut page = Page::new(said!("{}", heading.as_str()));
    page.header(&heading);
    let several = diff.pairs.len() > 1;
    for pair in &diff.pairs {
        let services = pair.services.iter().map(|service| code(service));
        let services = match several {
            true => said!("*{}:* ", joined(services, ", ")),
            false => Mrkdwn::new(),
        };
        page.section(said!("{}{}", services, words::ends(diff, pair)));
        between(&mut page, diff, pair);
    }
    definitions(&mut page, diff);
    let rolling = diff.rolling.iter().map(words::rolling);
    page.lines(rolling.collect());
    page.context(joined(
        [
            reply::gates::nothing_changed(),
            said!("as of {}", setting.now),
        ],
        " · ",
    ));
    page.only_for_one()
}

/// In what the task definitions of two environments differ.
fn definitions(page: &mut Page, diff: &Diff) {
    let (Definitions::Differ(all), DiffWith::Place(other)) = (&diff.definitions, &diff.with) else {
        if diff.definitions == Definitions::NotShown {
            page.section(words::definitions_not_shown());
        }
        return;
    };
    if all.is_empty() {
        return page.section(words::definitions_alike());
    }
    page.section(words::definitions(other, &diff.environment));
    for (service, lines) in all {
        if diff
            .pairs
            .iter()
            .map(|pair| pair.services.len())
            .sum::<usize>()
            > 1
        {
            page.section(code(service));
        }
        page.section(code_block(lines, LIST));
    }
}

fn between(page: &mut Page, diff: &Diff, pair: &DiffPair) {
    page.section(words::known_how(pair));
    let watched = pair
        .watched
        .as_ref()
        .filter(|_| pair.between != Between::SameImage);
    page.section(watched.map(reply::watched::differ).unwrap_or_default());
    let commits = match &pair.between {
        Between::Commits(commits) => commits,
        Between::SameImage => return page.section(words::same_image(diff)),
        Between::NotKnown(why) => return page.section(words::not_known(diff, why)),
        Between::NotCompared => return page.section(words::not_compared()),
    };
    let compare = words::compare(diff, pair, commits);
    let requests = words::requests(diff.repository.as_ref(), &commits.requests());
    let counted = words::counted(diff, commits);
    page.section(joined(
        [counted, requests].into_iter().chain(compare),
        " · ",
    ));
    listed(page, diff, &commits.newest, commits.ahead);
    if !commits.lost.is_empty() {
        page.section(words::lost(diff));
        listed(page, diff, &commits.lost, commits.behind);
    }
}

/// The newest commits, a line each, and how many there are beside.
fn listed(page: &mut Page, diff: &Diff, commits: &[CommitLine], all: u32) {
    let repository = diff.repository.as_ref();
    let mut lines: Vec<Mrkdwn> = commits
        .iter()
        .map(|commit| words::commit(repository, commit))
        .collect();
    let shown = u32::try_from(commits.len()).unwrap_or(u32::MAX);
    let older = all.saturating_sub(shown);
    if older > 0 && shown > 0 {
        lines.push(said!("… and {} older", older));
    }
    page.lines(lines);
}
