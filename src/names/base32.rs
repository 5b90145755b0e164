//! How ids are written: letters and digits that nobody takes for one another.

use sha2::{Digest, Sha256};

/// <https://www.crockford.com/base32.html>, without its check symbol.
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The characters in a deploy id, 5 bits each.
const ID_LENGTH: usize = 8;

/// What a person typed for an id, in the letters that it has.
pub(super) fn crockford(text: &str) -> Result<String, &'static str> {
    let read: Option<String> = text
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            'i' | 'l' => Some('1'),
            'o' => Some('0'),
            c if c.is_ascii() && CROCKFORD.contains(&(c as u8)) => Some(c),
            _ => None,
        })
        .collect();
    match read {
        Some(id) if id.len() == ID_LENGTH => Ok(id),
        Some(_) | None => Err("is 8 letters and digits, without u"),
    }
}

/// The id that bytes have.
pub(super) fn encode(request: &[u8]) -> String {
    let hash = Sha256::digest(request);
    let bits = hash
        .iter()
        .take(5)
        .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    (0..ID_LENGTH)
        .rev()
        .map(|place| char::from(CROCKFORD[((bits >> (5 * place)) & 31) as usize]))
        .collect()
}
