//! Who sits at the terminal: what they type when they are asked, that they want to leave, and that
//! something is taking a while. Nobody is asked where nobody sits.

use std::future::Future;
use std::io::{self, IsTerminal};
use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::oneshot;

use super::{Failure, Surroundings};

/// What takes longer says so.
const SLOW: Duration = Duration::from_secs(1);

/// A line that is typed.
pub type Line = Pin<Box<dyn Future<Output = io::Result<String>>>>;
/// The moment at which somebody wants to leave.
pub type Departure = Pin<Box<dyn Future<Output = ()>>>;

/// Whoever sits there.
pub struct Terminal {
    line: Option<Box<dyn Fn() -> Line>>,
    leaving: Box<dyn Fn() -> Departure>,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assent {
    /// Yes.
    Yes,
    /// Anything else.
    No,
}

/// Whether an answer was given on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// `--yes`
    Yes,
    /// It is asked for.
    Nothing,
}

impl Given {
    pub(super) fn of(flag: bool) -> Self {
        match flag {
            true => Self::Yes,
            false => Self::Nothing,
        }
    }
}

impl Terminal {
    /// Nobody: nothing is typed, and nobody leaves.
    pub fn nobody() -> Self {
        Self {
            line: None,
            leaving: Box::new(|| Box::pin(std::future::pending())),
        }
    }

    /// Somebody who types these lines, and wants to leave at that moment.
    pub fn with(
        line: impl Fn() -> Line + 'static,
        leaving: impl Fn() -> Departure + 'static,
    ) -> Self {
        Self {
            line: Some(Box::new(line)),
            leaving: Box::new(leaving),
        }
    }

    /// Whoever sits where the process was started; Ctrl-C is the wish to leave.
    pub fn of_the_process() -> Self {
        let leaving = || -> Departure {
            Box::pin(async {
                // Where no signal can be had, nobody leaves by one.
                if tokio::signal::ctrl_c().await.is_err() {
                    std::future::pending::<()>().await;
                }
            })
        };
        match io::stdin().is_terminal() {
            true => Self::with(typed, leaving),
            false => Self {
                line: None,
                leaving: Box::new(leaving),
            },
        }
    }

    /// Whether somebody can be asked.
    pub(super) fn can_be_asked(&self) -> bool {
        self.line.is_some()
    }

    /// The moment at which somebody wants to leave.
    pub(super) fn leaving(&self) -> Departure {
        (self.leaving)()
    }
}

/// Reads on a thread of its own, which nobody waits for: whoever leaves need not type first.
fn typed() -> Line {
    let (send, receive) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map(|_| line);
        // Nobody waits for it any more.
        drop(send.send(read));
    });
    Box::pin(async move {
        receive
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::UnexpectedEof.into()))
    })
}

impl Surroundings<'_> {
    /// Asks; anything but a yes is a no, and so is leaving. `None` where nobody can be asked.
    pub(super) async fn asks(&mut self, question: &str) -> Result<Option<Assent>, Failure> {
        let Some(line) = &self.terminal.line else {
            return Ok(None);
        };
        write!(self.err, "{question} Type yes: ")?;
        self.err.flush()?;
        let typed = match select(line(), self.terminal.leaving()).await {
            Either::Left((typed, _)) => typed?,
            Either::Right(_) => {
                writeln!(self.err)?;
                String::new()
            }
        };
        let typed = typed.trim().to_ascii_lowercase();
        Ok(Some(match typed.as_str() {
            "yes" | "y" => Assent::Yes,
            _ => Assent::No,
        }))
    }

    /// Waits for something, and says what, if that takes longer than a second.
    pub(super) async fn waits<T>(
        &mut self,
        what: &str,
        wanted: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        let wanted = pin!(wanted);
        let slow = pin!(tokio::time::sleep(SLOW));
        match select(wanted, slow).await {
            Either::Left((got, _)) => Ok(got),
            Either::Right(((), wanted)) => {
                writeln!(self.err, "{what} ...")?;
                self.err.flush()?;
                Ok(wanted.await)
            }
        }
    }
}
