use serde_json::{Value, json};

use super::*;

/// <https://docs.slack.dev/reference/events/app_mention>, in the wrapper that
/// <https://docs.slack.dev/apis/events-api> shows.
const MENTION: &str = r#"{
    "token": "ZZZZZZWSxiZZZ2yIvs3peJ",
    "team_id": "T061EG9R6",
    "api_app_id": "A0MDYCDME",
    "event": {
        "type": "app_mention",
        "user": "U061F7AUR",
        "text": "<@U0LAN0Z89> is it everything a river should be?",
        "ts": "1515449522.000016",
        "channel": "C0LAN2Q65",
        "event_ts": "1515449522000016"
    },
    "type": "event_callback",
    "event_id": "Ev0MDYHUEL",
    "event_time": 1515449522000016,
    "authed_users": ["U0LAN0Z89"]
}"#;

/// <https://docs.slack.dev/reference/events/message.im>, in the same wrapper.
const DIRECT: &str = r#"{
    "token": "one-long-verification-token",
    "team_id": "T061EG9R6",
    "api_app_id": "A0PNCHHK2",
    "event": {
        "type": "message",
        "channel": "D024BE91L",
        "user": "U2147483697",
        "text": "Hello hello can you hear me?",
        "ts": "1355517523.000005",
        "event_ts": "1355517523.000005",
        "channel_type": "im"
    },
    "type": "event_callback",
    "authed_teams": ["T061EG9R6"],
    "event_id": "Ev0PV52K21",
    "event_time": 1355517523
}"#;

/// What an app posts, as a program that hears such events keeps it:
/// <https://hackage.haskell.org/package/slack-web>, `botMessage.json`.
const OF_AN_APP: &str = r#"{
    "team_id": "T043DB835ML",
    "event": {
        "bot_id": "B0439P161B9",
        "type": "message",
        "text": "TEST",
        "user": "U0442US8QGH",
        "ts": "1664216870.477049",
        "app_id": "A0442TUPHGR",
        "team": "T043DB835ML",
        "bot_profile": {"id": "B0439P161B9", "app_id": "A0442TUPHGR"},
        "thread_ts": "1664216109.798919",
        "channel": "D043YJGBY49",
        "channel_type": "im"
    },
    "type": "event_callback",
    "event_id": "Ev043VFLT545",
    "event_time": 1664216870,
    "authorizations": [{
        "enterprise_id": null, "team_id": "T043DB835ML", "user_id": "U0BOT0001", "is_bot": true
    }]
}"#;

fn changed(body: &str, change: impl FnOnce(&mut Value)) -> Option<Addressed> {
    let mut value = serde_json::from_str(body).unwrap();
    change(&mut value);
    addressed(&value.to_string())
}

fn of_event(member: &str, value: Value) -> Option<Addressed> {
    changed(MENTION, |body| body["event"][member] = value)
}

#[test]
fn a_published_mention_is_read() {
    let read = addressed(MENTION).unwrap();
    assert_eq!(read.event_id, "Ev0MDYHUEL");
    assert_eq!(read.sender.user.as_str(), "U061F7AUR");
    assert_eq!(read.sender.home.as_str(), "T061EG9R6");
    assert_eq!(read.channel_id.as_str(), "C0LAN2Q65");
    assert_eq!(read.ts.as_str(), "1515449522.000016");
    assert_eq!(read.ts.sent_at().unwrap().as_second(), 1_515_449_522);
    assert_eq!(read.thread_ts, None);
    assert_eq!(read.text, "is it everything a river should be?");
}

#[test]
fn a_published_direct_message_is_read() {
    let read = addressed(DIRECT).unwrap();
    assert_eq!(read.text, "Hello hello can you hear me?");
    assert_eq!(read.channel_id.as_str(), "D024BE91L");
    let among_several = changed(DIRECT, |body| {
        body["event"]["channel"] = json!("G024BE91L");
        body["event"]["channel_type"] = json!("mpim");
    });
    assert_eq!(among_several, None);
}

#[test]
fn what_an_app_posts_is_nobodys() {
    assert_eq!(addressed(OF_AN_APP), None);
    for member in ["bot_id", "app_id", "bot_profile"] {
        let only = changed(OF_AN_APP, |body| {
            let event = body["event"].as_object_mut().unwrap();
            let others = ["bot_id", "app_id", "bot_profile"];
            for other in others.into_iter().filter(|other| *other != member) {
                event.remove(other);
            }
        });
        assert_eq!(only, None, "{member}");
    }
    let persons = changed(OF_AN_APP, |body| {
        let event = body["event"].as_object_mut().unwrap();
        event.retain(|name, _| !name.starts_with("bot_") && name != "app_id");
    });
    assert_eq!(persons.unwrap().text, "TEST");
}

#[test]
fn only_a_new_message_of_somebody_elses_counts() {
    for (member, value) in [
        ("subtype", json!("message_changed")),
        (
            "edited",
            json!({"user": "U061F7AUR", "ts": "1515449523.000000"}),
        ),
        ("hidden", json!(true)),
        ("user", json!("U0LAN0Z89")),
        ("type", json!("message")),
        ("channel", json!("D024BE91L")),
        ("ts", json!("yesterday")),
        ("text", json!(null)),
    ] {
        assert_eq!(of_event(member, value), None, "{member}");
    }
    let odd = changed(MENTION, |body| body["event_id"] = json!("Ev#1"));
    assert_eq!(odd, None);
}

#[test]
fn the_mention_comes_first() {
    for (text, rest) in [
        ("<@U0LAN0Z89> help", Some("help")),
        ("  <@U0LAN0Z89|longshore>: help ", Some("help")),
        ("<@U0LAN0Z89>", Some("")),
        ("<@U0LAN0Z89> <@U0LAN0Z89> help", Some("<@U0LAN0Z89> help")),
        ("help <@U0LAN0Z89>", None),
        ("&gt; <@U0LAN0Z89> help", None),
        ("`<@U0LAN0Z89> help`", None),
        ("<@U0LAN0Z8> help", None),
        ("<@U0LAN0Z899> help", None),
        ("<@U061F7AUR> <@U0LAN0Z89> help", None),
    ] {
        let read = of_event("text", json!(text)).map(|read| read.text);
        assert_eq!(read.as_deref(), rest, "{text}");
    }
}

#[test]
fn whoever_belongs_elsewhere_is_of_elsewhere() {
    for member in ["user_team", "source_team", "team"] {
        let read = of_event(member, json!("T0OTHER01")).unwrap();
        assert_eq!(read.sender.home.as_str(), "T0OTHER01", "{member}");
        assert_eq!(read.sender.place.unwrap().as_str(), "T061EG9R6");
    }
    let unknown = changed(MENTION, |body| body["is_ext_shared_channel"] = json!(true));
    assert_eq!(unknown, None);
    let own = changed(MENTION, |body| {
        body["is_ext_shared_channel"] = json!(true);
        body["event"]["team"] = json!("T061EG9R6");
    });
    assert_eq!(own.unwrap().sender.home.as_str(), "T061EG9R6");
}
