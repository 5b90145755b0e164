//! Several images in one application: a container with an image of its own is deployed by itself,
//! stays as it is when another is deployed, and goes back with everything else.

mod around;
mod back;

use aws_sdk_ecs::Client;
use insta::assert_snapshot;
use longshore_sim::ecr;
use longshore_sim::ecs::task_definition;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, DEV, EVE, PROD, REGION, SITE, digest_of};

const NGINX: &str = "site/nginx:3.1.0 to staging";

/// A town with the site, configured with these further keys.
async fn town(keys: &str) -> Chat {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.opens_site(keys).await;
    chat
}

impl Chat {
    /// What the containers of a service on staging are to run, by its live task definition.
    async fn images_of(&self, service: &str) -> Vec<String> {
        let keys = aws_credential_types::Credentials::from_keys("AKIAEYE", "not-a-secret", None);
        let arn = format!("arn:aws:iam::{DEV}:user/eye");
        let watches = |state: &mut longshore_sim::State| {
            let principal = (arn, DEV.to_owned());
            state.sts.principals.insert("AKIAEYE".to_owned(), principal);
        };
        watches(&mut self.world.state());
        let configuration = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new(REGION))
            .credentials_provider(keys)
            .http_client(self.world.http_client())
            .time_source(self.world.time_source())
            .load()
            .await;
        let ecs = Client::new(&configuration);
        let found = ecs.describe_services().cluster("staging").services(service);
        let found = found.send().await.unwrap().services.unwrap();
        let live = found[0].task_definition.clone().unwrap();
        let live = ecs.describe_task_definition().task_definition(live).send();
        let live = live.await.unwrap().task_definition.unwrap();
        let containers = live.container_definitions.unwrap();
        let known = self.known();
        let image = |image: &str| {
            let name = image.rsplit('/').next().unwrap();
            let Some((name, digest)) = name.split_once('@') else {
                return name.to_owned();
            };
            let of = known.iter().find(|(_, known)| known == digest);
            format!("{name}@{}", of.map_or(digest, |(of, _)| of))
        };
        let all = containers.iter();
        all.map(|one| image(one.image.as_deref().unwrap()))
            .collect()
    }

    /// What is called what, and its digest.
    fn known(&self) -> Vec<(String, String)> {
        known(&mut self.world.state())
    }

    /// Somebody asks for it, and it is done.
    pub(super) async fn does(&self, typed: &str) -> String {
        self.types(ADA, typed).await;
        self.settles().await;
        self.reads()
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let state = self.world.state();
        let value = state.ssm.value(DEV, REGION, name);
        value.map(|image| image.rsplit('/').next().unwrap().to_owned())
    }
}

/// What is called what, and its digest.
fn known(state: &mut longshore_sim::State) -> Vec<(String, String)> {
    let repo = state.github.repo("acme/site");
    let commits = ["main", "feature/signup-autocomplete", "0.9.0"].map(|name| {
        let commit = repo.find(name).unwrap();
        (name.to_owned(), digest_of(&commit))
    });
    let versions = ["3.0.0", "3.1.0", "3.2.0"].map(|name| (name.to_owned(), ecr::digest(name)));
    commits.into_iter().chain(versions).collect()
}

#[tokio::test(start_paused = true)]
async fn one_image_is_deployed_and_the_others_stay() {
    let chat = town("").await;
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@0.9.0", "site-nginx:3.0.0"]
    );
    assert_snapshot!(chat.does(NGINX).await, @r"
    Longshore in #deploys
      # Deploying site to staging
      `b196b6a + nginx:3.0.0` → *`b196b6a + nginx:3.1.0`*. Asked by @ada.
      – Deploy `id-1`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # site b196b6a + nginx:3.1.0 runs on staging
      ✅ `b196b6a + nginx:3.0.0` → `b196b6a + nginx:3.1.0`, in 41 sec. Asked by @ada.
      – `id-1` · 10:00 today
      [ Roll back ]
    ");
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@0.9.0", "site-nginx@3.1.0"]
    );
    // The application's own image is another matter, and takes none of it back.
    assert_snapshot!(chat.does("site:main to staging").await, @r"
    Longshore in #deploys
      # Deploying site to staging
      `b196b6a + nginx:3.1.0` → *`main@d90f2a8 + nginx:3.1.0`*, 1 commit (bob). Asked by @ada.
      One after the other: `site-web`, `site-jobs`
      – Deploy `id-2`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # site main@d90f2a8 + nginx:3.1.0 runs on staging
      ✅ `b196b6a + nginx:3.1.0` → `main@d90f2a8 + nginx:3.1.0`, 1 commit (bob), in 1 min, 23 sec. Asked by @ada.
      – `id-2` · 10:02 today
      [ Roll back ]
    ");
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@main", "site-nginx@3.1.0"]
    );
    chat.types(EVE, "status site staging").await;
    chat.settles().await;
    chat.types(EVE, "status staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # What runs of site
      *site*
      staging: version `main@d90f2a8 + nginx:3.1.0`, just now, @ada
      • `site-web` on `site-web:3`: 3 of 3 running
      • `site-jobs` on `site-jobs:2`: 6 of 6 running
      – As ECS said 10:02 today.

    Longshore in #deploys · Only visible to you, eve
      # What runs
      *Content Management System* (`cms`)
      • staging: `cms-api:1`, `cms-worker:1`, 12 of 12 tasks, never deployed by Longshore
      *site*
      • staging: `main@d90f2a8 + nginx:3.1.0`, 9 of 9 tasks, @ada, just now
      *webapp*
      • staging: `webapp:1`, 6 of 6 tasks, never deployed by Longshore
      – As ECS said 10:02 today. `/deploy status cms staging` shows one application in detail.
    ");
    chat.types(EVE, "history site").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # The latest 2 changes, newest first
      • `id-2` site staging: `main@d90f2a8 + nginx:3.…`, @ada, 2026-03-02 10:02
      • `id-1` site staging: `b196b6a + nginx:3.1.0`, @ada, 2026-03-02 10:00, in 41 sec
      – `/deploy show id-2` tells everything about one.
    ");
    chat.types(ADA, "restart site on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys
      # Restarting site on staging
      `main@d90f2a8 + nginx:3.1.0`. Asked by @ada.
      One after the other: `site-web`, `site-jobs`
      – Deploy `id-3`. I post here again when it has ended.
      [ Cancel ]

    Longshore in #deploys
      # site restarted on staging
      ✅ `main@d90f2a8 + nginx:3.1.0`, in 1 min, 36 sec. Asked by @ada.
      – `id-3` · 10:03 today
    ");
}

#[tokio::test(start_paused = true)]
async fn the_question_names_everything_that_would_run() {
    let chat = town("").await;
    chat.types(ADA, "site/nginx production 3.1.0").await;
    chat.seconds(10).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # Deploy site b196b6a + nginx:3.1.0 to production?
      `b196b6a + nginx:3.0.0` → *`b196b6a + nginx:3.1.0`*
      `site-nginx` `3.1.0`, digest `84e4509524fd`
      • `site-web`: `site-web:1` → a copy with the new image; 3 tasks wanted
      • `site-jobs`: has no container for this image, and is left alone
      – `id-1` · asked by @ada · stands until 10:15 today · cluster `production` in eu-west-1, account `111111111111`
      [ Do not deploy ] [ Confirm ]
    ");
    chat.clicks(ADA, "decline").await;
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_the_head_keeps_what_runs_in_the_other_containers() {
    let chat = town("base = \"head\"").await;
    // Terraform registers revisions with images of its own.
    let registry = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com");
    let [app, nginx] =
        ["site:from-terraform", "site-nginx:3.2.0"].map(|image| format!("{registry}/{image}"));
    let containers = [("app", &*app), ("nginx", &*nginx)];
    let head = task_definition(DEV, REGION, "site-web", &containers);
    let registers = |state: &mut longshore_sim::State, now| {
        let home = (DEV, REGION);
        state.ecs.add_definition(now, home, &head).unwrap();
    };
    let now = chat.world.now();
    registers(&mut chat.world.state(), now);
    chat.does(NGINX).await;
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@0.9.0", "site-nginx@3.1.0"]
    );
    registers(&mut chat.world.state(), now);
    chat.does("site:main to staging").await;
    assert_eq!(
        chat.images_of("site-web").await,
        ["site@main", "site-nginx@3.1.0"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_none_is_refused_with_those_there_are() {
    let chat = town("").await;
    for typed in [
        "site/ngnix:3.1.0 to staging",
        "site/sidecar:3.1.0 to staging",
        "cms/nginx:3.1.0 to staging",
        "rollback site/nginx on staging",
        "status site/nginx",
    ] {
        chat.types(ADA, typed).await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      `ngnix` is not an image of `site`. Did you mean `/deploy site/nginx:3.1.0 to staging`?

    Longshore in #deploys · Only visible to you, ada
      `sidecar` is not an image of `site`. Did you mean `/deploy site:3.1.0 to staging`?

    Longshore in #deploys · Only visible to you, ada
      `cms` has one image only, so `nginx` names none. Did you mean `/deploy cms:3.1.0 to staging`?

    Longshore in #deploys · Only visible to you, ada
      `site/nginx` names one image, but rollback is for all of `site`. Did you mean `/deploy rollback site on staging`?

    Longshore in #deploys · Only visible to you, ada
      `site/nginx` names one image, but status is for all of `site`. Did you mean `/deploy status site`?
    ");
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_none_is_refused_by_that_images_repository() {
    let chat = town("").await;
    for typed in [
        "site/nginx:3.9.0 to staging",
        // A branch of the application says nothing of it.
        "site/nginx:main to staging",
        "site/nginx to staging",
        "site/nginx:3.0.0 to staging",
    ] {
        chat.types(ADA, typed).await;
        chat.settles().await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # site/nginx:3.9.0 was refused on staging
      ⛔ Nothing was started.
      There is no image `3.9.0` in `111111111111.dkr.ecr.eu-west-1.amazonaws.com/site-nginx`. Did you mean `3.0.0`, `3.1.0`, `3.2.0`?
      – `id-1` · 10:00 today

    Longshore in #deploys · Only visible to you, ada
      # site/nginx:main was refused on staging
      ⛔ Nothing was started.
      There is no image `main` in `111111111111.dkr.ecr.eu-west-1.amazonaws.com/site-nginx`. Check the spelling, or deploy one of the 3 newest there (`3.2.0`, pushed 10:00 today): `/deploy site/nginx:3.2.0 to staging`
      – `id-2` · 10:00 today

    Longshore in #deploys · Only visible to you, ada
      # site/nginx was refused on staging
      ⛔ Nothing was started.
      Say which image of `111111111111.dkr.ecr.eu-west-1.amazonaws.com/site-nginx`: its tag, with a colon before it, behind the application. The newest: `3.2.0`, `3.1.0`, `3.0.0`.
      – `id-3` · 10:00 today

    Longshore in #deploys · Only visible to you, ada
      # site/nginx:3.0.0 runs on staging already
      ℹ️ Nothing was started.
      `site` on staging runs `nginx:3.0.0`, the very same image. To replace its tasks by new ones: `/deploy restart site on staging`
      – `id-4` · 10:00 today
      [ Restart ]
    ");
}

#[tokio::test(start_paused = true)]
async fn an_image_with_a_repository_of_its_own_is_deployed_by_its_branches() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.builds_site();
    let commits = {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/nginx");
        let commits = ["Serve", "Serve more"].map(|what| repo.commit("main", what, "bob"));
        for commit in &commits {
            let now = chat.world.now();
            let digest = digest_of(commit);
            state
                .ecr
                .push(PROD, REGION, "site-nginx", &[commit], &digest, now);
        }
        commits
    };
    let own = SITE.replace(
        "image = \"site-nginx\"",
        "image = \"site-nginx\", repository = \"acme/nginx\"",
    );
    chat.push(&format!("{CONFIG}{own}")).await;
    chat.does(&format!("site/nginx:{} to staging", commits[0]))
        .await;
    chat.types(ADA, "site/nginx to production").await;
    chat.seconds(10).await;
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.skips();
    chat.types(ADA, "site/nginx staging").await;
    chat.settles().await;
    let id = chat.newest_deploy();
    chat.skips();
    let plan = chat.deploy(&id).await.plan.unwrap();
    let commits = plan.shares.first().commits.clone().unwrap();
    assert_eq!((commits.ahead, commits.behind), (1, 0));
    assert_eq!(commits.newest[0].summary, "Serve more");
    chat.types(EVE, &format!("show {id}")).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # Deploy id-3: site · staging
      *site: deployed version `nginx:main@0f6aced` to staging in 45 sec*
      │ *Asked for*: `site/nginx` to staging
      │ *By*: @ada at 10:01 today
      │ *Where it is*: succeeded
      │ *Time*: started 10:01 today, less than a second after it was asked for; ended 10:02 today, took 45 sec from its start
      │ *Confirmed*: was not asked for
      │ *Told*: verdict told in answer to the request
      │ *From*: `b196b6a + nginx:375c353`
      │ *To*: `b196b6a + nginx:main@0f6aced`
      │ *Configuration*: version 1
      │ *Commit*: `0f6acedc3944f4c0cbc5828b0046da3992d929dc`
      │ *Commits*: 1 commit (bob)
      │ *Image*: `111111111111.dkr.ecr.eu-west-1.amazonaws.com/site-nginx@sha256:786ec2e3670f160e2de0c380b0e85fe23a2f70cd5a4dce6e19ab1ffef602a4f7`
      │ *Cluster*: `staging` in eu-west-1, account `222222222222`
      • `site-web`: runs `site-web:3`; lease fence 2
    ");
}

#[tokio::test(start_paused = true)]
async fn a_difference_of_one_image_is_of_the_services_that_run_it() {
    let chat = town("").await;
    let mut read = String::new();
    for typed in [
        "diff site/nginx:3.1.0 staging",
        "diff site/nginx staging production",
    ] {
        chat.types(EVE, typed).await;
        chat.seconds(8).await;
        read += &chat.reads();
    }
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      # Difference: site · staging
      `nginx:3.0.0` (digest `c9163ff21f1f`) → *3.1.0* (digest `84e4509524fd`)
      Which commits lie between is not known: the configuration names no `repository` of site.
      – Only you see this; nothing was changed · as of 10:00 today
    Longshore in #deploys · Only visible to you, eve
      # Difference: site · staging and production
      staging runs `nginx:3.0.0` (digest `c9163ff21f1f`), production runs `nginx:3.0.0` (digest `c9163ff21f1f`)
      Both run the very same image.
      In what their task definitions differ is shown to those who may deploy to both.
      – Only you see this; nothing was changed · as of 10:00 today
    ");
}
