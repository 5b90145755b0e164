//! The invariants, asked of what the world saw rather than of what the product says it did.

use std::collections::BTreeMap;
use std::time::Duration;

use longshore::aws::Patience;
use longshore::aws::ecs::EcsTarget;
use longshore::names::Actor;
use longshore::record::{Deploy, Phase, ServicePhase, Telling, Verdict};
use longshore::rollout::Status;

use super::day::{Day, Heard};
use super::moves::PINGS;
use super::stack::forward;
use super::taken_over::not_allowed;
use crate::faults::story::text;
use crate::said;
use crate::town::{EVE, SECRET, TOKEN, aws};

impl Day {
    /// What does not hold at the end of the day, in words that begin with the invariant.
    pub(super) async fn problems(&mut self) -> Vec<String> {
        let mut problems: Vec<String> = std::mem::take(&mut self.broken).into_iter().collect();
        let deploys = self.deploys().await;
        problems.extend(self.one_at_a_time());
        problems.extend(self.replies(&deploys));
        problems.extend(self.leases(&deploys));
        problems.extend(self.secrets());
        problems.extend(self.pings());
        problems.extend(self.untrue_reads());
        problems.extend(self.problems_of_logs());
        problems.extend(self.problems_beside(&deploys));
        problems.extend(self.asked_again(deploys.len()));
        problems.extend(self.tags_sent(&deploys).await);
        problems.extend(self.ways_back(&deploys).await);
        problems.extend(forward(&deploys));
        problems.extend(self.cancels_that_left_some(&deploys));
        problems.extend(self.rights_that_do_not_stand());
        problems.extend(self.brought_unproved(&deploys).await);
        for deploy in &deploys {
            let id = &deploy.id;
            let broken = self.deploy_problems(deploy).await;
            problems.extend(
                broken
                    .into_iter()
                    .map(|what| format!("{what} (deploy {id})")),
            );
        }
        problems
    }

    /// I1, I7: whoever has updated a service after another deploy did is never overtaken by it.
    fn one_at_a_time(&self) -> Vec<String> {
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut problems = Vec::new();
        let state = self.town.world.state();
        let changes = [
            "UpdateService",
            "StopServiceDeployment",
            "ContinueServiceDeployment",
        ];
        for call in &state.calls {
            if call.service != "ecs" || !changes.contains(&call.operation.as_str()) {
                continue;
            }
            let tags = &call.caller.session_tags;
            let Some((_, deploy)) = tags.iter().find(|(key, _)| key == "longshore:deploy") else {
                problems.push(format!("I1: {} by nobody's deploy", call.operation));
                continue;
            };
            let of = seen.entry(call.resources.join(",")).or_default();
            if of.last() != Some(deploy) {
                if of.contains(deploy) {
                    problems.push(format!(
                        "I1: {deploy} changed {:?} again after {of:?}",
                        call.resources
                    ));
                }
                of.push(deploy.clone());
            }
        }
        problems
    }

    /// A definite no is an answer: no deploy goes on asking. It may ask for each of three services,
    /// forth and back, at each of the stages at which a rollout pauses, and where people wish it again.
    fn asked_again(&self, deploys: usize) -> Vec<String> {
        const OF_EACH: u64 = 12;
        let most = OF_EACH * deploys as u64;
        let refused = self.refused.iter();
        refused
            .filter(|(_, asked)| *asked > most)
            .map(|(code, asked)| format!("I14: asked {asked} times after {code}"))
            .collect()
    }

    /// I3, I12: every reply in time and true, and one request one deploy at most.
    fn replies(&self, deploys: &[Deploy]) -> Vec<String> {
        let mut problems = Vec::new();
        let (mut accepted, mut possible) = (0, self.forged);
        for asked in &self.asked {
            for heard in &asked.heard {
                if heard.elapsed >= Duration::from_secs(3) {
                    problems.push(format!("I12: a reply took {:?}", heard.elapsed));
                }
                let shut = heard.status == 503 && self.fired > 0;
                if heard.status != 200 && !heard.killed && !shut {
                    problems.push(format!("I12: a reply was HTTP {}", heard.status));
                }
            }
            // What is recorded and handed on is answered by the waiter, and the reply is empty.
            let got_it = |heard: &Heard| {
                heard.status == 200
                    && (heard.text.is_empty() || heard.text.contains("Accepted, but AWS is slow"))
            };
            if asked.reads {
                continue;
            }
            let certain = asked.heard.iter().any(got_it);
            accepted += usize::from(asked.typed && certain);
            // A press answers with nothing, and a reply that was lost or unsure leaves it open.
            let unsure = asked
                .heard
                .iter()
                .any(|heard| heard.status != 200 || heard.text.contains("I can not tell whether"));
            // The same request twice: one may be told "nothing was started" before the other's lands.
            possible += usize::from(!asked.typed || certain || unsure);
        }
        if deploys.len() < accepted {
            problems.push(format!(
                "I3: {accepted} were accepted, {} are on record",
                deploys.len()
            ));
        }
        if deploys.len() > possible {
            problems.push(format!(
                "I3, I12: {} are on record, {possible} can be",
                deploys.len()
            ));
        }
        problems
    }

    /// I6, I9, I14: leases are held by what is still open, and by nothing else.
    fn leases(&self, deploys: &[Deploy]) -> Vec<String> {
        let mut problems = Vec::new();
        for item in self.items() {
            let (pk, sk) = (text(&item, "pk"), text(&item, "sk"));
            let is_open = |id: &str| {
                let mut of = deploys.iter().filter(|deploy| deploy.id.as_str() == id);
                of.any(|deploy| deploy.ending.is_none())
            };
            if pk.starts_with("LEASE#") {
                let holder = text(&item, "holder");
                if !holder.is_empty() && !is_open(holder) {
                    problems.push(format!("I6: {pk} is held by {holder}, which has ended"));
                }
            }
            if pk.starts_with("OPEN#") && !is_open(sk) {
                problems.push(format!("I4: {pk} lists {sk} as open"));
            }
        }
        for deploy in deploys
            .iter()
            .filter(|deploy| deploy.phase == Phase::Overdue)
        {
            let under_way = deploy.services.iter().filter(|service| {
                matches!(
                    service.phase,
                    ServicePhase::Rolling { .. } | ServicePhase::GoingBack { .. }
                )
            });
            for service in under_way {
                let held = self.items().into_iter().any(|item| {
                    text(&item, "pk").starts_with("LEASE#")
                        && text(&item, "pk").ends_with(&service.service)
                        && text(&item, "holder") == deploy.id.as_str()
                });
                if !held {
                    problems.push(format!("I9: {} is overdue without its lease", deploy.id));
                }
            }
        }
        problems
    }

    /// I11: no secret where it does not belong.
    fn secrets(&self) -> Vec<String> {
        let state = self.town.world.state();
        let mut texts = vec![(
            "what was said",
            serde_json::to_string(state.slack.events()).unwrap(),
        )];
        for run in state.states.executions.values() {
            texts.push(("an execution's input", run.input.clone()));
        }
        for (key, item) in state.dynamodb.tables["longshore"].items() {
            if !key.1.starts_with("REPLY#") && !key.1.starts_with("TOKEN") {
                texts.push(("the table", format!("{item:?}")));
            }
        }
        let mut problems = Vec::new();
        for (place, text) in texts {
            for secret in [SECRET, TOKEN, "hooks.slack.com"] {
                if text.contains(secret) {
                    problems.push(format!("I11: {place} holds {secret}"));
                }
            }
        }
        problems
    }

    /// I17: what people typed pings nobody and links nowhere.
    fn pings(&self) -> Vec<String> {
        let state = self.town.world.state();
        let mut problems = Vec::new();
        for message in state.slack.messages() {
            let shown = format!(
                "{} {}",
                message.text,
                serde_json::to_string(&message.blocks).unwrap()
            );
            problems.extend(
                PINGS
                    .iter()
                    .filter(|ping| shown.contains(**ping))
                    .map(|ping| format!("I17: a message says {ping}")),
            );
        }
        problems
    }

    async fn deploy_problems(&self, deploy: &Deploy) -> Vec<String> {
        let mut problems = Vec::new();
        let ecs =
            aws(&self.town.world, "AKIDOBSERVER", Patience::STEP).ecs(deploy.environment.as_str());
        let named = |actor: &Actor, id: &str| format!("{actor:?}").contains(id);
        // I16: who may not, does not.
        let by_crew = self.may_by_crew(deploy, EVE) && named(&deploy.requester, EVE);
        let eve_may = by_crew || self.may_by_right(deploy);
        problems.extend(not_allowed(deploy).filter(|_| !eve_may));
        problems.extend(self.began_as_a_guest(deploy));
        if deploy.environment.as_str() == "production" {
            if named(&deploy.requester, EVE) && deploy.has_started() && !eve_may {
                problems.push("I16: eve deployed to production".to_owned());
            }
            if deploy.has_started() {
                problems.extend(not_consented(deploy));
            }
        }
        let Some(verdict) = deploy.verdict() else {
            if deploy.phase != Phase::Overdue {
                problems.push(format!("I14: still {:?}", deploy.phase));
            } else if !self.is_rolling(&ecs, deploy).await {
                problems.push("I14: overdue, though ECS is through with it".to_owned());
            }
            return problems;
        };
        // I5, I15: the verdict was told, and no other one.
        let (said, others) = said::verdicts(&self.town.world.state(), deploy);
        match &deploy.told.verdict {
            Telling::Told { .. } if said == 0 && verdict != Verdict::Refused => {
                problems.push(format!("I5: {verdict:?} is told, and nobody has read it"));
            }
            Telling::Told { .. } | Telling::Undeliverable => {}
            telling => problems.push(format!("I5: telling {verdict:?} is {telling:?}")),
        }
        if !others.is_empty() {
            problems.push(format!("I15: it is {verdict:?}, and {others:?} was said"));
        }
        for service in &deploy.services {
            let arn = match &service.phase {
                ServicePhase::Succeeded { rollout, .. } | ServicePhase::Rolling { rollout, .. } => {
                    rollout
                }
                _ => continue,
            };
            let rollout = ecs.describe_service_deployment(arn).await.unwrap();
            // I9: nothing of ours goes on after the verdict.
            if !rollout
                .as_ref()
                .is_some_and(|rollout| rollout.status.is_final())
                && verdict != Verdict::Abandoned
            {
                problems.push(format!("I9: {verdict:?}, and {rollout:?} goes on"));
            }
            if verdict == Verdict::Succeeded {
                problems.extend(
                    self.not_what_was_asked_for(&ecs, deploy, &service.service, rollout)
                        .await,
                );
            }
        }
        problems
    }

    /// Whether ECS still works on something of this deploy.
    async fn is_rolling(&self, ecs: &EcsTarget, deploy: &Deploy) -> bool {
        for service in &deploy.services {
            let arn = match &service.phase {
                ServicePhase::Rolling { rollout, .. } => rollout.clone(),
                ServicePhase::GoingBack {
                    rollout: Some(rollout),
                    ..
                } => rollout.clone(),
                _ => continue,
            };
            let rollout = ecs.describe_service_deployment(&arn).await.unwrap();
            if rollout.is_none_or(|rollout| !rollout.status.is_final()) {
                return true;
            }
        }
        false
    }

    /// I8, I10: SUCCESSFUL, with the revision and the digest that were accepted.
    async fn not_what_was_asked_for(
        &self,
        ecs: &EcsTarget,
        deploy: &Deploy,
        service: &str,
        rollout: Option<longshore::rollout::Rollout>,
    ) -> Vec<String> {
        let Some(rollout) = rollout.filter(|rollout| rollout.status == Status::Successful) else {
            return vec![format!(
                "I8: Succeeded, and ECS does not say so of {service}"
            )];
        };
        let target = rollout.target.unwrap_or_default();
        let Some(revision) = ecs.describe_service_revision(&target).await.unwrap() else {
            return vec![format!("I8: {service} has no revision {target}")];
        };
        let state = deploy
            .services
            .iter()
            .find(|state| state.service == service);
        let mut problems = Vec::new();
        if state.and_then(|state| state.revision.as_ref()) != Some(&revision.task_definition) {
            problems.push(format!("I8: {service} runs {}", revision.task_definition));
        }
        let plan = deploy.plan.as_ref().unwrap();
        let planned = plan
            .services
            .iter()
            .find(|planned| planned.service == service);
        for (container, image) in planned.unwrap().change.images() {
            let runs = revision
                .images
                .iter()
                .find(|image| image.container == *container);
            // At no tasks ECS tells no images; what the revision names is what would run.
            let named = match revision.images.is_empty() {
                true => {
                    ecs.describe_task_definition(&revision.task_definition)
                        .await
                }
                false => Ok(None),
            };
            let named = named.unwrap();
            let named = named
                .as_ref()
                .and_then(|one| one.definition().image(container));
            let named = named.and_then(|image| image.split_once('@'));
            let digest = runs
                .and_then(|runs| runs.digest.clone())
                .or(named.map(|(_, digest)| digest.to_owned()))
                .unwrap_or_default();
            if !image.ends_with(&digest) || digest.is_empty() {
                problems.push(format!(
                    "I8: {container} of {service} runs {digest} instead of {image}"
                ));
            }
        }
        problems
    }
}

/// I10: whatever reached production was confirmed, by whoever asked for it, as it was shown.
fn not_consented(deploy: &Deploy) -> Option<String> {
    let plan = deploy.plan.as_ref()?;
    let hash = plan.hash(deploy.application(), &deploy.environment, deploy.verb());
    let consented = deploy.ask.as_ref().is_some_and(|ask| {
        ask.plan_hash == hash && ask.consented_by.as_ref() == Some(&deploy.requester)
    });
    (!consented).then(|| format!("I10: it started without consent: {:?}", deploy.ask))
}
