//! What a machine may: every action, in every place and by every entry.

use jiff::Timestamp;

use super::*;
use crate::config::SourceFile;

const PIPELINES: &str = r#"
[ci.build]
applications = ["cms"]
environments = ["staging", "production", "closed"]
may          = ["deploy"]

[ci.watch]
applications = ["cms"]
environments = ["staging", "production", "closed"]
may          = []

[ci.elsewhere]
applications = ["orphan"]
environments = ["production"]
may          = ["deploy"]
"#;

fn with_pipelines() -> Config {
    let text = format!("{CONFIG}{PIPELINES}");
    let files = [SourceFile::new("longshore.toml", text)];
    Config::compile(&files).unwrap().config
}

fn ci(name: &str) -> Actor {
    Actor::Ci {
        name: name.parse().unwrap(),
    }
}

fn every_action() -> Vec<Action> {
    let changes = [
        ChangeKind::Deploy,
        ChangeKind::Rollback,
        ChangeKind::Restart,
    ];
    let requesters = [ci("build"), requester(), operator(), Actor::Longshore];
    let mut actions = vec![
        Action::AnswerPause,
        Action::Read,
        Action::ReadLogs,
        Action::Plead,
        Action::Grant,
        Action::Revoke,
    ];
    actions.extend(changes.map(Action::Change));
    for requester in requesters {
        for change in changes {
            let requester = requester.clone();
            actions.push(Action::Confirm { requester, change });
        }
        actions.push(Action::Cancel { requester });
    }
    actions
}

fn allowed(config: &Config, actor: &Actor, action: &Action, place: [&str; 2]) -> bool {
    let [application, environment] = place;
    authorize(
        Policy::alone(config, Timestamp::UNIX_EPOCH),
        actor,
        action,
        &application.parse().unwrap(),
        &environment.parse().unwrap(),
        None,
    )
    .is_ok()
}

#[test]
fn a_machine_asks_for_deploys_and_looks_where_its_entry_lists_the_place_and_does_nothing_else() {
    let config = with_pipelines();
    for name in ["build", "watch", "elsewhere", "nobody"] {
        for place in [
            ["cms", "staging"],
            ["cms", "production"],
            ["cms", "closed"],
            ["orphan", "production"],
            ["orphan", "staging"],
            ["nothing", "staging"],
            ["cms", "nowhere"],
        ] {
            for action in every_action() {
                let own = matches!(
                    (name, place),
                    (
                        "build" | "watch",
                        ["cms", "staging" | "production" | "closed"]
                    ) | ("elsewhere", ["orphan", "production"])
                );
                let expected = match action {
                    Action::Read => own,
                    // Where nobody may, no machine may.
                    Action::Change(ChangeKind::Deploy) => {
                        own && name != "watch" && place[1] != "closed"
                    }
                    _ => false,
                };
                let may = allowed(&config, &ci(name), &action, place);
                assert_eq!(may, expected, "{name} {action:?} {place:?}");
            }
        }
    }
}

/// Where the requester is asked and is a machine, those who may deploy there are asked, and nobody else.
#[test]
fn what_a_machine_asked_for_is_confirmed_by_whoever_may_deploy_there() {
    let config = with_pipelines();
    let confirm = |requester: &Actor| Action::Confirm {
        requester: requester.clone(),
        change: ChangeKind::Deploy,
    };
    let channel: ChannelId = "C0RELEASES".parse().unwrap();
    for (who, actor) in actors() {
        let decide = |action: &Action| {
            let (application, environment) =
                ("cms".parse().unwrap(), "production".parse().unwrap());
            let policy = Policy::alone(&config, Timestamp::UNIX_EPOCH);
            authorize(
                policy,
                &actor,
                action,
                &application,
                &environment,
                Some(&channel),
            )
            .is_ok()
        };
        let deploys = decide(&Action::Change(ChangeKind::Deploy));
        let is_a_person = matches!(actor, Actor::Slack { .. });
        assert_eq!(
            decide(&confirm(&ci("build"))),
            deploys && is_a_person,
            "{who}"
        );
        // A person's own question is still theirs alone.
        let of_another = slack("T0001", "U0SOMEBODY");
        assert!(!is_a_person || !decide(&confirm(&of_another)), "{who}");
    }
}
