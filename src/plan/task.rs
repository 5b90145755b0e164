//! The one-off task in a plan: what would run once before the services, and what a rollback leaves
//! behind of those that ran.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::record::Past;

/// What would run once, before any service is touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTask {
    /// Its task definition family.
    pub family: String,
    /// The task definition ARN that is copied: the family's newest.
    pub base: String,
    /// Container → `repository@digest`.
    pub images: Vec<(String, String)>,
    /// The container that runs the command, and whose exit code counts.
    pub container: String,
    /// The command; empty for the container's own.
    pub command: Vec<String>,
    /// How long it may run.
    pub timeout: Duration,
    /// Container → image, of those that nobody can pin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unpinned: Vec<(String, String)>,
    /// What `base` names by tag, pinned: for making the family's newest revision what it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<(String, String)>,
    /// The place of the service whose network it has, and whose lease lets it run.
    #[serde(default)]
    pub with: usize,
}

/// A one-off task that ran since what a rollback goes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossedTask {
    /// The deploy that ran it.
    pub deploy: String,
    /// What people call that deploy's version.
    pub label: String,
    /// The task's family.
    pub family: String,
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
