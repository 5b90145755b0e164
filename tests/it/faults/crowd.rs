//! Many at once: the same bytes a hundred times, one button under fifty fingers, two people who go
//! back at the same moment.

use std::sync::Arc;
use std::time::Duration;

use longshore_sim::fault::Matcher;
use longshore_sim::slack::{Invocation, SignedRequest};
use serde_json::Value;

use super::journey::Journey;
use super::story::{Heard, Story};
use crate::town::{ADA, BOB, DEPLOYS, EVE, event, http_response};

/// Everybody at the door at the same moment, each on a connection of its own; the replies.
async fn all_at_once(story: &Story, requests: &[SignedRequest]) -> Vec<Heard> {
    let now = story.town.world.now();
    let pause = Duration::from_millis(20);
    story.town.world.state().faults.delay(Matcher::any(), pause);
    let calls = requests.iter().map(|request| {
        let slash = Arc::clone(&story.town.slash);
        let asked = event(request, now);
        let clicked = request.path != "/slack/commands";
        tokio::spawn(async move {
            let began = tokio::time::Instant::now();
            let response = http_response(&slash.handle(&asked).await);
            Heard {
                asks: !clicked,
                clicked,
                elapsed: began.elapsed(),
                status: response.status().as_u16(),
                text: String::from_utf8_lossy(response.body()).into_owned(),
            }
        })
    });
    let calls: Vec<_> = calls.collect();
    let mut replies = Vec::new();
    for call in calls {
        let heard = call.await.unwrap();
        assert_eq!(heard.status, 200);
        assert!(heard.elapsed < Duration::from_secs(3), "{heard:?}");
        replies.push(heard);
    }
    replies
}

fn executions(story: &Story) -> Vec<String> {
    let state = story.town.world.state();
    let all = state.states.executions.values();
    all.map(|execution| execution.name.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_same_bytes_a_hundred_times_are_one_deploy() {
    let mut story = Story::begin(Journey::Deploy).await;
    let typed = Invocation::new(
        ADA,
        DEPLOYS,
        "webapp:feature/signup-autocomplete to staging",
    );
    let now = story.town.world.now();
    let request = story.town.world.state().slack.command(now, &typed);
    let replies = all_at_once(&story, &vec![request; 100]).await;
    story.settles().await;

    assert_eq!((replies[0].status, &*replies[0].text), (200, ""));
    let different = replies.iter().find(|reply| reply.text != replies[0].text);
    assert!(
        different.is_none(),
        "every reply is the same, but {different:?}"
    );
    assert_eq!(executions(&story).len(), 1);
    story.heard.push(replies[0].clone());
    let problems = story.problems(None).await;
    assert!(problems.is_empty(), "{problems:#?}");
}

/// A click as somebody else would send it, who cannot even see the button.
fn by_somebody_else(story: &Story, click: &SignedRequest, user: &str) -> SignedRequest {
    let body = String::from_utf8(click.body.to_vec()).unwrap();
    let encoded = body.strip_prefix("payload=").unwrap();
    let mut payload: Value = serde_json::from_slice(&percent_decoded(encoded)).unwrap();
    payload["user"]["id"] = user.into();
    payload["trigger_id"] = format!("1.2.{user}").into();
    let now = story.town.world.now();
    story.town.world.state().slack.interaction(now, &payload)
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    decoded
}

/// The requester presses Confirm twice and Slack sends both clicks again and again; meanwhile
/// others try as well. One of the two counts, and the other is told so.
#[tokio::test(start_paused = true)]
async fn fifty_presses_of_one_confirm_button_are_one_consent() {
    let mut story = Story::begin(Journey::Confirm).await;
    story.types("webapp production 1.0.2").await;
    story.until_seen("confirm").await;
    let now = story.town.world.now();
    let click = |story: &Story| {
        let slack = &mut story.town.world.state().slack;
        slack.click_newest(now, ADA, "confirm").unwrap()
    };
    let (first, second) = (click(&story), click(&story));
    let mut requests = Vec::new();
    for _ in 0..25 {
        requests.extend([first.clone(), second.clone()]);
    }
    requests.push(by_somebody_else(&story, &first, EVE));
    requests.push(by_somebody_else(&story, &first, BOB));
    let _ = story.town.reads();
    all_at_once(&story, &requests).await;
    story.settles().await;

    let deploy = &story.own_deploys().await[0];
    let consent = deploy.ask.as_ref().unwrap().consented_by.as_ref().unwrap();
    assert!(consent.to_string().contains(ADA), "{consent}");
    let read = story.town.reads();
    let told = read.matches("the first answer stands").count();
    assert_eq!(told, 1, "the other press is answered once: {read}");
    assert!(
        read.contains("You have confirmed"),
        "it is said who did it: {read}"
    );
    let refused = read.matches("Only @ada").count();
    assert!(
        refused >= 1,
        "others are told that it is not theirs to confirm: {read}"
    );
    let problems = story.problems(None).await;
    assert!(problems.is_empty(), "{problems:#?}\n{read}");
}

#[tokio::test(start_paused = true)]
async fn two_people_who_press_roll_back_start_one_rollback() {
    let mut story = Story::begin(Journey::Rollback).await;
    let now = story.town.world.now();
    let mut requests = Vec::new();
    for user in [ADA, BOB] {
        let slack = &mut story.town.world.state().slack;
        let click = slack.click_newest(now, user, "rollback").unwrap();
        requests.extend(vec![click; 10]);
    }
    let _ = story.town.reads();
    all_at_once(&story, &requests).await;
    story.pressed = 1;
    story.settles().await;

    let deploys = story.own_deploys().await;
    assert_eq!(deploys.len(), 1, "one rollback");
    let read = story.town.reads();
    let told = format!("deploy `{}`, asked for by @ada, came of it", deploys[0].id);
    assert_eq!(read.matches(&told).count(), 1, "{read}");
    let problems = story.problems(None).await;
    assert!(problems.is_empty(), "{problems:#?}\n{read}");
}
