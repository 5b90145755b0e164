//! Faults on the way to a service: which call, and what happens to it. A plan counts what it saw
//! and what it did, so that a test can prove that its fault really happened.
//!
//! Faults live on the road, never in the services: a service either executed a request or it did not.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use crate::{AwsError, route};

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Not executed; the service's own 5xx is answered.
    Before5xx,
    /// Not executed; the service's throttling error, for Slack and GitHub 429 with `Retry-After: 1`.
    Throttled,
    /// Not executed; AWS's refusal of who has no right to it. It does not pass by itself.
    Denied,
    /// Not executed; this error of AWS's with these words. It does not pass by itself.
    Refused(&'static str, &'static str),
    /// Not executed; nothing is ever answered.
    TimedOut,
    /// Executed; then the connection breaks.
    Lost,
    /// Executed; then nothing is ever answered.
    LostLate,
    /// Executed twice; the second answer is given.
    Duplicated,
}

impl Kind {
    /// Every kind that passes, for tests that enumerate.
    pub const ALL: [Self; 6] = [
        Self::Before5xx,
        Self::Throttled,
        Self::TimedOut,
        Self::Lost,
        Self::LostLate,
        Self::Duplicated,
    ];
}

/// Which calls are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matcher {
    service: Option<String>,
    operation: Option<String>,
    nth: Option<u64>,
    every: Option<u64>,
    about: Option<String>,
}

impl Matcher {
    /// Every call to anything.
    pub fn any() -> Self {
        Self::default()
    }

    /// Every call to a service, in IAM's spelling.
    pub fn service(service: &str) -> Self {
        Self {
            service: Some(service.to_owned()),
            ..Self::default()
        }
    }

    /// Every call of one operation; for Slack and GitHub method and path, `POST /api/chat.update`.
    /// A trailing `*` matches any rest.
    pub fn operation(service: &str, operation: &str) -> Self {
        Self {
            operation: Some(operation.to_owned()),
            ..Self::service(service)
        }
    }

    /// Only the nth of those calls, counted from 1 since the fault was planned.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(nth);
        self
    }

    /// Only each so manieth of those calls: every third, counted since the fault was planned.
    #[must_use]
    pub fn every(mut self, every: u64) -> Self {
        self.every = Some(every);
        self
    }

    /// Only those whose request's body has this text in it.
    #[must_use]
    pub fn about(mut self, text: &str) -> Self {
        self.about = Some(text.to_owned());
        self
    }

    fn names(&self, to: &route::Destination, body: &[u8]) -> bool {
        let about = self.about.as_ref().is_none_or(|text| {
            let mut parts = body.windows(text.len().max(1));
            parts.any(|part| part == text.as_bytes())
        });
        let operation = |wanted: &String| match wanted.strip_suffix('*') {
            Some(prefix) => to.operation.starts_with(prefix),
            None => *wanted == to.operation,
        };
        about
            && self.service.as_ref().is_none_or(|name| name == to.service)
            && self.operation.as_ref().is_none_or(operation)
    }
}

/// One planned thing with its counters.
#[derive(Clone, Debug)]
pub struct Planned<T> {
    /// Which calls.
    pub matcher: Matcher,
    /// What happens to them.
    pub what: T,
    /// How many calls matched service and operation so far.
    pub seen: u64,
    /// How often it happened.
    pub fired: u64,
}

impl<T: Copy> Planned<T> {
    fn new(matcher: Matcher, what: T) -> Self {
        Self {
            matcher,
            what,
            seen: 0,
            fired: 0,
        }
    }

    fn meets(&mut self, to: &route::Destination, body: &[u8]) -> Option<T> {
        if !self.matcher.names(to, body) {
            return None;
        }
        self.seen += 1;
        let nth = self.matcher.nth.is_none_or(|nth| nth == self.seen);
        let every = self
            .matcher
            .every
            .is_none_or(|every| self.seen.is_multiple_of(every));
        if !nth || !every {
            return None;
        }
        self.fired += 1;
        Some(self.what)
    }
}

/// On which side of a call its caller dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// The request never leaves.
    Before,
    /// The request is executed, the answer is never seen.
    After,
}

/// Everything planned to go wrong.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Faults by call; of several that match, the first fires.
    pub faults: Vec<Planned<Kind>>,
    /// Delays by call, in the world's time; all that match add up.
    pub latency: Vec<Planned<Duration>>,
    /// Deaths of the caller.
    pub kills: Vec<Planned<Kill>>,
}

/// What one call meets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fate {
    pub(crate) latency: Duration,
    pub(crate) fault: Option<Kind>,
    pub(crate) kill: Option<Kill>,
}

impl Faults {
    /// Plans a fault.
    pub fn plan(&mut self, matcher: Matcher, kind: Kind) {
        self.faults.push(Planned::new(matcher, kind));
    }

    /// Plans a delay before the call is executed.
    pub fn delay(&mut self, matcher: Matcher, by: Duration) {
        self.latency.push(Planned::new(matcher, by));
    }

    /// Plans the death of whoever makes the matching call.
    pub fn kill(&mut self, matcher: Matcher, when: Kill) {
        self.kills.push(Planned::new(matcher, when));
    }

    /// How many faults and kills have happened.
    pub fn fired(&self) -> u64 {
        let faults = self.faults.iter().map(|fault| fault.fired);
        faults.chain(self.kills.iter().map(|kill| kill.fired)).sum()
    }

    pub(crate) fn fate(&mut self, to: &route::Destination, body: &[u8]) -> Fate {
        let delays = self
            .latency
            .iter_mut()
            .filter_map(|delay| delay.meets(to, body));
        Fate {
            latency: delays.sum(),
            fault: self
                .faults
                .iter_mut()
                .find_map(|fault| fault.meets(to, body)),
            kill: self.kills.iter_mut().find_map(|kill| kill.meets(to, body)),
        }
    }
}

/// The service's own words for "broken" (`Before5xx`), "not you" (`Denied`) or "too fast" (anything
/// else).
pub(crate) fn refusal(to: &route::Destination, kind: Kind) -> Response<Bytes> {
    let broken = kind == Kind::Before5xx;
    if matches!(to.service, "slack" | "github" | "issuer") {
        let status = match (broken, to.service) {
            (false, _) => StatusCode::TOO_MANY_REQUESTS,
            (true, "github" | "issuer") => StatusCode::BAD_GATEWAY,
            (true, _) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = status;
        if !broken {
            let seconds = HeaderValue::from_static("1");
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        return response;
    }
    if let Kind::Refused(code, words) = kind {
        return route::wrap(to, Err(AwsError::new(code, words)));
    }
    if kind == Kind::Denied {
        let action = format!("{}:{}", to.service, to.operation);
        let message = format!("User is not authorized to perform: {action}");
        let error = AwsError::new("AccessDeniedException", message);
        return route::wrap(to, Err(error));
    }
    let (status, code, message) = match (broken, to.service) {
        (true, "dynamodb" | "ssm") => (500, "InternalServerError", "Internal server error"),
        (true, "ecs" | "ecr") => (
            500,
            "ServerException",
            "Service Unavailable. Please try again later.",
        ),
        (true, _) => (503, "ServiceUnavailable", "Service is unavailable"),
        (false, "sts") => (400, "Throttling", "Rate exceeded"),
        (false, _) => (400, "ThrottlingException", "Rate exceeded"),
    };
    let error = AwsError::new(code, message);
    route::wrap(to, Err(AwsError { status, ..error }))
}
