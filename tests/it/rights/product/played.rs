//! One combination, played through the front door, and what it was answered with.

use std::time::Duration;

use longshore::card::{ButtonAction, ButtonValue};
use longshore::cli::Exit;
use longshore::record::{Deploy, Phase, Verdict};
use longshore_sim::slack::{Invocation, SignedRequest, Utterance};
use serde_json::{Value, json};

use super::world::{Actor, GRANTED, Stage, other, seen};
use super::{Act, Means};
use crate::faults::story::text;
use crate::terminal;
use crate::town::{ADA, DEPLOYS, EVE, ROOT, Town};

/// How a no is recognised, and what rule it is. The first that is found counts.
const RULES: [(&str, &str); 10] = [
    (
        "does not take requests from this Slack workspace",
        "stranger",
    ),
    (" can confirm the ", "requester"),
    ("Every full member may", "member"),
    ("Only the admins may", "admins"),
    ("You may not ", "named"),
    ("is not known", "doubt"),
    ("but not from here", "channel"),
    ("You may deploy that by now", "has-it"),
    ("A mention neither gives rights nor takes them", "never"),
    (" is not a command", "never"),
];

/// The answer to one combination.
pub(super) async fn plays(stage: &Stage, actor: &Actor, means: Means, act: Act) -> String {
    let moment = match act {
        Act::Cancel | Act::CancelOwn | Act::Confirm | Act::ConfirmOwn | Act::Decline => {
            &stage.asking
        }
        Act::Continue | Act::GoBack | Act::KeepPosted => &stage.paused,
        Act::Retry => &stage.cancelled,
        Act::Forward => &stage.back,
        Act::Abandon => &stage.overdue,
        // Where everybody may, nobody asks for a right.
        Act::Plead => stage.pleas.first().unwrap_or(&stage.settled),
        Act::AllowOnce | Act::AllowUntil | Act::TurnDown => {
            stage.pleas.last().unwrap_or(&stage.settled)
        }
        Act::Promote | Act::DeployThere => &stage.ordered,
        _ => &stage.settled,
    };
    let town = moment.town();
    let about = match act {
        Act::Rollback | Act::Restart | Act::Deploy | Act::Show | Act::Difference => &stage.newest,
        Act::Forward => &stage.rolled_back,
        Act::Abandon => &stage.late,
        Act::AllowOnce | Act::AllowUntil | Act::TurnDown if stage.plea.is_empty() => &stage.newest,
        Act::AllowOnce | Act::AllowUntil | Act::TurnDown => &stage.plea,
        Act::Promote => &stage.succeeded,
        Act::DeployThere => &stage.refused,
        _ => &stage.asked,
    };
    if matches!(act, Act::CancelOwn | Act::ConfirmOwn) && means != Means::Operator {
        makes_own(&town, about, actor);
    }
    let before = Before::of(&town);
    match means {
        Means::Command => {
            let typed = typed(stage, act);
            let typed = Invocation::new(actor.user, DEPLOYS, &typed).team(actor.team);
            let request = town.world.state().slack.command(town.world.now(), &typed);
            town.posts(&request).await;
        }
        Means::Mention => {
            let typed = typed(stage, act);
            let written = Utterance::mention(actor.user, DEPLOYS, &typed);
            town.writes(&written).await;
        }
        Means::Thread => {
            let card = town.deploy(&stage.newest).await.told.card.unwrap();
            let typed = typed(stage, act);
            let verb = typed.split(' ').next().unwrap();
            let written = Utterance::mention(actor.user, DEPLOYS, verb).thread(card.root());
            town.writes(&written).await;
        }
        Means::Button => presses(&town, stage, actor, (act, about)).await,
        Means::Operator => return at_a_terminal(&town, stage, act).await,
    }
    for _ in 0..PATIENCE {
        let done = before.done(&town, act, about).await;
        match (done, before.no(&town).await) {
            (true, None) => return "yes".to_owned(),
            (false, Some(rule)) => return rule.to_owned(),
            (true, Some(rule)) => return format!("both:{rule}"),
            (false, None) => town.passes(Duration::from_secs(2)).await,
        }
    }
    let read = town.reads();
    println!(
        "{} {} by {}, {}: {read}",
        stage.environment,
        act.word(),
        means.word(),
        actor.word
    );
    "nothing".to_owned()
}

/// So many times, two seconds apart, it is looked for what came of it.
const PATIENCE: usize = 10;

/// The deploy is whoever acts' own, as if they had asked for it when they might.
fn makes_own(town: &Town, id: &str, actor: &Actor) {
    let now = town.world.now();
    let mut state = town.world.state();
    let table = state.dynamodb.tables.get_mut("longshore").unwrap();
    let keys: Vec<_> = table.items().keys().cloned().collect();
    for key in keys
        .into_iter()
        .filter(|key| key.0.contains(id) || key.1 == id)
    {
        let item = table.items()[&key].clone();
        let own = serde_json::to_string(&item)
            .unwrap()
            .replace(ADA, actor.user);
        table.set(now, &key, Some(serde_json::from_str(&own).unwrap()));
    }
}

/// What somebody writes to have it done. What only buttons do has no words: those that come nearest.
fn typed(stage: &Stage, act: Act) -> String {
    let environment = stage.environment;
    match act {
        Act::Deploy => format!("webapp:1.0.2 to {environment}"),
        Act::Restart => format!("restart webapp on {environment}"),
        Act::Rollback => format!("rollback webapp on {environment}"),
        Act::Promote => format!(
            "promote webapp from {} to {environment}",
            other(environment)
        ),
        Act::Cancel | Act::CancelOwn => format!("cancel webapp on {environment}"),
        Act::Status => format!("status webapp {environment}"),
        Act::Show => format!("show {}", stage.newest),
        Act::History => format!("history webapp {environment}"),
        Act::Logs => format!("logs webapp {environment}"),
        Act::Plan => format!("plan webapp:1.0.2 to {environment}"),
        Act::Diff => format!("diff webapp:1.0.2 {environment}"),
        Act::Where => "where webapp #42".to_owned(),
        Act::Who => format!("who webapp {environment}"),
        Act::Grant => format!("grant <@{EVE}|eve> webapp on {environment}"),
        Act::Revoke => format!("revoke <@{GRANTED}|granted> webapp"),
        Act::Retry => format!("retry {}", stage.asked),
        Act::DeployThere => format!("deploy-there {}", stage.refused),
        Act::Confirm | Act::ConfirmOwn => format!("confirm {}", stage.asked),
        Act::Decline => format!("decline {}", stage.asked),
        Act::Continue => format!("continue {}", stage.asked),
        Act::GoBack => format!("go-back {}", stage.asked),
        Act::Difference => format!("difference {}", stage.newest),
        Act::Forward => format!("forward {}", stage.rolled_back),
        Act::Abandon => format!("abandon {}", stage.late),
        Act::KeepPosted => format!("keep-posted {}", stage.asked),
        Act::Plead => "plead".to_owned(),
        Act::AllowOnce => format!("approve {}", stage.plea),
        Act::AllowUntil => format!("approve {} until friday", stage.plea),
        Act::TurnDown => format!("deny {}", stage.plea),
    }
}

/// The press of a button, as Slack would send it of whoever sees it.
async fn presses(town: &Town, stage: &Stage, actor: &Actor, (act, about): (Act, &str)) {
    let request = match act {
        Act::Deploy => {
            // The form is the requester's; whoever has a form fills it in like that.
            town.types(ADA, "").await;
            let now = town.world.now();
            let mut state = town.world.state();
            for (field, value) in [
                ("application", "webapp"),
                ("environment", stage.environment),
                ("reference", "1.0.2"),
            ] {
                state.slack.enters(ADA, field, value).unwrap();
            }
            state.slack.click_newest(now, ADA, "form").unwrap()
        }
        Act::Continue | Act::GoBack => {
            let action = match act {
                Act::Continue => "pause_continue",
                _ => "pause_back",
            };
            let now = town.world.now();
            town.world
                .state()
                .slack
                .click(now, ADA, &stage.pause, action)
                .unwrap()
        }
        Act::Plead | Act::AllowOnce | Act::AllowUntil | Act::TurnDown => {
            let (who, action) = match act {
                Act::Plead => (EVE, "plead"),
                Act::AllowOnce => (ROOT, "allow_once"),
                Act::AllowUntil => (ROOT, "allow_until"),
                _ => (ROOT, "decline"),
            };
            let now = town.world.now();
            let mut state = town.world.state();
            state.slack.click_newest(now, who, action).unwrap()
        }
        _ => {
            let action = match act {
                Act::Restart => ButtonAction::Restart,
                Act::Rollback => ButtonAction::Rollback,
                Act::Retry => ButtonAction::Retry,
                Act::Cancel | Act::CancelOwn => ButtonAction::Cancel,
                Act::Confirm | Act::ConfirmOwn => ButtonAction::Confirm,
                Act::Decline => ButtonAction::Decline,
                Act::Forward => ButtonAction::Forward,
                Act::Promote => ButtonAction::Promote,
                Act::DeployThere => ButtonAction::DeployThere,
                Act::Abandon => ButtonAction::Abandon,
                Act::KeepPosted => ButtonAction::KeepPosted,
                _ => ButtonAction::Difference,
            };
            let deploy = town.deploy(about).await;
            let value = ButtonValue::new(&deploy, action).to_string();
            let message = match act {
                Act::Confirm | Act::ConfirmOwn | Act::Decline | Act::Cancel | Act::CancelOwn => {
                    seen(town, "confirm")
                }
                Act::Retry => seen(town, "retry"),
                Act::Forward => seen(town, "forward"),
                Act::Abandon => seen(town, "abandon"),
                Act::Promote => seen(town, "promote"),
                Act::DeployThere => seen(town, "deploy_there"),
                _ => seen(town, "rollback"),
            };
            let now = town.world.now();
            let shown = message.buttons().remove(0).action_id;
            let request = town
                .world
                .state()
                .slack
                .click(now, ADA, &message, &shown)
                .unwrap();
            changed(town, &request, |payload| {
                payload["actions"][0]["action_id"] = json!(action.id());
                payload["actions"][0]["value"] = json!(value);
            })
        }
    };
    let request = changed(town, &request, |payload| {
        payload["user"]["id"] = json!(actor.user);
        payload["user"]["team_id"] = json!(actor.team);
    });
    town.posts(&request).await;
}

/// The same click with something else in it, signed like that.
fn changed(town: &Town, request: &SignedRequest, change: impl Fn(&mut Value)) -> SignedRequest {
    let mut payload = payload_of(&request.body);
    change(&mut payload);
    let now = town.world.now();
    town.world.state().slack.interaction(now, &payload)
}

/// What a click's form holds.
fn payload_of(body: &[u8]) -> Value {
    let written = body.strip_prefix(b"payload=").unwrap();
    let (mut bytes, mut json) = (written.iter(), Vec::new());
    while let Some(byte) = bytes.next() {
        json.push(match byte {
            b'+' => b' ',
            b'%' => {
                let two = [*bytes.next().unwrap(), *bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&two).unwrap(), 16).unwrap()
            }
            other => *other,
        });
    }
    serde_json::from_slice(&json).unwrap()
}

async fn at_a_terminal(town: &Town, stage: &Stage, act: Act) -> String {
    let environment = stage.environment;
    let words: Vec<&str> = match act {
        Act::Deploy => vec!["deploy", "webapp:1.0.2", environment, "--yes"],
        // The plan is confirmed under the ARN that asked for it.
        Act::ConfirmOwn => vec!["deploy", "webapp:main", environment, "--yes"],
        Act::Restart => vec!["restart", "webapp", environment, "--yes"],
        Act::Rollback => vec!["rollback", "webapp", environment, "--yes"],
        Act::Promote => vec![
            "promote",
            "webapp",
            "from",
            other(environment),
            "to",
            environment,
            "--yes",
        ],
        Act::Cancel | Act::CancelOwn => vec!["cancel", "webapp", environment],
        Act::Status => vec!["status", "webapp", environment],
        Act::Show => vec!["show", &stage.newest],
        Act::History => vec!["history", "webapp", environment],
        Act::Who => vec!["who", "webapp", environment],
        Act::Revoke => vec!["revoke", GRANTED, "webapp"],
        _ => unreachable!("{act:?} is no command of a terminal"),
    };
    let printed = terminal::said_yes(town, &words).await;
    match printed.exit {
        Exit::Done if act == Act::Revoke && !granted(town, GRANTED).is_empty() => {
            panic!("{words:?} took nothing: {}", printed.out)
        }
        Exit::Done => "yes".to_owned(),
        exit => panic!("{words:?}: {exit:?} {} {}", printed.out, printed.err),
    }
}

/// What there was before somebody acted.
struct Before {
    deploys: Vec<String>,
    /// How often each no was said.
    said: Vec<usize>,
    calls: usize,
    messages: usize,
}

impl Before {
    fn of(town: &Town) -> Self {
        let (deploys, said) = (deploys(town), said(town));
        let state = town.world.state();
        Self {
            deploys,
            said,
            calls: state.calls.len(),
            messages: state.slack.events().len(),
        }
    }

    /// The rule that said no since, by what was said or by the record of what was refused.
    async fn no(&self, town: &Town) -> Option<&'static str> {
        let now = said(town);
        let mut rules = RULES.iter().zip(self.said.iter().zip(&now));
        let found = rules.find(|(_, (before, now))| now > before);
        if let Some(((_, rule), _)) = found {
            return Some(rule);
        }
        let new = self.new_deploy(town).await?;
        let why = serde_json::to_string(&new.ending?.why).unwrap();
        let named = [("no_full_member", "member"), ("not_named", "named")];
        let found = named.iter().find(|(name, _)| why.contains(name));
        found.map(|(_, rule)| *rule)
    }

    async fn new_deploy(&self, town: &Town) -> Option<Deploy> {
        let new = deploys(town).into_iter();
        let mut new = new.filter(|id| !self.deploys.contains(id));
        Some(town.deploy(&new.next()?).await)
    }

    /// Whether it was done.
    async fn done(&self, town: &Town, act: Act, about: &str) -> bool {
        match act {
            Act::Deploy
            | Act::Restart
            | Act::Rollback
            | Act::Retry
            | Act::Promote
            | Act::DeployThere
            | Act::Forward => {
                let new = self.new_deploy(town).await;
                let is_made = |new: Deploy| {
                    new.phase != Phase::Requested && new.verdict() != Some(Verdict::Refused)
                };
                new.is_some_and(is_made)
            }
            Act::Plead => {
                let new = self.new_deploy(town).await;
                new.is_some_and(|new| new.plea_put().is_some())
            }
            Act::AllowOnce | Act::AllowUntil => {
                let plea = town.deploy(about).await.plea;
                plea.is_some_and(|plea| plea.allowed.is_some())
            }
            Act::Cancel | Act::CancelOwn | Act::Decline | Act::TurnDown => {
                town.deploy(about).await.verdict() == Some(Verdict::Cancelled)
            }
            Act::Confirm | Act::ConfirmOwn => {
                let ask = town.deploy(about).await.ask;
                ask.is_some_and(|ask| ask.consented_by.is_some())
            }
            // Only who may is told that ECS is at it still.
            Act::Abandon => {
                town.deploy(about).await.verdict() == Some(Verdict::Abandoned)
                    || text_of(town).contains("cannot be given up yet")
            }
            Act::Grant => !granted(town, EVE).is_empty(),
            Act::Revoke => granted(town, GRANTED).is_empty(),
            Act::Continue => self.called(town, "ContinueServiceDeployment"),
            Act::GoBack => {
                self.called(town, "StopServiceDeployment")
                    || self.called(town, "ContinueServiceDeployment")
            }
            Act::Difference
            | Act::KeepPosted
            | Act::Status
            | Act::Show
            | Act::History
            | Act::Logs
            | Act::Plan
            | Act::Diff
            | Act::Where
            | Act::Who => {
                let spoken = town.world.state().slack.events().len() > self.messages + 1;
                spoken && self.no(town).await.is_none()
            }
        }
    }

    fn called(&self, town: &Town, operation: &str) -> bool {
        let state = town.world.state();
        let mut since = state.calls[self.calls..].iter();
        since.any(|call| call.operation == operation)
    }
}

/// All that was said. An edited message says what it says now, and not again what stood there before.
fn text_of(town: &Town) -> String {
    let mut said = serde_json::to_value(town.world.state().slack.events()).unwrap();
    for event in said.as_array_mut().unwrap() {
        if let Some(edited) = event.pointer_mut("/what/edited/edits") {
            *edited = json!([]);
        }
    }
    said.to_string()
}

/// The rights that somebody was given in chat and has.
fn granted(town: &Town, user: &str) -> Vec<String> {
    let state = town.world.state();
    let items = state.dynamodb.tables["longshore"].items();
    let grants = items.iter().filter(|((pk, _), _)| pk == "RIGHTS");
    // One that was taken back is there without its body.
    let theirs = grants.filter(|((_, sk), item)| sk.contains(user) && item.contains_key("body"));
    theirs.map(|((_, sk), _)| sk.clone()).collect()
}

fn said(town: &Town) -> Vec<usize> {
    let all = text_of(town);
    RULES
        .iter()
        .map(|(words, _)| all.matches(words).count())
        .collect()
}

pub(super) fn deploys(town: &Town) -> Vec<String> {
    let state = town.world.state();
    let items = state.dynamodb.tables["longshore"].items().values();
    let records = items.filter(|item| text(item, "kind") == "deploy");
    records.map(|item| text(item, "id").to_owned()).collect()
}
