//! ARNs, taken apart, ECS's above all. Services and tasks from before ARNs had the cluster's name in them keep
//! their old ones until they are created anew
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids>),
//! and not every partition is called `aws`.

/// An ARN of ECS's: `arn:PARTITION:ecs:REGION:ACCOUNT:KIND/…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcsArn<'a> {
    /// The region.
    pub region: &'a str,
    /// The account.
    pub account: &'a str,
    kind: &'a str,
    path: Vec<&'a str>,
}

impl<'a> EcsArn<'a> {
    /// Takes an ARN apart; `None` where it is none of ECS's.
    pub fn read(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let head = (parts.next()?, parts.next()?, parts.next()?);
        let ("arn", _, "ecs") = head else {
            return None;
        };
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let mut path = resource.split('/');
        let kind = path.next()?;
        let path: Vec<&str> = path.collect();
        let whole = !path.is_empty() && path.iter().all(|part| !part.is_empty());
        whole.then_some(Self {
            region,
            account,
            kind,
            path,
        })
    }

    /// The service that it is, or is a deployment or a revision of: its cluster, which an old ARN does
    /// not tell, and its name.
    pub fn service(&self) -> Option<(Option<&'a str>, &'a str)> {
        match (self.kind, self.path.as_slice()) {
            ("service", [name]) => Some((None, name)),
            ("service", [cluster, name]) => Some((Some(cluster), name)),
            ("service-deployment" | "service-revision", [name, _]) => Some((None, name)),
            ("service-deployment" | "service-revision", [cluster, name, _]) => {
                Some((Some(cluster), name))
            }
            _ => None,
        }
    }

    /// The cluster that it is.
    pub fn cluster(&self) -> Option<&'a str> {
        match (self.kind, self.path.as_slice()) {
            ("cluster", [name]) => Some(name),
            _ => None,
        }
    }
}

/// The last part of an ARN, which is what people know an identity by, or a revision: `web:42`.
pub fn last_part(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_arns_of_every_partition_are_read() {
        for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso"] {
            for (resource, service) in [
                ("service/web", Some((None, "web"))),
                ("service/staging/web", Some((Some("staging"), "web"))),
                (
                    "service-deployment/staging/web/a1",
                    Some((Some("staging"), "web")),
                ),
                ("service-deployment/web/a1", Some((None, "web"))),
                (
                    "service-revision/staging/web/7",
                    Some((Some("staging"), "web")),
                ),
                ("task/staging/0123", None),
                ("cluster/staging", None),
                ("service/a/b/c", None),
            ] {
                let arn = format!("arn:{partition}:ecs:eu-west-1:222222222222:{resource}");
                let read = EcsArn::read(&arn).unwrap();
                assert_eq!((read.region, read.account), ("eu-west-1", "222222222222"));
                assert_eq!(read.service(), service, "{arn}");
            }
        }
        let cluster = EcsArn::read("arn:aws-cn:ecs:cn-north-1:1:cluster/staging").unwrap();
        assert_eq!(cluster.cluster(), Some("staging"));
    }

    #[test]
    fn what_is_no_arn_of_ecs_is_not_read() {
        for other in [
            "",
            "web",
            "service/staging/web",
            "arn:aws:ecr:eu-west-1:1:repository/web",
            "arn:aws:ecs:eu-west-1:1",
            "arn:aws:ecs:eu-west-1:1:service",
            "arn:aws:ecs:eu-west-1:1:service/",
            "arn:aws:ecs:eu-west-1:1:service//web",
        ] {
            assert_eq!(EcsArn::read(other), None, "{other}");
        }
    }
}
