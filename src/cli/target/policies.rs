//! What the role may do to the applications, in as many managed policies as it takes: IAM counts
//! the characters of each.

use crate::config::{Evidence, Target};

/// IAM takes 6,144 characters a managed policy, spaces not counted; the rest is for what frames
/// the ARNs.
const ROOM: usize = 5_000;

/// One level of nesting in YAML.
const INDENT: &str = "  ";

/// YAML, line by line.
#[derive(Default)]
pub(super) struct Yaml(String);

impl Yaml {
    pub(super) fn line(&mut self, depth: usize, text: &str) {
        if !text.is_empty() {
            self.0.push_str(&INDENT.repeat(depth));
            self.0.push_str(text);
        }
        self.0.push('\n');
    }

    /// The beginning of a statement, whose other keys follow one level deeper.
    pub(super) fn statement(&mut self, depth: usize, sid: &str, effect: &str, actions: &[&str]) {
        self.line(depth, &format!("- Sid: {sid}"));
        self.line(depth + 1, &format!("Effect: {effect}"));
        match actions {
            [action] => self.line(depth + 1, &format!("Action: {action}")),
            actions => {
                self.line(depth + 1, "Action:");
                for action in actions {
                    self.line(depth + 2, &format!("- {action}"));
                }
            }
        }
    }

    pub(super) fn arns(&mut self, depth: usize, key: &str, arns: &[String]) {
        self.line(depth, &format!("{key}:"));
        for arn in arns {
            self.line(depth + 1, &format!("- {arn}"));
        }
    }

    pub(super) fn condition(&mut self, depth: usize, operator: &str, key: &str, value: &str) {
        self.line(
            depth,
            &format!("Condition: {{ {operator}: {{ {key}: \"{value}\" }} }}"),
        );
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// What some applications need, as ARNs.
#[derive(Default)]
pub(super) struct Grants {
    services: Vec<String>,
    /// The services' deployments and revisions, which have ARNs of their own.
    rollouts: Vec<String>,
    families: Vec<String>,
    /// Families of one-off tasks.
    tasks: Vec<String>,
    schedules: Vec<String>,
    /// Families of the tasks that schedules run.
    scheduled: Vec<String>,
    repositories: Vec<String>,
    foreign_registry: bool,
    log_streams: Vec<String>,
    /// The parameters that versions are published in.
    parameters: Vec<String>,
}

impl Grants {
    /// The grants of every target, divided so that each part fits into one policy.
    pub(super) fn policies(targets: &[Target]) -> Vec<Self> {
        let mut policies: Vec<Self> = Vec::new();
        for grants in targets.iter().flat_map(Self::of) {
            match policies.last_mut() {
                Some(last) if last.size() + grants.size() <= ROOM => last.add(grants),
                Some(_) | None => policies.push(grants),
            }
        }
        policies
    }

    /// The grants of each service of the target.
    fn of(target: &Target) -> impl Iterator<Item = Self> {
        let pairs = target.services.iter().zip(&target.families);
        pairs.enumerate().map(|(index, (service, family))| {
            let service = target.service_arn(service);
            let rollout = |kind: &str| {
                let arn = service.replacen(":service/", &format!(":{kind}/"), 1);
                format!("{arn}/*")
            };
            let mut grants = Self {
                rollouts: vec![rollout("service-deployment"), rollout("service-revision")],
                services: vec![service],
                families: vec![target.family_arn(family)],
                ..Self::default()
            };
            // What belongs to the whole application goes with its first service.
            if index == 0 {
                let sources = || target.sources();
                let repositories = sources().map(|(_, source)| source.image.arn());
                grants.repositories.extend(repositories);
                if let Some(before) = &target.before {
                    grants.tasks.push(target.family_arn(&before.task));
                }
                if target.publish {
                    let parameters = sources().map(|(image, _)| target.parameter_arn(image));
                    grants.parameters.extend(parameters);
                }
                grants.foreign_registry = target.source.image.registry.id != target.account;
                for schedule in &target.schedules {
                    let arn = target.schedule_arn(&schedule.schedule);
                    grants.schedules.push(arn);
                    grants.scheduled.push(target.family_arn(&schedule.family));
                }
                if target.evidence == Evidence::Logs {
                    let groups = target.log_groups.iter();
                    grants
                        .log_streams
                        .extend(groups.map(|group| target.log_streams_arn(group)));
                }
            }
            grants
        })
    }

    fn add(&mut self, other: Self) {
        let Self {
            services,
            rollouts,
            families,
            tasks,
            schedules,
            scheduled,
            repositories,
            foreign_registry,
            log_streams,
            parameters,
        } = other;
        self.parameters.extend(parameters);
        self.services.extend(services);
        self.rollouts.extend(rollouts);
        self.families.extend(families);
        self.tasks.extend(tasks);
        self.schedules.extend(schedules);
        self.scheduled.extend(scheduled);
        self.repositories.extend(repositories);
        self.foreign_registry |= foreign_registry;
        self.log_streams.extend(log_streams);
    }

    /// The characters that the ARNs take in the policy, with their quotes and commas.
    fn size(&self) -> usize {
        let size = |arns: &[String]| arns.iter().map(|arn| arn.len() + 3).sum::<usize>();
        2 * size(&self.services)
            + size(&self.rollouts)
            + 3 * size(&self.families)
            + 3 * size(&self.tasks)
            + size(&self.schedules)
            + 2 * size(&self.scheduled)
            + size(&self.repositories)
            + size(&self.log_streams)
            + size(&self.parameters)
    }

    /// The policy as a resource of the template.
    pub(super) fn write(&self, yaml: &mut Yaml, number: usize, target: &Target) {
        let environment = &target.environment;
        let unique = |arns: &[String]| {
            let mut arns = arns.to_vec();
            arns.sort();
            arns.dedup();
            arns
        };
        let families = unique(&self.families);
        let registered = unique(&[&*self.families, &*self.tasks, &*self.scheduled].concat());
        yaml.line(0, "");
        yaml.line(1, &format!("Applications{number}:"));
        yaml.line(2, "Type: AWS::IAM::ManagedPolicy");
        yaml.line(2, "Properties:");
        yaml.line(
            3,
            &format!(
                "Description: What Longshore may do to applications in {environment}, part {number}"
            ),
        );
        yaml.line(3, "Roles: [!Ref DeployRole]");
        yaml.line(3, "PolicyDocument:");
        yaml.line(4, "Version: \"2012-10-17\"");
        yaml.line(4, "Statement:");
        yaml.line(5, "# The cluster is part of these ARNs. A condition on ecs:cluster would deny most of these");
        yaml.line(5, "# actions: they do not carry the key.");
        yaml.statement(5, "ReadAndStopRollouts", "Allow", &READ_AND_STOP);
        yaml.arns(
            6,
            "Resource",
            &[self.services.clone(), self.rollouts.clone()].concat(),
        );
        yaml.line(
            5,
            "# Every rollout names its revision, a restart's too; an update that names none is refused.",
        );
        yaml.statement(5, "StartRollouts", "Allow", &["ecs:UpdateService"]);
        yaml.arns(6, "Resource", &self.services);
        yaml.line(6, "Condition:");
        yaml.line(7, "ArnLike:");
        yaml.arns(8, "ecs:task-definition", &families);
        yaml.statement(
            5,
            "RegisterRevisions",
            "Allow",
            &["ecs:RegisterTaskDefinition"],
        );
        yaml.arns(6, "Resource", &registered);
        yaml.statement(5, "TagNewRevisions", "Allow", &["ecs:TagResource"]);
        yaml.arns(6, "Resource", &registered);
        yaml.condition(
            6,
            "StringEquals",
            "ecs:CreateAction",
            "RegisterTaskDefinition",
        );
        if !self.tasks.is_empty() {
            yaml.statement(5, "RunOneOffTasks", "Allow", &["ecs:RunTask"]);
            yaml.arns(6, "Resource", &unique(&self.tasks));
            yaml.condition(6, "ArnEquals", "ecs:cluster", &target.cluster_arn());
            yaml.statement(5, "TagOneOffTasks", "Allow", &["ecs:TagResource"]);
            yaml.arns(6, "Resource", &[target.tasks_arn()]);
            yaml.condition(6, "StringEquals", "ecs:CreateAction", "RunTask");
            yaml.line(5, "# A session carries the tag of its deploy, and so does the task it has run: no other task is");
            yaml.line(5, "# stopped with it.");
            yaml.statement(5, "StopOwnOneOffTask", "Allow", &["ecs:StopTask"]);
            yaml.arns(6, "Resource", &[target.tasks_arn()]);
            yaml.condition(
                6,
                "StringEquals",
                "aws:ResourceTag/longshore:deploy",
                "${aws:PrincipalTag/longshore:deploy}",
            );
        }
        if !self.schedules.is_empty() {
            let actions = ["scheduler:GetSchedule", "scheduler:UpdateSchedule"];
            yaml.statement(5, "ChangeSchedules", "Allow", &actions);
            yaml.arns(6, "Resource", &unique(&self.schedules));
        }
        if self.foreign_registry {
            yaml.line(5, "# A repository in another account must allow it too: its policy needs ecr:DescribeImages and");
            yaml.line(5, "# ecr:GetLifecyclePolicy for this role.");
        }
        if !self.repositories.is_empty() {
            let actions = ["ecr:DescribeImages", "ecr:GetLifecyclePolicy"];
            yaml.statement(5, "FindImages", "Allow", &actions);
            yaml.arns(6, "Resource", &unique(&self.repositories));
        }
        if !self.parameters.is_empty() {
            yaml.statement(5, "PublishVersions", "Allow", &["ssm:PutParameter"]);
            yaml.arns(6, "Resource", &unique(&self.parameters));
        }
        if !self.log_streams.is_empty() {
            yaml.statement(5, "ShowLastLogLines", "Allow", &["logs:GetLogEvents"]);
            yaml.arns(6, "Resource", &unique(&self.log_streams));
        }
    }
}

const READ_AND_STOP: [&str; 6] = [
    "ecs:DescribeServices",
    "ecs:ListServiceDeployments",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "ecs:StopServiceDeployment",
    "ecs:ContinueServiceDeployment",
];
