//! How an image stood at a place: whether it came up there, since when, and who took it back.

use crate::gate::Stood;
use crate::record::{Past, Verdict};
use crate::request::Verb;

/// How the image with this digest stood where `history`, newest first, is of. `most` is how many entries are read at
/// most: where there are as many, what is older is not known.
pub fn stood(history: &[Past], digest: &str, most: usize) -> Stood {
    let mut stood = match history.len() < most {
        true => Stood::Never,
        false => Stood::NotSeen,
    };
    // Whether it is what came up last.
    let mut live = false;
    for past in history.iter().rev() {
        match (past.brings(digest), &past.verb) {
            // What it left alone stands as it stood before.
            (Some(Brings::LeftAlone), _) => {}
            // What others rolled out proves nothing: nobody here saw it come up.
            (Some(_), _) if past.outside.is_some() => live |= past.took_effect(),
            (Some(Brings::Idle), _) if past.took_effect() && past.is_good() => {
                live = true;
                if matches!(stood, Stood::Never | Stood::NotSeen) {
                    stood = Stood::NothingRan;
                }
            }
            (Some(Brings::Ran), _) if past.took_effect() && past.is_good() => {
                live = true;
                if !matches!(stood, Stood::Succeeded { .. }) {
                    stood = Stood::Succeeded {
                        since: past.when(),
                        by: past.requester.clone(),
                    };
                }
            }
            (Some(_), _) => {}
            (None, Some(Verb::Rollback { .. })) if live && left(past) => {
                live = false;
                let (by, at) = (past.requester.clone(), past.when());
                stood = match past.took_effect() {
                    true => Stood::TakenBack { by, at },
                    false => Stood::TriedBack { by, at },
                };
            }
            (None, _) => live &= !past.took_effect() || past.digests.is_empty(),
        }
    }
    stood
}

/// What an entry has of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brings {
    /// Its own tasks ran it, where it succeeded.
    Ran,
    /// It rolled it out, and no task ran it.
    Idle,
    /// Only services that it left alone run it.
    LeftAlone,
}

impl Past {
    fn brings(&self, digest: &str) -> Option<Brings> {
        let is = |own: &String| own == digest;
        if !self.digests.iter().any(|(_, own)| is(own)) {
            return None;
        }
        Some(match self.left_alone.iter().any(is) {
            true => Brings::LeftAlone,
            false if self.idle.iter().any(is) => Brings::Idle,
            false => Brings::Ran,
        })
    }
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
    use crate::record::Outside;

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
                    "found" | "outside" => None,
                    _ => Some(Verb::deploy(None, None)),
                };
                let own = vec![format!("sha256:{digest}")];
                match *verb {
                    "deploy beside" => past.left_alone = own,
                    "deploy asleep" => past.idle = own,
                    "outside" => {
                        let (registered_by, successful) = (None, true);
                        past.outside = Some(Outside {
                            registered_by,
                            successful,
                        });
                    }
                    _ => {}
                }
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
            Stood::NothingRan => "nothing ran".to_owned(),
            Stood::TakenBack { at, .. } => format!("taken back {}", minute(at)),
            Stood::TriedBack { at, .. } => format!("tried back {}", minute(at)),
            Stood::Leaving { .. } => unreachable!("the history has only what ended"),
        }
    }

    #[test]
    fn what_came_up_stands_until_somebody_takes_it_back() {
        use Verdict::{Abandoned, Cancelled, Failed, Refused, RolledBack, Succeeded, Superseded};
        let up = ("deploy", "1", Some(Succeeded));
        let other = ("deploy", "2", Some(Succeeded));
        let back = |verdict| ("rollback", "0", Some(verdict));
        let beside = ("deploy beside", "1", Some(Succeeded));
        let asleep = ("deploy asleep", "1", Some(Succeeded));
        let outside = ("outside", "1", None);
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
            (vec![up, back(Failed)], "tried back 1"),
            (vec![up, back(Abandoned)], "tried back 1"),
            (vec![up, back(Refused)], "since 0"),
            (vec![up, back(Cancelled)], "since 0"),
            // Somebody wants it after all.
            (vec![up, back(Succeeded), up], "since 2"),
            (
                vec![up, other, ("rollback", "1", Some(Succeeded))],
                "since 0",
            ),
            // Another image of the application goes out, and the services that run this one are left alone.
            (vec![("deploy", "1", Some(Failed)), beside], "never"),
            (vec![up, beside], "since 0"),
            (vec![up, back(Succeeded), beside], "taken back 1"),
            (vec![up, beside, back(Succeeded)], "taken back 2"),
            // ECS calls it a success at once where no task is wanted.
            (vec![asleep], "nothing ran"),
            (vec![asleep, up], "since 1"),
            (vec![asleep, ("restart", "1", Some(Succeeded))], "since 1"),
            (vec![up, asleep], "since 0"),
            (vec![up, back(Succeeded), asleep], "taken back 1"),
            (vec![("deploy asleep", "1", Some(Failed))], "never"),
            (vec![asleep, back(Succeeded)], "taken back 1"),
            // Somebody else rolls it out.
            (vec![outside], "never"),
            (vec![up, outside], "since 0"),
            (vec![up, back(Succeeded), outside], "taken back 1"),
            (vec![outside, back(Succeeded)], "taken back 1"),
            (vec![("deploy", "1", Some(Superseded)), outside], "never"),
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
