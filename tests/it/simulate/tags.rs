//! Days on which everything that runs names tags, and the tags move: whatever is sent to ECS names the
//! digests that ran, or the plan has said of which image nobody can.

use longshore::aws::Patience;
use longshore::record::Deploy;
use longshore_sim::ecr;
use longshore_sim::ecs::{ServiceSeed, add_service, task_definition};

use super::day::Day;
use super::moves::SERVICES;
use crate::town::{DEV, PROD, REGION, aws};

const REGISTRY: &str = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
/// The tag that everything names.
const MOVES: &str = "mut";
/// One day of so many is such a day.
const ONE_OF: u64 = 4;
/// What runs tasks beside the services, and the application it belongs to.
const TASKS: [&str; 2] = ["nightly-report", "cms-migrate"];
/// The operations that have tasks run, and where each names their definition.
const SENT: [(&str, &str); 3] = [
    ("UpdateService", "/taskDefinition"),
    ("RunTask", "/taskDefinition"),
    ("UpdateSchedule", "/Target/EcsParameters/TaskDefinitionArn"),
];

/// Whether everything names tags on that day.
pub(super) fn everything_names_tags(seed: u64) -> bool {
    seed.is_multiple_of(ONE_OF)
}

impl Day {
    /// Everything on staging comes to run tags of ECR, beside a sidecar of which Longshore may ask nobody.
    pub(super) fn comes_to_name_tags(&mut self) {
        self.tags_move();
        let now = self.town.world.now();
        self.diary.push(format!("{now} everything names tags"));
        let state = &mut *self.town.world.state();
        for family in SERVICES.iter().chain(&TASKS) {
            let repository = match *family {
                "webapp" => "webapp",
                _ => "cms",
            };
            let app = format!("{REGISTRY}/{repository}:{MOVES}");
            let sidecar = format!("{REGISTRY}/sidecar:{MOVES}");
            let containers = [("app", app.as_str()), ("sidecar", &sidecar)];
            let definition = task_definition(DEV, REGION, family, &containers);
            let arn = state.ecs.add_definition(now, (DEV, REGION), &definition);
            let arn = arn.unwrap();
            if SERVICES.contains(family) {
                state.ecs.delete("staging", family);
                let seed = ServiceSeed::new(DEV, REGION, "staging", family, arn.into());
                add_service(state, now, seed).unwrap();
            } else {
                state.scheduler.repoint(family, &arn);
            }
        }
    }

    /// Somebody pushes other images under the names that run.
    pub(super) fn tags_move(&mut self) {
        let now = self.town.world.now();
        self.diary.push(format!("{now} the tags that run move"));
        let state = &mut *self.town.world.state();
        for repository in ["webapp", "cms", "sidecar"] {
            let digest = ecr::digest(&format!("{repository} at {now}"));
            state
                .ecr
                .push(PROD, REGION, repository, &[MOVES], &digest, now);
        }
    }

    /// I10: no tag is sent to ECS, but where the plan names it as one that nobody can pin.
    pub(super) async fn tags_sent(&self, deploys: &[Deploy]) -> Vec<String> {
        let ecs = aws(&self.town.world, "AKIDOBSERVER", Patience::STEP).ecs("staging");
        let sent: Vec<(String, String, String)> = {
            let state = self.town.world.state();
            let sent = state.calls.iter().filter_map(|call| {
                let (_, at) = SENT.iter().find(|(name, _)| *name == call.operation)?;
                let definition = call.request.pointer(at)?.as_str()?.to_owned();
                let mut tags = call.caller.session_tags.iter();
                let (_, deploy) = tags.find(|(key, _)| key == "longshore:deploy")?;
                Some((call.operation.clone(), definition, deploy.clone()))
            });
            sent.collect()
        };
        let mut problems = Vec::new();
        for (operation, arn, id) in sent {
            let Ok(Some(found)) = ecs.describe_task_definition(&arn).await else {
                continue;
            };
            let unpinned = unpinned(deploys, &id);
            for container in found.definition().tagged() {
                let sent = (container.name.clone(), container.image.clone());
                if !unpinned.contains(&sent) {
                    problems.push(format!("I10: {operation} of {arn} names {sent:?}"));
                }
            }
        }
        problems
    }

    /// I10: what a service was taken back to names what ran, whatever its tags mean by then.
    pub(super) async fn ways_back(&self, deploys: &[Deploy]) -> Vec<String> {
        let mut problems = Vec::new();
        for deploy in deploys {
            let cluster = deploy.environment.as_str();
            let ecs = aws(&self.town.world, "AKIDOBSERVER", Patience::STEP).ecs(cluster);
            let planned = deploy.plan.iter().flat_map(|plan| &plan.services);
            for (planned, state) in planned.zip(&deploy.services) {
                let Some(back) = &state.back else {
                    continue;
                };
                let found = ecs.describe_task_definition(back).await.unwrap().unwrap();
                let ran = ecs.resolved_images(&state.service, &planned.live);
                for image in ran.await.unwrap() {
                    let named = found.definition().image(&image.container);
                    let digest = image.digest.unwrap_or_default();
                    let is = named.is_some_and(|named| named.ends_with(&digest));
                    if !is {
                        problems.push(format!(
                            "I10: {} went back to {named:?} where {digest} ran",
                            state.service
                        ));
                    }
                }
            }
        }
        problems
    }
}

/// The images of a deploy that the plan has named as those that nobody can pin.
fn unpinned(deploys: &[Deploy], id: &str) -> Vec<(String, String)> {
    let deploy = deploys.iter().find(|deploy| deploy.id.as_str() == id);
    let plan = deploy.and_then(|deploy| deploy.plan.as_ref());
    let Some(plan) = plan else {
        return Vec::new();
    };
    let services = plan.services.iter().flat_map(|one| &one.unpinned);
    let tasks = plan.one_offs.iter().flat_map(|one| &one.unpinned);
    let schedules = plan.schedules.iter().flat_map(|one| &one.unpinned);
    services.chain(tasks).chain(schedules).cloned().collect()
}
