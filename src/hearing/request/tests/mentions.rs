//! What a mention can have asked for.

use super::*;
use crate::names::spoken::{HandedOn, Paragraph};
use crate::record::job::{GrantAsked, WhoIsMeant};
use crate::request::GrantedRight;

fn mention() -> Mention {
    Mention {
        ts: "1772442000.000100".parse().unwrap(),
        thread: None,
    }
}

/// What becomes of it by mention, and of the same by command.
fn read(by: &Asker, wanted: &Wanted) -> [Result<Request, BadRequest>; 2] {
    [Some(mention()), None].map(|mention| {
        let request = Request {
            by: by.clone(),
            channel: Some("C0DEPLOYS".parse().unwrap()),
            mention,
            at: T.parse().unwrap(),
            wanted: wanted.clone(),
        };
        Request::read(by.desk(), &request.body().unwrap())
    })
}

fn right() -> RightOf {
    RightOf {
        to: Somebody::Mentioned("U0EVE0001".parse().unwrap()),
        app: "cms".parse().unwrap(),
        env: None,
        right: Some(GrantedRight::Request),
    }
}

fn words(text: &str) -> Task {
    let paragraph = Paragraph::Plain(text.to_owned());
    Task::Words(Box::new(HandedOn::of([paragraph])))
}

#[test]
fn no_mention_gives_rights_answers_or_gives_up() {
    let deploy = id();
    let nudge = |pressed| Task::Nudge {
        deploy: id(),
        pressed,
    };
    let until = "2026-03-03T09:00:00Z".parse().unwrap();
    for task in [
        Task::Grant(Box::new(GrantAsked {
            of: right(),
            until,
            why: None,
        })),
        Task::Revoke(Box::new(RevokeAsked {
            of: right(),
            why: None,
        })),
        Task::MeantPerson {
            question: ReadId::derive(b"a question"),
            answer: WhoIsMeant::Yes,
        },
        Task::AnswerPause {
            deploy: deploy.clone(),
            nonce: "n".to_owned(),
        },
        Task::Abandon {
            deploy: deploy.clone(),
        },
        Task::Difference { deploy },
        nudge(Pressed::Decline),
        nudge(Pressed::KeepPosted),
        nudge(Pressed::KeepWatching),
    ] {
        let [by_mention, by_command] = read(&person(), &Wanted::Job(task.clone()));
        assert!(by_command.is_ok(), "{task:?}: {by_command:?}");
        assert!(
            matches!(by_mention, Err(BadRequest::Impossible(_))),
            "{task:?}: {by_mention:?}"
        );
    }
    let plea = Wanted::Plea {
        environment: "production".parse().unwrap(),
        of: AskedOf {
            application: "webapp".parse().unwrap(),
            verb: to_main(),
        },
        to: None,
    };
    let [by_mention, by_command] = read(&person(), &plea);
    assert!(by_command.is_ok() && by_mention.is_err());
}

#[test]
fn what_is_typed_may_be_mentioned_by_people_alone() {
    let wanted = Wanted::Deploy {
        environment: "production".parse().unwrap(),
        each: vec![AskedOf {
            application: "webapp".parse().unwrap(),
            verb: back(),
        }],
    };
    for (by, both) in [(person(), true), (operator(), false)] {
        let [by_mention, otherwise] = read(&by, &wanted);
        assert!(otherwise.is_ok());
        assert_eq!(by_mention.is_ok(), both);
    }
}

#[test]
fn words_are_plain_and_answer_a_mention() {
    let [by_mention, by_command] =
        read(&person(), &Wanted::Job(words("You may not, <@U0ADA0001>.")));
    assert!(by_mention.is_ok(), "{by_mention:?}");
    assert!(by_command.is_err());
    for text in [
        "<!channel> all is well",
        "<https://example.com|sign in>",
        "",
    ] {
        let [by_mention, _] = read(&person(), &Wanted::Job(words(text)));
        assert!(
            matches!(by_mention, Err(BadRequest::Impossible(_))),
            "{text}: {by_mention:?}"
        );
    }
}
