//! What somebody can have asked for: the rest nobody typed or pressed.

use jiff::Timestamp;

use super::{Asker, Request, Wanted};
use crate::command::{DiffWith, MAX_APPLICATIONS};
use crate::names::Somebody;
use crate::policy::LONGEST;
use crate::record::job::{Pressed, Task};
use crate::request::{AskedOf, Verb};

/// The most bytes of an operator's ARN.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
const MAX_ARN: usize = 2_048;

/// Until when a right counts at most that is given then.
fn longest(at: Timestamp) -> Timestamp {
    at.checked_add(LONGEST).unwrap_or(Timestamp::MAX)
}

impl Request {
    /// What nobody could have typed is not looked at further.
    pub(super) fn is_possible(&self) -> Result<(), &'static str> {
        let each = match &self.wanted {
            Wanted::Deploy { each, .. } => each.as_slice(),
            Wanted::Plea { of, .. } => std::slice::from_ref(of),
            Wanted::Job(Task::Preview(of)) => of.each.as_slice(),
            Wanted::Job(_) => &[],
        };
        match (&self.mention, &self.by, &self.channel) {
            (None, _, _) | (Some(_), Asker::Person(_), Some(_)) => {}
            (Some(_), _, _) => return Err("nobody is mentioned so"),
        }
        if self.mention.is_some() && !self.is_by_mention() {
            return Err("it is nothing that a mention asks for");
        }
        if let Wanted::Job(Task::Words(words)) = &self.wanted
            && (self.mention.is_none() || !words.is_plain())
        {
            return Err("it says what no reply says");
        }
        if let Wanted::Job(Task::Diff(of)) = &self.wanted
            && of.with == DiffWith::Place(of.environment.clone())
        {
            return Err("it compares a place with itself");
        }
        if let Wanted::Job(Task::Where(of)) = &self.wanted
            && !of.change.is_change()
        {
            return Err("it looks for what is no change");
        }
        if let Wanted::Job(Task::Grant(asked)) = &self.wanted
            && !(self.at < asked.until && asked.until <= longest(self.at))
        {
            return Err("it gives a right that never counts, or for too long");
        }
        let plans = match &self.wanted {
            Wanted::Job(task) => matches!(task, Task::Preview(_)),
            Wanted::Deploy { .. } => true,
            Wanted::Plea { .. } => false,
        };
        if plans && !(1..=MAX_APPLICATIONS).contains(&each.len()) {
            return Err("it is about no application or about too many");
        }
        for (at, one) in each.iter().enumerate() {
            let before = &each[..at];
            if before
                .iter()
                .any(|other| other.application == one.application)
            {
                return Err("it names an application twice");
            }
            let kind = one.verb.kind();
            if before.iter().any(|other| other.verb.kind() != kind) {
                return Err("it asks different things of its applications");
            }
        }
        if let Wanted::Job(Task::Preview(_)) = self.wanted
            && each
                .iter()
                .any(|one| !matches!(one.verb, Verb::Deploy { again: None, .. }))
        {
            return Err("it looks ahead at what nobody can ask for so");
        }
        let from = |one: &AskedOf| one.verb.promoted_from().cloned();
        let place = match &self.wanted {
            Wanted::Job(Task::Preview(of)) => Some(&of.environment),
            wanted => wanted.deploys().map(|(environment, _)| environment),
        };
        if let Some(environment) = place
            && each
                .iter()
                .filter_map(from)
                .any(|from| from == *environment)
        {
            return Err("it promotes from where it goes");
        }
        let both = |one: &AskedOf| match &one.verb {
            Verb::Rollback {
                to,
                version,
                away_from: Some(_),
            } => to.is_some() || version.is_some(),
            Verb::Rollback {
                to,
                version: Some(version),
                away_from: None,
            } => *to != version.as_str().parse().ok(),
            _ => false,
        };
        if each.iter().any(both) {
            return Err("it goes back to one thing and away from another");
        }
        if let Wanted::Plea { of, .. } = &self.wanted {
            return self.is_possible_plea(of);
        }
        match (&self.by, each) {
            // What people say has a place of its own, in which their clicks are counted once.
            (Asker::Person(_), _) if self.says() => Err("nobody says anything so in Slack"),
            (Asker::Person(_), _) => Ok(()),
            // A pipeline names what it built, and has no card whose buttons it could press.
            (Asker::Pipeline { .. }, [one])
                if self.channel.is_none() && matches!(self.wanted, Wanted::Deploy { .. }) =>
            {
                match one.verb {
                    Verb::Deploy {
                        reference: Some(_),
                        image: None,
                        again: None,
                        from: None,
                    } => Ok(()),
                    _ => Err("a pipeline asks for nothing but the deploy of a ref"),
                }
            }
            (Asker::Pipeline { .. }, _) => {
                Err("a pipeline asks about one application, from nowhere")
            }
            (Asker::Operator { arn }, _) if !arn.starts_with("arn:") || arn.len() > MAX_ARN => {
                Err("it names no IAM identity")
            }
            (Asker::Operator { .. }, _) if matches!(self.wanted, Wanted::Job(_)) => {
                self.is_an_operators_job()
            }
            (Asker::Operator { .. }, [_]) => Ok(()),
            (Asker::Operator { .. }, [_, _, ..]) => {
                Err("an operator asks about one application at a time")
            }
            (Asker::Operator { .. }, []) => self.is_an_operators_job(),
        }
    }

    /// Only people ask for a right, and only to deploy what they name.
    fn is_possible_plea(&self, of: &AskedOf) -> Result<(), &'static str> {
        match (&self.by, &of.verb) {
            (
                Asker::Person(_),
                Verb::Deploy {
                    again: None,
                    from: None,
                    ..
                },
            ) => Ok(()),
            _ => Err("nobody asks for a right so"),
        }
    }

    /// Whether a mention may ask for it: what gives rights, answers a question or a pause, or gives a deploy up does
    /// not come so.
    fn is_by_mention(&self) -> bool {
        match &self.wanted {
            Wanted::Deploy { .. } => true,
            Wanted::Plea { .. } => false,
            Wanted::Job(task) => match task {
                Task::Status { .. }
                | Task::Logs(_)
                | Task::Preview(_)
                | Task::Diff(_)
                | Task::Where(_)
                | Task::Nudge {
                    pressed: Pressed::Cancel,
                    ..
                }
                | Task::Stop { .. }
                | Task::StopAt { .. }
                | Task::Words(_) => true,
                Task::Nudge { .. }
                | Task::Difference { .. }
                | Task::AnswerPause { .. }
                | Task::Abandon { .. }
                | Task::Say { .. }
                | Task::Grant(_)
                | Task::Revoke(_)
                | Task::MeantPerson { .. }
                | Task::Tell { .. } => false,
            },
        }
    }

    fn says(&self) -> bool {
        matches!(self.wanted, Wanted::Job(Task::Say { .. }))
    }

    /// At a terminal one reads the record: of the waiter, an operator wants to be heard, and rights to be taken back of
    /// somebody whom they name by the id. Who is called so, the answer would have to ask them.
    fn is_an_operators_job(&self) -> Result<(), &'static str> {
        match &self.wanted {
            Wanted::Job(Task::Say { .. }) => Ok(()),
            Wanted::Job(Task::Revoke(asked)) => match asked.of.to {
                Somebody::Mentioned(_) => Ok(()),
                Somebody::Called(_) => Err("an operator names people by their ids"),
            },
            _ => Err("an operator has nothing looked up"),
        }
    }
}
