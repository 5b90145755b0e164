//! What goes wrong, on purpose: crowds at one button, leases of the dead, and AWS away for
//! minutes. After each the
//! same is asked: one verdict, true against what ECS runs, leases free, and people told.

mod crowd;
mod lease;
mod outage;
mod story;
