use super::*;

fn sha(letter: char) -> CommitSha {
    letter.to_string().repeat(40).parse().unwrap()
}

fn image(letter: char, state: ImageState) -> PushedImage {
    PushedImage {
        digest: format!("sha256:{}", letter.to_string().repeat(64))
            .parse()
            .unwrap(),
        tags: Vec::new(),
        pushed_at: None,
        size: None,
        state,
        content: Content::Image,
    }
}

fn meaning(kind: Kind, commit: Option<char>, digest: Option<char>) -> Meaning {
    Meaning {
        missing: vec!["tag".to_owned()],
        request: None,
        kind,
        name: "v1".to_owned(),
        commit: commit.map(sha),
        tag: "tag".to_owned(),
        image: digest.map(|letter| image(letter, ImageState::Active)),
    }
}

fn decided(meanings: &[Meaning]) -> Result<Option<Resolved>, Unresolvable> {
    decide("v1", "r.example/cms", meanings.to_vec())
}

/// What came out, in a word.
fn word(meanings: &[Meaning]) -> String {
    match decided(meanings) {
        Ok(None) => "unknown".to_owned(),
        Ok(Some(found)) => format!(
            "{} {} {}",
            found.kind.name(),
            found
                .points_at
                .map_or("?".to_owned(), |c| c.as_str()[..1].to_owned()),
            &found.image.digest.short()[..1]
        ),
        Err(Unresolvable::Ambiguous { .. }) => "ambiguous".to_owned(),
        Err(Unresolvable::NoImage { .. }) => "no image".to_owned(),
        Err(Unresolvable::NotActive { .. }) => "not active".to_owned(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_ref_means_one_thing_or_is_refused() {
    use Kind::{Branch, Commit, GitTag, ImageTag};
    let m = meaning;
    let table: [(&[Meaning], &str); 17] = [
        (&[], "unknown"),
        (&[m(Commit, Some('a'), Some('1'))], "commit a 1"),
        (&[m(Branch, Some('a'), Some('1'))], "branch a 1"),
        (&[m(GitTag, Some('a'), Some('1'))], "git tag a 1"),
        (&[m(ImageTag, Some('a'), Some('1'))], "image tag ? 1"),
        (&[m(Branch, Some('a'), None)], "no image"),
        (&[m(Commit, Some('a'), None)], "no image"),
        // Two ways to the same image: the first kind names it, and either may know the commit.
        (
            &[
                m(Branch, Some('a'), Some('1')),
                m(GitTag, Some('a'), Some('1')),
            ],
            "git tag a 1",
        ),
        (
            &[
                m(GitTag, Some('a'), Some('1')),
                m(ImageTag, None, Some('1')),
            ],
            "image tag a 1",
        ),
        (
            &[
                m(ImageTag, Some('a'), Some('1')),
                m(Commit, Some('a'), Some('1')),
            ],
            "commit a 1",
        ),
        // Rebuilt to the very same image.
        (
            &[
                m(GitTag, Some('a'), Some('1')),
                m(Branch, Some('b'), Some('1')),
            ],
            "git tag a 1",
        ),
        // Two things.
        (
            &[
                m(GitTag, Some('a'), Some('1')),
                m(Branch, Some('b'), Some('2')),
            ],
            "ambiguous",
        ),
        (
            &[
                m(ImageTag, None, Some('1')),
                m(Branch, Some('b'), Some('2')),
            ],
            "ambiguous",
        ),
        (
            &[
                m(Commit, Some('a'), Some('1')),
                m(Branch, Some('b'), Some('2')),
            ],
            "ambiguous",
        ),
        // A moving image tag, and a branch whose newest commit is not built yet.
        (
            &[m(ImageTag, None, Some('1')), m(Branch, Some('b'), None)],
            "ambiguous",
        ),
        (
            &[m(GitTag, Some('a'), None), m(Branch, Some('b'), None)],
            "ambiguous",
        ),
        (
            &[m(GitTag, Some('a'), None), m(Branch, Some('a'), None)],
            "no image",
        ),
    ];
    for (meanings, expected) in table {
        assert_eq!(word(meanings), expected, "{meanings:?}");
        let mut reversed = meanings.to_vec();
        reversed.reverse();
        assert_eq!(word(&reversed), expected, "in any order: {meanings:?}");
    }
}

#[test]
fn an_image_that_cannot_be_pulled_is_refused_by_its_state() {
    for state in [
        ImageState::Archived,
        ImageState::Activating,
        ImageState::Other("FROZEN".to_owned()),
    ] {
        let mut one = meaning(Kind::ImageTag, None, Some('1'));
        one.image = Some(image('1', state));
        assert_eq!(word(&[one]), "not active");
    }
}

#[test]
fn what_stays_is_called_by_its_name_and_a_branch_never_alone() {
    use Kind::{Branch, Commit, GitTag, ImageTag};
    let version = |kinds: &[Kind]| {
        let meanings = kinds
            .iter()
            .map(|kind| meaning(*kind, Some('a'), Some('1')));
        let meanings: Vec<Meaning> = meanings.collect();
        let mut found = decided(&meanings).unwrap().unwrap();
        let unproved = found.version();
        found.commit = Some(sha('a'));
        (found.version(), unproved)
    };
    for (kinds, proved, unproved) in [
        (&[Commit][..], "aaaaaaa", "111111111111"),
        (&[GitTag], "v1", "v1"),
        (&[Branch], "v1@aaaaaaa", "v1@111111111111"),
        (&[GitTag, Branch], "v1", "v1"),
        (&[ImageTag], "v1", "v1"),
        (&[ImageTag, Branch], "v1@aaaaaaa", "v1@111111111111"),
    ] {
        let expected = (proved.to_owned(), unproved.to_owned());
        assert_eq!(version(kinds), expected, "{kinds:?}");
    }
}

#[test]
fn every_refusal_says_what_why_and_what_next() {
    let reference: Ref = "feature/x".parse().unwrap();
    let texts = [
        decided(&[
            meaning(Kind::GitTag, Some('a'), Some('1')),
            meaning(Kind::Branch, Some('b'), None),
        ])
        .unwrap_err(),
        decided(&[meaning(Kind::Branch, Some('b'), None)]).unwrap_err(),
        Unresolvable::UnknownRef {
            reference: reference.clone(),
            searched: vec!["acme/cms".to_owned(), "r.example/cms".to_owned()],
            suggestions: vec!["feature/xy".to_owned()],
        },
        Unresolvable::UnknownRef {
            reference,
            searched: vec!["r.example/cms".to_owned()],
            suggestions: Vec::new(),
        },
        Unresolvable::NoRef {
            image_repository: "r.example/cms".to_owned(),
            newest: vec!["v2".to_owned(), "v1".to_owned()],
        },
    ]
    .map(|refusal| refusal.to_string());
    assert_eq!(
        texts,
        [
            "`v1` means two different things. One is the git tag `v1` (commit `aaaaaaa`). The other is the branch `v1` (commit `bbbbbbb`, without an image). Name the commit or the image tag you mean.",
            "There is no image for `v1`: commit `bbbbbbb` exists, but no image `r.example/cms:tag`. Look at its build, then ask again.",
            "There is no commit, tag, branch or image called `feature/x` in `acme/cms` and `r.example/cms`. Did you mean `feature/xy`?",
            "There is no image `feature/x` in `r.example/cms`. Check the spelling, then ask again.",
            "Say which image of `r.example/cms`: its tag, with a colon before it, behind the application. The newest: `v2`, `v1`.",
        ]
    );
}
