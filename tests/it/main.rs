//! The one integration binary: the product against the simulated world, the world itself against the
//! clients that people really use, and the template against both.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod budget;
mod ci;
mod cloudformation;
mod documents;
mod door;
mod events;
mod faults;
mod github;
mod house;
mod keyless;
mod notify;
mod phrases;
mod rights;
mod said;
mod scripts;
mod sim;
mod sim_ecs;
mod simulate;
mod slack;
mod sweep;
mod template;
mod terminal;
mod town;
mod transcripts;
