//! The question: what would be done, from what to what, and a click to say yes or no. Only its
//! requester sees it.

mod lists;

use self::lists::{commits, differences, lost};
use super::button::ButtonValue;
use super::page::{Page, about};
use super::{ButtonAction, Setting};
use crate::gate;
use crate::names::Actor;
use crate::names::version::PLUS;
use crate::names::version::runs;
use crate::plan::{Change, Plan, PlannedService};
use crate::record::{Choice, Deploy, Waiting};
use crate::refusal;
use crate::reply::phrase::Readers;
use crate::reply::{self, code, headline, joined, label, last_part, link, said};
use crate::request::Verb;
use crate::slack::blocks::{Menu, Message};
use crate::slack::text::Mrkdwn;

/// The question about a plan.
pub fn ask(deploy: &Deploy, setting: &Setting<'_>) -> Message {
    let question = reply::question(deploy);
    let mut page = Page::new(question);
    page.header(&headline::question(deploy));
    page.section(reply::asked_again(deploy));
    planned(&mut page, deploy, setting);
    let asked = said!("{} · asked by {}", deploy.id, deploy.requester);
    let expiry = deploy
        .ask
        .as_ref()
        .map(|ask| reply::expiry(ask.expires_at, setting.now))
        .unwrap_or_default();
    let place = deploy.plan.as_ref().map(place);
    page.context(joined(
        [Some(asked), Some(expiry), place].into_iter().flatten(),
        " · ",
    ));
    if let Some(menu) = menu(deploy, setting) {
        page.menu(menu);
    }
    let replaces = replaces(deploy);
    let yes = match replaces {
        true => "Replace it",
        false => "Confirm",
    };
    let no = match deploy.verb() {
        _ if replaces => "Wait",
        Verb::Deploy { .. } => "Do not deploy",
        Verb::Rollback { .. } => "Do not roll back",
        Verb::Restart => "Do not restart",
    };
    page.buttons(
        deploy,
        &[(ButtonAction::Decline, no), (ButtonAction::Confirm, yes)],
    );
    page.only_for_one()
}

fn replaces(deploy: &Deploy) -> bool {
    deploy.plan.iter().any(|plan| !plan.foreign.is_empty())
}

/// What the plan would do, all of it.
pub(super) fn planned(page: &mut Page, deploy: &Deploy, setting: &Setting<'_>) {
    if let Some(plan) = &deploy.plan {
        if replaces(deploy) {
            let [warning, answers] = reply::replaces_foreign();
            let lines = plan
                .foreign
                .iter()
                .map(|one| reply::foreign(one, setting.now));
            page.lines([warning].into_iter().chain(lines).collect());
            page.section(answers);
        }
        let asked = gate::asked_about(plan).into_iter();
        let asked = asked.map(|one| refusal::obstacle(&one).said(Readers::One));
        page.lines(asked.map(|one| said!(":warning: {}", one)).collect());
        page.section(facts(deploy, plan));
        page.lines(reply::shares(plan));
        page.lines(reply::promoted(plan, setting.now));
        for task in &plan.one_offs {
            page.section(reply::task_planned(task));
        }
        let schedules = plan.schedules.iter();
        let schedules =
            schedules.map(|one| reply::schedule_planned(one, image_word(deploy.verb())));
        let services = plan.services.iter().map(|one| service(one, deploy.verb()));
        page.lines(services.chain(schedules).collect());
        page.lines(plan.unchanged().map(reply::left_alone).collect());
        page.section(reply::course(plan));
        page.section(reply::never_gives_up(plan));
        page.lines(reply::rolled_back(plan, setting.now, Readers::One));
        for back in plan.ways() {
            page.lines(reply::goes_back(back, setting.now, Readers::One));
        }
        for share in &plan.shares {
            if share.candidates.len() > 1 {
                let goes_to = share.goes_back.as_ref().map(|back| back.way.key);
                page.lines(reply::ways_back(&share.candidates, goes_to, setting.now));
            }
            let left = &share.rolled_back_from;
            page.lines(reply::left(left, deploy, setting.command, setting.now));
        }
        if !plan.crossed.is_empty() {
            page.section(reply::tasks_crossed(&plan.crossed));
        }
        page.lines(plan.shares.iter().map(reply::commit::by_request).collect());
        page.lines(
            plan.shares
                .iter()
                .map(reply::commit::unchanged_since)
                .collect(),
        );
        page.section(reply::commit::checked(plan));
        page.lines(reply::commit::unasked(plan));
        page.lines(reply::commit::renamed(plan));
        page.lines(reply::people::by_copy(plan));
        page.lines(told(plan));
        page.lines(reply::unpinned(plan));
        page.lines(reply::endangered(plan, setting.now));
        // Before what only helps to decide: this is what people agree to.
        differences(page, deploy, plan);
        for (share, services) in plan.each() {
            let compare = link::compare(share, services.first());
            let heading = match plan.only() {
                Some(_) => Mrkdwn::raw("*Commits:*"),
                None => said!("*Commits of {}:*", share.title),
            };
            let watched = reply::watched::watched(share, deploy.verb());
            page.section(match plan.only() {
                None if !watched.is_empty() => said!("{}: {}", share.title, watched),
                _ => watched,
            });
            let Some(between) = &share.commits else {
                continue;
            };
            match deploy.verb() {
                Verb::Rollback { .. } => lost(page, share, between),
                Verb::Deploy { .. } | Verb::Restart => {
                    commits(page, &heading, share, compare.as_deref());
                }
            }
        }
    }
}

/// The versions that can be gone back to, the one that is shown chosen; none where there is but one.
fn menu(deploy: &Deploy, setting: &Setting<'_>) -> Option<Menu> {
    let share = deploy.plan.as_ref()?.only()?;
    let value = |key| ButtonValue::of_version(deploy, key).to_string();
    let shown = value(share.goes_back.as_ref()?.way.key);
    let candidates = share.candidates.iter();
    let can_be = candidates.filter(|candidate| candidate.why_not.is_none());
    let options: Vec<(String, String)> = can_be
        .map(|candidate| (value(candidate.key), reply::choice(candidate, setting.now)))
        .collect();
    let action = ButtonAction::Choose.id();
    (options.len() > 1).then(|| Menu::new(action, "Go back to…", &options, &shown))
}

/// That its plan waits for somebody outside, and until when, with the button that ends it.
pub fn plan_waits(deploy: &Deploy, waiting: &Waiting) -> Message {
    let said = reply::waits_for(deploy, waiting);
    let mut page = Page::new(said.clone());
    page.header(&format!("Waiting: {}", about(deploy)));
    page.section(said!(":hourglass_flowing_sand: {}", said));
    page.buttons(deploy, &[(ButtonAction::Cancel, "Cancel")]);
    page.only_for_one()
}

/// What takes the question's place once it is answered.
pub fn answered(deploy: &Deploy, choice: Choice, by: &Actor) -> Message {
    Page::of_sentence(reply::answered(deploy, choice, by))
        .only_for_one()
        .replacing()
}

/// What takes the place of a question that nobody has to answer any more.
pub fn closed(deploy: &Deploy) -> Message {
    Page::of_sentence(reply::completion(deploy))
        .only_for_one()
        .replacing()
}

/// The gates that let a plan through and are to be told of all the same.
fn told(plan: &Plan) -> Vec<Mrkdwn> {
    let told = gate::told(plan).into_iter();
    told.map(|one| said!("• {}", refusal::obstacle(&one).said(Readers::One)))
        .collect()
}

/// `1.5.0 → *1.6.0*, 2 commits (maria, sam); commit `1f0c9de`, image …`: of several applications, each has a
/// line of its own.
fn facts(deploy: &Deploy, plan: &Plan) -> Mrkdwn {
    let Some(share) = plan.only() else {
        return Mrkdwn::new();
    };
    let commit = match reply::commit::is_named(share) {
        true => Mrkdwn::new(),
        false => reply::commit::of_one(share, deploy.requested_at),
    };
    let image = share.image.as_ref();
    let image = image.map_or_else(Mrkdwn::new, |image| {
        reply::image(image, share.commit.as_ref())
    });
    let change = match deploy.verb() {
        Verb::Restart => said!("{} stays, with new tasks", from(plan)),
        Verb::Deploy { .. } => said!("{} → *{}*", from(plan), to(plan)),
        Verb::Rollback { .. } => joined(
            [
                said!("{} → *{}*", from(plan), to(plan)),
                link::commits(plan, deploy.verb()),
            ],
            ", ",
        ),
    };
    let built = match commit.is_empty() {
        true => image,
        false => joined([said!("Commit {}", commit), image], ", "),
    };
    joined([change, built], "\n")
}

/// `` `staging` in eu-west-1, account `222222222222` ``
pub(super) fn place(plan: &Plan) -> Mrkdwn {
    said!(
        "cluster {} in {}, account {}",
        code(&plan.cluster),
        plan.region,
        code(&plan.account)
    )
}

/// What a copy of a task definition names, beside what it is a copy of.
fn image_word(verb: &Verb) -> &'static str {
    match verb {
        Verb::Deploy { .. } => "the new image",
        Verb::Rollback { .. } => "the old image",
        Verb::Restart => "the same image",
    }
}

/// From what to what the one application goes: nothing of a restart, and of several applications, of
/// which each has a line of its own.
pub(super) fn change(deploy: &Deploy) -> Option<(Mrkdwn, Mrkdwn)> {
    let plan = deploy.plan.as_ref()?;
    let brings = *deploy.verb() != Verb::Restart && plan.only().is_some();
    brings.then(|| (from(plan), to(plan)))
}

/// What would run, linked to its commit.
fn to(plan: &Plan) -> Mrkdwn {
    match plan.only() {
        Some(share) if plan.services.iter().all(|one| one.told_apart.is_none()) => {
            link::brings(share)
        }
        _ => reply::runs_then(plan),
    }
}

/// What is live, in one word where all services agree.
pub(super) fn from(plan: &Plan) -> Mrkdwn {
    let mut labels: Vec<&str> = Vec::new();
    let mut apart: Vec<&str> = Vec::new();
    for service in &plan.services {
        if !labels.contains(&service.live_label.as_str()) {
            labels.push(&service.live_label);
        }
        let was = service.told_apart.as_ref().map(|(was, _)| was.as_str());
        apart.extend(was.filter(|was| !apart.contains(was)));
    }
    // A service that runs some of an application's images adds nothing to one that runs them all.
    let all = labels.clone();
    labels.retain(|label| {
        !all.iter()
            .any(|other| other != label && holds(other, label))
    });
    // What else runs of the application is named too, where it is the same everywhere.
    let everything = plan
        .only()
        .map(|share| runs("", &share.live_parts))
        .unwrap_or_default();
    if !labels.is_empty() && labels.iter().all(|label| holds(&everything, label)) {
        labels = vec![&everything];
    }
    match labels.as_slice() {
        [] => Mrkdwn::raw("nothing"),
        [one] => match apart.as_slice() {
            [] => match (plan.only(), plan.services.first()) {
                (Some(share), Some(service)) => link::lives(share, service, one),
                _ => label(one),
            },
            apart => {
                let apart = apart.iter().take(3).map(|was| code(was));
                said!("{} ({})", label(one), joined(apart, ", "))
            }
        },
        several => {
            let shown: Vec<Mrkdwn> = several.iter().take(3).map(|one| label(one)).collect();
            let row = joined(shown, ", ");
            match several.len() {
                4.. => said!("{} and others", row),
                _ => row,
            }
        }
    }
}

/// Whether `main + nginx:3.1.0` names all that `main` does.
fn holds(all: &str, some: &str) -> bool {
    let mut some = some.split(PLUS);
    some.all(|one| all.split(PLUS).any(|other| other == one))
}

fn service(service: &PlannedService, verb: &Verb) -> Mrkdwn {
    let image = Mrkdwn::raw(image_word(verb));
    let live = code(last_part(&service.live));
    let change = match &service.change {
        Change::Copy { base, .. } if *base == service.live => {
            said!("{} → a copy with {}", live, image)
        }
        Change::Copy { base, .. } => said!(
            "{} → a copy of {} with {}",
            live,
            code(last_part(base)),
            image
        ),
        Change::Exactly { revision, .. } => said!("{} → {}", live, code(last_part(revision))),
        Change::Again => said!("{} once more, with new tasks", live),
        Change::Renewed { .. } => said!(
            "a copy of {} that names what runs by digest, with new tasks",
            live
        ),
    };
    let tasks = match service.desired {
        0 => Mrkdwn::raw("no tasks wanted: nothing would run"),
        1 => Mrkdwn::raw("1 task wanted"),
        many => said!("{} tasks wanted", many),
    };
    said!("• {}: {}; {}", code(&service.service), change, tasks)
}

/// Adds where a rollback goes, that what a deploy brings was rolled back before, that git was not asked and that Slack did not say who may, each with the time of the
/// plan: none of it goes out of date.
pub(super) fn goes_back(page: &mut Page, deploy: &Deploy) {
    page.lines(
        deploy
            .plan
            .iter()
            .flat_map(reply::commit::unasked)
            .collect(),
    );
    page.lines(
        deploy
            .plan
            .iter()
            .flat_map(reply::people::by_copy)
            .collect(),
    );
    if let Some(plan) = &deploy.plan {
        page.lines(reply::rolled_back(plan, deploy.requested_at, Readers::All));
        for back in plan.ways() {
            page.lines(reply::goes_back(back, deploy.requested_at, Readers::All));
        }
    }
}
