//! Names in a sentence.

/// `a`, `a and b`, `a, b and c`, with `word` (*and*, *or*) before the last; nothing for none.
pub(crate) fn listed<S: AsRef<str>>(names: impl IntoIterator<Item = S>, word: &str) -> String {
    let names: Vec<S> = names.into_iter().collect();
    let mut text = String::new();
    for (at, name) in names.iter().enumerate() {
        text.extend(before(at, names.len(), word));
        text.push_str(name.as_ref());
    }
    text
}

/// The words before the name at this place of so many.
pub(crate) fn before(at: usize, all: usize, word: &str) -> [&str; 3] {
    match at {
        0 => [""; 3],
        at if at + 1 == all => [" ", word, " "],
        _ => [", ", "", ""],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_stands_before_the_last_name() {
        assert_eq!(listed::<&str>([], "and"), "");
        assert_eq!(listed(["a"], "and"), "a");
        assert_eq!(listed(["a", "b"], "or"), "a or b");
        assert_eq!(listed(["a", "b", "c"], "and"), "a, b and c");
    }
}
