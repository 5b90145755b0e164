//! Lines that change nothing and show what there is.

use super::super::misunderstood::{Misreading, Suggestion};
use super::super::usage::CommandVerb;
use super::super::{Command, HistoryScope};
use super::Meant;

impl Meant {
    /// What there is to go back to, or what runs: nothing is changed by a line that stands for a look ahead.
    pub(super) fn instead_of_a_plan(self, verb: CommandVerb) -> Suggestion {
        let (app, env) = (self.apps.into_iter().next().map(|one| one.app), self.env);
        Suggestion::Look(Box::new(match verb {
            CommandVerb::Rollback => Command::History {
                app,
                env,
                scope: HistoryScope::Changes,
                period: None,
            },
            _ => Command::Status { app, env },
        }))
    }

    /// Where nobody named an application, nothing is changed by a line that is copied in haste: it shows
    /// what there is to choose from.
    pub(super) fn look_first(self, verb: CommandVerb, problem: &Misreading) -> Suggestion {
        let (app, env) = (None, self.env);
        let ended = matches!(problem, Misreading::Missing { .. });
        let only_a_place = self.verb.is_none() && env.is_some() && ended;
        Suggestion::Look(Box::new(match verb {
            CommandVerb::Rollback => Command::ShowLast { app, env },
            CommandVerb::WhyNot => Command::WhyNotLast { app, env },
            CommandVerb::Promote
            | CommandVerb::Plan
            | CommandVerb::Diff
            | CommandVerb::Cancel
            | CommandVerb::Restart
            | CommandVerb::Logs => Command::Status { app, env },
            _ if only_a_place => Command::Status { app, env },
            _ => Command::Form,
        }))
    }
}
