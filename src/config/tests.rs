mod links;
mod told;

use proptest::prelude::*;

use super::*;
use crate::names::{CommitSha, Ref};

/// The example of the documentation, as written, with rules that are not built yet.
const WHOLE: &str = r#"slack    = { teams = ["T0001"], admins = ["U024BE7LH"], announce = "C0MGMT", command = "/deploy" }
accounts = { dev = { id = "222222222222", region = "eu-west-1" }, prod = { id = "111111111111", region = "eu-west-1" } }
defaults = { registry = "prod", tag = "{sha}", service = "{app}", base = "live" }

[environments.staging]
account = "dev"
cluster = "staging"
aliases = ["stg"]
request = ["everyone"]

[environments.production]
account   = "prod"
cluster   = "production"
aliases   = ["prod"]
request   = ["team", "@S0614TZR7", "U061F7AUR"]
approve   = { by = ["team.leads"], count = 1, not_author = true }
after     = { environment = "staging", soak = "30m" }
rollback  = { by = ["team", "oncall"], approvals = 0 }
emergency = { by = ["oncall", "admins"], waives = ["approve", "after"] }
branches  = ["main", "hotfix/*"]
channels  = ["C2147483705"]
freeze    = [{ weekly = "fri 16:00 / mon 08:00", zone = "Europe/Vienna", why = "weekend" }]
evidence  = "link"
announce  = true

[teams.content]
members = ["@S0CONTENT"]
leads   = ["U061F7AUR"]
applications = ["cms"]

[applications.cms]
title        = "Content Management System"
aliases      = ["content"]
environments = ["staging", "production"]
source       = { repository = "acme/cms", image = "cms", checks = ["test"] }
services     = ["cms-api", "cms-worker"]
containers   = ["app"]
before       = { task = "cms-migrate", command = ["./migrate"], timeout = "20m" }
"#;

/// The example without those rules.
const GOOD: &str = r#"slack    = { teams = ["T0001"], admins = ["U024BE7LH"], announce = "C0MGMT", command = "/deploy" }
accounts = { dev = { id = "222222222222", region = "eu-west-1" }, prod = { id = "111111111111", region = "eu-west-1" } }
defaults = { registry = "prod", tag = "{sha}", service = "{app}", base = "live" }

[environments.staging]
account = "dev"
cluster = "staging"
aliases = ["stg"]
request = ["everyone"]

[environments.production]
account   = "prod"
cluster   = "production"
aliases   = ["prod"]
request   = ["team", "U061F7AUR"]
rollback  = { by = ["team", "team:ops"], approvals = 0 }
channels  = ["C2147483705"]
evidence  = "link"
announce  = true
confirm   = true
deadline  = "1h30m"

[teams.content]
members = ["U0000000A"]
leads   = ["U061F7AUR"]
applications = ["cms"]

[teams.ops]
members = ["U0000000B"]

[applications.cms]
title        = "Content Management System"
aliases      = ["content"]
environments = ["staging", "production"]
source       = { repository = "acme/cms", image = "cms" }
services     = ["cms-api", "cms-worker"]
containers   = ["app"]

[applications.webapp]
environments = ["staging"]
service      = "{app}-{env}"
tag          = "v{ref}-{short}"
base         = "head"
restore_head = false
"#;

fn compile(text: &str) -> Result<Checked, Invalid> {
    Config::compile(&[SourceFile::new("longshore.toml", text)])
}

fn good() -> Config {
    compile(GOOD).unwrap().config
}

fn app(name: &str) -> AppName {
    name.parse().unwrap()
}

fn env(name: &str) -> EnvName {
    name.parse().unwrap()
}

/// The problems of the good example after one replacement in it.
fn problems(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old}");
    match compile(&GOOD.replacen(old, new, 1)) {
        Ok(_) => "none".to_owned(),
        Err(invalid) => invalid.to_string(),
    }
}

#[test]
fn the_documented_example_names_every_rule_that_is_not_built() {
    insta::assert_snapshot!(compile(WHOLE).unwrap_err(), @r#"
longshore.toml:15: environments.production.request: "@S0614TZR7" is not supported by this version, remove it
longshore.toml:16: environments.production.approve: not supported by this version, remove it
longshore.toml:17: environments.production.after: not supported by this version, remove it
longshore.toml:18: environments.production.rollback.by: "oncall" is not supported by this version, remove it
longshore.toml:19: environments.production.emergency: not supported by this version, remove it
longshore.toml:20: environments.production.branches: not supported by this version, remove it
longshore.toml:22: environments.production.freeze: not supported by this version, remove it
longshore.toml:27: teams.content.members: "@S0CONTENT" is not supported by this version, remove it
longshore.toml:35: applications.cms.source.checks: not supported by this version, remove it
"#);
}

#[test]
fn a_one_off_task_is_part_of_where_an_application_runs_and_of_its_policy() {
    let with = |before: &str| {
        GOOD.replacen(
            "[applications.cms]\n",
            &format!("[applications.cms]\nbefore = {before}\n"),
            1,
        )
    };
    let target = |text: &str| {
        let config = compile(text).unwrap().config;
        let hash = config.policy_hash(&app("cms"), &env("production")).unwrap();
        (
            config.target(&app("cms"), &env("production")).unwrap(),
            hash,
        )
    };
    let (plain, plain_hash) = target(GOOD);
    assert_eq!(plain.before, None);
    let (full, full_hash) = target(&with(
        r#"{ task = "{app}-{env}-migrate", command = ["./migrate"], timeout = "20m" }"#,
    ));
    let before = full.before.clone().unwrap();
    assert_eq!(before.task, "cms-production-migrate");
    assert_eq!(before.command, ["./migrate"]);
    assert_eq!(before.timeout, Duration::from_secs(20 * 60));
    assert!(
        full.log_groups
            .contains(&"/ecs/cms-production-migrate".to_owned())
    );
    assert_ne!(full_hash, plain_hash);
    let (short, _) = target(&with(r#"{ task = "migrate" }"#));
    let before = short.before.unwrap();
    assert_eq!(
        (before.command.len(), before.timeout),
        (0, Duration::from_secs(15 * 60))
    );
    for (written, problem) in [
        (
            "{ }",
            "applications.cms.before: has no \"task\"; name its task definition family, such as \"cms-migrate\"",
        ),
        (
            r#"{ task = "a b" }"#,
            "applications.cms.before.task: \"a b\" will not do: ECS allows letters, digits, \"-\" and \"_\", up to 255",
        ),
        (
            r#"{ task = "m", command = [] }"#,
            "applications.cms.before.command: is empty; name its words, or remove it to run the container's own command",
        ),
        (
            r#"{ task = "m", timeout = "13h" }"#,
            "applications.cms.before.timeout: must be between \"1m\" and \"12h\"",
        ),
        (
            r#"{ task = "m", after = "x" }"#,
            "applications.cms.before.after: unknown key, remove it; known here: command, task, timeout",
        ),
        (
            r#"{ task = "cms-api" }"#,
            "applications.cms.before: \"cms-api\" is the family of a service too; give the task one of its own",
        ),
    ] {
        let said = compile(&with(written)).unwrap_err().to_string();
        assert!(said.contains(problem), "{said}");
    }
}

#[test]
fn schedules_are_named_with_their_groups_and_families() {
    let with = |schedules: &str| {
        let cms = format!("[applications.cms]\nschedules = {schedules}\n");
        GOOD.replacen("[applications.cms]\n", &cms, 1)
    };
    let list = r#"["nightly-{env}", "reports/weekly", "reports/daily:{app}-jobs"]"#;
    let config = compile(&with(list)).unwrap().config;
    let target = config.target(&app("cms"), &env("production")).unwrap();
    let pairs = target.schedules.iter();
    let pairs: Vec<_> = pairs
        .map(|one| (one.schedule.as_str(), one.family.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("nightly-production", "nightly-production"),
            ("reports/weekly", "weekly"),
            ("reports/daily", "cms-jobs"),
        ]
    );
    assert_eq!(
        target.schedule_arn("reports/daily"),
        "arn:aws:scheduler:eu-west-1:111111111111:schedule/reports/daily"
    );
    for bad in ["a b", "a/b/c", "a:b:c", ":b", "a:", "/a", "{ref}"] {
        let said = compile(&with(&format!("[\"{bad}\"]"))).unwrap_err();
        let said = said.to_string();
        assert!(
            said.contains("applications.cms.schedules: "),
            "{bad}: {said}"
        );
    }
}

#[test]
fn containers_may_run_images_of_their_own() {
    let with = |images: &str| {
        let cms = format!("[applications.cms]\nimages = {images}\n");
        GOOD.replacen("[applications.cms]\n", &cms, 1)
    };
    let full = r#"{ nginx = { image = "cms-nginx", repository = "acme/nginx", tag = "v-{sha}" }, Log_Router = { image = "cms" } }"#;
    let config = compile(&with(full)).unwrap().config;
    let target = config.target(&app("cms"), &env("production")).unwrap();
    let nginx = "nginx".parse().unwrap();
    let source = target.source_of(Some(&nginx)).unwrap();
    assert_eq!(
        source.image.uri(),
        "111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms-nginx"
    );
    assert_eq!(source.tag.to_string(), "v-{sha}");
    assert_eq!(source.containers, Some(vec!["nginx".to_owned()]));
    let names: Vec<_> = target.sources().map(|(name, _)| name).collect();
    let router = "Log_Router".parse().unwrap();
    assert_eq!(names, [None, Some(&router), Some(&nginx)]);
    // Nothing of the application's source is inherited but the tag.
    let router = target.source_of(Some(&router)).unwrap();
    assert_eq!((&router.repository, router.tag.as_str()), (&None, "{sha}"));
    assert_eq!(target.source_of(Some(&"other".parse().unwrap())), None);
    assert_eq!(
        target.parameter_arn(Some(&nginx)),
        "arn:aws:ssm:eu-west-1:111111111111:parameter/longshore/production/cms/nginx/image"
    );
    // It is stored, and read back.
    let json = config.canonical().unwrap();
    assert_eq!(Config::parse(&json).unwrap(), config);
    assert!(config.vocabulary().image(&app("cms"), "NGINX").is_some());
    for (written, problem) in [
        (
            r#"{ nginx = {} }"#,
            "applications.cms.images.nginx: has no \"image\"; name its ECR repository",
        ),
        (
            r#"{ nginx = { image = "a b" } }"#,
            "applications.cms.images.nginx.image: \"a b\" will not do: ",
        ),
        (
            r#"{ "a b" = { image = "xx" } }"#,
            "applications.cms.images.a b: \"a b\" will not do: a container name is 1 to 255 letters, digits, hyphens and underscores, and starts with a letter or a digit",
        ),
        (
            r#"{ app = { image = "xx" } }"#,
            "applications.cms.images.app: \"app\" is listed in \"containers\" too (line 38), whose image is the application's; keep one of the two",
        ),
        (
            r#"{ nginx = { image = "xx" }, Nginx = { image = "yy" } }"#,
            "differs from \"Nginx\" in nothing but case, which people do not type",
        ),
        (
            r#"{ nginx = { image = "xx", checks = [] } }"#,
            "applications.cms.images.nginx.checks: unknown key, remove it; known here: image, repository, tag",
        ),
        (
            r#"{ nginx = { image = "xx", tag = "latest" } }"#,
            "applications.cms.images.nginx.tag: \"latest\" will not do: ",
        ),
        (
            r#"{ nginx = { image = "xx", repository = "nginx" } }"#,
            "applications.cms.images.nginx.repository: \"nginx\" will not do: ",
        ),
        (
            r#""nginx""#,
            "applications.cms.images: must be a table, but is a string",
        ),
    ] {
        let said = compile(&with(written)).unwrap_err().to_string();
        assert!(said.contains(problem), "{said}");
    }
    let unlisted =
        with(r#"{ nginx = { image = "cms" } }"#).replace("containers   = [\"app\"]\n", "");
    let said = compile(&unlisted).unwrap_err().to_string();
    assert!(
        said.contains("applications.cms.images.nginx.image: is the application's own image too, so that its containers cannot be told from \"nginx\"; list them in \"containers\""),
        "{said}"
    );
}

/// Or consents that were given, and versions that were pushed, would count no more.
#[test]
fn without_images_of_its_own_an_application_is_what_it_was() {
    let config = good();
    let target = config.target(&app("cms"), &env("production")).unwrap();
    let json = serde_json::to_value(&target).unwrap();
    for key in ["image", "repository", "tag", "containers"] {
        assert!(json.get(key).is_some(), "{key}");
    }
    for key in ["images", "source"] {
        assert!(json.get(key).is_none(), "{key}");
    }
    assert!(!config.canonical().unwrap().contains("images"));
}

#[test]
fn the_example_without_those_rules_is_accepted() {
    let checked = compile(GOOD).unwrap();
    insta::assert_snapshot!(checked.warnings.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"), @"");
}

#[test]
fn who_may_read_logs_is_a_list_of_its_own_that_counts_only_where_logs_are_shown() {
    let written = |keys: &str| {
        let text = GOOD.replacen("evidence  = \"link\"", keys, 1);
        assert_ne!(text, GOOD);
        let checked = compile(&text).unwrap();
        let warnings: Vec<String> = checked.warnings.iter().map(Problem::to_string).collect();
        (checked.config, warnings.join("\n"))
    };
    let (config, warned) = written("evidence  = \"logs\"\nlogs      = [\"team.leads\"]");
    let production = config.environment(&env("production")).unwrap();
    assert_eq!(production.logs, Some([Who::Leads].into()));
    assert_eq!(warned, "");
    // The right to read is none to deploy: no question becomes another by it.
    let hash = |config: &Config| config.policy_hash(&app("cms"), &env("production"));
    assert_eq!(hash(&config), hash(&written("evidence  = \"logs\"").0));
    assert_eq!(good().environment(&env("production")).unwrap().logs, None);
    let (_, warned) = written("evidence  = \"logs\"\nlogs      = []");
    assert!(
        warned.ends_with("nobody may read logs here: the list is empty"),
        "{warned}"
    );
    let (_, warned) = written("logs      = [\"team\"]");
    assert!(
        warned.contains("has no effect while \"evidence\" is not \"logs\""),
        "{warned}"
    );
    let text = GOOD.replacen("evidence  = \"link\"", "logs      = [\"team:nobody\"]", 1);
    assert!(compile(&text).is_err());
}

#[test]
fn a_target_says_everything_a_deploy_needs() {
    let target = good().target(&app("cms"), &env("production")).unwrap();
    assert_eq!(target.title, "Content Management System");
    assert_eq!(target.account.as_str(), "111111111111");
    assert_eq!(target.region.as_str(), "eu-west-1");
    assert_eq!(target.cluster, "production");
    assert_eq!(target.services, ["cms-api", "cms-worker"]);
    assert_eq!(target.families, ["cms-api", "cms-worker"]);
    assert_eq!(target.source.containers, Some(vec!["app".to_owned()]));
    assert_eq!(
        target.registry_uri(),
        "111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms"
    );
    assert_eq!(target.source.repository.unwrap().as_str(), "acme/cms");
    assert_eq!(target.base, Base::Live);
    assert!(target.restore_head);
    assert!(target.confirm);
    assert_eq!(target.evidence, LogEvidence::Link);
    assert_eq!(target.deadline, Duration::from_secs(5400));
    assert_eq!(target.announce.unwrap().as_str(), "C0MGMT");
}

#[test]
fn how_several_services_roll_out_is_the_applications_word_else_the_defaults() {
    let usual = good().target(&app("cms"), &env("production")).unwrap();
    assert_eq!(usual.rollouts, Rollouts::InOrder);
    assert_eq!(usual.on_failure, OnFailure::RollbackAll);
    let own = "services     = [\"cms-api\", \"cms-worker\"]\non_failure = \"stop\"";
    let text = GOOD.replace("services     = [\"cms-api\", \"cms-worker\"]", own);
    let text = text.replace("defaults = {", "defaults = { rollouts = \"parallel\",");
    let config = compile(&text).unwrap().config;
    let target = config.target(&app("cms"), &env("production")).unwrap();
    assert_eq!(target.rollouts, Rollouts::Parallel);
    assert_eq!(target.on_failure, OnFailure::Stop);
    let read = Config::parse(&config.canonical().unwrap()).unwrap();
    assert_eq!(read, config);
    // Whoever consented to a plan consented to how it rolls out.
    let hash = |config: &Config| config.policy_hash(&app("cms"), &env("production"));
    assert_ne!(hash(&config), hash(&good()));
    insta::assert_snapshot!(
        problems("containers   = [\"app\"]", "rollouts = \"at once\"\non_failure = \"wait\""),
        @r#"
    longshore.toml:37: applications.cms.rollouts: "at once" will not do: write "in_order" or "parallel"
    longshore.toml:38: applications.cms.on_failure: "wait" will not do: write "rollback_all" or "stop"
    "#
    );
}

#[test]
fn defaults_fill_in_what_an_application_leaves_out() {
    let target = good().target(&app("webapp"), &env("staging")).unwrap();
    assert_eq!(target.title, "webapp");
    assert_eq!(target.services, ["webapp-staging"]);
    assert_eq!(target.source.containers, None);
    assert_eq!(target.source.repository, None);
    assert_eq!(target.base, Base::Head);
    assert!(!target.restore_head);
    assert!(!target.confirm);
    assert_eq!(target.deadline, Duration::from_secs(1800));
    assert_eq!(target.announce, None);
    // The registry is another account than the environment's.
    assert_eq!(
        target.source.image.arn(),
        "arn:aws:ecr:eu-west-1:111111111111:repository/webapp"
    );
    assert_eq!(
        target.deploy_role_arn(),
        "arn:aws:iam::222222222222:role/longshore-staging"
    );
    assert_eq!(
        target.service_arn("webapp-staging"),
        "arn:aws:ecs:eu-west-1:222222222222:service/staging/webapp-staging"
    );
}

#[test]
fn an_application_has_no_target_where_it_does_not_run() {
    let config = good();
    assert_eq!(config.target(&app("webapp"), &env("production")), None);
    assert_eq!(config.target(&app("nothing"), &env("staging")), None);
    assert_eq!(config.target(&app("cms"), &env("nowhere")), None);
    assert_eq!(config.policy_hash(&app("webapp"), &env("production")), None);
}

#[test]
fn the_vocabulary_knows_names_and_aliases() {
    let words = good().vocabulary();
    assert_eq!(words.application("content"), Some(&app("cms")));
    assert_eq!(words.application("webapp"), Some(&app("webapp")));
    assert_eq!(words.environment("stg"), Some(&env("staging")));
    assert_eq!(words.environment("production"), Some(&env("production")));
    assert_eq!(words.environment("content"), None);
}

#[test]
fn tags_are_rendered_as_ecr_accepts_them() {
    let commit: CommitSha = "0123456789abcdef0123456789abcdef01234567".parse().unwrap();
    for (pattern, reference, tag) in [
        ("{sha}", "main", "0123456789abcdef0123456789abcdef01234567"),
        ("{short}", "main", "0123456"),
        ("sha-{short}", "main", "sha-0123456"),
        ("{ref}", "v1.0.2", "v1.0.2"),
        ("{ref}-{short}", "feature/a+b", "feature-a-b-0123456"),
        ("{ref}", "@feature", "feature"),
    ] {
        let pattern: TagPattern = pattern.parse().unwrap();
        assert_eq!(pattern.render(&commit, &reference.parse().unwrap()), tag);
    }
    let long: TagPattern = "{ref}".parse().unwrap();
    let reference: Ref = "r".repeat(200).parse().unwrap();
    assert_eq!(long.render(&commit, &reference).len(), 128);
}

#[test]
fn the_canonical_form_round_trips_and_its_hash_is_its_content() {
    let config = good();
    let json = config.canonical().unwrap();
    let again = Config::parse(&json).unwrap();
    assert_eq!(again, config);
    assert_eq!(again.canonical().unwrap(), json);
    assert_eq!(
        config.sha256().unwrap(),
        crate::names::digest::sha256(&json)
    );
    assert_eq!(config.sha256().unwrap().len(), 64);
    // The order in which things were written has no meaning.
    let shuffled = GOOD.replace(
        r#"request   = ["team", "U061F7AUR"]"#,
        r#"request   = ["U061F7AUR", "team"]"#,
    );
    assert_ne!(shuffled, GOOD);
    assert_eq!(
        compile(&shuffled).unwrap().config.sha256().unwrap(),
        config.sha256().unwrap()
    );
}

#[test]
fn an_unusable_stored_configuration_is_an_error() {
    let json = good().canonical().unwrap();
    assert!(matches!(Config::parse(""), Err(Unusable::Unreadable(_))));
    assert!(matches!(Config::parse("{}"), Err(Unusable::Unreadable(_))));
    assert!(matches!(
        Config::parse(&json.replace("\"schema\":1", "\"schema\":2")),
        Err(Unusable::Format(2))
    ));
    let unknown = json.replace("\"schema\":1", "\"schema\":1,\"approve\":[]");
    assert!(matches!(
        Config::parse(&unknown),
        Err(Unusable::Unreadable(_))
    ));
    let dangling = json.replace("team:ops", "team:sre");
    assert!(matches!(
        Config::parse(&dangling),
        Err(Unusable::Dangling(_))
    ));
}

#[test]
fn the_policy_hash_changes_with_what_applies_and_with_nothing_else() {
    let hash = |text: &str| {
        let config = compile(text).unwrap().config;
        config.policy_hash(&app("cms"), &env("production")).unwrap()
    };
    let before = hash(GOOD);
    for (old, new) in [
        (r#"["team", "U061F7AUR"]"#, r#"["team"]"#),
        ("U0000000A", "U0000000C"),
        ("U0000000B", "U0000000C"),
        ("U024BE7LH", "U0000000C"),
        ("T0001", "T0002"),
        ("C2147483705", "C2147483706"),
        ("confirm   = true", "confirm   = false"),
        ("cms-worker", "cms-jobs"),
        ("cluster   = \"production\"", "cluster   = \"live\""),
        ("{sha}", "{short}"),
    ] {
        assert!(GOOD.contains(old), "{old}");
        assert_ne!(hash(&GOOD.replacen(old, new, 1)), before, "{old}");
    }
    for (old, new) in [
        ("[\"everyone\"]", "[\"team\"]"),
        ("{app}-{env}", "{app}"),
        ("[\"content\"]", "[\"pages\"]"),
    ] {
        assert!(GOOD.contains(old), "{old}");
        assert_eq!(hash(&GOOD.replacen(old, new, 1)), before, "{old}");
    }
}

#[test]
fn each_mistake_has_its_message() {
    for (old, new, message) in [
        (
            "teams = [\"T0001\"]",
            "teams = []",
            "longshore.toml:1: slack.teams: is empty, which would refuse everybody; list your workspaces' ids, such as \"T0001\"",
        ),
        (
            "teams = [\"T0001\"], ",
            "",
            "longshore.toml:1: slack: has no \"teams\"; list your workspaces' ids, such as \"T0001\"",
        ),
        (
            "teams = [\"T0001\"]",
            "teams = [\"C0001\"]",
            "longshore.toml:1: slack.teams: \"C0001\" will not do: a Slack team id is a T or E followed by capital letters and digits",
        ),
        (
            "teams = [\"T0001\"]",
            "teams = \"T0001\"",
            "longshore.toml:1: slack.teams: must be a list of strings, but is a string",
        ),
        (
            "teams = [\"T0001\"]",
            "teams = [\"T0001\", 7]",
            "longshore.toml:1: slack.teams: must be a list of strings, but is an integer",
        ),
        (
            "\"/deploy\"",
            "\"deploy\"",
            "longshore.toml:1: slack.command: \"deploy\" will not do: a slash command is \"/\" and up to 31 lower-case letters, digits, \"-\" and \"_\"",
        ),
        (
            "announce = \"C0MGMT\", ",
            "announce = \"C0MGMT\", zone = \"Europe/Viena\", ",
            "longshore.toml:1: slack.zone: \"Europe/Viena\" will not do: a time zone is named as in the IANA database, such as \"Europe/Vienna\"",
        ),
        (
            "announce = \"C0MGMT\", ",
            "",
            "longshore.toml:19: environments.production.announce: has nowhere to go; set slack.announce to a channel id",
        ),
        (
            "admins = [\"U024BE7LH\"]",
            "admins = [\"@S0ADMINS\"]",
            "longshore.toml:1: slack.admins: \"@S0ADMINS\" is not supported by this version, remove it",
        ),
        (
            "admins =",
            "admin =",
            "longshore.toml:1: slack.admin: unknown key; did you mean \"admins\"?",
        ),
        (
            "222222222222",
            "22222222222",
            "longshore.toml:2: accounts.dev.id: \"22222222222\" will not do: an account id is 12 digits in quotes, such as \"111111111111\"",
        ),
        (
            "id = \"222222222222\"",
            "id = 222222222222",
            "longshore.toml:2: accounts.dev.id: must be a string in double quotes, but is an integer",
        ),
        (
            "region = \"eu-west-1\" }, prod",
            "region = \"europe\" }, prod",
            "longshore.toml:2: accounts.dev.region: \"europe\" will not do: a region looks like \"eu-west-1\"",
        ),
        (
            "account = \"dev\"",
            "account = \"deb\"",
            "longshore.toml:6: environments.staging.account: there is no account \"deb\"; did you mean \"dev\"?",
        ),
        (
            "account = \"dev\"\n",
            "",
            "longshore.toml:5: environments.staging: has no \"account\"; name one of [accounts]",
        ),
        (
            "cluster = \"staging\"",
            "cluster = \"arn:aws:ecs\"",
            "longshore.toml:7: environments.staging.cluster: \"arn:aws:ecs\" will not do: ECS allows letters, digits, \"-\" and \"_\", up to 255",
        ),
        (
            "cluster = \"staging\"\n",
            "",
            "longshore.toml:5: environments.staging: has no \"cluster\"; name the ECS cluster",
        ),
        (
            "registry = \"prod\"",
            "registry = \"production\"",
            "longshore.toml:3: defaults.registry: there is no account \"production\"; defined: \"dev\" and \"prod\"",
        ),
        (
            "tag = \"{sha}\"",
            "tag = \"latest\"",
            "longshore.toml:3: defaults.tag: \"latest\" will not do: a tag pattern needs {sha}, {short} or {ref}, or every commit would have the same tag",
        ),
        (
            "tag = \"{sha}\"",
            "tag = \"{commit}\"",
            "longshore.toml:3: defaults.tag: \"{commit}\" will not do: the placeholders here are {sha}, {short}, {ref}",
        ),
        (
            "tag = \"{sha}\"",
            "tag = \"a/{sha}\"",
            "longshore.toml:3: defaults.tag: \"a/{sha}\" will not do: an image tag holds letters, digits, \"_\", \".\" and \"-\", and starts with none of the last two",
        ),
        (
            "service = \"{app}\"",
            "service = \"{application}\"",
            "longshore.toml:3: defaults.service: \"{application}\" will not do: the placeholders here are {app}, {env}",
        ),
        (
            "base = \"live\"",
            "base = \"newest\"",
            "longshore.toml:3: defaults.base: \"newest\" will not do: write \"live\" or \"head\"",
        ),
        (
            "[\"everyone\"]",
            "[\"everybody\"]",
            "longshore.toml:9: environments.staging.request: \"everybody\" will not do: write \"everyone\", \"team\", \"team.leads\", \"team:NAME\", \"admins\" or a user id such as \"U024BE7LH\"",
        ),
        (
            "[\"everyone\"]",
            "[\"team:opps\"]",
            "longshore.toml:9: environments.staging.request: there is no team \"opps\"; did you mean \"ops\"?",
        ),
        (
            "\"team:ops\"",
            "\"oncall\"",
            "longshore.toml:16: environments.production.rollback.by: \"oncall\" is not supported by this version, remove it",
        ),
        (
            "\"team:ops\"",
            "\"@S0614TZR7\"",
            "longshore.toml:16: environments.production.rollback.by: \"@S0614TZR7\" is not supported by this version, remove it",
        ),
        (
            "approvals = 0",
            "approvals = 1",
            "longshore.toml:16: environments.production.rollback.approvals: not supported by this version, remove it",
        ),
        (
            "{ by = [\"team\", \"team:ops\"], approvals = 0 }",
            "{ }",
            "longshore.toml:16: environments.production.rollback: has no \"by\"; say who may roll back, or remove it",
        ),
        (
            "\"C2147483705\"",
            "\"#deploys\"",
            "longshore.toml:17: environments.production.channels: \"#deploys\" will not do: a Slack channel id is a C, G or D followed by capital letters and digits",
        ),
        (
            "\"link\"",
            "\"none\"",
            "longshore.toml:18: environments.production.evidence: \"none\" will not do: write \"link\" or \"logs\"",
        ),
        (
            "confirm   = true",
            "confirm   = \"yes\"",
            "longshore.toml:20: environments.production.confirm: must be true or false, but is a string",
        ),
        (
            "\"1h30m\"",
            "\"90\"",
            "longshore.toml:21: environments.production.deadline: \"90\" will not do: a duration is written \"90s\", \"30m\" or \"1h30m\"",
        ),
        (
            "\"1h30m\"",
            "\"30m1h\"",
            "longshore.toml:21: environments.production.deadline: \"30m1h\" will not do: a duration is written \"90s\", \"30m\" or \"1h30m\"",
        ),
        (
            "\"1h30m\"",
            "\"5s\"",
            "longshore.toml:21: environments.production.deadline: must be between \"1m\" and \"12h\"",
        ),
        (
            "\"1h30m\"",
            "\"13h\"",
            "longshore.toml:21: environments.production.deadline: must be between \"1m\" and \"12h\"",
        ),
        (
            "applications = [\"cms\"]",
            "applications = [\"cmd\"]",
            "longshore.toml:26: teams.content.applications: there is no application \"cmd\"; did you mean \"cms\"?",
        ),
        (
            "members = [\"U0000000B\"]",
            "members = [\"U0000000B\"]\napplications = [\"cms\"]",
            "longshore.toml:30: teams.ops.applications: \"cms\" is the team \"content\"'s already (longshore.toml:23); an application has one team",
        ),
        (
            "aliases      = [\"content\"]",
            "aliases      = [\"content\"]\nteam = \"ops\"",
            "longshore.toml:34: applications.cms.team: is \"ops\", but the team \"content\" lists the application too (longshore.toml:23); an application has one team",
        ),
        (
            "aliases      = [\"content\"]",
            "aliases      = [\"webapp\"]",
            "longshore.toml:39: applications.webapp: \"webapp\" is an alias of the application \"cms\" already (longshore.toml:33); choose another name",
        ),
        (
            "aliases      = [\"content\"]",
            "aliases      = [\"stg\"]",
            "longshore.toml:33: applications.cms.aliases: \"stg\" is an alias of the environment \"staging\" already (longshore.toml:8); choose another name",
        ),
        (
            "aliases      = [\"content\"]",
            "aliases      = [\"rollback\"]",
            "longshore.toml:33: applications.cms.aliases: \"rollback\" is a word of the commands; choose another name",
        ),
        (
            "aliases      = [\"content\"]",
            "aliases      = [\"Content\"]",
            "longshore.toml:33: applications.cms.aliases: \"Content\" will not do: an application name is 1 to 64 lower-case letters, digits and hyphens, and starts with a letter or a digit",
        ),
        (
            "aliases = [\"stg\"]",
            "aliases = [\"to\"]",
            "longshore.toml:8: environments.staging.aliases: \"to\" is a word of the commands; choose another name",
        ),
        (
            "[applications.webapp]",
            "[applications.status]",
            "longshore.toml:39: applications.status: \"status\" is a word of the commands; choose another name",
        ),
        (
            "[applications.webapp]",
            "[applications.Webapp]",
            "longshore.toml:39: applications.Webapp: \"Webapp\" will not do: an application name is 1 to 64 lower-case letters, digits and hyphens, and starts with a letter or a digit",
        ),
        (
            "[\"staging\", \"production\"]",
            "[\"staging\", \"produktion\"]",
            "longshore.toml:34: applications.cms.environments: there is no environment \"produktion\"; did you mean \"production\"?",
        ),
        (
            "[\"staging\", \"production\"]",
            "[\"staging\", \"qa\"]",
            "longshore.toml:34: applications.cms.environments: there is no environment \"qa\"; defined: \"production\" and \"staging\"",
        ),
        (
            "[\"staging\", \"production\"]",
            "[]",
            "longshore.toml:34: applications.cms.environments: is empty; list where it runs, such as [\"staging\"]",
        ),
        (
            "[\"staging\", \"production\"]",
            "[\"staging\", \"staging\"]",
            "longshore.toml:34: applications.cms.environments: \"staging\" is listed twice",
        ),
        (
            "\"acme/cms\"",
            "\"https://github.com/acme/cms\"",
            "longshore.toml:35: applications.cms.source.repository: \"https://github.com/acme/cms\" will not do: a GitHub repository is written \"owner/name\"",
        ),
        (
            "image = \"cms\"",
            "image = \"Cms\"",
            "longshore.toml:35: applications.cms.source.image: \"Cms\" will not do: an ECR repository's name, without its registry, such as \"cms\" or \"web/cms\"",
        ),
        (
            "containers   = [\"app\"]",
            "containers   = []",
            "longshore.toml:37: applications.cms.containers: is empty; name a container, or remove it",
        ),
        (
            "containers   = [\"app\"]",
            "families   = [\"cms\"]",
            "longshore.toml:37: applications.cms.families: names 1 families for 2 services; give one for each, in the same order",
        ),
        (
            "containers   = [\"app\"]",
            "service   = \"cms\"",
            "longshore.toml:37: applications.cms.service: and \"services\" are both given; keep one of the two",
        ),
        (
            "containers   = [\"app\"]",
            "container   = [\"app\"]",
            "longshore.toml:37: applications.cms.container: unknown key; did you mean \"containers\"?",
        ),
        (
            "\"cms-worker\"]",
            "\"webapp-staging\"]",
            "longshore.toml:41: applications.webapp.service: webapp in staging would deploy the ECS service \"webapp-staging\" of cluster \"staging\" in 222222222222/eu-west-1, and so does cms in staging (longshore.toml:36); a service belongs to one application in one environment",
        ),
        (
            "\"cms-worker\"]",
            "\"cms-api\"]",
            "longshore.toml:36: applications.cms.services: cms in staging would deploy the ECS service \"cms-api\" of cluster \"staging\" in 222222222222/eu-west-1, and so does cms in staging (longshore.toml:36); a service belongs to one application in one environment\nlongshore.toml:36: applications.cms.services: cms in production would deploy the ECS service \"cms-api\" of cluster \"production\" in 111111111111/eu-west-1, and so does cms in production (longshore.toml:36); a service belongs to one application in one environment",
        ),
        (
            "Content Management System",
            "",
            "longshore.toml:32: applications.cms.title: must be one line of 1 to 80 characters without spaces around it",
        ),
        (
            "[environments.staging]",
            "[environments.staging",
            "longshore.toml:5: not TOML: unclosed table, expected `]`",
        ),
    ] {
        let found = problems(old, new);
        assert_eq!(found, message, "{old} → {new}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = compile(&text);
    }

    #[test]
    fn no_damage_to_a_good_file_makes_the_reader_panic(
        at in 0..GOOD.len(),
        length in 0..40_usize,
        text in "[ -~\n]{0,8}",
    ) {
        let mut damaged = GOOD.to_owned();
        damaged.replace_range(at..(at + length).min(GOOD.len()), &text);
        if let Ok(checked) = compile(&damaged) {
            // Whatever is accepted can be stored and read again.
            let json = checked.config.canonical().unwrap();
            prop_assert_eq!(Config::parse(&json).unwrap(), checked.config);
        }
    }
}
