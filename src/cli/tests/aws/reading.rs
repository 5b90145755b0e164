//! `longshore status`, `history` and `show`: what is on record, as columns and as JSON, with Slack, the
//! functions and the state machine not even there.

mod members;

use serde_json::Value;

use super::*;
use crate::record::{ServicePhase, ServiceState};
use crate::rollout::Counts;

/// A world with a history of cms on staging, and something under way on production.
async fn busy() -> (World, String) {
    let world = world();
    push(&world).await;
    let deploy = || Verb::Deploy {
        reference: None,
        image: None,
        again: None,
        from: None,
    };
    let back = || Verb::rollback(None);
    has_run(&world, &[("1", deploy()), ("2", deploy()), ("1", back())]).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let said = longshore(&world, &["rollback", "--yes", "cms", "production"]).await;
    let id = said.out.trim_end().to_owned();
    let (mut deploy, rev) = super::deploy(&world, &id).await;
    deploy.phase = Phase::Rolling;
    deploy.started_at = Some(world.now());
    let mut service = ServiceState::new("cms-api");
    service.phase = ServicePhase::Rolling {
        since: world.now(),
        rollout: "arn:aws:ecs:eu-west-1:1:service-deployment/production/cms-api/1".to_owned(),
        before: Vec::new(),
    };
    service.counts = Counts {
        desired: 3,
        running: 1,
        pending: 2,
        failed: 0,
    };
    deploy.services = vec![service];
    store(&world).save(&deploy, rev).await.unwrap();
    world.state().states.machines.clear();
    (world, id)
}

/// Ids are hashes of times: each is called by the order in which it appears.
fn named(text: &str) -> String {
    let mut known: Vec<String> = Vec::new();
    let is_id = |word: &str| {
        word.len() == 8
            && word.contains(|c: char| c.is_ascii_digit())
            && word.parse::<crate::names::DeployId>().is_ok()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let mut shown = text.to_owned();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        if is_id(word) && !known.iter().any(|one| one == word) {
            known.push(word.to_owned());
            shown = shown.replace(word, &format!("deploy-{}", known.len()));
        }
    }
    shown
}

#[tokio::test(start_paused = true)]
async fn the_history_is_columns() {
    let (world, _) = busy().await;
    let said = longshore(&world, &["history"]).await;
    assert_eq!((said.exit, &*said.err), (Exit::Done, ""));
    insta::assert_snapshot!(named(&said.out), @r"
    DEPLOY    ENDED (UTC)       WHAT      APPLICATION  ENVIRONMENT  VERSION  HOW                           BY     TOOK
    deploy-1  2026-06-01 12:30  rollback  cms          staging      1        succeeded                     maria  less than a second
    deploy-2  2026-06-01 12:20  deploy    cms          staging      2        succeeded, later rolled back  maria  less than a second
    deploy-3  2026-06-01 12:10  deploy    cms          staging      1        succeeded                     maria  less than a second
    ");
    let place = longshore(&world, &["history", "cms", "on", "stg", "--last", "1"]).await;
    assert_eq!(place.out.lines().count(), 2);
    // What never started changed nothing.
    refused(&world, "3").await;
    let changes = longshore(&world, &["history"]).await;
    assert_eq!(changes.out, said.out);
    insta::assert_snapshot!(changes.err, @"1 that changed nothing is left out: --all lists it.");
    for all in [&["history", "--all"][..], &["history", "all"]] {
        let all = longshore(&world, all).await;
        assert_eq!((all.out.lines().count(), &*all.err), (5, ""));
        assert!(all.out.contains(" refused "), "{}", all.out);
    }
    let said = longshore(&world, &["history", "cms", "production"]).await;
    assert_eq!((said.exit, &*said.out), (Exit::Done, ""));
    insta::assert_snapshot!(said.err, @"Nothing has been deployed there through Longshore yet.");
}

#[tokio::test(start_paused = true)]
async fn what_runs_is_what_the_record_says() {
    let (world, _) = busy().await;
    let said = longshore(&world, &["status"]).await;
    assert_eq!(said.exit, Exit::Done);
    insta::assert_snapshot!(named(&said.out), @"
    APPLICATION  ENVIRONMENT  VERSION ON RECORD  SINCE (UTC)       BY     DEPLOY    LAST  UNDER WAY
    cms          production   -                  -                 -      -         -     deploy-1 rolling out
    cms          staging      1                  2026-06-01 12:30  maria  deploy-2  -     -
    ");
    insta::assert_snapshot!(said.err, @"as of the last change that Longshore saw; what ECS runs now, `/deploy status` in Slack says");
    let place = longshore(&world, &["status", "cms", "stg"]).await;
    assert_eq!(place.out.lines().count(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_ran_at_a_time_is_what_the_record_says() {
    let (world, _) = busy().await;
    let at = |words: &'static str| words.split(' ').collect::<Vec<_>>();
    let said = longshore(&world, &at("status cms at 12:25")).await;
    assert_eq!(said.exit, Exit::Done);
    insta::assert_snapshot!(named(&said.out), @"
    APPLICATION  ENVIRONMENT  RAN
    cms          production   not known: nothing has come up there through Longshore yet
    cms          staging      2 since 2026-06-01 12:20 UTC, deploy deploy-1 by maria
    ");
    insta::assert_snapshot!(said.err, @"
    by the history, at 2026-06-01 12:25 UTC. Typed times are read in UTC.
    ");
    let said = longshore(&world, &at("status cms production at 12:31")).await;
    insta::assert_snapshot!(named(&said.out), @r"
    APPLICATION  ENVIRONMENT  RAN
    cms          production   going back from an uncertain version since 2026-06-01 12:31 UTC; deploy deploy-1 by dana, still under way
    ");
    let said = longshore(&world, &at("status cms stg at 12:25 --json")).await;
    let value: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        (&value["version"], &value["under_way"]),
        (&"2".into(), &Value::Null)
    );
    let said = longshore(&world, &at("status cms stg at 12:45")).await;
    assert_eq!((said.exit, &*said.out), (Exit::Refused, ""));
    insta::assert_snapshot!(said.err, @"
    longshore: `12:45` is still to come in `UTC`, where typed times are read. Name a time that has passed: `longshore status cms staging at 14:05 yesterday`.
    ");
}

#[tokio::test(start_paused = true)]
async fn one_deploy_is_shown_in_the_words_of_its_card() {
    let (world, id) = busy().await;
    let said = longshore(&world, &["show", &id]).await;
    assert_eq!((said.exit, &*said.err), (Exit::Done, ""));
    insta::assert_snapshot!(named(&said.out), @r"
    Deploy deploy-1: cms - production
    Asked for: rollback of cms on production
    By: dana at 2026-06-01 12:31 UTC
    Where it is: rolling out
    Time: started 2026-06-01 12:31 UTC, less than a second so far
    Confirmed: was not asked for
    Told: no verdict yet
    - cms-api: rolling out the new revision
    ");
    assert_eq!(longshore(&world, &["show", "last"]).await.out, said.out);
    let said = longshore(&world, &["show", "1a2b3c4d"]).await;
    assert_eq!((said.exit, &*said.out), (Exit::Refused, ""));
    insta::assert_snapshot!(said.err, @"longshore: There is no deploy `1a2b3c4d`. `longshore history` lists the latest; ids are eight letters and digits.");
    let said = longshore(&world, &["show", "yesterday"]).await;
    assert_eq!(said.exit, Exit::Usage);
    insta::assert_snapshot!(said.err, @"longshore: a deploy id is 8 letters and digits, without u; name a deploy, or `last`");
}

#[tokio::test(start_paused = true)]
async fn following_says_what_changes_and_ends_with_the_verdict() {
    let (world, id) = busy().await;
    let arguments = ["show", &*id, "--wait", "--json"];
    let follows = longshore(&world, &arguments);
    let ends = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let dossier = store(&world).load(&id).await.unwrap().unwrap();
        let Recorded::Deploy(mut deploy) = dossier.recorded else {
            panic!("a job");
        };
        deploy.cancel = None;
        deploy.end(Verdict::RolledBack, world.now(), Why::Said);
        store(&world).save(&deploy, dossier.rev).await.unwrap();
    };
    let (said, ()) = tokio::join!(follows, ends);
    assert_eq!(said.exit, Exit::RolledBack);
    let object: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(object["verdict"], "rolled_back");
    insta::assert_snapshot!(named(&said.err), @"
    deploy-1: rolling out
    - cms-api: ###....... 1 of 3 running, 2 pending
    cms: the last good version did not come up on production and was rolled back, 30 sec after it began
    It is not certain what runs: look at ECS before you rely on it
    ");
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_leaves_it_running() {
    let (world, id) = busy().await;
    let leaves = somebody("", Some(Duration::from_secs(7)));
    let said = at(&world, &["show", &id, "--wait"], leaves).await;
    assert_eq!((said.exit, &*said.out), (Exit::Left, ""));
    let last = said.err.lines().last().unwrap();
    assert_eq!(
        last,
        format!("longshore: deploy {id} goes on; `longshore show {id} --wait` follows it again")
    );
    assert!(
        store(&world)
            .deploy(&id.parse().unwrap())
            .await
            .unwrap()
            .unwrap()
            .cancel
            .is_none()
    );
}

#[tokio::test(start_paused = true)]
async fn a_table_that_does_not_answer_says_what_to_do() {
    for (kind, then) in [
        (Kind::Throttled, "try again in a moment"),
        (
            Kind::Denied,
            "docs/operating.md has the policy that allows it",
        ),
        (
            Kind::Refused("ResourceNotFoundException", "Requested resource not found"),
            "it is not in this account and region: check --table, AWS_PROFILE and AWS_REGION",
        ),
    ] {
        for command in [&["history"][..], &["status"], &["show", "last"]] {
            let (world, _) = busy().await;
            let queries = Matcher::operation("dynamodb", "Query");
            world.state().faults.plan(queries, kind);
            let said = longshore(&world, command).await;
            assert_eq!((said.exit, &*said.out), (Exit::AwsFailed, ""));
            assert!(said.err.contains(then), "{command:?} {}", said.err);
            assert!(said.err.contains("nothing was changed"), "{}", said.err);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_takes_longer_than_a_second_says_so() {
    let (world, _) = busy().await;
    let queries = Matcher::operation("dynamodb", "Query");
    world.state().faults.plan(queries.nth(1), Kind::TimedOut);
    let said = longshore(&world, &["history"]).await;
    assert_eq!(said.exit, Exit::Done);
    assert_eq!(said.err, "reading the history ...\n");
    assert_eq!(world.state().faults.fired(), 1);
}
