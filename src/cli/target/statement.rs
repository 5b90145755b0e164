//! A statement of a policy: written as YAML for people to read, and measured as IAM measures it.

use serde_json::{Value, json};

/// The value of a parameter in CloudFormation, in characters
/// ([Quotas](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)).
const LONGEST_PARAMETER: usize = 4_096;

/// The shortest ARN of a role: a list of these has the most quotes.
const SHORTEST_ROLE: usize = "arn:aws:iam::111111111111:role/r".len();

/// What a statement is about.
pub(super) enum Resource {
    /// `*`
    Every,
    /// These, at least one.
    Arns(Vec<String>),
    /// The parameter `TaskRoleArns`.
    TaskRoles,
}

/// What a condition compares with.
pub(super) enum Values {
    One(String),
    Any(Vec<String>),
}

pub(super) struct Condition {
    pub(super) operator: &'static str,
    pub(super) key: &'static str,
    pub(super) values: Values,
}

pub(super) struct Statement {
    /// Why it is as it is, for whoever reads the template.
    notes: &'static [&'static str],
    sid: &'static str,
    effect: &'static str,
    actions: &'static [&'static str],
    resource: Resource,
    condition: Option<Condition>,
}

impl Statement {
    pub(super) fn allow(
        sid: &'static str,
        actions: &'static [&'static str],
        resource: Resource,
    ) -> Self {
        Self {
            notes: &[],
            sid,
            effect: "Allow",
            actions,
            resource,
            condition: None,
        }
    }

    /// Denies the actions on everything.
    pub(super) fn deny(sid: &'static str, actions: &'static [&'static str]) -> Self {
        Self {
            effect: "Deny",
            ..Self::allow(sid, actions, Resource::Every)
        }
    }

    #[must_use]
    pub(super) fn noting(mut self, notes: &'static [&'static str]) -> Self {
        self.notes = notes;
        self
    }

    #[must_use]
    pub(super) fn only_if(
        mut self,
        operator: &'static str,
        key: &'static str,
        values: Values,
    ) -> Self {
        self.condition = Some(Condition {
            operator,
            key,
            values,
        });
        self
    }

    /// As YAML, for people to read: an item of a list.
    fn yaml(&self) -> String {
        let list = |depth: &str, items: &[&str]| -> String {
            items
                .iter()
                .map(|item| format!("\n{depth}- {item}"))
                .collect()
        };
        let notes: String = self
            .notes
            .iter()
            .map(|note| format!("# {note}\n"))
            .collect();
        let action = match self.actions {
            [action] => format!(" {action}"),
            actions => list("    ", actions),
        };
        let resource = match &self.resource {
            Resource::Every => " \"*\"".to_owned(),
            Resource::Arns(arns) => list("    ", &texts(arns)),
            Resource::TaskRoles => " !Ref TaskRoleArns".to_owned(),
        };
        let condition = match &self.condition {
            None => String::new(),
            Some(Condition {
                operator,
                key,
                values,
            }) => match values {
                Values::One(value) => {
                    format!("  Condition: {{ {operator}: {{ {key}: \"{value}\" }} }}\n")
                }
                Values::Any(values) => {
                    let values = list("        ", &texts(values));
                    format!("  Condition:\n    {operator}:\n      {key}:{values}\n")
                }
            },
        };
        let Self { sid, effect, .. } = self;
        format!(
            "{notes}- Sid: {sid}\n  Effect: {effect}\n  Action:{action}\n  Resource:{resource}\n{condition}"
        )
    }

    /// As IAM gets it; a parameter at its longest.
    fn json(&self) -> Value {
        let resource = match &self.resource {
            Resource::Every => json!("*"),
            Resource::Arns(arns) => json!(arns),
            Resource::TaskRoles => {
                let role = "r".repeat(SHORTEST_ROLE);
                let most = LONGEST_PARAMETER.div_ceil(SHORTEST_ROLE + 1);
                json!(vec![role; most])
            }
        };
        let mut json = json!({ "Sid": self.sid, "Effect": self.effect, "Resource": resource });
        json["Action"] = match self.actions {
            [action] => json!(action),
            actions => json!(actions),
        };
        if let Some(condition) = &self.condition {
            let values = match &condition.values {
                Values::One(value) => json!(value),
                Values::Any(values) => json!(values),
            };
            json["Condition"] = json!({ condition.operator: { condition.key: values } });
        }
        json
    }
}

/// The characters of a policy, as IAM counts them: its JSON without white space
/// ([Quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)). No value in
/// it holds any.
pub(super) fn policy_size(statements: &[Statement]) -> usize {
    let statements: Vec<Value> = statements.iter().map(Statement::json).collect();
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    document.to_string().len()
}

/// Statements as the items of a list in YAML.
pub(super) fn written(statements: &[Statement]) -> String {
    statements.iter().map(Statement::yaml).collect()
}

fn texts(owned: &[String]) -> Vec<&str> {
    owned.iter().map(String::as_str).collect()
}
