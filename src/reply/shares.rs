//! What each of several applications would get, or got.

use std::time::Duration;

use jiff::Timestamp;

use super::gone::gone_already;
use super::phrase::Readers;
use super::{code, commit, image, joined, label, link, said};
use crate::plan::{Plan, PlannedService, Share, Unchanged};
use crate::slack::text::Mrkdwn;

/// What each of several applications would get, or got: one line each. None for one application,
/// of which that is said elsewhere.
pub fn shares(plan: &Plan) -> Vec<Mrkdwn> {
    lines(plan, &|share, first| {
        let back = share.goes_back.as_ref();
        let without = match back {
            Some(_) => link::away(share, Some(first)),
            None => Mrkdwn::new(),
        };
        let commit = match commit::is_named(share) {
            true => Mrkdwn::new(),
            false => commit::of_share(share),
        };
        let image = share.image.as_ref();
        let details = [
            without,
            commit,
            image.map_or_else(Mrkdwn::new, |one| self::image(one, share.commit.as_ref())),
            back.and_then(|back| back.way.id.as_deref())
                .map_or_else(Mrkdwn::new, |id| said!("as deploy {} ran it", code(id))),
        ];
        joined(details, ", ")
    })
}

/// Where what is promoted ran before, how long ago it succeeded there, and who deployed it there: a line for each.
pub fn promoted(plan: &Plan, now: Timestamp) -> Vec<Mrkdwn> {
    let shares = plan.shares.iter().filter(|share| share.services > 0);
    let promoted = shares.filter_map(|share| Some((share, share.promoted.as_ref()?)));
    let lines = promoted.map(|(share, promoted)| {
        let ran = Duration::try_from(now.duration_since(promoted.since)).unwrap_or_default();
        let said = said!(
            "promoted from {}, where it succeeded {} ago, deployed by {}",
            promoted.from,
            ran,
            promoted.by
        );
        match plan.only() {
            Some(_) => said!("{}.", said.capitalized()),
            None => said!("• *{}*: {}", share.title, said),
        }
    });
    lines.collect()
}

/// The same once it was agreed to: from what to what, and how many commits.
pub fn shares_in_short(plan: &Plan) -> Vec<Mrkdwn> {
    lines(plan, &|share, first| match share.goes_back {
        Some(_) => link::away(share, Some(first)),
        None => link::brought(share, Some(first)),
    })
}

/// A line for each, with `details` of the application, whose first service stands for the others.
fn lines(plan: &Plan, details: &dyn Fn(&Share, &PlannedService) -> Mrkdwn) -> Vec<Mrkdwn> {
    let mut lines = Vec::new();
    if plan.only().is_some() {
        return lines;
    }
    for (share, services) in plan.each() {
        let Some(first) = services.first() else {
            lines.push(match &share.gone {
                Some(gone) => said!(
                    "• *{}*: {}. Nothing is changed there",
                    share.title,
                    gone_already(gone).said(Readers::All)
                ),
                None => said!(
                    "• *{}*: {} runs there already, and is left alone",
                    share.title,
                    label(&share.label)
                ),
            });
            continue;
        };
        let to = label(&share.runs());
        let mut apart = services.iter().filter_map(|one| one.told_apart.as_ref());
        let change = match apart.next() {
            Some((was, will)) => said!(
                "{} ({}) → *{}* ({})",
                label(&first.live_label),
                code(was),
                to,
                code(will)
            ),
            None => said!("{} → *{}*", label(&first.live_label), to),
        };
        let details = details(share, first);
        lines.push(match details.is_empty() {
            true => said!("• *{}*: {}", share.title, change),
            false => said!("• *{}*: {}, {}", share.title, change, details),
        });
    }
    lines
}

/// A service that a plan does not touch.
pub(crate) fn left_alone(service: &Unchanged) -> Mrkdwn {
    let why = match service.lacks_image {
        true => "has no container for this image",
        false => "runs it already",
    };
    said!(
        "• {}: {}, and is left alone",
        code(&service.service),
        Mrkdwn::raw(why)
    )
}
