//! The one integration binary: the product against the simulated world, the world itself against the
//! clients that people really use, and the template against both.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod cloudformation;
mod door;
mod faults;
mod house;
mod readme;
mod sim;
mod sim_ecs;
mod template;
mod town;
mod transcripts;
