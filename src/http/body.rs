//! A request's body, as API Gateway hands it over: text, or base64 of what is no text.

use aws_smithy_types::base64;
use bytes::Bytes;

/// Why a body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadBody {
    /// It is larger than any request that is documented.
    TooLarge,
    /// It is not the base64 that it is said to be.
    NotBase64,
}

/// The raw bytes of a body of at most so many. `lambda_http`'s own conversion panics on invalid base64, so it is done
/// here.
pub(crate) fn decode(written: &str, is_base64: bool, most: usize) -> Result<Bytes, BadBody> {
    // Four characters carry three bytes.
    if written.len() > most.div_ceil(3) * 4 + 4 {
        return Err(BadBody::TooLarge);
    }
    let bytes = match is_base64 {
        true => base64::decode(written).map_err(|_| BadBody::NotBase64)?,
        false => written.as_bytes().to_vec(),
    };
    match bytes.len() <= most {
        true => Ok(Bytes::from(bytes)),
        false => Err(BadBody::TooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_or_base64_and_no_larger_than_it_may_be() {
        let text = |written: &str, most| decode(written, false, most).map(|body| body.to_vec());
        let encoded = |written: &str, most| decode(written, true, most).map(|body| body.to_vec());
        assert_eq!(text("a=b", 3), Ok(b"a=b".to_vec()));
        assert_eq!(encoded("YT1i", 3), Ok(b"a=b".to_vec()));
        assert_eq!(text("", 0), Ok(Vec::new()));
        for too_large in [
            text("a=bc", 3),
            encoded("YT1iYw==", 3),
            encoded(&"A".repeat(99), 3),
        ] {
            assert_eq!(too_large, Err(BadBody::TooLarge));
        }
        assert_eq!(encoded("%%%", 3), Err(BadBody::NotBase64));
    }
}
