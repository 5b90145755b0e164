use serde_json::{Value, json};

use super::*;
use crate::ecs::every_field;

/// What every refusal is a change of.
fn valid() -> Value {
    task_definition(
        ACCOUNT,
        REGION,
        "api",
        &[("app", "111111111111.dkr.ecr.eu-west-1.amazonaws.com/api:1")],
    )
}

#[test]
fn every_field_comes_back_as_it_went_in() {
    let mut story = Story::new();
    let request = every_field();
    story.call("RegisterTaskDefinition", request.clone());
    let answer = story.call(
        "DescribeTaskDefinition",
        json!({ "taskDefinition": "every-field", "include": ["TAGS"] }),
    );
    for (member, value) in request.as_object().unwrap() {
        let back = if member == "tags" {
            &answer["tags"]
        } else {
            &answer["taskDefinition"][member]
        };
        assert_eq!(back, value, "{member}");
    }
}

#[test]
fn revisions_count_up_and_references_find_them() {
    let mut story = Story::new();
    for _ in 0..3 {
        story.call("RegisterTaskDefinition", valid());
    }
    let arn = "arn:aws:ecs:eu-west-1:111111111111:task-definition/api";
    story.call(
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": format!("{arn}:3") }),
    );
    for (name, revision) in [
        ("api", 2),
        ("api:1", 1),
        ("api:3", 3),
        (arn, 2),
        (&format!("{arn}:1"), 1),
    ] {
        let answer = story.call("DescribeTaskDefinition", json!({ "taskDefinition": name }));
        assert_eq!(answer["taskDefinition"]["revision"], revision, "{name}");
        assert!(answer["tags"].is_null());
    }
    let answer = story.call(
        "DescribeTaskDefinition",
        json!({ "taskDefinition": "api:3" }),
    );
    assert_eq!(answer["taskDefinition"]["status"], "INACTIVE");
    for name in ["api:4", "nothing"] {
        let refusal = story.refusal("DescribeTaskDefinition", json!({ "taskDefinition": name }));
        assert_eq!(
            refusal,
            "ClientException: Unable to describe task definition."
        );
    }
    let newest = json!({ "familyPrefix": "api", "sort": "DESC", "maxResults": 1 });
    let answer = story.call("ListTaskDefinitions", newest);
    assert_eq!(answer["taskDefinitionArns"], json!([format!("{arn}:2")]));
    assert!(answer["nextToken"].is_string());
    story.call("RegisterTaskDefinition", valid());
    let answer = story.call("DescribeTaskDefinition", json!({ "taskDefinition": "api" }));
    assert_eq!(
        answer["taskDefinition"]["revision"], 4,
        "a revision's number is never used again"
    );
}

#[test]
fn malformed_task_definitions_are_refused() {
    let change = |pointer: &str, value: Value| {
        let mut request = valid();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        request
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .insert(member.to_owned(), value);
        request
    };
    let tags = |number: usize| -> Value {
        (0..number)
            .map(|at| json!({ "key": format!("k{at}"), "value": "v" }))
            .collect()
    };
    let bad_digest = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/api@sha256:abc";
    let cases = [
        (
            change("/family", Value::Null),
            "ClientException: family should not be null",
        ),
        (
            change("/family", json!("a/b")),
            "ClientException: Family contains invalid",
        ),
        (
            change("/containerDefinitions", json!([])),
            "ClientException: Container list cannot be empty.",
        ),
        (
            change("/containerDefinitions/0/image", Value::Null),
            "ClientException: Container.image should not",
        ),
        (
            change("/containerDefinitions/0/image", json!(bad_digest)),
            "ClientException: Container.image contains",
        ),
        (
            change("/containerDefinitions/0/name", json!("")),
            "ClientException: Container.name should not",
        ),
        (
            change("/containerDefinitions/0/cpu", json!("1")),
            "SerializationException: ",
        ),
        (
            change("/containerDefinitions/0/essential", json!(false)),
            "ClientException: A task definition must have",
        ),
        (
            change("/containerDefinitions/0/secrets", json!([{ "name": "X" }])),
            "ClientException: containerDefinitions.secrets.valueFrom",
        ),
        (
            change(
                "/containerDefinitions/0/logConfiguration/logDriver",
                json!("paper"),
            ),
            "ClientException: Invalid value",
        ),
        (
            change("/networkMode", json!("bridge")),
            "ClientException: Fargate only supports",
        ),
        (
            change("/memory", json!("513")),
            "ClientException: No Fargate configuration",
        ),
        (
            change("/executionRoleArn", Value::Null),
            "ClientException: Fargate requires task definition to have execution role",
        ),
        (
            change("/tags", tags(51)),
            "InvalidParameterException: Tags can not contain more than 50",
        ),
        (
            change(
                "/tags",
                json!([{ "key": "aws:cloudformation:stack-name", "value": "x" }]),
            ),
            "InvalidParameterException: Tag keys starting with 'aws:'",
        ),
        (
            change("/tags", json!([{ "key": "ref", "value": "feature/#12" }])),
            "InvalidParameterException: Invalid tag value",
        ),
        (
            change(
                "/tags",
                json!([{ "key": "a", "value": "1" }, { "key": "a", "value": "2" }]),
            ),
            "InvalidParameterException: Duplicate",
        ),
    ];
    let mut story = Story::new();
    for (request, expected) in cases {
        let refusal = story.refusal("RegisterTaskDefinition", request);
        assert!(
            refusal.starts_with(expected),
            "{refusal} instead of {expected}"
        );
    }
    story.call("RegisterTaskDefinition", change("/tags", tags(50)));
    let answer = story.call("DescribeTaskDefinition", json!({ "taskDefinition": "api" }));
    assert_eq!(
        answer["taskDefinition"]["revision"], 1,
        "a refused request uses no revision"
    );
}
