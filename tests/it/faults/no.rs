//! AWS says no: every call that changes something × every kind of answer, each played through a whole
//! deploy. What is a no is asked once, ends what it was for and is told in AWS's words; what passes is
//! tried again, with pauses and not for ever; what was lost after it took effect is not done twice.

use std::time::Duration;

use jiff::SignedDuration;
use longshore::aws::answers::{CALLS, Means};
use longshore::record::{Deploy, Published, Verdict};
use longshore_sim::ecs::{Script, ServiceSeed, TaskScript, add_service, task_definition};
use longshore_sim::fault::{Kind, Matcher};
use serde_json::json;

use super::story::text;
use crate::town::{ADA, Bot, CONFIG, DEV, PROD, REGION, Town, with_before, with_schedules};

/// What AWS says in the refusals of these tests.
const WORDS: &str = "The words of AWS. password=hunter2";
/// The same where a right is missing, which is not always the call's own.
const NOT_ALLOWED: &str = "User: arn:aws:sts::222222222222:assumed-role/longshore-staging/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::222222222222:role/app";
/// How often a call reaches AWS that never goes through: fifteen tries, some of which the SDK makes
/// three of.
const MOST_TRIES: u64 = 48;
/// How long all of it may take: ten minutes of trying, a rollout, and the way back.
const WITHIN: SignedDuration = SignedDuration::from_mins(25);

/// How a cell of the table is played.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    /// So, at every call.
    Always(Kind),
    /// So twice, then the call goes through.
    Twice(Kind),
    /// Executed, but the first answer is lost.
    Lost,
}

/// One played story.
struct Played {
    deploy: Deploy,
    read: String,
    fired: u64,
    /// Leases that are still held.
    held: usize,
}

/// What people set out to do so that the call is made once, and the service it is one of.
async fn set_out(town: &Town, operation: &str) -> (&'static str, &'static str) {
    let slow = Script::Slow(Duration::from_secs(300));
    match operation {
        "UpdateSchedule" => {
            town.push(&with_schedules()).await;
            ("scheduler", "cms:1.0.2 to staging")
        }
        "RunTask" | "StopTask" => {
            town.push(&with_before()).await;
            if operation == "StopTask" {
                let ends = TaskScript::Exits(Duration::from_secs(300), 0);
                town.world.state().ecs.set_task_script("cms-migrate", &ends);
            }
            ("ecs", "cms:1.0.2 to staging")
        }
        "PutParameter" => {
            let publish = "confirm  = false\npublish  = true";
            let config = CONFIG.replace("confirm  = false", publish);
            town.push(&config).await;
            ("ssm", "webapp:1.0.2 to staging")
        }
        "StopServiceDeployment" => {
            town.script("staging", "webapp", slow);
            ("ecs", "webapp:1.0.2 to staging")
        }
        "ContinueServiceDeployment" => {
            town.script("staging", "webapp", Script::Pause);
            ("ecs", "webapp:1.0.2 to staging")
        }
        _ => ("ecs", "webapp:1.0.2 to staging"),
    }
}

async fn play(operation: &str, answer: Answer) -> Played {
    let town = Town::new(Bot::Token).await;
    let (service, typed) = set_out(&town, operation).await;
    let call = Matcher::operation(service, operation);
    {
        let faults = &mut town.world.state().faults;
        match answer {
            Answer::Always(kind) => faults.plan(call, kind),
            // The second plan does not count the call that the first one keeps from it.
            Answer::Twice(kind) => {
                faults.plan(call.clone().nth(1), kind);
                faults.plan(call.nth(1), kind);
            }
            Answer::Lost => faults.plan(call.nth(1), Kind::Lost),
        }
    }
    town.types(ADA, typed).await;
    match operation {
        "StopServiceDeployment" | "StopTask" => {
            town.passes(Duration::from_secs(60)).await;
            town.clicks(ADA, "cancel").await;
            town.passes(Duration::from_secs(5)).await;
            if operation == "StopServiceDeployment" {
                town.clicks(ADA, "stop_back").await;
            }
        }
        "ContinueServiceDeployment" => {
            town.passes(Duration::from_secs(120)).await;
            town.clicks(ADA, "pause_continue").await;
            town.passes(Duration::from_secs(12 * 60)).await;
            // Where Longshore was not heard, somebody answers at the console.
            let now = town.world.now();
            let ecs = &mut town.world.state().ecs;
            ecs.answer_pauses(now, "staging", "webapp", true);
        }
        _ => {}
    }
    town.settles().await;
    let id = {
        let state = town.world.state();
        let items = state.dynamodb.tables["longshore"].items().values();
        let mut deploys = items.filter(|item| text(item, "kind") == "deploy");
        text(deploys.next().unwrap(), "id").to_owned()
    };
    let held = {
        let state = town.world.state();
        let items = state.dynamodb.tables["longshore"].items().values();
        items.filter(|item| item.contains_key("holder")).count()
    };
    let fired = town.world.state().faults.fired();
    Played {
        deploy: town.deploy(&id).await,
        read: town.reads(),
        fired,
        held,
    }
}

/// How the story ends if the call goes through, and if it never does.
fn verdicts(operation: &str) -> (Verdict, Verdict) {
    match operation {
        "StopServiceDeployment" => (Verdict::Cancelled, Verdict::Succeeded),
        "StopTask" => (Verdict::Cancelled, Verdict::Cancelled),
        "ContinueServiceDeployment" | "PutParameter" => (Verdict::Succeeded, Verdict::Succeeded),
        "UpdateSchedule" => (Verdict::Succeeded, Verdict::RolledBack),
        _ => (Verdict::Succeeded, Verdict::Failed),
    }
}

/// What people can read of why, wherever that stands.
fn told(played: &Played) -> String {
    let published = match played.deploy.published.first() {
        Some(Published::Failed { why, .. }) => why.to_string(),
        _ => String::new(),
    };
    format!("{}\n{published}", played.read)
}

/// What does not hold in a cell.
fn problems(operation: &str, answer: Answer, played: &Played) -> Vec<String> {
    let (through, never) = verdicts(operation);
    let mut problems = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            problems.push(what.to_owned());
        }
    };
    let ending = played.deploy.ending.as_ref().unwrap();
    let took = ending.at.duration_since(played.deploy.requested_at);
    must(took <= WITHIN, &format!("it took {took:?}"));
    must(played.held == 0, "leases are held");
    must(!played.read.contains("hunter2"), "a secret is told");
    let wanted = match answer {
        Answer::Always(_) => never,
        Answer::Twice(_) | Answer::Lost => through,
    };
    must(
        ending.verdict == wanted,
        &format!("{:?} instead of {wanted:?}", ending),
    );
    match answer {
        Answer::Always(Kind::Refused(_, words)) => {
            must(
                played.fired == 1,
                &format!("{} calls after a no", played.fired),
            );
            let told = told(played);
            let expected = match words {
                NOT_ALLOWED => vec!["iam:PassRole", "role/longshore-staging", "step 4"],
                _ => vec!["The words of AWS."],
            };
            for words in expected {
                must(told.contains(words), &format!("nobody is told {words:?}"));
            }
        }
        Answer::Always(_) => {
            let tries = played.fired;
            must(
                (2..=MOST_TRIES).contains(&tries),
                &format!("tried {tries} times"),
            );
        }
        Answer::Twice(_) => must(played.fired == 2, "the fault did not happen twice"),
        Answer::Lost => must(played.fired == 1, "nothing was lost"),
    }
    problems
}

/// Plays those cells of every call, and fails with what did not hold.
async fn hold(cells: impl Fn(&'static str, &'static [(&'static str, Means)]) -> Vec<Answer>) {
    let mut failures = Vec::new();
    let mut played = 0;
    for (_, operation, errors) in CALLS {
        for answer in cells(operation, errors) {
            let story = play(operation, answer).await;
            played += 1;
            let problems = problems(operation, answer, &story);
            if !problems.is_empty() {
                failures.push(format!(
                    "{operation} {answer:?}: {problems:#?}\n{}",
                    story.read
                ));
            }
        }
    }
    assert!(played >= CALLS.len());
    assert!(
        failures.is_empty(),
        "{} of {played} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[tokio::test(start_paused = true)]
async fn a_definite_no_is_asked_once_and_told() {
    hold(|_, errors| {
        let no = errors.iter().filter(|(_, means)| *means == Means::No);
        let own = no.map(|(name, _)| Answer::Always(Kind::Refused(name, WORDS)));
        let denied = ["AccessDeniedException", "AccessDenied", "ClientException"];
        let denied = denied.map(|code| Answer::Always(Kind::Refused(code, NOT_ALLOWED)));
        own.filter(|answer| {
            *answer != Answer::Always(Kind::Refused("AccessDeniedException", WORDS))
        })
        .chain(denied)
        .collect()
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again() {
    hold(|operation, errors| {
        let passes = errors
            .iter()
            .filter(|(name, means)| *means == Means::NotNow && *name != "ThrottlingException");
        let mut all: Vec<Answer> = passes
            .map(|(name, _)| Answer::Twice(Kind::Refused(name, WORDS)))
            .collect();
        all.extend([Kind::Throttled, Kind::Before5xx, Kind::TimedOut].map(Answer::Twice));
        all.push(Answer::Twice(Kind::Refused("ExpiredTokenException", WORDS)));
        if operation == "RegisterTaskDefinition" {
            let words =
                "Too many concurrent attempts to create a new revision of the specified family.";
            all.push(Answer::Twice(Kind::Refused("ClientException", words)));
        }
        all
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_tried_for_ever() {
    hold(|_, _| {
        [Kind::Throttled, Kind::Before5xx]
            .map(Answer::Always)
            .to_vec()
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_was_lost_after_it_took_effect_is_found() {
    hold(|_, _| vec![Answer::Lost]).await;
}

#[tokio::test(start_paused = true)]
async fn a_right_lost_in_the_middle_is_told_and_ends_nothing() {
    for bot in [Bot::Token, Bot::NoToken] {
        let town = Town::new(bot).await;
        town.script("staging", "webapp", Script::Slow(Duration::from_secs(300)));
        town.types(ADA, "webapp:1.0.2 to staging").await;
        town.passes(Duration::from_secs(60)).await;
        town.reads();
        let all = Matcher::service("ecs");
        town.world.state().faults.plan(all, Kind::Denied);
        town.passes(Duration::from_secs(15 * 60)).await;
        let read = town.reads();
        let told = read.matches("Longshore cannot see how it goes").count();
        assert_eq!(told, 1, "{read}");
        for words in ["role/longshore-staging", "step 4", "ecs:Describe"] {
            assert!(read.contains(words), "{words}: {read}");
        }
        let asked = town.world.state().faults.fired();
        assert!(asked < 20, "asked {asked} times");
        town.world.state().faults.faults.clear();
        town.settles().await;
        let read = town.reads();
        assert!(read.contains("✅ "), "{read}");
        assert!(!read.contains("cannot look"), "{read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_right_lost_before_the_start_is_named() {
    let town = Town::new(Bot::NoToken).await;
    town.types(ADA, "webapp:1.0.2 to production").await;
    town.passes(Duration::from_secs(20)).await;
    let call = Matcher::operation("ecs", "DescribeServices");
    town.world.state().faults.plan(call, Kind::Denied);
    town.clicks(ADA, "confirm").await;
    town.settles().await;
    let read = town.reads();
    for words in [
        "⛔ ",
        "`ecs:DescribeServices`",
        "role/longshore-production",
        "step 4 of the README",
    ] {
        assert!(read.contains(words), "{words}: {read}");
    }
    assert_eq!(town.world.state().faults.fired(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_right_that_only_explains_is_named_beside_the_verdict() {
    let town = Town::new(Bot::NoToken).await;
    town.script("staging", "webapp", Script::CrashLoop);
    let call = Matcher::operation("logs", "GetLogEvents");
    town.world.state().faults.plan(call, Kind::Denied);
    town.types(ADA, "webapp:1.0.2 to staging").await;
    town.settles().await;
    let read = town.reads();
    for words in ["↩️ ", "logs:GetLogEvents", "step 4"] {
        assert!(read.contains(words), "{words}: {read}");
    }
}

/// The image's digest takes a task definition over 65,536 bytes that was just below.
#[tokio::test(start_paused = true)]
async fn a_task_definition_that_becomes_too_large_ends_the_deploy_in_awss_words() {
    let town = Town::new(Bot::NoToken).await;
    {
        let now = town.world.now();
        let state = &mut *town.world.state();
        let first = state.github.repo("acme/webapp").head("main").unwrap();
        let registry = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com");
        let image = format!("{registry}/webapp:{first}");
        let mut big = task_definition(DEV, REGION, "webapp", &[("app", &image)]);
        let entry = |length| json!([{ "name": "BIG", "value": "x".repeat(length) }]);
        let place = (DEV, REGION);
        let mut arn = Err(());
        // The longest that ECS takes.
        for length in (64_000..65_536).rev() {
            big["containerDefinitions"][0]["environment"] = entry(length);
            arn = state.ecs.add_definition(now, place, &big).map_err(drop);
            if arn.is_ok() {
                break;
            }
        }
        state.ecs.delete("staging", "webapp");
        let seed = ServiceSeed::new(DEV, REGION, "staging", "webapp", arn.unwrap().into());
        add_service(state, now, seed).unwrap();
    }
    town.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    town.settles().await;
    let read = town.reads();
    for words in ["❌ ", "Max allowed length is '65536' bytes"] {
        assert!(read.contains(words), "{words}: {read}");
    }
    let state = town.world.state();
    let asked = state.calls.iter();
    let asked = asked.filter(|call| call.operation == "RegisterTaskDefinition");
    assert_eq!(asked.count(), 1);
}
