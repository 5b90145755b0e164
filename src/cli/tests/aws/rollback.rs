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
            "cms on staging: what runs now -> what deploy 1a2b3c4d ran, which the newest 100 entries do not hold\nSlack is told nothing: `slack.announce` names no channel\nthe rollback of cms on staging is recorded as {id}\n"
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
            "cms on production: what runs now -> what ran before it, which the history does not tell\nSlack is told nothing: `slack.announce` names no channel\nthe rollback of cms on production is recorded as {id}\n{id}: asked for; its plan is being made\n"
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
            cms on staging: 2 (deploy ID, 1 Jun 12:40 UTC) -> 1 (deploy ID, 1 Jun 12:10 UTC)
            it is not live any more because: `maria` deployed `2` 20 min ago
            not to 3 (deploy ID, 1 Jun 12:30 UTC), unless you name it: `maria` rolled back just now, to `2`
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

/// What Slack suggests, a terminal takes: the same words, in whatever order and with whatever preposition.
#[tokio::test(start_paused = true)]
async fn the_words_of_slacks_rollback_are_taken() {
    let world = world();
    push(&world).await;
    let deploy = || Verb::deploy(None, None);
    has_run(&world, &[("1", deploy()), ("2", deploy()), ("3", deploy())]).await;
    let history = store(&world).history(10).await.unwrap();
    let id = |at: usize| history[at].id.clone().unwrap();
    let (second, first) = (id(1), id(2));
    let (newest, oldest) = (id(0).to_string(), first.to_string());
    for (typed, goes_to) in [
        (vec!["cms", "on", "staging"], &second),
        (vec!["on", "stg", "cms"], &second),
        (vec!["cms", "staging", "to", "1"], &first),
        (vec!["cms", "staging", "--to", "1"], &first),
        (vec!["cms", "on", "staging", "to", &oldest], &first),
        (vec![&newest], &second),
    ] {
        let arguments = [&["rollback", "--yes"][..], &typed].concat();
        let said = longshore(&world, &arguments).await;
        assert_eq!(said.exit, Exit::Done, "{typed:?}: {}", said.err);
        let (deploy, _) = self::deploy(&world, said.out.trim_end()).await;
        assert_eq!(
            deploy.verb(),
            &Verb::rollback(Some(goes_to.clone())),
            "{typed:?}"
        );
        assert_eq!(deploy.application().as_str(), "cms");
    }
    for typed in [
        vec!["cms", "staging", "to", "9.9.9"],
        vec!["cms,webapp", "staging"],
    ] {
        let arguments = [&["rollback", "--yes"][..], &typed].concat();
        let said = longshore(&world, &arguments).await;
        assert_eq!(said.exit, Exit::Usage, "{typed:?}: {}", said.err);
    }
}

/// What AWS's software says of itself is printed only to whoever asks for it.
#[tokio::test(start_paused = true)]
async fn a_table_that_cannot_be_reached_is_told_in_one_sentence() {
    let world = world();
    push(&world).await;
    for (arguments, reported) in [
        (&["status"][..], 0),
        (&["history"], 0),
        (&["show", "last"], 0),
        (&["rollback", "cms", "staging", "--yes"], 0),
        (&["deploy", "cms", "staging", "--yes"], 0),
        (&["cancel", "cms", "staging", "--yes"], 0),
        (&["status", "--verbose"], 1),
    ] {
        let all = Matcher::operation("dynamodb", "GetItem");
        world.state().faults.plan(
            all,
            Kind::Refused(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
        );
        let said = longshore(&world, arguments).await;
        assert_eq!(said.exit, Exit::AwsFailed, "{arguments:?}: {}", said.err);
        let lines: Vec<&str> = said
            .err
            .lines()
            .filter(|line| !line.ends_with("..."))
            .collect();
        assert_eq!(lines.len(), 1 + reported, "{arguments:?}: {}", said.err);
        assert!(lines[0].contains("sign in again"), "{}", said.err);
        assert_eq!(
            said.err.contains("UnrecognizedClientException"),
            reported > 0
        );
    }
}
