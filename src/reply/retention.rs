//! Images that are about to go, in words.

use jiff::Timestamp;

use super::{code, label, said};
use crate::plan::Plan;
use crate::plan::retention::{Effect, Endangered, Role, When};
use crate::slack::text::Mrkdwn;

/// One line for each image that a lifecycle rule is about to take, with what that means and what
/// helps.
pub fn endangered(plan: &Plan, now: Timestamp) -> Vec<Mrkdwn> {
    let lines = plan.endangered.iter();
    lines.map(|image| line(image, now)).collect()
}

fn line(image: &Endangered, now: Timestamp) -> Mrkdwn {
    let fate = said!(
        "rule {} of {}'s lifecycle policy {} the image of {} ({}) {}",
        image.removal.rule,
        code(&image.repository),
        effect(image.removal.effect),
        label(&image.label),
        code(image.digest.short()),
        when(image.removal.when, now)
    );
    match image.role {
        Role::Runs => said!(
            ":warning: *This image is about to go:* {}. From then on ECS can start no more tasks of it. Have that rule keep more.",
            fate
        ),
        Role::WayBack => said!(
            ":warning: *The way back is about to go:* {}. Have that rule keep more, or no rollback can go back to it.",
            fate
        ),
    }
}

fn effect(effect: Effect) -> Mrkdwn {
    Mrkdwn::raw(match effect {
        Effect::Removes => "removes",
        Effect::Archives => "archives",
    })
}

fn when(when: When, now: Timestamp) -> Mrkdwn {
    match when {
        When::At(at) => match at.duration_since(now).as_hours() {
            // ECR takes up to a day.
            ..36 => Mrkdwn::raw("within a day or two"),
            hours => {
                let days = u64::try_from((hours + 12) / 24).unwrap_or_default();
                said!("in about {} days", days)
            }
        },
        When::AfterPushes(0) => Mrkdwn::raw("within a day"),
        When::AfterPushes(1) => Mrkdwn::raw("as soon as one more image is pushed"),
        When::AfterPushes(more) => said!("as soon as {} more images are pushed", more),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use jiff::SignedDuration;

    use super::*;
    use crate::card::fixtures::{at, plan};
    use crate::plan::retention::Removal;

    fn said_of(role: Role, effect: Effect, when: When) -> String {
        let mut plan = plan("1.0.2", &["cms-api"]);
        plan.endangered = vec![Endangered {
            role,
            label: "<1.0.1>".to_owned(),
            digest: format!("sha256:{}", "a".repeat(64)).parse().unwrap(),
            repository: "cms".to_owned(),
            removal: Removal {
                rule: 3,
                effect,
                when,
            },
        }];
        let lines = endangered(&plan, at(0));
        lines.iter().map(|line| line.as_str().to_owned()).collect()
    }

    #[test]
    fn each_image_is_said_to_go_with_what_that_means() {
        let days = |days: i64| When::At(at(0) + SignedDuration::from_hours(24 * days));
        assert_snapshot!(said_of(Role::WayBack, Effect::Removes, days(3)), @r":warning: *The way back is about to go:* rule 3 of `cms`'s lifecycle policy removes the image of `&lt;1.0.1&gt;` (`aaaaaaaaaaaa`) in about 3 days. Have that rule keep more, or no rollback can go back to it.");
        assert_snapshot!(said_of(Role::Runs, Effect::Archives, When::AfterPushes(2)), @r":warning: *This image is about to go:* rule 3 of `cms`'s lifecycle policy archives the image of `&lt;1.0.1&gt;` (`aaaaaaaaaaaa`) as soon as 2 more images are pushed. From then on ECS can start no more tasks of it. Have that rule keep more.");
        let end = |when| {
            let said = said_of(Role::Runs, Effect::Removes, when);
            let (_, end) = said.split_once(") ").unwrap();
            end.split_once('.').unwrap().0.to_owned()
        };
        for (when, expected) in [
            (days(-30), "within a day or two"),
            (days(0), "within a day or two"),
            (days(1), "within a day or two"),
            (days(2), "in about 2 days"),
            (days(7), "in about 7 days"),
            (When::AfterPushes(0), "within a day"),
            (When::AfterPushes(1), "as soon as one more image is pushed"),
            (When::AfterPushes(2), "as soon as 2 more images are pushed"),
        ] {
            assert_eq!(end(when), expected, "{when:?}");
        }
    }
}
