//! Setting the scene: who is in the workspace, which channels there are, what the app may do.
//! The default scene is the workspace of design and documentation: team `T0001`, domain `acme`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::{Group, Mode, Slack, Token};

/// The bot user of the app.
pub(super) const BOT_USER: &str = "U0LONGSHORE";
/// The bot's id, as payloads carry it beside the user.
pub(super) const BOT_ID: &str = "B0LONGSHORE";
/// The app's id.
pub(super) const APP_ID: &str = "A0LONGSHORE";
/// What people see as its name.
pub(super) const BOT_NAME: &str = "Longshore";

/// A person in, or visible from, the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// `U…` or `W…`.
    pub id: String,
    /// The handle, without `@`.
    pub name: String,
    /// What the person calls themselves: the handle, until they say otherwise.
    pub display_name: String,
    /// The workspace the person belongs to.
    pub team: String,
    /// Whether the account was deactivated.
    pub deleted: bool,
    /// A multi-channel guest.
    pub restricted: bool,
    /// A single-channel guest.
    pub ultra_restricted: bool,
    /// No person but a bot.
    pub bot: bool,
    /// The zone of the person's clock, in which Slack shows times.
    pub zone: TimeZone,
    /// How that clock is read.
    pub hours: Hours,
}

/// A preference of a person's: how the time of day is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hours {
    /// `2:34 PM`.
    Twelve,
    /// `14:34`.
    #[default]
    TwentyFour,
}

/// How times are shown to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// In which zone.
    pub zone: TimeZone,
    /// By which clock.
    pub hours: Hours,
}

/// Where the workspace is, and its people unless they say otherwise. A clock that differs from UTC shows which
/// times were given as UTC.
fn home() -> TimeZone {
    TimeZone::get("Europe/Vienna").unwrap_or(TimeZone::UTC)
}

/// What kind of conversation a channel is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anybody may join.
    Public,
    /// By invitation; the app cannot know of it unless invited.
    Private,
    /// Between the app and this user.
    Direct(String),
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// `C…`, `G…` or `D…`.
    pub id: String,
    /// Without `#`.
    pub name: String,
    /// Who may be there.
    pub kind: Kind,
    /// Whether the app was invited.
    pub has_bot: bool,
    /// Whether it is closed for good.
    pub archived: bool,
}

impl Default for Slack {
    /// The workspace `acme`: Ada (`U024BE7LH`, an admin), Maria (`U061F7AUR`), Sam (`U0G9QF9C6`), a guest
    /// (`U0GUEST01`) and Olga of another workspace (`U0FOREIGN`, team `T0OTHER`); the app sits in `#deploys`
    /// (`C2147483705`) and `#management` (`C0MGMT`) and not in `#random` (`C0RANDOM`). No bot token yet; the
    /// signing secret is the one in Slack's documentation.
    fn default() -> Self {
        let mut slack = Self {
            signing_secret: "8f742231b10e8888abcd99yyyzzz85a5".to_owned(),
            seed: 1,
            issued: 0,
            team: "T0001".to_owned(),
            domain: "acme".to_owned(),
            enterprise: None,
            org_install: false,
            gov: false,
            token: None,
            scopes: [
                "commands",
                "chat:write",
                "users:read",
                "usergroups:read",
                "im:write",
                "app_mentions:read",
                "im:history",
            ]
            .map(str::to_owned)
            .into(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            page: None,
            channels: BTreeMap::new(),
            messages: Vec::new(),
            written: BTreeMap::new(),
            events: Vec::new(),
            read: 0,
            hooks: BTreeMap::new(),
            triggers: BTreeMap::new(),
            entered: BTreeMap::new(),
            views: BTreeMap::new(),
            mode: Mode::Up,
            no_permalinks: None,
            paced: false,
            last_post: BTreeMap::new(),
            request_url: None,
            patience: Duration::from_secs(3),
        };
        slack.user("U024BE7LH", "ada");
        slack.user("U061F7AUR", "maria");
        slack.user("U0G9QF9C6", "sam");
        slack.user("U0GUEST01", "guest").restricted = true;
        slack.user("U0FOREIGN", "olga").team = "T0OTHER".to_owned();
        slack.group("S0614TZR7", "oncall", &["U0G9QF9C6"]);
        slack.group("S0CONTENT", "content", &["U061F7AUR"]);
        slack.channel("C2147483705", "deploys").has_bot = true;
        slack.channel("C0MGMT", "management").has_bot = true;
        slack.channel("C0RANDOM", "random");
        slack
    }
}

impl Slack {
    /// The secret that signs requests to the app.
    pub fn signing_secret(&self) -> &str {
        &self.signing_secret
    }

    /// Rotates the signing secret.
    pub fn set_signing_secret(&mut self, secret: &str) {
        secret.clone_into(&mut self.signing_secret);
    }

    /// Where the app is: the URL before `/slack/commands`, without a trailing slash.
    pub fn request_url(&self) -> Option<&str> {
        self.request_url.as_deref()
    }

    /// Sets where the app is.
    pub fn set_request_url(&mut self, url: &str) {
        self.request_url = Some(url.trim_end_matches('/').to_owned());
    }

    /// How long Slack waits for the app's reply.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Lets Slack wait longer than its three seconds, for machines that are busy building.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// What trigger ids and URLs are derived from; give every world that people can reach its own.
    pub fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    /// The workspace's id.
    pub fn team(&self) -> &str {
        &self.team
    }

    /// Makes it a workspace of GovSlack, whose hosts are others
    /// (<https://docs.slack.dev/govslack>).
    pub fn set_gov(&mut self) {
        self.gov = true;
    }

    /// Puts the workspace into an Enterprise organization; `org_install` installs the app there, whose
    /// button payloads then carry `"team": null`.
    pub fn set_enterprise(&mut self, id: &str, org_install: bool) {
        self.enterprise = Some(id.to_owned());
        self.org_install = org_install;
    }

    /// Gives the app a bot token, valid from now on; an earlier one becomes unknown.
    pub fn install_bot(&mut self, token: &str) {
        self.token = Some(Token {
            value: token.to_owned(),
            revoked: false,
        });
    }

    /// Revokes the bot token: `token_revoked` from now on.
    pub fn revoke_bot(&mut self) {
        if let Some(token) = &mut self.token {
            token.revoked = true;
        }
    }

    /// Grants the app a scope.
    pub fn allow(&mut self, scope: &str) {
        self.scopes.insert(scope.to_owned());
    }

    /// Takes a scope away: `missing_scope` from now on.
    pub fn forbid(&mut self, scope: &str) {
        self.scopes.remove(scope);
    }

    pub(super) fn scopes(&self) -> &BTreeSet<String> {
        &self.scopes
    }

    /// The user with this id, added as a member of the workspace if need be.
    pub fn user(&mut self, id: &str, name: &str) -> &mut User {
        let team = self.team.clone();
        self.users.entry(id.to_owned()).or_insert_with(|| User {
            id: id.to_owned(),
            name: name.to_owned(),
            display_name: name.to_owned(),
            team,
            deleted: false,
            restricted: false,
            ultra_restricted: false,
            bot: false,
            zone: home(),
            hours: Hours::default(),
        })
    }

    /// How times are shown to this user; without one, to whoever else reads in the workspace.
    pub fn reader(&self, user: Option<&str>) -> Reader {
        let user = user.and_then(|user| self.users.get(user));
        Reader {
            zone: user.map_or_else(home, |user| user.zone.clone()),
            hours: user.map_or_else(Hours::default, |user| user.hours),
        }
    }

    /// From now on, only so many members of a user group are said, and that there are more. Slack documents no pages
    /// of that list; its other lists have them.
    pub fn page_groups(&mut self, members: usize) {
        self.page = Some(members);
    }

    /// Deletes a user group.
    pub fn delete_group(&mut self, id: &str) {
        self.groups.remove(id);
    }

    /// Sets a user group's handle and members.
    pub fn group(&mut self, id: &str, handle: &str, members: &[&str]) {
        let group = Group {
            handle: handle.to_owned(),
            members: members.iter().map(|user| (*user).to_owned()).collect(),
        };
        self.groups.insert(id.to_owned(), group);
    }

    /// The channel with this id, added as a public one without the app if need be.
    pub fn channel(&mut self, id: &str, name: &str) -> &mut Channel {
        self.channels
            .entry(id.to_owned())
            .or_insert_with(|| Channel {
                id: id.to_owned(),
                name: name.to_owned(),
                kind: Kind::Public,
                has_bot: false,
                archived: false,
            })
    }

    /// Whether Slack works.
    pub fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// Enforces one message per second and channel for `chat.postMessage`: HTTP 429 with `Retry-After`.
    pub fn set_paced(&mut self, paced: bool) {
        self.paced = paced;
    }

    /// A user's handle, the id if unknown.
    pub fn name_of(&self, user: &str) -> String {
        if user == BOT_USER {
            return BOT_NAME.to_owned();
        }
        self.users
            .get(user)
            .map_or_else(|| user.to_owned(), |user| user.name.clone())
    }

    /// A user group's handle, the id if unknown.
    pub fn handle_of(&self, group: &str) -> String {
        self.groups
            .get(group)
            .map_or_else(|| group.to_owned(), |group| group.handle.clone())
    }

    /// Refuses with this error to tell where a message is.
    pub fn refuse_permalinks(&mut self, error: &str) {
        self.no_permalinks = Some(error.to_owned());
    }

    /// What people call a conversation: `#name`, or `@user` for a direct one.
    pub fn place(&self, channel: &str) -> String {
        match self.channels.get(channel) {
            Some(Channel {
                kind: Kind::Direct(user),
                ..
            }) => format!("@{}", self.name_of(user)),
            Some(channel) => format!("#{}", channel.name),
            None => format!("#{channel}"),
        }
    }

    /// The direct conversation between the app and this user, opened if need be.
    pub(super) fn direct(&mut self, user: &str) -> String {
        let id = format!("D{}", user.trim_start_matches(['U', 'W']));
        self.channels.entry(id.clone()).or_insert_with(|| Channel {
            id: id.clone(),
            name: "directmessage".to_owned(),
            kind: Kind::Direct(user.to_owned()),
            has_bot: true,
            archived: false,
        });
        id
    }
}
