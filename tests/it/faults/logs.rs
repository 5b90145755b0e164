//! Call × fault for `logs APP on ENV`: whatever goes wrong on the way, lines reach their asker alone, masked and after
//! that was written down, and where there are none nobody is shown any.

use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::slack::{Message, Visibility};

use super::enumerate::{kinds, points};
use super::journey::{Beginning, Journey};
use super::story::{Story, text};
use crate::town::{ADA, DEV, REGION};

const LINE: &str = "GET /index 200";
const SECRET: &str = "hunter2hunter2";

/// What there is to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    /// Lines.
    There,
    /// No log group.
    NoGroup,
    /// No task that runs.
    NoTask,
    /// No service.
    NoService,
    /// Lines, in an environment that keeps its logs in AWS.
    NotShown,
}

impl Log {
    const ALL: [Self; 5] = [
        Self::There,
        Self::NoGroup,
        Self::NoTask,
        Self::NoService,
        Self::NotShown,
    ];

    fn typed(self) -> &'static str {
        match self {
            Self::NotShown => "logs webapp on production",
            _ => "logs webapp on staging",
        }
    }

    /// A story in which the log is so.
    fn story(self, beginning: &Beginning) -> Story {
        let story = beginning.story();
        self.is_so(&story);
        story
    }

    fn is_so(self, story: &Story) {
        let now = story.town.world.now();
        let state = &mut *story.town.world.state();
        let task = state.ecs.running_ids("staging", "webapp").pop().unwrap();
        let stream = format!("ecs/app/{task}");
        let secret = format!("connecting with password={SECRET} to db");
        match self {
            Self::There | Self::NotShown => {
                let lines = [LINE, &secret];
                state
                    .logs
                    .put(DEV, REGION, "/ecs/webapp", &stream, &lines, now);
            }
            Self::NoGroup => {}
            Self::NoTask => {
                let none = serde_json::json!({ "desiredCount": 0 });
                state.ecs.configure("staging", "webapp", &none).unwrap();
            }
            Self::NoService => state.ecs.delete("staging", "webapp"),
        }
    }
}

fn whole(message: &Message) -> String {
    let edits = message.edits.iter();
    let edits: String = edits.map(|edit| format!("{edit:?}")).collect();
    format!("{} {:?} {edits}", message.text, message.blocks)
}

/// What does not hold.
async fn problems(story: &Story, log: Log) -> Vec<String> {
    let mut problems = Vec::new();
    let own = story.own_deploys().await;
    if !own.is_empty() {
        problems.push(format!("a look became a deploy: {own:?}"));
    }
    let items = story.items();
    let reads = items
        .iter()
        .filter(|item| text(item, "sk").starts_with("READ#"));
    let reads: Vec<&str> = reads.map(|item| text(item, "body")).collect();
    let state = story.town.world.state();
    let messages = state.slack.messages();
    let with_lines = messages
        .iter()
        .filter(|message| whole(message).contains(LINE));
    let shown: Vec<&Message> = with_lines.collect();
    for message in &shown {
        if message.visibility != Visibility::Only(ADA.to_owned()) {
            problems.push(format!("lines were shown to {:?}", message.visibility));
        }
    }
    let requests = story.heard.len();
    let recorded = reads.iter().all(|read| read.contains(ADA)) && reads.len() <= requests;
    if !recorded || (reads.is_empty() && !shown.is_empty()) {
        problems.push(format!("{} of {requests} requests on record", reads.len()));
    }
    if log != Log::There && !(shown.is_empty() && reads.is_empty()) {
        problems.push("lines that are not there were shown, or a look at them recorded".to_owned());
    }
    let kept = format!("{items:?} {:?}", state.states);
    if kept.contains(LINE) {
        problems.push("lines were kept".to_owned());
    }
    let said: String = messages.iter().map(whole).collect();
    if format!("{kept} {said}").contains(SECRET) {
        problems.push("a secret was kept or shown".to_owned());
    }
    let replies = story.heard.iter().any(|heard| !heard.text.is_empty());
    let mine = |message: &&Message| message.visibility == Visibility::Only(ADA.to_owned());
    if !replies && messages.iter().filter(mine).count() == 0 {
        problems.push("the asker was told nothing".to_owned());
    }
    problems
}

async fn plays(story: &mut Story, log: Log) {
    story.passes(49).await;
    story.types(log.typed()).await;
    story.settles().await;
}

async fn under_every_fault(journey: Journey) {
    let beginning = journey.beginning().await;
    let mut failures = Vec::new();
    for log in Log::ALL {
        let mut clean = log.story(&beginning);
        plays(&mut clean, log).await;
        let found = problems(&clean, log).await;
        assert!(found.is_empty(), "{log:?}: {found:?}");
        let seen = clean.transcript().contains(LINE);
        assert_eq!(seen, log == Log::There, "{log:?}: {}", clean.transcript());
        let points = points(&clean);
        for point in &points {
            for &kind in kinds(point) {
                let mut story = log.story(&beginning);
                story.plan(point.matcher(), kind);
                plays(&mut story, log).await;
                let found = problems(&story, log).await;
                if !found.is_empty() {
                    failures.push(format!("{log:?}, {point} {kind:?}: {found:?}"));
                }
            }
        }
        println!("{journey:?} {log:?}: {} calls", points.len());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn log_lines_reach_their_asker_alone_under_every_fault() {
    under_every_fault(Journey::Deploy).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_token_log_lines_reach_their_asker_alone_under_every_fault() {
    under_every_fault(Journey::Restart).await;
}

/// Whatever is asked for is refused for as long as it is asked: nobody is shown anything, and told so.
#[tokio::test(start_paused = true)]
async fn where_a_service_of_aws_throttles_for_good_no_lines_are_shown() {
    let beginning = Journey::Deploy.beginning().await;
    for (service, operation) in [
        ("sts", "AssumeRole"),
        ("ecs", "ListTasks"),
        ("ecs", "DescribeTasks"),
        ("ecs", "DescribeTaskDefinition"),
        ("logs", "GetLogEvents"),
    ] {
        let mut story = Log::There.story(&beginning);
        story.plan(Matcher::operation(service, operation), Kind::Throttled);
        plays(&mut story, Log::There).await;
        let found = problems(&story, Log::There).await;
        assert!(found.is_empty(), "{operation}: {found:?}");
        let read = story.transcript();
        assert!(!read.contains(LINE), "{operation}: {read}");
        let why = "The log of `webapp` on staging could not be read";
        assert!(read.contains(why), "{operation}: {read}");
    }
}
