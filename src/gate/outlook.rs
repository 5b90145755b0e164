//! How every gate stands where somebody looks ahead: those that hold beside those that do not.

use std::collections::BTreeSet;

use super::{GATES, Gate, NoSource, NotYet, Obstacle, WhyNotIn};
use crate::config::Target;
use crate::plan::Backward;
use crate::request::Verb;
use crate::resolve::ScanTrouble;

/// How far a look ahead got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LookedAt {
    /// Nowhere.
    #[default]
    Nothing,
    /// What is there was seen.
    Place,
    /// What the image has proved was seen too.
    Proofs,
    /// There is a plan.
    Plan,
}

/// How one gate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GateStands {
    /// It holds.
    Holds,
    /// It does not, or nobody can tell, because of these.
    Held(Vec<Obstacle>),
    /// The look did not get so far.
    Unjudged,
}

/// The gates that a deploy there has to pass: those that are there for every deploy, and those that are configured.
pub(crate) fn asked(target: &Target, verb: &Verb) -> BTreeSet<Gate> {
    let image = match verb {
        Verb::Deploy { image, .. } => image.as_ref(),
        Verb::Rollback { .. } | Verb::Restart => None,
    };
    let source = target.source_of(image);
    let is_asked = |gate: Gate| match gate {
        Gate::Services | Gate::Controller | Gate::Busy | Gate::Foreign | Gate::WayBack => true,
        Gate::Checks => source.is_some_and(|source| !source.checks.is_empty()),
        Gate::Branches => !target.rules.branches.is_empty(),
        Gate::Signed => target.rules.signed,
        Gate::Immutable => target.rules.immutable,
        Gate::Scan => target.rules.scan.is_some(),
        Gate::Forward => target.rules.forward_only,
        Gate::After => target.after.is_some(),
        Gate::Promotion => verb.promoted_from().is_some(),
    };
    let gates = GATES.iter().map(|(gate, _)| *gate);
    gates.filter(|gate| is_asked(*gate)).collect()
}

/// How each of these gates stands, in the order in which people hear of them.
pub(crate) fn standings(
    asked: &BTreeSet<Gate>,
    held: &[Obstacle],
    reached: LookedAt,
) -> Vec<(Gate, GateStands)> {
    let standing = |gate: Gate| {
        let own = held.iter().filter(|one| one.gate() == gate);
        let own: Vec<Obstacle> = own.cloned().collect();
        match own.is_empty() {
            false => GateStands::Held(own),
            true if reached >= gate.judged_at() => GateStands::Holds,
            true => GateStands::Unjudged,
        }
    };
    let gates = GATES.iter().map(|(gate, _)| *gate);
    let all = gates.map(|gate| (gate, standing(gate)));
    all.filter(|(gate, standing)| asked.contains(gate) || matches!(standing, GateStands::Held(_)))
        .collect()
}

impl Gate {
    /// How far one has to look to judge it.
    fn judged_at(self) -> LookedAt {
        match self {
            Self::Services | Self::Controller | Self::Busy => LookedAt::Place,
            Self::Foreign | Self::Forward | Self::WayBack => LookedAt::Plan,
            _ => LookedAt::Proofs,
        }
    }
}

impl Obstacle {
    /// Whether it only says that nobody can tell.
    pub(crate) fn is_doubt(&self) -> bool {
        match self {
            Self::UnknownController { .. }
            | Self::ChecksUnread(_)
            | Self::BranchesUnread(_)
            | Self::SignatureUnread(_) => true,
            Self::Signature(not_signed) => not_signed.could_not_be_checked(),
            Self::LooseTag(loose) => loose.unheard.is_some(),
            Self::Scan(not_clean) => !matches!(not_clean.trouble, ScanTrouble::Found { .. }),
            Self::Backward(backward) => !matches!(backward.backward, Backward::Commits(_)),
            Self::Branches(not_in) => not_in.why != WhyNotIn::None,
            Self::After(not_proven) => not_proven.why == NotYet::NotSeen,
            Self::Promotion(not_promoted) => matches!(
                not_promoted.why,
                NoSource::Rolling | NoSource::Mixed | NoSource::Nothing
            ),
            _ => false,
        }
    }
}
