//! Call × fault for somebody who asks an admin for a right: whatever goes wrong on the way, a yes gives one right, which
//! lets one deploy begin and is used up with it, nothing begins without one, and everybody hears what became of it.

use longshore::record::Verdict;
use longshore_sim::slack::Invocation;

use super::enumerate::{Point, kinds, points};
use super::journey::Journey;
use super::story::{Heard, Story, text};
use crate::town::{DEPLOYS, EVE, ROOT};

/// Whether somebody sees such a button.
fn sees(story: &Story, user: &str, action: &str) -> bool {
    let state = story.town.world.state();
    state.slack.newest_with(user, action).is_some()
}

/// Eve types it, and again where she is told that nothing was started.
async fn types(story: &mut Story) {
    let typed = Invocation::new(EVE, DEPLOYS, "webapp:1.0.2 to production");
    for _ in 0..6 {
        let now = story.town.world.now();
        let request = story.town.world.state().slack.command(now, &typed);
        story.posts(&request).await;
        if sees(story, EVE, "plead") && story.heard.last().is_some_and(Heard::is_good) {
            return;
        }
        story.passes(5).await;
    }
}

async fn waits_for(story: &mut Story, user: &str, action: &str) {
    for _ in 0..24 {
        if sees(story, user, action) {
            return;
        }
        story.passes(5).await;
    }
}

/// Eve asks, the admin allows it once, Eve confirms.
async fn plays(story: &mut Story) {
    types(story).await;
    story.clicks(EVE, "plead").await;
    waits_for(story, ROOT, "allow_once").await;
    story.clicks(ROOT, "allow_once").await;
    waits_for(story, EVE, "confirm").await;
    story.clicks(EVE, "confirm").await;
    story.settles().await;
}

/// What does not hold of all that came of it.
async fn problems(story: &Story) -> Vec<String> {
    let mut problems = Vec::new();
    let items = story.items();
    let of = |pk: &'static str| items.iter().filter(move |item| text(item, "pk") == pk);
    let entries: Vec<&str> = of("GRANTED").map(|item| text(item, "body")).collect();
    let live =
        of("RIGHTS").filter(|item| item.contains_key("body") && !text(item, "sk").starts_with('!'));
    if live.count() > 0 {
        problems.push("a right outlived its deploy".to_owned());
    }
    if !story.open().is_empty() || !story.executing().is_empty() {
        problems.push(format!("still open: {:?}", story.open()));
    }
    let deploys = story.own_deploys().await;
    let (mut begun, read) = (0, story.transcript());
    for deploy in &deploys {
        let given = entries
            .iter()
            .filter(|entry| entry.contains(deploy.id.as_str()));
        let given = given.count();
        begun += usize::from(deploy.has_started());
        if given > 1 || (deploy.has_started() && given == 0) {
            problems.push(format!("{}: {given} rights", deploy.id));
        }
        match deploy.verdict() {
            Some(Verdict::Succeeded) if !deploy.has_started() => {
                problems.push(format!("{} succeeded without having begun", deploy.id));
            }
            Some(Verdict::Succeeded | Verdict::Refused) => {}
            other => problems.push(format!("{} ended as {other:?}", deploy.id)),
        }
    }
    let updates = story.update_calls();
    // A call that is sent twice is one update to the same.
    if updates[0] < begun || updates[0] > begun + 1 {
        problems.push(format!("{updates:?} updates for {begun} deploys"));
    }
    if deploys.is_empty() {
        problems.push("nothing came of it".to_owned());
    }
    let ends = ["runs on production", "Nothing was started"];
    if !ends.iter().any(|end| read.contains(end)) {
        problems.push("nobody heard how it ended".to_owned());
    }
    problems
}

/// The faults that each call meets: all of them where the conversation is its own, in turn elsewhere.
fn faults(point: &Point) -> Vec<longshore_sim::fault::Kind> {
    let all = kinds(point);
    match point.is_read() && point.nth > 1 {
        true => vec![all[usize::try_from(point.nth).unwrap() % all.len()]],
        false => all.to_vec(),
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_an_admin_gets_one_right_or_none_under_every_fault() {
    // Its services are those of production.
    let beginning = Journey::Confirm.beginning_with_a_bot().await;
    let arranged = async || {
        let mut story = beginning.story();
        // The sweep writes down whom the bot can ask.
        story.passes(130).await;
        story
    };
    let mut clean = arranged().await;
    let before = points(&clean).len();
    plays(&mut clean).await;
    let found = problems(&clean).await;
    assert!(found.is_empty(), "{found:?}\n{}", clean.transcript());
    assert!(clean.transcript().contains("runs on production"));
    let points = points(&clean);
    let mut failures = Vec::new();
    let mut covered = 0;
    for point in &points[before..] {
        for kind in faults(point) {
            let mut story = arranged().await;
            story.plan(point.matcher(), kind);
            plays(&mut story).await;
            covered += 1;
            let found = problems(&story).await;
            if !found.is_empty() {
                failures.push(format!("{point} {kind:?}: {found:?}"));
            }
        }
    }
    println!(
        "asking an admin: {covered} faults in {} calls",
        points.len() - before
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
