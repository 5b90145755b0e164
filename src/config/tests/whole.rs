//! The documented example as a whole: its rules, its canonical form, its hashes.

use proptest::prelude::*;

use super::*;

#[test]
fn the_documented_example_names_every_rule_that_is_not_built() {
    insta::assert_snapshot!(compile(WHOLE).unwrap_err(), @r#"
    longshore.toml:22: environments.production.freeze: not supported by this version, remove it
    longshore.toml:35: applications.cms.source.checks[0]: must be a table such as { name = "test", app = "github-actions" }, but is a string
    "#);
}

#[test]
fn the_example_without_those_rules_is_accepted() {
    let checked = compile(GOOD).unwrap();
    insta::assert_snapshot!(checked.warnings.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"), @"");
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
        r#"request   = ["team", "@S0614TZR7", "U061F7AUR"]"#,
        r#"request   = ["U061F7AUR", "team", "@S0614TZR7"]"#,
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
        (r#", "U061F7AUR"]"#, "]"),
        ("@S0614TZR7", "@S0614TZR8"),
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
