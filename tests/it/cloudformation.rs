//! `template.yaml` as JSON, intrinsic functions in their long form (`!Ref X` becomes `{"Ref": "X"}`).

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// The template that is deployed.
pub(crate) const TEMPLATE: &str = include_str!("../../template.yaml");

/// The whole template.
pub(crate) fn template() -> Value {
    parse(TEMPLATE)
}

/// Any template.
pub(crate) fn parse(text: &str) -> Value {
    let documents = Yaml::load_from_str(text).expect("the template is YAML");
    json_of(&documents[0])
}

/// A resource's properties.
pub(crate) fn properties(resource: &str) -> Value {
    let template = template();
    let found = &template["Resources"][resource]["Properties"];
    assert!(found.is_object(), "the template has no resource {resource}");
    found.clone()
}

/// Every resource of a type: name and properties.
pub(crate) fn resources_of(kind: &str) -> Vec<(String, Value)> {
    let template = template();
    let resources = template["Resources"].as_object().expect("resources");
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name.clone(), resource["Properties"].clone()))
        .collect()
}

/// The statements of a role's inline policies, conditional ones included.
pub(crate) fn statements(role: &str) -> Vec<Value> {
    let policies = properties(role)["Policies"].clone();
    let documents = policies.as_array().expect("inline policies").iter();
    documents
        .flat_map(|policy| {
            policy["PolicyDocument"]["Statement"]
                .as_array()
                .cloned()
                .expect("statements")
        })
        .map(|statement| match statement.get("Fn::If") {
            Some(branches) => branches[1].clone(),
            None => statement,
        })
        .collect()
}

/// A value that may be one or many, as many.
pub(crate) fn many(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

/// The path of every null in a template.
pub(crate) fn nulls(value: &Value) -> Vec<String> {
    let beneath = |name: &str, value: &Value| {
        let found = nulls(value).into_iter();
        found
            .map(|path| format!("/{name}{path}"))
            .collect::<Vec<_>>()
    };
    match value {
        Value::Null => vec![String::new()],
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(at, item)| beneath(&at.to_string(), item))
                .collect()
        }
        Value::Object(entries) => {
            let entries = entries.iter();
            entries
                .flat_map(|(key, value)| beneath(key, value))
                .collect()
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// Whether an EventBridge pattern (lists of texts and prefixes, nested by key) lets an event through.
pub(crate) fn lets_through(pattern: &Value, event: &Value) -> bool {
    let fits = |wanted: &Value, given: &Value| match wanted.get("prefix") {
        Some(prefix) => given
            .as_str()
            .is_some_and(|given| given.starts_with(prefix.as_str().expect("a text"))),
        None => wanted == given,
    };
    pattern
        .as_object()
        .expect("a pattern")
        .iter()
        .all(|(key, wanted)| match wanted {
            Value::Array(any) => many(&event[key])
                .iter()
                .any(|given| any.iter().any(|wanted| fits(wanted, given))),
            nested => lets_through(nested, &event[key]),
        })
}

fn json_of(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(scalar) => match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(value) => json!(value),
            Scalar::Integer(value) => json!(value),
            Scalar::FloatingPoint(value) => json!(value.0),
            Scalar::String(value) => json!(value),
        },
        Yaml::Sequence(items) => items.iter().map(json_of).collect(),
        Yaml::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| (key.as_str().expect("a name").to_owned(), json_of(value)))
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Tagged(tag, inner) => intrinsic(&tag.suffix, json_of(inner)),
        other => panic!("the template uses YAML that CloudFormation does not read: {other:?}"),
    }
}

fn intrinsic(name: &str, argument: Value) -> Value {
    match (name, argument.as_str()) {
        ("Ref", _) => json!({ "Ref": argument }),
        ("GetAtt", Some(path)) => {
            let (resource, attribute) = path.split_once('.').expect("resource and attribute");
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        _ => {
            let mut function = Map::new();
            function.insert(format!("Fn::{name}"), argument);
            function.into()
        }
    }
}
