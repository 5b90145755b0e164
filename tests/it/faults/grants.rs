//! Call × fault for rights given in chat: whatever goes wrong on the way, a right is given once and entered once, what
//! was taken back stays so, and whoever asked hears of it.

use longshore::cli::Exit;
use longshore_sim::slack::Invocation;

use super::enumerate::{kinds, points};
use super::journey::Journey;
use super::story::{Heard, Story, text};
use crate::terminal;
use crate::town::{DEPLOYS, EVE, ROOT};

async fn admin_types(story: &mut Story, typed: &str) {
    let typed = Invocation::new(ROOT, DEPLOYS, typed);
    for _ in 0..6 {
        let now = story.town.world.now();
        let request = story.town.world.state().slack.command(now, &typed);
        story.posts(&request).await;
        if story.heard.last().is_some_and(Heard::is_good) {
            return;
        }
        story.passes(5).await;
    }
}

async fn plays(story: &mut Story, verb: &str) {
    story.passes(49).await;
    admin_types(story, &format!("{verb} <@{EVE}|eve> webapp on production")).await;
    story.settles().await;
}

/// What does not hold after `grant`, and then `revoke` where there was one.
fn problems(story: &Story, given: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let items = story.items();
    let of = |pk: &'static str| items.iter().filter(move |item| text(item, "pk") == pk);
    let entries: Vec<_> = of("GRANTED").collect();
    let live = of("RIGHTS")
        .filter(|item| item.contains_key("body") && !text(item, "sk").starts_with('!'))
        .count();
    let requests = story.heard.len();
    if entries.is_empty() || entries.len() > requests {
        problems.push(format!("{} entries of {requests} requests", entries.len()));
    }
    if live != usize::from(given) {
        problems.push(format!("{live} rights are given"));
    }
    let told = match given {
        true => "lets @eve deploy webapp to production",
        false => "takes back what @eve was given",
    };
    if !story.transcript().contains(told) {
        problems.push(format!("nobody was told: {}", story.transcript()));
    }
    problems
}

/// An operator, who types it again where it is not known to be done.
async fn operator_takes_back(story: &mut Story) -> String {
    story.passes(49).await;
    let mut said = String::new();
    for _ in 0..4 {
        let words = ["revoke", EVE, "webapp", "on", "production"];
        let printed = terminal::said_yes(&story.town, &words).await;
        said += &printed.out;
        let done = printed.err.contains("was given no right");
        if done || printed.exit == Exit::Done {
            break;
        }
        story.passes(5).await;
    }
    story.settles().await;
    said
}

#[tokio::test(start_paused = true)]
async fn an_operator_takes_a_right_back_once_under_every_fault() {
    let beginning = Journey::Deploy.beginning().await;
    let arranged = async || {
        let mut story = beginning.story();
        plays(&mut story, "grant").await;
        story
    };
    let problems = |story: &Story| {
        let items = story.items();
        let of = |pk: &'static str| items.iter().filter(move |item| text(item, "pk") == pk);
        let entries = of("GRANTED").count();
        let live = of("RIGHTS")
            .filter(|item| item.contains_key("body") && !text(item, "sk").starts_with('!'))
            .count();
        let waits = items
            .iter()
            .filter(|item| text(item, "pk").starts_with("OPERATOR#"))
            .count();
        (entries, live, waits)
    };
    let mut clean = arranged().await;
    let before = points(&clean).len();
    let said = operator_takes_back(&mut clean).await;
    assert!(
        said.contains("ops takes back what @U0EVE0001 was given in chat"),
        "{said}"
    );
    assert_eq!(problems(&clean), (2, 0, 0));
    let points = points(&clean);
    let mut failures = Vec::new();
    for point in &points[before..] {
        for &kind in kinds(point) {
            let mut story = arranged().await;
            story.plan(point.matcher(), kind);
            operator_takes_back(&mut story).await;
            let found = problems(&story);
            if found != (2, 0, 0) {
                failures.push(format!("{point} {kind:?}: {found:?}"));
            }
        }
    }
    println!("{} calls", points.len() - before);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_right_is_given_and_taken_back_once_under_every_fault() {
    let beginning = Journey::Deploy.beginning().await;
    let mut failures = Vec::new();
    for given in [true, false] {
        let arranged = async || {
            let mut story = beginning.story();
            if !given {
                plays(&mut story, "grant").await;
            }
            story
        };
        let verb = if given { "grant" } else { "revoke" };
        let mut clean = arranged().await;
        let before = points(&clean).len();
        plays(&mut clean, verb).await;
        let found = problems(&clean, given);
        assert!(found.is_empty(), "{verb}: {found:?}");
        let points = points(&clean);
        for point in &points[before..] {
            for &kind in kinds(point) {
                let mut story = arranged().await;
                story.plan(point.matcher(), kind);
                plays(&mut story, verb).await;
                let found = problems(&story, given);
                if !found.is_empty() {
                    failures.push(format!("{verb}, {point} {kind:?}: {found:?}"));
                }
            }
        }
        println!("{verb}: {} calls", points.len() - before);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
