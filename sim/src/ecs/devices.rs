//! Devices and attestation in a task definition.

use serde_json::{Map, Value, json};

use super::ids::client;
use crate::AwsError;

/// What the model's documentation says beyond its shapes: a GPU that is shared needs no value, and who
/// attests needs a policy.
pub(super) fn check_devices(body: &Map<String, Value>) -> Result<(), AwsError> {
    let containers = body.get("containerDefinitions").and_then(Value::as_array);
    let devices = containers
        .into_iter()
        .flatten()
        .filter_map(|container| container.get("resourceRequirements")?.as_array())
        .flatten();
    for device in devices {
        let shared =
            device.get("type") == Some(&json!("GPU")) && device.get("sharingStrategy").is_some();
        let value = device.get("value").and_then(Value::as_str);
        if !shared && value.is_none_or(str::is_empty) {
            return Err(client(
                "ResourceRequirement.value should not be null or empty.",
            ));
        }
    }
    let trusted = body.get("trustedExecutionConfiguration");
    let confidential = trusted.is_some_and(|trusted| {
        trusted.get("isolationMode") == Some(&json!("CONFIDENTIAL_SANDBOX"))
            && trusted.get("attestationPolicy").is_none()
    });
    match confidential {
        true => Err(client(
            "attestationPolicy is required when isolationMode is CONFIDENTIAL_SANDBOX.",
        )),
        false => Ok(()),
    }
}
