//! Longshore deploys to Amazon ECS from Slack.

pub mod aws;
pub mod card;
pub mod cli;
pub mod command;
pub mod config;
pub mod evidence;
pub mod github;
pub mod http;
pub mod job;
pub mod lease;
pub mod lookup;
pub mod names;
pub mod plan;
pub mod policy;
pub mod record;
pub mod refusal;
pub mod reply;
pub mod resolve;
pub mod rollout;
pub mod secret;
pub mod slack;
pub mod task_definition;
