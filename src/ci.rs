//! The door of pipelines: verify → parse → authorize → record → hand on → answer. It has no right on anything but the
//! table, its own keys and the state machine, and its requests stand in a partition of their own.
//!
//! Nothing is read of a body before its signature was verified; whatever is wrong before that has one answer.

mod delivery;
#[cfg(test)]
mod described;
mod door;
mod keys;
mod signature;
mod token;

use std::time::Duration;

use aws_smithy_async::time::SharedTimeSource;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::http::StatusCode;
use serde::{Deserialize, Serialize};

pub use self::delivery::{Delivery, ProvedBy};
use self::door::{PipelineAnswer, Route};
pub use self::keys::PipelineKeys;
pub use self::signature::{BadKey, ID, NotVerified, SIGNATURE, TIMESTAMP, WebhookKey, verify};
use self::token::{Issuers, NoProof, ShownProof, shown};
use crate::aws::dynamodb::{Accept, AcceptOutcome, Extra, Store, StoreError};
use crate::aws::sfn::Machine;
use crate::hearing::request::{Asker, Request};
use crate::names::{Actor, AppName, DeployId, EnvName, PipelineName, Ref};
use crate::policy::{Action, authorize};
use crate::record::{Deploy, Origin, Phase, Verdict};
use crate::refusal::why::why;
use crate::reply::pipeline::ProblemCode;
use crate::request::{ChangeKind, Verb};
use crate::settings::{Loaded, Settings};
use crate::telemetry::{self, Metrics};

/// When the answer must be on its way: API Gateway waits for ten seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// What a pipeline may ask for in a minute.
const A_MINUTE: usize = 10;
/// When to look again at what is not over.
const LOOK_AGAIN_SECONDS: u64 = 5;
/// When an issuer's keys may have been read anew.
const KEYS_COME_SECONDS: u64 = 60;
/// How often a place among those of a minute is sought that nobody has taken.
const TRIES: usize = 3;

/// The function that pipelines speak to: its clients, built once.
#[derive(Debug)]
pub struct Ci {
    store: Store,
    machine: Machine,
    keys: PipelineKeys,
    issuers: Issuers,
    settings: Settings,
    metrics: Metrics,
    clock: SharedTimeSource,
}

/// What a pipeline asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeployBody {
    application: AppName,
    environment: EnvName,
    r#ref: Ref,
}

/// What a pipeline asks about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusBody {
    deploy: DeployId,
}

/// How a deploy stands.
#[derive(Serialize)]
struct StateBody<'d> {
    deploy: &'d DeployId,
    application: &'d AppName,
    environment: &'d EnvName,
    status: Phase,
    verdict: Option<Verdict>,
    why: Vec<String>,
    requested_at: Timestamp,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

impl Ci {
    /// The function over these clients.
    pub fn new(
        store: Store,
        machine: Machine,
        keys: PipelineKeys,
        metrics: Metrics,
        clock: SharedTimeSource,
    ) -> Self {
        Self {
            store,
            machine,
            keys,
            issuers: Issuers::default(),
            settings: Settings::default(),
            metrics,
            clock,
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::try_from(self.clock.now()).unwrap_or(Timestamp::MAX)
    }

    /// Answers one request.
    pub async fn handle(&self, event: &ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        // On the heap, and of no type of its own: what it waits for is deep.
        let answer: BoxFuture<'_, Result<PipelineAnswer, ProblemCode>> =
            Box::pin(self.answer(event));
        let answer = tokio::time::timeout(ANSWER_WITHIN, answer).await;
        let answer = answer.unwrap_or_else(|_| {
            tracing::error!("an answer to a pipeline ran out of time");
            Err(ProblemCode::Unavailable)
        });
        let answer = answer.unwrap_or_else(PipelineAnswer::problem);
        answer.into_response()
    }

    async fn answer(&self, event: &ApiGatewayV2httpRequest) -> Result<PipelineAnswer, ProblemCode> {
        let now = self.now();
        let body = door::body(event)?;
        let turned_away = || {
            self.metrics.refused_signature(now);
            tracing::warn!(
                "refused a pipeline's request whose signature or token is missing, wrong or not fresh"
            );
            ProblemCode::NotVerified
        };
        let (route, name) = door::route(event).ok_or_else(turned_away)?;
        let loaded = self
            .settings
            .current(&self.store, now)
            .await
            .map_err(|error| {
                tracing::error!(%error, "there is no configuration to act on");
                ProblemCode::Unavailable
            })?;
        // Names that nobody configured cause no call.
        let entry = loaded.config.pipeline(&name).ok_or_else(turned_away)?;
        let delivery = match shown(&event.headers) {
            ShownProof::Signature => {
                let keys = self.keys.of(&name, now).await.map_err(|error| {
                    tracing::error!(%error, "a pipeline's keys could not be read");
                    ProblemCode::Unavailable
                })?;
                verify(&keys, &event.headers, body, now).map_err(|NotVerified| turned_away())?
            }
            ShownProof::Token(token) => {
                let trust = entry.token.as_ref();
                let verified = self.issuers.verify(&self.store, trust, token, body, now);
                match verified.await {
                    Ok(delivery) => delivery,
                    Err(NoProof::NotVerified) => return Err(turned_away()),
                    Err(NoProof::UnknownKey) => {
                        let problem = PipelineAnswer::problem(turned_away());
                        return Ok(problem.again_after(KEYS_COME_SECONDS));
                    }
                    Err(NoProof::Unread(error)) => return Err(unread(error)),
                }
            }
            ShownProof::Unclear => return Err(turned_away()),
        };
        let visit = PipelineVisit {
            ci: self,
            loaded: &loaded,
            name: &name,
            now,
        };
        match route {
            Route::Deploys => match (visit.deploys(&delivery).await, delivery.proof()) {
                // A token is good for what it first came with; whoever brings it for more may have found it.
                (Err(ProblemCode::OtherBody), ProvedBy::Token) => Err(turned_away()),
                (answer, _) => answer,
            },
            Route::Status => visit.status(&delivery).await,
        }
    }
}

/// One verified request in hand.
struct PipelineVisit<'a> {
    ci: &'a Ci,
    loaded: &'a Loaded,
    name: &'a PipelineName,
    now: Timestamp,
}

impl PipelineVisit<'_> {
    fn actor(&self) -> Actor {
        Actor::Ci {
            name: self.name.clone(),
        }
    }

    fn may(
        &self,
        action: &Action,
        application: &AppName,
        environment: &EnvName,
    ) -> Result<(), ProblemCode> {
        let policy = self.loaded.policy(self.now);
        let allowed = authorize(
            policy,
            &self.actor(),
            action,
            application,
            environment,
            None,
        );
        allowed.map(drop).map_err(|_| ProblemCode::NotAllowed)
    }

    fn answer(&self, status: StatusCode, deploy: &Deploy) -> PipelineAnswer {
        stands(status, deploy, &self.loaded.config.slack().command)
    }

    async fn deploys(&self, delivery: &Delivery) -> Result<PipelineAnswer, ProblemCode> {
        let asked: DeployBody = read(delivery)?;
        let action = Action::Change(ChangeKind::Deploy);
        self.may(&action, &asked.application, &asked.environment)?;
        let deploy = self.wanted(delivery, asked);
        let ci = self.ci;
        let before = ci.store.deploy_or_request(&deploy.id).await;
        if let Some(before) = before.map_err(unread)? {
            return self.same(&before, &deploy).await;
        }
        let minute = self.now.as_second().div_euclid(60);
        let asker = Asker::Pipeline {
            name: self.name.clone(),
        };
        for _ in 0..TRIES {
            let taken = ci
                .store
                .slots_taken(self.name, minute)
                .await
                .map_err(unread)?;
            if taken >= A_MINUTE {
                let left = 60 - self.now.as_second().rem_euclid(60);
                let answer = PipelineAnswer::problem(ProblemCode::TooMany);
                return Ok(answer.again_after(left.unsigned_abs()));
            }
            let request = Request::for_deploy(asker.clone(), &deploy);
            let mut accept = Accept::new(deploy.id.to_string(), Some(request), deploy.requested_at);
            accept.token = format!("{}-{minute}-{taken}", deploy.id);
            accept.extra.push(Extra::Slot {
                pipeline: self.name.clone(),
                minute,
                number: taken,
            });
            let outcome = ci.store.accept(&accept).await.map_err(|error| {
                tracing::error!(%error, "a pipeline's request could not be recorded for certain");
                ProblemCode::Unavailable
            })?;
            match outcome {
                AcceptOutcome::Accepted => {
                    telemetry::accepted(&deploy);
                    return Ok(self.handed_on(&deploy).await);
                }
                AcceptOutcome::SlotTaken => {}
                AcceptOutcome::Duplicate { .. } => {
                    let before = ci.store.deploy_or_request(&deploy.id).await;
                    return match before.map_err(unread)? {
                        Some(before) => self.same(&before, &deploy).await,
                        None => Err(ProblemCode::Unavailable),
                    };
                }
                AcceptOutcome::ButtonUsed { .. }
                | AcceptOutcome::SaidBefore(_)
                | AcceptOutcome::Closed => return Err(ProblemCode::Unavailable),
            }
        }
        Err(ProblemCode::Unavailable)
    }

    /// The deploy that a delivery asks for. Its id is the delivery's: one that comes again is the same deploy.
    fn wanted(&self, delivery: &Delivery, asked: DeployBody) -> Deploy {
        let verb = Verb::Deploy {
            reference: Some(asked.r#ref),
            image: None,
            again: None,
            from: None,
        };
        // Neither a name nor an id has a character that ends it. A token is one deploy, whichever pipeline shows it.
        let of = match delivery.proof() {
            ProvedBy::Key => format!("pipeline\n{}\n{}", self.name, delivery.id()),
            ProvedBy::Token => format!("token\n{}", delivery.id()),
        };
        Deploy::new(
            DeployId::derive(of.as_bytes()),
            verb,
            (asked.application, asked.environment),
            self.actor(),
            // The pipeline's own clock says no more than that it is fresh: of two requests, which is newer is told by ours.
            self.now,
            Origin::typed(None),
        )
    }

    /// The answer to what was asked for before, if it was the same.
    async fn same(&self, before: &Deploy, wanted: &Deploy) -> Result<PipelineAnswer, ProblemCode> {
        let is_same = before.requester == wanted.requester
            && before.environment == wanted.environment
            && before.asked == wanted.asked;
        match (is_same, before.phase) {
            (false, _) => Err(ProblemCode::OtherBody),
            // Whoever was first may have ended before handing on.
            (true, Phase::Requested) => Ok(self.handed_on(before).await),
            (true, _) => Ok(self.answer(StatusCode::ACCEPTED, before)),
        }
    }

    async fn handed_on(&self, deploy: &Deploy) -> PipelineAnswer {
        let id = deploy.id.as_str();
        if let Err(error) = self.ci.machine.start(id, id).await {
            tracing::error!(id, %error, "a recorded request could not be handed on; the sweeper will");
        }
        self.answer(StatusCode::ACCEPTED, deploy)
    }

    async fn status(&self, delivery: &Delivery) -> Result<PipelineAnswer, ProblemCode> {
        let asked: StatusBody = read(delivery)?;
        let deploy = self.ci.store.deploy_or_request(&asked.deploy).await;
        let deploy = deploy.map_err(unread)?.ok_or(ProblemCode::NotFound)?;
        let mut applications = deploy.applications();
        let may = applications.all(|one| self.may(&Action::Read, one, &deploy.environment).is_ok());
        match may {
            true => Ok(self.answer(StatusCode::OK, &deploy)),
            // Whatever others do is not told to be there.
            false => Err(ProblemCode::NotFound),
        }
    }
}

fn stands(status: StatusCode, deploy: &Deploy, command: &str) -> PipelineAnswer {
    let ending = deploy.ending.as_ref();
    let state = StateBody {
        deploy: &deploy.id,
        application: deploy.application(),
        environment: &deploy.environment,
        status: deploy.phase,
        verdict: deploy.verdict(),
        why: ending.map_or_else(Vec::new, |ending| {
            let reasons = why(&ending.why).into_iter();
            reasons.map(|reason| reason.plain(command)).collect()
        }),
        requested_at: deploy.requested_at,
        started_at: deploy.started_at,
        ended_at: ending.map(|ending| ending.at),
    };
    let answer = PipelineAnswer::object(status, &state);
    match ending {
        Some(_) => answer,
        None => answer.again_after(LOOK_AGAIN_SECONDS),
    }
}

fn read<'d, T: Deserialize<'d>>(delivery: &'d Delivery) -> Result<T, ProblemCode> {
    serde_json::from_slice(delivery.body()).map_err(|_| ProblemCode::Malformed)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "what `map_err` calls takes the error itself"
)]
fn unread(error: StoreError) -> ProblemCode {
    tracing::error!(%error, "the table could not be read for a pipeline");
    ProblemCode::Unavailable
}
