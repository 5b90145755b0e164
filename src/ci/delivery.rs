//! What a pipeline sent, once it is known to be the pipeline's.

use bytes::Bytes;
use jiff::Timestamp;

/// By what a pipeline showed that it was the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvedBy {
    /// Its key signed the body.
    Key,
    /// The build service's token came with the body, and does not speak of it.
    Token,
}

/// Something that a pipeline sent: the evidence that it was verified and is fresh. Only [`verify`](super::verify), and
/// what checks tokens, make one.
///
/// ```compile_fail
/// # use longshore::ci::{Delivery, ProvedBy};
/// let forged = Delivery { body: bytes::Bytes::new(), id: String::new(), at: jiff::Timestamp::UNIX_EPOCH, proof: ProvedBy::Key };
/// ```
#[derive(Debug)]
pub struct Delivery {
    pub(super) body: Bytes,
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) proof: ProvedBy,
}

impl Delivery {
    /// What was sent.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Its id, the same when it comes again.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it was sent.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// By what it was verified.
    pub fn proof(&self) -> ProvedBy {
        self.proof
    }
}
