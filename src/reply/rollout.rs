//! A rollout under way in words: its strategy and stage, its traffic, what it waits for, how it can
//! be stopped and what then runs.

use std::time::Duration;

use jiff::Timestamp;

use super::{code, for_all, joined, last_part, request, said, title};
use crate::names::Actor;
use crate::record::Pause;
use crate::record::PauseEnd;
use crate::record::{Choice, Deploy, Doing, Open, ServiceState, Vote};
use crate::request::Verb;
use crate::rollout::{AfterPause, Strategy, View};
use crate::slack::text::Mrkdwn;

/// Alarms that are named.
const ALARMS: usize = 5;

/// `blue/green · starting new tasks · 10 % of the traffic on the new tasks · …`
pub fn view(view: &View, now: Timestamp) -> Mrkdwn {
    let on_new = |tenths| said!("{} on the new tasks", share(tenths));
    let share = view.share.map_or_else(Mrkdwn::new, on_new);
    let bake = view
        .bake_left(now)
        .map_or_else(Mrkdwn::new, |left| match left.is_zero() {
            true => Mrkdwn::raw("its bake time is over"),
            false => said!("bakes until about {}", full_minute(now, left)),
        });
    let names: Vec<Mrkdwn> = view.alarms.iter().take(ALARMS).map(|n| code(n)).collect();
    let more = match view.alarms.len().saturating_sub(ALARMS) {
        0 => Mrkdwn::new(),
        more => said!("{} more", more),
    };
    let alarms = joined(names.into_iter().chain([more]), ", ");
    let alarms = match alarms.is_empty() {
        true => alarms,
        false => said!("alarms watched: {}", alarms),
    };
    let stage = view.stage.as_deref().map_or_else(Mrkdwn::new, stage);
    joined(
        [strategy(&view.strategy), stage, share, bake, alarms],
        " · ",
    )
}

/// The end of a span, to the full minute after it: what is looked at again keeps its time.
fn full_minute(now: Timestamp, left: Duration) -> Timestamp {
    let end = now.as_second() + i64::try_from(left.as_secs()).unwrap_or_default();
    Timestamp::from_second((end + 59).div_euclid(60) * 60).unwrap_or(now)
}

/// `4 old`, beside how many new tasks run.
pub fn old_tasks(view: &View) -> Mrkdwn {
    match view.old_running {
        ..=0 => Mrkdwn::new(),
        old => said!("{} old", old),
    }
}

/// `2.5 % of the traffic`
pub fn share(tenths: u16) -> Mrkdwn {
    said!("{} of the traffic", percent(tenths))
}

/// That it fails while it rolls out, to its requester.
pub fn failing(deploy: &Deploy) -> Mrkdwn {
    said!(
        "{} deploy {} to {} fails while it rolls out, and ECS goes on trying. *Roll back* stops the rollout and goes back to what ran before.",
        for_requester(deploy),
        deploy.id,
        deploy.environment
    )
}

/// What a deploy without a verdict is doing, by its record.
pub fn open(open: &Open) -> Mrkdwn {
    let doing = match open.doing {
        Doing::Preparing => "is asked for",
        Doing::Asking => "waits for its confirmation",
        Doing::Pleading => "waits for an admin's yes",
        Doing::UnderWay => "is under way",
        Doing::Overdue => "is overdue",
        Doing::Stopping => "is being stopped",
    };
    said!("deploy {} {}", open.id, Mrkdwn::raw(doing))
}

fn percent(tenths: u16) -> String {
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} %"),
        (whole, tenth) => format!("{whole}.{tenth} %"),
    }
}

fn strategy(strategy: &Strategy) -> Mrkdwn {
    match strategy {
        Strategy::Rolling => Mrkdwn::raw("rolling update"),
        Strategy::BlueGreen => Mrkdwn::raw("blue/green"),
        Strategy::Linear => Mrkdwn::raw("linear"),
        Strategy::Canary => Mrkdwn::raw("canary"),
        Strategy::Other(word) => code(word),
    }
}

/// A lifecycle stage in plain words.
pub fn stage(word: &str) -> Mrkdwn {
    Mrkdwn::raw(match word {
        "RECONCILE_SERVICE" => "putting the service's revisions in order",
        "PRE_SCALE_UP" => "about to start the new tasks",
        "SCALE_UP" => "starting the new tasks",
        "POST_SCALE_UP" => "the new tasks run",
        "TEST_TRAFFIC_SHIFT" => "moving the test traffic to the new tasks",
        "POST_TEST_TRAFFIC_SHIFT" => "the new tasks get the test traffic",
        "PRE_PRODUCTION_TRAFFIC_SHIFT" => "about to move production traffic",
        "PRODUCTION_TRAFFIC_SHIFT" => "moving production traffic to the new tasks",
        "POST_PRODUCTION_TRAFFIC_SHIFT" => "the new tasks get the production traffic",
        "BAKE_TIME" => "baking: the old tasks stay, in case it has to go back",
        "CLEAN_UP" => "stopping the old tasks",
        other => return code(other),
    })
}

pub(super) fn at_stage(word: Option<&str>) -> Mrkdwn {
    word.map_or_else(|| Mrkdwn::raw("ECS does not say at which stage"), stage)
}

/// A pause on the card: where it waits, what is open to be tried, and what happens when nobody answers.
pub fn pause(service: &str, pause: &Pause, test_url: Option<&str>, now: Timestamp) -> Mrkdwn {
    if let Some(answer) = &pause.answer {
        return answered_pause(service, pause, answer);
    }
    let waits = said!(
        ":raised_hand: *{} waits for a person:* {}.",
        code(service),
        at_stage(pause.stage.as_deref())
    );
    let test = test_url.map_or_else(Mrkdwn::new, |url| {
        said!("Try it at {}.", Mrkdwn::new().link(url, url))
    });
    let expiry = match pause.expires_at {
        None => Mrkdwn::new(),
        Some(at) => {
            let then = after(pause.on_timeout);
            match at <= now {
                true => said!("Its time is over: ECS {} by itself.", then),
                false => said!("If nobody answers until {}, ECS {} by itself.", at, then),
            }
        }
    };
    joined([waits, test, expiry], " ")
}

/// A pause that nobody has to answer any more, and that is not over.
fn answered_pause(service: &str, pause: &Pause, answer: &Vote) -> Mrkdwn {
    let trouble = pause.trouble.as_ref().map_or_else(Mrkdwn::new, |trouble| {
        said!("ECS has not taken that: {}.", code(&trouble.to_string()))
    });
    let told = said!(
        ":raised_hand: *{} paused:* {}. {}.",
        code(service),
        at_stage(pause.stage.as_deref()),
        pressed(answer)
    );
    joined([told, trouble], " ")
}

pub(super) fn after(action: AfterPause) -> Mrkdwn {
    Mrkdwn::raw(match action {
        AfterPause::Continue => "goes on",
        AfterPause::RollBack => "goes back to what ran before",
    })
}

/// `@bob pressed Continue`
fn pressed(answer: &Vote) -> Mrkdwn {
    let what = match answer.choice {
        Choice::Continue => "pressed *Continue*",
        Choice::RollBack => "pressed *Roll back*",
        Choice::Confirm => "confirmed",
        Choice::Another(_) => "chose another version",
        Choice::Decline => "decided against it",
        Choice::AllowOnce | Choice::AllowUntil => "allowed it",
    };
    said!("{} {}", answer.by, Mrkdwn::raw(what))
}

/// To the thread, because an edit notifies nobody: somebody has to decide.
pub fn somebody_decides(deploy: &Deploy, service: &str, pause: &Pause) -> Mrkdwn {
    said!(
        "{} deploy {} to {} waits for a person at {}: {}. Press *Continue* or *Roll back* on its card.",
        for_requester(deploy),
        deploy.id,
        deploy.environment,
        code(service),
        at_stage(pause.stage.as_deref())
    )
}

/// What takes the place of a pause's buttons, where its card cannot be edited.
pub fn pause_answered(deploy: &Deploy, service: &str, pause: &Pause) -> Mrkdwn {
    let what = match (&pause.answer, pause.end) {
        (_, Some(PauseEnd::RanOut)) => {
            said!("nobody answered in time, so ECS {}", after_all(pause))
        }
        (Some(answer), _) => said!("{}, {}", pressed(answer), answer.at),
        (None, _) => Mrkdwn::raw("it was answered outside of Longshore"),
    };
    said!(
        "The pause of {} in deploy {} ({}): {}.",
        code(service),
        deploy.id,
        at_stage(pause.stage.as_deref()),
        what
    )
}

fn after_all(pause: &Pause) -> Mrkdwn {
    Mrkdwn::raw(match pause.on_timeout {
        AfterPause::Continue => "went on by itself",
        AfterPause::RollBack => "goes back to what ran before",
    })
}

/// That ECS went on because nobody answered.
pub fn went_on_alone(deploy: &Deploy, service: &str, pause: &Pause) -> Mrkdwn {
    let late = pause.answer.as_ref().map_or_else(Mrkdwn::new, |answer| {
        said!("{}, but too late.", pressed(answer))
    });
    let said = said!(
        "{} nobody answered the pause of {} in deploy {} ({}) in time, so ECS went on by itself.",
        for_requester(deploy),
        code(service),
        deploy.id,
        at_stage(pause.stage.as_deref())
    );
    joined([said, late], " ")
}

/// How a pause ended, in a line for whoever wants to know exactly.
pub fn pause_line(service: &str, pause: &Pause) -> Mrkdwn {
    let end = match (pause.end, &pause.answer) {
        (None, Some(answer)) => said!("{}; ECS has not taken it yet", pressed(answer)),
        (None, None) => Mrkdwn::raw("waits for an answer"),
        (Some(PauseEnd::RanOut), _) => {
            said!("nobody answered in time; ECS {}", after(pause.on_timeout))
        }
        (Some(PauseEnd::Answered), Some(answer)) => said!("{} at {}", pressed(answer), answer.at),
        (Some(PauseEnd::Answered | PauseEnd::Elsewhere), _) => {
            Mrkdwn::raw("ended outside of Longshore, or with its rollout")
        }
    };
    said!(
        "• {} paused ({}): {}",
        code(service),
        at_stage(pause.stage.as_deref()),
        end
    )
}

pub(super) fn for_requester(deploy: &Deploy) -> Mrkdwn {
    match &deploy.requester {
        Actor::Slack { user, .. } => said!("{} {}:", user, title(deploy)),
        _ => said!("{}:", title(deploy)),
    }
}

/// The question whether a deploy that has begun shall go back, and what going back does.
pub fn shall_it_go_back(deploy: &Deploy) -> [Mrkdwn; 2] {
    let question = said!(
        "Deploy {} ({}) has begun. Stop it, and bring back what ran before it?",
        deploy.id,
        request(deploy)
    );
    let does = "ECS brings that back, also on services that are out already; what has not begun is left alone. Without an answer it goes on.";
    [question, Mrkdwn::raw(does)]
}

/// The button that says yes to that: of a rollback, going back would say two things.
pub(crate) fn stop_it(deploy: &Deploy) -> &'static str {
    match deploy.verb() {
        Verb::Deploy { .. } => "Stop and roll back",
        Verb::Rollback { .. } | Verb::Restart => "Stop it",
    }
}

/// On the card: who asked for it to stop, and what becomes of what has been started.
pub fn stop_asked(deploy: &Deploy, by: &Actor) -> Mrkdwn {
    let refused = deploy.stops_refused().map(|(service, no)| {
        said!(
            "ECS refused to stop {}: {}.",
            code(service),
            for_all(&no.to_string())
        )
    });
    let refused: Vec<Mrkdwn> = refused.collect();
    match refused.is_empty() {
        true => said!(
            ":octagonal_sign: {} asked for it to stop; what has been started goes back.",
            by
        ),
        false => said!(
            ":warning: {} asked for it to stop. {} It goes on rolling out; press *Roll back* to ask ECS again.",
            by,
            joined(refused, " ")
        ),
    }
}

/// With the verdict: somebody wanted it stopped, it came up all the same, and how to go back.
pub fn came_up_all_the_same(deploy: &Deploy, command: &str) -> Option<Mrkdwn> {
    let cancel = deploy.cancel.as_ref()?;
    let why = deploy.stops_refused().next().map_or_else(
        || Mrkdwn::raw("That came too late."),
        |(service, no)| {
            said!(
                "ECS refused to stop {}: {}.",
                code(service),
                for_all(&no.to_string())
            )
        },
    );
    let back = format!(
        "rollback {} on {}",
        deploy.application(),
        deploy.environment
    );
    Some(said!(
        "{} asked for it to stop at {}. {} What was asked for runs now; {} goes back.",
        cancel.by,
        cancel.at,
        why,
        super::command(command, &back)
    ))
}

/// The reply to **Keep watching**, where a card says how it ends.
pub fn keeping_watch(deploy: &Deploy) -> Mrkdwn {
    said!(
        "I keep watching deploy {}; its card says how it ends.",
        deploy.id
    )
}

/// Where a service of a deploy is that was given up.
pub fn no_longer_shown(service: &ServiceState) -> Mrkdwn {
    match service.revision.as_deref() {
        Some(arn) => said!(
            "was being brought to {}; ECS shows no rollout of it any more",
            code(last_part(arn))
        ),
        None => Mrkdwn::raw("ECS shows no rollout of it"),
    }
}
