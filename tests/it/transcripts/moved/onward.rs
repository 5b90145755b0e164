//! What else runs by digest: the head, one-off tasks, schedules, what is tried again.

use insta::assert_snapshot;
use longshore_sim::fault::{Kill, Kind, Matcher};

use super::*;

#[tokio::test(start_paused = true)]
async fn the_head_is_made_what_last_worked_never_what_is_known_to_be_bad() {
    let (chat, ran) = Chat::moved(CONFIG).await;
    for _ in 0..2 {
        for service in SERVICES {
            chat.script("staging", service, Script::BreakerWithoutRollback);
        }
        assert_eq!(chat.ends("cms:1.0.2 to staging").await, Verdict::Failed);
        let head = chat.head("cms-api").await;
        assert_eq!(head[0], format!("{REGISTRY}/cms@{}", ran.app));
        // It does not run the commit that failed, and says so.
        let described = chat.describes("cms-api").await;
        assert!(described["tags"].to_string().contains("longshore:deploy"));
        assert!(!described["tags"].to_string().contains("longshore:commit"));
        assert_eq!(head[1], format!("{REGISTRY}/sidecar@{}", ran.sidecar));
        assert_eq!(head[2], PUBLIC);
    }
}

#[tokio::test(start_paused = true)]
async fn one_off_tasks_and_schedules_have_the_sidecars_that_run() {
    let (before, schedules) = (with_before(), with_schedules());
    for (config, family) in [(before, "cms-migrate"), (schedules, "nightly-report")] {
        let (chat, ran) = Chat::moved(&config).await;
        chat.registers_tags(family);
        assert_eq!(chat.ends("cms:1.0.2 to staging").await, Verdict::Succeeded);
        let head = chat.head(family).await;
        let sidecar = format!("{REGISTRY}/sidecar@{}", ran.sidecar);
        assert_eq!(head[1], sidecar, "{family}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_gives_schedules_the_images_that_ran() {
    let (chat, ran) = Chat::moved(&with_schedules()).await;
    chat.registers_tags("nightly-report");
    assert_eq!(chat.ends("cms:1.0.2 to staging").await, Verdict::Succeeded);
    chat.types(ADA, "rollback cms on staging").await;
    chat.seconds(10).await;
    if chat.reads().contains("[ Confirm ]") {
        chat.clicks(ADA, "confirm").await;
    }
    chat.settles().await;
    chat.skips();
    chat.runs_as_before(&ran);
    let runs = chat.scheduled_arn("nightly-report");
    let pinned = [
        format!("{REGISTRY}/cms@{}", ran.app),
        format!("{REGISTRY}/sidecar@{}", ran.sidecar),
    ];
    assert_eq!(chat.head(&runs).await, pinned);
}

#[tokio::test(start_paused = true)]
async fn what_a_newer_definition_names_by_tag_is_pinned_to_what_that_means() {
    let keys = "containers   = [\"app\"]\nbase         = \"head\"\n";
    let config = CONFIG.replace(
        "[applications.cms]\n",
        &format!("[applications.cms]\n{keys}"),
    );
    let (chat, _) = Chat::moved(&config).await;
    let next = digest_of("cms next");
    chat.push_image("cms", "next", &next);
    let [app, cron] = ["mut", "next"].map(|tag| format!("{REGISTRY}/cms:{tag}"));
    for service in SERVICES {
        chat.registers_task(service, &[("app", &app), ("cron", &cron)]);
    }
    assert_eq!(chat.ends("cms:1.0.2 to staging").await, Verdict::Succeeded);
    let head = chat.head("cms-api").await;
    assert_eq!(head[1], format!("{REGISTRY}/cms@{next}"));
}

/// The answer to the call that registers is lost, or who hears it dies, and then somebody cancels.
#[tokio::test(start_paused = true)]
async fn the_head_is_restored_also_where_nobody_wrote_down_what_was_registered() {
    let register = || Matcher::operation("ecs", "RegisterTaskDefinition").nth(1);
    for dies in [false, true] {
        for (config, family) in [
            (CONFIG.to_owned(), "cms-api"),
            (with_before(), "cms-migrate"),
        ] {
            let (chat, ran) = Chat::moved(&config).await;
            chat.registers_tags("cms-migrate");
            {
                let faults = &mut chat.world.state().faults;
                match dies {
                    true => faults.kill(register(), Kill::After),
                    false => faults.plan(register(), Kind::LostLate),
                }
            }
            chat.types(ADA, "cms:1.0.2 to staging").await;
            while chat.world.state().faults.fired() == 0 {
                chat.seconds(1).await;
            }
            chat.types(ADA, "cancel cms on staging").await;
            chat.seconds(1).await;
            let read = chat.reads();
            if read.contains("[ Stop and roll back") {
                chat.clicks(ADA, "stop_back").await;
            }
            chat.settles().await;
            chat.skips();
            let deploy = chat.deploy(&chat.newest_deploy()).await;
            assert_eq!(
                deploy.verdict(),
                Some(Verdict::Cancelled),
                "{family} {dies}"
            );
            let registered = chat.calls_of("RegisterTaskDefinition");
            assert_eq!(registered, 2, "{family} {dies}");
            let head = chat.head(family).await;
            assert_eq!(
                head[0],
                format!("{REGISTRY}/cms@{}", ran.app),
                "{family} {dies}"
            );
        }
    }
}

/// **Retry** is about the image that the card names: its branch and its tag may have moved on since.
#[tokio::test(start_paused = true)]
async fn what_is_tried_again_is_what_the_card_names() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("staging", "webapp", Script::CrashLoop);
    assert_eq!(
        chat.ends("webapp:main to staging").await,
        Verdict::RolledBack
    );
    let first = chat.deploy(&chat.newest_deploy()).await.plan.unwrap();
    let first = first.only().unwrap().clone();
    let fresh = {
        let mut state = chat.world.state();
        state
            .github
            .repo("acme/webapp")
            .commit("main", "Later", "sam")
    };
    chat.push_image("webapp", &fresh, &digest_of("later"));
    for script in [Script::CrashLoop, Script::Happy] {
        chat.script("staging", "webapp", script);
        chat.clicks(ADA, "retry").await;
        chat.settles().await;
        let again = chat.deploy(&chat.newest_deploy()).await.plan.unwrap();
        let again = again.only().unwrap();
        assert_eq!(again.image, first.image);
        assert_eq!(again.label, first.label);
        assert_eq!(again.commit, first.commit);
    }
    let digest = first.image.unwrap().digest.to_string();
    let running = chat.world.state().ecs.running("staging", "webapp");
    assert!(running.iter().all(|(_, one)| *one == digest), "{running:?}");
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn what_is_tried_again_is_refused_where_its_image_is_gone() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.script("staging", "webapp", Script::CrashLoop);
    assert_eq!(
        chat.ends("webapp:main to staging").await,
        Verdict::RolledBack
    );
    let plan = chat.deploy(&chat.newest_deploy()).await.plan.unwrap();
    let image = plan.only().unwrap().image.clone().unwrap();
    let digest = image.digest.to_string();
    chat.world
        .state()
        .ecr
        .delete_image(PROD, REGION, "webapp", &digest);
    // The tag is there again, and is another image.
    chat.push_image("webapp", &image.tag.unwrap(), &digest_of("another"));
    chat.skips();
    chat.clicks(ADA, "retry").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:main was refused on staging
      ⛔ Nothing was started.
      The image of `main@680af60` is not in `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp` any more. Build it again, or deploy the newest image there (`680af6092fd37905d8f…`, pushed 10:00 today): `/deploy webapp:680af6092fd37905d8f8385d0566001f014f9219 to staging`
      – `id-2` · 10:00 today
    ");
}
