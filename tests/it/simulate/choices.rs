//! What a day can be like beyond one service that rolls: other strategies, pauses and who answers
//! them, applications with a one-off task and with schedules, in parallel and with either policy.

use std::time::Duration;

use longshore_sim::ecs::{Script, TaskScript};
use longshore_sim::slack::{Message, SignedRequest};

use super::day::Day;
use super::moves::SERVICES;
use crate::town::{ADA, BOB, CONFIG, EVE, ROOT};

const CLUSTERS: [&str; 2] = ["staging", "production"];
/// The buttons of a pause.
const ANSWERS: [&str; 2] = ["pause_continue", "pause_back"];
/// The schedules of cms.
pub(super) const SCHEDULES: [&str; 2] = ["nightly-report", "cleanup"];

/// The button that says the contrary, of those of a pause.
pub(super) fn contrary(action: &str) -> &str {
    match action {
        "pause_continue" => "pause_back",
        "pause_back" => "pause_continue",
        other => other,
    }
}

impl Day {
    /// A configuration with some of what there is.
    pub(super) fn a_configuration(&mut self) -> String {
        let keys = [
            r#"before       = { task = "cms-migrate", command = ["./migrate", "--all"], timeout = "5m" }"#,
            r#"schedules    = ["nightly-report", "cleanup:cms-worker"]"#,
            r#"rollouts     = "parallel""#,
            r#"on_failure   = "stop""#,
        ];
        let chosen = keys.into_iter().filter(|_| self.dice.u8(0..5) < 3);
        let keys = chosen.map(|key| format!("{key}\n")).collect::<String>();
        let configured = CONFIG.replace(
            "[applications.cms]\n",
            &format!("[applications.cms]\n{keys}"),
        );
        let configured = match self.dice.u8(0..4) {
            0 => configured.replace("confirm  = false", "confirm  = true"),
            _ => configured,
        };
        let configured = self.with_checks(self.with_admins(self.with_crew(configured)));
        self.logs_for_whom(configured)
    }

    /// A rollout that ECS takes in stages, or that waits for a person.
    pub(super) fn a_staged_script(&mut self) -> Script {
        match self.dice.u8(0..9) {
            0 => Script::BlueGreen,
            1 => Script::Linear,
            2 => Script::Canary,
            3 => Script::TwoPauses,
            4 => Script::LinearPause,
            5 => Script::CanaryPause,
            6 | 7 => Script::BlueGreenPause,
            _ => Script::Pause,
        }
    }

    pub(super) fn a_task_will_go_otherwise(&mut self) {
        let runs = Duration::from_secs(self.dice.u64(1..400));
        let script = match self.dice.u8(0..6) {
            0 => TaskScript::NeverEnds,
            1 => TaskScript::NotPlaced,
            2 => TaskScript::NotPulled,
            3 => TaskScript::Exits(runs, 3),
            _ => TaskScript::Exits(runs, 0),
        };
        let now = self.town.world.now();
        self.diary.push(format!("{now} cms-migrate: {script:?}"));
        let ecs = &mut self.town.world.state().ecs;
        ecs.set_task_script("cms-migrate", &script);
    }

    pub(super) fn somebody_repoints_a_schedule(&mut self) {
        let schedule = SCHEDULES[self.dice.usize(0..SCHEDULES.len())];
        let now = self.town.world.now();
        self.diary
            .push(format!("{now} somebody else has {schedule} run its own"));
        let revision = "arn:aws:ecs:eu-west-1:222222222222:task-definition/nightly-report:1";
        let scheduler = &mut self.town.world.state().scheduler;
        scheduler.repoint(schedule, revision);
        self.repointed = true;
    }

    /// Keeps what somebody could still press once it is too late.
    pub(super) fn remembers_pauses(&mut self) {
        let found = self.pause_buttons(BOB);
        for (message, _) in found {
            if !self.stale.contains(&message) && self.stale.len() < 20 {
                self.stale.push(message);
            }
        }
    }

    /// Somebody answers a pause, perhaps one that is over, and perhaps somebody else says the
    /// contrary in the same moment.
    pub(super) async fn somebody_answers_a_pause(&mut self) {
        let user = [ADA, ADA, BOB, BOB, EVE, ROOT][self.dice.usize(0..6)];
        let late = !self.stale.is_empty() && self.dice.u8(0..4) == 0;
        let message = match late {
            true => Some(self.stale[self.dice.usize(0..self.stale.len())].clone()),
            false => self.pause_buttons(user).pop().map(|(message, _)| message),
        };
        let Some(message) = message else {
            return self.somebody_presses().await;
        };
        let action = ANSWERS[self.dice.usize(0..2)];
        let also = match self.dice.u8(0..6) {
            0 => Some((BOB, contrary(action))),
            1 => Some((ADA, action)),
            _ => None,
        };
        let presses: Vec<(&str, &str)> = [(user, action)].into_iter().chain(also).collect();
        self.presses(&message, &presses).await;
    }

    async fn presses(&mut self, message: &Message, presses: &[(&str, &str)]) {
        let now = self.town.world.now();
        let requests: Vec<SignedRequest> = {
            let slack = &mut self.town.world.state().slack;
            let clicks = presses
                .iter()
                .map(|(user, action)| slack.click(now, user, message, action));
            clicks.flatten().collect()
        };
        self.diary.push(format!("{now} pressed: {presses:?}"));
        self.posts(&requests, false).await;
    }

    /// Everybody answers what waits for them: here, or in the console.
    pub(super) async fn pauses_are_answered(&mut self) {
        for cluster in CLUSTERS {
            for service in SERVICES {
                if self.town.world.state().ecs.pauses(cluster, service) == 0 {
                    continue;
                }
                let proceed = self.dice.bool();
                let shown = self.pause_buttons(ADA).pop();
                match shown.filter(|_| self.dice.bool()) {
                    Some((message, _)) => {
                        let action = ANSWERS[usize::from(!proceed)];
                        self.presses(&message, &[(ADA, action)]).await;
                    }
                    None => {
                        let now = self.town.world.now();
                        let what = format!("{now} in the console, {service}: {proceed}");
                        self.diary.push(what);
                        let ecs = &mut self.town.world.state().ecs;
                        ecs.answer_pauses(now, cluster, service, proceed);
                    }
                }
            }
        }
    }

    /// The messages in which a person sees the buttons of a pause, the newest last.
    fn pause_buttons(&self, user: &str) -> Vec<(Message, String)> {
        let slack = &self.town.world.state().slack;
        let seen = slack.messages().iter();
        let seen = seen.filter(|message| !message.deleted && slack.sees(user, message));
        seen.filter_map(|message| {
            let buttons = message.buttons().into_iter();
            let mut answers = buttons.filter(|button| button.action_id == ANSWERS[0]);
            Some((message.clone(), answers.next()?.action_id))
        })
        .collect()
    }
}
