//! What the documents claim of the program: its limits and times, its verdicts, its metrics, the
//! variables that it reads.

use std::collections::BTreeSet;

use longshore::record::Verdict;
use longshore::slack::signature::MAX_BODY;

use super::{
    COMMANDS, CONFIGURATION, INSTALL, OPERATING, README, SECURITY, first_cells, flat, part, rust,
    same, source, spans, text,
};

/// A document, what it says, and the constant that makes it true, as it is declared.
type Claim = (&'static str, &'static str, &'static str);

const CLAIMS: [Claim; 35] = [
    (
        README,
        "**Sixty services in one plan**",
        "MOST_SERVICES: usize = 60",
    ),
    (
        README,
        "thirty of them if they roll out at the same time",
        "MOST_AT_ONCE: usize = 30",
    ),
    (
        README,
        "**A configuration of 4 MiB**",
        "MOST_WRITTEN: usize = 4 * 1024 * 1024",
    ),
    (
        README,
        "or 405,504 bytes of it compressed",
        "MOST_STORED: usize = (400 - 4) * 1024",
    ),
    (
        INSTALL,
        "comma separated; 4,096 characters at most",
        "LONGEST_PARAMETER: usize = 4_096",
    ),
    (
        INSTALL,
        "stored as a new version and followed within a minute",
        "REFRESH: Duration = Duration::from_secs(60)",
    ),
    (
        COMMANDS,
        "up to ten, each with its own REF or none",
        "MAX_APPLICATIONS: usize = 10",
    ),
    (
        COMMANDS,
        "within a week by its age",
        "SOON: SignedDuration = SignedDuration::from_hours(7 * 24)",
    ),
    (
        COMMANDS,
        "with one or two more pushes by their number",
        "FEW: u32 = 2",
    ),
    (
        COMMANDS,
        "a repository that has more than a thousand",
        "LISTED: i32 = 1000",
    ),
    (
        COMMANDS,
        "whoever asked hears of it after ten seconds",
        "TOLD_AFTER: SignedDuration = SignedDuration::from_secs(10)",
    ),
    (
        COMMANDS,
        "Up to five are checked first",
        "OFFERED: usize = 5",
    ),
    (
        COMMANDS,
        "is tried again with growing pauses, ten minutes at most",
        "TRIED_FOR: SignedDuration = SignedDuration::from_mins(10)",
    ),
    (
        COMMANDS,
        "A reply address of Slack's takes five",
        "REPLY_USES: u64 = 5",
    ),
    (
        COMMANDS,
        "nobody answered the question within 15 minutes",
        "ASK_LASTS: SignedDuration = SignedDuration::from_mins(15)",
    ),
    (
        COMMANDS,
        "makes a deploy overdue ten minutes after its own time is up",
        "TASK_TAKES: Duration = Duration::from_secs(10 * 60)",
    ),
    (
        CONFIGURATION,
        "| `deadline` | duration | `\"30m\"` |",
        "DEADLINE: Duration = Duration::from_secs(30 * 60)",
    ),
    (
        CONFIGURATION,
        "overdue; `\"1m\"` to `\"12h\"`",
        "LONGEST: Duration = Duration::from_secs(12 * 60 * 60)",
    ),
    (
        CONFIGURATION,
        "| `before.timeout` | duration | `\"15m\"` |",
        "TIMEOUT: Duration = Duration::from_secs(15 * 60)",
    ),
    (
        CONFIGURATION,
        "or their last 15 lines in Slack",
        "LOG_LINES: i32 = 15",
    ),
    (COMMANDS, "the last 50 lines", "LINES: i32 = 50"),
    (
        CONFIGURATION,
        "The name is at most 54 characters long",
        "LONGEST_ENVIRONMENT: usize = 64 - \"longshore-\".len()",
    ),
    (
        CONFIGURATION,
        "ten managed policies of 6,144 characters",
        "MANAGED_POLICY: usize = 6_144",
    ),
    (
        CONFIGURATION,
        "ten managed policies",
        "MOST_POLICIES: usize = 10",
    ),
    (
        CONFIGURATION,
        "and 51,200 bytes of template",
        "TEMPLATE: usize = 51_200",
    ),
    (
        CONFIGURATION,
        "One file, `longshore.toml`",
        "MAIN_FILE: &str = \"longshore.toml\"",
    ),
    (
        CONFIGURATION,
        "and beside it `teams/*.toml`",
        "TEAMS: &str = \"teams\"",
    ),
    (
        SECURITY,
        "what was asked for more than 15 minutes ago",
        "FRESH: SignedDuration = SignedDuration::from_mins(15)",
    ),
    (
        SECURITY,
        "or bears a time more than 5 minutes ahead",
        "AHEAD: SignedDuration = SignedDuration::from_mins(5)",
    ),
    (
        SECURITY,
        "a timestamp at most 300 seconds off in either direction",
        "WINDOW_SECONDS: i64 = 300",
    ),
    (
        SECURITY,
        "Leases expire after 15 minutes without a step",
        "LEASE_LASTS: Duration = Duration::from_secs(15 * 60)",
    ),
    (
        SECURITY,
        "in the functions' memory for five minutes",
        "KEPT: Duration = Duration::from_secs(5 * 60)",
    ),
    (
        SECURITY,
        "works for 30 minutes, removed by TTL",
        "REPLY_LASTS: SignedDuration = SignedDuration::from_mins(30)",
    ),
    (
        SECURITY,
        "as hashes and trigger ids | a day",
        "DEDUPE_KEPT: SignedDuration = SignedDuration::from_hours(24)",
    ),
    (
        OPERATING,
        "reads the secrets again, at most every 30 seconds",
        "REREAD_AFTER: Duration = Duration::from_secs(30)",
    ),
];

#[test]
fn every_limit_is_the_codes() {
    let sources = rust("src");
    for (document, said, constant) in CLAIMS {
        assert!(
            flat(&text(document)).contains(said),
            "{document} says not: {said}"
        );
        let declared = format!("const {constant};");
        let there = sources
            .iter()
            .any(|(_, code)| flat(code).contains(&declared));
        assert!(
            there,
            "{document} says \"{said}\", and no file has: {declared}"
        );
    }
}

#[test]
fn the_largest_body_is_the_one_that_is_told() {
    #[expect(clippy::cast_precision_loss, reason = "a megabyte")]
    let megabytes = MAX_BODY as f64 / 1024.0 / 1024.0;
    let said =
        format!("larger than a click on the largest card that Slack takes ({megabytes:.1} MB)");
    assert!(flat(&text(SECURITY)).contains(&said), "{said}");
}

#[test]
fn the_package_that_is_asked_for_is_the_manifests() {
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let version = manifest["workspace"]["package"]["rust-version"]
        .as_str()
        .unwrap();
    let said = format!("with Rust {version} or newer");
    assert!(text(README).contains(&said), "{said}");
}

#[test]
fn the_verdicts_are_those_that_a_deploy_can_end_in() {
    let document = text(COMMANDS);
    let (_, table) = document.split_once("| verdict | meaning |").unwrap();
    let table = table.split("\n\n").next().unwrap();
    let rows = format!("| verdict |\n{}", table.trim_start());
    let described: BTreeSet<String> = first_cells(&rows)
        .iter()
        .map(|cell| cell.trim_matches('`').to_owned())
        .collect();
    let there: BTreeSet<String> = Verdict::ALL
        .iter()
        .map(|verdict| verdict.name().to_owned())
        .collect();
    same("the verdicts", &described, &there);

    let document = text(OPERATING);
    let (_, listed) = document.split_once("; `verdict` is ").unwrap();
    let (listed, _) = listed.split_once(", and `phase`").unwrap();
    let listed: BTreeSet<String> = listed
        .split('`')
        .skip(1)
        .step_by(2)
        .map(String::from)
        .collect();
    let in_json = Verdict::ALL.map(|verdict| serde_json::to_value(verdict).unwrap());
    let in_json = in_json.iter().map(|name| name.as_str().unwrap().to_owned());
    same("the verdicts in JSON", &listed, &in_json.collect());
}

/// What the template makes of the stack's name, as the document writes it.
const NAMESPACE: &str = "Longshore/STACK";

#[test]
fn the_metrics_are_those_that_are_written() {
    let code = source("telemetry.rs");
    let mut there = BTreeSet::new();
    for unit in ["Count", "Milliseconds", "Seconds"] {
        for before in code.split(&format!("\", \"{unit}\",")) {
            there.extend(before.rsplit_once("(\"").map(|(_, name)| name.to_owned()));
        }
    }
    let there: BTreeSet<String> = there
        .into_iter()
        .filter(|name| name.chars().all(char::is_alphanumeric))
        .collect();
    let document = part(&text(OPERATING), "metrics");
    let described = spans(&document).filter(|name| *name != NAMESPACE);
    let described: BTreeSet<String> = described.map(str::to_owned).collect();
    assert!(document.contains(&format!("in the namespace `{NAMESPACE}`")));
    same("the metrics", &described, &there);
}

/// Every name of a variable in the code that reads the environment: capitals and underscores, quoted.
#[test]
fn the_variables_are_those_that_are_read() {
    let mut there = BTreeSet::new();
    for (path, code) in rust("src") {
        let path = path.display().to_string();
        let reads = path.ends_with("/app.rs") || path.contains("/cli");
        if !reads || path.contains("tests") {
            continue;
        }
        let code = code.split("#[cfg(test)]").next().unwrap();
        let quoted = code.split('"').skip(1).step_by(2);
        let names = quoted.filter(|word| {
            word.contains('_')
                && word
                    .chars()
                    .all(|mark| mark.is_ascii_uppercase() || mark == '_')
        });
        there.extend(names.map(str::to_owned));
    }
    let table = part(&text(OPERATING), "variables");
    let described = first_cells(&table);
    let described = described
        .iter()
        .map(|cell| cell.trim_matches('`').to_owned());
    same("the variables", &described.collect(), &there);
}
