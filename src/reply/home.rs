//! Where the card of a deploy is, and that its home did not take it.

use super::{APP_STEP, headline, joined, said};
use crate::names::ChannelId;
use crate::names::scope::AppScope;
use crate::record::Deploy;
use crate::slack::text::Mrkdwn;

/// Where it was asked for: `Deploying webapp to staging: its card is in #deploys.`
pub(crate) fn at_home(deploy: &Deploy, home: &ChannelId, link: Option<String>) -> Mrkdwn {
    let place = said!("its card is in {}", Mrkdwn::new().channel(home));
    let link = link.map(|url| said!("({})", Mrkdwn::new().link(&url, "open it")));
    let place = joined(std::iter::once(place).chain(link), " ");
    let doing = headline::under_way(deploy);
    said!("{}: {}. Its verdict comes there.", doing.as_str(), place)
}

/// Why the card is not in its home, and what to do.
pub(crate) fn homeless(home: &ChannelId, code: &str) -> Mrkdwn {
    let channel = Mrkdwn::new().channel(home);
    match code {
        "not_in_channel" => said!(
            "This card belongs in {}, but the app is not there and lacks the scope {}: invite it, or reinstall it with the manifest of step {} of the README.",
            channel,
            super::code(AppScope::ChatWritePublic.as_str()),
            APP_STEP
        ),
        "channel_not_found" => said!(
            "This card belongs in {}, but the app is not there: invite it, or change `home` in the configuration.",
            channel
        ),
        "is_archived" => said!(
            "This card belongs in {}, which is archived: change `home` in the configuration.",
            channel
        ),
        other => said!(
            "This card belongs in {}, but Slack refused it ({}): look at `home` in the configuration.",
            channel,
            super::code(other)
        ),
    }
}

/// Why there is no card, and what to do.
pub(crate) fn lacks(scope: AppScope) -> Mrkdwn {
    let name = super::code(scope.as_str());
    match scope {
        AppScope::ChatWritePublic => said!(
            "There is no card here: the app is not in this channel and lacks the scope {}. Invite it, or reinstall it with the manifest of step {} of the README.",
            name,
            APP_STEP
        ),
        _ => said!(
            "There is no card here: the app lacks the scope {}. Reinstall it with the manifest of step {} of the README.",
            name,
            APP_STEP
        ),
    }
}
