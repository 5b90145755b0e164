//! What a rollback could go back to, why something cannot be gone back to, and which images nobody can pin.

use std::time::Duration;

use jiff::Timestamp;

use super::gone::{cannot_run, how_left};
use super::phrase::Readers;
use super::{ago, code, command, headline, joined, label, said};
use crate::plan::{Candidate, GoesBack, Plan, Share};
use crate::record::Deploy;
use crate::request::{EntryKey, Verb};
use crate::slack::text::Mrkdwn;

/// Characters of a version's name in a menu, whose options have 75.
const CHOICE: usize = 45;

/// What a rollback goes back to, since when that ran, and why it is not live any more.
pub(crate) fn goes_back(back: &GoesBack, now: Timestamp, readers: Readers) -> Vec<Mrkdwn> {
    let way = &back.way;
    let what = match (&way.id, way.outside) {
        (Some(id), _) => said!(
            "Goes back to {} (deploy {}), exactly as it ran from {} on.",
            label(&way.label),
            code(id),
            way.at
        ),
        (None, true) => said!(
            "Goes back to {}, which somebody rolled out outside of Longshore, as it was found {}.",
            label(&way.label),
            way.at
        ),
        // Of what ran before the first look, only that look has a time.
        (None, false) => said!(
            "Goes back to {}, as it was found running when Longshore first looked, {}.",
            label(&way.label),
            way.at
        ),
    };
    let Some(left) = &way.left else {
        return vec![what];
    };
    let how = how_left(left, &since(left.at, now), readers);
    let how = how.said(readers);
    match back.marked {
        true => vec![
            what,
            said!(
                ":warning: *It was rolled back before:* {}. It is gone back to because you named it.",
                how
            ),
        ],
        false => vec![said!("{} It is not live any more because {}.", what, how)],
    }
}

/// That what a deploy brings was rolled back from before, a line for each application of which that is so.
pub(crate) fn rolled_back(plan: &Plan, now: Timestamp, readers: Readers) -> Vec<Mrkdwn> {
    let lines = plan.shares.iter().filter_map(|share| {
        let left = share.rolled_back.as_ref()?;
        let how = how_left(left, &since(left.at, now), readers).said(readers);
        let of = match plan.only() {
            Some(_) => Mrkdwn::new(),
            None => said!("{}: ", share.title),
        };
        Some(said!(":warning: {}*Rolled back here before:* {}.", of, how))
    });
    lines.collect()
}

/// What to do about what a rollback left, before it comes back by itself. Empty of what no deploy brought.
pub(crate) fn comes_back(deploy: &Deploy, slash: &str) -> Mrkdwn {
    let (Some(forward), Verb::Rollback { .. }) = (deploy.forward(), deploy.verb()) else {
        return Mrkdwn::new();
    };
    let plan = deploy.plan.as_ref();
    let left = plan.and_then(headline::left).unwrap_or_default();
    // Of a name that moves on, the label has the commit as well; whoever named none meant the default branch.
    let moves = left.rsplit_once('@').map(|(name, _)| name);
    let next = match (moves, forward.as_slice()) {
        (Some(branch), [_]) => said!(
            "Deploying {} again brings back what was taken away, unless it was mended or reverted there.",
            code(branch)
        ),
        _ => Mrkdwn::raw(
            "The next deploy brings back what was taken away, unless it was mended or reverted first.",
        ),
    };
    let history = match forward.as_slice() {
        [(application, _)] => format!("history {application} {}", deploy.environment),
        _ => format!("history {}", deploy.environment),
    };
    let lists = said!("{} lists what ran.", command(slash, &history));
    // Where it is known that nothing was taken away, nothing comes back.
    let all_there = |share: &Share| share.commits.as_ref().is_some_and(|one| one.behind == 0);
    match plan.is_some_and(|plan| plan.shares.iter().all(all_there)) {
        true => lists,
        false => said!("{} {}", next, lists),
    }
}

/// What was rolled back from, a line each: a rollback goes there only by name.
pub fn left(candidates: &[Candidate], deploy: &Deploy, slash: &str, now: Timestamp) -> Vec<Mrkdwn> {
    if candidates.is_empty() {
        return Vec::new();
    }
    let newest = candidates.iter().find_map(|one| one.id.as_deref());
    let typed = newest.map_or_else(Mrkdwn::new, |id| {
        let (application, environment) = (deploy.application(), &deploy.environment);
        let line = format!("rollback {application} on {environment} to {id}");
        said!(" ({})", command(slash, &line))
    });
    let heading = said!(
        "*Rolled back before; a rollback goes to one of these only if you name it*{}:",
        typed
    );
    let lines = candidates.iter().map(|one| {
        let how = one.left.as_ref().map_or_else(Mrkdwn::new, |left| {
            how_left(left, &since(left.at, now), Readers::One).said(Readers::One)
        });
        said!("• {}: {}", way_back(one, now), how)
    });
    std::iter::once(heading).chain(lines).collect()
}

fn since(at: Timestamp, now: Timestamp) -> String {
    ago(now.duration_since(at).try_into().unwrap_or_default())
}

/// The good versions, a line each, with the one that is gone back to.
pub fn ways_back(
    candidates: &[Candidate],
    goes_to: Option<EntryKey>,
    now: Timestamp,
) -> Vec<Mrkdwn> {
    let lines = candidates.iter().map(|candidate| {
        let mark = match &candidate.why_not {
            Some(why) => said!("cannot run again: {}", cannot_run(why).said(Readers::All)),
            None if goes_to == Some(candidate.key) => Mrkdwn::raw("*this one*"),
            None => Mrkdwn::new(),
        };
        said!("• {}", joined([way_back(candidate, now), mark], ", "))
    });
    let can_be = candidates.iter().filter(|one| one.why_not.is_none());
    let heading = match can_be.count() {
        0 | 1 => Mrkdwn::raw("*Good versions, newest first:*"),
        _ => Mrkdwn::raw("*Good versions, newest first; choose another below:*"),
    };
    std::iter::once(heading).chain(lines).collect()
}

/// One of them in a menu, which shows plain text alone: `1.5.0 · 3 days ago`.
pub fn choice(candidate: &Candidate, now: Timestamp) -> String {
    let since = since(candidate.at, now);
    let since = match (&candidate.id, candidate.outside) {
        (Some(_), _) => since,
        (None, true) => format!("from outside, {since}"),
        (None, false) => "found running".to_owned(),
    };
    format!("{} · {since}", headline::short(&candidate.label, CHOICE))
}

/// One of them: `main, deploy … of @maria, 3 h ago`, `5a91773, found running, first seen 3 h ago`.
fn way_back(candidate: &Candidate, now: Timestamp) -> Mrkdwn {
    let since = Mrkdwn::of(&since(candidate.at, now));
    let what = match (&candidate.id, candidate.outside) {
        (Some(id), _) => match &candidate.by {
            Some(by) => said!("deploy {} by {}, {}", super::code(id), by, since),
            None => said!("deploy {}, {}", super::code(id), since),
        },
        (None, true) => said!("rolled out outside of Longshore, noticed {}", since),
        (None, false) => found(candidate.at, now),
    };
    joined([label(&candidate.label), what], ", ")
}

/// Of what ran before the first look, only that look has a time.
pub fn found(first_seen: Timestamp, now: Timestamp) -> Mrkdwn {
    let span: Duration = now
        .duration_since(first_seen)
        .try_into()
        .unwrap_or_default();
    match span.as_secs() {
        ..60 => Mrkdwn::raw("found running, first seen just now"),
        _ => said!("found running, first seen {}", ago(span)),
    }
}

/// The images that are named by tag because nobody knows their digest.
pub fn unpinned(plan: &Plan) -> Vec<Mrkdwn> {
    let mut said: Vec<(String, Mrkdwn)> = Vec::new();
    let services = plan.services.iter().flat_map(|service| &service.unpinned);
    let tasks = plan.one_offs.iter().flat_map(|task| &task.unpinned);
    let schedules = plan.schedules.iter().flat_map(|one| &one.unpinned);
    for (container, image) in services.chain(tasks).chain(schedules) {
        if said.iter().all(|(known, _)| known != image) {
            let line = said!(
                "• {} of container {} goes by its tag alone, because ECS reports no digest: a later start may take another image.",
                code(image),
                code(container)
            );
            said.push((image.clone(), line));
        }
    }
    said.into_iter().map(|(_, line)| line).collect()
}
