//! Versions and what lies between two of them, linked to where their commits are.

use super::{label, said};
use crate::config::GithubRepository;
use crate::names::CommitSha;
use crate::plan::{Commits, Plan, PlannedService, Share};
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
            let url = format!("https://github.com/{repository}/commit/{commit}");
            Mrkdwn::new().link(&url, name)
        }
        _ => label(name),
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

/// `2 commits (maria, sam)`, linked to the comparison of both ends where they are known.
pub(crate) fn commits(plan: &Plan, verb: &Verb) -> Mrkdwn {
    let brings = *verb != Verb::Restart;
    let Some(share) = plan.only().filter(|_| brings) else {
        return Mrkdwn::new();
    };
    let Some(commits) = &share.commits else {
        return Mrkdwn::new();
    };
    let said = match (commits.ahead, commits.behind) {
        (0, 0) => return Mrkdwn::raw("the same commit"),
        (ahead, 0) => count(ahead),
        (0, behind) => format!("takes {} away", count(behind)),
        (ahead, behind) => format!("{}, takes {} away", count(ahead), count(behind)),
    };
    let counted = match compare(share, plan.services.first()) {
        Some(url) => Mrkdwn::new().link(&url, &said),
        None => Mrkdwn::of(&said),
    };
    match authors(commits) {
        by if by.is_empty() => counted,
        by => said!("{} ({})", counted, by),
    }
}

fn count(number: u32) -> String {
    match number {
        1 => "1 commit".to_owned(),
        more => format!("{more} commits"),
    }
}

/// The page that compares what runs with what would.
pub(crate) fn compare(share: &Share, service: Option<&PlannedService>) -> Option<String> {
    let repository = one_repository(share)?;
    let from = service?.live_commit.as_ref()?;
    let to = share.own_commit()?;
    Some(format!(
        "https://github.com/{repository}/compare/{from}...{to}"
    ))
}

fn authors(commits: &Commits) -> Mrkdwn {
    let mut names: Vec<&str> = Vec::new();
    for commit in &commits.newest {
        if !names.contains(&commit.author.as_str()) {
            names.push(&commit.author);
        }
    }
    let named = names.iter().take(AUTHORS).map(|name| Mrkdwn::of(name));
    let named = Mrkdwn::join(named, ", ");
    match names.len() > AUTHORS {
        true => said!("{} and others", named),
        false => named,
    }
}
