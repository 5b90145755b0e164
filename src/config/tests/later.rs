//! Keys that are checked and judged by nothing yet, and what a team's own file may claim.

use super::*;

const APPROVE: &str = "approve = { by = [\"team.leads\"], count = 1, not_author = true }";
const EMERGENCY: &str =
    "emergency = { by = [\"oncall\", \"admins\"], waives = [\"approve\", \"after\"] }";

fn with(keys: &str) -> String {
    let production = "[environments.production]\n";
    assert!(GOOD.contains(production));
    GOOD.replace(production, &format!("{production}{keys}\n"))
}

fn refused(text: &str) -> String {
    compile(text).unwrap_err().to_string()
}

#[test]
fn approve_and_emergency_are_checked_and_said_to_be_judged_by_nothing() {
    let text = with(&format!("{APPROVE}\n{EMERGENCY}"));
    let checked = compile(&text).unwrap();
    let said: Vec<String> = checked.not_judged.iter().map(Problem::to_string).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    longshore.toml:12: environments.production.approve: is sound, but this version judges nothing by it; `longshore push` refuses it until one does
    longshore.toml:13: environments.production.emergency: is sound, but this version judges nothing by it; `longshore push` refuses it until one does
    ");
    // Nothing goes by them, and nothing is stored of them.
    assert_eq!(checked.config, compile(GOOD).unwrap().config);
    assert!(compile(GOOD).unwrap().not_judged.is_empty());
}

#[test]
fn each_mistake_in_them_has_its_message() {
    let mut said = Vec::new();
    for (key, old, new) in [
        (APPROVE, "by = [\"team.leads\"], ", ""),
        (APPROVE, "[\"team.leads\"]", "[]"),
        (APPROVE, "team.leads", "everyone"),
        (APPROVE, "team.leads", "somebody"),
        (APPROVE, "team.leads", "team:opps"),
        (APPROVE, "team.leads", "@S0UNKNOWN"),
        (APPROVE, "count = 1", "count = 0"),
        (APPROVE, "count = 1", "count = 11"),
        (APPROVE, "count = 1", "count = -1"),
        (APPROVE, "count = 1", "count = \"1\""),
        (APPROVE, "not_author = true", "not_author = 1"),
        (APPROVE, "not_author", "not_athor"),
        (EMERGENCY, "by = [\"oncall\", \"admins\"], ", ""),
        (EMERGENCY, ", waives = [\"approve\", \"after\"]", ""),
        (EMERGENCY, "[\"approve\", \"after\"]", "[]"),
        (EMERGENCY, "\"after\"", "\"later\""),
    ] {
        assert!(key.contains(old), "{old}");
        said.push(refused(&with(&key.replacen(old, new, 1))));
    }
    // A team whose members are a user group.
    for entry in ["team", "team:content"] {
        let by_group = with(&APPROVE.replace("team.leads", entry));
        said.push(refused(&by_group.replace("U0000000A", "@S0CONTENT")));
    }
    insta::assert_snapshot!(said.join("\n"), @r#"
    longshore.toml:12: environments.production.approve: has no "by"; say who may
    longshore.toml:12: environments.production.approve: has no "by"; say who may
    longshore.toml:12: environments.production.approve.by: "everyone" will not do: name those who answer for it
    longshore.toml:12: environments.production.approve.by: "somebody" will not do: write "everyone", "team", "team.leads", "team:NAME", "admins", "oncall", a user id such as "U024BE7LH" or a user group such as "@S0614TZR7"
    longshore.toml:12: environments.production.approve.by: there is no team "opps"; did you mean "ops"?
    longshore.toml:12: environments.production.approve.by: "@S0UNKNOWN" lets in the user group "@S0UNKNOWN", and in many workspaces every member may edit those; if only those may who may do this, add it to slack.trusted, else name people
    longshore.toml:12: environments.production.approve.count: must be between 1 and 10
    longshore.toml:12: environments.production.approve.count: must be between 1 and 10
    longshore.toml:12: environments.production.approve.count: must be a whole number, 0 or more, but is an integer
    longshore.toml:12: environments.production.approve.count: must be a whole number, 0 or more, but is a string
    longshore.toml:12: environments.production.approve.not_author: must be true or false, but is an integer
    longshore.toml:12: environments.production.approve.not_athor: unknown key; did you mean "not_author"?
    longshore.toml:12: environments.production.emergency: has no "by"; say who may
    longshore.toml:12: environments.production.emergency: has no "waives"; list what an emergency may do without, such as "approve"
    longshore.toml:12: environments.production.emergency.waives: is empty, so an emergency would change nothing; list what it may do without, such as "approve"
    longshore.toml:12: environments.production.emergency.waives: "later" will not do: write some of "approve", "after", "checks", "holds", "freezes" and "branches"
    longshore.toml:12: environments.production.approve.by: "team" lets in the user group "@S0CONTENT", and in many workspaces every member may edit those; if only those may who may do this, add it to slack.trusted, else name people
    longshore.toml:12: environments.production.approve.by: "team:content" lets in the user group "@S0CONTENT", and in many workspaces every member may edit those; if only those may who may do this, add it to slack.trusted, else name people
    "#);
}

#[test]
fn those_on_call_are_nobodys_to_choose_where_they_may_waive_something() {
    let on_call = "oncall = [\"@S0ONCALL1\"]\n";
    for place in [
        with(&format!("{EMERGENCY}\n{on_call}")),
        with(EMERGENCY).replace("[teams.content]\n", &format!("[teams.content]\n{on_call}")),
        format!("{on_call}{}", with(EMERGENCY)),
    ] {
        let said = refused(&place);
        assert!(
            said.contains("\"oncall\" lets in the user group \"@S0ONCALL1\""),
            "{said}"
        );
        let trusted = place.replacen(
            "slack    = {",
            "slack    = { trusted = [\"@S0ONCALL1\"],",
            1,
        );
        assert!(compile(&trusted).is_ok());
    }
    // Where deploys are concerned, who is on call may be a group.
    assert!(compile(&with(on_call)).is_ok());
}

#[test]
fn a_teams_file_claims_what_it_defines_and_what_says_so_itself() {
    let claims = "[teams.web]\nmembers = [\"U0WEB0001\"]\napplications = [\"shop\"]\n";
    let shop = "[applications.shop]\nenvironments = [\"staging\"]\n";
    let compile = |main: &str, other: &str, web: &str| {
        Config::compile(&[
            SourceFile::new("longshore.toml", format!("{GOOD}{main}")),
            SourceFile::new("teams/shop.toml", other),
            SourceFile::new("teams/web.toml", web),
        ])
    };
    assert!(compile("", "", &format!("{claims}{shop}")).is_ok());
    let own = format!("{shop}team = \"web\"\n");
    assert!(compile(&own, "", claims).is_ok());
    assert!(compile("", &own, claims).is_ok());
    let said = "teams/web.toml:3: teams.web.applications: \"shop\" is defined in another file, so this one cannot claim it; write team = \"web\" there";
    assert_eq!(compile(shop, "", claims).unwrap_err().to_string(), said);
    assert_eq!(compile("", shop, claims).unwrap_err().to_string(), said);
    // The main file is the operators', who may say whose everything is.
    assert!(compile(claims, shop, "").is_ok());
}
