//! What a rollback can go back to, and what that leaves behind.

use super::Stack;
use crate::names::Ref;
use crate::plan::{Candidate, CountedCommits, CrossedTask};
use crate::record::Past;

/// The fewest digits of a commit that name it.
const FEWEST_DIGITS: usize = 4;

impl Stack<'_> {
    /// An entry as something to go back to, before anybody has looked whether it can run again.
    pub fn candidate(&self, past: &Past) -> Candidate {
        Candidate {
            key: past.entry().key(),
            by: past.id.as_ref().map(|_| past.requester.clone()),
            id: past.id.as_ref().map(ToString::to_string),
            label: past.runs(),
            at: past.ended_at.unwrap_or(past.requested_at),
            outside: past.outside.is_some(),
            left: self.mark(past).or_else(|| self.left(past)),
            why_not: None,
        }
    }
}

/// Whether an entry of the history is called so: by its label or the branch in it, one of its images', or its commit.
pub(crate) fn is_called(past: &Past, version: &Ref) -> bool {
    let version = version.as_str();
    let branch = past.label.split_once('@').map(|(branch, _)| branch);
    let called = past.label == version
        || branch == Some(version)
        || past.runs() == version
        || past.parts.iter().any(|part| part.label == version);
    let digits = version.len() >= FEWEST_DIGITS && version.bytes().all(|b| b.is_ascii_hexdigit());
    let commit = past.own_commit();
    called
        || (digits
            && commit.is_some_and(|commit| commit.starts_with(&version.to_ascii_lowercase())))
}

/// What going from one entry to another takes away and brings, where something of the history was compared so: a
/// deploy that went the other way, or a rollback that went this one.
pub fn counted_between(history: &[Past], from: &Past, to: &Past) -> Option<CountedCommits> {
    let (from, to) = (from.own_commit()?, to.own_commit()?);
    history.iter().find_map(|past| {
        let (since, own) = (past.commits.as_ref()?, past.own_commit()?);
        let counted = || since.counted.clone();
        match (since.since == from, since.since == to) {
            (true, _) if own == to => Some(counted()),
            (_, true) if own == from => Some(counted().turned_round()),
            _ => None,
        }
    })
}

/// The tasks that ran after `to`, by whichever deploy and however that ended; `history` is newest
/// first.
pub fn crossed(history: &[Past], to: &Past) -> Vec<CrossedTask> {
    history
        .iter()
        // By all it says: what was found running, and what others changed, has no id.
        .take_while(|past| *past != to)
        .filter_map(|past| {
            Some(CrossedTask {
                deploy: past.id.as_ref()?.to_string(),
                label: past.label.clone(),
                family: past.ran_task.clone()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::record::Verdict;

    fn past(label: &str, id: bool, verdict: Option<Verdict>, task: Option<&str>) -> Past {
        Past {
            ran_task: task.map(str::to_owned),
            ..fixtures::past(label, id, verdict)
        }
    }

    #[test]
    fn a_rollback_crosses_every_task_that_ran_since_also_of_deploys_that_failed() {
        use Verdict::{Failed, Succeeded};
        let history = [
            past("e", true, Some(Failed), Some("migrate")),
            past("d", true, Some(Succeeded), None),
            past("outside", false, None, None),
            past("c", true, Some(Succeeded), Some("migrate")),
            past("b", true, Some(Succeeded), None),
            past("a", true, Some(Succeeded), Some("migrate")),
            past("baseline", false, None, None),
        ];
        for (to, labels) in [
            (0, &[][..]),
            (1, &["e"]),
            (2, &["e"]),
            (3, &["e"]),
            (4, &["e", "c"]),
            (6, &["e", "c", "a"]),
        ] {
            let crossed = crossed(&history, &history[to]);
            let found: Vec<&str> = crossed.iter().map(|task| task.label.as_str()).collect();
            assert_eq!(found, labels, "back to {}", history[to].label);
        }
    }
}
