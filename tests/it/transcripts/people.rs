//! Rights by user groups and by full membership, through the front door: who may, who may not, and what becomes of it
//! where Slack does not say.

mod unknown;

use std::time::Duration;

use longshore_sim::slack::Mode;

use super::Chat;
use crate::town::{ADA, BOB, Bot, CONFIG, DEPLOYS, EVE, ROOT};

const GROUP: &str = "S0RELEASE";
const A_MINUTE: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3_600);

/// A town in which a user group of Ada alone may deploy to staging, and Bob may roll back beside it.
async fn with_group(bot: Bot) -> Chat {
    let chat = Chat::new(bot).await;
    chat.world
        .state()
        .slack
        .group(GROUP, "release-crew", &[ADA]);
    let config = CONFIG.replacen(
        "request  = [\"everyone\"]\n",
        &format!("request  = [\"@{GROUP}\", {BOB:?}]\n"),
        1,
    );
    assert_ne!(config, CONFIG);
    chat.push(&config).await;
    chat
}

/// What somebody is told who asks for a deploy, and whether anything came of it.
async fn asks(chat: &Chat, user: &str) -> String {
    chat.types(user, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    chat.reads()
}

fn not_known(read: &str) -> bool {
    // A group that is gone has no name any more.
    read.contains("is not known. Slack does not say who is in the user group @")
}

#[tokio::test(start_paused = true)]
async fn whoever_is_in_the_group_may_and_the_next_to_join_too() {
    let chat = with_group(Bot::Token).await;
    // Nobody has read the group yet.
    let read = asks(&chat, ADA).await;
    assert!(not_known(&read), "{read}");
    assert!(
        read.contains("ask @bob, and they can do it for you"),
        "{read}"
    );
    chat.passes(A_MINUTE * 2).await;
    let read = asks(&chat, EVE).await;
    assert!(
        read.contains("You may not deploy webapp to staging."),
        "{read}"
    );
    assert!(read.contains("@release-crew"), "{read}");
    let read = asks(&chat, ADA).await;
    assert!(read.contains("# webapp 1.0.2 runs on staging"), "{read}");

    let members = [ADA, EVE];
    chat.world
        .state()
        .slack
        .group(GROUP, "release-crew", &members);
    chat.passes(Duration::from_secs(12 * 60)).await;
    chat.types(EVE, "restart webapp on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("restarted"), "{read}");
    // Whoever leaves may no longer.
    chat.world
        .state()
        .slack
        .group(GROUP, "release-crew", &[EVE]);
    chat.passes(Duration::from_secs(12 * 60)).await;
    chat.types(ADA, "restart webapp on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(
        read.contains("You may not restart webapp on staging."),
        "{read}"
    );
}

/// Has Slack say nothing any more.
type Silences = fn(&Chat);

/// What keeps Slack from saying who is in it.
fn silences() -> [(&'static str, Silences); 6] {
    [
        ("deleted", |chat| {
            chat.world.state().slack.delete_group(GROUP)
        }),
        ("no scope", |chat| {
            chat.world.state().slack.forbid("usergroups:read")
        }),
        ("refused", |chat| {
            let refusing = Mode::Refusing("fatal_error".to_owned());
            chat.world.state().slack.set_mode(refusing);
        }),
        ("too large", |chat| fills(chat, 4_001)),
        ("far too large", |chat| fills(chat, 10_000)),
        ("half a page", |chat| {
            chat.world.state().slack.page_groups(1);
            let members = [ADA, EVE];
            chat.world
                .state()
                .slack
                .group(GROUP, "release-crew", &members);
        }),
    ]
}

/// So many others come into the group.
fn fills(chat: &Chat, many: usize) {
    let members: Vec<String> = (0..many).map(|one| format!("U9{one:07}")).collect();
    let mut members: Vec<&str> = members.iter().map(String::as_str).collect();
    members.push(ADA);
    chat.world
        .state()
        .slack
        .group(GROUP, "release-crew", &members);
}

/// Whoever runs Longshore hears of one group once Slack has not said for half an hour who is in it, and not before.
fn alarms(chat: &Chat, why: &str, since: jiff::Timestamp) {
    let rung = chat.metrics("UnknownGroups");
    let early = since + jiff::SignedDuration::from_mins(19);
    let late = since + jiff::SignedDuration::from_mins(35);
    let before = rung.iter().filter(|(at, _)| *at > since && *at < early);
    assert_eq!(before.count(), 0, "{why}: {rung:?}");
    let first = rung.iter().find(|(at, _)| *at >= early);
    assert!(first.is_some_and(|(at, _)| *at <= late), "{why}: {rung:?}");
    assert!(
        rung.iter().all(|(_, groups)| *groups == 1.0),
        "{why}: {rung:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn where_slack_does_not_say_rights_last_an_hour_and_the_way_back_a_week() {
    for (why, silence) in silences() {
        let chat = with_group(Bot::Token).await;
        chat.passes(A_MINUTE * 2).await;
        let read = asks(&chat, ADA).await;
        assert!(
            read.contains("# webapp 1.0.2 runs on staging"),
            "{why}: {read}"
        );
        let since = chat.world.now();
        silence(&chat);
        chat.passes(AN_HOUR - A_MINUTE * 10).await;
        alarms(&chat, why, since);
        chat.types(ADA, "restart webapp on staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("restarted"), "{why}: {read}");
        chat.passes(A_MINUTE * 12).await;
        let calls = chat.world.state().calls.len();
        let read = asks(&chat, ADA).await;
        assert!(not_known(&read), "{why}: {read}");
        let changed = chat.world.state().calls[calls..]
            .iter()
            .any(|call| call.operation == "UpdateService");
        assert!(!changed, "{why}");
        // Bob is named himself, and needs no group.
        chat.types(BOB, "restart webapp on staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("restarted"), "{why}: {read}");

        chat.types(ADA, "rollback webapp on staging").await;
        chat.settles().await;
        let read = chat.reads();
        let said = "Slack does not say now who is in the user group `@S0RELEASE`. What it said";
        assert!(read.contains(said), "{why}: {read}");
        assert!(read.contains("✅ "), "{why}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_older_than_a_week_gives_nobody_the_way_back() {
    let chat = with_group(Bot::Token).await;
    chat.passes(A_MINUTE * 2).await;
    asks(&chat, ADA).await;
    chat.world.state().slack.delete_group(GROUP);
    chat.passes(AN_HOUR * (7 * 24 + 1)).await;
    chat.reads();
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(not_known(&read), "{read}");
}

#[tokio::test(start_paused = true)]
async fn a_guest_is_not_everyone_where_the_token_may_look() {
    type Makes = fn(&mut longshore_sim::slack::User);
    let kinds: [(&str, Makes); 4] = [
        ("you are a guest", |user| user.restricted = true),
        ("you are a guest", |user| user.ultra_restricted = true),
        ("your account is deactivated", |user| user.deleted = true),
        ("you belong to another workspace", |user| {
            user.team = "T0OTHER01".to_owned();
        }),
    ];
    for (said, make) in kinds {
        for (bot, scope, looks) in [
            (Bot::Token, true, true),
            (Bot::Token, false, false),
            (Bot::NoToken, true, false),
        ] {
            let chat = Chat::new(bot).await;
            {
                let mut state = chat.world.state();
                make(state.slack.user(EVE, "eve"));
                if !scope {
                    state.slack.forbid("users:read");
                }
            }
            // The command comes from a listed workspace all the same.
            chat.types(EVE, "webapp:1.0.2 to staging").await;
            chat.settles().await;
            let deploys = chat
                .world
                .state()
                .calls
                .iter()
                .any(|call| call.operation == "UpdateService");
            assert_eq!(deploys, !looks, "{said} {bot:?} {scope}");
            let read = chat.reads();
            if looks && said != "your account is deactivated" {
                assert!(read.contains(said), "{read}");
                assert!(read.contains("Every full member may"), "{read}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_joins_a_trusted_group_is_announced_and_counts_a_day_later() {
    let chat = Chat::new(Bot::Token).await;
    const ADMINS: &str = "S0ADMINS1";
    chat.world.state().slack.group(ADMINS, "admins", &[ROOT]);
    let config = CONFIG
        .replacen(
            "admins = [\"U0ROOT001\"]",
            &format!("admins = [\"@{ADMINS}\"], trusted = [\"@{ADMINS}\"], announce = {DEPLOYS:?}"),
            1,
        )
        .replacen(
            "request  = [\"everyone\"]",
            &format!("request = [{BOB:?}]"),
            1,
        );
    chat.push(&config).await;
    chat.passes(A_MINUTE * 2).await;
    chat.world
        .state()
        .slack
        .group(ADMINS, "admins", &[ROOT, EVE]);
    chat.passes(A_MINUTE * 12).await;
    let read = chat.reads();
    let joined = "New in the user group @admins: @eve.";
    assert_eq!(read.matches(joined).count(), 1, "{read}");
    let read = asks(&chat, EVE).await;
    assert!(read.contains("You may not deploy"), "{read}");
    chat.passes(AN_HOUR * 24).await;
    assert!(!chat.reads().contains(joined));
    let read = asks(&chat, EVE).await;
    assert!(read.contains("# webapp 1.0.2 runs on staging"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn who_is_an_admin_by_a_group_alone_is_not_told_to_ask_it() {
    let chat = Chat::new(Bot::Token).await;
    const ADMINS: &str = "S0ADMINS1";
    chat.world.state().slack.group(ADMINS, "admins", &[ROOT]);
    let config = CONFIG.replacen(
        "admins = [\"U0ROOT001\"]",
        &format!("admins = [\"@{ADMINS}\"], trusted = [\"@{ADMINS}\"], announce = {DEPLOYS:?}"),
        1,
    );
    chat.push(&config).await;
    chat.passes(A_MINUTE * 2).await;
    for (user, told) in [
        (ROOT, "or as an admin, set `evidence` to `logs` there."),
        (EVE, "or ask @admins to set `evidence` to `logs` there."),
    ] {
        chat.skips();
        chat.types(user, "logs webapp on production").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains(told), "{read}");
    }
}
