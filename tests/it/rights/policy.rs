//! IAM, as far as our policies use it: what a request is, what a policy says to it, and which of
//! its grants the answer came from. An element, operator or key it does not know stops the test:
//! a guess would pass for a proof.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::cloudformation::many;

/// One action on one resource, with the condition keys that AWS fills in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Request {
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) keys: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn new(action: &str, resource: &str) -> Self {
        Self {
            action: action.to_owned(),
            resource: resource.to_owned(),
            keys: Vec::new(),
        }
    }

    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: &str) -> Self {
        self.keys.push((key.to_owned(), value.to_owned()));
        self
    }
}

/// What a policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    /// By a statement that denies.
    Denied,
    /// By no statement that allows.
    NotAllowed,
}

/// Everything that is attached to one principal, or the trust policy of one role.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sid: String,
    pub(crate) allows: bool,
    pub(crate) actions: Vec<String>,
    /// Empty in a trust policy: the role itself.
    pub(crate) resources: Vec<String>,
    /// Only in a trust policy.
    principals: Vec<String>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug)]
struct Condition {
    for_all_values: bool,
    if_exists: bool,
    matches: fn(&str, &str) -> bool,
    key: String,
    values: Vec<String>,
}

impl Policy {
    /// Reads statements whose intrinsic functions are resolved.
    pub(crate) fn read(statements: &[Value]) -> Self {
        let statements: Vec<Statement> = statements.iter().map(Statement::read).collect();
        Self { statements }
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    pub(crate) fn decide(&self, request: &Request) -> Decision {
        self.decide_for(None, request)
    }

    /// What a trust policy says to this principal.
    pub(crate) fn decide_for(&self, principal: Option<&str>, request: &Request) -> Decision {
        let matching = |one: &&Statement| one.matches(principal, request);
        let mut matching = self.statements.iter().filter(matching).peekable();
        if matching.peek().is_none() {
            Decision::NotAllowed
        } else if matching.all(|one| one.allows) {
            Decision::Allowed
        } else {
            Decision::Denied
        }
    }

    /// What could be used of all that is allowed: `Sid action`, `Sid resource`, `Sid key value`, and
    /// `Sid without key` where the key may be missing.
    pub(crate) fn grants(&self) -> BTreeSet<String> {
        let allowing = self.statements.iter().filter(|one| one.allows);
        allowing.flat_map(|one| one.grants(None)).collect()
    }

    /// What of it this request uses.
    pub(crate) fn uses(&self, request: &Request) -> BTreeSet<String> {
        let matching = |one: &&Statement| one.allows && one.matches(None, request);
        let matching = self.statements.iter().filter(matching);
        matching.flat_map(|one| one.grants(Some(request))).collect()
    }
}

impl Statement {
    fn read(statement: &Value) -> Self {
        let statement = statement.as_object().expect("a statement");
        for element in statement.keys() {
            let known = [
                "Sid",
                "Effect",
                "Action",
                "Resource",
                "Principal",
                "Condition",
            ];
            assert!(known.contains(&element.as_str()), "element {element}");
        }
        let principal = statement.get("Principal").and_then(Value::as_object);
        let principals = principal.into_iter().flat_map(Map::values);
        Self {
            sid: statement
                .get("Sid")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            allows: match statement["Effect"].as_str() {
                Some("Allow") => true,
                Some("Deny") => false,
                other => panic!("effect {other:?}"),
            },
            actions: texts(&statement["Action"]),
            resources: statement.get("Resource").map(texts).unwrap_or_default(),
            principals: principals.flat_map(texts).collect(),
            conditions: conditions(statement.get("Condition")),
        }
    }

    fn matches(&self, principal: Option<&str>, request: &Request) -> bool {
        let by =
            principal.is_none_or(|principal| self.principals.iter().any(|one| one == principal));
        let on = self
            .resources
            .iter()
            .any(|one| like(one, &request.resource));
        by && self
            .actions
            .iter()
            .any(|one| same_action(one, &request.action))
            && (on || self.resources.is_empty() && principal.is_some())
            && self.conditions.iter().all(|one| one.holds(request))
    }

    /// The parts of the statement, all of them or those this request matches.
    fn grants(&self, request: Option<&Request>) -> Vec<String> {
        let name = |part: &str| format!("{} {part}", self.sid);
        let is = |matches: &dyn Fn(&Request) -> bool| request.is_none_or(matches);
        let mut grants = Vec::new();
        for one in &self.actions {
            if is(&|request| same_action(one, &request.action)) {
                grants.push(name(one));
            }
        }
        for one in &self.resources {
            if is(&|request| like(one, &request.resource)) {
                grants.push(name(one));
            }
        }
        for condition in &self.conditions {
            let absent = |request: &Request| condition.given(request).is_empty();
            if condition.if_exists && is(&absent) {
                grants.push(name(&format!("without {}", condition.key)));
            }
            for one in &condition.values {
                let fits = |request: &Request, value: &&String| {
                    (condition.matches)(&filled(one, request), value)
                };
                let used = |request: &Request| {
                    let given = condition.given(request);
                    given.iter().any(|value| fits(request, value))
                };
                if is(&used) {
                    grants.push(name(&format!("{} {one}", condition.key)));
                }
            }
        }
        grants
    }
}

impl Condition {
    /// The values that the request has for the key.
    fn given<'r>(&self, request: &'r Request) -> Vec<&'r String> {
        let keys = request.keys.iter();
        let given = keys.filter(|(key, _)| key.eq_ignore_ascii_case(&self.key));
        given.map(|(_, value)| value).collect()
    }

    fn holds(&self, request: &Request) -> bool {
        let given = self.given(request);
        let wanted: Vec<String> = self.values.iter().map(|one| filled(one, request)).collect();
        let fits = |value: &&String| wanted.iter().any(|one| (self.matches)(one, value));
        if self.for_all_values {
            return given.iter().all(fits);
        }
        assert!(
            given.len() < 2,
            "{} has values and no set operator",
            self.key
        );
        match given.first() {
            Some(value) => fits(value),
            None => self.if_exists,
        }
    }
}

/// The value with its policy variable, `${KEY}`, replaced by what the request has for that key. One
/// that has nothing matches nothing.
fn filled(value: &str, request: &Request) -> String {
    let Some((before, (name, after))) = value
        .split_once("${")
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    else {
        return value.to_owned();
    };
    let mut keys = request.keys.iter();
    let found = keys.find(|(key, _)| key.eq_ignore_ascii_case(name));
    let found = found.map_or("\u{0}", |(_, value)| value);
    format!("{before}{found}{after}")
}

fn conditions(block: Option<&Value>) -> Vec<Condition> {
    let operators = block.and_then(Value::as_object).into_iter().flatten();
    let each = |(operator, keys): (&String, &Value)| {
        let name = operator.strip_prefix("ForAllValues:");
        let (for_all_values, name) = (name.is_some(), name.unwrap_or(operator));
        let name_if = name.strip_suffix("IfExists");
        let (if_exists, name) = (name_if.is_some(), name_if.unwrap_or(name));
        let matches: fn(&str, &str) -> bool = match name {
            "StringEquals" => |pattern, value| pattern == value,
            "StringLike" => like,
            // The two are the same.
            "ArnEquals" | "ArnLike" => arn_like,
            _ => panic!("the operator {operator} is not known here"),
        };
        let keys = keys.as_object().expect("condition keys").iter();
        keys.map(|(key, values)| Condition {
            for_all_values,
            if_exists,
            matches,
            key: key.clone(),
            values: texts(values),
        })
        .collect::<Vec<_>>()
    };
    operators.flat_map(each).collect()
}

fn texts(value: &Value) -> Vec<String> {
    let text = |one: &Value| one.as_str().expect("a text").to_owned();
    many(value).iter().map(text).collect()
}

fn same_action(pattern: &str, action: &str) -> bool {
    like(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

/// `*` is any text, `?` any character.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            starts.into_iter().any(|at| like(rest, &text[at..]))
        }
        Some(wanted) => {
            let mut given = text.chars();
            let fits = given
                .next()
                .is_some_and(|one| wanted == '?' || wanted == one);
            fits && like(rest.as_str(), given.as_str())
        }
    }
}

/// Each of an ARN's six parts for itself.
fn arn_like(pattern: &str, arn: &str) -> bool {
    let (patterns, parts) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    patterns.clone().count() == parts.clone().count()
        && patterns
            .zip(parts)
            .all(|(pattern, part)| like(pattern, part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(statement: &Value) -> Policy {
        Policy::read(std::slice::from_ref(statement))
    }

    #[test]
    fn wildcards_match_as_in_iam() {
        for (pattern, text, fits) in [
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("*", "", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("t/web:*", "t/web:7", true),
            ("t/web:*", "t/website:7", false),
        ] {
            assert_eq!(like(pattern, text), fits, "{pattern} {text}");
        }
        assert!(arn_like("arn:aws:ecs:*:1:x/*", "arn:aws:ecs:eu:1:x/y"));
        assert!(!arn_like("arn:aws:ecs:*:x/*", "arn:aws:ecs:eu:1:x/y"));
    }

    #[test]
    fn a_denial_wins_and_silence_is_no() {
        let both = Policy::read(&[
            json!({ "Sid": "A", "Effect": "Allow", "Action": "ecs:*", "Resource": "*" }),
            json!({ "Sid": "B", "Effect": "Deny", "Action": "ecs:UpdateService", "Resource": "*",
                "Condition": { "StringEquals": { "k": "true" } } }),
        ]);
        let request = Request::new("ecs:UpdateService", "s");
        assert_eq!(both.decide(&request), Decision::Allowed);
        assert_eq!(both.decide(&request.with("K", "true")), Decision::Denied);
        let other = Request::new("iam:PassRole", "r");
        assert_eq!(both.decide(&other), Decision::NotAllowed);
    }

    #[test]
    fn a_missing_key_fits_only_if_exists_and_for_all_values() {
        for (operator, decision) in [
            ("StringEquals", Decision::NotAllowed),
            ("ArnLike", Decision::NotAllowed),
            ("ArnLikeIfExists", Decision::Allowed),
            ("ForAllValues:StringLike", Decision::Allowed),
        ] {
            let condition = json!({ operator: { "k": "v" } });
            let policy = policy(&json!({ "Sid": "A", "Effect": "Allow", "Action": "a:B",
                "Resource": "*", "Condition": condition }));
            assert_eq!(policy.decide(&Request::new("a:B", "r")), decision);
            let other = Request::new("a:B", "r").with("k", "w");
            assert_eq!(policy.decide(&other), Decision::NotAllowed, "{operator}");
        }
    }

    #[test]
    fn a_variable_is_what_the_request_has_for_it_or_matches_nothing() {
        let own = policy(
            &json!({ "Sid": "A", "Effect": "Allow", "Action": "a:B", "Resource": "*",
            "Condition": { "StringEquals": { "aws:ResourceTag/k": "${aws:PrincipalTag/k}" } } }),
        );
        for (principal, resource, decision) in [
            (Some("x"), Some("x"), Decision::Allowed),
            (Some("x"), Some("y"), Decision::NotAllowed),
            (Some("x"), None, Decision::NotAllowed),
            (None, Some("${aws:PrincipalTag/k}"), Decision::NotAllowed),
        ] {
            let mut request = Request::new("a:B", "r");
            if let Some(tag) = principal {
                request = request.with("aws:PrincipalTag/k", tag);
            }
            if let Some(tag) = resource {
                request = request.with("aws:ResourceTag/k", tag);
            }
            assert_eq!(own.decide(&request), decision, "{request:?}");
        }
    }

    #[test]
    #[should_panic(expected = "NumericLessThan is not known here")]
    fn an_operator_nobody_taught_it_stops_the_test() {
        policy(
            &json!({ "Sid": "A", "Effect": "Allow", "Action": "a:B", "Resource": "*",
            "Condition": { "NumericLessThan": { "k": "1" } } }),
        );
    }

    #[test]
    #[should_panic(expected = "element NotAction")]
    fn an_element_nobody_taught_it_stops_the_test() {
        policy(&json!({ "Sid": "A", "Effect": "Allow", "NotAction": "a:B", "Resource": "*" }));
    }
}
