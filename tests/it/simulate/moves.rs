//! What can happen on a day: what people type and press, what becomes of a rollout, and what others
//! do behind Longshore's back.

use std::time::Duration;

use longshore::aws::answers::{CALLS, Means};
use longshore_sim::ecs::Script;
use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::slack::{Invocation, Message, SignedRequest};
use longshore_sim::{ecr, github, slack};

use super::choices::contrary;
use super::day::Day;
use crate::town::{ADA, BOB, DEPLOYS, EVE, PROD, REGION, ROOT};

const PEOPLE: [&str; 4] = [ADA, BOB, EVE, ROOT];
pub(super) const SERVICES: [&str; 3] = ["webapp", "cms-api", "cms-worker"];
/// What nobody may manage to say in the bot's name.
pub(super) const PINGS: [&str; 3] = ["<!channel>", "<!here>", "<https://evil.example|ok>"];

impl Day {
    /// The next thing that happens.
    pub(super) async fn happens(&mut self) {
        self.remembers_pauses();
        match self.dice.u8(0..100) {
            0..36 => self.somebody_types().await,
            36..60 => self.somebody_presses().await,
            60..70 => self.somebody_answers_a_pause().await,
            70..80 => self.a_rollout_will_go_otherwise(),
            80..82 => self.a_task_will_go_otherwise(),
            82..84 => self.somebody_repoints_a_schedule(),
            84..86 => self.a_forger_knocks().await,
            86..88 => self.a_tag_moves(),
            88..90 => self.somebody_stops_executions().await,
            90..92 => self.slack_or_github_is_ill(),
            92..94 => self.somebody_else_rolls_out(),
            94 => self.aws_will_say_no(),
            95..97 => self.the_configuration_is_pushed().await,
            97 => self.the_public_function_is_taken_over().await,
            _ => self.time(Duration::from_secs(16 * 60)).await,
        }
    }

    pub(super) fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.dice.usize(0..all.len())]
    }

    fn command(&mut self) -> String {
        let application = self.one_of(&["webapp", "webapp", "cms", "cms", "cms", "cms", "wepapp"]);
        let environment = match self.dice.u8(0..12) {
            0..9 => "staging",
            9..11 => "production",
            _ => "nowhere",
        };
        match self.dice.u8(0..20) {
            0..11 => {
                let reference = self.one_of(&[
                    "",
                    ":main",
                    ":1.0.2",
                    ":1.0.2",
                    ":feature/signup-autocomplete",
                    ":feature/signup-autocomplete",
                    ":gone",
                ]);
                format!("{application}{reference} to {environment}")
            }
            11..13 => format!("rollback {application} on {environment}"),
            13..15 => format!("cancel {application} on {environment}"),
            15 => format!("restart {application} on {environment}"),
            16 => format!("status {application}"),
            17 => self
                .one_of(&["status", "history", "help", "history webapp staging"])
                .to_owned(),
            18 => format!("{}:{} to {environment}", application, self.one_of(&PINGS)),
            _ => self
                .one_of(&[
                    "",
                    "do it now",
                    "🚀",
                    "webapp,cms staging 1.0.2",
                    "cms,webapp to staging",
                    "webapp:main,cms:1.0.2 to staging",
                    "cms:1.0.2,webapp:1.0.2 to production",
                ])
                .to_owned(),
        }
    }

    async fn somebody_types(&mut self) {
        let user = match self.dice.u8(0..10) {
            0 => EVE,
            1 => ROOT,
            _ => self.one_of(&[ADA, BOB]),
        };
        let typed = self.command();
        let now = self.town.world.now();
        let invocation = Invocation::new(user, DEPLOYS, &typed);
        let request = self.town.world.state().slack.command(now, &invocation);
        let copies = self.copies();
        self.diary
            .push(format!("{now} {user} types {typed:?}, {copies} times"));
        self.posts(&vec![request; copies], true).await;
        if ["status", "history", "help", "show", "cancel"]
            .iter()
            .any(|verb| typed.starts_with(verb))
        {
            self.it_was_a_look();
        }
    }

    /// What was just typed asks for nothing to be changed.
    pub(super) fn it_was_a_look(&mut self) {
        if let Some(asked) = self.asked.last_mut() {
            asked.reads = true;
        }
    }

    /// How often a request arrives.
    fn copies(&mut self) -> usize {
        match self.dice.u8(0..12) {
            0 => 2,
            1 => 5,
            _ => 1,
        }
    }

    pub(super) async fn somebody_presses(&mut self) {
        let mut user = self.one_of(&PEOPLE);
        if self.dice.bool() {
            user = ADA;
        }
        let now = self.town.world.now();
        let mut requests: Vec<SignedRequest> = Vec::new();
        let action = {
            let slack = &mut self.town.world.state().slack;
            let mut seen: Vec<(Message, String)> = Vec::new();
            for message in slack.messages().iter().rev().filter(|m| !m.deleted) {
                if slack.sees(user, message) {
                    let buttons = message.buttons().into_iter();
                    seen.extend(buttons.map(|button| (message.clone(), button.action_id)));
                }
            }
            if seen.is_empty() {
                return;
            }
            // Mostly what was said last.
            let among = if self.dice.bool() {
                seen.len().min(3)
            } else {
                seen.len()
            };
            let (message, action) = &seen[self.dice.usize(0..among)];
            self.given.is_pressed(now, message, action);
            let times = [1, 1, 1, 2, 4][self.dice.usize(0..5)];
            for number in 0..times {
                // One person presses twice, or two people at once.
                let (user, action) = match number % 2 {
                    0 => (user, action.as_str()),
                    _ => (BOB, contrary(action)),
                };
                requests.extend(slack.click(now, user, message, action));
            }
            action.clone()
        };
        self.diary.push(format!(
            "{now} {user} presses {action}, {} times",
            requests.len()
        ));
        self.posts(&requests, false).await;
    }

    pub(super) fn a_rollout_will_go_otherwise(&mut self) {
        let script = match self.dice.u8(0..22) {
            0 => Script::Slow(Duration::from_secs(self.dice.u64(60..2400))),
            1 => Script::CrashLoop,
            2 => Script::NoGoodRevision,
            3 => Script::BreakerWithoutRollback,
            4 => Script::BreakerOff,
            5 => Script::RollbackFails,
            6 => Script::UncountedDeaths,
            7 => Script::UnableToPlace,
            8 => Script::ImagePullError,
            9 => Script::Foreign,
            10 => Script::StaleReads,
            11 => Script::BetweenPolls,
            12 => Script::ScaledToZero,
            13 => Script::Alarm,
            14..21 => self.a_staged_script(),
            _ => Script::Happy,
        };
        let cluster = self.one_of(&["staging", "staging", "production"]);
        self.will_go(cluster, script);
    }

    /// The next rollout of one of the services goes so.
    pub(super) fn will_go(&mut self, cluster: &str, script: Script) {
        let service = self.one_of(&SERVICES);
        let now = self.town.world.now();
        self.diary
            .push(format!("{now} {service} on {cluster}: {script:?}"));
        self.town.script(cluster, service, script);
    }

    async fn a_forger_knocks(&mut self) {
        let now = self.town.world.now();
        let invocation = Invocation::new(ADA, DEPLOYS, "webapp to staging");
        let mut request = self.town.world.state().slack.command(now, &invocation);
        match self.dice.u8(0..3) {
            0 => {
                request.body = String::from_utf8_lossy(&request.body)
                    .replace("staging", "production")
                    .into()
            }
            1 => request
                .headers
                .retain(|(name, _)| !name.eq_ignore_ascii_case("x-slack-signature")),
            _ => {
                for (name, value) in &mut request.headers {
                    if name.eq_ignore_ascii_case("x-slack-signature") {
                        *value = value.replace(['1', 'a'], "2");
                    }
                }
            }
        }
        let before = self.items().len();
        let (_, response) = self.town.knocks(&request).await;
        let status = response.status().as_u16();
        if !matches!(status, 401 | 503) || !response.body().is_empty() {
            self.broken.insert(format!("I2: a forger got {status}"));
        }
        if self.items().len() != before {
            self.broken
                .insert("I2: a forger wrote something".to_owned());
        }
    }

    fn a_tag_moves(&mut self) {
        let image = self.one_of(&["webapp", "cms"]);
        let now = self.town.world.now();
        let digest = ecr::digest(&format!("moved at {now}"));
        self.diary.push(format!("{now} the tags of {image} move"));
        let state = &mut *self.town.world.state();
        state
            .ecr
            .push(PROD, REGION, image, &["1.0.2"], &digest, now);
    }

    async fn somebody_stops_executions(&mut self) {
        let now = self.town.world.now();
        self.diary
            .push(format!("{now} somebody stops every execution"));
        let running: Vec<String> = {
            let state = self.town.world.state();
            let all = state.states.executions.values();
            let running = all.filter(|run| run.status == longshore_sim::states::Status::Running);
            running.map(|run| run.arn.clone()).collect()
        };
        let aws = crate::town::aws(
            &self.town.world,
            "AKIDOBSERVER",
            longshore::aws::Patience::STEP,
        );
        for arn in running {
            // It may meet a fault like everything else.
            let stop = aws.states().stop_execution().execution_arn(arn);
            let _ = longshore_sim::until_killed(stop.send()).await;
        }
    }

    fn slack_or_github_is_ill(&mut self) {
        let now = self.town.world.now();
        let state = &mut *self.town.world.state();
        let (what, dice) = (self.dice.u8(0..6), &mut self.diary);
        match what {
            0 => state.slack.set_mode(slack::Mode::Down),
            1 => state.slack.set_mode(slack::Mode::HooksDown),
            2 => state.slack.set_mode(slack::Mode::ApiDown),
            3 => state.github.set_mode(github::Mode::Down),
            _ => {
                state.slack.set_mode(slack::Mode::Up);
                state.github.set_mode(github::Mode::Up);
            }
        }
        dice.push(format!("{now} Slack or GitHub: {what}"));
    }

    fn somebody_else_rolls_out(&mut self) {
        let service = self.one_of(&SERVICES);
        let now = self.town.world.now();
        // By hand, one of three never ends.
        let script = match self.dice.u8(0..3) {
            0 => Script::BreakerOff,
            _ => Script::Happy,
        };
        self.diary.push(format!(
            "{now} somebody else rolls out {service}: {script:?}"
        ));
        let ecs = &mut self.town.world.state().ecs;
        ecs.foreign_rollout(now, "staging", service, &script);
    }

    /// For the rest of the day AWS refuses one of the calls that change something.
    fn aws_will_say_no(&mut self) {
        let (service, operation, errors) = CALLS[self.dice.usize(0..CALLS.len())];
        let no: Vec<_> = errors
            .iter()
            .filter(|(_, means)| *means == Means::No)
            .collect();
        let (code, _) = no[self.dice.usize(0..no.len())];
        let now = self.town.world.now();
        self.diary
            .push(format!("{now} AWS refuses {operation}: {code}"));
        let kind = Kind::Refused(code, "for the rest of the day");
        let call = Matcher::operation(service, operation);
        self.town.world.state().faults.plan(call, kind);
    }

    pub(super) async fn the_configuration_is_pushed(&mut self) {
        let now = self.town.world.now();
        let text = self.a_configuration();
        let cms = text.split("[applications.cms]").nth(1).unwrap_or_default();
        let keys: Vec<&str> = cms
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        self.diary.push(format!(
            "{now} the configuration is pushed, cms with {keys:?}"
        ));
        let checked = longshore::config::Config::compile(&[longshore::config::SourceFile::new(
            "longshore.toml",
            &text,
        )]);
        let config = checked.unwrap().config;
        let by = longshore::names::Actor::Longshore;
        let body = longshore::config::Packed::of(&config.canonical().unwrap()).unwrap();
        let sha256 = config.sha256().unwrap();
        let push = self.town.store.put_configuration(&body, &sha256, &by, now);
        // It may meet a fault like everything else.
        let _ = longshore_sim::until_killed(push).await;
    }
}
