//! The terminal, played through the world with Slack down the whole time: whoever deploys, stops or
//! restarts there reads what the cards would have said, and answers what they would have asked.

mod left;
mod rights;
mod tongues;

use std::cell::RefCell;
use std::time::Duration;

use jiff::SignedDuration;
use longshore::aws::Patience;
use longshore::aws::dynamodb::Accept;
use longshore::cli::{self, Departure, Exit, Line, Surroundings, Terminal};
use longshore::hearing::request::{Asker, Request};
use longshore::names::DeployId;
use longshore::record::{Deploy, Origin, Phase, Verdict, What};
use longshore::request::Verb;
use longshore_sim::ecs::Script;
use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::slack::Mode;

use crate::town::{ADA, Bot, CONFIG, MACHINE, OPERATOR_KEY, PROD, REGION, Town, aws};

/// What a command said.
pub(crate) struct Printed {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The command of somebody who has said yes to whatever it asks.
pub(crate) async fn said_yes(town: &Town, arguments: &[&str]) -> Printed {
    types(town, arguments, Terminal::nobody()).await
}

async fn dark() -> Town {
    let town = Town::new(Bot::Token).await;
    town.world.state().slack.set_mode(Mode::Down);
    town
}

/// Somebody who types these lines when they are asked, and leaves after so long.
fn somebody(typed: &[&str], leaves: Option<Duration>) -> Terminal {
    let lines: Vec<String> = typed.iter().map(|line| format!("{line}\n")).collect();
    let lines = RefCell::new(lines.into_iter());
    let at = leaves.map(|after| tokio::time::Instant::now() + after);
    Terminal::with(
        move || -> Line {
            let line = lines.borrow_mut().next().expect("nobody should ask again");
            Box::pin(async move { Ok(line) })
        },
        move || -> Departure {
            Box::pin(async move {
                match at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            })
        },
    )
}

/// Whoever sits at the terminal.
fn operator() -> Asker {
    Asker::Operator {
        arn: "arn:aws:iam::111111111111:user/ops".to_owned(),
    }
}

/// The command alone, with nothing else at work.
async fn alone(town: &Town, arguments: &[&str], terminal: Terminal) -> Printed {
    alone_ahead(town, arguments, terminal, SignedDuration::ZERO).await
}

/// The same at a machine whose clock is ahead by so much.
async fn alone_ahead(
    town: &Town,
    arguments: &[&str],
    terminal: Terminal,
    ahead: SignedDuration,
) -> Printed {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let world = town.world.clone();
    let mut surroundings = Surroundings {
        variable: &|name| match name {
            "TABLE_NAME" => Some("longshore".to_owned()),
            "STATE_MACHINE_ARN" => Some(format!(
                "arn:aws:states:{REGION}:{PROD}:stateMachine:{MACHINE}"
            )),
            _ => None,
        },
        connect: &move || {
            let aws = aws(&world, OPERATOR_KEY, Patience::STEP);
            Box::pin(async move { aws })
        },
        slack: &|| panic!("this command needs no Slack"),
        github: &|| panic!("this command needs no GitHub"),
        clock: &|| town.world.now() + ahead,
        input: &mut std::io::empty(),
        terminal,
        out: &mut out,
        err: &mut err,
    };
    let arguments = ["longshore"].iter().chain(arguments);
    let exit = Box::pin(cli::run(arguments, &mut surroundings)).await;
    Printed {
        exit,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

/// The command, with the state machine and the schedule at work beside it.
async fn types(town: &Town, arguments: &[&str], terminal: Terminal) -> Printed {
    let mut driver = town.driver().sweep_every(Duration::from_secs(60));
    let printed = alone(town, arguments, terminal);
    tokio::select! {
        biased;
        printed = printed => printed,
        () = driver.run_for(Duration::from_secs(4 * 3600)) => panic!("it never returns"),
    }
}

impl Printed {
    /// The id that was printed, and what was said of it, where it stands as `ID`.
    fn id(&self) -> String {
        self.out.lines().next().unwrap_or_default().to_owned()
    }

    fn said(&self) -> String {
        match self.id().as_str() {
            "" => self.err.clone(),
            id => self.err.replace(id, "ID"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deploy_goes_from_the_request_to_the_verdict() {
    let town = dark().await;
    let arguments = ["deploy", "webapp:1.0.2", "to", "staging", "--wait"];
    let printed = types(&town, &arguments, somebody(&[], None)).await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
    insta::assert_snapshot!(printed.said(), @r"
    Got it: webapp:1.0.2 to staging, deploy ID. I am looking up what that would change. `longshore show ID` tells about it.
    ID: asked for; its plan is being made
    ID: rolling out
    - webapp: rolling out; ECS has not counted its tasks yet
    - webapp: .......... 0 of 6 running, 6 pending, 6 old
    - webapp: ########## 6 of 6 running, 6 old
    - webapp: ########## 6 of 6 running
    webapp: deployed version 1.0.2 to staging in 43 sec
    ");
    let deploy = town.deploy(&printed.id()).await;
    assert_eq!(deploy.verdict(), Some(Verdict::Succeeded));
    assert_eq!(
        deploy.requester.to_string(),
        "operator:arn:aws:iam::111111111111:user/ops"
    );
    let history = alone(&town, &["history"], Terminal::nobody()).await;
    assert!(history.out.contains("webapp"), "{}", history.out);
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_asks_asks_at_the_terminal_for_the_plan_that_it_shows() {
    let town = dark().await;
    let arguments = ["deploy", "cms", "production", "1.0.2", "--wait"];
    let printed = types(&town, &arguments, somebody(&["yes"], None)).await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
    insta::assert_snapshot!(printed.said(), @r"
    Got it: cms:1.0.2 to production, deploy ID. I am looking up what that would change. `longshore show ID` tells about it.
    ID: asked for; its plan is being made
    ID: waiting for confirmation
    Deploy Content Management System 1.0.2 to production?
    5c42316 (https://github.com/acme/cms/commit/5c423167bb3203608c967efd671f8b3fc62ac37d) -> 1.0.2 (https://github.com/acme/cms/commit/283fc7344efef71edc9fbb9668135ded4579fbf7)
    Commit 283fc73, cms, digest 32451332ce17
    - cms-api: cms-api:1 -> a copy with the new image; 6 tasks wanted
    - cms-worker: cms-worker:1 -> a copy with the new image; 6 tasks wanted
    Commits: brings 1 commit - compare (https://github.com/acme/cms/compare/5c423167bb3203608c967efd671f8b3fc62ac37d...283fc7344efef71edc9fbb9668135ded4579fbf7)
      283fc73 Sell shoes (bob)
    ID - asked by ops - stands until 2026-03-02 09:15 UTC - cluster production in eu-west-1, account 111111111111
    Content Management System: deploy version 1.0.2 to production? Type yes: ID: rolling out
    - cms-api: rolling out; ECS has not counted its tasks yet
    - cms-worker: waits for its turn
    - cms-api: .......... 0 of 6 running, 6 pending, 6 old
    - cms-api: ########## 6 of 6 running, 6 old
    - cms-api: ########## 6 of 6 running
    - cms-api: runs cms-api:2
    - cms-worker: rolling out; ECS has not counted its tasks yet
    - cms-worker: .......... 0 of 6 running, 6 pending, 6 old
    - cms-worker: ########## 6 of 6 running, 6 old
    - cms-worker: ########## 6 of 6 running
    Content Management System: deployed version 1.0.2 to production in 1 min, 37 sec
    ");
    let deploy = town.deploy(&printed.id()).await;
    let ask = deploy.ask.clone().unwrap();
    assert_eq!(ask.consented_by, Some(deploy.requester.clone()));
    assert_eq!(ask.number, 1);
    assert!(town.reads().is_empty(), "Slack was down");
    let left: Vec<_> = town.store.open().await.unwrap();
    assert!(left.iter().all(|one| one.request.is_none()), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn where_nobody_sits_yes_is_said_beforehand_or_nothing_is_started() {
    let town = dark().await;
    let arguments = ["deploy", "cms", "production", "1.0.2"];
    let printed = types(&town, &arguments, Terminal::nobody()).await;
    assert_eq!((printed.exit, &*printed.out), (Exit::Refused, ""));
    insta::assert_snapshot!(printed.err, @"longshore: nothing was started: production asks for confirmation, and nobody can be asked here; --yes agrees to the plan");
    assert!(town.store.open().await.unwrap().is_empty());
    let arguments = [&arguments[..], &["--yes", "--wait", "--json"]].concat();
    let printed = types(&town, &arguments, Terminal::nobody()).await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
    let object: serde_json::Value = serde_json::from_str(&printed.out).unwrap();
    assert_eq!(object["verdict"], "succeeded");
    assert_eq!(object["confirmed_by"]["kind"], "operator");
    assert_eq!(object["applications"][0]["asked_for"], "1.0.2");
    // Where the environment does not ask, nobody has to sit there.
    let arguments = ["deploy", "webapp:1.0.2", "staging"];
    let printed = types(&town, &arguments, Terminal::nobody()).await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
    // It returned as soon as that had begun.
    assert_eq!(town.deploy(&printed.id()).await.ending, None);
}

/// The yes is bound to the plan: what somebody else changes meanwhile is asked about anew.
#[tokio::test(start_paused = true)]
async fn a_plan_that_goes_out_of_date_is_shown_and_asked_about_again() {
    let town = dark().await;
    let world = town.world.clone();
    let changes = move || -> Line {
        let now = world.now();
        let mut state = world.state();
        for service in ["cms-api", "cms-worker"] {
            state.ecs.foreign_update(now, "production", service);
        }
        drop(state);
        Box::pin(async {
            // Their rollouts are over by then.
            tokio::time::sleep(Duration::from_secs(600)).await;
            Ok("yes\n".to_owned())
        })
    };
    let terminal = Terminal::with(changes, || Box::pin(std::future::pending()));
    let arguments = ["deploy", "cms", "production", "1.0.2"];
    let mut driver = town.driver().sweep_every(Duration::from_secs(60));
    let asked = alone(&town, &arguments, terminal);
    tokio::select! {
        biased;
        _ = asked => {}
        () = driver.run_for(Duration::from_secs(1800)) => {}
    }
    let id = town.store.open().await.unwrap().remove(0).id;
    let deploy = town.deploy(&id).await;
    assert!(deploy.ask.unwrap().number > 1, "{:?}", deploy.phase);
    assert_eq!(deploy.started_at, None);
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_fails_has_its_exit_code_and_says_why() {
    let town = dark().await;
    town.script("staging", "webapp", Script::CrashLoop);
    let arguments = ["deploy", "webapp:1.0.2", "staging", "--wait"];
    let printed = types(&town, &arguments, somebody(&[], None)).await;
    assert_eq!(printed.exit, Exit::RolledBack);
    insta::assert_snapshot!(printed.said(), @r"
    Got it: webapp:1.0.2 to staging, deploy ID. I am looking up what that would change. `longshore show ID` tells about it.
    ID: asked for; its plan is being made
    ID: rolling out
    - webapp: rolling out; ECS has not counted its tasks yet
    - webapp: .......... 0 of 6 running, 6 pending, 6 old
    - webapp: rolling out; ECS has not counted its tasks yet
    webapp: version 1.0.2 did not come up on staging and was rolled back, 32 sec after it began
    Service deployment rolled back because the circuit breaker threshold was exceeded.
    5a91773 runs as before, 6 of 6 running
    ");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_why_and_what_to_do() {
    let town = dark().await;
    for (words, exit) in [
        (&["webapp:nothing", "staging"][..], Exit::Refused),
        (&["webap", "staging"], Exit::Usage),
        (&["webapp,cms", "staging"], Exit::Usage),
        (&["rollback", "webapp", "staging"], Exit::Usage),
    ] {
        let arguments = [&["deploy"][..], words].concat();
        let printed = types(&town, &arguments, somebody(&[], None)).await;
        assert_eq!(printed.exit, exit, "{}", printed.err);
        insta::allow_duplicates! {
            match words[0] {
                "webapp:nothing" => insta::assert_snapshot!(printed.said(), @r"
                Got it: webapp:nothing to staging, deploy ID. I am looking up what that would change. `longshore show ID` tells about it.
                ID: asked for; its plan is being made
                webapp: the deploy of webapp:nothing to staging was not started
                There is no commit, tag, branch or image called nothing in acme/webapp and 111111111111.dkr.ecr.eu-west-1.amazonaws.com/webapp. Check the spelling, or deploy one of the 3 newest there (5a91773184385a7f4e3…, pushed 2026-03-02 09:00 UTC): `longshore deploy webapp:5a91773184385a7f4e33c1b708a90025ec9cac7c to staging`
                "),
                "webap" => insta::assert_snapshot!(printed.err, @"longshore: `webap` is not an application. Did you mean `longshore deploy webapp to staging`?"),
                "webapp,cms" => insta::assert_snapshot!(printed.err, @"longshore: at a terminal one application is changed at a time; name one, and the others after it"),
                _ => insta::assert_snapshot!(printed.err, @"longshore: that is another command: `longshore rollback webapp on staging`"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_asks_like_a_deploy() {
    let town = dark().await;
    let arguments = ["restart", "webapp", "production", "--wait"];
    let printed = types(&town, &arguments, somebody(&["y"], None)).await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
    let deploy = town.deploy(&printed.id()).await;
    assert_eq!(deploy.phase, Phase::Ended);
    assert!(deploy.ask.unwrap().consented_by.is_some());
}

/// Any of its writes may be lost or throttled: it is recorded once, or said not to be.
#[tokio::test(start_paused = true)]
async fn a_write_that_is_lost_counts_once() {
    for kind in [
        Kind::Lost,
        Kind::Duplicated,
        Kind::Throttled,
        Kind::Before5xx,
    ] {
        for nth in [1, 2] {
            let town = dark().await;
            let writes = Matcher::operation("dynamodb", "TransactWriteItems").about("OPERATOR#");
            town.world.state().faults.plan(writes.nth(nth), kind);
            let arguments = ["deploy", "cms", "production", "1.0.2", "--wait"];
            let printed = types(&town, &arguments, somebody(&["yes"], None)).await;
            assert_eq!(printed.exit, Exit::Done, "{kind:?} {nth} {}", printed.err);
            assert_eq!(town.world.state().faults.fired(), 1, "{kind:?} {nth}");
            assert_eq!(town.store.history(10).await.unwrap().len(), 1);
        }
    }
}

/// An operator agreed to what the terminal showed: where that cannot run again, nothing older is taken instead,
/// which a question in Slack would have offered.
#[tokio::test(start_paused = true)]
async fn a_rollback_goes_no_further_back_than_was_agreed_to() {
    let town = Town::new(Bot::NoToken).await;
    for version in ["main", "feature/signup-autocomplete"] {
        town.types(ADA, &format!("webapp production {version}"))
            .await;
        town.passes(Duration::from_secs(60)).await;
        town.clicks(ADA, "confirm").await;
        town.settles().await;
    }
    town.reads();
    let newest = town.store.history(10).await.unwrap();
    let before = newest.last().unwrap();
    let plan = town.deploy(before.id.as_ref().unwrap().as_str()).await.plan;
    let image = plan.unwrap().only().unwrap().image.clone().unwrap();
    let digest = image.digest.to_string();
    town.world
        .state()
        .ecr
        .delete_image(PROD, REGION, "webapp", &digest);
    // What was found running has no id, so that a terminal asks for what is before what runs.
    let (id, now) = (DeployId::derive(b"back"), town.world.now());
    let place = ("webapp".parse().unwrap(), "production".parse().unwrap());
    let (by, back) = (operator(), Verb::rollback(None));
    let origin = Origin::typed(None);
    let deploy = Deploy::new(id.clone(), back, place, by.actor(), now, origin);
    let request = Request::for_deploy(by, &deploy);
    let accept = Accept::new(id.to_string(), Some(request), now);
    town.store.accept(&accept).await.unwrap();
    town.settles().await;
    let deploy = town.deploy(id.as_str()).await;
    assert_eq!(deploy.verdict(), Some(Verdict::Refused));
    let why = deploy.ending.unwrap().why;
    assert!(format!("{why:?}").contains("main@680af60"), "{why:?}");
    town.reads();
}

#[tokio::test(start_paused = true)]
async fn an_operator_is_called_by_the_configured_name_which_mentions_nobody() {
    let me = "arn:aws:iam::111111111111:user/ops";
    for (arn, called) in [
        (me, "Asked by Olga B."),
        ("arn:aws:iam::111111111111:user/other", "Asked by `ops`."),
    ] {
        let town = Town::empty(Bot::Token).await;
        let named = format!("operators = {{ \"{arn}\" = \"Olga B\" }}\n{CONFIG}");
        town.push(&named.replacen("command =", "announce = \"C0DEPLOYS\", command =", 1))
            .await;
        let arguments = ["deploy", "webapp:1.0.2", "to", "staging", "--wait"];
        let printed = types(&town, &arguments, somebody(&[], None)).await;
        assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
        let read = town.reads();
        assert!(read.contains(called), "{read}");
        let deploy = town.deploy(&printed.id()).await;
        assert_eq!(deploy.requester.to_string(), format!("operator:{me}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_at_the_terminal_says_what_it_takes_away() {
    let town = dark().await;
    let mut id = String::new();
    for reference in ["main", "feature/signup-autocomplete"] {
        let arguments = [
            "deploy",
            &format!("webapp:{reference}"),
            "staging",
            "--yes",
            "--wait",
        ];
        let printed = types(&town, &arguments, somebody(&[], None)).await;
        assert_eq!(printed.exit, Exit::Done, "{}", printed.err);
        id = printed.id();
    }
    let [from, to] = {
        let state = &mut *town.world.state();
        let repo = state.github.repo("acme/webapp");
        ["feature/signup-autocomplete", "main"].map(|branch| repo.head(branch).unwrap())
    };
    let page = format!("https://github.com/acme/webapp/compare/{to}...{from}");
    let arguments = ["rollback", "webapp", "staging", "--wait"];
    let printed = types(&town, &arguments, somebody(&["yes"], None)).await;
    let without = format!("without 1 commit ({page}) (ada)");
    assert_eq!(
        printed.err.lines().nth(1),
        Some(&*without),
        "{}",
        printed.err
    );
    let ended = printed
        .err
        .lines()
        .find(|line| line.starts_with("webapp: rolled back"));
    assert!(
        ended.is_some_and(|line| line.ends_with(&without)),
        "{}",
        printed.err
    );
    // What was never compared is not known here.
    let arguments = ["rollback", "webapp", "staging", "--to", &id];
    let printed = types(&town, &arguments, somebody(&["no"], None)).await;
    assert!(printed.err.contains("-> feature/signup"), "{}", printed.err);
    assert!(!printed.err.contains("without"), "{}", printed.err);
}
