//! The configuration's reference: every key that the code reads, and no other; samples that are sound.

use std::collections::BTreeSet;

use longshore::config::{Config, SourceFile};

use super::{CONFIGURATION, DOCUMENTS, blocks, part, source, text};

#[test]
fn the_sample_configurations_are_sound() {
    let mut samples = 0;
    for document in DOCUMENTS {
        let mut whole = String::new();
        for sample in blocks(&text(document), "toml") {
            // One that says nothing of Slack is to be added to the one before it.
            if sample.contains("slack") {
                whole.clear();
            }
            whole += &format!("{sample}\n");
            let checked = Config::compile(&[SourceFile::new(document, whole.clone())]).unwrap();
            assert_eq!(checked.warnings.len(), 0, "{:?}", checked.warnings);
            samples += 1;
        }
    }
    assert!(samples > 0);
}

/// The keys that the schema's code asks for by name, and those that it refuses by name.
fn keys_of_the_schema() -> (BTreeSet<String>, BTreeSet<String>) {
    let files = [
        "config/low.rs",
        "config/low/application.rs",
        "config/low/later.rs",
        "config/low/pipeline.rs",
        "config/low/team.rs",
        "config/image_rules.rs",
        "config/checks.rs",
        "config/source.rs",
        "config/after.rs",
        "config/trust.rs",
    ];
    let code: String = files.map(source).concat();
    let (mut read, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for word in [
        "string",
        "strings",
        "one_or_more",
        "named_strings",
        "boolean",
        "number",
        "section",
        "sections",
        "tables",
        "zero",
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
    let reference = part(&text(CONFIGURATION), "configuration");
    let (read, refused) = keys_of_the_schema();
    assert!(read.len() > 30 && refused.len() > 6, "the schema has moved");
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
        assert!(described, "{CONFIGURATION} does not describe the key {key}");
    }
    // The first cell of a row names the key.
    for row in reference.lines().filter(|line| line.starts_with("| `")) {
        let cell = row.split('|').nth(1).unwrap();
        for key in cell.split('`').skip(1).step_by(2) {
            let key = key.rsplit('.').next().unwrap();
            assert!(
                read.contains(key),
                "{CONFIGURATION} describes {key}, which nothing reads"
            );
        }
    }
    // What is said to be refused is refused by name.
    let (_, list) = reference.split_once("Refused by this version").unwrap();
    let places = ["source", "rollback", "approvals", "oncall", "@S…"];
    for key in super::spans(list) {
        let key = key.trim_matches('"');
        assert!(
            refused.contains(key) || places.contains(&key),
            "{CONFIGURATION} says that {key} is refused"
        );
    }
}
