//! `logs APP on ENV [SERVICE]`: what the asker alone is shown, and every reason why there is nothing to show.

use insta::assert_snapshot;
use longshore_sim::ecs::{ServiceSeed, add_service, task_definition};
use longshore_sim::fault::{Kind, Matcher};
use serde_json::{Value, json};

use longshore_sim::slack::Via;

use super::Chat;
use crate::door::capture_log;
use crate::town::{ADA, BOB, Bot, CONFIG, DEV, EVE, PROD, REGION, ROOT};

/// The newest task of a service on staging writes this.
fn writes(chat: &Chat, service: &str, container: &str, lines: &[&str]) -> String {
    let now = chat.world.now();
    let state = &mut *chat.world.state();
    let task = state.ecs.running_ids("staging", service).pop().unwrap();
    let (group, stream) = (format!("/ecs/{service}"), format!("ecs/{container}/{task}"));
    state.logs.put(DEV, REGION, &group, &stream, lines, now);
    task
}

async fn asks(chat: &Chat, user: &str, text: &str) -> String {
    chat.types(user, text).await;
    chat.seconds(3).await;
    chat.reads()
}

/// What the table keeps of who read which logs.
fn on_record(chat: &Chat) -> Vec<Value> {
    let state = chat.world.state();
    let items = state.dynamodb.tables["longshore"].items().values();
    let reads = items.filter(|item| {
        let sk = item["sk"]["S"].as_str().unwrap_or_default();
        sk.starts_with("READ#")
    });
    reads
        .map(|item| serde_json::from_str(item["body"]["S"].as_str().unwrap()).unwrap())
        .collect()
}

/// A service of webapp on staging whose tasks have these containers, in the place of the usual one.
fn runs(chat: &Chat, change: impl Fn(&mut Value), containers: &[&str]) {
    let now = chat.world.now();
    let state = &mut *chat.world.state();
    let first = state.github.repo("acme/webapp").head("main").unwrap();
    let own = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/webapp:{first}");
    let images = containers.iter().map(|name| match *name {
        "app" => (*name, own.as_str()),
        _ => (*name, "public.ecr.aws/envoy:v1"),
    });
    let mut definition = task_definition(DEV, REGION, "webapp", &images.collect::<Vec<_>>());
    change(&mut definition);
    state.ecs.delete("staging", "webapp");
    let seed = ServiceSeed::new(DEV, REGION, "staging", "webapp", definition);
    add_service(state, now, seed.desired(2)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_last_lines_are_shown_to_the_asker_alone_and_that_is_on_record() {
    let chat = Chat::new(Bot::Token).await;
    let lines: Vec<String> = (0..60).map(|number| format!("GET /{number} 200")).collect();
    let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    lines.push("connecting with password=hunter2hunter2 to db");
    let task = writes(&chat, "cms-api", "app", &lines);
    let (log, _captured) = capture_log();
    let read = asks(&chat, ADA, "logs cms on staging").await;
    let shown: Vec<&str> = read.lines().filter(|line| line.contains("GET /")).collect();
    assert_eq!(shown.len(), 49, "{read}");
    let without: Vec<&str> = read
        .lines()
        .filter(|line| !line.contains("GET /1"))
        .collect();
    let without: Vec<&str> = without
        .into_iter()
        .filter(|line| {
            !["GET /2", "GET /3", "GET /4"]
                .iter()
                .any(|one| line.contains(one))
        })
        .collect();
    assert_snapshot!(without.join("\n").replace(&task, "TASK"), @"
    Longshore in #deploys · Only visible to you, ada
      # Log of cms-api · staging
      The last 50 lines of the newest of 6 tasks: container `app`, `cms-api:1`, task `TASK`
      GET /50 200
      GET /51 200
      GET /52 200
      GET /53 200
      GET /54 200
      GET /55 200
      GET /56 200
      GET /57 200
      GET /58 200
      GET /59 200
      connecting with password=*** to db```
      – Other services: `/deploy logs cms on staging cms-worker` · Only you see this; that you read it is on record
    ");
    let kept = on_record(&chat);
    let [kept] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    assert_eq!(kept["by"]["user"], ADA);
    assert_eq!(kept["service"], "cms-api");
    assert_eq!(kept["task"], task);
    let log = log.text();
    assert!(log.contains("somebody reads a log"), "{log}");
    assert!(log.contains("cms-api"), "{log}");
    let state = chat.world.state();
    let items = state.dynamodb.tables["longshore"].items().values();
    for kept in items.map(|item| format!("{item:?}")).chain([log]) {
        assert!(!kept.contains("GET /"), "{kept}");
        assert!(!kept.contains("hunter2"), "{kept}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_by_its_name_and_by_other_words_for_it() {
    let chat = Chat::new(Bot::NoToken).await;
    writes(&chat, "cms-worker", "app", &["worked"]);
    for typed in [
        "logs cms on staging cms-worker",
        "tail cms staging cms-worker",
        "log stg CMS CMS-Worker",
    ] {
        let read = asks(&chat, EVE, typed).await;
        assert!(
            read.contains("The last line of the newest of 6 tasks"),
            "{read}"
        );
        assert!(read.contains("```worked```"), "{read}");
        assert!(!read.contains("Other services"), "{read}");
    }
    assert_eq!(on_record(&chat).len(), 3);
    for (typed, line) in [
        (
            "logs cms staging worker",
            "Did you mean `/deploy logs cms on staging cms-worker`?",
        ),
        (
            "logs cms staging cms-wroker",
            "Did you mean `/deploy logs cms on staging cms-worker`?",
        ),
        (
            "logs cms-worker staging",
            "Did you mean `/deploy logs cms on staging cms-worker`?",
        ),
        (
            "logs cms staging main",
            "there are `cms-api` and `cms-worker`",
        ),
        (
            "logs webapp staging cms-api",
            "is not a service of `webapp` on `staging`",
        ),
        ("logs cms:main staging", "`/deploy logs cms on staging`"),
        ("logs cms,webapp staging", "one application at a time"),
        ("logs cms", "does not say which environment"),
        ("logs", "That ends where an application should follow"),
    ] {
        let read = asks(&chat, EVE, typed).await;
        assert!(read.contains(line), "{typed}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_not_is_told_who_may_and_where_logs_stay_in_aws_that_is_said() {
    let chat = Chat::new(Bot::NoToken).await;
    writes(&chat, "webapp", "app", &["hello"]);
    let read = asks(&chat, ROOT, "logs webapp on production").await;
    assert_snapshot!(read, @r"
    Longshore in #deploys · Only visible to you, root
      Longshore does not show logs of production in Slack. Read them in CloudWatch, or as an admin, set `evidence` to `logs` there.
    ");
    let few = CONFIG.replace(
        "evidence = \"logs\"",
        "evidence = \"logs\"\nlogs = [\"team.leads\"]",
    );
    chat.push(&few).await;
    chat.seconds(61).await;
    assert_snapshot!(asks(&chat, EVE, "logs webapp on staging").await, @r"
    Longshore in #deploys · Only visible to you, eve
      You may not read the logs of webapp on staging. The leads of its team may. Ask @bob, and they can do it for you.
    ");
    for user in [BOB, ROOT] {
        let read = asks(&chat, user, "logs webapp on staging").await;
        assert!(read.contains("```hello```"), "{read}");
    }
    let nobody = CONFIG.replace("evidence = \"logs\"", "evidence = \"logs\"\nlogs = []");
    chat.push(&nobody).await;
    chat.seconds(61).await;
    let read = asks(&chat, ROOT, "logs webapp on staging").await;
    assert!(
        read.contains("Nobody may read the logs of webapp on staging"),
        "{read}"
    );
    assert_eq!(on_record(&chat).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_right_that_went_before_the_waiter_looked_counts() {
    let chat = Chat::new(Bot::NoToken).await;
    writes(&chat, "webapp", "app", &["hello"]);
    // The waiter has not read the configuration yet, the public function has.
    asks(&chat, EVE, "help").await;
    let few = CONFIG.replace(
        "evidence = \"logs\"",
        "evidence = \"logs\"\nlogs = [\"team\"]",
    );
    chat.push(&few).await;
    let read = asks(&chat, EVE, "logs webapp on staging").await;
    assert!(
        read.contains("You may not read the logs of webapp on staging."),
        "{read}"
    );
    assert!(on_record(&chat).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_program_writes_cannot_ping_link_or_leave_its_block() {
    let chat = Chat::new(Bot::NoToken).await;
    let long = "<&>".repeat(200);
    let mut lines = vec![
        "<!channel> <@U0ROOT001> <https://evil.example|click>",
        "``` *bold* ```",
        "a\u{202e}b\tc\r",
    ];
    lines.extend([long.as_str(); 60]);
    lines.push("``");
    writes(&chat, "webapp", "app", &lines);
    asks(&chat, ADA, "logs webapp on staging").await;
    let state = chat.world.state();
    let message = state.slack.messages().last().unwrap();
    let blocks = serde_json::to_string(&message.blocks).unwrap();
    for marks in ["<!", "<@", "<https", "\\u202e"] {
        assert!(!blocks.contains(marks), "{marks}: {blocks}");
    }
    let texts = message
        .blocks
        .iter()
        .filter_map(|block| block["text"]["text"].as_str());
    let logs: Vec<&str> = texts.filter(|text| text.starts_with("```")).collect();
    assert!(logs.len() > 1, "{blocks}");
    for log in logs {
        assert!(
            log.ends_with("```") && log.matches("```").count() == 2,
            "{log}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn each_reason_for_no_lines_has_its_sentence() {
    let mut said = Vec::new();
    let option = |name: &'static str, value: Value| {
        move |definition: &mut Value| {
            let container = &mut definition["containerDefinitions"][0];
            let options = &mut container["logConfiguration"]["options"];
            if value.is_null() {
                options.as_object_mut().unwrap().remove(name);
            } else {
                options[name] = value.clone();
            }
        }
    };
    let chat = Chat::new(Bot::NoToken).await;
    said.push(asks(&chat, EVE, "logs webapp on staging").await);
    runs(
        &chat,
        option("awslogs-stream-prefix", Value::Null),
        &["app"],
    );
    said.push(asks(&chat, EVE, "logs webapp on staging").await);
    runs(
        &chat,
        option("awslogs-region", json!("us-east-1")),
        &["app"],
    );
    said.push(asks(&chat, EVE, "logs webapp on staging").await);
    let firelens = |definition: &mut Value| {
        definition["containerDefinitions"][0]["logConfiguration"] =
            json!({ "logDriver": "awsfirelens", "options": {} });
    };
    runs(&chat, firelens, &["app", "envoy"]);
    said.push(asks(&chat, EVE, "logs webapp on staging").await);
    let now = chat.world.now();
    chat.world
        .state()
        .ecs
        .set_desired_count(now, "staging", "webapp", 0);
    chat.seconds(300).await;
    said.push(asks(&chat, EVE, "logs webapp on staging").await);
    chat.world.state().ecs.delete("staging", "webapp");
    said.push(asks(&chat, EVE, "logs webapp on staging").await);
    assert!(on_record(&chat).is_empty());
    let known: Vec<String> = said
        .iter()
        .map(|read| read.lines().nth(1).unwrap().trim().to_owned())
        .collect();
    let task = |line: &str| match line.split_once("(task `") {
        Some((before, _)) => format!("{before}(task …"),
        None => line.to_owned(),
    };
    let known: Vec<String> = known.iter().map(|line| task(line)).collect();
    assert_snapshot!(known.join("\n"), @r"
    The container `app` of `webapp` has written nothing yet. Its task is `a3eb8db89fc5123ccfd49585059f292b`, its log group `/ecs/webapp`. Ask again in a moment.
    The log of the container `app` of `webapp` cannot be found. Its task definition names no `awslogs-stream-prefix`. Have whoever writes that task definition set one, then deploy it.
    The container `app` of `webapp` logs to `us-east-1`. Longshore reads only the region of staging. Look into CloudWatch in `us-east-1`.
    The container `app` of `webapp` does not log to CloudWatch. Longshore reads nothing else. Look where its log driver sends it.
    No task of `webapp` on staging runs, so there is no log to read. `/deploy status webapp staging` shows how it fares.
    There is no service `webapp` of webapp on staging. `/deploy status webapp staging` shows what is there.
    ");
}

#[tokio::test(start_paused = true)]
async fn what_aws_refuses_and_what_passes_are_told_apart() {
    let mut said = Vec::new();
    let never = Kind::Denied;
    for (service, operation, kind) in [
        ("sts", "AssumeRole", never),
        ("ecs", "ListTasks", never),
        ("ecs", "DescribeTaskDefinition", never),
        ("logs", "GetLogEvents", never),
        ("logs", "GetLogEvents", Kind::Throttled),
        ("logs", "GetLogEvents", Kind::TimedOut),
        ("ecs", "DescribeTasks", Kind::Before5xx),
    ] {
        let chat = Chat::new(Bot::NoToken).await;
        writes(&chat, "webapp", "app", &["hello"]);
        let call = Matcher::operation(service, operation);
        chat.world.state().faults.plan(call, kind);
        chat.types(EVE, "logs webapp on staging").await;
        chat.seconds(30).await;
        let read = chat.reads();
        let line = read.lines().rfind(|line| !line.trim().is_empty()).unwrap();
        said.push(format!("{operation} {kind:?}: {}", line.trim()));
        assert!(on_record(&chat).is_empty());
        assert!(!read.contains("hello"), "{read}");
    }
    assert_snapshot!(said.join("\n"), @r"
    AssumeRole Denied: The log of `webapp` on staging could not be read: AWS does not allow sts:AssumeRole. That is the role `arn:aws:iam::222222222222:role/longshore-staging`: ask @root to do step 4 of the README.
    ListTasks Denied: The log of `webapp` on staging could not be read: AWS does not allow ecs:ListTasks. That is the role `arn:aws:iam::222222222222:role/longshore-staging`: ask @root to do step 4 of the README.
    DescribeTaskDefinition Denied: The log of `webapp` on staging could not be read: AWS does not allow ecs:DescribeTaskDefinition. That is the role `arn:aws:iam::222222222222:role/longshore-staging`: ask @root to do step 4 of the README.
    GetLogEvents Denied: AWS does not allow Longshore `logs:GetLogEvents` on the log group `/ecs/webapp`. Ask @root to name that in `log_groups`, and to deploy the role of staging anew.
    GetLogEvents Throttled: The log of `webapp` on staging could not be read: AWS throttles logs:GetLogEvents. Ask again in a moment.
    GetLogEvents TimedOut: The log of `webapp` on staging could not be read: AWS does not answer logs:GetLogEvents. Ask again in a moment.
    DescribeTasks Before5xx: The log of `webapp` on staging could not be read: AWS does not answer ecs:DescribeTasks. Ask again in a moment.
    ");
}

#[tokio::test(start_paused = true)]
async fn of_several_containers_the_applications_own_is_read() {
    let chat = Chat::new(Bot::NoToken).await;
    runs(&chat, |_| {}, &["envoy", "app"]);
    writes(&chat, "webapp", "envoy", &["proxied"]);
    writes(&chat, "webapp", "app", &["served"]);
    let read = asks(&chat, EVE, "logs webapp on staging").await;
    assert!(read.contains("```served```"), "{read}");
    assert!(read.contains("Other containers: `envoy`"), "{read}");
    // One that runs an image of its own has a name that can be typed.
    chat.opens_site("").await;
    chat.seconds(61).await;
    writes(&chat, "site-web", "nginx", &["proxied"]);
    writes(&chat, "site-web", "app", &["served"]);
    for (typed, line) in [
        ("logs site staging", "```served```"),
        ("logs site/nginx staging", "```proxied```"),
        ("logs site/nginx staging site-web", "```proxied```"),
        (
            "logs site/nginx staging site-jobs",
            "The tasks of `site-jobs` on staging have no container `nginx`.",
        ),
    ] {
        let read = asks(&chat, EVE, typed).await;
        assert!(read.contains(line), "{typed}: {read}");
    }
}

/// While a rollout is under way, the task that began last is one of the new revision.
#[tokio::test(start_paused = true)]
async fn while_it_rolls_out_the_newest_task_is_read() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp:1.0.2 to staging").await;
    chat.settles().await;
    chat.skips();
    writes(&chat, "webapp", "app", &["new"]);
    let read = asks(&chat, EVE, "logs webapp on staging").await;
    assert!(read.contains("```new```"), "{read}");
    assert!(read.contains("`webapp:2`"), "{read}");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_done_twice_is_one_reading() {
    let chat = Chat::new(Bot::NoToken).await;
    writes(&chat, "webapp", "app", &["hello"]);
    // The answer is lost, so that the step is tried again.
    let post = Matcher::operation("dynamodb", "PutItem").about("READ#");
    chat.world.state().faults.plan(post.nth(1), Kind::Lost);
    chat.types(EVE, "logs webapp on staging").await;
    chat.seconds(60).await;
    let read = chat.reads();
    assert_eq!(read.matches("```hello```").count(), 1, "{read}");
    assert_eq!(on_record(&chat).len(), 1);
}

/// Who reads at an address only the public function knows: where the bot token can, the lines go to the person.
#[tokio::test(start_paused = true)]
async fn with_a_token_lines_go_to_the_person_and_to_no_address() {
    for (bot, via) in [
        (Bot::Token, Via::PostEphemeral),
        (Bot::NoToken, Via::ResponseUrl),
    ] {
        let chat = Chat::new(bot).await;
        chat.types(ADA, "logs webapp staging").await;
        chat.seconds(30).await;
        let state = chat.world.state();
        let said = state.slack.messages().last().unwrap().via;
        assert_eq!(said, via, "{bot:?}");
        drop(state);
        chat.skips();
    }
}

#[tokio::test(start_paused = true)]
async fn where_slack_takes_the_token_no_more_the_reader_is_told_that_and_no_line() {
    let chat = Chat::new(Bot::Token).await;
    writes(&chat, "webapp", "app", &["a line for one reader"]);
    chat.world.state().slack.revoke_bot();
    let read = asks(&chat, ADA, "logs webapp on staging").await;
    assert!(!read.contains("a line for one reader"), "{read}");
    assert!(read.contains("Only visible to you, ada"), "{read}");
    assert!(
        read.contains("Slack did not take them from the app"),
        "{read}"
    );
}
