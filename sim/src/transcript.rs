//! The conversation as Slack would show it, in plain text: for people who watch the demo and for
//! tests that assert on the words. Entities are unescaped and ids become names here only, so that
//! what a test reads is what a person would read: times in their own zone, too.

mod date;

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;

use crate::slack::{Event, Happening, Message, Reader, Slack, Visibility};

/// A workspace to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Transcript<'a> {
    slack: &'a Slack,
    times: bool,
}

impl<'a> Transcript<'a> {
    /// Without the time of day, for snapshots.
    pub fn new(slack: &'a Slack) -> Self {
        Self {
            slack,
            times: false,
        }
    }

    /// With the time of day before every event, as Slack shows it to whoever reads that.
    #[must_use]
    pub fn with_times(mut self) -> Self {
        self.times = true;
        self
    }

    /// All events, a blank line between two.
    pub fn conversation(&self, events: &[Event]) -> String {
        let shown: Vec<String> = events.iter().map(|event| self.event(event)).collect();
        shown.join("\n")
    }

    /// The time of day, as Slack shows it to whoever reads in the workspace.
    pub fn clock(&self, at: Timestamp) -> String {
        let zone = self.slack.reader(None).zone;
        at.to_zoned(zone).strftime("%H:%M:%S").to_string()
    }

    /// One event: a line for what people do, a heading and indented lines for what the app says.
    pub fn event(&self, event: &Event) -> String {
        let time = if self.times {
            format!("{} ", self.clock(event.at))
        } else {
            String::new()
        };
        let person = |user: &str, channel: &str| {
            format!(
                "{time}{} in {}",
                self.slack.name_of(user),
                self.slack.place(channel)
            )
        };
        match &event.what {
            Happening::Typed {
                user,
                channel,
                line,
            } => {
                format!("{}: {line}\n", person(user, channel))
            }
            Happening::Clicked {
                user,
                channel,
                label,
            } => {
                format!("{} presses [ {label} ]\n", person(user, channel))
            }
            Happening::Failed {
                user,
                channel,
                words,
            } => {
                let to = person(user, channel);
                format!(
                    "{time}Slack to {}: {words}\n",
                    to.trim_start_matches(time.as_str())
                )
            }
            Happening::Posted(message) | Happening::Edited(message) => {
                format!("{time}{}", self.message_at(message, event.at))
            }
            Happening::Deleted(message) => {
                format!("{time}{}\n", self.heading(message, "(deleted)"))
            }
        }
    }

    /// One message: who said it where and who sees it, then its words, indented. It is read when it was last
    /// changed.
    pub fn message(&self, message: &Message) -> String {
        self.message_at(message, message.changed_at())
    }

    fn message_at(&self, message: &Message, at: Timestamp) -> String {
        let edited = if message.edits.is_empty() {
            ""
        } else {
            "(edited)"
        };
        let mut shown = self.heading(message, edited);
        shown.push('\n');
        for line in self.words_at(message, at).lines() {
            let _ = writeln!(shown, "{}", format!("  {line}").trim_end());
        }
        shown
    }

    fn heading(&self, message: &Message, mark: &str) -> String {
        let mut heading = format!(
            "{} in {}",
            self.slack.name_of(&message.author),
            self.slack.place(&message.channel)
        );
        if message.thread.is_some() {
            heading.push_str(", in a thread");
        }
        if let Visibility::Only(user) = &message.visibility {
            let _ = write!(
                heading,
                " · Only visible to you, {}",
                self.slack.name_of(user)
            );
        }
        if !mark.is_empty() {
            let _ = write!(heading, " {mark}");
        }
        heading
    }

    /// What a message says, without heading: its blocks, or its text when it has none.
    pub fn words(&self, message: &Message) -> String {
        self.words_at(message, message.changed_at())
    }

    fn words_at(&self, message: &Message, at: Timestamp) -> String {
        let whom = match &message.visibility {
            Visibility::Only(user) | Visibility::Direct(user) => Some(user.as_str()),
            Visibility::Channel => None,
        };
        let reading = Reading {
            slack: self.slack,
            reader: self.slack.reader(whom),
            at,
        };
        reading.words(message)
    }
}

/// Somebody who reads, and when.
struct Reading<'a> {
    slack: &'a Slack,
    reader: Reader,
    at: Timestamp,
}

impl Reading<'_> {
    fn words(&self, message: &Message) -> String {
        let mut lines = Vec::new();
        if message.blocks.is_empty() {
            lines.extend(self.mrkdwn(&message.text).lines().map(str::to_owned));
        }
        for block in &message.blocks {
            self.block(block, &mut lines);
        }
        for attachment in &message.attachments {
            let mut inner = Vec::new();
            for block in attachment
                .get("blocks")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                self.block(block, &mut inner);
            }
            for name in ["pretext", "title", "text"] {
                let text = attachment
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                inner.extend(self.mrkdwn(text).lines().map(str::to_owned));
            }
            lines.extend(inner.iter().map(|line| format!("┃ {line}")));
        }
        lines.join("\n")
    }

    fn block(&self, block: &Value, lines: &mut Vec<String>) {
        let elements = || {
            block
                .get("elements")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        match block
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
        {
            "header" => {
                let text = self.text_object(block.get("text"));
                lines.push(format!("# {text}"));
            }
            "divider" => lines.push("────────".to_owned()),
            "section" => {
                if let Some(text) = block.get("text") {
                    lines.extend(self.text_object(Some(text)).lines().map(str::to_owned));
                }
                for field in block
                    .get("fields")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                {
                    let text = self.text_object(Some(field));
                    lines.push(format!(
                        "│ {}",
                        text.replace('\n', ": ").replace(":*: ", ":* ")
                    ));
                }
                if let Some(accessory) = block.get("accessory") {
                    lines.push(self.element(accessory));
                }
            }
            "context" => {
                let parts: Vec<String> = elements().map(|part| self.element(part)).collect();
                lines.extend(parts.join(" ").lines().map(|line| format!("– {line}")));
            }
            "actions" => {
                let buttons: Vec<String> = elements().map(|part| self.element(part)).collect();
                lines.push(buttons.join(" "));
            }
            "input" => {
                let label = self.text_object(block.get("label"));
                let element = block.get("element").map(|element| self.element(element));
                lines.push(format!("{label}: {}", element.unwrap_or_default()));
            }
            "image" => lines.push(self.element(block)),
            "markdown" => {
                let text = block
                    .get("text")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                lines.extend(text.lines().map(str::to_owned));
            }
            other => lines.push(format!("({other})")),
        }
    }

    /// A button, an image, a menu or a text object.
    fn element(&self, element: &Value) -> String {
        let text = || self.text_object(element.get("text"));
        match element
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
        {
            "button" => format!("[ {} ]", text()),
            "image" => format!(
                "({})",
                element
                    .get("alt_text")
                    .and_then(Value::as_str)
                    .unwrap_or("image")
            ),
            "overflow" => "[ … ]".to_owned(),
            "static_select" => match element.get("initial_option") {
                Some(chosen) => self.menu(element, chosen),
                None => format!("[ {} ▾ ]", self.text_object(element.get("placeholder"))),
            },
            "plain_text_input" => format!("[ {} ]", self.text_object(element.get("placeholder"))),
            _ => self.text_object(Some(element)),
        }
    }

    /// `[ 1.5.0 ▾ 1.4.0 | 1.3.0 ]`: what is chosen, and what else can be.
    fn menu(&self, element: &Value, chosen: &Value) -> String {
        let options = element.get("options").and_then(Value::as_array);
        let others = options.into_iter().flatten().filter(|one| *one != chosen);
        let others: Vec<String> = others
            .map(|one| self.text_object(one.get("text")))
            .collect();
        let chosen = self.text_object(chosen.get("text"));
        format!("[ {chosen} ▾ {} ]", others.join(" | "))
    }

    fn text_object(&self, object: Option<&Value>) -> String {
        let member = |name: &str| {
            let found = object.and_then(|object| object.get(name));
            found.and_then(Value::as_str).unwrap_or_default()
        };
        match member("type") {
            "mrkdwn" => self.mrkdwn(member("text")),
            _ => emoji(member("text")),
        }
    }

    /// Mrkdwn with its references resolved and its entities unescaped. Bold, italic and code keep their marks.
    fn mrkdwn(&self, text: &str) -> String {
        let mut shown = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('<') {
            let Some(length) = rest[start..].find('>') else {
                break;
            };
            shown.push_str(&unescape(&rest[..start]));
            shown.push_str(&self.reference(&rest[start + 1..start + length]));
            rest = &rest[start + length + 1..];
        }
        shown.push_str(&unescape(rest));
        emoji(&shown)
    }

    /// What stands between `<` and `>`.
    fn reference(&self, inside: &str) -> String {
        let (target, label) = match inside.split_once('|') {
            Some((target, label)) => (target, Some(unescape(label))),
            None => (inside, None),
        };
        if let Some(user) = target.strip_prefix('@') {
            return format!("@{}", self.slack.name_of(user));
        }
        if let Some(channel) = target.strip_prefix('#') {
            return self.slack.place(channel);
        }
        if let Some(special) = target.strip_prefix('!') {
            return match special.split_once('^') {
                Some(("subteam", group)) => format!("@{}", self.slack.handle_of(group)),
                Some(("date", time)) => date::shown(time, &self.reader, self.at)
                    .map(|words| unescape(&words))
                    .or(label)
                    .unwrap_or_else(|| special.to_owned()),
                _ => format!("@{special}"),
            };
        }
        let target = unescape(target);
        match label {
            Some(label) => label,
            None => target,
        }
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// The emoji that deploy messages use; others keep their names.
fn emoji(text: &str) -> String {
    const KNOWN: [(&str, &str); 25] = [
        (":white_check_mark:", "✅"),
        (":heavy_check_mark:", "✔️"),
        (":x:", "❌"),
        (":warning:", "⚠️"),
        (":rocket:", "🚀"),
        (":rewind:", "⏪"),
        (":leftwards_arrow_with_hook:", "↩️"),
        (":arrow_right:", "➡️"),
        (":arrows_counterclockwise:", "🔄"),
        (":hourglass_flowing_sand:", "⏳"),
        (":hourglass:", "⌛"),
        (":stopwatch:", "⏱️"),
        (":no_entry:", "⛔"),
        (":no_entry_sign:", "🚫"),
        (":octagonal_sign:", "🛑"),
        (":raised_hand:", "✋"),
        (":lock:", "🔒"),
        (":unlock:", "🔓"),
        (":rotating_light:", "🚨"),
        (":information_source:", "ℹ️"),
        (":question:", "❓"),
        (":grey_question:", "❔"),
        (":wave:", "👋"),
        (":package:", "📦"),
        (":ship:", "🚢"),
    ];
    if !text.contains(':') {
        return text.to_owned();
    }
    KNOWN.iter().fold(text.to_owned(), |text, (name, sign)| {
        text.replace(name, sign)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::slack::Invocation;

    fn reply(body: &Value) -> http::Response<Bytes> {
        let mut reply = http::Response::new(Bytes::from(body.to_string()));
        let kind = http::HeaderValue::from_static("application/json");
        reply.headers_mut().insert("content-type", kind);
        reply
    }

    #[test]
    fn a_conversation_reads_as_in_slack() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut slack = Slack::default();
        let typed = Invocation::new("U061F7AUR", "C2147483705", "cms to production");
        let sent = slack.command(now, &typed);
        let card = json!({"text": "Deploy cms?", "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "Deploy cms to production?"}},
            {"type": "section", "text": {"type": "mrkdwn", "text":
                "<@U061F7AUR> asks for `fix/&lt;b&gt;` &amp; <https://example.com/c/1|c0ffee1> in <#C0MGMT> :rocket:"}},
            {"type": "section", "fields": [
                {"type": "mrkdwn", "text": "*From*\n1.0.1"}, {"type": "mrkdwn", "text": "*To*\n1.0.2"}]},
            {"type": "divider"},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "Expires in 15 min"}]},
            {"type": "actions", "elements": [
                {"type": "button", "action_id": "confirm", "text": {"type": "plain_text", "text": "Confirm"}},
                {"type": "button", "action_id": "cancel", "text": {"type": "plain_text", "text": "Cancel"}}]}
        ]});
        slack.reply_to_command(now, &sent, Duration::ZERO, &reply(&card));
        let click = slack.click_newest(now, "U061F7AUR", "confirm").unwrap();
        slack.reply_to_click(now, &click, Duration::from_secs(9), &reply(&json!({})));
        let shown = Transcript::new(&slack).conversation(slack.events());
        assert_eq!(
            shown,
            "maria in #deploys: /deploy cms to production\n\
             \n\
             Longshore in #deploys · Only visible to you, maria\n  \
               # Deploy cms to production?\n  \
               @maria asks for `fix/<b>` & c0ffee1 in #management 🚀\n  \
               │ *From*: 1.0.1\n  \
               │ *To*: 1.0.2\n  \
               ────────\n  \
               – Expires in 15 min\n  \
               [ Confirm ] [ Cancel ]\n\
             \n\
             maria in #deploys presses [ Confirm ]\n\
             \n\
             Slack to maria in #deploys: This app responded with an error\n"
        );
    }

    #[test]
    fn what_a_user_typed_shows_as_typed_and_pings_nobody() {
        let slack = Slack::default();
        let reading = Reading {
            slack: &slack,
            reader: slack.reader(None),
            at: Timestamp::from_second(1_392_734_400).unwrap(),
        };
        assert_eq!(
            reading.mrkdwn("&lt;!channel&gt; a &lt; b"),
            "<!channel> a < b"
        );
        assert_eq!(
            reading.mrkdwn("<!channel> <!subteam^S0614TZR7> 1 < 2"),
            "@channel @oncall 1 < 2"
        );
    }

    /// Whoever alone sees a message sees it in their own zone, and everybody else in the workspace's.
    #[test]
    fn a_time_is_shown_as_its_reader_has_set_it() {
        let now = Timestamp::from_second(1_392_734_400).unwrap();
        let mut slack = Slack::default();
        let sam = slack.user("U0G9QF9C6", "sam");
        sam.zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
        sam.hours = crate::slack::Hours::Twelve;
        let said =
            "<!date^1392734382^{time} {date_short_pretty}|Feb 18> <!date^1392734382^{moon}|Feb 18>";
        for (user, visible, words) in [
            ("U0G9QF9C6", "ephemeral", "6:39 AM today Feb 18"),
            ("U061F7AUR", "ephemeral", "15:39 today Feb 18"),
            ("U0G9QF9C6", "in_channel", "15:39 today Feb 18"),
        ] {
            let sent = slack.command(now, &Invocation::new(user, "C2147483705", "cms"));
            let body = json!({"text": said, "response_type": visible});
            slack.reply_to_command(now, &sent, Duration::ZERO, &reply(&body));
            let message = slack.messages().last().unwrap();
            assert_eq!(Transcript::new(&slack).words(message), words, "{user}");
            assert_eq!(message.text, said);
        }
    }
}
