//! Telling people, against the simulated Slack: used-up and expired addresses, a bot without a
//! token, out of the channel or revoked, a Slack that is slow or down. Time is the world's.

use std::time::Duration;

use jiff::SignedDuration;
use longshore::aws::dynamodb::{Accept, AcceptOutcome, Dossier, Extra, Store};
use longshore::aws::{Aws, Patience};
use longshore::card;
use longshore::config::{Config, Packed, SourceFile};
use longshore::http::{Dial, Http};
use longshore::names::Actor;
use longshore::record::TurnedDown;
use longshore::record::job::{Job, Task};
use longshore::record::{
    Ask, Deploy, Ending, Origin, Phase, ServicePhase, ServiceState, Telling, Verdict, Way, Why,
};
use longshore::request::Verb;
use longshore::slack::client::SlackClient;
use longshore::slack::text::Mrkdwn;
use longshore::waiter::notify::Notifier;
use longshore::waiter::tokens::Token;
use longshore_sim::fault::{Kind, Matcher};
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
        let slack = SlackClient::new(Http::new(world.http_client(), Dial::Direct));
        let token = Token::new(aws.parameters(), "/longshore/bot-token");
        let requester = match channel {
            Some(_) => slack_user(MARIA),
            None => Actor::Operator {
                arn: "arn:aws:iam::111111111111:user/kim".to_owned(),
                name: None,
            },
        };
        let origin = Origin {
            channel: channel.map(|channel| channel.parse().unwrap()),
        };
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
            notifier: Notifier::new(slack, token),
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
async fn without_a_token_the_start_and_the_verdict_come_by_the_address() {
    let mut desk = Desk::new().await;
    desk.rolls();
    desk.tell().await;
    passes(MINUTE).await;
    desk.tell().await;
    desk.ends(Verdict::Succeeded);
    assert_eq!(desk.tell_until_settled().await, Duration::ZERO);
    assert_eq!(
        desk.seen(),
        [
            "post by url for all in C2147483705: cms: restarting on staging, deploy `4f2k9x0a`",
            "post by url for all in C2147483705: cms: restarted on staging in 1 min",
        ]
    );
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
    desk.tell().await;
    assert!(desk.seen().is_empty(), "what was told is not told again");
}

#[tokio::test(start_paused = true)]
async fn with_a_token_one_card_is_kept_current_and_its_thread_names_the_requester() {
    let mut desk = Desk::with_token().await;
    desk.rolls();
    desk.tell().await;
    let card = desk.deploy.told.card.clone().unwrap();
    assert_eq!(card.channel.as_str(), DEPLOYS);

    // Nothing new: nothing said. Something new: at most every three seconds.
    passes(Duration::from_secs(1)).await;
    assert_eq!(desk.tell().await, None);
    desk.deploy.services[0].counts.running = 2;
    assert_eq!(desk.tell().await, Some(Duration::from_secs(2)));
    passes(Duration::from_secs(2)).await;
    assert_eq!(desk.tell().await, None);
    // Only time has passed: seldom.
    passes(Duration::from_secs(31)).await;
    desk.tell().await;
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    let cms = "cms: restarting on staging, deploy `4f2k9x0a`";
    assert_eq!(
        desk.seen(),
        [
            format!("post by bot for all in C2147483705: {cms}"),
            format!("edit by bot for all in C2147483705: {cms}"),
            format!("edit by bot for all in C2147483705: {cms}"),
            "edit by bot for all in C2147483705: cms: restarted on staging in 34 sec".to_owned(),
            "post by bot for all in C2147483705, thread: <@U061F7AUR> cms: restarted on staging in 34 sec".to_owned(),
        ]
    );
    assert_eq!(*desk.verdict_told(), told(Way::Card));
}

#[tokio::test(start_paused = true)]
async fn the_question_and_its_end_are_seen_by_the_requester_only() {
    let mut desk = Desk::with_token().await;
    desk.asks(1);
    assert_eq!(desk.tell().await, None);
    assert!(desk.deploy.ask.as_ref().unwrap().shown);
    desk.tell().await;
    assert_eq!(
        desk.seen(),
        ["post by url for only U061F7AUR: cms: restart on staging?"]
    );

    // Confirmed: the buttons go, the card appears.
    passes(Duration::from_secs(5)).await;
    desk.clicks(MARIA, "confirm").await;
    desk.deploy.ask.as_mut().unwrap().consented_by = Some(slack_user(MARIA));
    desk.rolls();
    desk.tell().await;
    assert_eq!(
        desk.seen(),
        [
            "edit by url for only U061F7AUR: <@U061F7AUR> confirmed restart of `cms` on staging, deploy `4f2k9x0a`.",
            "post by bot for all in C2147483705: cms: restarting on staging, deploy `4f2k9x0a`",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_question_that_came_out_of_date_is_replaced_where_it_was_answered() {
    let mut desk = Desk::new().await;
    desk.asks(1);
    desk.tell().await;
    passes(Duration::from_secs(5)).await;
    desk.clicks(MARIA, "confirm").await;
    desk.asks(2);
    desk.tell().await;
    passes(Duration::from_secs(5)).await;
    desk.clicks(MARIA, "decline").await;
    desk.ends(Verdict::Cancelled);
    desk.tell().await;
    let shown = desk.seen();
    assert!(shown[0].starts_with("post by url for only U061F7AUR: cms: restart on"));
    assert!(shown[1].starts_with("edit by url for only U061F7AUR: cms: restart on"));
    assert!(
        shown[2].starts_with(
            "edit by url for only U061F7AUR: cms: the restart on staging was cancelled"
        )
    );
    assert_eq!(shown.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_changed_nothing_is_told_to_its_requester_only() {
    for verdict in [Verdict::Refused, Verdict::Expired, Verdict::Cancelled] {
        let mut desk = Desk::with_token().await;
        desk.ends(verdict);
        desk.tell().await;
        let shown = desk.seen();
        assert_eq!(shown.len(), 1);
        assert!(
            shown[0].starts_with("post by url for only U061F7AUR"),
            "{shown:?}"
        );
    }
    // Without an address that works, by the bot's token.
    let mut desk = Desk::with_token().await;
    passes(31 * MINUTE).await;
    desk.ends(Verdict::Refused);
    desk.tell().await;
    assert!(desk.seen()[0].starts_with("post by bot, ephemeral for only U061F7AUR"));
}

#[tokio::test(start_paused = true)]
async fn when_somebody_else_stopped_it_the_requester_still_hears_of_it() {
    let mut desk = Desk::new().await;
    desk.rolls();
    desk.tell().await;
    passes(Duration::from_secs(1)).await;
    desk.clicks(SAM, "cancel").await;
    desk.deploy.services[0].phase = ServicePhase::Waiting;
    desk.deploy.cancel = Some(longshore::record::Cancel {
        by: slack_user(SAM),
        at: desk.world.now(),
    });
    desk.ends(Verdict::Cancelled);
    desk.tell().await;
    let shown = desk.seen();
    assert!(
        shown[1].starts_with("post by url for only U061F7AUR"),
        "{shown:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn one_use_of_an_address_is_always_kept_for_the_verdict() {
    let mut desk = Desk::new().await;
    let dossier = desk.dossier().await;
    for _ in 0..4 {
        let used = desk
            .store
            .use_reply("4f2k9x0a", &dossier.replies[0], 1)
            .await;
        assert!(used.unwrap());
    }
    desk.rolls();
    desk.tell().await;
    assert!(desk.seen().is_empty());
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    assert_eq!(desk.seen().len(), 1);
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
}

#[tokio::test(start_paused = true)]
async fn a_used_up_or_expired_address_gives_way_to_the_channel() {
    for used_up in [true, false] {
        let mut desk = Desk::with_token().await;
        let dossier = desk.dossier().await;
        for _ in 0..5 {
            // Used behind the record's back: Slack says so with a 404.
            let message = card::sentence(Mrkdwn::raw("x"));
            let slack = SlackClient::new(Http::new(desk.world.http_client(), Dial::Direct));
            if used_up {
                slack
                    .post_response(&dossier.replies[0].url, &message)
                    .await
                    .unwrap();
            }
        }
        if !used_up {
            passes(31 * MINUTE).await;
        }
        desk.seen();
        desk.rolls();
        desk.ends(Verdict::Succeeded);
        desk.tell().await;
        assert_eq!(*desk.verdict_told(), told(Way::Channel), "{used_up}");
        assert!(desk.seen()[0].starts_with("post by bot for all in C2147483705: cms: restarted"));
    }
}

#[tokio::test(start_paused = true)]
async fn before_the_address_lapses_people_can_bring_a_fresh_one() {
    let mut desk = Desk::new().await;
    desk.rolls();
    assert_eq!(desk.tell().await, Some(25 * MINUTE));
    passes(24 * MINUTE).await;
    assert_eq!(desk.tell().await, Some(MINUTE));
    assert_eq!(desk.seen().len(), 1);
    passes(MINUTE).await;
    desk.tell().await;
    desk.tell().await;
    let shown = desk.seen();
    assert_eq!(shown.len(), 1);
    assert!(
        shown[0].contains("is still rolling out after 25 min"),
        "{shown:?}"
    );

    // Pressed: another half hour, and the question comes again in its turn.
    passes(4 * MINUTE).await;
    desk.clicks(SAM, "keep_posted").await;
    assert_eq!(desk.tell().await, Some(25 * MINUTE));
    passes(25 * MINUTE).await;
    desk.tell().await;
    assert_eq!(desk.seen().len(), 1);
    passes(4 * MINUTE).await;
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    assert_eq!(
        desk.seen(),
        ["post by url for all in C2147483705: cms: restarted on staging in 58 min"]
    );
}

#[tokio::test(start_paused = true)]
async fn with_a_card_nobody_is_asked_to_keep_the_address_alive() {
    let mut desk = Desk::with_token().await;
    desk.rolls();
    desk.tell().await;
    passes(26 * MINUTE).await;
    assert_eq!(desk.tell().await, None);
    assert_eq!(desk.seen().len(), 2, "the card and its edit");
}

#[tokio::test(start_paused = true)]
async fn overdue_is_told_once() {
    for token in [true, false] {
        let mut desk = match token {
            true => Desk::with_token().await,
            false => Desk::new().await,
        };
        desk.rolls();
        desk.tell().await;
        desk.seen();
        desk.deploy.phase = Phase::Overdue;
        passes(5 * MINUTE).await;
        desk.tell().await;
        passes(Duration::from_secs(5)).await;
        desk.tell().await;
        let shown = desk.seen();
        let posts: Vec<&String> = shown
            .iter()
            .filter(|line| line.starts_with("post"))
            .collect();
        assert_eq!(posts.len(), 1);
        assert!(posts[0].contains("is overdue"), "{posts:?}");
        assert_eq!(posts[0].contains("thread"), token);
    }
}

#[tokio::test(start_paused = true)]
async fn out_of_the_channel_the_bot_leaves_the_word_to_the_address() {
    let arrange = |world: &World| {
        install(world);
        let slack = &mut world.state().slack;
        slack.forbid("chat:write.public");
        slack.channel(DEPLOYS, "deploys").has_bot = false;
    };
    let mut desk = Desk::with(arrange, Some(DEPLOYS)).await;
    desk.rolls();
    desk.tell().await;
    assert_eq!(desk.deploy.told.start, told(Way::ResponseUrl));
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
    assert_eq!(desk.seen().len(), 2);
    // And without an address, in a direct message.
    let mut desk = Desk::with(arrange, Some(DEPLOYS)).await;
    passes(31 * MINUTE).await;
    desk.rolls();
    desk.ends(Verdict::Failed);
    desk.tell().await;
    assert_eq!(*desk.verdict_told(), told(Way::Direct));
    assert!(desk.seen()[0].starts_with("post by bot for direct to U061F7AUR"));
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_takes_nothing_away_that_the_address_can_do() {
    let mut desk = Desk::with_token().await;
    desk.rolls();
    desk.tell().await;
    desk.world.state().slack.revoke_bot();
    passes(Duration::from_secs(10)).await;
    desk.deploy.services[0].counts.running = 1;
    desk.tell().await;
    assert_eq!(desk.deploy.told.card, None, "the card is out of reach");
    desk.ends(Verdict::Succeeded);
    assert_eq!(desk.tell_until_settled().await, Duration::ZERO);
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
    assert_eq!(desk.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_slow_down_is_waited_for_and_costs_no_message() {
    let mut desk = Desk::with_token().await;
    desk.rolls();
    desk.world
        .state()
        .faults
        .plan(Matcher::service("slack").nth(1), Kind::Throttled);
    let rest = desk.tell().await.unwrap();
    assert!(rest >= Duration::from_secs(1) && rest <= MINUTE, "{rest:?}");
    assert!(desk.seen().is_empty());
    passes(rest).await;
    desk.tell().await;
    assert_eq!(desk.deploy.told.start, told(Way::Card));
    assert_eq!(desk.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_verdict_outlasts_an_outage() {
    for token in [true, false] {
        let mut desk = match token {
            true => Desk::with_token().await,
            false => Desk::new().await,
        };
        desk.rolls();
        desk.tell().await;
        desk.seen();
        desk.mode(Mode::Down);
        desk.ends(Verdict::RolledBack);
        let rest = desk.tell().await.unwrap();
        assert!(!desk.verdict_told().is_settled());
        passes(rest).await;
        let rest = desk.tell().await.unwrap();
        desk.mode(Mode::Up);
        passes(rest).await;
        assert_eq!(desk.tell().await, None);
        let way = if token { Way::Card } else { Way::ResponseUrl };
        assert_eq!(*desk.verdict_told(), told(way));
        assert!(desk.seen().iter().any(|line| line.contains("rolled back")));
    }
}

#[tokio::test(start_paused = true)]
async fn when_slack_stays_down_the_verdict_is_recorded_as_undeliverable() {
    for token in [true, false] {
        let mut desk = match token {
            true => Desk::with_token().await,
            false => Desk::new().await,
        };
        desk.rolls();
        desk.mode(Mode::Down);
        desk.ends(Verdict::Failed);
        let took = desk.tell_until_settled().await;
        assert_eq!(*desk.verdict_told(), Telling::Undeliverable);
        assert!(
            took > Duration::from_secs(30) && took < 30 * MINUTE,
            "{took:?}"
        );
        assert!(desk.deploy.is_closed() && desk.seen().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn half_of_slack_is_enough() {
    let mut desk = Desk::with_token().await;
    desk.mode(Mode::ApiDown);
    desk.rolls();
    desk.ends(Verdict::Succeeded);
    desk.tell_until_settled().await;
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
    let mut desk = Desk::with_token().await;
    desk.mode(Mode::HooksDown);
    desk.rolls();
    desk.ends(Verdict::Succeeded);
    desk.tell_until_settled().await;
    assert_eq!(*desk.verdict_told(), told(Way::Channel));
}

#[tokio::test(start_paused = true)]
async fn an_operator_follows_the_record() {
    let mut desk = Desk::with(install, None).await;
    desk.rolls();
    desk.tell().await;
    desk.ends(Verdict::Succeeded);
    assert_eq!(desk.tell().await, None);
    assert_eq!(*desk.verdict_told(), told(Way::Terminal));
    assert!(desk.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn verdicts_are_announced_where_the_configuration_wants_it() {
    let mut desk = Desk::with_token().await;
    desk.announces().await;
    desk.rolls();
    desk.tell().await;
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    let shown = desk.seen();
    assert!(shown[3].starts_with("post by bot for all in C0MGMT: :white_check_mark: "));
    assert_eq!(shown.len(), 4, "{shown:?}");
    // Nothing changed, nothing to announce.
    let mut desk = Desk::with_token().await;
    desk.announces().await;
    desk.ends(Verdict::Refused);
    desk.tell().await;
    assert_eq!(desk.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_operators_deploy_is_shown_where_deploys_are_announced() {
    let mut desk = Desk::with(install, None).await;
    desk.announces().await;
    desk.rolls();
    desk.tell().await;
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    let shown = desk.seen();
    assert_eq!(*desk.verdict_told(), told(Way::Card));
    assert!(
        shown.iter().all(|line| line.contains("for all in C0MGMT")),
        "{shown:?}"
    );
    assert_eq!(shown.len(), 3, "card, its last edit, its thread");
}

/// No reply address says whose Slack that is.
#[tokio::test(start_paused = true)]
async fn an_operators_deploy_is_shown_in_govslack_where_that_is_configured() {
    for (keys, shown) in [("gov = true, ", 3), ("", 0)] {
        let mut desk = Desk::with(install, None).await;
        desk.world.state().slack.set_gov();
        desk.announces_with(keys).await;
        desk.rolls();
        desk.tell().await;
        desk.ends(Verdict::Succeeded);
        desk.tell().await;
        assert_eq!(desk.seen().len(), shown, "{keys}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_is_answered_to_its_asker() {
    for (mode, token, expected) in [
        (
            Mode::Up,
            false,
            Some("post by url for only U061F7AUR: fine"),
        ),
        (
            Mode::HooksDown,
            true,
            Some("post by bot, ephemeral for only U061F7AUR: fine"),
        ),
        (Mode::Down, true, None),
    ] {
        let desk = match token {
            true => Desk::with_token().await,
            false => Desk::new().await,
        };
        passes(Duration::from_secs(1)).await;
        let job = Job {
            id: "r-4f2k9x0a".parse().unwrap(),
            task: Task::Tell {
                closes: false,
                why: Box::new(TurnedDown::PlanStale {
                    id: "4f2k9x0a".parse().unwrap(),
                }),
            },
            requester: slack_user(MARIA),
            channel: Some(DEPLOYS.parse().unwrap()),
            requested_at: desk.world.now(),
        };
        let url = desk.typed(DEPLOYS);
        desk.record(job.id.as_str(), Some(url), vec![]).await;
        let dossier = desk.store.job_dossier(&job).await.unwrap();
        desk.mode(mode);
        let message = card::sentence(Mrkdwn::raw("fine"));
        let now = desk.world.now();
        desk.notifier
            .answer(&desk.store, &dossier, &message, now)
            .await
            .unwrap();
        assert_eq!(desk.seen().first().map(String::as_str), expected);
    }
}

/// What Slack did not take costs no use of the address: five are all there are.
#[tokio::test(start_paused = true)]
async fn a_post_that_slack_puts_off_is_no_use_of_the_address() {
    let mut desk = Desk::new().await;
    let posts = Matcher::service("slack");
    for _ in 0..8 {
        let faults = &mut desk.world.state().faults;
        faults.plan(posts.clone().nth(1), Kind::Throttled);
    }
    desk.rolls();
    for _ in 0..20 {
        desk.tell().await;
        passes(Duration::from_secs(61)).await;
    }
    desk.ends(Verdict::Succeeded);
    for _ in 0..20 {
        desk.tell().await;
        passes(Duration::from_secs(20)).await;
    }
    assert_eq!(desk.world.state().faults.fired(), 8);
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
}

/// A job that brought no address.
#[tokio::test(start_paused = true)]
async fn an_answer_goes_to_the_slack_that_is_configured() {
    for (keys, answers) in [("gov = true, ", 1), ("", 0)] {
        let desk = Desk::with_token().await;
        desk.world.state().slack.set_gov();
        desk.announces_with(keys).await;
        passes(Duration::from_secs(1)).await;
        let job = Job {
            id: "r-4f2k9x0a".parse().unwrap(),
            task: Task::Tell {
                closes: false,
                why: Box::new(TurnedDown::PlanStale {
                    id: "4f2k9x0a".parse().unwrap(),
                }),
            },
            requester: slack_user(MARIA),
            channel: Some(DEPLOYS.parse().unwrap()),
            requested_at: desk.world.now(),
        };
        desk.record(job.id.as_str(), None, vec![]).await;
        let dossier = desk.store.job_dossier(&job).await.unwrap();
        let message = card::sentence(Mrkdwn::raw("fine"));
        let now = desk.world.now();
        let told = desk.notifier.answer(&desk.store, &dossier, &message, now);
        told.await.unwrap();
        assert_eq!(desk.seen().len(), answers, "{keys}");
    }
}

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
