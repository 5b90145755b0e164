//! One day: a town with its clocks and its bad luck, and the order in which things happen in it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use longshore::record::Deploy;
use longshore_sim::dynamodb::Item;
use longshore_sim::fault::Kind;
use longshore_sim::slack::{Message, SignedRequest};
use longshore_sim::states::{Drive, Status};
use longshore_sim::transcript::Transcript;
use longshore_sim::{Clock, State, World, until_killed};

use super::ci::Ci;
use super::given::Given;
use super::haste::Cancelled;
use super::logs::LogAsked;
use super::luck::bad_luck;
use super::people::Folk;
use super::tags::everything_names_tags;
use crate::faults::story::{Calls, driver, text};
use crate::town::{Bot, Skew, Town, event, http_response};

/// Overdue after half an hour, a question lapses after a quarter; two sweeps; and some time.
const QUIET: Duration = Duration::from_secs(100 * 60);

/// Makes the reader's dice others than the day's.
const READER: u64 = 0x5eed;

/// Makes the dice of whoever is in a hurry others than the day's.
const HASTE: u64 = 0xa571e;

/// Makes the dice of whoever reads logs others than the day's.
const LOGS_DICE: u64 = 0x1095;

/// A town as every day begins, with a bot token and without.
pub(super) struct Beginning {
    state: State,
    at: Timestamp,
}

impl Beginning {
    pub(super) async fn both() -> [Self; 2] {
        fastrand::seed(7);
        [Self::of(Bot::Token).await, Self::of(Bot::NoToken).await]
    }

    async fn of(bot: Bot) -> Self {
        let town = Town::new(bot).await;
        let at = town.world.now();
        let mut state = town.world.state().clone();
        state.calls.clear();
        Self { state, at }
    }
}

/// One request of Slack's and what came back, each time it was posted.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) typed: bool,
    /// Whether it only looks, so that no deploy comes of it.
    pub(super) reads: bool,
    pub(super) heard: Vec<Heard>,
}

/// What came back through the front door.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) elapsed: Duration,
    pub(super) status: u16,
    pub(super) text: String,
    pub(super) killed: bool,
}

/// One day.
pub(super) struct Day {
    pub(super) town: Town,
    pub(super) dice: Rng,
    /// Who reads, and what: apart, so that it changes nothing else of a day.
    pub(super) reader: Rng,
    /// Who reads logs, and whether there are any.
    pub(super) logs: Rng,
    /// Who has asked for logs.
    pub(super) logs_asked: Vec<LogAsked>,
    /// Since when only leads may read logs.
    pub(super) only_leads_since: Option<Timestamp>,
    /// How many messages with lines were held against who may read them.
    pub(super) log_lines: Cell<u64>,
    /// Who is in a hurry, and how.
    pub(super) haste: Rng,
    /// Who is what in Slack.
    pub(super) folk: Folk,
    /// Who was given which right in chat.
    pub(super) given: Given,
    /// What CI did.
    pub(super) ci: Ci,
    /// How far the functions' clocks are off.
    pub(super) skew: Skew,
    /// What waited when all of it was cancelled.
    pub(super) cancelled: Vec<Cancelled>,
    /// How many counts of tasks were held against ECS's.
    pub(super) reads: Cell<u64>,
    pub(super) driver: Drive<Calls>,
    pub(super) asked: Vec<Asked>,
    /// What was done to the town, in order, for a failure's message.
    pub(super) diary: Vec<String>,
    /// What was seen to be broken while the day went on.
    pub(super) broken: BTreeSet<String>,
    /// How many faults and deaths happened.
    pub(super) fired: u64,
    /// How many requests were written down that nobody made.
    pub(super) forged: usize,
    /// Cards with a pause's buttons, as somebody may still see them.
    pub(super) stale: Vec<Message>,
    /// What AWS refused for the rest of the day, and how often it was asked.
    pub(super) refused: Vec<(&'static str, u64)>,
    /// Whether everything names tags on this day.
    pub(super) tagged: bool,
    /// Whether somebody else had a schedule run something else.
    pub(super) repointed: bool,
    verdicts: BTreeMap<String, String>,
    fences: BTreeMap<String, u64>,
}

impl Day {
    pub(super) fn begin(beginnings: &[Beginning; 2], seed: u64) -> Self {
        let mut dice = Rng::with_seed(seed);
        fastrand::seed(seed);
        let beginning = &beginnings[dice.usize(0..2)];
        let world = World::new(Clock::starting_at(beginning.at));
        *world.state() = beginning.state.clone();
        let machine = beginning.state.states.machines.keys().next().unwrap();
        let mut off = || SignedDuration::from_secs(dice.i64(-120..=120));
        let skew = Skew {
            slash: off(),
            waiter: off(),
        };
        let town = Town::on_clocks_off_by(world, machine, skew);
        let mut driver = driver(&town).sweep_every(Duration::from_secs(60));
        if dice.u8(0..4) > 0 {
            driver = driver.deliver_events();
        }
        {
            let state = &mut *town.world.state();
            state.ecs.set_speed([1.0, 3.0, 3.0, 8.0][dice.usize(0..4)]);
            state.faults = bad_luck(&mut dice);
        }
        let diary = vec![format!("clocks off by {skew:?}")];
        Self {
            folk: Folk::of(seed, &town),
            given: Given::of(seed, &town),
            ci: Ci::of(seed, &town),
            skew,
            town,
            dice,
            reader: Rng::with_seed(seed ^ READER),
            logs: Rng::with_seed(seed ^ LOGS_DICE),
            logs_asked: Vec::new(),
            only_leads_since: None,
            log_lines: Cell::new(0),
            haste: Rng::with_seed(seed ^ HASTE),
            cancelled: Vec::new(),
            reads: Cell::new(0),
            driver,
            asked: Vec::new(),
            diary,
            broken: BTreeSet::new(),
            fired: 0,
            forged: 0,
            stale: Vec::new(),
            tagged: everything_names_tags(seed),
            repointed: false,
            refused: Vec::new(),
            verdicts: BTreeMap::new(),
            fences: BTreeMap::new(),
        }
    }

    /// Everything that happens on it.
    pub(super) async fn passes(&mut self) {
        if self.tagged {
            self.comes_to_name_tags();
        }
        if self.given.is_on() || self.ci.is_on() {
            let config = self.a_configuration();
            // Whatever goes wrong later, these days are by this one.
            let faults = std::mem::take(&mut self.town.world.state().faults);
            self.town.push(&config).await;
            self.town.world.state().faults = faults;
        }
        if self.dice.u8(0..4) > 0 {
            self.the_configuration_is_pushed().await;
            self.a_task_will_go_otherwise();
        }
        for _ in 0..self.dice.usize(0..3) {
            self.a_rollout_will_go_otherwise();
        }
        if self.dice.bool() {
            let script = self.a_staged_script();
            self.will_go("staging", script);
        }
        for _ in 0..self.dice.usize(3..=12) {
            if self.tagged && self.dice.u8(0..3) == 0 {
                self.tags_move();
            }
            self.happens().await;
            if self.reader.u8(0..3) == 0 {
                self.somebody_reads().await;
            }
            if self.logs.u8(0..5) == 0 {
                self.somebody_reads_a_log().await;
            }
            if self.haste.u8(0..10) == 0 {
                self.somebody_hurries().await;
            }
            self.somebody_may_come_or_go().await;
            self.rights_may_change().await;
            self.ci_may_run().await;
            let seconds = match self.dice.u8(0..10) {
                0 => self.dice.u64(300..1500),
                1..=4 => self.dice.u64(20..90),
                _ => self.dice.u64(0..15),
            };
            self.time(Duration::from_secs(seconds)).await;
        }
        self.quiet().await;
    }

    /// Time passes with the machine at work.
    pub(super) async fn time(&mut self, time: Duration) {
        self.driver.run_for(time).await;
        self.watches();
    }

    /// Faults stop, and everything is given the time that it is promised to need.
    async fn quiet(&mut self) {
        {
            let state = &mut *self.town.world.state();
            self.fired += state.faults.fired();
            let faults = std::mem::take(&mut state.faults);
            for fault in faults.faults {
                if let Kind::Refused(code, _) = fault.what {
                    self.refused.push((code, fault.fired));
                }
            }
            state.slack.set_mode(longshore_sim::slack::Mode::Up);
            state.github.set_mode(longshore_sim::github::Mode::Up);
        }
        let end = self.town.world.now() + SignedDuration::try_from(QUIET).unwrap();
        while self.town.world.now() < end {
            self.pauses_are_answered().await;
            self.pleas_are_answered().await;
            let left = end.duration_since(self.town.world.now());
            let left = Duration::try_from(left)
                .unwrap()
                .min(Duration::from_secs(300));
            self.driver.run_to_the_end(left).await;
            self.watches();
            if self.open().is_empty() && self.executing() == 0 {
                break;
            }
            if self.executing() == 0 {
                self.time(Duration::from_secs(20)).await;
            }
        }
    }

    /// Slack posts a request, while everything else goes on.
    pub(super) async fn posts(&mut self, requests: &[SignedRequest], typed: bool) {
        let mut asked = Asked {
            typed,
            reads: false,
            heard: Vec::new(),
        };
        for chunk in requests.chunks(8) {
            let town = &self.town;
            let while_others = self.driver.run_for(Duration::from_millis(10));
            let posts = futures(town, chunk);
            let ((), heard) = tokio::join!(while_others, posts);
            asked.heard.extend(heard);
        }
        self.asked.push(asked);
        self.watches();
    }

    /// Looks for what may never be seen, at any moment: a verdict that changed, a fence that went
    /// back.
    fn watches(&mut self) {
        for item in self.items() {
            let pk = text(&item, "pk").to_owned();
            if pk.starts_with("LEASE#") {
                let fence: u64 = item["fence"]["N"].as_str().unwrap().parse().unwrap();
                let before = self.fences.insert(pk.clone(), fence).unwrap_or(0);
                if fence < before {
                    let what = format!("I6: the fence of {pk} went from {before} to {fence}");
                    self.broken.insert(what);
                }
            }
            if text(&item, "kind") == "deploy" {
                let id = text(&item, "id").to_owned();
                let record: serde_json::Value = serde_json::from_str(text(&item, "body")).unwrap();
                let verdict = record["ending"].to_string();
                if verdict == "null" {
                    if let Some(before) = self.verdicts.get(&id) {
                        self.broken
                            .insert(format!("I4: {id} had {before}, and has it no more"));
                    }
                    continue;
                }
                let before = self.verdicts.insert(id.clone(), verdict.clone());
                if before.as_ref().is_some_and(|before| *before != verdict) {
                    self.broken
                        .insert(format!("I4: {id} had {before:?}, now {verdict}"));
                }
            }
        }
    }

    pub(super) fn items(&self) -> Vec<Item> {
        let state = self.town.world.state();
        let items = state.dynamodb.tables["longshore"].items().values();
        items.cloned().collect()
    }

    /// The deploys and jobs that are in the index of open ones.
    pub(super) fn open(&self) -> Vec<String> {
        let items = self.items();
        let open = items.iter().filter(|item| item.contains_key("open"));
        open.map(|item| text(item, "id").to_owned()).collect()
    }

    pub(super) fn executing(&self) -> usize {
        let state = self.town.world.state();
        let all = state.states.executions.values();
        all.filter(|run| run.status == Status::Running).count()
    }

    /// Every deploy on record, oldest first.
    pub(super) async fn deploys(&self) -> Vec<Deploy> {
        let mut deploys = Vec::new();
        for item in self.items() {
            if text(&item, "kind") == "deploy" {
                deploys.push(self.town.deploy(text(&item, "id")).await);
            }
        }
        deploys.sort_by_key(|deploy| deploy.requested_at);
        deploys
    }

    /// The day as people saw it, for a failure's message.
    pub(super) fn story(&self) -> String {
        let state = self.town.world.state();
        let read = Transcript::new(&state.slack)
            .with_times()
            .conversation(state.slack.events());
        format!("{}\n\n{read}", self.diary.join("\n"))
    }
}

/// Posts them all at once.
async fn futures(town: &Town, requests: &[SignedRequest]) -> Vec<Heard> {
    let mut all = tokio::task::JoinSet::new();
    for request in requests {
        let slash = town.slash.clone();
        let world = town.world.clone();
        let request = request.clone();
        all.spawn(async move {
            let began = tokio::time::Instant::now();
            let asked = event(&request, world.now());
            let answered = until_killed(slash.handle(&asked)).await;
            let elapsed = began.elapsed();
            let killed = answered.is_none();
            let response = answered.map_or_else(
                || {
                    let mut broken = http::Response::new(bytes::Bytes::new());
                    *broken.status_mut() = http::StatusCode::BAD_GATEWAY;
                    broken
                },
                |response| http_response(&response),
            );
            let now = world.now();
            let slack = &mut world.state().slack;
            if request.path == "/slack/commands" {
                slack.reply_to_command(now, &request, elapsed, &response);
            } else {
                slack.reply_to_click(now, &request, elapsed, &response);
            }
            Heard {
                elapsed,
                status: response.status().as_u16(),
                text: String::from_utf8_lossy(response.body()).into_owned(),
                killed,
            }
        });
    }
    all.join_all().await
}
