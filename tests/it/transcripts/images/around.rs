//! What else follows the images: what is published, schedules, other applications, deploys beside.

use longshore::record::Verdict;
use longshore_sim::ecs::{ServiceSeed, add_service};
use longshore_sim::fault::{Kind, Matcher};

use super::*;
use crate::town::BOB;

/// The same, in which staging's versions are published.
async fn publishing() -> Chat {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.builds_site();
    let publish = CONFIG.replace("confirm  = false", "confirm  = false\npublish  = true");
    chat.push(&format!("{publish}{SITE}")).await;
    chat
}

#[tokio::test(start_paused = true)]
async fn every_image_is_published_under_its_container() {
    const OWN: &str = "/longshore/staging/site/image";
    const ITS: &str = "/longshore/staging/site/nginx/image";
    let chat = publishing().await;
    let image = |of: &str| Some(format!("site-nginx@{}", ecr::digest(of)));
    chat.does(NGINX).await;
    assert_eq!(
        (chat.parameter(OWN), chat.parameter(ITS)),
        (None, image("3.1.0"))
    );
    // What was not deployed is not published by it.
    chat.does("site:main to staging").await;
    let own = chat.parameter(OWN);
    let (_, main) = chat.known().remove(0);
    assert_eq!(own, Some(format!("site@{main}")));
    chat.does("site/nginx:3.2.0 to staging").await;
    assert_eq!(
        (chat.parameter(OWN), chat.parameter(ITS)),
        (own.clone(), image("3.2.0"))
    );
    chat.does("rollback site on staging").await;
    assert_eq!(
        (chat.parameter(OWN), chat.parameter(ITS)),
        (own, image("3.1.0"))
    );
    let id = chat.newest_deploy();
    chat.types(EVE, &format!("show {id}")).await;
    let read = chat.reads();
    let published = read.lines().find(|line| line.contains("*Published*"));
    assert_snapshot!(published.unwrap(), @r"  │ *Published*: `/longshore/staging/site/image` holds `site@sha256:688980f9413c853ad8464a3693722ad2b31e7bf1367f2195e29a6f3fc53324b1`; `/longshore/staging/site/nginx/image` holds `site-nginx@sha256:84e4509524fd99960badbac55254afcea330d7a10eabd6a5f1dcb45fc38c3f40`");
    // What cannot be written is said of each.
    chat.does("site/nginx:3.2.0 to staging").await;
    let put = Matcher::operation("ssm", "PutParameter");
    chat.world.state().faults.plan(put, Kind::Throttled);
    chat.does("rollback site on staging").await;
    let id = chat.newest_deploy();
    chat.types(EVE, &format!("show {id}")).await;
    let read = chat.reads();
    for name in [OWN, ITS] {
        let said = format!("*`{name}` could not be written*");
        assert!(read.contains(&said), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_schedule_follows_the_images_that_its_task_runs() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.builds_site();
    let schedules = "schedules = [\"sweep:site-jobs\"]";
    chat.push(&format!("{CONFIG}{SITE}{schedules}\n")).await;
    let runs =
        |revision: u32| format!("arn:aws:ecs:{REGION}:{DEV}:task-definition/site-jobs:{revision}");
    let now = chat.world.now();
    let adds = |state: &mut longshore_sim::State| {
        state
            .scheduler
            .add(now, (DEV, REGION), ("sweep", "staging"), &runs(1));
    };
    adds(&mut chat.world.state());
    let scheduled = || {
        let state = chat.world.state();
        let found = state.scheduler.named("sweep");
        let task = &found[0]["Target"]["EcsParameters"]["TaskDefinitionArn"];
        task.as_str().unwrap().to_owned()
    };
    chat.does("site:main to staging").await;
    assert_eq!(scheduled(), runs(2));
    chat.does(NGINX).await;
    assert_eq!(scheduled(), runs(2));
    chat.does("site:feature/signup-autocomplete to staging")
        .await;
    assert_eq!(scheduled(), runs(3));
    // Nginx's deploy left it alone, and it is put back to what it ran then.
    chat.does("rollback site on staging").await;
    assert_eq!(scheduled(), runs(2));
}

#[tokio::test(start_paused = true)]
async fn one_image_of_one_application_goes_out_with_all_of_another() {
    let chat = publishing().await;
    assert_snapshot!(chat.does("webapp:main,site/nginx:3.1.0 to staging").await, @r"
    Longshore in #deploys
      # Deploying webapp and site to staging
      Asked by @ada.
      • *webapp*: 5a91773 → *main@680af60*, `webapp`, digest `48a55179e67c`
      • *site*: `b196b6a + nginx:3.0.0` → *`b196b6a + nginx:3.1.0`*, `site-nginx` `3.1.0`, digest `84e4509524fd`
      One after the other: `webapp`, `site-web`
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # webapp and site were deployed to staging
      ✅ Done in 1 min, 39 sec. Asked by @ada.
      • *webapp*: 5a91773 → *main@680af60*, 1 commit (bob)
      • *site*: `b196b6a + nginx:3.0.0` → *`b196b6a + nginx:3.1.0`*
      – `id-1` · 10:01 today
      [ Roll back ]
    ");
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@0.9.0", "site-nginx@3.1.0"]
    );
    let id = chat.newest_deploy();
    chat.types(EVE, &format!("show {id}")).await;
    chat.types(EVE, "history site").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # Deploy id-1: webapp and site · staging
      *webapp and site: deployed versions main@680af60 and `nginx:3.1.0` to staging in 1 min, 39 sec*
      │ *Asked for*: `webapp:main` and `site/nginx:3.1.0` to staging
      │ *By*: @ada at 10:00 today
      │ *Where it is*: succeeded
      │ *Time*: started 10:00 today, less than a second after it was asked for; ended 10:01 today, took 1 min, 39 sec from its start
      │ *Confirmed*: was not asked for
      │ *Told*: verdict told in answer to the request
      │ *Published*: `/longshore/staging/webapp/image` holds `webapp@sha256:48a55179e67c021951978083c550e89fc87e53ee6c396520cf274510811a93cc`; `/longshore/staging/site/nginx/image` holds `site-nginx@sha256:84e4509524fd99960badbac55254afcea330d7a10eabd6a5f1dcb45fc38c3f40`
      │ *From*: 5a91773, `b196b6a + nginx:3.0.0`
      │ *To*: main@680af60 and `nginx:3.1.0`
      │ *Configuration*: version 1
      │ *Cluster*: `staging` in eu-west-1, account `222222222222`
      • *webapp*: 5a91773 → *main@680af60*, `webapp`, digest `48a55179e67c`
      • *site*: `b196b6a + nginx:3.0.0` → *`b196b6a + nginx:3.1.0`*, `site-nginx` `3.1.0`, digest `84e4509524fd`
      • `webapp`: runs `webapp:2`; lease fence 1
      • `site-web`: runs `site-web:2`; lease fence 1

    Longshore in #deploys · Only visible to you, eve
      # The latest change
      • `id-1` site staging: `b196b6a + nginx:3.1.0`, @ada, 2026-03-02 10:01, in 1 min, 39 sec
      – `/deploy show id-1` tells everything about one.
    ");
    assert_eq!(chat.parameter("/longshore/staging/site/image"), None);
    for name in ["webapp", "site/nginx"] {
        let name = format!("/longshore/staging/{name}/image");
        assert!(chat.parameter(&name).is_some(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_deploy_begins_while_another_changes_what_it_leaves_alone() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.builds_site();
    // Two services that share nothing: of the first, nginx's deploy changes nothing.
    let apart = SITE.replace(
        "images       = { nginx = { image = \"site-nginx\" } }",
        "containers   = [\"app\"]\nimages       = { nginx = { image = \"site-nginx\" }, sidecar = { image = \"site\" } }",
    );
    chat.push(&format!("{CONFIG}{apart}")).await;
    let registry = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com");
    let definitions = [
        ("site-jobs", "app", "site:first"),
        ("site-web", "nginx", "site-nginx:3.0.0"),
    ];
    let now = chat.world.now();
    let divides = |state: &mut longshore_sim::State| {
        let (_, first) = known(state).remove(2);
        state.ecr.retag(PROD, REGION, "site", "first", &first);
        for (service, container, image) in definitions {
            state.ecs.delete("production", service);
            let image = format!("{registry}/{image}");
            let definition = task_definition(PROD, REGION, service, &[(container, &image)]);
            let seed = ServiceSeed::new(PROD, REGION, "production", service, definition);
            add_service(state, now, seed).unwrap();
        }
    };
    divides(&mut chat.world.state());
    for (user, typed) in [(ADA, "site/nginx:3.1.0"), (BOB, "site:main")] {
        chat.types(user, &format!("{typed} to production")).await;
        chat.seconds(10).await;
    }
    // Both plans are made, and both have what they stand on when they begin.
    let register = Matcher::operation("ecs", "RegisterTaskDefinition").nth(1);
    chat.world.state().faults.plan(register, Kind::Before5xx);
    chat.clicks(ADA, "confirm").await;
    chat.clicks(BOB, "confirm").await;
    chat.settles().await;
    let read = chat.reads();
    let refused = "Deploy `id-2` of `site` to production is still under way. @bob asked for it";
    assert!(read.contains(refused), "{read}");
    // Also where no service has it all, both are named.
    let from = "`b196b6a + nginx:3.0.0` → ";
    for to in ["`b196b6a + nginx:3.1.0`", "`main@d90f2a8 + nginx:3.0.0`"] {
        assert!(read.contains(&format!("{from}*{to}*")), "{read}");
    }
    let mut ended = Vec::new();
    for id in chat.deploys() {
        ended.push(chat.deploy(&id).await.verdict().unwrap());
    }
    assert_eq!(ended, [Verdict::Refused, Verdict::Succeeded], "{read}");
}
