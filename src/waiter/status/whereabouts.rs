//! `where [APP] COMMIT`: in which environments a change runs, by what ECS and the history say of the commits there, and
//! what GitHub says of what is in them. Nothing is changed, and what is not known is said to be so.

use std::time::Duration;

use tokio::time::Instant;

use super::table::Table;
use super::{READ_WITHIN, read_ecs, targets, there};
use crate::card::{self, Setting};
use crate::config::{GithubRepository, Target};
use crate::github::{Conversation, GitHub, GitHubError};
use crate::names::{CommitSha, Ref};
use crate::record::Past;
use crate::record::job::{Job, WhereOf};
use crate::resolve::PullRequestState;
use crate::running::{
    Came, ChangeRequest, ChangeRuns, FoundChange, NotFound, ServiceNow, There, Whereabouts,
};
use crate::slack::blocks::Message;
use crate::waiter::context::{StepError, Waiter};

/// Repositories that are asked, at most.
const REPOSITORIES: usize = 5;
/// Entries of a history whose commits are asked about, at most.
const LOOKED_BACK: usize = 8;
/// Questions to GitHub for one answer, at most: what checks need is left.
const QUESTIONS: usize = 60;
/// After so long nothing more is asked: the step has a minute, and the answer is to be sent within it.
const ASKED_FOR: Duration = Duration::from_secs(20);
/// Places of which is said since when, at most, where no application is named.
const SINCE_WHEN: usize = 4;

/// Where it runs.
pub(crate) async fn whereabouts(
    waiter: &Waiter,
    job: &Job,
    of: &WhereOf,
) -> Result<Message, StepError> {
    let loaded = waiter.settings.current(&waiter.store, waiter.now()).await?;
    let all = targets(&loaded.config, of.application.as_ref(), None);
    let conversation = Conversation::default();
    let github = waiter.github(&conversation, loaded.config.github()).await;
    let mut seen = Whereabouts {
        change: of.change.clone(),
        found: Vec::new(),
        unread: None,
    };
    let mut repositories: Vec<&GithubRepository> = Vec::new();
    for repository in all
        .iter()
        .filter_map(|target| target.source.repository.as_ref())
    {
        if !repositories.contains(&repository) {
            repositories.push(repository);
        }
    }
    match repositories.len() {
        0 => seen.unread = Some(NotFound::NoRepository),
        1..=REPOSITORIES => {
            for repository in repositories {
                match find(&github, repository, &of.change).await {
                    Ok(found) => seen.found.extend(found),
                    Err(error) => seen.unread = Some(why_not(&error)),
                }
            }
        }
        _ => seen.unread = Some(NotFound::Many),
    }
    let is_found = |target: &&Target| {
        let repository = target.source.repository.as_ref();
        let mut found = seen.found.iter();
        found.any(|found| repository == Some(&found.repository))
    };
    let looked_at: Vec<Target> = all.iter().filter(is_found).cloned().collect();
    if !looked_at.is_empty() {
        let until = Instant::now() + READ_WITHIN;
        let live = read_ecs(waiter, job, &looked_at, until).await;
        let table = Table::read(waiter, of.application.as_ref(), &looked_at, &live).await?;
        for found in &mut seen.found {
            let repository = Some(found.repository.clone());
            let own = looked_at.iter();
            let own = own.filter(|target| target.source.repository == repository);
            let mut asking = Asking {
                github: &github,
                change: found,
                left: QUESTIONS,
                until: Instant::now() + ASKED_FOR,
                known: Vec::new(),
            };
            let mut places = Vec::new();
            for target in own {
                let known = table.at(target);
                let history = known.as_ref().map_or(&[][..], |known| known.history);
                let history = match of.application.is_some() || looked_at.len() <= SINCE_WHEN {
                    true => history,
                    false => &[],
                };
                let place = there(target, &live, &table);
                let runs = asking.runs(&place, history).await;
                let (app, env) = (target.application.clone(), target.environment.clone());
                places.push((app, env, runs));
            }
            found.places = places;
        }
    }
    let setting = Setting {
        command: &loaded.config.slack().command,
        admins: &[],
        now: waiter.now(),
        on_call: &[],
    };
    Ok(card::whereabouts(&seen, &setting))
}

/// What a repository has of that name.
async fn find(
    github: &GitHub,
    repository: &GithubRepository,
    change: &Ref,
) -> Result<Option<FoundChange>, GitHubError> {
    let found = |commit, before_merge, request| FoundChange {
        repository: repository.clone(),
        commit,
        before_merge,
        request,
        places: Vec::new(),
    };
    let Some(number) = change.pull_request() else {
        let commit = github.commit(repository, change.as_str()).await?;
        return Ok(commit.map(|commit| found(commit, None, None)));
    };
    let request = github.pull_request(repository, number).await?;
    Ok(request.map(|request| {
        let (commit, before_merge) = match (request.state, request.merge) {
            (PullRequestState::Merged, Some(merge)) => (merge, Some(request.head)),
            _ => (request.head, None),
        };
        let told = ChangeRequest {
            title: request.title,
            author: request.author,
            state: request.state,
        };
        found(commit, before_merge, Some(told))
    }))
}

/// What GitHub is asked of one change.
struct Asking<'a> {
    github: &'a GitHub,
    change: &'a FoundChange,
    left: usize,
    until: Instant,
    /// What was answered: whether the change is in what these are the newest commits of, if that is known.
    known: Vec<(CommitSha, Option<bool>)>,
}

impl Asking<'_> {
    /// Whether the change is in what this is the newest commit of; `None` where nobody can tell.
    async fn has(&mut self, head: &CommitSha) -> Result<Option<bool>, NothingLeft> {
        if let Some((_, known)) = self.known.iter().find(|(known, _)| known == head) {
            return Ok(*known);
        }
        let mut answer = Some(false);
        let before_merge = self.change.before_merge.iter();
        for commit in std::iter::once(&self.change.commit).chain(before_merge) {
            if self.left == 0 || Instant::now() >= self.until {
                return Err(NothingLeft);
            }
            self.left -= 1;
            let asked = self.github.is_in(&self.change.repository, head, commit);
            match asked.await {
                Ok(Some(true)) => {
                    answer = Some(true);
                    break;
                }
                Ok(Some(false)) => {}
                Ok(None) => answer = None,
                Err(error) => {
                    tracing::warn!(%error, "whether a change is in what runs is not known");
                    answer = None;
                }
            }
        }
        self.known.push((head.clone(), answer));
        Ok(answer)
    }

    /// Whether it runs there.
    async fn runs(&mut self, place: &There, history: &[Past]) -> ChangeRuns {
        let There::Read(runs) = place else {
            return ChangeRuns::Unread;
        };
        let has_tasks = |service: &ServiceNow| {
            let mut sides = service.sides.iter();
            !service.is_gone() && sides.any(|one| one.side.counts.running > 0)
        };
        if !runs.services.iter().all(has_tasks) {
            return ChangeRuns::NoTask;
        }
        let sides = runs.services.iter().flat_map(ServiceNow::running);
        let versions: Vec<_> = sides.map(|side| &side.version).collect();
        let Some(first) = versions.first() else {
            return ChangeRuns::Unread;
        };
        let label = first.label.clone().unwrap_or_default();
        let mut answers = Vec::new();
        for version in &versions {
            let commit = version.commit.as_deref().map(str::parse::<CommitSha>);
            let Some(Ok(commit)) = commit else {
                return ChangeRuns::NoCommit(label);
            };
            match self.has(&commit).await {
                Ok(Some(has)) => answers.push(has),
                Ok(None) => return ChangeRuns::NotTold,
                Err(NothingLeft) => return ChangeRuns::NotAsked,
            }
        }
        match (answers.contains(&true), answers.contains(&false)) {
            (true, false) => ChangeRuns::Yes(self.came(label, history).await),
            (true, true) => ChangeRuns::Partly,
            (false, _) => ChangeRuns::No(label),
        }
    }

    /// Since when it runs there without a break, as far back as is looked.
    async fn came(&mut self, label: String, history: &[Past]) -> Came {
        let mut came = Came {
            label,
            since: None,
            or_before: true,
        };
        let good = history.iter().filter(|past| past.is_good());
        for past in good.take(LOOKED_BACK) {
            let commit = past.own_commit().and_then(|commit| commit.parse().ok());
            let Some(commit) = commit else {
                return came;
            };
            match self.has(&commit).await {
                Ok(Some(true)) => came.since = Some((past.when(), past.requester.clone())),
                Ok(Some(false)) => {
                    came.or_before = false;
                    return came;
                }
                Ok(None) | Err(NothingLeft) => return came,
            }
            // Noticed then, and brought before, by somebody else.
            if past.outside.is_some() {
                return came;
            }
        }
        came
    }
}

/// No further question is asked for this answer.
struct NothingLeft;

fn why_not(error: &GitHubError) -> NotFound {
    tracing::warn!(%error, "GitHub does not say whether it has a change");
    match error {
        GitHubError::NotFound
        | GitHubError::Moved
        | GitHubError::Denied(_)
        | GitHubError::App(_) => NotFound::Denied,
        GitHubError::OtherRepository { .. } => NotFound::OtherRepository,
        GitHubError::RateLimited { until } => NotFound::Limit(*until),
        GitHubError::Silent(_) | GitHubError::Unavailable(_) => NotFound::Silent,
    }
}
