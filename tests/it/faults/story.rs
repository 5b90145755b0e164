//! The journeys as stories that people play, and what must hold when they are over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use longshore::aws::{Aws, Patience};
use longshore::record::{Deploy, Telling, Verdict};
use longshore::waiter::{Event, StepError};
use longshore_sim::dynamodb::Item;
use longshore_sim::ecs::Script;
use longshore_sim::fault::{Kill, Kind, Matcher};
use longshore_sim::slack::{Invocation, SignedRequest};
use longshore_sim::states::{Drive, Status};
use longshore_sim::transcript::Transcript;
use longshore_sim::{Clock, State, World, until_killed};
use serde_json::Value;

use crate::town::{ADA, Bot, DEPLOYS, Invoked, REGION, Town, event};

/// How often the schedule calls.
const MINUTE: Duration = Duration::from_secs(60);

/// The waiter, as the driver calls it.
pub(super) type Calls = Box<dyn Fn(Value) -> Invoked + Send + Sync>;

/// What people set out to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Journey {
    /// A branch to staging, which asks nobody.
    Deploy,
    /// A tag to production, which asks for a click.
    Confirm,
    /// Back to what ran before.
    Rollback,
    /// A deploy, and in the middle of its rollout somebody stops it.
    Cancel,
    /// New tasks of what runs.
    Restart,
    /// Two services of which the second crashes, so that the first is taken back.
    TakenBack,
}

impl Journey {
    fn bot(self) -> Bot {
        match self {
            Self::Deploy | Self::Cancel | Self::TakenBack => Bot::Token,
            Self::Confirm | Self::Rollback | Self::Restart => Bot::NoToken,
        }
    }

    pub(super) fn environment(self) -> &'static str {
        match self {
            Self::Confirm => "production",
            _ => "staging",
        }
    }

    pub(super) fn services(self) -> &'static [&'static str] {
        match self {
            Self::TakenBack => &["cms-api", "cms-worker"],
            _ => &["webapp"],
        }
    }

    fn verdict(self) -> Verdict {
        match self {
            Self::Deploy | Self::Confirm | Self::Rollback | Self::Restart => Verdict::Succeeded,
            Self::Cancel => Verdict::Cancelled,
            Self::TakenBack => Verdict::RolledBack,
        }
    }

    /// `UpdateService` calls that it needs, by service.
    fn updates(self) -> &'static [usize] {
        match self {
            Self::TakenBack => &[2, 1],
            _ => &[1],
        }
    }
}

/// What came back through the front door.
#[derive(Clone, Debug)]
pub(super) struct Heard {
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
    first: Vec<String>,
    /// What runs as the story begins.
    ran: Vec<String>,
    updates: Vec<usize>,
    earlier: Vec<String>,
}

/// Everything as it is when a journey can begin, for playing it again and again from there.
pub(super) struct Beginning {
    journey: Journey,
    state: State,
    at: Timestamp,
    first: Vec<String>,
    ran: Vec<String>,
    updates: Vec<usize>,
    earlier: Vec<String>,
}

impl Beginning {
    /// A story that begins here.
    pub(super) fn story(&self) -> Story {
        fastrand::seed(7);
        let world = World::new(Clock::starting_at(self.at));
        *world.state() = self.state.clone();
        let machine = self.state.states.machines.keys().next().unwrap();
        let town = Town::on(world, machine);
        Story {
            journey: self.journey,
            driver: driver(&town).sweep_every(MINUTE),
            town,
            heard: Vec::new(),
            pressed: 0,
            first: self.first.clone(),
            ran: self.ran.clone(),
            updates: self.updates.clone(),
            earlier: self.earlier.clone(),
        }
    }
}

impl Journey {
    /// A town in which the journey can begin.
    pub(super) async fn beginning(self) -> Beginning {
        fastrand::seed(7);
        let journey = self;
        let town = Town::new(journey.bot()).await;
        town.world.state().ecs.set_speed(4.0);
        let driver = driver(&town).sweep_every(MINUTE);
        let mut story = Story {
            journey,
            town,
            driver,
            heard: Vec::new(),
            pressed: 0,
            first: Vec::new(),
            ran: Vec::new(),
            updates: Vec::new(),
            earlier: Vec::new(),
        };
        story.first = story.running().await;
        match journey {
            Journey::Rollback => {
                story.types("webapp:1.0.2 to staging").await;
                story.settles().await;
            }
            Journey::Cancel => {
                let slow = Script::Slow(Duration::from_secs(160));
                story.town.script("staging", "webapp", slow);
            }
            Journey::TakenBack => {
                story
                    .town
                    .script("staging", "cms-worker", Script::CrashLoop);
            }
            Journey::Deploy | Journey::Confirm | Journey::Restart => {}
        }
        let earlier = story.deploys().await;
        let ran = story.running().await;
        let mut state = story.town.world.state().clone();
        state.calls.clear();
        Beginning {
            journey,
            state,
            at: story.town.world.now(),
            ran,
            updates: story.update_calls(),
            earlier: earlier.iter().map(|deploy| deploy.id.to_string()).collect(),
            first: story.first,
        }
    }
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
        match self.journey {
            Journey::Deploy => {
                self.types("webapp:feature/signup-autocomplete to staging")
                    .await
            }
            Journey::Confirm => {
                self.types("webapp production 1.0.2").await;
                self.until_seen("confirm").await;
                self.clicks(ADA, "confirm").await;
            }
            Journey::Rollback => self.types("rollback webapp on staging").await,
            Journey::Restart => self.types("restart webapp on staging").await,
            Journey::TakenBack => self.types("cms:1.0.2 to staging").await,
            Journey::Cancel => {
                self.types("webapp:1.0.2 to staging").await;
                self.passes(12).await;
                self.types("cancel webapp on staging").await;
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
        self.heard.push(Heard {
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

    fn items(&self) -> Vec<Item> {
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
        let world = &self.town.world;
        let keys = ("AKIDOBSERVER", "not-a-secret");
        let http = world.http_client();
        Aws::new(http, world.time_source(), REGION, keys, Patience::STEP)
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

    fn update_calls(&self) -> Vec<usize> {
        let ecs = &mut self.town.world.state().ecs;
        let environment = self.journey.environment();
        let services = self.journey.services().iter();
        services
            .map(|name| ecs.update_calls(environment, name))
            .collect()
    }

    /// Everything that must hold now that it is over; what does not, in words.
    pub(super) async fn problems(&self, duplicated: Option<&str>) -> Vec<String> {
        let faults = std::mem::take(&mut self.town.world.state().faults);
        // The door may be shut, but only if its secret could not be read however often it tried.
        let shut = faults.fired() > 1;
        let killed = faults.kills.iter().any(|kill| kill.fired > 0);
        let mut problems = Vec::new();
        let mut must = |holds: bool, what: String| {
            if !holds {
                problems.push(what);
            }
        };
        for heard in &self.heard {
            let late = heard.elapsed >= Duration::from_secs(3);
            must(!late, format!("a reply took {:?}", heard.elapsed));
            let answered = heard.status == 200 || killed || shut && heard.status == 503;
            must(answered, format!("a reply was HTTP {}", heard.status));
        }
        let all = self.own_deploys().await;
        // Every request that was said to be accepted is on record, none that was said not to be;
        // of one whose reply never came, and which was typed again, there may be one more.
        let accepted = self
            .heard
            .iter()
            .filter(|heard| heard.says_accepted())
            .count();
        let accepted = accepted + self.pressed;
        let unclear = self
            .heard
            .iter()
            .filter(|heard| heard.says_unclear())
            .count();
        must(
            accepted <= all.len() && all.len() <= accepted + unclear,
            format!("{} deploys came of {:?}", all.len(), self.heard),
        );
        let (again, deploys): (Vec<&Deploy>, Vec<&Deploy>) = all
            .iter()
            .partition(|deploy| deploy.verdict() == Some(Verdict::Refused) && all.len() > 1);
        must(
            deploys.len() == 1,
            format!("{} deploys were not refused", deploys.len()),
        );
        must(
            again.len() <= unclear,
            format!("{} deploys were refused", again.len()),
        );
        for deploy in &deploys {
            must(
                deploy.verdict() == Some(self.journey.verdict()),
                format!("the verdict is {:?} in {:?}", deploy.ending, deploy.phase),
            );
            let told = matches!(deploy.told.verdict, Telling::Told { .. });
            let telling = &deploy.told.verdict;
            must(told, format!("the verdict's telling is {telling:?}"));
            let (said, others) = self.verdicts_said(deploy);
            must(said > 0, "nobody has read the verdict".to_owned());
            must(
                others.is_empty(),
                format!("other verdicts were said: {others:?}"),
            );
            let id = deploy.id.as_str();
            let done = |pk: &str| {
                let items = self.items();
                let done = items.iter().filter(|item| {
                    text(item, "pk").starts_with(pk)
                        && text(item, "sk").starts_with("DONE#")
                        && text(item, "sk").ends_with(id)
                });
                done.count()
            };
            must(
                done("TARGET#") == 1,
                format!("{} verdicts there", done("TARGET#")),
            );
            must(
                done("HISTORY") == 1,
                format!("{} verdicts in all", done("HISTORY")),
            );
            let turn = deploy.turn.as_ref();
            must(
                turn.is_none(),
                format!("somebody still has the turn: {turn:?}"),
            );
        }
        must(
            self.open().is_empty(),
            format!("still open: {:?}", self.open()),
        );
        must(
            self.executing().is_empty(),
            format!("still running: {:?}", self.executing()),
        );
        for item in self.items() {
            let (pk, sk) = (text(&item, "pk"), text(&item, "sk"));
            if pk.starts_with("LEASE#") {
                let holder = text(&item, "holder");
                must(holder.is_empty(), format!("{pk} is held by {holder}"));
            }
            must(!sk.starts_with("OPEN#"), format!("{pk} lists {sk} as open"));
        }
        let calls = self.update_calls();
        let more = usize::from(duplicated == Some("UpdateService"));
        for (at, service) in self.journey.services().iter().enumerate() {
            let (made, wanted) = (calls[at] - self.updates[at], self.journey.updates()[at]);
            must(
                made <= wanted + more,
                format!("{service} was updated {made} times instead of {wanted}"),
            );
        }
        let running = self.running().await;
        for (at, service) in self.journey.services().iter().enumerate() {
            let planned = deploys.first().and_then(|deploy| {
                let services = &deploy.plan.as_ref()?.services;
                let (_, image) = services[at].change.images().first()?;
                Some(image.clone())
            });
            let expected = match self.journey {
                Journey::Deploy | Journey::Confirm => planned.unwrap_or_default(),
                Journey::Rollback => self.first[at].clone(),
                Journey::Cancel | Journey::Restart | Journey::TakenBack => self.ran[at].clone(),
            };
            must(
                running[at] == expected,
                format!("{service} runs {} instead of {expected}", running[at]),
            );
        }
        problems
    }

    /// How many messages say this deploy's verdict, and what other verdicts are said of it.
    fn verdicts_said(&self, deploy: &Deploy) -> (usize, Vec<&'static str>) {
        const WORDS: [(Verdict, &str); 9] = [
            (Verdict::Succeeded, "*Succeeded.*"),
            (Verdict::RolledBack, "*Rolled back.*"),
            (Verdict::Failed, "*Failed.*"),
            (Verdict::Cancelled, "*Cancelled.*"),
            (Verdict::Refused, "*Refused.*"),
            (Verdict::Expired, "*Lapsed.*"),
            (Verdict::Superseded, "*Superseded.*"),
            (Verdict::Replaced, "*Replaced.*"),
            (Verdict::Abandoned, "*No longer watched.*"),
        ];
        let state = self.town.world.state();
        let transcript = Transcript::new(&state.slack);
        let about = |shown: &String| shown.contains(deploy.id.as_str());
        let messages = state.slack.messages().iter();
        let shown: Vec<String> = messages
            .map(|m| transcript.message(m))
            .filter(about)
            .collect();
        let mut said = (0, Vec::new());
        for (verdict, words) in WORDS {
            let times = shown.iter().filter(|shown| shown.contains(words)).count();
            if Some(verdict) == deploy.verdict() {
                said.0 = times;
            } else if times > 0 {
                said.1.push(words);
            }
        }
        said
    }

    /// What people read, for a failure's message.
    pub(super) fn transcript(&self) -> String {
        let state = self.town.world.state();
        Transcript::new(&state.slack)
            .with_times()
            .conversation(state.slack.events())
    }
}

impl Heard {
    fn says_accepted(&self) -> bool {
        self.text.contains("Got it: ") || self.text.contains("Accepted, but AWS is slow")
    }

    /// Whether it leaves open what came of the request.
    fn says_unclear(&self) -> bool {
        self.status != 200 || self.text.contains("I can not tell whether")
    }

    /// Whether it claims that nothing came of the request.
    fn says_nothing_happened(&self) -> bool {
        ["nothing was started", "nothing to show"]
            .iter()
            .any(|words| self.text.contains(words))
    }

    /// Whether whoever hears it leaves it at that.
    fn is_good(&self) -> bool {
        !self.says_unclear() && !self.says_nothing_happened()
    }
}

/// An attribute's text, empty where there is none.
pub(super) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name)
        .and_then(|value| value["S"].as_str())
        .unwrap_or_default()
}

/// The state machine over a town's waiter.
fn driver(town: &Town) -> Drive<Calls> {
    let waiter = Arc::clone(&town.waiter);
    let count = Arc::new(AtomicU64::new(0));
    let calls: Calls = Box::new(move |payload| {
        let waiter = Arc::clone(&waiter);
        let invocation = format!("invocation-{}", count.fetch_add(1, Ordering::Relaxed));
        Box::pin(async move {
            let failed = |error: StepError| (StepError::NAME.to_owned(), error.to_string());
            let event = Event::read(&payload).map_err(|error| failed(error.into()))?;
            let next = waiter.handle(event, &invocation).await.map_err(failed)?;
            Ok(serde_json::to_value(next).unwrap())
        })
    });
    town.world.drive(calls)
}
