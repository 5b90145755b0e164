//! Which deploy is meant in a thread: one item a thread, which the waiter alone writes, and which is kept as long as the
//! records that it names.

use super::Store;
use super::item::{Item, StoreError, item, s, strings, text, unreadable};
use super::write::Write;
use crate::names::{ChannelId, DeployId, MessageTs};
use crate::record::Deploy;

/// The first that was asked for there, until a card stands there.
const BEGUN: &str = "SET deploy = if_not_exists(deploy, :deploy)";
/// The newest whose card stands there, and of what all of them are.
const TOLD: &str = "SET deploy = :deploy ADD targets :target";

/// What is meant in a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InThread {
    /// This deploy: of several of the same applications in the same environment, the newest.
    One(DeployId),
    /// Nobody can tell: deploys of different things stand there.
    Several,
}

fn key(channel: &ChannelId, root: &str) -> Item {
    let pk = format!("THREAD#{channel}#{root}");
    item([("pk", s(pk)), ("sk", s("DEPLOY"))])
}

/// What a deploy is of, as one word.
fn target(deploy: &Deploy) -> String {
    let mut applications: Vec<&str> = deploy.applications().map(AsRef::as_ref).collect();
    applications.sort_unstable();
    format!("{}#{}", applications.join(","), deploy.environment)
}

/// That a deploy was asked for by a message to the bot, in whose thread it will be answered.
pub(super) fn begun(deploy: &Deploy) -> Option<Write> {
    let origin = &deploy.origin;
    let (channel, mention) = (origin.channel.as_ref()?, origin.mention.as_ref()?);
    Some(Write::Change {
        key: key(channel, mention.root().as_str()),
        set: BEGUN,
        values: item([(":deploy", s(deploy.id.as_str()))]),
    })
}

impl Store {
    /// What is meant in the thread of this message, if any deploy is.
    pub(crate) async fn in_thread(
        &self,
        channel: &ChannelId,
        root: &MessageTs,
    ) -> Result<Option<InThread>, StoreError> {
        let Some(found) = self.get(key(channel, root.as_str())).await? else {
            return Ok(None);
        };
        let targets = found
            .get("targets")
            .and_then(|targets| targets.as_ss().ok());
        if targets.is_some_and(|targets| targets.len() > 1) {
            return Ok(Some(InThread::Several));
        }
        let deploy = text(&found, "deploy").and_then(|id| id.parse().ok());
        let deploy = deploy.ok_or_else(|| unreadable(&found, "it names no deploy"))?;
        Ok(Some(InThread::One(deploy)))
    }

    /// Keeps that something tells of this deploy in the thread of this message.
    pub(crate) async fn put_thread(
        &self,
        channel: &ChannelId,
        root: &str,
        deploy: &Deploy,
    ) -> Result<(), StoreError> {
        let values = item([
            (":deploy", s(deploy.id.as_str())),
            (":target", strings([target(deploy)])),
        ]);
        self.change(key(channel, root), TOLD, values).await
    }
}
