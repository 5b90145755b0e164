//! Refusals for what has not succeeded where it must have first.

use std::time::Duration;

use super::*;
use crate::gate::{BroughtThere, NotProven, NotYet};

/// Every way in which something has not succeeded elsewhere.
pub(super) fn of_after(names: &Names) -> Vec<Refused> {
    let whys = [
        NotYet::Never,
        NotYet::NotSeen,
        NotYet::Soaking {
            ran: Duration::from_secs(725),
            soak: Duration::from_secs(1_800),
            until: at(0),
        },
        NotYet::TakenBack {
            by: names.person.clone(),
            at: at(0),
        },
    ];
    let each = whys.into_iter().map(|why| NotProven {
        environment: names.environment.clone(),
        brings: BroughtThere {
            application: names.application.clone(),
            image: None,
            label: names.text.clone(),
            reference: None,
        },
        why,
    });
    each.map(|one| Refused::Gates(vec![Obstacle::After(Box::new(one))]))
        .collect()
}
