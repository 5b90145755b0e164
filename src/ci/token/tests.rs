use serde_json::{Value, json};

use super::*;

/// The claims of a token as [GitHub](https://docs.github.com/en/actions/reference/security/oidc) lists them.
fn github() -> Value {
    json!({
        "jti": "3bc8a5f0-7f3e-4cf8-9a35-0ee3e0f0c1d1",
        "sub": "repo:octo-org/octo-repo:ref:refs/heads/main",
        "aud": "longshore-acme",
        "ref": "refs/heads/main",
        "sha": "c040cae0f0dc81641728557b80f09cfa23b83fe5",
        "repository": "octo-org/octo-repo",
        "repository_owner": "octo-org",
        "actor_id": "12",
        "repository_visibility": "private",
        "repository_id": "74",
        "repository_owner_id": "65",
        "run_id": "22259804324",
        "run_number": "10",
        "run_attempt": "2",
        "runner_environment": "github-hosted",
        "actor": "octocat",
        "workflow": "example-workflow",
        "head_ref": "",
        "base_ref": "",
        "event_name": "push",
        "ref_type": "branch",
        "ref_protected": "true",
        "job_workflow_ref": "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
        "iss": "https://token.actions.githubusercontent.com",
        "nbf": 1_632_492_967,
        "exp": 1_632_493_867,
        "iat": 1_632_493_567,
    })
}

/// The payload in [GitLab's documentation](https://docs.gitlab.com/ci/secrets/id_token_authentication/), with an environment.
fn gitlab() -> Value {
    json!({
        "namespace_id": "72",
        "namespace_path": "my-group",
        "project_id": "20",
        "project_path": "my-group/my-project",
        "user_id": "1",
        "user_login": "sample-user",
        "user_email": "sample-user@example.com",
        "user_access_level": "owner",
        "pipeline_id": "574",
        "pipeline_source": "push",
        "job_id": "302",
        "ref": "main",
        "ref_type": "branch",
        "ref_path": "refs/heads/main",
        "ref_protected": "true",
        "groups_direct": ["my-group/my-subgroup"],
        "environment": "staging",
        "environment_protected": "true",
        "runner_id": 1,
        "runner_environment": "gitlab-hosted",
        "sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
        "project_visibility": "public",
        "ci_config_ref_uri": "gitlab.com/my-group/my-project//.gitlab-ci.yml@refs/heads/main",
        "ci_config_sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
        "jti": "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b",
        "iss": "https://gitlab.com",
        "iat": 1_681_395_193,
        "nbf": 1_681_395_188,
        "exp": 1_681_398_793,
        "sub": "project_path:my-group/my-project:ref_type:branch:ref:main",
        "aud": "longshore-acme",
    })
}

fn trust(of: TokenOf, events: &[&str]) -> TokenTrust {
    TokenTrust {
        issuer: "https://gitlab.com".parse().unwrap(),
        audience: "longshore-acme".parse().unwrap(),
        of,
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        environment: None,
        workflow: None,
    }
}

fn fits(claims: &Value, trust: &TokenTrust) -> bool {
    let read: Result<TokenClaims, _> = serde_json::from_value(claims.clone());
    read.is_ok_and(|claims| claims.fit(trust))
}

/// Each member that counts, changed or taken away, one at a time.
fn refused(good: &Value, trust: &TokenTrust, members: &[(&str, Value)]) {
    assert!(fits(good, trust), "{trust:?}");
    for (member, value) in members {
        let mut other = good.clone();
        other[*member] = value.clone();
        assert!(!fits(&other, trust), "{member} = {value}");
        other.as_object_mut().unwrap().remove(*member);
        assert!(!fits(&other, trust), "{member} is missing");
    }
}

#[test]
fn of_github_the_repository_the_event_and_a_protected_place_count() {
    let of = || TokenOf::Repository("74".to_owned());
    let usual = ["push", "release", "workflow_dispatch"];
    let plain = trust(of(), &usual);
    refused(
        &github(),
        &plain,
        &[
            ("repository_id", json!("75")),
            ("event_name", json!("pull_request_target")),
            ("ref_protected", json!("false")),
            ("ref_protected", json!("TRUE")),
        ],
    );
    // A number is not what is documented.
    let mut number = github();
    number["repository_id"] = json!(74);
    assert!(!fits(&number, &plain));
    // Whoever took the name has another number.
    let mut reused = github();
    reused["repository_id"] = json!("9001");
    assert!(!fits(&reused, &plain));
    let mut fork = github();
    fork["repository_id"] = json!("1296269");
    fork["repository"] = json!("somebody/octo-repo");
    assert!(!fits(&fork, &plain));
    let mut placed = github();
    placed["environment"] = json!("staging");
    placed["ref_protected"] = json!("false");
    let for_staging = TokenTrust {
        environment: Some("staging".to_owned()),
        ..trust(of(), &usual)
    };
    refused(&placed, &for_staging, &[("environment", json!("Staging"))]);
    let workflow = "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main";
    let of_workflow = TokenTrust {
        workflow: Some(workflow.to_owned()),
        ..trust(of(), &usual)
    };
    let other = workflow.replace("heads/main", "heads/other");
    refused(
        &github(),
        &of_workflow,
        &[("job_workflow_ref", json!(other))],
    );
    assert!(!fits(
        &github(),
        &trust(TokenOf::Project("74".to_owned()), &usual)
    ));
}

#[test]
fn of_gitlab_the_project_the_source_and_a_protected_place_count() {
    let of = || TokenOf::Project("20".to_owned());
    let usual = ["push", "web"];
    refused(
        &gitlab(),
        &trust(of(), &usual),
        &[
            ("project_id", json!("21")),
            ("pipeline_source", json!("merge_request_event")),
            ("ref_protected", json!("false")),
        ],
    );
    let for_staging = TokenTrust {
        environment: Some("staging".to_owned()),
        ..trust(of(), &usual)
    };
    refused(
        &gitlab(),
        &for_staging,
        &[
            ("environment", json!("production")),
            ("environment_protected", json!("false")),
        ],
    );
    let config = "gitlab.com/my-group/my-project//.gitlab-ci.yml@refs/heads/main";
    let of_config = TokenTrust {
        workflow: Some(config.to_owned()),
        ..trust(of(), &usual)
    };
    let other = config.replace("heads/main", "heads/other");
    refused(
        &gitlab(),
        &of_config,
        &[("ci_config_ref_uri", json!(other))],
    );
    assert!(!fits(
        &gitlab(),
        &trust(TokenOf::Repository("20".to_owned()), &usual)
    ));
}

#[test]
fn a_request_brings_one_proof() {
    let headers = |pairs: &[(&str, &str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name: http::HeaderName = name.parse().unwrap();
            headers.append(name, value.parse().unwrap());
        }
        headers
    };
    let read = |pairs: &[(&str, &str)]| format!("{:?}", shown(&headers(pairs)));
    assert_eq!(read(&[]), "Signature");
    assert_eq!(read(&[("webhook-id", "m")]), "Signature");
    assert_eq!(
        read(&[("authorization", "Bearer a.b.c")]),
        r#"Token("a.b.c")"#
    );
    assert_eq!(
        read(&[("authorization", "bearer a.b.c")]),
        r#"Token("a.b.c")"#
    );
    for unclear in [
        &[("authorization", "Basic a")][..],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer a"), ("authorization", "Bearer b")],
        &[("authorization", "Bearer a"), ("webhook-signature", "v1,b")],
    ] {
        assert_eq!(read(unclear), "Unclear", "{unclear:?}");
    }
}
