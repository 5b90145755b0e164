//! What an image repository's lifecycle policy will do to an image, and when. Pure: by the rules as
//! AWS documents them, and where they or the images leave it open, nothing is claimed.
//!
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html>,
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html>.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::names::ImageDigest;

/// An image that goes within this time is worth a warning.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So is one that goes once so many more images are pushed.
const FEW: u32 = 2;

/// An image of a plan that a lifecycle rule is about to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endangered {
    /// What the image is for.
    pub role: Role,
    /// What people call what it is the image of.
    pub label: String,
    /// Its digest.
    pub digest: ImageDigest,
    /// The repository it is in.
    pub repository: String,
    /// What takes it, and when.
    pub removal: Removal,
}

/// What an image is for, once the deploy is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It runs.
    Runs,
    /// It is what a rollback goes back to.
    WayBack,
}

/// How an image goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The rule's priority, which is its name.
    pub rule: u64,
    /// What the rule does.
    pub effect: Effect,
    /// When.
    pub when: When,
}

/// What a rule does to the images it takes. ECS can pull them no more in either case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It deletes them.
    Removes,
    /// It puts them into the archive.
    Archives,
}

/// When a rule takes an image; within a day from then, as ECR says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// From this time on.
    At(Timestamp),
    /// As soon as so many more images are pushed; with none, it is due.
    AfterPushes(u32),
}

/// An image as a lifecycle policy sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its digest.
    pub digest: ImageDigest,
    /// Its tags.
    pub tags: Vec<String>,
    /// Since when it counts: when it was pushed, or brought back from the archive.
    pub since: Option<Timestamp>,
    /// Whether the digest is of a list of images, one for each architecture.
    pub is_list: bool,
}

/// What becomes of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// No rule takes it soon.
    Stays,
    /// A rule does.
    Goes(Removal),
    /// It cannot be told.
    Unclear,
}

/// A lifecycle policy, its rules in the order in which they apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    priority: u64,
    tags: Tags,
    /// `None` for what is not known here.
    effect: Option<Effect>,
    count: Count,
}

/// Which images a rule is about, by their tags.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    Any,
    Untagged,
    /// Each of them has to fit one of the image's tags.
    Patterns(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Count {
    MoreThan(u32),
    Days(u32),
    Unknown,
}

impl Rules {
    /// Reads a policy's text; `None` where it cannot be told which images its rules are about. Rules
    /// for what is in the archive already are left out.
    pub fn read(policy: &str) -> Option<Self> {
        let written: written::Policy = serde_json::from_str(policy).ok()?;
        let standard = |rule: &written::Rule| {
            let class = rule.selection.storage_class.as_deref();
            class.is_none_or(|class| class == "standard")
        };
        let rules = written.rules.into_iter().filter(standard);
        let mut rules = rules.map(rule).collect::<Option<Vec<Rule>>>()?;
        rules.sort_by_key(|rule| rule.priority);
        Some(Self(rules))
    }

    /// Whether the other images have to be known, to tell what becomes of this one.
    pub fn depends_on_others(&self, image: &Stored) -> bool {
        let counts = |rule: &Rule| matches!(rule.count, Count::MoreThan(_));
        self.on(image).is_some_and(counts) || may_be_part(image)
    }

    /// What becomes of an image. `others` is everything in the repository that can be pulled, where
    /// that is known.
    pub fn outlook(&self, image: &Stored, others: Option<&[Stored]>, now: Timestamp) -> Outlook {
        let Some(rule) = self.on(image) else {
            return Outlook::Stays;
        };
        let (Some(effect), Some(since)) = (rule.effect, image.since) else {
            return Outlook::Unclear;
        };
        // A part of a list goes only after its list, and nobody says which list it is a part of.
        let has_lists = |all: &[Stored]| all.iter().any(|other| other.is_list);
        if may_be_part(image) && others.is_none_or(has_lists) {
            return Outlook::Unclear;
        }
        let when = match (&rule.count, others) {
            (Count::Days(days), _) => days_after(since, *days)
                .filter(|at| at.duration_since(now) <= SOON)
                .map(When::At),
            (Count::MoreThan(most), Some(all)) => {
                let younger = all
                    .iter()
                    .filter(|other| rule.is_about(other) && other.since > image.since)
                    .count();
                let left = most.saturating_sub(u32::try_from(younger).unwrap_or(u32::MAX));
                (left <= FEW).then_some(When::AfterPushes(left))
            }
            (Count::MoreThan(_), None) | (Count::Unknown, _) => return Outlook::Unclear,
        };
        when.map_or(Outlook::Stays, |when| {
            Outlook::Goes(Removal {
                rule: rule.priority,
                effect,
                when,
            })
        })
    }

    /// The only rule that can take an image: the first that is about it, whether it takes it or not.
    fn on(&self, image: &Stored) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.is_about(image))
    }
}

impl Rule {
    fn is_about(&self, image: &Stored) -> bool {
        match &self.tags {
            Tags::Any => true,
            Tags::Untagged => image.tags.is_empty(),
            Tags::Patterns(patterns) => patterns
                .iter()
                .all(|pattern| image.tags.iter().any(|tag| fits(pattern, tag))),
        }
    }
}

/// Whether an image may be one architecture's part of a list. Such parts have no tags.
fn may_be_part(image: &Stored) -> bool {
    image.tags.is_empty() && !image.is_list
}

fn days_after(since: Timestamp, days: u32) -> Option<Timestamp> {
    let days = SignedDuration::from_hours(i64::from(days) * 24);
    since.checked_add(days).ok()
}

/// Whether a tag fits a pattern, in which `*` stands for any characters or none.
fn fits(pattern: &str, tag: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == tag;
    };
    let Some(tag) = tag.strip_prefix(head) else {
        return false;
    };
    let ends = tag.char_indices().map(|(at, _)| at).chain([tag.len()]);
    ends.into_iter().any(|at| fits(rest, &tag[at..]))
}

fn rule(written: written::Rule) -> Option<Rule> {
    let written::Rule {
        rule_priority,
        selection,
        action,
    } = written;
    let (prefixes, patterns) = (selection.tag_prefix_list, selection.tag_pattern_list);
    let tags = match (selection.tag_status.as_str(), prefixes, patterns) {
        ("any", None, None) => Tags::Any,
        ("untagged", None, None) => Tags::Untagged,
        ("tagged", Some(prefixes), None) if !prefixes.is_empty() => {
            let whole = prefixes.into_iter().map(|prefix| format!("{prefix}*"));
            Tags::Patterns(whole.collect())
        }
        ("tagged", None, Some(patterns)) if !patterns.is_empty() => Tags::Patterns(patterns),
        _ => return None,
    };
    let unit = selection.count_unit.as_deref();
    let count = match (selection.count_type.as_str(), unit, selection.count_number) {
        ("imageCountMoreThan", _, Some(most)) => Count::MoreThan(most),
        ("sinceImagePushed", Some("days"), Some(days)) => Count::Days(days),
        _ => Count::Unknown,
    };
    let effect = match (action.kind.as_str(), action.target_storage_class.as_deref()) {
        ("expire", _) => Some(Effect::Removes),
        ("transition", Some("archive")) => Some(Effect::Archives),
        _ => None,
    };
    Some(Rule {
        priority: rule_priority,
        tags,
        effect,
        count,
    })
}

/// A policy as it is written.
mod written {
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct Policy {
        pub(super) rules: Vec<Rule>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct Rule {
        pub(super) rule_priority: u64,
        pub(super) selection: Selection,
        pub(super) action: Action,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct Selection {
        pub(super) tag_status: String,
        pub(super) tag_prefix_list: Option<Vec<String>>,
        pub(super) tag_pattern_list: Option<Vec<String>>,
        pub(super) storage_class: Option<String>,
        pub(super) count_type: String,
        pub(super) count_unit: Option<String>,
        pub(super) count_number: Option<u32>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct Action {
        #[serde(rename = "type")]
        pub(super) kind: String,
        pub(super) target_storage_class: Option<String>,
    }
}

#[cfg(test)]
mod tests;
