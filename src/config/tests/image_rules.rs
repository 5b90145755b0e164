//! What an image must be: `branches`, `forward_only`, `immutable`, `scan` and `signed`.

use super::*;

const PRODUCTION: &str = "[environments.production]\n";

fn asking(rule: &str) -> String {
    format!("{PRODUCTION}{rule}\n")
}

fn compiled(rule: &str) -> Config {
    let text = GOOD.replace(PRODUCTION, &asking(rule));
    compile(&text).unwrap().config
}

#[test]
fn an_environment_names_the_branches_that_go_there_and_a_consent_binds_them() {
    let config = compiled(r#"branches = ["main", "hotfix/*"]"#);
    let target = |environment: &str| config.target(&app("cms"), &env(environment)).unwrap();
    let branches = &target("production").rules.branches;
    let names: Vec<_> = branches.iter().map(BranchPattern::as_str).collect();
    assert_eq!(names, ["main", "hotfix/*"]);
    assert!(target("staging").rules.is_empty());
    for (branch, fits) in [
        ("main", true),
        ("mainly", false),
        ("hotfix/a", true),
        ("hotfix/a/b", true),
        ("hotfix/", false),
        ("hotfix", false),
        ("a/hotfix/b", false),
    ] {
        assert_eq!(
            branches.iter().any(|one| one.fits(branch)),
            fits,
            "{branch}"
        );
    }
    let hash = |config: &Config| config.policy_hash(&app("cms"), &env("production"));
    assert_ne!(hash(&config), hash(&good()));
    let json = config.canonical().unwrap();
    assert_eq!(Config::parse(&json).unwrap(), config);
}

#[test]
fn each_rule_of_an_image_is_part_of_its_targets_and_of_what_a_consent_binds() {
    let hash = |config: &Config| config.policy_hash(&app("cms"), &env("production"));
    for rule in [
        "forward_only = true",
        "immutable = true",
        "scan = \"high\"",
        "signed = true",
    ] {
        let config = compiled(rule);
        assert_ne!(hash(&config), hash(&good()), "{rule}");
        let json = config.canonical().unwrap();
        assert_eq!(Config::parse(&json).unwrap(), config);
    }
    let not = compiled("forward_only = false\nimmutable = false\nsigned = false");
    assert_eq!(hash(&not), hash(&good()));
    let rules = compiled("scan = \"high\"")
        .target(&app("cms"), &env("production"))
        .unwrap()
        .rules;
    assert_eq!(rules.scan, Some(Severity::High));
    assert!(Severity::Critical > Severity::High && Severity::Medium > Severity::Low);
}

#[test]
fn an_application_may_ask_that_its_tags_stay_wherever_it_goes() {
    let cms = "[applications.cms]\n";
    let text = GOOD.replace(cms, &format!("{cms}immutable = true\n"));
    let config = compile(&text).unwrap().config;
    let stays = |application: &str, environment: &str| {
        let target = config.target(&app(application), &env(environment));
        target.unwrap().rules.immutable
    };
    assert!(stays("cms", "staging") && stays("cms", "production"));
    assert!(!stays("webapp", "staging"));
}

#[test]
fn a_rule_that_nobody_could_keep_or_that_means_nothing_is_refused() {
    let many: Vec<String> = (0..11).map(|number| format!("\"v{number}\"")).collect();
    let many = format!("branches = [{}]", many.join(", "));
    let mut said = Vec::new();
    for rule in [
        "branches = \"main\"",
        "branches = []",
        "branches = [\"*\"]",
        "branches = [\"refs/heads/main\"]",
        "branches = [\"a*b\"]",
        "branches = [\"main \"]",
        "branches = [\"main\", \"main\"]",
        &many,
        "scan = \"bad\"",
        "scan = \"Critical\"",
        "scan = true",
        "signed = \"yes\"",
        "immutable = 1",
        "forward_only = []",
        "forwards_only = true",
    ] {
        said.push(problems(PRODUCTION, &asking(rule)));
    }
    insta::assert_snapshot!(said.join("\n"), @r#"
    longshore.toml:12: environments.production.branches: must be a list of strings, but is a string
    longshore.toml:12: environments.production.branches: nothing could ever be deployed: the list is empty; name a branch, or remove it
    longshore.toml:12: environments.production.branches: "*" will not do: a branch is written by its name, "main", or by what several begin with, "hotfix/*"
    longshore.toml:12: environments.production.branches: "refs/heads/main" will not do: a branch is written by its name, "main", or by what several begin with, "hotfix/*"
    longshore.toml:12: environments.production.branches: "a*b" will not do: a branch is written by its name, "main", or by what several begin with, "hotfix/*"
    longshore.toml:12: environments.production.branches: "main " will not do: a branch is written by its name, "main", or by what several begin with, "hotfix/*"
    longshore.toml:12: environments.production.branches: lists "main" twice; keep one
    longshore.toml:12: environments.production.branches: lists 11, and 10 are the most; name fewer
    longshore.toml:12: environments.production.scan: "bad" will not do: write one of "low", "medium", "high" and "critical"
    longshore.toml:12: environments.production.scan: "Critical" will not do: write one of "low", "medium", "high" and "critical"
    longshore.toml:12: environments.production.scan: must be a string in double quotes, but is a boolean
    longshore.toml:12: environments.production.signed: must be true or false, but is a string
    longshore.toml:12: environments.production.immutable: must be true or false, but is an integer
    longshore.toml:12: environments.production.forward_only: must be true or false, but is a list
    longshore.toml:12: environments.production.forwards_only: unknown key; did you mean "forward_only"?
    "#);
}

#[test]
fn a_rule_about_commits_that_nobody_can_name_is_refused() {
    // The other application has no repository.
    let staging = "[environments.staging]\n";
    for rule in ["branches = [\"main\"]", "signed = true"] {
        let said = problems(staging, &format!("{staging}{rule}\n"));
        let (key, _) = rule.split_once(' ').unwrap();
        let whole = format!("\"staging\" has {key}, and \"webapp\" has no GitHub repository");
        assert!(said.contains(&whole), "{said}");
    }
}
