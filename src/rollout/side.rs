//! What a service runs, revision by revision: while a rollout is under way, or stands where it was
//! stopped, tasks of several revisions run, and a service's own counts say nothing of either.

use serde::{Deserialize, Serialize};

use super::{Counts, Hook, LiveService};

/// One revision of a service, with its own tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The task definition's ARN.
    pub task_definition: String,
    /// Its tasks, and no other revision's.
    pub counts: Counts,
    /// Its share of the production traffic in tenths of a per cent, where ECS moves traffic and
    /// said how far that got.
    pub share: Option<u16>,
}

impl Side {
    /// Whether the revision has tasks, or will have them in a moment.
    pub(crate) fn has_tasks(&self) -> bool {
        self.counts.running > 0 || self.counts.pending > 0
    }
}

/// Where the newest service deployment of a service stands, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// Task definition → its share of the production traffic in tenths of a per cent.
    pub shares: Vec<(String, u16)>,
    /// The stage that it is at, in ECS's word, where it has stages.
    pub stage: Option<String>,
    /// The pause hook that waits for an answer.
    pub pause: Option<Hook>,
    /// Whether it goes back, or is about to.
    pub goes_back: bool,
}

impl LiveService {
    /// The revisions that the service runs: first the one that it is meant to run, with or without tasks,
    /// then those that still have some.
    pub fn sides(&self, staged: Option<&Staged>) -> Vec<Side> {
        let mut sides = vec![Side {
            task_definition: self.task_definition.clone(),
            counts: Counts {
                desired: self.desired,
                ..Counts::default()
            },
            share: None,
        }];
        // Task sets are no deployments: ECS tells their tasks for the service alone.
        if self.rollouts.is_empty() {
            sides[0].counts.running = self.running;
            sides[0].counts.pending = self.pending;
        }
        for rollout in &self.rollouts {
            let known = sides
                .iter_mut()
                .find(|side| side.task_definition == rollout.task_definition);
            match known {
                Some(side) => {
                    side.counts.running += rollout.counts.running;
                    side.counts.pending += rollout.counts.pending;
                    side.counts.failed += rollout.counts.failed;
                }
                None => sides.push(Side {
                    task_definition: rollout.task_definition.clone(),
                    counts: rollout.counts,
                    share: None,
                }),
            }
        }
        for side in &mut sides {
            let mut shares = staged.iter().flat_map(|staged| &staged.shares);
            let said = shares.find(|(revision, _)| *revision == side.task_definition);
            side.share = said.map(|(_, share)| *share);
        }
        let mut place = 0;
        sides.retain(|side| {
            place += 1;
            place == 1 || side.has_tasks()
        });
        sides
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::judge::tests::{live, live_rollout};

    fn counts(running: i32, pending: i32, failed: i32) -> Counts {
        Counts {
            desired: 2,
            running,
            pending,
            failed,
        }
    }

    fn of(rollouts: &[(&str, &str, Counts)]) -> Vec<(String, i32, i32, i32)> {
        let mut service = live(rollouts[0].1, "IN_PROGRESS");
        service.desired = 2;
        service.rollouts = rollouts
            .iter()
            .map(|(status, revision, counts)| live_rollout(status, revision, *counts))
            .collect();
        let sides = service.sides(None).into_iter();
        sides
            .map(|side| {
                let Counts {
                    desired,
                    running,
                    failed,
                    ..
                } = side.counts;
                (side.task_definition, desired, running, failed)
            })
            .collect()
    }

    #[test]
    fn each_revision_has_its_own_tasks() {
        let stuck = of(&[
            ("PRIMARY", "stuck:2", counts(0, 1, 16)),
            ("ACTIVE", "stuck:1", counts(2, 0, 0)),
            ("ACTIVE", "stuck:0", counts(0, 0, 3)),
        ]);
        let is = [
            ("stuck:2".to_owned(), 2, 0, 16),
            ("stuck:1".to_owned(), 2, 2, 0),
        ];
        assert_eq!(stuck, is);
    }

    #[test]
    fn two_deployments_of_one_revision_are_one_side() {
        let restarted = of(&[
            ("PRIMARY", "web:1", counts(1, 0, 0)),
            ("ACTIVE", "web:1", counts(1, 0, 0)),
        ]);
        assert_eq!(restarted, [("web:1".to_owned(), 2, 2, 0)]);
    }

    #[test]
    fn where_ecs_keeps_no_deployments_the_services_own_counts_are_all_there_is() {
        let mut service = live("web:1", "COMPLETED");
        service.rollouts.clear();
        (service.desired, service.running) = (2, 1);
        let sides = service.sides(None);
        assert_eq!((sides.len(), sides[0].counts.running), (1, 1));
    }

    #[test]
    fn a_share_is_that_of_its_revision() {
        let mut service = live("web:2", "FAILED");
        service.rollouts = vec![
            live_rollout("PRIMARY", "web:2", counts(2, 0, 0)),
            live_rollout("ACTIVE", "web:1", counts(2, 0, 0)),
        ];
        let staged = Staged {
            shares: vec![("web:1".to_owned(), 1000), ("web:2".to_owned(), 0)],
            ..Staged::default()
        };
        let shares: Vec<_> = service
            .sides(Some(&staged))
            .iter()
            .map(|s| s.share)
            .collect();
        assert_eq!(shares, [Some(0), Some(1000)]);
    }
}
