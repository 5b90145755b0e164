//! Every line that a terminal is told to type can be typed there.

use clap::Parser;

use crate::cli::{Arguments, has};
use crate::record::{TurnedDown, Why};
use crate::refusal::Refusal;
use crate::refusal::tests::{Names, every};

/// The lines in backticks that begin with the program's name.
fn lines(said: &str) -> Vec<&str> {
    let spans = said.split('`').skip(1).step_by(2);
    spans
        .filter(|span| span.starts_with("longshore "))
        .collect()
}

fn is_accepted(line: &str) -> bool {
    match Arguments::try_parse_from(line.split_whitespace()) {
        Ok(_) => true,
        Err(error) => !error.use_stderr(),
    }
}

#[test]
fn every_line_of_every_refusal_can_be_typed_where_it_is_read() {
    let refusals = every(&Names::usual("v1.0.9"));
    // Rights are given, logs asked for, and the bot written to, in Slack alone.
    let at_a_terminal = |refusal: Refusal| match refusal {
        Refusal::Misunderstood(problem) => Some(problem.at_a_terminal(has).into()),
        Refusal::TurnedDown(TurnedDown::Right(_)) | Refusal::NotByMention => None,
        other => Some(other),
    };
    let refusals: Vec<Refusal> = refusals.into_iter().filter_map(at_a_terminal).collect();
    let mut said: Vec<String> = refusals.iter().map(|one| one.plain("longshore")).collect();
    let refused = refusals.into_iter().filter_map(|one| match one {
        Refusal::Refused(refused) => Some(Why::Refused(Box::new(refused))),
        _ => None,
    });
    let lines_of_cards = refused.flat_map(|why| crate::refusal::why(&why));
    said.extend(lines_of_cards.map(|line| line.plain("longshore")));
    let all: Vec<&str> = said.iter().flat_map(|said| lines(said)).collect();
    assert!(all.len() > 40, "{}", all.len());
    let (deploys, not): (Vec<&str>, Vec<&str>) =
        all.into_iter().partition(|line| is_accepted(line));
    assert!(not.is_empty(), "{}", not.join("\n"));
    assert!(
        deploys
            .iter()
            .any(|line| line.starts_with("longshore rollback cms on "))
    );
}

#[test]
fn a_line_that_cannot_be_typed_is_found() {
    for (line, is) in [
        ("longshore rollback cms on production", true),
        ("longshore rollback cms on production to 4f2k9x0a", true),
        ("longshore rollback 4f2k9x0a", true),
        ("longshore help deploy", true),
        ("longshore cms to production", false),
        ("longshore who cms production", true),
        ("longshore revoke @U061F7AUR cms", true),
        ("longshore help who", true),
        ("longshore grant @U061F7AUR cms", false),
        ("longshore help logs", false),
    ] {
        assert_eq!(is_accepted(line), is, "{line}");
    }
}
