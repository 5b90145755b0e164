//! Refusals for what has not succeeded where it must have first.

use std::time::Duration;

use super::*;
use crate::gate::{BroughtThere, NoSource, NotPromoted, NotProven, NotYet};

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
        NotYet::NothingRan,
        NotYet::TakenBack {
            by: names.person.clone(),
            at: at(0),
        },
        NotYet::TriedBack {
            by: names.person.clone(),
            at: at(0),
        },
        NotYet::Leaving {
            by: names.person.clone(),
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
    let sources = [
        NoSource::Elsewhere,
        NoSource::Rolling,
        NoSource::Nothing,
        NoSource::Mixed,
        NoSource::NotGood,
        NoSource::MovedOn {
            label: names.text.clone(),
            runs: names.tag.clone(),
        },
    ];
    let sources = sources.into_iter().map(|why| {
        Obstacle::Promotion(Box::new(NotPromoted {
            application: names.application.clone(),
            from: names.environment.clone(),
            why,
        }))
    });
    let each = each.map(|one| Obstacle::After(Box::new(one)));
    let obstacles = each.chain(sources).map(|one| Refused::Gates(vec![one]));
    let nothing_before = |others: &[&str]| Refused::NothingBefore {
        application: names.application.clone(),
        environment: names.environment.clone(),
        others: others.iter().map(|one| one.parse().unwrap()).collect(),
    };
    let nothing_before = [nothing_before(&[]), nothing_before(&["staging", "beta"])];
    obstacles.chain(nothing_before).collect()
}
