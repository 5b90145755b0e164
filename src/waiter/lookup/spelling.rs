//! What a name can be by the way it is written.

use crate::names::Ref;

/// A version with its `v`, or without: people type both, and tags are written in both ways.
pub(super) fn other_spelling(reference: &Ref) -> Option<Ref> {
    let name = reference.as_str();
    let digits = name.strip_prefix('v').unwrap_or(name);
    let version = digits.starts_with(|c: char| c.is_ascii_digit()) && digits.contains('.');
    let other = match digits.len() == name.len() {
        true => format!("v{name}"),
        false => digits.to_owned(),
    };
    other.parse().ok().filter(|_| version)
}

/// Whether git may read a commit out of a name that is no ref's: `HEAD`, and what `git describe` says.
/// <https://git-scm.com/docs/gitrevisions#_specifying_revisions>
pub(super) fn may_be_an_expression(name: &str) -> bool {
    name.ends_with("HEAD") || name.contains("-g")
}

/// Whether ECR could hold such a tag: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.
pub(super) fn is_image_tag(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}
