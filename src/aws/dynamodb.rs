//! The table: a closed list of named operations, with every condition expression a constant
//! beside the operation that needs it.
//!
//! Each partition has one writer. The public function and operators write requests, and the former
//! what people say meanwhile; the waiter makes records of requests and writes them by compare-and-swap
//! on `rev`. So a click and a step never overwrite each other, and IAM can keep whoever is taken over
//! to what it may say. Nothing here decides anything.

mod accept;
mod beside;
mod counted;
mod grants;
mod issuers;
mod item;
mod last;
mod lease;
mod lists;
mod met;
mod people;
mod record;
mod repositories;
mod requests;
mod settings;
mod threads;
mod write;

pub use accept::{Accept, AcceptOutcome, Extra};
pub(crate) use beside::REPLY_USES;
pub use beside::{ReplyAddress, SayOutcome};
pub(crate) use counted::{CountOutcome, PleaOutcome, counts_for};
pub(crate) use grants::RightOutcome;
pub(crate) use issuers::IssuerKeys;
pub use item::StoreError;
pub use lease::{TakeOutcome, TakeOver};
pub use lists::{Due, From, List, OpenItem};
pub(crate) use people::KnownPerson;
pub use record::{Dossier, Recorded, SaveOutcome};
pub use requests::{FoundRequest, TakeInOutcome};
pub use settings::{PushOutcome, StoredConfiguration};
pub(crate) use threads::InThread;

use aws_sdk_dynamodb::Client;

/// The one table.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// The table of this name, through this client.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
        }
    }
}
