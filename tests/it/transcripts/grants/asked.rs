//! The question who is meant: what it shows, and what its answers come to.

use super::*;

/// A town in which these people have been seen.
async fn seen(people: [(&str, &str, &str); 2]) -> Chat {
    let chat = announcing().await;
    for (id, handle, display) in people {
        chat.world.state().slack.user(id, handle).display_name = display.to_owned();
        asks(&chat, id, "restart webapp on staging").await;
        chat.settles().await;
    }
    chat.skips();
    chat
}

const MARIA: &str = "U0MARIA01";
const MALLORY: &str = "U0MALLORY";

#[tokio::test(start_paused = true)]
async fn a_handle_comes_before_what_people_call_themselves() {
    let chat = seen([(MARIA, "maria", "Maria"), (MALLORY, "mallory", "maria")]).await;
    let typed = "grant maria cms on production as approver for 2d";
    assert_snapshot!(asks(&chat, ROOT, typed).await, @r"
    Longshore in #deploys · Only visible to you, root
      # Is this who you mean?
      Is it @maria? Nothing is changed before you say so: */deploy grant @maria cms on production as approver*, until 10:01 Mar 4
      [ Give the right ] [ Change nothing ]
    ");
}

#[tokio::test(start_paused = true)]
async fn where_only_what_they_call_themselves_fits_the_handle_is_shown() {
    let chat = seen([(MARIA, "mgarcia", "Chief"), (MALLORY, "mallory", "maria")]).await;
    assert_snapshot!(asks(&chat, ROOT, "grant maria cms on production").await, @r"
    Longshore in #deploys · Only visible to you, root
      # Is this who you mean?
      Is it @mallory (handle `mallory`)? Nothing is changed before you say so: */deploy grant @mallory cms on production*, until 10:01 Mar 9
      [ Give the right ] [ Change nothing ]
    ");
}

#[tokio::test(start_paused = true)]
async fn no_after_yes_says_that_it_was_given() {
    let chat = seen([(MARIA, "maria", "Maria"), (MALLORY, "mallory", "Mal")]).await;
    asks(&chat, ROOT, "grant maria cms on production").await;
    let now = chat.world.now();
    // As Slack signs it once the question has lapsed.
    let lapsed = Duration::from_secs(20 * 60);
    let no = chat
        .world
        .state()
        .slack
        .click_newest(now + lapsed, ROOT, "not_that_person")
        .unwrap();
    chat.clicks(ROOT, "that_person").await;
    chat.seconds(3).await;
    let read = chat.reads();
    assert!(read.contains("@root lets @maria"), "{read}");
    // The answer stands where the question stood.
    let again = chat
        .world
        .state()
        .slack
        .click_newest(now, ROOT, "that_person");
    assert!(again.is_err());
    chat.passes(lapsed).await;
    chat.posts(&no).await;
    chat.seconds(3).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, root (edited)
      That was given already. Take it back with */deploy revoke @maria cms on production*.
    ");
    assert_eq!(on_record(&chat).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_announced_the_question_is_gone_too() {
    let chat = Chat::new(Bot::Token).await;
    asks(&chat, ADA, "restart webapp on staging").await;
    chat.settles().await;
    chat.skips();
    asks(&chat, ROOT, "grant ada cms on production").await;
    chat.clicks(ROOT, "that_person").await;
    chat.seconds(3).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      :key: @root lets @ada deploy cms to production until 10:00 Mar 9.

    Longshore in #deploys · Only visible to you, root (edited)
      That is done.
    ");
}
