//! `diff …`: what lies between what runs and something else, for everybody who may see what runs.

use insta::assert_snapshot;
use longshore_sim::ecs::{Script, task_definition};
use longshore_sim::github::Mode;
use serde_json::json;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, DEV, EVE, PROD, REGION, digest_of};

/// Types it, and reads the answer.
async fn asks(chat: &Chat, user: &str, text: &str) -> String {
    chat.types(user, text).await;
    chat.seconds(8).await;
    chat.reads()
}

#[tokio::test(start_paused = true)]
async fn a_ref_is_compared_with_what_runs_for_somebody_who_may_not_deploy_there() {
    let chat = Chat::new(Bot::NoToken).await;
    {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.commit("main", "Sell <!channel> & *boots* (#42)", "maria");
        repo.commit(
            "main",
            "Merge pull request #43 from acme/socks\n\nSell socks",
            "sam",
        );
    }
    let read = asks(&chat, EVE, "diff webapp production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      # Difference: webapp · production
      5a91773 → *main@7b0ea06*
      There is no image of `7b0ea06` yet, so it cannot be deployed now.
      Brings 3 commits (sam, maria, bob) · pull requests #43, #42 · compare
      • 7b0ea06 Merge pull request #43 from acme/socks – sam
      • 040d03e Sell <!channel> & *boots* (#42) – maria
      • 680af60 Sell shoes – bob
      – Only you see this; nothing was changed · as of 10:00 today
    ");
    let blocks = {
        let state = chat.world.state();
        let last = state.slack.messages().last().cloned().unwrap();
        serde_json::to_string(&last.blocks).unwrap()
    };
    for link in ["/pull/42|#42>", "/pull/43|#43>", "/compare/"] {
        assert!(blocks.contains(link), "{link}: {blocks}");
    }
    assert!(blocks.contains("&lt;!channel&gt; &amp;"), "{blocks}");
    chat.assert_nothing_changed();
    assert!(chat.deploys().is_empty());
}

#[tokio::test(start_paused = true)]
async fn going_back_and_apart_and_the_same_are_said() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.skips();
    let first = {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        let main = repo.head("main").unwrap();
        let first = repo.parent(&main).unwrap();
        repo.branch("hotfix/door", &first);
        repo.commit("hotfix/door", "Mend the door", "sam");
        first
    };
    let mut read = asks(&chat, ADA, &format!("diff webapp:{first} staging")).await;
    read += &asks(&chat, ADA, "diff webapp:hotfix/door staging").await;
    read += &asks(&chat, ADA, "diff webapp:1.0.2 staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Difference: webapp · staging
      main@680af60 → *5a91773*
      ⚠️ Goes back, takes away 1 commit (bob) · compare
      *Taken away:*
      • 680af60 Sell shoes – bob
      – Only you see this; nothing was changed · as of 10:00 today
    Longshore in #deploys · Only visible to you, ada
      # Difference: webapp · staging
      main@680af60 → *hotfix/door@cfe2f9f*
      There is no image of `cfe2f9f` yet, so it cannot be deployed now.
      ⚠️ Brings 1 commit (sam), takes away 1 commit (bob) · compare
      • cfe2f9f Mend the door – sam
      *Taken away:*
      • 680af60 Sell shoes – bob
      – Only you see this; nothing was changed · as of 10:00 today
    Longshore in #deploys · Only visible to you, ada
      # Difference: webapp · staging
      main@680af60 → *1.0.2*
      That runs there already, the very same image.
      – Only you see this; nothing was changed · as of 10:00 today
    ");
}

#[tokio::test(start_paused = true)]
async fn more_commits_than_are_listed_are_counted() {
    let chat = Chat::new(Bot::NoToken).await;
    {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        for number in 1..=260 {
            repo.commit("main", &format!("Number {number} (#{number})"), "maria");
        }
    }
    let read = asks(&chat, ADA, "diff webapp production").await;
    let line = |text: &str| read.lines().any(|line| line.contains(text));
    assert!(
        line("Brings 261 commits, the newest 20 (maria) · pull requests #260, #259"),
        "{read}"
    );
    assert!(
        line("Number 260 (#260) – maria") && line("Number 241 (#241) – maria"),
        "{read}"
    );
    assert!(line("… and 241 older") && !line("Number 240"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn what_runs_in_two_environments_is_compared() {
    let chat = Chat::new(Bot::NoToken).await;
    let mut read = asks(&chat, EVE, "diff webapp staging production").await;
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.skips();
    read += &asks(&chat, EVE, "diff webapp staging production").await;
    read += &asks(&chat, EVE, "diff webapp production staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, eve
      # Difference: webapp · staging and production
      staging runs 5a91773, production runs 5a91773
      Both run the very same image.
      In what their task definitions differ is shown to those who may deploy to both.
      – Only you see this; nothing was changed · as of 10:00 today
    Longshore in #deploys · Only visible to you, eve
      # Difference: webapp · staging and production
      staging runs main@680af60, production runs 5a91773
      staging has 1 commit (bob) that production has not · compare
      • 680af60 Sell shoes – bob
      In what their task definitions differ is shown to those who may deploy to both.
      – Only you see this; nothing was changed · as of 10:00 today
    Longshore in #deploys · Only visible to you, eve
      # Difference: webapp · production and staging
      production runs 5a91773, staging runs main@680af60
      staging has 1 commit (bob) that production has not · compare
      *Only on staging:*
      • 680af60 Sell shoes – bob
      In what their task definitions differ is shown to those who may deploy to both.
      – Only you see this; nothing was changed · as of 10:00 today
    ");
}

#[tokio::test(start_paused = true)]
async fn services_of_different_commits_are_compared_one_by_one() {
    let chat = Chat::new(Bot::NoToken).await;
    let now = chat.world.now();
    chat.world
        .state()
        .ecs
        .set_script(now, "staging", "cms-worker", &Script::CrashLoop);
    let apart = CONFIG.replace(
        "services     = [\"cms-api\"",
        "on_failure = \"stop\"\nservices     = [\"cms-api\"",
    );
    chat.push(&apart).await;
    chat.seconds(61).await;
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.settles().await;
    chat.skips();
    let read = asks(&chat, ADA, "diff cms staging").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Difference: Content Management System · staging
      *`cms-api`:* 1.0.2 → *main@283fc73*
      That runs there already, the very same image.
      *`cms-worker`:* 5c42316 → *main@283fc73*
      Brings 1 commit (bob) · compare
      • 283fc73 Sell shoes – bob
      – Only you see this; nothing was changed · as of 10:02 today
    ");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_told_says_so() {
    let chat = Chat::new(Bot::NoToken).await;
    let unbuilt = {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.commit("feature/new", "Sell hats", "maria")
    };
    assert_eq!(unbuilt.len(), 40);
    let mut read = asks(&chat, ADA, "diff webapp:feature/new production").await;
    read += &asks(&chat, ADA, "diff webapp:nosuch production").await;
    chat.world.state().github.set_mode(Mode::Down);
    read += &asks(&chat, ADA, "diff webapp:1.0.2 production").await;
    read += &asks(&chat, ADA, "diff webapp staging production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Difference: webapp · production
      5a91773 → *feature/new@743fdd5*
      There is no image of `743fdd5` yet, so it cannot be deployed now.
      Brings 2 commits (maria, bob) · compare
      • 743fdd5 Sell hats – maria
      • 680af60 Sell shoes – bob
      – Only you see this; nothing was changed · as of 10:00 today
    Longshore in #deploys · Only visible to you, ada
      There is no commit, tag, branch or image called `nosuch` in `acme/webapp` and `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp`. Check the spelling, then ask again.
    Longshore in #deploys · Only visible to you, ada
      GitHub could not be asked what `1.0.2` is. Try again in a minute, or name an image tag or a full commit.
    Longshore in #deploys · Only visible to you, ada
      # Difference: webapp · staging and production
      staging runs 5a91773, production runs 5a91773
      Both run the very same image.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
      – Only you see this; nothing was changed · as of 10:00 today
    ");
    chat.world.state().github.set_mode(Mode::Up);
    chat.world.state().ecs.deactivate("staging", "cms-api");
    let read = asks(&chat, ADA, "diff cms staging production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      The service `cms-api` is `INACTIVE`, not ACTIVE, so nothing can be deployed to it. Create it again, or ask @root to take it out.
    ");
}

#[tokio::test(start_paused = true)]
async fn without_a_repository_versions_and_digests_are_what_is_known() {
    let chat = Chat::empty(Bot::NoToken).await;
    let bare = CONFIG.replace("repository = \"acme/webapp\", ", "");
    chat.push(&bare).await;
    let digest = {
        let mut state = chat.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.head("main").unwrap()
    };
    let read = asks(&chat, ADA, &format!("diff webapp:{digest} production")).await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Difference: webapp · production
      5a91773 (digest `517460eebcab`) → *680af60* (digest `48a55179e67c`)
      Which commits lie between is not known: the configuration names no `repository` of webapp.
      – Only you see this; nothing was changed · as of 10:00 today
    ");
}

#[tokio::test(start_paused = true)]
async fn while_something_rolls_out_that_is_what_is_compared() {
    let chat = Chat::new(Bot::NoToken).await;
    let now = chat.world.now();
    let slow = Script::Slow(std::time::Duration::from_mins(20));
    chat.world
        .state()
        .ecs
        .set_script(now, "staging", "webapp", &slow);
    chat.types(ADA, "webapp:main to staging").await;
    chat.seconds(30).await;
    chat.skips();
    let read = asks(&chat, ADA, "diff webapp staging production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Difference: webapp · staging and production
      staging runs 680af60, production runs 5a91773
      staging has 1 commit (bob) that production has not · compare
      • 680af60 Sell shoes – bob
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
      ⏳ On staging a rollout is under way: compared is what it brings.
      – Only you see this; nothing was changed · as of 10:00 today
    ");
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn task_definitions_are_compared_without_a_value_of_a_variable_for_who_may_deploy_to_both() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&CONFIG.replace("base = \"live\"", "base = \"head\""))
        .await;
    {
        let now = chat.world.now();
        let mut state = chat.world.state();
        let first = state.github.repo("acme/webapp").find("1.0.2").unwrap();
        let uri = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/webapp");
        let running = format!("{uri}@{}", digest_of(&first));
        let mut other = task_definition(DEV, REGION, "webapp", &[("app", &running)]);
        (other["cpu"], other["memory"]) = (json!("512"), json!("1024"));
        other["containerDefinitions"][0]["environment"] =
            json!([{"name": "DATABASE_URL", "value": "postgres://hunter2"}]);
        let home = (DEV, REGION);
        state.ecs.add_definition(now, home, &other).unwrap();
    }
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.skips();
    let mut read = asks(&chat, ADA, "diff webapp staging production").await;
    read += &asks(&chat, EVE, "diff webapp staging production").await;
    assert!(!read.contains("hunter2"), "{read}");
    assert!(read.contains("environment DATABASE_URL"), "{read}");
    assert_eq!(read.matches("images aside").count(), 1, "{read}");
    assert_eq!(
        read.matches("to those who may deploy to both").count(),
        1,
        "{read}"
    );
}

/// What a secret is called and where it lies is in a task definition; what it is, is not.
#[tokio::test(start_paused = true)]
async fn secrets_are_compared_by_reference_and_never_read() {
    let chat = Chat::empty(Bot::NoToken).await;
    chat.push(&CONFIG.replace("base = \"live\"", "base = \"head\""))
        .await;
    {
        let now = chat.world.now();
        let state = &mut *chat.world.state();
        let first = state.github.repo("acme/webapp").find("1.0.2").unwrap();
        let uri = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/webapp");
        let running = format!("{uri}@{}", digest_of(&first));
        for (account, place) in [(DEV, "staging"), (PROD, "production")] {
            let mut other = task_definition(account, REGION, "webapp", &[("app", &running)]);
            let named = |name: &str, of: &str| {
                let from = format!("arn:aws:ssm:{REGION}:{account}:parameter/{of}/{name}");
                json!({"name": name, "valueFrom": from})
            };
            other["containerDefinitions"][0]["secrets"] = json!([
                named("DATABASE_PASSWORD", place),
                named("MAIL_PASSWORD", "shared"),
            ]);
            let home = (account, REGION);
            state.ecs.add_definition(now, home, &other).unwrap();
            let parameter = format!("/{place}/DATABASE_PASSWORD");
            state.ssm.put_secret(now, &parameter, "hunter2");
        }
    }
    chat.types(ADA, "webapp:main to staging").await;
    chat.settles().await;
    chat.types(ADA, "webapp:main to production").await;
    chat.seconds(5).await;
    chat.clicks(ADA, "confirm").await;
    chat.settles().await;
    chat.skips();
    let read = asks(&chat, ADA, "diff webapp staging production").await;
    assert!(!read.contains("hunter2"), "{read}");
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, ada
      # Difference: webapp · staging and production
      staging runs main@680af60, production runs main@680af60
      Both run the very same image.
      *Task definitions, production → staging, images aside* (variables by their names alone):
      ```app secrets DATABASE_PASSWORD: another reference
      app secrets MAIL_PASSWORD: another reference
      executionRoleArn: arn:aws:iam::111111111111:role/webapp-execution → arn:aws:iam::222222222222:role/webapp-execution
      taskRoleArn: arn:aws:iam::111111111111:role/webapp-task → arn:aws:iam::222222222222:role/webapp-task```
      – Only you see this; nothing was changed · as of 10:01 today
    ");
    let state = chat.world.state();
    let parameters = state.calls.iter().filter(|call| call.service == "ssm");
    for call in parameters {
        let named = call.request.to_string();
        assert!(!named.contains("PASSWORD"), "{named}");
    }
}
