//! Telling people: brings what Slack shows up to date with the record, by whichever way still works,
//! and writes into the record how far the telling got. It decides nothing about a deploy, and never
//! logs an address or a token: both are credentials.
//!
//! Everything here can run twice. A message whose fate is unknown may then appear twice; one that
//! was confirmed is never repeated, because the record says so.

mod answer;
mod edit;
mod one;
mod pause;
mod plea;
mod post;
mod verdict;
mod way;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub(crate) use self::answer::Announced;
use self::way::{Attempts, Missed, instance_of};
use crate::aws::dynamodb::{Dossier, ReplyAddress, Store, StoreError};
use crate::card::{self, Setting};
use crate::config::{Config, Member};
use crate::names::instance::Instance;
use crate::names::secret::{Access, Secret};
use crate::names::{Actor, ChannelId};
use crate::record::{Deploy, Phase, ServiceState, Telling, Way};
use crate::settings::Settings;
use crate::slack::blocks::Message;
use crate::slack::client::SlackClient;
use crate::telemetry::Metrics;
use crate::waiter::tokens::Token;

/// An address that lapses within this time is about to: people are asked for a fresh one.
const LAPSES_SOON: SignedDuration = SignedDuration::from_mins(5);
/// Uses of an address that nothing but a verdict may take.
const KEPT_FOR_VERDICT: u64 = 1;

/// How people are told.
#[derive(Debug)]
pub struct Notifier {
    slack: SlackClient,
    token: Arc<Token>,
    settings: Arc<Settings>,
    metrics: Metrics,
}

/// One round of telling: what is the same for everything told in it.
struct Round<'a> {
    slack: SlackClient,
    access: Access,
    metrics: &'a Metrics,
    store: &'a Store,
    replies: &'a [ReplyAddress],
    command: String,
    /// The admins who are named where only they can help.
    admins: Vec<Member>,
    announce: Option<ChannelId>,
    /// Where a deploy is told that nobody asked for in a channel: an operator's.
    noticeboard: Option<ChannelId>,
    now: Timestamp,
    /// Who is mentioned when it is in trouble, the requester not among them.
    on_call: Vec<Member>,
    /// The channel that the card belongs in.
    home: Option<ChannelId>,
}

/// The news that people are told.
#[derive(Clone, Copy)]
enum News<'a> {
    /// Its plan waits for somebody outside.
    Waiting,
    /// Its requester asks an admin for the right to it.
    Plea,
    /// That the admin was asked.
    PleaPut,
    Start,
    /// It fails while it rolls out.
    Trouble,
    Overdue,
    /// This newest address is about to lapse.
    Lapse(&'a ReplyAddress),
    /// A pause that waits for a person, by the places of its service and its own.
    Pause(usize, usize),
    /// A pause that nobody answered, after which ECS went on.
    WentOn(usize, usize),
    /// Something people are told once, by its place.
    Notice(usize),
    Verdict,
}

impl Notifier {
    /// Tells by `slack`; better with a bot token, but without one too.
    pub fn new(
        slack: SlackClient,
        token: Arc<Token>,
        settings: Arc<Settings>,
        metrics: &Metrics,
    ) -> Self {
        Self {
            slack,
            token,
            settings,
            metrics: metrics.clone(),
        }
    }

    /// Brings people up to date with the record as it is now, and marks in it what they know: the
    /// caller saves it. Gives the time after which to call again, where something is left to tell.
    ///
    /// # Errors
    ///
    /// Only the table's, when the use of a `response_url` could not be counted. What Slack refuses
    /// is not an error but another way, and in the end [`Telling::Undeliverable`].
    pub async fn tell(
        &self,
        store: &Store,
        dossier: &Dossier,
        deploy: &mut Deploy,
        now: Timestamp,
    ) -> Result<Option<Duration>, StoreError> {
        let round = self.round(store, dossier, deploy, now).await;
        round.close_plea(deploy).await;
        if deploy.ending.is_some() {
            return round.verdict(deploy).await;
        }
        match deploy.phase {
            // While it starts, the plan may still turn out to be stale: nothing is claimed yet.
            Phase::Planned | Phase::Starting | Phase::Ended => Ok(None),
            Phase::Requested => round.waiting(deploy).await,
            Phase::Asking if deploy.pleads() => round.plea(deploy).await,
            Phase::Asking => round.question(deploy).await,
            Phase::Rolling | Phase::Overdue => round.under_way(deploy).await,
        }
    }

    /// The page of a deploy's card, where Slack tells.
    pub(super) async fn page_of_card(&self, deploy: &Deploy, now: Timestamp) -> Option<String> {
        let card = deploy.told.card.as_ref()?;
        let Access::With(token) = self.token.get(now).await else {
            return None;
        };
        let slack = self.slack.at(deploy.told.instance);
        let page = slack.permalink(&token, &card.channel, &card.ts).await;
        page.ok()
    }

    async fn round<'a>(
        &'a self,
        store: &'a Store,
        dossier: &'a Dossier,
        deploy: &mut Deploy,
        now: Timestamp,
    ) -> Round<'a> {
        // Without a configuration people are told all the same, under the usual name.
        let loaded = self.settings.current(store, now).await.ok();
        let loaded = loaded.as_deref();
        let config = loaded.map(|loaded| &loaded.config);
        // The addresses lapse; where they were is remembered. An operator has none.
        if let Some(instance) = instance_of(&dossier.replies).or_else(|| home(config?)) {
            deploy.told.instance = instance;
        }
        let target = config.and_then(|c| c.target(deploy.application(), &deploy.environment));
        Round {
            slack: self.slack.at(deploy.told.instance),
            access: self.token.get(now).await,
            metrics: &self.metrics,
            store,
            replies: &dossier.replies,
            command: config.map_or_else(|| "/deploy".to_owned(), |c| c.slack().command.clone()),
            admins: loaded.map_or_else(Vec::new, |one| one.admins_told(&deploy.requester, now)),
            announce: target.and_then(|target| target.announce),
            noticeboard: config.and_then(|config| config.slack().announce.clone()),
            now,
            on_call: config.map_or_else(Vec::new, |config| on_call(config, deploy)),
            home: config.and_then(|config| {
                let home = config.home(deploy.application(), &deploy.environment);
                home.cloned()
            }),
        }
    }
}

impl Round<'_> {
    /// The bot's token. Where it could not be read, the ways that need it are tried again later, as
    /// when Slack does not answer.
    fn token(&self) -> Result<&Secret, Missed> {
        match &self.access {
            Access::With(token) => Ok(token),
            Access::Without => Err(Missed::Never),
            Access::Unread => Err(Missed::Later(Duration::ZERO)),
        }
    }

    fn setting(&self) -> Setting<'_> {
        Setting {
            command: &self.command,
            admins: &self.admins,
            now: self.now,
            on_call: &self.on_call,
        }
    }

    /// Where everybody is told of a deploy: where it was asked for, else where deploys are announced.
    fn place<'d>(&'d self, deploy: &'d Deploy) -> Option<&'d ChannelId> {
        let announced = self.announce.as_ref().or(self.noticeboard.as_ref());
        deploy.origin.channel.as_ref().or(announced)
    }

    /// That it started, how it goes, that it is overdue, that the address lapses.
    async fn under_way(&self, deploy: &mut Deploy) -> Result<Option<Duration>, StoreError> {
        let mut again = None;
        if way::is_due(&deploy.told.start, self.now) {
            if deploy.told.start == Telling::Due {
                self.close_question(deploy).await?;
            }
            let message = card::started(deploy);
            deploy.told.start = self.go(News::Start, deploy, &message).await?;
        } else {
            sooner(&mut again, self.edit(deploy).await);
        }
        sooner(&mut again, way::rest(&deploy.told.start, self.now));
        // Where somebody stops it already, nobody has to be asked to.
        let fails = deploy.services.iter().any(ServiceState::is_failing);
        if fails && deploy.cancel.is_none() {
            if way::is_due(&deploy.told.trouble, self.now) {
                let message = card::failing(deploy, &self.setting());
                deploy.told.trouble = self.go(News::Trouble, deploy, &message).await?;
            }
            sooner(&mut again, way::rest(&deploy.told.trouble, self.now));
        }
        if deploy.phase == Phase::Overdue {
            if way::is_due(&deploy.told.overdue, self.now) {
                let message = card::overdue(deploy, &self.setting());
                deploy.told.overdue = self.go(News::Overdue, deploy, &message).await?;
            }
            sooner(&mut again, way::rest(&deploy.told.overdue, self.now));
        }
        sooner(&mut again, self.pauses(deploy).await?);
        sooner(&mut again, self.notices(deploy).await?);
        sooner(&mut again, self.lapse(deploy).await?);
        Ok(again)
    }

    /// Where no card can be edited, the newest address is what is left; before it lapses, people
    /// are asked to press a button that brings a fresh one.
    async fn lapse(&self, deploy: &mut Deploy) -> Result<Option<Duration>, StoreError> {
        let newest = self
            .replies
            .first()
            .filter(|reply| reply.expires_at > self.now);
        let (None, Some(newest)) = (&deploy.told.card, newest) else {
            return Ok(None);
        };
        let left = newest.expires_at.duration_since(self.now);
        if left > LAPSES_SOON {
            // A fresh address came since: it will lapse in its turn.
            deploy.told.lapse = Telling::Due;
            return Ok(Duration::try_from(left - LAPSES_SOON).ok());
        }
        if way::is_due(&deploy.told.lapse, self.now) {
            let message = card::lapse(deploy, &self.setting());
            deploy.told.lapse = self.go(News::Lapse(newest), deploy, &message).await?;
        }
        Ok(way::rest(&deploy.told.lapse, self.now))
    }

    /// Tries one way after the other until one works, all have failed, or a pause is needed.
    async fn go(
        &self,
        news: News<'_>,
        deploy: &mut Deploy,
        message: &Message,
    ) -> Result<Telling, StoreError> {
        let mut tries = Attempts::of(match news {
            News::Waiting => match &deploy.waiting {
                Some(waiting) => &waiting.told,
                None => return Ok(Telling::Undeliverable),
            },
            News::Plea | News::PleaPut => match deploy.plea_put() {
                Some(put) if matches!(news, News::Plea) => &put.asked,
                Some(put) => &put.told,
                None => return Ok(Telling::Undeliverable),
            },
            News::Start => &deploy.told.start,
            News::Trouble => &deploy.told.trouble,
            News::Overdue => &deploy.told.overdue,
            News::Lapse(_) => &deploy.told.lapse,
            News::Pause(service, at) => &deploy.services[service].pauses[at].asked,
            News::WentOn(service, at) => &deploy.services[service].pauses[at].reported,
            News::Notice(at) => &deploy.notices[at].told,
            News::Verdict => &deploy.told.verdict,
        });
        while let Some(way) = tries.way() {
            let result = match news {
                News::Waiting => self.to_requester_by(way, deploy, message).await?,
                News::Plea => self.plea_by(way, deploy, message).await,
                News::PleaPut => self.to_pleader_by(way, deploy, message).await?,
                News::Start => self.start_by(way, deploy, message).await?,
                News::Trouble | News::Overdue => self.notice_by(way, deploy, message).await?,
                News::Lapse(newest) => self.lapse_by(way, deploy, newest, message).await?,
                News::Pause(..) | News::WentOn(..) | News::Notice(_) => {
                    self.pause_by(way, deploy, message).await?
                }
                News::Verdict => self.verdict_by(way, deploy, message).await?,
            };
            if let Some(telling) = tries.after(way, result, self.now) {
                return Ok(telling);
            }
        }
        Ok(Telling::Undeliverable)
    }

    async fn start_by(
        &self,
        way: Way,
        deploy: &mut Deploy,
        message: &Message,
    ) -> Result<Result<(), Missed>, StoreError> {
        match way {
            Way::Card => self.post_card(deploy).await,
            Way::ResponseUrl if deploy.told.lacks.is_some() => {
                // Why there is no card is known by now, and told with it.
                let message = card::started(deploy);
                self.reply(deploy, &message, KEPT_FOR_VERDICT).await
            }
            Way::ResponseUrl => self.reply(deploy, message, KEPT_FOR_VERDICT).await,
            Way::Terminal if deploy.origin.channel.is_none() => Ok(Ok(())),
            Way::Channel | Way::Direct | Way::Terminal => Ok(Err(Missed::Never)),
        }
    }

    async fn notice_by(
        &self,
        way: Way,
        deploy: &Deploy,
        message: &Message,
    ) -> Result<Result<(), Missed>, StoreError> {
        match way {
            Way::Card => Ok(self.to_thread(deploy, message).await),
            Way::ResponseUrl => self.reply(deploy, message, KEPT_FOR_VERDICT).await,
            Way::Terminal if deploy.origin.channel.is_none() => Ok(Ok(())),
            Way::Channel | Way::Direct | Way::Terminal => Ok(Err(Missed::Never)),
        }
    }

    async fn lapse_by(
        &self,
        way: Way,
        deploy: &Deploy,
        newest: &ReplyAddress,
        message: &Message,
    ) -> Result<Result<(), Missed>, StoreError> {
        match way {
            Way::ResponseUrl => {
                let id = deploy.id.as_str();
                self.reply_to(id, newest, message, KEPT_FOR_VERDICT).await
            }
            Way::Card | Way::Channel | Way::Direct | Way::Terminal => Ok(Err(Missed::Never)),
        }
    }
}

/// People who are mentioned beside the requester at most, of however many applications.
const MOST_MENTIONED: usize = 5;

/// Who is on call for what is deployed, each once and without whoever asked for it.
fn on_call(config: &Config, deploy: &Deploy) -> Vec<Member> {
    let applications = deploy.applications();
    let lists = applications.map(|name| config.on_call(name, &deploy.environment));
    let asker = match &deploy.requester {
        Actor::Slack { user, .. } => Some(Member::User(user.clone())),
        Actor::Operator { .. } | Actor::Ci { .. } | Actor::Longshore => None,
    };
    let mut people: Vec<Member> = Vec::new();
    for person in lists.flatten() {
        if asker.as_ref() != Some(person)
            && !people.contains(person)
            && people.len() < MOST_MENTIONED
        {
            people.push(person.clone());
        }
    }
    people
}

/// The Slack that the configuration names.
fn home(config: &Config) -> Option<Instance> {
    config.slack().gov.then_some(Instance::Gov)
}

fn sooner(again: &mut Option<Duration>, other: Option<Duration>) {
    *again = match (*again, other) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
}
