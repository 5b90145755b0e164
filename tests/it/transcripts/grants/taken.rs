//! Rights taken back: what is left, and what comes too late.

use longshore_sim::slack::Invocation;
use longshore_sim::slack::SignedRequest;

use super::*;

/// A line as Slack signs it now, to be posted later.
fn typed_now(chat: &Chat, text: &str) -> SignedRequest {
    let typed = Invocation::new(ROOT, DEPLOYS, text);
    let now = chat.world.now();
    chat.world.state().slack.command(now, &typed)
}

#[tokio::test(start_paused = true)]
async fn what_was_given_everywhere_is_left_and_said_to_be() {
    let chat = announcing().await;
    asks(&chat, ROOT, &format!("grant <@{EVE}> cms")).await;
    asks(&chat, ROOT, &format!("grant <@{EVE}> cms on production")).await;
    assert_snapshot!(asks(&chat, ROOT, &format!("revoke <@{EVE}> cms on production")).await, @r"
    Longshore in #management
      🚫 @root takes back what @eve was given in chat: to deploy cms to production. The right to deploy cms everywhere is left: */deploy revoke @eve cms* takes it.

    Longshore in #deploys · Only visible to you, root
      🚫 @root takes back what @eve was given in chat: to deploy cms to production. The right to deploy cms everywhere is left: */deploy revoke @eve cms* takes it.
    ");
    let who = asks(&chat, ADA, "who cms production").await;
    assert!(who.contains("@eve: given by @root"), "{who}");
    asks(&chat, ROOT, &format!("revoke <@{EVE}> cms")).await;
    let who = asks(&chat, ADA, "who cms production").await;
    assert!(!who.contains("@eve"), "{who}");
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_back_before_it_is_written_is_not_given() {
    for (granted, revoked, seconds) in [
        ("cms on production", "cms on production", 60),
        ("cms on production", "cms on production", 0),
        ("cms on production", "cms", 60),
        ("cms", "cms", 60),
        ("cms as approver", "cms", 60),
        ("cms on staging as approver", "cms on staging", 60),
    ] {
        let chat = announcing().await;
        let late = typed_now(&chat, &format!("grant <@{EVE}> {granted}"));
        tokio::time::advance(Duration::from_secs(seconds)).await;
        let read = asks(&chat, ROOT, &format!("revoke <@{EVE}> {revoked}")).await;
        assert!(read.contains("was given no right to cms"), "{read}");
        chat.posts(&late).await;
        chat.seconds(3).await;
        let read = chat.reads();
        assert!(
            read.contains("Somebody has changed that right since you asked"),
            "{granted}, {revoked}: {read}"
        );
        assert_eq!(on_record(&chat).len(), 0);
        // What is asked for afterwards is given.
        tokio::time::advance(Duration::from_secs(1)).await;
        let read = asks(&chat, ROOT, &format!("grant <@{EVE}> {granted}")).await;
        assert!(read.contains("@root lets @eve"), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_right_that_is_named_is_taken_alone() {
    let chat = announcing().await;
    for right in ["", " as approver"] {
        let typed = format!("grant <@{EVE}> cms on production{right}");
        asks(&chat, ROOT, &typed).await;
    }
    let named = format!("revoke <@{EVE}> cms as approver");
    assert_snapshot!(asks(&chat, ROOT, &named).await, @r"
    Longshore in #management
      🚫 @root takes back what @eve was given in chat: to approve deploys of cms to production.

    Longshore in #deploys · Only visible to you, root
      🚫 @root takes back what @eve was given in chat: to approve deploys of cms to production.
    ");
    let who = asks(&chat, ADA, "who cms production").await;
    assert_eq!(who.matches("@eve: given by @root").count(), 1, "{who}");
    let read = asks(&chat, ROOT, &named).await;
    assert!(read.contains("was given no right to cms"), "{read}");
    asks(
        &chat,
        ROOT,
        &format!("grant <@{EVE}> cms on production as approver"),
    )
    .await;
    // Where none is named, all are taken.
    assert_snapshot!(asks(&chat, ROOT, &format!("revoke <@{EVE}> cms on production")).await, @r"
    Longshore in #management
      🚫 @root takes back what @eve was given in chat: to deploy cms to production, approve deploys of cms to production.

    Longshore in #deploys · Only visible to you, root
      🚫 @root takes back what @eve was given in chat: to deploy cms to production, approve deploys of cms to production.
    ");
}
