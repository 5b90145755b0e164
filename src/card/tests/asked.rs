//! Questions, and how the answered ones look.

use insta::assert_snapshot;

use super::*;
use crate::plan::Commits;
use crate::record::Choice;

#[test]
fn a_question_shows_what_would_be_done() {
    assert_snapshot!(seen(&ask(&asking(deploy_of("v1.0.2")), &setting(10))), @r"
    (ephemeral) Content Management System: deploy version 1.0.2 to staging?
    # Deploy Content Management System 1.0.2 to staging?
    1.0.1 → *1.0.2*
    Commit `1f0c9de`, `cms` `v1.0.2`, digest `bbbbbbbbbbbb`
    • `cms-api`: `cms-api:12` → a copy with the new image; 4 tasks wanted
    • `cms-worker`: `cms-worker:12` → a copy with the new image; 4 tasks wanted
    *Commits:* brings 2 commits
    ```1f0c9de Fix the signup form (maria)
    0aa11bb Complete addresses (sam)```
    – `4f2k9x0a` · asked by <@U061F7AUR> · stands until <!date^1800000910^{time} {date_short_pretty}|2027-01-15 08:15 UTC> · cluster `staging` in eu-west-1, account `222222222222`
    [Do not deploy: decline 4f2k9x0a:n0nce] [Confirm: confirm 4f2k9x0a:n0nce]
    ");
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
        lost: vec![],
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
    1.0.1, 1.0.2-rc.1 → *1.0.0*, without 3 commits
    Commit `1f0c9de`, `cms` `v1.0.2`, digest `bbbbbbbbbbbb`
    • `cms-api`: `cms-api:12` → `cms-api:9`; no tasks wanted: nothing would run
    • `cms-worker`: `cms-worker:12` → `cms-worker:9`; 1 task wanted
    Goes back to 1.0.0 (deploy `0a1b2c3d`), exactly as it ran from <!date^1800000000^{time} {date_short_pretty}|2027-01-15 08:00 UTC> on. It is not live any more because <@U061F7AUR> deployed `1.0.0` just now.
    *The old task definition differs from today's in more than the image:*
    ```app.cpu: 256 → 512
    app.environment.'X': &lt;!here&gt;```
    – `4f2k9x0a` · asked by <@U061F7AUR> · stands until <!date^1800000910^{time} {date_short_pretty}|2027-01-15 08:15 UTC> · cluster `staging` in eu-west-1, account `222222222222`
    [Do not roll back: decline 4f2k9x0a:n0nce] [Confirm: confirm 4f2k9x0a:n0nce]
    ");
}

#[test]
fn a_question_about_a_restart_says_that_only_tasks_change() {
    let mut deploy = webapp_restart();
    deploy.ask = Some(question(1));
    assert_snapshot!(seen(&ask(&deploy, &setting(10))), @r"
    (ephemeral) Content Management System: restart on staging?
    # Restart Content Management System on staging?
    1.0.1 stays, with new tasks
    Commit `1f0c9de`
    • `cms-api`: `cms-api:12` once more, with new tasks; 4 tasks wanted
    • `cms-worker`: `cms-worker:12` once more, with new tasks; 4 tasks wanted
    – `4f2k9x0a` · asked by <@U061F7AUR> · stands until <!date^1800000910^{time} {date_short_pretty}|2027-01-15 08:15 UTC> · cluster `staging` in eu-west-1, account `222222222222`
    [Do not restart: decline 4f2k9x0a:n0nce] [Confirm: confirm 4f2k9x0a:n0nce]
    ");
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
        lost: vec![],
    });
    plan.services.truncate(1);
    if let Change::Copy { base, .. } = &mut plan.services[0].change {
        *base = family("cms-api", 15);
    }
    assert_snapshot!(seen(&ask(&deploy, &setting(905))), @r"
    (ephemeral) Content Management System: deploy version 1.0.2 to staging?
    # Deploy Content Management System 1.0.2 to staging?
    What runs on staging has changed since the question for deploy `4f2k9x0a` was put, so nothing was started. Here is the plan as it is now.
    1.0.1 → *1.0.2*
    Commit `1f0c9de`, `cms` `v1.0.2`, digest `bbbbbbbbbbbb`
    • `cms-api`: `cms-api:12` → a copy of `cms-api:15` with the new image; 4 tasks wanted
    *Commits:* brings 1 commit, takes away 1 commit
    – `4f2k9x0a` · asked by <@U061F7AUR> · stands until <!date^1800000910^{time} {date_short_pretty}|2027-01-15 08:15 UTC> · cluster `staging` in eu-west-1, account `222222222222`
    [Do not deploy: decline 4f2k9x0a:n0nce] [Confirm: confirm 4f2k9x0a:n0nce]
    ");
}

#[test]
fn an_answered_question_loses_its_buttons() {
    let message = answered(&asking(deploy_of("v1.0.2")), Choice::Confirm, &maria());
    assert_snapshot!(seen(&message), @r#"
    (ephemeral) <@U061F7AUR> confirmed `cms:v1.0.2` to staging, deploy `4f2k9x0a`.
    <@U061F7AUR> confirmed `cms:v1.0.2` to staging, deploy `4f2k9x0a`.
    "#);
    assert_eq!(
        serde_json::to_value(message.sent_at(at(0))).unwrap()["replace_original"],
        true
    );
    let message = answered(&asking(deploy_of("v1.0.2")), Choice::Decline, &maria());
    assert_snapshot!(seen(&message), @r#"
    (ephemeral) <@U061F7AUR> decided against `cms:v1.0.2` to staging, deploy `4f2k9x0a`. Nothing was changed.
    <@U061F7AUR> decided against `cms:v1.0.2` to staging, deploy `4f2k9x0a`. Nothing was changed.
    "#);
}
