//! The way to a running Longshore: its steps, and what it names of the template and of Slack.

use std::collections::BTreeSet;

use longshore::names::scope::AppScope;

use super::{INSTALL, OPERATING, README, SECURITY, blocks, flat, headings, text};
use crate::cloudformation::{properties, resources_of, template};

/// The steps of the document, as `(number, title)`.
fn steps() -> Vec<(u32, String)> {
    let headings = headings(&text(INSTALL));
    let steps = headings.iter().filter_map(|heading| {
        let (number, title) = heading.split_once(". ")?;
        Some((number.parse().ok()?, title.to_owned()))
    });
    steps.collect()
}

#[test]
fn what_people_are_told_to_install_is_a_step_of_it() {
    let role = (
        longshore::reply::ROLE_STEP,
        "Give it a role in every environment".to_owned(),
    );
    assert!(steps().contains(&role), "{role:?}");
    let app = (
        longshore::reply::APP_STEP,
        "Create the Slack app".to_owned(),
    );
    assert!(steps().contains(&app), "{app:?}");
}

/// The scopes that the manifest asks for, each with what is said of it.
fn scopes() -> Vec<(String, String)> {
    let manifest = blocks(&text(INSTALL), "yaml").remove(0);
    let (_, scopes) = manifest.split_once("    bot:\n").unwrap();
    let lines = scopes
        .lines()
        .map_while(|line| line.strip_prefix("      - "));
    lines
        .map(|line| {
            let (scope, said) = line.split_once('#').unwrap();
            (scope.trim().to_owned(), said.trim().to_owned())
        })
        .collect()
}

/// And the manifest asks for nothing that the program does not know, nor the other way round.
#[test]
fn the_manifest_says_of_each_scope_what_it_is_for_and_whether_it_may_be_left_out() {
    let known = AppScope::ALL.map(|scope| {
        let said = match scope {
            AppScope::Commands => scope.purpose().to_owned(),
            scope => format!("{}; may be left out", scope.purpose()),
        };
        (scope.as_str().to_owned(), said)
    });
    assert_eq!(scopes(), known);
}

/// By the list that Slack's own library has of them.
#[test]
fn the_manifests_scopes_are_slacks() {
    let slacks: Vec<&str> = include_str!("scopes.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(slacks.len(), 65);
    for (scope, _) in scopes() {
        assert!(slacks.contains(&scope.as_str()), "{scope}");
    }
}

/// The words behind a scope are no part of it.
#[test]
fn the_manifest_is_yaml_that_says_what_it_seems_to() {
    let manifest = blocks(&text(INSTALL), "yaml").remove(0);
    let read = crate::cloudformation::parse(&manifest);
    let bot = &read["oauth_config"]["scopes"]["bot"];
    assert_eq!(*bot, serde_json::json!(AppScope::ALL.map(AppScope::as_str)));
}

/// Messages say "step 4 of the README".
#[test]
fn the_readme_lists_the_steps_by_their_numbers() {
    let readme = text(README);
    let steps = steps();
    assert_eq!(steps.len(), 7);
    for (at, (number, title)) in steps.iter().enumerate() {
        assert_eq!(usize::try_from(*number).unwrap(), at + 1);
        assert!(
            readme.contains(&format!("\n{number}. [{title}]({INSTALL}#{number}-")),
            "{number}. {title}"
        );
    }
}

#[test]
fn the_manifest_sends_slack_to_routes_that_are_there() {
    let manifest = blocks(&text(INSTALL), "yaml").remove(0);
    let mut routes = BTreeSet::new();
    for (_, route) in resources_of("AWS::ApiGatewayV2::Route") {
        routes.insert(route["RouteKey"].as_str().unwrap().to_owned());
    }
    let mut urls = 0;
    for line in manifest.lines().filter(|line| line.contains("https://API")) {
        let path = line.split("https://API").nth(1).unwrap();
        assert!(routes.contains(&format!("POST {path}")), "{line}");
        urls += 1;
    }
    assert_eq!(urls, 3);
}

#[test]
fn parameters_and_outputs_that_are_named_are_the_templates() {
    let install = text(INSTALL);
    let template = template();
    for name in [
        "Architecture",
        "ExternalId",
        "DeployRoles",
        "TargetAccounts",
        "AlarmTopicArn",
    ] {
        assert!(template["Parameters"].get(name).is_some(), "{name}");
        assert!(install.contains(&format!("| `{name}` |")), "{name}");
    }
    for name in ["ApiUrl", "TableName", "TargetsBusArn", "WaiterRoleArn"] {
        assert!(template["Outputs"].get(name).is_some(), "{name}");
        assert!(install.contains(&format!("`{name}`")), "{name}");
    }
    let secrets = install + &text(OPERATING);
    for (parameter, default) in [
        ("SigningSecretParameter", "/longshore/signing-secret"),
        (
            "SigningSecretPreviousParameter",
            "/longshore/signing-secret-previous",
        ),
        ("BotTokenParameter", "/longshore/bot-token"),
        ("GithubTokenParameter", "/longshore/github-token"),
    ] {
        assert_eq!(template["Parameters"][parameter]["Default"], default);
        assert!(secrets.contains(default), "{default}");
    }
    assert_eq!(properties("Table")["BillingMode"], "PAY_PER_REQUEST");
}

/// The numbers that are told of the template.
#[test]
fn the_documents_count_what_the_template_has() {
    let alarms = resources_of("AWS::CloudWatch::Alarm").len();
    let memory = properties("WaiterFunction")["MemorySize"].to_string();
    let days = template()["Parameters"]["LogRetentionDays"]["Default"].to_string();
    let (operating, security) = (text(OPERATING), text(SECURITY));
    for (document, said) in [
        (&operating, format!("The template's {alarms} alarms")),
        (&operating, format!("{alarms} × 0.10")),
        (&operating, format!("43,200 invocations of {memory} MB")),
        (&security, format!("`LogRetentionDays`, {days} by default")),
    ] {
        assert!(document.contains(&said), "no document says: {said}");
    }
    assert_eq!(
        properties("SweepRule")["ScheduleExpression"],
        "rate(1 minute)"
    );
}

/// GitHub answers strangers 60 times an hour, and Lambda's addresses are shared.
#[test]
fn the_github_token_is_said_to_be_needed() {
    let install = flat(&text(INSTALL));
    for said in [
        "The GitHub token is needed for branches, git tags and commits.",
        "Without one GitHub answers 60 requests an hour per address, which Lambda shares with strangers",
        "Only a deploy by an exact image tag does without GitHub",
    ] {
        assert!(install.contains(said), "{said}");
    }
}
