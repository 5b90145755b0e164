//! Enterprise organisations: the same person comes with one team when typing and with another when
//! clicking, and people of other companies see the same channels.

use longshore_sim::slack::Invocation;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, DEPLOYS, EVE};

const TEAMS: &str = r#"teams = ["T0001"]"#;

/// A town in the organisation `E0001`, with these teams listed.
async fn organisation(listed: &str, org_install: bool) -> Chat {
    let chat = Chat::new(Bot::NoToken).await;
    assert!(CONFIG.contains(TEAMS));
    chat.push(&CONFIG.replace(TEAMS, &format!("teams = [{listed}]")))
        .await;
    joins_organisation(&chat, org_install);
    chat
}

fn joins_organisation(chat: &Chat, org_install: bool) {
    let state = &mut chat.world.state();
    state.slack.set_enterprise("E0001", org_install);
}

fn at_home_in(chat: &Chat, user: &str, name: &str, team: &str) {
    let state = &mut chat.world.state();
    team.clone_into(&mut state.slack.user(user, name).team);
}

#[tokio::test(start_paused = true)]
async fn the_requester_confirms_whichever_team_slack_names() {
    for listed in [r#""T0001""#, r#""E0001""#, r#""T0001", "E0001""#] {
        for org_install in [false, true] {
            for home in ["T0001", "T0002", "E0001"] {
                let what = format!("{listed}, org install {org_install}, home {home}");
                let chat = organisation(listed, org_install).await;
                chat.types(ADA, "webapp to production").await;
                chat.seconds(10).await;
                at_home_in(&chat, ADA, "ada", home);
                chat.skips();
                chat.clicks(ADA, "confirm").await;
                chat.settles().await;
                let said = chat.reads();
                let done = "# webapp main@680af60 runs on production";
                assert!(said.contains(done), "{what}:\n{said}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn her_no_counts_as_her_yes_does() {
    for home in ["T0002", "E0001"] {
        let chat = organisation(r#""T0001""#, true).await;
        chat.types(ADA, "webapp to production").await;
        chat.seconds(10).await;
        at_home_in(&chat, ADA, "ada", home);
        chat.skips();
        chat.clicks(ADA, "decline").await;
        chat.seconds(60).await;
        let said = chat.reads();
        let cancelled = "@ada stopped it before anything was changed";
        assert!(said.contains(cancelled), "{home}:\n{said}");
        chat.assert_nothing_changed();
    }
}

#[tokio::test(start_paused = true)]
async fn people_of_other_companies_are_turned_away_in_shared_channels() {
    for (organised, org_install) in [(false, false), (true, false), (true, true)] {
        for home in ["T0OTHER", "E0OTHER"] {
            let chat = Chat::new(Bot::NoToken).await;
            if organised {
                joins_organisation(&chat, org_install);
            }
            let typed = Invocation::new(ADA, DEPLOYS, "webapp to staging");
            let now = chat.world.now();
            let request = chat.world.state().slack.command(now, &typed);
            chat.posts(&request).await;
            chat.settles().await;
            chat.skips();
            let before = chat.deploys();
            at_home_in(&chat, EVE, "eve", home);
            // The card offers the way back, and everybody in the workspace may take it.
            chat.clicks(EVE, "rollback").await;
            chat.settles().await;
            let said = chat.reads();
            let no = "Longshore does not take requests from this Slack workspace.";
            assert!(
                said.contains(no),
                "{organised}, {org_install}, {home}: {said}"
            );
            assert_eq!(chat.deploys(), before);
        }
    }
}
