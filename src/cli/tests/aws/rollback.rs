//! `longshore rollback`: recorded and started as from Slack, followed to its verdict.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_rollback_is_recorded_and_started_as_from_slack() {
    let world = world();
    push(&world).await;
    let said = longshore(
        &world,
        &["rollback", "--yes", "cms", "stg", "--to", "1a2b3c4d"],
    )
    .await;
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    let id = said.out.trim_end();
    assert_eq!(
        said.err,
        format!(
            "cms in staging: what runs now -> what deploy 1a2b3c4d ran, which the newest 100 entries do not hold\nSlack is told nothing: `slack.announce` names no channel\nthe rollback of cms in staging is recorded as {id}\n"
        )
    );
    assert_eq!(
        executions(&world),
        [(id.to_owned(), format!("{{\"id\":\"{id}\"}}"))]
    );
    let (deploy, _) = deploy(&world, id).await;
    assert_eq!(deploy.phase, Phase::Requested);
    let to = Some("1a2b3c4d".parse().unwrap());
    assert_eq!(deploy.verb(), &Verb::rollback(to));
    let arn = "arn:aws:iam::111111111111:user/dana".to_owned();
    assert_eq!(deploy.requester, Actor::Operator { arn, name: None });
    assert_eq!(deploy.origin.channel, None);
}

#[tokio::test(start_paused = true)]
async fn waiting_follows_the_rollback_to_its_verdict() {
    for (verdict, why, exit) in [
        (Verdict::Succeeded, "", Exit::Done),
        (
            Verdict::Refused,
            "There is nothing to roll back to.",
            Exit::Refused,
        ),
    ] {
        let world = world();
        push(&world).await;
        let command = longshore(
            &world,
            &["rollback", "--yes", "cms", "production", "--wait"],
        );
        let waiter = async {
            while executions(&world).is_empty() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            let (id, _) = executions(&world).remove(0);
            tokio::time::sleep(Duration::from_secs(60)).await;
            end(&world, &id, verdict, why).await;
        };
        let (said, ()) = tokio::join!(command, waiter);
        assert_eq!(said.exit, exit);
        let id = said.out.trim_end();
        let mut expected = format!(
            "cms in production: what runs now -> what ran before it, which the history does not tell\nSlack is told nothing: `slack.announce` names no channel\nthe rollback of cms in production is recorded as {id}\n{id}: asked for; its plan is being made\n"
        );
        expected.push_str(match verdict {
            Verdict::Refused => {
                "cms: the rollback to the last good version on production was not started\nThere is nothing to roll back to.\n"
            }
            _ => "cms: rolled back to the last good version on production in 1 min\n",
        });
        assert_eq!(said.err, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_records_one_rollback() {
    let world = world();
    push(&world).await;
    let writes = Matcher::operation("dynamodb", "TransactWriteItems");
    world.state().faults.plan(writes.nth(1), Kind::Lost);
    let said = longshore(&world, &["rollback", "--yes", "cms", "staging"]).await;
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    assert_eq!(world.state().faults.fired(), 1);
    let id = said.out.trim_end().to_owned();
    assert_eq!(waiting(&world).await, [(Some(Desk::Operators), id)]);
    assert_eq!(executions(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_fails_leaves_the_record_to_the_sweeper() {
    let world = world();
    push(&world).await;
    world.state().states.machines.clear();
    let said = longshore(&world, &["rollback", "--yes", "cms", "staging"]).await;
    assert_eq!(said.exit, Exit::Done);
    assert!(
        said.err
            .contains("it was not started at once and will be within two minutes"),
        "{}",
        said.err
    );
    let id = said.out.trim_end().to_owned();
    assert_eq!(waiting(&world).await, [(Some(Desk::Operators), id)]);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_cannot_be_is_refused_before_anything_is_written() {
    let world = world();
    let said = longshore(&world, &["rollback", "--yes", "cms", "staging"]).await;
    insta::assert_snapshot!(said.err, @r"longshore: no configuration was ever pushed; publish one with `longshore push`");
    push(&world).await;
    for arguments in [
        ["nothing", "staging", "--to=1a2b3c4d"],
        ["cms", "qa", "--to=1a2b3c4d"],
        ["cms", "staging", "--to=latest"],
    ] {
        let said = longshore(&world, &[&["rollback"][..], &arguments].concat()).await;
        assert_eq!(said.exit, Exit::Usage, "{arguments:?}");
        assert_eq!(said.out, "");
    }
    assert!(store(&world).open().await.unwrap().is_empty());
    assert!(executions(&world).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_rollback_goes_on_when_it_cannot_be_followed() {
    let world = world();
    push(&world).await;
    let command = longshore(&world, &["rollback", "--yes", "cms", "staging", "--wait"]);
    let outage = async {
        while executions(&world).is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        world.state().dynamodb.tables.clear();
    };
    let (said, ()) = tokio::join!(command, outage);
    assert_eq!(said.exit, Exit::AwsFailed);
    assert!(
        said.err
            .trim_end()
            .contains("the deploy goes on, but cannot be followed from here"),
        "{}",
        said.err
    );
}

#[tokio::test(start_paused = true)]
async fn a_rollback_shows_from_what_to_what_it_goes_and_asks() {
    let world = world();
    push(&world).await;
    let deploy = || Verb::Deploy {
        reference: None,
        image: None,
        again: None,
        from: None,
    };
    let back = || Verb::rollback(None);
    has_run(&world, &[("1", deploy()), ("2", deploy()), ("3", deploy())]).await;
    has_run(&world, &[("2", back())]).await;
    let before = waiting(&world).await;
    for (typed, done) in [("", false), ("no\n", false), ("\n", false), ("yes\n", true)] {
        let said = types(&world, &["rollback", "cms", "staging"], typed).await;
        assert_eq!(said.exit == Exit::Done, done, "{}", said.err);
        assert_eq!(
            waiting(&world).await.len(),
            before.len() + usize::from(done)
        );
        let ids = |text: &str| {
            let words = text.split("deploy ").skip(1);
            words.fold(text.to_owned(), |text, word| text.replace(&word[..8], "ID"))
        };
        let first: Vec<String> = said.err.lines().take(3).map(ids).collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(first.join("\n"), @r"
            cms in staging: 2 (deploy ID, 1 Jun 12:40 UTC) -> 1 (deploy ID, 1 Jun 12:10 UTC)
            it is not live any more because: `maria` deployed `2` 20 min ago
            not to 3 (deploy ID, 1 Jun 12:30 UTC), which only --to goes to: `maria` rolled back just now, to `2`
            ");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_says_what_slack_will_be_told() {
    let world = world();
    let announced = CONFIG.replace(
        "teams = [\"T0001\"]",
        "teams = [\"T0001\"], announce = \"C0MGMT\"",
    );
    let folder = Folder::new("announced", &[("longshore.toml", &announced)]);
    longshore(&world, &["push", folder.path()]).await;
    let said = types(
        &world,
        &["rollback", "cms", "staging", "--to", "1a2b3c4d"],
        "yes",
    )
    .await;
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    let id = said.out.trim_end();
    assert_eq!(
        said.err.lines().nth(1),
        Some(&*format!(
            "Slack, in #C0MGMT: cms: rolling back to what deploy 1a2b3c4d ran on staging, deploy {id}"
        ))
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_where_nobody_sits() {
    let world = world();
    push(&world).await;
    let said = at(&world, &["rollback", "cms", "staging"], Terminal::nobody()).await;
    assert_eq!((said.exit, &*said.out), (Exit::Refused, ""));
    assert!(
        said.err.contains("nobody can be asked here; with --yes"),
        "{}",
        said.err
    );
    assert!(waiting(&world).await.is_empty());
    // Whoever leaves the question has not said yes.
    let leaves = Terminal::with(
        || Box::pin(std::future::pending()),
        || Box::pin(tokio::time::sleep(Duration::from_secs(3))),
    );
    let said = at(&world, &["rollback", "cms", "staging"], leaves).await;
    assert_eq!(said.exit, Exit::Refused);
    assert!(waiting(&world).await.is_empty());
}
