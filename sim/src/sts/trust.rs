//! Who may assume a role: its trust policy, as AWS evaluates one
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>).
//!
//! What a caller's own policies say is not known here. Where a trust policy names a whole account, AWS asks those too,
//! and where caller and role are of different accounts always: whoever tests that holds them against the templates.

use serde_json::Value;

/// A trust policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    allows: bool,
    principals: Vec<String>,
    actions: Vec<String>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    /// Every value of the request must be one of these; none at all will do.
    for_all_values: bool,
    wildcards: bool,
    key: String,
    values: Vec<String>,
}

/// What is asked for: the action, and the condition keys that AWS fills in.
pub(super) struct Wish<'a> {
    pub(super) action: &'a str,
    /// The caller's ARN, as `GetCallerIdentity` says it.
    pub(super) caller: &'a str,
    pub(super) account: &'a str,
    pub(super) keys: &'a [(String, String)],
}

impl Trust {
    /// Anybody, with this external id if there is one.
    pub fn anybody(external_id: Option<&str>) -> Self {
        let conditions = external_id.map(|id| Condition {
            for_all_values: false,
            wildcards: false,
            key: "sts:ExternalId".to_owned(),
            values: vec![id.to_owned()],
        });
        let statement = |action: &str, conditions: Vec<Condition>| Statement {
            allows: true,
            principals: vec!["*".to_owned()],
            actions: vec![action.to_owned()],
            conditions,
        };
        Self {
            statements: vec![
                statement("sts:AssumeRole", conditions.into_iter().collect()),
                statement("sts:TagSession", Vec::new()),
            ],
        }
    }

    /// A policy document whose intrinsic functions are resolved.
    ///
    /// # Errors
    /// If it holds something that this simulator does not evaluate.
    pub fn read(document: &Value) -> Result<Self, String> {
        let statements = many(&document["Statement"]);
        let statements = statements.iter().map(Statement::read);
        Ok(Self {
            statements: statements.collect::<Result<_, _>>()?,
        })
    }

    /// By a statement that allows it, and none that denies it.
    pub(super) fn allows(&self, wish: &Wish<'_>) -> bool {
        let matching = |one: &&Statement| one.matches(wish);
        let mut matching = self.statements.iter().filter(matching).peekable();
        matching.peek().is_some() && matching.all(|one| one.allows)
    }
}

impl Statement {
    fn read(statement: &Value) -> Result<Self, String> {
        let members = statement.as_object().ok_or("a statement is an object")?;
        let known = ["Sid", "Effect", "Principal", "Action", "Condition"];
        if let Some(other) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("the element {other} is not evaluated"));
        }
        let principals = match &statement["Principal"] {
            Value::String(all) => vec![all.clone()],
            // A service is no caller of AssumeRole here.
            of => texts(&of["AWS"]),
        };
        let mut conditions = Vec::new();
        for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
            let (for_all_values, name) = match operator.strip_prefix("ForAllValues:") {
                Some(name) => (true, name),
                None => (false, operator.as_str()),
            };
            let wildcards = match name {
                "StringEquals" => false,
                "StringLike" => true,
                _ => return Err(format!("the operator {operator} is not evaluated")),
            };
            for (key, values) in keys.as_object().into_iter().flatten() {
                conditions.push(Condition {
                    for_all_values,
                    wildcards,
                    key: key.clone(),
                    values: texts(values),
                });
            }
        }
        Ok(Self {
            allows: match statement["Effect"].as_str() {
                Some("Allow") => true,
                Some("Deny") => false,
                other => return Err(format!("the effect {other:?}")),
            },
            principals,
            actions: texts(&statement["Action"]),
            conditions,
        })
    }

    fn matches(&self, wish: &Wish<'_>) -> bool {
        let action = |action: &String| like(action, wish.action);
        let principal = |one: &String| is_principal(one, wish);
        self.actions.iter().any(action)
            && self.principals.iter().any(principal)
            && self.conditions.iter().all(|one| one.holds(wish.keys))
    }
}

impl Condition {
    fn holds(&self, keys: &[(String, String)]) -> bool {
        let of = keys
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(&self.key));
        let mut of = of.map(|(_, value)| {
            self.values.iter().any(|wanted| match self.wildcards {
                true => like(wanted, value),
                false => wanted == value,
            })
        });
        match self.for_all_values {
            true => of.all(|matches| matches),
            false => of.next().unwrap_or(false),
        }
    }
}

/// Whether a caller is what a trust policy names: anybody, an account, a role (then every session of it), or exactly
/// this identity.
fn is_principal(named: &str, wish: &Wish<'_>) -> bool {
    let account = named
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.strip_suffix(":root"))
        .unwrap_or(named);
    named == "*"
        || (!wish.account.is_empty() && account == wish.account)
        || named == wish.caller
        || role_of(wish.caller).is_some_and(|role| is_role(named, &role))
}

/// Account and name of the role whose session this is.
fn role_of(caller: &str) -> Option<(String, String)> {
    let rest = caller.strip_prefix("arn:aws:sts::")?;
    let (account, rest) = rest.split_once(":assumed-role/")?;
    let (name, _) = rest.split_once('/')?;
    Some((account.to_owned(), name.to_owned()))
}

/// A session's ARN has no path of its role.
fn is_role(named: &str, (account, name): &(String, String)) -> bool {
    let rest = named.strip_prefix(&format!("arn:aws:iam::{account}:role/"));
    rest.is_some_and(|path| path.rsplit('/').next() == Some(name))
}

/// `*` is any characters, `?` is one.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| like(rest, &text[at..]))
        }
        Some('?') => {
            let mut chars = text.chars();
            chars.next().is_some() && like(&pattern[1..], chars.as_str())
        }
        Some(first) => text
            .strip_prefix(first)
            .is_some_and(|text| like(&pattern[first.len_utf8()..], text)),
    }
}

fn many(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn texts(value: &Value) -> Vec<String> {
    let values = many(value).into_iter();
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const WAITER: &str =
        "arn:aws:sts::111111111111:assumed-role/longshore-WaiterRole/longshore-waiter";

    fn trust(principal: &Value) -> Trust {
        Trust::read(&json!({"Statement": [{
            "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "known"}},
        }]}))
        .unwrap()
    }

    fn may(trust: &Trust, caller: &str, keys: &[(&str, &str)]) -> bool {
        let keys = keys
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let keys: Vec<_> = keys.collect();
        let account = caller.split(':').nth(4).unwrap_or_default();
        trust.allows(&Wish {
            action: "sts:AssumeRole",
            caller,
            account,
            keys: &keys,
        })
    }

    #[test]
    fn a_role_that_is_named_is_every_session_of_it_and_no_other() {
        let known = [("sts:ExternalId", "known")];
        for (named, admits) in [
            ("arn:aws:iam::111111111111:role/longshore-WaiterRole", true),
            (
                "arn:aws:iam::111111111111:role/teams/longshore-WaiterRole",
                true,
            ),
            ("arn:aws:iam::111111111111:role/longshore-SlashRole", false),
            ("arn:aws:iam::222222222222:role/longshore-WaiterRole", false),
            ("arn:aws:iam::111111111111:root", true),
            ("111111111111", true),
            ("222222222222", false),
            (WAITER, true),
            ("*", true),
        ] {
            let trust = trust(&json!([named]));
            assert_eq!(may(&trust, WAITER, &known), admits, "{named}");
            assert!(!may(&trust, WAITER, &[]), "{named}");
            assert!(
                !may(&trust, WAITER, &[("sts:ExternalId", "knows")]),
                "{named}"
            );
        }
    }

    #[test]
    fn a_denial_counts_more_and_what_is_not_evaluated_is_no_policy() {
        let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "sts:*"});
        let deny = json!({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"});
        let both = Trust::read(&json!({"Statement": [allow, deny]})).unwrap();
        assert!(!may(&both, WAITER, &[]));
        let one = Trust::read(&json!({"Statement": allow})).unwrap();
        assert!(may(&one, WAITER, &[]));
        for strange in [
            json!({"Effect": "Allow", "NotPrincipal": "*", "Action": "sts:*"}),
            json!({"Effect": "Allow", "Principal": "*", "Action": "sts:*", "Condition": {"Bool": {"a": "b"}}}),
            json!({"Effect": "Perhaps", "Principal": "*", "Action": "sts:*"}),
        ] {
            assert!(Trust::read(&json!({"Statement": [strange]})).is_err());
        }
    }

    #[test]
    fn all_values_must_be_known_and_none_will_do() {
        let tags = Trust::read(&json!({"Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole",
            "Condition": {"ForAllValues:StringLike": {"aws:TagKeys": ["longshore:*"]}},
        }]}))
        .unwrap();
        assert!(may(&tags, WAITER, &[]));
        let ours = ("aws:TagKeys", "longshore:deploy");
        assert!(may(&tags, WAITER, &[ours]));
        assert!(!may(&tags, WAITER, &[ours, ("aws:TagKeys", "team")]));
    }
}
