//! What is written to the bot. It has no address to answer to, and nobody is shown this function's reply: what that
//! would say, the waiter says in its place.

use sha2::{Digest, Sha256};

use jiff::SignedDuration;

use super::asked::{Asked, Slash, Visit};
use super::command::{heed, refused};
use super::door::Answer;
use super::progress::Progress;
use crate::hearing::request::Person;
use crate::record::Mention;
use crate::record::job::Task;
use crate::slack::payload::Addressed;

/// So long Slack may take to deliver it: its last retry comes about five minutes after the first.
/// <https://docs.slack.dev/apis/events-api#retries>
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// Answers what somebody wrote to the bot.
pub(super) async fn on_mention(slash: &Slash, said: &Addressed, progress: &Progress) -> Answer {
    progress.shows_its_status();
    // Whatever is written follows from the event alone, so that each retry of Slack's is the very same request.
    let at = said.ts.sent_at().filter(|at| {
        let age = slash.now().duration_since(*at);
        -FRESH <= age && age <= FRESH
    });
    let Some(at) = at else {
        tracing::info!("passed over a mention that is too old");
        return Answer::empty();
    };
    let digest = Sha256::digest(format!("event#{}", said.event_id));
    let mut asked = Asked {
        person: Person::home(&said.sender),
        actor: said.sender.actor(),
        channel: Some(said.channel_id.clone()),
        mention: Some(Mention {
            ts: said.ts.clone(),
            thread: said.thread_ts.clone(),
        }),
        reply: None,
        at,
        fingerprint: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        trigger: Some(said.event_id.clone()),
    };
    let loaded = match slash.settings.current(&slash.store, slash.now()).await {
        Ok(loaded) => loaded,
        Err(error) => return slash.no_settings(&error, progress),
    };
    let answer = match said.sender.admitted(&loaded.config, None) {
        Ok(actor) => {
            asked.admitted(actor);
            let command = &loaded.config.slack().command;
            let text = said.text.strip_prefix(command.as_str());
            let text = text.filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
            let visit = Visit {
                slash,
                asked: &asked,
                loaded: &loaded,
                progress,
            };
            heed(visit, text.unwrap_or(&said.text)).await
        }
        Err(stranger) => refused(&loaded, &asked, &stranger.into()),
    };
    let Some(message) = answer.said() else {
        return answer;
    };
    if progress.is_recorded() {
        return Answer::empty();
    }
    let visit = Visit {
        slash,
        asked: &asked,
        loaded: &loaded,
        progress,
    };
    let words = Task::Words(Box::new(message.spoken()));
    match visit.record_job(words, Vec::new()).await {
        Ok(answer) => answer.wordless(),
        Err(_) => Answer::empty(),
    }
}
