//! What runs: one service as both drawings show it, and what an application is as a whole.

mod states;

use serde_json::Value;

use super::*;
use crate::card::fixtures::{COMMIT, at, family, maria, past, put, setting};
use crate::card::{self, Board};
use crate::config::{Config, SourceFile, Target};
use crate::record::{Deploy, Past, Verdict};
use crate::rollout::{Counts, live, live_rollout};
use crate::slack::blocks::Message;

const CONFIG: &str = r#"
slack    = { teams = ["T0001"], admins = ["U024BE7LH"] }
accounts = { dev = { id = "222222222222", region = "eu-west-1" } }
defaults = { registry = "dev" }
[environments.staging]
account = "dev"
cluster = "staging"
request = ["everyone"]
[applications.cms]
environments = ["staging"]
source       = { repository = "acme/cms", image = "cms" }
services     = ["cms-api", "cms-worker"]
"#;

fn target() -> Target {
    let checked = Config::compile(&[SourceFile::new("longshore.toml", CONFIG)]).unwrap();
    let place = ("cms".parse().unwrap(), "staging".parse().unwrap());
    checked.config.target(&place.0, &place.1).unwrap()
}

/// What ECS and the table said: both services run revision 2, which Maria's deploy of 1.0.2 brought
/// after 1.0.1.
struct Said {
    services: Services,
    history: Vec<Past>,
    open: Vec<Deploy>,
    holders: Vec<DeployId>,
}

impl Said {
    fn new() -> Self {
        let read = |name: &str| (name.to_owned(), Ok(Some(runs(name, 2))));
        Self {
            services: ["cms-api", "cms-worker"].map(read).into(),
            history: vec![brought("1.0.2", 2, -300), brought("1.0.1", 1, -7_300)],
            open: Vec::new(),
            holders: Vec::new(),
        }
    }

    fn api(&mut self) -> &mut Read {
        let read = self.services.get_mut("cms-api").unwrap();
        read.as_mut().unwrap().as_mut().unwrap()
    }

    /// The api is brought to revision 3, and revision 2 still runs.
    fn moving(&mut self, state: &str) {
        let old = Counts {
            running: 2,
            ..Counts::default()
        };
        *self.api() = runs("cms-api", 3);
        let service = &mut self.api().service;
        service.rollouts[0].state = Some(state.to_owned());
        let beside = live_rollout("ACTIVE", &family("cms-api", 2), old);
        service.rollouts.push(beside);
    }

    fn there(&self) -> There {
        let known = Known {
            history: &self.history,
            open: self.open.iter().collect(),
            holders: self.holders.clone(),
        };
        judge(&target(), &self.services, &known)
    }

    /// What both drawings say of it: the one application's, and the board's.
    fn drawn(&self) -> [String; 2] {
        let row = Row {
            application: "cms".parse().unwrap(),
            title: "cms".to_owned(),
            places: vec![("staging".parse().unwrap(), self.there())],
        };
        let board = Board {
            rows: vec![row.clone()],
            own: 0,
            environment: None,
        };
        let board = card::board(&board, &setting(0), 1).remove(0);
        [text(&card::status(&row, &setting(0))), text(&board)]
    }
}

/// A settled service at a revision, its two tasks running.
fn runs(name: &str, revision: u32) -> Read {
    let mut service = live(&family(name, revision), "COMPLETED");
    service.name = name.to_owned();
    service.rollouts[0].counts.running = 2;
    let staged = None;
    Read { service, staged }
}

/// What the history has of a deploy of both services to a revision.
fn brought(label: &str, revision: u32, seconds: i64) -> Past {
    let revision_of = |name: &str| (name.to_owned(), family(name, revision));
    Past {
        requester: maria(),
        requested_at: at(seconds),
        commit: Some(COMMIT.replace('1', &revision.to_string())),
        digests: vec![("app".to_owned(), format!("sha256:{label}"))],
        revisions: ["cms-api", "cms-worker"].map(revision_of).into(),
        ..past(label, true, Some(Verdict::Succeeded))
    }
}

fn text(message: &Message) -> String {
    let blocks = serde_json::to_value(message.content()).unwrap();
    let blocks = blocks.as_array().unwrap().iter();
    let said = blocks.map(|block| match &block["text"] {
        Value::Null => &block["elements"][0]["text"],
        text => &text["text"],
    });
    let said: Vec<&str> = said.filter_map(Value::as_str).collect();
    said.join("\n")
}

#[test]
fn an_application_is_one_version_only_where_all_of_it_is() {
    let head = |make: fn(&mut Said)| {
        let mut said = Said::new();
        make(&mut said);
        let [status, _] = said.drawn();
        let head = status.lines().find(|line| line.starts_with("staging: "));
        head.unwrap().to_owned()
    };
    assert_eq!(
        head(|_| {}),
        "staging: version 1.0.2 (commit `2f0c9de`, digest `1.0.2`), 5 min ago, <@U061F7AUR>"
    );
    assert_eq!(
        head(|said| *said.api() = runs("cms-api", 1)),
        "staging: not one version alone: version 1.0.1 (commit `1f0c9de`, digest `1.0.1`, *changed outside of Longshore* (last deployed: 1.0.2)) and version 1.0.2 (commit `2f0c9de`, digest `1.0.2`, 5 min ago, <@U061F7AUR>)"
    );
    // The same version, of which one service was put back by hand.
    assert_eq!(
        head(|said| {
            said.history[0].revisions[1].1 = family("cms-worker", 5);
            let outside = brought("1.0.2", 2, -900);
            said.history.insert(1, outside);
        }),
        "staging: version 1.0.2 (commit `2f0c9de`, digest `1.0.2`)"
    );
    // One label of two images.
    assert_eq!(
        head(|said| {
            *said.api() = runs("cms-api", 3);
            let other = Past {
                digests: vec![("app".to_owned(), "sha256:other".to_owned())],
                commit: said.history[0].commit.clone(),
                verdict: Some(Verdict::Failed),
                ..brought("1.0.2", 3, -300)
            };
            said.history.insert(0, other);
        }),
        "staging: not one version alone: version 1.0.2 (commit `2f0c9de`, digest `other`, 5 min ago, <@U061F7AUR>) and version 1.0.2 (commit `2f0c9de`, digest `1.0.2`, 5 min ago, <@U061F7AUR>)"
    );
    // Where no task runs, it is what is meant to.
    assert_eq!(
        head(|said| {
            for read in said.services.values_mut().flatten().flatten() {
                read.service.desired = 0;
                read.service.rollouts[0].counts.running = 0;
            }
        }),
        head(|_| {})
    );
    assert_eq!(
        head(|said| said.history.clear()),
        "staging: versions that Longshore does not know, never deployed by Longshore"
    );
}

#[test]
fn a_digest_is_looked_up_of_one_revision_of_one_service_alone() {
    let digest = |services: &[&str], make: fn(&mut Said)| {
        let mut said = Said::new();
        make(&mut said);
        let There::Read(mut runs) = said.there() else {
            panic!("not read");
        };
        runs.services
            .retain(|one| services.contains(&one.service.as_str()));
        let side = runs.without_digest();
        side.map(|one| one.side.task_definition.clone())
    };
    let unknown: fn(&mut Said) = |said| said.history.clear();
    let one = ["cms-api"];
    assert_eq!(digest(&one, unknown), Some(family("cms-api", 2)));
    assert_eq!(digest(&one, |_| {}), None);
    assert_eq!(digest(&["cms-api", "cms-worker"], unknown), None);
    let several: fn(&mut Said) = |said| {
        said.history.clear();
        said.moving("IN_PROGRESS");
        said.api().service.rollouts[0].counts.running = 1;
    };
    assert_eq!(digest(&one, several), None);
    // Containers ran different images, so that no one digest says it.
    let mixed: fn(&mut Said) = |said| {
        let envoy = ("envoy".to_owned(), "sha256:e".to_owned());
        said.history[0].digests.push(envoy);
    };
    assert_eq!(digest(&one, mixed), Some(family("cms-api", 2)));
}
