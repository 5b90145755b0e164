//! Which of the app's scopes were granted. A feature follows them.
//!
//! <https://docs.slack.dev/authentication/installing-with-oauth>

use std::collections::BTreeSet;

use http::HeaderMap;

use crate::names::scope::AppScope;

/// The header in which Slack says with every answer of its Web API which scopes the token has.
const GRANTED: &str = "x-oauth-scopes";

/// The scope that a method of the `chat.*` family lacks, where that is why Slack refuses.
///
/// Not what Slack itself names as `needed`: that is the old name, `chat:write:bot`, which no manifest
/// may hold. And whoever has `chat:write.public` is kept out of a channel for another reason.
pub(super) fn lacking(code: &str, headers: &HeaderMap) -> Option<AppScope> {
    match code {
        "missing_scope" => Some(AppScope::ChatWrite),
        "not_in_channel" => {
            // Where Slack does not say what was granted, nothing is claimed.
            let granted = Granted::read(headers)?;
            let has = granted.has(AppScope::ChatWritePublic);
            (!has).then_some(AppScope::ChatWritePublic)
        }
        _ => None,
    }
}

/// The scopes that a token was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted(BTreeSet<String>);

impl Granted {
    /// What the answer's header says; `None` where it says nothing.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let listed = headers.get(GRANTED)?.to_str().ok()?;
        let scopes = listed.split(',').map(str::trim);
        let scopes = scopes.filter(|scope| !scope.is_empty());
        Some(Self(scopes.map(str::to_owned).collect()))
    }

    /// Whether this one was granted.
    pub fn has(&self, scope: AppScope) -> bool {
        self.0.contains(scope.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(listed: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(GRANTED, listed.parse().unwrap());
        headers
    }

    #[test]
    fn what_was_granted_is_read_by_whole_names() {
        let granted = Granted::read(&says("commands, chat:write.public,users:read.email")).unwrap();
        let has: Vec<&str> = AppScope::ALL
            .into_iter()
            .filter(|scope| granted.has(*scope))
            .map(AppScope::as_str)
            .collect();
        assert_eq!(has, ["commands", "chat:write.public"]);
        assert_eq!(Granted::read(&says("")), Some(Granted(BTreeSet::new())));
        assert_eq!(Granted::read(&HeaderMap::new()), None);
    }

    #[test]
    fn a_refusal_is_for_a_scope_only_where_that_would_help() {
        let without = says("commands,chat:write");
        for (code, headers, scope) in [
            ("missing_scope", &without, Some(AppScope::ChatWrite)),
            ("not_in_channel", &without, Some(AppScope::ChatWritePublic)),
            ("not_in_channel", &HeaderMap::new(), None),
            (
                "not_in_channel",
                &says("chat:write,chat:write.public"),
                None,
            ),
            ("channel_not_found", &without, None),
        ] {
            assert_eq!(lacking(code, headers), scope, "{code}");
        }
    }
}
