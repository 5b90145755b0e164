//! `longshore check --live`, against the simulated Slack.

use super::*;

const TOKEN: &str = "xoxb-not-a-real-token";
const MANIFEST: [&str; 8] = [
    "commands",
    "chat:write",
    "chat:write.public",
    "users:read",
    "usergroups:read",
    "app_mentions:read",
    "im:history",
    "pins:write",
];

/// What it says where the app was granted the manifest's scopes but for these. What `check` says without
/// the option comes first, and is left out.
async fn says(world: &World, without: &[&str]) -> Said {
    {
        let now = world.now();
        let state = &mut *world.state();
        state.slack.install_bot(TOKEN);
        for scope in MANIFEST {
            match without.contains(&scope) {
                true => state.slack.forbid(scope),
                false => state.slack.allow(scope),
            }
        }
        state.ssm.put_secret(now, "/longshore/bot-token", TOKEN);
    }
    asks(world).await
}

async fn asks(world: &World) -> Said {
    asks_of(world, CONFIG).await
}

async fn asks_of(world: &World, config: &str) -> Said {
    let folder = Folder::new("live", &[("longshore.toml", config)]);
    let mut said = longshore(world, &["check", "--live", folder.path()]).await;
    assert!(!said.out.contains(TOKEN) && !said.err.contains(TOKEN));
    let (check, live) = said.out.split_once("\nsha256 ").unwrap();
    assert!(check.starts_with("ENVIRONMENT"), "{check}");
    said.out = live.split_once('\n').unwrap().1.to_owned();
    let problems = said.err.lines().filter(|line| !line.starts_with("warning"));
    said.err = problems.collect::<Vec<_>>().join("\n");
    said
}

#[tokio::test(start_paused = true)]
async fn an_app_with_the_manifests_scopes_lacks_nothing() {
    let said = says(&world(), &[]).await;
    assert_eq!((said.exit, said.err.as_str()), (Exit::Done, ""));
    insta::assert_snapshot!(said.out, @r"
    no right is given in chat

    SCOPE              GRANTED  WHAT FOR
    commands           yes      the slash command
    chat:write         yes      a card that is kept current, answers in its thread, late verdicts
    chat:write.public  yes      the same in public channels that the app is not in
    users:read         yes      who is a full member, where everyone may deploy
    usergroups:read    yes      user groups (`@S…`) in the configuration
    app_mentions:read  yes      commands that mention the app
    im:history         yes      commands in direct messages to the app
    pins:write         yes      planned: a pinned board
    ");
}

#[tokio::test(start_paused = true)]
async fn what_may_be_left_out_is_told_and_is_no_fault() {
    let said = says(&world(), &["chat:write.public", "users:read", "pins:write"]).await;
    assert_eq!((said.exit, said.err.as_str()), (Exit::Done, ""));
    insta::assert_snapshot!(said.out, @r"
    no right is given in chat

    SCOPE              GRANTED  WHAT FOR
    commands           yes      the slash command
    chat:write         yes      a card that is kept current, answers in its thread, late verdicts
    chat:write.public  no       the same in public channels that the app is not in
    users:read         no       who is a full member, where everyone may deploy
    usergroups:read    yes      user groups (`@S…`) in the configuration
    app_mentions:read  yes      commands that mention the app
    im:history         yes      commands in direct messages to the app
    pins:write         no       planned: a pinned board

    without chat:write.public, invite the app to each channel, or reinstall it with the manifest of step 5 in docs/install.md

    without users:read, name people, because guests count as full members, or reinstall it with the manifest of step 5 in docs/install.md
    ");
}

#[tokio::test(start_paused = true)]
async fn a_feature_that_lacks_its_scope_is_named_with_what_to_do() {
    let said = says(&world(), &["chat:write"]).await;
    assert_eq!(said.exit, Exit::Refused);
    assert!(
        said.out.contains("\nchat:write         no "),
        "{}",
        said.out
    );
    insta::assert_snapshot!(said.err, @"
    longshore: the app lacks chat:write (a card that is kept current, answers in its thread, late verdicts): reinstall it with the manifest of step 5 in docs/install.md
    ");
    let said = says(&world(), &["chat:write", "commands"]).await;
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err, @"
    longshore: the app lacks commands (the slash command) and chat:write (a card that is kept current, answers in its thread, late verdicts): reinstall it with the manifest of step 5 in docs/install.md
    ");
}

#[tokio::test(start_paused = true)]
async fn without_a_bot_token_it_says_so() {
    for blank in [false, true] {
        let world = world();
        if blank {
            let now = world.now();
            world
                .state()
                .ssm
                .put_secret(now, "/longshore/bot-token", " ");
        }
        let said = asks(&world).await;
        assert_eq!((said.exit, said.err.as_str()), (Exit::Done, ""));
        insta::allow_duplicates! {
            insta::assert_snapshot!(said.out, @r"
            no right is given in chat

            no bot token in /longshore/bot-token: no card is kept current, no verdict comes later than thirty minutes after the last word, and nobody is answered who mentions the app or writes to it; step 5 of docs/install.md says how to get one
            ");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_slack_refuses_is_said_to_be() {
    let world = world();
    let now = world.now();
    let of_another = "xoxb-of-another-app";
    world
        .state()
        .ssm
        .put_secret(now, "/longshore/bot-token", of_another);
    let said = asks(&world).await;
    let out = "\nno right is given in chat\n";
    assert_eq!((said.exit, said.out.as_str()), (Exit::Refused, out));
    insta::assert_snapshot!(said.err, @"
    longshore: Slack refuses the bot token in /longshore/bot-token (invalid_auth): store the one that OAuth & Permissions of the app shows
    ");
    assert!(!said.err.contains(of_another));
    world
        .state()
        .slack
        .set_mode(longshore_sim::slack::Mode::Down);
    let said = asks(&world).await;
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err, @"
    longshore: Slack did not answer: check your connection, and try again
    ");
}

/// A configuration that names a repository and a check, with that in it too.
fn with_github(more: &str) -> String {
    let config = CONFIG.replace(
        "[applications.cms]",
        "[applications.cms]\nsource = { repository = \"acme/cms\", checks = [{ name = \"test\", app = \"github-actions\" }] }",
    );
    format!("{config}\n{more}")
}

/// What it says of GitHub alone, with that in the configuration too.
async fn of_github(world: &World, more: &str) -> (Exit, String) {
    let said = asks_of(world, &with_github(more)).await;
    let at = said.out.find("\nno GitHub token");
    let at = at.or_else(|| said.out.find("\nREPOSITORY"));
    let at = at.or_else(|| said.out.find("\nGitHub is not asked"));
    let github = at.map(|at| said.out[at + 1..].to_owned());
    (said.exit, github.unwrap_or_default() + &said.err)
}

fn keep(world: &World, secret: &str) {
    let now = world.now();
    let state = &mut *world.state();
    state.ssm.put_secret(now, "/longshore/github-token", secret);
}

#[tokio::test(start_paused = true)]
async fn github_shows_what_its_token_may_see() {
    const PAT: &str = "github_pat_planted_0001";
    let world = world();
    world.state().github.repo("acme/cms");
    let (exit, said) = of_github(&world, "").await;
    assert_eq!(exit, Exit::Done);
    insta::assert_snapshot!(said, @r"
    no GitHub token in /longshore/github-token: 60 questions an hour, shared with strangers, and no private repository

    REPOSITORY  COMMITS  CHECKS  STATUSES  PULL REQUESTS
    acme/cms    yes      yes     yes       yes
    55 of 60 questions an hour are left until 13:00 UTC
    ");
    world.state().github.repo("acme/cms").set_private(true);
    let (exit, said) = of_github(&world, "").await;
    assert_eq!(exit, Exit::Refused);
    insta::assert_snapshot!(said, @r"
    no GitHub token in /longshore/github-token: 60 questions an hour, shared with strangers, and no private repository

    REPOSITORY  COMMITS  CHECKS  STATUSES  PULL REQUESTS
    acme/cms    no
    54 of 60 questions an hour are left until 13:00 UTC
    longshore: GitHub does not show the commits of acme/cms: check the names in the configuration, and what the token may read
    ");
    keep(&world, PAT);
    let (exit, said) = of_github(&world, "").await;
    assert_eq!(exit, Exit::Refused);
    insta::assert_snapshot!(said, @"longshore: GitHub refuses the token in /longshore/github-token: store a valid one");
    world.state().github.accept_token(PAT);
    let (exit, said) = of_github(&world, "").await;
    assert_eq!(exit, Exit::Done);
    insta::assert_snapshot!(said, @r"
    REPOSITORY  COMMITS  CHECKS  STATUSES  PULL REQUESTS
    acme/cms    yes      yes     yes       yes
    4995 of 5000 questions an hour are left until 13:00 UTC
    ");
    world.state().github.rename("acme/cms", "acme/content");
    let (exit, said) = of_github(&world, "").await;
    assert_eq!(exit, Exit::Refused);
    insta::assert_snapshot!(said, @r"
    REPOSITORY  COMMITS  CHECKS  STATUSES  PULL REQUESTS
    acme/cms    yes      yes     yes       yes
    4985 of 5000 questions an hour are left until 13:00 UTC
    longshore: acme/cms has another name at GitHub by now, and nothing is deployed from it once somebody else takes this one: write the new one, and push it
    ");
    world.state().github.rename("acme/content", "acme/cms");
    world.state().github.hide_checks();
    let (exit, said) = of_github(&world, "").await;
    assert_eq!(exit, Exit::Refused);
    assert!(!said.contains(PAT));
    insta::assert_snapshot!(said, @r"
    REPOSITORY  COMMITS  CHECKS  STATUSES  PULL REQUESTS
    acme/cms    yes      no      no        yes
    4980 of 5000 questions an hour are left until 13:00 UTC
    longshore: GitHub does not show the checks of acme/cms: check the names in the configuration, and what the token may read
    ");
}

#[tokio::test(start_paused = true)]
async fn github_shows_what_its_app_may_see() {
    const AS_APP: &str = "[github]\napp = \"Iv23liExample\"\nhost = \"git.acme.example\"";
    let world = world();
    {
        let github = &mut world.state().github;
        github.move_to("git.acme.example");
        github.repo("acme/cms").set_private(true);
        github.app("Iv23liExample");
    }
    keep(&world, "not a key");
    // A file that somebody proposes names whatever host they like.
    let (exit, said) = of_github(&world, AS_APP).await;
    assert_eq!(exit, Exit::Done);
    insta::assert_snapshot!(said, @"GitHub is not asked: git.acme.example is not the host of the configuration that was pushed, and would see the token; push it first, and name the table with --table");
    let asked = |call: &longshore_sim::Call| call.service == "github";
    assert!(!world.state().calls.iter().any(asked));
    let folder = Folder::new("live-pushed", &[("longshore.toml", &with_github(AS_APP))]);
    let pushed = longshore(&world, &["push", folder.path()]).await;
    assert_eq!(pushed.exit, Exit::Done, "{}", pushed.err);
    let (exit, said) = of_github(&world, AS_APP).await;
    assert_eq!(exit, Exit::Refused);
    insta::assert_snapshot!(said, @"longshore: /longshore/github-token holds no private key: store the .pem file that the App's page hands out, or remove github.app");
    keep(&world, &longshore_sim::github::published_key());
    let (exit, said) = of_github(&world, AS_APP).await;
    assert_eq!(exit, Exit::Refused);
    insta::assert_snapshot!(said, @r"
    REPOSITORY  COMMITS  CHECKS  STATUSES  PULL REQUESTS
    acme/cms    no
    longshore: GitHub does not show the commits of acme/cms: check the names in the configuration, and what the App is installed on and may read
    ");
    let read = [
        ("contents", "read"),
        ("metadata", "read"),
        ("checks", "read"),
    ];
    world
        .state()
        .github
        .app("Iv23liExample")
        .install("acme", &read);
    let (exit, said) = of_github(&world, AS_APP).await;
    assert_eq!(exit, Exit::Done);
    insta::assert_snapshot!(said, @r"
    REPOSITORY  COMMITS  CHECKS  STATUSES  PULL REQUESTS
    acme/cms    yes      yes     no        no
    4995 of 5000 questions an hour are left until 13:00 UTC
    ");
}

#[tokio::test(start_paused = true)]
async fn another_repository_of_the_name_is_told_from_the_one_that_is_known() {
    let world = world();
    world.state().github.repo("acme/cms");
    let store = store(&world);
    let name = "acme/cms".parse().unwrap();
    let known = "1296269".parse().unwrap();
    store.put_repository(&name, known).await.unwrap();
    let (exit, said) = of_github(&world, "").await;
    assert_eq!(exit, Exit::Done, "{said}");
    {
        let github = &mut world.state().github;
        github.delete("acme/cms");
        github.repo("acme/cms");
    }
    let (exit, said) = of_github(&world, "").await;
    assert_eq!(exit, Exit::Refused);
    insta::assert_snapshot!(said, @r#"
    no GitHub token in /longshore/github-token: 60 questions an hour, shared with strangers, and no private repository

    REPOSITORY  COMMITS  CHECKS  STATUSES  PULL REQUESTS
    acme/cms    another
    54 of 60 questions an hour are left until 13:00 UTC
    longshore: another repository at GitHub has the name acme/cms: it is 1296270, and Longshore knows 1296269, so nothing is deployed from it. Write the new name of 1296269; or if 1296270 is right, write github.repository_ids = { "acme/cms" = "1296270" }. Then push it
    "#);
    let right = "[github]\nrepository_ids = { \"acme/cms\" = \"1296270\" }";
    let (exit, said) = of_github(&world, right).await;
    assert_eq!(exit, Exit::Done, "{said}");
}
