//! A task definition with every field that ECS gave, so that a copy of it loses none.

use std::collections::BTreeMap;

use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use aws_smithy_schema::codec::Codec as _;
use aws_smithy_schema::serde::{SerializableStruct, ShapeSerializer as _};
use serde_json::Value;

use crate::aws::{AwsError, timestamp};
use crate::task_definition::{Registered, RevisionStatus, TaskDefinition};

/// A task definition that can be copied: what decisions see of it, and every field ECS gave.
#[derive(Clone, Debug)]
pub struct FullTaskDefinition {
    pub(super) seen: TaskDefinition,
    pub(super) every_field: aws_sdk_ecs::types::TaskDefinition,
}

impl FullTaskDefinition {
    /// What decisions see of it.
    pub fn definition(&self) -> &TaskDefinition {
        &self.seen
    }
}

pub(super) fn full(
    definition: aws_sdk_ecs::types::TaskDefinition,
    tags: Vec<aws_sdk_ecs::types::Tag>,
) -> Result<FullTaskDefinition, AwsError> {
    let incomplete = |what| AwsError::incomplete("ecs", "DescribeTaskDefinition", what);
    let tags: BTreeMap<String, String> = tags
        .into_iter()
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect();
    let status = match definition.status.as_ref().map(|status| status.as_str()) {
        Some("ACTIVE") => RevisionStatus::Active,
        Some("INACTIVE") => RevisionStatus::Inactive,
        Some("DELETE_IN_PROGRESS") => RevisionStatus::DeleteInProgress,
        Some(_) | None => RevisionStatus::Other,
    };
    let arn = definition
        .task_definition_arn
        .clone()
        .ok_or_else(|| incomplete("ARN"))?;
    let family = definition
        .family
        .clone()
        .ok_or_else(|| incomplete("family"))?;
    let registered = Registered {
        by: definition.registered_by.clone(),
        at: definition.registered_at.as_ref().and_then(timestamp),
    };
    Ok(FullTaskDefinition {
        seen: TaskDefinition::new(
            (arn, family, definition.revision),
            status,
            tags,
            registered,
            &document(&definition)?,
        ),
        every_field: definition,
    })
}

/// A structure of the SDK in ECS's own JSON, by the SDK's own schema: no field can be forgotten.
pub(super) fn document(of: &dyn SerializableStruct) -> Result<Value, AwsError> {
    let unreadable =
        |error: &dyn std::error::Error| AwsError::malformed("ecs", "DescribeTaskDefinition", error);
    let codec = JsonCodec::new(JsonCodecSettings::builder().use_json_name(false).build());
    let mut serializer = codec.create_serializer();
    serializer
        .write_struct(of.schema(), of)
        .map_err(|error| unreadable(&error))?;
    serde_json::from_slice(&serializer.finish()).map_err(|error| unreadable(&error))
}
