//! Rights at the terminal: who may what there, and taking back what was given in chat while Slack is down.

use serde_json::Value;

use super::*;
use crate::town::{EVE, ROOT};

const MANAGEMENT: &str = "C0MGMT";

/// A town that announces, where eve was given what is typed.
async fn given(places: &[&str]) -> Town {
    let town = Town::new(Bot::Token).await;
    town.world
        .state()
        .slack
        .channel(MANAGEMENT, "management")
        .has_bot = true;
    let announced = format!("announce = {MANAGEMENT:?}, command =");
    town.push(&CONFIG.replacen("command =", &announced, 1))
        .await;
    for place in places {
        town.types(ROOT, &format!("grant <@{EVE}|eve> {place} for 2d"))
            .await;
        town.settles().await;
    }
    town.reads();
    town
}

fn items(town: &Town, pk: &str) -> Vec<Value> {
    let state = town.world.state();
    let items = state.dynamodb.tables["longshore"].items();
    let items = items
        .iter()
        .filter(|((of, sk), _)| of == pk && !sk.starts_with('!'));
    // One that was taken back is there without its body.
    let bodies = items.filter_map(|(_, item)| item.get("body")?["S"].as_str());
    bodies
        .map(|body| serde_json::from_str(body).unwrap())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_right_is_taken_back_while_slack_is_down_and_announced_once_it_answers() {
    let town = given(&["cms on production"]).await;
    town.world.state().slack.set_mode(Mode::Down);
    let words = [
        "revoke", EVE, "cms", "on", "prod", "because", "the", "laptop", "was", "stolen",
    ];
    let printed = types(&town, &words, somebody(&[], None)).await;
    assert_eq!(
        (printed.exit, &*printed.err),
        (Exit::Done, "taking it back ...\n")
    );
    insta::assert_snapshot!(printed.out, @"ops takes back what @U0EVE0001 was given in chat: to deploy cms to production. Because the laptop was stolen");
    assert_eq!(items(&town, "RIGHTS").len(), 0);
    let entered = items(&town, "GRANTED");
    assert_eq!(entered.len(), 2);
    let is_taken = |one: &&Value| one["what"].get("taken").is_some();
    let taken = entered.iter().find(is_taken).unwrap();
    assert_eq!(taken["by"]["arn"], "arn:aws:iam::111111111111:user/ops");
    assert_eq!(taken["what"]["taken"]["why"], "the laptop was stolen");
    town.passes(Duration::from_secs(5 * 3_600)).await;
    assert_eq!(town.reads(), "");
    town.world.state().slack.set_mode(Mode::Up);
    town.passes(Duration::from_secs(15 * 60)).await;
    insta::assert_snapshot!(town.reads(), @r"
    Longshore in #management
      🚫 `ops` takes back what @eve was given in chat: to deploy cms to production. Because the laptop was stolen
    ");
    town.passes(Duration::from_secs(24 * 3_600)).await;
    assert_eq!(town.reads(), "");
    assert_eq!(items(&town, "GRANTED").len(), 2);
}

/// What nobody can be told any more is not tried for ever.
#[tokio::test(start_paused = true)]
async fn an_announcement_is_given_up_after_half_a_day() {
    let town = given(&["cms on production"]).await;
    town.world.state().slack.set_mode(Mode::Down);
    let printed = types(&town, &["revoke", EVE, "cms"], somebody(&[], None)).await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
    town.passes(Duration::from_secs(12 * 3_600 + 60)).await;
    let executions = || town.world.state().states.executions.len();
    let before = executions();
    // Every minute at first, and then every tenth: no alarm is made of it.
    assert!((80..120).contains(&before), "{before}");
    town.world.state().slack.set_mode(Mode::Up);
    town.passes(Duration::from_secs(3_600)).await;
    assert_eq!((town.reads(), executions()), (String::new(), before));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_cannot_be_taken() {
    let town = given(&["cms", "webapp on staging"]).await;
    let mut said = String::new();
    for (words, exit) in [
        ("@U0EVE0001 cms on production", Exit::Refused),
        ("@U0EVE0001 webapp on production", Exit::Refused),
        ("@U0ADA0001 webapp", Exit::Refused),
        ("@eve webapp on staging", Exit::Usage),
        ("u0eve0001", Exit::Usage),
        ("@U0EVE0001 wbapp", Exit::Usage),
        ("@U0EVE0001 cms as admin", Exit::Usage),
    ] {
        let words: Vec<&str> = ["revoke"].into_iter().chain(words.split(' ')).collect();
        let printed = types(&town, &words, somebody(&[], None)).await;
        assert_eq!((printed.exit, &*printed.out), (exit, ""), "{words:?}");
        said += &printed.err;
    }
    insta::assert_snapshot!(said, @r"
    taking it back ...
    longshore: @U0EVE0001 was given that right everywhere, and it can only be taken back everywhere: `longshore revoke @U0EVE0001 cms`
    taking it back ...
    longshore: @U0EVE0001 was given no right to webapp on production in chat. `longshore who webapp production` shows why they may what they may.
    taking it back ...
    longshore: @U0ADA0001 was given no right to webapp in chat, so there is nothing to take back. `longshore help who` says how to see where theirs comes from.
    longshore: nobody is sought by a name at a terminal: name them by their id, such as @U061F7AUR; `longshore who webapp staging` lists the ids of those who were given a right
    longshore: That ends where an application should follow; there are `cms` and `webapp`. For instance: `longshore revoke @U061F7AUR cms`
    longshore: `wbapp` is not an application or an environment. Did you mean `longshore revoke @U0EVE0001 webapp`?
    longshore: Nobody becomes an admin in chat: the configuration names the admins. For instance: `longshore revoke @U0EVE0001 cms`
    ");
    assert_eq!(items(&town, "RIGHTS").len(), 2);
    assert_eq!(items(&town, "GRANTED").len(), 2);
    assert_eq!(town.reads(), "");
}

/// A right that stands is never called changed, and what nobody did yet never refused.
#[tokio::test(start_paused = true)]
async fn what_was_not_taken_is_said_to_stand() {
    let town = given(&["cms on production"]).await;
    let words = ["revoke", EVE, "cms", "on", "production"];
    // So long that it was given by a clock that is behind, too.
    let mut driver = town.driver().sweep_every(Duration::from_secs(60));
    driver.run_for(Duration::from_secs(3600)).await;
    let mut said = String::new();
    for minutes in [6, -16] {
        let mut driver = town.driver().sweep_every(Duration::from_secs(60));
        let clock = SignedDuration::from_mins(minutes);
        let refused = alone_ahead(&town, &words, Terminal::nobody(), clock);
        let refused = tokio::select! {
            biased;
            refused = refused => refused,
            () = driver.run_for(Duration::from_secs(3600)) => panic!("it never returns"),
        };
        assert_eq!(refused.exit, Exit::Refused, "{minutes}: {}", refused.err);
        said += &refused.err;
        assert_eq!(items(&town, "RIGHTS").len(), 1);
    }
    insta::assert_snapshot!(said, @r"
    taking it back ...
    longshore: it was not taken back, and that right still stands; check this machine's clock and the configuration, and ask again; `longshore who cms production` lists what is given
    taking it back ...
    longshore: it was not taken back, and that right still stands; check this machine's clock and the configuration, and ask again; `longshore who cms production` lists what is given
    ");
    let waits = alone(&town, &words, Terminal::nobody()).await;
    assert_eq!(waits.exit, Exit::Stands);
    assert!(
        waits
            .err
            .contains("nobody has taken that in yet; it stands until "),
        "{}",
        waits.err
    );
    assert!(
        waits
            .err
            .ends_with("`longshore who cms production` tells whether it is done\n")
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_is_an_object() {
    let town = given(&["cms", "cms on staging"]).await;
    let words = ["revoke", EVE, "cms", "staging", "--json"];
    let printed = types(&town, &words, somebody(&[], None)).await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
    let object: Value = serde_json::from_str(&printed.out).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&object).unwrap(), @r#"
    {
      "at": "2026-03-02T09:00:00Z",
      "because": null,
      "left": [
        {
          "application": "cms",
          "because": null,
          "by": "U0ROOT001",
          "counts_from": "2026-03-02T09:00:00Z",
          "deploy": null,
          "environment": null,
          "person": "U0EVE0001",
          "right": "deploy",
          "seconded_by": null,
          "since": "2026-03-02T09:00:00Z",
          "until": "2026-03-04T09:00:00Z"
        }
      ],
      "more": 0,
      "taken": [
        {
          "application": "cms",
          "because": null,
          "by": "U0ROOT001",
          "counts_from": "2026-03-02T09:00:00Z",
          "deploy": null,
          "environment": "staging",
          "person": "U0EVE0001",
          "right": "deploy",
          "seconded_by": null,
          "since": "2026-03-02T09:00:00Z",
          "until": "2026-03-04T09:00:00Z"
        }
      ],
      "taken_by": {
        "arn": "arn:aws:iam::111111111111:user/ops",
        "kind": "operator"
      }
    }
    "#);
    assert_eq!(items(&town, "RIGHTS").len(), 1);
    let left = types(&town, &["revoke", EVE, "cms"], somebody(&[], None)).await;
    assert_eq!(left.exit, Exit::Done, "{}", left.err);
    assert_eq!(items(&town, "RIGHTS").len(), 0);
}

/// The same in the same words as in Slack, of every place that fits.
#[tokio::test(start_paused = true)]
async fn who_may_what_is_read_from_the_table_alone() {
    let town = given(&["cms on production"]).await;
    town.world.state().slack.set_mode(Mode::Down);
    town.world.state().states.machines.clear();
    let who = async |words: &[&str]| {
        let words: Vec<&str> = ["who"].iter().chain(words).copied().collect();
        alone(&town, &words, Terminal::nobody()).await
    };
    let printed = who(&["cms", "production"]).await;
    assert_eq!((printed.exit, &*printed.err), (Exit::Done, ""));
    insta::assert_snapshot!(printed.out, @r"
    Who may what: cms - production
    Deploy and restart
    - the application's team: @U0ADA0001, @U0BOB0001
    - @U0EVE0001: given by @U0ROOT001 2026-03-02 09:00 UTC, until 2026-03-04 09:00 UTC
    Roll back: the same people
    Read logs: nobody
    Admins may do all of it: @U0ROOT001. It is asked for only in #C0DEPLOYS.
    ");
    for (words, places) in [
        (&[][..], 4),
        (&["webapp"], 2),
        (&["prod"], 2),
        (&["production", "webapp"], 1),
    ] {
        let printed = who(words).await;
        assert_eq!(printed.exit, Exit::Done, "{words:?}: {}", printed.err);
        let headings = printed.out.matches("Who may what: ").count();
        assert_eq!(headings, places, "{}", printed.out);
    }
    let mut said = String::new();
    for (words, exit) in [
        (&["cmss"][..], Exit::Usage),
        (&["cms", "webapp", "production"], Exit::Usage),
    ] {
        let printed = who(words).await;
        assert_eq!((printed.exit, &*printed.out), (exit, ""), "{words:?}");
        said += &printed.err;
    }
    insta::assert_snapshot!(said, @r"
    longshore: `cmss` is not an application or an environment; there are `cms`, `webapp`, `production` and `staging`. For instance: `longshore who cms staging`
    longshore: `who` takes one application at a time. Did you mean `longshore who cms production`?
    ");
}
