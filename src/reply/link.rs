//! Versions and what lies between two of them, linked to where their commits are.

use super::{joined, label, said};
use crate::config::GithubRepository;
use crate::names::CommitSha;
use crate::plan::{Commits, CountedCommits, Plan, PlannedService, Share};
use crate::record::Past;
use crate::request::Verb;
use crate::slack::text::Mrkdwn;

/// Authors named beside a number of commits.
const AUTHORS: usize = 3;

/// A version, linked to its commit where both that and its repository are known.
pub(crate) fn at_commit(
    name: &str,
    repository: Option<&GithubRepository>,
    commit: Option<&str>,
) -> Mrkdwn {
    match (repository, commit) {
        (Some(repository), Some(commit)) => {
            let url = format!("{}/commit/{commit}", repository.page());
            Mrkdwn::new().link(&url, name)
        }
        _ => label(name),
    }
}

/// `#42`, linked to the pull request.
pub(crate) fn pull_request(repository: Option<&GithubRepository>, number: u32) -> Mrkdwn {
    let name = format!("#{number}");
    match repository {
        Some(repository) => {
            let url = format!("{}/pull/{number}", repository.page());
            Mrkdwn::new().link(&url, &name)
        }
        None => label(&name),
    }
}

/// What one application would run, or runs, with all its images.
pub(crate) fn brings(share: &Share) -> Mrkdwn {
    at_commit(&share.runs(), one_repository(share), share.own_commit())
}

/// What a service runs before a plan.
pub(crate) fn lives(share: &Share, service: &PlannedService, name: &str) -> Mrkdwn {
    let commit = service.live_commit.as_ref().map(CommitSha::as_str);
    at_commit(name, one_repository(share), commit)
}

/// Where its commits are, if it is of one repository: of several images, each has its own.
fn one_repository(share: &Share) -> Option<&GithubRepository> {
    let one = share.parts.is_empty() && share.live_parts.is_empty();
    share.repository.as_ref().filter(|_| one)
}

/// `2 commits (maria, sam)`, of a rollback `without 2 commits (maria, sam)`, linked to the comparison of
/// both ends where they are known.
pub(crate) fn commits(plan: &Plan, verb: &Verb) -> Mrkdwn {
    let Some(share) = plan.only().filter(|_| *verb != Verb::Restart) else {
        return Mrkdwn::new();
    };
    match verb {
        Verb::Rollback { .. } => away(share, plan.services.first()),
        Verb::Deploy { .. } | Verb::Restart => brought(share, plan.services.first()),
    }
}

/// `without 2 commits (maria, sam)`: what a rollback takes away of one application.
pub(crate) fn away(share: &Share, service: Option<&PlannedService>) -> Mrkdwn {
    // Of several images, those that differ may be of other commits than these.
    let says = |commits: &&Commits| share.parts.is_empty() || commits.ahead + commits.behind > 0;
    let Some(commits) = share.commits.as_ref().filter(says) else {
        return Mrkdwn::new();
    };
    counted_away(&commits.counted(), compare(share, service).as_deref())
}

/// The same of a deploy that did not stay: what it would have brought.
pub(crate) fn not_brought(plan: &Plan) -> Mrkdwn {
    let Some(share) = plan.only() else {
        return Mrkdwn::new();
    };
    let brings = share.commits.as_ref().filter(|commits| commits.ahead > 0);
    brings.map_or_else(Mrkdwn::new, |commits| {
        let url = compare(share, plan.services.first());
        let back = commits.clone().turned_round();
        counted_away(&back.counted(), url.as_deref())
    })
}

pub(super) fn brought(share: &Share, service: Option<&PlannedService>) -> Mrkdwn {
    let Some(commits) = &share.commits else {
        return Mrkdwn::new();
    };
    let url = compare(share, service);
    let ahead = with_authors(
        at(url.as_deref(), &count(commits.ahead)),
        &commits.authors(),
    );
    let behind = said!("without {}", at(url.as_deref(), &count(commits.behind)));
    let behind = with_authors(behind, &commits.authors_lost());
    match (commits.ahead, commits.behind) {
        (0, 0) => Mrkdwn::raw(SAME),
        (_, 0) => ahead,
        (0, _) => said!(":warning: goes back, {}", behind),
        (..) => joined([ahead, behind], ", "),
    }
}

/// What is taken away, and whose; `url` compares both ends.
pub(crate) fn counted_away(commits: &CountedCommits, url: Option<&str>) -> Mrkdwn {
    let without = || {
        let counted = said!("without {}", at(url, &count(commits.behind)));
        with_authors(counted, &commits.by)
    };
    match (commits.ahead, commits.behind) {
        (0, 0) => Mrkdwn::raw(SAME),
        (0, _) => without(),
        (ahead, 0) => with_authors(said!("with {}", at(url, &count(ahead))), &commits.by),
        (ahead, _) => said!("{}, with {} other", without(), ahead.to_string()),
    }
}

/// That both ends are of one commit.
const SAME: &str = "the same commit";

fn at(url: Option<&str>, said: &str) -> Mrkdwn {
    match url {
        Some(url) => Mrkdwn::new().link(url, said),
        None => Mrkdwn::of(said),
    }
}

fn count(number: u32) -> String {
    format!("{number} {}", commits_word(number).as_str())
}

/// `commit`, `commits`
pub(crate) fn commits_word(number: u32) -> Mrkdwn {
    Mrkdwn::raw(match number {
        1 => "commit",
        _ => "commits",
    })
}

/// The page that compares what runs with what would. GitHub lists there what the second has and the first has
/// not, so what only takes commits away is compared the other way round.
pub(crate) fn compare(share: &Share, service: Option<&PlannedService>) -> Option<String> {
    let repository = one_repository(share)?;
    let from = service?.live_commit.as_ref()?.as_str();
    let to = share.own_commit()?;
    let goes_back = share.goes_back.is_some();
    let takes = |commits: &Commits| commits.behind > 0 && (goes_back || commits.ahead == 0);
    let [base, head] = match share.commits.as_ref().is_some_and(takes) {
        true => [to, from],
        false => [from, to],
    };
    Some(comparison(repository, base, head))
}

/// The same of two entries of a history: what going back from one to the other takes away.
pub(crate) fn compare_back(from: &Past, to: &Past) -> Option<String> {
    let one_image = from.parts.is_empty() && to.parts.is_empty();
    let repository = from.repository.as_ref().filter(|_| one_image)?;
    let (base, head) = (to.own_commit()?, from.own_commit()?);
    Some(comparison(repository, &base, &head))
}

pub(super) fn comparison(repository: &GithubRepository, base: &str, head: &str) -> String {
    format!("{}/compare/{base}...{head}", repository.page())
}

pub(super) fn with_authors(counted: Mrkdwn, by: &[String]) -> Mrkdwn {
    let named = by.iter().take(AUTHORS).map(|name| Mrkdwn::of(name));
    let named = Mrkdwn::join(named, ", ");
    match by.len() {
        0 => counted,
        1..=AUTHORS => said!("{} ({})", counted, named),
        _ => said!("{} ({} and others)", counted, named),
    }
}
