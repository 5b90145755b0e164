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

/// Whether it is the ARN of somebody who can call AWS, or of a role that they can take, as IAM and STS write
/// them (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>).
pub(crate) fn is_identity(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, resource] = parts.as_slice() else {
        return false;
    };
    let mut path = resource.split('/');
    let kind = path.next().unwrap_or_default();
    let path: Vec<&str> = path.collect();
    let fits = matches!(
        (*service, kind, path.len()),
        ("iam", "root", 0)
            | ("iam", "user" | "role", 1..)
            | ("sts", "assumed-role", 2)
            | ("sts", "federated-user", 1)
    );
    let is_char = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    let is_part = |part: &&str| !part.is_empty() && part.chars().all(is_char);
    fits && partition.starts_with("aws")
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && path.iter().all(is_part)
}

/// Whether an ARN that STS reported is of a session of this role. STS leaves out the role's path, and what
/// somebody called their session tells nothing here.
pub(crate) fn is_identity_of(arn: &str, role: &str) -> bool {
    let session = arn.split_once(":assumed-role/");
    let of = role.split_once(":role/");
    let (Some((sts, session)), Some((iam, role))) = (session, of) else {
        return false;
    };
    let account = |head: &str, service: &str| {
        let head = head.split_once(&format!(":{service}::"))?;
        Some((head.0.to_owned(), head.1.to_owned()))
    };
    let of_session = account(sts, "sts");
    let name = session.split_once('/').map(|(name, _)| name);
    of_session.is_some() && of_session == account(iam, "iam") && name == Some(last_part(role))
}

/// The last part of an ARN, which is what people know an identity by, or a revision: `web:42`. Of an account's root
/// user, whose ARN has no path, it is `root`.
pub fn last_part(arn: &str) -> &str {
    let of_path = arn.rsplit_once('/');
    let of_arn = || arn.starts_with("arn:").then(|| arn.rsplit_once(':'));
    let last = of_path.or_else(|| of_arn().flatten());
    last.map_or(arn, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_know_an_identity_by_its_last_part() {
        for (arn, known_as) in [
            ("arn:aws:sts::111111111111:assumed-role/ops/olga", "olga"),
            ("arn:aws:iam::111111111111:root", "root"),
            (
                "arn:aws:ecs:eu-west-1:111111111111:task-definition/web:42",
                "web:42",
            ),
            ("web:42", "web:42"),
        ] {
            assert_eq!(last_part(arn), known_as);
        }
    }

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
    fn identities_are_told_from_what_is_none() {
        for (arn, is) in [
            ("arn:aws:iam::111111111111:user/ops", true),
            ("arn:aws:iam::111111111111:user/path/to/ops", true),
            ("arn:aws:iam::111111111111:role/ops", true),
            ("arn:aws-cn:iam::111111111111:root", true),
            (
                "arn:aws:sts::111111111111:assumed-role/ops/olga@example.com",
                true,
            ),
            ("arn:aws:sts::111111111111:federated-user/olga", true),
            ("arn:aws:sts::111111111111:assumed-role/ops", false),
            (
                "arn:aws:sts::111111111111:assumed-role/path/ops/olga",
                false,
            ),
            ("arn:aws:iam::111111111111:role/", false),
            ("arn:aws:iam::111111111111:role/*", false),
            ("arn:aws:iam::111111111111:group/ops", false),
            ("arn:aws:iam::1111:role/ops", false),
            ("arn:aws:iam:eu-west-1:111111111111:role/ops", false),
            ("arn:aws:s3:::bucket", false),
            ("role/ops", false),
            ("olga", false),
            ("", false),
        ] {
            assert_eq!(is_identity(arn), is, "{arn}");
        }
    }

    #[test]
    fn a_session_is_of_its_role_and_of_no_other() {
        let sso = "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ops_0123456789abcdef";
        for (arn, role, is) in [
            (
                "arn:aws:sts::111111111111:assumed-role/ops/olga",
                "arn:aws:iam::111111111111:role/ops",
                true,
            ),
            (
                "arn:aws:sts::111111111111:assumed-role/ops/olga",
                "arn:aws:iam::111111111111:role/team/ops",
                true,
            ),
            (
                "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Ops_0123456789abcdef/olga@example.com",
                sso,
                true,
            ),
            // Somebody else's account, role, partition, or a session that is called like a role.
            (
                "arn:aws:sts::222222222222:assumed-role/ops/olga",
                "arn:aws:iam::111111111111:role/ops",
                false,
            ),
            (
                "arn:aws:sts::111111111111:assumed-role/myops/olga",
                "arn:aws:iam::111111111111:role/ops",
                false,
            ),
            (
                "arn:aws:sts::111111111111:assumed-role/ops2/olga",
                "arn:aws:iam::111111111111:role/ops",
                false,
            ),
            (
                "arn:aws:sts::111111111111:assumed-role/dev/ops",
                "arn:aws:iam::111111111111:role/ops",
                false,
            ),
            (
                "arn:aws-cn:sts::111111111111:assumed-role/ops/olga",
                "arn:aws:iam::111111111111:role/ops",
                false,
            ),
            (
                "arn:aws:iam::111111111111:user/ops",
                "arn:aws:iam::111111111111:role/ops",
                false,
            ),
            (
                "arn:aws:sts::111111111111:assumed-role/ops/olga",
                "arn:aws:iam::111111111111:user/ops",
                false,
            ),
        ] {
            assert_eq!(is_identity_of(arn, role), is, "{arn} {role}");
        }
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
