//! A day on which the public function is somebody else's, now and then: it writes what its role lets it
//! write, starts what it likes and answers every token. And what must hold of all that ran.

use longshore::names::Actor;
use longshore::record::Deploy;
use serde_json::{Value, json};

use super::day::Day;
use crate::faults::story::text;
use crate::rights::hostile::{Hostile, asked, said, the_branch};
use crate::town::{ADA, BOB, DEPLOYS, EVE, ROOT};

impl Day {
    /// Some of what it may do, for somebody or nobody.
    pub(super) async fn the_public_function_is_taken_over(&mut self) {
        let hostile = Hostile::in_town(&self.town.world);
        for _ in 0..self.dice.usize(1..5) {
            let user = self.one_of(&[ADA, BOB, EVE, ROOT, "U0NOBODY1"]);
            let minutes = self.dice.i64(-30..=10);
            let at = self.town.world.now() + jiff::SignedDuration::from_mins(minutes);
            match self.dice.u8(0..8) {
                0..3 => self.asks_for(&hostile, (user, &at.to_string())).await,
                3..6 => self.says_something(&hostile, (user, &at.to_string())).await,
                6 => {
                    let name = self.one_of(&["k3m9x2ab", "r-00000001", "anything"]);
                    hostile
                        .starts(name, self.one_of(&["k3m9x2ab", "nothing"]))
                        .await;
                }
                _ => {
                    for token in hostile.tokens() {
                        hostile.answers(&token).await;
                    }
                }
            }
        }
    }

    async fn asks_for(&mut self, hostile: &Hostile, (user, at): (&str, &str)) {
        let application = self.one_of(&["webapp", "cms", "nothing"]);
        let environment = self.one_of(&["staging", "production", "production"]);
        let mut body = asked(user, at, &the_branch(application, environment));
        match self.dice.u8(0..8) {
            0 => body["channel"] = json!("C0RANDOM1"),
            1 => body["by"]["team"] = json!("T0002"),
            2 => body["by"] = json!({ "arn": "arn:aws:iam::111111111111:user/ops" }),
            3 => body["phase"] = json!("rolling"),
            _ => {}
        }
        // Its own, or one that has been given.
        let id = match (self.dice.bool(), self.an_id()) {
            (true, Some(id)) => id,
            _ => {
                let letters = || fastrand::char('a'..='h');
                std::iter::repeat_with(letters).take(8).collect()
            }
        };
        self.diary
            .push(format!("{at} a request is forged as {id}: {body}"));
        self.forged += 1;
        hostile.requests(&id, &body).await;
        if self.dice.bool() {
            hostile.starts(&id, &id).await;
        }
    }

    async fn says_something(&mut self, hostile: &Hostile, (user, at): (&str, &str)) {
        let Some(id) = self.an_id() else {
            return;
        };
        let nonces: Vec<String> = self
            .records()
            .iter()
            .flat_map(|record| {
                let pauses = record["services"].as_array().into_iter().flatten();
                let pauses = pauses.flat_map(|one| one["pauses"].as_array().into_iter().flatten());
                let nonces = pauses.map(|pause| pause["nonce"].clone());
                let nonces = nonces.chain([record["ask"]["nonce"].clone()]);
                nonces.filter_map(|nonce| nonce.as_str().map(str::to_owned))
            })
            .collect();
        let choice = self.one_of(&["confirm", "decline", "continue", "roll_back"]);
        let what = match (self.dice.u8(0..5), nonces.last()) {
            (1.., Some(nonce)) => json!({ "answer": { "nonce": nonce, "choice": choice } }),
            _ => json!("stop"),
        };
        let body = said(user, at, &what);
        self.diary.push(format!("{at} forged of {id}: {body}"));
        let sk = format!("ANSWER#{}", fastrand::u8(..));
        hostile.says(&id, &sk, &body).await;
    }

    fn records(&self) -> Vec<Value> {
        let items = self.items();
        let deploys = items.iter().filter(|item| text(item, "kind") == "deploy");
        deploys
            .map(|item| serde_json::from_str(text(item, "body")).unwrap())
            .collect()
    }

    fn an_id(&mut self) -> Option<String> {
        let records = self.records();
        let which = self.dice.usize(0..records.len().max(1));
        Some(records.get(which)?["id"].as_str()?.to_owned())
    }
}

/// What ran although the configuration does not allow it whoever the record names.
pub(super) fn not_allowed(deploy: &Deploy) -> Option<String> {
    if !deploy.has_started() {
        return None;
    }
    let Actor::Slack { team, user } = &deploy.requester else {
        return Some(format!("I16: {} deployed", deploy.requester));
    };
    let everybody = team.as_str() == "T0001";
    let channel = deploy.origin.channel.as_ref();
    let allowed = match deploy.environment.as_str() {
        "staging" => everybody,
        "production" => {
            let known = [ADA, BOB, ROOT].contains(&user.as_str());
            everybody && known && channel.is_some_and(|here| here.as_str() == DEPLOYS)
        }
        _ => false,
    };
    (!allowed).then(|| format!("I16: {user} deployed from {channel:?}"))
}
