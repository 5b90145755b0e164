//! Cards as people see them: how a message is read here, and what each part of a message must keep.

mod asked;
mod progress;
mod reads;
mod verdicts;
mod worst;

use serde_json::{Value, json};

use super::fixtures::*;
use super::*;
use crate::command::Command;
use crate::plan::Change;
use crate::record::{Counts, Deploy, Past, Refused, Verdict};
use crate::request::Verb;
use crate::rollout::Side;
use crate::running::{BroughtFrom, LiveSide, Moves, ServiceNow, Version};
use crate::slack::blocks::check_limits;

/// A message as a person sees it, in plain lines. It keeps Slack's limits, has a text for
/// notifications and holds no reference but ours, or the test fails.
fn seen(message: &Message) -> String {
    legible(message);
    assert_eq!(check_limits(message.content()), Ok(()));
    assert!(!message.text().trim().is_empty());
    let json = serde_json::to_value(message.sent_at(at(0))).unwrap();
    only_our_references(message.text());
    only_our_references_in(&json["blocks"]);
    let mut lines = vec![format!(
        "({}) {}",
        json["response_type"].as_str().unwrap(),
        message.text()
    )];
    for block in json["blocks"].as_array().unwrap() {
        let elements = block["elements"].as_array();
        match block["type"].as_str().unwrap() {
            "header" => lines.push(format!("# {}", text(&block["text"]))),
            "section" => {
                lines.extend(block.get("text").map(text));
                for field in block["fields"].as_array().into_iter().flatten() {
                    lines.push(format!("│ {}", text(field).replacen('\n', " ", 1)));
                }
            }
            "context" => lines.extend(
                elements
                    .unwrap()
                    .iter()
                    .map(|element| format!("– {}", text(element))),
            ),
            "actions" => {
                let buttons: Vec<String> = elements.unwrap().iter().map(button).collect();
                lines.push(buttons.join(" "));
            }
            other => panic!("no card has a {other}"),
        }
    }
    lines.join("\n")
}

/// A card has a heading, and each of its buttons says more to a screen reader than its label.
fn legible(message: &Message) {
    let blocks = serde_json::to_value(message.content()).unwrap();
    let blocks = blocks.as_array().unwrap();
    let buttons = buttons(message);
    if blocks.len() > 1 || !buttons.is_empty() {
        assert_eq!(blocks[0]["type"], "header", "{blocks:?}");
    }
    for button in buttons {
        let label = button["accessibility_label"].as_str().unwrap();
        let shown = button["text"]["text"].as_str().unwrap();
        assert!(label.starts_with(&format!("{shown}: ")), "{label}");
        assert!(label.chars().count() <= 75, "{label}");
    }
}

fn buttons(message: &Message) -> Vec<Value> {
    let blocks = serde_json::to_value(message.content()).unwrap();
    let rows = blocks.as_array().unwrap().iter();
    let rows = rows.filter(|block| block["type"] == "actions");
    rows.flat_map(|row| row["elements"].as_array().unwrap().clone())
        .collect()
}

fn text(object: &Value) -> String {
    object["text"].as_str().unwrap().to_owned()
}

fn button(element: &Value) -> String {
    format!(
        "[{}: {} {}]",
        text(&element["text"]),
        element["action_id"].as_str().unwrap(),
        element["value"].as_str().unwrap()
    )
}

/// Every text that Slack reads as markup; plain text is shown as it is.
fn only_our_references_in(value: &Value) {
    match value {
        Value::Object(members) if members.get("type") == Some(&json!("mrkdwn")) => {
            assert_eq!(members["verbatim"], true, "Slack may link bare words");
            only_our_references(members["text"].as_str().unwrap());
        }
        Value::Object(members) => members.values().for_each(only_our_references_in),
        Value::Array(items) => items.iter().for_each(only_our_references_in),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whatever stands between `<` and `>` was put there by us.
fn only_our_references(mrkdwn: &str) {
    for part in mrkdwn.split('<').skip(1) {
        let inside = part.split('>').next().unwrap();
        let ours = ["@U061F7AUR", "@U0G9QF9C6"].contains(&inside)
            || inside.starts_with("!date^18000")
            || inside.starts_with("https://eu-west-1.console.aws.amazon.com/");
        assert!(ours, "<{inside}> is none of ours");
    }
}

fn webapp_restart() -> Deploy {
    let mut deploy = planned(Verb::Restart);
    if let Some(plan) = &mut deploy.plan {
        for service in &mut plan.services {
            service.change = Change::Again;
        }
        let share = plan.shares.first_mut();
        (share.commits, share.image) = (None, None);
    }
    deploy
}

fn live(label: Option<&str>, running: i32) -> ServiceNow {
    ServiceNow {
        service: "cms-api".to_owned(),
        sides: vec![side(label, 12, running)],
        moves: Moves::Settled,
    }
}

fn side(label: Option<&str>, revision: u32, running: i32) -> LiveSide {
    LiveSide {
        side: Side {
            task_definition: family("cms-api", revision),
            counts: Counts {
                desired: 4,
                running,
                pending: 4 - running,
                failed: 0,
            },
            share: None,
        },
        version: Version {
            label: label.map(str::to_owned),
            commit: label.map(|_| COMMIT.to_owned()),
            digest: Some(format!("sha256:{}", "b".repeat(64))),
            from: match label {
                Some(_) => BroughtFrom::Ours {
                    since: Some(at(-300)),
                    by: Some(maria()),
                },
                None => BroughtFrom::Unknown,
            },
        },
    }
}

fn past(verb: Option<Verb>, verdict: Option<Verdict>) -> Past {
    Past {
        left: Vec::new(),
        id: verb.as_ref().map(|_| "4f2k9x0a".parse().unwrap()),
        verb,
        application: "cms".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        requester: maria(),
        requested_at: at(0),
        started_at: verdict
            .filter(|one| *one != Verdict::Refused)
            .map(|_| at(20)),
        verdict,
        ended_at: verdict.map(|_| at(381)),
        repository: None,
        label: "1.0.2".to_owned(),
        left_alone: Vec::new(),
        idle: Vec::new(),
        digests: vec![],
        commit: None,
        parts: Vec::new(),
        revisions: vec![],
        pins: vec![],
        copies: vec![],
        schedules: vec![],
        ran_task: None,
        commits: None,
        back_to: None,
        ran_already: false,
        stopped: None,
        outside: None,
    }
}

/// All of these, as `history all` lists them.
fn listing(entries: Vec<crate::past::Marked>) -> Message {
    let asked = crate::command::Command::History {
        app: None,
        env: None,
        scope: crate::command::HistoryScope::All,
        period: None,
    };
    let asked = super::AskedHistory {
        command: &asked,
        zone: &crate::names::zone::Zone::UTC,
        within: None,
    };
    let listed = crate::past::Listed {
        entries,
        ..crate::past::Listed::default()
    };
    history(&listed, &asked, &setting(0))
}
