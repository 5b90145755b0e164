//! Copies of task definitions: nothing is lost, and none is registered unseen.

use longshore_sim::ecs::every_field;
use longshore_sim::fault::Kind;

use super::*;
use crate::aws::tests::{break_calls, mend, requests};

#[tokio::test(start_paused = true)]
async fn a_copy_of_everything_loses_nothing_on_the_wire() {
    let play = Play::new().await;
    let mut everything = every_field();
    let mut chance = fastrand::Rng::with_seed(7);
    for serial in 0..1000 {
        add_unknown(&mut everything, serial, &mut chance);
    }
    register_by_hand(&play.world, &everything).await;
    let base = play.ecs.describe_task_definition("every-field").await;
    let base = base.unwrap().unwrap();
    let container = base.definition().containers[0].name.clone();
    let images = [(container, image("v2"))];
    play.ecs
        .register_copy(&held(), &base, &images, play.tags())
        .await
        .unwrap();
    let mut sent = requests(&play.world, "RegisterTaskDefinition")
        .pop()
        .unwrap();
    let mut expected = everything;
    expected["containerDefinitions"][0]["image"] = image("v2").into();
    for document in [&mut sent, &mut expected] {
        document.as_object_mut().unwrap().remove("tags");
    }
    assert_eq!(sent, expected);
    // And a difference in any of them is seen.
    let copy = play.ecs.describe_task_definition("every-field").await;
    let copy = copy.unwrap().unwrap();
    assert!(base.seen.differences(&copy.seen, 9).is_empty());
    for serial in 1000..1050 {
        let mut changed = sent.clone();
        add_unknown(&mut changed, serial, &mut chance);
        register_by_hand(&play.world, &changed).await;
        let changed = play.ecs.describe_task_definition("every-field").await;
        let changed = changed.unwrap().unwrap();
        let differences = copy.seen.differences(&changed.seen, 9);
        assert!(!differences.is_empty(), "unknown{serial} goes unseen");
    }
}

/// Adds a member that nobody's model has yet, anywhere in a document.
fn add_unknown(document: &mut serde_json::Value, serial: u32, chance: &mut fastrand::Rng) {
    let mut places = Vec::new();
    objects(document, String::new(), &mut places);
    let place = &places[chance.usize(..places.len())];
    let value = match chance.u8(..6) {
        0 => serde_json::json!(chance.bool()),
        1 => serde_json::json!(chance.i64(..)),
        2 => serde_json::json!(f64::from(chance.u32(..)) / 64.0),
        3 => serde_json::json!([serial, "é"]),
        4 => serde_json::json!({ "in": { "deeper": serial } }),
        _ => serde_json::json!(format!("text {serial}")),
    };
    let object = document.pointer_mut(place).unwrap().as_object_mut();
    object.unwrap().insert(format!("unknown{serial}"), value);
}

/// The places of all objects of which unknown members are part.
fn objects(document: &serde_json::Value, at: String, places: &mut Vec<String>) {
    // Maps of text are the team's own, and tags are beside the task definition.
    let own = ["options", "driverOpts", "labels", "dockerLabels", "tags"];
    if own.contains(&at.rsplit('/').next().unwrap_or_default()) {
        return;
    }
    if let Some(members) = document.as_object() {
        for (name, value) in members {
            objects(value, format!("{at}/{name}"), places);
        }
        places.push(at);
    } else if let Some(items) = document.as_array() {
        for (index, item) in items.iter().enumerate() {
            objects(item, format!("{at}/{index}"), places);
        }
    }
}

/// Registers a document as a team would, byte for byte.
async fn register_by_hand(world: &World, document: &serde_json::Value) {
    let request = http::Request::post("https://ecs.eu-west-1.amazonaws.com/")
        .header("content-type", "application/x-amz-json-1.1")
        .header(
            "x-amz-target",
            "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition",
        )
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=111111111111/20260301/eu-west-1/ecs/aws4_request, SignedHeaders=host, Signature=0",
        )
        .body(document.to_string().into())
        .unwrap();
    let answer = world.call(request).await.unwrap();
    assert_eq!(answer.status(), 200, "{:?}", answer.body());
}

#[tokio::test(start_paused = true)]
async fn a_registration_with_a_lost_answer_is_found_by_what_it_holds() {
    let play = Play::new().await;
    let base = play.ecs.describe_task_definition(&play.ours.before).await;
    let base = base.unwrap().unwrap();
    let find = || {
        let images = &play.ours.images;
        play.ecs.registered(&base, images, play.tags(), "")
    };
    assert!(find().await.unwrap().is_none());
    break_calls(&play.world, "ecs", "RegisterTaskDefinition", Kind::Lost);
    let error = play.register().await.unwrap_err();
    assert!(error.unknown_outcome());
    mend(&play.world);
    let found = find().await.unwrap().unwrap();
    assert_eq!(found.definition().revision, 2);
    assert_eq!(requests(&play.world, "RegisterTaskDefinition").len(), 1);
    let other = [("app".to_owned(), image("v1"))];
    let none = play.ecs.registered(&base, &other, play.tags(), "").await;
    assert!(none.unwrap().is_none(), "another image");
    let another = DeployId::derive(b"another request");
    let tags = RevisionTags {
        deploy: &another,
        commit: CommitTag::Unknown,
    };
    let images = &play.ours.images;
    let none = play.ecs.registered(&base, images, tags, "").await;
    assert!(none.unwrap().is_none(), "another deploy's");
    let runs = &found.definition().arn;
    let none = play.ecs.registered(&base, images, play.tags(), runs).await;
    assert!(
        none.unwrap().is_none(),
        "giving it what it runs rolls nothing out"
    );
}

#[tokio::test(start_paused = true)]
async fn a_registration_is_found_also_where_tags_leave_no_room_for_ours() {
    let play = Play::new().await;
    let mut full = every_field();
    full["tags"] = (0..50)
        .map(|n| serde_json::json!({ "key": format!("k{n}"), "value": "v" }))
        .collect();
    register_by_hand(&play.world, &full).await;
    let base = play.ecs.describe_task_definition("every-field").await;
    let base = base.unwrap().unwrap();
    let images = [(base.seen.containers[0].name.clone(), image("v2"))];
    let find = || play.ecs.registered(&base, &images, play.tags(), "");
    assert!(find().await.unwrap().is_none());
    let held = held();
    let copy = play.ecs.register_copy(&held, &base, &images, play.tags());
    let copy = copy.await.unwrap();
    assert_eq!(find().await.unwrap().unwrap().seen.arn, copy.seen.arn);
}
