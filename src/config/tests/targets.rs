//! What a target says of an application in an environment, and what names it knows.

use super::*;

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
    assert_eq!(
        (&router.repository, router.tag.to_string()),
        (&None, "{sha}".to_owned())
    );
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
    assert_eq!(target.source.repository.unwrap().to_string(), "acme/cms");
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
