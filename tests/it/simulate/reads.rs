//! What people are told while things move, held against what the simulated ECS said at that moment:
//! tasks are those of their revision, and a version is never said to run on another's.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use longshore_sim::ecs::Told;
use longshore_sim::slack::{Invocation, Message};

use super::day::Day;
use super::moves::SERVICES;
use crate::faults::story::text;
use crate::town::{ADA, BOB, DEPLOYS};

/// From ECS's answer to the message made of it, with all that may be slow between them.
const BETWEEN: SignedDuration = SignedDuration::from_secs(120);

/// What a message says that a service runs: revision → tasks running.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    service: String,
    running: BTreeMap<String, i64>,
}

impl Day {
    /// Somebody looks, whatever goes on.
    pub(super) async fn somebody_reads(&mut self) {
        let items = self.items();
        let mut deploys = items.iter().filter(|item| text(item, "kind") == "deploy");
        let one = deploys.next_back().map(|item| text(item, "id").to_owned());
        let typed = match self.reader.u8(0..12) {
            0..3 => "status webapp".to_owned(),
            3..6 => "status cms staging".to_owned(),
            6..8 => "status".to_owned(),
            8 => "history".to_owned(),
            9 => "plan webapp:1.0.2 to production".to_owned(),
            10 => "plan cms:1.0.2 to staging".to_owned(),
            _ => one.map_or_else(|| "history".to_owned(), |id| format!("show {id}")),
        };
        let user = [ADA, BOB][self.reader.usize(0..2)];
        let now = self.town.world.now();
        let invocation = Invocation::new(user, DEPLOYS, &typed);
        let request = self.town.world.state().slack.command(now, &invocation);
        self.diary.push(format!("{now} {user} reads {typed:?}"));
        self.posts(&[request], true).await;
        self.it_was_a_look();
    }

    /// Every count that was told of a service is one that ECS gave, revision by revision.
    pub(super) fn untrue_reads(&self) -> Vec<String> {
        let state = self.town.world.state();
        let mut problems = Vec::new();
        let mut checked = 0;
        for message in state.slack.messages() {
            for said in said_in(message) {
                checked += 1;
                let at = message.posted_at;
                let told = state.ecs.told().iter();
                let mut told = told.filter(|told| {
                    // An edit may be far later than the post.
                    let early = told.at + BETWEEN < at && message.edits.is_empty();
                    told.service == said.service && !early
                });
                if !told.any(|told| runs(told) == said.running) {
                    problems.push(format!("status: {said:?} was never so: {:?}", message.text));
                }
            }
        }
        self.reads.set(self.reads.get() + checked);
        problems
    }
}

/// What ECS said: the revision a service is meant to run, and those that have tasks.
fn runs(told: &Told) -> BTreeMap<String, i64> {
    let mut runs: BTreeMap<String, i64> = BTreeMap::new();
    runs.insert(told.meant.clone(), 0);
    for side in told
        .sides
        .iter()
        .filter(|side| side.running + side.pending > 0)
    {
        *runs.entry(side.revision.clone()).or_default() += side.running;
    }
    runs
}

/// The lines of a message that count a service's tasks.
fn said_in(message: &Message) -> Vec<Said> {
    let edits = message.edits.iter().flat_map(|edit| &edit.blocks);
    let blocks = message.blocks.iter().chain(edits);
    let texts = blocks.filter_map(|block| block["text"]["text"].as_str());
    texts.flat_map(str::lines).filter_map(read).collect()
}

/// `• `web` on `web:2` (main, @ada): 0 of 2 running, 1 pending; `web:1`: 2 running`, and the same of a
/// verdict: `*Runs now* on `web`: `web:2` …`.
fn read(line: &str) -> Option<Said> {
    let (service, rest) = match line.strip_prefix("*Runs now* on `") {
        Some(rest) => rest.split_once("`: `")?,
        None => line.strip_prefix("• `")?.split_once("` on `")?,
    };
    if !SERVICES.contains(&service) {
        return None;
    }
    let mut running = BTreeMap::new();
    for side in format!("`{rest}").split("; ") {
        let revision = side.strip_prefix('`')?.split('`').next()?;
        let counts = side.rsplit_once(": ")?.1;
        let first = counts.split(' ').next()?;
        running.insert(revision.to_owned(), first.parse().unwrap_or(0));
    }
    Some(Said {
        service: service.to_owned(),
        running,
    })
}

#[test]
fn the_reader_of_lines_reads_what_is_written() {
    let of = |line: &str| read(line).map(|said| (said.service, said.running));
    let map = |all: &[(&str, i64)]| all.iter().map(|(r, n)| ((*r).to_owned(), *n)).collect();
    let web = "webapp".to_owned();
    let two = "• `webapp` on `webapp:2` (*changed outside of Longshore* (last deployed: main)): 0 of 2 running, 16 failed; `webapp:1` (1.0.2, 5 min ago): 2 running";
    let is = map(&[("webapp:2", 0), ("webapp:1", 2)]);
    assert_eq!(of(two), Some((web.clone(), is)));
    let now = "*Runs now* on `webapp`: `webapp:1`: 2 of 2 running";
    assert_eq!(of(now), Some((web.clone(), map(&[("webapp:1", 2)]))));
    let none = "• `webapp` on `webapp:1`: no tasks run: the desired count is 0";
    assert_eq!(of(none), Some((web, map(&[("webapp:1", 0)]))));
    assert_eq!(of("• `webapp`: not touched"), None);
}
