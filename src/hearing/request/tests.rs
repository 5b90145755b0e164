mod mentions;

use serde_json::json;

use super::*;
use crate::command::{DiffWith, MAX_APPLICATIONS, RightOf};
use crate::names::Somebody;
use crate::record::TurnedDown;
use crate::record::job::{DiffOf, LogsOf, Pressed, PreviewOf, RevokeAsked, Shows, WhereOf};
use crate::record::{Choice, What};
use crate::request::Verb;

mod pipelines;

const T: &str = "2026-03-02T09:00:00Z";

fn person() -> Asker {
    Asker::Person(Person {
        team: "T0001".parse().unwrap(),
        user: "U0ADA0001".parse().unwrap(),
    })
}

fn operator() -> Asker {
    Asker::Operator {
        arn: "arn:aws:iam::111111111111:user/ops".to_owned(),
    }
}

fn id() -> DeployId {
    DeployId::derive(b"a request")
}

fn deploy(by: &Asker, verb: Verb) -> Deploy {
    let place = ("webapp".parse().unwrap(), "production".parse().unwrap());
    let channel = Some("C0DEPLOYS".parse().unwrap());
    let (by, at) = (by.actor(), T.parse().unwrap());
    Deploy::new(id(), verb, place, by, at, Origin::typed(channel))
}

fn back() -> Verb {
    Verb::rollback(None)
}

fn to_main() -> Verb {
    Verb::Deploy {
        reference: Some("main".parse().unwrap()),
        image: Some("nginx".parse().unwrap()),
        again: None,
        from: None,
    }
}

/// The body with one thing different.
fn changed(by: &Asker, verb: Verb, change: impl FnOnce(&mut Value)) -> String {
    let body = Request::for_deploy(by.clone(), &deploy(by, verb)).body();
    let mut value = serde_json::from_str(&body.unwrap()).unwrap();
    change(&mut value);
    value.to_string()
}

#[test]
fn a_deploy_is_handed_on_as_it_was_asked_for() {
    for (by, verb) in [
        (person(), to_main()),
        (person(), Verb::Restart),
        (operator(), back()),
        (operator(), to_main()),
        (operator(), Verb::Restart),
    ] {
        let mut asked = deploy(&by, verb);
        if by == person() {
            let verb = asked.verb().clone();
            let application = "cms".parse().unwrap();
            asked.asked.push(AskedOf { application, verb });
        }
        let written = Request::for_deploy(by.clone(), &asked);
        let read = Request::read(by.desk(), &written.body().unwrap()).unwrap();
        assert_eq!(read, written);
        assert_eq!(read.deploy(&id()), Some(asked));
        assert_eq!(read.job(&ReadId::derive(b"a request")), None);
    }
}

#[test]
fn a_job_is_handed_on_as_it_was_asked_for() {
    for task in [
        Task::Status {
            application: Some("cms".parse().unwrap()),
            environment: None,
        },
        Task::Logs(Box::new(LogsOf {
            application: "cms".parse().unwrap(),
            image: Some("nginx".parse().unwrap()),
            environment: "staging".parse().unwrap(),
            service: Some("cms-api".to_owned()),
        })),
        Task::Preview(Box::new(PreviewOf {
            environment: "staging".parse().unwrap(),
            each: vec![AskedOf {
                application: "cms".parse().unwrap(),
                verb: to_main(),
            }],
            shows: Shows::WhyNot,
        })),
        Task::Diff(Box::new(DiffOf {
            application: "cms".parse().unwrap(),
            image: Some("nginx".parse().unwrap()),
            environment: "staging".parse().unwrap(),
            with: DiffWith::Place("production".parse().unwrap()),
        })),
        Task::Diff(Box::new(DiffOf {
            application: "cms".parse().unwrap(),
            image: None,
            environment: "staging".parse().unwrap(),
            with: DiffWith::Ref(None),
        })),
        Task::Where(Box::new(WhereOf {
            application: None,
            change: "#42".parse().unwrap(),
        })),
        Task::Nudge {
            deploy: id(),
            pressed: Pressed::Cancel,
        },
        Task::AnswerPause {
            deploy: id(),
            nonce: "n0nce".to_owned(),
        },
        Task::Tell {
            why: Box::new(TurnedDown::ButtonStale { id: id() }),
            closes: false,
        },
    ] {
        let job = Job {
            mention: None,
            id: ReadId::derive(b"a request"),
            task,
            requester: person().actor(),
            channel: None,
            requested_at: T.parse().unwrap(),
        };
        let written = Request::for_job(person(), &job);
        let read = Request::read(Desk::Public, &written.body().unwrap()).unwrap();
        assert_eq!(read.job(&job.id), Some(job));
        assert_eq!(read.deploy(&id()), None);
    }
}

#[test]
fn an_operator_is_heard() {
    for what in [
        What::Stop,
        What::Answer {
            nonce: "n0nce".to_owned(),
            choice: Choice::Confirm,
        },
    ] {
        let job = Job {
            mention: None,
            id: ReadId::derive(b"a request"),
            task: Task::Say { deploy: id(), what },
            requester: operator().actor(),
            channel: None,
            requested_at: T.parse().unwrap(),
        };
        let written = Request::for_job(operator(), &job);
        let read = Request::read(Desk::Operators, &written.body().unwrap()).unwrap();
        assert_eq!(read.job(&job.id), Some(job));
    }
}

#[test]
fn who_asks_is_what_the_partition_says() {
    let by_person = changed(&person(), back(), |_| {});
    let by_operator = changed(&operator(), back(), |_| {});
    assert!(Request::read(Desk::Public, &by_person).is_ok());
    assert!(Request::read(Desk::Operators, &by_operator).is_ok());
    let crossed = [(Desk::Public, by_operator), (Desk::Operators, by_person)];
    for (desk, body) in crossed {
        assert_eq!(Request::read(desk, &body), Err(BadRequest::Unreadable));
    }
    let claims = changed(&person(), back(), |body| {
        body["by"] = serde_json::to_value(operator().actor()).unwrap();
    });
    assert_eq!(
        Request::read(Desk::Public, &claims),
        Err(BadRequest::Unreadable)
    );
}

#[test]
fn what_no_version_would_have_written_is_no_request() {
    let members: [fn(&mut Value); 8] = [
        |body| body["phase"] = json!("starting"),
        |body| body["by"]["kind"] = json!("operator"),
        |body| body["wanted"]["deploy"]["plan"] = json!({}),
        |body| body["wanted"]["deploy"]["each"][0]["consented"] = json!(true),
        |body| body["wanted"]["job"] = json!({ "task": "status" }),
        |body| body["at"] = json!("2026-03-02T10:00:00+01:00"),
        |body| body["by"] = json!(null),
        |body| drop(body.as_object_mut().unwrap().remove("channel")),
    ];
    for (number, change) in members.into_iter().enumerate() {
        let body = changed(&person(), to_main(), change);
        let read = Request::read(Desk::Public, &body);
        assert_eq!(read, Err(BadRequest::Unreadable), "{number}: {body}");
    }
    for body in ["", "{}", "[]", "null", "{\"schema\":1}", "\u{0}"] {
        assert_eq!(
            Request::read(Desk::Public, body),
            Err(BadRequest::Unreadable)
        );
    }
    let newer = changed(&person(), to_main(), |body| body["schema"] = json!(2));
    assert_eq!(Request::read(Desk::Public, &newer), Err(BadRequest::Newer));
    let padded = changed(&person(), to_main(), |_| {}) + &" ".repeat(MAX_BYTES);
    assert_eq!(
        Request::read(Desk::Public, &padded),
        Err(BadRequest::TooLong)
    );
}

#[test]
fn what_nobody_could_have_typed_is_no_request() {
    let impossible = |by: &Asker, verb: Verb, change: fn(&mut Value)| {
        let body = changed(by, verb, change);
        let read = Request::read(by.desk(), &body);
        assert!(
            matches!(read, Err(BadRequest::Impossible(_))),
            "{body}: {read:?}"
        );
    };
    let each = |body: &mut Value, count: usize| {
        let one = body["wanted"]["deploy"]["each"][0].clone();
        let named = |number: usize| {
            let mut one = one.clone();
            one["application"] = json!(format!("app-{number}"));
            one
        };
        body["wanted"]["deploy"]["each"] = (0..count).map(named).collect();
    };
    let ten = changed(&person(), to_main(), |body| each(body, MAX_APPLICATIONS));
    assert!(Request::read(Desk::Public, &ten).is_ok());
    impossible(&person(), to_main(), |body| {
        body["wanted"]["deploy"]["each"] = json!([]);
    });
    let eleven = changed(&person(), to_main(), |body| {
        each(body, MAX_APPLICATIONS + 1)
    });
    assert!(Request::read(Desk::Public, &eleven).is_err());
    impossible(&person(), Verb::Restart, |body| {
        let one = body["wanted"]["deploy"]["each"][0].clone();
        body["wanted"]["deploy"]["each"] = json!([one, one]);
    });
    impossible(&person(), Verb::Restart, |body| {
        let back = json!({ "application": "cms", "verb": "rollback", "to": null });
        let each = body["wanted"]["deploy"]["each"].as_array_mut();
        each.unwrap().push(back);
    });
    impossible(&operator(), to_main(), |body| {
        let mut other = body["wanted"]["deploy"]["each"][0].clone();
        other["application"] = json!("cms");
        let each = body["wanted"]["deploy"]["each"].as_array_mut();
        each.unwrap().push(other);
    });
    impossible(&operator(), back(), |body| body["by"]["arn"] = json!("ops"));
    impossible(&person(), back(), |body| {
        body["wanted"] = json!({ "job": { "task": "say", "deploy": id(), "what": "stop" } });
    });
    impossible(&operator(), back(), |body| {
        body["wanted"] =
            json!({ "job": { "task": "status", "application": null, "environment": null } });
    });
    impossible(&operator(), back(), |body| {
        body["wanted"] =
            json!({ "job": { "task": "status", "application": null, "environment": null } });
    });
}

#[test]
fn a_request_is_taken_in_within_a_quarter_of_an_hour_and_not_before_its_time() {
    let at: Timestamp = T.parse().unwrap();
    let second = SignedDuration::from_secs(1);
    for (now, timing) in [
        (at, Timing::Fresh),
        (at + FRESH, Timing::Fresh),
        (at + FRESH + second, Timing::TooOld),
        (at - AHEAD, Timing::Fresh),
        (at - AHEAD - second, Timing::Ahead),
        (Timestamp::MAX, Timing::TooOld),
        (Timestamp::MIN, Timing::Ahead),
    ] {
        assert_eq!(Timing::of(at, now), timing, "{now}");
    }
}

#[test]
fn the_longest_request_fits_twice() {
    let mut asked = deploy(&person(), Verb::Restart);
    let verb = Verb::Deploy {
        reference: Some("r".repeat(255).parse().unwrap()),
        image: Some("i".repeat(255).parse().unwrap()),
        again: Some(id()),
        from: None,
    };
    let name = |number: usize| format!("{number}{}", "a".repeat(63)).parse().unwrap();
    let one = |number| AskedOf {
        application: name(number),
        verb: verb.clone(),
    };
    let all: Vec<_> = (0..MAX_APPLICATIONS).map(one).collect();
    asked.asked = all.try_into().unwrap();
    let body = Request::for_deploy(person(), &asked).body().unwrap();
    assert!(body.len() * 2 < MAX_BYTES, "{} bytes", body.len());
}

#[test]
fn a_right_is_asked_for_by_people_to_deploy_what_they_name() {
    let plea = |by: &Asker, verb: Verb| {
        let mut deploy = deploy(by, verb);
        deploy.plea = Some(Plea::default());
        let request = Request::for_deploy(by.clone(), &deploy);
        Request::read(by.desk(), &request.body().unwrap())
    };
    let read = plea(&person(), to_main()).unwrap();
    let made = read.deploy(&DeployId::derive(b"a request")).unwrap();
    assert!(made.pleads());
    let again = Verb::Deploy {
        reference: None,
        image: None,
        again: Some(DeployId::derive(b"another")),
        from: None,
    };
    let promoted = Verb::Deploy {
        reference: None,
        image: None,
        again: None,
        from: Some("staging".parse().unwrap()),
    };
    for (by, verb) in [
        (person(), Verb::Restart),
        (person(), back()),
        (person(), again),
        (person(), promoted),
        (operator(), to_main()),
    ] {
        let read = plea(&by, verb);
        assert!(matches!(read, Err(BadRequest::Impossible(_))), "{read:?}");
    }
}

#[test]
fn a_look_ahead_is_of_what_people_can_type() {
    let read = |by: &Asker, each: Vec<AskedOf>| {
        let job = Job {
            mention: None,
            id: ReadId::derive(b"a request"),
            task: Task::Preview(Box::new(PreviewOf {
                environment: "staging".parse().unwrap(),
                each,
                shows: Shows::All,
            })),
            requester: by.actor(),
            channel: None,
            requested_at: T.parse().unwrap(),
        };
        let written = Request::for_job(by.clone(), &job);
        Request::read(by.desk(), &written.body().unwrap())
    };
    let of = |name: &str, verb: Verb| AskedOf {
        application: name.parse().unwrap(),
        verb,
    };
    let named = |again: Option<DeployId>, from: Option<&str>| Verb::Deploy {
        reference: None,
        image: None,
        again,
        from: from.map(|from| from.parse().unwrap()),
    };
    let promoted = named(None, Some("production"));
    assert!(read(&person(), vec![of("cms", promoted)]).is_ok());
    for (by, each) in [
        (person(), vec![]),
        (person(), vec![of("cms", to_main()), of("cms", to_main())]),
        (person(), vec![of("cms", Verb::Restart)]),
        (person(), vec![of("cms", back())]),
        (person(), vec![of("cms", named(Some(id()), None))]),
        (person(), vec![of("cms", named(None, Some("staging")))]),
        (operator(), vec![of("cms", to_main())]),
    ] {
        let read = read(&by, each);
        assert!(matches!(read, Err(BadRequest::Impossible(_))), "{read:?}");
    }
}

#[test]
fn an_operator_takes_rights_back_of_whom_the_id_names() {
    let read = |by: &Asker, to: Somebody| {
        let of = RightOf {
            to,
            app: "cms".parse().unwrap(),
            env: None,
            right: None,
        };
        let job = Job {
            mention: None,
            id: ReadId::derive(b"a request"),
            task: Task::Revoke(Box::new(RevokeAsked { of, why: None })),
            requester: by.actor(),
            channel: None,
            requested_at: T.parse().unwrap(),
        };
        let written = Request::for_job(by.clone(), &job);
        Request::read(by.desk(), &written.body().unwrap()).is_ok()
    };
    let by_id = || Somebody::Mentioned("U0EVE0001".parse().unwrap());
    let by_name = || Somebody::Called("eve".parse().unwrap());
    assert!(read(&operator(), by_id()));
    assert!(!read(&operator(), by_name()));
    assert!(read(&person(), by_id()) && read(&person(), by_name()));
}

#[test]
fn a_place_is_not_compared_with_itself_nor_for_an_operator() {
    let read = |by: &Asker, place: &str| {
        let job = Job {
            mention: None,
            id: ReadId::derive(b"a request"),
            task: Task::Diff(Box::new(DiffOf {
                application: "cms".parse().unwrap(),
                image: None,
                environment: "staging".parse().unwrap(),
                with: DiffWith::Place(place.parse().unwrap()),
            })),
            requester: by.actor(),
            channel: None,
            requested_at: T.parse().unwrap(),
        };
        let written = Request::for_job(by.clone(), &job);
        Request::read(by.desk(), &written.body().unwrap())
    };
    assert!(read(&person(), "production").is_ok());
    for (by, place) in [(person(), "staging"), (operator(), "production")] {
        let read = read(&by, place);
        assert!(matches!(read, Err(BadRequest::Impossible(_))), "{read:?}");
    }
}

#[test]
fn only_a_change_is_looked_for() {
    for (change, is_possible) in [("#42", true), ("1f0c9de", true), ("main", false)] {
        let job = Job {
            mention: None,
            id: ReadId::derive(b"a request"),
            task: Task::Where(Box::new(WhereOf {
                application: None,
                change: change.parse().unwrap(),
            })),
            requester: person().actor(),
            channel: None,
            requested_at: T.parse().unwrap(),
        };
        let written = Request::for_job(person(), &job).body().unwrap();
        assert_eq!(
            Request::read(Desk::Public, &written).is_ok(),
            is_possible,
            "{change}"
        );
    }
}
