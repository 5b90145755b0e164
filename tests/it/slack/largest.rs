//! A click carries the whole card: the largest that Slack takes still comes in.

use longshore::card::ButtonAction;
use longshore::slack::signature::MAX_BODY;
use serde_json::{Value, json};

use crate::town::{ADA, Bot, DEPLOYS, TOKEN, Town};

/// The text that Slack takes over all blocks, less what its simulator counts for their frames.
const TEXT: usize = 13_200 - 20 * 50 - 25 * 75;

/// A message as large as Slack takes them, of this character, with every button of ours.
fn largest(character: char, value: &str) -> Value {
    let text = |length: usize| character.to_string().repeat(length);
    let mut blocks: Vec<Value> = vec![json!({"type": "header",
        "text": {"type": "plain_text", "text": text(150), "emoji": true}})];
    let sections = 40;
    blocks.extend((0..sections).map(|_| {
        json!({"type": "section", "text": {"type": "mrkdwn",
               "text": text((TEXT - 150) / sections), "verbatim": true}})
    }));
    let buttons: Vec<Value> = ButtonAction::ALL
        .iter()
        .map(|action| {
            json!({"type": "button", "action_id": action.id(), "value": value,
                   "accessibility_label": text(75),
                   "text": {"type": "plain_text", "text": text(75), "emoji": true}})
        })
        .collect();
    blocks.push(json!({"type": "actions", "elements": buttons}));
    json!({"channel": DEPLOYS, "text": text(4_000), "blocks": blocks})
}

#[tokio::test(start_paused = true)]
async fn every_button_of_the_largest_card_works_whatever_it_is_written_in() {
    for character in ['字', '🛑', '\u{1f9d1}', '<', '"', '\\', '/'] {
        let town = Town::asking(Bot::Token).await;
        let question = super::payload_of(&town.press(ADA, "confirm"));
        let value = question["actions"][0]["value"].as_str().unwrap();
        let request = http::Request::post("https://slack.com/api/chat.postMessage")
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json; charset=utf-8")
            .body(largest(character, value).to_string().into())
            .unwrap();
        let now = town.world.now();
        let posted = town.world.state().slack.handle(now, &request);
        let posted: Value = serde_json::from_slice(posted.body()).unwrap();
        assert_eq!(posted["ok"], true, "{character:?}: {posted}");
        for action in ButtonAction::ALL {
            let press = town.press(ADA, action.id());
            let size = press.body.len();
            assert!(
                size * 10 <= MAX_BODY * 9,
                "{character:?}: {size} bytes are near the limit"
            );
            let answer = town.answers(&press).await;
            assert_eq!(answer.status(), 200, "{character:?}, {}", action.id());
        }
    }
}
