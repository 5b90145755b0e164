//! Keys and certificates in PEM: their body is base64 over many lines, of which a log shows any part.

/// What stands before and after a body.
const BEGIN: &str = "-----BEGIN";
const END: &str = "-----END";
/// A run of base64 of so many characters is a line of a body. Slack's, AWS's and git's ids are
/// shorter, and digests are hex.
const LINE: usize = 48;

/// What a line is to a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PemLine {
    /// It opens one, which goes on.
    Opens,
    /// It ends one that it did not open.
    Ends,
    /// It may belong to one.
    Inside,
    /// None of it.
    Outside,
}

/// What this line is.
pub(super) fn part(line: &str) -> PemLine {
    match (line.rfind(BEGIN), line.rfind(END)) {
        (Some(begin), Some(end)) if end > begin => PemLine::Outside,
        (Some(_), _) => PemLine::Opens,
        (None, Some(_)) => PemLine::Ends,
        (None, None) if may_be_inside(line) => PemLine::Inside,
        (None, None) => PemLine::Outside,
    }
}

/// One word of base64, or one of the headers of an encrypted key; a logger may have put something
/// before it.
fn may_be_inside(line: &str) -> bool {
    let Some(last) = line.split_whitespace().last() else {
        return true;
    };
    let alone = last.len() == line.trim().len();
    last.chars().all(is_base64) && (alone || last.len() >= LINE)
        || line.contains("Proc-Type:")
        || line.contains("DEK-Info:")
}

/// The line with every body in it blotted out: between its marks, and any line of one.
pub(super) fn without_bodies(line: &str, mask: &str) -> String {
    let mut masked = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(BEGIN) {
        let after = at + BEGIN.len();
        let name_end = rest[after..]
            .find("-----")
            .map_or(rest.len(), |end| after + end + 5);
        masked.push_str(&rest[..name_end]);
        let body = &rest[name_end..];
        let end = body.find(END).unwrap_or(body.len());
        if !body[..end].trim().is_empty() {
            masked.push_str(mask);
        }
        rest = &body[end..];
        if let Some(tail) = rest.strip_prefix(END) {
            let close = tail.find("-----").map_or(tail.len(), |close| close + 5);
            masked.push_str(&rest[..END.len() + close]);
            rest = &tail[close..];
        }
    }
    if let Some(end) = rest.find(END).filter(|_| masked.is_empty()) {
        // The begin was on an earlier line: of this one, what stands right before the end.
        let before = &rest[..end];
        let body = before.trim_end_matches(|c| is_base64(c) || c == '\\');
        masked.push_str(body);
        if body.len() < before.len() {
            masked.push_str(mask);
        }
        masked.push_str(&rest[end..]);
        return masked;
    }
    masked.push_str(rest);
    masked
}

/// Whether a line of a body is in it for certain.
pub(super) fn has_body(line: &str) -> bool {
    line.split_whitespace().last().is_some_and(is_body)
}

/// A word that is a line of a body, whatever is around it.
pub(super) fn is_body(word: &str) -> bool {
    let has = |is: fn(char) -> bool| word.chars().any(is);
    let slashes = word.matches('/').count();
    word.len() >= LINE
        && word.chars().all(is_base64)
        && has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_digit())
        // A path is of the same characters, and has a slash at every dozen.
        && slashes * 12 <= word.len()
}

/// What a body is made of.
pub(super) fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}
