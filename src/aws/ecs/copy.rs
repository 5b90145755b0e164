//! Copying a task definition: everything that ECS described, as it was written, but what ECS adds by
//! itself; with other images in the named containers.
//!
//! Nothing here lists what a task definition may hold, because the service's model runs ahead of every
//! list. What ECS adds by itself is listed, and held against the newest model by a test.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::Tag;
use serde_json::Value;

use super::super::document::{Document, unreadable};
use super::super::{AwsError, ErrorKind};
use super::full::FullTaskDefinition;
use crate::names::DeployId;
use crate::task_definition::{COMMIT_TAG, DEPLOY_TAG, READ_ONLY};

/// The most tags a task definition holds.
const TAGS: usize = 50;

/// What a new revision says of its origin. Refs are not among it: they hold characters that tags
/// refuse.
#[derive(Clone, Copy, Debug)]
pub struct RevisionTags<'a> {
    /// The deploy it is registered for.
    pub deploy: &'a DeployId,
    /// The commit it runs.
    pub commit: CommitTag<'a>,
}

/// What a new revision says of the commit that it runs.
#[derive(Clone, Copy, Debug)]
pub enum CommitTag<'a> {
    /// Nothing: nobody knows.
    Unknown,
    /// This one.
    Is(&'a str),
    /// What the revision says that it is a copy of: it runs the same.
    OfBase,
}

/// The members of the request that registers the copy; its tags are not among them.
pub(super) fn members(base: &Document, images: &[(String, String)]) -> Result<Document, AwsError> {
    let unreadable = |error| unreadable("ecs", "DescribeTaskDefinition", &error);
    let written = base.get("containerDefinitions").unwrap_or("[]");
    let mut containers = Document::read_list(written).map_err(unreadable)?;
    for (name, image) in images {
        let named = |container: &&mut Document| container.text("name").as_deref() == Some(name);
        let Some(container) = containers.iter_mut().find(named) else {
            return Err(AwsError::own(
                "ecs",
                "RegisterTaskDefinition",
                ErrorKind::NotSent,
                format!("the task definition has no container {name}"),
            ));
        };
        container.set("image", image).map_err(unreadable)?;
    }
    let mut copy = base.clone();
    copy.retain(|member| !READ_ONLY.contains(&member));
    copy.set("containerDefinitions", &containers)
        .map_err(unreadable)?;
    Ok(copy)
}

/// Whether a revision is what registering this copy would make: its members, whatever order ECS gives
/// lists of objects, and its tags.
pub(super) fn is_copy(
    head: &FullTaskDefinition,
    base: &FullTaskDefinition,
    images: &[(String, String)],
    tags: RevisionTags<'_>,
) -> Result<bool, AwsError> {
    let wanted: BTreeMap<String, String> = all_tags(&base.seen.tags, tags)
        .into_iter()
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect();
    let unreadable = |error| unreadable("ecs", "DescribeTaskDefinition", &error);
    let content = |document: &Document| document.value().map(|value| sorted(&value));
    let copy = content(&members(&base.document, images)?).map_err(unreadable)?;
    let is = content(&members(&head.document, &[])?).map_err(unreadable)?;
    Ok(is == copy && head.seen.tags == wanted)
}

/// A document with its lists of objects in one order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let sorted = members
                .iter()
                .map(|(name, value)| (name.clone(), sorted(value)));
            Value::Object(sorted.collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            if items.iter().all(Value::is_object) {
                items.sort_by_cached_key(Value::to_string);
            }
            Value::Array(items)
        }
        plain => plain.clone(),
    }
}

/// The base's own tags and ours. `aws:` ones cannot be set by anybody. Where there is no room, the
/// team's tags stay: their policies may depend on them, and nothing of ours does.
pub(super) fn all_tags(base: &BTreeMap<String, String>, ours: RevisionTags<'_>) -> Vec<Tag> {
    let commit = match ours.commit {
        CommitTag::OfBase => base
            .get(COMMIT_TAG)
            .map_or(CommitTag::Unknown, |commit| CommitTag::Is(commit)),
        known => known,
    };
    let of_base = base.iter().filter(|(key, _)| {
        let reserved = key.to_ascii_lowercase().starts_with("aws:");
        !reserved && *key != DEPLOY_TAG && *key != COMMIT_TAG
    });
    of_base
        .map(|(key, value)| tag(key, value))
        .chain(own_tags(RevisionTags { commit, ..ours }))
        .take(TAGS)
        .collect()
}

/// Ours alone.
pub(super) fn own_tags(ours: RevisionTags<'_>) -> Vec<Tag> {
    let deploy = tag(DEPLOY_TAG, ours.deploy.as_str());
    let commit = match ours.commit {
        CommitTag::Is(commit) => Some(tag(COMMIT_TAG, commit)),
        CommitTag::Unknown | CommitTag::OfBase => None,
    };
    [Some(deploy), commit].into_iter().flatten().collect()
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use longshore_sim::models::model;
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    fn read(value: &Value) -> Document {
        Document::read(value.to_string()).unwrap()
    }

    /// The copy as it is written: reading numbers again may round them.
    fn copied(base: &Value, images: &[(String, String)]) -> String {
        let copy = members(&read(base), images).unwrap();
        serde_json::to_string(&copy).unwrap()
    }

    #[test]
    fn what_ecs_adds_by_itself_is_what_the_newest_model_says() {
        let model = model("ecs").unwrap();
        let members = |shape: &str| -> BTreeSet<String> {
            let members = &model["shapes"][shape]["members"];
            members.as_object().unwrap().keys().cloned().collect()
        };
        let (described, taken) = (
            members("TaskDefinition"),
            members("RegisterTaskDefinitionRequest"),
        );
        let read_only: BTreeSet<_> = described.difference(&taken).cloned().collect();
        assert_eq!(read_only, READ_ONLY.map(str::to_owned).into());
        // Tags are beside the description, not in it.
        let beside: Vec<_> = taken.difference(&described).collect();
        assert_eq!(beside, ["tags"]);
    }

    #[test]
    fn tags_are_ours_and_the_teams_but_never_amazons() {
        let deploy = DeployId::derive(b"x");
        let commit = "a".repeat(40);
        let ours = RevisionTags {
            deploy: &deploy,
            commit: CommitTag::Is(&commit),
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
        for (is, tagged) in [(CommitTag::OfBase, Some("old")), (CommitTag::Unknown, None)] {
            let tags = pairs(&all_tags(&base, RevisionTags { commit: is, ..ours }));
            let found = tags.iter().find(|(key, _)| key == COMMIT_TAG);
            assert_eq!(found.map(|(_, commit)| commit.as_str()), tagged);
        }
        let many = (0..50).map(|n| (format!("k{n}"), String::new())).collect();
        let tags = all_tags(&many, ours);
        assert_eq!(tags.len(), 50);
        assert!(tags.iter().all(|tag| tag.key() != Some(DEPLOY_TAG)));
    }

    #[test]
    fn a_container_that_is_not_there_is_an_error() {
        let base = read(&json!({"containerDefinitions": [{"name": "app", "image": "r/web:1"}]}));
        let images = [("api".to_owned(), "r/web:2".to_owned())];
        let error = members(&base, &images).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::NotSent);
    }

    /// Anything that JSON can say, names of members included.
    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(".{1,8}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn unknown() -> impl Strategy<Value = Map<String, Value>> {
        proptest::collection::btree_map("x[a-zA-Z]{1,8}", anything(), 0..5)
            .prop_map(|members| members.into_iter().collect())
    }

    proptest! {
        #[test]
        fn nothing_but_the_named_containers_images_ever_changes(
            old in proptest::collection::vec(("[a-z]{1,8}(:[a-z0-9]{1,8})?", unknown()), 1..6),
            new in proptest::collection::vec(proptest::option::of("[a-z]{1,8}@[a-z0-9]{1,8}"), 6),
            beside in unknown(),
        ) {
            let containers = old.iter().enumerate().map(|(n, (image, unknown))| {
                let mut container = unknown.clone();
                container.insert("name".to_owned(), json!(format!("c{n}")));
                container.insert("image".to_owned(), json!(image));
                Value::Object(container)
            });
            let mut base = beside;
            base.insert("family".to_owned(), json!("web"));
            base.insert("containerDefinitions".to_owned(), containers.collect());
            let mut expected = base.clone();
            for read_only in READ_ONLY {
                base.insert(read_only.to_owned(), json!(1.5));
            }
            let images: Vec<_> = new
                .iter()
                .take(old.len())
                .enumerate()
                .filter_map(|(n, image)| Some((format!("c{n}"), image.clone()?)))
                .collect();
            for (name, image) in &images {
                let n: usize = name[1..].parse().unwrap();
                expected["containerDefinitions"][n]["image"] = json!(image);
            }
            prop_assert_eq!(copied(&base.into(), &images), Value::Object(expected).to_string());
        }
    }
}
