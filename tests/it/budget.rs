//! What a deploy costs, in time and money: counted call by call in a world with AWS's usual delays.

use std::time::Duration;

use longshore_sim::ecs::Script;
use longshore_sim::fault::Matcher;
use longshore_sim::slack::Utterance;

use super::documents;
use super::town::{ADA, Bot, DEPLOYS, Town};

/// A call within the region, and one to a server elsewhere.
const NEAR: Duration = Duration::from_millis(20);
const FAR: Duration = Duration::from_millis(150);

async fn town() -> Town {
    let town = Town::new(Bot::Token).await;
    let mut state = town.world.state();
    for service in ["dynamodb", "states", "ssm", "sts", "ecs", "ecr", "logs"] {
        state.faults.delay(Matcher::service(service), NEAR);
    }
    for service in ["slack", "github"] {
        state.faults.delay(Matcher::service(service), FAR);
    }
    drop(state);
    town
}

#[tokio::test(start_paused = true)]
async fn the_rollout_starts_within_two_seconds_of_the_request() {
    let town = town().await;
    let asked = town.world.now();
    town.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    let answered = town.world.now().duration_since(asked);
    town.passes(Duration::from_secs(10)).await;
    let state = town.world.state();
    let update = state
        .calls
        .iter()
        .find(|call| call.operation == "UpdateService")
        .unwrap();
    let started = update.at.duration_since(asked);
    println!("answered after {answered:#}, UpdateService after {started:#}");
    assert!(answered.as_millis() < 500, "answered after {answered:#}");
    assert!(
        started.as_millis() < 2_000,
        "UpdateService after {started:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_door_makes_at_most_three_calls_one_after_the_other() {
    let town = town().await;
    town.slash.warm().await;
    for text in [
        "webapp:main to staging",
        "status",
        "history",
        "cancel webapp on staging",
        "cancel cms on staging",
        "show k3m9x2ab",
        "show last",
        "show last webapp staging",
        "",
        "cancel k3m9x2ab",
        "rollback k3m9x2ab",
    ] {
        let asked = town.world.now();
        town.types(ADA, text).await;
        let took = Duration::try_from(town.world.now().duration_since(asked)).unwrap();
        assert!(took <= NEAR * 3, "{text}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_verb_alone_in_a_thread_makes_one_call_more() {
    let town = town().await;
    let asks = Utterance::mention(ADA, DEPLOYS, "webapp to staging");
    let sent = town.writes(&asks).await;
    town.settles().await;
    let body: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
    let root = body["event"]["ts"].as_str().unwrap();
    for (text, most) in [
        ("rollback webapp on staging", 2),
        ("status", 4),
        ("show", 4),
        ("cancel", 4),
        ("rollback", 4),
    ] {
        town.settles().await;
        town.slash.warm().await;
        let asked = town.world.now();
        let asks = Utterance::mention(ADA, DEPLOYS, text).thread(root);
        town.writes(&asks).await;
        let took = Duration::try_from(town.world.now().duration_since(asked)).unwrap();
        assert!(took <= NEAR * most, "{text}: {took:?}");
    }
    town.settles().await;
}

/// Prices of eu-west-1 in USD: <https://aws.amazon.com/step-functions/pricing/>,
/// <https://aws.amazon.com/dynamodb/pricing/on-demand/>, <https://aws.amazon.com/lambda/pricing/>,
/// <https://aws.amazon.com/api-gateway/pricing/>. ECS, ECR, STS and SSM calls are free.
pub(crate) fn price(town: &Town) -> f64 {
    let state = town.world.state();
    let (mut transitions, mut invocations) = (0.0, 1.0);
    for execution in state.states.executions.values() {
        let steps = execution
            .history
            .iter()
            .filter(|(_, kind, _)| *kind == "TaskScheduled")
            .count() as f64;
        // Step, Next?, Wait.
        transitions += 3.0 * steps + 2.0;
        invocations += steps;
    }
    // Keys alone, less than 1 KB: the old entry removed, the new one put.
    const INDEX: f64 = 2.0;
    let (mut writes, mut reads) = (0.0, 0.0);
    for call in state.calls.iter().filter(|call| call.service == "dynamodb") {
        match call.operation.as_str() {
            // A record of up to 4 KB, written in units of 1 KB, twice as dear in a transaction.
            "TransactWriteItems" => {
                writes += 2.0 * 4.0 * call.resources.len().max(4) as f64 + INDEX;
            }
            "PutItem" | "UpdateItem" => writes += 4.0 + INDEX,
            // Up to 8 KB, consistently, in units of 4 KB.
            _ => reads += 2.0,
        }
    }
    // 512 MB for a second a step is more than it takes.
    let lambda = invocations * (0.20 / 1e6 + 0.5 * 0.000_016_666_7);
    transitions * 0.025 / 1e3 + writes * 0.705 / 1e6 + reads * 0.141 / 1e6 + lambda + 1.1 / 1e6
}

#[tokio::test(start_paused = true)]
async fn a_ten_minute_deploy_costs_under_half_a_cent() {
    let town = town().await;
    let ten_minutes = Script::Slow(Duration::from_secs(600));
    town.script("staging", "webapp", ten_minutes);
    town.types(ADA, "webapp:main to staging").await;
    town.passes(Duration::from_secs(900)).await;
    let calls = town.world.state().calls.len();
    let price = price(&town);
    println!("a ten-minute deploy: {calls} calls to AWS, Slack and GitHub, {price:.4} USD");
    assert!(town.reads().contains("✅ "));
    assert!(calls < 600, "{calls} calls");
    assert!(price < 0.005, "{price:.4} USD");
    let tens = (calls + 5) / 10 * 10;
    let said =
        format!("makes about {tens} calls to AWS, Slack and GitHub and costs about {price:.4} USD");
    let operating = documents::text(documents::OPERATING);
    assert!(operating.contains(&said), "{said}");
}

/// After so long everything is over.
const OVER: Duration = Duration::from_secs(600);

/// What somebody types.
struct Asked {
    typed: &'static str,
    /// Pressed once a question is there.
    confirms: bool,
}

/// What one command comes to, to its last message: the public function's calls, the waiter's, those to Slack and
/// GitHub, the messages that people get, and their bytes.
async fn cost(asked: &Asked, bot: Bot) -> [usize; 6] {
    let town = Town::new(bot).await;
    // Somebody has deployed before, so that there is something to look at and to go back to.
    town.types(ADA, "webapp:main to staging").await;
    town.settles().await;
    town.reads();
    // What admins are called is asked once, by the first of the minute's looks.
    town.passes(Duration::from_secs(61)).await;
    // Those go on meanwhile, and are nobody's.
    let before = town.world.state().calls.len();
    town.passes(OVER).await;
    let idle = town.world.state().calls.len() - before;
    town.slash.warm().await;
    let (calls, messages) = {
        let state = town.world.state();
        (state.calls.len(), state.slack.messages().len())
    };
    town.types(ADA, asked.typed).await;
    let answered = town.world.state().calls.len();
    let mut left = OVER;
    if asked.confirms {
        let read = Duration::from_secs(20);
        left -= read;
        town.passes(read).await;
        town.clicks(ADA, "confirm").await;
    }
    town.passes(left).await;
    let state = town.world.state();
    let slash = &state.calls[calls..answered];
    let later = &state.calls[answered..];
    let of = |service: &str| later.iter().filter(|call| call.service == service).count();
    let (slack, github) = (of("slack"), of("github"));
    let said = &state.slack.messages()[messages..];
    let bytes: usize = said
        .iter()
        .map(|message| serde_json::to_string(&message.blocks).unwrap().len())
        .sum();
    let cost = [
        slash.iter().filter(|call| call.service != "slack").count(),
        (later.len() - slack - github).saturating_sub(idle),
        slack,
        github,
        said.len(),
        // As near as a sentence matters.
        (bytes + 50) / 100 * 100,
    ];
    drop(state);
    town.reads();
    cost
}

/// The table of what commands cost, with the days' sweeps left out.
#[tokio::test(start_paused = true)]
async fn what_commands_cost_is_what_the_table_says() {
    let mut table = String::from(
        "\n| typed | calls of `slash` | of the waiter to AWS | to Slack | to GitHub | messages | their bytes, about |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for (typed, confirms) in [
        ("help", false),
        ("webap to staging", false),
        ("history", false),
        ("show last", false),
        ("status", false),
        ("status webapp staging", false),
        ("logs webapp staging", false),
        ("cancel webapp on staging", false),
        ("webapp:nothing to staging", false),
        ("webapp:feature/signup-autocomplete to staging", false),
        ("cms:1.0.2 to production", true),
        ("rollback webapp on staging", false),
    ] {
        let asked = Asked { typed, confirms };
        let (without, with) = (
            cost(&asked, Bot::NoToken).await,
            cost(&asked, Bot::Token).await,
        );
        let rows = match without == with {
            true => vec![("", without)],
            false => vec![(", no bot token", without), (", bot token", with)],
        };
        for (bot, cost) in rows {
            let cost = cost.map(|count| count.to_string()).join(" | ");
            table += &format!("| `/deploy {typed}`{bot} | {cost} |\n");
        }
    }
    documents::generated::holds(documents::OPERATING, "calls", &format!("{table}\n"));
}
