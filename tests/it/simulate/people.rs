//! People who come and go: a user group that changes, somebody who is a guest for a while, and Slack that may say
//! nothing of either. And what must hold: nobody starts what they had no right to, but for what was so within the hour.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use longshore::names::Actor;
use longshore::record::Deploy;
use longshore::request::ChangeKind;
use longshore_sim::slack::Invocation;
use serde_json::Value;

use super::day::Day;
use crate::faults::story::text;
use crate::town::{BOB, DEPLOYS, EVE, PROD, REGION, Town};

/// Makes the dice of who comes and goes others than the day's.
const PEOPLE_DICE: u64 = 0x9e09;
/// The group that may deploy to production, on some days.
const CREW: &str = "S0CREW001";
/// Deploys to production that somebody began who may by the group alone.
pub(super) const BY_GROUP: &str = "deploys by a group";
/// So long what Slack said counts, with clocks that differ and a configuration that is followed a minute late.
const COUNTS: SignedDuration = SignedDuration::from_mins(60 + 10);
/// For the way back.
const COUNTS_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Of one person's in one environment.
const MOST_OPEN: usize = 3;

/// What was so, since when: the last entry holds now.
#[derive(Debug)]
pub(super) struct Since<T>(Vec<(Timestamp, T)>);

impl<T> Since<T> {
    pub(super) fn new(at: Timestamp, value: T) -> Self {
        Self(vec![(at, value)])
    }

    pub(super) fn becomes(&mut self, at: Timestamp, value: T) {
        self.0.push((at, value));
    }

    /// Whether it was ever so between two times.
    pub(super) fn was(&self, from: Timestamp, until: Timestamp, is: impl Fn(&T) -> bool) -> bool {
        let ends = self.0.iter().skip(1).map(|(at, _)| *at);
        let ends = ends.chain([Timestamp::MAX]);
        let mut spans = self.0.iter().zip(ends);
        spans.any(|((begins, value), ends)| *begins <= until && ends >= from && is(value))
    }
}

/// Who is what in Slack on this day.
#[derive(Debug)]
pub(super) struct Folk {
    dice: Rng,
    /// Who is in the group, on days on which it counts.
    crew: Option<Since<Vec<&'static str>>>,
    /// Whether Eve is a guest.
    guest: Since<bool>,
}

impl Folk {
    /// The group is there from the beginning, on its days.
    pub(super) fn of(seed: u64, town: &Town) -> Self {
        let now = town.world.now();
        let counts = seed.is_multiple_of(3);
        if counts {
            town.world.state().slack.group(CREW, "crew", &[BOB]);
        }
        Self {
            dice: Rng::with_seed(seed ^ PEOPLE_DICE),
            crew: counts.then(|| Since::new(now, vec![BOB])),
            guest: Since::new(now, false),
        }
    }
}

impl Day {
    /// The configuration, in which the group may deploy to production on its days.
    pub(super) fn with_crew(&self, config: String) -> String {
        match self.folk.crew {
            Some(_) => config.replacen(
                "request  = [\"team\"]",
                &format!("request  = [\"team\", \"@{CREW}\"]"),
                1,
            ),
            None => config,
        }
    }

    pub(super) async fn somebody_may_come_or_go(&mut self) {
        self.watches_the_limit();
        if self.folk.dice.u8(0..3) > 0 {
            return;
        }
        let now = self.town.world.now();
        match (self.folk.dice.u8(0..4), &mut self.folk.crew) {
            (0, _) => {
                let (_, is) = *self.folk.guest.0.last().unwrap();
                self.folk.guest.0.push((now, !is));
                self.diary.push(format!("{now} Eve is a guest: {}", !is));
                self.town.world.state().slack.user(EVE, "eve").restricted = !is;
            }
            (1, Some(crew)) => {
                let all: [&[&'static str]; 4] = [&[EVE], &[EVE, BOB], &[BOB], &[]];
                let members = all[self.folk.dice.usize(0..all.len())].to_vec();
                self.diary.push(format!("{now} the crew is {members:?}"));
                self.town.world.state().slack.group(CREW, "crew", &members);
                crew.0.push((now, members));
            }
            (2, Some(_)) => {
                self.diary.push(format!("{now} the crew is deleted"));
                self.town.world.state().slack.delete_group(CREW);
                if let Some(crew) = &mut self.folk.crew {
                    crew.0.push((now, Vec::new()));
                }
            }
            (_, Some(_)) => self.eve_deploys_to_production().await,
            (_, None) => {}
        }
    }

    pub(super) async fn eve_deploys_to_production(&mut self) {
        let now = self.town.world.now();
        self.diary.push(format!("{now} Eve deploys to production"));
        let typed = Invocation::new(EVE, DEPLOYS, "webapp:1.0.2 to production");
        let request = self.town.world.state().slack.command(now, &typed);
        self.posts(&[request], true).await;
        self.time(std::time::Duration::from_secs(12)).await;
        let now = self.town.world.now();
        let pressed = self
            .town
            .world
            .state()
            .slack
            .click_newest(now, EVE, "confirm");
        if let Ok(request) = pressed {
            self.posts(&[request], false).await;
        }
    }

    /// Whether the group let somebody do that, as far back as what Slack said may count.
    pub(super) fn may_by_crew(&self, deploy: &Deploy, user: &str) -> bool {
        let (Some(crew), Some(at)) = (&self.folk.crew, deploy.started_at) else {
            return false;
        };
        let from = at - counts(deploy);
        crew.was(from, at + SignedDuration::from_mins(5), |members| {
            members.contains(&user)
        })
    }

    /// I16: whoever is no full member has not begun anything where everyone may.
    pub(super) fn began_as_a_guest(&self, deploy: &Deploy) -> Option<String> {
        let (Actor::Slack { user, .. }, Some(at)) = (&deploy.requester, deploy.started_at) else {
            return None;
        };
        // Without a token, nobody can tell.
        let token = "/longshore/bot-token";
        let looks = self
            .town
            .world
            .state()
            .ssm
            .value(PROD, REGION, token)
            .is_some();
        let is_open = deploy.environment.as_str() == "staging";
        if user.as_str() != EVE || !looks || !is_open {
            return None;
        }
        let member = |guest: &bool| !guest;
        let from = at - counts(deploy);
        let was = self
            .folk
            .guest
            .was(from, at + SignedDuration::from_mins(5), member);
        (!was).then(|| "I16: eve deployed as a guest".to_owned())
    }

    /// How many deploys somebody began whom nothing but the group allows it.
    pub(super) fn begun_by_group(&self, deploys: &[Deploy]) -> u64 {
        let eves = deploys.iter().filter(|deploy| {
            let by_eve =
                matches!(&deploy.requester, Actor::Slack { user, .. } if user.as_str() == EVE);
            by_eve && deploy.has_started() && self.may_by_crew(deploy, EVE)
        });
        eves.count() as u64
    }

    /// Nobody has more deploys and restarts open in one environment than they may.
    fn watches_the_limit(&mut self) {
        let mut open: std::collections::BTreeMap<(String, String), usize> = Default::default();
        for item in self.items() {
            if text(&item, "kind") != "deploy" {
                continue;
            }
            let record: Value = serde_json::from_str(text(&item, "body")).unwrap();
            let user = record["requester"]["user"].as_str();
            let verb = record["asked"][0]["verb"].as_str().unwrap();
            let begun = !["requested", "ended"].contains(&record["phase"].as_str().unwrap());
            if let (Some(user), true, true) = (user, begun, verb != "rollback") {
                let place = record["environment"].as_str().unwrap();
                *open.entry((user.to_owned(), place.to_owned())).or_default() += 1;
            }
        }
        let over = open.into_iter().filter(|(_, count)| *count > MOST_OPEN);
        let over =
            over.map(|((user, place), count)| format!("limit: {user} has {count} open on {place}"));
        self.broken.extend(over);
    }
}

fn counts(deploy: &Deploy) -> SignedDuration {
    match deploy.verb().kind() {
        ChangeKind::Rollback => COUNTS_BACK,
        ChangeKind::Deploy | ChangeKind::Restart => COUNTS,
    }
}
