//! What a misspelt word may have been meant to be.

/// The longest word that is compared: longer than any name, and the distance takes the product of the
/// lengths.
const LONGEST: usize = 64;

/// What the nearest spelling stands for, if one is near: a slip or two of the finger in a long word, one
/// in a short one, or only the beginning typed.
pub(crate) fn nearest<'s, N: Ord>(
    word: &str,
    spellings: impl IntoIterator<Item = (&'s str, N)>,
) -> Option<N> {
    if word.len() > LONGEST {
        return None;
    }
    let slips = |spelling: &str| {
        let allowed = (spelling.len().max(word.len()) / 3).clamp(1, 3);
        let begun = word.len() >= 3 && spelling.starts_with(word);
        if !begun && apart_at_least(word, spelling) > allowed {
            return None;
        }
        let distance = strsim::damerau_levenshtein(word, spelling);
        let near = distance <= allowed && distance < spelling.len();
        (near || begun).then_some(distance)
    };
    let near = spellings
        .into_iter()
        .filter_map(|(spelling, name)| Some((slips(spelling)?, name)));
    near.min().map(|(_, name)| name)
}

/// The distance is never smaller than this: what one has that the other has not, order aside. It rules nearly every
/// spelling out in a hundredth of the time that the distance takes.
fn apart_at_least(one: &str, other: &str) -> usize {
    const BUCKETS: usize = 64;
    // Characters that share a bucket make it smaller, never greater.
    let bucket = |c: char| c as usize % BUCKETS;
    let mut left = [0_usize; BUCKETS];
    one.chars().for_each(|c| left[bucket(c)] += 1);
    let (mut length, mut common) = (0, 0);
    for c in other.chars() {
        length += 1;
        if left[bucket(c)] > 0 {
            left[bucket(c)] -= 1;
            common += 1;
        }
    }
    length.max(one.chars().count()) - common
}

/// The names most like what was typed, three at most, the likest first: of branches and tags, which are
/// long and share their beginnings.
pub(crate) fn likest(typed: &str, names: &[String]) -> Vec<String> {
    let mut near: Vec<(f64, &String)> = names
        .iter()
        .map(|name| (strsim::jaro_winkler(typed, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    near.sort_by(|one, two| two.0.total_cmp(&one.0).then_with(|| one.1.cmp(two.1)));
    near.dedup_by(|one, two| one.1 == two.1);
    near.into_iter()
        .take(3)
        .map(|(_, name)| name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_ruled_out_is_too_far(one in "[a-eé☃-]{0,9}", other in "[a-eé☃-]{0,9}") {
            let distance = strsim::damerau_levenshtein(&one, &other);
            prop_assert!(apart_at_least(&one, &other) <= distance);
        }
    }

    #[test]
    fn a_slip_is_forgiven_by_the_length_of_the_word() {
        let nearest = |word: &str| {
            let known = ["dev", "staging", "production"];
            nearest(word, known.map(|one| (one, one)))
        };
        assert_eq!(nearest("deb"), Some("dev"));
        assert_eq!(nearest("dxx"), None);
        assert_eq!(nearest("produktoin"), Some("production"));
        assert_eq!(nearest("sta"), Some("staging"));
        assert_eq!(nearest(&"d".repeat(65)), None);
    }

    #[test]
    fn the_likest_names_come_first() {
        let names = ["main", "feature/signup", "feature/signin", "v1.0.2"].map(str::to_owned);
        assert_eq!(likest("feature/sigup", &names)[0], "feature/signup");
        assert_eq!(likest("v1.0.3", &names), ["v1.0.2"]);
        assert!(likest("zzz", &names).is_empty());
    }
}
