//! The one URL that somebody else tells us to post to. It is accepted only when it can lead nowhere
//! but to Slack, and it is a credential: whoever has it can post, so it is never printed.

use std::{fmt, str::FromStr};

use crate::names::instance::Instance;

/// A `response_url`: five posts within thirty minutes
/// (<https://docs.slack.dev/interactivity/handling-user-interaction>).
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseUrl(String);

impl ResponseUrl {
    /// The longest accepted, in bytes. Slack's are about 100.
    pub const MAX: usize = 1024;

    /// The URL, for storing it in its own attribute and for posting to it; for nothing else.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whose it is.
    pub fn instance(&self) -> Instance {
        let is_of = |instance: &Instance| split(&self.0, *instance).is_some();
        Instance::ALL.into_iter().find(is_of).unwrap_or_default()
    }
}

impl FromStr for ResponseUrl {
    type Err = BadResponseUrl;

    /// Accepts `https`, a host of Slack's spelt exactly so, no port or 443, and a path (with a query
    /// perhaps) of visible ASCII. Everything else that URLs can hold is refused, not interpreted:
    /// what two parsers could read differently does not get in.
    fn from_str(text: &str) -> Result<Self, BadResponseUrl> {
        if text.len() > Self::MAX {
            return Err(BadResponseUrl);
        }
        let path = Instance::ALL
            .into_iter()
            .find_map(|instance| split(text, instance))
            .ok_or(BadResponseUrl)?;
        let visible = path
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\\#\"<>^`{|}@".contains(&b));
        if path.len() > 1 && visible {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadResponseUrl)
        }
    }
}

/// What follows this instance's host and port.
fn split(url: &str, instance: Instance) -> Option<&str> {
    let rest = url
        .strip_prefix("https://")?
        .strip_prefix(instance.hooks())?;
    let path = rest.strip_prefix(":443").unwrap_or(rest);
    path.starts_with('/').then_some(path)
}

impl fmt::Debug for ResponseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The text is no URL of Slack's for responses. It is not repeated, it may be one nearly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is no response_url of Slack's")]
pub struct BadResponseUrl;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slacks_urls_are_accepted() {
        for url in [
            "https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN",
            "https://hooks.slack.com/actions/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN",
            "https://hooks.slack-gov.com/commands/1/2/3",
            "https://hooks.slack.com:443/commands/1/2/3",
            "https://hooks.slack.com/services/a?b=c&d=%20",
        ] {
            assert_eq!(url.parse::<ResponseUrl>().unwrap().expose(), url);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for url in [
            "",
            "https://",
            "https://hooks.slack.com",
            "https://hooks.slack.com/",
            "http://hooks.slack.com/commands/1",
            "HTTPS://hooks.slack.com/commands/1",
            "https://HOOKS.slack.com/commands/1",
            "https:/hooks.slack.com/commands/1",
            "//hooks.slack.com/commands/1",
            "hooks.slack.com/commands/1",
            "https://hooks.slack.com:80/commands/1",
            "https://hooks.slack.com:4430/commands/1",
            "https://hooks.slack.com:/commands/1",
            "https://hooks.slack.com./commands/1",
            "https://hooks.slack.com.evil.example/commands/1",
            "https://hooks.slack.comevil.example/commands/1",
            "https://evil.example/hooks.slack.com/commands/1",
            "https://evil-hooks.slack.com/commands/1",
            "https://slack.com/api/chat.postMessage",
            "https://hooks.slack.com@evil.example/commands/1",
            "https://hooks.slack.com:443@evil.example/",
            "https://user:password@hooks.slack.com/commands/1",
            "https://hooks.slack.com\\@evil.example/",
            "https://hooks.slack.com/\\evil.example",
            "https://hooks.slack.com/@evil.example",
            "https://hooks.slack.com#@evil.example/",
            "https://hooks.slack.com?@evil.example/",
            "https://hooks.slack.com/commands/1#x",
            "https://hooks%2eslack.com/commands/1",
            "https://hooks.slаck.com/commands/1",
            "https://hooks.slack。com/commands/1",
            "https://127.0.0.1/commands/1",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::1]/commands/1",
            "https://0x7f000001/",
            "https://hooks.slack.com/a b",
            " https://hooks.slack.com/commands/1",
            "https://hooks.slack.com/commands/1 ",
            "https://hooks.slack.com/commands/1\r\nHost: evil.example",
            "https://hooks.slack.com/commands/1\0",
            "https://hooks.slack.com/é",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ] {
            assert_eq!(url.parse::<ResponseUrl>(), Err(BadResponseUrl), "{url:?}");
        }
        let long = format!("https://hooks.slack.com/{}", "a".repeat(ResponseUrl::MAX));
        assert!(long.parse::<ResponseUrl>().is_err());
    }

    #[test]
    fn it_cannot_be_printed() {
        let url: ResponseUrl = "https://hooks.slack.com/commands/secret".parse().unwrap();
        assert_eq!(format!("{url:?}"), "***");
    }

    proptest! {
        #[test]
        fn what_is_accepted_leads_to_slack_by_the_clients_own_reading(
            text in prop_oneof![
                any::<String>(),
                "https://hooks\\.slack(-gov)?\\.com[ -~]{0,40}",
                "(https?:)?//?[a-z.@:]{0,9}hooks\\.slack\\.com[:/@?#\\\\.a-z0-9]{0,20}",
            ]
        ) {
            if let Ok(url) = text.parse::<ResponseUrl>() {
                let uri: http::Uri = url.expose().parse().unwrap();
                prop_assert_eq!(uri.scheme_str(), Some("https"));
                prop_assert_eq!(uri.host(), Some(url.instance().hooks()));
                prop_assert!(matches!(uri.port_u16(), None | Some(443)));
                prop_assert!(!uri.authority().unwrap().as_str().contains('@'));
            }
        }
    }
}
