//! The one integration binary: the product against the simulated world, and the world itself
//! against the clients that people really use.

mod sim_ecs;
