//! What each of several applications would get, or got.

use super::gone::gone_already;
use super::phrase::Readers;
use super::{code, commit, image, joined, label, link, said};
use crate::plan::Plan;
use crate::slack::text::Mrkdwn;

/// What each of several applications would get, or got: one line each. None for one application,
/// of which that is said elsewhere.
pub fn shares(plan: &Plan) -> Vec<Mrkdwn> {
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
        let sha = share.commit.as_ref();
        let back = share.goes_back.as_ref();
        let without = match back {
            Some(_) => link::away(share, services.first()),
            None => Mrkdwn::new(),
        };
        let details = [
            without,
            commit::of_share(share),
            share
                .image
                .as_ref()
                .map_or_else(Mrkdwn::new, |one| image(one, sha)),
            back.and_then(|back| back.way.id.as_deref())
                .map_or_else(Mrkdwn::new, |id| said!("as deploy {} ran it", code(id))),
        ];
        let details = joined(details, ", ");
        lines.push(match details.is_empty() {
            true => said!("• *{}*: {}", share.title, change),
            false => said!("• *{}*: {}, {}", share.title, change, details),
        });
    }
    lines
}
