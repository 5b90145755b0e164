//! The operator's command line; see `longshore --help`.

use std::io;
use std::process::ExitCode;

use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use longshore::aws::{Aws, Patience};
use longshore::cli::{self, Surroundings, Terminal};
use longshore::http::{Dial, Http, aws_http_client};
use longshore::slack::client::SlackClient;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let http = || Http::new(aws_http_client(), Dial::Direct);
    let mut surroundings = Surroundings {
        variable: &|name| std::env::var(name).ok(),
        connect: &|| Box::pin(Aws::from_env(aws_http_client(), Patience::STEP)),
        slack: &|| SlackClient::new(http(), SharedTimeSource::new(SystemTimeSource::new())),
        github: &http,
        clock: &jiff::Timestamp::now,
        input: &mut io::stdin(),
        terminal: Terminal::of_the_process(),
        out: &mut io::stdout().lock(),
        err: &mut io::stderr().lock(),
    };
    cli::run(std::env::args_os(), &mut surroundings)
        .await
        .into()
}
