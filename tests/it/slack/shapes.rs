//! What Slack sends, in every shape that its SDKs publish: bolt-js's types (`SlashCommand`,
//! `BlockAction`), bolt-python's requests (`tests/slack_bolt/request/test_internals.py`, and its pull
//! request 23 for `"team": null`), java-slack-sdk's report of a click in a shared channel (issue
//! 1041). Members are as there; ids are this town's.

use serde_json::{Value, json};

use crate::town::{ADA, Bot, DEPLOYS, EVE, Town};

/// Members of a command beside those that say who and what, as published.
const COMMANDS: [(&str, &str); 8] = [
    ("a workspace's", "team_id=T0001&team_domain=acme"),
    ("one without a domain", "team_id=T0001"),
    (
        "an organisation's workspace's",
        "team_id=T0001&team_domain=acme&enterprise_id=E0001&enterprise_name=Globular+Construct&is_enterprise_install=false",
    ),
    (
        "an organisation's install's",
        "team_id=T0001&team_domain=acme&enterprise_id=E0001&enterprise_name=Acme&is_enterprise_install=true",
    ),
    (
        "one with blanks",
        "team_id=T0001&enterprise_id=&enterprise_name=&is_enterprise_install=",
    ),
    (
        "one with nulls in words",
        "team_id=T0001&enterprise_id=null&is_enterprise_install=null",
    ),
    (
        "one with a boolean as Python writes it",
        "team_id=T0001&is_enterprise_install=False",
    ),
    (
        "one with members to come",
        "team_id=T0001&api_app_id=A1&thread_ts=1.2&context=%7B%7D",
    ),
];

#[tokio::test(start_paused = true)]
async fn a_command_of_every_published_shape_is_answered() {
    for (what, shape) in COMMANDS {
        let town = Town::new(Bot::NoToken).await;
        let body = format!(
            "token=gIkuvaNzQIHg97ATvDxqgjtO&{shape}&channel_id={DEPLOYS}&channel_name=test&user_id={ADA}\
             &user_name=Steve&command=%2Fdeploy&text=webapp+to+staging\
             &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F1234%2F5678\
             &trigger_id=13345224609.738474920.8088930838d88f008e0"
        );
        let form = "application/x-www-form-urlencoded";
        let now = town.world.now();
        let sent = town
            .world
            .state()
            .slack
            .sign(now, "/slack/commands", form, body);
        let answer = town.answers(&sent).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.body()[..]),
            (200, &b""[..]),
            "{what}"
        );
        let open = town.asked_at("webapp", "staging").await;
        assert_eq!(open, 1, "{what}");
    }
}

/// What a click says of where it came from, as published, and whether it is Ada's.
fn clicks() -> Vec<(&'static str, Value, bool)> {
    let ours = json!({"id": "T0001", "domain": "acme"});
    vec![
        (
            "a workspace's",
            json!({"team": ours, "user": {"id": ADA, "username": "ada", "name": "ada", "team_id": "T0001"}}),
            true,
        ),
        (
            "one that says no team of the user",
            json!({"team": ours, "user": {"id": ADA, "username": "ada"}}),
            true,
        ),
        (
            "an organisation's install's that says no team of the user",
            json!({"team": null, "enterprise": {"id": "E0001", "name": "Acme"},
            "is_enterprise_install": true, "user": {"id": ADA, "team_id": null}}),
            true,
        ),
        (
            "one with enterprise null",
            json!({"team": ours, "enterprise": null, "is_enterprise_install": false,
            "user": {"id": ADA, "team_id": "T0001"}}),
            true,
        ),
        (
            "an organisation's workspace's",
            json!({
            "team": {"id": "T0001", "domain": "acme", "enterprise_id": "E0001", "enterprise_name": "Acme"},
            "enterprise": {"id": "E0001", "name": "Acme"}, "is_enterprise_install": false,
            "user": {"id": ADA, "team_id": "T0001"}}),
            true,
        ),
        (
            "an organisation's, told by the team alone",
            json!({
            "team": {"id": "T0001", "enterprise_id": "E0001"},
            "user": {"id": ADA, "team_id": "E0001"}}),
            true,
        ),
        (
            "an organisation's install's",
            json!({"team": null, "enterprise": {"id": "E0001", "name": "Slack Corp"},
            "is_enterprise_install": true, "user": {"id": ADA, "team_id": "T0001", "username": "acompton"}}),
            true,
        ),
        (
            "one whose user is of the organisation",
            json!({"team": null, "enterprise": {"id": "E0001", "name": "Acme"},
            "is_enterprise_install": true, "user": {"id": ADA, "team_id": "E0001"}}),
            true,
        ),
        (
            "one whose user is at home elsewhere",
            json!({"team": null, "enterprise": {"id": "E0001", "name": "Acme"},
            "is_enterprise_install": true, "user": {"id": ADA, "team_id": "T0002"}}),
            true,
        ),
        (
            "another company's, in a shared channel",
            json!({"team": ours,
            "user": {"id": ADA, "username": "userinworkspace2", "team_id": "T03U1JC8EN4"}}),
            false,
        ),
        (
            "another company's, as its own place",
            json!({"team": {"id": "T03U1JC8EN4", "domain": "workspace2"},
            "user": {"id": ADA, "team_id": "T03U1JC8EN4"}}),
            false,
        ),
        (
            "another organisation's",
            json!({"team": ours, "enterprise": null,
            "user": {"id": ADA, "team_id": "E0OTHER"}}),
            false,
        ),
        (
            "a stranger's, in the organisation's shared channel",
            json!({"team": ours,
            "enterprise": {"id": "E0001", "name": "Acme"}, "is_enterprise_install": true,
            "user": {"id": EVE, "team_id": "T03U1JC8EN4"}}),
            false,
        ),
        (
            "a stranger's, without a place",
            json!({"team": null,
            "enterprise": {"id": "E0001", "name": "Acme"}, "is_enterprise_install": true,
            "user": {"id": EVE, "team_id": "T03U1JC8EN4"}}),
            false,
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_click_of_every_published_shape_is_the_right_persons() {
    for (what, shape, is_hers) in clicks() {
        let town = Town::asking(Bot::NoToken).await;
        let mut payload = super::payload_of(&town.press(ADA, "confirm"));
        for (name, value) in shape.as_object().unwrap() {
            payload[name] = value.clone();
        }
        town.posts(&town.with_payload(&payload)).await;
        town.settles().await;
        let said = town.reads();
        let done = said.contains("# webapp main@680af60 runs on production");
        assert_eq!(done, is_hers, "{what}:\n{said}");
        if !is_hers {
            assert!(
                said.contains("does not take requests from this Slack workspace"),
                "{what}:\n{said}"
            );
        }
    }
}

/// What nothing needs of a click, by its place.
const UNNEEDED: [&str; 24] = [
    "/team",
    "/team/domain",
    "/enterprise",
    "/is_enterprise_install",
    "/user/username",
    "/user/name",
    "/api_app_id",
    "/token",
    "/container",
    "/container/type",
    "/container/message_ts",
    "/container/channel_id",
    "/container/is_ephemeral",
    "/trigger_id",
    "/channel",
    "/channel/id",
    "/channel/name",
    "/message",
    "/message/ts",
    "/message/blocks",
    "/state",
    "/response_url",
    "/actions/0/block_id",
    "/actions/0/text",
];

#[tokio::test(start_paused = true)]
async fn what_is_not_needed_may_be_null_missing_or_of_another_type() {
    for place in UNNEEDED {
        for (what, value) in [
            ("null", Some(Value::Null)),
            ("missing", None),
            ("a number", Some(json!(7))),
            ("a text", Some(json!("null"))),
            ("a list", Some(json!([1]))),
            ("an object", Some(json!({"id": 7, "unknown": {"deep": []}}))),
            ("a boolean", Some(json!(true))),
        ] {
            let said = format!("{place}: {what}");
            // A malformed trigger is refused; it would become a key.
            if place == "/trigger_id" && what == "a text" {
                continue;
            }
            let town = Town::asking(Bot::NoToken).await;
            let mut payload = super::payload_of(&town.press(ADA, "confirm"));
            payload["enterprise"] = Value::Null;
            payload["message"] = json!({"ts": "1.2", "blocks": [], "text": "x"});
            let (parent, name) = place.rsplit_once('/').unwrap();
            let parent = payload
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap();
            match value {
                Some(value) => parent.insert(name.to_owned(), value),
                None => parent.remove(name),
            };
            let answer = town.answers(&town.with_payload(&payload)).await;
            assert_eq!(answer.status(), 200, "{said}");
            town.settles().await;
            let said_there = town.reads();
            let done = "# webapp main@680af60 runs on production";
            assert!(said_there.contains(done), "{said}:\n{said_there}");
        }
    }
}
