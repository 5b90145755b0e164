//! Every line that a refusal tells people to type is read as a command, and begins with the command's name.

use super::*;

/// What stands in backticks.
fn spans(said: &str) -> impl Iterator<Item = &str> {
    said.split('`').skip(1).step_by(2)
}

/// What somebody would have to replace before it can be typed.
fn has_placeholder(line: &str) -> bool {
    let mut words = line.split([' ', ':', ',']);
    words.any(|word| ["APP", "ENV", "REF", "DEPLOY", "VERSION", "COMMAND"].contains(&word))
}

#[test]
fn every_line_that_people_are_told_to_type_is_a_command() {
    let mut words = words().with_environment(&"beta".parse().unwrap(), []);
    words = words.with_images(&"cms".parse().unwrap(), [&"app".parse().unwrap()]);
    for number in 0..12 {
        words = words.with_application(&format!("a{number}").parse().unwrap(), []);
    }
    let mut found = 0;
    let mut wrong = Vec::new();
    for refusal in every(&Names::usual("v1.0.9")) {
        let said = refusal.plain("/deploy");
        for span in spans(&said) {
            // Whoever runs Longshore runs its program.
            if span.starts_with("longshore ") || span.starts_with("aws ") {
                continue;
            }
            let first = span.split(' ').next().unwrap_or_default();
            let verb = first.parse::<crate::command::CommandVerb>().is_ok();
            match span.strip_prefix("/deploy ") {
                Some(line) => {
                    found += 1;
                    if has_placeholder(line) || Command::parse(line, &words).is_err() {
                        wrong.push(format!("{span} in {said}"));
                    }
                }
                None if verb && span.contains(' ') => wrong.push(format!("{span} in {said}")),
                None => {}
            }
        }
        // An id is no name of anybody: only a mention of Slack's says who it is.
        let slack = refusal.said("/deploy", &[]);
        if spans(slack.as_str()).any(|span| span.contains("@U")) {
            wrong.push(format!("an id in {slack}"));
        }
    }
    assert!(found > 40, "{found}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
