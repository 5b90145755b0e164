//! What the role may do to the applications, as ARNs, and the statements that come of it.

use super::statement::{Resource, Statement, Values};
use crate::config::{LogEvidence, Target};

/// What some applications need, as ARNs.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grants {
    pub(super) services: Vec<String>,
    /// The services' deployments and revisions, which have ARNs of their own.
    pub(super) rollouts: Vec<String>,
    pub(super) families: Vec<String>,
    /// Families of one-off tasks.
    pub(super) tasks: Vec<String>,
    pub(super) schedules: Vec<String>,
    /// Families of the tasks that schedules run.
    pub(super) scheduled: Vec<String>,
    pub(super) repositories: Vec<String>,
    pub(super) log_streams: Vec<String>,
    /// The parameters that versions are published in.
    pub(super) parameters: Vec<String>,
    /// The roles that tasks run with.
    pub(super) passed: Vec<String>,
}

impl Grants {
    /// The grants of a target in the smallest parts that are worth anything by themselves: those of
    /// each service, and each other thing.
    pub(super) fn of(target: &Target) -> Vec<Self> {
        let mut parts = Vec::new();
        for (service, family) in target.services.iter().zip(&target.families) {
            let service = target.service_arn(service);
            let rollout = |kind: &str| {
                let arn = service.replacen(":service/", &format!(":{kind}/"), 1);
                format!("{arn}/*")
            };
            parts.push(Self {
                rollouts: vec![rollout("service-deployment"), rollout("service-revision")],
                services: vec![service],
                families: vec![target.family_arn(family)],
                ..Self::default()
            });
        }
        parts.extend(target.before.iter().map(|before| Self {
            tasks: vec![target.family_arn(&before.task)],
            ..Self::default()
        }));
        parts.extend(target.schedules.iter().map(|schedule| Self {
            schedules: vec![target.schedule_arn(&schedule.schedule)],
            scheduled: vec![target.family_arn(&schedule.family)],
            ..Self::default()
        }));
        for (image, source) in target.sources() {
            parts.push(Self {
                repositories: vec![source.image.arn()],
                ..Self::default()
            });
            if target.publish {
                parts.push(Self {
                    parameters: vec![target.parameter_arn(image)],
                    ..Self::default()
                });
            }
        }
        if target.evidence == LogEvidence::Logs {
            parts.extend(target.log_groups.iter().map(|group| Self {
                log_streams: vec![target.log_streams_arn(group)],
                ..Self::default()
            }));
        }
        parts
    }

    /// The right to pass a role.
    pub(super) fn pass(role: String) -> Self {
        Self {
            passed: vec![role],
            ..Self::default()
        }
    }

    fn lists(&mut self) -> [&mut Vec<String>; 10] {
        let Self {
            services,
            rollouts,
            families,
            tasks,
            schedules,
            scheduled,
            repositories,
            log_streams,
            parameters,
            passed,
        } = self;
        [
            services,
            rollouts,
            families,
            tasks,
            schedules,
            scheduled,
            repositories,
            log_streams,
            parameters,
            passed,
        ]
    }

    /// Both together, each ARN once.
    pub(super) fn add(&mut self, mut other: Self) {
        for (mine, others) in self.lists().into_iter().zip(other.lists()) {
            for arn in others.drain(..) {
                if !mine.contains(&arn) {
                    mine.push(arn);
                }
            }
        }
    }

    /// The same for the whole cluster, and for whatever is called as the applications' own things
    /// are: each list as the beginning that its ARNs have in common.
    pub(super) fn for_the_cluster(all: impl Iterator<Item = Self>, target: &Target) -> Vec<Self> {
        let mut sum = Self::default();
        for mut part in all {
            for (mine, more) in sum.lists().into_iter().zip(part.lists()) {
                mine.append(more);
            }
        }
        sum.services = vec![target.service_arn("*")];
        sum.rollouts = ["service-deployment", "service-revision"]
            .map(|kind| {
                target
                    .service_arn("*")
                    .replacen(":service/", &format!(":{kind}/"), 1)
            })
            .into();
        let [_, _, patterns @ .., _] = sum.lists();
        for list in patterns {
            list.sort();
            list.dedup();
            *list = common(list);
        }
        let Self {
            services,
            rollouts,
            families,
            tasks,
            schedules,
            scheduled,
            repositories,
            log_streams,
            parameters,
            passed: _,
        } = sum;
        let empty = Self::default;
        let mut parts = vec![
            Self {
                services,
                rollouts,
                families,
                ..empty()
            },
            Self { tasks, ..empty() },
            Self {
                schedules,
                scheduled,
                ..empty()
            },
            Self {
                log_streams,
                ..empty()
            },
            Self {
                parameters,
                ..empty()
            },
        ];
        parts.extend(repositories.into_iter().map(|repository| Self {
            repositories: vec![repository],
            ..empty()
        }));
        parts.retain(|part| *part != empty());
        parts
    }

    /// As statements; `passed_to` are the services that a role may be passed to.
    pub(super) fn statements(&self, target: &Target, passed_to: PassedTo) -> Vec<Statement> {
        let unique = |lists: &[&Vec<String>]| {
            let mut arns: Vec<String> = lists.iter().copied().flatten().cloned().collect();
            arns.sort();
            arns.dedup();
            arns
        };
        let arns = |lists: &[&Vec<String>]| Resource::Arns(unique(lists));
        let registered = || arns(&[&self.families, &self.tasks, &self.scheduled]);
        let one = |value: &str| Values::One(value.to_owned());
        let mut all = Vec::new();
        if !self.services.is_empty() {
            let ours = [self.services.clone(), self.rollouts.clone()].concat();
            all.push(Statement::allow("ReadAndStopRollouts", READ_AND_STOP, Resource::Arns(ours)).noting(&[
                "The cluster is part of these ARNs. A condition on ecs:cluster would deny most of these",
                "actions: they do not carry the key.",
            ]));
            all.push(
                Statement::allow("StartRollouts", &["ecs:UpdateService"], arns(&[&self.services]))
                    .only_if("ArnLike", "ecs:task-definition", Values::Any(unique(&[&self.families])))
                    .noting(&["Every rollout names its revision, a restart's too; an update that names none is refused."]),
            );
        }
        if !unique(&[&self.families, &self.tasks, &self.scheduled]).is_empty() {
            let actions = &["ecs:RegisterTaskDefinition"];
            all.push(Statement::allow("RegisterRevisions", actions, registered()));
            let tag = Statement::allow("TagNewRevisions", &["ecs:TagResource"], registered());
            let register = one("RegisterTaskDefinition");
            all.push(tag.only_if("StringEquals", "ecs:CreateAction", register));
        }
        if !self.tasks.is_empty() {
            let run = Statement::allow("RunOneOffTasks", &["ecs:RunTask"], arns(&[&self.tasks]));
            all.push(run.only_if(
                "ArnEquals",
                "ecs:cluster",
                Values::One(target.cluster_arn()),
            ));
            let tasks = || Resource::Arns(vec![target.tasks_arn()]);
            let tag = Statement::allow("TagOneOffTasks", &["ecs:TagResource"], tasks());
            all.push(tag.only_if("StringEquals", "ecs:CreateAction", one("RunTask")));
            all.push(
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
            );
        }
        if !self.schedules.is_empty() {
            let actions = &["scheduler:GetSchedule", "scheduler:UpdateSchedule"];
            all.push(Statement::allow(
                "ChangeSchedules",
                actions,
                arns(&[&self.schedules]),
            ));
        }
        if !self.repositories.is_empty() {
            let actions = &[
                "ecr:BatchGetImage",
                "ecr:DescribeImages",
                "ecr:GetLifecyclePolicy",
            ];
            let find = Statement::allow("FindImages", actions, arns(&[&self.repositories]));
            let account = format!(":{}:", target.account);
            let foreign = self.repositories.iter().any(|arn| !arn.contains(&account));
            all.push(if foreign {
                find.noting(&[
                    "A repository in another account must allow it too: its policy needs ecr:BatchGetImage,",
                    "ecr:DescribeImages and ecr:GetLifecyclePolicy for this role.",
                ])
            } else {
                find
            });
        }
        if !self.parameters.is_empty() {
            let publish = arns(&[&self.parameters]);
            all.push(Statement::allow(
                "PublishVersions",
                &["ssm:PutParameter"],
                publish,
            ));
        }
        if !self.log_streams.is_empty() {
            let streams = arns(&[&self.log_streams]);
            all.push(Statement::allow(
                "ShowLastLogLines",
                &["logs:GetLogEvents"],
                streams,
            ));
        }
        if !self.passed.is_empty() {
            all.push(passed_to.statement(arns(&[&self.passed])));
        }
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

/// The ARNs of each account and region as what they begin with, up to the last mark that divides
/// names; one that is alone stays as it is.
fn common(arns: &[String]) -> Vec<String> {
    let mut groups: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
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
