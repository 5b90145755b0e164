//! The largest and the most hostile that cards may have to show, and what their buttons carry.

use proptest::prelude::*;

use super::*;
use crate::past::marked;
use crate::record::{Choice, Evidence, Phase, ServiceEnding, ServicePhase, ServiceState};
use crate::rollout::Reason;
use crate::running::{Row, Runs, There};

/// Whatever is cut, something of the application and of the environment is left.
fn buttons_name_what_they_are_about(card: &Message, deploy: &Deploy) {
    for button in buttons(card) {
        let label = button["accessibility_label"].as_str().unwrap();
        let (before, environment) = label.rsplit_once(" on ").unwrap();
        let (_, title) = before.split_once(": ").unwrap();
        let begins = |whole: &str, part: &str| whole.starts_with(part.trim_end_matches('…'));
        assert!(
            !title.is_empty() && begins(&crate::reply::title(deploy), title),
            "{label}"
        );
        assert!(!environment.is_empty(), "{label}");
        assert!(begins(deploy.environment.as_str(), environment), "{label}");
    }
}

/// A click carries the card that was clicked, whatever it is written in.
#[test]
fn the_largest_card_of_each_kind_can_be_clicked() {
    for (written, environment) in [("字", "production"), ("🛑", "e"), ("&<`\"\\", "production")]
    {
        let mut deploy = talkative(&written.repeat(250), 25, 50);
        deploy.environment = environment.parse().unwrap();
        for card in every_card(&deploy) {
            seen(&card);
            let mut slack = longshore_sim::slack::Slack::default();
            slack.install_bot("xoxb-1");
            let mut post = serde_json::to_value(card.sent_at(at(0))).unwrap();
            post["channel"] = json!("C2147483705");
            let post = post.as_object_mut().unwrap();
            post.retain(|name, _| matches!(name.as_str(), "channel" | "text" | "blocks"));
            let request = http::Request::post("https://slack.com/api/chat.postMessage")
                .header("authorization", "Bearer xoxb-1")
                .header("content-type", "application/json")
                .body(serde_json::to_vec(post).unwrap().into())
                .unwrap();
            let answer = slack.handle(at(0), &request);
            assert!(answer.body().starts_with(b"{"), "{answer:?}");
            let posted = slack.messages().last().unwrap().clone();
            for button in buttons(&card) {
                let action = button["action_id"].as_str().unwrap();
                let click = slack.click(at(1), "U061F7AUR", &posted, action).unwrap();
                let size = click.body.len();
                assert!(
                    size <= crate::slack::signature::MAX_BODY / 2,
                    "{size} bytes"
                );
                let read = crate::slack::payload::interactions(&click.body);
                assert!(read.is_ok(), "{read:?}");
            }
        }
    }
}

#[test]
fn a_button_carries_its_deploy_and_a_nonce_and_nothing_else() {
    let deploy = asking(deploy_of("v1.0.2"));
    let value = ButtonValue::new(&deploy, ButtonAction::Confirm);
    assert_eq!(value.to_string(), "4f2k9x0a:n0nce");
    assert_eq!(value.to_string().parse::<ButtonValue>(), Ok(value));
    let version = fixtures::goes_back("1.0.1").way.key;
    let value = ButtonValue::of_version(&deploy, version);
    assert_eq!(value.nonce(), nonce(&deploy, ButtonAction::Confirm));
    assert_eq!(value.version(), Some(version));
    assert_eq!(value.to_string().parse::<ButtonValue>(), Ok(value));
    for bad in [
        "4f2k9x0a:n:",
        "4f2k9x0a:n:1",
        "4f2k9x0a:n:+2345678",
        "4f2k9x0a:n:0123456g",
    ] {
        assert_eq!(bad.parse::<ButtonValue>(), Err(BadButton), "{bad}");
    }
    for bad in [
        "",
        "4f2k9x0a",
        "4f2k9x0a:",
        "4f2k9x0a:a:b",
        "x:n0nce",
        "4f2k9x0a:<!here>",
        ":n",
    ] {
        assert_eq!(bad.parse::<ButtonValue>(), Err(BadButton), "{bad}");
    }
    for action in ButtonAction::ALL {
        assert_eq!(action.id().parse(), Ok(action));
    }
    assert_eq!("approve".parse::<ButtonAction>(), Err(BadButton));
}

#[test]
fn a_derived_nonce_changes_with_what_the_button_would_do() {
    let deploy = rolling(deploy_of("v1.0.2"));
    let cancel = nonce(&deploy, ButtonAction::Cancel);
    assert_eq!(cancel.len(), 16);
    assert_eq!(cancel, nonce(&deploy.clone(), ButtonAction::Cancel));
    let mut replanned = deploy.clone();
    replanned.plan = Some(plan("1.0.3", &["other"]));
    let mut counted = deploy.clone();
    counted.services[0].counts.running = 4;
    assert_eq!(cancel, nonce(&counted, ButtonAction::Cancel));
    let failed = ended(deploy.clone(), Verdict::Failed, "");
    let others = [
        nonce(&replanned, ButtonAction::Cancel),
        nonce(&deploy, ButtonAction::KeepPosted),
        nonce(&failed, ButtonAction::Retry),
        nonce(&failed, ButtonAction::Rollback),
        nonce(
            &ended(deploy.clone(), Verdict::Succeeded, ""),
            ButtonAction::Rollback,
        ),
    ];
    for (index, other) in others.iter().enumerate() {
        assert!(*other != cancel && !others[..index].contains(other));
    }
}

/// Every card of a deploy, whatever state it is in.
fn every_card(deploy: &Deploy) -> Vec<Message> {
    let setting = setting(500);
    let mut cards = vec![
        ask(deploy, &setting),
        answered(deploy, Choice::Confirm, &deploy.requester),
        progress(deploy, &setting),
        started(deploy),
        overdue(deploy, &setting),
        lapse(deploy, &setting),
        show(deploy, &setting),
        shall_it_go_back(deploy),
        difference(deploy),
    ];
    for sentence in [
        crate::reply::accepted(deploy),
        crate::reply::cancelling(deploy),
        crate::reply::keeping_posted(deploy),
    ] {
        cards.push(super::sentence(sentence));
    }
    for verdict in Verdict::ALL {
        let why = deploy.ending.as_ref();
        let why = why.map_or_else(String::new, |ending| ending.why.to_string());
        let deploy = ended(deploy.clone(), verdict, &why);
        cards.extend([
            super::verdict(&deploy, &setting),
            thread(&deploy, &setting),
            announcement(&deploy),
            show(&deploy, &setting),
        ]);
    }
    cards
}

/// A deploy that says `text` wherever people's or machines' words go.
fn talkative(text: &str, services: usize, commits: usize) -> Deploy {
    let names: Vec<String> = (0..services).map(|n| format!("{n}{text}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut plan = plan_json(text, &names);
    plan["cluster"] = json!(text);
    plan["differences"] = json!(vec![text; 30]);
    let share = &mut plan["shares"][0];
    share["title"] = json!(text);
    share["goes_back"] = serde_json::to_value(goes_back(text)).unwrap();
    share["image"]["tag"] = json!(text);
    share["commits"]["newest"] = json!(vec![
        json!({"short": "1f0c9de", "summary": text, "author": text});
        commits
    ]);
    let mut deploy = asked(Verb::Deploy {
        reference: None,
        image: None,
        again: None,
        from: None,
    });
    deploy.plan = Some(serde_json::from_value(plan).unwrap());
    deploy.ask = Some(question(2));
    deploy.phase = Phase::Overdue;
    deploy.started_at = Some(at(20));
    deploy.services = names.iter().map(|name| ServiceState::new(name)).collect();
    for index in 0..services {
        let phase = match index % 4 {
            0 => phase_ended(ServiceEnding::Failed, text),
            1 => ServicePhase::StuckHalfway {
                reason: Reason::Said(text.to_owned()),
            },
            2 => phase_rolling(),
            _ => phase_succeeded(),
        };
        put(&mut deploy, index, phase);
        deploy.services[index].evidence = Some(Evidence {
            what: vec![text.to_owned(); 12],
            cause: Some(text.to_owned()),
            log_lines: vec![text.to_owned(); 60],
            link: Some(text.to_owned()),
            log: Some(text.to_owned()),
            event: None,
        });
    }
    let refused = Refused::NoContainer {
        service: text.to_owned(),
        repository: text.to_owned(),
    };
    let mut deploy = ended(deploy, Verdict::Failed, "");
    if let Some(ending) = &mut deploy.ending {
        ending.why = refused.into();
    }
    deploy
}

#[test]
fn the_worst_input_still_makes_cards_that_slack_takes() {
    let long = "&<`".repeat(85);
    for services in [0, 1, 25, 200] {
        let mut deploy = talkative(&long, services, 50);
        for verb in [
            Verb::Deploy {
                reference: Some("r".repeat(255).parse().unwrap()),
                image: None,
                again: None,
                from: None,
            },
            Verb::rollback(Some("0a1b2c3d".parse().unwrap())),
            Verb::Restart,
        ] {
            deploy.asked.first_mut().verb = verb;
            for card in every_card(&deploy) {
                seen(&card);
                buttons_name_what_they_are_about(&card, &deploy);
            }
            deploy.plan = None;
        }
    }
    let row = Row {
        application: "a".repeat(64).parse().unwrap(),
        title: long.clone(),
        places: (0..20)
            .map(|n| {
                let one = ServiceNow {
                    service: long.clone(),
                    ..live(Some(&long), 1)
                };
                let runs = Runs {
                    services: vec![one; 150],
                    ..Runs::default()
                };
                (format!("e{n}").parse().unwrap(), There::Read(runs))
            })
            .collect(),
    };
    let shown = seen(&status(&row, &setting(0)));
    assert!(shown.contains("… and "), "{shown}");
    let one = Past {
        label: long.clone(),
        ..past(Some(deploy_of("main")), Some(Verdict::Failed))
    };
    assert!(seen(&listing(marked(vec![one; 100]))).contains("… and "));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_people_write_never_pings_links_or_poses_as_ours(
        text in prop_oneof![
            any::<String>(),
            "[<>!@#&;|*`\n:/. a-zA-Z0-9]{0,60}",
            Just("<!channel> <@U061F7AUR> <#C2147483705> <https://x.example|ok>".to_owned()),
            Just("@U0G9QF9C6 #C2147483705 (@U0G9QF9C6)".to_owned()),
            Just("```\n:white_check_mark: *Succeeded.* <!here>".to_owned()),
        ],
    ) {
        let deploy = talkative(&text, 3, 3);
        for card in every_card(&deploy) {
            seen(&card);
        }
    }
}
