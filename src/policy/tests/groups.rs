//! Rights by user groups and by full membership, with copies of every age.

use std::collections::BTreeMap;

use super::*;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

const GROUPS: &str = r#"
slack    = { teams = ["T0001"], admins = ["@S0ADMINS"], trusted = ["@S0ADMINS"], announce = "C0MGMT" }
accounts = { main = { id = "111111111111", region = "eu-west-1" } }
oncall   = ["@S0ONCALL"]

[environments.staging]
account = "main"
cluster = "staging"
request = ["everyone"]
evidence = "logs"

[environments.production]
account  = "main"
cluster  = "production"
request  = ["team", "@S0RELEASE"]
rollback = { by = ["oncall", "team.leads"] }
evidence = "logs"

[teams.content]
members = ["@S0CONTENT", "U0MEMBER"]
leads   = ["@S0LEADS"]
applications = ["cms"]

[applications.cms]
environments = ["staging", "production"]
"#;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// The groups, each with one member of its name, as of 0; one has one more since then.
fn groups() -> Groups {
    let mut groups = BTreeMap::new();
    for name in ["ADMINS", "ONCALL", "RELEASE", "CONTENT", "LEADS"] {
        let copy = GroupCopy {
            members: [format!("U0{name}").parse().unwrap()].into(),
            read_at: at(0),
            joined: BTreeMap::new(),
        };
        groups.insert(format!("S0{name}").parse().unwrap(), copy);
    }
    let admins: &mut GroupCopy = groups.get_mut(&"S0ADMINS".parse().unwrap()).unwrap();
    let newcomer: UserId = "U0NEWCOMER".parse().unwrap();
    admins.members.insert(newcomer.clone());
    admins.joined.insert(newcomer, Some(at(0)));
    Groups(groups)
}

fn people(user: &str, kind: PersonKind) -> People {
    let copy = PersonCopy {
        kind,
        read_at: at(0),
    };
    People([(user.parse().unwrap(), Some(copy))].into())
}

struct World {
    config: Config,
    groups: Groups,
    people: People,
}

impl World {
    fn new() -> Self {
        let file = SourceFile::new("longshore.toml", GROUPS);
        Self {
            config: Config::compile(&[file]).unwrap().config,
            groups: groups(),
            people: People::default(),
        }
    }

    fn decide(&self, user: &str, action: &Action, environment: &str, now: Timestamp) -> Decision {
        let policy = Policy {
            config: &self.config,
            groups: &self.groups,
            people: &self.people,
            grants: Grants::NONE,
            plan: None,
            now,
        };
        authorize(
            policy,
            &slack("T0001", user),
            action,
            &"cms".parse().unwrap(),
            &environment.parse().unwrap(),
            None,
        )
    }

    /// Everything that may be done, and what is said about what others do.
    fn acts() -> Vec<(&'static str, Action)> {
        let mut acts = actions().to_vec();
        acts.push(("pause", Action::AnswerPause));
        let change = ChangeKind::Rollback;
        let requester = requester();
        acts.push(("back", Action::Confirm { requester, change }));
        acts
    }

    /// Who may do what in an environment then: `copy` by an old copy, `?` where nobody knows.
    fn table(&self, environment: &str, now: Timestamp) -> String {
        let mut table = format!("{:9}", "");
        table.extend(Self::acts().iter().map(|(name, _)| format!("{name:9}")));
        for name in [
            "CONTENT", "MEMBER", "LEADS", "RELEASE", "ONCALL", "ADMINS", "NEWCOMER", "OTHER",
        ] {
            table.push_str(&format!("\n{name:9}"));
            for (_, action) in Self::acts() {
                let user = format!("U0{name}");
                // A confirm is one's own.
                let action = match action {
                    Action::Confirm { change, .. } => Action::Confirm {
                        requester: slack("T0001", &user),
                        change,
                    },
                    action => action,
                };
                let decision = self.decide(&user, &action, environment, now);
                table.push_str(match &decision {
                    Ok(allowed) if allowed.by_copy().is_some() => "copy     ",
                    Ok(_) => "yes      ",
                    Err(denied) if matches!(denied.reason(), DenyRule::Doubtful { .. }) => {
                        "?        "
                    }
                    Err(_) => "-        ",
                });
            }
        }
        let lines = table.lines().map(str::trim_end);
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn members_of_groups_may_what_their_groups_may() {
    insta::assert_snapshot!(World::new().table("production", at(HOUR)), @"
             deploy   confirm  cancel   rollback restart  read     logs     pause    back
    CONTENT  yes      yes      yes      -        yes      yes      yes      yes      -
    MEMBER   yes      yes      yes      -        yes      yes      yes      yes      -
    LEADS    yes      yes      yes      yes      yes      yes      yes      yes      yes
    RELEASE  yes      yes      -        -        yes      yes      yes      yes      -
    ONCALL   -        -        yes      yes      -        yes      -        -        yes
    ADMINS   yes      yes      yes      yes      yes      yes      yes      yes      yes
    NEWCOMER -        -        -        -        -        yes      -        -        -
    OTHER    -        -        -        -        -        yes      -        -        -
    ");
}

#[test]
fn with_old_copies_only_stopping_and_the_way_back_are_left() {
    insta::assert_snapshot!(World::new().table("production", at(HOUR + 1)), @"
             deploy   confirm  cancel   rollback restart  read     logs     pause    back
    CONTENT  ?        ?        copy     ?        ?        yes      ?        ?        ?
    MEMBER   yes      yes      yes      ?        yes      yes      yes      yes      ?
    LEADS    ?        ?        copy     copy     ?        yes      ?        ?        copy
    RELEASE  ?        ?        ?        ?        ?        yes      ?        ?        ?
    ONCALL   ?        ?        copy     copy     ?        yes      ?        ?        copy
    ADMINS   ?        ?        copy     copy     ?        yes      ?        ?        copy
    NEWCOMER ?        ?        ?        ?        ?        yes      ?        ?        ?
    OTHER    ?        ?        ?        ?        ?        yes      ?        ?        ?
    ");
}

#[test]
fn with_copies_older_than_a_week_only_those_who_are_named_are_left() {
    insta::assert_snapshot!(World::new().table("production", at(7 * DAY + 1)), @"
             deploy   confirm  cancel   rollback restart  read     logs     pause    back
    CONTENT  ?        ?        ?        ?        ?        yes      ?        ?        ?
    MEMBER   yes      yes      yes      ?        yes      yes      yes      yes      ?
    LEADS    ?        ?        ?        ?        ?        yes      ?        ?        ?
    RELEASE  ?        ?        ?        ?        ?        yes      ?        ?        ?
    ONCALL   ?        ?        ?        ?        ?        yes      ?        ?        ?
    ADMINS   ?        ?        ?        ?        ?        yes      ?        ?        ?
    NEWCOMER ?        ?        ?        ?        ?        yes      ?        ?        ?
    OTHER    ?        ?        ?        ?        ?        yes      ?        ?        ?
    ");
}

#[test]
fn who_joined_the_admins_counts_a_day_later() {
    let deploy = Action::Change(ChangeKind::Deploy);
    for (read_at, may) in [(DAY - 1, false), (DAY, true)] {
        let mut world = World::new();
        for copy in world.groups.0.values_mut() {
            copy.read_at = at(read_at);
        }
        let decision = world.decide("U0NEWCOMER", &deploy, "production", at(read_at));
        assert_eq!(decision.is_ok(), may, "{read_at}");
    }
}

#[test]
fn everyone_is_every_full_member_as_far_as_one_may_look() {
    let mut world = World::new();
    for (kind, may) in [
        (PersonKind::Member, true),
        (PersonKind::Guest, false),
        (PersonKind::Deactivated, false),
        (PersonKind::Elsewhere, false),
        (PersonKind::Bot, false),
    ] {
        world.people = people("U0OTHER", kind);
        for (name, action) in actions() {
            let action = match action {
                Action::Confirm { change, .. } => Action::Confirm {
                    requester: slack("T0001", "U0OTHER"),
                    change,
                },
                action => action,
            };
            let decision = world.decide("U0OTHER", &action, "staging", at(HOUR));
            assert_eq!(decision.is_ok(), may || name == "read", "{kind:?} {name}");
        }
        // Whoever is named otherwise may all the same.
        world.people = people("U0ADMINS", kind);
        let deploy = Action::Change(ChangeKind::Deploy);
        assert!(
            world
                .decide("U0ADMINS", &deploy, "staging", at(HOUR))
                .is_ok()
        );
    }
}

#[test]
fn every_doubt_says_what_is_not_known_and_whom_to_ask() {
    let mut world = World::new();
    let deploy = Action::Change(ChangeKind::Deploy);
    let mut said = Vec::new();
    let mut say = |decision: Decision| said.push(decision.unwrap_err().to_string());
    say(world.decide("U0RELEASE", &deploy, "production", at(DAY)));
    let cancel = Action::Cancel {
        requester: requester(),
    };
    say(world.decide("U0OTHER", &cancel, "production", at(DAY)));
    world.groups = Groups::default();
    say(world.decide("U0RELEASE", &deploy, "production", at(0)));
    let other: UserId = "U0OTHER".parse().unwrap();
    world.people = People([(other, None)].into());
    say(world.decide("U0OTHER", &deploy, "staging", at(0)));
    world.groups = groups();
    world.people = people("U0OTHER", PersonKind::Guest);
    say(world.decide("U0OTHER", &deploy, "staging", at(0)));
    insta::assert_snapshot!(said.join("\n\n"), @r"
    Whether you may deploy cms to production is not known. Slack does not say who is in the user group @S0RELEASE. Try again in a few minutes. If it stays so: ask @U0CONTENT, @U0LEADS or @U0MEMBER, and they can do it for you.

    Whether you may cancel a deploy of cms to production is not known. Slack does not say who is in the user group @S0ADMINS. Try again in a few minutes. If it stays so: ask @U0ADMINS, @U0CONTENT, @U0LEADS, @U0MEMBER or @U0ONCALL, and they can do it for you.

    Whether you may deploy cms to production is not known. Slack does not say who is in the user group @S0ADMINS. Try again in a few minutes. If it stays so: ask @U0MEMBER, and they can do it for you.

    Whether you may deploy cms to staging is not known. Slack does not say who is in the user group @S0ADMINS. Try again in a few minutes. If it stays so: ask the people who run Longshore to add you.

    You may not deploy cms to staging. Every full member may, but Slack says that you are a guest. Ask @U0ADMINS, and they can do it for you.
    ");
}
