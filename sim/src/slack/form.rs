//! `application/x-www-form-urlencoded` as Slack writes it. Reading forms is the router's.

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
}
