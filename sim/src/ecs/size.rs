//! How large a task may be: the units in which people write it, what Fargate has, and on what a task
//! definition can be launched.

use serde_json::{Map, Value, json};

use super::ids::{client, invalid};
use crate::AwsError;

/// CPU units of one vCPU, and MiB of one GB.
const WHOLE: f64 = 1024.0;
/// CPU units that a task may have on EC2.
const CPU: std::ops::RangeInclusive<u32> = 128..=196_608;

/// Makes `1 vCPU` 1024 and `2 GB` 2048, as registering does.
///
/// # Errors
/// `InvalidParameterException` for what is neither a number nor a number of these units.
pub(super) fn convert(body: &mut Map<String, Value>) -> Result<(), AwsError> {
    for (member, unit) in [("cpu", "vcpu"), ("memory", "gb")] {
        let Some(written) = body.get(member).and_then(Value::as_str) else {
            continue;
        };
        let wrong = || invalid(format!("Invalid '{member}' setting for task."));
        let units = in_units(written, unit).ok_or_else(wrong)?;
        if member == "cpu" && !CPU.contains(&units) {
            return Err(wrong());
        }
        body.insert(member.to_owned(), json!(units.to_string()));
    }
    Ok(())
}

fn in_units(written: &str, unit: &str) -> Option<u32> {
    let written = written.trim().to_ascii_lowercase();
    let Some(number) = written.strip_suffix(unit) else {
        return written.parse().ok().filter(|units| *units > 0);
    };
    let units = number.trim().parse::<f64>().ok()? * WHOLE;
    let fits = units.is_finite() && (1.0..=f64::from(u32::MAX)).contains(&units);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "its range has just been checked"
    )]
    fits.then(|| units.round() as u32)
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>
pub(super) fn check_fargate(body: &Map<String, Value>) -> Result<(), AwsError> {
    if body.get("networkMode") != Some(&json!("awsvpc")) {
        return Err(client("Fargate only supports network mode 'awsvpc'."));
    }
    for member in ["cpu", "memory"] {
        if body.get(member).is_none() {
            return Err(client(format!(
                "Fargate requires that '{member}' be defined at the task level."
            )));
        }
    }
    let number = |member: &str| body.get(member)?.as_str()?.parse::<u32>().ok();
    let within = |memory: u32, least: u32, most: u32, step: u32| {
        (least..=most).contains(&memory) && memory.is_multiple_of(step)
    };
    let fits = match (number("cpu"), number("memory")) {
        (Some(256), Some(memory)) => [512, 1024, 2048].contains(&memory),
        (Some(512), Some(memory)) => within(memory, 1024, 4096, 1024),
        (Some(1024), Some(memory)) => within(memory, 2048, 8192, 1024),
        (Some(2048), Some(memory)) => within(memory, 4096, 16_384, 1024),
        (Some(4096), Some(memory)) => within(memory, 8192, 30_720, 1024),
        (Some(8192), Some(memory)) => within(memory, 16_384, 61_440, 4096),
        (Some(16_384), Some(memory)) => within(memory, 32_768, 122_880, 8192),
        _ => false,
    };
    if !fits {
        return Err(client("No Fargate configuration exists for given values."));
    }
    let volumes = body.get("volumes").and_then(Value::as_array);
    let on_host = |volume: &Value| volume.pointer("/host/sourcePath").is_some();
    if volumes.into_iter().flatten().any(on_host) {
        return Err(client(
            "Fargate compatible task definitions do not support sourcePath",
        ));
    }
    let containers = body.get("containerDefinitions").and_then(Value::as_array);
    let mut containers = containers.into_iter().flatten();
    if containers
        .clone()
        .any(|container| container.get("privileged") == Some(&json!(true)))
    {
        return Err(client(
            "Fargate compatible task definitions do not support privileged containers",
        ));
    }
    let private = containers.any(|container| {
        let image = container.get("image").and_then(Value::as_str);
        image.is_some_and(crate::ecr::is_private)
    });
    if body.get("executionRoleArn").is_none() && private {
        return Err(client(
            "Fargate requires task definition to have execution role ARN to support ECR images.",
        ));
    }
    Ok(())
}

/// What a task definition can be launched on: `compatibilities`. Whoever asked for some has no others,
/// but that what runs on Fargate runs on EC2 too.
pub(super) fn compatibilities(body: &Map<String, Value>) -> Vec<&'static str> {
    let asked = body
        .get("requiresCompatibilities")
        .and_then(Value::as_array);
    let asked = asked.filter(|asked| !asked.is_empty());
    let wants = |name: &str| asked.is_none_or(|asked| asked.contains(&json!(name)));
    let mut found = vec!["EC2"];
    if wants("FARGATE") && check_fargate(body).is_ok() {
        found.push("FARGATE");
    }
    if wants("EXTERNAL") && body.get("networkMode") != Some(&json!("awsvpc")) {
        found.push("EXTERNAL");
    }
    found
}
