//! Rights given in chat while Slack puts things off, while others change the same, and while somebody changes.

use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::slack::Invocation;

use super::*;

/// What is posted where rights are announced.
fn announcements() -> Matcher {
    Matcher::operation("slack", "POST /api/chat.postMessage").about(MANAGEMENT)
}

#[tokio::test(start_paused = true)]
async fn an_announcement_that_is_put_off_is_made_once_slack_takes_it() {
    for kind in [Kind::Throttled, Kind::TimedOut] {
        let chat = announcing().await;
        for nth in 1..=3 {
            let matcher = announcements().nth(nth);
            chat.world.state().faults.plan(matcher, kind);
        }
        chat.types(ROOT, &format!("grant <@{EVE}> cms on production"))
            .await;
        chat.passes(Duration::from_secs(300)).await;
        let read = chat.reads();
        let told = "@root lets @eve deploy cms to production";
        assert!(
            read.contains("Longshore in #management"),
            "{kind:?}: {read}"
        );
        assert_eq!(read.matches(told).count(), 2, "{kind:?}: {read}");
        assert_eq!(on_record(&chat).len(), 1);
    }
}

/// A request that comes back late, to a right that was written before whoever wrote it died: it is told of, whatever
/// the time, and given once.
#[tokio::test(start_paused = true)]
async fn what_slack_never_takes_is_told_where_it_was_typed() {
    let chat = announcing().await;
    let fault = announcements();
    chat.world.state().faults.plan(fault, Kind::TimedOut);
    chat.types(ROOT, &format!("grant <@{EVE}> cms on production"))
        .await;
    chat.passes(Duration::from_secs(14 * 60)).await;
    let read = chat.reads();
    assert!(!read.contains("lets @eve"), "{read}");
    assert_eq!(on_record(&chat).len(), 1);
    chat.passes(Duration::from_secs(4 * 60)).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      :key: @root lets @eve deploy cms to production until 10:00 Mar 9.
    ");
    assert_eq!(on_record(&chat).len(), 1);
    chat.passes(Duration::from_secs(30 * 60)).await;
    assert_eq!(chat.reads(), "");
}

#[tokio::test(start_paused = true)]
async fn of_several_rights_the_one_that_was_given_anew_stays() {
    let chat = announcing().await;
    for right in ["", " as approver"] {
        asks(
            &chat,
            ROOT,
            &format!("grant <@{EVE}> cms on production{right}"),
        )
        .await;
    }
    let late = {
        let typed = Invocation::new(ROOT, DEPLOYS, &format!("revoke <@{EVE}> cms"));
        let now = chat.world.now();
        chat.world.state().slack.command(now, &typed)
    };
    tokio::time::advance(Duration::from_secs(60)).await;
    asks(
        &chat,
        BOB,
        &format!("grant <@{EVE}> cms on production for 2d"),
    )
    .await;
    chat.posts(&late).await;
    chat.seconds(3).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #management
      🚫 @root takes back what @eve was given in chat: to approve deploys of cms to production.

    Longshore in #deploys · Only visible to you, root
      🚫 @root takes back what @eve was given in chat: to approve deploys of cms to production.
    ");
    let who = asks(&chat, ADA, "who cms production").await;
    assert_eq!(who.matches("@eve: given by @bob").count(), 1, "{who}");
    assert!(!who.contains("given by @root"), "{who}");
}

#[tokio::test(start_paused = true)]
async fn whoever_becomes_a_guest_has_no_right_from_chat() {
    let chat = announcing().await;
    asks(&chat, ROOT, &format!("grant <@{EVE}> webapp on production")).await;
    chat.world.state().slack.user(EVE, "eve").restricted = true;
    // What Slack said when the right was given counts for an hour.
    chat.passes(Duration::from_secs(3_700)).await;
    chat.types(EVE, "restart webapp on production").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("You may not restart webapp on production."),
        "{read}"
    );
    assert_eq!(updates(&chat), 0);
}

/// The copy of a minute ago says that the right is gone, and by now it is there again.
#[tokio::test(start_paused = true)]
async fn no_question_ends_by_a_configuration_of_a_minute_ago() {
    let chat = announcing().await;
    let named = CONFIG.replacen(
        "request  = [\"team\"]",
        &format!("request  = [\"team\", {EVE:?}]"),
        1,
    );
    assert_ne!(named, CONFIG);
    chat.push(&named).await;
    chat.passes(Duration::from_secs(61)).await;
    chat.types(EVE, "webapp:1.0.2 to production").await;
    chat.seconds(70).await;
    chat.skips();
    for (given_back, asked) in [(true, true), (false, false)] {
        // Beyond its minute, the waiter reads the one without her.
        chat.push(CONFIG).await;
        tokio::time::advance(Duration::from_secs(61)).await;
        chat.types(ADA, "status webapp staging").await;
        chat.seconds(2).await;
        if given_back {
            chat.push(&named).await;
        }
        let (soon, then) = (Duration::from_secs(5), Duration::from_secs(6));
        chat.driver().sweep_every(soon).run_for(then).await;
        let read = chat.reads();
        assert_eq!(!read.contains("You may not deploy webapp"), asked, "{read}");
    }
    assert_eq!(updates(&chat), 0);
}
