//! Longshore deploys to Amazon ECS from Slack.

pub mod names;
