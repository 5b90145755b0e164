//! Call × fault for what is written to the bot: whatever goes wrong on the way, what was asked for happens once, and
//! whoever asked hears of it, alone where it is for them alone. Slack delivers an event again that is not answered.

use longshore::record::Verdict;
use longshore_sim::fault::Kind;
use longshore_sim::slack::{Utterance, Visibility};

use super::enumerate::{Point, kinds, points};
use super::journey::{Beginning, Journey};
use super::story::Story;
use crate::town::{ADA, DEPLOYS, EVE};

/// What somebody writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// A deploy.
    Deploy,
    /// What they may not do, so that they alone are told so.
    NotAllowed,
    /// A verb alone, in the thread of the card of a deploy that was asked for by command.
    Thread,
}

/// Slack's pauses before it delivers an event again, in seconds.
/// <https://docs.slack.dev/apis/events-api#retries>
const RETRIES: [u64; 3] = [0, 60, 240];

async fn writes(story: &mut Story, said: &Utterance) {
    let now = story.town.world.now();
    let sent = story.town.world.state().slack.written(now, said);
    let sent = sent.unwrap();
    let mut again = sent.clone();
    for (number, pause) in (1..).zip(RETRIES) {
        let (_, response) = story.town.knocks(&again).await;
        if response.status() == 200 {
            return;
        }
        story.passes(pause).await;
        let now = story.town.world.now();
        again = story.town.world.state().slack.retried(now, &sent, number);
    }
    story.town.knocks(&again).await;
}

impl Said {
    async fn plays(self, story: &mut Story) {
        story.passes(49).await;
        let said = match self {
            Self::Deploy => Utterance::mention(ADA, DEPLOYS, "webapp:1.0.2 to staging"),
            Self::NotAllowed => Utterance::mention(EVE, DEPLOYS, "webapp to production"),
            Self::Thread => {
                story.types("webapp:1.0.2 to staging").await;
                story.settles().await;
                let root = {
                    let state = story.town.world.state();
                    let mut messages = state.slack.messages().iter().rev();
                    let card = messages.find(|one| one.channel == DEPLOYS && one.thread.is_none());
                    card.unwrap().ts.clone()
                };
                Utterance::mention(ADA, DEPLOYS, "rollback").thread(&root)
            }
        };
        writes(story, &said).await;
        story.settles().await;
    }

    /// What does not hold of what came of it, where this went wrong.
    async fn problems(self, story: &Story, fault: Option<(&Point, Kind)>) -> Vec<String> {
        let mut problems = Vec::new();
        if !story.open().is_empty() || !story.executing().is_empty() {
            problems.push(format!("still open: {:?}", story.open()));
        }
        let deploys = story.own_deploys().await;
        let read = story.transcript();
        let kept = |point: &Point| point.service == "dynamodb" && point.operation == "UpdateItem";
        // Whose thread it is, is kept once, and not tried again.
        let unknown = fault.is_some_and(|(point, _)| kept(point))
            && read.contains("This thread is no deploy's");
        let wanted = match self {
            Self::Deploy => 1,
            Self::NotAllowed => 0,
            Self::Thread if unknown => 1,
            Self::Thread => 2,
        };
        if deploys.len() != wanted {
            problems.push(format!("{} deploys", deploys.len()));
        }
        for deploy in &deploys {
            if deploy.verdict() != Some(Verdict::Succeeded) {
                problems.push(format!("{:?}", deploy.ending));
            }
        }
        let told = match self {
            Self::Deploy => "runs on staging",
            Self::NotAllowed => "You may not deploy webapp to production",
            Self::Thread if unknown => "This thread is no deploy's",
            Self::Thread => "rolled back 1.0.2",
        };
        if !read.contains(told) {
            problems.push(format!("nobody reads {told:?}:\n{read}"));
        }
        if self == Self::NotAllowed {
            let state = story.town.world.state();
            let open = state.slack.messages().iter().any(|message| {
                matches!(message.visibility, Visibility::Channel)
                    && message.text.contains("You may not")
            });
            if open {
                problems.push("everybody reads what is for one".to_owned());
            }
        }
        problems
    }
}

async fn under_every_fault(said: Said, beginning: &Beginning) {
    let mut clean = beginning.story();
    said.plays(&mut clean).await;
    let found = said.problems(&clean, None).await;
    assert!(found.is_empty(), "{found:?}");
    let (mut covered, mut failures) = (0, Vec::new());
    for point in &points(&clean) {
        // The rollouts' own calls are in the other journeys.
        let all = kinds(point);
        let turn = usize::try_from(point.nth).unwrap() % all.len();
        let own = point.service == "slack" || !point.is_read() || point.nth == 1;
        let faults = match own {
            true => all.to_vec(),
            false => vec![all[turn]],
        };
        for kind in faults {
            let mut story = beginning.story();
            story.plan(point.matcher(), kind);
            said.plays(&mut story).await;
            covered += 1;
            let found = said.problems(&story, Some((point, kind))).await;
            if !found.is_empty() {
                failures.push(format!("{point} {kind:?}: {found:?}"));
            }
        }
    }
    println!("{said:?}: {covered} faults");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_deploy_by_mention_happens_once_under_every_fault() {
    let beginning = Journey::Deploy.beginning().await;
    under_every_fault(Said::Deploy, &beginning).await;
}

#[tokio::test(start_paused = true)]
async fn a_no_to_a_mention_is_heard_by_its_writer_alone_under_every_fault() {
    let beginning = Journey::Deploy.beginning().await;
    under_every_fault(Said::NotAllowed, &beginning).await;
}

#[tokio::test(start_paused = true)]
async fn a_verb_in_a_thread_means_its_deploy_or_nothing_under_every_fault() {
    let beginning = Journey::Deploy.beginning().await;
    under_every_fault(Said::Thread, &beginning).await;
}
