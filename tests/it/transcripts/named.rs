//! What a rollback goes to by its version, and what is wanted of a deploy by its id.

use insta::assert_snapshot;
use longshore::record::Verdict;
use longshore_sim::ecr;

use super::Chat;
use crate::town::{ADA, Bot, PROD, REGION};

const FEATURE: &str = "webapp:feature/signup-autocomplete to staging";

/// A town in which two versions ran, the newest on top.
async fn town() -> Chat {
    let chat = Chat::new(Bot::NoToken).await;
    chat.does("webapp:1.0.2 to staging").await;
    chat.does(FEATURE).await;
    chat
}

#[tokio::test(start_paused = true)]
async fn a_version_is_gone_back_to_by_its_name() {
    for typed in [
        "rollback webapp staging 1.0.2",
        "undo webapp on staging to 1.0.2",
        "rollback webapp:1.0.2 on staging",
        "rollback webapp staging 680af609",
    ] {
        let chat = town().await;
        let read = chat.does(typed).await;
        let to = "webapp rolled back feature/signup-a…@83a078a → 1.0.2 on staging";
        assert!(read.contains(to), "{typed}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_leads_nowhere_is_answered_with_those_that_do() {
    let chat = town().await;
    let (nowhere, live) = (
        chat.does("rollback webapp on staging to 9.9.9").await,
        chat.does("rollback webapp on staging to feature/signup-autocomplete")
            .await,
    );
    chat.skips();
    assert_snapshot!(nowhere, @r"
    Longshore in #deploys · Only visible to you, ada
      # The rollback of webapp was refused on staging
      ⛔ Nothing was started.
      `9.9.9` is no version that ran well of `webapp` on staging. These can be gone back to: `/deploy rollback webapp on staging to id-1` (`1.0.2`) or `/deploy rollback webapp on staging to 5a91773`
      – `id-3` · 10:01 today
    ");
    assert_snapshot!(live, @r"
    Longshore in #deploys · Only visible to you, ada
      # The rollback of webapp was refused on staging
      ⛔ Nothing was started.
      Deploy `id-2` cannot be gone back to: it is what runs now. `/deploy history all webapp staging` lists what ran there.
      – `id-4` · 10:01 today
    ");
}

#[tokio::test(start_paused = true)]
async fn a_deploy_is_rolled_back_from_stopped_and_shown_by_its_id() {
    let chat = town().await;
    let newest = chat.newest_deploy();
    let shown = chat.does("show last").await;
    assert!(shown.contains("webapp: deployed version"), "{shown}");
    let read = chat.does(&format!("rollback {newest}")).await;
    assert!(read.contains("→ 1.0.2 on staging"), "{read}");
    // It is gone, and nothing that came later is touched.
    let again = chat.does(&format!("undo {newest}")).await;
    assert!(again.contains("is gone"), "{again}");
    let over = chat.does(&format!("cancel {newest}")).await;
    assert!(over.contains("has ended already"), "{over}");

    chat.seconds(5).await;
    chat.types(ADA, FEATURE).await;
    let open = chat.newest_deploy();
    chat.seconds(10).await;
    let shown = {
        chat.skips();
        chat.types(ADA, "show last webapp staging").await;
        chat.reads()
    };
    assert!(shown.contains("rolling out"), "{shown}");
    // So it is without both names, and not where another application or environment is named.
    for (typed, is_there) in [
        ("show last", true),
        ("show last webapp", true),
        ("show last staging", true),
        ("show last cms", false),
        ("show last production", false),
    ] {
        chat.types(ADA, typed).await;
        let shown = chat.reads();
        assert_eq!(shown.contains("rolling out"), is_there, "{typed}: {shown}");
    }
    chat.types(ADA, &format!("cancel {open}")).await;
    chat.seconds(5).await;
    let asked = chat.reads();
    assert!(asked.contains("[ Stop and roll back ]"), "{asked}");
    let unknown = chat.does("restart k3m9x2ab").await;
    assert!(unknown.contains("There is no deploy"), "{unknown}");
}

#[tokio::test(start_paused = true)]
async fn several_applications_go_back_and_start_anew_as_one() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.does("webapp:1.0.2,cms:1.0.2 to staging").await;
    let read = chat.does("restart webapp,cms on staging").await;
    assert!(
        read.contains("# webapp and Content Management System restarted"),
        "{read}"
    );
    let read = chat.does("rollback webapp,cms on staging").await;
    assert!(
        read.contains("# webapp and Content Management System rolled back"),
        "{read}"
    );
}

/// Two versions of one branch: its name alone would lead back the first time, and forward the second.
#[tokio::test(start_paused = true)]
async fn a_branch_that_what_runs_is_of_too_leads_neither_back_nor_forward() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.does("webapp:main to staging").await;
    {
        let now = chat.world.now();
        let state = &mut *chat.world.state();
        let newer = state
            .github
            .repo("acme/webapp")
            .commit("main", "Sell hats", "ada");
        let digest = ecr::digest("hats");
        state
            .ecr
            .push(PROD, REGION, "webapp", &[&newer], &digest, now);
    }
    chat.seconds(12 * 60).await;
    chat.does("webapp:main to staging").await;
    let before = chat.deploys();
    for _ in 0..2 {
        let read = chat.does("rollback webapp staging main").await;
        assert!(read.contains("it is what runs now"), "{read}");
        let deploy = chat.deploy(&chat.newest_deploy()).await;
        assert_eq!(deploy.verdict(), Some(Verdict::Refused), "{read}");
    }
    let read = chat
        .does(&format!("rollback webapp staging {}", before[0]))
        .await;
    assert!(read.contains("# webapp rolled back main@"), "{read}");
}
