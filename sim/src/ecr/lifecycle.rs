//! Lifecycle policies: kept as they were put, and shown. Nothing here expires anything; tests delete
//! images themselves.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Ecr, name};
use crate::{Answer, AwsError, Caller};

/// A policy and when it was put.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    text: String,
    at: Timestamp,
}

impl Ecr {
    /// Puts a repository's lifecycle policy, as `PutLifecyclePolicy` would.
    ///
    /// # Errors
    ///
    /// What ECR finds wrong with it.
    pub fn put_lifecycle_policy(
        &mut self,
        (account, region, repository): (&str, &str, &str),
        text: &str,
        at: Timestamp,
    ) -> Result<(), String> {
        let name = name(account, region, repository);
        if !self.repositories.contains_key(&name) {
            return Err(format!("there is no repository {repository}"));
        }
        check(text)?;
        let text = text.to_owned();
        self.policies.insert(name, Policy { text, at });
        Ok(())
    }
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html>
fn check(text: &str) -> Result<(), String> {
    let policy: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let rules = policy["rules"].as_array().ok_or("rules are missing")?;
    let mut priorities: Vec<u64> = Vec::new();
    let mut any = None;
    for rule in rules {
        let priority = rule["rulePriority"].as_u64().filter(|one| *one > 0);
        let priority = priority.ok_or("rulePriority is missing")?;
        if priorities.contains(&priority) {
            return Err(format!("two rules have the priority {priority}"));
        }
        priorities.push(priority);
        let selection = &rule["selection"];
        let lists = ["tagPrefixList", "tagPatternList"].map(|list| selection[list].as_array());
        let listed = lists.iter().flatten().count();
        match selection["tagStatus"].as_str() {
            Some("tagged") if listed == 1 => {}
            Some("untagged") if listed == 0 => {}
            Some("any") if listed == 0 => {
                if any.replace(priority).is_some() {
                    return Err("two rules are for any image".to_owned());
                }
            }
            _ => return Err("tagStatus does not fit the lists of tags".to_owned()),
        }
        let unit = selection["countUnit"].as_str();
        match (selection["countType"].as_str(), unit) {
            (Some("imageCountMoreThan"), None) => {}
            (
                Some("sinceImagePushed" | "sinceImagePulled" | "sinceImageTransitioned"),
                Some("days"),
            ) => {}
            _ => return Err("countType and countUnit do not fit".to_owned()),
        }
        if selection["countNumber"]
            .as_u64()
            .is_none_or(|number| number == 0)
        {
            return Err("countNumber must be positive".to_owned());
        }
        let action = &rule["action"];
        match (
            action["type"].as_str(),
            action["targetStorageClass"].as_str(),
        ) {
            (Some("expire"), None) | (Some("transition"), Some("archive")) => {}
            _ => return Err("the action is none".to_owned()),
        }
    }
    let last = priorities.iter().max();
    match any {
        Some(any) if Some(&any) != last => Err("the rule for any image must come last".to_owned()),
        _ => Ok(()),
    }
}

pub(super) fn get(ecr: &Ecr, request: &Value, caller: &Caller) -> Result<Answer, AwsError> {
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let repository = text("repositoryName").filter(|repository| !repository.is_empty());
    let repository = repository.ok_or_else(|| {
        let message = "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'Member must not be null'";
        AwsError::new("InvalidParameterException", message)
    })?;
    let account = text("registryId").unwrap_or(&caller.account);
    let name = name(account, &caller.region, repository);
    if !ecr.repositories.contains_key(&name) {
        let message = format!(
            "The repository with name '{repository}' does not exist in the registry with id '{account}'"
        );
        return Err(AwsError::new("RepositoryNotFoundException", message));
    }
    let Some(policy) = ecr.policies.get(&name) else {
        let message = format!(
            "Lifecycle policy does not exist for the repository with name '{repository}' in the registry with id '{account}'"
        );
        return Err(AwsError::new("LifecyclePolicyNotFoundException", message));
    };
    let region = &caller.region;
    Ok(Answer {
        body: json!({
            "registryId": account,
            "repositoryName": repository,
            "lifecyclePolicyText": policy.text,
            "lastEvaluatedAt": policy.at.as_second(),
        }),
        resources: vec![format!(
            "arn:aws:ecr:{region}:{account}:repository/{repository}"
        )],
        ..Answer::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: (&str, &str, &str) = ("111111111111", "eu-west-1", "webapp");

    fn rule(priority: u64, status: &str) -> Value {
        json!({
            "rulePriority": priority,
            "selection": { "tagStatus": status, "countType": "imageCountMoreThan", "countNumber": 3 },
            "action": { "type": "expire" },
        })
    }

    fn ask(ecr: &Ecr, request: &Value) -> Result<Value, AwsError> {
        let caller = Caller {
            account: PLACE.0.to_owned(),
            region: PLACE.1.to_owned(),
            ..Caller::default()
        };
        get(ecr, request, &caller).map(|answer| answer.body)
    }

    #[test]
    fn a_policy_is_shown_as_it_was_put() {
        let mut ecr = Ecr::default();
        ecr.create(PLACE.0, PLACE.1, PLACE.2);
        let by_name = json!({ "repositoryName": "webapp" });
        let none = ask(&ecr, &by_name).unwrap_err();
        assert_eq!(none.code, "LifecyclePolicyNotFoundException");
        let text = json!({ "rules": [rule(1, "any")] }).to_string();
        ecr.put_lifecycle_policy(PLACE, &text, Timestamp::UNIX_EPOCH)
            .unwrap();
        assert_eq!(ask(&ecr, &by_name).unwrap()["lifecyclePolicyText"], text);
        let elsewhere = json!({ "repositoryName": "webapp", "registryId": "222222222222" });
        let none = ask(&ecr, &elsewhere).unwrap_err();
        assert_eq!(none.code, "RepositoryNotFoundException");
        let none = ask(&ecr, &json!({})).unwrap_err();
        assert_eq!(none.code, "InvalidParameterException");
    }

    #[test]
    fn a_policy_that_ecr_would_refuse_is_refused() {
        let mut ecr = Ecr::default();
        ecr.create(PLACE.0, PLACE.1, PLACE.2);
        let mut put = |rules: Value| {
            let text = json!({ "rules": rules }).to_string();
            ecr.put_lifecycle_policy(PLACE, &text, Timestamp::UNIX_EPOCH)
        };
        put(json!([rule(1, "untagged"), rule(2, "any")])).unwrap();
        let mut tagless = rule(1, "tagged");
        put(json!([tagless.clone()])).unwrap_err();
        tagless["selection"]["tagPrefixList"] = json!(["v"]);
        put(json!([tagless])).unwrap();
        let mut unitless = rule(1, "any");
        unitless["selection"]["countType"] = json!("sinceImagePushed");
        let mut none = rule(1, "any");
        none["selection"]["countNumber"] = json!(0);
        let mut odd = rule(1, "any");
        odd["action"] = json!({ "type": "notify" });
        for refused in [
            json!([rule(1, "any"), rule(2, "untagged")]),
            json!([rule(1, "untagged"), rule(1, "any")]),
            json!([rule(1, "any"), rule(2, "any")]),
            json!([unitless]),
            json!([none]),
            json!([odd]),
        ] {
            put(refused).unwrap_err();
        }
    }
}
