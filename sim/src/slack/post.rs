//! Putting messages up, changing them and taking them down, with Slack's checks in front: what a
//! message may hold is the same whether it comes by the Web API, a `response_url` or a reply.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::arrange::BOT_USER;
use super::{Edit, Happening, Kind, Message, Slack, Via, Visibility, blocks};

/// Longest text of a message; Slack cuts or refuses what is longer.
const TEXT: usize = 40_000;

/// What a message is to say.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) text: Option<String>,
    pub(super) blocks: Option<Vec<Value>>,
    pub(super) attachments: Option<Vec<Value>>,
}

/// Where it is to stand.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) channel: String,
    /// Set for a message that only this user sees.
    pub(super) only: Option<String>,
    pub(super) thread: Option<String>,
    pub(super) via: Via,
}

impl Content {
    /// Reads `text`, `blocks` and `attachments`; the latter two may be JSON or a string of JSON.
    pub(super) fn read(arguments: &Value) -> Result<Self, blocks::Refused> {
        let text = arguments.get("text").and_then(Value::as_str);
        if text.is_some_and(|text| text.chars().count() > TEXT) {
            return Err(refused("msg_too_long"));
        }
        let blocks = list(arguments, "blocks", "invalid_blocks_format")?;
        if let Some(blocks) = &blocks {
            blocks::check(&Value::Array(blocks.clone()))?;
        }
        let attachments = list(arguments, "attachments", "invalid_attachments")?;
        for attachment in attachments.iter().flatten() {
            if let Some(blocks) = attachment.get("blocks") {
                blocks::check(blocks)?;
            }
        }
        Ok(Self {
            text: text.filter(|text| !text.is_empty()).map(str::to_owned),
            blocks,
            attachments,
        })
    }

    /// Whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        let none = |list: &Option<Vec<Value>>| list.as_ref().is_none_or(Vec::is_empty);
        self.text.is_none() && none(&self.blocks) && none(&self.attachments)
    }
}

fn refused(code: &'static str) -> blocks::Refused {
    blocks::Refused {
        code,
        findings: Vec::new(),
    }
}

fn list(
    arguments: &Value,
    name: &str,
    error: &'static str,
) -> Result<Option<Vec<Value>>, blocks::Refused> {
    match arguments.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items.clone())),
        Some(Value::String(json)) => match serde_json::from_str(json) {
            Ok(Value::Array(items)) => Ok(Some(items)),
            Ok(_) | Err(_) => Err(refused(error)),
        },
        Some(_) => Err(refused(error)),
    }
}

impl Slack {
    /// Puts a message up; gives its place in `messages`.
    pub(super) fn put_up(&mut self, now: Timestamp, place: Place, content: Content) -> usize {
        let visibility = match (place.only, self.channels.get(&place.channel)) {
            (Some(user), _) => Visibility::Only(user),
            (None, Some(channel)) => match &channel.kind {
                Kind::Direct(user) => Visibility::Direct(user.clone()),
                Kind::Public | Kind::Private => Visibility::Channel,
            },
            (None, None) => Visibility::Channel,
        };
        let blocks = self.with_ids(content.blocks.unwrap_or_default());
        let message = Message {
            ts: format!("{}.{:06}", now.as_second(), (self.messages.len() + 1) * 100),
            channel: place.channel,
            visibility,
            thread: place.thread,
            author: BOT_USER.to_owned(),
            via: place.via,
            text: content.text.unwrap_or_default(),
            blocks,
            attachments: self.attachments_with_ids(content.attachments.unwrap_or_default()),
            posted_at: now,
            edits: Vec::new(),
            deleted: false,
        };
        self.messages.push(message.clone());
        self.happened(now, Happening::Posted(message));
        self.messages.len() - 1
    }

    /// Replaces what a message says; parts that are `None` stay.
    pub(super) fn edit(&mut self, now: Timestamp, index: usize, content: Content) {
        let blocks = content.blocks.map(|blocks| self.with_ids(blocks));
        let attachments = content
            .attachments
            .map(|list| self.attachments_with_ids(list));
        let Some(message) = self.messages.get_mut(index) else {
            return;
        };
        message.edits.push(Edit {
            at: now,
            text: message.text.clone(),
            blocks: message.blocks.clone(),
        });
        message.text = content.text.unwrap_or_else(|| message.text.clone());
        message.blocks = blocks.unwrap_or_else(|| message.blocks.clone());
        message.attachments = attachments.unwrap_or_else(|| message.attachments.clone());
        let message = message.clone();
        self.happened(now, Happening::Edited(message));
    }

    /// Takes a message down.
    pub(super) fn take_down(&mut self, now: Timestamp, index: usize) {
        if let Some(message) = self.messages.get_mut(index) {
            message.deleted = true;
            let message = message.clone();
            self.happened(now, Happening::Deleted(message));
        }
    }

    fn attachments_with_ids(&mut self, mut attachments: Vec<Value>) -> Vec<Value> {
        for attachment in &mut attachments {
            if let Some(Value::Array(blocks)) = attachment.get_mut("blocks") {
                *blocks = self.with_ids(std::mem::take(blocks));
            }
        }
        attachments
    }

    /// Fills in the `block_id`s and `action_id`s that the app left out, as Slack does.
    fn with_ids(&mut self, mut blocks: Vec<Value>) -> Vec<Value> {
        for block in &mut blocks {
            self.fill_in(block, "block_id");
            if block.get("type").and_then(Value::as_str) == Some("actions")
                && let Some(Value::Array(elements)) = block.get_mut("elements")
            {
                for element in elements {
                    self.fill_in(element, "action_id");
                }
            }
            if let Some(accessory) = block.get_mut("accessory") {
                self.fill_in(accessory, "action_id");
            }
        }
        blocks
    }

    fn fill_in(&mut self, value: &mut Value, name: &str) {
        if let Value::Object(members) = value
            && !members.contains_key(name)
        {
            members.insert(name.to_owned(), json!(self.issue(5)));
        }
    }
}
