//! The world Longshore lives in, simulated at the wire: AWS's JSON protocols for the operations the
//! product uses, Slack and GitHub, over one stateful [`World`].
//!
//! It is mounted in process (as the AWS SDK's `HttpClient`, under a virtual clock and with faults at
//! any call) and over HTTP (for the local stack). It behaves as the vendors document; it is never
//! bent to make a test pass.

mod control;
pub mod dynamodb;
pub mod ecr;
pub mod ecs;
pub mod fault;
pub mod github;
pub mod issuer;
pub mod logs;
pub mod models;
pub mod mount;
mod route;
pub mod runtime_api;
pub mod scheduler;
pub mod serve;
pub mod slack;
pub mod ssm;
pub mod states;
pub mod sts;
pub mod throttle;
pub mod transcript;
pub mod world;

pub use mount::until_killed;
pub use world::{Answer, AwsError, Call, Caller, Clock, State, World};
