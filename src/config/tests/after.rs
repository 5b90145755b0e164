//! `after` and `order`.

use std::time::Duration;

use super::*;
use crate::config::After;

const PRODUCTION: &str = "[environments.production]\n";
const AFTER: &str = "after = { environment = \"staging\", soak = \"30m\" }";

fn with(order: &str, after: &str) -> String {
    assert!(GOOD.contains(PRODUCTION));
    let text = GOOD.replace(PRODUCTION, &format!("{PRODUCTION}{after}\n"));
    format!("{order}\n{text}")
}

/// The good example with more environments, in which the CMS runs too.
fn with_more(order: &str, after: &str) -> String {
    let beta = |name: &str| {
        format!(
            "[environments.{name}]\naccount = \"prod\"\ncluster = \"{name}\"\nrequest = [\"everyone\"]\n\n"
        )
    };
    let more = format!("{}{}{PRODUCTION}", beta("beta"), beta("canary"));
    let text = with(order, after).replace(PRODUCTION, &more);
    let there = "environments = [\"staging\", \"production\"]";
    assert!(text.contains(there));
    text.replacen(
        there,
        "environments = [\"staging\", \"beta\", \"production\"]",
        1,
    )
}

#[test]
fn an_environment_comes_after_another_by_its_soak() {
    let config = compile(&with("", AFTER)).unwrap().config;
    let target = |environment| config.target(&app("cms"), &env(environment)).unwrap();
    let after = After {
        environment: env("staging"),
        soak: Duration::from_secs(1_800),
    };
    assert_eq!(target("production").after, Some(after));
    assert_eq!(target("staging").after, None);
    // A consent binds it.
    let hash = |config: &Config| config.policy_hash(&app("cms"), &env("production"));
    assert_ne!(hash(&config), hash(&good()));
    let json = config.canonical().unwrap();
    assert_eq!(Config::parse(&json).unwrap(), config);
    let at_once = AFTER.replace(", soak = \"30m\"", "");
    let config = compile(&with("", &at_once)).unwrap().config;
    let target = config.target(&app("cms"), &env("production")).unwrap();
    assert_eq!(target.after.unwrap().soak, Duration::ZERO);
}

#[test]
fn what_comes_next_and_before_leaves_out_where_an_application_does_not_run() {
    let order = "order = [\"staging\", \"canary\", \"beta\", \"production\"]";
    let text = with_more(order, "");
    let config = compile(&text).unwrap().config;
    let named = |found: Option<&EnvName>| found.map(ToString::to_string);
    let next = |from: &str| named(config.next(&app("cms"), &env(from)));
    let before = |to: &str| named(config.before(&app("cms"), &env(to)));
    assert_eq!(next("staging").as_deref(), Some("beta"));
    assert_eq!(next("beta").as_deref(), Some("production"));
    assert_eq!(next("production"), None);
    assert_eq!(before("production").as_deref(), Some("beta"));
    assert_eq!(before("beta").as_deref(), Some("staging"));
    assert_eq!(before("staging"), None);
    // It decides nothing, and no consent is of it.
    let target = config.target(&app("cms"), &env("staging")).unwrap();
    assert_eq!(target.next, Some(env("beta")));
    let without = compile(&with_more("", "")).unwrap().config;
    let hash = |config: &Config| config.policy_hash(&app("cms"), &env("staging"));
    assert_eq!(hash(&config), hash(&without));
    let named_after = compile(&with("", AFTER)).unwrap().config;
    let before = named_after.before(&app("cms"), &env("production"));
    assert_eq!(before, Some(&env("staging")));
    let json = config.canonical().unwrap();
    assert_eq!(Config::parse(&json).unwrap(), config);
}

#[test]
fn each_mistake_in_them_has_its_message() {
    let mut said = Vec::new();
    for (order, after) in [
        ("", "after = \"staging\""),
        ("", "after = { soak = \"30m\" }"),
        ("", "after = { environment = \"stagin\" }"),
        ("", "after = { environment = \"production\" }"),
        (
            "",
            "after = { environment = \"staging\", soak = \"half an hour\" }",
        ),
        ("", "after = { environment = \"staging\", soak = \"169h\" }"),
        ("", "after = { environment = \"staging\", soaks = \"1h\" }"),
        ("order = [\"staging\", \"live\"]", ""),
        ("order = [\"staging\", \"production\", \"staging\"]", ""),
        ("order = [\"production\", \"staging\"]", AFTER),
    ] {
        said.push(compile(&with(order, after)).unwrap_err().to_string());
    }
    let staging = "[environments.staging]\n";
    let round = with("", AFTER).replace(
        staging,
        &format!("{staging}after = {{ environment = \"production\" }}\n"),
    );
    said.push(compile(&round).unwrap_err().to_string());
    let there = "environments = [\"staging\", \"production\"]";
    let nowhere = with("", AFTER).replacen(there, "environments = [\"production\"]", 1);
    said.push(compile(&nowhere).unwrap_err().to_string());
    insta::assert_snapshot!(said.join("\n"), @r#"
    longshore.toml:13: environments.production.after: must be a table, but is a string
    longshore.toml:13: environments.production.after: has no "environment"; name the environment that comes before
    longshore.toml:13: environments.production.after.environment: there is no environment "stagin"; did you mean "staging"?
    longshore.toml:13: environments.production.after.environment: is the environment itself; name the one that comes before it
    longshore.toml:13: environments.production.after.soak: "half an hour" will not do: a duration is written "90s", "30m" or "1h30m"
    longshore.toml:13: environments.production.after.soak: must be "168h" at most
    longshore.toml:13: environments.production.after.soaks: unknown key; did you mean "soak"?
    longshore.toml:1: order: there is no environment "live"; defined: "production" and "staging"
    longshore.toml:1: order: "staging" is listed twice
    longshore.toml:1: order: lists "production" before "staging", and environments.production.after wants "staging" first
    longshore.toml:7: environments.staging.after: goes round in a circle, so nothing could ever be the first: staging after production after staging
    longshore.toml:14: environments.production.after: goes round in a circle, so nothing could ever be the first: production after staging after production
    longshore.toml:43: applications.webapp.environments: "staging" comes after "production", where "webapp" does not run, so it could never go there; add "production"
    longshore.toml:36: applications.cms.environments: "production" comes after "staging", where "cms" does not run, so it could never go there; add "staging"
    "#);
}
