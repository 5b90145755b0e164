//! A town: the real handlers of both functions, mounted on a simulated world, with a company in it.
//! Tests type commands at the front door, press buttons, let time pass and read what people read.

mod installed;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use longshore::aws::dynamodb::{Recorded, Store};
use longshore::aws::{Aws, Patience};
use longshore::ci::Ci;
use longshore::config::{Config, Packed, SourceFile};
use longshore::names::Actor;
use longshore::record::Deploy;
use longshore::slash::Slash;
use longshore::waiter::{Event, StepError, Waiter};
use longshore_sim::ecs::{Breaker, Script, ServiceSeed, add_service, task_definition};
use longshore_sim::slack::{Invocation, SignedRequest, Utterance};
use longshore_sim::states::Machine;
use longshore_sim::transcript::Transcript;
use longshore_sim::{Clock, World, ecr};
use serde_json::Value;

pub(crate) use installed::Installation;
use installed::USUAL;
pub(crate) use wire::{event, http_response};

pub(crate) const START: &str = "2026-03-02T09:00:00Z";

pub(crate) const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

pub(crate) const TOKEN: &str = "xoxb-planted-bot-token-0001";

pub(crate) const DEV: &str = "222222222222";

pub(crate) const PROD: &str = "111111111111";

pub(crate) const REGION: &str = "eu-west-1";

/// The id that CloudFormation gave to the stack, as the end of its ARN.
pub(crate) const STACK_ID: &str = "bd6129c0-de8c-11e9-9c7a-0ab0cdb7a9f6";

/// The state machine's name, which ends with that.
pub(crate) const MACHINE: &str = "longshore-deploys-bd6129c0-de8c-11e9-9c7a-0ab0cdb7a9f6";

pub(crate) const CONFIG: &str = include_str!("town.toml");

/// One more application, of three services, for the towns in which it opens.
const SHOP: &str = r#"
[applications.shop]
environments = ["staging", "production"]
team         = "web"
source       = { repository = "acme/shop", image = "shop" }
services     = ["shop-api", "shop-web", "shop-worker"]
"#;

/// One more application, of two services, of which the first has a container with an image of its
/// own, for the towns in which it opens.
pub(crate) const SITE: &str = r#"
[applications.site]
environments = ["staging", "production"]
team         = "web"
source       = { repository = "acme/site", image = "site" }
services     = ["site-web", "site-jobs"]
images       = { nginx = { image = "site-nginx" } }
"#;

/// Access keys, so that the world's call log tells who called: the functions under their own roles,
/// and whoever runs the command line.
pub(crate) const SLASH_KEY: &str = "AKIASLASH";

pub(crate) const WAITER_KEY: &str = "AKIAWAITER";

pub(crate) const OPERATOR_KEY: &str = "AKIAOPERATOR";

pub(crate) const CI_KEY: &str = "AKIACI";

pub(crate) const PRINCIPALS: [(&str, &str); 4] = [
    (
        CI_KEY,
        "arn:aws:sts::111111111111:assumed-role/longshore-CiRole/longshore-ci",
    ),
    (
        SLASH_KEY,
        "arn:aws:sts::111111111111:assumed-role/longshore-SlashRole/longshore-slash",
    ),
    (
        WAITER_KEY,
        "arn:aws:sts::111111111111:assumed-role/longshore-WaiterRole/longshore-waiter",
    ),
    (OPERATOR_KEY, "arn:aws:iam::111111111111:user/ops"),
];

/// People, by their Slack ids.
pub(crate) const ADA: &str = "U0ADA0001";

pub(crate) const BOB: &str = "U0BOB0001";

pub(crate) const EVE: &str = "U0EVE0001";

pub(crate) const ROOT: &str = "U0ROOT001";

/// The channel people deploy in.
pub(crate) const DEPLOYS: &str = "C0DEPLOYS";

pub(crate) struct Town {
    pub(crate) world: World,
    pub(crate) slash: Arc<Slash>,
    pub(crate) ci: Arc<Ci>,
    pub(crate) waiter: Arc<Waiter>,
    pub(crate) store: Store,
    /// What the functions wrote of metrics.
    written: installed::Written,
}

/// One invocation of the waiter, as the driver sees it.
pub(crate) type Invoked =
    std::pin::Pin<Box<dyn Future<Output = Result<Value, (String, String)>> + Send>>;

/// How a town differs from the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bot {
    /// The app has a bot token, and is in the channels.
    Token,
    /// It has nothing but its signing secret.
    NoToken,
}

/// How far the functions' clocks are ahead of everybody else's.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Skew {
    pub(crate) slash: SignedDuration,
    pub(crate) waiter: SignedDuration,
}

/// The image of a commit, as its CI tags and pushes it.
pub(crate) fn digest_of(commit: &str) -> String {
    ecr::digest(commit)
}

impl Town {
    /// A town with webapp (one service) and cms (two services) on staging and production, running
    /// the commit `v1`, its configuration pushed.
    pub(crate) async fn new(bot: Bot) -> Self {
        let town = Self::empty(bot).await;
        town.push(CONFIG).await;
        town
    }

    /// The same before anybody has pushed a configuration.
    pub(crate) async fn empty(bot: Bot) -> Self {
        let world = World::new(Clock::starting_at(START.parse().unwrap()));
        let now = world.now();
        let machine = {
            let state = &mut *world.state();
            state.dynamodb.create_table("longshore");
            state
                .ssm
                .put_secret(now, "/longshore/signing-secret", SECRET);
            if bot == Bot::Token {
                state.ssm.put_secret(now, "/longshore/bot-token", TOKEN);
                state.slack.install_bot(TOKEN);
            }
            state.slack.set_signing_secret(SECRET);
            for (id, name) in [(ADA, "ada"), (BOB, "bob"), (EVE, "eve"), (ROOT, "root")] {
                state.slack.user(id, name);
            }
            state.slack.channel(DEPLOYS, "deploys").has_bot = bot == Bot::Token;
            for (key, arn) in PRINCIPALS {
                let principal = (arn.to_owned(), PROD.to_owned());
                state.sts.principals.insert(key.to_owned(), principal);
            }
            for (account, environment) in [(DEV, "staging"), (PROD, "production")] {
                let role = format!("longshore-{environment}");
                state.sts.add_role(account, &role, Some("longshore-test"));
            }
            seed(state, now);
            state.states.create_machine(MACHINE, Machine::default())
        };
        Self::on(world, &machine)
    }

    /// The handlers, freshly started, on a world that has everything else.
    pub(crate) fn on(world: World, machine: &str) -> Self {
        Self::on_clocks_off_by(world, machine, Skew::default())
    }

    /// The same with functions whose clocks are wrong.
    pub(crate) fn on_clocks_off_by(world: World, machine: &str, skew: Skew) -> Self {
        Self::installed(world, machine, skew, USUAL)
    }

    /// Three services of the [`SHOP`] open, and it is configured with these further keys.
    pub(crate) async fn opens_shop(&self, keys: &str) {
        let services = ["shop-api", "shop-web", "shop-worker"];
        let now = self.world.now();
        seed_application(
            &mut self.world.state(),
            now,
            ("acme/shop", "shop"),
            &services,
        );
        self.push(&format!("{CONFIG}{SHOP}{keys}\n")).await;
    }

    /// The services of the [`SITE`] open, with their images, before it is configured.
    pub(crate) fn builds_site(&self) {
        let now = self.world.now();
        let state = &mut self.world.state();
        for version in ["3.0.0", "3.1.0", "3.2.0"] {
            let digest = ecr::digest(version);
            let tags = [version];
            state
                .ecr
                .push(PROD, REGION, "site-nginx", &tags, &digest, now);
        }
        let first = seed_application(state, now, ("acme/site", "site"), &["site-jobs"]);
        state.github.repo("acme/site").tag("0.9.0", &first);
        let registry = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com");
        let app = format!("{registry}/site@{}", digest_of(&first));
        let nginx = format!("{registry}/site-nginx:3.0.0");
        for (account, cluster) in [(DEV, "staging"), (PROD, "production")] {
            let containers = [("app", &*app), ("nginx", &*nginx)];
            let definition = task_definition(account, REGION, "site-web", &containers);
            let seed = ServiceSeed::new(account, REGION, cluster, "site-web", definition);
            add_service(state, now, seed.desired(3).breaker(Breaker::RollsBack)).unwrap();
        }
    }

    /// The same, and it is configured with these further keys.
    pub(crate) async fn opens_site(&self, keys: &str) {
        self.builds_site();
        self.push(&format!("{CONFIG}{SITE}{keys}\n")).await;
    }

    /// Publishes a configuration.
    pub(crate) async fn push(&self, text: &str) {
        let checked = Config::compile(&[SourceFile::new("longshore.toml", text)]).unwrap();
        let body = Packed::of(&checked.config.canonical().unwrap()).unwrap();
        let sha256 = checked.config.sha256().unwrap();
        let by = Actor::Operator {
            arn: "arn:aws:iam::111111111111:user/ops".to_owned(),
            name: None,
        };
        let now = self.world.now();
        self.store
            .put_configuration(&body, &sha256, &by, now)
            .await
            .unwrap();
    }

    /// Somebody types `/deploy TEXT` in the deploys channel.
    pub(crate) async fn types(&self, user: &str, text: &str) {
        self.types_in(user, DEPLOYS, text).await;
    }

    /// Somebody types it in another channel.
    pub(crate) async fn types_in(&self, user: &str, channel: &str, text: &str) {
        let typed = Invocation::new(user, channel, text);
        let request = self.world.state().slack.command(self.world.now(), &typed);
        self.posts(&request).await;
    }

    /// Somebody writes this to the bot, which is told.
    pub(crate) async fn writes(&self, said: &Utterance) -> SignedRequest {
        let now = self.world.now();
        let request = self.world.state().slack.written(now, said).unwrap();
        self.posts(&request).await;
        request
    }

    /// Slack posts this signed request, and shows what comes back.
    pub(crate) async fn posts(&self, request: &SignedRequest) {
        let (elapsed, response) = self.knocks(request).await;
        let now = self.world.now();
        let state = &mut *self.world.state();
        // Of the answer to an event nobody is shown anything.
        if request.path == "/slack/events" {
            assert_eq!(response.status(), 200);
            assert!(response.body().is_empty());
        } else if request.path == "/slack/commands" {
            state
                .slack
                .reply_to_command(now, request, elapsed, &response);
        } else {
            state.slack.reply_to_click(now, request, elapsed, &response);
        }
    }

    /// Slack posts this signed request; what comes back, and after how long.
    pub(crate) async fn knocks(
        &self,
        request: &SignedRequest,
    ) -> (Duration, http::Response<Bytes>) {
        let began = tokio::time::Instant::now();
        // On the heap: a play of many requests would not fit a test's stack.
        let event = event(request, self.world.now());
        let response = Box::pin(self.slash.handle(&event)).await;
        (began.elapsed(), http_response(&response))
    }

    /// Somebody presses the newest such button that they see.
    pub(crate) async fn clicks(&self, user: &str, action: &str) {
        let now = self.world.now();
        let request = self
            .world
            .state()
            .slack
            .click_newest(now, user, action)
            .unwrap();
        self.posts(&request).await;
    }

    /// Time passes, with the state machine, the schedule and the events at work. Of what takes days, most sweeps are
    /// left out: ten thousand a week would show nothing that a thousand do not.
    pub(crate) async fn passes(&self, time: Duration) {
        let minutes = match time > Duration::from_hours(48) {
            true => 10,
            false => 1,
        };
        self.driver()
            .sweep_every(Duration::from_mins(minutes))
            .run_for(time)
            .await;
    }

    /// Time passes until everything that was asked for is done, and everybody who is to be told is.
    pub(crate) async fn settles(&self) {
        for _ in 0..12 * 60 {
            self.driver()
                .sweep_every(Duration::from_secs(60))
                .run_to_the_end(Duration::from_secs(12 * 3600))
                .await;
            if self.store.open().await.unwrap().is_empty() {
                return;
            }
            // An execution has failed; the sweeper resumes it.
            self.passes(Duration::from_secs(61)).await;
        }
        panic!("something is still open after twelve hours");
    }

    /// The state machine's driver over this town's waiter.
    pub(crate) fn driver(
        &self,
    ) -> longshore_sim::states::Drive<impl Fn(Value) -> Invoked + Send + Sync + 'static> {
        let waiter = Arc::clone(&self.waiter);
        let count = Arc::new(std::sync::atomic::AtomicU64::new(0));
        self.world.drive(move |payload| {
            let waiter = Arc::clone(&waiter);
            let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let invocation = format!("{}-{number}", fastrand::u64(..));
            let invoked: Invoked = Box::pin(async move {
                let failed = |error: StepError| (error.name().to_owned(), error.to_string());
                let event = Event::read(&payload).map_err(|error| failed(error.into()))?;
                let next = waiter.handle(event, &invocation).await.map_err(failed)?;
                Ok(serde_json::to_value(next).unwrap())
            });
            invoked
        })
    }

    /// What people have read since the last time, as Slack shows it.
    pub(crate) fn reads(&self) -> String {
        let state = &mut *self.world.state();
        let unread = state.slack.take_unread();
        Transcript::new(&state.slack).conversation(&unread)
    }

    /// How many deploys are asked for or open there.
    pub(crate) async fn asked_at(&self, application: &str, environment: &str) -> usize {
        let place = (application.parse().unwrap(), environment.parse().unwrap());
        let now = self.world.now();
        let open = self.store.open_or_asked_at(&place.0, &place.1, now).await;
        open.unwrap().len()
    }

    /// The newest deploy's record.
    pub(crate) async fn deploy(&self, id: &str) -> Deploy {
        match self.store.load(id).await.unwrap().unwrap().recorded {
            Recorded::Deploy(deploy) => *deploy,
            Recorded::Job(job) => panic!("{job:?} is no deploy"),
        }
    }

    /// How the service's next rollout goes.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "tests name a script where they use it"
    )]
    pub(crate) fn script(&self, environment: &str, service: &str, script: Script) {
        let now = self.world.now();
        let found = self
            .world
            .state()
            .ecs
            .set_script(now, environment, service, &script);
        assert!(found, "there is no {service} on {environment}");
    }
}

/// AWS as the principal with this access key sees it.
pub(crate) fn aws(world: &World, access_key: &str, patience: Patience) -> Aws {
    Aws::new(
        world.http_client(),
        world.time_source(),
        REGION,
        access_key,
        patience,
    )
}

/// The company: repositories with commits, images for them, services that run the first one.
pub(crate) fn seed(state: &mut longshore_sim::State, now: Timestamp) {
    for (repository, image, services) in [
        ("acme/webapp", "webapp", &["webapp"][..]),
        ("acme/cms", "cms", &["cms-api", "cms-worker"][..]),
    ] {
        seed_application(state, now, (repository, image), services);
    }
}

/// One application's repository, images and services; the commit that they run.
fn seed_application(
    state: &mut longshore_sim::State,
    now: Timestamp,
    (repository, image): (&str, &str),
    services: &[&str],
) -> String {
    let repo = state.github.repo(repository);
    let first = repo.commit("main", "Open the shop", "ada");
    let second = repo.commit("main", "Sell shoes", "bob");
    let branch = repo.commit("feature/signup-autocomplete", "Complete addresses", "ada");
    repo.tag("1.0.2", &second);
    for commit in [&first, &second, &branch] {
        let digest = digest_of(commit);
        state.ecr.push(PROD, REGION, image, &[commit], &digest, now);
    }
    for (account, cluster) in [(DEV, "staging"), (PROD, "production")] {
        for service in services {
            let uri = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/{image}");
            let running = format!("{uri}@{}", digest_of(&first));
            let definition = task_definition(account, REGION, service, &[("app", &running)]);
            let seed = ServiceSeed::new(account, REGION, cluster, service, definition)
                .desired(6)
                .breaker(Breaker::RollsBack);
            add_service(state, now, seed).unwrap();
        }
        let uri = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/{image}");
        let pinned = format!("{uri}@{}", digest_of(&first));
        let task = format!("{image}-migrate");
        let definition = task_definition(account, REGION, &task, &[("app", &pinned)]);
        let home = (account, REGION);
        state.ecs.add_definition(now, home, &definition).unwrap();
        if image == "cms" {
            let report = task_definition(account, REGION, "nightly-report", &[("app", &pinned)]);
            let report = state.ecs.add_definition(now, home, &report).unwrap();
            let cleanup = report.replace("nightly-report:1", "cms-worker:1");
            for (name, runs) in [("nightly-report", report), ("cleanup", cleanup)] {
                state.scheduler.add(now, home, (name, cluster), &runs);
            }
        }
    }
    first
}

/// The town's configuration, in which cms runs a migration before its services.
pub(crate) fn with_before() -> String {
    let before = r#"before       = { task = "cms-migrate", command = ["./migrate", "--all"], timeout = "20m" }"#;
    CONFIG.replace(
        "[applications.cms]\n",
        &format!("[applications.cms]\n{before}\n"),
    )
}

/// The town's configuration, in which cms has two schedules.
pub(crate) fn with_schedules() -> String {
    let schedules = r#"schedules    = ["nightly-report", "cleanup:cms-worker"]"#;
    CONFIG.replace(
        "[applications.cms]\n",
        &format!("[applications.cms]\n{schedules}\n"),
    )
}
