//! The rules of the house that a machine can hold: who may name what, how long a file may be, and
//! that nothing lies about unused. (What is in `events/` is held by `events`.) A rule and its exceptions stand beside each other.

mod rooms;

use std::fs;
use std::path::{Path, PathBuf};

/// The longest file, in lines without its tests.
const LONGEST: usize = 400;

/// The most lines of tests in one file, whether it holds nothing else or they stand at its end.
const LONGEST_TESTS: usize = 500;

/// Decisions: values in, values out. They know no client, no clock, no network.
const DECISIONS: [&str; 21] = [
    "names",
    "request",
    "hearing",
    "plan",
    "gate",
    "past",
    "rollout",
    "running",
    "resolve",
    "policy",
    "record",
    "evidence",
    "task_definition",
    "command",
    "config",
    "card",
    "reply",
    "refusal",
    "waiter/act",
    "waiter/consent",
    "waiter/one_off",
];

/// One source file: its path in the checkout, its code without tests, and how many lines of tests it has.
struct Source {
    path: String,
    code: String,
    tests: usize,
}

impl Source {
    fn is_under(&self, places: &[&str]) -> bool {
        places.iter().any(|place| {
            let folder = place.strip_suffix(".rs").unwrap_or(place);
            self.path == *place || self.path.starts_with(&format!("{folder}/"))
        })
    }

    /// Lines of code, from 1, without those that are only comments.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.code.lines().enumerate();
        lines
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(index, line)| (index + 1, line))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every file below a folder of the checkout.
fn files(folder: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    rust_files(&root().join(folder), &mut paths);
    paths.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let path = path.strip_prefix(root()).unwrap().display().to_string();
        let code = without_tests(&text);
        let tests = text.lines().count() - code.lines().count();
        Source { path, code, tests }
    };
    paths.iter().map(read).collect()
}

/// The files below a folder of the checkout, without those that hold nothing but tests.
fn sources(folder: &str) -> Vec<Source> {
    let is_code = |path: &str| !path.contains("/tests.rs") && !path.contains("/tests/");
    let files = files(folder).into_iter();
    files.filter(|source| is_code(&source.path)).collect()
}

/// The text up to its module of unit tests, which is the last thing in a file.
fn without_tests(text: &str) -> String {
    let mut lines = text.lines().peekable();
    let mut code = Vec::new();
    while let Some(line) = lines.next() {
        let tests = line == "#[cfg(test)]"
            && lines
                .peek()
                .is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'));
        if tests {
            break;
        }
        code.push(line);
    }
    code.join("\n")
}

/// Every place outside of `allowed` whose code holds one of `words`.
fn trespasses(words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources("src") {
        if source.is_under(allowed) {
            continue;
        }
        for (number, line) in source.lines() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    found
}

fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn only_the_aws_module_names_the_sdk() {
    none(
        &trespasses(&["aws_sdk_"], &["src/aws.rs"]),
        "`aws_sdk_` belongs under src/aws",
    );
}

#[test]
fn only_the_functions_know_that_they_run_on_lambda() {
    let allowed = ["src/bin", "src/slash.rs", "src/ci.rs", "src/waiter.rs"];
    none(
        &trespasses(&["lambda_http", "lambda_runtime"], &allowed),
        "`lambda_` belongs into the functions",
    );
}

#[test]
fn the_environment_and_the_clock_have_one_reader_each() {
    let allowed = ["src/config.rs", "src/app.rs", "src/bin", "src/cli.rs"];
    let words = [
        "std::env",
        "env::var",
        "SystemTime::now",
        "Timestamp::now",
        "Zoned::now",
    ];
    none(
        &trespasses(&words, &allowed),
        "the environment and the wall clock are read at the edge and handed in",
    );
}

#[test]
fn decisions_know_no_client_no_clock_and_no_network() {
    let places: Vec<String> = DECISIONS
        .map(|name| format!("src/{name}.rs"))
        .into_iter()
        .collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    let mut seen = 0;
    for source in sources("src").iter().filter(|file| file.is_under(&places)) {
        seen += 1;
        for (number, line) in source.lines() {
            let words = [
                "crate::aws",
                "crate::github",
                "crate::http",
                "slack::client",
                "tokio",
                "async fn",
                ".await",
            ];
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(seen >= DECISIONS.len(), "the decisions have moved");
    none(&found, "decisions take values and give values");
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut found = Vec::new();
    for source in sources("src").into_iter().chain(sources("sim/src")) {
        let lines = source.code.lines().count();
        if lines > LONGEST {
            found.push(format!("{}: {lines} lines", source.path));
        }
    }
    none(&found, "divide what is longer than 400 lines without tests");
}

#[test]
fn no_tests_are_too_long_to_read() {
    let mut found = Vec::new();
    for source in ["src", "sim", "tests"].into_iter().flat_map(files) {
        let all = source.path.contains("/tests.rs") || source.path.contains("tests/");
        let lines = source.tests + if all { source.code.lines().count() } else { 0 };
        if lines > LONGEST_TESTS {
            found.push(format!("{}: {lines} lines of tests", source.path));
        }
    }
    none(&found, "divide more than 500 lines of tests by subject");
}

/// Parameters that are pairs or triples, `(a, b): (A, B)`, which hide a long list from clippy. Fewer is better.
const TUPLES: usize = 15;

#[test]
fn a_parameter_is_one_thing() {
    let mut found = Vec::new();
    for source in sources("src") {
        for (at, _) in source.code.match_indices("): (") {
            let open = source.code[..at].rfind('(').unwrap_or(at);
            let names = &source.code[open..at];
            let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
            let are_names = names.chars().all(|c| is_name(c) || "(, \n".contains(c));
            if are_names && names.contains(',') && !source.code[..open].ends_with("let ") {
                let line = source.code[..at].lines().count();
                found.push(format!("{}:{line}: {names}", source.path));
            }
        }
    }
    let all = found.join("\n");
    assert!(!found.is_empty(), "lower the limit and drop this");
    assert!(
        found.len() <= TUPLES,
        "give each parameter a name, or make a struct:\n{all}"
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    let files = ["src", "sim/src", "tests/it"].into_iter().flat_map(sources);
    let found: Vec<String> = files
        .filter(|source| !source.code.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    none(&found, "a file opens with `//!`");
}

#[test]
fn the_bins_only_start_things() {
    for source in sources("src/bin") {
        let lines = source.code.lines().count();
        assert!(lines <= 30, "{} has {lines} lines", source.path);
    }
}

#[test]
fn the_manifest_depends_on_nothing_that_the_code_does_not_name() {
    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
    let code: String = sources("src")
        .iter()
        .map(|source| source.code.as_str())
        .collect();
    let mut found = Vec::new();
    for name in manifest["dependencies"].as_table().unwrap().keys() {
        let word = name.replace('-', "_");
        let named = [
            format!("{word}::"),
            format!("use {word}"),
            format!("{word}!"),
        ];
        if !named.iter().any(|named| code.contains(named.as_str())) {
            found.push(name.clone());
        }
    }
    none(&found, "remove what is not used");
}
