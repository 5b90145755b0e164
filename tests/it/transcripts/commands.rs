//! Every command, as it is answered.

use insta::assert_snapshot;
use longshore::reply;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, EVE};

#[tokio::test(start_paused = true)]
async fn help_shows_every_command() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(EVE, "help").await;
    let help = chat.reads();
    assert_snapshot!(help, @r"
    Longshore in #deploys · Only visible to you, eve
      # How to use /deploy
      *How to use `/deploy`.* Capitals stand for names, brackets for what may be left out.
      `/deploy APP[/IMAGE][:REF] to ENV`  Deploy a branch, tag, commit or image tag; without one, the default branch. Several applications, separated by commas, go out as one plan.
      `/deploy promote APP [from ENV] to ENV`  Deploy what runs in one environment to the next, the very same image; if you name none, from the one before it.
      `/deploy plan APP[/IMAGE][:REF] to ENV`  What a deploy would do, and everything that stands in its way, for you alone; nothing is changed. `plan promote …` does that for a promotion.
      `/deploy diff APP[:REF] ENV`  The commits between what runs and a branch, tag, commit or pull request. `diff APP ENV ENV` compares what runs in two environments.
      `/deploy rollback APP on ENV [to VERSION]`  Go back to what ran before the live version was deployed, or to the version or deploy you name.
      `/deploy cancel APP on ENV`  Stop the deploy that is under way; once it has begun, you are asked whether it shall go back.
      `/deploy restart APP on ENV`  Replace the running tasks by new ones of the same image.
      `/deploy status [APP] [ENV] [at TIME]`  What runs where, and what is rolling out; or what ran of an application at a time.
      `/deploy where [APP] COMMIT`  In which environments a commit or a pull request (`#42`) runs, since when, and by whom.
      `/deploy logs APP[/IMAGE] on ENV [SERVICE]`  The last lines that a running task wrote, for you alone, where the environment shows logs.
      `/deploy history [APP] [ENV] [all] [since TIME]`  What was changed, newest first, or since a time, or on a day; `all` lists also what changed nothing.
      `/deploy show DEPLOY`  Everything about one deploy, by its id or as the `last` one.
      `/deploy why-not APP[/IMAGE][:REF] to ENV`  What keeps a deploy from being started now, and why the last one was refused there; or why a deploy was, by its id or as the `last` one.
      `/deploy grant @PERSON APP [on ENV] [as approver] [for 7d] [because REASON]`  Give somebody the right to deploy an application; admins only. It ends by itself, after 7 days unless you say otherwise.
      `/deploy revoke @PERSON APP [on ENV] [as approver] [because REASON]`  Take back what `grant` gave, everywhere or in one environment; admins only.
      `/deploy who APP ENV`  Who may do what there, and why: by the configuration, a team, a user group, or a grant, by whom and until when.
      `/deploy help [COMMAND]`  These lines, or more about one command.
      For instance: `/deploy cms to staging`
      – A REF is a branch, tag, commit or image tag, an IMAGE a container that runs an image of its own. `/deploy help COMMAND` shows examples.
    ");
    for as_good in ["?", "HELP"] {
        chat.types(EVE, as_good).await;
        assert_eq!(chat.reads(), help, "{as_good:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn help_explains_each_command() {
    let chat = Chat::new(Bot::NoToken).await;
    for about in [
        "deploy", "rollback", "cancel", "restart", "status", "logs", "history", "show", "help",
    ] {
        chat.types(EVE, &format!("help {about}")).await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # Help on deploy
      `/deploy APP[/IMAGE][:REF] to ENV`  Deploy a branch, tag, commit or image tag; without one, the default branch. Several applications, separated by commas, go out as one plan.
      • `/deploy cms to staging`
      • `/deploy cms,webapp to staging`

    Longshore in #deploys · Only visible to you, eve
      # Help on rollback
      `/deploy rollback APP on ENV [to VERSION]`  Go back to what ran before the live version was deployed, or to the version or deploy you name.
      • `/deploy rollback cms on staging`
      • `/deploy rollback cms,webapp on staging`

    Longshore in #deploys · Only visible to you, eve
      # Help on cancel
      `/deploy cancel APP on ENV`  Stop the deploy that is under way; once it has begun, you are asked whether it shall go back.
      • `/deploy cancel cms on staging`

    Longshore in #deploys · Only visible to you, eve
      # Help on restart
      `/deploy restart APP on ENV`  Replace the running tasks by new ones of the same image.
      • `/deploy restart cms on staging`
      • `/deploy restart cms,webapp on staging`

    Longshore in #deploys · Only visible to you, eve
      # Help on status
      `/deploy status [APP] [ENV] [at TIME]`  What runs where, and what is rolling out; or what ran of an application at a time.
      • `/deploy status`
      • `/deploy status cms`
      • `/deploy status staging`
      • `/deploy status cms staging`

    Longshore in #deploys · Only visible to you, eve
      # Help on logs
      `/deploy logs APP[/IMAGE] on ENV [SERVICE]`  The last lines that a running task wrote, for you alone, where the environment shows logs.
      • `/deploy logs cms on staging`
      • `/deploy logs cms on staging cms-worker`

    Longshore in #deploys · Only visible to you, eve
      # Help on history
      `/deploy history [APP] [ENV] [all] [since TIME]`  What was changed, newest first, or since a time, or on a day; `all` lists also what changed nothing.
      • `/deploy history`
      • `/deploy history cms`
      • `/deploy history staging`
      • `/deploy history cms staging`
      • `/deploy history today`
      • `/deploy history all`

    Longshore in #deploys · Only visible to you, eve
      # Help on show
      `/deploy show DEPLOY`  Everything about one deploy, by its id or as the `last` one.
      • `/deploy show last`
      • `/deploy show last cms`
      • `/deploy show last staging`
      • `/deploy show last cms staging`

    Longshore in #deploys · Only visible to you, eve
      # Help on help
      `/deploy help [COMMAND]`  These lines, or more about one command.
      • `/deploy help`
      • `/deploy help rollback`
    ");
}

#[tokio::test(start_paused = true)]
async fn a_deploy_may_be_typed_in_many_ways() {
    let chat = Chat::new(Bot::NoToken).await;
    for (typed, said) in [
        ("webapp to staging", "`webapp` to staging"),
        ("deploy webapp to staging", "`webapp` to staging"),
        ("webapp on stg", "`webapp` to staging"),
        ("WebApp  in   STAGING ", "`webapp` to staging"),
        ("webapp staging", "`webapp` to staging"),
        ("webapp:1.0.2 to staging", "`webapp:1.0.2` to staging"),
        ("webapp@1.0.2 to staging", "`webapp:1.0.2` to staging"),
        ("webapp staging 1.0.2", "`webapp:1.0.2` to staging"),
        ("“webapp:1.0.2” to staging", "`webapp:1.0.2` to staging"),
        (
            "webapp:feature/signup-autocomplete to staging",
            "`webapp:feature/signup-autocomplete` to staging",
        ),
        (
            "webapp:<http://main.dev|main.dev> to staging",
            "`webapp:main.dev` to staging",
        ),
    ] {
        chat.types(ADA, typed).await;
        chat.seconds(1).await;
        let deploy = chat.deploy(&chat.newest_deploy()).await;
        assert_eq!(reply::request(&deploy).as_str(), said, "{typed}");
    }
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn history_is_empty_at_first() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(EVE, "history").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      Nothing has been deployed there through Longshore yet.
    ");
    chat.types(EVE, "history webapp").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      Nothing has been deployed there through Longshore yet.
    ");
}

#[tokio::test(start_paused = true)]
async fn history_lists_the_newest_deploys_first_and_can_be_narrowed() {
    let chat = Chat::new(Bot::NoToken).await;
    for typed in [
        "webapp to staging",
        "cms:1.0.2 to staging",
        "restart webapp on staging",
    ] {
        chat.types(ADA, typed).await;
        chat.settles().await;
    }
    chat.skips();
    chat.types(EVE, "history").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # The latest 3 changes, newest first
      • `id-3` webapp staging: restart, @ada, 2026-03-02 10:03, in 42 sec
      • `id-2` cms staging: 1.0.2, @ada, 2026-03-02 10:02, in 1 min, 39 sec
      • `id-1` webapp staging: main@680af60, @ada, 2026-03-02 10:00, in 42 sec
      – `/deploy show id-3` tells everything about one.
    ");
    chat.types(EVE, "history webapp").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # The latest 2 changes, newest first
      • `id-3` webapp staging: restart, @ada, 2026-03-02 10:03, in 42 sec
      • `id-1` webapp staging: main@680af60, @ada, 2026-03-02 10:00, in 42 sec
      – `/deploy show id-3` tells everything about one.
    ");
    chat.types(EVE, "history staging").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # The latest 3 changes, newest first
      • `id-3` webapp staging: restart, @ada, 2026-03-02 10:03, in 42 sec
      • `id-2` cms staging: 1.0.2, @ada, 2026-03-02 10:02, in 1 min, 39 sec
      • `id-1` webapp staging: main@680af60, @ada, 2026-03-02 10:00, in 42 sec
      – `/deploy show id-3` tells everything about one.
    ");
    chat.types(EVE, "history cms stg").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # The latest 2 changes, newest first
      • `id-2` cms staging: 1.0.2, @ada, 2026-03-02 10:02, in 1 min, 39 sec
      • found running, cms staging: 5c42316, first seen 2026-03-02 10:00
      – `/deploy show id-2` tells everything about one.
    ");
    chat.types(EVE, "history cms production").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      Nothing has been deployed there through Longshore yet.
    ");
}

/// Clocks in Vienna are an hour ahead of UTC at that time of the year.
#[tokio::test(start_paused = true)]
async fn history_since_a_time_is_read_in_the_configured_zone_and_says_so() {
    let chat = Chat::new(Bot::NoToken).await;
    for typed in [
        "webapp to staging",
        "cms:1.0.2 to staging",
        "webapp:nothing to staging",
    ] {
        chat.types(ADA, typed).await;
        chat.settles().await;
    }
    chat.skips();
    chat.types(EVE, "history today staging").await;
    chat.types(EVE, "history since 09:02").await;
    chat.types(EVE, "history yesterday").await;
    chat.types(EVE, "history webapp since 23:05").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # 2 changes today, newest first
      • `id-2` cms staging: 1.0.2, @ada, 2026-03-02 10:02, in 1 min, 39 sec
      • `id-1` webapp staging: main@680af60, @ada, 2026-03-02 10:00, in 42 sec
      – 1 that changed nothing is left out: `/deploy history staging all today` lists it. Typed times are read in UTC. `/deploy show id-2` tells everything about one.

    Longshore in #deploys · Only visible to you, eve
      # 1 change since 09:02
      • `id-2` cms staging: 1.0.2, @ada, 2026-03-02 10:02, in 1 min, 39 sec
      – 1 that changed nothing is left out: `/deploy history all since 09:02` lists it. Typed times are read in UTC. `/deploy show id-2` tells everything about one.

    Longshore in #deploys · Only visible to you, eve
      Nothing was changed there yesterday. Typed times are read in UTC.

    Longshore in #deploys · Only visible to you, eve
      `23:05` is still to come in `UTC`, where typed times are read. Name a time that has passed: `/deploy history webapp since 14:05 yesterday`.
    ");
    let vienna = CONFIG.replace("command =", "zone = \"Europe/Vienna\", command =");
    chat.push(&vienna).await;
    tokio::time::sleep(longshore::settings::REFRESH).await;
    chat.types(EVE, "history since 10:02").await;
    chat.types(EVE, "history since 09:02 all").await;
    chat.types(EVE, "history since 11:00").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # 1 change since 10:02
      • `id-2` cms staging: 1.0.2, @ada, 2026-03-02 10:02, in 1 min, 39 sec
      – 1 that changed nothing is left out: `/deploy history all since 10:02` lists it. Typed times are read in `Europe/Vienna`. `/deploy show id-2` tells everything about one.

    Longshore in #deploys · Only visible to you, eve
      # 3 entries since 09:02, newest first
      • `id-2` cms staging: 1.0.2, @ada, 2026-03-02 10:02, in 1 min, 39 sec
      • `id-3` webapp staging: `webapp:nothing`, *refused*, @ada, 2026-03-02 10:02
      • `id-1` webapp staging: main@680af60, @ada, 2026-03-02 10:00, in 42 sec
      – Typed times are read in `Europe/Vienna`. `/deploy show id-2` tells everything about one.

    Longshore in #deploys · Only visible to you, eve
      `11:00` is still to come in `Europe/Vienna`, where typed times are read. Name a time that has passed: `/deploy history since 14:05 yesterday`.
    ");
}

#[tokio::test(start_paused = true)]
async fn show_tells_everything_about_a_deploy() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    let id = chat.newest_deploy();
    chat.skips();
    chat.types(EVE, &format!("show {id}")).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # Deploy id-1: webapp · staging
      │ *Asked for*: `webapp:feature/signup-autocomplete` to staging
      │ *By*: @ada at 10:00 today
      │ *Where it is*: asked for; its plan is being made
      │ *Time*: not started
      │ *Confirmed*: was not asked for
      │ *Told*: no verdict yet
    ");
    chat.settles().await;
    chat.skips();
    chat.types(EVE, &format!("show {id}")).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # Deploy id-1: webapp · staging
      *webapp: deployed version `feature/signup-autocomplete@83a078a` to staging in 43 sec*
      │ *Asked for*: `webapp:feature/signup-autocomplete` to staging
      │ *By*: @ada at 10:00 today
      │ *Where it is*: succeeded
      │ *Time*: started 10:00 today, less than a second after it was asked for; ended 10:00 today, took 43 sec from its start
      │ *Confirmed*: was not asked for
      │ *Told*: verdict told in answer to the request
      │ *From*: 5a91773
      │ *To*: `feature/signup-autocomplete@83a078a`
      │ *Configuration*: version 1
      │ *Commit*: `83a078a1815a22fc5edc4e5024b8239b204a32b8`
      │ *Commits*: 2 commits (ada, bob)
      │ *Image*: `111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp@sha256:3ebc682504d389d22f7c02afd9e0388e3b4abd13891e40f57ff898e3f5a06749`
      │ *Cluster*: `staging` in eu-west-1, account `222222222222`
      • `webapp`: runs `webapp:2`; lease fence 1
    ");
}

#[tokio::test(start_paused = true)]
async fn status_reads_what_runs_from_ecs() {
    for bot in [Bot::NoToken, Bot::Token] {
        let chat = Chat::new(bot).await;
        chat.types(EVE, "status").await;
        chat.settles().await;
        insta::allow_duplicates! {
            assert_snapshot!(chat.reads(), @r"
            Longshore in #deploys · Only visible to you, eve
              # What runs
              *Content Management System* (`cms`), never deployed by Longshore
              • production: `cms-api:1`, `cms-worker:1`, 12 of 12 tasks
              • staging: `cms-api:1`, `cms-worker:1`, 12 of 12 tasks
              *webapp*, never deployed by Longshore
              • production: `webapp:1`, 6 of 6 tasks
              • staging: `webapp:1`, 6 of 6 tasks
              – As ECS said 10:00 today. `/deploy status cms` shows one application in detail.
            ");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn status_can_be_narrowed() {
    let chat = Chat::new(Bot::NoToken).await;
    for typed in ["status webapp", "status stg", "status cms production"] {
        chat.types(EVE, typed).await;
        chat.settles().await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # What runs of webapp
      *webapp*
      production: a version that Longshore does not know (digest `517460eebcab`), never deployed by Longshore
      • `webapp` on `webapp:1`: 6 of 6 running
      staging: a version that Longshore does not know (digest `517460eebcab`), never deployed by Longshore
      • `webapp` on `webapp:1`: 6 of 6 running
      – As ECS said 10:00 today.

    Longshore in #deploys · Only visible to you, eve
      # What runs
      *Content Management System* (`cms`)
      • staging: `cms-api:1`, `cms-worker:1`, 12 of 12 tasks, never deployed by Longshore
      *webapp*
      • staging: `webapp:1`, 6 of 6 tasks, never deployed by Longshore
      – As ECS said 10:00 today. `/deploy status cms staging` shows one application in detail.

    Longshore in #deploys · Only visible to you, eve
      # What runs of Content Management System
      *Content Management System* (`cms`)
      production: versions that Longshore does not know, never deployed by Longshore
      • `cms-api` on `cms-api:1`: 6 of 6 running
      • `cms-worker` on `cms-worker:1`: 6 of 6 running
      – As ECS said 10:00 today.
    ");
}

#[tokio::test(start_paused = true)]
async fn status_tells_a_deploy_under_way_and_an_earlier_one_by_its_label() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "cms:1.0.2 to staging").await;
    chat.settles().await;
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    chat.seconds(20).await;
    chat.skips();
    chat.types(EVE, "status staging").await;
    chat.seconds(3).await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # What runs
      *Content Management System* (`cms`)
      • staging: 1.0.2 `283fc73`, 12 of 12 tasks, @ada, just now
      *webapp*
      • staging: 5a91773 → `feature/signup-autocomplete@83a078a`, 6 of 6 tasks up, asked by @ada 20 sec ago
      – As ECS said 10:01 today. `/deploy status cms staging` shows one application in detail.
    ");
    chat.settles().await;
    chat.skips();
}

#[tokio::test(start_paused = true)]
async fn a_version_is_written_as_it_is_and_none_is_named_where_there_is_none() {
    let chat = Chat::new(Bot::NoToken).await;
    let refused = chat.does("rollback webapp on staging").await;
    assert!(refused.contains("refused"), "{refused}");
    chat.does("webapp:main to staging").await;
    let restarted = chat.does("restart webapp on staging").await;
    assert!(restarted.contains("✅ main@"), "{restarted}");
    chat.types(ADA, "history all").await;
    let read = chat.reads();
    assert!(
        read.contains("webapp staging: rollback, *refused*"),
        "{read}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_runs_already_is_news_and_no_refusal_in_the_history() {
    let chat = Chat::new(Bot::NoToken).await;
    for _ in 0..2 {
        chat.types(ADA, "webapp:1.0.2 to staging").await;
        chat.settles().await;
    }
    let news = chat.newest_deploy();
    chat.skips();
    chat.types(ADA, "history staging").await;
    let changes = chat.reads();
    assert!(!changes.contains(&format!("`{news}` webapp")), "{changes}");
    chat.types(ADA, "history all staging").await;
    let all = chat.reads();
    assert!(all.contains("`webapp:1.0.2`, nothing to do, @ada"), "{all}");
    assert!(!all.contains("refused"), "{all}");
    chat.types(ADA, &format!("show {news}")).await;
    let shown = chat.reads();
    assert!(shown.contains("*Where it is*: nothing to do"), "{shown}");
}
