//! Which arguments each method takes, after `slack_sdk`'s own methods, to which a
//! test holds this table. What a method does not know, Slack passes over or
//! refuses, by the method and by the day; here it is refused.
//!
//! <https://docs.slack.dev/reference/methods>

use serde_json::Value;

/// Stands for a `response_url` in the table.
pub(super) const RESPONSE_URL: &str = "response_url";

/// Methods with their arguments, beside the token.
#[rustfmt::skip]
pub const METHODS: [(&str, &[&str]); 12] = [
    ("auth.test", &[]),
    ("chat.postMessage", &[
        "channel", "text", "as_user", "attachments", "blocks", "thread_ts", "reply_broadcast",
        "unfurl_links", "unfurl_media", "container_id", "icon_emoji", "icon_url", "mrkdwn",
        "link_names", "username", "parse", "metadata", "markdown_text",
    ]),
    ("chat.postEphemeral", &[
        "channel", "user", "text", "as_user", "attachments", "blocks", "thread_ts", "icon_emoji",
        "icon_url", "link_names", "username", "parse", "markdown_text",
    ]),
    ("chat.update", &[
        "channel", "ts", "text", "attachments", "blocks", "as_user", "file_ids", "link_names",
        "parse", "reply_broadcast", "metadata", "markdown_text",
    ]),
    ("chat.delete", &["channel", "ts", "as_user"]),
    ("chat.getPermalink", &["channel", "message_ts"]),
    ("conversations.open", &["channel", "return_im", "users"]),
    ("users.info", &["user", "include_locale"]),
    ("usergroups.users.list", &["usergroup", "include_disabled", "team_id"]),
    ("views.open", &["trigger_id", "interactivity_pointer", "view"]),
    ("views.update", &["view", "external_id", "view_id", "hash"]),
    (RESPONSE_URL, &[
        "text", "attachments", "blocks", "response_type", "replace_original", "delete_original",
        "unfurl_links", "unfurl_media", "metadata",
    ]),
];

/// The first argument that the method does not have.
pub(super) fn unknown<'a>(method: &str, arguments: &'a Value) -> Option<&'a str> {
    let (_, known) = METHODS.iter().find(|(name, _)| *name == method)?;
    let mut names = arguments.as_object()?.keys();
    let name = names.find(|name| *name != "token" && !known.contains(&name.as_str()));
    name.map(String::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_argument_of_another_method_is_unknown() {
        let body = json!({"channel": "C1", "ts": "1.1", "text": "x", "unfurl_links": false});
        assert_eq!(unknown("chat.update", &body), Some("unfurl_links"));
        let body = json!({"channel": "C1", "text": "x", "unfurl_links": false, "token": "x"});
        assert_eq!(unknown("chat.postMessage", &body), None);
        assert_eq!(unknown("chat.postEphemeral", &body), Some("unfurl_links"));
    }
}
