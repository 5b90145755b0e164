//! `ci.NAME.token`: which [OpenID Connect](https://openid.net/specs/openid-connect-core-1_0.html#IDToken) tokens of a
//! build service are taken for a pipeline's word, in the place of a key.
//!
//! What GitHub says of its tokens: <https://docs.github.com/en/actions/reference/security/oidc>; what GitLab does:
//! <https://docs.gitlab.com/ci/secrets/id_token_authentication/>.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::problem::{At, Findings, Location, in_quotes};
use super::reader::Section;
use super::resolve::{missing, parsed};
use super::values::{Audience, Issuer};

/// The longest text that is taken.
const LONGEST: usize = 300;
/// The longest number.
const DIGITS: usize = 20;
/// What starts a run of GitHub's that nobody from outside can start.
const OF_GITHUB: [&str; 3] = ["push", "release", "workflow_dispatch"];
/// The same at GitLab.
const OF_GITLAB: [&str; 2] = ["push", "web"];
/// What starts runs in which others' code, or others' words, have a say: never trusted.
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows>,
/// <https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable>
const OF_STRANGERS: [&str; 15] = [
    "discussion",
    "discussion_comment",
    "external_pull_request_event",
    "fork",
    "issue_comment",
    "issues",
    "merge_request_event",
    "ondemand_dast_scan",
    "pull_request",
    "pull_request_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "watch",
    "workflow_run",
];

/// Which tokens are a pipeline's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenTrust {
    /// Who issues them.
    pub issuer: Issuer,
    /// For whom they are: a name that nobody else asks for.
    pub audience: Audience,
    /// Whose runs they are of.
    pub of: TokenOf,
    /// What has started the run: one of these.
    pub events: BTreeSet<String>,
    /// The environment, of the build service, that the run is for; without it, its branch or tag must be protected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The workflow that the run follows, with the branch that it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
}

/// Whose runs, by a number that stays: a name is free for others once it is given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenOf {
    /// A repository's of GitHub.
    Repository(String),
    /// A project's of GitLab.
    Project(String),
}

/// `ci.NAME.token`, as written.
pub(super) struct LowTrust {
    place: Location,
    issuer: Option<At<String>>,
    audience: Option<At<String>>,
    repository_id: Option<At<String>>,
    project_id: Option<At<String>>,
    events: Option<At<Vec<At<String>>>>,
    environment: Option<At<String>>,
    workflow: Option<At<String>>,
}

impl LowTrust {
    /// Reads `token` of a table.
    pub(super) fn read(section: &mut Section<'_>, findings: &mut Findings) -> Option<Self> {
        let mut token = section.section("token", findings)?;
        let read = Self {
            place: token.place().clone(),
            issuer: token.string("issuer", findings),
            audience: token.string("audience", findings),
            repository_id: token.string("repository_id", findings),
            project_id: token.string("project_id", findings),
            events: token.strings("events", findings),
            environment: token.string("environment", findings),
            workflow: token.string("workflow", findings),
        };
        token.finish(findings);
        Some(read)
    }

    /// What it means; `None` where something is wrong.
    pub(super) fn resolve(&self, findings: &mut Findings) -> Option<TokenTrust> {
        let issuer: Option<Issuer> = self
            .issuer
            .as_ref()
            .and_then(|written| parsed(written, findings));
        if self.issuer.is_none() {
            missing(
                &self.place,
                "issuer",
                "write who issues the tokens, such as \"https://token.actions.githubusercontent.com\"",
                findings,
            );
        }
        let audience: Option<Audience> = self
            .audience
            .as_ref()
            .and_then(|written| parsed(written, findings));
        if self.audience.is_none() {
            missing(
                &self.place,
                "audience",
                "choose a name that nobody else asks for, such as \"longshore-acme\"; the job asks for a token with it",
                findings,
            );
        }
        if let (Some(issuer), Some(audience), Some(written)) = (&issuer, &audience, &self.audience)
            && issuer.has(audience.as_str())
        {
            findings.refuse(&written.place, "is of the issuer's own host, as that of tokens is for which nobody asks; choose a name of your own, such as \"longshore-acme\"");
            return None;
        }
        let of = self.of(findings);
        let events = self.events(of.as_ref(), findings);
        let environment = text(self.environment.as_ref(), findings);
        let workflow = text(self.workflow.as_ref(), findings);
        Some(TokenTrust {
            issuer: issuer?,
            audience: audience?,
            of: of?,
            events: events?,
            environment: environment.ok()?,
            workflow: workflow.ok()?,
        })
    }

    fn of(&self, findings: &mut Findings) -> Option<TokenOf> {
        let (written, of): (_, fn(String) -> TokenOf) = match (
            &self.repository_id,
            &self.project_id,
        ) {
            (Some(id), None) => (id, TokenOf::Repository),
            (None, Some(id)) => (id, TokenOf::Project),
            (Some(_), Some(id)) => {
                findings.refuse(
                    &id.place,
                    "stands beside \"repository_id\"; keep the one that the tokens have",
                );
                return None;
            }
            (None, None) => {
                missing(
                    &self.place,
                    "repository_id",
                    "write the number of the repository (GitHub), or \"project_id\" (GitLab): names are given to others once they are free",
                    findings,
                );
                return None;
            }
        };
        let id = &written.value;
        let good = (1..=DIGITS).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_digit())
            && !id.starts_with('0');
        if !good {
            findings.refuse(&written.place, "is a number in quotes, such as \"424242\": `gh api repos/OWNER/NAME --jq .id`, or the project's page at GitLab");
            return None;
        }
        Some(of(id.clone()))
    }

    fn events(&self, of: Option<&TokenOf>, findings: &mut Findings) -> Option<BTreeSet<String>> {
        let Some(written) = &self.events else {
            let usual: &[&str] = match of? {
                TokenOf::Repository(_) => &OF_GITHUB,
                TokenOf::Project(_) => &OF_GITLAB,
            };
            return Some(usual.iter().map(|&event| event.to_owned()).collect());
        };
        let mut events = BTreeSet::new();
        for one in &written.value {
            let word = one.value.as_str();
            let plain = !word.is_empty()
                && word.len() <= 64
                && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if OF_STRANGERS.contains(&word) {
                findings.refuse(
                    &one.place,
                    format!(
                        "\"{word}\" starts runs in which strangers have a say; keep to {}",
                        in_quotes(OF_GITHUB)
                    ),
                );
            } else if plain {
                events.insert(word.to_owned());
            } else {
                findings.refuse(
                    &one.place,
                    format!("\"{word}\" is no event; write it as the tokens do, such as \"push\""),
                );
            }
        }
        if written.value.is_empty() {
            findings.refuse(
                &written.place,
                "names no event, so that no token would be taken; leave it out for the usual ones",
            );
        }
        (events.len() == written.value.len() && !events.is_empty()).then_some(events)
    }
}

/// What is compared as it is; an error if it can fit nothing.
fn text(written: Option<&At<String>>, findings: &mut Findings) -> Result<Option<String>, ()> {
    let Some(written) = written else {
        return Ok(None);
    };
    let text = written.value.as_str();
    if text.is_empty() || text.len() > LONGEST || text.trim() != text {
        findings.refuse(
            &written.place,
            "is written as the tokens have it, and is compared to the letter",
        );
        return Err(());
    }
    Ok(Some(text.to_owned()))
}
