//! `checks`: which must have passed, and who must have reported them.

use super::*;
use crate::config::{CheckSource, Leniency};

const SOURCE: &str = r#"source       = { repository = "acme/cms", image = "cms" }"#;

fn of_source(checks: &str) -> String {
    format!(r#"source       = {{ repository = "acme/cms", image = "cms", checks = [{checks}] }}"#)
}

#[test]
fn an_application_asks_for_its_own_checks_and_an_environment_for_its() {
    let production = "[environments.production]\n";
    let text = GOOD
        .replace(
            SOURCE,
            &of_source(r#"{ name = "test", app = "github-actions", accept = ["skipped"] }"#),
        )
        .replace(
            production,
            &format!("{production}checks = [{{ name = \"scan\", creator = \"acme-bot[bot]\" }}]\n"),
        );
    let config = compile(&text).unwrap().config;
    let told = |environment: &str| {
        let target = config.target(&app("cms"), &env(environment)).unwrap();
        let checks = target.source.checks.iter();
        checks
            .map(|check| (check.to_string(), check.accept.len()))
            .collect::<Vec<_>>()
    };
    let test = ("test (github-actions)".to_owned(), 1);
    assert_eq!(told("staging"), std::slice::from_ref(&test));
    let scan = ("scan (acme-bot[bot])".to_owned(), 0);
    assert_eq!(told("production"), [test, scan]);
    let own = &config.application(&app("cms")).unwrap().checks;
    assert_eq!(own[0].source, CheckSource::App("github-actions".to_owned()));
    assert!(own[0].accept.contains(&Leniency::Skipped));
    // A consent binds them.
    let before = good().policy_hash(&app("cms"), &env("staging"));
    assert_ne!(config.policy_hash(&app("cms"), &env("staging")), before);
    let json = config.canonical().unwrap();
    assert_eq!(Config::parse(&json).unwrap(), config);
}

#[test]
fn a_check_without_whoever_reports_it_is_refused() {
    for (checks, said) in [
        (r#"{ name = "test" }"#, "does not say who reports it"),
        (
            r#"{ name = "test", app = "a", creator = "b" }"#,
            "has an app and a creator",
        ),
        (
            r#"{ name = "test", app = "GitHub Actions" }"#,
            "will not do: an app's slug",
        ),
        (
            r#"{ name = " ", app = "a" }"#,
            "a check's name is 1 to 255 characters",
        ),
        (
            r#"{ name = "test", app = "a", accept = ["failure"] }"#,
            "write \"skipped\" or \"neutral\"",
        ),
        (
            r#"{ name = "test", creator = "a", accept = ["skipped"] }"#,
            "a commit status is never skipped",
        ),
        (
            r#"{ name = "test", app = "a" }, { name = "test", app = "A" }"#,
            "asks for test (A) twice",
        ),
        (r#""test""#, "must be a table such as"),
        (r#"{ name = "test", ap = "a" }"#, "did you mean \"app\"?"),
    ] {
        let said_of_it = problems(SOURCE, &of_source(checks));
        assert!(said_of_it.contains(said), "{checks}: {said_of_it}");
    }
}

#[test]
fn checks_of_commits_that_nobody_can_name_are_refused() {
    let staging = "[environments.staging]\n";
    let asking = format!("{staging}checks = [{{ app = \"github-actions\" }}]\n");
    let said = problems(staging, &asking);
    // The other application has no repository.
    assert!(
        said.contains("\"staging\" has checks, and \"webapp\" has no GitHub repository"),
        "{said}"
    );
}
