//! What a deploy would do, for whoever looks before they ask for it: every gate with how it stands, then what the
//! question about a deploy says too. Only its reader sees it, and there is nothing to press.

use std::collections::BTreeSet;

use super::Setting;
use super::page::{Page, about};
use super::plan::{place, planned};
use crate::gate::{self, Gate, GateStands, LookedAt, Obstacle, standings};
use crate::names::{AppName, UserId};
use crate::record::{Deploy, Refused, Verdict, Why};
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

/// What keeps a deploy from being started, and why the last one was refused there, if one was.
pub fn why_not(preview: &Preview, last: Option<&Deploy>, setting: &Setting<'_>) -> Message {
    let deploy = &preview.deploy;
    let mut page = Page::new(reply::gates::stands_in_the_way(deploy));
    page.header(&format!("Why not: {}", about(deploy)));
    page.section(outcome(preview));
    page.lines(refusals(preview, setting));
    let held = preview.each.iter().flat_map(|one| {
        let each = one.held.iter();
        each.map(move |obstacle| held_line(preview, one, obstacle, setting))
    });
    page.lines(held.collect());
    if let Some((last, ending)) = last.and_then(|last| Some((last, last.ending.as_ref()?))) {
        page.section(reply::gates::refused_last(last));
        page.lines(stood_in_the_way(&ending.why, setting, reader(preview)));
    }
    page.context(reply::gates::nothing_changed());
    page.only_for_one()
}

/// Why a deploy was refused, for this reader, or that it was not.
pub fn refused_for(deploy: &Deploy, setting: &Setting<'_>, reader: Option<&UserId>) -> Message {
    let ending = deploy.ending.as_ref();
    let Some(ending) = ending.filter(|ending| ending.verdict == Verdict::Refused) else {
        return Page::of_sentence(reply::gates::not_refused(deploy, setting.command))
            .only_for_one();
    };
    let mut page = Page::new(reply::gates::refused_last(deploy));
    page.header(&format!("Why not: {}", about(deploy)));
    page.section(reply::gates::refused_last(deploy));
    page.lines(stood_in_the_way(&ending.why, setting, reader));
    page.context(reply::gates::look_again(deploy, setting.command));
    page.only_for_one()
}

/// Why nobody can tell what somebody only looked for.
pub(crate) fn not_told(
    refused: Refused,
    setting: &Setting<'_>,
    reader: Option<&UserId>,
) -> Message {
    let why = refusal::why(&Why::from(refused)).into_iter();
    let why = why.map(|line| read(line.without(refusal::NOTHING_STARTED), setting, reader));
    Page::of_sentence(joined(why, "\n")).only_for_one()
}

fn stood_in_the_way(why: &Why, setting: &Setting<'_>, reader: Option<&UserId>) -> Vec<Mrkdwn> {
    let lines = refusal::why(why).into_iter();
    let lines = lines.map(|line| line.without(refusal::NOTHING_STARTED));
    let lines = lines.map(|line| said!("• {}", read(line, setting, reader)));
    let then = reply::gates::stood_in_the_way();
    [then].into_iter().chain(lines).collect()
}

fn held_line(
    preview: &Preview,
    one: &PreviewOne,
    obstacle: &Obstacle,
    setting: &Setting<'_>,
) -> Mrkdwn {
    let line = read(refusal::obstacle(obstacle), setting, reader(preview));
    reply::gates::held(obstacle, &of(preview, one, line))
}

/// What would become of the deploy, in one line.
fn outcome(preview: &Preview) -> Mrkdwn {
    let unseen = |one: &PreviewOne| matches!(one.refused, Some(Refused::GithubKept { .. }));
    if preview.each.iter().any(unseen) {
        return reply::gates::not_looked();
    }
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
        lines.extend(why.map(|line| of(preview, one, read(line, setting, reader(preview)))));
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
                GateStands::Held(obstacles) => {
                    let held = obstacles.iter();
                    lines.extend(held.map(|held| held_line(preview, one, held, setting)));
                }
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

fn reader(preview: &Preview) -> Option<&UserId> {
    preview.deploy.requester.user()
}

fn read(line: Phrase, setting: &Setting<'_>, reader: Option<&UserId>) -> Mrkdwn {
    let line = line.naming(setting.admins, reader);
    line.mrkdwn(setting.command, Readers::One)
}
