//! `cancel` stops all that is open there and may be stopped by whoever asks, also what is only just being
//! taken in.

use longshore::aws::dynamodb::Accept;
use longshore::hearing::request::{Asker, Person, Request};
use longshore::names::ReadId;
use longshore::record::Verdict;
use longshore::record::job::{Job, Task};

use super::Chat;
use crate::town::{ADA, BOB, Bot, DEPLOYS, EVE};

#[tokio::test(start_paused = true)]
async fn a_cancel_stops_everything_that_is_open_there() {
    let chat = Chat::new(Bot::NoToken).await;
    let mut ids = Vec::new();
    for reference in ["main", "feature/signup-autocomplete"] {
        chat.types(ADA, &format!("webapp:{reference} to production"))
            .await;
        ids.push(chat.newest_deploy());
        chat.seconds(10).await;
    }
    chat.skips();
    chat.types(BOB, "cancel webapp on production").await;
    chat.settles().await;
    let read = chat.reads();
    let told: Vec<&str> = read
        .lines()
        .filter(|line| line.contains("to stop"))
        .collect();
    let [told] = told[..] else {
        panic!("{read}");
    };
    assert!(told.contains("2 deploys are to stop: "), "{told}");
    assert!(
        told.contains("`id-1` (") && told.contains("`id-2` ("),
        "{told}"
    );
    for id in ids {
        let deploy = chat.deploy(&id).await;
        assert_eq!(deploy.verdict(), Some(Verdict::Cancelled), "{read}");
    }
}

/// The public function looked in the moment in which the request was no request any more and no record
/// yet, and handed on that it had found nothing.
#[tokio::test(start_paused = true)]
async fn a_cancel_stops_what_was_being_taken_in_by_the_right_of_a_cancel() {
    for (user, stopped) in [(EVE, None), (BOB, Some(Verdict::Cancelled))] {
        let chat = Chat::new(Bot::NoToken).await;
        chat.types(ADA, "webapp:main to production").await;
        let id = chat.newest_deploy();
        chat.seconds(10).await;
        let person = Person {
            team: "T0001".parse().unwrap(),
            user: user.parse().unwrap(),
        };
        let job = Job {
            mention: None,
            id: ReadId::derive(b"a cancel"),
            task: Task::StopAt {
                application: "webapp".parse().unwrap(),
                environment: "production".parse().unwrap(),
            },
            requester: person.actor(),
            channel: Some(DEPLOYS.parse().unwrap()),
            requested_at: chat.world.now(),
        };
        let accept = Accept {
            id: job.id.to_string(),
            dedupe: Vec::new(),
            request: Some(Request::for_job(Asker::Person(person), &job)),
            reply: None,
            extra: Vec::new(),
            token: "a-cancel".to_owned(),
            at: chat.world.now(),
        };
        chat.store.accept(&accept).await.unwrap();
        chat.seconds(90).await;
        assert_eq!(chat.deploy(&id).await.verdict(), stopped, "{user}");
        chat.types(ADA, "cancel webapp on production").await;
        chat.settles().await;
        chat.skips();
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_roll_back_there_may_stop_it_by_either_word() {
    for word in ["cancel", "rollback"] {
        let chat = Chat::new(Bot::NoToken).await;
        chat.types(ADA, "webapp:main to staging").await;
        let id = chat.newest_deploy();
        chat.seconds(20).await;
        chat.types(EVE, &format!("{word} webapp on staging")).await;
        chat.seconds(10).await;
        if word == "cancel" {
            chat.clicks(EVE, "stop_back").await;
        }
        chat.settles().await;
        chat.skips();
        let deploy = chat.deploy(&id).await;
        assert_eq!(deploy.verdict(), Some(Verdict::Cancelled), "{word}");
    }
}
