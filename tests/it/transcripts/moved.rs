//! Tags that move while nobody looks. ECS resolves a tag anew at every rollout, so that whatever Longshore
//! sends must name the digest that ran.

mod onward;

use std::time::Duration;

use longshore::record::Verdict;
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, DEV, PROD, REGION, digest_of, with_before, with_schedules};

const REGISTRY: &str = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";

const PUBLIC: &str = "public.ecr.aws/envoy/envoy:v1";

const SERVICES: [&str; 2] = ["cms-api", "cms-worker"];

/// What ran before anything moved.
struct Ran {
    app: String,
    sidecar: String,
}

impl Chat {
    /// cms, whose services run `cms:mut` beside a sidecar of ECR and one of elsewhere; both tags of ECR
    /// have moved since.
    async fn moved(config: &str) -> (Self, Ran) {
        let chat = Self::empty(Bot::Token).await;
        let (app, sidecar) = (digest_of("cms one"), digest_of("sidecar one"));
        chat.push_image("cms", "mut", &app);
        chat.push_image("sidecar", "mut", &sidecar);
        let images = [
            format!("{REGISTRY}/cms:mut"),
            format!("{REGISTRY}/sidecar:mut"),
        ];
        let containers = [
            ("app", &*images[0]),
            ("sidecar", &images[1]),
            ("envoy", PUBLIC),
        ];
        for service in SERVICES {
            chat.runs_there(service, &containers);
        }
        chat.push(config).await;
        chat.push_image("cms", "mut", &digest_of("cms moved"));
        chat.push_image("sidecar", "mut", &digest_of("sidecar two"));
        (chat, Ran { app, sidecar })
    }

    fn push_image(&self, repository: &str, tag: &str, digest: &str) {
        let now = self.world.now();
        let ecr = &mut self.world.state().ecr;
        ecr.push(PROD, REGION, repository, &[tag], digest, now);
    }

    /// The digests that a service on staging runs of `app` and `sidecar`.
    fn runs_now(&self, service: &str) -> (String, String) {
        let running = self.world.state().ecs.running("staging", service);
        let of = |name: &str| {
            let mut own = running.iter().filter(|(container, _)| container == name);
            let (_, digest) = own.next().unwrap();
            assert_eq!(own.next(), None, "{service} runs several of {name}");
            digest.clone()
        };
        (of("app"), of("sidecar"))
    }

    fn runs_as_before(&self, ran: &Ran) {
        for service in SERVICES {
            let before = (ran.app.clone(), ran.sidecar.clone());
            assert_eq!(self.runs_now(service), before, "{service}");
        }
    }

    fn calls_of(&self, operation: &str) -> usize {
        let state = self.world.state();
        let calls = state.calls.iter();
        calls.filter(|call| call.operation == operation).count()
    }

    async fn ends(&self, typed: &str) -> Verdict {
        self.types(ADA, typed).await;
        self.settles().await;
        self.skips();
        let id = self.newest_deploy();
        self.deploy(&id).await.verdict().unwrap()
    }

    /// The image of every container of the newest revision of a family on staging.
    async fn head(&self, family: &str) -> Vec<String> {
        let definition = self.describes(family).await;
        let containers = definition["taskDefinition"]["containerDefinitions"].as_array();
        let images = containers.unwrap().iter();
        images
            .map(|one| one["image"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn describes(&self, name: &str) -> serde_json::Value {
        let request = http::Request::post("https://ecs.eu-west-1.amazonaws.com/")
            .header("content-type", "application/x-amz-json-1.1")
            .header(
                "x-amz-target",
                "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition",
            )
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={DEV}/20260301/eu-west-1/ecs/aws4_request, SignedHeaders=host, Signature=0"),
            )
            .body(serde_json::json!({ "taskDefinition": name, "include": ["TAGS"] }).to_string().into())
            .unwrap();
        let answer = self.world.call(request).await.unwrap();
        serde_json::from_slice(answer.body()).unwrap()
    }

    fn arn(&self, name: &str) -> String {
        format!("arn:aws:ecs:{REGION}:{DEV}:task-definition/{name}")
    }

    fn deregister(&self, name: &str) {
        let (now, arn) = (self.world.now(), self.arn(name));
        self.world.state().ecs.deregister(now, &arn);
    }
}

#[tokio::test(start_paused = true)]
async fn a_way_back_goes_to_the_images_that_ran() {
    for script in [
        Script::CrashLoop,
        Script::BreakerWithoutRollback,
        Script::ImagePullError,
    ] {
        let (chat, ran) = Chat::moved(CONFIG).await;
        chat.script("staging", "cms-worker", script.clone());
        let verdict = chat.ends("cms:1.0.2 to staging").await;
        assert_ne!(verdict, Verdict::Succeeded);
        let before = (ran.app.clone(), ran.sidecar.clone());
        assert_eq!(chat.runs_now("cms-api"), before, "{script:?}");
        // The way back is ours, and no change of somebody else's.
        chat.types(ADA, "status cms on staging").await;
        chat.seconds(30).await;
        let read = chat.reads();
        assert!(!read.contains("outside"), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancel_goes_back_to_the_images_that_ran() {
    for seconds in [20, 40, 60, 80] {
        let (chat, ran) = Chat::moved(CONFIG).await;
        chat.script(
            "staging",
            "cms-worker",
            Script::Slow(Duration::from_secs(600)),
        );
        chat.types(ADA, "cms:1.0.2 to staging").await;
        chat.seconds(seconds).await;
        chat.types(ADA, "cancel cms on staging").await;
        chat.seconds(2).await;
        chat.clicks(ADA, "stop_back").await;
        chat.settles().await;
        chat.skips();
        chat.runs_as_before(&ran);
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_runs_the_images_that_ran() {
    let (chat, ran) = Chat::moved(CONFIG).await;
    for _ in 0..2 {
        assert_eq!(
            chat.ends("restart cms on staging").await,
            Verdict::Succeeded
        );
        chat.runs_as_before(&ran);
    }
    // The second found everything pinned that can be.
    let updates = chat.world.state().ecs.update_calls("staging", "cms-api");
    assert_eq!(updates, 2);
}

#[tokio::test(start_paused = true)]
async fn a_deploy_leaves_the_sidecars_as_they_ran_and_a_rollback_brings_all_back() {
    let (chat, ran) = Chat::moved(CONFIG).await;
    assert_eq!(chat.ends("cms:1.0.2 to staging").await, Verdict::Succeeded);
    let second = digest_of(&chat.commit("acme/cms", "1.0.2"));
    for service in SERVICES {
        assert_eq!(
            chat.runs_now(service),
            (second.clone(), ran.sidecar.clone())
        );
    }
    chat.push_image("sidecar", "mut", &digest_of("sidecar three"));
    chat.deregister("cms-api:2");
    chat.types(ADA, "rollback cms on staging").await;
    chat.seconds(10).await;
    if chat.reads().contains("[ Confirm ]") {
        chat.clicks(ADA, "confirm").await;
    }
    chat.settles().await;
    chat.skips();
    chat.runs_as_before(&ran);
}

#[tokio::test(start_paused = true)]
async fn a_revision_that_was_deregistered_is_copied_on_the_way_back() {
    let (chat, ran) = Chat::moved(CONFIG).await;
    chat.deregister("cms-api:2");
    chat.deregister("cms-worker:2");
    chat.script("staging", "cms-worker", Script::CrashLoop);
    chat.ends("cms:1.0.2 to staging").await;
    assert_eq!(chat.runs_now("cms-api").0, ran.app);
    assert_eq!(
        chat.ends("restart cms on staging").await,
        Verdict::Succeeded
    );
    chat.runs_as_before(&ran);
}

#[tokio::test(start_paused = true)]
async fn a_way_back_that_is_closed_is_said_before_and_not_tried() {
    let confirm = CONFIG.replacen("confirm  = false", "confirm  = true", 1);
    let (chat, _) = Chat::moved(&confirm).await;
    let (now, arn) = (chat.world.now(), chat.arn("cms-api:2"));
    chat.world.state().ecs.delete_revision(now, &arn);
    chat.script("staging", "cms-worker", Script::CrashLoop);
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.seconds(10).await;
    let asked = chat.reads();
    assert!(asked.contains("`cms-api` has no way back"), "{asked}");
    assert!(asked.contains("public.ecr.aws/envoy/envoy:v1"), "{asked}");
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    let second = digest_of(&chat.commit("acme/cms", "1.0.2"));
    assert_eq!(chat.runs_now("cms-api").0, second);
    assert!(!read.contains("not certain"), "{read}");
    let deploy = chat.deploy(&chat.newest_deploy()).await;
    assert_eq!(deploy.verdict(), Some(Verdict::Failed));
    assert!(
        !deploy.ending.unwrap().why.to_string().contains("cms-api:"),
        "{read}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_restart_of_what_failed_is_refused() {
    let chat = Chat::new(Bot::Token).await;
    chat.script("staging", "webapp", Script::BreakerWithoutRollback);
    assert_eq!(chat.ends("webapp:1.0.2 to staging").await, Verdict::Failed);
    chat.types(ADA, "restart webapp on staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("Nothing was restarted"), "{read}");
    let updates = chat.world.state().ecs.update_calls("staging", "webapp");
    assert_eq!(updates, 1);
    // What it says to do instead works.
    chat.seconds(5).await;
    assert_eq!(
        chat.ends("webapp:1.0.2 to staging").await,
        Verdict::Succeeded
    );
    assert_eq!(
        chat.ends("restart webapp on staging").await,
        Verdict::Succeeded
    );
}

#[tokio::test(start_paused = true)]
async fn what_tasks_run_is_put_back_by_digest() {
    let (before, schedules) = (with_before(), with_schedules());
    for (config, family) in [(before, "cms-migrate"), (schedules, "nightly-report")] {
        let (chat, ran) = Chat::moved(&config).await;
        chat.registers_tags(family);
        chat.types(ADA, "cms:1.0.2 to staging").await;
        match family {
            // The one-off task ran, and a service fails.
            "cms-migrate" => chat.script("staging", "cms-worker", Script::CrashLoop),
            // The first schedule is out, and the second is somebody else's.
            _ => {
                chat.seconds(20).await;
                let foreign = chat.arn("cleanup:1");
                chat.world.state().scheduler.repoint("cleanup", &foreign);
            }
        }
        chat.settles().await;
        chat.skips();
        let pinned = [
            format!("{REGISTRY}/cms@{}", ran.app),
            format!("{REGISTRY}/sidecar@{}", ran.sidecar),
        ];
        assert_eq!(chat.head(family).await, pinned, "{family}");
        chat.runs_as_before(&ran);
        if family != "nightly-report" {
            continue;
        }
        let put_back = chat.scheduled_arn(family);
        assert_eq!(chat.head(&put_back).await, pinned);
        // It is what ran: nothing to go back to.
        let id = chat.newest_deploy();
        let past = longshore::past::of(&chat.deploy(&id).await);
        let ran_as = longshore::past::ran_as(&past, family, &put_back);
        assert_eq!(ran_as, chat.arn("nightly-report:2"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_at_no_tasks_goes_back_to_what_ran_last() {
    // The history has seen it run, ECS shows what it resolved, or ECR says what the tag means.
    for (seen, moved) in [(true, true), (false, false)] {
        let (chat, ran) = Chat::moved(CONFIG).await;
        if seen {
            assert_eq!(
                chat.ends("cms:gone to staging").await,
                Verdict::Refused,
                "the first look at it"
            );
        }
        let now = chat.world.now();
        for service in SERVICES {
            let ecs = &mut chat.world.state().ecs;
            ecs.set_desired_count(now, "staging", service, 0);
        }
        if !moved {
            chat.push_image("cms", "mut", &ran.app);
        }
        chat.seconds(120).await;
        assert_eq!(
            chat.ends("restart cms on staging").await,
            Verdict::Succeeded
        );
        let head = chat.head("cms-api").await;
        assert_eq!(head[0], format!("{REGISTRY}/cms@{}", ran.app), "{seen}");
        match seen {
            true => assert_eq!(head[1], format!("{REGISTRY}/sidecar@{}", ran.sidecar)),
            // Nobody may ask what that means.
            false => assert_eq!(head[1], format!("{REGISTRY}/sidecar:mut")),
        }
    }
}

impl Chat {
    /// A family on staging gets a revision of two containers that name tags, and a schedule of that name
    /// runs it.
    fn registers_tags(&self, family: &str) {
        let images = [
            format!("{REGISTRY}/cms:mut"),
            format!("{REGISTRY}/sidecar:mut"),
        ];
        self.registers_task(family, &[("app", &images[0]), ("sidecar", &images[1])]);
    }

    /// What a schedule on staging runs.
    fn scheduled_arn(&self, name: &str) -> String {
        let schedule = self.schedule(name);
        let arn = &schedule["Target"]["EcsParameters"]["TaskDefinitionArn"];
        arn.as_str().unwrap().to_owned()
    }

    /// A family on staging gets a revision of these containers, and a schedule of that name runs it.
    fn registers_task(&self, family: &str, containers: &[(&str, &str)]) {
        let definition = longshore_sim::ecs::task_definition(DEV, REGION, family, containers);
        let now = self.world.now();
        let state = &mut *self.world.state();
        let arn = state.ecs.add_definition(now, (DEV, REGION), &definition);
        state.scheduler.repoint(family, &arn.unwrap());
    }
}
