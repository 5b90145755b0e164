//! Days on which admins give rights in chat and take them back, two of them at once, and somebody without any asks for
//! one. What must hold is told by what was asked for and when, not by what the product keeps of it: nobody starts
//! anything by a right that nobody had given, or that everybody was told is taken back.

use std::time::Duration;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use longshore::names::Actor;
use longshore::record::{Deploy, Leave};
use longshore_sim::slack::{Invocation, Message, SignedRequest};

use super::day::Day;
use crate::faults::story::text;
use crate::town::{BOB, DEPLOYS, EVE, ROOT, Town};

/// Makes the dice of who gives what others than the day's.
const DICE: u64 = 0x917e;
/// One day of so many is such a day.
const ONE_OF: u64 = 5;
/// Where rights are announced on those days.
const ANNOUNCED: &str = "C0MGMT";
/// The admins of those days.
const ADMINS: [&str; 2] = [ROOT, BOB];
/// What deploys are counted under that somebody began by a right from chat alone.
pub(super) const BY_RIGHT: &str = "deploys by a right from chat";
/// The same by an admin's yes to that one deploy.
pub(super) const ALLOWED_ONCE: &str = "deploys allowed once";
/// From a message to what a step reads: nothing, but that a step takes a while.
const A_STEP: SignedDuration = SignedDuration::from_secs(30);

/// What an admin typed of Eve's right to deploy webapp to production.
#[derive(Debug)]
struct Typed {
    at: Timestamp,
    /// Until when it gives; none where it takes back.
    until: Option<Timestamp>,
    /// Stands in the sentence that tells of it, and in no other.
    mark: String,
}

/// An admin's yes to what Eve asked for.
#[derive(Debug)]
struct Allowed {
    at: Timestamp,
    deploy: String,
    once: bool,
}

/// What happens to Eve's right on a day.
#[derive(Debug)]
pub(super) struct Given {
    dice: Rng,
    on: bool,
    typed: Vec<Typed>,
    allowed: Vec<Allowed>,
}

impl Given {
    pub(super) fn of(seed: u64, town: &Town) -> Self {
        let on = seed.is_multiple_of(ONE_OF);
        if on {
            let slack = &mut town.world.state().slack;
            slack.channel(ANNOUNCED, "management").has_bot = true;
        }
        Self {
            dice: Rng::with_seed(seed ^ DICE),
            on,
            typed: Vec::new(),
            allowed: Vec::new(),
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// The admins' buttons, pressed by whomever else the day has press them.
    pub(super) fn is_pressed(&mut self, at: Timestamp, message: &Message, action: &str) {
        let once = match action {
            "allow_once" => true,
            "allow_until" => false,
            _ => return,
        };
        let buttons = message.buttons();
        let button = buttons.iter().find(|button| button.action_id == action);
        let id = button.and_then(|button| button.value.split(':').next());
        let deploy = id.unwrap_or_default().to_owned();
        self.allowed.push(Allowed { at, deploy, once });
    }
}

impl Day {
    /// The configuration, with two admins and a place for announcements on such days.
    pub(super) fn with_admins(&self, config: String) -> String {
        if !self.given.on {
            return config;
        }
        let one = "admins = [\"U0ROOT001\"]";
        assert!(config.contains(one));
        let two = format!("admins = [\"U0ROOT001\", {BOB:?}], announce = {ANNOUNCED:?}");
        config.replacen(one, &two, 1)
    }

    pub(super) async fn rights_may_change(&mut self) {
        if !self.given.on {
            return;
        }
        match self.given.dice.u8(0..8) {
            0 => self.admins_type(&[true]).await,
            1 => self.admins_type(&[false]).await,
            2 => {
                let first = self.given.dice.bool();
                self.admins_type(&[first, !first]).await;
            }
            3 | 4 => self.eve_deploys_to_production().await,
            5 | 6 => self.eve_asks_an_admin().await,
            _ => {}
        }
    }

    /// Admins give or take back, all in the same moment.
    async fn admins_type(&mut self, gives: &[bool]) {
        let now = self.town.world.now();
        let mut requests = Vec::new();
        for (gives, admin) in gives.iter().zip(ADMINS) {
            let mark = format!("note{}x", self.given.typed.len());
            let hours = self.given.dice.i64(1..4);
            let (verb, term) = match gives {
                true => ("grant", format!(" for {hours}h")),
                false => ("revoke", String::new()),
            };
            let text = format!("{verb} <@{EVE}|eve> webapp on production{term} because {mark}");
            self.diary.push(format!("{now} {admin} types {text:?}"));
            self.given.typed.push(Typed {
                at: now,
                until: gives.then(|| now + SignedDuration::from_hours(hours)),
                mark,
            });
            let invocation = Invocation::new(admin, DEPLOYS, &text);
            let slack = &mut self.town.world.state().slack;
            requests.push(slack.command(now, &invocation));
        }
        self.posts(&requests, true).await;
        self.it_was_a_look();
    }

    async fn eve_asks_an_admin(&mut self) {
        let now = self.town.world.now();
        self.diary.push(format!("{now} Eve asks for a right"));
        let typed = Invocation::new(EVE, DEPLOYS, "webapp:1.0.2 to production");
        let request = self.town.world.state().slack.command(now, &typed);
        self.posts(&[request], true).await;
        self.time(Duration::from_secs(3)).await;
        self.presses_newest(EVE, "plead").await;
        let seconds = self.given.dice.u64(10..60);
        self.time(Duration::from_secs(seconds)).await;
        let action = ["allow_once", "allow_once", "allow_until", "decline"];
        let action = action[self.given.dice.usize(0..action.len())];
        for admin in ADMINS {
            // Nothing but a question to an admin has that button.
            let question = self.shown(admin, "allow_once");
            if let Some(question) = question {
                self.presses_this(&question, admin, action).await;
            }
        }
        self.time(Duration::from_secs(20)).await;
        self.presses_newest(EVE, "confirm").await;
    }

    fn shown(&self, user: &str, action: &str) -> Option<Message> {
        let state = self.town.world.state();
        state.slack.newest_with(user, action).cloned()
    }

    async fn presses_newest(&mut self, user: &str, action: &str) {
        let message = self.shown(user, action);
        if let Some(message) = message {
            self.presses_this(&message, user, action).await;
        }
    }

    async fn presses_this(&mut self, message: &Message, user: &str, action: &str) {
        let now = self.town.world.now();
        self.given.is_pressed(now, message, action);
        self.diary.push(format!("{now} {user} presses {action}"));
        let click = self
            .town
            .world
            .state()
            .slack
            .click(now, user, message, action);
        let click: Vec<SignedRequest> = click.into_iter().collect();
        self.posts(&click, false).await;
    }

    /// Questions that would stand for a day are answered before it ends.
    pub(super) async fn pleas_are_answered(&mut self) {
        for admin in ADMINS {
            let question = self.shown(admin, "allow_once");
            if let Some(question) = question {
                self.presses_this(&question, admin, "decline").await;
            }
        }
    }

    /// When a deploy of Eve's began, by the world's clock, if rights from chat may have let it.
    fn began(&self, deploy: &Deploy) -> Option<Timestamp> {
        let is_eve = matches!(&deploy.requester, Actor::Slack { user, .. } if user.as_str() == EVE);
        let mut applications = deploy.applications();
        let is_there = deploy.environment.as_str() == "production"
            && applications.all(|one| one.as_str() == "webapp");
        let at = deploy.started_at.filter(|_| is_eve && is_there);
        at.map(|at| at - self.skew.waiter)
    }

    /// Whether some right from chat may have let it begin: one that was asked for before, and not taken back by
    /// something asked for later that people had read of by then.
    pub(super) fn may_by_right(&self, deploy: &Deploy) -> bool {
        let Some(at) = self.began(deploy) else {
            return false;
        };
        let typed = || self.given.typed.iter();
        let taken = typed().filter(|one| one.until.is_none());
        let taken = taken.filter(|one| {
            self.told_at(&one.mark)
                .is_some_and(|told| told + A_STEP < at)
        });
        let taken = taken.map(|one| one.at.as_second()).max();
        let counts = |asked: Timestamp| {
            let stands = taken.is_none_or(|taken| asked.as_second() > taken);
            asked <= at + A_STEP && stands
        };
        let given = typed().any(|one| {
            // The end is looked at by the waiter's own clock.
            let ends = one.until.map(|until| until - self.skew.waiter + A_STEP);
            ends.is_some_and(|ends| ends >= at) && counts(one.at)
        });
        let allowed = self
            .given
            .allowed
            .iter()
            .any(|one| (!one.once || deploy.id.as_str() == one.deploy) && counts(one.at));
        given || allowed
    }

    /// When people first read the sentence with this mark.
    fn told_at(&self, mark: &str) -> Option<Timestamp> {
        let state = self.town.world.state();
        let mut messages = state.slack.messages().iter();
        let told = messages.find(|message| message.text.contains(mark));
        told.map(|message| message.posted_at)
    }

    /// Of what was asked for and told as done, the last stands: at the end of the day the right is there or not.
    pub(super) fn rights_that_do_not_stand(&self) -> Option<String> {
        let now = self.town.world.now();
        let told = |one: &&Typed| self.told_at(&one.mark).is_some();
        let last = self.given.typed.iter().filter(told);
        // Of the same moment, what takes back.
        let last = last.max_by_key(|one| (one.at.as_second(), one.until.is_none()))?;
        let since = |at: Timestamp| at.as_second() >= last.at.as_second();
        let untold = self.given.typed.iter().filter(|one| !told(one));
        let later = untold.map(|one| one.at);
        let allowed = self.given.allowed.iter().filter(|one| !one.once);
        let mut later = later.chain(allowed.map(|one| one.at));
        if later.any(since) || last.until.is_some_and(|until| until < now + A_STEP) {
            return None;
        }
        let items = self.items();
        let key = format!("webapp#production#{EVE}#request");
        let right = items
            .iter()
            .find(|item| text(item, "pk") == "RIGHTS" && text(item, "sk") == key);
        let is_there = right.is_some_and(|item| item.contains_key("body"));
        let stands = last.until.is_some();
        (is_there != stands)
            .then(|| format!("rights: {last:?} was told, and the right is there: {is_there}"))
    }

    /// How many deploys Eve began by a right from chat and nothing else, and by an admin's yes to that one.
    pub(super) fn begun_by_right(&self, deploys: &[Deploy]) -> [u64; 2] {
        let own = deploys.iter().filter(|one| self.began(one).is_some());
        let own = own.filter(|one| one.has_started() && !self.may_by_crew(one, EVE));
        let once = |one: &&Deploy| {
            let allowed = one.plea.as_ref().and_then(|plea| plea.allowed.as_ref());
            allowed.is_some_and(|allowed| allowed.leave == Leave::Once)
        };
        [own.clone().count() as u64, own.filter(once).count() as u64]
    }
}
