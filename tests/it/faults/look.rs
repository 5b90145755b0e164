//! Call × fault for what only looks ahead: whatever goes wrong on the way, nothing is changed and nothing kept, and whoever
//! asked is told something, alone.

use longshore_sim::slack::{Message, Visibility};

use super::enumerate::{kinds, points};
use super::journey::Journey;
use super::story::{Story, text};
use crate::town::ADA;

/// What is typed.
const TYPED: [&str; 5] = [
    "plan webapp:main to production",
    "why-not webapp to staging",
    "diff webapp:main production",
    "diff webapp staging production",
    "where webapp #42",
];

/// What the table keeps beside requests and the configuration.
fn kept(story: &Story) -> Vec<String> {
    let items = story.items();
    let of_deploys = |item: &&longshore_sim::dynamodb::Item| {
        let pk = text(item, "pk");
        let of_look = pk.starts_with("DEPLOY#r-");
        let kept = ["DEPLOY#", "MET", "HISTORY", "LEASE", "COUNTED"];
        !of_look && kept.iter().any(|one| pk.starts_with(one))
    };
    let kept = items.iter().filter(of_deploys);
    kept.map(|item| format!("{item:?}")).collect()
}

/// What does not hold.
async fn problems(story: &Story, before: &[String]) -> Vec<String> {
    let mut problems = Vec::new();
    let own = story.own_deploys().await;
    if !own.is_empty() {
        problems.push(format!("a look became a deploy: {own:?}"));
    }
    if kept(story) != before {
        problems.push("something was kept".to_owned());
    }
    let state = story.town.world.state();
    let changes = [
        "UpdateService",
        "RegisterTaskDefinition",
        "RunTask",
        "StopTask",
    ];
    let mut calls = state.calls.iter();
    if let Some(call) = calls.find(|call| changes.contains(&call.operation.as_str())) {
        problems.push(format!("a look called {}", call.operation));
    }
    let messages = state.slack.messages();
    let alone = Visibility::Only(ADA.to_owned());
    let others = messages
        .iter()
        .filter(|message| message.visibility != alone);
    let others: Vec<&Message> = others.collect();
    if !others.is_empty() {
        problems.push(format!("others were told: {others:?}"));
    }
    let replies = story.heard.iter().any(|heard| !heard.text.is_empty());
    if !replies && messages.is_empty() {
        problems.push("the asker was told nothing".to_owned());
    }
    problems
}

#[tokio::test(start_paused = true)]
async fn a_look_changes_nothing_and_is_answered_under_every_fault() {
    let beginning = Journey::Deploy.beginning().await;
    let mut failures = Vec::new();
    for typed in TYPED {
        let before = kept(&beginning.story());
        let mut clean = beginning.story();
        clean.types(typed).await;
        clean.settles().await;
        let found = problems(&clean, &before).await;
        assert!(found.is_empty(), "{typed}: {found:?}");
        for point in &points(&clean) {
            for &kind in kinds(point) {
                let mut story = beginning.story();
                story.plan(point.matcher(), kind);
                story.types(typed).await;
                story.settles().await;
                let found = problems(&story, &before).await;
                if !found.is_empty() {
                    failures.push(format!("{typed}, {point} {kind:?}: {found:?}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
