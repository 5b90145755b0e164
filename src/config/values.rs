//! The small values of a configuration: account ids, regions, patterns and durations.
//!
//! Like the names in [`crate::names`], each can only be made by the check that knows its rule, and
//! an error says that rule.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::tag::PLACES;
use crate::names::EnvName;
use crate::names::partition::Partition;

/// A value is not what its key demands. The text says the rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadValue(pub(super) String);

macro_rules! value {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// As it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadValue;
            fn from_str(text: &str) -> Result<Self, BadValue> {
                let check: fn(&str) -> Result<(), String> = $check;
                check(text).map_err(BadValue)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadValue;
            fn try_from(text: String) -> Result<Self, BadValue> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

value! {
    /// An AWS account's id: 12 digits.
    AccountId, |text| ensure(
        text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()),
        "an account id is 12 digits in quotes, such as \"111111111111\"",
    )
}

value! {
    /// An AWS region, such as `eu-west-1`.
    Region, |text| ensure(is_region(text), "a region looks like \"eu-west-1\"")
}

value! {
    /// A team's name: the rule of an application's name.
    TeamName, |text| text.parse::<EnvName>().map(drop).map_err(|bad| format!("a team's name {}", bad.rule()))
}

value! {
    /// How a commit's image tag is spelled: text around `{sha}` (40 digits), `{short}` (the first 7), `{branch}`,
    /// `{version}` (a git tag's, without a `v`) or `{ref}` (whatever was asked for); in names, what a tag cannot hold is `-`.
    TagPattern, |text| {
        let literal = pattern_literals(text, &PLACES)?;
        if literal.len() == text.len() {
            return Err("a tag pattern needs {sha}, {short}, {ref}, {branch} or {version}, or every commit would have the same tag".to_owned());
        }
        ensure(
            literal.chars().all(is_tag_char) && !text.starts_with(['.', '-']),
            "an image tag holds letters, digits, \"_\", \".\" and \"-\", and starts with none of the last two",
        )
    }
}

value! {
    /// Who issues tokens: the URL that they name, without a slash at its end.
    Issuer, |text| {
        let rest = text.strip_prefix("https://").unwrap_or_default();
        let host = rest.split('/').next().unwrap_or_default();
        let part = |part: &str| {
            part.chars().any(|c| c != '.') && part.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
        };
        let is_host = host.contains('.') && !host.contains('_') && !host.starts_with(['.', '-']) && !host.ends_with(['.', '-']);
        ensure(
            text.len() <= 200 && is_host && rest.split('/').all(part),
            "an issuer is written as its tokens name it, such as \"https://token.actions.githubusercontent.com\" or \"https://gitlab.com\"",
        )
    }
}

value! {
    /// For whom tokens are.
    Audience, |text| {
        // Whatever does not ask for another audience has a token for its owner's page: any job of that owner's.
        // What asks for AWS's is meant for AWS.
        if text.starts_with("https://github.com/") || ["sts.amazonaws.com", "sigstore", "api://AzureADTokenExchange"].contains(&text) {
            return Err("tokens for that audience are made for others too; choose a name of your own, such as \"longshore-acme\"".to_owned());
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._:/".contains(c);
        ensure(
            (3..=200).contains(&text.len()) && text.chars().all(plain),
            "an audience has 3 to 200 letters, digits and \"-._:/\", such as \"longshore-acme\"",
        )
    }
}

impl Default for TagPattern {
    fn default() -> Self {
        Self("{sha}".to_owned())
    }
}

impl Issuer {
    /// Whether a URL is of the issuer's own host.
    pub(crate) fn has(&self, url: &str) -> bool {
        let host = |url: &str| {
            let rest = url.strip_prefix("https://")?;
            let host = rest.split(['/', '?', '#']).next()?;
            Some(host.to_ascii_lowercase())
        };
        host(url).is_some_and(|other| host(&self.0) == Some(other))
    }
}

impl Region {
    /// The partition the region is in, as ARNs begin: `aws`, `aws-cn`, `aws-us-gov` …
    pub fn partition(&self) -> &'static str {
        Partition::of(&self.0).id
    }

    /// The domain of the region's endpoints.
    pub fn domain(&self) -> &'static str {
        Partition::of(&self.0).domain
    }
}

/// An AWS account, and the region in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The account.
    pub id: AccountId,
    /// The region.
    pub region: Region,
}

/// Which task definition a deploy starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    /// The revision that the service runs.
    #[default]
    Live,
    /// The family's newest revision, for teams whose Terraform registers revisions and ignores
    /// changes on the service.
    Head,
}

/// Whether a value is what it is where nothing is written. Such a one is left out of the canonical
/// form, so that a new key changes neither a configuration's hash nor a policy's.
pub(super) fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How the rollouts of an application's services follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rollouts {
    /// One after the other, in the order in which the services are named.
    #[default]
    InOrder,
    /// All at the same time.
    Parallel,
}

/// How closely an environment's deploy role names what it may touch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every service, family, repository, log group and role of the applications by its name.
    #[default]
    Applications,
    /// The whole cluster, and what the names have in common.
    Cluster,
}

/// What becomes of an application's other services when one of them fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Those that are out go back to what they ran.
    #[default]
    RollbackAll,
    /// Those that are out stay out, and those that have not begun are left alone.
    Stop,
}

/// What a failed deploy shows of its tasks' logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogEvidence {
    /// A link, so that log lines stay where they are.
    #[default]
    Link,
    /// The last lines, in Slack.
    Logs,
}

/// `{app}` and `{env}` filled in; the text was checked by [`check_name_pattern`].
pub(super) fn render_name(pattern: &str, application: &str, environment: &str) -> String {
    pattern
        .replace("{app}", application)
        .replace("{env}", environment)
}

/// Whether every placeholder is one that [`render_name`] fills in, and `allowed` holds for the rest.
pub(super) fn check_name_pattern(
    pattern: &str,
    allowed: fn(char) -> bool,
    rule: &str,
) -> Result<(), BadValue> {
    let literal = pattern_literals(pattern, &["{app}", "{env}"]).map_err(BadValue)?;
    let fits = !pattern.is_empty() && pattern.len() <= 255 && literal.chars().all(allowed);
    ensure(fits, rule).map_err(BadValue)
}

/// Characters of an ECS service's, cluster's, family's or container's
/// [name](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html).
pub(super) fn is_ecs_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

pub(super) fn check_ecs_name(text: &str) -> Result<(), BadValue> {
    ensure(
        (1..=255).contains(&text.len()) && text.chars().all(is_ecs_char),
        "ECS allows letters, digits, \"-\" and \"_\", up to 255",
    )
    .map_err(BadValue)
}

/// An ECR repository's [name](https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html).
pub(super) fn check_ecr_name(text: &str) -> Result<(), BadValue> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    ensure(
        (2..=256).contains(&text.len()) && text.split('/').all(part),
        "an ECR repository's name, without its registry, such as \"cms\" or \"web/cms\"",
    )
    .map_err(BadValue)
}

fn ensure(holds: bool, rule: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(rule.to_owned()) }
}

/// The pattern without its placeholders.
pub(super) fn pattern_literals(pattern: &str, placeholders: &[&str]) -> Result<String, String> {
    let mut literal = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        let (text, tail) = rest.split_at(at);
        literal.push_str(text);
        rest = placeholders
            .iter()
            .find_map(|placeholder| tail.strip_prefix(placeholder))
            .ok_or_else(|| format!("the placeholders here are {}", placeholders.join(", ")))?;
    }
    literal.push_str(rest);
    Ok(literal)
}

pub(super) fn is_tag_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_.-".contains(c)
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [continent, middle @ .., number] => {
            (continent.len() == 2 || *continent == "eusc")
                && !middle.is_empty()
                && number.len() == 1
                && number.bytes().all(|b| b.is_ascii_digit())
                && std::iter::once(continent)
                    .chain(middle)
                    .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()))
        }
        _ => false,
    }
}
