use jiff::Timestamp;

use super::*;
use crate::config::SourceFile;
use crate::names::UserId;

mod grants;
mod groups;
mod pipelines;

const CONFIG: &str = r#"
slack    = { teams = ["T0001"], admins = ["U0ADMIN"] }
accounts = { main = { id = "111111111111", region = "eu-west-1" } }

[environments.staging]
account  = "main"
cluster  = "staging"
request  = ["everyone"]
evidence = "logs"

[environments.production]
account  = "main"
cluster  = "production"
request  = ["team", "U0REQUESTER"]
rollback = { by = ["team.leads", "team:ops"] }
channels = ["C0RELEASES"]
evidence = "logs"
logs     = ["team.leads", "U0OPS"]

[environments.closed]
account = "main"
cluster = "closed"

[teams.content]
members = ["U0MEMBER"]
leads   = ["U0LEAD"]
applications = ["cms"]

[teams.ops]
members = ["U0OPS"]

[applications.cms]
environments = ["staging", "production", "closed"]

[applications.orphan]
environments = ["production"]
"#;

fn config() -> Config {
    Config::compile(&[SourceFile::new("longshore.toml", CONFIG)])
        .unwrap()
        .config
}

fn slack(team: &str, user: &str) -> Actor {
    Actor::Slack {
        team: team.parse().unwrap(),
        user: user.parse().unwrap(),
    }
}

fn operator() -> Actor {
    Actor::Operator {
        arn: "arn:aws:iam::111111111111:user/dana".to_owned(),
        name: None,
    }
}

fn requester() -> Actor {
    slack("T0001", "U0REQUESTER")
}

fn actions() -> [(&'static str, Action); 7] {
    [
        ("deploy", Action::Change(ChangeKind::Deploy)),
        (
            "confirm",
            Action::Confirm {
                requester: requester(),
                change: ChangeKind::Deploy,
            },
        ),
        (
            "cancel",
            Action::Cancel {
                requester: requester(),
            },
        ),
        ("rollback", Action::Change(ChangeKind::Rollback)),
        ("restart", Action::Change(ChangeKind::Restart)),
        ("read", Action::Read),
        ("logs", Action::ReadLogs),
    ]
}

fn actors() -> [(&'static str, Actor); 9] {
    [
        ("requester", requester()),
        ("team member", slack("T0001", "U0MEMBER")),
        ("team lead", slack("T0001", "U0LEAD")),
        ("ops", slack("T0001", "U0OPS")),
        ("outsider", slack("T0001", "U0OUTSIDER")),
        ("admin", slack("T0001", "U0ADMIN")),
        // Whoever was admitted by a workspace that is no longer listed.
        ("other workspace", slack("T0002", "U0ADMIN")),
        ("operator", operator()),
        ("Longshore", Actor::Longshore),
    ]
}

fn decide(
    actor: &Actor,
    action: &Action,
    application: &str,
    environment: &str,
    channel: Option<&str>,
) -> Decision {
    let channel: Option<ChannelId> = channel.map(|channel| channel.parse().unwrap());
    authorize(
        Policy::alone(&config(), Timestamp::UNIX_EPOCH),
        actor,
        action,
        &application.parse().unwrap(),
        &environment.parse().unwrap(),
        channel.as_ref(),
    )
}

/// Every actor × every action as lines of a table.
fn matrix(environment: &str, channel: &str) -> String {
    let mut table = format!("{:16}", "");
    table.extend(actions().map(|(name, _)| format!("{name:9}")));
    for (name, actor) in actors() {
        table.push_str(&format!("\n{name:16}"));
        for (_, action) in actions() {
            let decision = decide(&actor, &action, "cms", environment, Some(channel));
            if let Ok(proof) = &decision {
                assert_eq!((proof.actor(), proof.action()), (&actor, &action));
                assert_eq!(proof.application().as_str(), "cms");
                assert_eq!(proof.environment().as_str(), environment);
            }
            table.push_str(if decision.is_ok() {
                "yes      "
            } else {
                "-        "
            });
        }
    }
    let lines = table.lines().map(str::trim_end);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn production_is_for_those_who_are_named() {
    insta::assert_snapshot!(matrix("production", "C0RELEASES"), @r"
                    deploy   confirm  cancel   rollback restart  read     logs
    requester       yes      yes      yes      -        yes      yes      -
    team member     yes      -        yes      -        yes      yes      -
    team lead       yes      -        yes      yes      yes      yes      yes
    ops             -        -        yes      yes      -        yes      yes
    outsider        -        -        -        -        -        yes      -
    admin           yes      -        yes      yes      yes      yes      yes
    other workspace -        -        -        -        -        -        -
    operator        yes      -        yes      yes      yes      yes      yes
    Longshore       -        -        -        -        -        yes      -
    ");
}

#[test]
fn the_wrong_channel_stops_changes_and_not_cancels() {
    insta::assert_snapshot!(matrix("production", "C0GENERAL"), @r"
                    deploy   confirm  cancel   rollback restart  read     logs
    requester       -        -        yes      -        -        yes      -
    team member     -        -        yes      -        -        yes      -
    team lead       -        -        yes      -        -        yes      yes
    ops             -        -        yes      -        -        yes      yes
    outsider        -        -        -        -        -        yes      -
    admin           -        -        yes      -        -        yes      yes
    other workspace -        -        -        -        -        -        -
    operator        yes      -        yes      yes      yes      yes      yes
    Longshore       -        -        -        -        -        yes      -
    ");
}

#[test]
fn staging_is_for_everyone_in_the_workspace() {
    insta::assert_snapshot!(matrix("staging", "C0GENERAL"), @r"
                    deploy   confirm  cancel   rollback restart  read     logs
    requester       yes      yes      yes      yes      yes      yes      yes
    team member     yes      -        yes      yes      yes      yes      yes
    team lead       yes      -        yes      yes      yes      yes      yes
    ops             yes      -        yes      yes      yes      yes      yes
    outsider        yes      -        yes      yes      yes      yes      yes
    admin           yes      -        yes      yes      yes      yes      yes
    other workspace -        -        -        -        -        -        -
    operator        yes      -        yes      yes      yes      yes      yes
    Longshore       -        -        -        -        -        yes      -
    ");
}

#[test]
fn an_empty_list_is_nobody_not_even_an_admin() {
    insta::assert_snapshot!(matrix("closed", "C0GENERAL"), @r"
                deploy   confirm  cancel   rollback restart  read     logs
requester       -        -        yes      -        -        yes      -
team member     -        -        yes      -        -        yes      -
team lead       -        -        yes      -        -        yes      -
ops             -        -        -        -        -        yes      -
outsider        -        -        -        -        -        yes      -
admin           -        -        yes      -        -        yes      -
other workspace -        -        -        -        -        -        -
operator        yes      -        yes      yes      yes      yes      -
Longshore       -        -        -        -        -        yes      -
");
}

#[test]
fn a_change_without_a_channel_is_not_in_an_allowed_channel() {
    let decision = decide(
        &slack("T0001", "U0ADMIN"),
        &Action::Change(ChangeKind::Deploy),
        "cms",
        "production",
        None,
    );
    assert!(matches!(
        decision.unwrap_err().reason(),
        DenyRule::Channel(_)
    ));
}

#[test]
fn confirming_needs_the_right_to_ask_as_well() {
    let member = slack("T0001", "U0MEMBER");
    let confirm = |change| Action::Confirm {
        requester: member.clone(),
        change,
    };
    let decide = |change| {
        decide(
            &member,
            &confirm(change),
            "cms",
            "production",
            Some("C0RELEASES"),
        )
    };
    assert!(decide(ChangeKind::Deploy).is_ok());
    assert!(decide(ChangeKind::Restart).is_ok());
    assert!(decide(ChangeKind::Rollback).is_err());
}

#[test]
fn the_same_user_id_in_two_workspaces_is_one_person() {
    let text = CONFIG.replace("[\"T0001\"]", "[\"T0001\", \"T0002\"]");
    let config = Config::compile(&[SourceFile::new("longshore.toml", text)])
        .unwrap()
        .config;
    let decision = authorize(
        Policy::alone(&config, Timestamp::UNIX_EPOCH),
        &slack("T0002", "U0REQUESTER"),
        &Action::Confirm {
            requester: requester(),
            change: ChangeKind::Deploy,
        },
        &"cms".parse().unwrap(),
        &"staging".parse().unwrap(),
        None,
    );
    assert!(decision.is_ok());
}

#[test]
fn nothing_is_allowed_where_nothing_is_configured() {
    for (_, actor) in actors() {
        for (_, action) in actions() {
            for (application, environment) in [
                ("nothing", "staging"),
                ("cms", "nowhere"),
                ("orphan", "staging"),
            ] {
                assert!(decide(&actor, &action, application, environment, None).is_err());
            }
        }
    }
}

#[test]
fn every_no_says_who_may_and_what_to_do() {
    let outsider = slack("T0001", "U0OUTSIDER");
    let mut said = Vec::new();
    let mut say = |decision: Decision| {
        let denied = decision.unwrap_err();
        said.push(denied.to_string());
    };
    let here = Some("C0RELEASES");
    say(decide(
        &slack("T0002", "U0ADMIN"),
        &Action::Read,
        "cms",
        "production",
        here,
    ));
    say(decide(
        &outsider,
        &Action::Change(ChangeKind::Deploy),
        "cms",
        "nowhere",
        here,
    ));
    say(decide(
        &outsider,
        &Action::Change(ChangeKind::Deploy),
        "cms",
        "closed",
        here,
    ));
    say(decide(
        &outsider,
        &Action::Change(ChangeKind::Deploy),
        "cms",
        "production",
        here,
    ));
    say(decide(
        &outsider,
        &Action::Change(ChangeKind::Rollback),
        "cms",
        "production",
        here,
    ));
    say(decide(
        &outsider,
        &Action::Change(ChangeKind::Restart),
        "orphan",
        "production",
        here,
    ));
    say(decide(
        &requester(),
        &Action::Change(ChangeKind::Deploy),
        "cms",
        "production",
        Some("C0GENERAL"),
    ));
    say(decide(
        &outsider,
        &Action::ReadLogs,
        "cms",
        "production",
        here,
    ));
    say(decide(
        &operator(),
        &Action::ReadLogs,
        "cms",
        "closed",
        here,
    ));
    let confirm = Action::Confirm {
        requester: requester(),
        change: ChangeKind::Rollback,
    };
    say(decide(&outsider, &confirm, "cms", "production", here));
    let cancel = Action::Cancel {
        requester: requester(),
    };
    say(decide(&outsider, &cancel, "cms", "production", here));
    say(decide(
        &outsider,
        &Action::Cancel {
            requester: operator(),
        },
        "orphan",
        "production",
        here,
    ));
    insta::assert_snapshot!(said.join("\n\n"), @r"
    Longshore does not take requests from this Slack workspace. Ask the people who run Longshore to add its id, which begins with T, to `slack.teams`.

    cms does not run on nowhere. Ask the people who run Longshore to add it there.

    Nobody may deploy cms to closed: the list of people for that is empty. Ask the people who run Longshore to name some.

    You may not deploy cms to production. The team of cms and @U0REQUESTER may. Ask @U0LEAD, @U0MEMBER or @U0REQUESTER, and they can do it for you.

    You may not roll back cms on production. The leads of its team and the team ops may. Ask @U0LEAD or @U0OPS, and they can do it for you.

    You may not restart orphan on production. The team of orphan and @U0REQUESTER may. Ask @U0REQUESTER, and they can do it for you.

    You can deploy cms to production, but not from here. Ask again in #C0RELEASES.

    You may not read the logs of cms on production. The leads of its team and @U0OPS may. Ask @U0LEAD or @U0OPS, and they can do it for you.

    Longshore does not show logs of closed in Slack. Read them in CloudWatch, or ask the people who run Longshore to set `evidence` to `logs` there.

    Only @U0REQUESTER can confirm the rollback of cms on production: they asked for it. To run your own, ask for it yourself.

    You may not cancel a deploy of cms to production. Ask @U0REQUESTER, @U0ADMIN, @U0LEAD, @U0MEMBER or @U0OPS.

    You may not cancel a deploy of orphan to production. Ask `dana`, @U0ADMIN or @U0OPS.
    ");
}

#[test]
fn of_a_large_team_a_no_names_some_and_stays_small() {
    let many: Vec<String> = (0..1_400).map(|one| format!("\"U1{one:08}\"")).collect();
    let text = CONFIG.replace("members = [", &format!("members = [{}, ", many.join(", ")));
    assert_ne!(text, CONFIG);
    let checked = Config::compile(&[SourceFile::new("longshore.toml", &text)]).unwrap();
    let (application, environment) = ("cms".parse().unwrap(), "production".parse().unwrap());
    let stranger = slack("T0001", "U0STRANGER");
    for action in [
        Action::Change(ChangeKind::Deploy),
        Action::Cancel {
            requester: requester(),
        },
    ] {
        let denied = authorize(
            Policy::alone(&checked.config, Timestamp::UNIX_EPOCH),
            &stranger,
            &action,
            &application,
            &environment,
            None,
        )
        .unwrap_err();
        let stored = serde_json::to_string(&denied).unwrap();
        assert!(stored.len() < 1_000, "{} bytes", stored.len());
    }
}

#[test]
fn of_long_lists_of_people_and_channels_a_no_names_some() {
    let list = |letter: char| {
        let ids = (0..2_000).map(|n| format!("\"{letter}0{n:05}\""));
        ids.collect::<Vec<_>>().join(", ")
    };
    let lists = format!("request  = [{}]\nchannels = [{}]", list('U'), list('C'));
    let production = "request  = [\"team\", \"U0REQUESTER\"]";
    let text = CONFIG
        .replace(production, &lists)
        .replace("channels = [\"C0RELEASES\"]", "");
    let source = SourceFile::new("longshore.toml", text.as_str());
    let config = Config::compile(&[source]).unwrap().config;
    let (cms, production) = ("cms".parse().unwrap(), "production".parse().unwrap());
    let elsewhere: ChannelId = "C0GENERAL".parse().unwrap();
    let deploy = Action::Change(ChangeKind::Deploy);
    for (user, words) in [
        ("U0NOBODY", "@U000005 and 1994 more may. Ask @U000000,"),
        ("U000007", "Ask again in #C000000, "),
    ] {
        let actor = slack("T0001", user);
        let place = (&cms, &production);
        let no = authorize(
            Policy::alone(&config, Timestamp::UNIX_EPOCH),
            &actor,
            &deploy,
            place.0,
            place.1,
            Some(&elsewhere),
        )
        .unwrap_err();
        assert!(no.to_string().contains(words), "{no}");
        assert!(serde_json::to_string(&no).unwrap().len() < 500, "{no:?}");
    }
}
