//! What is known of a commit of which there is no image yet: its title, what CI makes of it, and what could be
//! deployed instead.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ChangedSince, CheckState, PushedImage, Sign, signs};
use crate::config::TagPatterns;
use crate::names::{CommitSha, Ref};

/// A commit without an image, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unbuilt {
    /// The first line of its message.
    pub title: String,
    /// Who wrote it, as GitHub names them.
    pub author: String,
    /// What CI makes of it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<CiStands>,
    /// The nearest commit before it that has an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<BuiltBefore>,
    /// Why that one's image will not do, where one of an unchanged application would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<ChangedSince>,
}

/// A commit that has an image, before one that has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltBefore {
    /// Which.
    pub commit: CommitSha,
    /// How many commits before it.
    pub steps: u32,
    /// The tag of its image, by which it can be deployed.
    pub reference: Ref,
}

/// How far CI got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CiStands {
    /// Something runs.
    Running {
        /// What has run for longest.
        name: String,
        /// For how many seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<u64>,
        /// How many seconds it took when it last succeeded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usual: Option<u64>,
    },
    /// Nothing runs, and something failed.
    Failed {
        /// What failed last.
        name: String,
        /// How many seconds ago.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<u64>,
    },
    /// All that began has ended, and nothing failed.
    Ended,
}

/// Something that CI runs of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiRun {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: CheckState,
    /// When it began.
    pub began: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// A commit and what its message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestor {
    /// Which.
    pub commit: CommitSha,
    /// The first line of its message, cut and without control characters.
    pub title: String,
    /// Who wrote it, as GitHub names them.
    pub author: String,
}

impl CiRun {
    /// How long it took, if it succeeded.
    pub fn took(&self) -> Option<u64> {
        match self.state {
            CheckState::Passed => seconds(self.began?, self.ended?),
            _ => None,
        }
    }
}

impl CiStands {
    /// How all of these runs stand together; nothing where there is none.
    pub fn of(runs: &[CiRun], now: Timestamp) -> Option<Self> {
        let running = runs.iter().filter(|run| run.state == CheckState::Running);
        // What has not begun comes last.
        let longest = running.min_by_key(|run| (run.began.is_none(), run.began, &run.name));
        if let Some(run) = longest {
            return Some(Self::Running {
                name: run.name.clone(),
                seconds: run.began.and_then(|began| seconds(began, now)),
                usual: None,
            });
        }
        let failed = |run: &&CiRun| matches!(run.state, CheckState::Failed(_));
        let last = runs.iter().filter(failed).max_by_key(|run| run.ended);
        match last {
            Some(run) => Some(Self::Failed {
                name: run.name.clone(),
                seconds: run.ended.and_then(|ended| seconds(ended, now)),
            }),
            None => (!runs.is_empty()).then_some(Self::Ended),
        }
    }
}

/// The seconds between; nothing where the clocks do not agree.
fn seconds(from: Timestamp, to: Timestamp) -> Option<u64> {
    u64::try_from(to.duration_since(from).as_secs()).ok()
}

/// The nearest of a commit's ancestors, which are in order, that one of these images is of; and that image.
pub fn built_before<'i>(
    ancestors: &[Ancestor],
    images: &'i [PushedImage],
    tags: &TagPatterns,
) -> Option<(BuiltBefore, &'i PushedImage)> {
    let proved: Vec<_> = images
        .iter()
        .flat_map(|image| image.tags.iter().map(move |tag| (image, tag)))
        .filter_map(|(image, tag)| {
            let mut signs = signs(std::slice::from_ref(tag), tags).into_iter();
            // A few digits that nobody's pattern makes may be anything.
            let sign = signs.find(|sign| matches!(sign, Sign::Whole(_) | Sign::Short(_)))?;
            Some((image, tag, sign))
        })
        .collect();
    let mut numbered = (0_u32..).zip(ancestors).skip(1);
    numbered.find_map(|(steps, ancestor)| {
        let mut of_it = proved.iter().filter_map(|(image, tag, sign)| {
            let reference: Ref = tag.parse().ok()?;
            sign.names(&ancestor.commit).then_some((*image, reference))
        });
        let (image, reference) = of_it.next()?;
        let commit = ancestor.commit.clone();
        let before = BuiltBefore {
            commit,
            steps,
            reference,
        };
        Some((before, image))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::{Content, ImageState};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn run(name: &str, state: CheckState, began: i64, ended: Option<i64>) -> CiRun {
        CiRun {
            name: name.to_owned(),
            state,
            began: Some(at(began)),
            ended: ended.map(at),
        }
    }

    fn failed() -> CheckState {
        CheckState::Failed("failure".to_owned())
    }

    #[test]
    fn what_runs_is_told_before_what_failed_and_the_longest_first() {
        let lint = || run("lint", CheckState::Running, 60, None);
        let build = || run("build", CheckState::Running, 0, None);
        let broken = || run("test", failed(), 0, Some(30));
        let fine = || run("docs", CheckState::Passed, 0, Some(100));
        let running = Some(CiStands::Running {
            name: "build".to_owned(),
            seconds: Some(120),
            usual: None,
        });
        let stands = |runs: &[CiRun]| CiStands::of(runs, at(120));
        assert_eq!(stands(&[lint(), build(), broken(), fine()]), running);
        let not_begun = CiRun {
            began: None,
            ..lint()
        };
        assert_eq!(stands(&[not_begun, build()]), running);
        let later = run("push", failed(), 0, Some(90));
        assert_eq!(
            stands(&[broken(), later, fine()]),
            Some(CiStands::Failed {
                name: "push".to_owned(),
                seconds: Some(30),
            })
        );
        assert_eq!(stands(&[fine()]), Some(CiStands::Ended));
        assert_eq!(stands(&[]), None);
        assert_eq!((fine().took(), broken().took()), (Some(100), None));
        // GitHub's clock is ahead of ours.
        let ahead = run("build", CheckState::Running, 300, None);
        assert_eq!(
            stands(&[ahead]),
            Some(CiStands::Running {
                name: "build".to_owned(),
                seconds: None,
                usual: None,
            })
        );
    }

    #[test]
    fn the_nearest_ancestor_with_an_image_by_its_commits_tag_is_found_and_never_the_commit_itself()
    {
        let sha = |digit: &str| -> CommitSha { digit.repeat(40).parse().unwrap() };
        let ancestors: Vec<Ancestor> = ["a", "b", "c", "d"]
            .map(|digit| Ancestor {
                commit: sha(digit),
                title: String::new(),
                author: String::new(),
            })
            .to_vec();
        let image = |tags: &[&str]| PushedImage {
            digest: format!("sha256:{}", "1".repeat(64)).parse().unwrap(),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            pushed_at: None,
            size: None,
            state: ImageState::Active,
            content: Content::Image,
        };
        let found = |pattern: &str, tags: &[&str]| {
            let images: Vec<PushedImage> = tags.iter().map(|tag| image(&[tag])).collect();
            let patterns = serde_json::from_value(pattern.into()).unwrap();
            let (before, _) = built_before(&ancestors, &images, &patterns)?;
            Some((before.steps, before.reference.to_string()))
        };
        let whole = "c".repeat(40);
        let own = "a".repeat(40);
        assert_eq!(
            found("{sha}", &[&own, "main", &whole]),
            Some((2, whole.clone()))
        );
        let both = [&*"d".repeat(40), &whole];
        assert_eq!(found("{sha}", &both), Some((2, whole.clone())));
        let named = format!("main-{whole}");
        assert_eq!(found("{branch}-{sha}", &[&named]), Some((2, named.clone())));
        assert_eq!(
            found("{short}", &["ccccccc"]),
            Some((2, "ccccccc".to_owned()))
        );
        // It may be anybody's tag.
        assert_eq!(found("{ref}", &["ccccccc"]), None);
        assert_eq!(found("{sha}", &[&own]), None);
    }
}
