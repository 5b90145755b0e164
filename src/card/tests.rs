use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixtures::*;
use super::*;
use crate::command::{Command, CommandVerb};
use crate::gate::{Busy, Obstacle};
use crate::names::{AppName, EnvName};
use crate::past::marked;
use crate::plan::{Change, Commits};
use crate::record::{
    Choice, Counts, Deploy, Evidence, Head, Open, Past, Phase, Refused, ServiceEnding,
    ServicePhase, ServiceState, Telling, Verdict, Way,
};
use crate::request::Verb;
use crate::rollout::{AfterPause, Hook, HookStatus, Reason, Side};
use crate::running::{BroughtFrom, LiveSide, Moves, Row, Runs, ServiceNow, There, Unread, Version};
use crate::slack::blocks::check_limits;

/// A message as a person sees it, in plain lines. It keeps Slack's limits, has a text for
/// notifications and holds no reference but ours, or the test fails.
fn seen(message: &Message) -> String {
    legible(message);
    assert_eq!(check_limits(message.content()), Ok(()));
    assert!(!message.text().trim().is_empty());
    let json = serde_json::to_value(message).unwrap();
    only_our_references(message.text());
    only_our_references_in(&json["blocks"]);
    let mut lines = vec![format!(
        "({}) {}",
        json["response_type"].as_str().unwrap(),
        message.text()
    )];
    for block in json["blocks"].as_array().unwrap() {
        let elements = block["elements"].as_array();
        match block["type"].as_str().unwrap() {
            "header" => lines.push(format!("# {}", text(&block["text"]))),
            "section" => {
                lines.extend(block.get("text").map(text));
                for field in block["fields"].as_array().into_iter().flatten() {
                    lines.push(format!("│ {}", text(field).replacen('\n', " ", 1)));
                }
            }
            "context" => lines.extend(
                elements
                    .unwrap()
                    .iter()
                    .map(|element| format!("– {}", text(element))),
            ),
            "actions" => {
                let buttons: Vec<String> = elements.unwrap().iter().map(button).collect();
                lines.push(buttons.join(" "));
            }
            other => panic!("no card has a {other}"),
        }
    }
    lines.join("\n")
}

/// A card has a heading, and each of its buttons says more to a screen reader than its label.
fn legible(message: &Message) {
    let blocks = serde_json::to_value(message.content()).unwrap();
    let blocks = blocks.as_array().unwrap();
    let buttons = buttons(message);
    if blocks.len() > 1 || !buttons.is_empty() {
        assert_eq!(blocks[0]["type"], "header", "{blocks:?}");
    }
    for button in buttons {
        let label = button["accessibility_label"].as_str().unwrap();
        let shown = button["text"]["text"].as_str().unwrap();
        assert!(label.starts_with(&format!("{shown}: ")), "{label}");
        assert!(label.chars().count() <= 75, "{label}");
    }
}

fn buttons(message: &Message) -> Vec<Value> {
    let blocks = serde_json::to_value(message.content()).unwrap();
    let rows = blocks.as_array().unwrap().iter();
    let rows = rows.filter(|block| block["type"] == "actions");
    rows.flat_map(|row| row["elements"].as_array().unwrap().clone())
        .collect()
}

/// Whatever is cut, something of the application and of the environment is left.
fn buttons_name_what_they_are_about(card: &Message, deploy: &Deploy) {
    for button in buttons(card) {
        let label = button["accessibility_label"].as_str().unwrap();
        let (before, environment) = label.rsplit_once(" on ").unwrap();
        let (_, title) = before.split_once(": ").unwrap();
        let begins = |whole: &str, part: &str| whole.starts_with(part.trim_end_matches('…'));
        assert!(
            !title.is_empty() && begins(&crate::reply::title(deploy), title),
            "{label}"
        );
        assert!(!environment.is_empty(), "{label}");
        assert!(begins(deploy.environment.as_str(), environment), "{label}");
    }
}

/// A click carries the card that was clicked, whatever it is written in.
#[test]
fn the_largest_card_of_each_kind_can_be_clicked() {
    for (written, environment) in [("字", "production"), ("🛑", "e"), ("&<`\"\\", "production")]
    {
        let mut deploy = talkative(&written.repeat(250), 25, 50);
        deploy.environment = environment.parse().unwrap();
        for card in every_card(&deploy) {
            seen(&card);
            let mut slack = longshore_sim::slack::Slack::default();
            slack.install_bot("xoxb-1");
            let mut post = serde_json::to_value(&card).unwrap();
            post["channel"] = json!("C2147483705");
            let post = post.as_object_mut().unwrap();
            post.retain(|name, _| matches!(name.as_str(), "channel" | "text" | "blocks"));
            let request = http::Request::post("https://slack.com/api/chat.postMessage")
                .header("authorization", "Bearer xoxb-1")
                .header("content-type", "application/json")
                .body(serde_json::to_vec(post).unwrap().into())
                .unwrap();
            let answer = slack.handle(at(0), &request);
            assert!(answer.body().starts_with(b"{"), "{answer:?}");
            let posted = slack.messages().last().unwrap().clone();
            for button in buttons(&card) {
                let action = button["action_id"].as_str().unwrap();
                let click = slack.click(at(1), "U061F7AUR", &posted, action).unwrap();
                let size = click.body.len();
                assert!(
                    size <= crate::slack::signature::MAX_BODY / 2,
                    "{size} bytes"
                );
                let read = crate::slack::payload::interactions(&click.body);
                assert!(read.is_ok(), "{read:?}");
            }
        }
    }
}

fn text(object: &Value) -> String {
    object["text"].as_str().unwrap().to_owned()
}

fn button(element: &Value) -> String {
    format!(
        "[{}: {} {}]",
        text(&element["text"]),
        element["action_id"].as_str().unwrap(),
        element["value"].as_str().unwrap()
    )
}

/// Every text that Slack reads as markup; plain text is shown as it is.
fn only_our_references_in(value: &Value) {
    match value {
        Value::Object(members) if members.get("type") == Some(&json!("mrkdwn")) => {
            assert_eq!(members["verbatim"], true, "Slack may link bare words");
            only_our_references(members["text"].as_str().unwrap());
        }
        Value::Object(members) => members.values().for_each(only_our_references_in),
        Value::Array(items) => items.iter().for_each(only_our_references_in),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whatever stands between `<` and `>` was put there by us.
fn only_our_references(mrkdwn: &str) {
    for part in mrkdwn.split('<').skip(1) {
        let inside = part.split('>').next().unwrap();
        let ours = ["@U061F7AUR", "@U0G9QF9C6"].contains(&inside)
            || inside.starts_with("!date^18000")
            || inside.starts_with("https://eu-west-1.console.aws.amazon.com/");
        assert!(ours, "<{inside}> is none of ours");
    }
}

fn webapp_restart() -> Deploy {
    let mut deploy = planned(Verb::Restart);
    if let Some(plan) = &mut deploy.plan {
        for service in &mut plan.services {
            service.change = Change::Again;
        }
        let share = plan.shares.first_mut();
        (share.commits, share.image) = (None, None);
    }
    deploy
}

#[test]
fn a_question_shows_what_would_be_done() {
    assert_snapshot!(seen(&ask(&asking(deploy_of("v1.0.2")), &setting(10))), @r#"
    (ephemeral) Content Management System: deploy version 1.0.2 to staging?
    # Deploy Content Management System 1.0.2 to staging?
    1.0.1 → *1.0.2*
    Commit `1f0c9de`, `cms` `v1.0.2`, digest `bbbbbbbbbbbb`
    • `cms-api`: `cms-api:12` → a copy with the new image; 4 tasks wanted
    • `cms-worker`: `cms-worker:12` → a copy with the new image; 4 tasks wanted
    *Commits:* brings 2 commits
    ```1f0c9de Fix the signup form (maria)
    0aa11bb Complete addresses (sam)```
    – `4f2k9x0a` · asked by <@U061F7AUR> · stands until <!date^1800000910^{date_short_pretty} at {time}|2027-01-15 08:15 UTC> · cluster `staging` in eu-west-1, account `222222222222`
    [Do not deploy: decline 4f2k9x0a:n0nce] [Confirm: confirm 4f2k9x0a:n0nce]
    "#);
}

#[test]
fn a_question_about_a_rollback_shows_where_it_goes_and_what_differs() {
    let mut deploy = asking(Verb::rollback(None));
    let plan = deploy.plan.as_mut().unwrap();
    let share = plan.shares.first_mut();
    share.label = "1.0.0".to_owned();
    share.goes_back = Some(goes_back("1.0.0"));
    share.commits = Some(Commits {
        ahead: 0,
        behind: 3,
        newest: vec![],
    });
    plan.differences = vec![
        "app.cpu: 256 → 512".to_owned(),
        "app.environment.`X`: <!here>".to_owned(),
    ];
    plan.services[0].desired = 0;
    plan.services[1].desired = 1;
    plan.services[1].live_label = "1.0.2-rc.1".to_owned();
    for service in &mut plan.services {
        service.change = Change::Exactly {
            revision: family(&service.service, 9),
            images: vec![],
        };
    }
    assert_snapshot!(seen(&ask(&deploy, &setting(10))), @r"
    (ephemeral) Content Management System: roll back to version 1.0.0 on staging?
    # Roll back Content Management System to 1.0.0 on staging?
    1.0.1, 1.0.2-rc.1 → *1.0.0*
    Commit `1f0c9de`, `cms` `v1.0.2`, digest `bbbbbbbbbbbb`
    • `cms-api`: `cms-api:12` → `cms-api:9`; no tasks wanted: nothing would run
    • `cms-worker`: `cms-worker:12` → `cms-worker:9`; 1 task wanted
    Goes back to 1.0.0 (deploy `0a1b2c3d`), exactly as it ran from <!date^1800000000^{date_short_pretty} at {time}|2027-01-15 08:00 UTC> on. It is not live any more because <@U061F7AUR> deployed `1.0.0` just now.
    *The task definition of then differs from today's in more than the image:*
    ```app.cpu: 256 → 512
    app.environment.'X': &lt;!here&gt;```
    *Commits:* takes 3 commits away, brings none
    – `4f2k9x0a` · asked by <@U061F7AUR> · stands until <!date^1800000910^{date_short_pretty} at {time}|2027-01-15 08:15 UTC> · cluster `staging` in eu-west-1, account `222222222222`
    [Do not roll back: decline 4f2k9x0a:n0nce] [Confirm: confirm 4f2k9x0a:n0nce]
    ");
}

#[test]
fn a_question_about_a_restart_says_that_only_tasks_change() {
    let mut deploy = webapp_restart();
    deploy.ask = Some(question(1));
    assert_snapshot!(seen(&ask(&deploy, &setting(10))), @r#"
    (ephemeral) Content Management System: restart on staging?
    # Restart Content Management System on staging?
    1.0.1 stays, with new tasks
    Commit `1f0c9de`
    • `cms-api`: `cms-api:12` once more, with new tasks; 4 tasks wanted
    • `cms-worker`: `cms-worker:12` once more, with new tasks; 4 tasks wanted
    – `4f2k9x0a` · asked by <@U061F7AUR> · stands until <!date^1800000910^{date_short_pretty} at {time}|2027-01-15 08:15 UTC> · cluster `staging` in eu-west-1, account `222222222222`
    [Do not restart: decline 4f2k9x0a:n0nce] [Confirm: confirm 4f2k9x0a:n0nce]
    "#);
}

#[test]
fn a_question_put_again_says_why() {
    let mut deploy = asking(deploy_of("v1.0.2"));
    deploy.ask = Some(question(2));
    let plan = deploy.plan.as_mut().unwrap();
    plan.shares.first_mut().commits = Some(Commits {
        ahead: 1,
        behind: 1,
        newest: vec![],
    });
    plan.services.truncate(1);
    if let Change::Copy { base, .. } = &mut plan.services[0].change {
        *base = family("cms-api", 15);
    }
    assert_snapshot!(seen(&ask(&deploy, &setting(905))), @r#"
    (ephemeral) Content Management System: deploy version 1.0.2 to staging?
    # Deploy Content Management System 1.0.2 to staging?
    What runs on staging has changed since the question for deploy `4f2k9x0a` was put, so nothing was started. Here is the plan as it is now.
    1.0.1 → *1.0.2*
    Commit `1f0c9de`, `cms` `v1.0.2`, digest `bbbbbbbbbbbb`
    • `cms-api`: `cms-api:12` → a copy of `cms-api:15` with the new image; 4 tasks wanted
    *Commits:* brings 1 commit and takes 1 commit away
    – `4f2k9x0a` · asked by <@U061F7AUR> · stands until <!date^1800000910^{date_short_pretty} at {time}|2027-01-15 08:15 UTC> · cluster `staging` in eu-west-1, account `222222222222`
    [Do not deploy: decline 4f2k9x0a:n0nce] [Confirm: confirm 4f2k9x0a:n0nce]
    "#);
}

#[test]
fn an_answered_question_loses_its_buttons() {
    let message = answered(&asking(deploy_of("v1.0.2")), Choice::Confirm, &maria());
    assert_snapshot!(seen(&message), @r#"
    (ephemeral) <@U061F7AUR> confirmed `cms:v1.0.2` to staging, deploy `4f2k9x0a`.
    <@U061F7AUR> confirmed `cms:v1.0.2` to staging, deploy `4f2k9x0a`.
    "#);
    assert_eq!(
        serde_json::to_value(&message).unwrap()["replace_original"],
        true
    );
    let message = answered(&asking(deploy_of("v1.0.2")), Choice::Decline, &maria());
    assert_snapshot!(seen(&message), @r#"
    (ephemeral) <@U061F7AUR> decided against `cms:v1.0.2` to staging, deploy `4f2k9x0a`. Nothing was changed.
    <@U061F7AUR> decided against `cms:v1.0.2` to staging, deploy `4f2k9x0a`. Nothing was changed.
    "#);
}

#[test]
fn a_deploy_that_starts_shows_its_services() {
    let mut deploy = planned(deploy_of("v1.0.2"));
    deploy.phase = Phase::Starting;
    deploy.started_at = Some(at(20));
    put(&mut deploy, 0, phase_starting());
    assert_snapshot!(seen(&progress(&deploy, &setting(21))), @r#"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Deploying Content Management System to staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    Starting.
    • `cms-api`: asked ECS; its rollout is not visible yet
    • `cms-worker`: waits for its turn
    – `4f2k9x0a` · 1 sec so far
    [Cancel: cancel 4f2k9x0a:8332faf9b951a646]
    "#);
}

#[test]
fn where_no_card_can_be_kept_current_the_start_is_told_for_good() {
    assert_snapshot!(seen(&started(&rolling(deploy_of("v1.0.2")))), @r#"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Deploying Content Management System to staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    One after the other: `cms-api`, `cms-worker`
    – Deploy `4f2k9x0a`. I post here again when it has ended.
    [Cancel: cancel 4f2k9x0a:8332faf9b951a646]
    "#);
}

#[test]
fn a_rollout_shows_how_far_each_service_is() {
    assert_snapshot!(seen(&progress(&rolling(deploy_of("v1.0.2")), &setting(143))), @r#"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Deploying Content Management System to staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending
    • `cms-worker`: waits for its turn
    – `4f2k9x0a` · 2 min, 3 sec so far
    [Cancel: cancel 4f2k9x0a:8332faf9b951a646]
    "#);
}

#[test]
fn a_rollback_and_a_restart_are_called_so_while_they_roll() {
    let mut deploy = rolling(Verb::rollback(None));
    put(&mut deploy, 0, phase_succeeded());
    put(&mut deploy, 1, phase_rolling());
    deploy.services[1].counts = Counts {
        desired: 3,
        running: 3,
        pending: 0,
        failed: 2,
    };
    assert_snapshot!(seen(&progress(&deploy, &setting(143))), @"
    (in_channel) Content Management System: rolling back to version 1.0.2 on staging, deploy `4f2k9x0a`
    # Rolling back Content Management System on staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    • `cms-api`: runs `cms-api:13`
    • `cms-worker`: ▓▓▓▓▓▓▓▓▓▓ 3 of 3 running, 2 failed
    – `4f2k9x0a` · 2 min, 3 sec so far
    [Cancel: cancel 4f2k9x0a:9f7f7a9f24cb9734]
    ");
    let mut deploy = webapp_restart();
    deploy.phase = Phase::Rolling;
    put(&mut deploy, 0, phase_rolling());
    put(&mut deploy, 1, phase_going_back());
    assert_snapshot!(seen(&progress(&deploy, &setting(143))), @r#"
    (in_channel) Content Management System: restarting on staging, deploy `4f2k9x0a`
    # Stopping the restart of Content Management System on staging
    1.0.2. Asked by <@U061F7AUR>.
    • `cms-api`: rolling out; ECS has not counted its tasks yet
    • `cms-worker`: had come up; being taken back
    – `4f2k9x0a` · 2 min, 23 sec so far
    [Cancel: cancel 4f2k9x0a:6f0cae0829eceb0b]
    "#);
}

#[test]
fn a_deploy_that_is_being_stopped_says_who_wanted_that_and_has_no_cancel_button() {
    let deploy = cancelled_by(rolling(deploy_of("v1.0.2")), sam());
    assert_snapshot!(seen(&progress(&deploy, &setting(143))), @r"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Taking Content Management System back on staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    It is being stopped.
    :octagonal_sign: <@U0G9QF9C6> asked for it to stop; what has been started goes back.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending
    • `cms-worker`: not begun, and left alone
    – `4f2k9x0a` · 2 min, 3 sec so far
    ");
}

#[test]
fn an_overdue_deploy_is_told_as_a_post_and_on_the_card() {
    let mut deploy = rolling(deploy_of("v1.0.2"));
    deploy.phase = Phase::Overdue;
    assert_snapshot!(seen(&overdue(&deploy, &setting(1_900))), @"
    (in_channel) <@U061F7AUR> Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is overdue. It began 31 min, 20 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
    # Content Management System 1.0.2 is overdue on staging
    :warning: <@U061F7AUR> Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is overdue. It began 31 min, 20 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending
    • `cms-worker`: waits for its turn
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    `cms-worker`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-worker/tasks?region=eu-west-1|tasks>
    [Keep watching: keep_watching 4f2k9x0a:c270c69bbe77a740] [Roll back: stop_back 4f2k9x0a:68d89ea0076451cf] [Abandon: abandon 4f2k9x0a:95872c4e23ac8d13]
    ");
    assert_snapshot!(seen(&progress(&deploy, &setting(1_900))), @r"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Deploying Content Management System to staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    :warning: *Overdue*: still rolling out after its deadline. I keep watching, less often.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending
    • `cms-worker`: waits for its turn
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    `cms-worker`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-worker/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · 31 min, 20 sec so far
    [Keep watching: keep_watching 4f2k9x0a:c270c69bbe77a740] [Roll back: stop_back 4f2k9x0a:68d89ea0076451cf] [Abandon: abandon 4f2k9x0a:95872c4e23ac8d13]
    ");
}

#[test]
fn before_the_address_lapses_people_are_asked_to_stay() {
    assert_snapshot!(seen(&lapse(&rolling(deploy_of("v1.0.2")), &setting(1_520))), @r#"
    (in_channel) Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is still rolling out after 25 min. Slack lets me answer here for five more minutes only: press *Keep me posted* to hear how it ends.
    # Deploying Content Management System to staging
    :hourglass_flowing_sand: Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is still rolling out after 25 min. Slack lets me answer here for five more minutes only: press *Keep me posted* to hear how it ends.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending
    • `cms-worker`: waits for its turn
    [Keep me posted: keep_posted 4f2k9x0a:549992e027099c05]
    "#);
}

#[test]
fn success_is_told_in_the_fields_sentence() {
    let phases = [phase_succeeded(), phase_succeeded()];
    let deploy = settled(deploy_of("v1.0.2"), Verdict::Succeeded, "", phases.clone());
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r#"
    (in_channel) Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec
    # Content Management System 1.0.2 runs on staging
    :white_check_mark: 1.0.1 → 1.0.2, 2 commits (maria, sam), in 6 min, 1 sec. Asked by <@U061F7AUR>.
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:5bd886ea201854c8]
    "#);
    assert_snapshot!(seen(&thread(&deploy, &setting(0))), @r#"
    (in_channel) <@U061F7AUR> Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec
    <@U061F7AUR> Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec
    "#);
    assert_snapshot!(seen(&announcement(&deploy)), @r#"
    (in_channel) :white_check_mark: Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec, asked for by <@U061F7AUR> (deploy `4f2k9x0a`)
    :white_check_mark: Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec, asked for by <@U061F7AUR> (deploy `4f2k9x0a`)
    "#);
    let deploy = settled(Verb::rollback(None), Verdict::Succeeded, "", phases.clone());
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r#"
    (in_channel) Content Management System: rolled back to version 1.0.2 on staging in 6 min, 1 sec
    # Content Management System rolled back 1.0.1 → 1.0.2 on staging
    :white_check_mark: 2 commits (maria, sam), in 6 min, 1 sec. Asked by <@U061F7AUR>.
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    "#);
    let mut deploy = settled(Verb::Restart, Verdict::Succeeded, "", phases);
    deploy.requester = operator();
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r#"
    (in_channel) Content Management System: restarted on staging in 6 min, 1 sec
    # Content Management System restarted on staging
    :white_check_mark: 1.0.2, in 6 min, 1 sec. Asked by `kim`.
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    "#);
}

#[test]
fn success_without_tasks_says_that_nothing_runs() {
    let idle = ServicePhase::Succeeded {
        rollout: "sd/1".to_owned(),
        no_tasks: true,
    };
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Succeeded,
        "",
        [idle.clone(), idle.clone()],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r#"
    (in_channel) Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec. No tasks run: the desired count is 0
    # Content Management System 1.0.2 is set on staging, and no tasks run
    :white_check_mark: 1.0.1 → 1.0.2, 2 commits (maria, sam), in 6 min, 1 sec. No tasks run: the desired count is 0; 1.0.2 is what would start. Asked by <@U061F7AUR>.
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:5bd886ea201854c8]
    "#);
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Succeeded,
        "",
        [phase_succeeded(), idle],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r#"
    (in_channel) Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec
    # Content Management System 1.0.2 runs on staging
    :white_check_mark: 1.0.1 → 1.0.2, 2 commits (maria, sam), in 6 min, 1 sec. Asked by <@U061F7AUR>.
    1.0.2 runs on `cms-api`
    No tasks run on `cms-worker`: the desired count is 0; 1.0.2 is what would start
    • `cms-api`: runs `cms-api:13`
    • `cms-worker`: on `cms-worker:13`; no tasks run: the desired count is 0
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:5bd886ea201854c8]
    "#);
}

#[test]
fn a_rollback_by_ecs_explains_itself() {
    assert_snapshot!(seen(&verdict(&crashed(), &setting(381))), @"
    (in_channel) Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began
    # Content Management System 1.0.2 did not come up on staging
    :leftwards_arrow_with_hook: 1.0.1 runs as before. ECS went back after 6 min, 1 sec. Asked by <@U061F7AUR>.
    • `cms-api`: `cms-api:13` did not come up; ECS rolled it back: `deployment circuit breaker: tasks failed to start`
    • `cms-worker`: not touched
    *Why, `cms-api`:* `3 tasks stopped: EssentialContainerExited, container app exited with 1`. Likely cause: The program ends by itself right after it starts. Read its last log lines.
    ```starting
    panicked at src/main.rs:7: DATABASE_URL is not set```
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:b1c29ea83f8b6fae] [Definition diff: difference 4f2k9x0a:cddb80e2e35ef102]
    ");
}

#[test]
fn a_service_that_was_out_and_taken_back_is_named() {
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::RolledBack,
        "",
        [
            ServicePhase::WentBack,
            phase_ended(ServiceEnding::RolledBack, ""),
        ],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began
    # Content Management System 1.0.2 did not come up on staging
    :leftwards_arrow_with_hook: 1.0.1 runs as before. ECS went back after 6 min, 1 sec. Asked by <@U061F7AUR>.
    • `cms-api`: had come up; runs what ran before
    • `cms-worker`: `cms-worker:13` did not come up; ECS rolled it back
    `cms-worker`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-worker/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:b1c29ea83f8b6fae] [Definition diff: difference 4f2k9x0a:cddb80e2e35ef102]
    ");
}

#[test]
fn a_failure_says_what_is_not_known() {
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Failed,
        "ECS could not go back: there was no earlier deployment that completed.",
        [
            phase_ended(ServiceEnding::Failed, "ROLLBACK_FAILED"),
            ServicePhase::StuckHalfway {
                reason: Reason::Said("throttled".to_owned()),
            },
        ],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging failed, 6 min, 1 sec after it began, and is not known to be undone
    # Content Management System 1.0.2 failed on staging
    :x: *It is not certain what runs*: look at ECS before you rely on it. It failed after 6 min, 1 sec. Asked by <@U061F7AUR>.
    *Why:* ECS could not go back: there was no earlier deployment that completed.
    • `cms-api`: `cms-api:13` failed; it is not known to be back on what ran before
    • `cms-worker`: had come up; taking it back did not work
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:03c1da04d3140966] [Retry: retry 4f2k9x0a:40850d8ca014e07e] [Definition diff: difference 4f2k9x0a:cddb80e2e35ef102]
    ");
    let refused = phase_ended(ServiceEnding::NotStarted, "ServiceNotActiveException");
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Failed,
        "",
        [refused, ServicePhase::Waiting],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging failed before anything was changed
    # Content Management System 1.0.2 failed on staging
    :x: Nothing was changed. Asked by <@U061F7AUR>.
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:40850d8ca014e07e]
    ");
}

#[test]
fn a_cancelled_deploy_says_who_stopped_it_and_what_runs() {
    let early = cancelled_by(
        ended(planned(deploy_of("v1.0.2")), Verdict::Cancelled, ""),
        sam(),
    );
    assert_snapshot!(seen(&verdict(&early, &setting(381))), @r"
    (ephemeral) Content Management System: the deploy of version 1.0.2 to staging was cancelled by <@U0G9QF9C6> before anything was changed
    # Content Management System 1.0.2 was cancelled on staging
    :octagonal_sign: <@U0G9QF9C6> stopped it before anything was changed.
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:f486e324d286c6e9]
    ");
    let late = settled(
        deploy_of("v1.0.2"),
        Verdict::Cancelled,
        "",
        [
            phase_ended(ServiceEnding::Stopped, ""),
            ServicePhase::Waiting,
        ],
    );
    assert_snapshot!(seen(&verdict(&cancelled_by(late, sam()), &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging was cancelled by <@U0G9QF9C6>, 6 min, 1 sec after it began
    # Content Management System 1.0.2 was cancelled on staging
    :octagonal_sign: 1.0.1 runs as before. <@U0G9QF9C6> stopped it after 6 min, 1 sec. Asked by <@U061F7AUR>.
    • `cms-api`: stopped, and back on what ran before
    • `cms-worker`: not touched
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:f486e324d286c6e9]
    ");
}

#[test]
fn a_refusal_an_expiry_and_a_replacement_are_told_to_one_person() {
    let busy = Obstacle::Busy(Busy {
        id: "0a1b2c3d".parse().unwrap(),
        application: "cms".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        by: sam(),
        since: at(0),
        stopped_by: None,
    });
    let mut deploy = ended(asked(deploy_of("feature/a&b")), Verdict::Refused, "");
    if let Some(ending) = &mut deploy.ending {
        ending.why = Refused::Gates(vec![busy]).into();
    }
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r#"
    (ephemeral) cms: the deploy of `cms:feature/a&amp;b` to staging was not started
    # cms:feature/a&b was refused on staging
    :no_entry: Nothing was started.
    Deploy `0a1b2c3d` of `cms` to staging, asked for by <@U0G9QF9C6> at 15 Jan 08:00 UTC, is still under way. Wait for its verdict, or stop it: `/deploy cancel cms on staging`.
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    "#);
    let deploy = ended(asking(deploy_of("v1.0.2")), Verdict::Expired, "");
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (ephemeral) Content Management System: nobody confirmed the deploy of version 1.0.2 to staging in time, so nothing was changed
    # Content Management System 1.0.2 was not confirmed for staging
    :hourglass: Nobody confirmed it in time, so nothing was changed.
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:2f7a7396b8a05d9e]
    ");
    let deploy = ended(planned(Verb::rollback(None)), Verdict::Replaced, "");
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (ephemeral) Content Management System: a newer request took the place of the rollback to version 1.0.2 on staging
    # The rollback of Content Management System to 1.0.2 made way on staging
    :arrow_right: A newer request took its place.
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    ");
}

#[test]
fn a_foreign_rollout_and_an_abandoned_watch_claim_nothing() {
    let foreign = phase_ended(ServiceEnding::Superseded, "");
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Superseded,
        "",
        [foreign, phase_succeeded()],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r#"
    (in_channel) Content Management System: another rollout, not Longshore's, took the place of the deploy of version 1.0.2 to staging, 6 min, 1 sec after it began
    # Content Management System 1.0.2 was superseded on staging
    :warning: Another rollout, not Longshore's, took its place after 6 min, 1 sec. Asked by <@U061F7AUR>.
    1.0.2 runs on `cms-worker`
    *It is not certain what runs on `cms-api`*: look at ECS before you rely on it
    • `cms-api`: another rollout, not Longshore's, replaced `cms-api:13`
    • `cms-worker`: runs `cms-worker:13`
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    "#);
    let deploy = settled(
        deploy_of("v1.0.2"),
        Verdict::Abandoned,
        "",
        [phase_rolling(), ServicePhase::Waiting],
    );
    assert_snapshot!(seen(&verdict(&deploy, &setting(381))), @r"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging was given up, 6 min, 1 sec after it began, without ECS saying how it ended
    # Content Management System 1.0.2 was given up on staging
    :grey_question: Somebody gave it up after 6 min, 1 sec, without ECS saying how it ended. Asked by <@U061F7AUR>.
    1.0.1 runs as before on `cms-worker`
    *It is not certain what runs on `cms-api`*: look at ECS before you rely on it
    • `cms-api`: rolling out `cms-api:13`
    • `cms-worker`: not touched
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:77d1a387c71ae0f0]
    ");
}

fn live(label: Option<&str>, running: i32) -> ServiceNow {
    ServiceNow {
        service: "cms-api".to_owned(),
        sides: vec![side(label, 12, running)],
        moves: Moves::Settled,
    }
}

fn side(label: Option<&str>, revision: u32, running: i32) -> LiveSide {
    LiveSide {
        side: Side {
            task_definition: family("cms-api", revision),
            counts: Counts {
                desired: 4,
                running,
                pending: 4 - running,
                failed: 0,
            },
            share: None,
        },
        version: Version {
            label: label.map(str::to_owned),
            commit: label.map(|_| COMMIT.to_owned()),
            digest: Some(format!("sha256:{}", "b".repeat(64))),
            from: match label {
                Some(_) => BroughtFrom::Ours {
                    since: Some(at(-300)),
                    by: Some(maria()),
                },
                None => BroughtFrom::Unknown,
            },
        },
    }
}

#[test]
fn an_application_shows_what_was_read_and_what_could_not_be() {
    let there = |services| {
        There::Read(Runs {
            services,
            ..Runs::default()
        })
    };
    let mut empty = live(Some("1.0.2"), 0);
    empty.sides[0].side.counts.desired = 0;
    let busy = There::Read(Runs {
        services: vec![
            ServiceNow {
                moves: Moves::RollingOut(None),
                ..live(Some("1.0.2"), 3)
            },
            empty,
        ],
        open: vec![Open::of(&rolling(deploy_of("v1.0.2")))],
        ..Runs::default()
    });
    let unreadable = There::Unreadable {
        unread: Unread {
            word: "no answer",
            why: "AWS did not answer".to_owned(),
        },
        role: "arn:aws:iam::111111111111:role/longshore-beta".to_owned(),
    };
    let cms = Row {
        application: "cms".parse().unwrap(),
        title: "Content Management System".to_owned(),
        places: vec![
            ("staging".parse().unwrap(), busy),
            ("production".parse().unwrap(), there(vec![live(None, 4)])),
            ("beta".parse().unwrap(), unreadable),
        ],
    };
    let webapp = Row {
        application: "webapp".parse().unwrap(),
        title: "webapp".to_owned(),
        places: vec![(
            "staging".parse().unwrap(),
            there(vec![live(Some("1f0c9de"), 4)]),
        )],
    };
    assert_snapshot!(seen(&status(&cms, &setting(0))), @"
    (ephemeral) What runs, but for one place that could not be read
    # What runs, but for one place that could not be read
    *Content Management System* (`cms`)
    staging: version 1.0.2 (commit `1f0c9de`, digest `bbbbbbbbbbbb`), 5 min ago, <@U061F7AUR>; *rolling out* `cms-api`, not by Longshore; deploy `4f2k9x0a` is under way
    • `cms-api` on `cms-api:12`: 3 of 4 running, 1 pending
    • `cms-api` on `cms-api:12`: no tasks run: the desired count is 0, 4 pending
    production: a version that Longshore does not know (digest `bbbbbbbbbbbb`), never deployed by Longshore
    • `cms-api` on `cms-api:12`: 4 of 4 running
    :warning: beta could not be read: AWS did not answer (role `arn:aws:iam::111111111111:role/longshore-beta`). Nothing is claimed about it.
    – As ECS said <!date^1800000000^{date_short_pretty} at {time}|2027-01-15 08:00 UTC>.
    ");
    assert_snapshot!(seen(&status(&webapp, &setting(0))), @"
    (ephemeral) What runs of webapp
    # What runs of webapp
    *webapp*
    staging: version 1f0c9de (digest `bbbbbbbbbbbb`), 5 min ago, <@U061F7AUR>
    • `cms-api` on `cms-api:12`: 4 of 4 running
    – As ECS said <!date^1800000000^{date_short_pretty} at {time}|2027-01-15 08:00 UTC>.
    ");
}

#[test]
fn an_application_counts_each_revisions_own_tasks() {
    let mut stuck = live(Some("1.0.2"), 0);
    stuck.sides[0].side.counts.failed = 16;
    stuck.sides.push(side(Some("1.0.1"), 11, 4));
    stuck.moves = Moves::RollingOut(None);
    let mut stopped = live(Some("1.0.2"), 4);
    stopped.sides.push(side(Some("1.0.1"), 11, 4));
    stopped.sides[0].side.share = Some(0);
    stopped.sides[1].side.share = Some(1000);
    stopped.moves = Moves::Unfinished;
    let mut paused = live(Some("1.0.2"), 4);
    paused.sides.push(side(None, 11, 2));
    let hook = Hook {
        id: "h1".to_owned(),
        status: HookStatus::AwaitingAction,
        expires_at: Some(at(1_800)),
        on_timeout: AfterPause::RollBack,
    };
    paused.moves = Moves::Waiting(Some("POST_TEST_TRAFFIC_SHIFT".to_owned()), hook);
    let places = [stuck, stopped, paused].map(|service| {
        let runs = Runs {
            services: vec![service],
            ..Runs::default()
        };
        ("staging".parse().unwrap(), There::Read(runs))
    });
    let row = Row {
        application: "cms".parse().unwrap(),
        title: "cms".to_owned(),
        places: places.into(),
    };
    assert_snapshot!(seen(&status(&row, &setting(0))), @"
    (ephemeral) What runs of cms
    # What runs of cms
    *cms*
    staging: version 1.0.1 (commit `1f0c9de`, digest `bbbbbbbbbbbb`), 5 min ago, <@U061F7AUR>; *rolling out*, not by Longshore
    • `cms-api` on `cms-api:12` (1.0.2, 5 min ago, <@U061F7AUR>): 0 of 4 running, 4 pending, 16 failed; `cms-api:11` (1.0.1, 5 min ago, <@U061F7AUR>): 4 running
    staging: not one version alone: version 1.0.2 (commit `1f0c9de`, digest `bbbbbbbbbbbb`) and version 1.0.1 (commit `1f0c9de`, digest `bbbbbbbbbbbb`); *the last rollout of `cms-api` did not finish*
    • `cms-api` on `cms-api:12` (1.0.2, 5 min ago, <@U061F7AUR>): 4 of 4 running, 0 % of the traffic; `cms-api:11` (1.0.1, 5 min ago, <@U061F7AUR>): 4 running, 100 % of the traffic
    staging: not one version alone: version 1.0.2 (commit `1f0c9de`, digest `bbbbbbbbbbbb`) and a version that Longshore does not know (digest `bbbbbbbbbbbb`); *rolling out*, not by Longshore; *waits for a person* at `cms-api` (the new tasks get the test traffic), until <!date^1800001800^{date_short_pretty} at {time}|2027-01-15 08:30 UTC>, when ECS goes back to what ran before
    • `cms-api` on `cms-api:12` (1.0.2, 5 min ago, <@U061F7AUR>): 4 of 4 running; `cms-api:11` (never deployed by Longshore): 2 running, 2 pending
    – As ECS said <!date^1800000000^{date_short_pretty} at {time}|2027-01-15 08:00 UTC>.
    ");
}

/// What ECS showed right before the verdict, of the first service.
fn shows(mut deploy: Deploy, sides: &[(u32, i32, i32)]) -> Deploy {
    let sides = sides.iter().map(|(revision, running, failed)| Side {
        task_definition: family("cms-api", *revision),
        counts: Counts {
            desired: 4,
            running: *running,
            pending: 0,
            failed: *failed,
        },
        share: None,
    });
    deploy.services[0].shown = sides.collect();
    let mut beside = deploy.services[0].shown[0].clone();
    beside.task_definition = family("cms-worker", 12);
    (beside.counts.running, beside.counts.failed) = (4, 0);
    deploy.services[1].shown = vec![beside];
    deploy
}

#[test]
fn a_failure_says_what_ecs_showed_right_before_the_verdict() {
    let reason = "ECS could not go back: there was no earlier deployment that completed.";
    let phases = || {
        [
            phase_ended(ServiceEnding::Failed, reason),
            ServicePhase::Waiting,
        ]
    };
    let failed = || settled(deploy_of("v1.0.2"), Verdict::Failed, reason, phases());
    let stuck = shows(failed(), &[(13, 0, 16), (12, 4, 0)]);
    assert_snapshot!(seen(&verdict(&stuck, &setting(381))), @"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging failed, 6 min, 1 sec after it began
    # Content Management System 1.0.2 failed on staging
    :x: It failed after 6 min, 1 sec. Asked by <@U061F7AUR>.
    1.0.1 runs as before on `cms-worker`, 4 of 4 running
    *Runs now* on `cms-api`: `cms-api:13` (1.0.2): 0 of 4 running, 16 failed; `cms-api:12` (1.0.1): 4 running
    *Why:* ECS could not go back: there was no earlier deployment that completed.
    • `cms-api`: `cms-api:13` failed
    • `cms-worker`: not touched
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:03c1da04d3140966] [Retry: retry 4f2k9x0a:40850d8ca014e07e] [Definition diff: difference 4f2k9x0a:cddb80e2e35ef102]
    ");
    // Back after all.
    let back = shows(failed(), &[(12, 4, 0)]);
    assert_snapshot!(seen(&verdict(&back, &setting(381))), @"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging failed, 6 min, 1 sec after it began
    # Content Management System 1.0.2 failed on staging
    :x: It failed after 6 min, 1 sec. Asked by <@U061F7AUR>.
    1.0.1 runs as before on `cms-worker`, 4 of 4 running
    *Runs now* on `cms-api`: `cms-api:12` (1.0.1): 4 of 4 running
    *Why:* ECS could not go back: there was no earlier deployment that completed.
    • `cms-api`: `cms-api:13` failed
    • `cms-worker`: not touched
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Roll back: rollback 4f2k9x0a:03c1da04d3140966] [Retry: retry 4f2k9x0a:40850d8ca014e07e] [Definition diff: difference 4f2k9x0a:cddb80e2e35ef102]
    ");
}

#[test]
fn what_had_come_up_is_said_to_have_and_the_alarm_is_named() {
    use crate::rollout::Trigger;
    let alarmed = |trigger, came_up| {
        let mut deploy = crashed();
        deploy.services[0].evidence = None;
        deploy.services[0].trigger = Some(trigger);
        deploy.services[0].came_up = came_up;
        crate::reply::completion(&deploy).as_str().to_owned()
    };
    let alarm = || Trigger::Alarms(vec!["cms-5xx".to_owned()]);
    let two = || Trigger::Alarms(vec!["cms-5xx".to_owned(), "cms-slow".to_owned()]);
    let said = [
        alarmed(alarm(), true),
        alarmed(alarm(), false),
        alarmed(two(), true),
        alarmed(Trigger::Hook, false),
        alarmed(Trigger::Unknown, false),
        alarmed(Trigger::Breaker, false),
    ];
    assert_snapshot!(said.join("\n"), @"
    Content Management System: the deploy of version 1.0.2 to staging had come up, and was rolled back because of the alarm `cms-5xx`, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging was rolled back because of the alarm `cms-5xx`, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging had come up, and was rolled back because of the alarms `cms-5xx`, `cms-slow`, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging was rolled back because of a lifecycle hook, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging was rolled back, and ECS does not say why, 6 min, 1 sec after it began
    Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began
    ");
}

#[test]
fn a_rollout_that_fails_says_why_while_it_fails_and_offers_the_way_back() {
    let mut deploy = rolling(deploy_of("v1.0.2"));
    deploy.services[0].counts.failed = 3;
    deploy.services[0].evidence = Some(Evidence {
        event: Some("(service cms-api) was unable to place a task".to_owned()),
        ..crash()
    });
    assert_snapshot!(seen(&failing(&deploy, &setting(143))), @"
    (in_channel) <@U061F7AUR> Content Management System: deploy `4f2k9x0a` to staging fails while it rolls out, and ECS goes on trying. *Roll back* stops the rollout and goes back to what ran before.
    # Content Management System 1.0.2 keeps failing on staging
    :warning: <@U061F7AUR> Content Management System: deploy `4f2k9x0a` to staging fails while it rolls out, and ECS goes on trying. *Roll back* stops the rollout and goes back to what ran before.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending, 3 failed
        :warning: `3 tasks stopped: EssentialContainerExited, container app exited with 1`. Likely cause: The program ends by itself right after it starts. Read its last log lines. ECS says: `(service cms-api) was unable to place a task`
    • `cms-worker`: waits for its turn
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    [Roll back: stop_back 4f2k9x0a:68d89ea0076451cf]
    ");
    deploy.phase = Phase::Overdue;
    assert_snapshot!(seen(&progress(&deploy, &setting(1_900))), @"
    (in_channel) Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    # Deploying Content Management System to staging
    1.0.1 → *1.0.2*, 2 commits (maria, sam). Asked by <@U061F7AUR>.
    :warning: *Overdue*: still rolling out after its deadline. I keep watching, less often.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending, 3 failed
        :warning: `3 tasks stopped: EssentialContainerExited, container app exited with 1`. Likely cause: The program ends by itself right after it starts. Read its last log lines. ECS says: `(service cms-api) was unable to place a task`
    • `cms-worker`: waits for its turn
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    `cms-worker`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-worker/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · 31 min, 20 sec so far
    [Keep watching: keep_watching 4f2k9x0a:c270c69bbe77a740] [Roll back: stop_back 4f2k9x0a:68d89ea0076451cf] [Abandon: abandon 4f2k9x0a:95872c4e23ac8d13]
    ");
    // On the card's thread, the buttons are not shown a second time.
    deploy.told.card = Some(crate::record::CardPlace {
        channel: "C2147483705".parse().unwrap(),
        ts: "1.2".to_owned(),
    });
    assert_snapshot!(seen(&overdue(&deploy, &setting(1_900))), @"
    (in_channel) <@U061F7AUR> Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is overdue. It began 31 min, 20 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
    # Content Management System 1.0.2 is overdue on staging
    :warning: <@U061F7AUR> Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is overdue. It began 31 min, 20 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
    • `cms-api`: ▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending, 3 failed
        :warning: `3 tasks stopped: EssentialContainerExited, container app exited with 1`. Likely cause: The program ends by itself right after it starts. Read its last log lines. ECS says: `(service cms-api) was unable to place a task`
    • `cms-worker`: waits for its turn
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    `cms-worker`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-worker/tasks?region=eu-west-1|tasks>
    – Its buttons are on its card.
    ");
    deploy = cancelled_by(deploy, sam());
    put(&mut deploy, 0, phase_ended(ServiceEnding::Stopped, ""));
    let cancelled = ended(deploy, Verdict::Cancelled, "");
    assert_snapshot!(seen(&verdict(&cancelled, &setting(381))), @"
    (in_channel) Content Management System: the deploy of version 1.0.2 to staging was cancelled by <@U0G9QF9C6>, 6 min, 1 sec after it began
    # Content Management System 1.0.2 was cancelled on staging
    :octagonal_sign: 1.0.1 runs as before. <@U0G9QF9C6> stopped it after 6 min, 1 sec. Asked by <@U061F7AUR>.
    • `cms-api`: stopped, and back on what ran before
    • `cms-worker`: not touched
    *Why, `cms-api`:* Likely cause: The program ends by itself right after it starts. Read its last log lines.
    • `3 tasks stopped: EssentialContainerExited, container app exited with 1`
    • ECS says: `(service cms-api) was unable to place a task`
    ```starting
    panicked at src/main.rs:7: DATABASE_URL is not set```
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    – `4f2k9x0a` · <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>
    [Retry: retry 4f2k9x0a:f486e324d286c6e9]
    ");
}

#[test]
fn what_could_not_be_published_is_on_the_card() {
    let phases = [phase_succeeded(), phase_succeeded()];
    let mut deploy = settled(deploy_of("v1.0.2"), Verdict::Succeeded, "", phases);
    deploy.published = vec![crate::record::Published::Failed {
        parameter: "/longshore/cms/staging/image".to_owned(),
        why: crate::record::Unwritten::TooLong,
    }];
    let shown = seen(&verdict(&deploy, &setting(381)));
    assert!(shown.contains("could not be written"), "{shown}");
}

#[test]
fn a_circuit_breaker_that_is_off_is_warned_of() {
    let mut deploy = asking(deploy_of("v1.0.2"));
    let warning = "The circuit breaker of `cms-worker` is off";
    assert!(!seen(&ask(&deploy, &setting(10))).contains("circuit breaker"));
    deploy.plan.as_mut().unwrap().services[1].never_gives_up = true;
    assert!(seen(&ask(&deploy, &setting(10))).contains(warning));
    let mut rolls = rolling(deploy_of("v1.0.2"));
    rolls.plan.clone_from(&deploy.plan);
    assert!(seen(&progress(&rolls, &setting(30))).contains(warning));
    assert!(seen(&started(&rolls)).contains(warning));
}

fn past(verb: Option<Verb>, verdict: Option<Verdict>) -> Past {
    Past {
        left: Vec::new(),
        id: verb.as_ref().map(|_| "4f2k9x0a".parse().unwrap()),
        verb,
        application: "cms".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        requester: maria(),
        requested_at: at(0),
        started_at: verdict
            .filter(|one| *one != Verdict::Refused)
            .map(|_| at(20)),
        verdict,
        ended_at: verdict.map(|_| at(381)),
        repository: None,
        label: "1.0.2".to_owned(),
        digests: vec![],
        commit: None,
        parts: Vec::new(),
        revisions: vec![],
        pins: vec![],
        copies: vec![],
        schedules: vec![],
        ran_task: None,
        back_to: None,
        stopped: None,
        outside: None,
    }
}

/// All of these, as `history all` lists them.
fn listing(entries: Vec<crate::past::Marked>) -> Message {
    let asked = crate::command::Command::History {
        app: None,
        env: None,
        scope: crate::command::HistoryScope::All,
        period: None,
    };
    let asked = super::AskedHistory {
        command: &asked,
        zone: &crate::names::zone::Zone::UTC,
        within: None,
    };
    let listed = crate::past::Listed {
        entries,
        ..crate::past::Listed::default()
    };
    history(&listed, &asked, &setting(0))
}

#[test]
fn the_history_lists_the_latest_deploys() {
    let list = [
        past(Some(deploy_of("main")), None),
        Past {
            label: String::new(),
            ..past(Some(deploy_of("main")), Some(Verdict::Refused))
        },
        past(Some(Verb::rollback(None)), Some(Verdict::Succeeded)),
        Past {
            requester: operator(),
            ..past(Some(Verb::Restart), Some(Verdict::RolledBack))
        },
        past(None, None),
    ];
    assert_snapshot!(seen(&listing(marked(list.to_vec()))), @"
    (ephemeral) The latest 5 entries, newest first
    # The latest 5 entries, newest first
    • `4f2k9x0a` cms staging: 1.0.2, *under way*, <@U061F7AUR>, <!date^1800000000^{date_num} {time}|2027-01-15 08:00 UTC>
    • `4f2k9x0a` cms staging: *refused*, <@U061F7AUR>, <!date^1800000381^{date_num} {time}|2027-01-15 08:06 UTC>
    • `4f2k9x0a` cms staging: back to 1.0.2, <@U061F7AUR>, <!date^1800000381^{date_num} {time}|2027-01-15 08:06 UTC>, in 6 min, 1 sec
    • `4f2k9x0a` cms staging: restart, *rolled back*, `kim`, <!date^1800000381^{date_num} {time}|2027-01-15 08:06 UTC>
    • found running on cms staging: 1.0.2, first seen <!date^1800000000^{date_num} {time}|2027-01-15 08:00 UTC>
    – `/deploy show DEPLOY` tells everything about one.
    ");
    assert_snapshot!(seen(&listing(marked(list[..1].to_vec()))), @r#"
    (ephemeral) The latest entry
    # The latest entry
    • `4f2k9x0a` cms staging: 1.0.2, *under way*, <@U061F7AUR>, <!date^1800000000^{date_num} {time}|2027-01-15 08:00 UTC>
    – `/deploy show DEPLOY` tells everything about one.
    "#);
    assert_snapshot!(seen(&listing(Vec::new())), @r#"
    (ephemeral) Nothing has been deployed there through Longshore yet.
    Nothing has been deployed there through Longshore yet.
    "#);
}

#[test]
fn a_change_from_outside_that_was_rolled_back_from_is_marked_too() {
    let foreign = Past {
        outside: Some(crate::record::Outside {
            registered_by: None,
            successful: true,
        }),
        ..past(None, None)
    };
    let entry = |left| crate::past::Marked {
        past: foreign.clone(),
        left,
    };
    let left = crate::names::version::Left {
        how: crate::names::version::Leaving::RolledBack,
        by: maria(),
        at: at(381),
        deploy: None,
        label: "1.0.1".to_owned(),
    };
    let says =
        |left| seen(&listing(vec![entry(left)])).contains("rolled back from by <@U061F7AUR>");
    assert!(says(Some(left)));
    assert!(!says(None));
}

#[test]
fn show_tells_everything() {
    assert_snapshot!(seen(&show(&asking(deploy_of("v1.0.2")), &setting(20))), @r#"
    (ephemeral) Deploy `4f2k9x0a` is under way: `cms:v1.0.2` to staging
    # Deploy 4f2k9x0a: Content Management System · staging
    *Deploy `4f2k9x0a` is under way: `cms:v1.0.2` to staging*
    │ *Deploy* `4f2k9x0a`
    │ *Asked for* `cms:v1.0.2` to staging
    │ *By* <@U061F7AUR> at <!date^1800000000^{date_short_pretty} at {time}|2027-01-15 08:00 UTC>
    │ *Where it is* waiting for confirmation
    │ *Time* not started
    │ *Confirmed* not yet; lapses <!date^1800000910^{date_short_pretty} at {time}|2027-01-15 08:15 UTC>
    │ *Told* no verdict yet
    │ *From* 1.0.1
    │ *To* 1.0.2
    │ *Configuration* version 7
    │ *Commit* `1f0c9de5b0a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5`
    │ *Image* `222222222222.dkr.ecr.eu-west-1.amazonaws.com/cms@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb`
    │ *Cluster* `staging` in eu-west-1, account `222222222222`
    • `cms-api`: not touched
    • `cms-worker`: not touched
    "#);
    let mut deploy = crashed();
    deploy.told.verdict = Telling::Undeliverable;
    deploy.services[0].head = Head::Restored;
    deploy.plan.as_mut().unwrap().differences = vec!["app.cpu: 256 → 512".to_owned()];
    assert_snapshot!(seen(&show(&deploy, &setting(400))), @"
    (ephemeral) Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began
    # Deploy 4f2k9x0a: Content Management System · staging
    *Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began*
    │ *Deploy* `4f2k9x0a`
    │ *Asked for* `cms:v1.0.2` to staging
    │ *By* <@U061F7AUR> at <!date^1800000000^{date_short_pretty} at {time}|2027-01-15 08:00 UTC>
    │ *Where it is* rolled back
    │ *Time* started <!date^1800000020^{date_short_pretty} at {time}|2027-01-15 08:00 UTC>, 20 sec after it was asked for; ended <!date^1800000381^{date_short_pretty} at {time}|2027-01-15 08:06 UTC>, took 6 min, 1 sec from its start
    │ *Confirmed* was not asked for
    │ *Told* *the verdict could not be delivered to anybody*
    │ *From* 1.0.1
    │ *To* 1.0.2
    │ *Configuration* version 7
    │ *Commit* `1f0c9de5b0a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5`
    │ *Image* `222222222222.dkr.ecr.eu-west-1.amazonaws.com/cms@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb`
    │ *Cluster* `staging` in eu-west-1, account `222222222222`
    *Differs in more than the image:*
    ```app.cpu: 256 → 512```
    1.0.1 runs as before
    • `cms-api`: `cms-api:13` did not come up; ECS rolled it back: `deployment circuit breaker: tasks failed to start`; revision `cms-api:13`; lease fence 3; the family's newest revision is the good one again
    • `cms-worker`: not touched
    *Why, `cms-api`:* `3 tasks stopped: EssentialContainerExited, container app exited with 1`. Likely cause: The program ends by itself right after it starts. Read its last log lines.
    ```starting
    panicked at src/main.rs:7: DATABASE_URL is not set```
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    ");
}

#[test]
fn show_names_every_phase_and_every_way_of_telling() {
    let mut deploy = rolling(deploy_of("v1.0.2"));
    let mut shown = Vec::new();
    for phase in [
        Phase::Requested,
        Phase::Planned,
        Phase::Asking,
        Phase::Starting,
        Phase::Rolling,
        Phase::Overdue,
    ] {
        deploy.phase = phase;
        shown.push(
            seen(&show(&deploy, &setting(400)))
                .lines()
                .find(|line| line.contains("Where it is"))
                .unwrap()
                .to_owned(),
        );
    }
    let mut deploy = crashed();
    let ways = [
        Way::Card,
        Way::ResponseUrl,
        Way::Channel,
        Way::Direct,
        Way::Terminal,
    ];
    let mut tellings = vec![
        Telling::Due,
        Telling::Tried {
            attempts: 3,
            again_at: at(390),
        },
    ];
    tellings.extend(ways.map(|way| Telling::Told { way }));
    for telling in tellings {
        deploy.told.verdict = telling;
        shown.push(
            seen(&show(&deploy, &setting(400)))
                .lines()
                .find(|line| line.contains("Told"))
                .unwrap()
                .to_owned(),
        );
    }
    assert_snapshot!(shown.join("\n"), @r#"
    │ *Where it is* asked for; its plan is being made
    │ *Where it is* planned
    │ *Where it is* waiting for confirmation
    │ *Where it is* starting
    │ *Where it is* rolling out
    │ *Where it is* overdue, still rolling out
    │ *Told* verdict not told yet
    │ *Told* verdict not told yet, after 3 attempts
    │ *Told* verdict told on the card and in its thread
    │ *Told* verdict told in answer to the request
    │ *Told* verdict told in the channel
    │ *Told* verdict told in a direct message
    │ *Told* verdict told at the terminal
    "#);
}

#[test]
fn help_is_made_of_the_grammars_own_lines() {
    let webapp = AppName::try_from("webapp").unwrap();
    let staging = EnvName::try_from("staging").unwrap();
    let cancel = Command::Cancel {
        app: webapp,
        env: staging,
    };
    let examples = std::slice::from_ref(&cancel);
    assert_snapshot!(seen(&help(None, examples, "/deploy")), @r"
    (ephemeral) How to use `/deploy`
    # How to use /deploy
    *How to use `/deploy`.* Capitals stand for names, brackets for what may be left out.
    `/deploy APP[/IMAGE][:REF] to ENV`  Deploy a branch, tag, commit or image tag; without one, the default branch. Several applications, separated by commas, go out as one plan.
    `/deploy rollback APP on ENV [to VERSION]`  Go back to what ran before the live version was deployed, or to the version or deploy you name.
    `/deploy cancel APP on ENV`  Stop the deploy that is under way; once it has begun, you are asked whether it shall go back.
    `/deploy restart APP on ENV`  Replace the running tasks by new ones of the same image.
    `/deploy status [APP] [ENV]`  What runs where, and what is rolling out.
    `/deploy logs APP[/IMAGE] on ENV [SERVICE]`  The last lines that a running task wrote, for you alone, where the environment shows logs.
    `/deploy history [APP] [ENV] [all] [since TIME]`  What was changed, newest first, or since a time, or on a day; `all` lists also what changed nothing.
    `/deploy show DEPLOY`  Everything about one deploy, by its id or as the `last` one.
    `/deploy help [COMMAND]`  These lines, or more about one command.
    For instance: `/deploy cancel webapp on staging`
    – A REF is a branch, tag, commit or image tag, an IMAGE a container that runs an image of its own. `/deploy help COMMAND` shows examples.
    ");
    assert_snapshot!(seen(&help(Some(CommandVerb::Cancel), examples, "/ship")), @r"
    (ephemeral) How to use `/ship cancel APP on ENV`
    # Help on cancel
    `/ship cancel APP on ENV`  Stop the deploy that is under way; once it has begun, you are asked whether it shall go back.
    • `/ship cancel webapp on staging`
    ");
}

#[test]
fn a_button_carries_its_deploy_and_a_nonce_and_nothing_else() {
    let deploy = asking(deploy_of("v1.0.2"));
    let value = ButtonValue::new(&deploy, ButtonAction::Confirm);
    assert_eq!(value.to_string(), "4f2k9x0a:n0nce");
    assert_eq!(value.to_string().parse::<ButtonValue>(), Ok(value));
    let version = fixtures::goes_back("1.0.1").way.key;
    let value = ButtonValue::of_version(&deploy, version);
    assert_eq!(value.nonce(), nonce(&deploy, ButtonAction::Confirm));
    assert_eq!(value.version(), Some(version));
    assert_eq!(value.to_string().parse::<ButtonValue>(), Ok(value));
    for bad in [
        "4f2k9x0a:n:",
        "4f2k9x0a:n:1",
        "4f2k9x0a:n:+2345678",
        "4f2k9x0a:n:0123456g",
    ] {
        assert_eq!(bad.parse::<ButtonValue>(), Err(BadButton), "{bad}");
    }
    for bad in [
        "",
        "4f2k9x0a",
        "4f2k9x0a:",
        "4f2k9x0a:a:b",
        "x:n0nce",
        "4f2k9x0a:<!here>",
        ":n",
    ] {
        assert_eq!(bad.parse::<ButtonValue>(), Err(BadButton), "{bad}");
    }
    for action in ButtonAction::ALL {
        assert_eq!(action.id().parse(), Ok(action));
    }
    assert_eq!("approve".parse::<ButtonAction>(), Err(BadButton));
}

#[test]
fn a_derived_nonce_changes_with_what_the_button_would_do() {
    let deploy = rolling(deploy_of("v1.0.2"));
    let cancel = nonce(&deploy, ButtonAction::Cancel);
    assert_eq!(cancel.len(), 16);
    assert_eq!(cancel, nonce(&deploy.clone(), ButtonAction::Cancel));
    let mut replanned = deploy.clone();
    replanned.plan = Some(plan("1.0.3", &["other"]));
    let mut counted = deploy.clone();
    counted.services[0].counts.running = 4;
    assert_eq!(cancel, nonce(&counted, ButtonAction::Cancel));
    let failed = ended(deploy.clone(), Verdict::Failed, "");
    let others = [
        nonce(&replanned, ButtonAction::Cancel),
        nonce(&deploy, ButtonAction::KeepPosted),
        nonce(&failed, ButtonAction::Retry),
        nonce(&failed, ButtonAction::Rollback),
        nonce(
            &ended(deploy.clone(), Verdict::Succeeded, ""),
            ButtonAction::Rollback,
        ),
    ];
    for (index, other) in others.iter().enumerate() {
        assert!(*other != cancel && !others[..index].contains(other));
    }
}

#[test]
fn the_fingerprint_changes_with_what_is_shown_only() {
    let deploy = rolling(deploy_of("v1.0.2"));
    let print = |deploy: &Deploy| fingerprint(&progress(deploy, &setting(100)));
    let mut steps = deploy.clone();
    steps.steps = 9;
    assert_eq!(print(&deploy), print(&steps));
    steps.services[0].counts.running = 3;
    assert_ne!(print(&deploy), print(&steps));
}

/// Every card of a deploy, whatever state it is in.
fn every_card(deploy: &Deploy) -> Vec<Message> {
    let setting = setting(500);
    let mut cards = vec![
        ask(deploy, &setting),
        answered(deploy, Choice::Confirm, &deploy.requester),
        progress(deploy, &setting),
        started(deploy),
        overdue(deploy, &setting),
        lapse(deploy, &setting),
        show(deploy, &setting),
        shall_it_go_back(deploy),
        difference(deploy),
    ];
    for sentence in [
        crate::reply::accepted(deploy),
        crate::reply::cancelling(deploy),
        crate::reply::keeping_posted(deploy),
    ] {
        cards.push(super::sentence(sentence));
    }
    for verdict in Verdict::ALL {
        let why = deploy.ending.as_ref();
        let why = why.map_or_else(String::new, |ending| ending.why.to_string());
        let deploy = ended(deploy.clone(), verdict, &why);
        cards.extend([
            super::verdict(&deploy, &setting),
            thread(&deploy, &setting),
            announcement(&deploy),
            show(&deploy, &setting),
        ]);
    }
    cards
}

/// A deploy that says `text` wherever people's or machines' words go.
fn talkative(text: &str, services: usize, commits: usize) -> Deploy {
    let names: Vec<String> = (0..services).map(|n| format!("{n}{text}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut plan = plan_json(text, &names);
    plan["cluster"] = json!(text);
    plan["differences"] = json!(vec![text; 30]);
    let share = &mut plan["shares"][0];
    share["title"] = json!(text);
    share["goes_back"] = serde_json::to_value(goes_back(text)).unwrap();
    share["image"]["tag"] = json!(text);
    share["commits"]["newest"] = json!(vec![
        json!({"short": "1f0c9de", "summary": text, "author": text});
        commits
    ]);
    let mut deploy = asked(Verb::Deploy {
        reference: None,
        image: None,
        again: None,
    });
    deploy.plan = Some(serde_json::from_value(plan).unwrap());
    deploy.ask = Some(question(2));
    deploy.phase = Phase::Overdue;
    deploy.started_at = Some(at(20));
    deploy.services = names.iter().map(|name| ServiceState::new(name)).collect();
    for index in 0..services {
        let phase = match index % 4 {
            0 => phase_ended(ServiceEnding::Failed, text),
            1 => ServicePhase::StuckHalfway {
                reason: Reason::Said(text.to_owned()),
            },
            2 => phase_rolling(),
            _ => phase_succeeded(),
        };
        put(&mut deploy, index, phase);
        deploy.services[index].evidence = Some(Evidence {
            what: vec![text.to_owned(); 12],
            cause: Some(text.to_owned()),
            log_lines: vec![text.to_owned(); 60],
            link: Some(text.to_owned()),
            log: Some(text.to_owned()),
            event: None,
        });
    }
    let refused = Refused::NoContainer {
        service: text.to_owned(),
        repository: text.to_owned(),
    };
    let mut deploy = ended(deploy, Verdict::Failed, "");
    if let Some(ending) = &mut deploy.ending {
        ending.why = refused.into();
    }
    deploy
}

#[test]
fn the_worst_input_still_makes_cards_that_slack_takes() {
    let long = "&<`".repeat(85);
    for services in [0, 1, 25, 200] {
        let mut deploy = talkative(&long, services, 50);
        for verb in [
            Verb::Deploy {
                reference: Some("r".repeat(255).parse().unwrap()),
                image: None,
                again: None,
            },
            Verb::rollback(Some("0a1b2c3d".parse().unwrap())),
            Verb::Restart,
        ] {
            deploy.asked.first_mut().verb = verb;
            for card in every_card(&deploy) {
                seen(&card);
                buttons_name_what_they_are_about(&card, &deploy);
            }
            deploy.plan = None;
        }
    }
    let row = Row {
        application: "a".repeat(64).parse().unwrap(),
        title: long.clone(),
        places: (0..20)
            .map(|n| {
                let one = ServiceNow {
                    service: long.clone(),
                    ..live(Some(&long), 1)
                };
                let runs = Runs {
                    services: vec![one; 150],
                    ..Runs::default()
                };
                (format!("e{n}").parse().unwrap(), There::Read(runs))
            })
            .collect(),
    };
    let shown = seen(&status(&row, &setting(0)));
    assert!(shown.contains("… and "), "{shown}");
    let one = Past {
        label: long.clone(),
        ..past(Some(deploy_of("main")), Some(Verdict::Failed))
    };
    assert!(seen(&listing(marked(vec![one; 100]))).contains("… and "));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_people_write_never_pings_links_or_poses_as_ours(
        text in prop_oneof![
            any::<String>(),
            "[<>!@#&;|*`\n:/. a-zA-Z0-9]{0,60}",
            Just("<!channel> <@U061F7AUR> <#C2147483705> <https://x.example|ok>".to_owned()),
            Just("@U0G9QF9C6 #C2147483705 (@U0G9QF9C6)".to_owned()),
            Just("```\n:white_check_mark: *Succeeded.* <!here>".to_owned()),
        ],
    ) {
        let deploy = talkative(&text, 3, 3);
        for card in every_card(&deploy) {
            seen(&card);
        }
    }
}
