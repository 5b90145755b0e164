//! `longshore check`: is the configuration sound, and what does it mean?

use std::collections::BTreeSet;
use std::path::Path;

use super::table::columns;
use super::{Failure, Surroundings, load, target};
use crate::config::{
    Config, Environment, LogEvidence, MOST_STORED, OnFailure, Packed, Rollouts, Target, Who,
};
use crate::names::zone::Zone;
use crate::names::{AppName, ChannelId, EnvName};

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore check
  longshore check infra/longshore.toml
  longshore check --live                   what may the Slack app do, and what does GitHub show?
  longshore check --live --table longshore-Table-1A2B3C

Reads the main file and teams/*.toml beside it. Every problem is printed with its file, line and
key; there is no need to fix them one at a time. What does not fit into the table, or into the deploy
role of an environment, is refused too.

With --live the bot token is read from the parameter that BOT_TOKEN_PARAMETER names, /longshore/bot-token
without it, and Slack is asked which scopes the app was granted. It exits with 1 where a feature lacks one
that may not be left out. GitHub is asked, with what GITHUB_TOKEN_PARAMETER names, /longshore/github-token
without it, what it shows of each repository and how many questions are left. Where the table is named, the rights that were given in chat are listed too: to
whom, for what, by whom and until when.";

pub(super) fn run(path: &Path, surroundings: &mut Surroundings<'_>) -> Result<Config, Failure> {
    let config = load(path, surroundings)?;
    let summary = summary(&config)?;
    let mut misfits = target::misfits(&config)?;
    if let Some(last) = misfits.pop() {
        for misfit in misfits {
            writeln!(surroundings.err, "longshore: {misfit}")?;
        }
        return Err(last.into());
    }
    write!(surroundings.out, "{summary}")?;
    Ok(config)
}

/// What the configuration means, as two tables, its size and its hash.
pub(super) fn summary(config: &Config) -> Result<String, Failure> {
    let canonical = config.canonical()?;
    let stored = Packed::of(&canonical)?.bytes().len();
    let mut environments = vec![
        [
            "ENVIRONMENT",
            "ACCOUNT",
            "REGION",
            "CLUSTER",
            "MAY DEPLOY",
            "MAY ROLL BACK",
            "MAY READ LOGS",
            "CONFIRM",
        ]
        .map(str::to_owned),
    ];
    environments.extend(
        config
            .environments()
            .map(|(name, environment)| row(name, environment)),
    );
    let mut applications =
        vec![["APPLICATION", "ENVIRONMENT", "SERVICES", "IMAGE", "TAG"].map(str::to_owned)];
    for (name, application) in config.applications() {
        for environment in application.environments.keys() {
            applications.extend(placement(config, name, environment));
        }
    }
    let homes: Vec<&str> = config.homes().into_iter().map(ChannelId::as_str).collect();
    let homes = match homes.is_empty() {
        true => String::new(),
        false => format!(
            "home {}: needs the bot token in /longshore/bot-token, and the app in each channel; without, cards are told where they were asked for\n",
            homes.join(" ")
        ),
    };
    let zone = match config.slack().zone() {
        zone if zone == Zone::UTC => {
            "typed times are read in UTC, because slack.zone names no other zone\n".to_owned()
        }
        zone => format!("typed times are read in {}\n", zone.name()),
    };
    Ok(format!(
        "{}\n{}\n{homes}{zone}size {} bytes, stored in {stored} of {MOST_STORED}\nsha256 {}\n",
        columns(&environments),
        columns(&applications),
        canonical.len(),
        config.sha256()?
    ))
}

fn row(name: &EnvName, environment: &Environment) -> [String; 8] {
    [
        name.to_string(),
        environment.account.id.to_string(),
        environment.account.region.to_string(),
        environment.cluster.clone(),
        who(&environment.request),
        who(environment
            .rollback_by
            .as_ref()
            .unwrap_or(&environment.request)),
        match environment.evidence {
            LogEvidence::Logs => who(environment.logs.as_ref().unwrap_or(&environment.request)),
            LogEvidence::Link => who(&BTreeSet::new()),
        },
        match environment.confirm {
            Some(true) => "yes",
            Some(false) => "no",
            None => "rollbacks",
        }
        .to_owned(),
    ]
}

fn placement(config: &Config, application: &AppName, environment: &EnvName) -> Option<[String; 5]> {
    let target = config.target(application, environment)?;
    Some([
        application.to_string(),
        environment.to_string(),
        match &target.before {
            Some(before) => format!(
                "{}{}, after {}",
                target.services.join(" "),
                unusual(&target),
                before.task
            ),
            None => format!("{}{}", target.services.join(" "), unusual(&target)),
        },
        images(&target),
        target.source.tag.to_string(),
    ])
}

/// The repository of the application's own images, and of those that single containers run.
fn images(target: &Target) -> String {
    let own = target.images.iter();
    own.fold(target.registry_uri(), |said, (container, source)| {
        format!("{said}, {container} from {}", source.image.name)
    })
}

/// How several services roll out, where that is not the usual.
fn unusual(target: &Target) -> String {
    let parallel = (target.rollouts == Rollouts::Parallel).then_some("parallel");
    let stop = (target.on_failure == OnFailure::Stop).then_some("stop on failure");
    let words: Vec<&str> = parallel.into_iter().chain(stop).collect();
    match words.as_slice() {
        [] => String::new(),
        words => format!(" ({})", words.join(", ")),
    }
}

fn who(entries: &BTreeSet<Who>) -> String {
    let words: Vec<String> = entries.iter().cloned().map(String::from).collect();
    if words.is_empty() {
        "nobody".to_owned()
    } else {
        words.join(" ")
    }
}
