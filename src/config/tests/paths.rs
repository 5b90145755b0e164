//! `paths`: the files of a repository that are an application's own.

use super::*;

const SOURCE: &str = r#"source       = { repository = "acme/cms", image = "cms" }"#;

fn with(paths: &str) -> String {
    assert!(GOOD.contains(SOURCE));
    GOOD.replace(
        SOURCE,
        &format!("{}, {paths} }}", SOURCE.trim_end_matches(" }")),
    )
}

#[test]
fn an_application_has_files_of_its_own_and_a_consent_binds_them() {
    let config = compile(&with(r#"paths = ["services/cms/**", "Cargo.lock"]"#))
        .unwrap()
        .config;
    let target = config.target(&app("cms"), &env("staging")).unwrap();
    let paths: Vec<&str> = target
        .source
        .paths
        .iter()
        .map(|path| path.as_str())
        .collect();
    assert_eq!(paths, ["services/cms/**", "Cargo.lock"]);
    let before = good().policy_hash(&app("cms"), &env("staging"));
    assert_ne!(config.policy_hash(&app("cms"), &env("staging")), before);
    let json = config.canonical().unwrap();
    assert_eq!(Config::parse(&json).unwrap(), config);
}

#[test]
fn what_is_no_list_of_files_is_refused_where_it_stands() {
    for (paths, said) in [
        ("paths = []", "name files, such as"),
        (r#"paths = ["/a"]"#, "\"/a\" will not do"),
        (r#"paths = ["a", "a"]"#, "listed twice"),
        (r#"paths = "a""#, "must be a list"),
    ] {
        let problems = compile(&with(paths)).unwrap_err().to_string();
        assert!(problems.contains(said), "{paths}: {problems}");
    }
    let many: Vec<String> = (0..21).map(|number| format!("\"a{number}\"")).collect();
    let problems = compile(&with(&format!("paths = [{}]", many.join(", ")))).unwrap_err();
    assert!(
        problems.to_string().contains("20 are looked at"),
        "{problems}"
    );
    let without = with(r#"paths = ["a"]"#).replace(r#"repository = "acme/cms", "#, "");
    let problems = compile(&without).unwrap_err().to_string();
    assert!(problems.contains("has no GitHub repository"), "{problems}");
}
