//! What people type, phrase by phrase: done, or answered with one line that would do it.
//!
//! `phrases.txt` has a line each: `phrase => command` for what is understood, `phrase => says: line` for
//! what is asked about.

use longshore::command::{Command, Vocabulary};
use longshore::config::{Config, SourceFile};
use longshore::refusal::Refusal;
use proptest::prelude::*;

use super::documents::root;
use super::town::CONFIG;

const FILE: &str = "tests/it/phrases.txt";
/// The longest sentence that is said of what is no command, in characters.
const LONGEST: usize = 160;
const SAYS: &str = "says: ";

/// The town, with one environment more.
fn words() -> Vocabulary {
    let beta = "[environments.beta]\naccount = \"dev\"\ncluster = \"beta\"\nrequest = [\"everyone\"]\nconfirm = false\n\n[environments.production]";
    let config = CONFIG.replace("[environments.production]", beta).replace(
        "[applications.webapp]\nenvironments = [\"staging\", \"production\"]",
        "[applications.webapp]\nenvironments = [\"beta\", \"production\", \"staging\"]",
    );
    let file = SourceFile::new("longshore.toml", config);
    let checked = Config::compile(&[file]).unwrap();
    checked.config.vocabulary()
}

/// Each phrase with what comes of it.
fn phrases() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join(FILE)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("# "));
    let pair = |line: &str| match line.rsplit_once(" => ") {
        Some((phrase, answer)) => (phrase.to_owned(), answer.to_owned()),
        None => (line.to_owned(), String::new()),
    };
    lines.map(pair).collect()
}

/// What comes of a phrase, the sentence held to its rules.
fn answer(phrase: &str, words: &Vocabulary) -> String {
    let misunderstood = match Command::parse(phrase, words) {
        Ok(command) => return command.to_string(),
        Err(misunderstood) => misunderstood,
    };
    let suggested = misunderstood.line().command();
    let line = suggested.to_string();
    let said = Refusal::from(misunderstood.clone()).plain("/deploy");
    let sentence = said.replace(&format!("`/deploy {line}`"), "");
    assert!(said.len() > sentence.len(), "{phrase:?}: {said}");
    assert!(
        said.trim_end_matches('?')
            .ends_with(&format!("`/deploy {line}`")),
        "{said}"
    );
    let length = sentence.chars().count();
    assert!(length <= LONGEST, "{length} characters: {said}");
    assert_eq!(
        Command::parse(&line, words).as_ref(),
        Ok(suggested),
        "{phrase:?}"
    );
    format!("{SAYS}{line}")
}

#[test]
fn every_phrase_is_done_or_answered_with_one_line_that_would_do_it() {
    let words = words();
    let phrases = phrases();
    assert!(phrases.len() >= 400, "{} phrases", phrases.len());
    if std::env::var_os("PHRASES").is_some_and(|what| what == "write") {
        let text = std::fs::read_to_string(root().join(FILE)).unwrap();
        let written = text.lines().map(|line| match line.starts_with("# ") {
            true => line.to_owned(),
            false => {
                let phrase = line.rsplit_once(" => ").map_or(line, |(phrase, _)| phrase);
                format!("{phrase} => {}", answer(phrase, &words))
            }
        });
        let written: Vec<String> = written.collect();
        std::fs::write(root().join(FILE), written.join("\n") + "\n").unwrap();
        return;
    }
    for (phrase, expected) in phrases {
        assert_eq!(answer(&phrase, &words), expected, "{phrase:?}");
    }
}

/// What a deploy names was typed, in this spelling or in another of the same name.
#[test]
fn nothing_is_deployed_that_was_not_named() {
    let words = words();
    for (phrase, _) in phrases() {
        let Ok(command) = Command::parse(&phrase, &words) else {
            continue;
        };
        let Command::Deploy {
            app,
            reference,
            also,
            env,
            ..
        } = command
        else {
            continue;
        };
        let refs = also.iter().filter_map(|one| one.reference.as_ref());
        for reference in reference.iter().chain(refs) {
            let any = reference.as_str().chars().any(char::is_alphanumeric);
            assert!(any, "{phrase:?}: {reference}");
            let dashes = phrase.replace('—', "--").replace(['–', '‐'], "-");
            let dashes = dashes.replace("pull/", "#");
            assert!(
                dashes.contains(reference.as_str()),
                "{phrase:?}: {reference}"
            );
        }
        let names = std::iter::once(&app).chain(also.iter().map(|one| &one.app));
        let low = phrase.to_lowercase();
        for name in names {
            assert!(low.contains(name.as_str()), "{phrase:?}: {name}");
        }
        assert!(low.contains(env.as_str()), "{phrase:?}: {env}");
    }
}

/// Texts out of the words of all phrases.
fn any_text() -> impl Strategy<Value = String> {
    let mut vocabulary: Vec<String> = phrases()
        .iter()
        .flat_map(|(phrase, _)| phrase.split_whitespace().map(str::to_owned))
        .collect();
    vocabulary.sort();
    vocabulary.dedup();
    proptest::collection::vec(proptest::sample::select(vocabulary), 1..8)
        .prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_line_that_is_suggested_works_when_it_is_typed(text in any_text()) {
        let words = words();
        if let Err(misunderstood) = Command::parse(&text, &words) {
            let line = misunderstood.line().command();
            let read = Command::parse(&line.to_string(), &words);
            prop_assert_eq!(read.as_ref(), Ok(line), "{}", text);
            let said = Refusal::from(misunderstood.clone()).plain("/deploy");
            let sentence = said.replace(&format!("`/deploy {line}`"), "");
            prop_assert!(sentence.chars().count() <= LONGEST, "{}", said);
        }
    }
}
