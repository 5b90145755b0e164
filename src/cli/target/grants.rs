//! What the role may do to the applications, as ARNs, and the statements that come of it.

use std::collections::BTreeMap;

use super::statement::{Resource, Statement, Values};
use crate::config::{LogEvidence, Target};

/// What an ARN is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GrantKind {
    Service,
    /// A service's deployments and revisions, which have ARNs of their own.
    Rollout,
    Family,
    /// The family of a one-off task.
    OneOff,
    Schedule,
    /// The family of the tasks that a schedule runs.
    Scheduled,
    LogStreams,
    /// The parameter that versions are published in.
    Parameter,
    Repository,
    /// A repository whose settings are read.
    Settings,
    /// A repository whose images' scans are read.
    Scanned,
    /// A role that tasks run with.
    Passed,
}

/// What revisions are registered of.
const REGISTERED: &[GrantKind] = &[GrantKind::Family, GrantKind::OneOff, GrantKind::Scheduled];

/// What a cluster's applications need together, in the smallest parts: a repository is one by itself.
const TOGETHER: &[&[GrantKind]] = &[
    &[GrantKind::Service, GrantKind::Rollout, GrantKind::Family],
    &[GrantKind::OneOff],
    &[GrantKind::Schedule, GrantKind::Scheduled],
    &[GrantKind::LogStreams],
    &[GrantKind::Parameter],
    &[GrantKind::Settings],
    &[GrantKind::Scanned],
];

/// What some applications need: the ARNs of each kind, each once.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RoleGrants(BTreeMap<GrantKind, Vec<String>>);

impl<const N: usize> From<[(GrantKind, Vec<String>); N]> for RoleGrants {
    fn from(arns: [(GrantKind, Vec<String>); N]) -> Self {
        Self(arns.into())
    }
}

impl RoleGrants {
    /// The grants of a target in the smallest parts that are worth anything by themselves: those of
    /// each service, and each other thing.
    pub(super) fn of(target: &Target) -> Vec<Self> {
        let mut parts = Vec::new();
        for (service, family) in target.services.iter().zip(&target.families) {
            parts.push(Self::from([
                (GrantKind::Service, vec![target.service_arn(service)]),
                (
                    GrantKind::Rollout,
                    target.rollout_arns(&format!("{service}/*")).into(),
                ),
                (GrantKind::Family, vec![target.family_arn(family)]),
            ]));
        }
        let one = |kind, arn| Self::from([(kind, vec![arn])]);
        let before = target.before.iter();
        parts.extend(before.map(|before| one(GrantKind::OneOff, target.family_arn(&before.task))));
        parts.extend(target.schedules.iter().map(|schedule| {
            Self::from([
                (
                    GrantKind::Schedule,
                    vec![target.schedule_arn(&schedule.schedule)],
                ),
                (
                    GrantKind::Scheduled,
                    vec![target.family_arn(&schedule.family)],
                ),
            ])
        }));
        for (image, source) in target.sources() {
            parts.push(one(GrantKind::Repository, source.image.arn()));
            if target.rules.immutable {
                parts.push(one(GrantKind::Settings, source.image.arn()));
            }
            if target.rules.scan.is_some() {
                parts.push(one(GrantKind::Scanned, source.image.arn()));
            }
            if target.publish {
                parts.push(one(GrantKind::Parameter, target.parameter_arn(image)));
            }
        }
        if target.evidence == LogEvidence::Logs {
            let groups = target.log_groups.iter();
            parts.extend(
                groups.map(|group| one(GrantKind::LogStreams, target.log_streams_arn(group))),
            );
        }
        parts
    }

    /// The right to pass a role.
    pub(super) fn pass(role: String) -> Self {
        Self::from([(GrantKind::Passed, vec![role])])
    }

    /// Both together, each ARN once.
    pub(super) fn add(&mut self, other: Self) {
        for (kind, arns) in other.0 {
            let mine = self.0.entry(kind).or_default();
            for arn in arns {
                if !mine.contains(&arn) {
                    mine.push(arn);
                }
            }
        }
    }

    /// The same for the whole cluster, and for whatever is called as the applications' own things
    /// are: each list as the beginning that its ARNs have in common.
    pub(super) fn for_the_cluster(all: impl Iterator<Item = Self>, target: &Target) -> Vec<Self> {
        let mut sum = Self::from([
            (GrantKind::Service, Vec::new()),
            (GrantKind::Rollout, Vec::new()),
        ]);
        all.for_each(|part| sum.add(part));
        for (kind, arns) in &mut sum.0 {
            *arns = match kind {
                GrantKind::Service => vec![target.service_arn("*")],
                GrantKind::Rollout => target.rollout_arns("*").into(),
                _ => common(&sorted(arns.clone())),
            };
        }
        let repositories = sum.0.remove(&GrantKind::Repository).unwrap_or_default();
        let mut parts: Vec<Self> = TOGETHER.iter().map(|kinds| sum.take(kinds)).collect();
        parts.extend(
            repositories
                .into_iter()
                .map(|arn| Self::from([(GrantKind::Repository, vec![arn])])),
        );
        parts.retain(|part| !part.0.is_empty());
        parts
    }

    fn take(&mut self, kinds: &[GrantKind]) -> Self {
        let taken = kinds.iter().filter_map(|kind| self.0.remove_entry(kind));
        Self(taken.collect())
    }

    /// The ARNs of these kinds, in the order in which they came.
    pub(super) fn arns(&self, kinds: &[GrantKind]) -> Vec<String> {
        let lists = kinds.iter().filter_map(|kind| self.0.get(kind));
        lists.flatten().cloned().collect()
    }

    /// As statements; `passed_to` are the services that a role may be passed to.
    pub(super) fn statements(&self, target: &Target, passed_to: PassedTo) -> Vec<Statement> {
        let one = |value: &str| Values::One(value.to_owned());
        let tasks = || Resource::Arns(vec![target.tasks_arn()]);
        let mut all = Vec::new();
        // A statement about the ARNs of these kinds, if there are any.
        let about = |kinds: &[GrantKind]| {
            let arns = sorted(self.arns(kinds));
            (!arns.is_empty()).then_some(Resource::Arns(arns))
        };
        let simple =
            |sid, actions, kind| about(&[kind]).map(|arns| Statement::allow(sid, actions, arns));
        if let Some(services) = about(&[GrantKind::Service]) {
            let ours = Resource::Arns(self.arns(&[GrantKind::Service, GrantKind::Rollout]));
            all.push(Statement::allow("ReadAndStopRollouts", READ_AND_STOP, ours).noting(&[
                "The cluster is part of these ARNs. A condition on ecs:cluster would deny most of these",
                "actions: they do not carry the key.",
            ]));
            let families = Values::Any(sorted(self.arns(&[GrantKind::Family])));
            all.push(
                Statement::allow("StartRollouts", &["ecs:UpdateService"], services)
                    .only_if("ArnLike", "ecs:task-definition", families)
                    .noting(&["Every rollout names its revision, a restart's too; an update that names none is refused."]),
            );
        }
        all.extend(about(REGISTERED).map(|families| {
            Statement::allow(
                "RegisterRevisions",
                &["ecs:RegisterTaskDefinition"],
                families,
            )
        }));
        all.extend(about(REGISTERED).map(|families| {
            Statement::allow("TagNewRevisions", &["ecs:TagResource"], families).only_if(
                "StringEquals",
                "ecs:CreateAction",
                one("RegisterTaskDefinition"),
            )
        }));
        if let Some(families) = about(&[GrantKind::OneOff]) {
            all.extend([
                Statement::allow("RunOneOffTasks", &["ecs:RunTask"], families)
                    .only_if("ArnEquals", "ecs:cluster", Values::One(target.cluster_arn())),
                Statement::allow("TagOneOffTasks", &["ecs:TagResource"], tasks())
                    .only_if("StringEquals", "ecs:CreateAction", one("RunTask")),
                Statement::allow("StopOwnOneOffTask", &["ecs:StopTask"], tasks())
                    .only_if(
                        "StringEquals",
                        "aws:ResourceTag/longshore:deploy",
                        one("${aws:PrincipalTag/longshore:deploy}"),
                    )
                    .noting(&[
                        "A session carries the tag of its deploy, and so does the task it has run: no other task is",
                        "stopped with it.",
                    ]),
            ]);
        }
        let change = &["scheduler:GetSchedule", "scheduler:UpdateSchedule"];
        all.extend(simple("ChangeSchedules", change, GrantKind::Schedule));
        all.extend(simple("FindImages", FIND_IMAGES, GrantKind::Repository).map(|find| {
            let account = format!(":{}:", target.account);
            let repositories = self.arns(&[GrantKind::Repository]);
            if repositories.iter().all(|arn| arn.contains(&account)) {
                return find;
            }
            find.noting(&[
                "A repository in another account must allow it too: its policy needs ecr:BatchGetImage,",
                "ecr:DescribeImages and ecr:GetLifecyclePolicy for this role.",
            ])
        }));
        let settings = &["ecr:DescribeRepositories"];
        all.extend(simple("SeeWhetherTagsStay", settings, GrantKind::Settings));
        if let Some(scanned) = about(&[GrantKind::Scanned]) {
            let scans = &["ecr:DescribeImageScanFindings"];
            all.push(Statement::allow("SeeScans", scans, scanned));
            let findings = &["inspector2:ListFindings"];
            all.push(
                Statement::allow("SeeEnhancedScans", findings, Resource::Every).noting(&[
                    "`*`: of enhanced scans, ECR shows only what its caller may see in Amazon Inspector, which has no",
                    "resource-level permission for that.",
                ]),
            );
        }
        all.extend(simple(
            "PublishVersions",
            &["ssm:PutParameter"],
            GrantKind::Parameter,
        ));
        all.extend(simple(
            "ShowLastLogLines",
            &["logs:GetLogEvents"],
            GrantKind::LogStreams,
        ));
        all.extend(about(&[GrantKind::Passed]).map(|roles| passed_to.statement(roles)));
        all
    }
}

/// What the roles of tasks are passed to.
#[derive(Clone, Copy)]
pub(super) enum PassedTo {
    Tasks,
    /// Whoever updates a schedule passes the role that it runs its task with.
    TasksAndSchedules,
}

impl PassedTo {
    pub(super) fn statement(self, roles: Resource) -> Statement {
        const TASKS: &str = "ecs-tasks.amazonaws.com";
        let services = match self {
            Self::Tasks => Values::One(TASKS.to_owned()),
            Self::TasksAndSchedules => {
                Values::Any([TASKS, "scheduler.amazonaws.com"].map(str::to_owned).into())
            }
        };
        let pass = Statement::allow("RunTasksAsTheyRunToday", &["iam:PassRole"], roles);
        pass.only_if("StringEquals", "iam:PassedToService", services)
    }
}

/// Each once, and in order.
fn sorted(mut arns: Vec<String>) -> Vec<String> {
    arns.sort();
    arns.dedup();
    arns
}

/// The ARNs of each account and region as what they begin with, up to the last mark that divides
/// names; one that is alone stays as it is.
fn common(arns: &[String]) -> Vec<String> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for arn in arns {
        let (at, _) = arn.match_indices(':').nth(4).unwrap_or((0, ""));
        let (place, resource) = arn.split_at(at);
        groups.entry(place).or_default().push(resource);
    }
    let pattern = |(place, resources): (&str, Vec<&str>)| match resources.as_slice() {
        [] => place.to_owned(),
        [alone] => format!("{place}{alone}"),
        [first, others @ ..] => {
            let shared = others.iter().fold(first.len(), |shared, other| {
                let pairs = first.bytes().zip(other.bytes());
                pairs.take_while(|(a, b)| a == b).count().min(shared)
            });
            let shared = first.get(..shared).unwrap_or_default();
            let end = shared
                .rfind(['/', '-', '_', '.', ':', '#'])
                .map_or(0, |at| at + 1);
            format!("{place}{}*", shared.get(..end).unwrap_or_default())
        }
    };
    groups.into_iter().map(pattern).collect()
}

const FIND_IMAGES: &[&str] = &[
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:GetLifecyclePolicy",
];

const READ_AND_STOP: &[&str] = &[
    "ecs:DescribeServices",
    "ecs:ListServiceDeployments",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "ecs:StopServiceDeployment",
    "ecs:ContinueServiceDeployment",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_have_in_common_ends_where_a_word_ends() {
        let family =
            |name: &str| format!("arn:aws:ecs:eu-west-1:111111111111:task-definition/{name}:*");
        let logs = |name: &str| {
            format!("arn:aws:logs:eu-west-1:111111111111:log-group:{name}:log-stream:*")
        };
        let ecr = |account: &str, name: &str| {
            format!("arn:aws:ecr:eu-west-1:{account}:repository/{name}")
        };
        for (arns, patterns) in [
            (vec![], vec![]),
            (
                vec![family("web")],
                vec!["ecs:eu-west-1:111111111111:task-definition/web:*"],
            ),
            (
                vec![
                    family("acme-web"),
                    family("acme-worker"),
                    family("acme-api"),
                ],
                vec!["ecs:eu-west-1:111111111111:task-definition/acme-*"],
            ),
            // Not `web*`, which would be others' too.
            (
                vec![family("web"), family("web-api")],
                vec!["ecs:eu-west-1:111111111111:task-definition/*"],
            ),
            (
                vec![family("cms"), family("shop")],
                vec!["ecs:eu-west-1:111111111111:task-definition/*"],
            ),
            (
                vec![logs("/ecs/cms"), logs("/ecs/shop")],
                vec!["logs:eu-west-1:111111111111:log-group:/ecs/*"],
            ),
            (
                vec![logs("cms"), logs("/ecs/shop")],
                vec!["logs:eu-west-1:111111111111:log-group:*"],
            ),
            (
                vec![
                    ecr("111111111111", "team/a"),
                    ecr("222222222222", "b"),
                    ecr("111111111111", "team/c"),
                ],
                vec![
                    "ecr:eu-west-1:111111111111:repository/team/*",
                    "ecr:eu-west-1:222222222222:repository/b",
                ],
            ),
        ] {
            let expected: Vec<String> = patterns
                .iter()
                .map(|one| format!("arn:aws:{one}"))
                .collect();
            assert_eq!(common(&arns), expected);
        }
    }
}
