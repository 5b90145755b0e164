//! The simulated world as a process: AWS, Slack and GitHub on one loopback port, on the machine's
//! clock, until it is asked to stop.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use longshore_sim::{Clock, World, serve};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
usage: world [--listen 127.0.0.1:0 | --port N] [--port-file PATH] [--speed N]
             [--seed FILE] [--bot URL] [--secret SIGNING-SECRET]

Serves simulated ECS, ECR, STS, Slack and GitHub (and more) over HTTP and prints the port.
  --listen ADDRESS   a loopback address; port 0 takes a free one
  --port N           the same as --listen 127.0.0.1:N
  --port-file PATH   writes the port there once it is open
  --speed N          plays ECS's scripts N times as fast
  --seed FILE        what is there from the start, as POST /_sim/seed takes it; a small
                     company with two applications in three environments if not given
  --bot URL          where the app is, as POST /_sim/bot takes it
  --secret SECRET    the app's signing secret
GET /_sim/ lists what else can be asked.";

struct Options {
    listen: SocketAddr,
    port_file: Option<PathBuf>,
    speed: Option<f64>,
    seed: Option<PathBuf>,
    bot: Option<String>,
    secret: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("world: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let Some(options) = options(std::env::args().skip(1))? else {
        println!("{USAGE}");
        return Ok(());
    };
    let world = arrange(&options)?;
    let listener = TcpListener::bind(options.listen).await?;
    let port = listener.local_addr()?.port();
    let (mut asked, mut interrupted) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    if let Some(path) = &options.port_file {
        announce(path, port)?;
    }
    println!("{port}");
    let stop = async move {
        tokio::select! {
            _ = asked.recv() => {}
            _ = interrupted.recv() => {}
        }
    };
    serve::serve(world, listener, stop).await?;
    Ok(())
}

/// The options; `None` if help is wanted.
fn options(mut words: impl Iterator<Item = String>) -> Result<Option<Options>, Box<dyn Error>> {
    let mut options = Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        port_file: None,
        speed: None,
        seed: None,
        bot: None,
        secret: None,
    };
    while let Some(word) = words.next() {
        if matches!(word.as_str(), "--help" | "-h") {
            return Ok(None);
        }
        let value = words
            .next()
            .ok_or_else(|| format!("{word} needs a value\n{USAGE}"))?;
        match word.as_str() {
            "--listen" => options.listen = value.parse()?,
            "--port" => options.listen.set_port(value.parse()?),
            "--port-file" => options.port_file = Some(value.into()),
            "--speed" => options.speed = Some(value.parse()?),
            "--seed" => options.seed = Some(value.into()),
            "--bot" => options.bot = Some(value),
            "--secret" => options.secret = Some(value),
            _ => return Err(format!("unknown option {word}\n{USAGE}").into()),
        }
    }
    if !options.listen.ip().is_loopback() {
        return Err("anybody who reaches this world may do anything in it: loopback only".into());
    }
    Ok(Some(options))
}

fn arrange(options: &Options) -> Result<World, Box<dyn Error>> {
    let world = World::new(Clock::Wall);
    match &options.seed {
        Some(path) => {
            let named = |error: &dyn Error| format!("{}: {error}", path.display());
            let document = std::fs::read(path).map_err(|error| named(&error))?;
            world.seed(&document).map_err(|error| named(&error))?;
        }
        None => {
            world.seed_acme()?;
        }
    }
    let mut guard = world.state();
    let state = &mut *guard;
    // Every run hands out other URLs and trigger ids.
    let seed = u64::try_from(world.now().as_millisecond())?;
    state
        .slack
        .set_seed(seed ^ (u64::from(std::process::id()) << 42));
    if let Some(speed) = options.speed {
        state.ecs.set_speed(speed);
    }
    if let Some(url) = &options.bot {
        state.slack.set_request_url(url);
    }
    if let Some(secret) = &options.secret {
        state.slack.set_signing_secret(secret);
    }
    drop(guard);
    Ok(world)
}

/// Writes the port so that a reader never sees half of it.
fn announce(path: &Path, port: u16) -> std::io::Result<()> {
    let draft = path.with_extension("draft");
    std::fs::write(&draft, format!("{port}\n"))?;
    std::fs::rename(draft, path)
}
