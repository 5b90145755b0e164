//! What people do in a hurry: rollback after rollback, versions one upon the other and back again, and a
//! cancel of everything that waits. Their dice are their own, so that they change nothing else of a day.

use std::time::Duration;

use longshore::record::{Deploy, Phase, Verdict};
use longshore_sim::slack::Invocation;

use super::day::Day;
use crate::town::{ADA, BOB, DEPLOYS, ROOT};

const VERSIONS: [&str; 3] = ["main", "1.0.2", "feature/signup-autocomplete"];

/// What waited for consent when somebody cancelled all of it.
#[derive(Clone, Debug)]
pub(super) struct Cancelled {
    /// The command.
    typed: String,
    /// The deploys' ids.
    waited: Vec<String>,
}

impl Day {
    /// Somebody is in a hurry.
    pub(super) async fn somebody_hurries(&mut self) {
        match self.haste.u8(0..4) {
            0 => self.somebody_goes_back_and_back().await,
            1 => self.versions_come_and_go().await,
            _ => self.somebody_cancels_all_that_waits().await,
        }
    }

    /// What goes back went back before, perhaps.
    async fn somebody_goes_back_and_back(&mut self) {
        let application = ["webapp", "cms"][self.haste.usize(0..2)];
        for _ in 0..self.haste.usize(2..4) {
            let user = [ADA, BOB][self.haste.usize(0..2)];
            self.types_in_haste(user, &format!("rollback {application} on staging"))
                .await;
            self.time(Duration::from_secs(15)).await;
            self.confirms_in_haste(user).await;
            let seconds = self.haste.u64(60..300);
            self.time(Duration::from_secs(seconds)).await;
        }
    }

    async fn versions_come_and_go(&mut self) {
        let application = ["webapp", "cms"][self.haste.usize(0..2)];
        for version in VERSIONS {
            let typed = format!("{application}:{version} to staging");
            self.types_in_haste(ADA, &typed).await;
            self.time(Duration::from_secs(15)).await;
            self.confirms_in_haste(ADA).await;
            let seconds = self.haste.u64(120..300);
            self.time(Duration::from_secs(seconds)).await;
        }
        self.somebody_goes_back_and_back().await;
    }

    /// Several requests for one place wait for their requesters, and one cancel is meant for all.
    async fn somebody_cancels_all_that_waits(&mut self) {
        for version in VERSIONS {
            let user = [ADA, BOB][self.haste.usize(0..2)];
            let typed = format!("webapp:{version} to production");
            self.types_in_haste(user, &typed).await;
        }
        let seconds = self.haste.u64(1..60);
        self.time(Duration::from_secs(seconds)).await;
        let deploys = self.deploys().await;
        let waits = deploys.iter().filter(|deploy| {
            let asked = deploy.phase == Phase::Asking;
            asked && deploy.application().as_str() == "webapp" && !deploy.is_of_several()
        });
        let waits = waits.filter(|deploy| deploy.environment.as_str() == "production");
        let waited: Vec<String> = waits.map(|deploy| deploy.id.to_string()).collect();
        let typed = "cancel webapp on production".to_owned();
        let user = [ADA, BOB, ROOT][self.haste.usize(0..3)];
        self.types_in_haste(user, &typed).await;
        self.cancelled.push(Cancelled { typed, waited });
    }

    async fn types_in_haste(&mut self, user: &str, typed: &str) {
        let now = self.town.world.now();
        let invocation = Invocation::new(user, DEPLOYS, typed);
        let request = self.town.world.state().slack.command(now, &invocation);
        self.diary
            .push(format!("{now} {user} types in a hurry {typed:?}"));
        self.posts(&[request], true).await;
        if typed.starts_with("cancel") {
            self.it_was_a_look();
        }
    }

    /// Says yes to the newest question, if there is one.
    async fn confirms_in_haste(&mut self, user: &str) {
        let now = self.town.world.now();
        let click = {
            let slack = &mut self.town.world.state().slack;
            let shown = slack.messages().iter().rev();
            let mut shown = shown.filter(|message| !message.deleted && slack.sees(user, message));
            let asks = |button: &longshore_sim::slack::Button| button.action_id == "confirm";
            let question = shown.find(|message| message.buttons().iter().any(asks));
            let question = question.cloned();
            question.map(|message| slack.click(now, user, &message, "confirm"))
        };
        let click: Vec<_> = click.into_iter().flatten().collect();
        if !click.is_empty() {
            self.posts(&click, false).await;
        }
    }

    /// Of what waited, and was cancelled with one command, nothing may be deployed minutes later. On a day
    /// on which every call is answered, that is certain.
    pub(super) fn cancels_that_left_some(&self, deploys: &[Deploy]) -> Vec<String> {
        if self.fired > 0 {
            return Vec::new();
        }
        let mut problems = Vec::new();
        for Cancelled { typed, waited } in &self.cancelled {
            for deploy in deploys
                .iter()
                .filter(|one| waited.contains(&one.id.to_string()))
            {
                if deploy.has_started() || deploy.verdict() == Some(Verdict::Succeeded) {
                    problems.push(format!("{typed:?} left {} to go out", deploy.id));
                }
            }
        }
        problems
    }

    /// How many cancels were meant for more than one.
    pub(super) fn cancels_of_several(&self) -> u64 {
        let several = self.cancelled.iter().filter(|one| one.waited.len() > 1);
        several.count() as u64
    }
}
