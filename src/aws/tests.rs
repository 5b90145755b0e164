//! A world to reach AWS in: one account, a repository with two images, a service of two tasks.

use longshore_sim::ecs::{Script, ServiceSeed, add_service, task_definition};
use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::{Clock, World, ecr};

use super::{Aws, Patience};

pub(crate) const ACCOUNT: &str = "111111111111";
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const CLUSTER: &str = "production";

/// `webapp` runs `v1` in two tasks; `v2` is built.
pub(crate) fn world() -> World {
    let world = World::new(Clock::starting_at("2026-03-01T12:00:00Z".parse().unwrap()));
    let now = world.now();
    {
        let mut state = world.state();
        for tag in ["v1", "v2"] {
            let digest = ecr::digest(tag);
            state
                .ecr
                .push(ACCOUNT, REGION, "webapp", &[tag], &digest, now);
        }
        let definition = task_definition(ACCOUNT, REGION, "webapp", &[("app", &image("v1"))]);
        let seed = ServiceSeed::new(ACCOUNT, REGION, CLUSTER, "webapp", definition);
        add_service(&mut state, now, seed).unwrap();
    }
    world
}

/// The image of that tag, pinned.
pub(crate) fn image(tag: &str) -> String {
    let digest = ecr::digest(tag);
    format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/webapp@{digest}")
}

/// AWS as the account itself sees it: an access key of twelve digits is that account's.
pub(crate) fn aws(world: &World) -> Aws {
    fastrand::seed(7);
    Aws::new(
        world.http_client(),
        world.time_source(),
        REGION,
        ACCOUNT,
        Patience::STEP,
    )
}

/// How the service's next rollout goes.
pub(crate) fn script(world: &World, script: &Script) {
    let now = world.now();
    let mut state = world.state();
    assert!(state.ecs.set_script(now, CLUSTER, "webapp", script));
}

/// From now on every such call meets this fault.
pub(crate) fn break_calls(world: &World, service: &str, operation: &str, kind: Kind) {
    let matcher = Matcher::operation(service, operation);
    world.state().faults.plan(matcher, kind);
}

/// Nothing goes wrong any more.
pub(crate) fn mend(world: &World) {
    world.state().faults.faults.clear();
}

/// The requests of that operation, in order.
pub(crate) fn requests(world: &World, operation: &str) -> Vec<serde_json::Value> {
    let state = world.state();
    let calls = state.calls.iter();
    calls
        .filter(|call| call.operation == operation)
        .map(|call| call.request.clone())
        .collect()
}

mod identity {
    use std::time::Duration;

    use super::super::ErrorKind;
    use super::super::sts::OnBehalf;
    use super::*;
    use crate::names::Actor;
    use crate::names::secret::Access;
    use crate::task_definition::AwsLogs;
    use crate::waiter::tokens::Token;

    #[tokio::test(start_paused = true)]
    async fn a_role_is_assumed_by_external_id_and_kept_until_shortly_before_its_end() {
        let world = world();
        world
            .state()
            .sts
            .add_role(ACCOUNT, "longshore-staging", Some("acme"));
        let role = format!("arn:aws:iam::{ACCOUNT}:role/longshore-staging");
        let here = aws(&world);
        let roles = here.roles();
        let behalf = OnBehalf {
            deploy: "0a1b2c3d",
            actor: &Actor::Longshore,
        };
        let denied = roles.assume(&role, "wrong", behalf).await.unwrap_err();
        assert_eq!(denied.kind(), &ErrorKind::Denied);
        let session = roles.assume(&role, "acme", behalf).await.unwrap();
        roles.assume(&role, "acme", behalf).await.unwrap();
        let other = OnBehalf {
            deploy: "9z9z9z9z",
            ..behalf
        };
        roles.assume(&role, "acme", other).await.unwrap();
        assert_eq!(requests(&world, "AssumeRole").len(), 3);
        tokio::time::sleep(Duration::from_secs(11 * 60)).await;
        roles.assume(&role, "acme", behalf).await.unwrap();
        assert_eq!(requests(&world, "AssumeRole").len(), 4);

        // Whoever acts in the account is named in every call.
        let there = here.at(&session, REGION).ecs(CLUSTER);
        there.describe_services(&["webapp"]).await.unwrap();
        let state = world.state();
        let caller = &state.calls.last().unwrap().caller;
        assert!(
            caller.arn.ends_with("/longshore-0a1b2c3d"),
            "{}",
            caller.arn
        );
        let tag = |key: &str| {
            let mut tags = caller.session_tags.iter();
            tags.find(|(name, _)| name == key)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(tag("longshore:deploy"), Some("0a1b2c3d"));
        assert_eq!(tag("longshore:actor"), Some("longshore"));
    }

    /// CloudWatch Logs may give pages without events before those that have some.
    #[tokio::test(start_paused = true)]
    async fn the_last_lines_are_found_behind_empty_pages() {
        let world = world();
        let now = world.now();
        let options = AwsLogs {
            group: "/ecs/webapp".to_owned(),
            region: None,
            prefix: Some("ecs".to_owned()),
        };
        let lines: Vec<String> = (0..40).map(|number| format!("line {number}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let put = |stream: &str, lines: &[&str]| {
            let logs = &mut world.state().logs;
            logs.put(ACCOUNT, REGION, "/ecs/webapp", stream, lines, now);
        };
        put("ecs/app/long", &lines);
        put("ecs/app/short", &["one", "two"]);
        let logs = aws(&world).logs();
        for (empty, calls) in [(0, 1), (1, 2), (4, 5)] {
            world.state().logs.empty_pages = empty;
            let before = requests(&world, "GetLogEvents").len();
            let found = logs.last_lines(&options, "app", "long", 15).await.unwrap();
            assert_eq!(found, lines[25..], "{empty} empty pages");
            assert_eq!(requests(&world, "GetLogEvents").len() - before, calls);
            let short = logs.last_lines(&options, "app", "short", 15).await.unwrap();
            assert_eq!(short, ["one", "two"]);
        }
        world.state().logs.empty_pages = 1_000;
        let before = requests(&world, "GetLogEvents").len();
        let found = logs.last_lines(&options, "app", "long", 15).await.unwrap();
        assert!(found.is_empty());
        assert_eq!(requests(&world, "GetLogEvents").len() - before, 6);
    }

    /// A logger makes one event of a key, or one of each of its lines, and a page begins anywhere in it.
    #[tokio::test(start_paused = true)]
    async fn a_key_in_a_log_is_blotted_out_whole() {
        let world = world();
        let now = world.now();
        let options = AwsLogs {
            group: "/ecs/webapp".to_owned(),
            region: None,
            prefix: Some("ecs".to_owned()),
        };
        let body = "MIIEpAIBAAKCAQEA1J2r5Yw7vK0mQhFh3kq9Zs1uXo2tBn8LrCw4eTg6PyDiVaSj";
        let begin = "-----BEGIN PRIVATE KEY-----";
        let end = "-----END PRIVATE KEY-----";
        let one = format!("{begin}\n{body}\nq1w2e3==\n{end}\n");
        let mut lines = vec![begin];
        lines.extend([body; 20]);
        lines.extend(["q1w2e3==", end, "ready", &one, "gone"]);
        {
            let logs = &mut world.state().logs;
            logs.put(ACCOUNT, REGION, "/ecs/webapp", "ecs/app/1", &lines, now);
        }
        let logs = aws(&world).logs();
        let found = logs.last_lines(&options, "app", "1", 15).await.unwrap();
        let blotted = format!("{begin} *** *** {end}");
        assert_eq!(found[9..], ["***", "***", end, "ready", &blotted, "gone"]);
        assert!(found[..9].iter().all(|line| line == "***"));
    }

    /// Only a parameter that is not there means that there is no token.
    #[tokio::test(start_paused = true)]
    async fn a_token_that_cannot_be_read_is_not_no_token() {
        let world = world();
        let token = Token::new(aws(&world).parameters(), "/longshore/bot-token");
        let minutes = async |many: u64| tokio::time::sleep(Duration::from_secs(many * 60)).await;
        for kind in [
            Kind::Throttled,
            Kind::Before5xx,
            Kind::Denied,
            Kind::TimedOut,
        ] {
            break_calls(&world, "ssm", "GetParameter", kind);
            assert!(
                matches!(token.get(world.now()).await, Access::Unread),
                "{kind:?}"
            );
            mend(&world);
        }
        assert!(matches!(token.get(world.now()).await, Access::Without));
        let now = world.now();
        world
            .state()
            .ssm
            .put_secret(now, "/longshore/bot-token", "xoxb-1");
        minutes(6).await;
        assert!(matches!(token.get(world.now()).await, Access::With(_)));
        break_calls(&world, "ssm", "GetParameter", Kind::Throttled);
        minutes(60).await;
        assert!(
            matches!(token.get(world.now()).await, Access::With(_)),
            "the last known"
        );
        mend(&world);
        world.state().ssm.remove("/longshore/bot-token");
        assert!(matches!(token.get(world.now()).await, Access::Without));
    }

    #[tokio::test(start_paused = true)]
    async fn a_parameter_is_read_decrypted_or_is_not_there() {
        let world = world();
        let now = world.now();
        world
            .state()
            .ssm
            .put_secret(now, "/longshore/signing-secret", "hush-hush-hush-hush");
        let parameters = aws(&world).parameters();
        let found = parameters.get("/longshore/signing-secret").await.unwrap();
        assert_eq!(found.unwrap().expose(), "hush-hush-hush-hush");
        assert_eq!(parameters.get("/longshore/none").await.unwrap(), None);
    }
}
