//! What is said of the gates where somebody looks before they ask: a line for each, with how it stands.

use std::collections::BTreeSet;

use super::{command, joined, request, said};
use crate::gate::{self, Gate, Obstacle};
use crate::past::asked_for;
use crate::plan::Plan;
use crate::record::Deploy;
use crate::request::Verb;
use crate::slack::text::Mrkdwn;

/// What somebody looks at.
pub(crate) fn would(deploy: &Deploy) -> Mrkdwn {
    said!("What {} would do", request(deploy))
}

/// That it would be refused, whoever agrees.
pub(crate) fn refused_now() -> Mrkdwn {
    Mrkdwn::raw("⛔ *It would be refused now.*")
}

/// That nobody looked, so that nothing is known.
pub(crate) fn not_looked() -> Mrkdwn {
    Mrkdwn::raw("Longshore did not look, so this says nothing of the deploy.")
}

/// That no gate is one that somebody could wave through.
pub(crate) fn nobody_waives() -> Mrkdwn {
    Mrkdwn::raw("Nobody can allow it as it is: first, what is listed has to be put right.")
}

/// That it would be let through, and whether somebody would be asked first.
pub(crate) fn starts(plan: &Plan) -> Mrkdwn {
    Mrkdwn::raw(match gate::asks(plan) {
        true => "It would start once you confirm it.",
        false => "It would start at once.",
    })
}

/// A gate that does not hold, or of which nobody can tell.
pub(crate) fn held(obstacle: &Obstacle, line: &Mrkdwn) -> Mrkdwn {
    match obstacle.is_doubt() {
        true => said!("? {}", line.clone()),
        false => said!("✗ {}", line.clone()),
    }
}

/// A gate that holds.
pub(crate) fn holds(gate: Gate) -> Mrkdwn {
    Mrkdwn::raw(match gate {
        Gate::Services => "✓ Its services are there and ACTIVE",
        Gate::Controller => "✓ ECS itself rolls them out",
        Gate::Busy => "✓ No other deploy is at work on them",
        Gate::Foreign => "✓ Nobody else is rolling something out on them",
        Gate::Checks => "✓ The checks that must pass have passed",
        Gate::Branches => "✓ A branch has it from which it may go out",
        Gate::Signed => "✓ Its commit is signed, and GitHub has checked it",
        Gate::Immutable => "✓ Its tag cannot be moved",
        Gate::Scan => "✓ Its scan found nothing so severe",
        Gate::Forward => "✓ It takes nothing away that runs",
        Gate::After => "✓ It has succeeded where it must first",
        Gate::Promotion => "✓ It runs where it is promoted from",
        Gate::WayBack => "✓ What runs now could come back",
    })
}

/// The gates that are judged with a plan alone, where there is none.
pub(crate) fn unjudged(gates: &BTreeSet<Gate>) -> Mrkdwn {
    let about = gates.iter().map(|gate| Mrkdwn::raw(about(*gate)));
    said!(
        "? Not looked at, because there is no plan: {}",
        joined(about, "; ")
    )
}

/// What a gate asks.
fn about(gate: Gate) -> &'static str {
    match gate {
        Gate::Services => "whether its services are there",
        Gate::Controller => "whether ECS itself rolls them out",
        Gate::Busy => "whether another deploy is at work",
        Gate::Foreign => "whether somebody else rolls something out",
        Gate::Checks => "its checks",
        Gate::Branches => "the branches that have it",
        Gate::Signed => "its signature",
        Gate::Immutable => "whether its tag can be moved",
        Gate::Scan => "its scan",
        Gate::Forward => "whether it takes something away",
        Gate::After => "whether it has succeeded where it must first",
        Gate::Promotion => "whether it runs where it is promoted from",
        Gate::WayBack => "whether what runs now could come back",
    }
}

/// That it was only looked at.
pub(crate) fn nothing_changed() -> Mrkdwn {
    Mrkdwn::raw("Only you see this; nothing was changed")
}

/// What somebody asks about who wants to know why not.
pub(crate) fn stands_in_the_way(deploy: &Deploy) -> Mrkdwn {
    said!("What stands in the way of {}", request(deploy))
}

/// Which deploy was refused, whose it was and when that was.
pub(crate) fn refused_last(deploy: &Deploy) -> Mrkdwn {
    said!(
        "*Refused:* {}, deploy {}, asked for by {} at {}",
        request(deploy),
        deploy.id,
        deploy.requester,
        deploy.requested_at
    )
}

/// What follows is what it was told then.
pub(crate) fn stood_in_the_way() -> Mrkdwn {
    Mrkdwn::raw("*What stood in the way then:*")
}

/// What says how it stands now, where a deploy was refused some time ago.
pub(crate) fn look_again(deploy: &Deploy, slash: &str) -> Mrkdwn {
    match deploy.verb() {
        Verb::Deploy { .. } if !deploy.is_of_several() => {
            let line = format!("why-not {} to {}", asked_for(deploy), deploy.environment);
            said!("{} says what does now.", command(slash, &line))
        }
        Verb::Deploy { .. } | Verb::Rollback { .. } | Verb::Restart => Mrkdwn::new(),
    }
}

/// That a deploy was not refused.
pub(crate) fn not_refused(deploy: &Deploy, slash: &str) -> Mrkdwn {
    said!(
        "Deploy {} was not refused. {} tells what became of it.",
        deploy.id,
        command(slash, &format!("show {}", deploy.id))
    )
}

/// That nothing was refused.
pub(crate) fn none_refused() -> Mrkdwn {
    Mrkdwn::raw("Of the newest deploys there, none was refused.")
}
