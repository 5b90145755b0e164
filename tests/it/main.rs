//! The one integration binary: the product against the simulated world, and the world itself
//! against the clients that people really use.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod sim_ecs;
