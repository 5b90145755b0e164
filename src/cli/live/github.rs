//! What the GitHub credential may see of the repositories that the configuration names, and how often it may ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::parameter;
use crate::cli::console::unread;
use crate::cli::table::columns;
use crate::cli::{Failure, Surroundings, TableOption};
use crate::config::{
    CheckSource, Config, GithubHost, GithubRepository, RepositoryId, RequiredCheck,
};
use crate::github::{GitHub, GitHubError, KnownRepositories, RateLimit, Sight};
use crate::names::secret::Access;
use crate::resolve::GithubNo;

/// The parameter of the GitHub token or key, unless the variable of the functions names another.
const PARAMETER: &str = "/longshore/github-token";

/// What the configuration needs to see of a repository, beside its commits.
#[derive(Clone, Copy, Default)]
struct Needs {
    checks: bool,
    statuses: bool,
}

impl Needs {
    fn add(&mut self, checks: &[RequiredCheck]) {
        for check in checks {
            match check.source {
                CheckSource::App(_) => self.checks = true,
                CheckSource::Creator(_) => self.statuses = true,
            }
        }
    }
}

/// Asks GitHub with the credential, which is read as the waiter reads it and shown to nobody.
pub(super) async fn run(
    config: &Config,
    table: &TableOption,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let needs = needs(config);
    let Some(first) = needs.keys().next() else {
        return Ok(());
    };
    if let Some(host) = &config.github().host
        && !is_pushed(host, table, surroundings).await?
    {
        writeln!(
            surroundings.out,
            "\nGitHub is not asked: {host} is not the host of the configuration that was pushed, and would see the token; push it first, and name the table with --table"
        )?;
        return Ok(());
    }
    let (parameter, key) = parameter(surroundings, "GITHUB_TOKEN_PARAMETER", PARAMETER).await?;
    if key.is_none() {
        writeln!(
            surroundings.out,
            "\nno GitHub token in {parameter}: 60 questions an hour, shared with strangers, and no private repository"
        )?;
    }
    let now = (surroundings.clock)();
    let seen = seen(table, surroundings).await?;
    let github = GitHub::new((surroundings.github)(), Access::of(key))
        .configured(config.github(), &Arc::default(), now)
        .knowing(KnownRepositories::Read(seen));
    let no = |error: GitHubError| Failure::Refused(refusal(&error, &parameter));
    let mut rows = vec![
        [
            "REPOSITORY",
            "COMMITS",
            "CHECKS",
            "STATUSES",
            "PULL REQUESTS",
        ]
        .map(str::to_owned),
    ];
    let (mut lacking, mut problems) = (Vec::new(), Vec::new());
    for (repository, needs) in &needs {
        let (row, unseen) = match row_of(&github, repository, *needs).await {
            Err(GitHubError::OtherRepository { known, found }) => {
                problems.push(format!(
                    "another repository at GitHub has the name {repository}: it is {found}, and Longshore knows {known}, so nothing is deployed from it. Write the new name of {known}; or if {found} is right, write github.repository_ids = {{ \"{repository}\" = \"{found}\" }}. Then push it"
                ));
                (row(repository, "another"), Vec::new())
            }
            row => row.map_err(no)?,
        };
        rows.push(row);
        lacking.extend(unseen);
    }
    write!(surroundings.out, "\n{}", columns(&rows))?;
    let limit = match github.rate_limit(first).await {
        // Said already, in the table.
        Err(GitHubError::App(GithubNo::NotInstalled)) => None,
        limit => limit.map_err(no)?,
    };
    if let Some(limit) = limit {
        writeln!(surroundings.out, "{}", left(limit))?;
    }
    if !lacking.is_empty() {
        problems.push(format!(
            "GitHub does not show the {}: check the names in the configuration, and what the {} may read",
            lacking.join(", nor the "),
            match config.github().app {
                Some(_) => "App is installed on and",
                None => "token",
            }
        ));
    }
    for renamed in github.old_names() {
        problems.push(format!(
            "{renamed} has another name at GitHub by now, and nothing is deployed from it once somebody else takes this one: write the new one, and push it"
        ));
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Failure::Refused(problems.join("\nlongshore: "))),
    }
}

/// A row that says of the commits alone.
fn row(repository: &GithubRepository, commits: &str) -> [String; 5] {
    let none = String::new;
    [
        repository.to_string(),
        commits.to_owned(),
        none(),
        none(),
        none(),
    ]
}

/// What the waiter knows repositories by; nothing where no table is named, or whoever asks may not read that.
async fn seen(
    table: &TableOption,
    surroundings: &mut Surroundings<'_>,
) -> Result<BTreeMap<GithubRepository, RepositoryId>, Failure> {
    let Ok(table) = table.name(surroundings) else {
        return Ok(BTreeMap::new());
    };
    let store = (surroundings.connect)().await.store(&*table);
    let reading = store.repositories();
    let read = surroundings
        .waits("reading what repositories are known by", reading)
        .await?;
    match read {
        Ok(seen) => Ok(seen),
        Err(error) => {
            writeln!(
                surroundings.err,
                "warning: {table} does not say what repositories are known by, so they are not compared: {error}"
            )?;
            Ok(BTreeMap::new())
        }
    }
}

/// What GitHub shows of a repository, and what it does not show of what the configuration needs to see.
async fn row_of(
    github: &GitHub,
    repository: &GithubRepository,
    needs: Needs,
) -> Result<([String; 5], Vec<String>), GitHubError> {
    let commits = match github.shows(repository, Sight::Commits).await {
        Err(GitHubError::App(GithubNo::NotInstalled)) => Ok(false),
        shows => shows,
    };
    let mut row = match commits {
        Ok(true) => row(repository, "yes"),
        Ok(false) => {
            let unseen = vec![format!("commits of {repository}")];
            return Ok((row(repository, "no"), unseen));
        }
        Err(GitHubError::Moved) => {
            let unseen = vec![format!("{repository} under its new name")];
            return Ok((row(repository, "moved"), unseen));
        }
        Err(error) => return Err(error),
    };
    let mut unseen = Vec::new();
    for (cell, sight, needed, what) in [
        (2, Sight::Checks, needs.checks, "checks"),
        (3, Sight::Statuses, needs.statuses, "statuses"),
        (4, Sight::PullRequests, false, "pull requests"),
    ] {
        let shows = github.shows(repository, sight).await?;
        row[cell] = if shows { "yes" } else { "no" }.to_owned();
        if needed && !shows {
            unseen.push(format!("{what} of {repository}"));
        }
    }
    Ok((row, unseen))
}

/// Whether the functions ask that host already. A file alone, which may be somebody's proposal, sends no token anywhere.
async fn is_pushed(
    host: &GithubHost,
    table: &TableOption,
    surroundings: &mut Surroundings<'_>,
) -> Result<bool, Failure> {
    let Ok(table) = table.name(surroundings) else {
        return Ok(false);
    };
    let store = (surroundings.connect)().await.store(table);
    let stored = surroundings
        .waits("reading the configuration", store.configuration())
        .await?
        .map_err(unread)?;
    let pushed = stored.and_then(|stored| Config::parse(&stored.body).ok());
    Ok(pushed.is_some_and(|pushed| pushed.github().host.as_ref() == Some(host)))
}

/// The repositories, each once, and what the configuration needs to see of them.
fn needs(config: &Config) -> BTreeMap<GithubRepository, Needs> {
    let mut needs: BTreeMap<GithubRepository, Needs> = BTreeMap::new();
    for (_, application) in config.applications() {
        for repository in application.repositories() {
            let needs = needs.entry(repository.clone()).or_default();
            needs.add(&application.checks);
            let places = application.environments.keys();
            for environment in places.filter_map(|place| config.environment(place)) {
                needs.add(&environment.checks);
            }
        }
    }
    needs
}

fn left(limit: RateLimit) -> String {
    let RateLimit { limit, left, until } = limit;
    format!(
        "{left} of {limit} questions an hour are left until {}",
        until.strftime("%H:%M UTC")
    )
}

fn refusal(error: &GitHubError, parameter: &str) -> String {
    match error {
        GitHubError::App(GithubNo::NoKey) => format!(
            "{parameter} holds no private key: store the .pem file that the App's page hands out, or remove github.app"
        ),
        GitHubError::App(GithubNo::KeyNotTaken) => format!(
            "GitHub does not take the key in {parameter}: it belongs to another App than github.app names"
        ),
        GitHubError::App(GithubNo::Suspended) => {
            "the GitHub App is suspended: whoever installed it can unsuspend it".to_owned()
        }
        GitHubError::App(GithubNo::Token | GithubNo::NotInstalled) => {
            "the GitHub App was given nothing to read: give it Contents and Metadata, to read"
                .to_owned()
        }
        GitHubError::Denied(_) => {
            format!("GitHub refuses the token in {parameter}: store a valid one")
        }
        GitHubError::RateLimited { until: Some(until) } => format!(
            "GitHub answers no more questions until {}; try again then",
            until.strftime("%H:%M UTC")
        ),
        GitHubError::RateLimited { until: None } => {
            "GitHub answers no more questions for now; try again in a few minutes".to_owned()
        }
        GitHubError::NotFound
        | GitHubError::Moved
        | GitHubError::OtherRepository { .. }
        | GitHubError::App(GithubNo::OtherRepository)
        | GitHubError::Silent(_)
        | GitHubError::Unavailable(_) => format!("{error}; check your connection, and try again"),
    }
}
