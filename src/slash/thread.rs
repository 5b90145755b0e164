//! What is meant in a deploy's thread by whoever writes a verb there and nothing else: that deploy. What it comes to is
//! judged as if its id had been typed.

use super::asked::Visit;
use super::door::Answer;
use super::no::No;
use crate::aws::dynamodb::{InThread, StoreError};
use crate::command::{Command, CommandVerb, Misreading};
use crate::names::{AppName, ChannelId, DeployId, EnvName, MessageTs};

/// The command that these words are, or the answer where the table could not be read.
pub(super) async fn read(visit: Visit<'_>, text: &str) -> Result<Result<Command, Answer>, No> {
    let words = &visit.loaded.words;
    if let (Some(place), Some(verb)) = (thread(visit), CommandVerb::alone(text, words)) {
        match meant(visit, verb, place).await {
            Ok(Intent::Command(command)) => return Ok(Ok(command)),
            Ok(Intent::Nothing(problem)) => {
                return Err(Command::misread(text, words, problem).into());
            }
            Ok(Intent::AsTyped) => {}
            Err(error) => return Ok(Err(visit.slash.could_not_read(&error, visit.progress))),
        }
    }
    Ok(Ok(Command::parse(text, words)?))
}

/// What a verb alone means in a thread.
enum Intent {
    /// This.
    Command(Command),
    /// What it means anywhere.
    AsTyped,
    /// Nothing, and why.
    Nothing(Misreading),
}

/// A thread, by its channel and its first message.
type Thread<'a> = (&'a ChannelId, &'a MessageTs);

/// The thread that it was written in; none of a message that begins one.
fn thread(visit: Visit<'_>) -> Option<Thread<'_>> {
    let channel = visit.asked.channel.as_ref()?;
    let mention = visit.asked.mention.as_ref()?;
    Some((channel, mention.thread.as_ref()?))
}

async fn meant(
    visit: Visit<'_>,
    verb: CommandVerb,
    (channel, root): Thread<'_>,
) -> Result<Intent, StoreError> {
    let store = &visit.slash.store;
    Ok(if let Some(of) = verb.of_deploy() {
        match store.in_thread(channel, root).await? {
            Some(InThread::One(deploy)) => Intent::Command(of(deploy)),
            Some(InThread::Several) => Intent::Nothing(Misreading::SeveralInThread),
            None => Intent::Nothing(Misreading::NoDeploysThread),
        }
    } else if let Some(of) = verb.of_place() {
        let place = match store.in_thread(channel, root).await? {
            Some(InThread::One(deploy)) => place(visit, &deploy).await?,
            Some(InThread::Several) | None => None,
        };
        place.map_or(Intent::AsTyped, |(app, env)| Intent::Command(of(app, env)))
    } else {
        Intent::AsTyped
    })
}

/// What a deploy is of and where, if it is of one application.
async fn place(
    visit: Visit<'_>,
    deploy: &DeployId,
) -> Result<Option<(AppName, EnvName)>, StoreError> {
    let found = visit.slash.store.deploy_or_request(deploy).await?;
    Ok(found.and_then(|deploy| {
        let mut applications = deploy.applications();
        match (applications.next(), applications.next()) {
            (Some(one), None) => Some((one.clone(), deploy.environment.clone())),
            _ => None,
        }
    }))
}
