//! The commands that talk to AWS, against the simulated one, which tokio's paused clock drives.

use std::time::Duration;

use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::{Clock, World};

use super::{CONFIG, Folder, Said};
use crate::aws::dynamodb::{PushOutcome, Recorded, Store};
use crate::aws::{Aws, Patience};
use crate::cli::{Exit, Surroundings, run};
use crate::config::{Config, MOST_STORED, Packed};
use crate::hearing::request::Desk;
use crate::names::Actor;
use crate::record::{Deploy, Ending, Phase, Verdict, Why};
use crate::request::Verb;

const TABLE: &str = "longshore-table";

fn world() -> World {
    let world = World::new(Clock::starting_at("2026-06-01T12:00:00Z".parse().unwrap()));
    let mut state = world.state();
    state.dynamodb.create_table(TABLE);
    state.states.create_machine(
        "longshore-deploys",
        longshore_sim::states::Machine::default(),
    );
    let dana = "arn:aws:iam::111111111111:user/dana".to_owned();
    let principal = (dana, "111111111111".to_owned());
    state
        .sts
        .principals
        .insert("AKIADANA".to_owned(), principal);
    drop(state);
    world
}

fn aws(world: &World) -> Aws {
    let (http, time) = (world.http_client(), world.time_source());
    Aws::new(http, time, "eu-west-1", "AKIADANA", Patience::STEP)
}

fn store(world: &World) -> Store {
    aws(world).store(TABLE)
}

async fn longshore(world: &World, arguments: &[&str]) -> Said {
    types(world, arguments, "").await
}

/// The same, with what is typed when it asks.
async fn types(world: &World, arguments: &[&str], typed: &str) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let connected = world.clone();
    let mut surroundings = Surroundings {
        variable: &|name| match name {
            "TABLE_NAME" => Some(TABLE.to_owned()),
            "STATE_MACHINE_ARN" => Some(
                "arn:aws:states:eu-west-1:111111111111:stateMachine:longshore-deploys".to_owned(),
            ),
            _ => None,
        },
        connect: &move || {
            let aws = aws(&connected);
            Box::pin(async move { aws })
        },
        now: world.now(),
        input: &mut typed.as_bytes(),
        out: &mut out,
        err: &mut err,
    };
    let arguments = ["longshore"].iter().chain(arguments);
    let exit = run(arguments, &mut surroundings).await;
    Said {
        exit,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

async fn push(world: &World) {
    let folder = Folder::new("pushed", &[("longshore.toml", CONFIG)]);
    let said = longshore(world, &["push", folder.path()]).await;
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
}

/// Everything that the executions were started with: name and input.
fn executions(world: &World) -> Vec<(String, String)> {
    let state = world.state();
    let executions = state.states.executions.values();
    executions
        .map(|execution| (execution.name.clone(), execution.input.clone()))
        .collect()
}

/// The deploy, taken in as the waiter would do it.
async fn deploy(world: &World, id: &str) -> (Deploy, u64) {
    let (store, id) = (store(world), id.parse().unwrap());
    let asked = store.deploy_or_request(&id).await.unwrap().unwrap();
    store.take_in(&asked, Desk::Operators).await.unwrap();
    let dossier = store.load(id.as_str()).await.unwrap().unwrap();
    match dossier.recorded {
        Recorded::Deploy(deploy) => (*deploy, dossier.rev),
        Recorded::Job(job) => panic!("{job:?}"),
    }
}

/// The ids of all requests that wait to be taken in, by desk.
async fn waiting(world: &World) -> Vec<(Option<Desk>, String)> {
    let open = store(world).open().await.unwrap();
    open.into_iter().map(|one| (one.request, one.id)).collect()
}

/// What the waiter would do in the end.
async fn end(world: &World, id: &str, verdict: Verdict, why: &str) {
    let (mut deploy, rev) = deploy(world, id).await;
    deploy.phase = Phase::Ended;
    deploy.ending = Some(Ending {
        verdict,
        at: world.now(),
        why: match why {
            "" => Why::Said,
            why => Why::failed(why),
        },
    });
    store(world).save(&deploy, rev).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn push_stores_a_version_that_can_be_read_again() {
    let world = world();
    let folder = Folder::new("push", &[("longshore.toml", CONFIG)]);
    let said = longshore(&world, &["push", folder.path()]).await;
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    let stored = store(&world).configuration().await.unwrap().unwrap();
    let config = Config::parse(&stored.body).unwrap();
    assert_eq!(config.sha256().unwrap(), stored.sha256);
    assert_eq!(said.out, format!("version 1, sha256 {}\n", stored.sha256));
    assert!(
        said.err
            .ends_with("pushing to longshore-table as arn:aws:iam::111111111111:user/dana\n")
    );

    let said = longshore(&world, &["push", folder.path()]).await;
    assert_eq!(said.out, format!("version 1, sha256 {}\n", stored.sha256));
    assert!(
        said.err
            .ends_with("it is current already; nothing was stored\n")
    );

    let changed = Folder::new(
        "changed",
        &[("longshore.toml", &CONFIG.replace("stg", "test"))],
    );
    let said = longshore(&world, &["push", changed.path()]).await;
    assert!(said.out.starts_with("version 2, sha256 "));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_or_a_bad_configuration_stores_nothing() {
    let world = world();
    let folder = Folder::new("dry", &[("longshore.toml", CONFIG)]);
    let said = longshore(&world, &["push", "--dry-run", folder.path()]).await;
    assert_eq!(said.exit, Exit::Done);
    assert!(said.out.contains("sha256 ") && said.err.ends_with("nothing was stored\n"));
    let bad = Folder::new(
        "bad",
        &[("longshore.toml", &CONFIG.replace("T0001", "C0001"))],
    );
    let said = longshore(&world, &["push", bad.path()]).await;
    assert_eq!(said.exit, Exit::Refused);
    assert_eq!(store(&world).configuration().await.unwrap(), None);
}

/// A configuration of so many applications, as a generator would write it.
fn applications(count: usize) -> String {
    let (head, _) = CONFIG.split_once("[applications.cms]").unwrap();
    let team = |n: usize| format!("team-{:02}", n % 40);
    let one = |n: usize| {
        format!(
            "[applications.service-{n:05}]\ntitle = \"Service number {n}\"\nteam = \"{}\"\n\
             environments = [\"staging\", \"production\"]\n\
             source = {{ repository = \"acme/service-{n:05}\", image = \"acme/service-{n:05}\" }}\n\
             services = [\"service-{n:05}-{{env}}-web\", \"service-{n:05}-{{env}}-worker\"]\n\
             roles = [\"service-{n:05}-execution\", \"service-{n:05}-task\"]\n",
            team(n)
        )
    };
    let teams = (0..40).map(|n| format!("[teams.{}]\nmembers = [\"U0ADA{n:04}\"]\n", team(n)));
    let teams: String = teams.collect();
    let applications: String = (0..count).map(one).collect();
    let head = head.replace("request  =", "scope = \"cluster\"\nrequest  =");
    let head = head.replace("confirm =", "scope = \"cluster\"\nconfirm =");
    format!("{head}{teams}{applications}")
}

#[tokio::test(start_paused = true)]
async fn a_configuration_of_thousands_of_applications_is_one_item_and_one_read() {
    for (count, larger_than) in [(300, 150_000), (1_000, 500_000)] {
        let world = world();
        let folder = Folder::new("large", &[("longshore.toml", &applications(count))]);
        let said = longshore(&world, &["check", folder.path()]).await;
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
        let size = said.out.lines().find(|line| line.starts_with("size "));
        let said = longshore(&world, &["push", folder.path()]).await;
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
        let before = world.state().calls.len();
        let settings = crate::settings::Settings::default();
        let loaded = settings.current(&store(&world), world.now()).await.unwrap();
        assert_eq!(world.state().calls.len(), before + 1, "one round trip");
        assert_eq!(loaded.config.applications().count(), count);
        let canonical = loaded.config.canonical().unwrap();
        assert!(canonical.len() > larger_than, "{}", canonical.len());
        let stored = Packed::of(&canonical).unwrap().bytes().len();
        let expected = format!(
            "size {} bytes, stored in {stored} of 405504",
            canonical.len()
        );
        assert_eq!(size, Some(expected.as_str()));
    }
}

/// Both items, the version and the current one, are as large as they may be.
#[tokio::test(start_paused = true)]
async fn the_largest_configuration_that_check_takes_is_one_that_dynamodb_takes() {
    fastrand::seed(13);
    let digits = std::iter::repeat_with(|| char::from(b"0123456789abcdef"[fastrand::usize(..16)]));
    let noise: String = digits.take(1_000_000).collect();
    let lengths: Vec<usize> = (0..noise.len()).collect();
    let end = lengths.partition_point(|length| Packed::of(&noise[..*length]).is_ok()) - 1;
    let largest = Packed::of(&noise[..end]).unwrap();
    assert!(largest.bytes().len() > MOST_STORED - 8);
    let world = world();
    // A role's session: path, role and name at their longest.
    let arn = format!(
        "arn:aws-us-gov:sts::111111111111:assumed-role/{}",
        "r".repeat(640)
    );
    let by = Actor::Operator { arn };
    let sha256 = "a".repeat(64);
    let table = store(&world);
    let pushed = table.put_configuration(&largest, &sha256, &by, world.now());
    assert_eq!(pushed.await.unwrap(), PushOutcome::Pushed(1));
    let stored = store(&world).configuration().await.unwrap().unwrap();
    assert_eq!(stored.body, noise[..end]);
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_does_not_fit_is_refused_before_anything_is_sent() {
    fastrand::seed(11);
    let noise = || -> String {
        let letters = std::iter::repeat_with(fastrand::alphanumeric);
        letters.take(250).collect()
    };
    let same = || "a".repeat(250);
    for (count, name, why) in [
        (3_000, &noise as &dyn Fn() -> String, "bytes compressed"),
        (20_000, &same, "bytes of JSON"),
    ] {
        let groups: Vec<String> = (0..count).map(|_| format!("\"{}\"", name())).collect();
        let groups = format!("log_groups   = [{}]", groups.join(", "));
        let text = CONFIG.replace("log_groups   = [\"/acme/{env}/{app}\"]", &groups);
        let text = text.replace("evidence = \"logs\"", "");
        let folder = Folder::new("too-large", &[("longshore.toml", &text)]);
        for command in [&["check"][..], &["push"], &["push", "--dry-run"]] {
            let world = world();
            let said = longshore(&world, &[command, &[folder.path()]].concat()).await;
            assert_eq!(said.exit, Exit::Refused);
            let words = said.err.lines().last().unwrap();
            assert!(
                words.contains(why) && words.contains("divide it"),
                "{words}"
            );
            assert_eq!(said.out, "");
            assert!(world.state().calls.is_empty(), "{command:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_aws_that_says_no_is_exit_code_three() {
    let world = world();
    world.state().dynamodb.tables.clear();
    let folder = Folder::new("no-table", &[("longshore.toml", CONFIG)]);
    let said = longshore(&world, &["push", folder.path()]).await;
    assert_eq!(said.exit, Exit::AwsFailed);
    assert!(
        said.err.trim_end().ends_with("nothing was stored"),
        "{}",
        said.err
    );
}

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
            "cms in staging: what runs now → what deploy 1a2b3c4d ran, which the newest 100 entries do not hold\nthe rollback of cms in staging is recorded as {id}\n"
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
    assert_eq!(deploy.requester, Actor::Operator { arn });
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
            "cms in production: what runs now → what ran before it, which the history does not tell\nthe rollback of cms in production is recorded as {id}\nrequested\n{}",
            verdict.name()
        );
        if verdict == Verdict::Refused {
            expected.push_str(
                ": There is nothing to roll back to.\nlongshore: the rollback ended Refused",
            );
        }
        assert_eq!(said.err, format!("{expected}\n"));
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
        assert_eq!(said.exit, Exit::Refused, "{arguments:?}");
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
            .ends_with("the rollback goes on, but cannot be followed from here"),
        "{}",
        said.err
    );
}

/// What the history has of cms on staging, oldest first: the image, and whether it was a rollback.
async fn has_run(world: &World, labels: &[(&str, Verb)]) {
    let store = store(world);
    for (label, verb) in labels {
        tokio::time::sleep(Duration::from_secs(600)).await;
        let request = format!("{label} {}", world.now());
        let id = crate::names::DeployId::derive(request.as_bytes());
        let digest = format!("sha256:{}", label.repeat(64));
        let mut deploy = Deploy::new(
            id,
            verb.clone(),
            ("cms".parse().unwrap(), "staging".parse().unwrap()),
            Actor::Operator {
                arn: "arn:aws:iam::111111111111:user/maria".to_owned(),
            },
            world.now(),
            crate::record::Origin { channel: None },
        );
        let mut plan = crate::card::fixtures::plan(label, &["cms"]);
        plan.services[0].change = crate::plan::Change::Exactly {
            revision: format!("cms:{label}"),
            images: vec![("app".to_owned(), format!("cms@{digest}"))],
        };
        let mut service = crate::record::ServiceState::new("cms");
        service.revision = Some(format!("cms:{label}"));
        deploy.services = vec![service];
        deploy.plan = Some(plan);
        store.take_in(&deploy, Desk::Operators).await.unwrap();
        let rev = store.load(deploy.id.as_str()).await.unwrap().unwrap().rev;
        deploy.end(Verdict::Succeeded, world.now(), Why::Said);
        let past = crate::past::of(&deploy);
        let at = world.now();
        store.end(&deploy, rev, &past, &[], at).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_shows_from_what_to_what_it_goes_and_asks() {
    let world = world();
    push(&world).await;
    let deploy = || Verb::Deploy {
        reference: None,
        image: None,
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
            cms in staging: 2 (deploy ID, 1 Jun 12:40 UTC) → 1 (deploy ID, 1 Jun 12:10 UTC)
            it is not live any more because: `maria` deployed `2` 20 min ago
            not to 3 (deploy ID, 1 Jun 12:30 UTC), which only --to goes to: `maria` rolled back just now, to `2`
            ");
        }
    }
}
