//! Task definitions: registering with AWS's checks, families and revisions, and the references by
//! which other calls name them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    containers,
    devices::check_devices,
    ids::{Home, client, invalid},
    shape,
    show::seconds,
    size,
};
use crate::AwsError;

/// One revision of a family.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) arn: String,
    pub(super) family: String,
    pub(super) revision: u32,
    pub(super) active: bool,
    pub(super) tags: Vec<Value>,
    /// The request's members, with the defaults ECS fills in.
    body: Map<String, Value>,
    registered: Timestamp,
    registered_by: String,
    deregistered: Option<Timestamp>,
    /// When its deletion was asked for: after being deregistered.
    deletion: Option<Timestamp>,
}

/// Checks a `RegisterTaskDefinition` request and makes the family's next revision of it.
///
/// # Errors
/// As ECS: `ClientException`, `InvalidParameterException` for tags, `SerializationException`.
pub(super) fn register(
    home: &Home,
    known: &mut Vec<Definition>,
    now: Timestamp,
    request: &Value,
    by: &str,
) -> Result<Definition, AwsError> {
    let mut body = shape::read(request)?;
    let family = body
        .get("family")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let length = request.to_string().len();
    if length > 65_536 {
        return Err(client(format!(
            "Actual length: '{length}'. Max allowed length is '65536' bytes."
        )));
    }
    let tags = match body.remove("tags") {
        Some(Value::Array(tags)) => tags,
        _ => Vec::new(),
    };
    check_tags(&tags)?;
    size::convert(&mut body)?;
    check_containers(&body)?;
    containers::check(&body)?;
    check_roles(&body)?;
    check_devices(&body)?;
    if body
        .get("requiresCompatibilities")
        .is_some_and(|asked| names(asked, "FARGATE"))
    {
        size::check_fargate(&body)?;
    }
    fill_in(&mut body);
    let revision = known
        .iter()
        .map(|definition| definition.revision)
        .max()
        .unwrap_or(0)
        + 1;
    let definition = Definition {
        arn: home.arn(&format!("task-definition/{family}:{revision}")),
        family,
        revision,
        active: true,
        tags,
        body,
        registered: now,
        registered_by: by.to_owned(),
        deregistered: None,
        deletion: None,
    };
    known.push(definition.clone());
    Ok(definition)
}

fn names(list: &Value, name: &str) -> bool {
    list.as_array()
        .is_some_and(|list| list.contains(&json!(name)))
}

/// Whether a family (or a container) may be called this.
pub(super) fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn check_containers(body: &Map<String, Value>) -> Result<(), AwsError> {
    let family = body
        .get("family")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !is_name(family) {
        return Err(client("Family contains invalid characters."));
    }
    let containers = body.get("containerDefinitions").and_then(Value::as_array);
    let containers = containers.filter(|list| !list.is_empty());
    let containers = containers.ok_or_else(|| client("Container list cannot be empty."))?;
    let text = |container: &Value, member: &str| {
        container
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut seen = Vec::new();
    for container in containers {
        let (name, image) = (text(container, "name"), text(container, "image"));
        for (member, value) in [("name", &name), ("image", &image)] {
            if value.is_empty() {
                return Err(client(format!(
                    "Container.{member} should not be null or empty."
                )));
            }
        }
        if !is_name(&name) {
            return Err(client("Container.name contains invalid characters."));
        }
        if !is_image(&image) {
            return Err(client("Container.image contains invalid characters."));
        }
        if seen.contains(&name) {
            return Err(client(
                "Container names must be unique within a task definition.",
            ));
        }
        let memory = ["memory", "memoryReservation"]
            .iter()
            .any(|member| container.get(member).is_some());
        if !memory && body.get("memory").is_none() {
            return Err(client(format!(
                "Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must be specified."
            )));
        }
        seen.push(name);
    }
    if containers
        .iter()
        .all(|container| container.get("essential") == Some(&json!(false)))
    {
        return Err(client(
            "A task definition must have at least one essential container.",
        ));
    }
    Ok(())
}

/// Letters, digits and `-_./:@`, and after an `@` a whole digest.
fn is_image(image: &str) -> bool {
    let fits = image.len() <= 255
        && image
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@".contains(&byte));
    let digest = image.split_once('@').is_none_or(|(name, digest)| {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        !name.is_empty() && hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    fits && digest
}

/// A role is named by its ARN. ECS fills in what only its name is given of, of a role that exists; there
/// are no roles here to look among.
fn check_roles(body: &Map<String, Value>) -> Result<(), AwsError> {
    for member in ["taskRoleArn", "executionRoleArn"] {
        let role = body.get(member).and_then(Value::as_str);
        if role.is_some_and(|role| !is_role(role)) {
            return Err(client("Role is not valid"));
        }
    }
    Ok(())
}

/// `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`
fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [scheme, partition, service, region, account, resource] = parts[..] else {
        return false;
    };
    let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let name = resource.strip_prefix("role/").unwrap_or_default();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&byte);
    scheme == "arn"
        && partition.starts_with("aws")
        && (service, region) == ("iam", "")
        && digits
        && !name.is_empty()
        && !name.ends_with('/')
        && name.bytes().all(known)
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html#tag-restrictions>
pub(super) fn check_tags(tags: &[Value]) -> Result<(), AwsError> {
    if tags.len() > 50 {
        return Err(invalid("Tags can not contain more than 50 items."));
    }
    let fits = |text: &str| {
        text.chars()
            .all(|letter| letter.is_alphanumeric() || " +-=._:/@".contains(letter))
    };
    let mut keys = Vec::new();
    for tag in tags {
        let key = tag.get("key").and_then(Value::as_str).unwrap_or_default();
        let value = tag.get("value").and_then(Value::as_str).unwrap_or_default();
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid(
                "Tag keys starting with 'aws:' are reserved for system use.",
            ));
        }
        if key.is_empty() || key.chars().count() > 128 || !fits(key) {
            return Err(invalid("Invalid tag key."));
        }
        if value.chars().count() > 256 || !fits(value) {
            return Err(invalid(format!("Invalid tag value for key {key}.")));
        }
        if keys.contains(&key) {
            return Err(invalid("Duplicate tag keys are not allowed."));
        }
        keys.push(key);
    }
    Ok(())
}

/// The defaults that `DescribeTaskDefinition` shows for what a request left out.
fn fill_in(body: &mut Map<String, Value>) {
    for member in ["volumes", "placementConstraints"] {
        body.entry(member).or_insert_with(|| json!([]));
    }
    let awsvpc = body.get("networkMode") == Some(&json!("awsvpc"));
    let containers = body
        .get_mut("containerDefinitions")
        .and_then(Value::as_array_mut);
    for container in containers
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        for member in [
            "portMappings",
            "environment",
            "mountPoints",
            "volumesFrom",
            "systemControls",
        ] {
            container.entry(member).or_insert_with(|| json!([]));
        }
        container.entry("cpu").or_insert_with(|| json!(0));
        container.entry("essential").or_insert_with(|| json!(true));
        let ports = container
            .get_mut("portMappings")
            .and_then(Value::as_array_mut);
        for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
            port.entry("protocol").or_insert_with(|| json!("tcp"));
            if let Some(number) = port.get("containerPort").cloned().filter(|_| awsvpc) {
                port.entry("hostPort").or_insert(number);
            }
        }
    }
}

impl Definition {
    /// How its containers reach the network.
    pub(super) fn network_mode(&self) -> Option<&str> {
        self.body.get("networkMode").and_then(Value::as_str)
    }

    /// What it can be launched on.
    pub(super) fn compatibilities(&self) -> Vec<&'static str> {
        size::compatibilities(&self.body)
    }

    /// The architecture of its tasks, as OCI calls it.
    pub(super) fn architecture(&self) -> &'static str {
        crate::ecr::architecture(&Value::Object(self.body.clone()))
    }

    pub(super) fn containers(&self) -> impl Iterator<Item = &Value> {
        self.body
            .get("containerDefinitions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    /// The request that would register the same again, without tags.
    pub(super) fn request(&self) -> Value {
        Value::Object(self.body.clone())
    }

    pub(super) fn deregister(&mut self, now: Timestamp) {
        self.active = false;
        self.deregistered.get_or_insert(now);
    }

    /// It is being deleted, while something still runs it.
    pub(super) fn delete(&mut self, now: Timestamp) {
        self.deregister(now);
        self.deletion.get_or_insert(now);
    }

    /// What ECS says of whether it can be run.
    fn status(&self) -> &'static str {
        match (self.active, self.deletion) {
            (true, _) => "ACTIVE",
            (false, None) => "INACTIVE",
            (false, Some(_)) => "DELETE_IN_PROGRESS",
        }
    }

    /// The `taskDefinition` document of answers.
    pub(super) fn document(&self) -> Value {
        let mut document = self.body.clone();
        let own = json!({
            "taskDefinitionArn": self.arn,
            "family": self.family,
            "revision": self.revision,
            "status": self.status(),
            "requiresAttributes": [{ "name": "com.amazonaws.ecs.capability.docker-remote-api.1.18" }],
            "compatibilities": self.compatibilities(),
            "registeredAt": seconds(self.registered),
            "registeredBy": self.registered_by,
        });
        document.extend(own.as_object().cloned().unwrap_or_default());
        if let Some(at) = self.deregistered {
            document.insert("deregisteredAt".to_owned(), seconds(at));
        }
        if let Some(at) = self.deletion {
            document.insert("deleteRequestedAt".to_owned(), seconds(at));
        }
        Value::Object(document)
    }
}

/// `family`, `family:revision` or the ARN of either, taken apart.
pub(super) fn parse<'a>(home: &Home, text: &'a str) -> Result<(&'a str, Option<u32>), AwsError> {
    let resource = home.resource(text)?;
    let name = resource
        .strip_prefix("task-definition/")
        .unwrap_or(resource);
    match name.split_once(':') {
        None => Ok((name, None)),
        Some((family, revision)) => match revision.parse() {
            Ok(revision) => Ok((family, Some(revision))),
            Err(_) => Err(client(format!(
                "Invalid revision number. Number: {revision}"
            ))),
        },
    }
}
