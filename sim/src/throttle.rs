//! How often AWS lets itself be called: token buckets by account, region and kind of call, off unless a
//! test or a seed switches them on.
//!
//! Published numbers stand here with their place. Of ECS only those of cluster reads are
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>); its other kinds
//! of calls get the same, which is this simulator's choice.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{AwsError, Caller};

/// Calls that share a bucket: service, name, what operations begin with, the most calls at once, and
/// those that come back in a second.
type Kind = (
    &'static str,
    &'static str,
    &'static [&'static str],
    f64,
    f64,
);

const KINDS: [Kind; 7] = [
    (
        "ecs",
        "cluster reads",
        &["DescribeClusters", "ListClusters"],
        50.0,
        20.0,
    ),
    (
        "ecs",
        "service reads",
        &["DescribeService", "ListService"],
        50.0,
        20.0,
    ),
    (
        "ecs",
        "task reads",
        &["DescribeTasks", "ListTasks"],
        50.0,
        20.0,
    ),
    (
        "ecs",
        "task definition reads",
        &["DescribeTaskDefinition", "ListTaskDefinition"],
        50.0,
        20.0,
    ),
    ("ecs", "changes", &[""], 50.0, 20.0),
    // https://docs.aws.amazon.com/general/latest/gr/ssm.html
    ("ssm", "reads of parameters", &["GetParameter"], 40.0, 40.0),
    // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    ("states", "starts", &["StartExecution"], 800.0, 150.0),
];

/// Who fills a bucket: account, region, service and kind.
type Owner = (String, String, &'static str, &'static str);

/// The buckets.
#[derive(Clone, Debug, Default)]
pub struct Throttle {
    on: bool,
    /// What is left, and when that was.
    buckets: BTreeMap<Owner, (f64, Timestamp)>,
}

impl Throttle {
    /// Counts calls from now on.
    pub fn switch_on(&mut self) {
        self.on = true;
    }

    /// Lets everything through from now on.
    pub fn switch_off(&mut self) {
        *self = Self::default();
    }

    /// Takes one call out of its bucket.
    ///
    /// # Errors
    /// `ThrottlingException`, where the bucket is empty.
    pub(crate) fn take(
        &mut self,
        now: Timestamp,
        (service, operation): (&str, &str),
        caller: &Caller,
    ) -> Result<(), AwsError> {
        let of = |(of, _, begins, _, _): &&Kind| {
            *of == service && begins.iter().any(|begin| operation.starts_with(begin))
        };
        let Some((service, kind, _, most, refill)) = KINDS.iter().find(of).filter(|_| self.on)
        else {
            return Ok(());
        };
        let owner = (
            caller.account.clone(),
            caller.region.clone(),
            *service,
            *kind,
        );
        let (left, since) = self.buckets.entry(owner).or_insert((*most, now));
        let passed = now.duration_since(*since).as_secs_f64().max(0.0);
        *left = (*left + passed * refill).min(*most);
        *since = now;
        if *left < 1.0 {
            return Err(AwsError::new("ThrottlingException", "Rate exceeded"));
        }
        *left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again_and_is_nobody_elses() {
        let mut throttle = Throttle::default();
        let caller = |account: &str| Caller {
            account: account.to_owned(),
            region: "eu-west-1".to_owned(),
            ..Caller::default()
        };
        let (ours, theirs) = (caller("111111111111"), caller("222222222222"));
        let mut now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let call = ("ecs", "DescribeClusters");
        for _ in 0..1000 {
            throttle.take(now, call, &ours).unwrap();
        }
        throttle.switch_on();
        for _ in 0..50 {
            throttle.take(now, call, &ours).unwrap();
        }
        let refused = throttle.take(now, call, &ours).unwrap_err();
        assert_eq!(refused.code, "ThrottlingException");
        assert_eq!(refused.message, "Rate exceeded");
        throttle.take(now, call, &theirs).unwrap();
        throttle
            .take(now, ("ecs", "DescribeServices"), &ours)
            .unwrap();
        throttle.take(now, ("ecs", "UpdateService"), &ours).unwrap();
        now += SignedDuration::from_secs(1);
        for _ in 0..20 {
            throttle.take(now, call, &ours).unwrap();
        }
        assert!(throttle.take(now, call, &ours).is_err());
        throttle.switch_off();
        assert!(throttle.take(now, call, &ours).is_ok());
    }

    #[test]
    fn every_operation_of_a_kind_is_one_of_awss() {
        for (service, kind, begins, most, refill) in KINDS {
            let model = crate::models::model(service).unwrap();
            let operations = model["operations"].as_object().unwrap();
            for begin in begins {
                let known = operations.keys().any(|name| name.starts_with(begin));
                assert!(known, "{service} {kind}: {begin}");
            }
            assert!(refill <= most, "{kind}");
        }
    }
}
