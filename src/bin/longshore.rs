//! The operator's command line; see `longshore --help`.

use std::io;
use std::process::ExitCode;

use longshore::cli::{self, Surroundings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut surroundings = Surroundings {
        variable: &|name| std::env::var(name).ok(),
        now: jiff::Timestamp::now(),
        input: &mut io::stdin().lock(),
        out: &mut io::stdout().lock(),
        err: &mut io::stderr().lock(),
    };
    cli::run(std::env::args_os(), &mut surroundings)
        .await
        .into()
}
