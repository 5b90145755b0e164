//! A task definition with everything that ECS wrote of it, so that a copy of it loses nothing.

use std::collections::BTreeMap;

use aws_smithy_types::DateTime;

use super::copy::{self, RevisionTags};
use crate::aws::document::{Document, unreadable};
use crate::aws::{AwsError, timestamp};
use crate::task_definition::{Registered, RevisionName, RevisionStatus, TaskDefinition};

/// A task definition that can be copied: what decisions see of it, and everything that ECS wrote.
#[derive(Clone, Debug)]
pub struct FullTaskDefinition {
    pub(super) seen: TaskDefinition,
    pub(super) document: Document,
}

impl FullTaskDefinition {
    /// What decisions see of it.
    pub fn definition(&self) -> &TaskDefinition {
        &self.seen
    }

    /// Whether registering a copy of `base` with these images would make just this revision.
    ///
    /// # Errors
    ///
    /// Where what ECS wrote of either cannot be read.
    pub(crate) fn is_copy(
        &self,
        base: &Self,
        images: &[(String, String)],
        tags: RevisionTags<'_>,
    ) -> Result<bool, AwsError> {
        copy::is_copy(self, base, images, tags)
    }
}

/// What an answer of `operation` says of a task definition and its tags.
pub(super) fn full(
    operation: &'static str,
    body: &Document,
) -> Result<FullTaskDefinition, AwsError> {
    let incomplete = |what| AwsError::incomplete("ecs", operation, what);
    let unreadable = |error| unreadable("ecs", operation, &error);
    let document = body.object("taskDefinition");
    let document = document.ok_or_else(|| incomplete("task definition"))?;
    let text = |member| document.text(member).ok_or_else(|| incomplete(member));
    let number = |member| document.get(member)?.parse::<f64>().ok();
    let tags = Document::read_list(body.get("tags").unwrap_or("[]")).map_err(unreadable)?;
    let tags: BTreeMap<String, String> = tags
        .into_iter()
        .filter_map(|tag| Some((tag.text("key")?, tag.text("value").unwrap_or_default())))
        .collect();
    let status = match document.text("status").as_deref() {
        Some("ACTIVE") => RevisionStatus::Active,
        Some("INACTIVE") => RevisionStatus::Inactive,
        Some("DELETE_IN_PROGRESS") => RevisionStatus::DeleteInProgress,
        Some(_) | None => RevisionStatus::Other,
    };
    let registered = Registered {
        by: document.text("registeredBy"),
        at: number("registeredAt").and_then(|at| timestamp(&DateTime::from_secs_f64(at))),
    };
    let revision = document
        .get("revision")
        .and_then(|number| number.parse().ok());
    let name = RevisionName {
        arn: text("taskDefinitionArn")?,
        family: text("family")?,
        revision: revision.ok_or_else(|| incomplete("revision"))?,
    };
    let value = document.value().map_err(unreadable)?;
    Ok(FullTaskDefinition {
        seen: TaskDefinition::new(name, status, tags, registered, &value),
        document,
    })
}
