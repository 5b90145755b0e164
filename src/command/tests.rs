use proptest::prelude::*;

use jiff::civil::{Date, Time};

use super::moment::{Day, Moment, Period};
use super::*;

fn app(name: &str) -> AppName {
    name.parse().unwrap()
}

fn env(name: &str) -> EnvName {
    name.parse().unwrap()
}

fn here() -> Vocabulary {
    let images = ["nginx", "Log_Router"].map(|name| name.parse().unwrap());
    Vocabulary::new()
        .with_images(&app("webapp"), &images)
        .with_application(&app("webapp"), ["web"])
        .with_application(&app("cms"), ["content"])
        .with_places(&app("cms"), [&env("staging"), &env("production")])
        .with_places(
            &app("webapp"),
            [&env("staging"), &env("beta"), &env("production")],
        )
        .with_services(&app("webapp"), &env("staging"), ["webapp"])
        .with_services(&app("cms"), &env("staging"), ["cms-api", "cms-worker"])
        .with_services(&app("cms"), &env("production"), ["cms-api", "cms-worker"])
        .with_repository(&app("webapp"), "acme/webapp")
        .with_repository(&app("cms"), "acme/cms")
        .with_environment(&env("staging"), ["stg"])
        .with_environment(&env("beta"), [])
        .with_environment(&env("production"), ["prod"])
}

/// The command that `text` means, in its plainest form.
fn reads(text: &str) -> String {
    match Command::parse(text, &here()) {
        Ok(command) => command.to_string(),
        Err(misunderstood) => panic!("{text:?}: {misunderstood}"),
    }
}

fn refused(text: &str) -> Misunderstood {
    match Command::parse(text, &here()) {
        Ok(command) => panic!("{text:?} was read as {command}"),
        Err(misunderstood) => misunderstood,
    }
}

/// The line that is suggested for `text`.
fn line(text: &str) -> String {
    refused(text).line().command().to_string()
}

/// What is wrong with each text, and the line for it.
fn answers(texts: &[&str]) -> String {
    let answer = |text: &&str| {
        let refused = refused(text);
        let how = match refused.line() {
            Suggestion::Meant(_) => "meant",
            Suggestion::Instance(_) => "for instance",
            Suggestion::Look(_) => "to look first",
        };
        let line = refused.line().command();
        format!("{text}\n  {:?}\n  {how}: {line}", refused.problem())
    };
    let answers: Vec<String> = texts.iter().map(answer).collect();
    answers.join("\n")
}

#[test]
fn the_grammar_reads_what_people_type() {
    for (text, meaning) in [
        // Deploys.
        ("webapp to staging", "webapp to staging"),
        ("webapp on staging", "webapp to staging"),
        ("webapp in staging", "webapp to staging"),
        ("webapp staging", "webapp to staging"),
        ("webapp:main to staging", "webapp:main to staging"),
        ("webapp@main to staging", "webapp:main to staging"),
        ("webapp @main to staging", "webapp:main to staging"),
        ("webapp :main to staging", "webapp:main to staging"),
        ("webapp: main to staging", "webapp:main to staging"),
        ("webapp : main to staging", "webapp:main to staging"),
        ("webapp:main staging", "webapp:main to staging"),
        ("webapp staging main", "webapp:main to staging"),
        ("webapp staging @main", "webapp:main to staging"),
        (
            "webapp:feature/signup-autocomplete to staging",
            "webapp:feature/signup-autocomplete to staging",
        ),
        ("webapp:a@b.c/d@e to staging", "webapp:a@b.c/d@e to staging"),
        ("webapp@release@2 to beta", "webapp:release@2 to beta"),
        ("deploy webapp to staging", "webapp to staging"),
        ("deploy deploy webapp to staging", "webapp to staging"),
        ("webapp:to to staging", "webapp:to to staging"),
        // One image of several.
        (
            "webapp/nginx:3.1.0 to staging",
            "webapp/nginx:3.1.0 to staging",
        ),
        ("web/NGINX@3.1.0 on stg", "webapp/nginx:3.1.0 to staging"),
        (
            "webapp/nginx: 3.1.0 staging",
            "webapp/nginx:3.1.0 to staging",
        ),
        (
            "webapp/nginx :a/b to staging",
            "webapp/nginx:a/b to staging",
        ),
        (
            "webapp/nginx staging 3.1.0",
            "webapp/nginx:3.1.0 to staging",
        ),
        ("webapp/nginx to staging", "webapp/nginx to staging"),
        (
            "cms:main,webapp/nginx:3.1.0 to staging",
            "cms:main,webapp/nginx:3.1.0 to staging",
        ),
        (
            "web/nginx, cms staging 3.1.0",
            "webapp/nginx:3.1.0,cms:3.1.0 to staging",
        ),
        ("webapp/log_router to beta", "webapp/Log_Router to beta"),
        // Names and verbs in any case, refs in their own; aliases.
        ("WebApp:Main TO Staging", "webapp:Main to staging"),
        ("DEPLOY content to PROD", "cms to production"),
        ("web to stg", "webapp to staging"),
        ("#webapp to @staging", "webapp to staging"),
        // The other verbs.
        (
            "rollback webapp on production",
            "rollback webapp on production",
        ),
        (
            "rollback webapp production",
            "rollback webapp on production",
        ),
        ("Rollback webapp in prod", "rollback webapp on production"),
        (
            "rollback webapp on production to 4F2K9XOA",
            "rollback webapp on production to 4F2K9XOA",
        ),
        (
            "rollback webapp production 4f2k9x0a",
            "rollback webapp on production to 4f2k9x0a",
        ),
        ("deploy rollback webapp on beta", "rollback webapp on beta"),
        ("cancel webapp on staging", "cancel webapp on staging"),
        ("restart webapp staging", "restart webapp on staging"),
        ("status", "status"),
        ("status webapp", "status webapp"),
        ("status staging", "status staging"),
        ("status on staging", "status staging"),
        ("status webapp on staging", "status webapp staging"),
        ("history webapp prod", "history webapp production"),
        ("show 4f2k9x0a", "show 4f2k9x0a"),
        ("show il0o0000", "show 11000000"),
        ("", "deploy"),
        ("   \t\n", "deploy"),
        ("deploy", "deploy"),
        ("help", "help"),
        ("?", "help"),
        ("help RollBack", "help rollback"),
        ("help deploy", "help deploy"),
    ] {
        assert_eq!(reads(text), meaning, "{text:?}");
    }
}

#[test]
fn several_applications_are_one_command() {
    for (text, meaning) in [
        ("webapp,cms to staging", "webapp,cms to staging"),
        ("webapp, cms to staging", "webapp,cms to staging"),
        ("webapp , cms staging", "webapp,cms to staging"),
        ("webapp ,cms on stg", "webapp,cms to staging"),
        ("deploy webapp,cms prod", "webapp,cms to production"),
        (
            "webapp:main,cms:1.0.2 to staging",
            "webapp:main,cms:1.0.2 to staging",
        ),
        ("webapp:main, cms to staging", "webapp:main,cms to staging"),
        (
            "webapp: main, cms@v1 to staging",
            "webapp:main,cms:v1 to staging",
        ),
        ("webapp @main,cms to staging", "webapp:main,cms to staging"),
        // Behind several, it is the ref of all of them.
        (
            "webapp,cms staging 1.0.2",
            "webapp:1.0.2,cms:1.0.2 to staging",
        ),
        // Git allows commas in names.
        ("webapp:one,two to staging", "webapp staging :one,two"),
        (
            "webapp:one,two,cms:3 to staging",
            "webapp:one,two,cms:3 to staging",
        ),
    ] {
        assert_eq!(reads(text), meaning, "{text:?}");
    }
}

#[test]
fn a_list_that_is_not_clear_is_refused() {
    insta::assert_snapshot!(answers(&[
        "webapp,shop to staging",
        "webapp,web to staging",
        "webapp,,cms to staging",
        "webapp, to staging",
        "webapp,",
        "webapp,cms,webapp to staging",
        "webapp:main,content,cms to staging",
        "webapp:main,cms staging 1.0.2",
        "webapp,cms staging 1,2",
        "cancel webapp,cms on staging",
        "status webapp,cms",
    ]), @r#"
    webapp,shop to staging
      Unknown { what: Application, word: "shop" }
      meant: webapp:shop to staging
    webapp,web to staging
      Repeated { word: "webapp" }
      meant: webapp to staging
    webapp,,cms to staging
      Unknown { what: Application, word: ",cms" }
      meant: webapp,cms to staging
    webapp, to staging
      Unknown { what: Application, word: "to" }
      meant: webapp to staging
    webapp,
      Missing { what: Application }
      for instance: webapp to staging
    webapp,cms,webapp to staging
      Repeated { word: "webapp" }
      meant: webapp,cms to staging
    webapp:main,content,cms to staging
      Repeated { word: "cms" }
      meant: webapp:main,cms to staging
    webapp:main,cms staging 1.0.2
      Trailing { words: "1.0.2" }
      meant: webapp:main,cms to staging
    webapp,cms staging 1,2
      Trailing { words: "1,2" }
      meant: webapp,cms to staging
    cancel webapp,cms on staging
      OneAtATime { verb: Cancel }
      meant: cancel webapp on staging
    status webapp,cms
      OneAtATime { verb: Status }
      meant: status webapp
    "#);
    let many: Vec<String> = (0..11).map(|number| format!("app{number}")).collect();
    let words = many.iter().fold(here(), |words, name| {
        words.with_application(&name.parse().unwrap(), [])
    });
    let parse =
        |count: usize| Command::parse(&format!("{} to staging", many[..count].join(",")), &words);
    assert!(parse(MAX_APPLICATIONS).is_ok());
    assert_eq!(parse(11).unwrap_err().problem(), &Misreading::TooMany);
}

#[test]
fn what_keyboards_and_slack_do_to_text_is_forgiven() {
    for (text, meaning) in [
        ("  webapp   to \u{a0}staging  ", "webapp to staging"),
        ("webapp\u{2003}to\u{3000}staging", "webapp to staging"),
        (
            "\u{feff}web\u{200b}app to stag\u{ad}ing\u{200d}",
            "webapp to staging",
        ),
        ("\u{202a}webapp to staging\u{202c}", "webapp to staging"),
        ("“webapp” to ‘staging’", "webapp to staging"),
        ("„webapp“ to »staging«", "webapp to staging"),
        ("\"webapp to staging\"", "webapp to staging"),
        ("`webapp:main` to `staging`", "webapp:main to staging"),
        ("webapp:“main” to staging", "webapp:main to staging"),
        ("webapp:hot–fix to staging", "webapp:hot-fix to staging"),
        ("webapp:a—b to staging", "webapp:a--b to staging"),
        ("webapp:R&amp;D to staging", "webapp:R&D to staging"),
        ("webapp:R&D to staging", "webapp:R&D to staging"),
        ("<@U123|webapp> to <#C123|staging>", "webapp to staging"),
        ("<#C123|webapp> to staging", "webapp to staging"),
        ("webapp <@U123|main> to staging", "webapp:main to staging"),
        ("webapp<@U123|main> to staging", "webapp:main to staging"),
        (
            "webapp:<http://v1.2.io|v1.2.io> to staging",
            "webapp:v1.2.io to staging",
        ),
        (
            "<mailto:webapp@v1.com|webapp@v1.com> to staging",
            "webapp:v1.com to staging",
        ),
    ] {
        assert_eq!(reads(text), meaning, "{text:?}");
    }
}

#[test]
fn links_and_entities_are_decoded_once_only() {
    for text in [
        "webapp:&amp;lt;b to staging",
        "webapp:&lt;@U1|x&gt; to staging",
        "webapp:<https://github.com/acme/webapp> to staging",
        "webapp:<!channel> to staging",
        "webapp:<unclosed to staging",
        "webapp:<<a|b>> to staging",
    ] {
        assert!(
            matches!(
                refused(text).problem(),
                Misreading::Bad {
                    what: Expected::Ref,
                    ..
                }
            ),
            "{text:?}"
        );
    }
}

#[test]
fn nothing_defaults_to_an_environment() {
    for text in [
        "webapp",
        "webapp to",
        "webapp:main",
        "deploy webapp",
        "webapp@main on",
        "rollback webapp",
        "cancel webapp on",
        "restart webapp",
        "status on",
    ] {
        let misunderstood = refused(text);
        let what = Expected::Environment;
        assert_eq!(
            misunderstood.problem(),
            &Misreading::Missing { what },
            "{text:?}"
        );
        let Suggestion::Instance(line) = misunderstood.line() else {
            panic!("{text:?}: {misunderstood}");
        };
        let parsed = Command::parse(&line.to_string(), &here());
        assert_eq!(parsed.as_ref(), Ok(&**line), "{text:?}");
    }
}

#[test]
fn what_is_left_out_is_named() {
    for (text, what) in [
        ("rollback", Expected::Application),
        ("cancel", Expected::Application),
        ("webapp:", Expected::Ref),
        ("webapp: to staging", Expected::Ref),
        ("webapp @ to staging", Expected::Ref),
        ("rollback webapp on beta to", Expected::Version),
        ("show", Expected::Deploy),
    ] {
        assert_eq!(
            refused(text).problem(),
            &Misreading::Missing { what },
            "{text:?}"
        );
    }
}

#[test]
fn an_unknown_word_gets_the_line_that_was_meant() {
    for (text, meant) in [
        ("wepapp to staging", "webapp to staging"),
        ("deploy wepapp to staging", "webapp to staging"),
        ("contnet to staging", "cms to staging"),
        ("rolback webapp on staging", "rollback webapp on staging"),
        ("stauts", "status"),
        ("stats", "status"),
        ("hist webapp", "history webapp"),
        ("webapp to stagin", "webapp to staging"),
        ("webapp:main to produciton", "webapp:main to production"),
        ("webapp to produ", "webapp to production"),
        ("webapp to prd", "webapp to production"),
        ("rollback webap on staging", "rollback webapp on staging"),
        ("cancel webapp on bta", "cancel webapp on beta"),
        ("status stagng", "status staging"),
        ("history webap", "history webapp"),
        ("help rolback", "help rollback"),
        ("webapp main to staging", "webapp:main to staging"),
        ("webapp to staging main", "webapp:main to staging"),
        ("webapp/main to staging", "webapp:main to staging"),
        ("zzz to staging", "deploy"),
        ("webapp to moon", "webapp to staging"),
        ("webapp beta staging", "webapp to beta"),
        ("webapp staging pls", "webapp to staging"),
        ("webapp #42 to staging", "webapp:4f2c9e1 to staging"),
    ] {
        assert_eq!(line(text), meant, "{text:?}");
    }
}

#[test]
fn words_at_the_end_are_refused_for_every_command() {
    for (text, words) in [
        ("webapp to staging main", "main"),
        ("webapp:main staging main", "main"),
        ("webapp staging main twice please", "twice"),
        ("rollback webapp on staging to 4f2k9x0a twice", "twice"),
        ("cancel webapp on staging twice", "twice"),
        ("restart webapp on staging --force", "--force"),
        ("status webapp staging x", "x"),
        ("history webapp staging 20", "20"),
        ("help rollback webapp", "webapp"),
    ] {
        let misunderstood = refused(text);
        let words = words.to_owned();
        assert_eq!(
            misunderstood.problem(),
            &Misreading::Trailing { words },
            "{text:?}"
        );
    }
}

#[test]
fn refs_and_ids_that_break_their_rules_are_refused_with_the_rule() {
    for (text, rule) in [
        ("webapp:-rf to staging", "must not start with a hyphen"),
        ("webapp:—rf to staging", "must not start with a hyphen"),
        ("webapp:../x to staging", "must not contain \"..\""),
        (
            "webapp:a:b to staging",
            "must not contain spaces, control or invisible characters, or any of ~^:?*[\\<>\"`",
        ),
        (
            "webapp:a\0b to staging",
            "must not contain spaces, control or invisible characters, or any of ~^:?*[\\<>\"`",
        ),
        ("show 4f2k", "is 8 letters and digits, without u"),
    ] {
        let misunderstood = refused(text);
        let Misreading::Bad { why, .. } = misunderstood.problem() else {
            panic!("{text:?}: {misunderstood}");
        };
        assert_eq!(why.rule(), rule, "{text:?}");
    }
}

#[test]
fn names_that_only_look_alike_are_not_taken() {
    // Cyrillic а; full-width letters; a path; a wildcard; a control character inside.
    for text in [
        "webаpp to staging",
        "ｗｅｂａｐｐ to staging",
        "../webapp to staging",
        "* to staging",
        "web\0app to staging",
        "webapp=cms to staging",
        "webapp to stagıng",
    ] {
        refused(text);
    }
}

#[test]
fn text_beyond_the_limit_is_not_read() {
    let longest = format!("webapp to staging{}", " ".repeat(MAX_CHARS - 17));
    assert_eq!(reads(&longest), "webapp to staging");
    assert_eq!(
        refused(&format!("{longest} ")).problem(),
        &Misreading::TooLong
    );
    assert_eq!(
        refused(&"ü".repeat(MAX_CHARS + 1)).problem(),
        &Misreading::TooLong
    );
}

#[test]
fn a_refusal_repeats_little_and_nothing_invisible() {
    let misunderstood = refused(&format!("{}\u{7}\u{1b}[31m to staging", "x".repeat(300)));
    let Misreading::Unknown { word, .. } = misunderstood.problem() else {
        panic!("{misunderstood}");
    };
    assert_eq!(word.chars().count(), misunderstood::LONGEST + 1);
    let misunderstood = refused("x\u{7}y");
    let Misreading::Unknown { word, .. } = misunderstood.problem() else {
        panic!("{misunderstood}");
    };
    assert_eq!(word, "x\u{fffd}y");
}

#[test]
fn every_usage_line_has_examples_that_parse() {
    let verbs: Vec<CommandVerb> = USAGES.iter().map(|usage| usage.verb).collect();
    assert_eq!(verbs, CommandVerb::ALL);
    for usage in USAGES {
        assert_eq!(usage.verb.usage(), usage);
        assert!(!usage.examples.is_empty());
        for example in usage.examples {
            let command = Command::parse(example, &here()).unwrap();
            assert_eq!(command.verb(), usage.verb, "{example}");
        }
        // The line itself, its capitals filled in and with and without its brackets, parses too.
        let filled = usage
            .line
            .replace("APP", "webapp")
            .replace("IMAGE", "nginx")
            .replace("REF", "main")
            .replace("ENV", "staging")
            .replace("SERVICE", "webapp")
            .replace("DEPLOY", "4f2k9x0a")
            .replace("VERSION", "1.0.2")
            .replace("TIME", "14:05")
            .replace("COMMAND", "show");
        let whole = filled.replace(['[', ']'], "");
        assert_eq!(Command::parse(&whole, &here()).unwrap().verb(), usage.verb);
        let mut short = filled;
        while let (Some(open), Some(close)) = (short.find('['), short.find(']')) {
            short.replace_range(open..=close, "");
        }
        assert_eq!(Command::parse(&short, &here()).unwrap().verb(), usage.verb);
    }
}

#[test]
fn words_of_the_grammar_are_reserved() {
    for word in [
        "rollback",
        "Deploy",
        "to",
        "on",
        "hold",
        "help",
        "all",
        "since",
        "today",
        "Yesterday",
        "at",
        "2026-11-20",
        "2pm",
    ] {
        assert!(is_reserved(word), "{word}");
    }
    assert!(!is_reserved("webapp"));
}

#[test]
fn without_any_names_help_still_works() {
    let nowhere = Vocabulary::new();
    assert!(Command::parse("help", &nowhere).is_ok());
    assert!(Command::parse("status", &nowhere).is_ok());
    assert!(Command::parse("webapp to staging", &nowhere).is_err());
}

fn any_ref() -> impl Strategy<Value = Ref> {
    prop_oneof![
        "[!-~äß…]{1,24}",
        "[a-zA-Z0-9/._@#'&-]{1,60}",
        "(to|on|in|deploy|status|staging)"
    ]
    // A ref of signs alone is not read at the end of a command.
    .prop_filter("letters", |text| text.chars().any(char::is_alphanumeric))
    // It ends a sentence also behind a ref.
    .prop_filter("ellipsis", |text| !text.ends_with('…'))
    .prop_filter_map("a ref", |text| text.parse().ok())
}

fn any_command() -> impl Strategy<Value = Command> {
    let app = || prop_oneof![Just(app("webapp")), Just(app("cms"))];
    let env = || {
        prop_oneof![
            Just(env("staging")),
            Just(env("beta")),
            Just(env("production"))
        ]
    };
    let id = || any::<u64>().prop_map(|seed| DeployId::derive(&seed.to_be_bytes()));
    prop_oneof![
        (
            prop_oneof![
                app().prop_map(|app| (app, None)),
                Just((self::app("webapp"), Some("nginx".parse().unwrap()))),
                Just((self::app("webapp"), Some("Log_Router".parse().unwrap()))),
            ],
            proptest::option::of(any_ref()),
            env()
        )
            .prop_map(|((app, image), reference, env)| {
                Command::Deploy {
                    app,
                    image,
                    reference,
                    also: Vec::new(),
                    env,
                }
            }),
        (
            proptest::option::of(any_ref()),
            proptest::option::of(any_ref()),
            env()
        )
            .prop_filter("commas", |(one, other, _)| {
                let has_comma = |one: &Ref| one.as_str().contains(',');
                !one.iter().chain(other).any(has_comma)
            })
            .prop_map(|(one, other, env)| Command::Deploy {
                app: "cms".parse().unwrap(),
                image: None,
                reference: one,
                also: vec![AppRef {
                    app: "webapp".parse().unwrap(),
                    image: Some("nginx".parse().unwrap()),
                    reference: other,
                }],
                env,
            }),
        (app(), env(), proptest::option::of(any_ref())).prop_map(|(app, env, to)| {
            let also = Vec::new();
            Command::Rollback { app, to, also, env }
        }),
        (env(), proptest::option::of(any_ref()), any_ref())
            .prop_filter("commas", |(_, one, other)| {
                let has_comma = |one: &Ref| one.as_str().contains(',');
                !one.iter().chain([other]).any(has_comma)
            })
            .prop_map(|(env, to, other)| {
                let also = vec![AppRef {
                    app: self::app("webapp"),
                    image: None,
                    reference: Some(other),
                }];
                let app = self::app("cms");
                Command::Rollback { app, to, also, env }
            }),
        (app(), env()).prop_map(|(app, env)| Command::Cancel { app, env }),
        (app(), env()).prop_map(|(app, env)| {
            let (image, service) = (None, None);
            Command::Logs {
                app,
                image,
                env,
                service,
            }
        }),
        proptest::sample::select(vec!["cms-api", "cms-worker"]).prop_map(|service| {
            let (app, env) = (self::app("cms"), self::env("production"));
            let (image, service) = (None, Some(service.to_owned()));
            Command::Logs {
                app,
                image,
                env,
                service,
            }
        }),
        Just(Command::Logs {
            app: self::app("webapp"),
            image: Some("nginx".parse().unwrap()),
            env: self::env("staging"),
            service: Some("webapp".to_owned()),
        }),
        (app(), env()).prop_map(|(app, env)| {
            let also = Vec::new();
            Command::Restart { app, also, env }
        }),
        env().prop_map(|env| {
            let (app, also) = (self::app("webapp"), vec![self::app("cms")]);
            Command::Restart { app, also, env }
        }),
        id().prop_map(|deploy| Command::RollbackOf { deploy }),
        id().prop_map(|deploy| Command::CancelOf { deploy }),
        id().prop_map(|deploy| Command::RestartOf { deploy }),
        (proptest::option::of(app()), proptest::option::of(env()))
            .prop_map(|(app, env)| Command::ShowLast { app, env }),
        (proptest::option::of(app()), proptest::option::of(env()))
            .prop_map(|(app, env)| Command::Status { app, env }),
        (
            proptest::option::of(app()),
            proptest::option::of(env()),
            proptest::sample::select(vec![HistoryScope::Changes, HistoryScope::All]),
            proptest::option::of(period()),
        )
            .prop_map(|(app, env, scope, period)| Command::History {
                app,
                env,
                scope,
                period,
            }),
        id().prop_map(|deploy| Command::Show { deploy }),
        proptest::option::of(proptest::sample::select(CommandVerb::ALL.to_vec()))
            .prop_map(|about| Command::Help { about }),
    ]
}

fn day() -> impl Strategy<Value = Day> {
    let date = (2000_i16..2100, 1_i8..13, 1_i8..29);
    prop_oneof![
        Just(Day::Today),
        Just(Day::Yesterday),
        date.prop_map(|(year, month, day)| Day::On(Date::constant(year, month, day))),
    ]
}

fn time() -> impl Strategy<Value = Time> {
    (0_i8..24, 0_i8..60).prop_map(|(hour, minute)| Time::constant(hour, minute, 0, 0))
}

fn period() -> impl Strategy<Value = Period> {
    let since = |day, time| Period::Since(Moment { day, time });
    prop_oneof![
        day().prop_map(Period::Day),
        (day(), proptest::option::of(time())).prop_map(move |(day, time)| since(Some(day), time)),
        time().prop_map(move |time| since(None, Some(time))),
    ]
}

#[test]
fn an_image_that_is_none_and_one_where_all_are_meant_are_refused() {
    insta::assert_snapshot!(answers(&[
        "webapp/ngnix:3.1.0 to staging",
        "webapp/sidecar to staging",
        "webapp/ to staging",
        "cms/nginx:3.1.0 to staging",
        "webap/nginx to staging",
        "webapp/nginx main to staging",
        "rollback webapp/nginx on staging",
        "restart cms/nginx on staging",
        "cancel web/nginx on staging",
        "status webapp/nginx staging",
        "history webapp/nginx",
    ]), @r#"
    webapp/ngnix:3.1.0 to staging
      UnknownImage { app: AppName("webapp"), word: "ngnix" }
      meant: webapp/nginx:3.1.0 to staging
    webapp/sidecar to staging
      UnknownImage { app: AppName("webapp"), word: "sidecar" }
      meant: webapp:sidecar to staging
    webapp/ to staging
      UnknownImage { app: AppName("webapp"), word: "" }
      meant: webapp to staging
    cms/nginx:3.1.0 to staging
      UnknownImage { app: AppName("cms"), word: "nginx" }
      meant: cms:3.1.0 to staging
    webap/nginx to staging
      Unknown { what: Application, word: "webap" }
      meant: webapp to staging
    webapp/nginx main to staging
      Unknown { what: Environment, word: "main" }
      meant: webapp/nginx:main to staging
    rollback webapp/nginx on staging
      OneImage { app: AppName("webapp"), word: "webapp/nginx", verb: Rollback }
      meant: rollback webapp on staging
    restart cms/nginx on staging
      OneImage { app: AppName("cms"), word: "cms/nginx", verb: Restart }
      meant: restart cms on staging
    cancel web/nginx on staging
      OneImage { app: AppName("webapp"), word: "web/nginx", verb: Cancel }
      meant: cancel webapp on staging
    status webapp/nginx staging
      OneImage { app: AppName("webapp"), word: "webapp/nginx", verb: Status }
      meant: status webapp staging
    history webapp/nginx
      OneImage { app: AppName("webapp"), word: "webapp/nginx", verb: History }
      meant: history webapp
    "#);
}

/// Text made of pieces that mean something, so that the deeper branches are reached.
fn near_commands() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "webapp",
            "cms",
            "staging",
            "prod",
            "to",
            "on",
            "@",
            ":",
            "rollback",
            "status",
            "show",
            "help",
            "deploy",
            "4f2k9x0a",
            "last",
            "please",
            "undo",
            "redeploy",
            "kill",
            "logs",
            "wepapp",
            "stagign",
            "main",
            "1.0.2",
            "#42",
            "beta",
            "acme/webapp@",
            "origin/",
            "--env",
            "and",
            ",",
            "!",
            "<",
            ">",
            "|",
            "<@U1|x>",
            "<#C1>",
            "&amp;",
            "“",
            "—",
            "'",
            "\u{200b}",
            " ",
            "  ",
            "é",
            "/",
            "/nginx",
            "webapp/",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..12)
        .prop_flat_map(|pieces| prop_oneof![Just(pieces.concat()), Just(pieces.join(" "))])
}

proptest! {
    #[test]
    fn a_command_reads_back_as_itself(command in any_command()) {
        let text = command.to_string();
        prop_assert_eq!(Command::parse(&text, &here()), Ok(command.clone()), "{}", text);
        // Slack encodes what was typed; the meaning is the same.
        let encoded = text.replace('&', "&amp;");
        prop_assert_eq!(Command::parse(&encoded, &here()), Ok(command), "{}", encoded);
    }

    #[test]
    fn no_text_panics_or_reaches_beyond_the_known_names(
        text in prop_oneof![any::<String>(), near_commands()]
    ) {
        match Command::parse(&text, &here()) {
            Ok(command) => {
                prop_assert_eq!(Command::parse(&command.to_string(), &here()), Ok(command));
            }
            Err(misunderstood) => {
                let line = misunderstood.line().command();
                let read = Command::parse(&line.to_string(), &here());
                prop_assert_eq!(read.as_ref(), Ok(line), "{}", text);
            }
        }
    }
}
