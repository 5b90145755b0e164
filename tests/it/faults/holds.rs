//! What must hold when a story is over: one verdict, true against what ECS runs, leases free, people
//! told, and every reply in time and true.

use std::time::Duration;

use longshore::record::{Deploy, Telling, Verdict};

use super::journey::Journey;
use super::story::{Heard, Story, text};
use crate::said;

impl Story {
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
            let shown = shut || heard.clicked && faults.fired() > 0;
            let answered = heard.status == 200 || killed || shown && heard.status == 503;
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
            let (said, others) = said::verdicts(&self.town.world.state(), deploy);
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
                        && text(item, "sk").contains(id)
                });
                done.count()
            };
            let applications = self.journey.applications();
            must(
                done("TARGET#") == applications,
                format!("{} verdicts there", done("TARGET#")),
            );
            must(
                done("HISTORY") == applications,
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
            must(!pk.starts_with("OPEN#"), format!("{pk} lists {sk} as open"));
        }
        let run = self.town.world.state().ecs.tasks_run("cms-migrate");
        must(
            run == self.journey.tasks(),
            format!("the one-off task ran {run} times"),
        );
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
                Journey::Deploy
                | Journey::Confirm
                | Journey::Pause
                | Journey::Before
                | Journey::Together
                | Journey::Promote => planned.unwrap_or_default(),
                Journey::Rollback => self.first[at].clone(),
                Journey::Cancel
                | Journey::PauseBack
                | Journey::Restart
                | Journey::TakenBack
                | Journey::Parallel => self.ran[at].clone(),
            };
            must(
                running[at] == expected,
                format!("{service} runs {} instead of {expected}", running[at]),
            );
        }
        problems
    }
}

impl Heard {
    fn says_accepted(&self) -> bool {
        let handed_on = self.status == 200 && self.text.is_empty();
        self.asks && (handed_on || self.text.contains("Accepted, but AWS is slow"))
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
    pub(super) fn is_good(&self) -> bool {
        !self.says_unclear() && !self.says_nothing_happened()
    }
}
