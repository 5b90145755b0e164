//! Following a deploy by its record, from the request to the verdict, with what the card would show.
//! Whoever leaves, leaves it running.

use std::time::Duration;

use futures_util::future::{Either, select};

use super::console::COMMAND;
use super::{Exit, Failure, Surroundings};
use crate::aws::dynamodb::{Store, StoreError};
use crate::card::{self, Setting};
use crate::names::DeployId;
use crate::record::{Deploy, Phase, Verdict};

/// How often the record is read.
const POLL: Duration = Duration::from_secs(2);

/// Failed reads in a row after which following gives up.
const PATIENCE: u32 = 10;

/// How far it is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Until it puts a question, begins, or ends.
    Question,
    /// Until it is known to stop, or ends.
    Stopping,
    /// Until it ends.
    Verdict,
}

impl Until {
    fn is_there(self, deploy: &Deploy) -> bool {
        // What starts may still be asked about again.
        let begun = matches!(deploy.phase, Phase::Rolling | Phase::Overdue | Phase::Ended);
        match self {
            Self::Question => begun || deploy.phase == Phase::Asking,
            Self::Stopping => deploy.cancel.is_some() || deploy.ending.is_some(),
            Self::Verdict => deploy.ending.is_some(),
        }
    }
}

/// One deploy that is followed.
pub(super) struct Follow<'a> {
    store: &'a Store,
    id: &'a DeployId,
    /// The lines that were written last.
    said: Vec<String>,
    failures: u32,
}

impl<'a> Follow<'a> {
    pub(super) fn new(store: &'a Store, id: &'a DeployId) -> Self {
        Self {
            store,
            id,
            said: Vec::new(),
            failures: 0,
        }
    }

    /// Reads the record until it has got so far, and says what changes.
    pub(super) async fn until(
        &mut self,
        until: Until,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<Deploy, Failure> {
        loop {
            if let Some(deploy) = self.look(surroundings).await?
                && until.is_there(&deploy)
            {
                return Ok(deploy);
            }
            self.rests(surroundings).await?;
        }
    }

    /// Waits until it is to be looked at again.
    pub(super) async fn rests(&self, surroundings: &mut Surroundings<'_>) -> Result<(), Failure> {
        let rest = Box::pin(tokio::time::sleep(POLL));
        self.or_leaves(rest, surroundings).await
    }

    /// The record as it is now, if it can be read.
    pub(super) async fn look(
        &mut self,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<Option<Deploy>, Failure> {
        let read = Box::pin(self.store.deploy_or_request(self.id));
        match self.or_leaves(read, surroundings).await? {
            Ok(found) => {
                self.failures = 0;
                if let Some(deploy) = &found {
                    self.says(deploy, surroundings)?;
                }
                Ok(found)
            }
            Err(error) => {
                self.failures += 1;
                if self.failures >= PATIENCE || !error.is_transient() {
                    return Err(lost_sight(error));
                }
                Ok(None)
            }
        }
    }

    async fn or_leaves<T>(
        &self,
        wanted: impl Future<Output = T> + Unpin,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<T, Failure> {
        match select(wanted, surroundings.terminal.leaving()).await {
            Either::Left((got, _)) => Ok(got),
            Either::Right(_) => Err(Failure::Left(self.id.clone())),
        }
    }

    /// Writes the lines that were not there before.
    fn says(
        &mut self,
        deploy: &Deploy,
        surroundings: &mut Surroundings<'_>,
    ) -> Result<(), Failure> {
        let setting = Setting {
            command: COMMAND,
            admins: &[],
            now: surroundings.now(),
            on_call: &[],
        };
        let lines: Vec<String> = card::at_a_terminal(deploy, &setting)
            .iter()
            .map(crate::slack::text::Mrkdwn::plain)
            .collect();
        for line in &lines {
            if !self.said.contains(line) {
                writeln!(surroundings.err, "{line}")?;
            }
        }
        surroundings.err.flush()?;
        self.said = lines;
        Ok(())
    }
}

impl Exit {
    /// The exit code of a verdict that was waited for.
    pub(super) fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Succeeded => Self::Done,
            Verdict::Refused => Self::Refused,
            Verdict::RolledBack => Self::RolledBack,
            Verdict::Failed => Self::Failed,
            Verdict::Cancelled => Self::Cancelled,
            Verdict::Expired => Self::Expired,
            Verdict::Superseded => Self::Superseded,
            Verdict::Abandoned => Self::Abandoned,
        }
    }
}

fn lost_sight(error: StoreError) -> Failure {
    Failure::Store {
        error,
        then: "the deploy goes on, but cannot be followed from here; `longshore show` tells how it went",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures;
    use crate::request::Verb;

    /// A plan that went out of date is asked about again out of Starting, and somebody must still sit there.
    #[test]
    fn what_starts_may_be_asked_about_again() {
        let mut deploy = fixtures::asking(Verb::Restart);
        for (phase, question) in [
            (Phase::Requested, false),
            (Phase::Planned, false),
            (Phase::Asking, true),
            (Phase::Starting, false),
            (Phase::Rolling, true),
            (Phase::Overdue, true),
            (Phase::Ended, true),
        ] {
            deploy.phase = phase;
            assert_eq!(Until::Question.is_there(&deploy), question, "{phase:?}");
            assert!(!Until::Verdict.is_there(&deploy), "{phase:?}");
        }
    }
}
