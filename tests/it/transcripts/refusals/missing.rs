//! What is not there: names, refs, commits, images, services.

use longshore_sim::ecs::Script;

use super::*;
use crate::town::digest_of;

#[tokio::test(start_paused = true)]
async fn an_unknown_name_gets_the_nearest_one_and_starts_nothing() {
    let chat = Chat::new(Bot::NoToken).await;
    for typed in [
        "webap to staging",
        "shop to staging",
        "webapp to stagign",
        "webapp to moon",
        "webapp",
        "webapp:main",
        "rolback webapp on staging",
        "frobnicate webapp on staging",
        "status shop",
        "webapp to staging twice",
        "webapp:ma..in to staging",
        "cancel webapp",
        "show",
        "show nonsense",
        "help frobnicate",
        "rollback webapp on staging yestreday bad",
    ] {
        chat.types(ADA, typed).await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      `webap` is not an application. Did you mean `/deploy webapp to staging`?

    Longshore in #deploys · Only visible to you, ada
      `shop` is not an application; there are `cms` and `webapp`. To choose from a form: `/deploy deploy`

    Longshore in #deploys · Only visible to you, ada
      `stagign` is not an environment. Did you mean `/deploy webapp to staging`?

    Longshore in #deploys · Only visible to you, ada
      `moon` is not an environment; there are `production` and `staging`. For instance: `/deploy webapp to staging`

    Longshore in #deploys · Only visible to you, ada
      That does not say which environment, and none is the default; there are `production` and `staging`. For instance: `/deploy webapp to staging`

    Longshore in #deploys · Only visible to you, ada
      That does not say which environment, and none is the default; there are `production` and `staging`. For instance: `/deploy webapp:main to staging`

    Longshore in #deploys · Only visible to you, ada
      `rolback` is not a command or an application. Did you mean `/deploy rollback webapp on staging`?

    Longshore in #deploys · Only visible to you, ada
      `frobnicate` is not a command or an application; there are `cms` and `webapp`. For instance: `/deploy webapp to staging`

    Longshore in #deploys · Only visible to you, ada
      `shop` is not an application or an environment. Did you mean `/deploy status`?

    Longshore in #deploys · Only visible to you, ada
      `twice` at the end was not understood, so nothing was done. Did you mean `/deploy webapp:twice to staging`?

    Longshore in #deploys · Only visible to you, ada
      `ma..in` cannot be read as a ref; name its commit. To choose from a form: `/deploy deploy`

    Longshore in #deploys · Only visible to you, ada
      That does not say which environment, and none is the default; there are `production` and `staging`. For instance: `/deploy cancel webapp on staging`

    Longshore in #deploys · Only visible to you, ada
      That ends where a deploy's id should follow. Did you mean `/deploy show last`?

    Longshore in #deploys · Only visible to you, ada
      There is no deploy `n0nsense`. `/deploy history` lists the latest; ids are eight letters and digits.

    Longshore in #deploys · Only visible to you, ada
      `frobnicate` is not a command. For instance: `/deploy help`

    Longshore in #deploys · Only visible to you, ada
      `yestreday` is taken for a ref or a version only behind a colon. Did you mean `/deploy rollback webapp on staging`?
    ");
    assert!(chat.world.state().states.executions.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_ref_that_is_nothing_gets_near_ones() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:feature/signup-autocompleet to staging")
        .await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:feature/signup-autocompleet was refused on staging
      ⛔ Nothing was started.
      There is no commit, tag, branch or image called `feature/signup-autocompleet` in `acme/webapp` and `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp`. Did you mean `feature/signup-autocomplete`?
      – `id-1` · 10:00 today
    ");
    chat.types(
        ADA,
        "webapp:0123456789abcdef0123456789abcdef01234567 to staging",
    )
    .await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:0123456789abcdef0123456789abcdef… was refused on staging
      ⛔ Nothing was started.
      There is no commit, tag, branch or image called `0123456789abcdef0123456789abcdef01234567` in `acme/webapp` and `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp`. Check the spelling, or deploy one of the 3 newest there (`5a91773184385a7f4e3…`, pushed 10:00 today): `/deploy webapp:5a91773184385a7f4e33c1b708a90025ec9cac7c to staging`
      – `id-2` · 10:00 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn a_commit_without_an_image_is_refused_with_the_newest_that_there_is() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.world
        .state()
        .github
        .repo("acme/webapp")
        .commit("main", "Not built yet", "ada");
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp was refused on staging
      ⛔ Nothing was started.
      No image yet for `main`, `28ee2ae` `Not built yet` (ada). Look at its build, or deploy `680af60`, 1 commit before it: `/deploy webapp:680af60 to staging`
      – `id-1` · 10:00 today
      [ Deploy 680af60, the newest that is ]
    ");
    chat.assert_nothing_changed();
    // What is offered can be typed as it stands.
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}

/// Whatever was typed, with and without git: what is known, and a line that deploys what there is.
#[tokio::test(start_paused = true)]
async fn what_is_missing_is_answered_with_what_is_there() {
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let offer = ": `/deploy webapp:1.2.3 to staging`";
    for (git, typed, says, offers) in [
        (
            true,
            "main",
            "No image yet for `main`, `28ee2ae` `Not built yet` (ada).",
            false,
        ),
        (
            true,
            "28ee2ae",
            "No image yet for `28ee2ae` `Not built yet` (ada).",
            false,
        ),
        (
            true,
            "9.9.9",
            "There is no commit, tag, branch or image called `9.9.9`",
            true,
        ),
        (
            true,
            sha,
            "There is no commit, tag, branch or image called",
            true,
        ),
        (false, "main", "There is no image `main` in", true),
        (false, "9.9.9", "There is no image `9.9.9` in", true),
        (false, sha, "There is no image `01234567", true),
        (true, "1.2.4", "Did you mean `1.2.3`", false),
    ] {
        let chat = Chat::new(Bot::NoToken).await;
        if !git {
            let without = CONFIG.replace("repository = \"acme/webapp\", ", "");
            assert_ne!(without, CONFIG);
            chat.push(&without).await;
        }
        chat.world
            .state()
            .github
            .repo("acme/webapp")
            .commit("main", "Not built yet", "ada");
        chat.seconds(60).await;
        let now = chat.world.now();
        let tags = ["a-branch", "1.2.3"];
        chat.world
            .state()
            .ecr
            .push(PROD, REGION, "webapp", &tags, &ecr::digest("1.2.3"), now);
        chat.types(ADA, &format!("webapp:{typed} to staging")).await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains(says), "{typed}: {read}");
        assert_eq!(read.contains(offer), offers, "{typed}: {read}");
        assert!(!read.contains("CI"), "{read}");
        chat.assert_nothing_changed();
        chat.types(ADA, "webapp:1.2.3 to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains("✅ "), "{read}");
    }
    // Nothing there that could be offered, and no repository at all.
    for (image, says) in [
        (
            "empty",
            "then ask again: that repository holds no image that can be deployed.",
        ),
        ("nowhere", "There is no image repository"),
    ] {
        let chat = Chat::new(Bot::NoToken).await;
        chat.world.state().ecr.create(PROD, REGION, "empty");
        let other = format!("image = \"{image}\"");
        let text = CONFIG.replacen("image = \"webapp\"", &other, 1);
        assert_ne!(text, CONFIG);
        chat.push(&text).await;
        chat.types(ADA, "webapp:1.2.3 to staging").await;
        chat.settles().await;
        let read = chat.reads();
        assert!(read.contains(says), "{image}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_cannot_be_pulled_is_refused() {
    let chat = Chat::new(Bot::NoToken).await;
    {
        let state = &mut *chat.world.state();
        let head = state.github.repo("acme/webapp").head("main").unwrap();
        state.ecr.set_status(
            PROD,
            REGION,
            "webapp",
            &digest_of(&head),
            ecr::ImageStatus::Archived,
        );
    }
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp was refused on staging
      ⛔ Nothing was started.
      The image `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp:680af6092fd37905d8f8385d0566001f014f9219` is ARCHIVED, and ECS can only pull one that is ACTIVE. Restore it in ECR, or deploy one of the two newest there (`5a91773184385a7f4e3…`, pushed 10:00 today): `/deploy webapp:5a91773184385a7f4e33c1b708a90025ec9cac7c to staging`
      – `id-1` · 10:00 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_a_branch_and_a_tag_of_different_commits_is_refused() {
    let chat = Chat::new(Bot::NoToken).await;
    {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let head = repo.head("main").unwrap();
        repo.commit("summer", "Bathing suits", "bob");
        repo.tag("summer", &head);
    }
    chat.types(ADA, "webapp:summer to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp:summer was refused on staging
      ⛔ Nothing was started.
      `summer` means two different things. One is the git tag `summer` (commit `680af60`). The other is the branch `summer` (commit `fb33957`, without an image). Name the commit or the image tag you mean.
      – `id-1` · 10:00 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_a_branch_and_a_tag_of_the_same_commit_is_not() {
    let chat = Chat::new(Bot::NoToken).await;
    {
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let head = repo.head("main").unwrap();
        repo.branch("summer", &head);
        repo.tag("summer", &head);
    }
    chat.types(ADA, "webapp:summer to staging").await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("# webapp summer runs on staging"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn there_must_be_something_to_roll_back_to() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "rollback webapp on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The rollback of webapp was refused on staging
      ⛔ Nothing was started.
      There is nothing to go back to. `webapp` on staging has no earlier deploy that succeeded with another image. Deploy the version you want; `/deploy history webapp staging` shows what ran.
      – `id-1` · 10:00 today
    ");
    chat.types(ADA, "rollback webapp on staging to 4f2k9x0a")
        .await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # The rollback of webapp was refused on staging
      ⛔ Nothing was started.
      There is no deploy `4f2k9x0a`. `/deploy history` lists the latest; ids are eight letters and digits.
      – `id-2` · 10:00 today
    ");
    chat.assert_nothing_changed();
}

#[tokio::test(start_paused = true)]
async fn there_must_be_something_to_cancel() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "cancel webapp on staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      No deploy of `webapp` to staging is under way, so there is nothing to cancel. To undo the last one: `/deploy rollback webapp on staging`.
    ");
}

#[tokio::test(start_paused = true)]
async fn a_deploy_role_that_is_not_installed_is_named() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.world.state().sts = longshore_sim::sts::Sts::default();
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp was refused on staging
      ⛔ Nothing was started.
      AWS does not let Longshore `sts:AssumeRole` on staging, so nothing was changed there. The role `arn:aws:iam::222222222222:role/longshore-staging` does not allow it. Ask @root to deploy the stack that `longshore target staging` writes, in that account: step 4 of the README.
      – `id-1` · 10:00 today
    ");
    chat.types(ADA, "status webapp staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # What runs, but for one place that could not be read
      *webapp*
      ⚠️ staging could not be read: AWS does not allow sts:AssumeRole: step 4 of the README (role `arn:aws:iam::222222222222:role/longshore-staging`). Nothing is claimed about it.
      – As ECS said 10:00 today.
    ");
}

#[tokio::test(start_paused = true)]
async fn an_application_without_a_repository_is_asked_for_by_image_tag() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&CONFIG.replace(r#"repository = "acme/webapp", "#, ""))
        .await;
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, ada
      # webapp was refused on staging
      ⛔ Nothing was started.
      Say which image of `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp`: its tag, with a colon before it, behind the application. The newest: `5a91773184385a7f4e33c1b708a90025ec9cac7c`, `680af6092fd37905d8f8385d0566001f014f9219`, `83a078a1815a22fc5edc4e5024b8239b204a32b8`.
      – `id-1` · 10:00 today
    ");
    chat.script("staging", "webapp", Script::Happy);
    let tag = chat
        .world
        .state()
        .github
        .repo("acme/webapp")
        .head("main")
        .unwrap();
    chat.types(ADA, &format!("webapp:{tag} to staging")).await;
    chat.settles().await;
    let read = chat.reads();
    assert!(read.contains("✅ "), "{read}");
}
