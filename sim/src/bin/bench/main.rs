//! Times the built functions as Lambda would run them: cold start, warm latency, memory and package
//! size of the public function, beside a bare `lambda_http` function. It builds nothing, runs on
//! loopback alone, and its figures hold for this machine; the ratios are what budgets are made of.

mod figures;
mod function;
mod place;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use figures::{Budget, Row, Table, Times};
use function::Function;
use place::Place;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: bench --hello FILE --slash FILE --ci FILE --waiter FILE --longshore FILE --config FILE
             [--package FILE]... [--runs N] [--warm N] [--strict] [--logs]

Prints a table of what was measured, beside each budget.
  --hello, --slash, --ci, --waiter  the functions' executables
  --longshore, --config       the command line and the configuration it is to publish
  --package FILE              a zipped function, for its size
  --runs N                    cold starts of each kind (30)
  --warm N                    warm requests of each kind (500)
  --strict                    ends with 1 if a budget is missed
  --logs                      shows what the functions log";

/// Rounds before the first that counts: the page cache is cold once, on Lambda as here.
const UNCOUNTED: usize = 2;

/// Steps of one deploy that the waiter takes; no more rows come of it, only memory.
const STEPS: usize = 4;

const MEGABYTE: f64 = 1_000_000.0;
/// The largest packages, in megabytes.
const SLASH_MOST: f64 = 3.5;
const WAITER_MOST: f64 = 5.0;

struct Options {
    hello: PathBuf,
    slash: PathBuf,
    ci: PathBuf,
    waiter: PathBuf,
    longshore: PathBuf,
    config: PathBuf,
    packages: Vec<PathBuf>,
    runs: usize,
    warm: usize,
    strict: bool,
    logs: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitCode> {
    let Some(options) = options(std::env::args().skip(1))? else {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    let place = Place::open(&options.longshore, &options.config, options.logs).await?;
    let mut table = Table::default();
    cold(&options, &place, &mut table).await?;
    warm(&options, &place, &mut table).await?;
    flood(&options, &place, &mut table).await?;
    for package in &options.packages {
        let size = std::fs::metadata(package)
            .map_err(|error| format!("{}: {error}", package.display()))?
            .len();
        let name = package.file_name().unwrap_or_default().to_string_lossy();
        let most = match name.starts_with("waiter") {
            true => WAITER_MOST,
            false => SLASH_MOST,
        };
        let size = size as f64 / MEGABYTE;
        table.push(Row::size(format!("package, {name}"), size, Some(most)));
    }
    let (runs, warm) = (options.runs, options.warm);
    println!("{table}");
    println!(
        "{runs} cold starts and {warm} warm requests of each kind, alternating; median and p95."
    );
    println!("AWS answers on loopback, without delay.");
    let missed = table.missed();
    for row in &missed {
        println!("over budget: {row}");
    }
    Ok(ExitCode::from(u8::from(
        options.strict && !missed.is_empty(),
    )))
}

/// From the spawn of a process to its first reply, the kinds taking turns.
async fn cold(options: &Options, place: &Place, table: &mut Table) -> Result<()> {
    let [mut hello, mut help, mut deploy, mut pipeline] = [(); 4].map(|()| Times::default());
    for round in 0..options.runs + UNCOUNTED {
        // The bare function before each of them, so that each follows the other's process.
        let bare = || Function::cold(&options.hello, place, place.command("help"));
        let (_, one) = bare().await?;
        let (_, first) = Function::cold(&options.slash, place, place.command("help")).await?;
        first.says("/deploy")?;
        let (_, other) = bare().await?;
        let before = place.executions();
        let event = place.command("webapp:main to staging");
        let (_, accepted) = Function::cold(&options.slash, place, event).await?;
        accepted.is_empty()?;
        if place.executions() != before + 1 {
            return Err("a deploy was answered but not handed on".into());
        }
        place.forget_deploys();
        let (_, third) = bare().await?;
        let before = place.executions();
        let event = place.pipeline(&format!("msg_cold_{round}"));
        let (_, asked) = Function::cold(&options.ci, place, event).await?;
        asked.has_status(202)?;
        if place.executions() != before + 1 {
            return Err("a pipeline's deploy was answered but not handed on".into());
        }
        place.forget_deploys();
        if round >= UNCOUNTED {
            hello.extend([one.took, other.took, third.took]);
            help.extend([first.took]);
            deploy.extend([accepted.took]);
            pipeline.extend([asked.took]);
        }
    }
    table.push(Row::time(
        "cold start, bare function",
        &hello,
        None,
        Budget::None,
    ));
    table.push(Row::time(
        "cold start, help",
        &help,
        Some(&hello),
        Budget::Ratio(2.5),
    ));
    table.push(Row::time(
        "cold start, deploy",
        &deploy,
        Some(&hello),
        Budget::Ratio(4.0),
    ));
    table.push(Row::time(
        "cold start, a pipeline's deploy",
        &pipeline,
        Some(&hello),
        Budget::Ratio(4.0),
    ));
    Ok(())
}

/// Between handing an event to a running process and its reply, the kinds taking turns.
async fn warm(options: &Options, place: &Place, table: &mut Table) -> Result<()> {
    let (bare, _) = Function::cold(&options.hello, place, place.command("help")).await?;
    let (slash, _) = Function::cold(&options.slash, place, place.command("help")).await?;
    let [mut hello, mut refused, mut forged, mut help] = [(); 4].map(|()| Times::default());
    for round in 0..options.warm + UNCOUNTED {
        // The bare function before each of them: a process that just ran finds its caches warm.
        let nothing = || bare.invoke(place.command("help"));
        let mut nothings = vec![nothing().await?.took];
        let refusal = slash
            .invoke(place.command("nosuch:main to staging"))
            .await?;
        refusal.says("nosuch")?;
        nothings.push(nothing().await?.took);
        let shut = slash.invoke(place.forged()).await?;
        shut.has_status(401)?;
        nothings.push(nothing().await?.took);
        let answer = slash.invoke(place.command("help")).await?;
        answer.says("/deploy")?;
        if round >= UNCOUNTED {
            hello.extend(nothings);
            refused.extend([refusal.took]);
            forged.extend([shut.took]);
            help.extend([answer.took]);
        }
    }
    let own = Budget::OwnTime(Duration::from_micros(100));
    table.push(Row::time("warm, bare function", &hello, None, Budget::None));
    table.push(Row::time("warm, a refusal", &refused, Some(&hello), own));
    table.push(Row::time(
        "warm, a forged signature",
        &forged,
        Some(&hello),
        own,
    ));
    table.push(Row::time("warm, help", &help, Some(&hello), Budget::None));

    slash
        .invoke(place.command("webapp:main to staging"))
        .await?
        .is_empty()?;
    let (public, bare) = (slash.peak_memory()?, bare.peak_memory()?);
    let task = waiter(&options.waiter, place).await?;
    place.forget_deploys();
    table.push(Row::size(
        "peak memory, bare function",
        bare as f64 / MEGABYTE,
        None,
    ));
    table.push(Row::size(
        "peak memory, slash",
        public as f64 / MEGABYTE,
        Some(32.0),
    ));
    table.push(Row::size(
        "peak memory, waiter",
        task as f64 / MEGABYTE,
        Some(32.0),
    ));
    Ok(())
}

/// A command while pipelines ask without a pause: each function has processes of its own, as on Lambda, and both share
/// the table.
async fn flood(options: &Options, place: &Place, table: &mut Table) -> Result<()> {
    let (slash, _) = Function::cold(&options.slash, place, place.command("help")).await?;
    let door = async |id: &str| Function::cold(&options.ci, place, place.pipeline(id)).await;
    let (one, _) = door("msg_flood_1").await?;
    let (other, _) = door("msg_flood_2").await?;
    let (third, _) = door("msg_flood_3").await?;
    let mut deploy = Times::default();
    for round in 0..options.warm.div_ceil(10) + UNCOUNTED {
        place.forget_deploys();
        let asked = slash.invoke(place.command("webapp:main to staging"));
        let flood = async {
            for again in 0..10 {
                let event = |door| place.pipeline(&format!("msg_{round}_{again}_{door}"));
                let (one, other, third) = tokio::join!(
                    one.invoke(event("1")),
                    other.invoke(event("2")),
                    third.invoke(event("3"))
                );
                for answer in [one?, other?, third?] {
                    // Ten a minute come in; the others are turned away.
                    answer.has_status(202).or_else(|_| answer.has_status(429))?;
                }
            }
            Ok::<_, Box<dyn Error>>(())
        };
        let (asked, flooded) = tokio::join!(asked, flood);
        flooded?;
        let asked = asked?;
        asked.is_empty()?;
        if round >= UNCOUNTED {
            deploy.extend([asked.took]);
        }
    }
    place.forget_deploys();
    table.push(Row::time(
        "warm, a deploy in a flood of pipelines' requests",
        &deploy,
        None,
        Budget::Within(Duration::from_millis(500)),
    ));
    Ok(())
}

/// The waiter's peak memory, in bytes, after the first steps of the deploy that was just handed on.
async fn waiter(program: &Path, place: &Place) -> Result<u64> {
    let step = place.newest_step().ok_or("there is no deploy to step")?;
    let (waiter, _) = Function::cold(program, place, step.clone()).await?;
    for _ in 1..STEPS {
        waiter.invoke(step.clone()).await?;
    }
    waiter.peak_memory()
}

/// The options; `None` if help is wanted.
fn options(mut words: impl Iterator<Item = String>) -> Result<Option<Options>> {
    let mut files: [Option<PathBuf>; 6] = Default::default();
    let (mut packages, mut runs, mut warm) = (Vec::new(), 30, 500);
    let (mut strict, mut logs) = (false, false);
    const FILES: [&str; 6] = [
        "--hello",
        "--slash",
        "--ci",
        "--waiter",
        "--longshore",
        "--config",
    ];
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .ok_or_else(|| format!("{word} needs a value\n{USAGE}"))
        };
        match word.as_str() {
            "--help" | "-h" => return Ok(None),
            "--strict" => strict = true,
            "--logs" => logs = true,
            "--package" => packages.push(value()?.into()),
            "--runs" => runs = value()?.parse::<usize>()?.clamp(1, 1_000),
            "--warm" => warm = value()?.parse::<usize>()?.clamp(1, 10_000),
            name => match FILES.iter().position(|file| *file == name) {
                Some(at) => files[at] = Some(value()?.into()),
                None => return Err(format!("unknown option {word}\n{USAGE}").into()),
            },
        }
    }
    let [
        Some(hello),
        Some(slash),
        Some(ci),
        Some(waiter),
        Some(longshore),
        Some(config),
    ] = files
    else {
        return Err(format!("{} are all needed\n{USAGE}", FILES.join(", ")).into());
    };
    Ok(Some(Options {
        hello,
        slash,
        ci,
        waiter,
        longshore,
        config,
        packages,
        runs,
        warm,
        strict,
        logs,
    }))
}
