//! What happened on a day, counted: a run of many days in which something never happened shows nothing of it.

use std::collections::BTreeMap;

use longshore::record::Verdict;

use super::ci::{GREEN, PROMOTED, TAKEN_BACK};
use super::day::Day;
use super::given::{ALLOWED_ONCE, BY_RIGHT};
use super::people::BY_GROUP;
use super::stack;

/// Calls that show that a day had a pause answered, a one-off task run, a schedule changed.
pub(super) const BESIDE: [&str; 3] = ["ContinueServiceDeployment", "RunTask", "UpdateSchedule"];
/// What messages with log lines are counted under.
pub(super) const LOGS: &str = "logs read";
/// What deploys of several applications that began are counted under.
pub(super) const SEVERAL: &str = "several applications";
/// What rollbacks that came after rollbacks are counted under.
pub(super) const BACK_AND_BACK: &str = "rollbacks of rollbacks";
/// What cancels of several requests at once are counted under.
pub(super) const CANCELS: &str = "cancels of several";

/// What happened, in sum.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) deploys: u64,
    verdicts: BTreeMap<String, u64>,
    faults: u64,
    calls: u64,
    /// What people typed and pressed, and the messages that Longshore posted.
    pub(super) asked: u64,
    pub(super) messages: u64,
    /// Counts of a service's tasks that people were told.
    pub(super) reads: u64,
    /// What only happens on days with pauses, one-off tasks, schedules, several applications at once.
    pub(super) beside: BTreeMap<&'static str, u64>,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.deploys += other.deploys;
        self.faults += other.faults;
        self.reads += other.reads;
        self.calls += other.calls;
        self.asked += other.asked;
        self.messages += other.messages;
        for (verdict, times) in other.verdicts {
            *self.verdicts.entry(verdict).or_default() += times;
        }
        for (operation, times) in other.beside {
            *self.beside.entry(operation).or_default() += times;
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            deploys,
            faults,
            calls,
            asked,
            messages,
            reads,
            verdicts,
            beside,
        } = self;
        write!(
            f,
            "{deploys} deploys, {faults} faults and deaths, {calls} calls, {messages} messages after {asked} commands and clicks, {reads} counts read; {verdicts:?}, {beside:?}"
        )
    }
}

impl Day {
    pub(super) async fn tally(&self) -> Tally {
        let deploys = self.deploys().await;
        let mut verdicts = BTreeMap::new();
        for deploy in &deploys {
            let verdict = deploy.verdict().map_or("open", Verdict::name);
            *verdicts.entry(verdict.to_owned()).or_default() += 1;
        }
        let state = self.town.world.state();
        let made = |operation: &'static str| {
            let calls = state.calls.iter();
            let made = calls.filter(|call| call.operation == operation).count();
            (operation, made as u64)
        };
        let [by_right, once] = self.begun_by_right(&deploys);
        let [green, promoted] = self.brought_green(&deploys);
        let several = deploys.iter().filter(|deploy| deploy.is_of_several());
        let several = several.filter(|deploy| deploy.has_started()).count() as u64;
        Tally {
            deploys: deploys.len() as u64,
            verdicts,
            faults: self.fired,
            calls: state.calls.len() as u64,
            asked: self.asked.len() as u64,
            messages: state.slack.messages().len() as u64,
            reads: self.reads.get(),
            beside: BESIDE
                .map(made)
                .into_iter()
                .chain([
                    (LOGS, self.log_lines.get()),
                    (SEVERAL, several),
                    (BACK_AND_BACK, stack::again(&deploys)),
                    (CANCELS, self.cancels_of_several()),
                    (BY_GROUP, self.begun_by_group(&deploys)),
                    (BY_RIGHT, by_right),
                    (ALLOWED_ONCE, once),
                    (GREEN, green),
                    (PROMOTED, promoted),
                    (TAKEN_BACK, self.kept_out(&deploys)),
                ])
                .collect(),
        }
    }
}
