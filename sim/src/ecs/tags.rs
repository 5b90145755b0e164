//! Tags of what exists already: services, task definitions, clusters.

use serde_json::{Value, json};

use super::{definition::check_tags, ids::invalid, operation::Turn};
use crate::{Answer, AwsError};

pub(super) fn list_tags_for_resource(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let tags = change(turn, |_| Ok(()))?;
    answer(turn, json!({ "tags": tags }))
}

pub(super) fn tag_resource(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let given = turn.request.get("tags").and_then(Value::as_array);
    let given = given.ok_or_else(|| invalid("tags should not be null or empty."))?;
    check_tags(given)?;
    change(turn, |tags| {
        let key = |tag: &Value| tag.get("key").cloned();
        tags.retain(|tag| !given.iter().any(|new| key(new) == key(tag)));
        tags.extend(given.iter().cloned());
        check_tags(tags)
    })?;
    answer(turn, json!({}))
}

pub(super) fn untag_resource(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let keys = turn.list("tagKeys", 50)?;
    change(turn, |tags| {
        tags.retain(|tag| {
            let key = tag.get("key").and_then(Value::as_str);
            key.is_none_or(|key| !keys.contains(&key))
        });
        Ok(())
    })?;
    answer(turn, json!({}))
}

fn answer(turn: &Turn<'_>, body: Value) -> Result<Answer, AwsError> {
    Ok(Answer {
        body,
        resources: vec![turn.required("resourceArn")?.to_owned()],
        ..Answer::default()
    })
}

/// The tags of what the request names, after this change; a change that is refused changes nothing.
fn change(
    turn: &mut Turn<'_>,
    change: impl FnOnce(&mut Vec<Value>) -> Result<(), AwsError>,
) -> Result<Vec<Value>, AwsError> {
    let arn = turn.required("resourceArn")?;
    if !arn.starts_with("arn:") {
        return Err(invalid(format!("Invalid identifier: {arn}")));
    }
    let resource = turn.place.home.resource(arn)?;
    let absent = || {
        let message = "The specified resource could not be found.";
        AwsError::new("ResourceNotFoundException", message)
    };
    let (kind, name) = resource.split_once('/').ok_or_else(absent)?;
    let place = &mut *turn.place;
    let stored = match kind {
        "service" => {
            let (cluster, service) = name.rsplit_once('/').ok_or_else(absent)?;
            let service = place.service(cluster, service).map_err(|_| absent())?;
            &mut service.tags
        }
        "cluster" if place.clusters.contains_key(name) => {
            let settings = place.settings.entry(name.to_owned()).or_default();
            settings.entry("tags").or_insert_with(|| json!([]))
        }
        "task-definition" => {
            let known = place.families.values_mut().flatten();
            let mut known = known.filter(|definition| definition.arn == arn);
            let definition = known.next().ok_or_else(absent)?;
            let mut tags = definition.tags.clone();
            change(&mut tags)?;
            definition.tags.clone_from(&tags);
            return Ok(tags);
        }
        _ => return Err(absent()),
    };
    let mut tags = stored.as_array().cloned().unwrap_or_default();
    change(&mut tags)?;
    *stored = json!(tags);
    Ok(tags)
}
