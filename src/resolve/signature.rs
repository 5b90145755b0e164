//! What GitHub says of a signature.

/// Whether it is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// It is: the commit's own, or that of the tag by which it was asked for.
    Verified,
    /// It is not, in GitHub's word.
    Not(String),
}
