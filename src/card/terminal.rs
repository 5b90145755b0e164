//! What is followed at a terminal: the card's lines as they are now, without a card.

use super::show::pauses;
use super::{Setting, progress, verdict};
use crate::record::{Deploy, Phase};
use crate::refusal::{NOTHING_TO_DO, verdict_word};
use crate::reply::{self, command, completion, runs_now, said};
use crate::slack::text::Mrkdwn;

/// Where a deploy is, a line for each fact; once it has its verdict, how it ended, why, and what runs.
pub fn at_a_terminal(deploy: &Deploy, setting: &Setting<'_>) -> Vec<Mrkdwn> {
    let Some(ending) = &deploy.ending else {
        let phase = phase(deploy);
        let waits = deploy.waiting.as_ref();
        let waits = waits.map(|waiting| reply::waits_for(deploy, waiting));
        let stopping = deploy.cancel.as_ref();
        let stopping = stopping.map(|cancel| reply::stop_asked(deploy, &cancel.by));
        let services = match deploy.has_begun() {
            true => progress::services(deploy, setting.now),
            false => Vec::new(),
        };
        // What those lines say of a button.
        let button = waits.is_some() || deploy.is_stop_refused();
        let here = button.then(|| {
            let cancel = command(setting.command, &format!("cancel {}", deploy.id));
            said!("{} does that here.", cancel)
        });
        let first = said!("{}: {}", deploy.id, phase);
        return [Some(first), waits, stopping, here]
            .into_iter()
            .flatten()
            .chain(services)
            .chain(pauses(deploy))
            .collect();
    };
    let runs = match deploy.has_begun() {
        true => runs_now(deploy, ending),
        false => Vec::new(),
    };
    std::iter::once(completion(deploy))
        .chain(verdict::why(deploy, ending, setting, None))
        .chain(runs)
        .collect()
}

/// Where a deploy is, in a few words.
pub fn phase(deploy: &Deploy) -> Mrkdwn {
    Mrkdwn::raw(match (deploy.phase, &deploy.ending) {
        (_, Some(_)) if deploy.ran_already() => NOTHING_TO_DO,
        (_, Some(ending)) => verdict_word(ending.verdict),
        (Phase::Requested, None) => "asked for; its plan is being made",
        (Phase::Planned, None) => "planned",
        (Phase::Asking, None) if deploy.pleads() => "waiting for an admin's yes",
        (Phase::Asking, None) => "waiting for confirmation",
        (Phase::Starting, None) => "starting",
        (Phase::Rolling, None) => "rolling out",
        (Phase::Overdue, None) => "overdue, still rolling out",
        (Phase::Ended, None) => "ended",
    })
}
