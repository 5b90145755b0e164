//! Slack's side of the conversation: what arrives ([`signature`], [`payload`]), what leaves
//! ([`text`], [`blocks`], [`client`], to a [`response_url`] among others, as far as its [`scopes`] go). Nothing here decides
//! anything about deploys, and nothing that Slack sent is looked at before its signature is verified.

pub mod blocks;
pub mod client;
pub mod payload;
pub mod response_url;
pub mod scopes;
pub mod signature;
pub mod text;
