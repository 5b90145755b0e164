//! Longshore deploys to Amazon ECS from Slack.

pub mod command;
pub mod config;
pub mod job;
pub mod lease;
pub mod names;
pub mod plan;
pub mod policy;
pub mod record;
pub mod slack;
