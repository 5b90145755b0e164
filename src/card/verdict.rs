//! The verdict: how a deploy ended, what runs now and what does not, why, and what can be done next.

use super::evidence::explain;
use super::page::{Page, about};
use super::plan::change;
use super::{ButtonAction, Setting};
use crate::plan::Plan;
use crate::record::{Deploy, Ending, Verdict};
use crate::refusal::{self, verdict_word};
use crate::reply::phrase::Readers;
use crate::reply::{self, code, command, completion, joined, runs_now, said, service_now};
use crate::request::Verb;
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// The verdict. Empty of news while there is none.
pub fn verdict(deploy: &Deploy, setting: &Setting<'_>) -> Message {
    let sentence = completion(deploy);
    let mut page = Page::new(sentence.clone());
    let Some(ending) = &deploy.ending else {
        return page.only_for_one();
    };
    let what = match deploy.verb() {
        Verb::Deploy { .. } => "Deploy",
        Verb::Rollback { .. } => "Rollback",
        Verb::Restart => "Restart",
    };
    let how = match deploy.stops {
        Some(_) => "stops what rolls out",
        None => verdict_word(ending.verdict),
    };
    page.header(&format!("{what} of {}: {how}", about(deploy)));
    page.section(said!("{} {}", sign(deploy, ending.verdict), sentence));
    page.lines(why(deploy, ending, setting));
    if let (Verdict::Succeeded, Some(wished)) = (
        ending.verdict,
        reply::came_up_all_the_same(deploy, setting.command),
    ) {
        page.section(wished);
    }
    let waits = matches!(ending.verdict, Verdict::Cancelled | Verdict::Expired);
    if waits && !deploy.has_begun() && deploy.plan.iter().any(|plan| !plan.foreign.is_empty()) {
        page.section(reply::goes_on(deploy, setting.command));
    }
    if deploy.has_begun() {
        page.fields(facts(deploy));
        page.lines(deploy.plan.iter().flat_map(reply::shares).collect());
        page.lines(runs_now(deploy, ending));
        page.lines(reply::tasks_now(deploy));
        let mut unchanged = deploy.plan.iter().flat_map(Plan::unchanged);
        if deploy.services.len() > 1
            || unchanged.next().is_some()
            || ending.verdict != Verdict::Succeeded
        {
            page.lines(services(deploy));
        }
        page.lines(reply::schedules_now(deploy));
        page.lines(super::show::not_published(deploy));
    }
    if let (Verdict::Succeeded, Some(plan)) = (ending.verdict, &deploy.plan) {
        page.lines(reply::endangered(plan, ending.at));
    }
    explain(&mut page, deploy);
    page.context(footer(deploy, ending, setting));
    page.buttons(deploy, &next(deploy, ending));
    match concerns_one(deploy) {
        true => page.only_for_one(),
        false => page.for_all(),
    }
}

/// The verdict in the card's thread, for its requester's notifications.
pub fn thread(deploy: &Deploy) -> Message {
    Page::of_sentence(reply::to_requester(deploy)).for_all()
}

/// The verdict elsewhere: one sentence, no buttons, nobody named but who asked.
pub fn announcement(deploy: &Deploy) -> Message {
    let sign = deploy
        .ending
        .as_ref()
        .map_or_else(Mrkdwn::new, |ending| sign(deploy, ending.verdict));
    Page::of_sentence(said!(
        "{} {}, asked for by {} (deploy {})",
        sign,
        completion(deploy),
        deploy.requester,
        deploy.id
    ))
    .for_all()
}

/// Why it ended so, a line for each reason. Names become mentions only where nobody else reads them.
pub(super) fn why(deploy: &Deploy, ending: &Ending, setting: &Setting<'_>) -> Vec<Mrkdwn> {
    let readers = match concerns_one(deploy) {
        true => Readers::One,
        false => Readers::All,
    };
    let lines = refusal::why(&ending.why).into_iter();
    lines
        .map(|line| line.mrkdwn(setting.command, readers))
        .collect()
}

/// Whether the verdict is told to the requester alone: nothing was changed by it.
pub(crate) fn concerns_one(deploy: &Deploy) -> bool {
    match deploy.verdict() {
        Some(Verdict::Refused | Verdict::Expired) => true,
        Some(Verdict::Cancelled | Verdict::Replaced) => !deploy.has_begun(),
        Some(
            Verdict::Succeeded
            | Verdict::RolledBack
            | Verdict::Failed
            | Verdict::Superseded
            | Verdict::Abandoned,
        )
        | None => false,
    }
}

fn sign(deploy: &Deploy, verdict: Verdict) -> Mrkdwn {
    if deploy.stops.is_some() {
        return Mrkdwn::raw(":leftwards_arrow_with_hook: *Stopping.*");
    }
    Mrkdwn::raw(match verdict {
        Verdict::Succeeded => ":white_check_mark: *Succeeded.*",
        Verdict::RolledBack => ":leftwards_arrow_with_hook: *Rolled back.*",
        Verdict::Failed => ":x: *Failed.*",
        Verdict::Cancelled => ":octagonal_sign: *Cancelled.*",
        Verdict::Refused => ":no_entry: *Refused.*",
        Verdict::Expired => ":hourglass: *Lapsed.*",
        Verdict::Superseded => ":warning: *Superseded.*",
        Verdict::Replaced => ":arrow_right: *Replaced.*",
        Verdict::Abandoned => ":warning: *No longer watched.*",
    })
}

fn facts(deploy: &Deploy) -> Vec<(&'static str, Mrkdwn)> {
    let plan = deploy.plan.as_ref();
    let change = change(deploy).map(|(from, to)| said!("{} → {}", from, to));
    let only = plan.and_then(Plan::only);
    let commit = only.map(|share| reply::commit::of_one(share, deploy.requested_at));
    vec![
        ("Asked for by", said!("{}", deploy.requester)),
        ("From → to", change.unwrap_or_default()),
        ("Commit", commit.unwrap_or_default()),
    ]
}

fn services(deploy: &Deploy) -> Vec<Mrkdwn> {
    let unchanged = deploy.plan.iter().flat_map(Plan::unchanged);
    deploy
        .services
        .iter()
        .map(|service| {
            let given_up = deploy.abandoned_by.is_some() && !service.phase.is_final();
            let now = match given_up {
                true => reply::no_longer_shown(service),
                false => service_now(service),
            };
            said!("• {}: {}", code(&service.service), now)
        })
        .chain(unchanged.map(reply::left_alone))
        .collect()
}

fn footer(deploy: &Deploy, ending: &Ending, setting: &Setting<'_>) -> Mrkdwn {
    let id = said!("Deploy {}", deploy.id);
    let more = said!(
        "{} for everything about it",
        command(setting.command, &format!("show {}", deploy.id))
    );
    let at = said!("ended {}", ending.at);
    joined([id, at, more], " · ")
}

/// What may help now.
fn next(deploy: &Deploy, ending: &Ending) -> Vec<(ButtonAction, &'static str)> {
    let back = (ButtonAction::Rollback, "Roll back");
    let again = (ButtonAction::Retry, "Retry");
    let difference = (ButtonAction::Difference, "Definition diff");
    match (ending.verdict, deploy.verb()) {
        (Verdict::Succeeded, Verb::Deploy { .. }) => vec![back],
        (Verdict::Succeeded, Verb::Rollback { .. } | Verb::Restart) => vec![],
        (Verdict::Failed, Verb::Deploy { .. } | Verb::Rollback { .. }) if deploy.has_started() => {
            vec![back, again, difference]
        }
        (Verdict::RolledBack, Verb::Deploy { .. } | Verb::Rollback { .. }) => {
            vec![again, difference]
        }
        (Verdict::Abandoned, _) => vec![back],
        (Verdict::Failed | Verdict::RolledBack | Verdict::Cancelled | Verdict::Expired, _) => {
            vec![again]
        }
        (Verdict::Refused | Verdict::Superseded | Verdict::Replaced, _) => vec![],
    }
}
