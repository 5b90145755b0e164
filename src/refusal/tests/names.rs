//! What refusals name: as it usually is, and the longest that there may be.

use std::collections::BTreeSet;

use super::*;
use crate::names::{ContainerName, UserId};
use crate::record::{Instead, StillOpen};
use crate::request::ChangeKind;

/// What is named in refusals.
#[derive(Clone)]
pub(crate) struct Names {
    pub(super) application: AppName,
    pub(super) other: AppName,
    pub(super) environment: EnvName,
    pub(super) environments: Vec<String>,
    pub(super) reference: Ref,
    pub(super) person: Actor,
    pub(super) people: BTreeSet<UserId>,
    pub(super) service: String,
    pub(super) cluster: String,
    pub(super) family: String,
    pub(super) volume: String,
    pub(super) container: ContainerName,
    /// An image repository, as refusals name it.
    pub(super) repository: String,
    pub(super) tag: String,
    pub(super) role: String,
    /// A task definition's ARN.
    pub(super) revision: String,
    pub(super) log_group: String,
    /// Whatever else somebody's words may be.
    pub(super) text: String,
}

impl Names {
    pub(crate) fn usual(text: &str) -> Self {
        Self {
            application: "cms".parse().unwrap(),
            other: "webapp".parse().unwrap(),
            environment: "production".parse().unwrap(),
            environments: vec!["staging".to_owned()],
            reference: "feature/a&b".parse().unwrap(),
            person: sam(),
            people: ["U061F7AUR".parse().unwrap()].into(),
            service: "cms-api".to_owned(),
            cluster: "production".to_owned(),
            family: "cms-migrate".to_owned(),
            volume: "scratch".to_owned(),
            container: "app".parse().unwrap(),
            repository: "cms".to_owned(),
            tag: "4f2c9e1".to_owned(),
            role: "arn:aws:iam::222222222222:role/longshore-staging".to_owned(),
            revision: "arn:aws:ecs:eu-west-1:1:task-definition/cms:9".to_owned(),
            log_group: "/ecs/cms".to_owned(),
            text: text.to_owned(),
        }
    }

    /// As long as the configuration, AWS, git and Slack let them be.
    pub(super) fn longest() -> Self {
        let environment = "e".repeat(54);
        let registry = "111111111111.dkr.ecr.ap-southeast-2.amazonaws.com";
        Self {
            application: "a".repeat(64).parse().unwrap(),
            other: "o".repeat(64).parse().unwrap(),
            environments: vec!["f".repeat(54)],
            reference: format!("feature/{}", "b".repeat(192)).parse().unwrap(),
            people: (0..6).map(user).collect(),
            person: Actor::Slack {
                team: "T0001".parse().unwrap(),
                user: user(9),
            },
            service: "s".repeat(255),
            cluster: "c".repeat(255),
            family: "m".repeat(255),
            volume: "v".repeat(255),
            container: "n".repeat(255).parse().unwrap(),
            repository: format!("{registry}/{}", "r".repeat(256)),
            tag: "t".repeat(128),
            role: format!("arn:aws:iam::222222222222:role/longshore-{environment}"),
            revision: format!(
                "arn:aws:ecs:eu-west-1:222222222222:task-definition/{}:12345",
                "m".repeat(255)
            ),
            log_group: format!("/ecs/{}", "g".repeat(507)),
            text: format!("feature/{}@680af60", "b".repeat(192)),
            environment: environment.parse().unwrap(),
        }
    }
}

/// The longest id that Slack may give a person.
fn user(number: u8) -> UserId {
    format!("U{}{number}", "W".repeat(30)).parse().unwrap()
}

/// What people know of an image that is not there.
pub(super) fn instead(names: &Names) -> [Option<Instead>; 4] {
    let of = |image: Option<&ContainerName>, tags: &[&str], beside: u32| Instead {
        application: names.application.clone(),
        image: image.cloned(),
        environment: names.environment.clone(),
        pushed_at: Some(at(0)),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        beside,
    };
    let none = of(None, &[], 0);
    let some = of(Some(&names.container), &[&names.tag, "v1.0.9"], 0);
    let one_of_two = of(None, &[&names.tag], 1);
    [None, Some(none), Some(some), Some(one_of_two)]
}

/// As many as one person may have open: with a card, of several applications, without one.
pub(super) fn still_open(names: &Names) -> Vec<StillOpen> {
    let card = "https://acme.slack.com/archives/C0DEPLOYS/p1772442000000100";
    let asked = vec![format!("{}:{}", names.application, names.reference)];
    let one = StillOpen {
        id: "4f2k9x0a".parse().unwrap(),
        kind: ChangeKind::Deploy,
        asked: asked.clone(),
        application: names.application.clone(),
        card: Some(card.to_owned()),
    };
    let several = StillOpen {
        asked: [asked.clone(), asked].concat(),
        card: None,
        ..one.clone()
    };
    let restart = StillOpen {
        kind: ChangeKind::Restart,
        asked: vec![names.application.to_string()],
        ..several.clone()
    };
    vec![one, several, restart]
}
