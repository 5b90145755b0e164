//! The several names of one registry: every one of them is recognised, and what is sent to ECS goes
//! by the name by which its task definition reaches the registry.

use longshore_sim::ecs::{ServiceSeed, add_service, task_definition};

use super::Chat;
use crate::town::{Bot, CONFIG, DEV, PROD, REGION, SITE, digest_of};

const USUAL: &str = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
const NAMES: [&str; 5] = [
    "111111111111.dkr-ecr.eu-west-1.on.aws",
    "111111111111.dkr-ecr-fips.eu-west-1.on.aws",
    "111111111111.dkr.ecr-fips.eu-west-1.amazonaws.com",
    "111111111111.DKR.ECR.eu-west-1.amazonaws.com",
    USUAL,
];

/// cms with a one-off task and schedules.
fn cms(containers: &str) -> String {
    let further = format!(
        "[applications.cms]\nbefore = {{ task = \"cms-migrate\" }}\nschedules = [\"nightly-report\", \"cleanup:cms-worker\"]\n{containers}\n"
    );
    CONFIG.replace("[applications.cms]\n", &further)
}

impl Chat {
    /// A service on staging comes to run these images, in place of what it ran.
    pub(super) fn runs_there(&self, service: &str, containers: &[(&str, &str)]) {
        let definition = task_definition(DEV, REGION, service, containers);
        let now = self.world.now();
        let state = &mut *self.world.state();
        state.ecs.delete("staging", service);
        let arn = state.ecs.add_definition(now, (DEV, REGION), &definition);
        let seed = ServiceSeed::new(DEV, REGION, "staging", service, arn.unwrap().into());
        add_service(state, now, seed).unwrap();
    }

    /// A family on staging gets a revision with this image.
    pub(super) fn registers_there(&self, family: &str, image: &str) -> String {
        let definition = task_definition(DEV, REGION, family, &[("app", image)]);
        let now = self.world.now();
        let state = &mut *self.world.state();
        let ecs = &mut state.ecs;
        ecs.add_definition(now, (DEV, REGION), &definition).unwrap()
    }

    /// The images of every revision that was registered since `from` calls, each once.
    fn registered(&self, from: usize) -> Vec<String> {
        let state = self.world.state();
        let calls = state.calls.iter().skip(from);
        let registered = calls.filter(|call| call.operation == "RegisterTaskDefinition");
        let mut images: Vec<String> = registered
            .flat_map(|call| call.request["containerDefinitions"].as_array().cloned())
            .flatten()
            .map(|container| container["image"].as_str().unwrap().to_owned())
            .collect();
        images.sort();
        images.dedup();
        images
    }

    fn calls(&self) -> usize {
        self.world.state().calls.len()
    }

    pub(super) fn commit(&self, repository: &str, name: &str) -> String {
        let state = &mut *self.world.state();
        state.github.repo(repository).find(name).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn everything_sent_to_ecs_goes_by_the_name_that_its_definition_has() {
    for name in NAMES {
        for (containers, suffix) in [("", "@"), ("containers = [\"app\"]", "@"), ("", ":")] {
            let chat = Chat::empty(Bot::NoToken).await;
            let first = chat.commit("acme/cms", "1.0.2");
            let image = match suffix {
                "@" => format!("{name}/cms@{}", digest_of(&first)),
                _ => format!("{name}/cms:{first}"),
            };
            for service in ["cms-api", "cms-worker"] {
                chat.runs_there(service, &[("app", &image)]);
            }
            chat.registers_there("cms-migrate", &image);
            for (schedule, family) in [
                ("nightly-report", "nightly-report"),
                ("cleanup", "cms-worker"),
            ] {
                let runs = chat.registers_there(family, &image);
                let now = chat.world.now();
                let state = &mut *chat.world.state();
                state
                    .scheduler
                    .add(now, (DEV, REGION), (schedule, "staging"), &runs);
            }
            chat.push(&cms(containers)).await;
            let from = chat.calls();
            let read = chat
                .does("cms:feature/signup-autocomplete to staging")
                .await;
            assert!(read.contains("✅ "), "{name} {containers}: {read}");
            let branch = chat.commit("acme/cms", "feature/signup-autocomplete");
            let pinned = format!("{name}/cms@{}", digest_of(&branch));
            assert_eq!(chat.registered(from), [pinned], "{name} {containers}");
            // And back: what the tag stood for, by the same name.
            let from = chat.calls();
            let read = chat.does("rollback cms on staging").await;
            assert!(read.contains("✅ "), "{name} {containers}: {read}");
            let back = format!("{name}/cms@{}", digest_of(&first));
            let registered = chat.registered(from);
            assert!(registered.iter().all(|one| *one == back), "{registered:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_runs_already_is_live_by_whichever_name() {
    for name in NAMES {
        let chat = Chat::new(Bot::NoToken).await;
        let first = chat.commit("acme/webapp", "main");
        let image = format!("{name}/webapp:v1@{}", digest_of(&first));
        chat.runs_there("webapp", &[("app", &image)]);
        let read = chat.does("webapp:main to staging").await;
        assert!(read.contains("the very same image"), "{name}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn images_of_single_containers_keep_the_name_too() {
    for name in NAMES {
        let chat = Chat::empty(Bot::NoToken).await;
        chat.builds_site();
        let first = chat.commit("acme/site", "0.9.0");
        let app = format!("{name}/site@{}", digest_of(&first));
        let nginx = format!("{name}/site-nginx:3.0.0");
        chat.runs_there("site-web", &[("app", &app), ("nginx", &nginx)]);
        chat.push(&format!("{CONFIG}{SITE}")).await;
        let from = chat.calls();
        let read = chat.does("site/nginx:3.1.0 to staging").await;
        assert!(read.contains("nginx:3.1.0"), "{name}: {read}");
        let nginx = format!("{name}/site-nginx@{}", longshore_sim::ecr::digest("3.1.0"));
        assert_eq!(chat.registered(from), [&*nginx, &*app], "{name}");
        // What stays is pinned to what it runs, by its name.
        let read = chat.does("site:main to staging").await;
        assert!(read.contains("✅ "), "{name}: {read}");
        let all = chat.registered(from);
        let main = digest_of(&chat.commit("acme/site", "main"));
        // site-jobs has always gone by the usual name.
        for expected in [name, USUAL] {
            let expected = format!("{expected}/site@{main}");
            assert!(all.contains(&expected), "{name}: {all:?}");
        }
        let proxies = all.iter().filter(|image| image.contains("nginx"));
        assert!(proxies.eq([&nginx]), "{name}: {all:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_container_that_is_listed_is_reached_as_its_neighbour_was() {
    // It ran the image of another repository, over IPv6; the usual name could not be pulled there.
    let chat = Chat::empty(Bot::NoToken).await;
    chat.runs_there(
        "webapp",
        &[("app", "111111111111.dkr-ecr.eu-west-1.on.aws/old-webapp:7")],
    );
    let listed = "[applications.webapp]\ncontainers = [\"app\"]\n";
    chat.push(&CONFIG.replace("[applications.webapp]\n", listed))
        .await;
    let from = chat.calls();
    let read = chat.does("webapp:main to staging").await;
    assert!(read.contains("✅ "), "{read}");
    let main = digest_of(&chat.commit("acme/webapp", "main"));
    let pinned = format!("{PROD}.dkr-ecr.{REGION}.on.aws/webapp@{main}");
    assert_eq!(chat.registered(from), [pinned]);
}
