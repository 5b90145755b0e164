//! What goes wrong, on purpose: every call of every journey under every fault, the waiter killed at
//! every await, crowds at one button, leases of the dead, and AWS away for minutes. After each the
//! same is asked: one verdict, true against what ECS runs, leases free, and people told.

mod crowd;
mod enumerate;
mod grants;
mod holds;
mod journey;
mod kill;
mod lease;
mod logs;
mod look;
mod mentions;
mod no;
mod outage;
mod plea;
pub(crate) mod story;
