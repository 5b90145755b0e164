//! The teams that a payload may name, as published, and whom each admits.

use super::*;
use crate::config::SourceFile;

/// Ada is an admin, Maria in the team; everybody may ask for staging.
fn config(teams: &str) -> Config {
    let toml = format!(
        r#"
slack    = {{ teams = [{teams}], admins = ["U024BE7LH"] }}
accounts = {{ dev = {{ id = "222222222222", region = "eu-west-1" }} }}
defaults = {{ registry = "dev" }}
[environments.staging]
account = "dev"
cluster = "staging"
request = ["everyone", "U0NAMED01"]
rollback = {{ by = ["U0BACK001"] }}
evidence = "logs"
logs = ["U0READ001"]
[teams.web]
members = ["U061F7AUR"]
applications = ["webapp"]
[applications.webapp]
environments = ["staging"]
source = {{ repository = "acme/webapp", image = "webapp" }}
"#
    );
    Config::compile(&[SourceFile::new("longshore.toml", toml)])
        .unwrap()
        .config
}

fn team(id: &str) -> Option<TeamId> {
    (id != "-").then(|| id.parse().unwrap())
}

const REQUESTER: &str = "U0SAM0001";
const STRANGER: &str = "U0STRANGE";

/// Which team admits this user, `-` for none.
fn admits(listed: &Config, [home, place, organisation]: [&str; 3], user: &str) -> String {
    let sender = Sender {
        user: user.parse().unwrap(),
        home: team(home).unwrap(),
        place: team(place),
        organisation: team(organisation),
    };
    let requester = Actor::Slack {
        team: "T0001".parse().unwrap(),
        user: REQUESTER.parse().unwrap(),
    };
    match sender.admitted(listed, Some(&requester)) {
        Ok(Actor::Slack { team, user: known }) => {
            assert_eq!(known, sender.user);
            assert!(listed.slack().teams.contains(&team), "{team} is not listed");
            team.to_string()
        }
        Ok(other) => panic!("{other}"),
        Err(Stranger) => "-".to_owned(),
    }
}

type Shape = (
    &'static str,
    [&'static str; 3],
    [&'static str; 3],
    [&'static str; 3],
);

/// `home`, `place`, `organisation`: who is admitted where the workspace is listed, where the
/// organisation is, and where both are. Of two people: one whom nothing names, and the requester.
const SHAPES: [Shape; 14] = [
    // A workspace's own installation.
    (
        "a command in the workspace",
        ["T0001", "T0001", "-"],
        ["T0001", "-", "T0001"],
        ["T0001", "-", "T0001"],
    ),
    (
        "a click in the workspace",
        ["T0001", "T0001", "-"],
        ["T0001", "-", "T0001"],
        ["T0001", "-", "T0001"],
    ),
    (
        "a click from a channel shared with another company",
        ["T0OTHER", "T0001", "-"],
        ["-", "-", "-"],
        ["-", "-", "-"],
    ),
    (
        "a click from another organisation's people",
        ["E0OTHER", "T0001", "-"],
        ["-", "-", "-"],
        ["-", "-", "-"],
    ),
    (
        "a click in a workspace that is nobody's here",
        ["T0OTHER", "T0OTHER", "-"],
        ["-", "-", "-"],
        ["-", "-", "-"],
    ),
    // A workspace of an organisation.
    (
        "a command in a workspace of the organisation",
        ["T0001", "T0001", "E0001"],
        ["T0001", "E0001", "T0001"],
        ["T0001", "E0001", "T0001"],
    ),
    (
        "a click that names the organisation as home",
        ["E0001", "T0001", "E0001"],
        ["T0001", "E0001", "E0001"],
        ["T0001", "E0001", "E0001"],
    ),
    (
        "a click with a home elsewhere",
        ["T0002", "T0001", "E0001"],
        ["-", "-", "-"],
        ["T0001", "E0001", "T0001"],
    ),
    (
        "a click in another workspace of the organisation",
        ["T0002", "T0002", "E0001"],
        ["-", "E0001", "E0001"],
        ["-", "E0001", "E0001"],
    ),
    (
        "a stranger's click in the organisation's workspace",
        ["T0OTHER", "T0001", "E0001"],
        ["-", "-", "-"],
        ["T0001", "E0001", "T0001"],
    ),
    // Installed for the organisation: the place is null.
    (
        "an org install's click from home",
        ["T0001", "-", "E0001"],
        ["T0001", "-", "T0001"],
        ["T0001", "E0001", "T0001"],
    ),
    (
        "an org install's click, home the organisation",
        ["E0001", "-", "E0001"],
        ["-", "E0001", "E0001"],
        ["T0001", "E0001", "E0001"],
    ),
    (
        "an org install's click with a home elsewhere",
        ["T0002", "-", "E0001"],
        ["-", "-", "-"],
        ["T0001", "E0001", "E0001"],
    ),
    (
        "another organisation's",
        ["T0OTHER", "T0OTHER", "E0OTHER"],
        ["-", "-", "-"],
        ["-", "-", "-"],
    ),
];

#[test]
fn a_listed_place_admits_those_who_belong_to_it() {
    let listed = [r#""T0001""#, r#""E0001""#, r#""T0001", "E0001""#].map(config);
    for (what, teams, nobody_knows, requester) in SHAPES {
        for (at, listed) in listed.iter().enumerate() {
            let teams_listed = &listed.slack().teams;
            let said = admits(listed, teams, STRANGER);
            assert_eq!(said, nobody_knows[at], "{what}, {teams_listed:?}");
            let said = admits(listed, teams, REQUESTER);
            assert_eq!(said, requester[at], "{what}, requester, {teams_listed:?}");
        }
    }
}

#[test]
fn whom_the_configuration_names_is_known_across_the_organisation_and_not_beyond() {
    let listed = config(r#""T0001""#);
    for user in ["U024BE7LH", "U061F7AUR", "U0NAMED01", "U0BACK001"] {
        assert_eq!(admits(&listed, ["T0002", "T0001", "E0001"], user), "T0001");
        assert_eq!(admits(&listed, ["T0002", "T0001", "-"], user), "-");
        assert_eq!(admits(&listed, ["T0002", "T0002", "E0001"], user), "-");
        assert_eq!(
            admits(&listed, ["T0OTHER", "T0OTHER", "E0OTHER"], user),
            "-"
        );
    }
    // Who may read a log there may not therefore deploy wherever everyone may.
    assert_eq!(
        admits(&listed, ["T0002", "T0001", "E0001"], "U0READ001"),
        "-"
    );
}

#[test]
fn whoever_was_admitted_stays_so_while_that_team_is_listed() {
    let slack = |team: &str| Actor::Slack {
        team: team.parse().unwrap(),
        user: REQUESTER.parse().unwrap(),
    };
    let listed = config(r#""E0001""#);
    assert_eq!(admit(&listed, &slack("E0001")), Ok(()));
    assert_eq!(admit(&listed, &slack("T0001")), Err(Stranger));
}
