//! The commands that talk to AWS, against the simulated one, which tokio's paused clock drives.

mod live;
mod push;
mod reading;
mod rollback;

use std::time::Duration;

use longshore_sim::fault::{Kind, Matcher};
use longshore_sim::{Clock, World};

use super::{CONFIG, Folder, Said};
use crate::aws::dynamodb::{PushOutcome, Recorded, Store};
use crate::aws::{Aws, Patience};
use crate::cli::{Departure, Exit, Line, Surroundings, Terminal, run};
use crate::config::{Config, MOST_STORED, Packed};
use crate::hearing::request::Desk;
use crate::http::{Dial, Http};
use crate::names::Actor;
use crate::record::{Deploy, Ending, Phase, Verdict, Why};
use crate::request::Verb;
use crate::slack::client::SlackClient;

const TABLE: &str = "longshore-table";

fn world() -> World {
    let world = World::new(Clock::starting_at("2026-06-01T12:00:00Z".parse().unwrap()));
    let mut state = world.state();
    state.dynamodb.create_table(TABLE);
    state.states.create_machine(
        "longshore-deploys",
        longshore_sim::states::Machine::default(),
    );
    let dana = "arn:aws:iam::111111111111:user/dana".to_owned();
    let principal = (dana, "111111111111".to_owned());
    state
        .sts
        .principals
        .insert("AKIADANA".to_owned(), principal);
    drop(state);
    world
}

fn aws(world: &World) -> Aws {
    let (http, time) = (world.http_client(), world.time_source());
    Aws::new(http, time, "eu-west-1", "AKIADANA", Patience::STEP)
}

fn store(world: &World) -> Store {
    aws(world).store(TABLE)
}

async fn longshore(world: &World, arguments: &[&str]) -> Said {
    types(world, arguments, "").await
}

/// The same, with what is typed when it asks.
async fn types(world: &World, arguments: &[&str], typed: &str) -> Said {
    at(world, arguments, somebody(typed, None)).await
}

/// Somebody who types these lines, one each time they are asked, and leaves after so long.
fn somebody(typed: &str, leaves: Option<Duration>) -> Terminal {
    let lines: Vec<String> = typed.lines().map(|line| format!("{line}\n")).collect();
    let lines = std::cell::RefCell::new(lines.into_iter());
    let line = move || -> Line {
        let line = lines.borrow_mut().next().unwrap_or_default();
        Box::pin(async move { Ok(line) })
    };
    let leaves = leaves.map(|after| tokio::time::Instant::now() + after);
    let leaving = move || -> Departure {
        Box::pin(async move {
            match leaves {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        })
    };
    Terminal::with(line, leaving)
}

async fn at(world: &World, arguments: &[&str], terminal: Terminal) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let connected = world.clone();
    let mut surroundings = Surroundings {
        variable: &|name| match name {
            "TABLE_NAME" => Some(TABLE.to_owned()),
            "STATE_MACHINE_ARN" => Some(
                "arn:aws:states:eu-west-1:111111111111:stateMachine:longshore-deploys".to_owned(),
            ),
            _ => None,
        },
        connect: &move || {
            let aws = aws(&connected);
            Box::pin(async move { aws })
        },
        slack: &|| {
            SlackClient::new(
                Http::new(world.http_client(), Dial::Direct),
                world.time_source(),
            )
        },
        github: &|| Http::new(world.http_client(), Dial::Direct),
        clock: &|| world.now(),
        input: &mut std::io::empty(),
        terminal,
        out: &mut out,
        err: &mut err,
    };
    let arguments = ["longshore"].iter().chain(arguments);
    let exit = run(arguments, &mut surroundings).await;
    Said {
        exit,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

async fn push(world: &World) {
    let folder = Folder::new("pushed", &[("longshore.toml", CONFIG)]);
    let said = longshore(world, &["push", folder.path()]).await;
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
}

/// Everything that the executions were started with: name and input.
fn executions(world: &World) -> Vec<(String, String)> {
    let state = world.state();
    let executions = state.states.executions.values();
    executions
        .map(|execution| (execution.name.clone(), execution.input.clone()))
        .collect()
}

/// The deploy, taken in as the waiter would do it.
async fn deploy(world: &World, id: &str) -> (Deploy, u64) {
    let (store, id) = (store(world), id.parse().unwrap());
    let asked = store.deploy_or_request(&id).await.unwrap().unwrap();
    store.take_in(&asked, Desk::Operators).await.unwrap();
    let dossier = store.load(id.as_str()).await.unwrap().unwrap();
    match dossier.recorded {
        Recorded::Deploy(deploy) => (*deploy, dossier.rev),
        Recorded::Job(job) => panic!("{job:?}"),
    }
}

/// The ids of all requests that wait to be taken in, by desk.
async fn waiting(world: &World) -> Vec<(Option<Desk>, String)> {
    let open = store(world).open().await.unwrap();
    open.into_iter().map(|one| (one.request, one.id)).collect()
}

/// What the waiter would do in the end.
async fn end(world: &World, id: &str, verdict: Verdict, why: &str) {
    let (mut deploy, rev) = deploy(world, id).await;
    deploy.phase = Phase::Ended;
    deploy.ending = Some(Ending {
        verdict,
        at: world.now(),
        why: match why {
            "" => Why::Said,
            why => Why::failed(crate::rollout::Reason::Said(why.to_owned())),
        },
    });
    store(world).save(&deploy, rev).await.unwrap();
}

/// What the history has of cms on staging, oldest first: the image, and whether it was a rollback.
async fn has_run(world: &World, labels: &[(&str, Verb)]) {
    for (label, verb) in labels {
        has_ended(world, label, verb, Verdict::Succeeded).await;
    }
}

/// The same of one that was refused before it began.
async fn refused(world: &World, label: &str) {
    let verb = Verb::Restart;
    has_ended(world, label, &verb, Verdict::Refused).await;
}

async fn has_ended(world: &World, label: &str, verb: &Verb, verdict: Verdict) {
    let store = store(world);
    tokio::time::sleep(Duration::from_secs(600)).await;
    let request = format!("{label} {}", world.now());
    let id = crate::names::DeployId::derive(request.as_bytes());
    let digest = format!("sha256:{}", label.repeat(64));
    let mut deploy = Deploy::new(
        id,
        verb.clone(),
        ("cms".parse().unwrap(), "staging".parse().unwrap()),
        Actor::Operator {
            arn: "arn:aws:iam::111111111111:user/maria".to_owned(),
            name: None,
        },
        world.now(),
        crate::record::Origin::typed(None),
    );
    let mut plan = crate::card::fixtures::plan(label, &["cms"]);
    plan.services[0].change = crate::plan::Change::Exactly {
        revision: format!("cms:{label}"),
        images: vec![("app".to_owned(), format!("cms@{digest}"))],
    };
    let mut service = crate::record::ServiceState::new("cms");
    service.revision = Some(format!("cms:{label}"));
    service.phase = crate::record::ServicePhase::Succeeded {
        rollout: "arn:aws:ecs:eu-west-1:1:service-deployment/staging/cms/1".to_owned(),
        no_tasks: false,
    };
    if verdict != Verdict::Refused {
        deploy.services = vec![service];
        deploy.started_at = Some(world.now());
    }
    deploy.plan = Some(plan);
    store.take_in(&deploy, Desk::Operators).await.unwrap();
    let rev = store.load(deploy.id.as_str()).await.unwrap().unwrap().rev;
    deploy.end(verdict, world.now(), Why::Said);
    let past = crate::past::of(&deploy);
    let at = world.now();
    store.end(&deploy, rev, &past, &[], at).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_aws_that_says_no_is_exit_code_three() {
    let world = world();
    world.state().dynamodb.tables.clear();
    let folder = Folder::new("no-table", &[("longshore.toml", CONFIG)]);
    let said = longshore(&world, &["push", folder.path()]).await;
    assert_eq!(said.exit, Exit::AwsFailed);
    assert!(
        said.err
            .contains("nothing was stored; it is not in this account and region"),
        "{}",
        said.err
    );
}
