//! The configuration as it is stored: its canonical JSON, compressed, in one item of the table, so
//! that whoever reads it has one version and never parts of two, in one round trip.
//!
//! Where that ends is said here, and by [`Packed::of`] before anything is sent: DynamoDB's own words
//! would come after the fact and name no way out.

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// An item of DynamoDB has at most 400 KB, names of attributes included
/// ([Quotas](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items)).
/// Keys, hash and author take less than the 4 KB left for them.
pub const MOST_STORED: usize = (400 - 4) * 1024;

/// The most canonical JSON, in bytes: the functions read it anew every minute, within the time that
/// Slack leaves for a reply, and a few kilobytes must not become all of their memory.
const MOST_WRITTEN: usize = 4 * 1024 * 1024;

/// As small as it gets: a push is rare, and its author waits.
const LEVEL: u8 = 9;

/// A configuration that fits into the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(Vec<u8>);

/// The configuration does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// It is more than the functions read.
    #[error(
        "the configuration is {0} bytes of JSON, and {MOST_WRITTEN} is the most that the functions read; divide it: \
         give some of its environments a stack of Longshore and a configuration of their own"
    )]
    Written(usize),
    /// It is more than one item of the table holds, although it is compressed.
    #[error(
        "the configuration is {0} bytes compressed, and one item of the table holds {MOST_STORED}; divide it: \
         give some of its environments a stack of Longshore and a configuration of their own"
    )]
    Stored(usize),
}

impl Packed {
    /// Compresses [`Config::canonical`](super::Config::canonical).
    ///
    /// # Errors
    ///
    /// If it is larger than can be stored or read again.
    pub fn of(canonical: &str) -> Result<Self, TooLarge> {
        if canonical.len() > MOST_WRITTEN {
            return Err(TooLarge::Written(canonical.len()));
        }
        let packed = compress_to_vec_zlib(canonical.as_bytes(), LEVEL);
        if packed.len() > MOST_STORED {
            return Err(TooLarge::Stored(packed.len()));
        }
        Ok(Self(packed))
    }

    /// As it is stored, with zlib's header and checksum.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What [`Self::of`] was given. `None` if this is nothing that it made.
    pub(crate) fn unpack(bytes: &[u8]) -> Option<String> {
        let canonical = decompress_to_vec_zlib_with_limit(bytes, MOST_WRITTEN).ok()?;
        String::from_utf8(canonical).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text that does not compress: hexadecimal digits at random, so half of it remains.
    fn noise(length: usize) -> String {
        fastrand::seed(7);
        let digit = |_| char::from(b"0123456789abcdef"[fastrand::usize(..16)]);
        (0..length).map(digit).collect()
    }

    #[test]
    fn what_is_packed_is_read_again() {
        for text in ["{}", "", "ä \u{1F6A2}", &noise(100_000)] {
            let packed = Packed::of(text).unwrap();
            assert_eq!(Packed::unpack(packed.bytes()).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_fits_exactly_is_taken_and_a_byte_more_is_not() {
        let most = "a".repeat(MOST_WRITTEN);
        let packed = Packed::of(&most).unwrap();
        assert_eq!(Packed::unpack(packed.bytes()), Some(most.clone()));
        let more = Packed::of(&format!("{most}a"));
        assert_eq!(more, Err(TooLarge::Written(MOST_WRITTEN + 1)));

        let text = noise(2 * MOST_STORED);
        let fits = |length: usize| Packed::of(&text[..length]).is_ok();
        let lengths: Vec<usize> = (0..=text.len()).collect();
        let end = lengths.partition_point(|length| fits(*length)) - 1;
        assert!(Packed::of(&text[..end]).unwrap().bytes().len() > MOST_STORED - 8);
        assert!(matches!(
            Packed::of(&text[..=end]),
            Err(TooLarge::Stored(size)) if size > MOST_STORED
        ));
    }

    #[test]
    fn what_is_spoiled_or_swells_is_not_read() {
        let packed = Packed::of(&noise(1_000)).unwrap();
        let mut spoiled = packed.bytes().to_vec();
        for at in 0..spoiled.len() {
            spoiled[at] ^= 1;
            let read = Packed::unpack(&spoiled);
            assert!(read.is_none(), "byte {at}");
            spoiled[at] ^= 1;
        }
        let cut = &packed.bytes()[..packed.bytes().len() - 1];
        assert_eq!(Packed::unpack(cut), None);
        let bomb = compress_to_vec_zlib(&vec![b'a'; MOST_WRITTEN + 1], LEVEL);
        assert_eq!(Packed::unpack(&bomb), None);
    }
}
