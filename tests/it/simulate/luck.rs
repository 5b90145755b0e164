//! What goes wrong on a day.

use std::time::Duration;

use fastrand::Rng;
use longshore_sim::fault::{Faults, Kill, Kind, Matcher};

/// What goes wrong on the way, and who dies.
pub(super) fn bad_luck(dice: &mut Rng) -> Faults {
    let mut faults = Faults::default();
    if dice.u8(0..5) == 0 {
        return faults;
    }
    for _ in 0..dice.usize(0..=12) {
        let kind = Kind::ALL[dice.usize(0..Kind::ALL.len())];
        faults.plan(Matcher::any().nth(dice.u64(1..300)), kind);
    }
    for _ in 0..dice.usize(0..=4) {
        let side = [Kill::Before, Kill::After][dice.usize(0..2)];
        faults.kill(Matcher::any().nth(dice.u64(1..300)), side);
    }
    if dice.bool() {
        let each = Duration::from_millis(dice.u64(1..120));
        faults.delay(Matcher::any(), each);
    }
    faults
}
