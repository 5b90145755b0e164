//! What nobody knows gives nobody a right: tokens that cannot be read, copies that cannot be read, groups that fail.

use longshore_sim::ecs::Script;
use longshore_sim::fault::{Faults, Kind, Matcher};
use serde_json::json;

use super::*;

const ADMINS: &str = "S0ADMINS1";

fn updates(chat: &Chat) -> usize {
    let state = chat.world.state();
    let calls = state.calls.iter();
    calls
        .filter(|call| call.operation == "UpdateService")
        .count()
}

/// A town in which a group of one is the admins, and Bob alone may deploy beside them.
async fn with_admins() -> Chat {
    let chat = Chat::new(Bot::Token).await;
    chat.world.state().slack.group(ADMINS, "admins", &[ROOT]);
    let admins =
        format!("admins = [\"@{ADMINS}\"], trusted = [\"@{ADMINS}\"], announce = {DEPLOYS:?}");
    let config = CONFIG
        .replacen("admins = [\"U0ROOT001\"]", &admins, 1)
        .replacen(
            "request  = [\"everyone\"]",
            &format!("request = [{BOB:?}]"),
            1,
        );
    chat.push(&config).await;
    chat.passes(A_MINUTE * 2).await;
    chat
}

fn joins(chat: &Chat) {
    let members = [ROOT, EVE];
    chat.world.state().slack.group(ADMINS, "admins", &members);
}

#[tokio::test(start_paused = true)]
async fn a_deploy_waits_for_slack_to_say_who_somebody_is_and_is_refused_in_the_end() {
    for (calls, kind) in [
        (
            Matcher::operation("slack", "POST /api/users.info"),
            Kind::Throttled,
        ),
        (
            Matcher::operation("slack", "POST /api/users.info"),
            Kind::TimedOut,
        ),
        (
            Matcher::operation("ssm", "GetParameter").about("bot-token"),
            Kind::Throttled,
        ),
    ] {
        let chat = Chat::new(Bot::Token).await;
        chat.world.state().faults.plan(calls.clone(), kind);
        chat.types(ADA, "webapp:1.0.2 to staging").await;
        chat.passes(A_MINUTE).await;
        let read = chat.reads();
        assert!(
            read.contains("Slack does not say who may do this"),
            "{kind:?}: {read}"
        );
        chat.world.state().faults = Faults::default();
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("# webapp 1.0.2 runs on staging"), "{read}");
        assert_eq!(updates(&chat), 1);

        let chat = Chat::new(Bot::Token).await;
        chat.world.state().faults.plan(calls, kind);
        chat.types(ADA, "webapp:1.0.2 to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(
            read.contains("Slack does not say whether you are a full member"),
            "{kind:?}: {read}"
        );
        assert_eq!(updates(&chat), 0);
    }
}

/// A town in which the group is Eve, as Slack said two hours ago, and says no more.
async fn with_an_old_copy(confirm: bool) -> Chat {
    let chat = Chat::new(Bot::Token).await;
    chat.world
        .state()
        .slack
        .group(GROUP, "release-crew", &[EVE]);
    let config = CONFIG
        .replacen(
            "request  = [\"everyone\"]\n",
            &format!("request  = [\"@{GROUP}\", {BOB:?}]\n"),
            1,
        )
        .replacen("confirm  = false", &format!("confirm  = {confirm}"), 1);
    chat.push(&config).await;
    chat.passes(A_MINUTE * 2).await;
    chat.world.state().slack.delete_group(GROUP);
    chat.passes(AN_HOUR * 2).await;
    chat
}

#[tokio::test(start_paused = true)]
async fn what_was_stopped_by_an_old_copy_says_so_on_its_card() {
    let told = "Slack does not say now who is in the user group `@S0RELEASE`. What it said";
    for pauses in [false, true] {
        let chat = with_an_old_copy(!pauses).await;
        if pauses {
            chat.script("staging", "webapp", Script::BlueGreenPause);
        }
        chat.types(BOB, "webapp:1.0.2 to staging").await;
        chat.passes(A_MINUTE * 3).await;
        let read = chat.reads();
        assert!(!read.contains(told), "{read}");
        match pauses {
            true => chat.clicks(EVE, "pause_back").await,
            false => chat.types(EVE, "cancel webapp on staging").await,
        }
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains(told), "{pauses}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_a_copy_of_a_trusted_group_cannot_be_read_whoever_is_in_it_has_joined_it() {
    let chat = with_admins().await;
    let key = ("RIGHTS".to_owned(), format!("!group#{ADMINS}"));
    {
        let now = chat.world.now();
        let mut state = chat.world.state();
        let table = state.dynamodb.tables.get_mut("longshore").unwrap();
        let mut item = table.items()[&key].clone();
        item["body"] = json!({"S": "{}"});
        table.set(now, &key, Some(item));
    }
    joins(&chat);
    chat.passes(A_MINUTE * 3).await;
    let read = chat.reads();
    assert!(read.contains("New in the user group @admins"), "{read}");
    let read = asks(&chat, EVE).await;
    assert!(read.contains("You may not deploy"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn whoever_was_not_announced_does_not_count() {
    let chat = with_admins().await;
    chat.world
        .state()
        .slack
        .channel(DEPLOYS, "deploys")
        .archived = true;
    joins(&chat);
    chat.passes(AN_HOUR * 26).await;
    chat.world
        .state()
        .slack
        .channel(DEPLOYS, "deploys")
        .archived = false;
    let read = asks(&chat, EVE).await;
    assert!(read.contains("You may not deploy"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn who_left_within_the_day_does_not_count_by_a_copy_from_before() {
    let chat = with_admins().await;
    joins(&chat);
    chat.passes(A_MINUTE * 12).await;
    // They are taken out again, and nobody can see it.
    chat.world.state().slack.delete_group(ADMINS);
    chat.passes(AN_HOUR * 26).await;
    chat.reads();
    chat.types(EVE, "rollback webapp on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("You may not roll back webapp"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_a_group_that_nothing_names_is_forgotten_when_it_counts_for_nothing() {
    let chat = with_group(Bot::Token).await;
    let is_there = |chat: &Chat| {
        let key = ("RIGHTS".to_owned(), format!("!group#{GROUP}"));
        let state = chat.world.state();
        let items = state.dynamodb.tables["longshore"].items();
        items
            .get(&key)
            .is_some_and(|item| item.contains_key("body"))
    };
    chat.passes(A_MINUTE * 2).await;
    assert!(is_there(&chat));
    chat.push(CONFIG).await;
    chat.passes(AN_HOUR * 24 * 7 - A_MINUTE * 30).await;
    assert!(is_there(&chat), "named again, it is no new one");
    chat.passes(AN_HOUR).await;
    assert!(!is_there(&chat));
    // One that is named is kept, however long Slack says nothing.
    let chat = with_group(Bot::Token).await;
    chat.passes(A_MINUTE * 2).await;
    chat.world.state().slack.delete_group(GROUP);
    chat.passes(AN_HOUR * 24 * 8).await;
    assert!(is_there(&chat));
}

/// What keeps Slack from saying who is in a group, at the call itself.
#[tokio::test(start_paused = true)]
async fn a_lookup_that_is_down_or_throttled_gives_no_new_right() {
    for kind in [Kind::Throttled, Kind::TimedOut, Kind::ALL[0]] {
        let chat = with_group(Bot::Token).await;
        chat.passes(A_MINUTE * 2).await;
        let lookup = Matcher::operation("slack", "POST /api/usergroups.users.list");
        let since = chat.world.now();
        chat.world.state().faults.plan(lookup, kind);
        // Eve comes into it, and nobody can see that; who was known to be in it still is, for an hour.
        chat.world
            .state()
            .slack
            .group(GROUP, "release-crew", &[ADA, EVE]);
        chat.passes(A_MINUTE * 40).await;
        alarms(&chat, &format!("{kind:?}"), since);
        let read = asks(&chat, EVE).await;
        assert!(read.contains("You may not deploy"), "{kind:?}: {read}");
        let read = asks(&chat, ADA).await;
        assert!(
            read.contains("# webapp 1.0.2 runs on staging"),
            "{kind:?}: {read}"
        );
        chat.passes(A_MINUTE * 25).await;
        for user in [ADA, EVE] {
            let read = asks(&chat, user).await;
            assert!(not_known(&read), "{kind:?}: {read}");
        }
        chat.world.state().faults = Faults::default();
        chat.passes(A_MINUTE * 3).await;
        let read = asks(&chat, EVE).await;
        assert!(
            !not_known(&read) && !read.contains("may not"),
            "{kind:?}: {read}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn groups_that_fail_do_not_keep_the_others_from_being_read() {
    let chat = Chat::new(Bot::Token).await;
    let gone: Vec<String> = (0..12).map(|one| format!("\"@S0GONE{one:03}\"")).collect();
    chat.world.state().slack.group("S0ZLAST01", "last", &[ADA]);
    let request = format!("request = [{}, \"@S0ZLAST01\"]", gone.join(", "));
    let config = CONFIG.replacen("request  = [\"everyone\"]", &request, 1);
    chat.push(&config).await;
    chat.passes(AN_HOUR * 3).await;
    let read = asks(&chat, ADA).await;
    assert!(read.contains("# webapp 1.0.2 runs on staging"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_a_clock_that_is_ahead_says_nothing_and_is_written_over() {
    let chat = with_group(Bot::Token).await;
    chat.passes(A_MINUTE * 2).await;
    let key = ("RIGHTS".to_owned(), format!("!group#{GROUP}"));
    {
        let now = chat.world.now();
        let ahead = now + AN_HOUR * 24;
        let mut state = chat.world.state();
        let table = state.dynamodb.tables.get_mut("longshore").unwrap();
        let mut item = table.items()[&key].clone();
        let body = json!({"members": [EVE], "read_at": ahead}).to_string();
        item["body"] = json!({"S": body});
        item["read_at"] = json!({"N": ahead.as_millisecond().to_string()});
        table.set(now, &key, Some(item));
    }
    chat.passes(A_MINUTE * 3).await;
    let read = asks(&chat, EVE).await;
    assert!(read.contains("You may not deploy"), "{read}");
    let read = asks(&chat, ADA).await;
    assert!(read.contains("# webapp 1.0.2 runs on staging"), "{read}");
}
