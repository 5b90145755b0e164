//! The documents say what is so: what they show of the program is compared with the program, what they
//! ask people to write is read by the code that will read it, and every claim that can be checked is.
//!
//! A part between `<!-- NAME: begin -->` and `<!-- NAME: end -->` that is out of date is brought up
//! to date by running these tests with `README=write`, if the program can write it.

mod claims;
mod configuration;
pub(crate) mod generated;
mod install;
mod links;
mod project;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const README: &str = "README.md";
pub(crate) const INSTALL: &str = "docs/install.md";
pub(crate) const COMMANDS: &str = "docs/commands.md";
pub(crate) const CONFIGURATION: &str = "docs/configuration.md";
pub(crate) const INFRASTRUCTURE: &str = "docs/infrastructure-as-code.md";
pub(crate) const OPERATING: &str = "docs/operating.md";
pub(crate) const SECURITY: &str = "docs/security.md";
pub(crate) const DEVELOPMENT: &str = "docs/development.md";

/// Every document that people read, by its path in the checkout.
pub(crate) const DOCUMENTS: [&str; 11] = [
    README,
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    INSTALL,
    COMMANDS,
    CONFIGURATION,
    INFRASTRUCTURE,
    OPERATING,
    SECURITY,
    DEVELOPMENT,
];

/// The longest README, in lines.
const LONGEST_README: usize = 200;

/// The checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the checkout.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between a part's markers.
fn part(document: &str, name: &str) -> String {
    let begin = format!("<!-- {name}: begin -->\n");
    let end = format!("<!-- {name}: end -->");
    let (_, rest) = document.split_once(&begin).unwrap();
    rest.split_once(&end).unwrap().0.to_owned()
}

/// The fenced blocks of a language, in order.
pub(crate) fn blocks(document: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = document.split(&fence).skip(1);
    after
        .map(|rest| rest.split("\n```").next().unwrap().to_owned())
        .collect()
}

/// The first cells of a table's rows, each cell as it is written.
fn first_cells(table: &str) -> Vec<String> {
    let rows = table.lines().filter(|line| line.starts_with("| "));
    let cells = rows.map(|line| line.split('|').nth(1).unwrap().trim().to_owned());
    cells
        .skip(1)
        .filter(|cell| !cell.starts_with("---"))
        .collect()
}

/// The text with one space wherever its lines are broken.
fn flat(document: &str) -> String {
    document.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands in backticks in a piece of running text.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The document without its fenced blocks.
fn prose(document: &str) -> String {
    let mut fence: Option<String> = None;
    let mut kept = String::new();
    for line in document.lines() {
        let ticks: String = line.chars().take_while(|mark| *mark == '`').collect();
        match &fence {
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                kept += line;
                kept.push('\n');
            }
            Some(open) if *open == line.trim_end() => fence = None,
            Some(_) => {}
        }
    }
    kept
}

/// The headings of a document, as they are written.
fn headings(document: &str) -> Vec<String> {
    let prose = prose(document);
    let lines = prose.lines().filter(|line| line.starts_with('#'));
    lines
        .map(|line| line.trim_start_matches('#').trim().to_owned())
        .collect()
}

/// The Rust files below a folder of the checkout, with what is in them.
fn rust(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// The one source file of the product whose path ends so, wherever it lies.
fn source(end: &str) -> String {
    let found: Vec<String> = rust("src")
        .into_iter()
        .filter(|(path, _)| path.ends_with(end))
        .map(|(_, text)| text)
        .collect();
    assert_eq!(found.len(), 1, "{end} has moved");
    found.into_iter().next().unwrap()
}

/// That both hold the same; `what` says what is compared.
fn same(what: &str, described: &BTreeSet<String>, there: &BTreeSet<String>) {
    let missing: Vec<_> = there.difference(described).collect();
    let invented: Vec<_> = described.difference(there).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "{what}: not described: {missing:?}; described, and not there: {invented:?}"
    );
}

#[test]
fn these_are_all_of_the_documents_and_the_readme_leads_to_each() {
    let mut there = BTreeSet::new();
    for folder in ["", "docs"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                there.insert(Path::new(folder).join(name).display().to_string());
            }
        }
    }
    let listed = DOCUMENTS.map(str::to_owned).into_iter().collect();
    same("the documents", &listed, &there);
    let readme = text(README);
    for document in DOCUMENTS {
        let linked = readme.contains(&format!("]({document})"));
        assert!(
            linked || document == README,
            "README.md does not link {document}"
        );
    }
}

#[test]
fn the_readme_is_read_in_one_go() {
    let lines = text(README).lines().count();
    assert!(lines <= LONGEST_README, "README.md has {lines} lines");
}
