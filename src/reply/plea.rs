//! What is said where somebody asks an admin for the right to a deploy.

use jiff::civil::Date;

use super::{request, said, title};
use crate::names::PersonName;
use crate::record::{Deploy, Leave, PleaPut, Verdict};
use crate::slack::text::{Mrkdwn, cut};

/// Characters of an application's title in a heading.
const TITLE: usize = 60;
/// Characters of somebody's handle on a button, which is read with what it is about in 75.
const HANDLE: usize = 20;

/// The button under a refusal.
pub(crate) fn ask(admin: Option<&PersonName>) -> String {
    match admin {
        Some(name) => format!("Ask @{}", cut(name.as_str(), HANDLE)),
        None => "Ask an admin".to_owned(),
    }
}

/// The button that gives the longer right.
pub(crate) fn until(day: Date) -> String {
    format!("Allow until {}", day.strftime("%A, %-d %B"))
}

/// The question's heading.
pub(crate) fn heading(deploy: &Deploy) -> String {
    let title = title(deploy);
    format!(
        "May they deploy {} to {}?",
        cut(&title, TITLE),
        deploy.environment
    )
}

/// Who asks for what.
pub(crate) fn question(deploy: &Deploy) -> Mrkdwn {
    said!(
        "{} has no right to {}, and asks you for it. *Allow once* is for this plan alone.",
        deploy.requester,
        request(deploy)
    )
}

/// Whom Longshore asked.
pub(crate) fn was_asked(deploy: &Deploy, put: &PleaPut) -> Mrkdwn {
    said!(
        "{} was asked for {}, deploy {}. The question stands until {}; you will hear the answer here.",
        put.to,
        request(deploy),
        deploy.id,
        put.ask.expires_at
    )
}

/// What became of the question, for the admin.
pub(crate) fn closed(deploy: &Deploy) -> Mrkdwn {
    let allowed = deploy.plea.as_ref().and_then(|plea| plea.allowed.as_ref());
    let what = request(deploy);
    match (allowed, deploy.verdict()) {
        (Some(allowed), _) => match allowed.leave {
            Leave::Once => said!(
                "{} allowed {} {}, once.",
                allowed.by,
                deploy.requester,
                what
            ),
            Leave::Until(until) => said!(
                "{} allowed {} {}, and whatever else they deploy there until {}.",
                allowed.by,
                deploy.requester,
                what,
                until
            ),
        },
        (None, Some(Verdict::Cancelled)) => match &deploy.cancel {
            Some(cancel) if deploy.was_turned_away() => {
                said!(
                    "{} said no to {} for {}.",
                    cancel.by,
                    what,
                    deploy.requester
                )
            }
            _ => said!("{} does not ask for {} any more.", deploy.requester, what),
        },
        (None, Some(Verdict::Expired)) => {
            said!(
                "Nobody answered in time: {} asked for {}.",
                deploy.requester,
                what
            )
        }
        (None, _) => said!(
            "{} needs no answer for {} any more.",
            deploy.requester,
            what
        ),
    }
}

/// That it was not allowed, in one sentence.
pub(super) fn not_allowed(deploy: &Deploy, it: &Mrkdwn) -> Mrkdwn {
    let by = deploy.cancel.as_ref().map(|cancel| &cancel.by);
    match by {
        Some(by) if deploy.was_turned_away() => {
            said!("{}: {} said no to {}", title(deploy), by, it)
        }
        Some(by) => said!("{}: {} asks for {} no more", title(deploy), by, it),
        None => said!("{}: no admin answered in time to {}", title(deploy), it),
    }
}

/// `, allowed once by @ada`: on the cards that everybody reads.
pub(crate) fn by_leave(deploy: &Deploy) -> Mrkdwn {
    let allowed = deploy.plea.as_ref().and_then(|plea| plea.allowed.as_ref());
    match allowed {
        None => Mrkdwn::new(),
        Some(allowed) => match allowed.leave {
            Leave::Once => said!(", allowed once by {}", allowed.by),
            Leave::Until(until) => said!(", allowed by {} until {}", allowed.by, until),
        },
    }
}
