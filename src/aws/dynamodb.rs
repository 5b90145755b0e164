//! The table: a closed list of named operations, with every condition expression a constant
//! beside the operation that needs it.
//!
//! Records are written by compare-and-swap on `rev`; what people say meanwhile (answers, cancels,
//! reply addresses) goes into items of its own, so that a click and a step never overwrite each
//! other. Nothing here decides anything.

mod accept;
mod beside;
mod item;
mod lease;
mod lists;
mod record;
mod settings;
mod write;

pub use accept::{Accept, AcceptOutcome, Extra};
pub use beside::{ReplyAddress, SayOutcome};
pub use item::StoreError;
pub use lease::{TakeOutcome, TakeOver};
pub use lists::{Due, From};
pub use record::{Dossier, Recorded, SaveOutcome};
pub use settings::{PushOutcome, StoredConfiguration};

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
