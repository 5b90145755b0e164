//! What is told of people and user groups.

use jiff::Timestamp;

use super::{code, joined, said};
use crate::config::Member;
use crate::names::{GroupId, UserId};
use crate::plan::Plan;
use crate::policy::Doubt;
use crate::record::Deploy;
use crate::slack::text::Mrkdwn;

/// That people joined a group whose members are admins, and from when on that holds; `more` are not named.
pub(crate) fn joined_trusted(
    people: &[&UserId],
    more: usize,
    group: &GroupId,
    from: Timestamp,
) -> Mrkdwn {
    let named = people.iter().map(|user| said!("{}", *user));
    let more = (more > 0).then(|| said!("{} more", more));
    let named: Vec<Mrkdwn> = named.chain(more).collect();
    said!(
        ":bust_in_silhouette: New in the user group {}: {}. From {} on they are admins of Longshore. \
         If that is not wanted, take them out of the group before then.",
        Member::Group(group.clone()),
        joined(named, ", "),
        from
    )
}

/// By which old copy of what Slack said the requester may do what is planned, if by any.
pub(crate) fn by_copy(plan: &Plan) -> Vec<Mrkdwn> {
    let doubt = plan.by_copy.iter();
    doubt
        .filter_map(|doubt| as_of(doubt, &said!("the requester")))
        .collect()
}

/// The same of a deploy that has ended: what it was planned by, and what whoever stopped it did that by.
pub(crate) fn by_copies(deploy: &Deploy) -> Vec<Mrkdwn> {
    let planned = deploy.plan.iter().flat_map(by_copy);
    let stopped = deploy.cancel.iter().filter_map(|cancel| {
        let doubt = cancel.by_copy.as_ref()?;
        as_of(doubt, &said!("{}, who stopped this,", cancel.by))
    });
    let mut lines: Vec<Mrkdwn> = Vec::new();
    for line in planned.chain(stopped) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

fn as_of(doubt: &Doubt, whom: &Mrkdwn) -> Option<Mrkdwn> {
    let since = doubt.since()?;
    Some(match doubt {
        Doubt::Group(group, _) => said!(
            ":warning: Slack does not say now who is in the user group {}. What it said {} was used instead.",
            code(&format!("@{group}")),
            since
        ),
        Doubt::Person(_) => said!(
            ":warning: Slack does not say now whether {} is a full member. What it said {} was used instead.",
            whom,
            since
        ),
    })
}
