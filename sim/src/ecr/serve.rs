//! The operations of ECR that are used, in its own words.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::manifest::OCI_MANIFEST;
use super::{Ecr, Image, ImageStatus, Name, lifecycle, name, push, scan};
use crate::{Answer, AwsError, Caller, State};

/// Answers one operation.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    operation: &str,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    match operation {
        "CreateRepository" => push::create_repository(&mut state.ecr, request, caller),
        "PutImage" => push::put_image(&mut state.ecr, now, request, caller),
        "ListImages" => push::list_images(&state.ecr, request, caller),
        "GetAuthorizationToken" => push::get_authorization_token(now, request, caller),
        "DescribeImages" => describe_images(&state.ecr, request, caller),
        "BatchGetImage" => batch_get_image(&state.ecr, request, caller),
        "GetLifecyclePolicy" => lifecycle::get(&state.ecr, request, caller),
        "DescribeImageScanFindings" => scan::describe(&state.ecr, request, caller),
        "DescribeRepositories" => describe_repositories(&state.ecr, request, caller),
        _ => Err(AwsError::unknown_operation(operation)),
    }
}

pub(super) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

fn describe_images(ecr: &Ecr, request: &Value, caller: &Caller) -> Result<Answer, AwsError> {
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let (images, place) = repository_of(ecr, request, caller)?;
    let (account, region, repository) = &place;
    let show = |image: &Image| document(image, account, repository);
    let mut body = Map::new();
    match request.get("imageIds").and_then(Value::as_array) {
        Some(ids)
            if text("nextToken").is_some()
                || request.get("maxResults").is_some_and(Value::is_number) =>
        {
            return Err(invalid(format!(
                "nextToken and maxResults cannot be combined with {} imageIds",
                ids.len()
            )));
        }
        // ECR documents the filter for listings, and may refuse it beside image ids.
        Some(_) if request.get("filter").is_some_and(Value::is_object) => {
            return Err(invalid("filter cannot be combined with imageIds"));
        }
        Some(ids) => {
            if ids.is_empty() || ids.len() > 100 {
                return Err(invalid(
                    "Invalid parameter at 'imageIds' failed to satisfy constraint: 'between 1 and 100'",
                ));
            }
            let mut details: Vec<Value> = Vec::new();
            // Without an image status, only what can be pulled is described.
            for id in ids {
                let found = find(images, id, account, repository)?;
                let detail = show(found);
                let fits = found.status == ImageStatus::Active;
                if fits && !details.contains(&detail) {
                    details.push(detail);
                }
            }
            body.insert("imageDetails".to_owned(), json!(details));
        }
        None => {
            let size = match request.get("maxResults").and_then(Value::as_u64) {
                None => 100,
                Some(size @ 1..=1000) => usize::try_from(size).unwrap_or(100),
                Some(size) => {
                    return Err(invalid(format!(
                        "maxResults must be between 1 and 1000, not {size}"
                    )));
                }
            };
            let start = match text("nextToken") {
                None => 0,
                Some(token) => {
                    let start = token
                        .strip_prefix("page-")
                        .and_then(|start| start.parse().ok());
                    start.ok_or_else(|| invalid("Invalid nextToken"))?
                }
            };
            let wanted = request.get("filter");
            let fits = |image: &&Image| {
                let filter = |member: &str| wanted.and_then(|filter| filter.get(member)?.as_str());
                let tagged = match filter("tagStatus") {
                    Some("TAGGED") => !image.tags.is_empty(),
                    Some("UNTAGGED") => image.tags.is_empty(),
                    _ => true,
                };
                // Without an image status, a listing shows what can be pulled.
                let status = filter("imageStatus").unwrap_or("ACTIVE");
                tagged && (status == "ANY" || status == image.status.name())
            };
            let all: Vec<_> = images.iter().filter(fits).map(show).collect();
            if start + size < all.len() {
                body.insert(
                    "nextToken".to_owned(),
                    json!(format!("page-{}", start + size)),
                );
            }
            let details: Vec<_> = all.into_iter().skip(start).take(size).collect();
            body.insert("imageDetails".to_owned(), json!(details));
        }
    }
    let resource = format!("arn:aws:ecr:{region}:{account}:repository/{repository}");
    Ok(Answer {
        body: Value::Object(body),
        resources: vec![resource],
        ..Answer::default()
    })
}

/// The images of the repository that a request is about, and where that is.
pub(super) fn repository_of<'a>(
    ecr: &'a Ecr,
    request: &Value,
    caller: &Caller,
) -> Result<(&'a [Image], Name), AwsError> {
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let repository = text("repositoryName").filter(|repository| !repository.is_empty());
    let repository = repository.ok_or_else(|| {
        invalid("Invalid parameter at 'repositoryName' failed to satisfy constraint: 'Member must not be null'")
    })?;
    let region = if caller.region.is_empty() {
        "us-east-1"
    } else {
        &caller.region
    };
    let owner = ecr
        .repositories
        .keys()
        .find(|(_, at, name)| at == region && name == repository);
    let own = if caller.account.is_empty() {
        owner.map_or("123456789012", |(account, _, _)| account)
    } else {
        &caller.account
    };
    let account = text("registryId").unwrap_or(own);
    let place = name(account, region, repository);
    let images = ecr.repositories.get(&place).ok_or_else(|| {
        let message = format!("The repository with name '{repository}' does not exist in the registry with id '{account}'");
        AwsError::new("RepositoryNotFoundException", message)
    })?;
    Ok((images, place))
}

/// Manifests as they were pushed. What is missing is a failure of its own and no error.
fn batch_get_image(ecr: &Ecr, request: &Value, caller: &Caller) -> Result<Answer, AwsError> {
    let (images, place) = repository_of(ecr, request, caller)?;
    let (account, region, repository) = &place;
    let ids = request.get("imageIds").and_then(Value::as_array);
    let ids = ids
        .filter(|ids| (1..=100).contains(&ids.len()))
        .ok_or_else(|| {
            invalid(
                "Invalid parameter at 'imageIds' failed to satisfy constraint: 'between 1 and 100'",
            )
        })?;
    let accepted = request.get("acceptedMediaTypes").and_then(Value::as_array);
    if accepted.is_some_and(|types| !(1..=100).contains(&types.len())) {
        return Err(invalid("Invalid parameter at 'acceptedMediaTypes'"));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for id in ids {
        let image = find(images, id, account, repository);
        // The formats that the operation documents; an index only for who accepts it.
        let usual = image
            .as_ref()
            .is_ok_and(|image| image.manifest.media_type() == OCI_MANIFEST);
        let accepts = |media_type: &str| match accepted {
            None => usual,
            Some(types) => types.iter().any(|one| one == media_type),
        };
        match image {
            Ok(image)
                if image.status == ImageStatus::Active && accepts(image.manifest.media_type()) =>
            {
                let mut id = json!({ "imageDigest": image.digest });
                if let Some(tag) = image.tags.first() {
                    id["imageTag"] = json!(tag);
                }
                found.push(json!({
                    "registryId": account,
                    "repositoryName": repository,
                    "imageId": id,
                    "imageManifest": image.text(),
                    "imageManifestMediaType": image.manifest.media_type(),
                }));
            }
            Ok(image) => failures.push(json!({
                "imageId": id,
                "failureCode": match image.status {
                    ImageStatus::Active => "ImageNotFound",
                    ImageStatus::Archived | ImageStatus::Activating => "ImageInaccessible",
                },
                "failureReason": "Requested image cannot be given",
            })),
            Err(_) => failures.push(json!({
                "imageId": id,
                "failureCode": "ImageNotFound",
                "failureReason": "Requested image not found",
            })),
        }
    }
    Ok(Answer {
        body: json!({ "images": found, "failures": failures }),
        resources: vec![format!(
            "arn:aws:ecr:{region}:{account}:repository/{repository}"
        )],
        ..Answer::default()
    })
}

pub(super) fn find<'a>(
    images: &'a [Image],
    id: &Value,
    account: &str,
    repository: &str,
) -> Result<&'a Image, AwsError> {
    let text = |member: &str| id.get(member).and_then(Value::as_str);
    let (tag, digest) = (text("imageTag"), text("imageDigest"));
    if tag.is_none() && digest.is_none() {
        return Err(invalid(
            "Invalid request parameters: both tag and digest cannot be null",
        ));
    }
    let fits = |image: &&Image| {
        tag.is_none_or(|tag| image.tags.iter().any(|known| known == tag))
            && digest.is_none_or(|digest| image.digest == digest)
    };
    images.iter().find(fits).ok_or_else(|| {
        let id = format!(
            "{{imageDigest:'{}', imageTag:'{}'}}",
            digest.unwrap_or("null"),
            tag.unwrap_or("null")
        );
        let message = format!(
            "The image with imageId {id} does not exist within the repository with name '{repository}' in the registry with id '{account}'"
        );
        AwsError::new("ImageNotFoundException", message)
    })
}

fn document(image: &Image, account: &str, repository: &str) -> Value {
    let mut document = json!({
        "registryId": account,
        "repositoryName": repository,
        "imageDigest": image.digest,
        "imageSizeInBytes": image.size,
        "imagePushedAt": image.pushed.as_second(),
        "imageManifestMediaType": image.manifest.media_type(),
        "imageStatus": image.status.name(),
    });
    if let Some(media_type) = image.manifest.artifact_media_type() {
        document["artifactMediaType"] = json!(media_type);
    }
    if let Some(subject) = image.manifest.subject() {
        document["subjectManifestDigest"] = json!(subject);
    }
    if !image.tags.is_empty() {
        document["imageTags"] = json!(image.tags);
    }
    document
}

fn describe_repositories(ecr: &Ecr, request: &Value, caller: &Caller) -> Result<Answer, AwsError> {
    let region = if caller.region.is_empty() {
        "us-east-1"
    } else {
        &caller.region
    };
    let asked = request.get("repositoryNames").and_then(Value::as_array);
    let registry = request
        .get("registryId")
        .and_then(Value::as_str)
        .unwrap_or(&caller.account);
    let here =
        |(account, at, _): &&Name| at == region && (registry.is_empty() || registry == account);
    let known: Vec<_> = ecr.repositories.keys().filter(here).collect();
    let absent = asked
        .into_iter()
        .flatten()
        .find(|name| !known.iter().any(|(_, _, known)| json!(known) == **name));
    if let Some(name) = absent {
        let message = format!(
            "The repository with name {name} does not exist in the registry with id '{registry}'"
        );
        return Err(AwsError::new("RepositoryNotFoundException", message));
    }
    let wanted = known
        .into_iter()
        .filter(|(_, _, name)| asked.is_none_or(|asked| asked.contains(&json!(name))));
    let repositories: Vec<_> = wanted
        .map(|(account, region, name)| {
            let place = super::name(account, region, name);
            push::document(ecr, &place)
        })
        .collect();
    let resources = repositories
        .iter()
        .filter_map(|known| known["repositoryArn"].as_str())
        .map(str::to_owned)
        .collect();
    Ok(Answer {
        body: json!({ "repositories": repositories }),
        resources,
        ..Answer::default()
    })
}
