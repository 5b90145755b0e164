//! Messages as people see them, and what happened around them, in order. An edit keeps what stood
//! there before; a snapshot never changes, so that a test can click what somebody saw a while ago.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// Who sees a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody in the channel.
    Channel,
    /// This user alone, marked "Only visible to you"; gone after a reload, never editable by `chat.update`.
    Only(String),
    /// The direct conversation between the app and this user.
    Direct(String),
}

/// By which way a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The body of the HTTP reply to a slash command.
    Reply,
    /// A post to a `response_url`.
    ResponseUrl,
    /// `chat.postMessage`.
    PostMessage,
    /// `chat.postEphemeral`.
    PostEphemeral,
}

/// What a message said before it was edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// When it was replaced.
    pub at: Timestamp,
    /// The text until then.
    pub text: String,
    /// The blocks until then.
    pub blocks: Vec<Value>,
}

/// One message of the app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Slack's identifier within the channel, `seconds.counter`.
    pub ts: String,
    /// The channel it stands in (`C…`, `G…` or `D…`).
    pub channel: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// The `ts` of the thread's first message, for an answer in a thread.
    pub thread: Option<String>,
    /// The bot user that said it.
    pub author: String,
    /// By which way it came.
    pub via: Via,
    /// The text: the message itself without blocks, else what notifications show.
    pub text: String,
    /// Block Kit blocks, with the ids Slack fills in.
    pub blocks: Vec<Value>,
    /// Legacy attachments (a coloured bar around blocks).
    pub attachments: Vec<Value>,
    /// When it was posted.
    pub posted_at: Timestamp,
    /// What it said before, oldest first.
    pub edits: Vec<Edit>,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// A button on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    /// The block it stands in.
    pub block_id: String,
    /// What names it in the payload.
    pub action_id: String,
    /// Its label.
    #[serde(rename = "text")]
    pub label: String,
    /// What it carries, empty for none.
    pub value: String,
    /// `primary`, `danger` or none.
    pub style: Option<String>,
}

/// A field of a message, to choose or to enter something in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The block it is.
    pub block_id: String,
    /// What names it in the payload.
    pub action_id: String,
    /// `static_select` or `plain_text_input`.
    pub kind: String,
    /// What can be chosen.
    pub options: Vec<Value>,
    /// What is chosen to begin with.
    pub initial: Option<Value>,
    /// What stands there before anything is chosen.
    pub placeholder: Option<Value>,
    /// Whether choosing something is sent like a click: outside of inputs.
    pub is_sent_at_once: bool,
}

impl Message {
    /// The fields in reading order: those of inputs, and the menus among buttons.
    pub fn fields(&self) -> Vec<Field> {
        let listed =
            |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let mut found = Vec::new();
        for block in self.all_blocks() {
            let is_input = text_of(block, "type") == "input";
            let mut elements = listed(block.get("elements"));
            elements.extend(block.get("element").into_iter().cloned());
            elements.extend(block.get("accessory").into_iter().cloned());
            elements.retain(|one| is_input || text_of(one, "type") == "static_select");
            for element in elements {
                let mut options = listed(element.get("options"));
                for group in listed(element.get("option_groups")) {
                    options.extend(listed(group.get("options")));
                }
                found.push(Field {
                    block_id: text_of(block, "block_id"),
                    action_id: text_of(&element, "action_id"),
                    kind: text_of(&element, "type"),
                    options,
                    initial: element.get("initial_option").cloned(),
                    placeholder: element.get("placeholder").cloned(),
                    is_sent_at_once: !is_input,
                });
            }
        }
        found
    }

    /// The buttons in reading order, those of attachments last.
    pub fn buttons(&self) -> Vec<Button> {
        let mut found = Vec::new();
        for block in self.all_blocks() {
            let block_id = text_of(block, "block_id");
            let elements = block.get("elements").and_then(Value::as_array);
            let accessory = block.get("accessory");
            for element in elements.into_iter().flatten().chain(accessory) {
                if element.get("type").and_then(Value::as_str) == Some("button") {
                    found.push(Button {
                        block_id: block_id.clone(),
                        action_id: text_of(element, "action_id"),
                        label: element
                            .get("text")
                            .map(|text| text_of(text, "text"))
                            .unwrap_or_default(),
                        value: text_of(element, "value"),
                        style: element
                            .get("style")
                            .and_then(Value::as_str)
                            .map(str::to_owned),
                    });
                }
            }
        }
        found
    }

    /// When it was posted, or edited last.
    pub fn changed_at(&self) -> Timestamp {
        self.edits.last().map_or(self.posted_at, |edit| edit.at)
    }

    /// The users this message notifies by name, in order of appearance, each once.
    pub fn mentions(&self) -> Vec<String> {
        let mut users = Vec::new();
        let said = format!("{} {}", self.text, Value::Array(self.blocks.clone()));
        for tail in said.split("<@").skip(1) {
            let id: String = tail
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            if !id.is_empty() && !users.contains(&id) {
                users.push(id);
            }
        }
        users
    }

    /// Whether only one user sees it.
    pub fn is_ephemeral(&self) -> bool {
        matches!(self.visibility, Visibility::Only(_))
    }

    pub(super) fn all_blocks(&self) -> impl Iterator<Item = &Value> {
        let attached = self
            .attachments
            .iter()
            .filter_map(|attachment| attachment.get("blocks").and_then(Value::as_array))
            .flatten();
        self.blocks.iter().chain(attached)
    }
}

fn text_of(value: &Value, name: &str) -> String {
    value
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Something that happened in the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Position in the workspace's history, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happening,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// A person sent a slash command.
    Typed {
        /// Who.
        user: String,
        /// Where.
        channel: String,
        /// The command with its text.
        line: String,
    },
    /// A person pressed a button.
    Clicked {
        /// Who.
        user: String,
        /// Where.
        channel: String,
        /// The button's label.
        label: String,
    },
    /// The app said something.
    Posted(Message),
    /// The app changed what it had said; as it stands now.
    Edited(Message),
    /// The app took something back; as it stood last.
    Deleted(Message),
    /// Slack told a person that the app did not answer properly.
    Failed {
        /// Who is told.
        user: String,
        /// Where.
        channel: String,
        /// Slack's words.
        words: String,
    },
}
