//! A template as CloudFormation deploys it: parameters filled in, conditions decided, intrinsic
//! functions resolved, and what comes of it attached to the roles it makes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::policy::Policy;
use crate::cloudformation::many;
use crate::town::{REGION, STACK_ID};

/// A deployed stack.
pub(crate) struct Deployed {
    template: Value,
    parameters: BTreeMap<String, Value>,
    account: String,
    /// Which begins the names of what it makes.
    name: String,
    /// The end of its ARN.
    id: String,
}

const STACK: &str = "longshore";

impl Deployed {
    /// Deploys a template to an account with these parameters; the others keep their defaults.
    pub(crate) fn new(template: Value, account: &str, given: &[(&str, &str)]) -> Self {
        let mut parameters = BTreeMap::new();
        let declared = template["Parameters"].as_object().expect("parameters");
        for (name, _) in given {
            assert!(declared.contains_key(*name), "there is no parameter {name}");
        }
        for (name, parameter) in declared {
            let given = given.iter().find(|(given, _)| given == name);
            let value = match (given, parameter.get("Default")) {
                (Some((_, value)), _) => json!(value),
                (None, Some(default)) => default.clone(),
                (None, None) => continue,
            };
            let value = match (parameter["Type"].as_str(), value.as_str()) {
                (Some("CommaDelimitedList"), Some(list)) => list.split(',').collect(),
                _ => value,
            };
            parameters.insert(name.clone(), value);
        }
        Self {
            template,
            parameters,
            account: account.to_owned(),
            name: STACK.to_owned(),
            id: STACK_ID.to_owned(),
        }
    }

    /// The same under another name.
    #[must_use]
    pub(crate) fn called(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The same with another id.
    #[must_use]
    pub(crate) fn with_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// The ARN of Longshore's state machine.
    pub(crate) fn machine_arn(&self) -> String {
        text(&self.reference("Machine"))
    }

    /// Every role it makes, by its logical name.
    pub(crate) fn roles(&self) -> Vec<String> {
        let made = self.resources("AWS::IAM::Role");
        made.map(|(name, _)| name.clone()).collect()
    }

    /// All that is attached to a role: inline policies and managed ones.
    pub(crate) fn policy(&self, role: &str) -> Policy {
        let inline = self.properties(role)["Policies"].clone();
        let mut documents: Vec<Value> = many(&inline)
            .iter()
            .map(|policy| policy["PolicyDocument"].clone())
            .collect();
        for (name, resource) in self.resources("AWS::IAM::ManagedPolicy") {
            // A role's reference to itself is left as it is written.
            let roles = many(&resource["Properties"]["Roles"]);
            if roles.contains(&json!({ "Ref": role })) {
                let document = &self.template["Resources"][name]["Properties"]["PolicyDocument"];
                documents.push(self.resolve(document));
            }
        }
        let properties = self.properties(role);
        let attached = properties.get("ManagedPolicyArns");
        assert_eq!(attached, None, "{role}: nobody here knows what those hold");
        for document in &documents {
            let policy = Policy::read(&many(&document["Statement"]));
            let sids: BTreeSet<&String> = policy.statements().iter().map(|one| &one.sid).collect();
            let statements = policy.statements().len();
            assert_eq!(sids.len(), statements, "two statements of one name");
        }
        let statements = documents.iter().flat_map(|one| many(&one["Statement"]));
        Policy::read(&statements.collect::<Vec<_>>())
    }

    /// Who may assume a role.
    pub(crate) fn trust(&self, role: &str) -> Policy {
        let document = &self.properties(role)["AssumeRolePolicyDocument"];
        Policy::read(&many(&document["Statement"]))
    }

    /// A role's ARN.
    pub(crate) fn role_arn(&self, role: &str) -> String {
        let named = self.properties(role)["RoleName"].clone();
        let name = named.as_str().map(str::to_owned);
        let name = name.unwrap_or_else(|| format!("{}-{role}", self.name));
        format!("arn:aws:iam::{}:role/{name}", self.account)
    }

    fn resources(&self, kind: &'static str) -> impl Iterator<Item = (&String, &Value)> {
        let all = self.template["Resources"].as_object().expect("resources");
        all.iter().filter(move |(_, resource)| {
            let condition = resource.get("Condition").and_then(Value::as_str);
            resource["Type"] == kind && condition.is_none_or(|name| self.holds(name))
        })
    }

    /// A resource's properties as they come to be.
    pub(crate) fn properties(&self, resource: &str) -> Value {
        self.resolve(&self.template["Resources"][resource]["Properties"])
    }

    fn holds(&self, condition: &str) -> bool {
        self.is_true(&self.template["Conditions"][condition])
    }

    fn is_true(&self, condition: &Value) -> bool {
        let (function, argument) = intrinsic(condition).expect("a condition");
        let arguments = many(argument);
        match function {
            "Fn::Not" => !self.is_true(&arguments[0]),
            "Fn::Equals" => {
                text(&self.resolve(&arguments[0])) == text(&self.resolve(&arguments[1]))
            }
            other => panic!("{other} in a condition"),
        }
    }

    /// The value with every intrinsic function replaced by what it means here.
    fn resolve(&self, value: &Value) -> Value {
        if let Some((function, argument)) = intrinsic(value) {
            return self.call(function, argument);
        }
        match value {
            Value::Array(items) => items.iter().filter_map(|item| self.present(item)).collect(),
            Value::Object(entries) => {
                let entries = entries.iter();
                let present =
                    |(key, value): (&String, &Value)| Some((key.clone(), self.present(value)?));
                entries.filter_map(present).collect::<Map<_, _>>().into()
            }
            plain => plain.clone(),
        }
    }

    /// The same, unless it comes to `AWS::NoValue`.
    fn present(&self, value: &Value) -> Option<Value> {
        let resolved = self.resolve(value);
        (resolved != json!({ "Ref": "AWS::NoValue" })).then_some(resolved)
    }

    fn call(&self, function: &str, argument: &Value) -> Value {
        match function {
            "Ref" => self.reference(argument.as_str().expect("a name")),
            "Fn::GetAtt" => {
                let (resource, attribute) = (text(&argument[0]), text(&argument[1]));
                json!(self.attribute(&resource, &attribute))
            }
            "Fn::Sub" => match argument {
                Value::Array(parts) => json!(self.substitute(&text(&parts[0]), &parts[1])),
                pattern => json!(self.substitute(&text(pattern), &Value::Null)),
            },
            "Fn::Split" => {
                let whole = text(&self.resolve(&argument[1]));
                whole.split(&text(&argument[0])).collect()
            }
            "Fn::Select" => {
                let at = argument[0].as_u64().expect("an index");
                many(&self.resolve(&argument[1]))[usize::try_from(at).unwrap()].clone()
            }
            "Fn::Join" => {
                let parts = self.resolve(&argument[1]);
                let parts: Vec<String> = many(&parts).iter().map(text).collect();
                json!(parts.join(&text(&argument[0])))
            }
            "Fn::If" => {
                let branch = if self.holds(&text(&argument[0])) {
                    1
                } else {
                    2
                };
                self.resolve(&argument[branch])
            }
            other => panic!("{other} is not known here"),
        }
    }

    fn reference(&self, name: &str) -> Value {
        match name {
            "AWS::Partition" => json!("aws"),
            "AWS::Region" => json!(REGION),
            "AWS::AccountId" => json!(self.account),
            "AWS::StackName" => json!(self.name),
            "AWS::StackId" => {
                let Self {
                    account, name, id, ..
                } = self;
                json!(format!(
                    "arn:aws:cloudformation:{REGION}:{account}:stack/{name}/{id}"
                ))
            }
            "AWS::NoValue" => json!({ "Ref": name }),
            _ if self.parameters.contains_key(name) => self.parameters[name].clone(),
            _ => self.made(name),
        }
    }

    fn attribute(&self, resource: &str, attribute: &str) -> String {
        let kind = text(&self.template["Resources"][resource]["Type"]);
        let account = &self.account;
        let named = |property: &str| {
            let properties = &self.template["Resources"][resource]["Properties"];
            text(&self.resolve(&properties[property]))
        };
        match (kind.as_str(), attribute) {
            ("AWS::DynamoDB::Table", "Arn") => {
                format!("arn:aws:dynamodb:{REGION}:{account}:table/{}", self.name)
            }
            ("AWS::Serverless::Function", "Arn") => {
                let name = text(&self.made(resource));
                format!("arn:aws:lambda:{REGION}:{account}:function:{name}")
            }
            ("AWS::Events::EventBus", "Arn") => {
                let name = named("Name");
                format!("arn:aws:events:{REGION}:{account}:event-bus/{name}")
            }
            ("AWS::Logs::LogGroup", "Arn") => {
                let name = named("LogGroupName");
                format!("arn:aws:logs:{REGION}:{account}:log-group:{name}:*")
            }
            ("AWS::IAM::Role", "Arn") => self.role_arn(resource),
            ("AWS::Events::Rule" | "AWS::ApiGatewayV2::Api", _) => {
                format!("{}.{attribute}", text(&self.made(resource)))
            }
            _ => panic!("{resource}.{attribute} of {kind} is not known here"),
        }
    }

    /// What a reference to a resource comes to.
    fn made(&self, resource: &str) -> Value {
        if self.template["Resources"][resource]["Type"] != "AWS::StepFunctions::StateMachine" {
            // What CloudFormation would make up; nothing here depends on it.
            return json!(format!("{}-{resource}", self.name));
        }
        let named = &self.template["Resources"][resource]["Properties"]["StateMachineName"];
        let (account, name) = (&self.account, text(&self.resolve(named)));
        json!(format!(
            "arn:aws:states:{REGION}:{account}:stateMachine:{name}"
        ))
    }

    fn substitute(&self, pattern: &str, words: &Value) -> String {
        let mut parts = pattern.split("${");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, after) = part.split_once('}').expect("a closing brace");
            match (words.get(name), name.split_once('.')) {
                (Some(word), _) => whole += &text(&self.resolve(word)),
                (None, Some((resource, attribute))) => {
                    whole += &self.attribute(resource, attribute);
                }
                (None, None) => whole += &text(&self.reference(name)),
            }
            whole += after;
        }
        whole
    }
}

/// An intrinsic function's name and argument.
fn intrinsic(value: &Value) -> Option<(&str, &Value)> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let (name, argument) = object.iter().next()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
