//! What else lives in an image repository: neither offered nor accepted. And images for several
//! platforms: one digest everywhere, and only for the machines that they are for.

use longshore_sim::ecr::{self, Manifest};
use longshore_sim::ecs::{ServiceSeed, add_service, task_definition};
use longshore_sim::fault::{Kind, Matcher};
use serde_json::{Value, json};

use super::Chat;
use crate::town::{Bot, CONFIG, DEV, PROD, REGION};

const PLACE: (&str, &str, &str) = (PROD, REGION, "webapp");
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn artifact(media_type: &str, layer: &str, subject: Option<&str>) -> Manifest {
    Manifest::Artifact {
        media_type: media_type.to_owned(),
        layer: layer.to_owned(),
        subject: subject.map(str::to_owned),
    }
}

/// An index of an image for each of these architectures; its digest is made of its name.
fn index(name: &str, architectures: &[&str]) -> Manifest {
    let child = |one: &&str| ((*one).to_owned(), ecr::digest(&format!("{name} {one}")));
    Manifest::Index(architectures.iter().map(child).collect())
}

impl Chat {
    /// Something is pushed under these tags, with its name's digest.
    fn pushes(&self, name: &str, tags: &[&str], manifest: Manifest) {
        let now = self.world.now();
        let digest = ecr::digest(name);
        let ecr = &mut self.world.state().ecr;
        ecr.push(PROD, REGION, "webapp", tags, &digest, now);
        ecr.set_manifest(PLACE, &digest, manifest);
    }

    /// webapp on staging comes to run that image, on these machines.
    fn webapp_is(&self, image: &str, machines: &Value) {
        let image = format!("{PROD}.dkr.ecr.{REGION}.amazonaws.com/webapp{image}");
        let mut definition = task_definition(DEV, REGION, "webapp", &[("app", &image)]);
        let members = machines.as_object().unwrap().clone();
        definition.as_object_mut().unwrap().extend(members);
        let now = self.world.now();
        let state = &mut *self.world.state();
        state.ecs.delete("staging", "webapp");
        let arn = state.ecs.add_definition(now, (DEV, REGION), &definition);
        let seed = ServiceSeed::new(DEV, REGION, "staging", "webapp", arn.unwrap().into());
        add_service(state, now, seed.desired(2)).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_image_is_neither_offered_nor_accepted() {
    let chat = Chat::empty(Bot::NoToken).await;
    let without = CONFIG.replace(
        "repository = \"acme/webapp\", image = \"webapp\"",
        "image = \"webapp\"",
    );
    chat.push(&without).await;
    let digest = ecr::digest("release-7");
    let of_it = |end: &str| format!("sha256-{}{end}", &digest[7..]);
    let (signature, attestation, sbom, referrers) =
        (of_it(".sig"), of_it(".att"), of_it(".sbom"), of_it(""));
    let simple = "application/vnd.dev.cosign.simplesigning.v1+json";
    chat.seconds(60).await;
    chat.pushes("release-7", &["release-7"], Manifest::Image);
    let others = [
        // cosign's say that they are images, and only their names tell.
        (&*signature, artifact(OCI_CONFIG, simple, None)),
        (
            &*attestation,
            artifact(OCI_CONFIG, "application/vnd.dsse.envelope.v1+json", None),
        ),
        (&*sbom, artifact(OCI_CONFIG, "text/spdx+json", None)),
        (&*referrers, Manifest::Index(Vec::new())),
        (
            "release-7-notation",
            artifact(
                "application/vnd.cncf.notary.signature",
                "application/jose+json",
                Some(&digest),
            ),
        ),
        (
            "release-7-chart",
            artifact(
                "application/vnd.cncf.helm.config.v1+json",
                "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                None,
            ),
        ),
        (
            "release-7-cache",
            artifact("application/vnd.buildkit.cacheconfig.v0", LAYER, None),
        ),
        (
            "release-7-bom",
            artifact("application/spdx+json", "application/spdx+json", None),
        ),
    ];
    for (tag, manifest) in &others {
        chat.seconds(1).await;
        chat.pushes(tag, &[*tag], manifest.clone());
    }
    let read = chat.does("webapp to staging").await;
    assert!(read.contains("The newest: `release-7`, "), "{read}");
    assert!(
        !read.contains("release-7-") && !read.contains("sha256-"),
        "{read}"
    );
    let read = chat.does("webapp:release-8 to staging").await;
    assert!(read.contains("Did you mean `release-7`?"), "{read}");
    for (tag, _) in &others {
        let read = chat.does(&format!("webapp:{tag} to staging")).await;
        assert!(
            read.contains("is no container image, but "),
            "{tag}: {read}"
        );
        assert!(read.contains("⛔ "), "{tag}: {read}");
    }
    let read = chat.does("webapp:release-7 to staging").await;
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn a_cache_of_a_branchs_name_is_not_what_anybody_means() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.pushes(
        "cache",
        &["main"],
        artifact("application/vnd.buildkit.cacheconfig.v0", LAYER, None),
    );
    let read = chat
        .does("webapp:feature/signup-autocomplete to staging")
        .await;
    assert!(read.contains("✅ "), "{read}");
    let read = chat.does("webapp:main to staging").await;
    assert!(read.contains("✅ "), "{read}");
}

#[tokio::test(start_paused = true)]
async fn an_index_is_one_image_whatever_its_tasks_report() {
    // By its tag, so that nothing but the tasks says what runs; and by its digest.
    for named in [":one".to_owned(), format!("@{}", ecr::digest("one"))] {
        let chat = Chat::new(Bot::NoToken).await;
        for name in ["one", "two"] {
            chat.pushes(name, &[name], index(name, &["amd64", "arm64"]));
        }
        chat.webapp_is(&named, &json!({}));
        let read = chat.does("webapp:one to staging").await;
        assert!(read.contains("the very same image"), "{named}: {read}");
        let read = chat.does("webapp:two to staging").await;
        assert!(read.contains("✅ "), "{named}: {read}");
        let read = chat.does("webapp:two to staging").await;
        assert!(read.contains("the very same image"), "{named}: {read}");
        // What runs is nobody's doing but ours.
        let read = chat.does("history webapp staging").await;
        assert!(!read.contains("outside"), "{named}: {read}");
        let read = chat.does("rollback webapp on staging").await;
        assert!(read.contains("✅ "), "{named}: {read}");
        let read = chat.does("webapp:one to staging").await;
        assert!(read.contains("the very same image"), "{named}: {read}");
        let read = chat.does("restart webapp on staging").await;
        assert!(read.contains("✅ "), "{named}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_moved_tag_does_not_make_an_earlier_index_unknown() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.pushes("one", &["one", "stable"], index("one", &["amd64"]));
    let read = chat.does("webapp:one to staging").await;
    assert!(read.contains("✅ "), "{read}");
    // Somebody rolls the same image out by its tag, which then moves on.
    chat.webapp_is(":stable", &json!({}));
    chat.pushes("two", &["two", "stable"], index("two", &["amd64"]));
    let read = chat.does("webapp:one to staging").await;
    assert!(read.contains("the very same image"), "{read}");
    let read = chat.does("webapp:two to staging").await;
    let change = read.contains("one@") && read.contains(" → two@");
    assert!(change, "{read}");
}

#[tokio::test(start_paused = true)]
async fn an_image_for_other_machines_is_refused_before_anything_starts() {
    let fargate =
        |architecture: &str| json!({ "runtimePlatform": { "cpuArchitecture": architecture } });
    let ec2 = json!({ "requiresCompatibilities": ["EC2"], "networkMode": "bridge" });
    for (machines, has, refused) in [
        (json!({}), vec!["amd64"], None),
        (
            json!({}),
            vec!["arm64"],
            Some("is for linux/arm64. The task definition `webapp:2` wants linux/amd64"),
        ),
        (
            fargate("ARM64"),
            vec!["amd64"],
            Some("is for linux/amd64. The task definition `webapp:2` wants linux/arm64"),
        ),
        (fargate("ARM64"), vec!["amd64", "arm64"], None),
        (
            fargate("ARM64"),
            vec!["amd64", "s390x"],
            Some("is for linux/amd64, linux/s390x. The"),
        ),
        (json!({}), vec![], Some("holds no image that can run. The")),
        // What the instances are, it does not say.
        (ec2, vec!["amd64"], None),
    ] {
        let chat = Chat::new(Bot::NoToken).await;
        chat.pushes("both", &["both"], index("both", &["amd64", "arm64"]));
        chat.webapp_is(":both", &machines);
        if machines["requiresCompatibilities"] == json!(["EC2"]) {
            let ecs = &mut chat.world.state().ecs;
            ecs.set_member("staging", "webapp", "launchType", &json!("EC2"));
        }
        chat.pushes("new", &["new"], index("new", &has));
        let read = chat.does("webapp:new to staging").await;
        match refused {
            None => assert!(read.contains("✅ "), "{machines} {has:?}: {read}"),
            Some(why) => {
                assert!(read.contains(why), "{machines} {has:?}: {read}");
                chat.assert_nothing_changed();
            }
        }
    }
    // Of one platform, a manifest does not tell which; and where it cannot be read, nothing is said.
    let chat = Chat::new(Bot::NoToken).await;
    chat.pushes("one", &["one"], Manifest::Image);
    chat.webapp_is(":one", &fargate("ARM64"));
    let read = chat.does("webapp:main to staging").await;
    assert!(read.contains("✅ "), "{read}");
    chat.pushes("two", &["two"], index("two", &["arm64"]));
    let denied = Matcher::operation("ecr", "BatchGetImage");
    chat.world.state().faults.plan(denied, Kind::Denied);
    let read = chat.does("webapp:two to staging").await;
    assert!(read.contains("✅ "), "{read}");
}
