//! The README says what is so: what it shows of the program is compared with the program, and what
//! it asks people to write is read by the code that will read it.
//!
//! A part between `<!-- NAME: begin -->` and `<!-- NAME: end -->` that is out of date is brought up
//! to date by running these tests with `README=write`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use longshore::cli::{self, Exit, Surroundings};
use longshore::command::USAGES;
use longshore::config::{Config, SourceFile};

use longshore_sim::ecs::Script;

use crate::cloudformation::{properties, resources_of, template};
use crate::town::{ADA, Bot, Town};

fn path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn readme() -> String {
    fs::read_to_string(path()).unwrap()
}

/// What stands between a part's markers.
fn part(readme: &str, name: &str) -> String {
    let begin = format!("<!-- {name}: begin -->\n");
    let end = format!("<!-- {name}: end -->");
    let (_, rest) = readme.split_once(&begin).unwrap();
    rest.split_once(&end).unwrap().0.to_owned()
}

/// Holds a part to what it is generated from.
fn holds(name: &str, generated: &str) {
    // Tests run side by side, and the file is written whole.
    static WRITING: Mutex<()> = Mutex::new(());
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let text = readme();
    let written = part(&text, name);
    if std::env::var_os("README").is_some_and(|what| what == "write") && written != generated {
        let begin = format!("<!-- {name}: begin -->\n");
        let before = format!("{begin}{written}");
        fs::write(
            path(),
            text.replacen(&before, &format!("{begin}{generated}"), 1),
        )
        .unwrap();
        return;
    }
    assert!(
        written == generated,
        "README.md's part \"{name}\" is out of date; run the tests with README=write. It would be:\n{generated}"
    );
}

#[test]
fn what_people_are_told_to_install_is_a_step_of_it() {
    let heading = format!(
        "### {}. Give it a role in every environment",
        longshore::refusal::ROLE_STEP
    );
    assert!(readme().contains(&heading), "{heading}");
}

/// The fenced blocks of a language, in order.
fn blocks(readme: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = readme.split(&fence).skip(1);
    after
        .map(|rest| rest.split("\n```").next().unwrap().to_owned())
        .collect()
}

/// One person's deploy to production, confirmed, and one to staging that ECS rolls back.
#[tokio::test(start_paused = true)]
async fn the_conversation_is_what_people_read() {
    let town = Town::new(Bot::NoToken).await;
    let mut text = String::new();
    let mut says = |line: &str, town: &Town| {
        text += &format!("> {line}\n\n{}\n", town.reads().trim_end());
        text.push('\n');
    };
    town.types(ADA, "cms production 1.0.2").await;
    town.passes(Duration::from_secs(30)).await;
    says("ada: /deploy cms production 1.0.2", &town);
    town.clicks(ADA, "confirm").await;
    town.settles().await;
    says("ada presses [ Confirm ]", &town);
    town.script("staging", "webapp", Script::CrashLoop);
    town.types(ADA, "webapp:main to staging").await;
    town.settles().await;
    says("ada: /deploy webapp:main to staging", &town);
    holds(
        "conversation",
        &format!("\n````\n{}\n````\n\n", text.trim_end()),
    );
}

#[test]
fn the_commands_are_those_of_the_grammar() {
    let mut table = "| command | what it does | for instance |\n| --- | --- | --- |\n".to_owned();
    for usage in USAGES {
        let example = usage.examples.last().unwrap();
        table += &format!(
            "| `/deploy {}` | {} | `/deploy {example}` |\n",
            usage.line, usage.summary
        );
    }
    holds("commands", &table);
}

#[tokio::test]
async fn the_help_is_what_the_command_line_prints() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut surroundings = Surroundings {
        variable: &|_| None,
        connect: &|| unreachable!("help needs no AWS"),
        now: jiff::Timestamp::UNIX_EPOCH,
        input: &mut std::io::empty(),
        out: &mut out,
        err: &mut err,
    };
    let exit = cli::run(["longshore", "--help"], &mut surroundings).await;
    assert_eq!(exit, Exit::Done);
    let help = String::from_utf8(out).unwrap();
    holds(
        "help",
        &format!("\n```\n$ longshore --help\n{}\n```\n\n", help.trim_end()),
    );
}

#[test]
fn the_sample_configuration_is_sound() {
    let samples = blocks(&readme(), "toml");
    assert!(!samples.is_empty());
    for sample in samples {
        let checked = Config::compile(&[SourceFile::new("README.md", sample)]).unwrap();
        assert_eq!(checked.warnings.len(), 0, "{:?}", checked.warnings);
    }
}

/// The keys that the schema's code asks for by name, and those that it refuses by name.
fn keys_of_the_schema() -> (BTreeSet<String>, BTreeSet<String>) {
    let code = include_str!("../../src/config/low.rs");
    let (mut read, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for word in [
        "string", "strings", "boolean", "section", "sections", "zero",
    ] {
        for rest in code.split(&format!(".{word}(\"")).skip(1) {
            read.insert(rest.split('"').next().unwrap().to_owned());
        }
    }
    for rest in code.split(".not_supported(").skip(1) {
        let list = rest.split(']').next().unwrap();
        refused.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    (read, refused)
}

#[test]
fn every_key_of_the_configuration_is_described_and_no_other() {
    let reference = part(&readme(), "configuration");
    let (read, refused) = keys_of_the_schema();
    assert!(read.len() > 30 && refused.len() > 8, "the schema has moved");
    for key in read.iter().chain(&refused) {
        let described = [
            format!("`{key}`"),
            format!("`{key}."),
            format!(".{key}`"),
            format!("**`{key}"),
        ]
        .iter()
        .any(|spelt| reference.contains(spelt))
            || (key == "by" && reference.contains("`{ by = […] }`"));
        assert!(described, "README.md does not describe the key {key}");
    }
    // The first cell of a row names the key.
    for row in reference.lines().filter(|line| line.starts_with("| `")) {
        let cell = row.split('|').nth(1).unwrap();
        for key in cell.split('`').skip(1).step_by(2) {
            let key = key.rsplit('.').next().unwrap();
            assert!(
                read.contains(key),
                "README.md describes {key}, which nothing reads"
            );
        }
    }
}

#[test]
fn the_manifest_sends_slack_to_routes_that_are_there() {
    let manifest = blocks(&readme(), "yaml").remove(0);
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
    assert_eq!(urls, 2);
}

#[test]
fn parameters_and_outputs_that_are_named_are_the_templates() {
    let readme = readme();
    let template = template();
    for name in [
        "Architecture",
        "ExternalId",
        "DeployRoles",
        "TargetAccounts",
        "AlarmTopicArn",
    ] {
        assert!(template["Parameters"].get(name).is_some(), "{name}");
        assert!(readme.contains(&format!("| `{name}` |")), "{name}");
    }
    for name in ["ApiUrl", "TableName", "TargetsBusArn", "WaiterRoleArn"] {
        assert!(template["Outputs"].get(name).is_some(), "{name}");
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
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
        assert!(readme.contains(default), "{default}");
    }
    assert_eq!(properties("Table")["BillingMode"], "PAY_PER_REQUEST");
    let alarms = resources_of("AWS::CloudWatch::Alarm").len();
    assert!(readme.contains(&format!("The template's {alarms} alarms")));
    let memory = &properties("WaiterFunction")["MemorySize"];
    assert!(readme.contains(&format!("{memory} MB")));
}
