//! `docs/ci.openapi.json`, held against the code: every route, member, status and code.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::door::status_of;
use super::{DeployBody, StatusBody, stands};
use crate::card::fixtures;
use crate::record::{Ending, Phase, Verdict, Why};
use crate::reply::pipeline::ProblemCode;

fn description() -> Value {
    serde_json::from_str(include_str!("../../docs/ci.openapi.json")).unwrap()
}

/// The routes, as API Gateway's keys have them.
pub(super) fn routes() -> Vec<String> {
    let description = description();
    let paths = description["paths"].as_object().unwrap().keys();
    paths.map(|path| format!("POST {path}")).collect()
}

fn schema(name: &str) -> Value {
    description()["components"]["schemas"][name].clone()
}

fn texts(list: &Value) -> BTreeSet<String> {
    let list = list.as_array().unwrap().iter();
    list.filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}

fn members(object: &Value) -> BTreeSet<String> {
    object.as_object().unwrap().keys().cloned().collect()
}

/// That a body with these members is read, and with one more or one less is not.
fn holds(schema: &Value, whole: &Value, reads: impl Fn(&Value) -> bool) {
    assert_eq!(members(&schema["properties"]), members(whole));
    assert_eq!(texts(&schema["required"]), members(whole));
    assert_eq!(schema["additionalProperties"], false);
    assert!(reads(whole));
    for member in members(whole) {
        let mut less = whole.clone();
        less.as_object_mut().unwrap().remove(&member);
        assert!(!reads(&less), "without {member}");
    }
    let mut more = whole.clone();
    more["more"] = json!(true);
    assert!(!reads(&more));
}

#[test]
fn the_routes_are_the_templates() {
    let template = include_str!("../../template.yaml");
    let routes = routes();
    for route in &routes {
        assert!(
            template.contains(&format!("RouteKey: {route}\n")),
            "{route}"
        );
    }
    assert_eq!(
        template.matches("RouteKey: POST /ci/").count(),
        routes.len()
    );
}

#[test]
fn the_bodies_have_these_members_and_no_other() {
    let deploy = json!({ "application": "cms", "environment": "staging", "ref": "1.0.2" });
    let read = |body: &Value| serde_json::from_value::<DeployBody>(body.clone()).is_ok();
    holds(&schema("Deploy"), &deploy, read);
    let status = json!({ "deploy": "4f2k9x0a" });
    let read = |body: &Value| serde_json::from_value::<StatusBody>(body.clone()).is_ok();
    holds(&schema("Status"), &status, read);
}

#[test]
fn what_is_answered_has_the_members_and_the_words_that_are_described() {
    let state = schema("State");
    let mut deploy = fixtures::planned(fixtures::deploy_of("1.0.2"));
    let answer = |deploy: &crate::record::Deploy| {
        let answer = stands(lambda_http::http::StatusCode::OK, deploy, "/deploy");
        let body = answer.into_response().body;
        let Some(lambda_http::Body::Text(body)) = body else {
            panic!("no text")
        };
        serde_json::from_str::<Value>(&body).unwrap()
    };
    let body = answer(&deploy);
    assert_eq!(members(&state["properties"]), members(&body));
    assert_eq!(texts(&state["required"]), members(&body));
    let mut said = BTreeSet::new();
    for phase in [
        Phase::Requested,
        Phase::Planned,
        Phase::Asking,
        Phase::Starting,
        Phase::Rolling,
        Phase::Overdue,
        Phase::Ended,
    ] {
        deploy.phase = phase;
        said.insert(answer(&deploy)["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(texts(&state["properties"]["status"]["enum"]), said);
    let mut said = BTreeSet::new();
    for verdict in Verdict::ALL {
        deploy.ending = Some(Ending {
            verdict,
            at: deploy.requested_at,
            why: Why::Said,
        });
        said.insert(answer(&deploy)["verdict"].as_str().unwrap().to_owned());
    }
    let verdicts = &state["properties"]["verdict"]["enum"];
    assert_eq!(texts(verdicts), said);
    // And none of them while it is under way.
    assert!(verdicts.as_array().unwrap().contains(&Value::Null));
}

#[test]
fn every_code_is_described_with_its_status_and_no_other() {
    let expected = ProblemCode::ALL.map(|code| {
        let status = status_of(code).as_u16().to_string();
        (status, code.word().to_owned())
    });
    let expected = BTreeSet::from(expected);
    let words: BTreeSet<String> = expected.iter().map(|(_, word)| word.clone()).collect();
    assert_eq!(
        texts(&schema("Problem")["properties"]["code"]["enum"]),
        words
    );
    let mut described = BTreeSet::new();
    let description = description();
    for path in description["paths"].as_object().unwrap().values() {
        for (status, response) in path["post"]["responses"].as_object().unwrap() {
            let problem = &response["content"]["application/problem+json"];
            if status.starts_with('2') {
                assert!(problem.is_null(), "{status}");
                continue;
            }
            for word in texts(&problem["schema"]["allOf"][1]["properties"]["code"]["enum"]) {
                described.insert((status.clone(), word));
            }
        }
    }
    assert_eq!(described, expected);
}
