//! Everything that a deploy of one application to one environment needs to know, in one value.
//!
//! A [`Target`] owns what it says, so it can be kept in a record and compared later: a deploy in
//! flight does not change when somebody pushes a new configuration.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::after::After;
use super::checks::RequiredCheck;
use super::duration::seconds;
use super::globs::FilePattern;
use super::image_rules::ImageRules;
use super::placement::OwnLink;
use super::tag::TagPatterns;
use super::values::{Account, AccountId, Base, LogEvidence, OnFailure, Region, Rollouts, is_usual};
use super::{Config, GithubAccess, GithubRepository, checks, globs};
use crate::names::image_reference::{is_from, pinned_like};
use crate::names::{AppName, ChannelId, ContainerName, EnvName, ImageDigest};

/// Where one application runs in one environment, and how it is deployed there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The application.
    pub application: AppName,
    /// What people call the application: its title, or its name.
    pub title: String,
    /// The environment.
    pub environment: EnvName,
    /// The account the environment is in.
    pub account: AccountId,
    /// The region the environment is in.
    pub region: Region,
    /// The ECS cluster's name.
    pub cluster: String,
    /// The ECS services' names in the order in which they are rolled out. At least one.
    pub services: Vec<String>,
    /// The task definition families of the services, in the same order.
    pub families: Vec<String>,
    /// The CloudWatch log groups of its containers.
    pub log_groups: Vec<String>,
    /// The one-off task that runs before a deploy's services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<OneOffConfig>,
    /// The schedules that are given the new revision once the services are out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<ScheduleTarget>,
    /// The application's own images, and which containers run them. Flat, so that the hash of a
    /// target is what it was when this was all there was.
    #[serde(flatten)]
    pub source: Source,
    /// Those of the containers that run images of their own, by the container's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<ContainerName, Source>,
    /// The GitHub that is asked of its commits. No policy hangs on it.
    #[serde(skip)]
    pub github: GithubAccess,
    /// The task definition a deploy starts from.
    pub base: Base,
    /// After anything but success, register the live definition once more.
    pub restore_head: bool,
    /// How its services' rollouts follow each other.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub rollouts: Rollouts,
    /// What becomes of its other services when one fails.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub on_failure: OnFailure,
    /// Ask the requester to confirm the plan before anything changes.
    pub confirm: bool,
    /// The same for the plan of a rollback.
    pub confirm_rollback: bool,
    /// What a failed deploy shows of its logs.
    pub evidence: LogEvidence,
    /// Where the new tasks can be tried while they get the test traffic only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_url: Option<String>,
    /// Pages of its own. They decide nothing, so no policy's hash is of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<OwnLink>,
    /// How long a rollout may take before people are told that it is overdue.
    #[serde(with = "seconds")]
    pub deadline: Duration,
    /// Whether what runs after a success is written into an SSM parameter there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub publish: bool,
    /// Where the same image must have succeeded before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
    /// What an image must be that goes there.
    #[serde(default, skip_serializing_if = "ImageRules::is_empty")]
    pub rules: ImageRules,
    /// Files that are watched for in what changes. It decides nothing, so no policy's hash is of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watch_files: Vec<FilePattern>,
    /// Where a success can be promoted to. It decides nothing, so no policy's hash is of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<EnvName>,
    /// Where verdicts are announced, beside the channel they were asked for in.
    pub announce: Option<ChannelId>,
}

/// Where the images of some containers come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Where the images are.
    pub image: ImageRepository,
    /// Where the commits are. `None`: a ref is an image tag, and nothing else.
    pub repository: Option<GithubRepository>,
    /// How the image of a commit is tagged.
    pub tag: TagPatterns,
    /// The checks that must have passed on a commit before its image goes out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<RequiredCheck>,
    /// The files that are the application's, where CI builds an image only when one of them changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<FilePattern>,
    /// The containers whose image is replaced; `None` means those whose image is [`Self::image`],
    /// but for those that run an image of their own.
    pub containers: Option<Vec<String>>,
}

/// A one-off task that runs before a deploy's services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneOffConfig {
    /// Its task definition family.
    pub task: String,
    /// The command; empty for the container's own.
    pub command: Vec<String>,
    /// How long it may run.
    #[serde(with = "seconds")]
    pub timeout: Duration,
}

/// A schedule of EventBridge Scheduler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleTarget {
    /// Its name, with its group if that is not the default one.
    pub schedule: String,
    /// The task definition family of the task it runs.
    pub family: String,
}

/// An ECR repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageRepository {
    /// The registry's account and region.
    pub registry: Account,
    /// The repository's name in it.
    pub name: String,
}

impl ImageRepository {
    /// `111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms`
    pub fn uri(&self) -> String {
        let Account { id, region } = &self.registry;
        format!("{id}.dkr.ecr.{region}.{}/{}", region.domain(), self.name)
    }

    /// Whether an image comes from here, under whichever name of the registry.
    pub fn holds(&self, image: &str) -> bool {
        is_from(image, &self.uri())
    }

    /// The image with that digest, by the name under which a task definition that says `named`
    /// reaches this registry.
    pub(crate) fn pinned_like(&self, named: &str, digest: &ImageDigest) -> String {
        pinned_like(named, &self.uri(), digest)
    }

    /// The repository's ARN.
    pub fn arn(&self) -> String {
        let Account { id, region } = &self.registry;
        arn("ecr", region, id, format_args!("repository/{}", self.name))
    }
}

impl Target {
    /// The image repository as an image reference begins:
    /// `111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms`.
    pub(crate) fn registry_uri(&self) -> String {
        self.source.image.uri()
    }

    /// Where the image of that name comes from; the application's own for `None`. Nothing if the
    /// application has none of that name.
    pub(crate) fn source_of(&self, image: Option<&ContainerName>) -> Option<&Source> {
        match image {
            None => Some(&self.source),
            Some(name) => self.images.get(name),
        }
    }

    /// The files that are watched for in the repository of one of its images: they are of the application's own.
    pub(crate) fn watched_in(&self, source: &Source) -> &[FilePattern] {
        match source.repository == self.source.repository {
            true => &self.watch_files,
            false => &[],
        }
    }

    /// All that its containers' images come from: the application's own first.
    pub fn sources(&self) -> impl Iterator<Item = (Option<&ContainerName>, &Source)> {
        let own = self
            .images
            .iter()
            .map(|(name, source)| (Some(name), source));
        std::iter::once((None, &self.source)).chain(own)
    }

    /// The role that may deploy there: `arn:aws:iam::ID:role/longshore-ENV`.
    pub(crate) fn deploy_role_arn(&self) -> String {
        let name = deploy_role_name(&self.environment);
        role_arn(&self.region, &self.account, &name)
    }

    /// The cluster's ARN.
    pub fn cluster_arn(&self) -> String {
        self.arn("ecs", format_args!("cluster/{}", self.cluster))
    }

    /// The ARN of one of the services.
    pub fn service_arn(&self, service: &str) -> String {
        self.arn("ecs", format_args!("service/{}/{service}", self.cluster))
    }

    /// The ARNs of the deployments and of the revisions of one of the services.
    pub(crate) fn rollout_arns(&self, service: &str) -> [String; 2] {
        ["service-deployment", "service-revision"]
            .map(|kind| self.arn("ecs", format_args!("{kind}/{}/{service}", self.cluster)))
    }

    /// The ARN of every revision of a task definition family.
    pub(crate) fn family_arn(&self, family: &str) -> String {
        self.arn("ecs", format_args!("task-definition/{family}:*"))
    }

    /// The ARN of every task in the cluster.
    pub(crate) fn tasks_arn(&self) -> String {
        self.arn("ecs", format_args!("task/{}/*", self.cluster))
    }

    /// The ARN of the SSM parameter that holds the image of the last success: the application's own
    /// for `None`, else of that container.
    pub(crate) fn parameter_arn(&self, image: Option<&ContainerName>) -> String {
        let name = published_name(&self.application, &self.environment, image);
        self.arn("ssm", format_args!("parameter{name}"))
    }

    /// The ARN of a schedule.
    pub(crate) fn schedule_arn(&self, schedule: &str) -> String {
        let (group, name) = group_and_name(schedule);
        self.arn("scheduler", format_args!("schedule/{group}/{name}"))
    }

    /// The ARN of every stream of a CloudWatch log group.
    pub(crate) fn log_streams_arn(&self, group: &str) -> String {
        self.arn("logs", format_args!("log-group:{group}:log-stream:*"))
    }

    fn arn(&self, service: &str, resource: impl Display) -> String {
        arn(service, &self.region, &self.account, resource)
    }
}

fn arn(service: &str, region: &Region, account: &AccountId, resource: impl Display) -> String {
    let partition = region.partition();
    format!("arn:{partition}:{service}:{region}:{account}:{resource}")
}

/// The ARN of a role of the account; of the region, only its partition is in it.
pub fn role_arn(region: &Region, account: &AccountId, name: &str) -> String {
    format!("arn:{}:iam::{account}:role/{name}", region.partition())
}

/// Group and name of a schedule, which is written with its group if that is not the default one.
pub fn group_and_name(schedule: &str) -> (&str, &str) {
    schedule.split_once('/').unwrap_or(("default", schedule))
}

/// The name of the role that may deploy to an environment.
pub fn deploy_role_name(environment: &EnvName) -> String {
    format!("longshore-{environment}")
}

/// The SSM parameter that holds the image of an application's last success in an environment. The
/// name of a container that runs an image of its own stands before the last word.
pub fn published_name(
    application: &AppName,
    environment: &EnvName,
    image: Option<&ContainerName>,
) -> String {
    match image {
        None => format!("/longshore/{environment}/{application}/image"),
        Some(container) => format!("/longshore/{environment}/{application}/{container}/image"),
    }
}

/// IAM allows role names of 64 characters, which leaves this many to an environment's name.
pub(super) const LONGEST_ENVIRONMENT: usize = 64 - "longshore-".len();

impl Config {
    /// What a deploy of `application` to `environment` needs; `None` if it does not run there.
    pub fn target(&self, application: &AppName, environment: &EnvName) -> Option<Target> {
        let app = self.application(application)?;
        let env = self.environment(environment)?;
        let placement = app.environments.get(environment)?;
        let registry = app.registry.as_ref().unwrap_or(&env.account);
        let in_registry = |name: &String| ImageRepository {
            registry: registry.clone(),
            name: name.clone(),
        };
        let images = app.images.iter().map(|(container, own)| {
            let source = Source {
                image: in_registry(&own.image),
                repository: own.repository.clone(),
                tag: own.tag.clone(),
                checks: env.checks.clone(),
                paths: Vec::new(),
                containers: Some(vec![container.to_string()]),
            };
            (container.clone(), source)
        });
        Some(Target {
            application: application.clone(),
            title: app
                .title
                .clone()
                .unwrap_or_else(|| application.as_str().to_owned()),
            environment: environment.clone(),
            account: env.account.id.clone(),
            github: self.github.clone(),
            region: env.account.region.clone(),
            cluster: env.cluster.clone(),
            services: placement.services.clone(),
            families: placement.families.clone(),
            log_groups: placement.log_groups.clone(),
            before: placement.before.clone(),
            schedules: placement.schedules.clone(),
            source: Source {
                image: in_registry(&app.image),
                repository: app.repository.clone(),
                tag: app.tag.clone(),
                checks: checks::both(&app.checks, &env.checks),
                paths: app.paths.clone(),
                containers: app.containers.clone(),
            },
            images: images.collect(),
            base: app.base,
            restore_head: app.restore_head,
            rollouts: app.rollouts,
            on_failure: app.on_failure,
            confirm: env.confirm.unwrap_or(false),
            confirm_rollback: env.confirm.unwrap_or(true),
            evidence: env.evidence,
            test_url: placement.test_url.clone(),
            links: placement.links.clone(),
            deadline: env.deadline,
            publish: env.publish,
            after: env.after.clone(),
            rules: env.rules.also(app.immutable),
            watch_files: globs::both(&app.watch_files, &env.watch_files),
            next: self.next(application, environment).cloned(),
            announce: self.slack.announce.clone().filter(|_| env.announce),
        })
    }
}
