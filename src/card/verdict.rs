//! The verdict: how a deploy ended, what runs now and what does not, why, and what can be done next.

mod why;

use std::borrow::Cow;

pub(super) use self::why::why;
use self::why::{reasons, why_lines};
use super::evidence::{explain, own_pages};
use super::page::Page;
use super::plan::change;
use super::{ButtonAction, Setting};
use crate::plan::Plan;
use crate::record::{Deploy, Ending, ServiceEnding, ServicePhase, ServiceState, Verdict};
use crate::reply::{
    self, code, completion, ended, headline, joined, link, runs_now, said, service_now,
    service_stands,
};
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
    page.header(&headline::ended(deploy, ending));
    let runs = match deploy.has_begun() {
        true => runs_now(deploy, ending),
        false => Vec::new(),
    };
    let reasons = reasons(deploy, ending, setting);
    page.section(said!(
        "{} {}",
        sign(deploy, ending),
        facts(deploy, ending, &runs)
    ));
    page.section(unproved(deploy));
    if runs.len() > 1 {
        page.lines(runs);
    }
    page.lines(why_lines(deploy, &reasons));
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
    page.lines(reply::people::by_copies(deploy));
    if deploy.has_begun() {
        let shares = deploy.plan.iter().flat_map(reply::shares_in_short);
        page.lines(shares.collect());
        page.lines(reply::tasks_now(deploy));
        if differ(deploy, ending) {
            page.lines(services(deploy, &reasons));
        }
        page.lines(reply::schedules_now(deploy));
        page.lines(super::show::not_published(deploy));
    }
    if let (Verdict::Succeeded, Some(plan)) = (ending.verdict, &deploy.plan) {
        page.lines(reply::endangered(plan, ending.at));
    }
    explain(&mut page, deploy);
    if deploy.has_begun() {
        page.lines(own_pages(deploy));
    }
    if concerns_those_on_call(deploy) {
        page.section(reply::on_call(Mrkdwn::new(), setting.on_call));
    }
    if ending.verdict == Verdict::Succeeded {
        page.context(reply::comes_back(deploy, setting.command));
    }
    page.context(footer(deploy, ending));
    let next = next(deploy, ending);
    let next: Vec<_> = next
        .iter()
        .map(|(action, label)| (*action, &**label))
        .collect();
    page.buttons(deploy, &next);
    match concerns_one(deploy) {
        true => page.only_for_one(),
        false => page.for_all(),
    }
}

/// The verdict in the card's thread, for its requester's notifications.
pub fn thread(deploy: &Deploy, setting: &Setting<'_>) -> Message {
    let said = reply::to_requester(deploy);
    let said = match concerns_those_on_call(deploy) && !setting.on_call.is_empty() {
        true => reply::on_call(said!("{}.", said), setting.on_call),
        false => said,
    };
    Page::of_sentence(said).for_all()
}

/// Whether those on call are mentioned: something was changed, and did not come up. Where a person ended
/// it, or somebody else's rollout did, whoever did that knows.
fn concerns_those_on_call(deploy: &Deploy) -> bool {
    let failed = matches!(
        deploy.verdict(),
        Some(Verdict::Failed | Verdict::RolledBack)
    );
    failed && deploy.has_begun()
}

/// The verdict elsewhere: one sentence, no buttons, nobody named but who asked.
pub fn announcement(deploy: &Deploy) -> Message {
    let sign = deploy
        .ending
        .as_ref()
        .map_or_else(Mrkdwn::new, |ending| sign(deploy, ending));
    Page::of_sentence(said!(
        "{} {}, asked for by {} (deploy {})",
        sign,
        completion(deploy),
        deploy.requester,
        deploy.id
    ))
    .for_all()
}

/// Whether the verdict is told to the requester alone: nothing was changed by it.
pub(crate) fn concerns_one(deploy: &Deploy) -> bool {
    match deploy.verdict() {
        Some(Verdict::Refused | Verdict::Expired) => true,
        Some(Verdict::Cancelled) => !deploy.has_begun(),
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

fn sign(deploy: &Deploy, ending: &Ending) -> Mrkdwn {
    if deploy.stops.is_some() {
        return Mrkdwn::raw(":leftwards_arrow_with_hook:");
    }
    // What was wanted is so.
    if ending.why.runs_already() {
        return Mrkdwn::raw(":information_source:");
    }
    Mrkdwn::raw(match ending.verdict {
        Verdict::Succeeded => ":white_check_mark:",
        Verdict::RolledBack => ":leftwards_arrow_with_hook:",
        Verdict::Failed => ":x:",
        Verdict::Cancelled => ":octagonal_sign:",
        Verdict::Refused => ":no_entry:",
        Verdict::Expired => ":hourglass:",
        Verdict::Superseded => ":warning:",
        Verdict::Abandoned => ":grey_question:",
    })
}

/// The one line below the heading: what changed or what runs, how it ended, after how long, and who
/// asked.
fn facts(deploy: &Deploy, ending: &Ending, runs: &[Mrkdwn]) -> Mrkdwn {
    if deploy.stops.is_some() {
        return said!("{}.", completion(deploy));
    }
    let how = ended::how(deploy, ending);
    let told = match ending.verdict {
        Verdict::Succeeded => {
            // Of a rollback, the heading names both.
            let change = change(deploy).filter(|_| !headline::names_both(deploy));
            let change = change.map(|(from, to)| said!("{} → {}", from, to));
            let same = *deploy.verb() == Verb::Restart;
            let change = change.or_else(|| same.then(|| reply::runs_of(deploy)));
            let commits = deploy
                .plan
                .as_ref()
                .map(|plan| link::commits(plan, deploy.verb()));
            // A version is written as it is.
            let begins_with_version = change.is_some();
            let brought = match headline::names_both(deploy) {
                true => Mrkdwn::new(),
                false => joined([change, commits.clone()].into_iter().flatten(), ", "),
            };
            // What a rollback took away follows how it went, where the heading says from what to what.
            let done = match brought.is_empty() {
                true => joined(
                    [Some(said!("done {}", how)), commits].into_iter().flatten(),
                    ", ",
                ),
                false => joined([brought, how], ", "),
            };
            match begins_with_version {
                true => done,
                false => done.capitalized(),
            }
        }
        Verdict::RolledBack
        | Verdict::Failed
        | Verdict::Cancelled
        | Verdict::Refused
        | Verdict::Expired
        | Verdict::Superseded
        | Verdict::Abandoned => match runs {
            [one] => joined(
                [
                    joined([one.clone(), not_brought(deploy, ending)], ", "),
                    how,
                ],
                ". ",
            ),
            _ => how,
        },
    };
    let none = match (ending.verdict, runs) {
        (Verdict::Succeeded, [one]) => one.clone(),
        _ => Mrkdwn::new(),
    };
    let asked = match concerns_one(deploy) {
        true => Mrkdwn::new(),
        false => said!(
            "Asked by {}{}",
            deploy.requester,
            reply::plea::by_leave(deploy)
        ),
    };
    let sentences = joined([told, none, asked], ". ");
    match sentences.is_empty() {
        true => Mrkdwn::raw("Nothing was started."),
        false => said!("{}.", sentences),
    }
}

/// The commits that are not live, where nothing of a deploy stayed.
fn not_brought(deploy: &Deploy, ending: &Ending) -> Mrkdwn {
    let taken_back = matches!(ending.verdict, Verdict::RolledBack | Verdict::Cancelled);
    let is_deploy = matches!(deploy.verb(), Verb::Deploy { .. });
    let plan = deploy.plan.as_ref();
    let plan = plan.filter(|_| taken_back && is_deploy && reply::is_as_before(deploy));
    plan.map_or_else(Mrkdwn::new, link::not_brought)
}

/// That the image does not prove the commit that its name points to.
fn unproved(deploy: &Deploy) -> Mrkdwn {
    let plan = deploy.plan.as_ref().filter(|_| deploy.has_begun());
    let share = plan
        .and_then(Plan::only)
        .filter(|share| share.unproved.is_some());
    share.map_or_else(Mrkdwn::new, |share| {
        let known = reply::commit::of_one(share, deploy.requested_at);
        said!("Commit: {}.", known)
    })
}

/// Whether one line does not say it of all services.
fn differ(deploy: &Deploy, ending: &Ending) -> bool {
    let how = |service: &ServiceState| match &service.phase {
        ServicePhase::Succeeded { no_tasks, .. } => (*no_tasks, None),
        ServicePhase::Unsuccessful { ending, .. } => (false, Some(*ending)),
        _ => (true, Some(ServiceEnding::NotStarted)),
    };
    let unfinished = |service: &ServiceState| !service.phase.is_final();
    let mut unchanged = deploy.plan.iter().flat_map(Plan::unchanged);
    let several = deploy.services.len() > 1 || unchanged.next().is_some();
    let alike = deploy
        .services
        .windows(2)
        .all(|two| how(&two[0]) == how(&two[1]));
    let all_out = ending.verdict == Verdict::Succeeded && alike;
    deploy.services.iter().any(unfinished) || (several && !all_out)
}

fn services(deploy: &Deploy, reasons: &[Mrkdwn]) -> Vec<Mrkdwn> {
    let unchanged = deploy.plan.iter().flat_map(Plan::unchanged);
    deploy
        .services
        .iter()
        .map(|service| {
            let given_up = deploy.abandoned_by.is_some() && !service.phase.is_final();
            let now = match given_up {
                true => reply::no_longer_shown(service),
                false if reasons.is_empty() => service_now(service),
                false => service_stands(service),
            };
            said!("• {}: {}", code(&service.service), now)
        })
        .chain(unchanged.map(reply::left_alone))
        .collect()
}

fn footer(deploy: &Deploy, ending: &Ending) -> Mrkdwn {
    said!("{} · {}", deploy.id, ending.at)
}

/// What may help now.
fn next(deploy: &Deploy, ending: &Ending) -> Vec<(ButtonAction, Cow<'static, str>)> {
    let forward = || {
        let label = deploy.forward().map(|_| headline::deploy_again(deploy));
        label.map(|label| (ButtonAction::Forward, Cow::from(label)))
    };
    let buttons = match (ending.verdict, deploy.verb()) {
        (Verdict::Succeeded, Verb::Rollback { .. }) => return forward().into_iter().collect(),
        (Verdict::Refused, _) if let Some(missing) = deploy.missing_there() => {
            let label = Cow::from(headline::deploy_there(missing));
            return vec![(ButtonAction::DeployThere, label)];
        }
        (Verdict::Refused, _) if let Some((_, before)) = deploy.built_before() => {
            let label = Cow::from(headline::deploy_before(before));
            return vec![(ButtonAction::DeployBefore, label)];
        }
        (Verdict::Succeeded, Verb::Deploy { .. }) if let Some((next, _)) = deploy.promotes() => {
            let promote = (ButtonAction::Promote, Cow::from(headline::promote(&next)));
            return vec![promote, (ButtonAction::Rollback, Cow::from("Roll back"))];
        }
        _ => what_helps(deploy, ending),
    };
    let buttons = buttons.into_iter();
    buttons
        .map(|(action, label)| (action, Cow::from(label)))
        .collect()
}

fn what_helps(deploy: &Deploy, ending: &Ending) -> Vec<(ButtonAction, &'static str)> {
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
        // Whoever was allowed this once, or not at all, has no right to the same once more.
        (Verdict::Cancelled | Verdict::Expired, _) if deploy.is_allowed_once() => vec![],
        (Verdict::Failed | Verdict::RolledBack | Verdict::Cancelled | Verdict::Expired, _) => {
            vec![again]
        }
        (Verdict::Refused, Verb::Deploy { .. }) if ending.why.runs_already() => {
            vec![(ButtonAction::Restart, "Restart")]
        }
        (Verdict::Refused | Verdict::Superseded, _) => vec![],
    }
}
