//! How an image stood at a place: whether it came up there, since when, and who took it back.

use crate::gate::Stood;
use crate::record::{Past, Verdict};
use crate::request::Verb;

/// How the image with this digest stood where `history`, newest first, is of. `most` is how many entries are read at
/// most: where there are as many, what is older is not known.
pub fn stood(history: &[Past], digest: &str, most: usize) -> Stood {
    let brings = |past: &Past| past.digests.iter().any(|(_, own)| own == digest);
    let mut stood = match history.len() < most {
        true => Stood::Never,
        false => Stood::NotSeen,
    };
    // Whether it is what came up last.
    let mut live = false;
    for past in history.iter().rev() {
        match (brings(past), &past.verb) {
            (true, _) if past.took_effect() && past.is_good() => {
                live = true;
                if !matches!(stood, Stood::Succeeded { .. }) {
                    stood = Stood::Succeeded {
                        since: past.when(),
                        by: past.requester.clone(),
                    };
                }
            }
            (true, _) => {}
            (false, Some(Verb::Rollback { .. })) if live && left(past) => {
                live = false;
                stood = Stood::TakenBack {
                    by: past.requester.clone(),
                    at: past.when(),
                };
            }
            (false, _) => live &= !past.took_effect() || past.digests.is_empty(),
        }
    }
    stood
}

/// Whether a rollback left what ran, or may have: whoever tried to did not want it.
fn left(rollback: &Past) -> bool {
    match rollback.verdict {
        Some(Verdict::Succeeded) => true,
        Some(Verdict::Failed | Verdict::RolledBack | Verdict::Superseded | Verdict::Abandoned) => {
            rollback.started_at.is_some()
        }
        Some(Verdict::Cancelled | Verdict::Refused | Verdict::Expired) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::names::Actor;

    const DIGEST: &str = "sha256:1";

    /// What happened, oldest first: who did what with which image, and how it ended.
    fn history(entries: &[(&str, &str, Option<Verdict>)]) -> Vec<Past> {
        let entries = entries.iter().enumerate();
        let mut all: Vec<Past> = entries
            .map(|(at, (verb, digest, verdict))| {
                let mut past = fixtures::past(digest, verdict.is_some(), *verdict);
                past.digests = vec![("app".to_owned(), format!("sha256:{digest}"))];
                past.verb = match *verb {
                    "rollback" => Some(Verb::rollback(None)),
                    "restart" => Some(Verb::Restart),
                    "found" => None,
                    _ => Some(Verb::deploy(None, None)),
                };
                let when = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(at as i64);
                past.requested_at = when;
                past.started_at = Some(when);
                past.ended_at = verdict.map(|_| when);
                past
            })
            .collect();
        all.reverse();
        all
    }

    fn said(entries: &[(&str, &str, Option<Verdict>)]) -> String {
        let minute = |at: jiff::Timestamp| at.as_second() / 60;
        match stood(&history(entries), DIGEST, 100) {
            Stood::Never => "never".to_owned(),
            Stood::NotSeen => "not seen".to_owned(),
            Stood::Succeeded { since, .. } => format!("since {}", minute(since)),
            Stood::TakenBack { at, .. } => format!("taken back {}", minute(at)),
        }
    }

    #[test]
    fn what_came_up_stands_until_somebody_takes_it_back() {
        use Verdict::{Abandoned, Cancelled, Failed, Refused, RolledBack, Succeeded};
        let up = ("deploy", "1", Some(Succeeded));
        let other = ("deploy", "2", Some(Succeeded));
        let back = |verdict| ("rollback", "0", Some(verdict));
        for (entries, expected) in [
            (vec![], "never"),
            (vec![("found", "1", None)], "since 0"),
            (vec![other], "never"),
            (vec![("deploy", "1", Some(Failed))], "never"),
            (vec![("deploy", "1", Some(RolledBack))], "never"),
            (vec![up], "since 0"),
            // It ran, and something newer came: nobody took it back.
            (vec![up, other], "since 0"),
            (vec![up, other, back(Succeeded)], "since 0"),
            // Restarted, and deployed once more: it soaks no shorter.
            (vec![up, ("restart", "1", Some(Succeeded)), up], "since 0"),
            (vec![up, ("deploy", "1", Some(Failed))], "since 0"),
            (vec![up, back(Succeeded)], "taken back 1"),
            (
                vec![up, ("deploy", "2", Some(Failed)), back(Succeeded)],
                "taken back 2",
            ),
            (vec![up, back(Succeeded), other], "taken back 1"),
            (vec![up, back(Failed)], "taken back 1"),
            (vec![up, back(Abandoned)], "taken back 1"),
            (vec![up, back(Refused)], "since 0"),
            (vec![up, back(Cancelled)], "since 0"),
            // Somebody wants it after all.
            (vec![up, back(Succeeded), up], "since 2"),
            (
                vec![up, other, ("rollback", "1", Some(Succeeded))],
                "since 0",
            ),
        ] {
            assert_eq!(said(&entries), expected, "{entries:?}");
        }
    }

    #[test]
    fn what_is_older_than_what_is_read_is_not_known() {
        let all = history(&[("deploy", "2", Some(Verdict::Succeeded))]);
        assert_eq!(stood(&all, DIGEST, 1), Stood::NotSeen);
        assert_eq!(stood(&all, DIGEST, 2), Stood::Never);
        let [entry] = all.as_slice() else { panic!() };
        let by: &Actor = &entry.requester;
        let since = entry.when();
        let by = by.clone();
        assert_eq!(stood(&all, "sha256:2", 1), Stood::Succeeded { since, by });
    }
}
