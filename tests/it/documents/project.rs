//! The files that hosts and tools read: the toolchain, the workflow, the updates.

use serde_json::Value;

use super::{root, text};
use crate::cloudformation::parse;

#[test]
fn the_toolchain_has_what_the_gate_calls_and_is_new_enough_where_it_is_numbered() {
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let oldest = manifest["workspace"]["package"]["rust-version"]
        .as_str()
        .unwrap();
    let toolchain: toml::Table = text("rust-toolchain.toml").parse().unwrap();
    let toolchain = &toolchain["toolchain"];
    let channel = toolchain["channel"].as_str().unwrap();
    assert!(
        channel == "stable" || channel.starts_with(&format!("{oldest}.")),
        "{channel} is not {oldest}"
    );
    for component in ["clippy", "rustfmt"] {
        let mut components = toolchain["components"].as_array().unwrap().iter();
        assert!(
            components.any(|one| one.as_str() == Some(component)),
            "{component}"
        );
    }
}

/// The workflow has no rules of its own, no rights, and no action that somebody can exchange.
#[test]
fn the_workflow_runs_the_gate_and_nothing_else() {
    let workflow = parse(&text(".github/workflows/ci.yml"));
    assert_eq!(
        workflow["permissions"],
        serde_json::json!({ "contents": "read" })
    );
    let jobs = workflow["jobs"].as_object().unwrap();
    let mut runs = Vec::new();
    for job in jobs.values() {
        assert!(job.get("permissions").is_none());
        for step in job["steps"].as_array().unwrap() {
            runs.extend(step.get("run").and_then(Value::as_str));
            if let Some(action) = step.get("uses").and_then(Value::as_str) {
                let (_, commit) = action.split_once('@').unwrap();
                let hex = commit.chars().all(|digit| digit.is_ascii_hexdigit());
                assert!(hex && commit.len() == 40, "{action}");
            }
        }
    }
    assert_eq!(runs, [".ci/run"]);
}

#[test]
fn everything_that_is_pinned_is_kept_up_to_date() {
    let updates = parse(&text(".github/dependabot.yml"));
    let mut ecosystems = Vec::new();
    for update in updates["updates"].as_array().unwrap() {
        ecosystems.push(update["package-ecosystem"].as_str().unwrap());
        let folder = update["directory"].as_str().unwrap();
        assert!(
            root().join(folder.trim_start_matches('/')).is_dir(),
            "{folder}"
        );
        assert_eq!(update["schedule"]["interval"], "weekly");
        assert_eq!(update["groups"].as_object().unwrap().len(), 1);
    }
    assert_eq!(ecosystems, ["cargo", "pip", "github-actions"]);
}
