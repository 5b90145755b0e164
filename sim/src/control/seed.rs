//! Arranging a served world from one JSON document: what exists in GitHub, ECR, ECS and Slack before
//! the story starts. A document may be sent in pieces; what exists already is kept or replaced by name.

mod people;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::people::{GitHub, Slack};
use super::Rejected;
use crate::ecs::{Breaker, Controller, Script, ServiceSeed};
use crate::states::Machine;
use crate::{State, ecr, ecs};

/// A small company: two applications in three environments and two accounts, as the local configuration
/// has them.
pub(crate) const ACME: &str = include_str!("acme.json");

/// The whole document; every part may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Seed {
    /// How much faster than ECS its scripts play.
    speed: Option<f64>,
    /// Whether AWS refuses who calls it too often.
    rate_limits: Option<bool>,
    /// Access keys that people sign with: key → account.
    keys: BTreeMap<String, String>,
    /// GitHub repositories, by which commits are made known before images refer to them.
    repositories: Vec<Repository>,
    images: Vec<Image>,
    services: Vec<Service>,
    roles: Vec<Role>,
    /// DynamoDB tables with Longshore's keys and index.
    tables: Vec<String>,
    /// State machines of the template's shape, by name.
    machines: Vec<String>,
    slack: Slack,
    github: GitHub,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repository {
    /// `owner/name`.
    name: String,
    default_branch: Option<String>,
    #[serde(default)]
    private: bool,
    /// In their order, each on top of its branch.
    #[serde(default)]
    commits: Vec<Commit>,
    /// Branch → ref it begins at.
    #[serde(default)]
    branches: BTreeMap<String, String>,
    /// Tag → ref it names.
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    checks: Vec<Check>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Commit {
    branch: String,
    message: String,
    #[serde(default = "somebody")]
    author: String,
    sha: Option<String>,
    /// A lightweight tag for it.
    tag: Option<String>,
}

fn somebody() -> String {
    "maria".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    /// Of this commit, or of the one that a branch or a tag names.
    sha: String,
    name: String,
    conclusion: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Image {
    account: String,
    region: String,
    repository: String,
    #[serde(default)]
    tags: Vec<String>,
    /// `owner/name:ref`: the image is tagged with the commit's SHA, as CI would.
    commit: Option<String>,
    digest: Option<String>,
    /// `ACTIVE`, `ARCHIVED` or `ACTIVATING`.
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    account: String,
    region: String,
    cluster: String,
    service: String,
    /// The service's name unless given.
    family: Option<String>,
    /// Container → image reference. `owner/name:ref` in braces stands for the commit's SHA:
    /// `…/cms:{acme/cms:main}`.
    containers: BTreeMap<String, String>,
    #[serde(default = "two")]
    desired: u32,
    /// `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    controller: Option<String>,
    /// `rolls-back`, `stops` or `off`.
    breaker: Option<String>,
    script: Option<String>,
}

fn two() -> u32 {
    2
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    account: String,
    name: String,
    external_id: Option<String>,
}

impl Seed {
    /// Arranges everything; answers the SHAs, digests and ARNs that came of it.
    pub(crate) fn plant(self, state: &mut State, now: Timestamp) -> Result<Value, Rejected> {
        if let Some(speed) = self.speed {
            state.ecs.set_speed(speed);
        }
        match self.rate_limits {
            Some(true) => state.throttle.switch_on(),
            Some(false) => state.throttle.switch_off(),
            None => {}
        }
        for (key, account) in self.keys {
            let user = format!("arn:aws:iam::{account}:user/{}", key.to_lowercase());
            state.sts.principals.insert(key, (user, account));
        }
        self.slack.plant(state)?;
        self.github.plant(state)?;
        for role in &self.roles {
            state
                .sts
                .add_role(&role.account, &role.name, role.external_id.as_deref());
        }
        for table in &self.tables {
            state.dynamodb.create_table(table);
        }
        for machine in &self.machines {
            state.states.create_machine(machine, Machine::default());
        }
        let mut repositories = Map::new();
        for repository in self.repositories {
            let name = repository.name.clone();
            repositories.insert(name, repository.plant(state));
        }
        let mut images = Vec::new();
        for image in self.images {
            images.push(image.plant(state, now)?);
        }
        let mut services = Vec::new();
        for service in self.services {
            services.push(service.plant(state, now)?);
        }
        Ok(json!({"repositories": repositories, "images": images, "services": services}))
    }
}

fn unknown(what: &str, word: &str) -> Rejected {
    Rejected::new(400, format!("no {what} {word:?}"))
}

impl Repository {
    fn plant(self, state: &mut State) -> Value {
        let repo = state.github.repo(&self.name);
        if let Some(branch) = &self.default_branch {
            repo.set_default_branch(branch);
        }
        repo.set_private(self.private);
        // Branches may begin where a commit of this document stands, and commits may go on branches.
        for (branch, at) in &self.branches {
            repo.branch(branch, at);
        }
        for commit in &self.commits {
            let made = match &commit.sha {
                Some(sha) => repo.commit_as(sha, &commit.branch, &commit.message, &commit.author),
                None => repo.commit(&commit.branch, &commit.message, &commit.author),
            };
            if let Some(tag) = &commit.tag {
                repo.tag(tag, &made);
            }
        }
        for (tag, at) in &self.tags {
            repo.tag(tag, at);
        }
        for check in &self.checks {
            let sha = repo.find(&check.sha).unwrap_or(check.sha.clone());
            repo.check(&sha, &check.name, check.conclusion.as_deref());
        }
        let mut heads = repo.heads();
        heads.extend(
            self.tags
                .keys()
                .filter_map(|tag| Some((tag.clone(), repo.find(tag)?))),
        );
        json!(heads)
    }
}

/// The SHA that `owner/name:ref` stands for.
fn sha(state: &mut State, reference: &str) -> Result<String, Rejected> {
    let (name, at) = reference.split_once(':').unwrap_or((reference, "HEAD"));
    let found = state.github.repo(name).find(at);
    found.ok_or_else(|| unknown("commit", reference))
}

impl Image {
    fn plant(self, state: &mut State, now: Timestamp) -> Result<Value, Rejected> {
        let mut tags = self.tags;
        if let Some(commit) = &self.commit {
            tags.push(sha(state, commit)?);
        }
        let digest = self
            .digest
            .unwrap_or_else(|| ecr::digest(&format!("{}:{}", self.repository, tags.join(","))));
        let names: Vec<&str> = tags.iter().map(String::as_str).collect();
        let ecr = &mut state.ecr;
        ecr.push(
            &self.account,
            &self.region,
            &self.repository,
            &names,
            &digest,
            now,
        );
        let status = match self.status.as_deref() {
            None | Some("ACTIVE") => ecr::ImageStatus::Active,
            Some("ARCHIVED") => ecr::ImageStatus::Archived,
            Some("ACTIVATING") => ecr::ImageStatus::Activating,
            Some(other) => return Err(unknown("image status", other)),
        };
        ecr.set_status(
            &self.account,
            &self.region,
            &self.repository,
            &digest,
            status,
        );
        Ok(json!({"repository": self.repository, "tags": tags, "digest": digest}))
    }
}

impl Service {
    fn plant(self, state: &mut State, now: Timestamp) -> Result<Value, Rejected> {
        let mut containers = Vec::new();
        for (name, image) in &self.containers {
            containers.push((name.as_str(), with_sha(state, image)?));
        }
        let images: Vec<(&str, &str)> = containers
            .iter()
            .map(|(name, image)| (*name, image.as_str()))
            .collect();
        let family = self.family.as_deref().unwrap_or(&self.service);
        let definition = ecs::task_definition(&self.account, &self.region, family, &images);
        let controller = match self.controller.as_deref() {
            None | Some("ECS") => Controller::Ecs,
            Some("CODE_DEPLOY") => Controller::CodeDeploy,
            Some("EXTERNAL") => Controller::External,
            Some(other) => return Err(unknown("controller", other)),
        };
        let breaker = match self.breaker.as_deref() {
            None | Some("rolls-back") => Breaker::RollsBack,
            Some("stops") => Breaker::Stops,
            Some("off") => Breaker::Off,
            Some(other) => return Err(unknown("breaker", other)),
        };
        let seed = ServiceSeed::new(
            &self.account,
            &self.region,
            &self.cluster,
            &self.service,
            definition,
        );
        let seed = seed
            .desired(self.desired)
            .controller(controller)
            .breaker(breaker);
        let arn = ecs::add_service(state, now, seed)
            .map_err(|error| Rejected::new(400, format!("{}: {}", error.code, error.message)))?;
        if let Some(script) = &self.script {
            set_script(state, now, &self.cluster, &self.service, script)?;
        }
        Ok(json!(arn))
    }
}

/// An image reference with `{owner/name:ref}` replaced by the commit's SHA.
fn with_sha(state: &mut State, image: &str) -> Result<String, Rejected> {
    let Some((before, rest)) = image.split_once('{') else {
        return Ok(image.to_owned());
    };
    let (reference, after) = rest
        .split_once('}')
        .ok_or_else(|| unknown("image", image))?;
    Ok(format!("{before}{}{after}", sha(state, reference)?))
}

/// Gives a service's next rollout its script, by name.
pub(crate) fn set_script(
    state: &mut State,
    now: Timestamp,
    cluster: &str,
    service: &str,
    name: &str,
) -> Result<(), Rejected> {
    let script: Script = name
        .parse()
        .map_err(|error: ecs::UnknownScript| Rejected::new(400, error.to_string()))?;
    if state.ecs.set_script(now, cluster, service, &script) {
        Ok(())
    } else {
        Err(Rejected::new(
            404,
            format!("no service {service:?} in a cluster {cluster:?}"),
        ))
    }
}
