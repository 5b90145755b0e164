//! A request as it is handed on: what somebody wants, who, where and when, and nothing else.
//!
//! The public function and the operator's command line write it down; the waiter makes the deploy or
//! the job of it. Whoever wrote it may have been taken over, so that reading is strict: what this
//! version would not have written is no request. The kind of whoever asks is the partition's that the
//! request stands in, never the body's.

mod possible;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::names::{Actor, ChannelId, DeployId, EnvName, PipelineName, ReadId, TeamId, UserId};
use crate::policy::Sender;
use crate::record::job::{Job, Task};
use crate::record::{Deploy, Mention, Origin, Plea};
use crate::request::AskedOf;

/// The version of a request's layout.
const SCHEMA: u32 = 1;
/// The most bytes of a request: ten applications with refs of 255 bytes take less than half.
pub(crate) const MAX_BYTES: usize = 16 * 1024;
/// How long a request may wait to be taken in: beyond that, nobody expects it any more.
pub const FRESH: SignedDuration = SignedDuration::from_mins(15);
/// How far ahead of the waiter's clock a signed time may lie: as far as the signature's own check
/// lets it. <https://docs.slack.dev/authentication/verifying-requests-from-slack>
pub const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// A person in Slack, by the ids that the signature covered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The workspace or organisation that they were admitted by.
    pub team: TeamId,
    /// The person.
    pub user: UserId,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A person in Slack.
    Person(Person),
    /// Somebody at the operator's command line.
    Operator {
        /// The IAM identity that STS reported.
        arn: String,
    },
    /// A pipeline, by the key that signed its request.
    Pipeline {
        /// Its name in the configuration.
        name: PipelineName,
    },
}

/// The partitions that requests stand in. IAM decides who writes into which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Desk {
    /// `OPERATOR#…`, of whoever has the IAM right.
    Operators,
    /// `ASKED#…`, of the public function.
    Public,
    /// `PIPELINE#…`, of the function that pipelines speak to.
    Pipelines,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// A deploy.
    Deploy {
        /// Where.
        environment: EnvName,
        /// Of which applications, in order, each with what is asked of it.
        each: Vec<AskedOf>,
    },
    /// A deploy, and the right to it.
    Plea {
        /// Where.
        environment: EnvName,
        /// Of which application, and what.
        of: AskedOf,
        /// The admin whom they chose to ask.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<UserId>,
    },
    /// Something that is no deploy.
    Job(Task),
}

impl Wanted {
    /// Where something is deployed, and what; none of something else.
    pub(crate) fn deploys(&self) -> Option<(&EnvName, &[AskedOf])> {
        match self {
            Self::Deploy { environment, each } => Some((environment, each)),
            Self::Plea {
                environment, of, ..
            } => Some((environment, std::slice::from_ref(of))),
            Self::Job(_) => None,
        }
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who.
    pub by: Asker,
    /// In which conversation; none for an operator at a terminal.
    pub channel: Option<ChannelId>,
    /// The message to the bot that asks; none of a command or a click.
    pub mention: Option<Mention>,
    /// When, by the signed time.
    pub at: Timestamp,
    /// What.
    pub wanted: Wanted,
}

/// Why an item is no request. Never says what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// It is longer than any request.
    #[error("it is longer than any request")]
    TooLong,
    /// A newer version wrote it.
    #[error("a newer version of Longshore wrote it")]
    Newer,
    /// Its members are not those of a request.
    #[error("its members are not exactly those of a request")]
    Unreadable,
    /// Nobody could have asked so.
    #[error("{0}")]
    Impossible(&'static str),
}

/// Whether a request came in time to be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// It did.
    Fresh,
    /// It waited too long.
    TooOld,
    /// Its time has not come yet.
    Ahead,
}

impl Timing {
    /// That of something said at this time.
    pub fn of(at: Timestamp, now: Timestamp) -> Self {
        let age = now.duration_since(at);
        if age > FRESH {
            Self::TooOld
        } else if age < -AHEAD {
            Self::Ahead
        } else {
            Self::Fresh
        }
    }
}

impl Person {
    /// The sender, by their own workspace.
    pub fn home(sender: &Sender) -> Self {
        Self {
            team: sender.home.clone(),
            user: sender.user.clone(),
        }
    }

    /// The actor that this is.
    pub fn actor(&self) -> Actor {
        Actor::Slack {
            team: self.team.clone(),
            user: self.user.clone(),
        }
    }
}

impl Asker {
    /// The actor that this is.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Person(person) => person.actor(),
            Self::Operator { arn } => Actor::Operator {
                arn: arn.clone(),
                name: None,
            },
            Self::Pipeline { name } => Actor::Ci { name: name.clone() },
        }
    }

    /// Where this one's requests stand.
    pub fn desk(&self) -> Desk {
        match self {
            Self::Person(_) => Desk::Public,
            Self::Operator { .. } => Desk::Operators,
            Self::Pipeline { .. } => Desk::Pipelines,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Operator {
    arn: String,
}

#[derive(Serialize, Deserialize)]
struct Pipeline {
    name: PipelineName,
}

#[derive(Serialize, Deserialize)]
struct RequestBody<By> {
    schema: u32,
    by: By,
    channel: Option<ChannelId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mention: Option<Mention>,
    at: Timestamp,
    wanted: Wanted,
}

/// Reads exactly what writing it again would give: no member more, none less.
pub(crate) fn strictly<T: Serialize + DeserializeOwned>(body: &str) -> Option<T> {
    let value: Value = serde_json::from_str(body).ok()?;
    let read: T = serde_json::from_value(value.clone()).ok()?;
    let again = serde_json::to_value(&read).ok()?;
    (again == value).then_some(read)
}

impl Request {
    /// The request for this deploy, as it is before anybody has looked at it.
    pub fn for_deploy(by: Asker, deploy: &Deploy) -> Self {
        Self {
            by,
            channel: deploy.origin.channel.clone(),
            mention: deploy.origin.mention.clone(),
            at: deploy.requested_at,
            wanted: match &deploy.plea {
                Some(plea) => Wanted::Plea {
                    environment: deploy.environment.clone(),
                    of: deploy.asked.first().clone(),
                    to: plea.to.clone(),
                },
                None => Wanted::Deploy {
                    environment: deploy.environment.clone(),
                    each: deploy.asked.clone().into_vec(),
                },
            },
        }
    }

    /// The request for this job.
    pub fn for_job(by: Asker, job: &Job) -> Self {
        Self {
            by,
            channel: job.channel.clone(),
            mention: job.mention.as_deref().cloned(),
            at: job.requested_at,
            wanted: Wanted::Job(job.task.clone()),
        }
    }

    /// The body of its item.
    ///
    /// # Errors
    ///
    /// If it cannot be written as JSON.
    pub fn body(&self) -> Result<String, serde_json::Error> {
        fn written<By: Serialize>(by: By, of: &Request) -> Result<String, serde_json::Error> {
            serde_json::to_string(&RequestBody {
                schema: SCHEMA,
                by,
                channel: of.channel.clone(),
                mention: of.mention.clone(),
                at: of.at,
                wanted: of.wanted.clone(),
            })
        }
        match self.by.clone() {
            Asker::Person(person) => written(person, self),
            Asker::Operator { arn } => written(Operator { arn }, self),
            Asker::Pipeline { name } => written(Pipeline { name }, self),
        }
    }

    /// Reads an item that stands at this desk.
    ///
    /// # Errors
    ///
    /// [`BadRequest`] for anything that this version would not have written there.
    pub fn read(desk: Desk, body: &str) -> Result<Self, BadRequest> {
        fn read<By: Serialize + DeserializeOwned>(
            body: &str,
            by: impl Fn(By) -> Asker,
        ) -> Option<Request> {
            let read: RequestBody<By> = strictly(body)?;
            Some(Request {
                by: by(read.by),
                channel: read.channel,
                mention: read.mention,
                at: read.at,
                wanted: read.wanted,
            })
        }
        #[derive(Deserialize)]
        struct Layout {
            schema: u32,
        }
        if body.len() > MAX_BYTES {
            return Err(BadRequest::TooLong);
        }
        let layout: Layout = serde_json::from_str(body).map_err(|_| BadRequest::Unreadable)?;
        if layout.schema > SCHEMA {
            return Err(BadRequest::Newer);
        }
        let operator = |Operator { arn }| Asker::Operator { arn };
        let pipeline = |Pipeline { name }| Asker::Pipeline { name };
        let read = match desk {
            Desk::Public => read(body, Asker::Person),
            Desk::Operators => read(body, operator),
            Desk::Pipelines => read(body, pipeline),
        };
        let request = read.ok_or(BadRequest::Unreadable)?;
        request.is_possible().map_err(BadRequest::Impossible)?;
        Ok(request)
    }

    /// The deploy that is asked for; none if something else is.
    pub fn deploy(&self, id: &DeployId) -> Option<Deploy> {
        let (environment, each) = self.wanted.deploys()?;
        let (first, also) = each.split_first()?;
        let mut deploy = Deploy::new(
            id.clone(),
            first.verb.clone(),
            (first.application.clone(), environment.clone()),
            self.by.actor(),
            self.at,
            Origin {
                channel: self.channel.clone(),
                mention: self.mention.clone(),
            },
        );
        deploy.asked.extend(also.iter().cloned());
        if let Wanted::Plea { to, .. } = &self.wanted {
            deploy.plea = Some(Plea {
                to: to.clone(),
                ..Plea::default()
            });
        }
        Some(deploy)
    }

    /// The job that is asked for; none if a deploy is.
    pub fn job(&self, id: &ReadId) -> Option<Job> {
        let Wanted::Job(task) = &self.wanted else {
            return None;
        };
        Some(Job {
            id: id.clone(),
            task: task.clone(),
            requester: self.by.actor(),
            channel: self.channel.clone(),
            mention: self.mention.clone().map(Box::new),
            requested_at: self.at,
        })
    }
}

#[cfg(test)]
mod tests;
