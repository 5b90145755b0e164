//! What runs, in words: the board and the detail of one application say the same of the same.

use jiff::Timestamp;

use super::rollout::{after, at_stage, open, stage};
use super::{ago, code, for_all, found, joined, label, said};
use crate::names::EnvName;
use crate::names::arn::last_part;
use crate::record::Doing;
use crate::rollout::Counts;
use crate::running::{BroughtFrom, Moves, Place, Runs, ServiceNow, Unread};
use crate::slack::text::Mrkdwn;

/// What is said at once where it is known to take a while.
pub(crate) fn asks_about_much() -> Mrkdwn {
    Mrkdwn::raw("I am asking AWS about hundreds of services. The answer follows here.")
}

/// What was read, where some of it could not be.
pub fn but_for(unreadable: usize) -> String {
    match unreadable {
        1 => "What runs, but for one place that could not be read".to_owned(),
        places => format!("What runs, but for {places} places that could not be read"),
    }
}

/// A place that could not be read, why, and with which role. `concerned` says for whom, where that is
/// not plain.
pub fn unreadable(env: &EnvName, concerned: &Mrkdwn, unread: &Unread, role: &str) -> Mrkdwn {
    said!(
        ":warning: {} could not be read{}: {} (role {}). Nothing is claimed about it.",
        env,
        concerned,
        for_all(&unread.why),
        code(role)
    )
}

/// Since when and by whom it runs, or that nobody here brought it.
pub fn brought(from: &BroughtFrom, now: Timestamp) -> Mrkdwn {
    let long_ago = |at: &Timestamp| {
        let span = now.duration_since(*at);
        Mrkdwn::of(&ago(span.try_into().unwrap_or_default()))
    };
    match from {
        BroughtFrom::Ours { since, by } => {
            let since = since.as_ref().map_or_else(Mrkdwn::new, long_ago);
            let by = by.as_ref().map_or_else(Mrkdwn::new, |by| said!("{}", by));
            joined([since, by], ", ")
        }
        BroughtFrom::Found { known_since } => found(*known_since, now),
        BroughtFrom::Noticed { at, by } => {
            let noticed = said!("*changed outside of Longshore*, noticed {}", long_ago(at));
            let by = by.as_deref().map_or_else(Mrkdwn::new, |by| {
                said!("registered by {}", code(last_part(by)))
            });
            joined([noticed, by], ", ")
        }
        BroughtFrom::Outside { instead_of } => said!(
            "*changed outside of Longshore* (last deployed: {})",
            label(instead_of)
        ),
        BroughtFrom::Unknown => Mrkdwn::raw("never deployed by Longshore"),
    }
}

/// How many tasks run: `0 of 2 running`. Only of the first revision ECS says how many it wants.
pub fn running(tasks: Counts, place: Place) -> Mrkdwn {
    match (place, tasks.running, tasks.desired) {
        (Place::Beside, running, _) => said!("{} running", running),
        (_, 0, 0) => Mrkdwn::raw("no tasks run: the desired count is 0"),
        (_, running, wanted) => said!("{} of {} running", running, wanted),
    }
}

/// Those of the tasks that do not run: `1 pending, 16 failed`.
pub fn not_running(tasks: Counts) -> Mrkdwn {
    let pending = match tasks.pending {
        ..=0 => Mrkdwn::new(),
        pending => said!("{} pending", pending),
    };
    let failed = match tasks.failed {
        ..=0 => Mrkdwn::new(),
        failed => said!("{} failed", failed),
    };
    joined([pending, failed], ", ")
}

/// What is being done there, and by whom; what waits, what did not finish, and which services are not
/// there.
pub fn under_way(runs: &Runs) -> Mrkdwn {
    // One service needs no name.
    let several = runs.services.len() > 1;
    let rolling = runs.services.iter().filter_map(|one| match &one.moves {
        Moves::RollingOut(at) => Some((one, at.as_deref())),
        // Where it waits is said with the pause.
        Moves::Waiting(..) => Some((one, None)),
        Moves::Settled
        | Moves::GoingBack
        | Moves::Unfinished
        | Moves::NotActive
        | Moves::Missing => None,
    });
    let name = |one: &ServiceNow| match several {
        true => code(&one.service),
        false => Mrkdwn::new(),
    };
    let rolling: Vec<Mrkdwn> = rolling
        .map(|(one, at)| {
            let at = at.map_or_else(Mrkdwn::new, |at| said!("({})", stage(at)));
            joined([name(one), at], " ")
        })
        .collect();
    let back = runs.services.iter();
    let back = back.filter(|one| one.moves == Moves::GoingBack).map(name);
    let back: Vec<Mrkdwn> = back.collect();
    let doing = |what: &'static str, steps: Vec<Mrkdwn>| match steps.is_empty() {
        true => Mrkdwn::new(),
        false => joined([Mrkdwn::raw(what), joined(steps, ", ")], " "),
    };
    let moving = [doing("*rolling out*", rolling), doing("*going back*", back)];
    let moving = joined(moving, ", ");
    let lease = match runs.leases.is_empty() {
        true => Mrkdwn::new(),
        false => {
            let holders = runs.leases.iter().map(|holder| said!("{}", holder));
            said!("deploy {}", joined(holders, ", "))
        }
    };
    let rolling = match (moving.is_empty(), lease.is_empty()) {
        (true, true) => lease,
        (true, false) => said!("{} is at work", lease),
        (false, foreign) => {
            let by = match foreign {
                true => Mrkdwn::raw("not by Longshore"),
                false => said!("by {}", lease),
            };
            joined([moving, by], ", ")
        }
    };
    let waiting = runs.services.iter().filter_map(waiting);
    let unfinished = runs.services.iter();
    let unfinished = unfinished.filter(|one| one.moves == Moves::Unfinished);
    let unfinished = joined(unfinished.map(|one| code(&one.service)), ", ");
    let unfinished = match unfinished.is_empty() {
        true => Mrkdwn::new(),
        false => said!("*the last rollout of {} did not finish*", unfinished),
    };
    let gone = runs.services.iter().filter(|one| one.is_gone());
    let gone = gone.map(|one| match one.moves {
        Moves::NotActive => said!(":warning: *{} is not ACTIVE*", code(&one.service)),
        _ => said!(":warning: *there is no service {}*", code(&one.service)),
    });
    // That one with a lease is under way is said already.
    let open = runs.open.iter().filter(|open| {
        let said = open.doing == Doing::UnderWay && runs.leases.contains(&open.id);
        !said
    });
    let first = std::iter::once(rolling).chain(waiting);
    let rest = std::iter::once(unfinished).chain(gone);
    joined(first.chain(rest).chain(open.map(self::open)), "; ")
}

/// A rollout that waits at a pause hook: where, and what ECS does if nobody answers.
fn waiting(one: &ServiceNow) -> Option<Mrkdwn> {
    let Moves::Waiting(stage, hook) = &one.moves else {
        return None;
    };
    let until = hook.expires_at.map_or_else(Mrkdwn::new, |until| {
        said!("until {}, when ECS {}", until, after(hook.on_timeout))
    });
    let waits = said!(
        "*waits for a person* at {} ({})",
        code(&one.service),
        at_stage(stage.as_deref())
    );
    Some(joined([waits, until], ", "))
}
