//! What a deploy would do, for whoever looks before they ask for it: every gate with how it stands, then what the
//! question about a deploy says too. Only its reader sees it, and there is nothing to press.

use std::collections::BTreeSet;

use super::Setting;
use super::page::{Page, about};
use super::plan::{place, planned};
use crate::gate::{self, Gate, GateStands, LookedAt, Obstacle, standings};
use crate::names::AppName;
use crate::record::{Deploy, Refused, Why};
use crate::refusal;
use crate::reply::phrase::{Phrase, Readers};
use crate::reply::{self, joined, said};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// What a deploy would do, as things stand.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The deploy, which is on no record; with its plan, if there is one.
    pub deploy: Deploy,
    /// Each of its applications.
    pub each: Vec<PreviewOne>,
}

/// What was seen of one application.
#[derive(Clone, Debug)]
pub struct PreviewOne {
    /// Which.
    pub application: AppName,
    /// The gates that it has to pass.
    pub asked: BTreeSet<Gate>,
    /// How far the look got.
    pub reached: LookedAt,
    /// What stands in the way.
    pub held: Vec<Obstacle>,
    /// Why there is no plan, if that is no gate's matter.
    pub refused: Option<Refused>,
}

/// The gates, and the plan.
pub fn preview(preview: &Preview, setting: &Setting<'_>) -> Message {
    let deploy = &preview.deploy;
    let mut page = Page::new(reply::gates::would(deploy));
    page.header(&format!("Plan: {}", about(deploy)));
    page.section(outcome(preview));
    page.lines(refusals(preview, setting));
    page.lines(gates(preview, setting));
    planned(&mut page, deploy, setting);
    let place = deploy.plan.as_ref().map(place);
    let nothing = Some(reply::gates::nothing_changed());
    page.context(joined([nothing, place].into_iter().flatten(), " · "));
    page.only_for_one()
}

/// What would become of the deploy, in one line.
fn outcome(preview: &Preview) -> Mrkdwn {
    let stopped = |one: &PreviewOne| one.refused.is_some() || !one.held.is_empty();
    match &preview.deploy.plan {
        Some(plan) if !preview.each.iter().any(stopped) => reply::gates::starts(plan),
        _ if preview.each.iter().all(|one| one.held.is_empty()) => reply::gates::refused_now(),
        _ => {
            let words = [reply::gates::refused_now(), reply::gates::nobody_waives()];
            joined(words, " ")
        }
    }
}

fn refusals(preview: &Preview, setting: &Setting<'_>) -> Vec<Mrkdwn> {
    let mut lines = Vec::new();
    for one in &preview.each {
        let Some(refused) = &one.refused else {
            continue;
        };
        let why = refusal::why(&Why::from(refused.clone())).into_iter();
        let why = why.map(|line| line.without(refusal::NOTHING_STARTED));
        lines.extend(why.map(|line| of(preview, one, read(preview, line, setting))));
    }
    lines
}

/// A line for every gate: what holds for all applications once, the rest for each.
fn gates(preview: &Preview, setting: &Setting<'_>) -> Vec<Mrkdwn> {
    let of_plan = preview.deploy.plan.as_ref().map(gate::of_plan);
    // The plan below says so.
    let said_below: BTreeSet<Gate> = of_plan.iter().flatten().map(Obstacle::gate).collect();
    let mut holding: Vec<(Gate, usize)> = Vec::new();
    let mut lines = Vec::new();
    let mut unjudged = BTreeSet::new();
    for one in &preview.each {
        for (gate, standing) in standings(&one.asked, &one.held, one.reached) {
            match standing {
                GateStands::Holds => match holding.iter_mut().find(|(known, _)| *known == gate) {
                    Some((_, count)) => *count += 1,
                    None => holding.push((gate, 1)),
                },
                GateStands::Held(obstacles) => lines.extend(obstacles.iter().map(|obstacle| {
                    let line = read(preview, refusal::obstacle(obstacle), setting);
                    reply::gates::held(obstacle, &of(preview, one, line))
                })),
                GateStands::Unjudged => {
                    unjudged.insert(gate);
                }
            }
        }
    }
    let asked = |gate: Gate| {
        let each = preview.each.iter();
        each.filter(|one| one.asked.contains(&gate)).count()
    };
    let everywhere = holding.into_iter().filter(|(gate, count)| {
        *count == asked(*gate) && !said_below.contains(gate) && !unjudged.contains(gate)
    });
    lines.extend(everywhere.map(|(gate, _)| reply::gates::holds(gate)));
    if !unjudged.is_empty() {
        lines.push(reply::gates::unjudged(&unjudged));
    }
    lines
}

/// A line about one of several applications names it.
fn of(preview: &Preview, one: &PreviewOne, line: Mrkdwn) -> Mrkdwn {
    match preview.each.len() {
        1 => line,
        _ => said!("{}: {}", one.application, line),
    }
}

fn read(preview: &Preview, line: Phrase, setting: &Setting<'_>) -> Mrkdwn {
    let line = line.naming(setting.admins, preview.deploy.requester.user());
    line.mrkdwn(setting.command, Readers::One)
}
