//! What the public function can do once it is taken over: at most what the configuration allows the
//! person that it names, recorded as theirs. Nothing as an operator, nothing past a gate.

use std::time::Duration;

use jiff::SignedDuration;
use longshore::record::{Deploy, Phase, Verdict};
use serde_json::{Value, json};

use super::hostile::{Hostile, asked, said, the_branch};
use crate::faults::story::text;
use crate::town::{ADA, BOB, Bot, EVE, Town};

const ID: &str = "k3m9x2ab";

async fn town() -> (Town, Hostile) {
    let town = Town::new(Bot::Token).await;
    let hostile = Hostile::in_town(&town.world);
    (town, hostile)
}

impl Town {
    fn time(&self, off_by: SignedDuration) -> String {
        (self.world.now() + off_by).to_string()
    }

    fn moment(&self) -> String {
        self.time(SignedDuration::ZERO)
    }

    fn minutes_off(&self, minutes: i64) -> String {
        self.time(SignedDuration::from_mins(minutes))
    }

    async fn seconds(&self, seconds: u64) {
        self.passes(Duration::from_secs(seconds)).await;
    }

    /// How often ECS was told to change a service.
    fn updates(&self) -> usize {
        let state = self.world.state();
        let calls = state.calls.iter();
        calls
            .filter(|call| call.operation == "UpdateService")
            .count()
    }

    async fn on_record(&self, id: &str) -> Option<Deploy> {
        self.store.deploy(&id.parse().unwrap()).await.unwrap()
    }

    /// A partition and a sort key of everything in the table.
    fn keys(&self) -> Vec<(String, String)> {
        let state = self.world.state();
        let items = state.dynamodb.tables["longshore"].items().values();
        let keys = items.map(|item| (text(item, "pk").to_owned(), text(item, "sk").to_owned()));
        keys.collect()
    }

    /// Ada asks for the branch in production, and is asked; the deploy's id and the question's nonce.
    async fn asks(&self) -> (String, String) {
        self.types(ADA, "webapp:feature/signup-autocomplete to production")
            .await;
        self.seconds(20).await;
        let keys = self.keys();
        let mut records = keys.iter().filter(|(_, sk)| sk == "RECORD");
        let (pk, _) = records.next().unwrap();
        let id = pk.strip_prefix("DEPLOY#").unwrap().to_owned();
        let deploy = self.deploy(&id).await;
        assert_eq!(deploy.phase, Phase::Asking);
        (id, deploy.ask.unwrap().nonce)
    }
}

fn answer(nonce: &str, choice: &str) -> Value {
    json!({ "answer": { "nonce": nonce, "choice": choice } })
}

#[tokio::test(start_paused = true)]
async fn it_writes_no_record_and_nothing_that_is_an_operators() {
    let (town, hostile) = town().await;
    let forged = json!({ "phase": "starting", "requester": { "kind": "operator", "arn": "arn:aws:iam::1:user/x" } });
    for (pk, sk) in [
        ("DEPLOY#k3m9x2ab", "RECORD"),
        ("DEPLOY#k3m9x2ab", "CANCEL"),
        ("DEPLOY#k3m9x2ab", "TOKEN"),
        ("OPERATOR#k3m9x2ab", "REQUEST"),
        ("OPEN#webapp#production", "k3m9x2ab"),
        ("LEASE#111111111111/eu-west-1/production/webapp", "LEASE"),
        ("TARGET#webapp#production", "DONE#1#x#webapp"),
        ("HISTORY", "DONE#1#x#webapp"),
        ("MET", "webapp"),
        ("ISSUERS", "https://gitlab.com"),
        ("REPOSITORIES", "acme/cms"),
        ("CONFIG", "CURRENT"),
        ("AUDIT", "1"),
    ] {
        let body = forged.to_string();
        let more = [
            ("id", ID),
            ("kind", "deploy"),
            ("open", "open"),
            ("body", &*body),
        ];
        assert!(!hostile.puts((pk, sk), &more).await, "{pk}");
    }
    for pk in [
        "DEPLOY#x",
        "OPERATOR#x",
        "ASKED#x",
        "SAID#x",
        "SEEN#x",
        "BUTTON#x",
        "CONFIG",
    ] {
        for action in ["UpdateItem", "DeleteItem"] {
            assert!(!hostile.may_write(action, pk), "{action} {pk}");
        }
    }
    hostile.starts(ID, ID).await;
    town.seconds(300).await;
    assert_eq!(town.updates(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_it_pretends_is_asked_about_recorded_and_told_as_the_persons() {
    let (town, hostile) = town().await;
    let body = asked(ADA, &town.moment(), &the_branch("webapp", "production"));
    assert!(hostile.requests(ID, &body).await);
    hostile.starts(ID, ID).await;
    town.seconds(60).await;
    assert_eq!(town.updates(), 0, "nobody was asked");
    let deploy = town.deploy(ID).await;
    assert_eq!(deploy.phase, Phase::Asking);
    let nonce = deploy.ask.unwrap().nonce;
    let yes = said(ADA, &town.moment(), &answer(&nonce, "confirm"));
    assert!(hostile.says(ID, "anything", &yes).await);
    for token in hostile.tokens() {
        hostile.answers(&token).await;
    }
    town.settles().await;
    let deploy = town.deploy(ID).await;
    assert_eq!(deploy.verdict(), Some(Verdict::Succeeded));
    assert_eq!(deploy.requester.to_string(), format!("slack:T0001:{ADA}"));
    assert!(town.reads().contains("@ada"));
}

/// Each of these, by itself, started and left to the sweeper: whether there is a record of it.
async fn is_refused(what: &str, change: impl FnOnce(&Town, &mut Value)) -> bool {
    let (town, hostile) = town().await;
    let mut body = asked(ADA, &town.moment(), &the_branch("webapp", "staging"));
    change(&town, &mut body);
    assert!(hostile.requests(ID, &body).await);
    hostile.starts(ID, ID).await;
    town.settles().await;
    assert_eq!(town.updates(), 0, "{what}");
    let waiting = town.keys().into_iter().filter(|(_, sk)| sk == "REQUEST");
    assert_eq!(waiting.count(), 0, "{what}");
    let Some(deploy) = town.on_record(ID).await else {
        return false;
    };
    assert_eq!(deploy.verdict(), Some(Verdict::Refused), "{what}");
    true
}

#[tokio::test(start_paused = true)]
async fn what_the_configuration_refuses_is_refused_and_on_record() {
    let to_production = || the_branch("webapp", "production");
    assert!(
        is_refused("eve may not", |town, body| {
            *body = asked(EVE, &town.moment(), &to_production());
        })
        .await
    );
    assert!(
        is_refused("not in that channel", |town, body| {
            *body = asked(ADA, &town.moment(), &to_production());
            body["channel"] = json!("C0RANDOM1");
        })
        .await
    );
    assert!(
        is_refused("a stranger", |_, body| {
            body["by"]["team"] = json!("T0002");
        })
        .await
    );
    assert!(
        is_refused("nowhere", |town, body| {
            *body = asked(ADA, &town.moment(), &the_branch("webapp", "nowhere"));
        })
        .await
    );
    assert!(
        is_refused("nothing", |town, body| {
            *body = asked(ADA, &town.moment(), &the_branch("nothing", "staging"));
        })
        .await
    );
    assert!(
        is_refused("one of two", |_, body| {
            let other = json!({ "application": "nothing", "verb": "deploy", "reference": null });
            body["wanted"]["deploy"]["each"]
                .as_array_mut()
                .unwrap()
                .push(other);
        })
        .await
    );
    for minutes in [-16, -60 * 24, 6, 60 * 24] {
        let dated = |town: &Town, body: &mut Value| body["at"] = json!(town.minutes_off(minutes));
        assert!(is_refused(&format!("{minutes} minutes off"), dated).await);
    }
}

/// What is changed in a request.
type Change = fn(&mut Value);

#[tokio::test(start_paused = true)]
async fn what_is_no_request_is_thrown_away() {
    let changes: [(&str, Change); 10] = [
        ("an operator", |body| {
            body["by"] = json!({ "arn": "arn:aws:iam::111111111111:user/ops" });
        }),
        ("an operator by kind", |body| {
            body["by"] = json!({ "kind": "operator", "arn": "arn:aws:iam::111111111111:user/ops" });
        }),
        ("Longshore itself", |body| {
            body["by"] = json!({ "kind": "longshore" })
        }),
        ("a phase", |body| body["phase"] = json!("starting")),
        ("a plan", |body| {
            body["wanted"]["deploy"]["plan"] = json!({ "confirm": false })
        }),
        ("a huge body", |body| {
            body["channel"] = json!("C".repeat(300_000))
        }),
        ("no applications", |body| {
            body["wanted"]["deploy"]["each"] = json!([])
        }),
        ("a job under a deploy's id", |body| {
            body["wanted"] = json!({ "job": { "task": "tell", "text": "Hello" } });
        }),
        ("what only operators say", |body| {
            body["wanted"] =
                json!({ "job": { "task": "say", "deploy": "k3m9x2ab", "what": "stop" } });
        }),
        ("nothing", |body| *body = json!(null)),
    ];
    for (what, change) in changes {
        assert!(!is_refused(what, |_, body| change(body)).await, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_vote_counts_that_its_voter_may_not_give() {
    let (town, hostile) = town().await;
    let (id, nonce) = town.asks().await;
    let now = town.moment();
    let yes = || answer(&nonce, "confirm");
    let own_place = format!("ANSWER#{nonce}#T0001#{ADA}");
    let mut elsewhere = said(ADA, &now, &yes());
    elsewhere["channel"] = json!("C0RANDOM1");
    let mut stranger = said(ADA, &now, &yes());
    stranger["by"]["team"] = json!("T0002");
    let mut operator = said(ADA, &now, &yes());
    operator["by"] = json!({ "kind": "operator", "arn": "arn:aws:iam::111111111111:user/ops" });
    let mut more = said(ADA, &now, &yes());
    more["counts"] = json!(true);
    let votes = [
        said(EVE, &now, &yes()),
        // Not the requester's, though of the team.
        said(BOB, &now, &yes()),
        elsewhere,
        stranger,
        operator,
        more,
        said(ADA, &now, &answer("another", "confirm")),
        said(ADA, &now, &answer(&nonce, "continue")),
        said(ADA, &town.minutes_off(14), &yes()),
        said(ADA, &town.minutes_off(20), &yes()),
        said(EVE, &now, &answer(&nonce, "decline")),
        said(EVE, &now, &json!("stop")),
        json!("x".repeat(100_000)),
    ];
    for (number, vote) in votes.iter().enumerate() {
        hostile.says(&id, &format!("ANSWER#{number}"), vote).await;
        hostile.says(&id, &own_place, vote).await;
        for token in hostile
            .tokens()
            .iter()
            .map(String::as_str)
            .chain(["made-up"])
        {
            hostile.answers(token).await;
        }
        town.seconds(5).await;
        let deploy = town.deploy(&id).await;
        assert_eq!(deploy.phase, Phase::Asking, "vote {number}");
        assert_eq!(town.updates(), 0);
    }
    // None of them stands in the way of who may.
    town.clicks(ADA, "confirm").await;
    town.settles().await;
    assert_eq!(town.deploy(&id).await.verdict(), Some(Verdict::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn a_vote_after_the_question_lapsed_starts_nothing() {
    for dated_back in [false, true] {
        let (town, hostile) = town().await;
        let (id, nonce) = town.asks().await;
        let in_time = town.moment();
        // Nothing is taken any more until the question has long lapsed.
        tokio::time::advance(Duration::from_secs(31 * 60)).await;
        let at = if dated_back { in_time } else { town.moment() };
        let yes = said(ADA, &at, &answer(&nonce, "confirm"));
        hostile
            .says(&id, &format!("ANSWER#{nonce}#T0001#{ADA}"), &yes)
            .await;
        town.settles().await;
        assert_eq!(town.deploy(&id).await.verdict(), Some(Verdict::Expired));
        assert_eq!(town.updates(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_in_is_not_written_over() {
    let (town, hostile) = town().await;
    let (id, nonce) = town.asks().await;
    let before = town.deploy(&id).await;
    let other = asked(BOB, &town.moment(), &the_branch("cms", "staging"));
    assert!(hostile.requests(&id, &other).await);
    for name in [&id, &format!("{id}-1"), "anything"] {
        hostile.starts(name, &id).await;
    }
    town.seconds(130).await;
    let after = town.deploy(&id).await;
    assert_eq!(
        (after.application(), &after.requester),
        (before.application(), &before.requester)
    );
    assert_eq!(town.updates(), 0);
    let waiting = town.keys().into_iter().filter(|(_, sk)| sk == "REQUEST");
    assert_eq!(waiting.count(), 0);
    // Nor is a vote that has counted.
    town.clicks(ADA, "confirm").await;
    town.seconds(10).await;
    let no = said(ADA, &town.moment(), &answer(&nonce, "decline"));
    hostile
        .says(&id, &format!("ANSWER#{nonce}#T0001#{ADA}"), &no)
        .await;
    town.settles().await;
    assert_eq!(town.deploy(&id).await.verdict(), Some(Verdict::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn a_stranger_stops_nothing() {
    let (town, hostile) = town().await;
    town.types(ADA, "webapp:1.0.2 to production").await;
    town.seconds(20).await;
    town.clicks(ADA, "confirm").await;
    town.seconds(20).await;
    let keys = town.keys();
    let (pk, _) = keys.iter().find(|(_, sk)| sk == "RECORD").unwrap();
    let id = pk.strip_prefix("DEPLOY#").unwrap().to_owned();
    let stop = said(EVE, &town.moment(), &json!("stop"));
    for sk in [format!("CANCEL#T0001#{EVE}"), format!("CANCEL#T0001#{ADA}")] {
        assert!(hostile.says(&id, &sk, &stop).await);
    }
    for (number, task) in ["stop", "abandon", "difference", "nudge"]
        .into_iter()
        .enumerate()
    {
        let job = json!({ "task": task, "deploy": id });
        let mut job = job;
        if task == "nudge" {
            job["pressed"] = json!(null);
        }
        let read = format!("r-00000{number:03}");
        let by = asked(EVE, &town.moment(), &json!({ "job": job }));
        assert!(hostile.requests(&read, &by).await);
        hostile.starts(&read, &read).await;
    }
    town.settles().await;
    let deploy = town.deploy(&id).await;
    assert_eq!(deploy.verdict(), Some(Verdict::Succeeded));
    assert_eq!(deploy.cancel, None);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_posted_anywhere_but_to_slack_nor_said_in_the_bots_name() {
    let (town, hostile) = town().await;
    let words = "Your password has expired";
    let tell = json!({ "job": { "task": "tell", "text": words } });
    let id = "r-00000001";
    for (number, url) in [
        "https://evil.example/commands/x",
        "http://hooks.slack.com/commands/x",
        "https://hooks.slack.com@evil.example/commands/x",
        "https://169.254.169.254/latest/meta-data",
    ]
    .into_iter()
    .enumerate()
    {
        let sk = format!("REPLY#{:015}#{number}", town.world.now().as_millisecond());
        let pk = format!("SAID#{id}");
        assert!(hostile.puts((&pk, &sk), &[("url", url)]).await);
    }
    // A time that no calendar holds is no reason to stumble.
    let far = format!("REPLY#{}#x", i64::MAX);
    let url = ("url", "https://hooks.slack.com/commands/T0001/1/x");
    hostile.puts((&format!("SAID#{id}"), &far), &[url]).await;
    assert!(
        hostile
            .requests(id, &asked(ADA, &town.moment(), &tell))
            .await
    );
    hostile.starts(id, id).await;
    town.settles().await;
    assert_eq!(town.reads(), "");
    let state = town.world.state();
    let slack = state.calls.iter().filter(|call| call.service == "slack");
    assert_eq!(slack.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn executions_started_in_advance_keep_no_deploy_from_running() {
    let (town, hostile) = town().await;
    for name in [ID.to_owned(), format!("{ID}-1"), format!("{ID}-2")] {
        hostile.starts(&name, "nothing").await;
    }
    town.seconds(5).await;
    let body = asked(ADA, &town.moment(), &the_branch("webapp", "staging"));
    assert!(hostile.requests(ID, &body).await);
    town.settles().await;
    assert_eq!(town.deploy(ID).await.verdict(), Some(Verdict::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn however_much_it_writes_what_is_under_way_goes_on() {
    let (town, hostile) = town().await;
    town.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    town.seconds(20).await;
    let keys = town.keys();
    let (pk, _) = keys.iter().find(|(_, sk)| sk == "RECORD").unwrap();
    let id = pk.strip_prefix("DEPLOY#").unwrap().to_owned();
    let padding = "x".repeat(100_000);
    for number in 0..40 {
        let more = [("open", "open"), ("id", &*id), ("body", &*padding)];
        for pk in [
            format!("SAID#{id}"),
            "SEEN#x".to_owned(),
            "BUTTON#x".to_owned(),
        ] {
            assert!(hostile.puts((&pk, &format!("REPLY#{number}")), &more).await);
        }
        assert!(
            hostile
                .requests(&format!("{number:08}"), &json!(padding))
                .await
        );
    }
    let before = town.world.state().calls.len();
    town.settles().await;
    assert_eq!(town.deploy(&id).await.verdict(), Some(Verdict::Succeeded));
    let calls = town.world.state().calls.len() - before;
    assert!(calls < 1_500, "{calls} calls");
}
