//! The history as a stack. A deploy lies on what ran before it; a rollback goes down to something that
//! lies below, and takes away what is above. So "back" is always what ran before the version that is
//! live was deployed, and never what somebody fled from: that is marked, until somebody brings it again
//! by name.
//!
//! What was taken away is remembered with what it lay on: whoever goes there by name, and then back,
//! is where they were before it was deployed.

mod away;
mod marked;
mod then;

pub use self::marked::{Marked, marked};
pub use self::then::{RanThen, RanWhat, ran_at, with_open};
use crate::names::version::Leaving;
use crate::names::version::Left;
use crate::record::{Past, Verdict};
use crate::request::Entry;
use crate::request::Verb;

/// What runs at a place, as far as it was looked at.
#[derive(Clone, Copy, Debug)]
pub enum Live<'a> {
    /// Each service's containers with their digests; none where that cannot be told.
    Runs(&'a [(String, String)]),
    /// Nobody has looked: what the history says.
    NotSeen,
}

/// Where a rollback may go from what is live.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways<'a> {
    /// The entry that brought what is live, if the history has one.
    pub from: Option<&'a Past>,
    /// What a rollback goes back to, the next one first, each image once.
    pub back: Vec<&'a Past>,
    /// Versions that were rolled back from and are not live, newest first: a rollback goes there only by name.
    pub left: Vec<(&'a Past, Left)>,
}

/// Something that was brought to a place.
#[derive(Clone, Copy, Debug)]
struct Layer<'a> {
    /// The newest entry that ran it.
    ran: &'a Past,
    /// What ran before it was brought.
    below: Option<usize>,
    /// What made it go, the last time it did.
    left_for: Option<&'a Past>,
}

/// Something that was rolled back from.
#[derive(Clone, Copy, Debug)]
struct Mark<'a> {
    layer: usize,
    by: &'a Past,
}

/// The history of one application at one place, as a stack.
#[derive(Clone, Debug, Default)]
pub struct Stack<'a> {
    layers: Vec<Layer<'a>>,
    /// Which entry brought which layer, or went back to it.
    known: Vec<(Entry, usize)>,
    top: Option<usize>,
    marks: Vec<Mark<'a>>,
    /// What ended otherwise since the top came, newest first.
    attempts: Vec<&'a Past>,
    history: &'a [Past],
}

/// Where what is live stands.
enum LiveAt<'a> {
    /// It is this layer.
    At(usize),
    /// It is not, or not alone: on the way back to this layer, or above it, by this entry.
    Above(Option<usize>, Option<&'a Past>),
}

impl<'a> Stack<'a> {
    /// The stack of a place's history, newest first.
    pub fn of(history: &'a [Past]) -> Self {
        let mut stack = Self {
            history,
            ..Self::default()
        };
        for past in history.iter().rev() {
            stack.take(past);
        }
        stack
    }

    fn take(&mut self, past: &'a Past) {
        if !past.took_effect() {
            self.attempts.insert(0, past);
            return;
        }
        let to = match (&past.verb, &past.outside) {
            // It is what ran before, in new tasks.
            (Some(Verb::Restart), _) => self.top,
            (Some(Verb::Rollback { .. }), _) => self.gone_back_to(past),
            // Nothing says whether that was a way back or a deploy but the revision itself.
            (None, Some(_)) => self.layer_that(|ran| same_revisions(ran, past)),
            (Some(Verb::Deploy { .. }) | None, _) => None,
        };
        let before = self.top;
        // Where it went is older than what is read of the history: everything that is known was left.
        let fled = to.is_none() && matches!(past.verb, Some(Verb::Rollback { .. }));
        let layer = match to {
            Some(layer) => layer,
            None => {
                self.layers.push(Layer {
                    ran: past,
                    below: before.filter(|_| !fled),
                    left_for: None,
                });
                self.layers.len() - 1
            }
        };
        if before != Some(layer) {
            if let Some(before) = before {
                self.layers[before].left_for = Some(past);
                if fled || (to.is_some() && !self.is_below(before, layer)) {
                    self.marks.push(Mark {
                        layer: before,
                        by: past,
                    });
                }
            }
            if to.is_some() && past.verb != Some(Verb::Restart) {
                self.layers[layer].ran = past;
            }
            self.unmark(past);
        }
        self.top = Some(layer);
        self.known.push((past.entry(), layer));
        self.attempts.clear();
    }

    /// Somebody wants it live.
    fn unmark(&mut self, past: &Past) {
        let layers = &self.layers;
        self.marks
            .retain(|mark| !same_images(layers[mark.layer].ran, past));
    }

    /// The layer that a rollback went to, or was to go to.
    fn gone_back_to(&self, past: &Past) -> Option<usize> {
        match &past.back_to {
            Some(entry) => self.layer_of(entry),
            None => None,
        }
        .or_else(|| self.layer_that(|ran| same_images(ran, past)))
    }

    fn layer_of(&self, entry: &Entry) -> Option<usize> {
        let mut known = self.known.iter().rev();
        let (_, layer) = known.find(|(known, _)| known == entry)?;
        Some(*layer)
    }

    fn layer_that(&self, is: impl Fn(&Past) -> bool) -> Option<usize> {
        self.layers.iter().rposition(|layer| is(layer.ran))
    }

    /// Whether something lies below a layer.
    fn is_below(&self, below: usize, layer: usize) -> bool {
        self.down_from(Some(layer)).skip(1).any(|one| one == below)
    }

    /// The layers from this one down.
    fn down_from(&self, layer: Option<usize>) -> impl Iterator<Item = usize> {
        std::iter::successors(layer, |layer| self.layers[*layer].below)
    }

    /// Where a rollback may go. `most` bounds what is offered.
    pub fn ways(&self, live: Live<'_>, most: usize) -> Ways<'a> {
        self.ways_without(live, None, most)
    }

    /// The same away from what an entry brought, wherever else that lies.
    pub(crate) fn ways_away_from(&self, entry: &Entry, live: Live<'_>, most: usize) -> Ways<'a> {
        self.ways_without(live, self.entry(entry), most)
    }

    fn ways_without(&self, live: Live<'_>, without: Option<&Past>, most: usize) -> Ways<'a> {
        let mut marks = self.marks.clone();
        let (at, from, start) = match self.place(live) {
            LiveAt::At(layer) => {
                let Layer { ran, below, .. } = self.layers[layer];
                (Some(ran), Some(ran), below)
            }
            LiveAt::Above(start, by) => (None, by, start),
        };
        // Whoever tried to leave it did not want it, however that went.
        if let (Some(top), Some((by, _))) = (self.top, self.fled(live)) {
            marks.push(Mark { layer: top, by });
        }
        let runs = |past: &Past| match live {
            Live::Runs(live) => runs_already(past, live),
            Live::NotSeen => at.is_some_and(|at| same_images(at, past)),
        };
        let mut back: Vec<&Past> = Vec::new();
        for layer in self.down_from(start) {
            let past = self.layers[layer].ran;
            let fit = is_way_back(past) && !runs(past) && !self.is_marked(&marks, past);
            let wanted = without.is_none_or(|without| !same_images(without, past));
            let new = !back.iter().any(|way| same_images(way, past));
            if fit && wanted && new && back.len() < most {
                back.push(past);
            }
        }
        let mut left: Vec<(&Past, Left)> = Vec::new();
        for mark in marks.iter().rev() {
            let past = self.layers[mark.layer].ran;
            let new = !left.iter().any(|(known, _)| same_images(known, past));
            if new && !runs(past) && left.len() < most {
                left.push((past, mark.by.leaves()));
            }
        }
        Ways { from, back, left }
    }

    /// Once something else will run than what does: where a rollback would go then.
    pub(crate) fn way_back_from(
        &self,
        back_to: Option<&Entry>,
        will_run: &[(String, String)],
    ) -> Option<&'a Past> {
        let start = match back_to {
            Some(entry) => {
                let layer = self.layer_of(entry);
                layer.and_then(|layer| self.layers[layer].below)
            }
            None => self.top,
        };
        let mut below = self.down_from(start).map(|layer| self.layers[layer].ran);
        below.find(|past| {
            let fit = is_way_back(past) && !runs_already(past, will_run);
            fit && !self.is_marked(&self.marks, past)
        })
    }

    fn is_marked(&self, marks: &[Mark<'_>], past: &Past) -> bool {
        let mut marks = marks.iter();
        marks.any(|mark| same_images(self.layers[mark.layer].ran, past))
    }

    fn place(&self, live: Live<'_>) -> LiveAt<'a> {
        let Some(top) = self.top else {
            return LiveAt::Above(None, self.attempts.first().copied());
        };
        if self.is_top(top, live) {
            return LiveAt::At(top);
        }
        match self.fled(live) {
            // It is where it was to go, though that is no success.
            Some((_, to)) if self.is(to, live) => LiveAt::At(to),
            Some((by, to)) => LiveAt::Above(Some(to), Some(by)),
            None => {
                let mut attempts = self.attempts.iter().copied();
                let by = attempts.find(|past| may_run(past, live));
                LiveAt::Above(Some(top), by)
            }
        }
    }

    fn is(&self, layer: usize, live: Live<'_>) -> bool {
        match live {
            Live::Runs(live) => runs_already(self.layers[layer].ran, live),
            Live::NotSeen => false,
        }
    }

    fn is_top(&self, top: usize, live: Live<'_>) -> bool {
        match live {
            Live::Runs(_) => self.is(top, live),
            Live::NotSeen => !self.attempts.iter().any(|past| may_run(past, live)),
        }
    }

    /// The newest rollback that did not succeed and may have moved something, if the top is not what
    /// runs: with the layer that it was to go to.
    fn fled(&self, live: Live<'_>) -> Option<(&'a Past, usize)> {
        if self.top.is_none_or(|top| self.is_top(top, live)) {
            return None;
        }
        let mut attempts = self.attempts.iter();
        attempts.find_map(|past| {
            let back = matches!(past.verb, Some(Verb::Rollback { .. }));
            let to = self.gone_back_to(past).filter(|to| Some(*to) != self.top)?;
            (back && may_run(past, live)).then_some((*past, to))
        })
    }

    fn entry(&self, entry: &Entry) -> Option<&'a Past> {
        self.history.iter().find(|past| past.entry() == *entry)
    }

    /// How something came to be no longer live, the last time it did.
    pub fn left(&self, past: &Past) -> Option<Left> {
        let layer = self.layer_of(&past.entry())?;
        let mark = self.marks.iter().rev().find(|mark| mark.layer == layer);
        let by = mark.map(|mark| mark.by).or(self.layers[layer].left_for)?;
        Some(by.leaves())
    }

    /// The rollback that left this entry behind, unless somebody has deployed the same again since.
    pub fn mark(&self, past: &Past) -> Option<Left> {
        let mut marks = self.marks.iter().rev();
        let mark = marks.find(|mark| same_images(self.layers[mark.layer].ran, past))?;
        Some(mark.by.leaves())
    }
}

/// Whether a version came up, and the history knows enough of it to run it again.
fn is_way_back(past: &Past) -> bool {
    past.is_good() && !past.revisions.is_empty() && !past.digests.is_empty()
}

/// Whether something that did not succeed may run all the same, where something else does than what
/// came up last.
fn may_run(past: &Past, live: Live<'_>) -> bool {
    let began = !past.revisions.is_empty();
    began
        && match past.verdict {
            Some(Verdict::Failed | Verdict::Abandoned | Verdict::Superseded) => true,
            // Most go back to what ran before; some are stopped where they are.
            Some(Verdict::Cancelled) => matches!(live, Live::Runs(_)),
            _ => false,
        }
}

fn same_revisions(one: &Past, other: &Past) -> bool {
    let holds = |one: &Past, other: &Past| {
        let mut revisions = other.revisions.iter();
        revisions.all(|entry| one.revisions.contains(entry))
    };
    same_images(one, other) && holds(one, other) && holds(other, one)
}

fn same_images(one: &Past, other: &Past) -> bool {
    let holds = |one: &Past, other: &Past| {
        let mut digests = other.digests.iter();
        digests.all(|entry| one.digests.contains(entry))
    };
    holds(one, other) && holds(other, one)
}

/// Whether every container that the past deploy knew runs what that one brought, in every service.
/// Where one of several services runs something else, it does not.
pub fn runs_already(past: &Past, live: &[(String, String)]) -> bool {
    let knew = |container: &str| past.digests.iter().any(|(known, _)| known == container);
    let mut known = live
        .iter()
        .filter(|(container, _)| knew(container))
        .peekable();
    known.peek().is_some() && known.all(|entry| past.digests.contains(entry))
}

impl Past {
    /// What names it at its place.
    pub fn entry(&self) -> Entry {
        match &self.id {
            Some(id) => Entry::Deploy(id.clone()),
            None => Entry::Found(self.requested_at),
        }
    }

    /// How it made something else go.
    fn leaves(&self) -> Left {
        let succeeded = self.took_effect();
        Left {
            how: match (&self.verb, &self.outside) {
                (_, Some(_)) => Leaving::Outside,
                (Some(Verb::Rollback { .. }), _) if succeeded => Leaving::RolledBack,
                (Some(Verb::Rollback { .. }), _) => Leaving::TriedToRollBack,
                _ if succeeded => Leaving::Deployed,
                _ => Leaving::TriedToDeploy,
            },
            by: self.requester.clone(),
            at: self.ended_at.unwrap_or(self.requested_at),
            deploy: self.id.clone(),
            label: self.runs(),
        }
    }
}

#[cfg(test)]
mod tests;
