//! Slack's side of the conversation: what arrives ([`signature`], payloads), what leaves
//! (text, blocks, response URLs, the client). Nothing here decides anything about deploys,
//! and nothing that Slack sent is looked at before its signature is verified.

pub mod blocks;
pub mod payload;
pub mod response_url;
pub mod signature;
pub mod text;
