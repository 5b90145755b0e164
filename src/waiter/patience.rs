//! The first answer: whoever asked hears nothing but the answer, unless that takes longer than people wait for
//! without a word. The public function's own reply says nothing that the waiter says better.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

use super::context::Waiter;
use crate::aws::dynamodb::Dossier;
use crate::card;
use crate::names::Actor;
use crate::slack::text::Mrkdwn;

/// So long people wait for an answer without a word: as long as Slack itself waits for a reply.
/// <https://docs.slack.dev/interactivity/implementing-slash-commands#responding_basic_receipt>
const WITHOUT_A_WORD: SignedDuration = SignedDuration::from_secs(3);
/// So long saying it may take: nothing waits for it.
const SAID_WITHIN: Duration = Duration::from_secs(3);
/// What was handed on late gets so much time to be answered all the same.
const AT_LEAST: Duration = Duration::from_secs(1);

/// Whether somebody was told that it takes a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meanwhile {
    /// Nobody was: the answer came soon.
    Nothing,
    /// They were told so, as far as Slack took it.
    Said,
}

/// Whether something that was asked for is answered so late that something was said meanwhile, or is about to be.
pub(super) fn is_over(asked_at: Timestamp, now: Timestamp) -> bool {
    left(asked_at, now) < AT_LEAST
}

fn left(asked_at: Timestamp, now: Timestamp) -> Duration {
    let waited = now.duration_since(asked_at);
    Duration::try_from(WITHOUT_A_WORD - waited).unwrap_or_default()
}

/// Does `work`; if that takes long, counted from when it was asked for, says `words` to whoever asked meanwhile.
pub(super) async fn meanwhile<T>(
    waiter: &Waiter,
    dossier: &Dossier,
    asker: &Actor,
    asked_at: Timestamp,
    words: Mrkdwn,
    work: impl Future<Output = T>,
) -> (T, Meanwhile) {
    let mut work = std::pin::pin!(work);
    // A terminal follows the record itself.
    let Actor::Slack { .. } = asker else {
        return (work.await, Meanwhile::Nothing);
    };
    let left = left(asked_at, waiter.now());
    if let Ok(done) = timeout(left.max(AT_LEAST), &mut work).await {
        return (done, Meanwhile::Nothing);
    }
    let message = card::sentence(words);
    let said = waiter
        .notifier
        .say_meanwhile(&waiter.store, dossier, &message, waiter.now());
    let (done, said) = tokio::join!(work, timeout(SAID_WITHIN, said));
    if let Ok(Err(error)) = said {
        tracing::warn!(%error, "whoever asked could not be told that it takes a while");
    }
    (done, Meanwhile::Said)
}
