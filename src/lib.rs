//! Longshore deploys to Amazon ECS from Slack.
