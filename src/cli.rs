//! `longshore`, the operator's command line: checks and publishes the configuration, generates the
//! deploy roles' stacks, signs test events, and deploys, rolls back and tells what is on record when
//! Slack is down.
//!
//! What a command prints for other programs goes to standard output; problems and progress go to
//! standard error. It acts under the caller's IAM identity and has no rights of its own.

mod cancel;
mod change;
mod check;
mod columns;
mod console;
mod failure;
mod follow;
mod granted;
mod history;
mod json;
mod live;
mod of;
mod push;
mod request;
mod revoke;
mod rollback;
mod show;
mod sign;
mod status;
mod table;
mod target;
mod terminal;
mod who;

use std::ffi::OsString;
use std::future::Future;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;

use self::failure::Failure;
pub use self::terminal::{Departure, Line, Terminal};
use crate::aws::{Aws, AwsError};
use crate::command::CommandVerb;
use crate::config::{Checked, Config, files};
use crate::http::Http;
use crate::slack::client::SlackClient;

/// Connects to AWS as the caller: their credentials, their region.
pub type Connect = dyn Fn() -> Pin<Box<dyn Future<Output = Aws>>>;

/// The world around a command: what it may read and where it writes.
pub struct Surroundings<'w> {
    /// Reads a variable of the environment.
    pub variable: &'w dyn Fn(&str) -> Option<String>,
    /// AWS; only the commands that need it connect.
    pub connect: &'w Connect,
    /// Slack; only what asks it needs it.
    pub slack: &'w dyn Fn() -> SlackClient,
    /// The way to GitHub; only what asks it needs it.
    pub github: &'w dyn Fn() -> Http,
    /// What time it is.
    pub clock: &'w dyn Fn() -> Timestamp,
    /// Standard input.
    pub input: &'w mut dyn io::Read,
    /// Whoever can be asked.
    pub terminal: Terminal,
    /// Standard output: the result.
    pub out: &'w mut dyn Write,
    /// Standard error: problems and progress.
    pub err: &'w mut dyn Write,
}

/// How a command ended; the process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked to.
    Done = 0,
    /// What it was given is invalid, or the answer is no.
    Refused = 1,
    /// The command line itself is wrong.
    Usage = 2,
    /// AWS could not be reached or said no.
    AwsFailed = 3,
    /// What was waited for was rolled back.
    RolledBack = 10,
    /// What was waited for failed.
    Failed = 11,
    /// What was waited for was cancelled.
    Cancelled = 12,
    /// Nobody answered the question of what was waited for.
    Expired = 13,
    /// Another rollout took the place of what was waited for.
    Superseded = 14,
    /// Somebody gave up watching what was waited for.
    Abandoned = 15,
    /// Nobody has done yet what was waited for; it stands.
    Stands = 16,
    /// Whoever waited left: as after an interrupt.
    Left = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Surroundings<'_> {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// AWS, and the ARN of the identity that the caller has there.
    async fn operator(&self) -> Result<(Aws, String), AwsError> {
        let aws = (self.connect)().await;
        let arn = aws.identity().await?;
        Ok((aws, arn))
    }
}

/// Which table.
#[derive(Debug, Args)]
struct TableOption {
    /// The table; without it, the variable TABLE_NAME
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

impl TableOption {
    fn name(&self, surroundings: &Surroundings<'_>) -> Result<String, Failure> {
        let variable = || (surroundings.variable)("TABLE_NAME");
        let name = self
            .table
            .clone()
            .or_else(variable)
            .filter(|name| !name.trim().is_empty());
        name.ok_or_else(|| {
            Failure::Refused(
                "name the table with --table or TABLE_NAME; it is output TableName of the Longshore stack"
                    .to_owned(),
            )
        })
    }
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  refused: the configuration, the event or the request is not acceptable
  2  usage: the command line is wrong
  3  AWS could not be reached or said no
Of what was waited for, beside 0 for succeeded and 1 for refused:
  10 rolled back    11 failed         12 cancelled    13 lapsed unanswered
  14 superseded     15 given up      16 not done yet; it stands
  130 you left; it goes on";

const EXAMPLES: &str = "\
Examples:
  longshore check                          is ./longshore.toml sound, and what does it mean?
  longshore target production > role.yaml  the stack with production's deploy role
  longshore push --table NAME              publish the configuration
  longshore rollback cms on production     the way back when Slack is down
  longshore deploy cms:1.0.2 to staging    the same as in Slack, when that is down
  longshore status cms                     what runs, by the record

";

/// Deploys to Amazon ECS from Slack: the operator's side.
#[derive(Debug, Parser)]
#[command(name = "longshore", version, after_help = format!("{EXAMPLES}{EXIT_CODES}"), max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: CliCommand,
    /// Where AWS fails, print also what its software reported
    #[arg(long, global = true)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Validate the configuration and show what it means
    #[command(after_help = check::EXAMPLES)]
    Check {
        /// The main file, or the folder it is in
        #[arg(default_value = files::MAIN_FILE)]
        path: PathBuf,
        /// Also ask Slack which scopes the app was granted, with the bot token, and the table which rights were given in chat
        #[arg(long)]
        live: bool,
        #[command(flatten)]
        table: TableOption,
    },
    /// Publish the configuration as a new version
    #[command(after_help = push::EXAMPLES)]
    Push(push::PushArguments),
    /// Print the CloudFormation template of an environment's deploy role
    #[command(after_help = target::EXAMPLES)]
    Target {
        /// The environment, by its name or an alias
        environment: String,
        /// The main file, or the folder it is in
        #[arg(default_value = files::MAIN_FILE)]
        path: PathBuf,
    },
    /// Roll back when Slack is down, as yourself
    #[command(after_help = rollback::EXAMPLES)]
    Rollback(rollback::RollbackArguments),
    /// Deploy when Slack is down, as yourself
    #[command(after_help = change::DEPLOY_EXAMPLES)]
    Deploy(change::DeployArguments),
    /// Deploy what runs in one environment to the next
    #[command(after_help = change::PROMOTE_EXAMPLES)]
    Promote(change::PromoteArguments),
    /// Replace the running tasks by new ones of the same revision
    #[command(after_help = change::RESTART_EXAMPLES)]
    Restart(change::RestartArguments),
    /// Stop what is under way
    #[command(after_help = cancel::EXAMPLES)]
    Cancel(cancel::CancelArguments),
    /// What runs where, by the record
    #[command(after_help = status::EXAMPLES)]
    Status(status::StatusArguments),
    /// Who deployed what, where, and how it ended
    #[command(after_help = history::EXAMPLES)]
    History(history::HistoryArguments),
    /// Everything on record about one deploy
    #[command(after_help = show::EXAMPLES)]
    Show(show::ShowArguments),
    /// Who may what where, and why
    #[command(after_help = who::EXAMPLES)]
    Who(who::WhoArguments),
    /// Take back a right that was given in chat
    #[command(after_help = revoke::EXAMPLES)]
    Revoke(revoke::RevokeArguments),
    /// Sign an API Gateway event as Slack would, now
    #[command(after_help = sign::EXAMPLES)]
    Sign(sign::SignArguments),
}

/// Whether the command line has this verb of Slack's command.
fn has(verb: CommandVerb) -> bool {
    match verb {
        CommandVerb::Deploy
        | CommandVerb::Promote
        | CommandVerb::Rollback
        | CommandVerb::Cancel
        | CommandVerb::Restart
        | CommandVerb::Status
        | CommandVerb::History
        | CommandVerb::Show
        | CommandVerb::Revoke
        | CommandVerb::Who
        | CommandVerb::Help => true,
        CommandVerb::Plan
        | CommandVerb::WhyNot
        | CommandVerb::Diff
        | CommandVerb::Where
        | CommandVerb::Logs
        | CommandVerb::Grant => false,
    }
}

/// Runs the command line `arguments`, the program's name first.
pub async fn run<I>(arguments: I, surroundings: &mut Surroundings<'_>) -> Exit
where
    I: IntoIterator<Item: Into<OsString> + Clone>,
{
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return explain(&error, surroundings),
    };
    let verbose = arguments.verbose;
    match obey(arguments.command, surroundings).await {
        Ok(exit) => exit,
        // Whoever reads the result has read enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(failure) => {
            // Where standard error is closed, the exit code still tells.
            let _ = writeln!(surroundings.err, "longshore: {failure}");
            if let Some(reported) = failure.reported().filter(|_| verbose) {
                let _ = writeln!(surroundings.err, "reported: {reported}");
            }
            failure.exit()
        }
    }
}

async fn obey(command: CliCommand, surroundings: &mut Surroundings<'_>) -> Result<Exit, Failure> {
    match command {
        CliCommand::Check { path, live, table } => {
            let config = check::run(&path, surroundings)?;
            if live {
                granted::run(&table, surroundings).await?;
                live::run(&config, &table, surroundings).await?;
            }
        }
        CliCommand::Target { environment, path } => target::run(&environment, &path, surroundings)?,
        CliCommand::Push(arguments) => push::run(&arguments, surroundings).await?,
        CliCommand::Sign(arguments) => sign::run(&arguments, surroundings)?,
        CliCommand::Rollback(arguments) => return rollback::run(&arguments, surroundings).await,
        CliCommand::Deploy(arguments) => return change::run(&arguments, surroundings).await,
        CliCommand::Promote(arguments) => return change::run(&arguments, surroundings).await,
        CliCommand::Restart(arguments) => return change::run(&arguments, surroundings).await,
        CliCommand::Cancel(arguments) => return cancel::run(&arguments, surroundings).await,
        CliCommand::Status(arguments) => return status::run(&arguments, surroundings).await,
        CliCommand::History(arguments) => return history::run(&arguments, surroundings).await,
        CliCommand::Show(arguments) => return show::run(&arguments, surroundings).await,
        CliCommand::Who(arguments) => return who::run(&arguments, surroundings).await,
        CliCommand::Revoke(arguments) => return revoke::run(&arguments, surroundings).await,
    }
    Ok(Exit::Done)
}

/// Prints clap's help to standard output and its complaints to standard error.
fn explain(error: &clap::Error, surroundings: &mut Surroundings<'_>) -> Exit {
    let text = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = write!(surroundings.out, "{text}");
            Exit::Done
        }
        _ => {
            let _ = write!(surroundings.err, "{text}");
            Exit::Usage
        }
    }
}

/// Reads and compiles the configuration at `path`; its warnings go to standard error.
fn load(path: &Path, surroundings: &mut Surroundings<'_>) -> Result<Config, Failure> {
    Ok(read(path, surroundings)?.config)
}

/// The configuration there, checked, with what deserves a second look said.
fn read(path: &Path, surroundings: &mut Surroundings<'_>) -> Result<Checked, Failure> {
    let sources = files::read(path)?;
    match Config::compile(&sources) {
        Ok(checked) => {
            for warning in &checked.warnings {
                writeln!(surroundings.err, "warning: {warning}")?;
            }
            for key in &checked.not_judged {
                writeln!(surroundings.err, "not judged yet: {key}")?;
            }
            Ok(checked)
        }
        Err(invalid) => {
            writeln!(surroundings.err, "{invalid}")?;
            let count = invalid.problems().len();
            let problems = if count == 1 {
                "one problem"
            } else {
                &format!("{count} problems")
            };
            Err(Failure::Refused(format!(
                "{} has {problems}",
                path.display()
            )))
        }
    }
}

#[cfg(test)]
mod tests;
