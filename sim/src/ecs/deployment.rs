//! The operations on service deployments and service revisions: the truth about rollouts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    hook::HookAction,
    ids::invalid,
    operation::Turn,
    rollout::Happening,
    script::HEED,
    service::{Rollout, Service, Status},
    show::{missing, page, seconds},
};
use crate::{Answer, AwsError};

pub(super) fn list_service_deployments(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let cluster = turn.place.cluster(turn.request)?;
    let name = turn.required("service")?;
    let (start, size) = turn.paging(20, 100)?;
    let (request, now) = (turn.request, turn.now);
    let wanted = request
        .get("status")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty());
    let bound = |member: &str| {
        request
            .get("createdAt")
            .and_then(|bounds| bounds.get(member)?.as_f64())
    };
    let service = turn.place.service(&cluster, name)?.view(now);
    let fits = |rollout: &&Rollout| {
        let created = seconds(rollout.created).as_f64().unwrap_or_default();
        wanted.is_none_or(|wanted| wanted.contains(&json!(rollout.status.name())))
            && bound("before").is_none_or(|before| created < before)
            && bound("after").is_none_or(|after| created > after)
    };
    // AWS promises no order, so there is none.
    let mut all: Vec<&Rollout> = service.rollouts.iter().filter(fits).collect();
    all.sort_by_cached_key(|rollout| rollout.arn.chars().rev().collect::<String>());
    let all = all
        .into_iter()
        .map(|rollout| service.brief(rollout))
        .collect();
    let (items, mut body) = page(all, start, size);
    body.insert("serviceDeployments".to_owned(), json!(items));
    let resources = vec![service.arn()];
    Ok(Answer {
        body: Value::Object(body),
        resources,
        conditions: vec![turn.cluster_condition(&cluster)],
    })
}

/// Answers about things named by ARNs of this `kind`: found ones under `member`, the others as failures.
fn by_arn(
    turn: &Turn<'_>,
    (asked, kind, member): (&str, &str, &str),
    document: impl Fn(&Service, &str) -> Option<Value>,
) -> Result<Answer, AwsError> {
    let arns = turn.list(asked, 20)?;
    let (mut found, mut failures, mut conditions) = (Vec::new(), Vec::new(), Vec::new());
    for arn in &arns {
        let resource = turn.place.home.resource(arn)?;
        if !arn.starts_with("arn:") || !resource.starts_with(&format!("{kind}/")) {
            return Err(invalid(format!("Invalid identifier: {arn}")));
        }
        let mut parts = resource.split('/').skip(1);
        if let (Some(cluster), Some(service)) = (parts.next(), parts.next()) {
            conditions.push(turn.cluster_condition(cluster));
            conditions.push((
                "ecs:service".to_owned(),
                turn.place.home.arn(&format!("service/{cluster}/{service}")),
            ));
        }
        let known = turn
            .place
            .services()
            .find_map(|service| document(service.view(turn.now), arn));
        match known {
            Some(known) => found.push(known),
            None => failures.push(missing(arn)),
        }
    }
    conditions.dedup();
    Ok(Answer {
        body: json!({ member: found, "failures": failures }),
        resources: arns.iter().map(|arn| (*arn).to_owned()).collect(),
        conditions,
    })
}

pub(super) fn describe_service_deployments(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let names = (
        "serviceDeploymentArns",
        "service-deployment",
        "serviceDeployments",
    );
    by_arn(turn, names, |service, arn| {
        let rollout = service.rollouts.iter().find(|rollout| rollout.arn == arn)?;
        Some(service.rollout_document(rollout))
    })
}

pub(super) fn describe_service_revisions(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let names = (
        "serviceRevisionArns",
        "service-revision",
        "serviceRevisions",
    );
    by_arn(turn, names, |service, arn| {
        Some(service.revision_document(service.revision(arn)?))
    })
}

/// From PENDING and IN_PROGRESS it rolls back; while stopping or rolling back it changes nothing
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html>). The model
/// lists `ABORT`, the documentation of the operation says "valid values are ROLLBACK".
pub(super) fn stop_service_deployment(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let arn = turn.required("serviceDeploymentArn")?;
    turn.place.home.resource(arn)?;
    match turn.text("stopType") {
        None | Some("ROLLBACK") => {}
        Some(other) => return Err(invalid(format!("Invalid stop type: {other}"))),
    }
    let services = turn
        .place
        .clusters
        .values_mut()
        .flat_map(BTreeMap::values_mut);
    let mut services = services.into_iter();
    let service =
        services.find(|service| service.rollouts.iter().any(|rollout| rollout.arn == arn));
    let unknown = || {
        AwsError::new(
            "ServiceDeploymentNotFoundException",
            "Service deployment not found.",
        )
    };
    let service = service.ok_or_else(unknown)?;
    let rollout = service.rollout(arn).ok_or_else(unknown)?;
    let heeded = turn.now + turn.around.lasts(HEED);
    match rollout.status {
        Status::Pending | Status::InProgress => {
            rollout.updated = turn.now;
            rollout.status = Status::RollbackRequested;
            rollout.reason = Some("Service deployment stopped by the user.".to_owned());
            service.plan(heeded, Happening::RollBack(arn.to_owned()));
        }
        Status::StopRequested | Status::RollbackRequested | Status::RollbackInProgress => {}
        status => {
            let message = format!(
                "Cannot stop a service deployment that is {}.",
                status.name()
            );
            return Err(AwsError::new("ConflictException", message));
        }
    }
    let conditions = vec![
        ("ecs:cluster".to_owned(), service.cluster_arn()),
        ("ecs:service".to_owned(), service.arn()),
    ];
    Ok(Answer {
        body: json!({ "serviceDeploymentArn": arn }),
        resources: vec![arn.to_owned()],
        conditions,
    })
}

/// Answers a pause hook that waits; without `action` the rollout goes on
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html>).
pub(super) fn continue_service_deployment(turn: &mut Turn<'_>) -> Result<Answer, AwsError> {
    let arn = turn.required("serviceDeploymentArn")?;
    let id = turn.required("hookId")?;
    turn.place.home.resource(arn)?;
    let action = match turn.text("action") {
        None => HookAction::Continue,
        word => HookAction::of(word).ok_or_else(|| invalid("Invalid action."))?,
    };
    let services = turn.place.clusters.values_mut();
    let service = services
        .flat_map(BTreeMap::values_mut)
        .find(|service| service.rollouts.iter().any(|rollout| rollout.arn == arn));
    let service = service.ok_or_else(|| {
        AwsError::new(
            "ServiceDeploymentNotFoundException",
            "Service deployment not found.",
        )
    })?;
    if !service.answer_hook(turn.now, arn, id, action, &mut turn.around) {
        return Err(invalid("The lifecycle hook is not awaiting an action."));
    }
    Ok(Answer {
        body: json!({ "serviceDeploymentArn": arn }),
        resources: vec![arn.to_owned()],
        conditions: vec![
            ("ecs:cluster".to_owned(), service.cluster_arn()),
            ("ecs:service".to_owned(), service.arn()),
        ],
    })
}
