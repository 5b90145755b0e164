//! `longshore check`, and files that cannot be read.

use super::*;

#[test]
fn check_shows_what_the_configuration_means() {
    let folder = Folder::new("check", &[("longshore.toml", CONFIG)]);
    let said = longshore(&["check", folder.path()]);
    assert_eq!(said.exit, Exit::Done);
    insta::assert_snapshot!(said.out, @r"
    ENVIRONMENT  ACCOUNT       REGION     CLUSTER     MAY DEPLOY  MAY ROLL BACK  MAY READ LOGS  CONFIRM
    production   111111111111  eu-west-1  production  nobody      nobody         nobody         yes
    staging      222222222222  eu-west-1  staging     everyone    everyone       everyone       rollbacks

    APPLICATION  ENVIRONMENT  SERVICES            IMAGE                                             TAG
    cms          production   cms-api cms-worker  111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms  {sha}
    cms          staging      cms-api cms-worker  111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms  {sha}

    typed times are read in UTC, because slack.zone names no other zone
    size 1103 bytes, stored in 416 of 405504
    sha256 c8b51cc0e2a7244bed3913c9738654605e383e559c67311d173ddf73f3c6b101
    ");
    insta::assert_snapshot!(folder.shown(&said.err), @r#"warning: ./longshore.toml:12: environments.production: nobody may deploy here: "request" is missing or empty; list "everyone", "team" or user ids"#);
}

#[test]
fn who_may_read_logs_is_shown_as_it_counts() {
    let there = "evidence = \"logs\"\n";
    assert!(CONFIG.contains(there));
    for (keys, who) in [
        ("", "nobody"),
        ("evidence = \"logs\"\n", "everyone"),
        (
            "evidence = \"logs\"\nlogs = [\"team\", \"U024BE7LH\"]\n",
            "team U024BE7LH",
        ),
        ("evidence = \"logs\"\nlogs = []\n", "nobody"),
        // A list that counts for nothing is warned of, and gives nobody a right.
        ("logs = [\"everyone\"]\n", "nobody"),
    ] {
        let config = CONFIG.replace(there, keys);
        let folder = Folder::new("logs", &[("longshore.toml", &config)]);
        let said = longshore(&["check", folder.path()]);
        let lines: Vec<&str> = said.out.lines().collect();
        let at = lines[0].find("MAY READ LOGS").unwrap();
        let until = lines[0].find("CONFIRM").unwrap();
        assert_eq!(lines[2][at..until].trim(), who, "{keys}{}", said.out);
    }
}

#[test]
fn check_lists_every_problem_of_every_file() {
    let folder = Folder::new(
        "problems",
        &[
            ("longshore.toml", &CONFIG.replace("222222222222", "22")),
            (
                "teams/web.toml",
                "[teams.web]\nmembers = [\"@W0WEB\"]\n[applications.webapp]\nenvironments = [\"qa\"]\n[environments.qa]\n",
            ),
            ("teams/notes.txt", "not a configuration"),
        ],
    );
    let said = longshore(&["check", folder.path()]);
    assert_eq!(said.exit, Exit::Refused);
    assert_eq!(said.out, "");
    insta::assert_snapshot!(folder.shown(&said.err), @r#"
./longshore.toml:2: accounts.dev.id: "22" will not do: an account id is 12 digits in quotes, such as "111111111111"
./teams/web.toml:2: teams.web.members: "@W0WEB" will not do: write a user id such as "U024BE7LH", or a user group's id after an at sign, such as "@S0614TZR7"
./teams/web.toml:4: applications.webapp.environments: there is no environment "qa"; defined: "production" and "staging"
./teams/web.toml:5: environments: belongs in the main file; a team's file holds teams and applications only
longshore: . has 4 problems
"#);
}

#[test]
fn a_key_that_nothing_is_judged_by_is_said_to_be_one() {
    let key = "[environments.production]\napprove = { by = [\"U024BE7LH\"] }\n";
    let config = CONFIG.replace("[environments.production]\n", key);
    let folder = Folder::new("later", &[("longshore.toml", &config)]);
    let said = longshore(&["check", folder.path()]);
    assert_eq!(said.exit, Exit::Done);
    insta::assert_snapshot!(folder.shown(&said.err), @r#"
    warning: ./longshore.toml:12: environments.production: nobody may deploy here: "request" is missing or empty; list "everyone", "team" or user ids
    not judged yet: ./longshore.toml:13: environments.production.approve: is sound, but this version judges nothing by it; `longshore push` refuses it until one does
    "#);
}

#[test]
fn a_missing_file_is_named() {
    let said = longshore(&["check", "/nonexistent/longshore.toml"]);
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err, @r"longshore: cannot read /nonexistent/longshore.toml: No such file or directory (os error 2); name the configuration's main file or its folder");
}
