//! Two installations side by side, one for staging and one for production, each with a stack, a table, secrets, a
//! configuration and a command name of its own: what one of them cannot do, whatever its configuration says.

use std::time::Duration;

use longshore_sim::sts::Trust;
use longshore_sim::{Clock, World};

use super::policy::{Decision, Policy, Request};
use super::{Deployed, target};
use crate::cloudformation::{parse, template};
use crate::town::{ADA, CONFIG, DEPLOYS, DEV, Installation, PROD, REGION, START, Skew, Town, seed};

/// One of the two.
#[derive(Clone, Copy)]
struct Half {
    stack: &'static str,
    id: &'static str,
    environment: &'static str,
    account: &'static str,
    command: &'static str,
    installation: Installation,
    secret: &'static str,
}

const STAGING: Half = Half {
    stack: "staging-bot",
    id: "0a4ff1b0-0000-11e9-9c7a-0ab0cdb7a9f6",
    environment: "staging",
    account: DEV,
    command: "/stage",
    installation: Installation {
        table: "staging-bot",
        parameters: "/staging-bot",
        slash_key: "AKIASLASHSTAGING",
        waiter_key: "AKIAWAITERSTAGING",
        ci_key: "AKIACISTAGING",
        external_id: "staging-external-id",
    },
    secret: "1f742231b10e8888abcd99yyyzzz85a5",
};

const PRODUCTION: Half = Half {
    stack: "production-bot",
    id: "0b4ff1b0-0000-11e9-9c7a-0ab0cdb7a9f6",
    environment: "production",
    account: PROD,
    command: "/ship",
    installation: Installation {
        table: "production-bot",
        parameters: "/production-bot",
        slash_key: "AKIASLASHPRODUCTION",
        waiter_key: "AKIAWAITERPRODUCTION",
        ci_key: "AKIACIPRODUCTION",
        external_id: "production-external-id",
    },
    secret: "2f742231b10e8888abcd99yyyzzz85a5",
};

impl Half {
    /// The town's configuration with its environment alone.
    fn config(&self) -> String {
        let (head, rest) = CONFIG.split_once("[environments.staging]").unwrap();
        let (staging, rest) = rest.split_once("[environments.production]").unwrap();
        let (production, rest) = rest.split_once("[teams.web]").unwrap();
        let own = match self.environment {
            "staging" => staging,
            _ => production,
        };
        let config = format!(
            "{head}[environments.{}]{own}[teams.web]{rest}",
            self.environment
        );
        let only = format!("environments = [{:?}]", self.environment);
        config
            .replace("environments = [\"staging\", \"production\"]", &only)
            .replace("/deploy", self.command)
    }

    fn role(&self) -> String {
        let (account, environment) = (self.account, self.environment);
        format!("arn:aws:iam::{account}:role/longshore-{environment}")
    }

    /// Its own stack, in the account of production.
    fn deployed(&self) -> Deployed {
        let parameter = |name: &str| format!("{}/{name}", self.installation.parameters);
        let given = [
            ("ExternalId", self.installation.external_id),
            ("DeployRoles", &*self.role()),
            (
                "TargetAccounts",
                if self.account == PROD {
                    ""
                } else {
                    self.account
                },
            ),
            ("SigningSecretParameter", &*parameter("signing-secret")),
            (
                "SigningSecretPreviousParameter",
                &*parameter("signing-secret-previous"),
            ),
            ("BotTokenParameter", &*parameter("bot-token")),
            ("GithubTokenParameter", &*parameter("github-token")),
        ];
        Deployed::new(template(), PROD, &given)
            .called(self.stack)
            .with_id(self.id)
    }

    fn waiter(&self) -> String {
        self.deployed().role_arn("WaiterRole")
    }

    /// The stack of its environment's role.
    fn target(&self) -> Deployed {
        let bus = format!(
            "arn:aws:events:{REGION}:{PROD}:event-bus/{}-targets",
            self.stack
        );
        let waiter = self.waiter();
        let given = [
            ("WaiterRoleArn", waiter.as_str()),
            ("ExternalId", self.installation.external_id),
            ("EventBusArn", bus.as_str()),
            ("TaskRoleArns", "arn:aws:iam::111111111111:role/acme-*"),
        ];
        let stack = parse(&target(self.environment, &self.config()));
        Deployed::new(stack, self.account, &given)
    }

    /// A session of one of its roles.
    fn session(&self, role: &str) -> String {
        format!(
            "arn:aws:sts::{PROD}:assumed-role/{}-{role}/{}",
            self.stack, self.stack
        )
    }
}

/// Who trusts whom is read from the templates, before any time is paused.
fn trusts() -> [Trust; 2] {
    let read = std::thread::spawn(|| {
        [STAGING, PRODUCTION].map(|half| {
            let document = half.target().properties("DeployRole");
            Trust::read(&document["AssumeRolePolicyDocument"]).unwrap()
        })
    });
    read.join().unwrap()
}

/// The company, with both installations in it.
async fn both() -> [Town; 2] {
    let world = World::new(Clock::starting_at(START.parse().unwrap()));
    let now = world.now();
    {
        let state = &mut *world.state();
        for (half, trust) in [STAGING, PRODUCTION].into_iter().zip(trusts()) {
            let Installation {
                table,
                parameters,
                slash_key,
                waiter_key,
                ..
            } = half.installation;
            state.dynamodb.create_table(table);
            let parameter = format!("{parameters}/signing-secret");
            state.ssm.put_secret(now, &parameter, half.secret);
            for (key, role) in [(slash_key, "SlashRole"), (waiter_key, "WaiterRole")] {
                let principal = (half.session(role), PROD.to_owned());
                state.sts.principals.insert(key.to_owned(), principal);
            }
            state.sts.add_role_trusting(&half.role(), trust);
        }
        state.slack.user(ADA, "ada");
        state.slack.channel(DEPLOYS, "deploys");
        seed(state, now);
    }
    let towns = [STAGING, PRODUCTION].map(|half| {
        let machine = format!("longshore-deploys-{}", half.id);
        let machine = world
            .state()
            .states
            .create_machine(&machine, longshore_sim::states::Machine::default());
        Town::installed(world.clone(), &machine, Skew::default(), half.installation)
    });
    for (town, half) in towns.iter().zip([STAGING, PRODUCTION]) {
        town.push(&half.config()).await;
    }
    towns
}

impl Half {
    /// Ada types her command to this one, and waits.
    async fn hears(&self, town: &Town, text: &str) -> String {
        town.world.state().slack.set_signing_secret(self.secret);
        let typed = longshore_sim::slack::Invocation::new(ADA, DEPLOYS, text).command(self.command);
        let request = town.world.state().slack.command(town.world.now(), &typed);
        town.posts(&request).await;
        town.passes(Duration::from_secs(10)).await;
        let mut read = town.reads();
        if read.contains("[ Confirm ]") {
            town.clicks(ADA, "confirm").await;
        }
        town.settles().await;
        read.push_str(&town.reads());
        read
    }
}

/// The calls to ECS and ECR that something in this account answered.
fn calls_in(town: &Town, account: &str) -> usize {
    let state = town.world.state();
    let calls = state.calls.iter();
    calls
        .filter(|call| call.service == "ecs" && call.caller.account == account)
        .count()
}

#[tokio::test(start_paused = true)]
async fn each_deploys_to_its_own_environment_and_to_no_other() {
    let [staging, production] = both().await;
    for (half, town) in [(STAGING, &staging), (PRODUCTION, &production)] {
        let read = half
            .hears(town, &format!("webapp:1.0.2 to {}", half.environment))
            .await;
        let runs = format!("# webapp 1.0.2 runs on {}", half.environment);
        assert!(read.contains(&runs), "{read}");
        let read = half.hears(town, "help").await;
        assert!(read.contains(half.command), "{read}");
    }
    // The other's environment is not even known.
    for (half, town, other) in [
        (STAGING, &staging, PRODUCTION),
        (PRODUCTION, &production, STAGING),
    ] {
        let read = half
            .hears(town, &format!("webapp:main to {}", other.environment))
            .await;
        assert!(!read.contains("runs on"), "{read}");
        // And where its configuration is forged so that it is, the other's role does not open.
        let before = calls_in(town, other.account);
        let forged = CONFIG
            .replace("/deploy", half.command)
            .replace("channels = [\"C0DEPLOYS\"]\n", "");
        town.push(&forged).await;
        town.passes(Duration::from_secs(61)).await;
        for typed in [
            "webapp:main to",
            "restart webapp on",
            "rollback webapp on",
            "status webapp",
        ] {
            let read = half
                .hears(town, &format!("{typed} {}", other.environment))
                .await;
            let said = "AWS does not let Longshore `sts:AssumeRole`";
            assert!(
                read.contains(said) || typed.starts_with("status"),
                "{typed}: {read}"
            );
            assert!(!read.contains("runs on"), "{typed}: {read}");
        }
        assert_eq!(calls_in(town, other.account), before);
    }
}

/// Whoever learns the other's external id has no more of it: the role trusts the other's waiter alone.
#[tokio::test(start_paused = true)]
async fn the_others_external_id_opens_nothing() {
    let [staging, _] = both().await;
    let stolen = Installation {
        external_id: PRODUCTION.installation.external_id,
        ..STAGING.installation
    };
    let machine = {
        let state = staging.world.state();
        let mut machines = state.states.machines.keys();
        let own = machines.find(|machine| machine.ends_with(STAGING.id));
        own.unwrap().clone()
    };
    let town = Town::installed(staging.world.clone(), &machine, Skew::default(), stolen);
    let forged = CONFIG.replace("channels = [\"C0DEPLOYS\"]\n", "");
    town.push(&forged).await;
    let before = calls_in(&town, PROD);
    let read = STAGING.hears(&town, "webapp:main to production").await;
    assert!(
        read.contains("AWS does not let Longshore `sts:AssumeRole`"),
        "{read}"
    );
    assert_eq!(calls_in(&town, PROD), before);
}

/// The same by the templates: what the roles of one may do of the other's.
#[test]
fn no_role_of_one_reaches_anything_of_the_others() {
    for (half, other) in [(STAGING, PRODUCTION), (PRODUCTION, STAGING)] {
        let (mine, theirs) = (half.deployed(), other.deployed());
        let table = |of: &Half| format!("arn:aws:dynamodb:{REGION}:{PROD}:table/{}", of.stack);
        let secret = |of: &Half| {
            let parameters = of.installation.parameters;
            format!("arn:aws:ssm:{REGION}:{PROD}:parameter{parameters}/signing-secret")
        };
        let wishes = |of: &Half, stack: &Deployed| {
            let read = Request::new("dynamodb:GetItem", &table(of));
            let write = Request::new("dynamodb:PutItem", &table(of));
            [
                ("SlashRole", read.clone()),
                ("WaiterRole", read),
                (
                    "SlashRole",
                    write.clone().with("dynamodb:LeadingKeys", "ASKED#k3m9x2ab"),
                ),
                (
                    "WaiterRole",
                    write.with("dynamodb:LeadingKeys", "DEPLOY#k3m9x2ab"),
                ),
                ("SlashRole", Request::new("ssm:GetParameter", &secret(of))),
                (
                    "SlashRole",
                    Request::new("states:StartExecution", &stack.machine_arn()),
                ),
                ("WaiterRole", Request::new("sts:AssumeRole", &of.role())),
            ]
        };
        let decide = |role: &str, wish: &Request| {
            let policy: Policy = mine.policy(role);
            policy.decide(wish)
        };
        for (role, wish) in wishes(&half, &mine) {
            assert_eq!(decide(role, &wish), Decision::Allowed, "{role}: {wish:?}");
        }
        for (role, wish) in wishes(&other, &theirs) {
            assert_eq!(
                decide(role, &wish),
                Decision::NotAllowed,
                "{role}: {wish:?}"
            );
        }
        let target = other.target();
        let trust = target.trust("DeployRole");
        let known = Request::new("sts:AssumeRole", &other.role())
            .with("sts:ExternalId", other.installation.external_id);
        let asks = |who: &str| trust.decide_for(Some(who), &known);
        assert_eq!(asks(&other.waiter()), Decision::Allowed);
        assert_eq!(asks(&half.waiter()), Decision::NotAllowed);
    }
}
