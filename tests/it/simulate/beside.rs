//! The invariants of what is beside the services: pauses, one-off tasks and schedules.

use std::collections::BTreeMap;

use longshore::record::{Deploy, OneOffPhase, SchedulePhase, ServicePhase, Verdict};
use serde_json::Value;

use super::choices::SCHEDULES;
use super::day::Day;

impl Day {
    /// What does not hold of them at the end of the day.
    pub(super) fn problems_beside(&self, deploys: &[Deploy]) -> Vec<String> {
        let mut problems = self.answers();
        problems.extend(self.tasks(deploys));
        problems.extend(self.schedules(deploys));
        problems
    }

    /// I13: whatever is pressed, ECS hears one answer to a pause, and always which.
    fn answers(&self) -> Vec<String> {
        let state = self.town.world.state();
        let mut given: BTreeMap<String, Value> = BTreeMap::new();
        let mut problems = Vec::new();
        for call in &state.calls {
            if call.operation != "ContinueServiceDeployment" {
                continue;
            }
            let (hook, action) = (&call.request["hookId"], &call.request["action"]);
            if !action.is_string() {
                problems.push(format!("I13: {hook} was answered without an action"));
            }
            let before = given.insert(hook.to_string(), action.clone());
            if before.as_ref().is_some_and(|before| before != action) {
                problems.push(format!("I13: {hook} was answered {before:?} and {action}"));
            }
        }
        problems
    }

    /// I13: a task runs once; nothing is switched unless it ended well.
    fn tasks(&self, deploys: &[Deploy]) -> Vec<String> {
        let mut problems = Vec::new();
        let mut begun = 0;
        for deploy in deploys {
            let phases = || deploy.one_offs.iter().map(|task| &task.phase);
            begun += phases()
                .filter(|phase| **phase != OneOffPhase::Waiting)
                .count();
            let ended_well = phases().all(|phase| matches!(phase, OneOffPhase::Succeeded { .. }));
            let switched = deploy
                .services
                .iter()
                .any(|service| service.phase != ServicePhase::Waiting);
            if switched && !ended_well {
                let phases: Vec<&OneOffPhase> = phases().collect();
                problems.push(format!("I13: {} went on though {phases:?}", deploy.id));
            }
        }
        let run = self.town.world.state().ecs.tasks_run("cms-migrate");
        if run > begun {
            problems.push(format!("I13: {run} tasks ran for {begun} deploys"));
        }
        problems
    }

    /// I13, I15: a schedule runs what the record says it runs.
    fn schedules(&self, deploys: &[Deploy]) -> Vec<String> {
        let mut problems = Vec::new();
        let mut expected: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
        let mut ended: Vec<&Deploy> = deploys
            .iter()
            .filter(|deploy| deploy.ending.is_some())
            .collect();
        ended.sort_by_key(|deploy| deploy.ending.as_ref().map(|ending| ending.at));
        for deploy in ended {
            let planned = deploy.plan.iter().flat_map(|plan| &plan.schedules);
            for (planned, state) in planned.zip(&deploy.schedules) {
                let updated = state.phase == SchedulePhase::Updated;
                match deploy.verdict() {
                    Some(Verdict::Succeeded) if !updated => problems.push(format!(
                        "I15: {} succeeded though {:?}",
                        deploy.id, state.phase
                    )),
                    Some(Verdict::RolledBack) if updated => {
                        problems.push(format!("I15: {} left {}", deploy.id, state.schedule));
                    }
                    _ => {}
                }
                let runs = match &state.phase {
                    SchedulePhase::Waiting => continue,
                    SchedulePhase::Updated => state.revision.clone(),
                    SchedulePhase::PutBack
                    | SchedulePhase::Failed {
                        as_before: true, ..
                    } => Some(state.back.clone().unwrap_or_else(|| planned.live.clone())),
                    SchedulePhase::Failed { .. } | SchedulePhase::Stuck { .. } => None,
                };
                let place = (deploy.environment.to_string(), state.schedule.clone());
                expected.insert(place, runs);
            }
        }
        if self.repointed {
            return problems;
        }
        let state = self.town.world.state();
        for ((environment, schedule), runs) in expected {
            let Some(runs) = runs.filter(|_| SCHEDULES.contains(&schedule.as_str())) else {
                continue;
            };
            let arn = |document: &&Value| {
                document["Target"]["EcsParameters"]["TaskDefinitionArn"]
                    .as_str()
                    .map(str::to_owned)
            };
            let now: Vec<String> = state
                .scheduler
                .named(&schedule)
                .iter()
                .filter_map(arn)
                .collect();
            if !now.contains(&runs) {
                problems.push(format!(
                    "I15: {schedule} on {environment} runs one of {now:?}, not {runs}"
                ));
            }
        }
        problems
    }
}
