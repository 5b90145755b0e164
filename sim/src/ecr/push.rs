//! The operations by which people fill a registry by hand, and look into it. The product calls none of
//! these. Layers are not kept: a manifest may name any.

use base64::Engine as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::serve::{invalid, repository_of};
use super::{Ecr, Image, ImageStatus, Manifest, Name, digest, name};
use crate::{Answer, AwsError, Caller};

/// How long a token to log in with works.
const TOKEN: SignedDuration = SignedDuration::from_hours(12);

fn text<'a>(request: &'a Value, member: &str) -> Option<&'a str> {
    request.get(member).and_then(Value::as_str)
}

fn account(request: &Value, caller: &Caller) -> String {
    let own = match caller.account.is_empty() {
        true => "123456789012",
        false => &caller.account,
    };
    text(request, "registryId").unwrap_or(own).to_owned()
}

fn region(caller: &Caller) -> &str {
    match caller.region.is_empty() {
        true => "us-east-1",
        false => &caller.region,
    }
}

fn arn((account, region, repository): &Name) -> String {
    format!("arn:aws:ecr:{region}:{account}:repository/{repository}")
}

/// A repository, as ECR shows it.
pub(super) fn document(ecr: &Ecr, place: &Name) -> Value {
    let (account, region, repository) = place;
    let exclusions = ecr.exclusions.get(place).cloned().unwrap_or_default();
    let mutability = match (ecr.immutable.contains(place), exclusions.is_empty()) {
        (true, true) => "IMMUTABLE",
        (true, false) => "IMMUTABLE_WITH_EXCLUSION",
        (false, true) => "MUTABLE",
        (false, false) => "MUTABLE_WITH_EXCLUSION",
    };
    let mut document = json!({
        "repositoryArn": arn(place),
        "registryId": account,
        "repositoryName": repository,
        "repositoryUri": format!("{account}.dkr.ecr.{region}.amazonaws.com/{repository}"),
        "imageTagMutability": mutability,
    });
    if !exclusions.is_empty() {
        let filters = exclusions.iter();
        let filters = filters.map(|one| json!({"filterType": "WILDCARD", "filter": one}));
        document["imageTagMutabilityExclusionFilters"] = filters.collect();
    }
    document
}

/// The pattern in ECR's model, in words: parts of lower-case letters and digits, each joined inside by
/// single `.`, `_`, `__` or `-`s, between slashes.
fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        let ends =
            |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        ends(part.bytes().next())
            && ends(part.bytes().next_back())
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    };
    (2..=256).contains(&text.len()) && text.split('/').all(part)
}

pub(super) fn create_repository(
    ecr: &mut Ecr,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let repository = text(request, "repositoryName").unwrap_or_default();
    if !is_repository(repository) {
        return Err(invalid(
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression'",
        ));
    }
    let place = name(&account(request, caller), region(caller), repository);
    if ecr.repositories.contains_key(&place) {
        let message = format!(
            "The repository with name '{repository}' already exists in the registry with id '{}'",
            place.0
        );
        return Err(AwsError::new("RepositoryAlreadyExistsException", message));
    }
    ecr.repositories.insert(place.clone(), Vec::new());
    if text(request, "imageTagMutability") == Some("IMMUTABLE") {
        ecr.immutable.insert(place.clone());
    }
    Ok(Answer {
        body: json!({ "repository": document(ecr, &place) }),
        resources: vec![arn(&place)],
        ..Answer::default()
    })
}

/// What is known by this manifest already gets the tag, which is how people give an image another tag.
pub(super) fn put_image(
    ecr: &mut Ecr,
    now: Timestamp,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let (images, place) = repository_of(ecr, request, caller)?;
    let manifest = text(request, "imageManifest").filter(|text| !text.is_empty());
    let manifest = manifest.ok_or_else(|| {
        invalid("Invalid parameter at 'imageManifest' failed to satisfy constraint: 'Member must not be null'")
    })?;
    let document: Value = serde_json::from_str(manifest)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| invalid("Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"))?;
    let known = images.iter().find(|image| image.text() == manifest);
    let own = known.map_or_else(|| digest(manifest), |image| image.digest.clone());
    if text(request, "imageDigest").is_some_and(|given| given != own) {
        return Err(AwsError::new(
            "ImageDigestDoesNotMatchException",
            "The specified image digest does not match the digest of the image manifest.",
        ));
    }
    let (account, _, repository) = &place;
    let tag = text(request, "imageTag");
    let tagged = images
        .iter()
        .find(|image| tag.is_some_and(|tag| image.tags.iter().any(|known| known == tag)));
    let there = match tag {
        None => known.is_some(),
        Some(_) => tagged.is_some_and(|image| image.digest == own),
    };
    if there {
        let tag = tag.unwrap_or("null");
        let message = format!(
            "Image with digest '{own}' and tag '{tag}' already exists in the repository with name '{repository}' in registry with id '{account}'"
        );
        return Err(AwsError::new("ImageAlreadyExistsException", message));
    }
    if let (Some(tag), Some(_), true) = (tag, tagged, ecr.immutable.contains(&place)) {
        let message = format!(
            "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the tag is immutable."
        );
        return Err(AwsError::new("ImageTagAlreadyExistsException", message));
    }
    let images = ecr.repositories.entry(place.clone()).or_default();
    for image in images.iter_mut() {
        image.tags.retain(|known| tag != Some(known.as_str()));
    }
    let tags = tag.map(str::to_owned).into_iter();
    match images.iter_mut().find(|image| image.digest == own) {
        Some(image) => image.tags.extend(tags),
        None => images.push(Image {
            digest: own.clone(),
            tags: tags.collect(),
            pushed: now,
            size: u64::try_from(manifest.len()).unwrap_or_default(),
            status: ImageStatus::Active,
            manifest: Manifest::read(&document),
            pushed_as: Some(manifest.to_owned()),
            scan: None,
        }),
    }
    let mut id = json!({ "imageDigest": own });
    if let Some(tag) = tag {
        id["imageTag"] = json!(tag);
    }
    Ok(Answer {
        body: json!({ "image": {
            "registryId": place.0, "repositoryName": place.2, "imageId": id, "imageManifest": manifest,
        } }),
        resources: vec![arn(&place)],
        ..Answer::default()
    })
}

/// One entry a tag, and one for what has none.
pub(super) fn list_images(ecr: &Ecr, request: &Value, caller: &Caller) -> Result<Answer, AwsError> {
    let (images, place) = repository_of(ecr, request, caller)?;
    let wanted = |member: &str| {
        request
            .get("filter")
            .and_then(|filter| text(filter, member))
    };
    let status = wanted("imageStatus").unwrap_or("ACTIVE");
    let shown = images
        .iter()
        .filter(|image| status == "ANY" || image.status.name() == status);
    let mut ids: Vec<Value> = Vec::new();
    for image in shown {
        let digest = &image.digest;
        let tagged = image.tags.iter();
        let tagged = tagged.map(|tag| json!({ "imageDigest": digest, "imageTag": tag }));
        match (wanted("tagStatus"), image.tags.is_empty()) {
            (Some("UNTAGGED"), false) | (Some("TAGGED"), true) => {}
            (_, true) => ids.push(json!({ "imageDigest": digest })),
            (_, false) => ids.extend(tagged),
        }
    }
    let most = match request.get("maxResults").and_then(Value::as_u64) {
        None => 100,
        Some(most @ 1..=1000) => usize::try_from(most).unwrap_or(100),
        Some(most) => {
            return Err(invalid(format!(
                "maxResults must be between 1 and 1000, not {most}"
            )));
        }
    };
    let start = match text(request, "nextToken") {
        None => 0,
        Some(token) => {
            let start = token
                .strip_prefix("page-")
                .and_then(|start| start.parse().ok());
            start.ok_or_else(|| invalid("Invalid nextToken"))?
        }
    };
    let mut body = json!({});
    if start + most < ids.len() {
        body["nextToken"] = json!(format!("page-{}", start + most));
    }
    body["imageIds"] = ids.into_iter().skip(start).take(most).collect();
    Ok(Answer {
        body,
        resources: vec![arn(&place)],
        ..Answer::default()
    })
}

/// What `docker login` takes. No registry is served here that would ask for it.
pub(super) fn get_authorization_token(
    now: Timestamp,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let asked = request.get("registryIds").and_then(Value::as_array);
    if asked.is_some_and(|asked| asked.is_empty() || asked.len() > 10) {
        return Err(invalid("Invalid parameter at 'registryIds'"));
    }
    let accounts = match asked {
        None => vec![account(request, caller)],
        Some(asked) => asked
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    };
    let region = region(caller);
    let data = accounts.iter().map(|account| {
        let secret = format!("AWS:simulated-{account}");
        json!({
            "authorizationToken": base64::engine::general_purpose::STANDARD.encode(secret),
            "expiresAt": (now + TOKEN).as_second(),
            "proxyEndpoint": format!("https://{account}.dkr.ecr.{region}.amazonaws.com"),
        })
    });
    Ok(Answer {
        body: json!({ "authorizationData": data.collect::<Vec<_>>() }),
        resources: vec!["*".to_owned()],
        ..Answer::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::State;
    use crate::ecr::handle;

    const ACCOUNT: &str = "111111111111";

    fn ask(state: &mut State, operation: &str, request: &Value) -> Result<Value, String> {
        let caller = Caller {
            account: ACCOUNT.to_owned(),
            region: "eu-west-1".to_owned(),
            ..Caller::default()
        };
        handle(state, Timestamp::UNIX_EPOCH, operation, request, &caller)
            .map(|answer| answer.body)
            .map_err(|error| format!("{}: {}", error.code, error.message))
    }

    fn images(state: &mut State, filter: &Value) -> Value {
        let request = json!({ "repositoryName": "mine/app", "filter": filter });
        ask(state, "ListImages", &request).unwrap()["imageIds"].take()
    }

    #[test]
    fn a_repository_is_made_filled_and_listed_by_hand() {
        let mut state = State::default();
        let mine = json!({ "repositoryName": "mine/app" });
        let made = ask(&mut state, "CreateRepository", &mine).unwrap();
        let uri = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/mine/app";
        assert_eq!(made["repository"]["repositoryUri"], uri);
        let twice = ask(&mut state, "CreateRepository", &mine).unwrap_err();
        assert!(
            twice.starts_with("RepositoryAlreadyExistsException"),
            "{twice}"
        );
        for wrong in ["", "A", "a", "Mine", "mine/", "-mine", "mine app", "mine:1"] {
            let refused = ask(
                &mut state,
                "CreateRepository",
                &json!({ "repositoryName": wrong }),
            );
            assert!(
                refused
                    .unwrap_err()
                    .starts_with("InvalidParameterException"),
                "{wrong}"
            );
        }
        let manifest = r#"{"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.image.config.v1+json"}, "layers": []}"#;
        let mut put =
            json!({ "repositoryName": "mine/app", "imageManifest": manifest, "imageTag": "1" });
        let answer = ask(&mut state, "PutImage", &put).unwrap();
        // The digest is the manifest's, as everywhere.
        let own = digest(manifest);
        assert_eq!(
            answer["image"]["imageId"],
            json!({ "imageDigest": own, "imageTag": "1" })
        );
        let again = ask(&mut state, "PutImage", &put).unwrap_err();
        assert!(again.starts_with("ImageAlreadyExistsException"), "{again}");
        put["imageTag"] = json!("2");
        ask(&mut state, "PutImage", &put).unwrap();
        let both = json!([{ "imageDigest": own, "imageTag": "1" }, { "imageDigest": own, "imageTag": "2" }]);
        assert_eq!(images(&mut state, &json!({ "tagStatus": "TAGGED" })), both);
        assert_eq!(
            images(&mut state, &json!({ "tagStatus": "UNTAGGED" })),
            json!([])
        );
        let fetched = json!({ "repositoryName": "mine/app", "imageIds": [{ "imageTag": "2" }] });
        let fetched = ask(&mut state, "BatchGetImage", &fetched).unwrap();
        assert_eq!(fetched["images"][0]["imageManifest"], manifest);
        assert_eq!(state.ecr.resolve(&format!("{uri}:2")), Ok(Some(own)));
        put["imageDigest"] = json!(digest("another"));
        let refused = ask(&mut state, "PutImage", &put).unwrap_err();
        assert!(
            refused.starts_with("ImageDigestDoesNotMatchException"),
            "{refused}"
        );
        put["imageManifest"] = json!("{");
        assert!(
            ask(&mut state, "PutImage", &put)
                .unwrap_err()
                .contains("Invalid JSON syntax")
        );
        let gone = json!({ "repositoryName": "gone", "imageManifest": manifest });
        assert!(
            ask(&mut state, "PutImage", &gone)
                .unwrap_err()
                .starts_with("RepositoryNotFoundException")
        );
    }

    #[test]
    fn an_image_gets_another_tag_by_its_manifest() {
        let mut state = State::default();
        for name in ["one", "two"] {
            state.ecr.push(
                ACCOUNT,
                "eu-west-1",
                "webapp",
                &[name],
                &digest(name),
                Timestamp::UNIX_EPOCH,
            );
        }
        let fetch = json!({ "repositoryName": "webapp", "imageIds": [{ "imageTag": "two" }] });
        let fetched = ask(&mut state, "BatchGetImage", &fetch).unwrap();
        let manifest = &fetched["images"][0]["imageManifest"];
        let put =
            json!({ "repositoryName": "webapp", "imageManifest": manifest, "imageTag": "one" });
        let answer = ask(&mut state, "PutImage", &put).unwrap();
        assert_eq!(answer["image"]["imageId"]["imageDigest"], digest("two"));
        let one = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp:one";
        assert_eq!(state.ecr.resolve(one), Ok(Some(digest("two"))));
        let untagged = json!({ "repositoryName": "webapp", "filter": { "tagStatus": "UNTAGGED" } });
        let listed = ask(&mut state, "ListImages", &untagged).unwrap();
        assert_eq!(
            listed["imageIds"],
            json!([{ "imageDigest": digest("one") }])
        );
        let page = json!({ "repositoryName": "webapp", "maxResults": 1 });
        let first = ask(&mut state, "ListImages", &page).unwrap();
        let rest = json!({ "repositoryName": "webapp", "nextToken": first["nextToken"] });
        let rest = ask(&mut state, "ListImages", &rest).unwrap();
        assert_eq!(rest["imageIds"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn immutable_tags_stay() {
        let mut state = State::default();
        let make = json!({ "repositoryName": "fixed", "imageTagMutability": "IMMUTABLE" });
        let made = ask(&mut state, "CreateRepository", &make).unwrap();
        assert_eq!(made["repository"]["imageTagMutability"], "IMMUTABLE");
        for (manifest, refused) in [
            (r#"{"a":1}"#, None),
            (r#"{"a":2}"#, Some("ImageTagAlreadyExistsException")),
        ] {
            let put =
                json!({ "repositoryName": "fixed", "imageManifest": manifest, "imageTag": "1" });
            let answer = ask(&mut state, "PutImage", &put);
            match refused {
                None => drop(answer.unwrap()),
                Some(code) => assert!(answer.unwrap_err().starts_with(code)),
            }
        }
    }

    #[test]
    fn a_token_to_log_in_with_is_given() {
        let mut state = State::default();
        let answer = ask(&mut state, "GetAuthorizationToken", &json!({})).unwrap();
        let data = &answer["authorizationData"][0];
        assert_eq!(
            data["proxyEndpoint"],
            "https://111111111111.dkr.ecr.eu-west-1.amazonaws.com"
        );
        assert_eq!(data["expiresAt"], 12 * 3600);
        let token = data["authorizationToken"].as_str().unwrap();
        let token = base64::engine::general_purpose::STANDARD
            .decode(token)
            .unwrap();
        assert!(String::from_utf8(token).unwrap().starts_with("AWS:"));
        let two = json!({ "registryIds": ["222222222222", "333333333333"] });
        let answer = ask(&mut state, "GetAuthorizationToken", &two).unwrap();
        assert_eq!(answer["authorizationData"].as_array().unwrap().len(), 2);
        assert!(
            ask(
                &mut state,
                "GetAuthorizationToken",
                &json!({ "registryIds": [] })
            )
            .is_err()
        );
    }
}
