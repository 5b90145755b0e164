//! What operators are called, and who is on call.

use super::*;
use crate::names::Actor;

const ROLE: &str = "arn:aws:iam::111111111111:role/ops";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ops/olga@example.com";

/// The good example behind these lines.
fn after(lines: &str) -> Result<Checked, Invalid> {
    compile(&format!("{lines}\n{GOOD}"))
}

fn name_of(config: &Config, arn: &str) -> Option<String> {
    let actor = Actor::Operator {
        arn: arn.to_owned(),
        name: None,
    };
    match config.named(actor) {
        Actor::Operator { name, .. } => name,
        Actor::Slack { .. } | Actor::Ci { .. } | Actor::Longshore => None,
    }
}

#[test]
fn an_operator_is_called_by_the_whole_arn_and_else_by_the_role() {
    let both = format!("operators = {{ \"{ROLE}\" = \"ops\", \"{SESSION}\" = \"Olga\" }}");
    let config = after(&both).unwrap().config;
    let again = Config::parse(&config.canonical().unwrap()).unwrap();
    assert_eq!(again, config);
    for (arn, name) in [
        (SESSION, Some("Olga")),
        (
            "arn:aws:sts::111111111111:assumed-role/ops/otto",
            Some("ops"),
        ),
        (
            "arn:aws:sts::222222222222:assumed-role/ops/olga@example.com",
            None,
        ),
        ("arn:aws:sts::111111111111:assumed-role/dev/ops", None),
        ("arn:aws:iam::111111111111:user/ops", None),
        ("ops", None),
    ] {
        assert_eq!(name_of(&config, arn).as_deref(), name, "{arn}");
    }
}

#[test]
fn who_is_told_what_is_nobodys_right() {
    let lines = format!("oncall = [\"U0000000A\"]\noperators = {{ \"{ROLE}\" = \"ops\" }}");
    let mut text = format!("{lines}\n{GOOD}");
    text = text.replacen(
        "[teams.content]\n",
        "[teams.content]\noncall = [\"U0000000B\"]\n",
        1,
    );
    text = text.replacen(
        "[environments.staging]\n",
        "[environments.staging]\noncall = []\n",
        1,
    );
    let config = compile(&text).unwrap().config;
    for environment in ["staging", "production"] {
        let hash = |config: &Config| config.policy_hash(&app("cms"), &env(environment));
        // Unless a list of those who may says that it is.
        assert_eq!(hash(&config) == hash(&good()), environment == "staging");
    }
    let on_call = |app_name: &str, environment: &str| {
        let people = config.on_call(&app(app_name), &env(environment));
        people.iter().cloned().map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(on_call("cms", "production"), ["U0000000B"]);
    assert_eq!(on_call("cms", "staging"), [""; 0]);
    assert_eq!(on_call("webapp", "production"), ["U0000000A"]);
}

#[test]
fn what_is_no_identity_no_name_or_nobody_is_refused_where_it_stands() {
    for (line, said) in [
        (
            "operators = { olga = \"olga\" }",
            "longshore.toml:1: operators.olga: is no identity's ARN; write it as `aws sts get-caller-identity` prints it",
        ),
        (
            "operators = { \"arn:aws:iam::111111111111:role/ops\" = \"<@U024BE7LH>\" }",
            "longshore.toml:1: operators.arn:aws:iam::111111111111:role/ops: must be a name of 1 to 40 letters, digits, spaces and - _ .",
        ),
        (
            "operators = { \"arn:aws:iam::111111111111:role/ops\" = \"@here\" }",
            "must be a name of 1 to 40",
        ),
        (
            "operators = { \"arn:aws:iam::111111111111:role/ops\" = 1 }",
            "must be a string in double quotes, but is an integer",
        ),
        (
            "oncall = [\"olga\"]",
            "longshore.toml:1: oncall: \"olga\" will not do",
        ),
        (
            "oncall = [\"U000000A1\", \"U000000A2\", \"U000000A3\", \"U000000A4\", \"U000000A5\", \"U000000A6\"]",
            "longshore.toml:1: oncall: names more than 5 people or groups",
        ),
    ] {
        let problem = after(line).unwrap_err().to_string();
        assert!(problem.contains(said), "{line}:\n{problem}");
    }
    let team = SourceFile::new("teams/web.toml", "oncall = []\noperators = {}\n");
    let files = [SourceFile::new("longshore.toml", GOOD), team];
    let problem = Config::compile(&files).unwrap_err().to_string();
    assert_eq!(
        problem.matches("belongs in the main file").count(),
        2,
        "{problem}"
    );
}

#[test]
fn a_home_is_a_channel_and_the_applications_counts_first() {
    let with = |home: &str, app_home: &str| {
        let text = GOOD
            .replacen(
                "[environments.staging]\n",
                &format!("[environments.staging]\n{home}"),
                1,
            )
            .replacen(
                "[applications.cms]\n",
                &format!("[applications.cms]\n{app_home}"),
                1,
            );
        compile(&text)
    };
    let config = with("home = \"C0ENV\"\n", "home = \"C0APP\"\n")
        .unwrap()
        .config;
    let home = |application: &str, environment: &str| {
        let home = config.home(&app(application), &env(environment));
        home.map(ToString::to_string)
    };
    assert_eq!(home("cms", "staging").as_deref(), Some("C0APP"));
    assert_eq!(home("cms", "production").as_deref(), Some("C0APP"));
    assert_eq!(home("webapp", "staging").as_deref(), Some("C0ENV"));
    let hash = |config: &Config| config.policy_hash(&app("cms"), &env("staging"));
    assert_eq!(hash(&config), hash(&good()));
    for (home, said) in [
        (
            "home = \"D0ENV\"\n",
            "longshore.toml:6: environments.staging.home: is a conversation of one person with the app",
        ),
        (
            "home = \"#deploys\"\n",
            "longshore.toml:6: environments.staging.home: \"#deploys\" will not do",
        ),
        (
            "home = true\n",
            "longshore.toml:6: environments.staging.home: must be a string in double quotes",
        ),
    ] {
        let problem = with(home, "").unwrap_err().to_string();
        assert!(problem.contains(said), "{problem}");
    }
}

#[test]
fn a_home_outside_of_the_channels_is_warned_of_where_it_is_written() {
    let with = |section: &str, home: &str| {
        let text = GOOD.replacen(section, &format!("{section}\nhome = \"{home}\""), 1);
        let checked = compile(&text).unwrap();
        let said = checked.warnings.iter().map(ToString::to_string);
        said.filter(|one| one.contains("none of environments"))
            .collect::<Vec<_>>()
    };
    for section in ["[environments.production]", "[applications.cms]"] {
        let warned = with(section, "C0HOME001");
        assert_eq!(warned.len(), 1, "{section}: {warned:?}");
        let rule = "C0HOME001 is none of environments.production.channels";
        assert!(warned[0].contains(rule), "{warned:?}");
        assert_eq!(with(section, "C2147483705"), Vec::<String>::new());
    }
    // Where anything may be asked for anywhere, any home will do.
    assert_eq!(
        with("[environments.staging]", "C0HOME001"),
        Vec::<String>::new()
    );
}
