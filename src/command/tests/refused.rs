//! What is refused, and with which words.

use super::*;

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
        ("webapp pr 42 to staging", "webapp:#42 to staging"),
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
