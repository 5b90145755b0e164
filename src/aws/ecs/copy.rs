//! Copying a task definition: everything that `RegisterTaskDefinition` accepts, and nothing of what
//! ECS adds by itself.
//!
//! The mapping is held against the SDK's own schema by a test, so that a field that comes with an
//! upgrade fails the build instead of being lost.

use std::collections::BTreeMap;

use aws_sdk_ecs::operation::register_task_definition::builders::RegisterTaskDefinitionInputBuilder;
use aws_sdk_ecs::types::{Tag, TaskDefinition};

use super::super::{AwsError, ErrorKind};
use crate::names::{CommitSha, DeployId};
use crate::task_definition::{COMMIT_TAG, DEPLOY_TAG};

/// The most tags a task definition holds.
const TAGS: usize = 50;

/// What a new revision says of its origin. Refs are not among it: they hold characters that tags
/// refuse.
#[derive(Clone, Copy, Debug)]
pub struct RevisionTags<'a> {
    /// The deploy it is registered for.
    pub deploy: &'a DeployId,
    /// The commit it runs, where it is known.
    pub commit: Option<&'a CommitSha>,
}

/// The request that registers the copy.
#[expect(
    deprecated,
    reason = "an old task definition may still name an accelerator, and is copied as it is"
)]
pub(super) fn request(
    base: &TaskDefinition,
    base_tags: &BTreeMap<String, String>,
    images: &[(String, String)],
    tags: RevisionTags<'_>,
) -> Result<RegisterTaskDefinitionInputBuilder, AwsError> {
    let mut containers = base.container_definitions.clone().unwrap_or_default();
    for (name, image) in images {
        let named = |container: &&mut aws_sdk_ecs::types::ContainerDefinition| {
            container.name.as_deref() == Some(name)
        };
        let Some(container) = containers.iter_mut().find(named) else {
            return Err(AwsError::own(
                "ecs",
                "RegisterTaskDefinition",
                ErrorKind::NotSent,
                format!("the task definition has no container {name}"),
            ));
        };
        container.image = Some(image.clone());
    }
    Ok(RegisterTaskDefinitionInputBuilder::default()
        .set_family(base.family.clone())
        .set_task_role_arn(base.task_role_arn.clone())
        .set_execution_role_arn(base.execution_role_arn.clone())
        .set_network_mode(base.network_mode.clone())
        .set_container_definitions(Some(containers))
        .set_volumes(base.volumes.clone())
        .set_placement_constraints(base.placement_constraints.clone())
        .set_requires_compatibilities(base.requires_compatibilities.clone())
        .set_cpu(base.cpu.clone())
        .set_memory(base.memory.clone())
        .set_pid_mode(base.pid_mode.clone())
        .set_ipc_mode(base.ipc_mode.clone())
        .set_proxy_configuration(base.proxy_configuration.clone())
        .set_inference_accelerators(base.inference_accelerators.clone())
        .set_ephemeral_storage(base.ephemeral_storage.clone())
        .set_runtime_platform(base.runtime_platform.clone())
        .set_enable_fault_injection(base.enable_fault_injection)
        .set_tags(Some(all_tags(base_tags, tags))))
}

/// The base's own tags and ours. `aws:` ones cannot be set by anybody. Where there is no room, the
/// team's tags stay: their policies may depend on them, and nothing of ours does.
fn all_tags(base: &BTreeMap<String, String>, ours: RevisionTags<'_>) -> Vec<Tag> {
    let of_base = base.iter().filter(|(key, _)| {
        let reserved = key.to_ascii_lowercase().starts_with("aws:");
        !reserved && *key != DEPLOY_TAG && *key != COMMIT_TAG
    });
    of_base
        .map(|(key, value)| tag(key, value))
        .chain(own_tags(ours))
        .take(TAGS)
        .collect()
}

/// Ours alone.
pub(super) fn own_tags(ours: RevisionTags<'_>) -> Vec<Tag> {
    let deploy = tag(DEPLOY_TAG, ours.deploy.as_str());
    let commit = ours.commit.map(|commit| tag(COMMIT_TAG, commit.as_str()));
    [Some(deploy), commit].into_iter().flatten().collect()
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_sdk_ecs::operation::register_task_definition::RegisterTaskDefinitionInput;
    use aws_sdk_ecs::types::*;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::full::document;
    use super::*;

    /// What ECS adds by itself, and does not take back.
    const READ_ONLY: [&str; 9] = [
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "deregisteredAt",
        "deleteRequestedAt",
        "registeredBy",
    ];

    /// Every member of a task definition set to something.
    #[expect(deprecated, reason = "every member, also those of old")]
    fn every_field(containers: Vec<ContainerDefinition>) -> aws_sdk_ecs::types::TaskDefinition {
        let now = aws_smithy_types::DateTime::from_secs(1_800_000_000);
        let volume = Volume::builder().name("data").configured_at_launch(true);
        aws_sdk_ecs::types::TaskDefinition::builder()
            .task_definition_arn("arn:aws:ecs:eu-west-1:1:task-definition/web:7")
            .set_container_definitions(Some(containers))
            .family("web")
            .task_role_arn("arn:aws:iam::1:role/task")
            .execution_role_arn("arn:aws:iam::1:role/execution")
            .network_mode(NetworkMode::Awsvpc)
            .revision(7)
            .volumes(volume.build())
            .status(TaskDefinitionStatus::Active)
            .requires_attributes(Attribute::builder().name("x").build().unwrap())
            .placement_constraints(
                TaskDefinitionPlacementConstraint::builder()
                    .expression("attribute:ecs.os-type == linux")
                    .build(),
            )
            .compatibilities(Compatibility::Fargate)
            .runtime_platform(
                RuntimePlatform::builder()
                    .cpu_architecture(CpuArchitecture::Arm64)
                    .build(),
            )
            .requires_compatibilities(Compatibility::Fargate)
            .cpu("256")
            .memory("512")
            .inference_accelerators(
                InferenceAccelerator::builder()
                    .device_name("d")
                    .device_type("eia2.medium")
                    .build()
                    .unwrap(),
            )
            .pid_mode(PidMode::Task)
            .ipc_mode(IpcMode::None)
            .proxy_configuration(
                ProxyConfiguration::builder()
                    .container_name("envoy")
                    .build()
                    .unwrap(),
            )
            .registered_at(now)
            .deregistered_at(now)
            .delete_requested_at(now)
            .registered_by("arn:aws:iam::1:user/terraform")
            .ephemeral_storage(EphemeralStorage::builder().size_in_gib(30).build())
            .enable_fault_injection(true)
            .build()
    }

    fn container(name: &str, image: &str) -> ContainerDefinition {
        ContainerDefinition::builder()
            .name(name)
            .image(image)
            .cpu(10)
            .environment(KeyValuePair::builder().name("A").value("1").build())
            .build()
    }

    fn copied(base: &aws_sdk_ecs::types::TaskDefinition, images: &[(String, String)]) -> Value {
        let deploy = DeployId::derive(b"x");
        let tags = RevisionTags {
            deploy: &deploy,
            commit: None,
        };
        let input = request(base, &BTreeMap::new(), images, tags)
            .unwrap()
            .build()
            .unwrap();
        document(&input).unwrap()
    }

    fn members(schema: &aws_smithy_schema::Schema<'_>) -> BTreeSet<String> {
        let names = schema.members().iter();
        names
            .filter_map(|member| member.member_name())
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_copy_carries_every_field_that_registering_accepts() {
        let base = every_field(vec![container("app", "r/web:1")]);
        let before = document(&base).unwrap();
        let copy = copied(&base, &[]);
        // The fixture is complete: it sets every member the SDK knows.
        assert_eq!(
            before
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<BTreeSet<_>>(),
            members(aws_sdk_ecs::types::TaskDefinition::SCHEMA),
            "a new member of TaskDefinition: set it in every_field, and copy it or call it read-only"
        );
        for member in members(RegisterTaskDefinitionInput::SCHEMA) {
            let carried = copy.get(&member);
            assert!(
                carried.is_some(),
                "{member} is lost when a revision is copied"
            );
            if member != "tags" {
                assert_eq!(carried, before.get(&member), "{member}");
            }
        }
        let dropped: BTreeSet<_> = members(aws_sdk_ecs::types::TaskDefinition::SCHEMA)
            .difference(&members(RegisterTaskDefinitionInput::SCHEMA))
            .cloned()
            .collect();
        assert_eq!(dropped, READ_ONLY.iter().map(|&m| m.to_owned()).collect());
    }

    #[test]
    fn tags_are_ours_and_the_teams_but_never_amazons() {
        let deploy = DeployId::derive(b"x");
        let commit = "a".repeat(40).parse().unwrap();
        let ours = RevisionTags {
            deploy: &deploy,
            commit: Some(&commit),
        };
        let base: BTreeMap<String, String> = [
            ("aws:cloudformation:stack-name", "s"),
            ("AWS:x", "y"),
            ("team", "web"),
            (DEPLOY_TAG, "01234567"),
            (COMMIT_TAG, "old"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        let pairs = |tags: &[Tag]| -> Vec<(String, String)> {
            let pair = |tag: &Tag| Some((tag.key.clone()?, tag.value.clone()?));
            tags.iter().filter_map(pair).collect()
        };
        assert_eq!(
            pairs(&all_tags(&base, ours)),
            [
                ("team".to_owned(), "web".to_owned()),
                (DEPLOY_TAG.to_owned(), deploy.to_string()),
                (COMMIT_TAG.to_owned(), commit.to_string()),
            ]
        );
        let many = (0..50).map(|n| (format!("k{n}"), String::new())).collect();
        let tags = all_tags(&many, ours);
        assert_eq!(tags.len(), 50);
        assert!(tags.iter().all(|tag| tag.key() != Some(DEPLOY_TAG)));
    }

    #[test]
    fn a_container_that_is_not_there_is_an_error() {
        let base = every_field(vec![container("app", "r/web:1")]);
        let deploy = DeployId::derive(b"x");
        let tags = RevisionTags {
            deploy: &deploy,
            commit: None,
        };
        let images = [("api".to_owned(), "r/web:2".to_owned())];
        let error = request(&base, &BTreeMap::new(), &images, tags).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::NotSent);
    }

    proptest! {
        #[test]
        fn nothing_but_the_named_containers_images_ever_changes(
            old in proptest::collection::vec("[a-z]{1,8}(:[a-z0-9]{1,8})?", 1..6),
            new in proptest::collection::vec(proptest::option::of("[a-z]{1,8}@[a-z0-9]{1,8}"), 6),
        ) {
            let containers: Vec<_> = old
                .iter()
                .enumerate()
                .map(|(n, image)| container(&format!("c{n}"), image))
                .collect();
            let images: Vec<_> = new
                .iter()
                .take(old.len())
                .enumerate()
                .filter_map(|(n, image)| Some((format!("c{n}"), image.clone()?)))
                .collect();
            let base = every_field(containers);
            let mut expected = document(&base).unwrap();
            for read_only in READ_ONLY {
                expected.as_object_mut().unwrap().remove(read_only);
            }
            for (name, image) in &images {
                let n: usize = name[1..].parse().unwrap();
                expected["containerDefinitions"][n]["image"] = Value::String(image.clone());
            }
            let mut copy = copied(&base, &images);
            copy.as_object_mut().unwrap().remove("tags");
            prop_assert_eq!(copy, expected);
        }
    }
}
