//! Which commit is claimed: the one that the image proves to be of, or none.

use longshore_sim::ecr;
use longshore_sim::github::Mode;

use super::Chat;
use crate::town::{Bot, CONFIG, PROD, REGION};

/// A town in which webapp's images are tagged by this pattern. On `main` there are a commit that was
/// built and one that was not; what was built has these tags, `SHA` and `SHORT` standing for its own.
async fn town(pattern: &str, tags: &[&str]) -> (Chat, [String; 2]) {
    let chat = Chat::empty(Bot::NoToken).await;
    let keys = format!("[applications.webapp]\ntag = \"{pattern}\"\n");
    chat.push(&CONFIG.replace("[applications.webapp]\n", &keys))
        .await;
    let commits = {
        let now = chat.world.now();
        let state = &mut *chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let commits = ["Sell boots", "Sell hats"].map(|line| repo.commit("main", line, "ada"));
        let tags: Vec<String> = tags
            .iter()
            .map(|tag| tag.replace("SHA", &commits[0]))
            .map(|tag| tag.replace("SHORT", &commits[0][..7]))
            .collect();
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let digest = ecr::digest("built");
        let ecr = &mut state.ecr;
        ecr.push(PROD, REGION, "webapp", &tags, &digest, now);
        commits
    };
    chat.seconds(12 * 60).await;
    (chat, commits)
}

impl Chat {
    /// The commits that the revisions of webapp on staging are tagged with.
    fn tagged_commits(&self) -> Vec<String> {
        let state = self.world.state();
        let calls = state.calls.iter();
        calls
            .filter(|call| call.operation == "RegisterTaskDefinition")
            .flat_map(|call| call.request["tags"].as_array().cloned().unwrap_or_default())
            .filter(|tag| tag["key"] == "longshore:commit")
            .map(|tag| tag["value"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn the_commit_is_the_images_or_none() {
    for (pattern, tags, typed, proved) in [
        // The branch's tag lags behind its branch.
        ("{ref}", vec!["main", "SHA"], "webapp:main", true),
        ("{ref}", vec!["main", "SHORT"], "webapp:main", true),
        ("{ref}", vec!["main", "SHA"], "webapp", true),
        ("{ref}", vec!["main"], "webapp:main", false),
        (
            "v-{ref}",
            vec!["v-main", "build-SHA-x"],
            "webapp:main",
            true,
        ),
        // A number, a date, and digits that are nobody's.
        ("{ref}", vec!["main", "20240101"], "webapp:main", false),
        ("{ref}", vec!["main", "deadbeef"], "webapp:main", false),
        (
            "{ref}",
            vec!["main", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"],
            "webapp:main",
            false,
        ),
        ("{sha}", vec!["nightly", "SHA"], "webapp:nightly", true),
        ("{short}", vec!["nightly", "SHORT"], "webapp:nightly", true),
        (
            "v-{short}",
            vec!["nightly", "v-SHORT"],
            "webapp:nightly",
            true,
        ),
        ("{sha}", vec!["nightly"], "webapp:nightly", false),
        (
            "{sha}",
            vec!["deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"],
            "webapp:deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
            false,
        ),
        ("{sha}", vec!["deadbeef"], "webapp:deadbeef", false),
    ] {
        let (chat, [built, newer]) = town(pattern, &tags).await;
        let read = chat.does(&format!("{typed} to staging")).await;
        let case = format!("{pattern} {tags:?} {typed}: {read}");
        assert!(read.contains("✅ "), "{case}");
        assert_eq!(read.contains("not proved by the image"), !proved, "{case}");
        let points = format!(
            "; `main` is at `{}`, the image was pushed 12 min before this was asked for",
            &newer[..7]
        );
        let branch = pattern.contains("{ref}");
        assert_eq!(read.contains(&points), branch, "{case}");
        let expected: Vec<String> = proved.then(|| built.clone()).into_iter().collect();
        assert_eq!(chat.tagged_commits(), expected, "{case}");
        let id = chat.newest_deploy();
        let deploy = chat.deploy(&id).await;
        let recorded = deploy
            .plan
            .unwrap()
            .shares
            .first()
            .commit
            .clone()
            .map(String::from);
        assert_eq!(recorded.into_iter().collect::<Vec<_>>(), expected, "{case}");
        // What was not proved is claimed nowhere afterwards.
        for typed in [
            format!("show {id}"),
            "status webapp staging".to_owned(),
            "status".to_owned(),
            "history webapp staging".to_owned(),
            "restart webapp on staging".to_owned(),
        ] {
            let read = chat.does(&typed).await;
            let claims = read.replace(&format!("`main` is at `{}`", &newer[..7]), "");
            assert!(!claims.contains(&newer[..7]), "{case} {typed}: {read}");
            let known = read.contains(&built[..7]);
            assert!(proved || !known, "{case} {typed}: {read}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn commits_between_are_only_between_commits_that_were_proved() {
    for (tags, proved) in [(vec!["main", "SHA"], true), (vec!["main"], false)] {
        let (chat, [_, newer]) = town("{ref}", &tags).await;
        chat.does("webapp:main to staging").await;
        let pushes = |tags: &[&str]| {
            let now = chat.world.now();
            let digest = ecr::digest("rebuilt");
            let ecr = &mut chat.world.state().ecr;
            ecr.push(PROD, REGION, "webapp", tags, &digest, now);
        };
        pushes(&["main", &newer]);
        chat.does("webapp:main to staging").await;
        let deploy = chat.deploy(&chat.newest_deploy()).await;
        let plan = deploy.plan.unwrap();
        let share = plan.shares.first();
        assert_eq!(share.commit.as_ref().unwrap().as_str(), newer);
        assert_eq!(share.unproved, None);
        assert_eq!(share.commits.is_some(), proved, "{tags:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_name_on_both_sides_is_told_apart() {
    for (tags, from) in [
        (vec!["main", "SHA"], None),
        (vec!["main"], Some(ecr::digest("built"))),
    ] {
        let (chat, [built, newer]) = town("{ref}", &tags).await;
        chat.does("webapp:main to staging").await;
        let pushes = |tags: &[&str]| {
            let now = chat.world.now();
            let digest = ecr::digest("rebuilt");
            let ecr = &mut chat.world.state().ecr;
            ecr.push(PROD, REGION, "webapp", tags, &digest, now);
        };
        pushes(&["main", &newer]);
        let read = chat.does("webapp:main to staging").await;
        // What an image does not prove, its digest tells.
        let was = match &from {
            None => built[..7].to_owned(),
            Some(digest) => digest[7..19].to_owned(),
        };
        let will = newer[..7].to_owned();
        let change = format!("main@{was} → *main@{will}*");
        assert!(read.contains(&change), "{change}: {read}");
        let back = chat.does("rollback webapp on staging").await;
        let change = format!("main@{will} → main@{was} on");
        assert!(back.contains(&change), "{change}: {back}");
        // Several applications, each on its line.
        let both = chat.does("webapp:main,cms:1.0.2 to staging").await;
        let change = format!("main@{was} → *main@{will}*");
        assert!(both.contains(&change), "{change}: {both}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_github_is_silent_nothing_is_claimed_that_was_not_proved() {
    // By the pattern a whole SHA is a commit's; any other tag needs GitHub's word.
    for (pattern, claimed) in [("{sha}", true), ("{ref}", false)] {
        let (chat, [built, _]) = town(pattern, &["SHA", "main"]).await;
        chat.world.state().github.set_mode(Mode::Down);
        let read = chat.does(&format!("webapp:{built} to staging")).await;
        assert!(read.contains("✅ "), "{read}");
        assert_eq!(read.contains("not proved by the image"), !claimed, "{read}");
        assert_eq!(chat.tagged_commits() == [built], claimed, "{read}");
    }
}
