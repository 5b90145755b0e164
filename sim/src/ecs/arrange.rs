//! What tests and demos do to ECS while the story runs: scripts, other people's hands, counters.
//! None of it is in AWS's API.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Ecs, configuration,
    definition::Definition,
    hook::HookAction,
    rollout::Happening,
    script::Script,
    seed::Breaker,
    service::{LastStatus, Rollout, Service, Status},
};
use crate::AwsError;

impl Ecs {
    fn named(&mut self, cluster: &str, service: &str) -> impl Iterator<Item = &mut Service> {
        let clusters = self
            .places
            .values_mut()
            .filter_map(move |place| place.clusters.get_mut(cluster));
        clusters.filter_map(move |services| services.get_mut(service))
    }

    /// Gives the next rollout of a service its script, replacing what was set before. Names are
    /// enough: in each account that has such a cluster and service. False if there is none.
    pub fn set_script(
        &mut self,
        now: Timestamp,
        cluster: &str,
        service: &str,
        script: &Script,
    ) -> bool {
        for known in self.named(cluster, service) {
            known.scripts.clear();
        }
        self.add_script(now, cluster, service, script)
    }

    /// Like [`Ecs::set_script`], for the rollout after those that have a script already.
    pub fn add_script(
        &mut self,
        now: Timestamp,
        cluster: &str,
        service: &str,
        script: &Script,
    ) -> bool {
        let mut found = false;
        for known in self.named(cluster, service) {
            known.prepare(now, script);
            known.scripts.push_back(script.clone());
            found = true;
        }
        found
    }

    /// Somebody else registers a revision of the service's family now, and rolls it out.
    pub fn foreign_update(&mut self, now: Timestamp, cluster: &str, service: &str) {
        for known in self.named(cluster, service) {
            known.plan(now, Happening::Foreign(String::new()));
        }
    }

    /// What the running tasks of a service run: container and digest, or what the container names where
    /// ECS knows none; each once.
    pub fn running(&mut self, cluster: &str, service: &str) -> Vec<(String, String)> {
        let tasks = self.named(cluster, service).flat_map(|known| &known.tasks);
        let running = tasks.filter(|task| task.wanted() && task.last == LastStatus::Running);
        let containers = running.flat_map(|task| &task.containers).map(|container| {
            let runs = container.digest.clone();
            let runs = runs.unwrap_or_else(|| container.image.clone());
            (container.name.clone(), runs)
        });
        let mut all: Vec<_> = containers.collect();
        all.sort();
        all.dedup();
        all
    }

    /// The ids of a service's running tasks, the one that began last at the end.
    pub fn running_ids(&mut self, cluster: &str, service: &str) -> Vec<String> {
        let tasks = self.named(cluster, service).flat_map(|known| &known.tasks);
        let running = tasks.filter(|task| task.wanted() && task.last == LastStatus::Running);
        let mut all: Vec<_> = running
            .map(|task| (task.started, task.id.clone()))
            .collect();
        all.sort();
        all.into_iter().map(|(_, id)| id).collect()
    }

    /// Somebody deregisters a revision, by its ARN, as Terraform does with what it replaces.
    pub fn deregister(&mut self, now: Timestamp, revision: &str) {
        for definition in self.revisions(revision) {
            definition.deregister(now);
        }
    }

    /// Somebody has a revision deleted, by its ARN.
    pub fn delete_revision(&mut self, now: Timestamp, revision: &str) {
        for definition in self.revisions(revision) {
            definition.delete(now);
        }
    }

    fn revisions(&mut self, arn: &str) -> impl Iterator<Item = &mut Definition> {
        let places = self.places.values_mut();
        let known = places.flat_map(|place| place.families.values_mut().flatten());
        known.filter(move |definition| definition.arn == arn)
    }

    /// The same, and this is how that rollout goes.
    pub fn foreign_rollout(
        &mut self,
        now: Timestamp,
        cluster: &str,
        service: &str,
        script: &Script,
    ) {
        for known in self.named(cluster, service) {
            known.prepare(now, script);
            known.foreign_scripts.push_back(script.clone());
        }
        self.foreign_update(now, cluster, service);
    }

    /// Somebody else scales the service, which starts no rollout.
    pub fn set_desired_count(
        &mut self,
        now: Timestamp,
        cluster: &str,
        service: &str,
        desired: u32,
    ) {
        for known in self.named(cluster, service) {
            known.desired = desired;
            known.plan(now, Happening::Schedule);
        }
    }

    /// Somebody changes a service's `deploymentConfiguration`, which starts no rollout; members
    /// left out stay as they are.
    ///
    /// # Errors
    /// What `UpdateService` would be refused with.
    pub fn configure(
        &mut self,
        cluster: &str,
        service: &str,
        asked: &Value,
    ) -> Result<(), AwsError> {
        for known in self.named(cluster, service) {
            configuration::change(&mut known.configuration, Some(asked))?;
        }
        Ok(())
    }

    /// Somebody answers every pause hook that waits on a service, in the console. False if none does.
    pub fn answer_pauses(
        &mut self,
        now: Timestamp,
        cluster: &str,
        service: &str,
        proceed: bool,
    ) -> bool {
        let action = match proceed {
            true => HookAction::Continue,
            false => HookAction::Rollback,
        };
        let mut found = false;
        for known in self.named(cluster, service) {
            for (arn, id) in known.waiting_hooks() {
                known.plan(now, Happening::Answer(arn, id, action));
                found = true;
            }
        }
        found
    }

    /// Somebody else has the rollout of a service stopped where it stands, which no operation of ECS's
    /// promises; `STOPPED` is among its statuses. False if nothing rolls out.
    pub fn leave_standing(&mut self, now: Timestamp, cluster: &str, service: &str) -> bool {
        let mut found = false;
        for known in self.named(cluster, service) {
            let runs = |rollout: &&mut Rollout| {
                matches!(rollout.status, Status::Pending | Status::InProgress)
            };
            let rollout = known.rollouts.iter_mut().rev().find(runs);
            let Some(rollout) = rollout else { continue };
            rollout.updated = now;
            rollout.status = Status::StopRequested;
            rollout.reason = Some("Service deployment stopped by the user.".to_owned());
            let arn = rollout.arn.clone();
            known.plan(now, Happening::Stop(arn));
            found = true;
        }
        found
    }

    /// When the newest service deployment of a service ended, if it has.
    pub fn newest_end(&self, cluster: &str, service: &str) -> Option<Timestamp> {
        let known = self.places.values().find_map(|place| {
            let services = place.clusters.get(cluster)?;
            services.get(service)
        })?;
        known.rollouts.last()?.finished
    }

    /// How many pause hooks of a service wait for an answer.
    pub fn pauses(&mut self, cluster: &str, service: &str) -> usize {
        self.named(cluster, service)
            .map(|known| known.waiting_hooks().len())
            .sum()
    }

    /// Gives a service one more member of `DescribeServices`, or another value of one; `null` takes it.
    pub fn set_member(&mut self, cluster: &str, service: &str, member: &str, value: &Value) {
        for known in self.named(cluster, service) {
            known.settings.remove(member);
            if !value.is_null() {
                known.settings.insert(member.to_owned(), value.clone());
            }
        }
    }

    /// Deletes a service with everything that ECS remembered of it.
    pub fn delete(&mut self, cluster: &str, service: &str) {
        for place in self.places.values_mut() {
            if let Some(services) = place.clusters.get_mut(cluster) {
                services.remove(service);
            }
        }
    }

    /// Makes a service INACTIVE, as after `DeleteService`.
    pub fn deactivate(&mut self, cluster: &str, service: &str) {
        for known in self.named(cluster, service) {
            known.active = false;
        }
    }

    /// How many `UpdateService` calls on this service were accepted.
    pub fn update_calls(&mut self, cluster: &str, service: &str) -> usize {
        self.named(cluster, service)
            .map(|known| known.updates)
            .sum()
    }

    /// How much faster than ECS scripts play: 1 is ECS's pace, 10 makes 40 seconds 4, 1000 is the most.
    pub fn set_speed(&mut self, speed: f64) {
        self.speed = if speed.is_finite() {
            speed.clamp(0.001, 1000.0)
        } else {
            1.0
        };
    }

    /// Takes the EventBridge events (`ECS Deployment State Change`) since the last time.
    pub fn take_events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.bus)
    }
}

impl Service {
    /// What must already be so before the rollout that plays this script.
    fn prepare(&mut self, now: Timestamp, script: &Script) {
        let breaker = match script {
            Script::NoGoodRevision | Script::RollbackFails | Script::BetweenPolls => {
                Some(Breaker::RollsBack)
            }
            Script::BreakerWithoutRollback => Some(Breaker::Stops),
            Script::BreakerOff => Some(Breaker::Off),
            _ => None,
        };
        if let Some(breaker) = breaker {
            self.configuration["deploymentCircuitBreaker"] = breaker.document();
        }
        // The scripts' own configurations are valid; a test plays them all.
        let _ = configuration::change(
            &mut self.configuration,
            script.configuration(&self.name).as_ref(),
        );
        match script {
            Script::NoGoodRevision => self.last_good = None,
            Script::Alarm => {
                let names = json!([format!("{}-5xx", self.name)]);
                self.configuration["alarms"] =
                    json!({ "enable": true, "rollback": true, "alarmNames": names });
            }
            Script::ScaledToZero => {
                self.desired = 0;
                self.plan(now, Happening::Schedule);
            }
            _ => {}
        }
    }
}
