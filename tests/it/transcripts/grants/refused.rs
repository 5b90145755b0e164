//! What is not given in chat, by whomever and to whomever: one sentence each, with the rule and the way on.

use longshore_sim::fault::{Kind, Matcher};

use super::*;

/// What each is told, and that nothing was given.
async fn is_told(chat: &Chat, user: &str, text: &str) -> String {
    let read = asks(chat, user, text).await;
    assert_eq!(on_record(chat).len(), 0, "{read}");
    let lines = read.lines().skip(1).map(str::trim);
    format!("{text}\n  {}", lines.collect::<Vec<_>>().join("\n  "))
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_given_is_refused_with_the_way_on() {
    let chat = announcing().await;
    {
        let mut state = chat.world.state();
        state.slack.user("U0GUEST01", "gus").restricted = true;
        state.slack.user("U0BOT0001", "robot").bot = true;
        state.slack.user("U0GONE001", "gone").deleted = true;
        state.slack.user("U0FAR0001", "far").team = "T0OTHER01".to_owned();
    }
    let mut said = Vec::new();
    for (user, text) in [
        (EVE, format!("grant <@{EVE}|eve> cms on production")),
        (ADA, format!("grant <@{EVE}|eve> cms")),
        (ADA, format!("revoke <@{EVE}|eve> cms on production")),
        (ROOT, format!("grant <@{EVE}|eve> admins")),
        (ROOT, format!("grant <@{EVE}|eve> as admin")),
        (ROOT, format!("grant <@{EVE}|eve> nothing on production")),
        (ROOT, "grant <@U0GUEST01|gus> cms".to_owned()),
        (ROOT, "grant <@U0BOT0001|robot> cms".to_owned()),
        (ROOT, "grant <@U0GONE001|gone> cms".to_owned()),
        (ROOT, "grant <@U0FAR0001|far> cms".to_owned()),
        (ROOT, "grant <@U0UNKNOWN|x> cms".to_owned()),
        (ROOT, format!("grant <@{EVE}> cms until yesterday")),
        (ROOT, format!("grant <@{EVE}> cms until today 9:00")),
        (ROOT, format!("grant <@{EVE}> cms for 91d")),
        (
            ROOT,
            format!("grant <@{EVE}> cms because {}", "x".repeat(201)),
        ),
        (ROOT, "grant cms on production".to_owned()),
        (ROOT, format!("revoke <@{EVE}> cms on production")),
        (ROOT, format!("revoke <@{EVE}> cms")),
        (ROOT, "who cms".to_owned()),
    ] {
        said.push(is_told(&chat, user, &text).await);
    }
    assert_snapshot!(said.join("\n"), @r"
    grant <@U0EVE0001|eve> cms on production
      You may not give rights to cms. Only the admins may. Ask @bob or @root, and they can do it for you.
    grant <@U0EVE0001|eve> cms
      You may not give rights to cms. Only the admins may. Ask @bob or @root, and they can do it for you.
    revoke <@U0EVE0001|eve> cms on production
      You may not take rights to cms. Only the admins may. Ask @bob or @root, and they can do it for you.
    grant <@U0EVE0001|eve> admins
      Nobody becomes an admin in chat: the configuration names the admins. For instance: `/deploy grant @eve cms`
    grant <@U0EVE0001|eve> as admin
      Nobody becomes an admin in chat: the configuration names the admins. For instance: `/deploy grant @eve cms`
    grant <@U0EVE0001|eve> nothing on production
      `nothing` is not an application or an environment; there are `cms`, `webapp`, `production` and `staging`. For instance: `/deploy grant @eve cms on production`
    grant <@U0GUEST01|gus> cms
      @guest gets no right in chat: Slack says that they are a guest, and only full members do. The configuration can name anybody.
    grant <@U0BOT0001|robot> cms
      @robot gets no right in chat: Slack says that they are a bot, and only full members do. The configuration can name anybody.
    grant <@U0GONE001|gone> cms
      @gone gets no right in chat: Slack says that they are deactivated, and only full members do. The configuration can name anybody.
    grant <@U0FAR0001|far> cms
      @far gets no right in chat: Slack says that they are of another workspace, and only full members do. The configuration can name anybody.
    grant <@U0UNKNOWN|x> cms
      Slack does not show @U0UNKNOWN to Longshore, so they get no right in chat. The configuration can name anybody.
    grant <@U0EVE0001> cms until yesterday
      `yesterday` is not an end, such as friday, 18:00 or 2026-12-01. For instance: */deploy grant @eve cms*
    grant <@U0EVE0001> cms until today 9:00
      `until today 09:00` has passed already in `UTC`, where typed times are read. Name a later end.
    grant <@U0EVE0001> cms for 91d
      `for 13w` is too long: a right given in chat ends within 90 days. Name an earlier end, or have the configuration name them.
    grant <@U0EVE0001> cms because xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
      A reason is at most 200 characters long. For instance: */deploy grant @eve cms*
    grant cms on production
      That ends where a person should follow. For instance: `/deploy grant @maria cms on production`
    revoke <@U0EVE0001> cms on production
      @eve was given no right to cms on production in chat. `/deploy who cms production` shows why they may what they may.
    revoke <@U0EVE0001> cms
      @eve was given no right to cms in chat, so there is nothing to take back. `/deploy help who` says how to see where theirs comes from.
    who cms
      That does not say which environment, and none is the default; there are `production` and `staging`. For instance: `/deploy who cms staging`
    ");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_fits_two_people_is_nobodys() {
    let chat = announcing().await;
    {
        let mut state = chat.world.state();
        state.slack.user("U0SAM0001", "sam");
        state.slack.user("U0SAM0002", "sam");
    }
    for user in ["U0SAM0001", "U0SAM0002"] {
        asks(&chat, user, "restart webapp on staging").await;
        chat.settles().await;
        chat.skips();
    }
    let said = is_told(&chat, ROOT, "grant sam cms on production").await;
    assert!(
        said.contains("Longshore knows several people called `sam`."),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn where_slack_does_not_say_who_somebody_is_nothing_is_given() {
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
        let chat = announcing().await;
        chat.world.state().faults.plan(calls, kind);
        chat.types(ROOT, &format!("grant <@{EVE}> cms")).await;
        chat.settles().await;
        let read = chat.reads();
        assert!(
            read.contains("Slack does not say now who that is"),
            "{kind:?}: {read}"
        );
        assert_eq!(on_record(&chat).len(), 0);
    }
}

/// Where there is a token that may not ask, who somebody is could be asked and is not known.
#[tokio::test(start_paused = true)]
async fn where_the_token_may_not_ask_nothing_is_given() {
    let chat = announcing().await;
    chat.world.state().slack.forbid("users:read");
    let said = is_told(&chat, ROOT, &format!("grant <@{EVE}> cms")).await;
    assert!(
        said.contains("Slack does not say now who that is"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_right_for_everywhere_is_not_divided() {
    let chat = announcing().await;
    asks(&chat, ROOT, &format!("grant <@{EVE}> cms")).await;
    let read = asks(&chat, ROOT, &format!("revoke <@{EVE}> cms on production")).await;
    assert!(
        read.contains("it can only be taken back everywhere: */deploy revoke @eve cms*"),
        "{read}"
    );
    let read = asks(&chat, ROOT, "revoke @U0EVE0001 cms").await;
    assert!(read.contains("takes back"), "{read}");
}
