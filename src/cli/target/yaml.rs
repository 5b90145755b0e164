//! YAML, line by line.

/// One level of nesting.
const INDENT: &str = "  ";

/// A document that grows at its end.
#[derive(Default)]
pub(super) struct Yaml(String);

impl Yaml {
    pub(super) fn line(&mut self, depth: usize, text: &str) {
        if !text.is_empty() {
            self.0.push_str(&INDENT.repeat(depth));
            self.0.push_str(text);
        }
        self.0.push('\n');
    }

    /// `KEY:` and a list. The list is not empty: an empty one would be null.
    pub(super) fn list<T: AsRef<str>>(&mut self, depth: usize, key: &str, items: &[T]) {
        self.line(depth, &format!("{key}:"));
        for item in items {
            self.line(depth + 1, &format!("- {}", item.as_ref()));
        }
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}
