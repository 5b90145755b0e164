//! `application/x-www-form-urlencoded` as Slack writes it, and the escapes of a URL's path. Reading
//! forms is the router's.

/// Encodes pairs in their order: spaces as `+`, everything but `A-Za-z0-9*-._` as `%XX`.
pub(crate) fn encode(pairs: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in pairs {
        if !body.is_empty() {
            body.push('&');
        }
        escape(name, &mut body);
        body.push('=');
        escape(value, &mut body);
    }
    body
}

fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// Decodes the `%XX` of a path; a `+` is a plus there, a broken escape stands for itself.
pub(crate) fn decode_path(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        let text = "cms:feature/é & <b> 100% +1";
        let decoded = crate::route::form(encode(&[("text", text), ("empty", "")]).as_bytes());
        assert_eq!(decoded["text"], text);
        assert_eq!(decoded["empty"], "");
    }

    #[test]
    fn broken_escapes_in_a_path_stand_for_themselves() {
        assert_eq!(decode_path("feature%2Fa+b"), "feature/a+b");
        assert_eq!(decode_path("%zz%4"), "%zz%4");
    }
}
