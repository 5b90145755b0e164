//! Rights given in chat: what they add to the lists of the configuration, and what they never do.

use proptest::prelude::*;

use super::*;

const DAY: i64 = 24 * 3_600;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// To U0GRANTED, for a week from 0.
fn grant(right: GrantedRight, application: &str, environment: Option<&str>) -> Grant {
    Grant {
        to: "U0GRANTED".parse().unwrap(),
        application: application.parse().unwrap(),
        environment: environment.map(|name| name.parse().unwrap()),
        right,
        by: "U0ADMIN".parse().unwrap(),
        at: at(0),
        until: at(7 * DAY),
        why: None,
        seconded_by: None,
        once: None,
    }
}

/// What a user may do to cms there then, with these grants.
fn decides(
    text: &str,
    grants: &Grants,
    user: &str,
    action: &Action,
    environment: &str,
    now: Timestamp,
) -> Decision {
    let file = SourceFile::new("longshore.toml", text);
    let config = Config::compile(&[file]).unwrap().config;
    let policy = Policy {
        grants,
        ..Policy::alone(&config, now)
    };
    let channel = "C0RELEASES".parse().unwrap();
    authorize(
        policy,
        &slack("T0001", user),
        action,
        &"cms".parse().unwrap(),
        &environment.parse().unwrap(),
        Some(&channel),
    )
}

/// Whoever is named nowhere may ask for the right; whoever is kept out by anything else may not.
#[test]
fn a_right_is_asked_for_by_whoever_lacks_nothing_else() {
    let decide = |user: &str, environment: &str| {
        let decision = decides(
            CONFIG,
            Grants::NONE,
            user,
            &Action::Plead,
            environment,
            at(0),
        );
        decision.map(drop).map_err(|denied| denied.reason().clone())
    };
    assert_eq!(decide("U0GRANTED", "production"), Ok(()));
    assert_eq!(decide("U0GRANTED", "closed"), Err(DenyRule::Nobody));
    let elsewhere = CONFIG.replace("C0RELEASES", "C0ELSEWHERE");
    let decision = decides(
        &elsewhere,
        Grants::NONE,
        "U0GRANTED",
        &Action::Plead,
        "production",
        at(0),
    );
    let denied = decision.unwrap_err();
    assert!(matches!(denied.reason(), DenyRule::Channel(_)), "{denied}");
}

/// A right in chat is a full member's: who is known to be none any more has lost it.
#[test]
fn a_grant_does_not_count_for_who_is_known_to_be_no_full_member() {
    let grants = Grants(vec![grant(GrantedRight::Request, "cms", None)]);
    let file = SourceFile::new("longshore.toml", CONFIG);
    let config = Config::compile(&[file]).unwrap().config;
    let channel = "C0RELEASES".parse().unwrap();
    let user: UserId = "U0GRANTED".parse().unwrap();
    let read_at = at(-30 * DAY);
    for (known, counts) in [
        (None, true),
        (Some(None), true),
        (Some(Some(PersonKind::Member)), true),
        (Some(Some(PersonKind::Guest)), false),
        (Some(Some(PersonKind::Deactivated)), false),
        (Some(Some(PersonKind::Elsewhere)), false),
    ] {
        let copy = |kind: PersonKind| PersonCopy { kind, read_at };
        let known = known.map(|kind| (user.clone(), kind.map(copy)));
        let people = People(known.into_iter().collect());
        let policy = Policy {
            grants: &grants,
            people: &people,
            ..Policy::alone(&config, at(0))
        };
        let decision = authorize(
            policy,
            &slack("T0001", "U0GRANTED"),
            &Action::Change(ChangeKind::Deploy),
            &"cms".parse().unwrap(),
            &"production".parse().unwrap(),
            Some(&channel),
        );
        assert_eq!(decision.is_ok(), counts, "{people:?}");
    }
}

fn all_actions(user: &str) -> Vec<(&'static str, Action)> {
    let mut all = actions().to_vec();
    all.push(("pause", Action::AnswerPause));
    let change = ChangeKind::Rollback;
    let requester = slack("T0001", user);
    all.push(("back", Action::Confirm { requester, change }));
    all.push(("grant", Action::Grant));
    all.push(("revoke", Action::Revoke));
    // A confirm is one's own.
    for (_, action) in &mut all {
        if let Action::Confirm { requester, .. } = action {
            *requester = slack("T0001", user);
        }
    }
    all
}

/// With a list of its own for rollbacks and logs, and without.
fn table(text: &str, environment: &str) -> String {
    let request = GrantedRight::Request;
    let cases = [
        ("none", Vec::new(), 0),
        ("granted", vec![grant(request, "cms", Some(environment))], 0),
        ("everywhere", vec![grant(request, "cms", None)], 0),
        (
            "last second",
            vec![grant(request, "cms", None)],
            7 * DAY - 1,
        ),
        ("ended", vec![grant(request, "cms", None)], 7 * DAY),
        (
            "elsewhere",
            vec![grant(request, "cms", Some("elsewhere"))],
            0,
        ),
        ("another's", vec![grant(request, "orphan", None)], 0),
        (
            "approver",
            vec![grant(GrantedRight::Approve, "cms", None)],
            2 * DAY,
        ),
    ];
    let mut lines = vec![format!("{:13}", "")];
    lines[0].extend(
        all_actions("U0GRANTED")
            .iter()
            .map(|(name, _)| format!("{name:9}")),
    );
    for (name, grants, now) in cases {
        let mut line = format!("{name:13}");
        for (_, action) in all_actions("U0GRANTED") {
            let grants = Grants(grants.clone());
            let decision = decides(text, &grants, "U0GRANTED", &action, environment, at(now));
            line.push_str(if decision.is_ok() {
                "yes      "
            } else {
                "-        "
            });
        }
        lines.push(line);
    }
    let lines = lines.iter().map(|line| line.trim_end());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_grant_adds_to_request_and_to_what_goes_by_it() {
    let by_request = CONFIG
        .replace("rollback = { by = [\"team.leads\", \"team:ops\"] }\n", "")
        .replace("logs     = [\"team.leads\", \"U0OPS\"]\n", "");
    assert_ne!(by_request, CONFIG);
    insta::assert_snapshot!(table(&by_request, "production"), @r"
                 deploy   confirm  cancel   rollback restart  read     logs     pause    back     grant    revoke
    none         -        -        -        -        -        yes      -        -        -        -        -
    granted      yes      yes      yes      yes      yes      yes      yes      yes      yes      -        -
    everywhere   yes      yes      yes      yes      yes      yes      yes      yes      yes      -        -
    last second  yes      yes      yes      yes      yes      yes      yes      yes      yes      -        -
    ended        -        -        -        -        -        yes      -        -        -        -        -
    elsewhere    -        -        -        -        -        yes      -        -        -        -        -
    another's    -        -        -        -        -        yes      -        -        -        -        -
    approver     -        -        -        -        -        yes      -        -        -        -        -
    ");
}

#[test]
fn a_grant_adds_to_no_other_list() {
    insta::assert_snapshot!(table(CONFIG, "production"), @r"
                 deploy   confirm  cancel   rollback restart  read     logs     pause    back     grant    revoke
    none         -        -        -        -        -        yes      -        -        -        -        -
    granted      yes      yes      -        -        yes      yes      -        yes      -        -        -
    everywhere   yes      yes      -        -        yes      yes      -        yes      -        -        -
    last second  yes      yes      -        -        yes      yes      -        yes      -        -        -
    ended        -        -        -        -        -        yes      -        -        -        -        -
    elsewhere    -        -        -        -        -        yes      -        -        -        -        -
    another's    -        -        -        -        -        yes      -        -        -        -        -
    approver     -        -        -        -        -        yes      -        -        -        -        -
    ");
}

#[test]
fn a_grant_opens_nothing_where_nobody_may() {
    insta::assert_snapshot!(table(CONFIG, "closed"), @r"
                 deploy   confirm  cancel   rollback restart  read     logs     pause    back     grant    revoke
    none         -        -        -        -        -        yes      -        -        -        -        -
    granted      -        -        -        -        -        yes      -        -        -        -        -
    everywhere   -        -        -        -        -        yes      -        -        -        -        -
    last second  -        -        -        -        -        yes      -        -        -        -        -
    ended        -        -        -        -        -        yes      -        -        -        -        -
    elsewhere    -        -        -        -        -        yes      -        -        -        -        -
    another's    -        -        -        -        -        yes      -        -        -        -        -
    approver     -        -        -        -        -        yes      -        -        -        -        -
    ");
}

#[test]
fn a_grant_counts_in_the_channels_of_the_environment_alone() {
    let grants = Grants(vec![grant(GrantedRight::Request, "cms", None)]);
    let file = SourceFile::new("longshore.toml", CONFIG);
    let config = Config::compile(&[file]).unwrap().config;
    let policy = Policy {
        grants: &grants,
        ..Policy::alone(&config, at(0))
    };
    let elsewhere = "C0GENERAL".parse().unwrap();
    let decision = authorize(
        policy,
        &slack("T0001", "U0GRANTED"),
        &Action::Change(ChangeKind::Deploy),
        &"cms".parse().unwrap(),
        &"production".parse().unwrap(),
        Some(&elsewhere),
    );
    let denied = decision.unwrap_err();
    assert!(matches!(denied.reason(), DenyRule::Channel(_)), "{denied}");
}

#[test]
fn rights_are_given_by_admins_alone_and_not_where_nobody_may_deploy() {
    let grants = Grants::default();
    for (user, environment, grant, revoke) in [
        ("U0ADMIN", "production", true, true),
        ("U0ADMIN", "closed", false, true),
        ("U0LEAD", "production", false, false),
        ("U0OUTSIDER", "staging", false, false),
    ] {
        let may = |action| decides(CONFIG, &grants, user, &action, environment, at(0)).is_ok();
        assert_eq!(may(Action::Grant), grant, "{user} {environment}");
        assert_eq!(may(Action::Revoke), revoke, "{user} {environment}");
    }
    let denied = decides(
        CONFIG,
        &grants,
        "U0LEAD",
        &Action::Grant,
        "production",
        at(0),
    );
    insta::assert_snapshot!(denied.unwrap_err(), @"You may not give rights to cms. Only the admins may. Ask @U0ADMIN, and they can do it for you.");
}

fn any_grant() -> impl Strategy<Value = Grant> {
    let user = || proptest::sample::select(vec!["U0GRANTED", "U0LEAD", "U0OUTSIDER", "U0ADMIN"]);
    let environment = proptest::sample::select(vec![
        None,
        Some("staging"),
        Some("production"),
        Some("closed"),
    ]);
    let right = proptest::sample::select(vec![GrantedRight::Request, GrantedRight::Approve]);
    let times = (-2 * DAY..100 * DAY, -2 * DAY..200 * DAY);
    (user(), user(), environment, right, times, any::<bool>()).prop_map(
        |(to, by, environment, right, (from, until), seconded)| Grant {
            to: to.parse().unwrap(),
            by: by.parse().unwrap(),
            at: at(from),
            until: at(until),
            seconded_by: seconded.then(|| "U0OTHER".parse().unwrap()),
            ..grant(right, "cms", environment)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever was given to whom: nobody becomes an admin by it, an empty list stays empty, and what has ended is
    /// as if it had never been.
    #[test]
    fn no_grants_make_an_admin_or_outlive_their_end(
        grants in proptest::collection::vec(any_grant(), 0..6),
        now in -3 * DAY..300 * DAY,
    ) {
        let grants = Grants(grants);
        for user in ["U0GRANTED", "U0LEAD", "U0OUTSIDER"] {
            for environment in ["staging", "production", "closed"] {
                for (name, action) in all_actions(user) {
                    let with = decides(CONFIG, &grants, user, &action, environment, at(now)).is_ok();
                    let without =
                        decides(CONFIG, Grants::NONE, user, &action, environment, at(now)).is_ok();
                    prop_assert!(with || !without, "{} takes a right away", name);
                    let gives = grants.0.iter().any(|grant| {
                        let ends = grant.until.min(grant.at + LONGEST);
                        grant.to.as_str() == user && at(now) < ends
                    });
                    let may_gain = environment == "production" && !name.starts_with("re")
                        && !["grant", "rollback", "logs", "back"].contains(&name);
                    if with != without {
                        prop_assert!(gives, "{} outlives its end", name);
                        prop_assert!(may_gain || name == "restart", "{} is gained", name);
                    }
                }
            }
        }
    }
}
