//! Questions that nobody answers in time, and terminals that are left.

use jiff::SignedDuration;
use longshore::names::ReadId;
use longshore::record::Choice;
use longshore::record::job::{Job, Task};

use super::*;

#[tokio::test(start_paused = true)]
async fn whoever_does_not_say_yes_has_nothing_started() {
    for typed in ["no", "", "yes please"] {
        let town = dark().await;
        let arguments = ["deploy", "cms", "production", "1.0.2"];
        let printed = types(&town, &arguments, somebody(&[typed], None)).await;
        assert_eq!(printed.exit, Exit::Cancelled, "{}", printed.err);
        let deploy = town.deploy(&printed.id()).await;
        assert_eq!(deploy.verdict(), Some(Verdict::Cancelled));
        assert!(!deploy.has_begun());
    }
}

#[tokio::test(start_paused = true)]
async fn a_deploy_that_has_begun_is_stopped_and_goes_back() {
    let town = dark().await;
    town.script("staging", "webapp", Script::Slow(Duration::from_secs(2400)));
    let arguments = ["deploy", "webapp:1.0.2", "staging"];
    let begun = types(&town, &arguments, somebody(&[], None)).await;
    town.passes(Duration::from_secs(60)).await;
    let arguments = ["cancel", "webapp", "on", "staging", "--wait"];
    let refused = types(&town, &arguments, somebody(&["no"], None)).await;
    assert_eq!(refused.exit, Exit::Refused);
    assert_eq!(town.deploy(&begun.id()).await.cancel, None);
    let printed = types(&town, &arguments, somebody(&["yes"], None)).await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
    assert_eq!(printed.id(), begun.id());
    insta::assert_snapshot!(printed.said(), @r"
    ECS brings that back, also on services that are out already; what has not begun is left alone. Without an answer it goes on.
    Deploy ID (webapp:1.0.2 to staging) has begun. Stop it, and bring back what ran before it? Type yes: Deploy ID (webapp:1.0.2 to staging) is to stop and to go back to what ran before. Its verdict says how that ended.
    ID: rolling out
    - webapp: .......... 0 of 6 running, 6 pending, 6 old
    ops asked for it to stop; what has been started goes back.
    - webapp: rolling out; ECS has not counted its tasks yet
    webapp: the deploy of version 1.0.2 to staging was cancelled by ops, 1 min, 22 sec after it began
    Service deployment rolled back because of a stop request.
    5a91773 runs as before, 6 of 6 running
    ");
    let deploy = town.deploy(&begun.id()).await;
    assert_eq!(deploy.verdict(), Some(Verdict::Cancelled));
    // What is over is not stopped again.
    let arguments = ["cancel", &*begun.id()];
    let printed = types(&town, &arguments, somebody(&[], None)).await;
    assert_eq!(printed.exit, Exit::Refused);
    insta::assert_snapshot!(printed.err.replace(&begun.id(), "ID"), @"longshore: Deploy `ID` has ended already: cancelled. `longshore show ID` tells how.");
    let arguments = ["cancel", "webapp", "staging"];
    let printed = types(&town, &arguments, somebody(&[], None)).await;
    assert_eq!(printed.exit, Exit::Refused);
    insta::assert_snapshot!(printed.err, @"longshore: No deploy of `webapp` to staging is under way, so there is nothing to cancel. To undo the last one: `longshore rollback webapp on staging`.");
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_leaves_the_deploy_going() {
    let town = dark().await;
    let arguments = ["deploy", "webapp:1.0.2", "staging", "--wait"];
    let leaves = somebody(&[], Some(Duration::from_secs(30)));
    let printed = types(&town, &arguments, leaves).await;
    assert_eq!(printed.exit, Exit::Left);
    let id = printed.id();
    assert!(
        printed
            .err
            .ends_with(&format!("`longshore show {id} --wait` follows it again\n")),
        "{}",
        printed.err
    );
    let printed = types(&town, &["show", &id, "--wait"], somebody(&[], None)).await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
    assert_eq!(town.deploy(&id).await.verdict(), Some(Verdict::Succeeded));
}

/// Who asked in Slack is asked in Slack: an operator confirms no plan but their own.
#[tokio::test(start_paused = true)]
async fn nobody_confirms_at_a_terminal_what_somebody_else_asked_for() {
    let town = Town::new(Bot::Token).await;
    town.types(ADA, "cms production 1.0.2").await;
    town.passes(Duration::from_secs(30)).await;
    let open = town.store.open().await.unwrap();
    let deploy = town.deploy(&open[0].id).await;
    let nonce = deploy.ask.clone().unwrap().nonce;
    let says = |choice| What::Answer {
        nonce: nonce.clone(),
        choice,
    };
    let operator = operator();
    for (number, what, at) in [
        (1, says(Choice::Confirm), town.world.now()),
        // Nor what answers no question, nor what was said long ago.
        (2, says(Choice::Continue), town.world.now()),
        (
            4,
            What::Stop,
            town.world.now() - SignedDuration::from_mins(16),
        ),
    ] {
        let job = Job {
            mention: None,
            id: ReadId::derive(&[number]),
            task: Task::Say {
                deploy: deploy.id.clone(),
                what,
            },
            requester: operator.actor(),
            channel: None,
            requested_at: at,
        };
        let request = Request::for_job(operator.clone(), &job);
        let accept = Accept::new(job.id.to_string(), Some(request), at);
        town.store.accept(&accept).await.unwrap();
    }
    town.passes(Duration::from_secs(300)).await;
    let after = town.deploy(deploy.id.as_str()).await;
    assert_eq!(after.phase, Phase::Asking);
    assert_eq!((after.cancel, after.started_at), (None, None));
    let left = town.store.open().await.unwrap();
    assert!(left.iter().all(|one| one.request.is_none()), "{left:?}");
    town.clicks(ADA, "confirm").await;
    town.settles().await;
    let after = town.deploy(deploy.id.as_str()).await;
    assert_eq!(after.verdict(), Some(Verdict::Succeeded));
    town.reads();
}

/// A yes counts by the moment at which it is said.
#[tokio::test(start_paused = true)]
async fn a_yes_after_a_quarter_of_an_hour_comes_too_late() {
    let town = dark().await;
    let late = || -> Line {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(16 * 60)).await;
            Ok("yes\n".to_owned())
        })
    };
    let terminal = Terminal::with(late, || Box::pin(std::future::pending()));
    let arguments = ["deploy", "cms", "production", "1.0.2", "--wait"];
    let printed = types(&town, &arguments, terminal).await;
    assert_eq!(printed.exit, Exit::Expired, "{}", printed.err);
    assert!(!town.deploy(&printed.id()).await.has_begun());
    assert!(
        printed.err.ends_with("so nothing was changed\n"),
        "{}",
        printed.err
    );
}

/// With its question open, Ctrl-C is a no, and the environment is left as it is.
#[tokio::test(start_paused = true)]
async fn leaving_the_question_decides_against_it() {
    let town = dark().await;
    let at = tokio::time::Instant::now() + Duration::from_secs(60);
    let terminal = Terminal::with(
        || Box::pin(std::future::pending()),
        move || Box::pin(tokio::time::sleep_until(at)),
    );
    let arguments = ["deploy", "cms", "production", "1.0.2"];
    let mut driver = town.driver().sweep_every(Duration::from_secs(60));
    let printed = alone(&town, &arguments, terminal);
    let printed = tokio::select! {
        biased;
        printed = printed => printed,
        () = driver.run_for(Duration::from_secs(3600)) => panic!("it never returns"),
    };
    town.passes(Duration::from_secs(120)).await;
    let deploy = town.deploy(&printed.id()).await;
    assert_eq!(
        deploy.verdict(),
        Some(Verdict::Cancelled),
        "{}",
        printed.err
    );
    assert!(!deploy.has_begun());
}

/// Every deploy there is told to stop before the first one's end is waited for: nothing else is at work here, so
/// that it never ends.
#[tokio::test(start_paused = true)]
async fn all_that_wait_there_are_told_to_stop_before_one_is_waited_for() {
    let town = Town::new(Bot::NoToken).await;
    for version in ["1.0.2", "main"] {
        town.types(ADA, &format!("cms production {version}")).await;
    }
    town.passes(Duration::from_secs(30)).await;
    let arguments = ["cancel", "cms", "production", "--wait"];
    let leaves = somebody(&["yes"], Some(Duration::from_secs(30)));
    let printed = alone(&town, &arguments, leaves).await;
    assert_eq!(printed.exit, Exit::Left, "{}", printed.err);
    let open = town.store.open().await.unwrap();
    let stops = open.iter().filter(|one| one.request.is_some()).count();
    assert_eq!(stops, 2, "{open:?}");
    town.settles().await;
    assert!(town.store.open().await.unwrap().is_empty());
    town.reads();
}
