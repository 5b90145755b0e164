//! Where a change runs, in words.

use super::link::{at_commit, pull_request};
use super::{code, command, label, said};
use crate::names::{EnvName, Ref};
use crate::resolve::PullRequestState;
use crate::running::{Came, ChangeRuns, FoundChange, NotFound};
use crate::slack::text::Mrkdwn;

/// Which change it is.
pub(crate) fn change(asked: &Ref, found: &FoundChange) -> Mrkdwn {
    let repository = Some(&found.repository);
    let commit = at_commit(
        found.commit.short(),
        repository,
        Some(found.commit.as_str()),
    );
    let place = code(&found.repository.to_string());
    let (Some(request), Some(number)) = (&found.request, asked.pull_request()) else {
        return said!("Commit {} of {}", commit, place);
    };
    let which = match request.state {
        PullRequestState::Merged => said!("merged as {}", commit),
        PullRequestState::Open => said!("not merged yet, its newest commit is {}", commit),
        PullRequestState::Closed => {
            said!("closed without a merge, its newest commit is {}", commit)
        }
    };
    said!(
        "{} of {} “{}” by {}: {}",
        pull_request(repository, number),
        place,
        request.title,
        request.author,
        which
    )
}

/// Whether it runs in one place.
pub(crate) fn place(environment: &EnvName, runs: &ChangeRuns) -> Mrkdwn {
    match runs {
        ChangeRuns::Yes(came) => said!("✓ {}: {}", environment, since(came)),
        ChangeRuns::Partly => said!(
            "? {}: some of its services run it, others do not",
            environment
        ),
        ChangeRuns::No(runs) => said!(
            "✗ {}: not in {}, which runs there",
            environment,
            label(runs)
        ),
        ChangeRuns::NoCommit(runs) => match runs.is_empty() {
            true => said!(
                "? {}: the commit of what runs there is not known",
                environment
            ),
            false => said!(
                "? {}: {} runs there, whose commit is not known",
                environment,
                label(runs)
            ),
        },
        ChangeRuns::Unread => said!("? {}: what runs there could not be read", environment),
        ChangeRuns::NoTask => said!("? {}: not every service has a task that runs", environment),
        ChangeRuns::NotAsked => said!(
            "? {}: not looked at, because there is too much to ask; name the application",
            environment
        ),
        ChangeRuns::NotTold => said!(
            "? {}: GitHub does not say whether what runs there has it",
            environment
        ),
    }
}

/// `in 1.0.2, since 10:00 today, by @ada`
fn since(came: &Came) -> Mrkdwn {
    let runs = label(&came.label);
    let Some((at, by)) = &came.since else {
        return said!("in {}, since when is not known", runs);
    };
    match came.or_before {
        true => said!("in {}, since {} or before", runs, *at),
        false => said!("in {}, since {}, by {}", runs, *at, by),
    }
}

/// That nothing was found.
pub(crate) fn not_found(asked: &Ref, why: Option<NotFound>, slash: &str) -> Mrkdwn {
    let asked = asked.to_string();
    match why {
        None => said!(
            "No repository that Longshore may read has {}. Check the number or the digits.",
            code(&asked)
        ),
        Some(NotFound::NoRepository) => Mrkdwn::raw(
            "Nobody can tell: the configuration names no GitHub `repository` to look in.",
        ),
        Some(NotFound::Many) => said!(
            "There are too many repositories to look in. Name the application: {}",
            command(slash, &format!("where APP {asked}"))
        ),
        Some(NotFound::Denied) => said!(
            "GitHub does not show Longshore whether there is {}; `longshore check --live` says why.",
            code(&asked)
        ),
        Some(NotFound::OtherRepository) => Mrkdwn::raw(
            "Nobody can tell: another repository at GitHub has the name by now. `longshore check --live` says which two.",
        ),
        Some(NotFound::Limit(Some(until))) => said!(
            "GitHub takes no more questions until {}. Ask about {} again then.",
            until,
            code(&asked)
        ),
        Some(NotFound::Limit(None)) => said!(
            "GitHub takes no more questions for now. Ask about {} again in a few minutes.",
            code(&asked)
        ),
        Some(NotFound::Silent) => said!(
            "GitHub gives no usable answer about {}. Ask again in a minute.",
            code(&asked)
        ),
    }
}

/// That other repositories may have it too.
pub(crate) fn more(why: Option<NotFound>) -> Mrkdwn {
    match why {
        None => Mrkdwn::new(),
        Some(_) => {
            Mrkdwn::raw(":warning: Not every repository could be asked, so this may not be all.")
        }
    }
}
