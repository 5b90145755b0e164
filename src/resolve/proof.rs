//! Which commit an image proves to be of: by what its tags say, and never by the ref under which it
//! was asked for. A branch's tag may lag behind its branch, and the card, the record and the
//! revision's tag would all name a commit that does not run.

use crate::config::TagPatterns;
use crate::names::CommitSha;

/// A commit that one of an image's tags names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// By its whole SHA, as the configured pattern has it.
    Whole(CommitSha),
    /// By its first digits, as the configured pattern has it.
    Short(String),
    /// By its whole SHA, in a tag that the pattern does not make.
    OtherWhole(CommitSha),
    /// By its first digits, which are all of a tag that the pattern does not make.
    OtherShort(String),
}

impl Sign {
    /// What GitHub is asked for, to confirm it.
    pub fn digits(&self) -> &str {
        match self {
            Self::Whole(commit) | Self::OtherWhole(commit) => commit.as_str(),
            Self::Short(digits) | Self::OtherShort(digits) => digits,
        }
    }

    /// Whether the sign names that commit.
    pub fn names(&self, commit: &CommitSha) -> bool {
        commit.begins_with(self.digits())
    }

    /// The commit that it names even where nobody can be asked: a whole SHA, where the configuration
    /// says that tags are such.
    pub fn alone(&self) -> Option<&CommitSha> {
        match self {
            Self::Whole(commit) => Some(commit),
            Self::Short(_) | Self::OtherWhole(_) | Self::OtherShort(_) => None,
        }
    }
}

/// What an image's tags say of its commit, the strongest first.
pub fn signs(tags: &[String], pattern: &TagPatterns) -> Vec<Sign> {
    let mut signs: Vec<Sign> = tags.iter().flat_map(|tag| signs_in(tag, pattern)).collect();
    signs.sort();
    signs.dedup();
    signs
}

fn signs_in(tag: &str, pattern: &TagPatterns) -> Vec<Sign> {
    if let Some(digits) = pattern.digits_in(tag) {
        return vec![match digits.parse() {
            Ok(commit) => Sign::Whole(commit),
            Err(_) => Sign::Short(digits.to_owned()),
        }];
    }
    let whole: Vec<Sign> = shas_in(tag)
        .filter_map(|digits| digits.parse().ok())
        .map(Sign::OtherWhole)
        .collect();
    let hex = tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    // Without a letter it is rather the number of a build, or a date.
    let letter = tag.bytes().any(|byte| byte.is_ascii_alphabetic());
    let short = (7..40).contains(&tag.len()) && hex && letter;
    match whole.is_empty() && short {
        true => vec![Sign::OtherShort(tag.to_owned())],
        false => whole,
    }
}

/// Runs of exactly 40 hex digits.
fn shas_in(tag: &str) -> impl Iterator<Item = &str> {
    tag.split(|c: char| !c.is_ascii_hexdigit())
        .filter(|run| run.len() == 40)
}

/// The commit that an image is said to be of: the one that was asked for, if that is among those
/// proved; else the only one. An image that was built of two is not said to be of either.
pub fn choose(proved: &[CommitSha], asked: Option<&CommitSha>) -> Option<CommitSha> {
    if let Some(asked) = asked.filter(|asked| proved.contains(asked)) {
        return Some(asked.clone());
    }
    match proved {
        [first, others @ ..] if others.iter().all(|other| other == first) => Some(first.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
    const OTHER: &str = "fedcba9876543210fedcba9876543210fedcba98";

    fn found(pattern: &str, tags: &[&str]) -> Vec<String> {
        let pattern = serde_json::from_value(pattern.into()).unwrap();
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let word = |sign: &Sign| match sign {
            Sign::Whole(_) => format!("whole {}", &sign.digits()[..7]),
            Sign::Short(_) => format!("short {}", sign.digits()),
            Sign::OtherWhole(_) => format!("other whole {}", &sign.digits()[..7]),
            Sign::OtherShort(_) => format!("other short {}", sign.digits()),
        };
        signs(&tags, &pattern).iter().map(word).collect()
    }

    #[test]
    fn a_tag_names_a_commit_by_the_pattern_or_by_itself() {
        let build = format!("build-{SHA}");
        let both = format!("main-{SHA}-0123456");
        for (pattern, tags, expected) in [
            ("{sha}", vec![SHA, "main"], vec!["whole 0123456"]),
            (
                "{sha}",
                vec![SHA, OTHER],
                vec!["whole 0123456", "whole fedcba9"],
            ),
            ("{sha}", vec![&*build], vec!["other whole 0123456"]),
            ("build-{sha}", vec![&*build], vec!["whole 0123456"]),
            ("{ref}", vec!["main", SHA], vec!["other whole 0123456"]),
            // Digits alone are a build's number, unless the pattern says otherwise.
            ("{ref}", vec!["main", "0123456"], vec![]),
            ("{ref}", vec!["abcdef0", "v1"], vec!["other short abcdef0"]),
            ("{ref}", vec!["20240101", "1234567"], vec![]),
            ("{ref}", vec!["abcdef", "deadbeef-1"], vec![]),
            ("{short}", vec!["0123456"], vec!["short 0123456"]),
            (
                "v-{short}.x",
                vec!["v-0123456.x", "v-012345.x"],
                vec!["short 0123456"],
            ),
            (
                "{ref}-{short}",
                vec!["feature-x-abcdef0"],
                vec!["short abcdef0"],
            ),
            ("{ref}-{sha}-{short}", vec![&*both], vec!["whole 0123456"]),
            ("{sha}", vec!["main", "latest"], vec![]),
        ] {
            assert_eq!(found(pattern, &tags), expected, "{pattern} {tags:?}");
        }
        let upper = SHA.to_uppercase();
        assert_eq!(found("{sha}", &[&upper]), ["whole 0123456"]);
        assert_eq!(found("{sha}", &[&format!("{SHA}0")]), Vec::<String>::new());
    }

    #[test]
    fn one_commit_is_claimed_or_none() {
        let [one, other]: [CommitSha; 2] = [SHA, OTHER].map(|sha| sha.parse().unwrap());
        for (proved, asked, chosen) in [
            (vec![], None, None),
            (vec![], Some(&one), None),
            (vec![&one], None, Some(&one)),
            (vec![&one], Some(&other), Some(&one)),
            (vec![&one, &one], None, Some(&one)),
            (vec![&one, &other], None, None),
            (vec![&one, &other], Some(&other), Some(&other)),
        ] {
            let proved: Vec<_> = proved.into_iter().cloned().collect();
            assert_eq!(choose(&proved, asked), chosen.cloned(), "{proved:?}");
        }
    }

    #[test]
    fn only_a_whole_sha_by_the_pattern_stands_alone() {
        let tags = [SHA.to_owned()];
        let alone = |pattern: &str| {
            let pattern = serde_json::from_value(pattern.into()).unwrap();
            let signs = signs(&tags, &pattern);
            signs[0].alone().is_some()
        };
        assert!(alone("{sha}"));
        assert!(!alone("{ref}"));
        assert!(!alone("{short}"));
    }
}
