//! Ways back of applications whose containers run images of their own.

use longshore_sim::ecr::ImageStatus;
use longshore_sim::ecs::{Script, ServiceSeed, add_service};

use super::*;
use crate::town::BOB;

#[tokio::test(start_paused = true)]
async fn a_rollback_takes_every_container_back() {
    let chat = town("").await;
    for typed in [
        "site:main to staging",
        NGINX,
        "site:feature/signup-autocomplete to staging",
    ] {
        chat.does(typed).await;
    }
    let [app, jobs] = [
        chat.images_of("site-web").await,
        chat.images_of("site-jobs").await,
    ];
    assert_eq!(app[1], "site-nginx@3.1.0");
    assert_eq!(app[0], jobs[0]);
    // Before the branch, nginx had been deployed.
    assert_snapshot!(chat.does("rollback site on staging").await, @r"
    Longshore in #deploys
      # Rolling back site on staging
      `feature/signup-autocomplete@219e7d6 + nginx:3.1.0` → *`main@d90f2a8 + nginx:3.1.0`*, without 1 commit (ada). Asked by @ada.
      Goes back to `main@d90f2a8 + nginx:3.1.0` (deploy `id-2`), exactly as it ran from 10:02 today on. It is not live any more because `feature/signup-autocomplete@219e7d6 + nginx:3.1.0` was deployed just now.
      One after the other: `site-web`, `site-jobs`
      – Deploy `id-4`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # site rolled back to main@d90f2a8 + nginx:3.1.0 on staging
      ✅ `feature/signup-autocomplete@219e7d6 + nginx:3.1.0` → `main@d90f2a8 + nginx:3.1.0`, without 1 commit (ada), in 1 min, 39 sec. Asked by @ada.
      – The next deploy brings back what was taken away, unless it was mended or reverted first. `/deploy history site staging` lists what ran.
      – `id-4` · 10:05 today
      [ Deploy what was left again ]
    ");
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@main", "site-nginx@3.1.0"]
    );
    assert_eq!(chat.images_of("site-jobs").await, ["site@main"]);
    // Before nginx had been deployed, it was an older one; the other service is as it was then.
    let first = chat.deploys().remove(0);
    assert_snapshot!(chat.does(&format!("rollback site on staging to {first}")).await, @r"
    Longshore in #deploys
      # Rolling back site on staging
      `main@d90f2a8 + nginx:3.1.0` → *`main@d90f2a8 + nginx:3.0.0`*. Asked by @ada.
      Goes back to `main@d90f2a8 + nginx:3.0.0` (deploy `id-1`), exactly as it ran from 10:01 today on. It is not live any more because `main@d90f2a8 + nginx:3.1.0` was deployed 3 min ago.
      – Deploy `id-5`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # site rolled back main@d90f2a8 + nginx:3.1… → main@d90f2a8 + nginx:3.0… on staging
      ✅ Done in 45 sec. Asked by @ada.
      – `/deploy history site staging` lists what ran.
      – `id-5` · 10:06 today
      [ Deploy what was left again ]
    ");
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@main", "site-nginx@3.0.0"]
    );
    assert_eq!(chat.images_of("site-jobs").await, ["site@main"]);
}

#[tokio::test(start_paused = true)]
async fn a_way_back_is_offered_with_every_image_and_not_where_one_is_gone() {
    let chat = town("").await;
    for typed in [NGINX, "site/nginx:3.2.0 to staging"] {
        chat.does(typed).await;
    }
    let archived = |version: &str, status| {
        let digest = ecr::digest(version);
        let mut state = chat.world.state();
        state
            .ecr
            .set_status(PROD, REGION, "site-nginx", &digest, status);
    };
    archived("3.1.0", ImageStatus::Archived);
    chat.types(ADA, "rollback site on staging").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The rollback of site was refused on staging
      ⛔ Nothing was started.
      The newest good version of `site` on staging is `b196b6a + nginx:3.1.0`. It cannot be gone back to: its image `84e4509524fd` is `ARCHIVED` and cannot be pulled until it is restored. No older one can be either. Deploy the version you want; `/deploy history site staging` shows what ran.
      – `id-3` · 10:01 today
    ");
}

#[tokio::test(start_paused = true)]
async fn one_image_that_does_not_come_up_is_taken_back_alone() {
    let chat = town("").await;
    chat.does("site:main to staging").await;
    chat.script("staging", "site-web", Script::CrashLoop);
    assert_snapshot!(chat.does(NGINX).await, @r"
    Longshore in #deploys
      # Deploying site to staging
      `main@d90f2a8 + nginx:3.0.0` → *`main@d90f2a8 + nginx:3.1.0`*. Asked by @ada.
      – Deploy `id-2`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # site main@d90f2a8 + nginx:3.1.0 did not come up on staging
      ↩️ `main@d90f2a8 + nginx:3.0.0` runs as before, 3 of 3 running. ECS went back after 31 sec. Asked by @ada.
      • `site-web`: `site-web:3` did not come up; ECS rolled it back: `Service deployment rolled back because the circuit breaker threshold was exceeded.`
      • `site-jobs`: has no container for this image, and is left alone
      *Why:* `3 × app exited with code 1`
      ```starting up
      configuration key DATABASE_URL is missing
      fatal: giving up```
      log stream · tasks
      – `id-2` · 10:01 today
      [ Retry ] [ Definition diff ]
    ");
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@main", "site-nginx@3.0.0"]
    );
    chat.types(BOB, "status staging").await;
    chat.settles().await;
    let read = chat.reads();
    let (_, line) = read.split_once("site").unwrap();
    assert!(line.contains("main@d90f2a8 + nginx:3.0.0"), "{read}");
    assert!(!line.contains("3.1.0"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn an_application_that_is_given_images_later_can_still_go_back() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.builds_site();
    let before = SITE.replace("images ", "# ");
    chat.push(&format!("{CONFIG}{before}")).await;
    chat.does("site:main to staging").await;
    chat.push(&format!("{CONFIG}{SITE}")).await;
    chat.does("site:feature/signup-autocomplete to staging")
        .await;
    // What a tag stood for is kept from then on.
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@feature/signup-autocomplete", "site-nginx@3.0.0"]
    );
    chat.does(NGINX).await;
    let first = chat.deploys().remove(0);
    let read = chat
        .does(&format!("rollback site on staging to {first}"))
        .await;
    assert!(read.contains("→ *`main@d90f2a8 + nginx:"), "{read}");
    // Beside what was deployed, it was pinned to what ran.
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@main", "site-nginx@3.0.0"]
    );
    // And on from there.
    chat.does(NGINX).await;
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@main", "site-nginx@3.1.0"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_image_that_came_from_elsewhere_is_gone_back_to_as_it_was() {
    let chat = town("").await;
    // Until now the proxy was somebody else's.
    let registry = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com");
    let foreign = &*format!("{registry}/mirror:1.27");
    let (_, first) = chat.known().remove(2);
    let app = format!("{registry}/site@{first}");
    let containers = [("app", &*app), ("nginx", foreign)];
    let definition = task_definition(DEV, REGION, "site-web", &containers);
    let now = chat.world.now();
    let changes = |state: &mut longshore_sim::State| {
        let home = (DEV, REGION);
        state.ecs.delete("staging", "site-web");
        let arn = state.ecs.add_definition(now, home, &definition).unwrap();
        let seed = ServiceSeed::new(DEV, REGION, "staging", "site-web", arn.into());
        add_service(state, now, seed).unwrap();
    };
    changes(&mut chat.world.state());
    chat.does("site:main to staging").await;
    // The application's own deploy pins it where it comes from.
    let pinned = format!("mirror@{}", ecr::digest(foreign));
    assert_eq!(chat.images_of("site-web").await, ["site@main", &*pinned]);
    chat.does(NGINX).await;
    chat.does("site:feature/signup-autocomplete to staging")
        .await;
    let first = chat.deploys().remove(0);
    let read = chat
        .does(&format!("rollback site on staging to {first}"))
        .await;
    assert!(read.contains("✅ "), "{read}");
    assert_eq!(chat.images_of("site-web").await, ["site@main", &*pinned]);
}
