//! What is understood: the grammar, several applications, what keyboards do to text.

use super::*;

#[test]
fn a_verb_alone_is_told_from_one_with_words() {
    let alone = |text: &str| CommandVerb::alone(text, &here());
    for (text, verb) in [
        ("rollback", CommandVerb::Rollback),
        ("roll back", CommandVerb::Rollback),
        ("Undo this!", CommandVerb::Rollback),
        ("deploy rollback", CommandVerb::Rollback),
        ("please cancel it, thanks", CommandVerb::Cancel),
        ("why", CommandVerb::WhyNot),
        ("why not?", CommandVerb::WhyNot),
        ("status", CommandVerb::Status),
        ("deploy", CommandVerb::Deploy),
    ] {
        assert_eq!(alone(text), Some(verb), "{text}");
    }
    for text in [
        "",
        "webapp",
        "this",
        "rollback webapp",
        "rollback staging",
        "rollback 4f2k9x0a",
        "rollback to 1.0.2",
        "show last",
        "kill",
        "why now not",
    ] {
        assert_eq!(alone(text), None, "{text}");
    }
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
            .replace("@PERSON", "@maria")
            .replace("REASON", "of the release")
            .replace("APP", "webapp")
            .replace("IMAGE", "nginx")
            .replace("REF", "main")
            .replace("from ENV", "from production")
            .replace("ENV", "staging")
            .replace("SERVICE", "webapp")
            .replace("DEPLOY", "4f2k9x0a")
            .replace("VERSION", "1.0.2")
            .replace("TIME", "14:05")
            .replace("COMMIT", "1f0c9de")
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
