//! Real rollouts through the real SDK, in the simulated world, on paused time.

mod judged;
mod one_off;
mod registered;
mod updated;

use std::time::Duration;

use longshore_sim::World;

use super::*;
use crate::aws::tests::{CLUSTER, aws, image, world};
use crate::names::DeployId;
use crate::record::lease::LeaseHeld;
use crate::rollout::{Judgement, judge};

const HOUR: Duration = Duration::from_secs(3600);

/// One deploy of one service, played by hand.
struct Play {
    world: World,
    ecs: EcsTarget,
    deploy: DeployId,
    ours: Ours,
    known: Vec<String>,
}

impl Play {
    /// A service that runs `v1`.
    async fn new() -> Self {
        let world = world();
        let ecs = aws(&world).ecs(CLUSTER);
        let live = ecs.describe_services(&["webapp"]).await.unwrap();
        Self {
            deploy: DeployId::derive(b"a request"),
            ours: Ours {
                task_definition: live[0].task_definition.clone(),
                before: live[0].task_definition.clone(),
                images: vec![("app".to_owned(), image("v2"))],
                rollout: None,
                since: world.now(),
            },
            known: Vec::new(),
            ecs,
            world,
        }
    }

    fn tags(&self) -> RevisionTags<'_> {
        RevisionTags {
            deploy: &self.deploy,
            commit: CommitTag::Unknown,
        }
    }

    async fn register(&self) -> Result<FullTaskDefinition, AwsError> {
        let base = self.ecs.describe_task_definition(&self.ours.before).await;
        let base = base.unwrap().unwrap();
        self.ecs
            .register_copy(&held(), &base, &self.ours.images, self.tags())
            .await
    }

    /// Registers a copy with `v2`, and brings the service to it.
    async fn start(&mut self) {
        let new = self.register().await.unwrap();
        self.ours.task_definition.clone_from(&new.definition().arn);
        self.ours.since = self.world.now();
        assert_eq!(self.update(Force::No).await, UpdateOutcome::Started);
    }

    async fn update(&self, force: Force) -> UpdateOutcome {
        self.ecs
            .update_service(&held(), &self.ours.task_definition, force)
            .await
    }

    async fn look(&mut self) -> Judgement {
        let seen = self
            .ecs
            .observe("webapp", None, &self.ours, &self.known)
            .await
            .unwrap();
        let judgement = judge(self.world.now(), &self.ours, &seen);
        if let Some(rollout) = seen.rollout {
            self.ours.rollout = Some(rollout.arn);
        }
        judgement
    }

    /// Looks every ten seconds, later every minute, until it is over or an hour has passed.
    async fn watch(&mut self) -> Judgement {
        let start = tokio::time::Instant::now();
        loop {
            let judgement = self.look().await;
            let watched = start.elapsed();
            if judgement.is_final() || watched > HOUR {
                return judgement;
            }
            let pause = if watched < HOUR / 10 { 10 } else { 60 };
            tokio::time::sleep(Duration::from_secs(pause)).await;
        }
    }
}

fn held() -> LeaseHeld<'static> {
    LeaseHeld::shown("webapp", 1)
}
