//! Whether a repository lets a tag be moved to another image.
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html>

/// What a repository says of its tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagSetting {
    /// ECR's word.
    pub word: String,
    /// What the tags look like for which the opposite holds, `*` for anything; none where one of them is of a kind
    /// that this version does not know.
    pub exclusions: Option<Vec<String>>,
}

impl TagSetting {
    /// Whether a tag stays with its image; none where nobody can tell.
    pub(crate) fn stays(&self, tag: &str) -> Option<bool> {
        let is_excluded = || {
            let mut exclusions = self.exclusions.as_ref()?.iter();
            Some(exclusions.any(|pattern| fits(pattern, tag)))
        };
        match self.word.as_str() {
            "IMMUTABLE" => Some(true),
            "MUTABLE" => Some(false),
            "IMMUTABLE_WITH_EXCLUSION" => is_excluded().map(|excluded| !excluded),
            "MUTABLE_WITH_EXCLUSION" => is_excluded(),
            _ => None,
        }
    }
}

/// Whether a tag looks so.
fn fits(pattern: &str, tag: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else {
        return pattern == tag;
    };
    let Some(tag) = tag.strip_prefix(begin) else {
        return false;
    };
    let ends = tag.char_indices().map(|(at, _)| at).chain([tag.len()]);
    ends.filter_map(|at| tag.get(at..))
        .any(|left| fits(rest, left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_stays_where_the_repository_says_so_for_it_and_else_nobody_can_tell() {
        let setting = |word: &str, exclusions: Option<&[&str]>| TagSetting {
            word: word.to_owned(),
            exclusions: exclusions.map(|all| all.iter().map(|one| (*one).to_owned()).collect()),
        };
        for (word, exclusions, expected) in [
            ("IMMUTABLE", Some(&[][..]), Some(true)),
            ("MUTABLE", Some(&[]), Some(false)),
            (
                "IMMUTABLE_WITH_EXCLUSION",
                Some(&["latest", "dev-*"]),
                Some(true),
            ),
            ("IMMUTABLE_WITH_EXCLUSION", Some(&["v1.*"]), Some(false)),
            ("IMMUTABLE_WITH_EXCLUSION", None, None),
            ("MUTABLE_WITH_EXCLUSION", Some(&["v*"]), Some(true)),
            ("MUTABLE_WITH_EXCLUSION", Some(&["release-*"]), Some(false)),
            ("MUTABLE_WITH_EXCLUSION", None, None),
            ("SOMETIMES", Some(&[]), None),
            ("", Some(&[]), None),
        ] {
            let stays = setting(word, exclusions).stays("v1.0.2");
            assert_eq!(stays, expected, "{word} {exclusions:?}");
        }
    }

    #[test]
    fn a_star_stands_for_anything_and_nothing() {
        for (pattern, tag, expected) in [
            ("*", "", true),
            ("v*", "v", true),
            ("v*", "w", false),
            ("*-rc", "1.0-rc", true),
            ("*-rc", "1.0-rc1", false),
            ("v*.*-rc", "v1.0-rc", true),
            ("v*.*-rc", "v1-rc", false),
            ("v1", "v1", true),
            ("v1", "v1.0", false),
            ("v1.0", "v1x0", false),
        ] {
            assert_eq!(fits(pattern, tag), expected, "{pattern} {tag}");
        }
    }
}
