//! The journeys as stories that people play, from one beginning as often as a test wants.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use longshore::aws::{Aws, Patience};
use longshore::record::Deploy;
use longshore::waiter::{Event, StepError};
use longshore_sim::dynamodb::Item;
use longshore_sim::fault::{Kill, Kind, Matcher};
use longshore_sim::slack::{Invocation, SignedRequest};
use longshore_sim::states::{Drive, Status};
use longshore_sim::transcript::Transcript;
use longshore_sim::until_killed;
use serde_json::Value;

use super::journey::Journey;
use crate::town::{ADA, DEPLOYS, Invoked, Town, aws, event};

/// How often the schedule calls.
pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// The waiter, as the driver calls it.
pub(crate) type Calls = Box<dyn Fn(Value) -> Invoked + Send + Sync>;

/// What came back through the front door.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// Whether it was the answer to a command that asks for a change.
    pub(super) asks: bool,
    /// A click's answer is seen by its status alone.
    pub(super) clicked: bool,
    pub(super) elapsed: Duration,
    pub(super) status: u16,
    pub(super) text: String,
}

/// One journey in a town of its own.
pub(super) struct Story {
    pub(super) journey: Journey,
    pub(super) town: Town,
    pub(super) driver: Drive<Calls>,
    pub(super) heard: Vec<Heard>,
    /// Buttons that were to start a deploy.
    pub(super) pressed: usize,
    /// What ran before each of the services' first deploy.
    pub(super) first: Vec<String>,
    /// What runs as the story begins.
    pub(super) ran: Vec<String>,
    /// How often each service had been updated by then.
    pub(super) updates: Vec<usize>,
    /// The deploys on record by then.
    pub(super) earlier: Vec<String>,
}

impl Story {
    /// The journey in a town of its own.
    pub(super) async fn begin(journey: Journey) -> Self {
        journey.beginning().await.story()
    }

    /// The same with the rules on ended executions and on ECS's rollouts in force.
    pub(super) fn with_events(self) -> Self {
        Self {
            driver: self.driver.deliver_events(),
            ..self
        }
    }

    /// The same, but nobody looks after what is open.
    pub(super) fn without_sweeper(self) -> Self {
        Self {
            driver: driver(&self.town),
            ..self
        }
    }

    /// The same with somebody looking after what is open, from now on.
    pub(super) fn with_sweeper(self) -> Self {
        Self {
            driver: driver(&self.town).sweep_every(MINUTE),
            ..self
        }
    }

    /// Somebody stops every execution, in the console.
    pub(super) async fn stops_executions(&self) {
        let running: Vec<String> = {
            let state = self.town.world.state();
            let all = state.states.executions.values();
            let running = all.filter(|execution| execution.status == Status::Running);
            running.map(|execution| execution.arn.clone()).collect()
        };
        for arn in running {
            let stop = self.aws().states().stop_execution().execution_arn(arn);
            stop.send().await.unwrap();
        }
    }

    /// Plans one fault.
    pub(super) fn plan(&self, matcher: Matcher, kind: Kind) {
        self.town.world.state().faults.plan(matcher, kind);
    }

    /// Plans one death of whoever makes that call.
    pub(super) fn plan_death(&self, matcher: Matcher, when: Kill) {
        self.town.world.state().faults.kill(matcher, when);
    }

    /// Plays it until nothing is open any more.
    pub(super) async fn play(&mut self) {
        // So that the schedule comes round in the middle of it.
        self.passes(49).await;
        match self.journey {
            Journey::Deploy => {
                self.types("webapp:feature/signup-autocomplete to staging")
                    .await
            }
            Journey::Confirm | Journey::Promote => {
                let typed = match self.journey {
                    Journey::Confirm => "webapp production 1.0.2",
                    _ => "promote webapp to production",
                };
                self.types(typed).await;
                self.until_seen("confirm").await;
                self.clicks(ADA, "confirm").await;
            }
            Journey::Pause | Journey::PauseBack => {
                let button = match self.journey {
                    Journey::Pause => "pause_continue",
                    _ => "pause_back",
                };
                self.types("webapp:feature/signup-autocomplete to staging")
                    .await;
                self.until_seen(button).await;
                self.clicks(ADA, button).await;
            }
            Journey::Rollback => self.types("rollback webapp on staging").await,
            Journey::Restart => self.types("restart webapp on staging").await,
            Journey::TakenBack | Journey::Parallel | Journey::Before => {
                self.types("cms:1.0.2 to staging").await;
            }
            Journey::Together => self.types("webapp:1.0.2,cms:1.0.2 to staging").await,
            Journey::Cancel => {
                self.types("webapp:1.0.2 to staging").await;
                self.passes(12).await;
                self.types("cancel webapp on staging").await;
                self.until_seen("stop_back").await;
                self.clicks(ADA, "stop_back").await;
            }
        }
        self.settles().await;
    }

    /// Somebody types a command; a person who is told that nothing was started types it again.
    pub(super) async fn types(&mut self, text: &str) {
        let typed = Invocation::new(ADA, DEPLOYS, text);
        for _ in 0..6 {
            let now = self.town.world.now();
            let request = self.town.world.state().slack.command(now, &typed);
            self.posts(&request).await;
            if self.heard.last().is_some_and(Heard::is_good) {
                return;
            }
            self.passes(5).await;
        }
    }

    /// Somebody presses the newest such button that they see, and again if that did not work.
    pub(super) async fn clicks(&mut self, user: &str, action: &str) {
        for _ in 0..6 {
            let now = self.town.world.now();
            let click = self
                .town
                .world
                .state()
                .slack
                .click_newest(now, user, action);
            let Ok(request) = click else {
                return;
            };
            self.posts(&request).await;
            if self.heard.last().is_some_and(Heard::is_good) {
                return;
            }
            self.passes(5).await;
        }
    }

    /// The request goes in at the front door, and its reply is shown. The function may be killed.
    pub(super) async fn posts(&mut self, request: &SignedRequest) {
        let began = tokio::time::Instant::now();
        let asked = event(request, self.town.world.now());
        let answered = until_killed(self.town.slash.handle(&asked)).await;
        let elapsed = began.elapsed();
        let response = match answered {
            Some(response) => crate::town::http_response(&response),
            None => {
                let mut broken = http::Response::new(bytes::Bytes::new());
                *broken.status_mut() = http::StatusCode::BAD_GATEWAY;
                broken
            }
        };
        let typed = request.path == "/slack/commands";
        let cancels = request.body.windows(11).any(|part| part == b"text=cancel");
        self.heard.push(Heard {
            asks: typed && !cancels,
            clicked: !typed,
            elapsed,
            status: response.status().as_u16(),
            text: String::from_utf8_lossy(response.body()).into_owned(),
        });
        let now = self.town.world.now();
        let slack = &mut self.town.world.state().slack;
        if typed {
            slack.reply_to_command(now, request, elapsed, &response);
        } else {
            slack.reply_to_click(now, request, elapsed, &response);
        }
    }

    pub(super) async fn passes(&mut self, seconds: u64) {
        self.driver.run_for(Duration::from_secs(seconds)).await;
    }

    /// Waits until somebody can press that button, ten minutes at most.
    pub(super) async fn until_seen(&mut self, action: &str) {
        for _ in 0..120 {
            if self
                .town
                .world
                .state()
                .slack
                .newest_with(ADA, action)
                .is_some()
            {
                return;
            }
            self.passes(5).await;
        }
    }

    /// Time passes until nothing is open and no execution runs, six hours at most.
    pub(super) async fn settles(&mut self) {
        for _ in 0..360 {
            self.driver.run_to_the_end(Duration::from_secs(60)).await;
            if self.open().is_empty() && self.executing().is_empty() {
                return;
            }
            if self.executing().is_empty() {
                // Only the sweeper can go on from here.
                self.passes(20).await;
            }
        }
    }

    pub(super) fn items(&self) -> Vec<Item> {
        let state = self.town.world.state();
        let items = state.dynamodb.tables["longshore"].items().values();
        items.cloned().collect()
    }

    /// Ids of the records that are in the index of open ones.
    pub(super) fn open(&self) -> Vec<String> {
        let items = self.items();
        let open = items.iter().filter(|item| item.contains_key("open"));
        open.map(|item| text(item, "id").to_owned()).collect()
    }

    /// Names of the executions that run.
    pub(super) fn executing(&self) -> Vec<String> {
        let state = self.town.world.state();
        let all = state.states.executions.values();
        all.filter(|execution| execution.status == Status::Running)
            .map(|execution| execution.name.clone())
            .collect()
    }

    /// Every deploy on record.
    pub(super) async fn deploys(&self) -> Vec<Deploy> {
        let mut deploys = Vec::new();
        for item in self.items() {
            if text(&item, "kind") == "deploy" {
                deploys.push(self.town.deploy(text(&item, "id")).await);
            }
        }
        deploys
    }

    /// The deploys that came of this story.
    pub(super) async fn own_deploys(&self) -> Vec<Deploy> {
        let mut all = self.deploys().await;
        all.retain(|deploy| !self.earlier.contains(&deploy.id.to_string()));
        all
    }

    fn aws(&self) -> Aws {
        aws(&self.town.world, "AKIDOBSERVER", Patience::STEP)
    }

    /// The images that the services run, in order; a service still moving says so instead.
    pub(super) async fn running(&self) -> Vec<String> {
        let ecs = self.aws().ecs(self.journey.environment());
        let services = ecs
            .describe_services(self.journey.services())
            .await
            .unwrap();
        let mut images = Vec::new();
        for service in services {
            if service.in_flight() {
                images.push(format!("{} is still rolling out", service.name));
                continue;
            }
            let live = ecs.describe_task_definition(&service.task_definition).await;
            let live = live.unwrap().unwrap();
            images.push(live.definition().image("app").unwrap().to_owned());
        }
        images
    }

    pub(super) fn update_calls(&self) -> Vec<usize> {
        let ecs = &mut self.town.world.state().ecs;
        let environment = self.journey.environment();
        let services = self.journey.services().iter();
        services
            .map(|name| ecs.update_calls(environment, name))
            .collect()
    }

    /// What people read, for a failure's message.
    pub(super) fn transcript(&self) -> String {
        let state = self.town.world.state();
        Transcript::new(&state.slack)
            .with_times()
            .conversation(state.slack.events())
    }
}

/// An attribute's text, empty where there is none.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name)
        .and_then(|value| value["S"].as_str())
        .unwrap_or_default()
}

/// The state machine over a town's waiter.
pub(crate) fn driver(town: &Town) -> Drive<Calls> {
    let waiter = Arc::clone(&town.waiter);
    let count = Arc::new(AtomicU64::new(0));
    let calls: Calls = Box::new(move |payload| {
        let waiter = Arc::clone(&waiter);
        let invocation = format!("invocation-{}", count.fetch_add(1, Ordering::Relaxed));
        Box::pin(async move {
            let failed = |error: StepError| (error.name().to_owned(), error.to_string());
            let event = Event::read(&payload).map_err(|error| failed(error.into()))?;
            let next = waiter.handle(event, &invocation).await.map_err(failed)?;
            Ok(serde_json::to_value(next).unwrap())
        })
    });
    town.world.drive(calls)
}
