//! A statement of a policy: written as YAML for people to read, and measured as IAM measures it.

use serde_json::{Value, json};

use super::yaml::Yaml;

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

    pub(super) fn write(&self, yaml: &mut Yaml, depth: usize) {
        for note in self.notes {
            yaml.line(depth, &format!("# {note}"));
        }
        yaml.line(depth, &format!("- Sid: {}", self.sid));
        yaml.line(depth + 1, &format!("Effect: {}", self.effect));
        match self.actions {
            [action] => yaml.line(depth + 1, &format!("Action: {action}")),
            actions => yaml.list(depth + 1, "Action", actions),
        }
        match &self.resource {
            Resource::Every => yaml.line(depth + 1, "Resource: \"*\""),
            Resource::Arns(arns) => yaml.list(depth + 1, "Resource", arns),
            Resource::TaskRoles => yaml.line(depth + 1, "Resource: !Ref TaskRoleArns"),
        }
        let Some(Condition {
            operator,
            key,
            values,
        }) = &self.condition
        else {
            return;
        };
        match values {
            Values::One(value) => yaml.line(
                depth + 1,
                &format!("Condition: {{ {operator}: {{ {key}: \"{value}\" }} }}"),
            ),
            Values::Any(values) => {
                yaml.line(depth + 1, "Condition:");
                yaml.line(depth + 2, &format!("{operator}:"));
                yaml.list(depth + 3, key, values);
            }
        }
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

/// The beginning of a policy's document and its statements.
pub(super) fn write_policy(yaml: &mut Yaml, depth: usize, statements: &[Statement]) {
    yaml.line(depth, "PolicyDocument:");
    yaml.line(depth + 1, "Version: \"2012-10-17\"");
    yaml.line(depth + 1, "Statement:");
    for statement in statements {
        statement.write(yaml, depth + 2);
    }
}
