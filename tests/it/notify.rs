//! Telling people, against the simulated Slack: used-up and expired addresses, a bot without a
//! token, out of the channel or revoked, a Slack that is slow or down. Time is the world's.

mod outages;
mod told;

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use longshore::aws::dynamodb::{Accept, AcceptOutcome, Dossier, Extra, Store};
use longshore::aws::{Aws, Patience};
use longshore::config::{Config, Packed, SourceFile};
use longshore::http::{Dial, Http};
use longshore::names::Actor;
use longshore::record::{
    Ask, Deploy, Ending, Origin, Phase, ServicePhase, ServiceState, Telling, Verdict, Way, Why,
};
use longshore::request::Verb;
use longshore::slack::client::SlackClient;
use longshore::telemetry::Metrics;
use longshore::waiter::notify::Notifier;
use longshore::waiter::tokens::Token;
use longshore_sim::slack::{Happening, Invocation, Mode, SignedRequest, Via, Visibility};
use longshore_sim::{Clock, World};
use serde_json::{Value, json};

const START: &str = "2026-03-02T09:00:00Z";

const TOKEN: &str = "xoxb-planted-bot-token-0002";

const MARIA: &str = "U061F7AUR";

const SAM: &str = "U0G9QF9C6";

/// The app is in this channel.
const DEPLOYS: &str = "C2147483705";

/// One deploy, and what tells people about it.
struct Desk {
    world: World,
    store: Store,
    notifier: Notifier,
    deploy: Deploy,
}

impl Desk {
    /// Maria typed a command in the deploys channel; the app has no bot token.
    async fn new() -> Self {
        Self::with(|_| {}, Some(DEPLOYS)).await
    }

    /// The same with a bot token.
    async fn with_token() -> Self {
        Self::with(install, Some(DEPLOYS)).await
    }

    async fn with(arrange: impl Fn(&World), channel: Option<&str>) -> Self {
        let world = World::new(Clock::starting_at(START.parse().unwrap()));
        world.state().dynamodb.create_table("longshore");
        arrange(&world);
        let (http, time) = (world.http_client(), world.time_source());
        let aws = Aws::new(http, time, "eu-west-1", "111111111111", Patience::STEP);
        let slack = SlackClient::new(
            Http::new(world.http_client(), Dial::Direct),
            world.time_source(),
        );
        let token = Token::new(aws.parameters(), "/longshore/bot-token");
        let requester = match channel {
            Some(_) => slack_user(MARIA),
            None => Actor::Operator {
                arn: "arn:aws:iam::111111111111:user/kim".to_owned(),
                name: None,
            },
        };
        let origin = Origin::typed(channel.map(|channel| channel.parse().unwrap()));
        let mut deploy = Deploy::new(
            "4f2k9x0a".parse().unwrap(),
            Verb::Restart,
            ("cms".parse().unwrap(), "staging".parse().unwrap()),
            requester,
            world.now(),
            origin,
        );
        deploy.services = vec![ServiceState::new("cms-api")];
        let desk = Self {
            store: aws.store("longshore"),
            notifier: Notifier::new(
                slack,
                token.into(),
                Arc::default(),
                &Metrics::new("Longshore/notify", std::io::sink()),
            ),
            world,
            deploy,
        };
        desk.store
            .take_in(&desk.deploy, longshore::hearing::request::Desk::Public)
            .await
            .unwrap();
        let url = channel.map(|channel| desk.typed(channel));
        desk.record("4f2k9x0a", url, vec![]).await;
        desk
    }

    /// Maria types a command; the address that comes with it.
    fn typed(&self, channel: &str) -> String {
        let typed = Invocation::new(MARIA, channel, "restart cms on staging");
        let sent = self.world.state().slack.command(self.world.now(), &typed);
        field(&sent, "response_url")
    }

    async fn record(&self, id: &str, reply: Option<String>, extra: Vec<Extra>) {
        let key = format!("{}", self.world.now().as_nanosecond());
        let accept = Accept {
            id: id.to_owned(),
            dedupe: vec![format!("{key}-{}", reply.is_some())],
            token: key.clone(),
            request: None,
            reply: reply.map(|url| url.parse().unwrap()),
            extra,
            at: self.world.now(),
        };
        let outcome = self.store.accept(&accept).await.unwrap();
        assert_eq!(outcome, AcceptOutcome::Accepted);
    }

    /// Somebody presses a button; its address is kept as the functions keep it.
    async fn clicks(&self, user: &str, action: &str) {
        let now = self.world.now();
        let sent = self
            .world
            .state()
            .slack
            .click_newest(now, user, action)
            .unwrap();
        let payload: Value = serde_json::from_str(&field(&sent, "payload")).unwrap();
        let url = payload["response_url"].as_str().unwrap().parse().unwrap();
        let deploy = self.deploy.id.clone();
        self.record("4f2k9x0a", None, vec![Extra::Reply { deploy, url }])
            .await;
    }

    async fn dossier(&self) -> Dossier {
        self.store.load("4f2k9x0a").await.unwrap().unwrap()
    }

    async fn tell(&mut self) -> Option<Duration> {
        let dossier = self.dossier().await;
        let now = self.world.now();
        self.notifier
            .tell(&self.store, &dossier, &mut self.deploy, now)
            .await
            .unwrap()
    }

    /// Tells again and again, as often as it asks to, and says how long that took.
    async fn tell_until_settled(&mut self) -> Duration {
        let began = self.world.now();
        while let Some(rest) = self.tell().await {
            passes(rest).await;
        }
        Duration::try_from(self.world.now().duration_since(began)).unwrap()
    }

    fn rolls(&mut self) {
        self.deploy.phase = Phase::Rolling;
        self.deploy.started_at = Some(self.world.now());
        self.deploy.services[0].phase = ServicePhase::Rolling {
            since: self.world.now(),
            rollout: "sd/1".to_owned(),
            before: vec![],
        };
        self.deploy.services[0].counts.desired = 4;
    }

    fn ends(&mut self, verdict: Verdict) {
        if verdict == Verdict::Succeeded {
            self.deploy.services[0].phase = ServicePhase::Succeeded {
                rollout: "sd/1".to_owned(),
                no_tasks: false,
            };
        }
        self.deploy.phase = Phase::Ended;
        self.deploy.ending = Some(Ending {
            verdict,
            at: self.world.now(),
            why: Why::Said,
        });
    }

    fn asks(&mut self, number: u32) {
        let now = self.world.now();
        self.deploy.phase = Phase::Asking;
        self.deploy.ask = Some(Ask {
            occasion: longshore::record::Occasion::First,
            chose: None,
            nonce: "n0nce".to_owned(),
            plan_hash: "h".to_owned(),
            number,
            asked_at: now,
            expires_at: now + SignedDuration::from_mins(15),
            shown: false,
            place: None,
            closed: false,
            consented_by: None,
        });
    }

    /// A configuration is pushed that announces what happens on staging.
    async fn announces(&self) {
        self.announces_with("").await;
    }

    /// The same with more keys about Slack.
    async fn announces_with(&self, keys: &str) {
        let text = super::town::CONFIG
            .replace(
                "command =",
                &format!("announce = \"C0MGMT\", {keys}command ="),
            )
            .replace(
                "[environments.staging]",
                "[environments.staging]\nannounce = true",
            );
        let file = SourceFile::new("longshore.toml", &text);
        let config = Config::compile(&[file]).unwrap().config;
        let body = Packed::of(&config.canonical().unwrap()).unwrap();
        let sha256 = config.sha256().unwrap();
        let now = self.world.now();
        let by = &self.deploy.requester;
        self.store
            .put_configuration(&body, &sha256, by, now)
            .await
            .unwrap();
    }

    /// What people have seen since the last time: how it came, who sees it, whether it is an edit or
    /// in a thread, and its first line.
    fn seen(&self) -> Vec<String> {
        let unread = self.world.state().slack.take_unread();
        unread.iter().map(|event| line(&event.what)).collect()
    }

    fn mode(&self, mode: Mode) {
        self.world.state().slack.set_mode(mode);
    }

    fn verdict_told(&self) -> &Telling {
        &self.deploy.told.verdict
    }
}

fn line(what: &Happening) -> String {
    let (kind, message) = match what {
        Happening::Posted(message) => ("post", message),
        Happening::Edited(message) => ("edit", message),
        other => panic!("nobody expected {other:?}"),
    };
    let via = match message.via {
        Via::Reply => "reply",
        Via::ResponseUrl => "url",
        Via::PostMessage => "bot",
        Via::PostEphemeral => "bot, ephemeral",
    };
    let who = match &message.visibility {
        Visibility::Channel => format!("all in {}", message.channel),
        Visibility::Only(user) => format!("only {user}"),
        Visibility::Direct(user) => format!("direct to {user}"),
    };
    let thread = if message.thread.is_some() {
        ", thread"
    } else {
        ""
    };
    format!("{kind} by {via} for {who}{thread}: {}", message.text)
}

fn told(way: Way) -> Telling {
    Telling::Told { way }
}

fn slack_user(user: &str) -> Actor {
    Actor::Slack {
        team: "T0001".parse().unwrap(),
        user: user.parse().unwrap(),
    }
}

fn install(world: &World) {
    let now = world.now();
    let state = &mut *world.state();
    state.slack.install_bot(TOKEN);
    state.ssm.put_secret(now, "/longshore/bot-token", TOKEN);
}

fn field(sent: &SignedRequest, name: &str) -> String {
    let body = std::str::from_utf8(&sent.body).unwrap();
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(key, _)| *key == name).unwrap();
    decoded(value)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

async fn passes(time: Duration) {
    tokio::time::advance(time).await;
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn neither_addresses_nor_tokens_leave_their_places() {
    let mut desk = Desk::with_token().await;
    desk.rolls();
    desk.tell().await;
    desk.ends(Verdict::Failed);
    desk.tell().await;
    let record = serde_json::to_string(&desk.deploy).unwrap();
    for secret in ["hooks.slack.com", TOKEN] {
        assert!(!record.contains(secret));
        assert!(!format!("{:?}", desk.deploy).contains(secret));
        for event in desk.world.state().slack.events() {
            assert!(!json!(event.what).to_string().contains(secret));
        }
    }
}
