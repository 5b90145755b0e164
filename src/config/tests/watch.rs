//! Files that are watched for: `watch_files`.

use super::*;

const CMS: &str = "[applications.cms]\n";
const PRODUCTION: &str = "[environments.production]\n";

#[test]
fn files_are_watched_for_in_the_applications_own_repository() {
    let images = r#"images = { nginx = { image = "cms-nginx", repository = "acme/nginx" } }"#;
    let watches = format!("{CMS}watch_files = [\"migrations/**\"]\n{images}\n");
    let config = compile(&GOOD.replacen(CMS, &watches, 1)).unwrap().config;
    let target = config.target(&app("cms"), &env("production")).unwrap();
    let nginx = target.source_of(Some(&"nginx".parse().unwrap())).unwrap();
    assert_eq!(target.watched_in(nginx), []);
    assert_eq!(target.watched_in(&target.source).len(), 1);
}

#[test]
fn an_application_and_an_environment_watch_and_no_consent_hangs_on_it() {
    let text = GOOD
        .replace(
            CMS,
            &format!("{CMS}watch_files = [\"migrations/**\", \"Dockerfile\"]\n"),
        )
        .replace(
            PRODUCTION,
            &format!("{PRODUCTION}watch_files = [\"**/*.sql\", \"Dockerfile\"]\n"),
        );
    let config = compile(&text).unwrap().config;
    let watched = |application: &str, environment: &str| {
        let target = config.target(&app(application), &env(environment)).unwrap();
        let patterns = target.watch_files.iter().map(FilePattern::as_str);
        patterns.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(watched("cms", "staging"), ["migrations/**", "Dockerfile"]);
    assert_eq!(
        watched("cms", "production"),
        ["migrations/**", "Dockerfile", "**/*.sql"]
    );
    assert!(watched("webapp", "staging").is_empty());
    let hash = |config: &Config| config.policy_hash(&app("cms"), &env("production"));
    assert_eq!(hash(&config), hash(&good()));
    let json = config.canonical().unwrap();
    assert_eq!(Config::parse(&json).unwrap(), config);
}

#[test]
fn a_pattern_that_fits_nothing_or_means_something_else_elsewhere_is_refused() {
    let many: Vec<String> = (0..21).map(|number| format!("\"v{number}\"")).collect();
    let many = format!("watch_files = [{}]", many.join(", "));
    let mut said = Vec::new();
    for rule in [
        "watch_files = \"migrations/**\"",
        "watch_files = [\"/migrations/**\"]",
        "watch_files = [\"migrations/\"]",
        "watch_files = [\"migrations//a\"]",
        "watch_files = [\"../migrations\"]",
        "watch_files = [\"migrations**\"]",
        "watch_files = [\"[ab].sql\"]",
        "watch_files = [\"{a,b}.sql\"]",
        "watch_files = [\"!a.sql\"]",
        "watch_files = [\"\"]",
        "watch_files = [\"a.sql \"]",
        "watch_files = [\"a.sql\", \"a.sql\"]",
        &many,
    ] {
        said.push(problems(PRODUCTION, &format!("{PRODUCTION}{rule}\n")));
    }
    insta::assert_snapshot!(said.join("\n"), @r#"
    longshore.toml:12: environments.production.watch_files: must be a list of strings, but is a string
    longshore.toml:12: environments.production.watch_files: "/migrations/**" will not do: files are written by their path in the repository, "services/cms/**"; * and ? stand for what is in one name, and ** alone between slashes for any folders
    longshore.toml:12: environments.production.watch_files: "migrations/" will not do: files are written by their path in the repository, "services/cms/**"; * and ? stand for what is in one name, and ** alone between slashes for any folders
    longshore.toml:12: environments.production.watch_files: "migrations//a" will not do: files are written by their path in the repository, "services/cms/**"; * and ? stand for what is in one name, and ** alone between slashes for any folders
    longshore.toml:12: environments.production.watch_files: "../migrations" will not do: files are written by their path in the repository, "services/cms/**"; * and ? stand for what is in one name, and ** alone between slashes for any folders
    longshore.toml:12: environments.production.watch_files: "migrations**" will not do: files are written by their path in the repository, "services/cms/**"; * and ? stand for what is in one name, and ** alone between slashes for any folders
    longshore.toml:12: environments.production.watch_files: "[ab].sql" will not do: files are written by their path in the repository, "services/cms/**"; * and ? stand for what is in one name, and ** alone between slashes for any folders
    longshore.toml:12: environments.production.watch_files: "{a,b}.sql" will not do: files are written by their path in the repository, "services/cms/**"; * and ? stand for what is in one name, and ** alone between slashes for any folders
    longshore.toml:12: environments.production.watch_files: "!a.sql" will not do: files are written by their path in the repository, "services/cms/**"; * and ? stand for what is in one name, and ** alone between slashes for any folders
    longshore.toml:12: environments.production.watch_files: "" will not do: files are written by their path in the repository, "services/cms/**"; * and ? stand for what is in one name, and ** alone between slashes for any folders
    longshore.toml:12: environments.production.watch_files: "a.sql " will not do: files are written by their path in the repository, "services/cms/**"; * and ? stand for what is in one name, and ** alone between slashes for any folders
    longshore.toml:12: environments.production.watch_files: "a.sql" is listed twice
    longshore.toml:12: environments.production.watch_files: lists 21 patterns, and 20 are looked at at most
    "#);
}
