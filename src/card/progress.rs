//! While a deploy starts and rolls: the card that is kept current, and the two posts that tell what
//! a reader could not see by waiting.

mod waiting;

use jiff::Timestamp;

use self::waiting::waiting;
use super::evidence::{look_on, own_pages, why_it_fails};
use super::page::{Page, about};
use super::plan::{change, goes_back};
use super::{ButtonAction, Setting};
use crate::config::Rollouts;
use crate::names::{AppName, EnvName};
use crate::plan::Foreign;
use crate::record::{Deploy, Notice, Pause, Phase, ServicePhase, ServiceState};
use crate::reply::{self, code, headline, joined, link, said, service_now};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// How wide a bar is.
const BAR: i32 = 10;

/// The card of a deploy that is under way.
pub fn progress(deploy: &Deploy, setting: &Setting<'_>) -> Message {
    let mut page = Page::new(reply::under_way(deploy));
    body(&mut page, deploy, setting);
    page.for_all()
}

/// That a deploy has started, where no card can be kept current: nothing in it goes out of date.
pub fn started(deploy: &Deploy) -> Message {
    let mut page = Page::new(reply::under_way(deploy));
    page.header(&headline::under_way(deploy));
    page.section(changes(deploy));
    page.lines(deploy.plan.iter().flat_map(reply::shares).collect());
    goes_back(&mut page, deploy);
    for task in deploy.plan.iter().flat_map(|plan| &plan.one_offs) {
        page.section(reply::task_planned(task));
    }
    if deploy.services.len() > 1 {
        let services: Vec<Mrkdwn> = deploy.services.iter().map(|s| code(&s.service)).collect();
        let order = match rollouts(deploy) {
            Rollouts::InOrder => "One after the other:",
            Rollouts::Parallel => "All at the same time:",
        };
        page.section(joined([Mrkdwn::raw(order), joined(services, ", ")], " "));
    }
    page.section(
        deploy
            .plan
            .as_ref()
            .map_or_else(Mrkdwn::new, reply::never_gives_up),
    );
    page.lines(own_pages(deploy));
    page.context(reply::will_tell(deploy));
    page.context(deploy.told.lacks.map_or_else(Mrkdwn::new, reply::lacks));
    stop(&mut page, deploy);
    page.for_all()
}

/// That the deadline has passed, as a post of its own.
pub fn overdue(deploy: &Deploy, setting: &Setting<'_>) -> Message {
    let said = reply::on_call(reply::overdue(deploy, setting.now), setting.on_call);
    let mut page = Page::new(said.clone());
    page.header(&headline::overdue(deploy));
    page.section(said!(":warning: {}", said));
    page.lines(services(deploy, setting.now));
    page.lines(look_on(deploy));
    // Its buttons are on the card, once.
    match deploy.told.card {
        Some(_) => page.context(Mrkdwn::raw("Its buttons are on its card.")),
        None => stop(&mut page, deploy),
    }
    page.for_all()
}

/// That it fails while it rolls out, as a post of its own, with the way back.
pub fn failing(deploy: &Deploy, setting: &Setting<'_>) -> Message {
    let said = reply::on_call(reply::failing(deploy), setting.on_call);
    let mut page = Page::new(said.clone());
    page.header(&headline::failing(deploy));
    page.section(said!(":warning: {}", said));
    page.lines(services(deploy, setting.now));
    page.lines(look_on(deploy));
    // On the card it goes with the deploy's end.
    match deploy.told.card {
        Some(_) => page.context(Mrkdwn::raw("Its buttons are on its card.")),
        None => page.buttons(deploy, &[(ButtonAction::StopBack, "Roll back")]),
    }
    page.for_all()
}

/// That the address to answer to is about to lapse, with the button that brings a fresh one.
pub fn lapse(deploy: &Deploy, setting: &Setting<'_>) -> Message {
    let said = reply::lapsing(deploy, setting.now);
    let mut page = Page::new(said.clone());
    page.header(&headline::under_way(deploy));
    page.section(said!(":hourglass_flowing_sand: {}", said));
    page.lines(services(deploy, setting.now));
    page.buttons(deploy, &[(ButtonAction::KeepPosted, "Keep me posted")]);
    page.for_all()
}

fn body(page: &mut Page, deploy: &Deploy, setting: &Setting<'_>) {
    page.header(&headline::under_way(deploy));
    page.section(changes(deploy));
    let shares = deploy.plan.iter().flat_map(reply::shares_in_short);
    page.lines(shares.collect());
    goes_back(page, deploy);
    let state = match deploy.phase {
        Phase::Requested => "Looking up what would change.",
        Phase::Planned => "About to start.",
        Phase::Asking => "Waiting for confirmation.",
        Phase::Starting => "Starting.",
        Phase::Rolling if deploy.is_at_its_tasks() => "Its one-off task runs first.",
        Phase::Rolling if deploy.stops_refused().next().is_some() => {
            "ECS is rolling it out, and has refused to stop."
        }
        Phase::Rolling if deploy.cancel.is_some() => "It is being stopped.",
        Phase::Rolling if !has_begun(deploy) => "Starting.",
        Phase::Rolling => "",
        Phase::Overdue => {
            ":warning: *Overdue*: still rolling out after its deadline. I keep watching, less often."
        }
        Phase::Ended => "It has ended.",
    };
    page.section(Mrkdwn::raw(state));
    if let Some(blind) = &deploy.blind {
        page.section(reply::cannot_look(blind));
    }
    if let Some(cancel) = &deploy.cancel {
        page.section(match deploy.is_at_its_tasks() {
            true if deploy.is_task_stop_refused() => said!(
                ":warning: {} asked for it to stop; ECS has refused to stop its one-off task, which runs to its end. No service is changed.",
                cancel.by
            ),
            true => said!(
                ":octagonal_sign: {} asked for it to stop; its one-off task is stopped, and no service is changed.",
                cancel.by
            ),
            false => reply::stop_asked(deploy, &cancel.by),
        });
    }
    page.lines(services(deploy, setting.now));
    if let Some(plan) = &deploy.plan {
        page.section(reply::never_gives_up(plan));
        page.lines(reply::endangered(plan, setting.now));
    }
    page.lines(look_on(deploy));
    page.lines(own_pages(deploy));
    page.context(said!(
        "{} · {} so far",
        deploy.id,
        deploy.elapsed(setting.now)
    ));
    pauses(page, deploy, setting); // Where its one service waits, that goes back as a stop would.
    if deploy.services.len() > 1 || !asks(deploy) {
        stop(page, deploy);
    }
}

/// Whether ECS shows anything of it yet.
fn has_begun(deploy: &Deploy) -> bool {
    !deploy.services.iter().all(|service| {
        matches!(
            service.phase,
            ServicePhase::Waiting | ServicePhase::Starting { .. }
        )
    })
}

/// `1.5.0 → 1.6.0, 2 commits (maria, sam). Asked by @maria.`
fn changes(deploy: &Deploy) -> Mrkdwn {
    let commits = deploy
        .plan
        .as_ref()
        .map(|plan| link::commits(plan, deploy.verb()));
    let change = match change(deploy) {
        Some((from, to)) => joined(
            [said!("{} → *{}*", from, to), commits.unwrap_or_default()],
            ", ",
        ),
        None if deploy.is_of_several() => Mrkdwn::new(),
        None => reply::runs_of(deploy),
    };
    let leave = reply::plea::by_leave(deploy);
    let asked = said!("Asked by {}{}.", deploy.requester, leave);
    joined([change, asked], ". ")
}

fn stop(page: &mut Page, deploy: &Deploy) {
    let cancel = (ButtonAction::Cancel, "Cancel");
    let watch = (ButtonAction::KeepWatching, "Keep watching");
    let back = (ButtonAction::StopBack, "Roll back");
    let abandon = (ButtonAction::Abandon, "Abandon");
    let refused = deploy.is_stop_refused();
    let buttons = match (deploy.phase, &deploy.cancel, &deploy.ending) {
        (_, _, Some(_)) => vec![],
        (Phase::Overdue, Some(_), None) if refused => vec![watch, back, abandon],
        (_, Some(_), None) if refused => vec![back],
        (Phase::Overdue, None, None) => vec![watch, back, abandon],
        (Phase::Overdue, Some(_), None) => vec![watch, abandon],
        (_, None, None) if deploy.services.iter().any(ServiceState::is_failing) => vec![back],
        (_, None, None) => vec![cancel],
        (_, Some(_), None) => vec![],
    };
    page.buttons(deploy, &buttons);
}

/// Whether a pause has its buttons on the card.
fn asks(deploy: &Deploy) -> bool {
    let under_way = deploy.services.iter().filter(|s| !s.phase.is_final());
    let mut pauses = under_way.flat_map(ServiceState::waiting_pauses);
    let is_rolling = deploy.phase == Phase::Rolling && deploy.cancel.is_none();
    is_rolling && pauses.any(|pause| pause.answer.is_none())
}

/// What waits for a person, each with its own buttons.
fn pauses(page: &mut Page, deploy: &Deploy, setting: &Setting<'_>) {
    let under_way = deploy.services.iter().filter(|s| !s.phase.is_final());
    for service in under_way {
        for pause in service.waiting_pauses() {
            one_pause(page, deploy, &service.service, pause, setting);
        }
    }
}

fn one_pause(
    page: &mut Page,
    deploy: &Deploy,
    service: &str,
    pause: &Pause,
    setting: &Setting<'_>,
) {
    // Whoever wants it stopped has answered for everybody.
    if deploy.cancel.is_some() {
        return;
    }
    let plan = deploy.plan.as_ref();
    let place = deploy.services.iter().position(|s| s.service == service);
    let test_url = plan
        .zip(place)
        .and_then(|(plan, at)| plan.share_of(at).test_url.as_deref());
    page.section(reply::pause(service, pause, test_url, setting.now));
    if pause.answer.is_none() && deploy.ending.is_none() {
        page.pause_buttons(deploy, pause);
    }
}

/// A pause as a post of its own, where no card can be kept current.
pub fn paused(deploy: &Deploy, service: &str, pause: &Pause, setting: &Setting<'_>) -> Message {
    let mut page = Page::new(reply::somebody_decides(deploy, service, pause));
    page.header(&headline::under_way(deploy));
    page.lines(services(deploy, setting.now));
    page.section(reply::on_call(Mrkdwn::new(), setting.on_call));
    page.context(said!("Deploy {}", deploy.id));
    one_pause(&mut page, deploy, service, pause, setting);
    page.for_all()
}

/// To the card's thread, because an edit notifies nobody: somebody has to decide.
pub fn pause_thread(
    deploy: &Deploy,
    service: &str,
    pause: &Pause,
    setting: &Setting<'_>,
) -> Message {
    let said = reply::somebody_decides(deploy, service, pause);
    Page::of_sentence(reply::on_call(said, setting.on_call)).for_all()
}

/// What takes the place of an answered pause's post.
pub fn pause_answered(deploy: &Deploy, service: &str, pause: &Pause) -> Message {
    Page::of_sentence(reply::pause_answered(deploy, service, pause))
        .for_all()
        .replacing()
}

/// To whoever wants something cancelled that is not Longshore's.
pub fn not_ours(
    application: &AppName,
    environment: &EnvName,
    foreign: &[Foreign],
    command: &str,
    now: Timestamp,
) -> Message {
    let lines = reply::not_ours(application, environment, foreign, command, now);
    let first = lines.first().cloned().unwrap_or_default();
    let mut page = Page::new(first);
    page.header(&format!("Not Longshore's: {application} · {environment}"));
    page.lines(lines);
    page.only_for_one()
}

/// Something people are told once, beside the card.
pub fn notice(deploy: &Deploy, notice: &Notice) -> Message {
    Page::of_sentence(reply::notice(deploy, notice)).for_all()
}

/// That ECS went on by itself.
pub fn went_on_alone(deploy: &Deploy, service: &str, pause: &Pause) -> Message {
    Page::of_sentence(reply::went_on_alone(deploy, service, pause)).for_all()
}

/// Asks whether a deploy that has begun shall go back, and says what going back does.
pub fn shall_it_go_back(deploy: &Deploy) -> Message {
    let [question, does] = reply::shall_it_go_back(deploy);
    let mut page = Page::new(question.clone());
    page.header(&format!("Stop {}?", about(deploy)));
    page.section(said!("*{}*", question));
    page.section(does);
    page.buttons(deploy, &[(ButtonAction::StopBack, reply::stop_it(deploy))]);
    page.only_for_one()
}

/// One line for each one-off task, and one per service.
pub(super) fn services(deploy: &Deploy, now: Timestamp) -> Vec<Mrkdwn> {
    let wanted = |service: &ServiceState| {
        let plan = deploy.plan.as_ref()?;
        let planned = plan
            .services
            .iter()
            .find(|p| p.service == service.service)?;
        Some(planned.desired)
    };
    let services = deploy.services.iter().map(|state| match state.phase {
        ServicePhase::Waiting => said!("• {}: {}", code(&state.service), waiting(deploy)),
        _ => service(state, wanted(state), now),
    });
    reply::tasks_now(deploy)
        .into_iter()
        .chain(services)
        .chain(reply::schedules_now(deploy))
        .collect()
}

fn rollouts(deploy: &Deploy) -> Rollouts {
    let plan = deploy.plan.as_ref().filter(|plan| plan.services.len() > 1);
    plan.map(|plan| plan.rollouts).unwrap_or_default()
}

fn service(service: &ServiceState, wanted: Option<i32>, now: Timestamp) -> Mrkdwn {
    let name = code(&service.service);
    match &service.phase {
        ServicePhase::Waiting
        | ServicePhase::Starting { .. }
        | ServicePhase::Succeeded { .. }
        | ServicePhase::Unsuccessful { .. }
        | ServicePhase::GoingBack { .. }
        | ServicePhase::WentBack
        | ServicePhase::StuckHalfway { .. } => said!("• {}: {}", name, service_now(service)),
        ServicePhase::Rolling { .. } => {
            let line = said!("• {}: {}", name, counts(service, wanted));
            let view = service.view.as_ref().filter(|view| view.has_stages());
            let view = view.map(|view| reply::view(view, now));
            let why = service.evidence.as_ref().map(why_it_fails);
            let more = [view, why]
                .into_iter()
                .flatten()
                .filter(|more| !more.is_empty());
            joined(std::iter::once(line).chain(more), "\n    ")
        }
    }
}

/// `▓▓▓▓▓░░░░░ 2 of 4 running, 1 pending, 1 failed, 3 old`, of the new revision but for the old ones
fn counts(service: &ServiceState, wanted: Option<i32>) -> Mrkdwn {
    let counts = service.counts;
    if counts.desired <= 0 {
        return Mrkdwn::raw(match wanted {
            Some(0) => "rolling out; the desired count is 0, so no tasks run",
            Some(_) | None => "rolling out; ECS has not counted its tasks yet",
        });
    }
    let filled = (i64::from(counts.running.max(0)) * i64::from(BAR) / i64::from(counts.desired))
        .clamp(0, i64::from(BAR));
    let bar: String = (0..i64::from(BAR))
        .map(|at| if at < filled { '▓' } else { '░' })
        .collect();
    let numbers = said!("{} {} of {} running", bar, counts.running, counts.desired);
    let pending = match counts.pending {
        ..=0 => Mrkdwn::new(),
        pending => said!("{} pending", pending),
    };
    let failed = match counts.failed {
        ..=0 => Mrkdwn::new(),
        failed => said!("{} failed", failed),
    };
    let old = service
        .view
        .as_ref()
        .map_or_else(Mrkdwn::new, reply::old_tasks);
    joined([numbers, pending, failed, old], ", ")
}
