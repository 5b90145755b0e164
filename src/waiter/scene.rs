//! The scene of a plan: a target by today's configuration, checked against today's rights, with what
//! runs there now.

mod asked;
mod branches;
pub(crate) mod checks;
mod commits;
mod errand;
pub(crate) mod foreign;
pub(crate) mod gates;
mod no_plan;
mod parts;
mod pins;
mod platform;
pub(crate) mod proofs;
pub(crate) mod retention;
mod rules;
pub(crate) mod source;

use std::collections::BTreeSet;

use vec1::vec1;

pub(crate) use self::errand::Errand;
pub(crate) use self::no_plan::{NoPlan, denied, no_access};
pub(crate) use self::parts::{join_parts, kept};
pub(crate) use self::pins::{Found, Pins, beside, both, by_name, pin_by_name};
pub(crate) use self::platform::BroughtImage;
use crate::aws::AwsError;
use crate::aws::sts::OnBehalf;
use crate::config::Target;
use crate::github::{Conversation, GitHub};
use crate::hearing;
use crate::names::arn::last_part;
use crate::names::image_reference::digest_of;
use crate::names::version::{Called, version};
use crate::past::ran_as;
use crate::plan::{Foreign, Plan, PlannedService, Share};
use crate::policy::{Action, Denied, Doubt, Policy};
use crate::record::lease::ServiceKey;
use crate::record::{Deploy, Past, Refused};
use crate::rollout::{LiveService, RunningImage};
use crate::settings::NoSettings;
use crate::waiter::context::StepError;
use crate::waiter::context::Waiter;
use crate::waiter::reach::{Destination, Reach};

/// How many of the newest deploys are looked through: for what runs, and for the way back.
pub(crate) const HISTORY: i32 = 100;

/// A target with what runs there now.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    /// The waiter's clients.
    pub(crate) waiter: &'a Waiter,
    /// The environment's account, open.
    pub(crate) reach: Reach,
    /// Where and how.
    pub(crate) target: Target,
    /// The hash of the policy that applies there.
    pub(crate) policy_hash: String,
    /// The configuration's version.
    pub(crate) config_version: u64,
    /// The old copy of what Slack said, by which the requester may do this.
    pub(crate) by_copy: Option<Doubt>,
    /// The services that are there, as they are, in the target's order.
    pub(crate) live: Vec<LiveService>,
    /// The history there, newest first.
    pub(crate) history: Vec<Past>,
    /// What others are rolling out on the services, once that was looked at.
    pub(crate) foreign: Vec<Foreign>,
    /// What GitHub was asked for the plan.
    pub(crate) conversation: Conversation,
    /// What it is read for.
    pub(crate) errand: Errand,
}

/// The target by today's configuration, checked against today's rights, with what runs there.
pub(crate) async fn scene<'a>(waiter: &'a Waiter, deploy: &Deploy) -> Result<Scene<'a>, NoPlan> {
    let judged = match waiter
        .judged([&deploy.requester], &deploy.environment)
        .await
    {
        Ok(judged) => judged,
        Err(NoSettings::NotPushed) => return Err(Refused::NoConfiguration.into()),
        Err(NoSettings::Unusable { version, why }) => {
            tracing::error!(version, %why, "the configuration is unusable");
            return Err(Refused::UnreadableConfiguration.into());
        }
        Err(error @ NoSettings::Store(_)) => return Err(NoPlan::Failed(error.into())),
    };
    let by_copy = match allowed(judged.policy(), deploy) {
        Err(denied) if denied.is_doubt() => {
            return Err(NoPlan::Failed(StepError::NotKnown(Box::new(denied))));
        }
        allowed => allowed?,
    };
    let loaded = &judged.loaded;
    let (app, env) = (deploy.application(), &deploy.environment);
    let target = loaded.config.target(app, env);
    let policy_hash = loaded.config.policy_hash(app, env);
    let (Some(target), Some(policy_hash)) = (target, policy_hash) else {
        return Err(Refused::NotThere {
            application: app.clone(),
            environment: env.clone(),
            there: Vec::new(),
        }
        .into());
    };
    let visitor = Visitor {
        on_behalf: OnBehalf {
            deploy: deploy.id.as_str(),
            actor: &deploy.requester,
        },
        policy_hash,
        config_version: loaded.version,
        by_copy,
    };
    let staged = stage(waiter, target, visitor).await;
    staged.map_err(|error| match error {
        StepError::Aws(error) => denied(error, deploy),
        error => NoPlan::Failed(error),
    })
}

/// On whose behalf a target is looked at, and by which policy.
pub(crate) struct Visitor<'a> {
    /// The deploy or the job, and who asked for it.
    pub(crate) on_behalf: OnBehalf<'a>,
    /// The hash of the policy that applies there.
    pub(crate) policy_hash: String,
    /// The configuration's version.
    pub(crate) config_version: u64,
    /// The old copy of what Slack said that it goes by.
    pub(crate) by_copy: Option<Doubt>,
}

/// A target with those of its services that are there, and after them its history: so that whatever
/// Longshore itself has finished there is in it.
pub(crate) async fn stage<'a>(
    waiter: &'a Waiter,
    target: Target,
    visitor: Visitor<'_>,
) -> Result<Scene<'a>, StepError> {
    let role_arn = target.deploy_role_arn();
    let place = Destination {
        role_arn: &role_arn,
        region: target.region.as_str(),
        cluster: &target.cluster,
    };
    let reach = waiter.accounts.open(place, visitor.on_behalf).await?;
    let names: Vec<&str> = target.services.iter().map(String::as_str).collect();
    let live = reach.ecs.describe_services(&names).await?;
    let (app, env) = (&target.application, &target.environment);
    let history = waiter.store.history_at(app, env, HISTORY).await?;
    Ok(Scene {
        waiter,
        reach,
        target,
        policy_hash: visitor.policy_hash,
        config_version: visitor.config_version,
        by_copy: visitor.by_copy,
        live,
        history,
        foreign: Vec::new(),
        conversation: Conversation::default(),
        errand: Errand::Deploy,
    })
}

/// Holds a deploy against the policy of now: its requester needs the right for each application, or may still be
/// asking for it.
pub(crate) fn allowed(policy: Policy<'_>, deploy: &Deploy) -> Result<Option<Doubt>, Denied> {
    let action = match deploy.pleads() {
        true => Action::Plead,
        false => Action::Change(deploy.verb().kind()),
    };
    let channel = deploy.origin.channel.as_ref();
    hearing::may(policy, &deploy.requester, channel, &action, deploy)
}

impl Scene<'_> {
    /// GitHub, in this plan's conversation.
    pub(crate) async fn github(&self) -> GitHub {
        self.waiter
            .github(&self.conversation, &self.target.github)
            .await
    }

    /// The digests a service runs, by container: what its task definition pins, and for the rest
    /// what its tasks report.
    pub(crate) async fn running(
        &self,
        service: &LiveService,
    ) -> Result<Vec<(String, String)>, AwsError> {
        let definition = self.reach.definition(&service.task_definition).await?;
        let names = self.containers(&definition);
        let pinned: Vec<(String, String)> = definition
            .containers
            .iter()
            .filter(|container| names.contains(&container.name))
            .filter_map(|container| {
                let digest = digest_of(&container.image)?;
                Some((container.name.clone(), digest.to_string()))
            })
            .collect();
        if pinned.len() == names.len() {
            return Ok(pinned);
        }
        let ecs = &self.reach.ecs;
        let running = ecs
            .running_images(&service.name, &service.task_definition)
            .await?;
        let reported = running
            .into_iter()
            .filter(|image| names.contains(&image.container))
            .filter_map(RunningImage::resolved);
        Ok(self.whole(&definition, reported.collect()).await)
    }

    /// What people call the one image that a service runs: the label of the deploy that brought it, or the same
    /// image before, else its digest.
    pub(crate) fn label_of(&self, service: &LiveService, digests: &[(String, String)]) -> String {
        let runs = ran_as(&self.history, &service.name, &service.task_definition);
        let by_revision = |past: &&Past| past.revision_of(&service.name) == Some(runs);
        // Somebody else may have put the same image into a revision of their own.
        let by_digest =
            |past: &&Past| !digests.is_empty() && digests.iter().all(|d| past.digests.contains(d));
        let history = &self.history;
        let brought = history
            .iter()
            .find(by_revision)
            .or_else(|| history.iter().find(by_digest));
        match (brought, digests.first()) {
            (Some(past), _) => past.label.clone(),
            (None, digest) => {
                let digest = digest.map(|(_, digest)| digest.as_str());
                version(&Called::Itself, None, digest)
                    .unwrap_or_else(|| last_part(&service.task_definition).to_owned())
            }
        }
    }

    /// What the application has of its own in a plan; the verb fills in the rest.
    pub(crate) fn share(&self, label: String) -> Share {
        Share {
            application: self.target.application.clone(),
            title: self.target.title.clone(),
            label,
            repository: None,
            commit: None,
            checks: Vec::new(),
            proved: Vec::new(),
            backward: None,
            request: None,
            since: None,
            promoted: None,
            next: self.target.next.clone(),
            unproved: None,
            parts: Vec::new(),
            live_parts: Vec::new(),
            image: None,
            services: 0,
            unchanged: Vec::new(),
            schedules_left: Vec::new(),
            commits: None,
            watched: None,
            rolled_back: None,
            goes_back: None,
            gone: None,
            candidates: Vec::new(),
            rolled_back_from: Vec::new(),
            restore_head: self.target.restore_head,
            test_url: self.target.test_url.clone(),
            links: self.target.links.clone(),
        }
    }

    /// A plan of these services, and what their application has of its own; the verb fills in the rest.
    pub(crate) fn frame(&self, share: Share, services: Vec<PlannedService>) -> Plan {
        let share = Share {
            services: services.len(),
            ..share
        };
        Plan {
            shares: vec1![share],
            account: self.target.account.to_string(),
            role_arn: self.target.deploy_role_arn(),
            region: self.target.region.to_string(),
            cluster: self.target.cluster.clone(),
            one_offs: Vec::new(),
            services,
            foreign: self.foreign.clone(),
            schedules: Vec::new(),
            differences: Vec::new(),
            policy_hash: self.policy_hash.clone(),
            config_version: self.config_version,
            rollouts: self.target.rollouts,
            on_failure: self.target.on_failure,
            evidence: self.target.evidence,
            confirm: self.target.confirm,
            git_unasked: Vec::new(),
            renamed: BTreeSet::new(),
            by_copy: self.by_copy.clone(),
            crossed: Vec::new(),
            endangered: Vec::new(),
            publish: self.target.publish,
        }
    }
}

/// The lease keys of a target's services, in order.
pub(crate) fn keys(target: &Target) -> Vec<ServiceKey> {
    let (account, region) = (target.account.as_str(), target.region.as_str());
    let services = target.services.iter();
    services
        .map(|service| ServiceKey::new(account, region, &target.cluster, service))
        .collect()
}
