//! What a pipeline can have asked for.

use super::*;

fn pipeline() -> Asker {
    Asker::Pipeline {
        name: "build-cms".parse().unwrap(),
    }
}

/// A deploy of a ref, from nowhere.
fn built() -> Deploy {
    let verb = Verb::deploy(Some("1.0.2".parse().unwrap()), None);
    let mut asked = deploy(&pipeline(), verb);
    asked.origin = Origin::typed(None);
    asked
}

fn reads(asked: &Deploy) -> bool {
    let written = Request::for_deploy(pipeline(), asked);
    Request::read(Desk::Pipelines, &written.body().unwrap()).is_ok()
}

#[test]
fn a_pipeline_asks_for_the_deploy_of_a_ref_and_for_nothing_else() {
    let asked = built();
    let written = Request::for_deploy(pipeline(), &asked);
    let read = Request::read(Desk::Pipelines, &written.body().unwrap()).unwrap();
    assert_eq!(read.deploy(&id()), Some(asked.clone()));
    for verb in [
        Verb::Restart,
        back(),
        to_main(),
        Verb::deploy(None, None),
        Verb::promote("staging".parse().unwrap(), None, None),
    ] {
        let mut other = asked.clone();
        other.asked.first_mut().verb = verb.clone();
        assert!(!reads(&other), "{verb:?}");
    }
    let mut of_two = asked.clone();
    of_two.asked.push(AskedOf {
        application: "cms".parse().unwrap(),
        verb: asked.verb().clone(),
    });
    assert!(!reads(&of_two));
    let mut from_somewhere = asked;
    from_somewhere.origin = Origin::typed(Some("C0DEPLOYS".parse().unwrap()));
    assert!(!reads(&from_somewhere));
}

#[test]
fn a_pipeline_says_and_looks_up_nothing() {
    for task in [
        Task::Say {
            deploy: id(),
            what: What::Stop,
        },
        Task::Say {
            deploy: id(),
            what: What::Answer {
                nonce: "n0nce".to_owned(),
                choice: Choice::Confirm,
            },
        },
        Task::AnswerPause {
            deploy: id(),
            nonce: "n0nce".to_owned(),
        },
        Task::Nudge {
            deploy: id(),
            pressed: Pressed::Cancel,
        },
        Task::Status {
            application: None,
            environment: None,
        },
    ] {
        let job = Job {
            mention: None,
            id: ReadId::derive(b"a request"),
            task,
            requester: pipeline().actor(),
            channel: None,
            requested_at: T.parse().unwrap(),
        };
        let written = Request::for_job(pipeline(), &job);
        let read = Request::read(Desk::Pipelines, &written.body().unwrap());
        assert!(read.is_err(), "{:?}", job.task);
    }
}
