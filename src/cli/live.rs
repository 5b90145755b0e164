//! `longshore check --live`: which scopes the Slack app was granted, and what goes without the others; and what GitHub
//! shows.

mod github;

use super::table::columns;
use super::{Failure, Surroundings, TableOption};
use crate::config::Config;
use crate::names::scope::{AppScope, Without};
use crate::names::secret::Secret;
use crate::reply::APP_STEP;
use crate::slack::client::PostError;
use crate::slack::scopes::Granted;

/// The parameter of the bot token, unless the variable of the functions names another.
const PARAMETER: &str = "/longshore/bot-token";

/// Asks Slack and GitHub, both even where one of them lacks something.
pub(super) async fn run(
    config: &Config,
    table: &TableOption,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let slack = slack(config, surroundings).await;
    let github = github::run(config, table, surroundings).await;
    match (slack, github) {
        (Err(Failure::Refused(one)), Err(Failure::Refused(other))) => {
            Err(Failure::Refused(format!("{one}\nlongshore: {other}")))
        }
        (slack, github) => slack.and(github),
    }
}

/// Asks Slack with the bot token, which is read as the functions read it and shown to nobody.
async fn slack(config: &Config, surroundings: &mut Surroundings<'_>) -> Result<(), Failure> {
    let (parameter, token) = token(surroundings).await?;
    let Some(token) = token else {
        writeln!(
            surroundings.out,
            "\nno bot token in {parameter}: no card is kept current, no verdict comes later than thirty minutes after the last word, and nobody is answered who mentions the app or writes to it; step {APP_STEP} of docs/install.md says how to get one"
        )?;
        return Ok(());
    };
    let granted = granted(config, &token, surroundings).await;
    let granted = granted.map_err(|error| Failure::Refused(refusal(&error, &parameter)))?;
    let granted = granted.ok_or_else(|| {
        Failure::Refused(
            "Slack does not say which scopes the app was granted: look at OAuth & Permissions of the app".to_owned(),
        )
    })?;
    write!(surroundings.out, "\n{}", table(&granted))?;
    match lost(&granted) {
        Some(said) => Err(Failure::Refused(said)),
        None => Ok(()),
    }
}

/// Refuses a configuration that names user groups where nobody could say who is in them.
pub(super) async fn can_read_groups(
    config: &Config,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let groups = config.groups();
    let Some(group) = groups.first() else {
        return Ok(());
    };
    let (parameter, token) = token(surroundings).await?;
    let Some(token) = token else {
        return Err(Failure::Refused(format!(
            "the configuration names user groups, such as \"@{group}\", and there is no bot token in {parameter} to ask Slack who is in them; nothing was stored. Step {APP_STEP} of docs/install.md says how to get one; or list user ids"
        )));
    };
    match granted(config, &token, surroundings).await {
        Ok(Some(granted)) if !granted.has(AppScope::UsergroupsRead) => {
            Err(Failure::Refused(format!(
                "the configuration names user groups, such as \"@{group}\", and the app lacks {} to ask Slack who is in them; nothing was stored: {}",
                AppScope::UsergroupsRead.as_str(),
                reinstall()
            )))
        }
        Ok(Some(_)) => Ok(()),
        Err(error @ PostError::Refused(_)) => Err(Failure::Refused(refusal(&error, &parameter))),
        // Who is in them is asked again and again.
        Ok(None) | Err(_) => Ok(()),
    }
}

/// The bot token, if there is one, and the parameter that it is looked for in.
async fn token(surroundings: &Surroundings<'_>) -> Result<(String, Option<Secret>), Failure> {
    parameter(surroundings, "BOT_TOKEN_PARAMETER", PARAMETER).await
}

/// A secret, if there is one, and the parameter that it is looked for in.
async fn parameter(
    surroundings: &Surroundings<'_>,
    variable: &str,
    usual: &str,
) -> Result<(String, Option<Secret>), Failure> {
    let named = (surroundings.variable)(variable);
    let named = named.filter(|name| !name.trim().is_empty());
    let parameter = named.unwrap_or_else(|| usual.to_owned());
    let aws = (surroundings.connect)().await;
    let secret = aws.parameters().get(&parameter).await?;
    let secret = secret.filter(|secret| !secret.expose().trim().is_empty());
    Ok((parameter, secret))
}

async fn granted(
    config: &Config,
    token: &Secret,
    surroundings: &Surroundings<'_>,
) -> Result<Option<Granted>, PostError> {
    let slack = (surroundings.slack)().at(config.slack().instance());
    slack.granted(token).await
}

fn table(granted: &Granted) -> String {
    let mut rows = vec![["SCOPE", "GRANTED", "WHAT FOR"].map(str::to_owned)];
    let mut less = String::new();
    for scope in AppScope::ALL {
        let has = granted.has(scope);
        let word = if has { "yes" } else { "no" };
        rows.push([scope.as_str(), word, scope.purpose()].map(str::to_owned));
        if !has && scope.without() == Without::Less {
            less.push_str(&format!(
                "\nwithout {}, {}, or {}\n",
                scope.as_str(),
                instead(scope),
                reinstall()
            ));
        }
    }
    columns(&rows) + &less
}

/// What to do without a scope.
fn instead(scope: AppScope) -> &'static str {
    match scope {
        AppScope::UsersRead => "name people, because guests count as full members",
        AppScope::UsergroupsRead => "list user ids instead of user groups",
        AppScope::AppMentionsRead | AppScope::ImHistory => "type the slash command",
        AppScope::Commands
        | AppScope::ChatWrite
        | AppScope::ChatWritePublic
        | AppScope::PinsWrite => "invite the app to each channel",
    }
}

/// The features that are lost for want of a scope, and what to do.
fn lost(granted: &Granted) -> Option<String> {
    let lost = |scope: &AppScope| scope.without() == Without::Lost && !granted.has(*scope);
    let lost: Vec<String> = AppScope::ALL
        .into_iter()
        .filter(lost)
        .map(|scope| format!("{} ({})", scope.as_str(), scope.purpose()))
        .collect();
    (!lost.is_empty()).then(|| format!("the app lacks {}: {}", lost.join(" and "), reinstall()))
}

fn reinstall() -> String {
    format!("reinstall it with the manifest of step {APP_STEP} in docs/install.md")
}

fn refusal(error: &PostError, parameter: &str) -> String {
    match error {
        PostError::Refused(code) => format!(
            "Slack refuses the bot token in {parameter} ({code}): store the one that OAuth & Permissions of the app shows"
        ),
        PostError::Unknown | PostError::Expired => {
            "Slack did not answer: check your connection, and try again".to_owned()
        }
        PostError::RateLimited { .. } | PostError::Lacks(_) => format!("{error}; try again then"),
    }
}
