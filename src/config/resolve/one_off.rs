//! The one-off task that an application runs before a switch.

use std::time::Duration;

use super::patterns::{fits, not_empty, service_pattern};
use super::{duration, missing};
use crate::config::OneOffConfig;
use crate::config::low::LowBefore;
use crate::config::problem::Findings;
use crate::config::values::render_name;

/// How long a task may run if nobody says.
const TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The task, before `{app}` and `{env}` are filled in.
pub(super) struct WrittenOneOff<'l> {
    pub(super) task: &'l str,
    command: Vec<String>,
    timeout: Duration,
}

impl<'l> WrittenOneOff<'l> {
    /// `None` if something in it is wrong, which was reported then.
    pub(super) fn read(written: &'l LowBefore, findings: &mut Findings) -> Option<Self> {
        let command = written.command.as_ref();
        if let Some(list) = command {
            const OWN: &str = "name its words, or remove it to run the container's own command";
            not_empty(list, OWN, findings);
        }
        let timeout = written.timeout.as_ref();
        let timeout = timeout.map_or(Some(TIMEOUT), |at| duration(at, findings));
        let Some(task) = &written.task else {
            const WHICH: &str = "name its task definition family, such as \"cms-migrate\"";
            missing(&written.place, "task", WHICH, findings);
            return None;
        };
        let fits = fits(task, service_pattern, findings);
        Some(Self {
            task: fits.then_some(&task.value)?,
            command: command
                .into_iter()
                .flat_map(|list| &list.value)
                .map(|word| word.value.clone())
                .collect(),
            timeout: timeout?,
        })
    }

    pub(super) fn render(&self, application: &str, environment: &str) -> OneOffConfig {
        OneOffConfig {
            task: render_name(self.task, application, environment),
            command: self.command.clone(),
            timeout: self.timeout,
        }
    }
}
