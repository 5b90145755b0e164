//! Why a deploy ended as it did, in words.

use std::fmt;

use super::USUAL_COMMAND;
use super::gate::obstacle;
use super::refused::words;
use crate::record::{FailedPart, Of, Refused, Why};
use crate::reply::phrase::{Phrase, phrase};

/// A line for each reason; none where the verdict says it all.
pub(crate) fn why(why: &Why) -> Vec<Phrase> {
    match why {
        Why::Said => Vec::new(),
        Why::Refused(refused) => lines(refused),
        Why::RefusedEach(each) => {
            let each = each.iter();
            each.flat_map(|(application, refused)| {
                let lines = lines(refused).into_iter();
                lines.map(move |line| phrase!("{}: {}", application, line))
            })
            .collect()
        }
        Why::Failed(failures) => vec![Phrase::join(failures.iter().map(failure), " ")],
    }
}

/// A line for each gate.
fn lines(refused: &Refused) -> Vec<Phrase> {
    match refused {
        Refused::Gates(obstacles) => obstacles.iter().map(obstacle).collect(),
        refused => vec![words(refused)],
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = why(self);
        let lines: Vec<String> = lines.iter().map(|line| line.plain(USUAL_COMMAND)).collect();
        f.write_str(&lines.join("\n"))
    }
}

fn failure(failure: &FailedPart) -> Phrase {
    match &failure.of {
        None => phrase!("{}", failure.reason.to_string()),
        Some(Of::Service(name)) => phrase!("{}: {}", name, failure.reason.to_string()),
        Some(Of::Schedule(name)) => phrase!("Schedule {}: {}", name, failure.reason.to_string()),
        Some(Of::Head(family)) => phrase!(
            "The newest revision of {} is still the one that this deploy registered: {}.",
            family,
            failure.reason.to_string().trim_end_matches('.').to_owned()
        ),
    }
}
