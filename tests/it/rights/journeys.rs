//! Everything that people do with Longshore, played once in a town, for the calls that come of it.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use longshore::aws::Patience;
use longshore::cli::{self, Exit, Surroundings};
use longshore::http::{Dial, Http};
use longshore::slack::client::SlackClient;
use longshore_sim::Call;
use longshore_sim::ecr::{self, Manifest};
use longshore_sim::ecs::{Script, TaskScript};

use crate::ci::{self as pipelines, PIPELINES};
use crate::keyless::{TRUSTING, asks_again_once_its_key_is_known};
use crate::town::{
    ADA, BOB, Bot, EVE, MACHINE, OPERATOR_KEY, PROD, REGION, ROOT, SITE, Town, aws, digest_of,
    with_before,
};

/// A person at the console, who is no part of Longshore.
pub(crate) const SOMEBODY_KEY: &str = "AKIASOMEBODY";

/// The configuration of the town, with the roles that its tasks run with.
pub(crate) fn configuration() -> String {
    let webapp = "[applications.webapp]\nroles = [\"webapp-task\", \"webapp-execution\"]\n";
    let roles = [
        "cms-api-task",
        "cms-api-execution",
        "cms-worker-task",
        "cms-worker-execution",
        "cms-migrate-task",
        "cms-migrate-execution",
        "nightly-report-task",
        "nightly-report-execution",
        "nightly-report-scheduler",
        "cleanup-scheduler",
    ];
    let schedules = r#"schedules = ["nightly-report", "cleanup:cms-worker"]"#;
    let cms = format!("[applications.cms]\nroles = {roles:?}\n{schedules}\n");
    let site = "[applications.site]\nroles = [\"site-web-task\", \"site-web-execution\", \"site-jobs-task\", \"site-jobs-execution\"]\n";
    format!("{}{SITE}{PIPELINES}{TRUSTING}", with_before())
        .replace("[applications.site]\n", site)
        .replace(
            "evidence = \"logs\"",
            "evidence = \"logs\"\npublish  = true\nimmutable = true\nscan = \"critical\"",
        )
        .replace("[applications.webapp]\n", webapp)
        .replace(
            "admins = [\"U0ROOT001\"]",
            "admins = [\"U0ROOT001\"], announce = \"C0DEPLOYS\"",
        )
        .replace("members      = [", "members      = [\"@S0RELEASE\", ")
        .replace("[applications.cms]\n", &cms)
}

/// Every call of the whole play, played once for all tests.
pub(crate) fn calls() -> &'static [Call] {
    static CALLS: OnceLock<Vec<Call>> = OnceLock::new();
    CALLS.get_or_init(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(play())
    })
}

/// A folder that holds the configuration, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(configuration: &str) -> Self {
        static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("longshore-rights-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("longshore.toml"), configuration).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The same with environments whose roles are for their whole clusters.
pub(crate) fn of_the_cluster() -> String {
    let staging = "cluster  = \"staging\"\n";
    let production = "cluster  = \"production\"\n";
    [staging, production]
        .iter()
        .fold(configuration(), |text, line| {
            assert!(text.contains(line));
            text.replace(line, &format!("{line}scope    = \"cluster\"\n"))
        })
}

/// The stack that `longshore target` generates for an environment.
pub(crate) fn target(environment: &str, configuration: &str) -> String {
    let (exit, out, err) = says(&["target", environment], configuration);
    assert_eq!(exit, Exit::Done, "{err}");
    out
}

/// What the command line says of a configuration.
pub(crate) fn says(arguments: &[&str], configuration: &str) -> (Exit, String, String) {
    let folder = Folder::new(configuration);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut surroundings = Surroundings {
        variable: &|_| None,
        connect: &|| panic!("this command needs no AWS"),
        slack: &|| panic!("this command needs no Slack"),
        github: &|| panic!("this command needs no GitHub"),
        clock: &|| "2026-03-02T09:00:00Z".parse().unwrap(),
        input: &mut std::io::empty(),
        terminal: cli::Terminal::nobody(),
        out: &mut out,
        err: &mut err,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let arguments = [&["longshore"], arguments, &[folder.path()]].concat();
    let exit = runtime.block_on(cli::run(arguments, &mut surroundings));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (exit, text(out), text(err))
}

/// An operator runs the command line.
pub(crate) async fn longshore(town: &Town, arguments: &[&str]) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let world = town.world.clone();
    let mut surroundings = Surroundings {
        variable: &|name| match name {
            "TABLE_NAME" => Some("longshore".to_owned()),
            "STATE_MACHINE_ARN" => Some(format!(
                "arn:aws:states:{REGION}:{PROD}:stateMachine:{MACHINE}"
            )),
            _ => None,
        },
        connect: &move || {
            let aws = aws(&world, OPERATOR_KEY, Patience::STEP);
            Box::pin(async move { aws })
        },
        slack: &|| {
            SlackClient::new(
                Http::new(town.world.http_client(), Dial::Direct),
                town.world.time_source(),
            )
        },
        github: &|| Http::new(town.world.http_client(), Dial::Direct),
        clock: &|| town.world.now(),
        input: &mut std::io::empty(),
        terminal: cli::Terminal::nobody(),
        out: &mut out,
        err: &mut err,
    };
    let arguments = ["longshore"].iter().chain(arguments);
    let mut driver = town.driver();
    let exit = tokio::select! {
        biased;
        exit = Box::pin(cli::run(arguments, &mut surroundings)) => exit,
        () = driver.run_for(Duration::from_secs(3600)) => panic!("it never returns"),
    };
    assert_eq!(exit, Exit::Done, "{}", String::from_utf8_lossy(&err));
}

/// Time passes with the schedule and the events at work, until all has ended.
async fn ends(town: &Town) {
    let mut driver = town
        .driver()
        .sweep_every(Duration::from_secs(60))
        .deliver_events();
    assert!(driver.run_to_the_end(Duration::from_secs(12 * 3600)).await);
}

async fn passes(town: &Town, seconds: u64) {
    let mut driver = town
        .driver()
        .sweep_every(Duration::from_secs(60))
        .deliver_events();
    driver.run_for(Duration::from_secs(seconds)).await;
}

/// The executions of deploys so far, newest last.
fn executions(town: &Town) -> Vec<String> {
    let state = town.world.state();
    let mut all: Vec<_> = state.states.executions.values().collect();
    all.sort_by_key(|execution| execution.started);
    let deploys = all
        .iter()
        .filter(|execution| !execution.name.starts_with("r-"));
    deploys.map(|execution| execution.arn.clone()).collect()
}

/// The image of a branch of webapp becomes an index, whose platforms a plan reads.
fn is_for_several_platforms(town: &Town, branch: &str) {
    let state = &mut *town.world.state();
    let head = state.github.repo("acme/webapp").head(branch).unwrap();
    let child = |architecture: &str| (architecture.to_owned(), ecr::digest(architecture));
    let index = Manifest::Index(["amd64", "arm64"].map(child).into());
    let place = (PROD, REGION, "webapp");
    state.ecr.set_manifest(place, &digest_of(&head), index);
}

/// There is a copy of a user group that the configuration named long ago.
fn names_no_more(town: &Town, group: &str) {
    let then = "2026-01-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap();
    let body = serde_json::json!({"members": [], "read_at": then}).to_string();
    let item = serde_json::json!({
        "pk": {"S": "RIGHTS"}, "sk": {"S": format!("!group#{group}")},
        "read_at": {"N": then.as_millisecond().to_string()}, "body": {"S": body},
    });
    let now = town.world.now();
    let mut state = town.world.state();
    let table = state.dynamodb.tables.get_mut("longshore").unwrap();
    let key = ("RIGHTS".to_owned(), format!("!group#{group}"));
    table.set(now, &key, item.as_object().cloned());
}

async fn play() -> Vec<Call> {
    let town = Town::empty(Bot::Token).await;
    town.builds_site();
    town.world
        .state()
        .slack
        .group("S0RELEASE", "release-crew", &[ADA]);
    names_no_more(&town, "S0GONE001");
    for repository in ["webapp", "cms", "site", "site-nginx"] {
        let ecr = &mut town.world.state().ecr;
        ecr.set_immutable((PROD, REGION, repository), true, &[]);
        ecr.scan_on_push(PROD, REGION, repository);
    }
    is_for_several_platforms(&town, "feature/signup-autocomplete");
    town.types(ADA, "webapp to staging").await;
    let folder = Folder::new(&configuration());
    longshore(&town, &["push", folder.path()]).await;
    longshore(&town, &["push", folder.path()]).await;
    longshore(&town, &["check", "--live", folder.path()]).await;

    // A pipeline asks, and hears the verdict.
    pipelines::has_keys(&town);
    pipelines::deploys_and_looks(&town).await;
    asks_again_once_its_key_is_known(&town).await;
    town.world.state().github.renew();

    // Deploys that succeed, where nobody is asked and where somebody is.
    town.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    ends(&town).await;
    town.types(BOB, "cms to staging").await;
    ends(&town).await;
    for application in ["cms", "webapp"] {
        town.types(ADA, &format!("{application} production")).await;
        passes(&town, 30).await;
        town.clicks(ADA, "confirm").await;
        ends(&town).await;
    }

    // One that ECS rolls back, with its logs; once more by its button; and back by the other's.
    town.script("staging", "webapp", Script::CrashLoop);
    town.types(ADA, "webapp:1.0.2 to staging").await;
    ends(&town).await;
    town.clicks(ADA, "retry").await;
    ends(&town).await;
    town.clicks(ADA, "rollback").await;
    ends(&town).await;
    // One where only the second service fails, so that the first has to go back; and the first alone.
    for service in ["cms-worker", "cms-api"] {
        town.script("staging", service, Script::CrashLoop);
        town.types(ADA, "cms:feature/signup-autocomplete to staging")
            .await;
        ends(&town).await;
    }
    // Where the logs are not to be shown, the tasks are looked at all the same.
    town.script("production", "webapp", Script::CrashLoop);
    town.types(ADA, "webapp:feature/signup-autocomplete to production")
        .await;
    passes(&town, 30).await;
    town.clicks(ADA, "confirm").await;
    ends(&town).await;

    // Stopped while it is asked about, and while it rolls; gone back from while it rolls.
    town.types(ADA, "cms:feature/signup-autocomplete to production")
        .await;
    passes(&town, 30).await;
    town.types(ADA, "cancel cms on production").await;
    ends(&town).await;
    for stop in ["rollback cms on staging", "cancel cms on staging"] {
        town.script("staging", "cms-api", Script::Slow(Duration::from_secs(600)));
        town.types(ADA, "cms:feature/signup-autocomplete to staging")
            .await;
        passes(&town, 100).await;
        town.types(ADA, stop).await;
        if stop.starts_with("cancel") {
            passes(&town, 5).await;
            town.clicks(ADA, "stop_back").await;
        }
        ends(&town).await;
    }
    // By now GitHub has been asked as often as it answers without a token in an hour.
    town.world.state().github.renew();
    town.script(
        "production",
        "cms-api",
        Script::Slow(Duration::from_secs(600)),
    );
    town.types(ADA, "cms:feature/signup-autocomplete to production")
        .await;
    passes(&town, 30).await;
    town.clicks(ADA, "confirm").await;
    passes(&town, 100).await;
    town.clicks(ADA, "cancel").await;
    passes(&town, 5).await;
    town.clicks(ADA, "stop_back").await;
    ends(&town).await;

    // Stopped while its one-off task runs.
    for environment in ["staging", "production"] {
        let never = TaskScript::NeverEnds;
        town.world
            .state()
            .ecs
            .set_task_script("cms-migrate", &never);
        let typed = format!("cms:feature/signup-autocomplete to {environment}");
        town.types(ADA, &typed).await;
        passes(&town, 30).await;
        if environment == "production" {
            town.clicks(ADA, "confirm").await;
        }
        passes(&town, 60).await;
        town.types(ADA, &format!("cancel cms on {environment}"))
            .await;
        ends(&town).await;
    }
    // And so it has once more.
    town.world.state().github.renew();

    // And one whose one-off task fails, with its log.
    let fails = TaskScript::Exits(Duration::from_secs(5), 1);
    town.world
        .state()
        .ecs
        .set_task_script("cms-migrate", &fails);
    town.types(ADA, "cms:feature/signup-autocomplete to staging")
        .await;
    ends(&town).await;

    // The ways back, by chat and by the command line, and a restart.
    town.types(ADA, "rollback webapp on production").await;
    passes(&town, 30).await;
    town.clicks(ADA, "confirm").await;
    ends(&town).await;
    let followed = ["rollback", "webapp", "staging", "--wait", "--yes"];
    tokio::join!(longshore(&town, &followed), passes(&town, 120));
    // It pauses, and is let on by a click.
    town.script("staging", "webapp", Script::Pause);
    town.types(ADA, "restart webapp on staging").await;
    passes(&town, 60).await;
    town.clicks(ADA, "pause_continue").await;
    ends(&town).await;
    let plain = serde_json::json!({ "lifecycleHooks": [] });
    town.world
        .state()
        .ecs
        .configure("staging", "webapp", &plain)
        .unwrap();

    // An execution that somebody ends by hand is resumed.
    town.script("staging", "webapp", Script::Slow(Duration::from_secs(600)));
    town.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    passes(&town, 60).await;
    let execution = executions(&town).pop().unwrap();
    let somebody = aws(&town.world, SOMEBODY_KEY, Patience::STEP).states();
    let stopped = somebody.stop_execution().execution_arn(&execution).send();
    stopped.await.unwrap();
    passes(&town, 70).await;
    let resumed = format!("{execution}-1");
    assert_eq!(executions(&town).pop(), Some(resumed));
    ends(&town).await;

    // What somebody else rolls out is noticed when ECS says that it is over.
    let now = town.world.now();
    let rolls_out = |state: &mut longshore_sim::State| {
        state.ecs.foreign_update(now, "staging", "webapp");
    };
    rolls_out(&mut town.world.state());
    passes(&town, 120).await;

    // Of one container's image, and back with all of them. By whole commits: GitHub answers so many
    // questions an hour.
    let [main, branch] = {
        let mut state = town.world.state();
        let repo = state.github.repo("acme/site");
        ["main", "feature/signup-autocomplete"].map(|name| repo.head(name).unwrap())
    };
    for image in ["site/nginx:3.1.0", &format!("site:{main}")] {
        town.types(ADA, &format!("{image} to staging")).await;
        ends(&town).await;
        town.types(ADA, &format!("{image} to production")).await;
        passes(&town, 30).await;
        town.clicks(ADA, "confirm").await;
        ends(&town).await;
    }
    town.types(ADA, "rollback site on staging").await;
    ends(&town).await;
    for service in ["site-web", "site-jobs"] {
        town.script("staging", service, Script::CrashLoop);
        town.types(ADA, &format!("site:{branch} to staging")).await;
        ends(&town).await;
    }

    // A right is given in chat and taken back, of somebody mentioned and of somebody named.
    for typed in [
        "grant <@U0EVE0001|eve> cms on staging",
        "revoke <@U0EVE0001|eve> cms on staging",
    ] {
        town.types(ROOT, typed).await;
        ends(&town).await;
    }
    town.types(ROOT, "grant ada cms on staging").await;
    ends(&town).await;
    town.clicks(ROOT, "that_person").await;
    ends(&town).await;

    // An admin is asked, and allows it once.
    town.types(EVE, "cms:feature/signup-autocomplete to production")
        .await;
    passes(&town, 5).await;
    town.clicks(EVE, "plead").await;
    passes(&town, 30).await;
    town.clicks(ROOT, "allow_once").await;
    ends(&town).await;

    // What people read.
    let id = execution.rsplit(':').next().unwrap().to_owned();
    for reading in [
        "status",
        "status cms staging",
        "history",
        "history cms production",
        "show last",
        "who cms production",
        "help",
    ] {
        town.types(ADA, reading).await;
        ends(&town).await;
    }
    for reading in [
        "logs webapp on staging",
        "logs cms on staging cms-worker",
        "logs cms on production",
    ] {
        town.types(ADA, reading).await;
        ends(&town).await;
    }
    town.types(ADA, &format!("show {id}")).await;
    for arguments in [
        &["status"][..],
        &["history"],
        &["show", "last"],
        &[
            "deploy",
            "cms:feature/signup-autocomplete",
            "production",
            "--yes",
        ],
        &["cancel", "cms", "production", "--yes", "--wait"],
        &["who"],
        &["revoke", ADA, "cms", "on", "staging"],
    ] {
        longshore(&town, arguments).await;
    }
    ends(&town).await;
    town.types(ADA, "webapp:nothing-of-that-name to staging")
        .await;
    ends(&town).await;

    let state = town.world.state();
    state.calls.clone()
}
