//! The company of the product: its people, and what has happened before one of them acts.

use std::time::Duration;

use jiff::Timestamp;
use longshore::policy::{Grant, USUAL};
use longshore::request::GrantedRight;
use longshore_sim::ecs::Script;
use longshore_sim::slack::{Message, User};
use longshore_sim::{Clock, State, World};
use serde_json::json;

use super::played::deploys;
use crate::town::{ADA, BOB, Bot, CONFIG, DEPLOYS, EVE, PROD, REGION, ROOT, Town, digest_of};

/// Somebody, and what they are.
pub(crate) struct Actor {
    pub(crate) word: &'static str,
    pub(crate) user: &'static str,
    /// The workspace that they are of.
    pub(crate) team: &'static str,
    make: fn(&mut User),
}

impl Actor {
    pub(crate) fn is_operator(&self) -> bool {
        self.user.is_empty()
    }
}

const OURS: &str = "T0001";

const fn actor(word: &'static str, user: &'static str) -> Actor {
    Actor {
        word,
        user,
        team: OURS,
        make: |_| {},
    }
}

pub(crate) const OLGA: &str = "U0OLGA001";

pub(crate) const GRANTED: &str = "U0SAM0001";

/// Everybody. The requester is a member of the application's team.
pub(crate) const ACTORS: &[Actor] = &[
    actor("requester", ADA),
    actor("lead", BOB),
    actor("member", "U0MARIA01"),
    actor("admin", ROOT),
    actor("oncall", OLGA),
    actor("granted", GRANTED),
    actor("outsider", EVE),
    Actor {
        make: |user| user.restricted = true,
        ..actor("guest", "U0GUEST01")
    },
    Actor {
        team: "T0OTHER01",
        make: |user| user.team = "T0OTHER01".to_owned(),
        ..actor("elsewhere", "U0OTHER01")
    },
    Actor {
        make: |user| user.deleted = true,
        ..actor("gone", "U0GONE001")
    },
    actor("operator", ""),
];

/// One for everyone, one for those who are named.
pub(crate) const ENVIRONMENTS: [&str; 2] = ["staging", "production"];

fn config() -> String {
    let production = "request  = [\"team\"]\nrollback = { by = [\"team.leads\", \"oncall\"] }\nlogs     = [\"team.leads\"]\nevidence = \"logs\"\n";
    let config = CONFIG
        .replacen("request  = [\"team\"]\n", production, 1)
        .replacen("confirm  = false", "confirm  = true", 1)
        .replacen("[\"U0ADA0001\"]", "[\"U0ADA0001\", \"U0MARIA01\"]", 1);
    format!("oncall = [{OLGA:?}]\n{config}")
}

/// The same where this environment comes after the other one in the order.
fn ordered(environment: &str) -> String {
    format!(
        "order = [{:?}, {environment:?}]\n{}",
        other(environment),
        config()
    )
}

/// The same where the other environment lets in only what has succeeded in this one.
fn after(environment: &str) -> String {
    let table = format!("[environments.{}]\n", other(environment));
    let config = config();
    assert!(config.contains(&table));
    let after = format!("{table}after = {{ environment = {environment:?} }}\n");
    config.replacen(&table, &after, 1)
}

/// The environment that it is not.
pub(crate) fn other(environment: &str) -> &'static str {
    let [staging, production] = ENVIRONMENTS;
    match environment == staging {
        true => production,
        false => staging,
    }
}

/// A world as it is before somebody acts.
pub(crate) struct Moment {
    state: State,
    at: Timestamp,
}

impl Moment {
    fn of(town: &Town) -> Self {
        let mut state = town.world.state().clone();
        state.calls.clear();
        Self {
            state,
            at: town.world.now(),
        }
    }

    /// The town from here on, with functions that have just started.
    pub(crate) fn town(&self) -> Town {
        let world = World::new(Clock::starting_at(self.at));
        *world.state() = self.state.clone();
        let machine = self.state.states.machines.keys().next().unwrap();
        Town::on(world, machine)
    }
}

/// What has happened in an environment, at the moments at which somebody may act.
pub(crate) struct Stage {
    pub(crate) environment: &'static str,
    /// Two versions were deployed, one after the other.
    pub(crate) settled: Moment,
    /// The deploy of the newer of them.
    pub(crate) newest: String,
    /// The requester is asked whether a third is to be deployed.
    pub(crate) asking: Moment,
    pub(crate) asked: String,
    /// That was stopped before it began.
    pub(crate) cancelled: Moment,
    /// It was confirmed, and pauses.
    pub(crate) paused: Moment,
    /// The card of the pause.
    pub(crate) pause: Message,
    /// A lead has rolled back, instead.
    pub(crate) back: Moment,
    /// The rollback.
    pub(crate) rolled_back: String,
    /// It was confirmed, and rolls out for longer than it may.
    pub(crate) overdue: Moment,
    pub(crate) late: String,
    /// Somebody was refused, and has a button that asks an admin; and an admin was asked. None where everybody may.
    pub(crate) pleas: Vec<Moment>,
    /// What the admin was asked about.
    pub(crate) plea: String,
    /// In the other environment one version has succeeded, and another was refused because it has to succeed here
    /// first.
    pub(crate) ordered: Moment,
    pub(crate) succeeded: String,
    pub(crate) refused: String,
}

impl Stage {
    pub(crate) async fn new(environment: &'static str) -> Self {
        let town = Town::empty(Bot::Token).await;
        for actor in ACTORS.iter().filter(|actor| !actor.is_operator()) {
            let slack = &mut town.world.state().slack;
            let name = actor.word;
            (actor.make)(slack.user(actor.user, name));
        }
        town.push(&config()).await;
        grants(&town);
        let mut newest = String::new();
        for version in ["main", "feature/signup-autocomplete"] {
            newest = asks(&town, environment, version).await;
            town.clicks(ADA, "confirm").await;
            town.settles().await;
        }
        let settled = Moment::of(&town);
        let (back, rolled_back) = Self::back(&settled, environment).await;
        let (overdue, late) = Self::overdue(&settled, environment).await;
        let (pleas, plea) = Self::pleas(&settled, environment).await;
        let (ordered, succeeded, refused) = Self::ordered(&settled, environment).await;
        town.script(environment, "webapp", Script::Pause);
        let asked = asks(&town, environment, "1.0.2").await;
        let asking = Moment::of(&town);
        let stopped = asking.town();
        stopped.clicks(ADA, "decline").await;
        stopped.settles().await;
        let cancelled = Moment::of(&stopped);
        town.clicks(ADA, "confirm").await;
        town.passes(Duration::from_secs(200)).await;
        Self {
            environment,
            settled,
            newest,
            asking,
            asked,
            cancelled,
            pause: seen(&town, "pause_continue"),
            paused: Moment::of(&town),
            back,
            rolled_back,
            overdue,
            late,
            pleas,
            plea,
            ordered,
            succeeded,
            refused,
        }
    }

    /// After a rollback by a lead.
    async fn back(settled: &Moment, environment: &str) -> (Moment, String) {
        let town = settled.town();
        let typed = format!("rollback webapp on {environment}");
        town.types_in(BOB, DEPLOYS, &typed).await;
        town.passes(Duration::from_secs(10)).await;
        let id = town.store.open().await.unwrap().pop().unwrap().id;
        town.clicks(BOB, "confirm").await;
        town.settles().await;
        (Moment::of(&town), id)
    }

    /// While somebody asks an admin for the right to a deploy.
    async fn pleas(settled: &Moment, environment: &str) -> (Vec<Moment>, String) {
        if environment != "production" {
            return (Vec::new(), String::new());
        }
        let town = settled.town();
        // The sweep writes down whom the bot can ask.
        town.passes(Duration::from_secs(120)).await;
        let typed = format!("webapp:1.0.2 to {environment}");
        town.types_in(EVE, DEPLOYS, &typed).await;
        town.passes(Duration::from_secs(3)).await;
        let before = Moment::of(&town);
        town.clicks(EVE, "plead").await;
        town.passes(Duration::from_secs(20)).await;
        let id = town.store.open().await.unwrap().pop().unwrap().id;
        (vec![before, Moment::of(&town)], id)
    }

    /// After a success in the other environment, and a refusal there.
    async fn ordered(settled: &Moment, environment: &str) -> (Moment, String, String) {
        let town = settled.town();
        town.push(&ordered(environment)).await;
        // The functions follow a push within a minute.
        town.passes(Duration::from_secs(120)).await;
        let other = other(environment);
        let succeeded = asks(&town, other, "main").await;
        town.clicks(ADA, "confirm").await;
        town.settles().await;
        seen(&town, "promote");
        town.push(&after(environment)).await;
        town.passes(Duration::from_secs(120)).await;
        let known = deploys(&town);
        builds(&town, "2.0.0");
        let typed = format!("webapp:2.0.0 to {other}");
        town.types_in(ADA, DEPLOYS, &typed).await;
        town.settles().await;
        let mut new = deploys(&town);
        new.retain(|id| !known.contains(id));
        let [refused] = new.as_slice() else {
            panic!("{new:?}");
        };
        seen(&town, "deploy_there");
        (Moment::of(&town), succeeded, refused.clone())
    }

    /// While a deploy rolls out for ever.
    async fn overdue(settled: &Moment, environment: &str) -> (Moment, String) {
        let town = settled.town();
        town.script(environment, "webapp", Script::BreakerOff);
        let id = asks(&town, environment, "1.0.2").await;
        town.clicks(ADA, "confirm").await;
        town.passes(Duration::from_secs(32 * 60)).await;
        (Moment::of(&town), id)
    }
}

/// An admin has given somebody the right to ask for deploys, wherever the application runs.
fn grants(town: &Town) {
    let now = town.world.now();
    let grant = Grant {
        to: GRANTED.parse().unwrap(),
        application: "webapp".parse().unwrap(),
        environment: None,
        right: GrantedRight::Request,
        by: ROOT.parse().unwrap(),
        at: now,
        until: now + USUAL,
        why: None,
        seconded_by: None,
        once: None,
    };
    let body = serde_json::to_string(&grant).unwrap();
    let sk = format!("webapp#*#{GRANTED}#request");
    let asked_at = now.as_millisecond().to_string();
    let item = json!({"pk": {"S": "RIGHTS"}, "sk": {"S": sk}, "body": {"S": body}, "asked_at": {"N": asked_at}});
    let mut state = town.world.state();
    let table = state.dynamodb.tables.get_mut("longshore").unwrap();
    let key = ("RIGHTS".to_owned(), sk);
    table.set(now, &key, item.as_object().cloned());
}

/// Something new is built that has been deployed nowhere.
fn builds(town: &Town, version: &str) {
    let now = town.world.now();
    let state = &mut *town.world.state();
    let repository = state.github.repo("acme/webapp");
    let commit = repository.commit("main", "Sell hats", "ada");
    repository.tag(version, &commit);
    let digest = digest_of(&commit);
    let tags = [commit.as_str()];
    state.ecr.push(PROD, REGION, "webapp", &tags, &digest, now);
}

/// A message with such a button that the requester sees.
pub(crate) fn seen(town: &Town, action: &str) -> Message {
    let state = town.world.state();
    state.slack.newest_with(ADA, action).unwrap().clone()
}

/// The requester asks for a version, and has the question before them.
async fn asks(town: &Town, environment: &str, version: &str) -> String {
    let typed = format!("webapp:{version} to {environment}");
    town.types_in(ADA, DEPLOYS, &typed).await;
    town.passes(Duration::from_secs(10)).await;
    let mut open = town.store.open().await.unwrap();
    open.pop().unwrap().id
}
