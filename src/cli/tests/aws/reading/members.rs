//! What is printed for programs: the members of every object.

use super::*;
use crate::names::ReadId;
use crate::policy::{Grant, USUAL};
use crate::record::{ChangedRight, RightChange};
use crate::request::GrantedRight;

#[tokio::test(start_paused = true)]
async fn objects_have_their_members() {
    let (world, id) = busy().await;
    for (arguments, lines) in [
        (&["history", "--json"][..], 3),
        (&["status", "--json"], 2),
        (&["show", &id, "--json"], 1),
    ] {
        let said = longshore(&world, arguments).await;
        assert_eq!((said.exit, &*said.err), (Exit::Done, ""));
        assert_eq!(said.out.lines().count(), lines, "{}", said.out);
        for line in said.out.lines() {
            serde_json::from_str::<Value>(line).unwrap();
        }
        let pretty = |line: &str| {
            let value: Value = serde_json::from_str(line).unwrap();
            named(&serde_json::to_string_pretty(&value).unwrap())
        };
        let last = pretty(said.out.lines().last().unwrap());
        match arguments[0] {
            "history" => insta::assert_snapshot!(last, @r#"
            {
              "application": "cms",
              "change": "deploy",
              "commit": "1f0c9de5b0a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5",
              "ended_at": "2026-06-01T12:10:00Z",
              "environment": "staging",
              "id": "deploy-1",
              "images": [
                {
                  "container": "app",
                  "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111"
                }
              ],
              "outside": false,
              "requested_at": "2026-06-01T12:10:00Z",
              "requester": {
                "arn": "arn:aws:iam::111111111111:user/maria",
                "kind": "operator"
              },
              "rolled_back_from": false,
              "started_at": "2026-06-01T12:10:00Z",
              "verdict": "succeeded",
              "version": "1"
            }
            "#),
            "status" => insta::assert_snapshot!(last, @r#"
            {
              "application": "cms",
              "environment": "staging",
              "last": {
                "application": "cms",
                "change": "rollback",
                "commit": "1f0c9de5b0a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5",
                "ended_at": "2026-06-01T12:30:00Z",
                "environment": "staging",
                "id": "deploy-1",
                "images": [
                  {
                    "container": "app",
                    "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111"
                  }
                ],
                "outside": false,
                "requested_at": "2026-06-01T12:30:00Z",
                "requester": {
                  "arn": "arn:aws:iam::111111111111:user/maria",
                  "kind": "operator"
                },
                "rolled_back_from": false,
                "started_at": "2026-06-01T12:30:00Z",
                "verdict": "succeeded",
                "version": "1"
              },
              "on_record": {
                "application": "cms",
                "change": "rollback",
                "commit": "1f0c9de5b0a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5",
                "ended_at": "2026-06-01T12:30:00Z",
                "environment": "staging",
                "id": "deploy-1",
                "images": [
                  {
                    "container": "app",
                    "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111"
                  }
                ],
                "outside": false,
                "requested_at": "2026-06-01T12:30:00Z",
                "requester": {
                  "arn": "arn:aws:iam::111111111111:user/maria",
                  "kind": "operator"
                },
                "rolled_back_from": false,
                "started_at": "2026-06-01T12:30:00Z",
                "verdict": "succeeded",
                "version": "1"
              },
              "under_way": []
            }
            "#),
            _ => insta::assert_snapshot!(last, @r#"
            {
              "applications": [
                {
                  "application": "cms",
                  "asked_for": null,
                  "commit": null,
                  "image": null,
                  "version": null
                }
              ],
              "cancelled_by": null,
              "change": "rollback",
              "confirmed_by": null,
              "ended_at": null,
              "environment": "production",
              "id": "deploy-1",
              "phase": "rolling",
              "requested_at": "2026-06-01T12:31:00Z",
              "requester": {
                "arn": "arn:aws:iam::111111111111:user/dana",
                "kind": "operator"
              },
              "services": [
                {
                  "desired": 3,
                  "failed": 0,
                  "pending": 2,
                  "revision": null,
                  "running": 1,
                  "service": "cms-api"
                }
              ],
              "started_at": "2026-06-01T12:31:00Z",
              "verdict": null,
              "why": []
            }
            "#),
        }
    }
}

/// Every object in a JSON value, with what it is called where it stands.
fn objects<'v>(name: &'v str, value: &'v Value, found: &mut Vec<(&'v str, Vec<&'v str>)>) {
    match value {
        Value::Object(members) => {
            found.push((name, members.keys().map(String::as_str).collect()));
            for (name, value) in members {
                objects(name, value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| objects(name, item, found)),
        _ => {}
    }
}

#[tokio::test(start_paused = true)]
async fn the_members_are_those_that_are_described() {
    let document = include_str!("../../../../../docs/operating.md");
    let (_, table) = document.split_once("<!-- json: begin -->").unwrap();
    let (table, _) = table.split_once("<!-- json: end -->").unwrap();
    let spans = |text: &str| {
        let spans = text.split('`').skip(1).step_by(2);
        let mut spans: Vec<String> = spans.map(str::to_owned).collect();
        spans.sort();
        spans
    };
    let rows = table.lines().filter(|line| line.starts_with("| "));
    let rows: Vec<(String, Vec<String>)> = rows
        .map(|row| {
            let mut cells = row.split('|').skip(1);
            (
                cells.next().unwrap().to_owned(),
                spans(cells.next().unwrap()),
            )
        })
        .collect();
    let described = |name: &str| {
        let called = format!("`{name}`");
        let mut rows = rows.iter();
        let row = rows.find(|(cell, _)| cell.contains(&called));
        let (_, members) = row.unwrap_or_else(|| panic!("{name} is not described"));
        members.clone()
    };
    let (world, id) = busy().await;
    let given = Grant {
        to: "U0EVE0001".parse().unwrap(),
        application: "cms".parse().unwrap(),
        environment: None,
        right: GrantedRight::Request,
        by: "U024BE7LH".parse().unwrap(),
        at: world.now(),
        until: world.now() + USUAL,
        why: None,
        seconded_by: None,
        once: None,
    };
    let change = RightChange {
        id: ReadId::derive(b"a request"),
        by: Actor::Longshore,
        channel: None,
        at: world.now(),
        what: ChangedRight::Given(given),
    };
    store(&world).change_right(&change).await.unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for arguments in [
        &["history", "--json"][..],
        &["status", "--json"],
        &["status", "cms", "at", "12:31", "--json"],
        &["show", &id, "--json"],
        &["who", "cms", "staging", "--json"],
    ] {
        let said = longshore(&world, arguments).await;
        let is_then = arguments.contains(&"at");
        for line in said.out.lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            let mut found = Vec::new();
            objects(arguments[0], &value, &mut found);
            for (name, members) in found {
                let name = match name {
                    "status" if is_then => "status at",
                    "under_way" if is_then => "history",
                    "on_record" | "last" | "brought_by" | "noticed_later" => "history",
                    "under_way" => "show",
                    name => name,
                };
                seen.insert(name.to_owned());
                let described = described(name);
                match members.as_slice() {
                    // Of whoever acts, one or the other.
                    ["kind", _] | [_, "kind"] => {
                        assert!(members.iter().all(|one| described.iter().any(|d| d == one)));
                    }
                    _ => assert_eq!(members, described, "{name}"),
                }
            }
        }
    }
    for name in [
        "history",
        "status",
        "status at",
        "show",
        "applications",
        "services",
        "images",
        "requester",
        "who",
        "may_deploy",
        "granted",
    ] {
        assert!(seen.contains(name), "{name} was not seen");
    }
}
