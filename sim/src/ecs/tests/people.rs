//! What people try first, by hand: services of every kind, tags, families, and whose everything is.

use serde_json::{Value, json};

use super::*;

impl Story {
    fn creates(&mut self, more: &Value) -> Result<Value, String> {
        let mut request =
            json!({ "cluster": "production", "serviceName": "mine", "taskDefinition": "webapp" });
        for (member, value) in more.as_object().unwrap() {
            request[member] = value.clone();
        }
        let answer = self.try_call("CreateService", request);
        answer
            .map(|answer| answer.body["service"].clone())
            .map_err(|error| format!("{}: {}", error.code, error.message))
    }

    fn shows(&mut self, service: &str) -> Value {
        let request =
            json!({ "cluster": "production", "services": [service], "include": ["TAGS"] });
        self.call("DescribeServices", request)["services"][0].take()
    }
}

#[test]
fn a_daemon_is_one() {
    let mut story = Story::new();
    let refused =
        story.creates(&json!({ "schedulingStrategy": "DAEMON", "launchType": "FARGATE" }));
    assert!(refused.unwrap_err().contains("FARGATE launch type"));
    let refused = story.creates(&json!({ "schedulingStrategy": "DAEMON", "desiredCount": 2 }));
    assert!(
        refused
            .unwrap_err()
            .contains("does not support a desired count")
    );
    story
        .creates(&json!({ "schedulingStrategy": "DAEMON" }))
        .unwrap();
    story.wait(300);
    let service = story.shows("mine");
    assert_eq!(service["schedulingStrategy"], "DAEMON");
    assert_eq!(service["launchType"], "EC2");
    assert_eq!(
        (&service["desiredCount"], &service["runningCount"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(service["deploymentConfiguration"]["maximumPercent"], 100);
    assert!(service["platformVersion"].is_null());
    let update = json!({ "cluster": "production", "service": "mine", "desiredCount": 3 });
    assert!(
        story
            .refusal("UpdateService", update)
            .contains("desired count")
    );
    // It is rolled out as daemons are: the old task stops first.
    let update = json!({ "cluster": "production", "service": "mine", "forceNewDeployment": true });
    story.call("UpdateService", update);
    story.wait(300);
    let service = story.shows("mine");
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    let delete = json!({ "cluster": "production", "service": "mine" });
    story.call("DeleteService", delete);
}

#[test]
fn capacity_providers_are_kept_by_clusters_and_services() {
    let mut story = Story::new();
    let spot = json!([{ "capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 1 }]);
    let both = story.creates(&json!({ "launchType": "FARGATE", "capacityProviderStrategy": spot }));
    assert!(both.unwrap_err().contains(
        "Specifying both a launch type and capacity provider strategy is not supported."
    ));
    story
        .creates(&json!({ "capacityProviderStrategy": spot }))
        .unwrap();
    let service = story.shows("mine");
    assert_eq!(service["capacityProviderStrategy"], spot);
    assert!(service["launchType"].is_null(), "{service}");
    assert_eq!(service["deployments"][0]["capacityProviderStrategy"], spot);
    let update =
        json!({ "cluster": "production", "service": "webapp", "capacityProviderStrategy": spot });
    story.call("UpdateService", update);
    let service = story.service();
    assert_eq!(service["capacityProviderStrategy"], spot);
    assert!(service["launchType"].is_null());
    let cluster = json!({ "clusterName": "mine", "capacityProviders": ["FARGATE_SPOT"], "defaultCapacityProviderStrategy": spot });
    let made = story.call("CreateCluster", cluster);
    assert_eq!(
        made["cluster"]["capacityProviders"],
        json!(["FARGATE_SPOT"])
    );
    let request = json!({ "cluster": "mine", "serviceName": "mine", "taskDefinition": "webapp" });
    let made = story.call("CreateService", request);
    assert_eq!(made["service"]["capacityProviderStrategy"], spot);
    let put = json!({ "cluster": "mine", "capacityProviders": ["mine"], "defaultCapacityProviderStrategy": [] });
    story.call("PutClusterCapacityProviders", put);
    let shown = story.call("DescribeClusters", json!({ "clusters": ["mine"] }));
    assert_eq!(shown["clusters"][0]["capacityProviders"], json!(["mine"]));
    assert_eq!(
        shown["clusters"][0]["defaultCapacityProviderStrategy"],
        json!([])
    );
}

#[test]
fn a_service_is_deleted_when_nothing_runs_or_by_force() {
    let mut story = Story::new();
    let delete =
        |force: bool| json!({ "cluster": "production", "service": "webapp", "force": force });
    let refusal = story.refusal("DeleteService", delete(false));
    assert_eq!(
        refusal,
        "InvalidParameterException: The service cannot be stopped while it is scaled above 0."
    );
    let answer = story.call("DeleteService", delete(true));
    assert_eq!(answer["service"]["status"], "DRAINING");
    story.wait(300);
    let service = story.service();
    assert_eq!(
        (&service["status"], &service["runningCount"]),
        (&json!("INACTIVE"), &json!(0))
    );
    let listed = story.call("ListServices", json!({ "cluster": "production" }));
    assert_eq!(listed["serviceArns"], json!([]));
    let refusal = story.refusal("DeleteService", delete(true));
    assert!(refusal.starts_with("ServiceNotFoundException"), "{refusal}");
    let again = json!({ "cluster": "production", "serviceName": "webapp", "taskDefinition": "webapp", "launchType": "FARGATE" });
    story.call("CreateService", again);
    assert_eq!(story.service()["status"], "ACTIVE");
}

#[test]
fn everything_can_be_tagged() {
    let mut story = Story::new();
    let definition = text(&story.service(), "/taskDefinition");
    let service = text(&story.service(), "/serviceArn");
    let cluster = text(&story.service(), "/clusterArn");
    for arn in [definition, service, cluster] {
        let tags = |story: &mut Story| {
            story.call("ListTagsForResource", json!({ "resourceArn": arn }))["tags"].take()
        };
        let tag = |key: &str, value: &str| json!({ "key": key, "value": value });
        let given = json!([tag("a", "1"), tag("b", "2")]);
        story.call("TagResource", json!({ "resourceArn": arn, "tags": given }));
        assert_eq!(tags(&mut story), given, "{arn}");
        story.call(
            "TagResource",
            json!({ "resourceArn": arn, "tags": [tag("a", "3")] }),
        );
        assert_eq!(tags(&mut story), json!([tag("b", "2"), tag("a", "3")]));
        let wrong = json!({ "resourceArn": arn, "tags": [tag("aws:x", "3")] });
        let refusal = story.refusal("TagResource", wrong);
        assert!(
            refusal.starts_with("InvalidParameterException"),
            "{refusal}"
        );
        story.call(
            "UntagResource",
            json!({ "resourceArn": arn, "tagKeys": ["b"] }),
        );
        assert_eq!(tags(&mut story), json!([tag("a", "3")]));
    }
    assert_eq!(
        story.shows("webapp")["tags"],
        json!([{ "key": "a", "value": "3" }])
    );
    let missing = "arn:aws:ecs:eu-west-1:111111111111:service/production/gone";
    let refusal = story.refusal("ListTagsForResource", json!({ "resourceArn": missing }));
    assert!(
        refusal.starts_with("ResourceNotFoundException"),
        "{refusal}"
    );
    let refusal = story.refusal("ListTagsForResource", json!({ "resourceArn": "webapp" }));
    assert!(
        refusal.starts_with("InvalidParameterException"),
        "{refusal}"
    );
}

#[test]
fn families_are_listed_by_what_their_names_begin_with() {
    let mut story = Story::new();
    for family in ["web", "worker"] {
        let request = task_definition(ACCOUNT, REGION, family, &[("app", "nginx:1")]);
        story.call("RegisterTaskDefinition", request);
    }
    story.call(
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": "worker:1" }),
    );
    for (request, expected) in [
        (json!({}), json!(["web", "webapp"])),
        (json!({ "familyPrefix": "webapp" }), json!(["webapp"])),
        (json!({ "status": "INACTIVE" }), json!(["worker"])),
        (
            json!({ "status": "ALL", "familyPrefix": "w" }),
            json!(["web", "webapp", "worker"]),
        ),
        (json!({ "maxResults": 1 }), json!(["web"])),
    ] {
        let answer = story.call("ListTaskDefinitionFamilies", request.clone());
        assert_eq!(answer["families"], expected, "{request}");
    }
    assert!(
        story
            .refusal("ListTaskDefinitionFamilies", json!({ "status": "x" }))
            .contains("Invalid status")
    );
}

/// A call signed with this key.
fn signed(story: &mut Story, key: &str, operation: &str, request: &Value) -> Value {
    let caller = crate::sts::identify(&story.state, key.to_owned(), REGION.to_owned());
    let answer = handle(&mut story.state, story.now, operation, request, &caller);
    answer.unwrap().body
}

#[test]
fn a_task_definition_is_of_the_account_whose_key_signs() {
    // The last is a user's key, which says itself whose it is.
    for key in ["222222222222", "MINE", "AKIATHPL2AOHKVABCDEF"] {
        let mut story = Story::new();
        let mine = (
            "arn:aws:iam::222222222222:user/me".to_owned(),
            "222222222222".to_owned(),
        );
        story.state.sts.principals.insert("MINE".to_owned(), mine);
        // Its roles and its family are another account's.
        let request = task_definition(ACCOUNT, REGION, "webapp", &[("app", "nginx:1")]);
        let answer = signed(&mut story, key, "RegisterTaskDefinition", &request);
        let arn = text(&answer, "/taskDefinition/taskDefinitionArn");
        assert_eq!(
            arn, "arn:aws:ecs:eu-west-1:222222222222:task-definition/webapp:1",
            "{key}"
        );
        let by = text(&answer, "/taskDefinition/registeredBy");
        assert!(by.contains("::222222222222:"), "{by}");
    }
}

#[test]
fn a_key_that_nobody_here_handed_out_is_not_taken_for_its_roles_account() {
    let mut story = Story::new();
    let mut request = task_definition(ACCOUNT, REGION, "new", &[("app", "nginx:1")]);
    request["taskRoleArn"] = json!("arn:aws:iam::999999999999:role/new-task");
    let answer = signed(
        &mut story,
        "ASIASOMEBODYS",
        "RegisterTaskDefinition",
        &request,
    );
    let arn = text(&answer, "/taskDefinition/taskDefinitionArn");
    assert!(arn.contains(&format!(":{ACCOUNT}:")), "{arn}");
    let named = json!({ "cluster": "arn:aws:ecs:eu-west-1:999999999999:cluster/theirs" });
    let caller = crate::sts::identify(&story.state, "ASIAX".to_owned(), REGION.to_owned());
    let refused = handle(&mut story.state, story.now, "ListServices", &named, &caller);
    assert_eq!(refused.unwrap_err().code, "ClusterNotFoundException");
}

#[test]
fn a_user_s_key_says_whose_it_is() {
    let of = |key: &str| {
        let state = State::default();
        crate::sts::identify(&state, key.to_owned(), REGION.to_owned()).account
    };
    // AWS's own example of GetAccessKeyInfo's.
    assert_eq!(of("AKIAY34FZKBOKMUTVV7A"), "609629065308");
    for none in [
        "AKIAIOSFODNN7EXAMPLE",
        "AKIA",
        "AKIAOPERATOR",
        "ASIAY34FZKBOKMUTVV7A",
        "",
    ] {
        assert_eq!(of(none), "", "{none}");
    }
}
