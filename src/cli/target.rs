//! `longshore target`: the CloudFormation template of an environment's deploy role.
//!
//! The role is the fence around everything Longshore may touch in an account, so the template names
//! every service, family, role, repository and log group, and says why wherever it cannot. An
//! environment with more of them than one role can name says `scope = "cluster"` in the configuration,
//! and its role names the cluster and what the names have in common. Actions and resource types are
//! those of AWS's
//! [service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html).

mod fill;
mod fit;
mod grants;
mod statement;

use std::collections::BTreeSet;
use std::path::Path;

use self::fill::fill;
pub(super) use self::fit::DoesNotFit;
use self::fit::{Divider, Parts};
use self::grants::{PassedTo, RoleGrants};
use self::statement::{Resource, Statement, Values, written};
use super::{Failure, Surroundings, load};
use crate::config::{Config, Scope, Target, deploy_role_name, role_arn};
use crate::names::EnvName;

pub(super) const EXAMPLES: &str = "\
Examples:
  longshore target production > production-role.yaml
  aws cloudformation deploy --template-file production-role.yaml \\
    --stack-name longshore-production --capabilities CAPABILITY_NAMED_IAM \\
    --parameter-overrides WaiterRoleArn=… ExternalId=… EventBusArn=…

Generate and deploy it again whenever an application is added to the environment. WaiterRoleArn and
EventBusArn (output TargetsBusArn) are outputs of the Longshore stack, ExternalId is its parameter.
Leave EventBusArn out only where the environment is in the Longshore stack's own account and region.";

pub(super) fn run(
    environment: &str,
    path: &Path,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let config = load(path, surroundings)?;
    let words = config.vocabulary();
    let Some(environment) = words.environment(environment) else {
        let known: Vec<String> = words.environment_names().collect();
        return Err(Failure::Refused(format!(
            "there is no environment \"{environment}\"; there are {}",
            known.join(", ")
        )));
    };
    let Some(role) = DeployRole::of(&config, environment) else {
        return Err(Failure::Refused(format!(
            "no application runs in {environment}, so there is nothing to allow; add the environment to one"
        )));
    };
    write!(surroundings.out, "{}", role.template(&config.sha256()?)?)?;
    Ok(())
}

/// The environments whose deploy roles do not fit into what AWS allows.
pub(super) fn misfits(config: &Config) -> Result<Vec<DoesNotFit>, Failure> {
    let sha256 = config.sha256()?;
    let roles = config
        .environments()
        .filter_map(|(environment, _)| DeployRole::of(config, environment));
    Ok(roles
        .filter_map(|role| role.template(&sha256).err())
        .collect())
}

/// An environment's deploy role.
struct DeployRole<'c> {
    scope: Scope,
    targets: Vec<Target>,
    /// Any of them, for what they have in common.
    any: Target,
    /// The ARNs of the roles that tasks run with, if every application names its own.
    task_roles: Option<Vec<String>>,
    environment: &'c EnvName,
}

impl<'c> DeployRole<'c> {
    /// `None` where no application runs.
    fn of(config: &Config, environment: &'c EnvName) -> Option<Self> {
        let targets: Vec<Target> = config
            .applications()
            .filter_map(|(application, _)| config.target(application, environment))
            .collect();
        Some(Self {
            scope: config.environment(environment)?.scope,
            any: targets.first()?.clone(),
            task_roles: task_roles(config, environment),
            targets,
            environment,
        })
    }

    /// The template as YAML. Where the scope is the cluster and the names of the roles do not fit
    /// either, the stack asks for them.
    fn template(&self, sha256: &str) -> Result<String, DoesNotFit> {
        let named = self.render(sha256, self.task_roles.as_deref());
        match self.scope {
            Scope::Applications => named,
            Scope::Cluster => named.or_else(|_| self.render(sha256, None)),
        }
    }

    fn render(&self, sha256: &str, roles: Option<&[String]>) -> Result<String, DoesNotFit> {
        let schedules = self
            .targets
            .iter()
            .any(|target| !target.schedules.is_empty());
        let divider = Divider {
            target: &self.any,
            scope: self.scope,
            passed_to: if schedules {
                PassedTo::TasksAndSchedules
            } else {
                PassedTo::Tasks
            },
        };
        let all = self.targets.iter().flat_map(RoleGrants::of);
        let grants = match self.scope {
            Scope::Applications => {
                let mut seen = BTreeSet::new();
                all.filter(|part| seen.insert(part.clone())).collect()
            }
            Scope::Cluster => RoleGrants::for_the_cluster(all, &self.any),
        };
        let fixed = || {
            let mut fixed = in_the_cluster(&self.any);
            if roles.is_none() {
                fixed.push(divider.passed_to.statement(Resource::TaskRoles));
            }
            fixed
        };
        let Parts { inline, managed } =
            divider.divide(grants, roles.unwrap_or_default().to_vec(), fixed)?;
        let mut inline_statements = fixed();
        inline_statements.extend(divider.statements(&inline));

        let environment = self.environment.as_str();
        let mut applications = String::new();
        for (at, grants) in managed.iter().enumerate() {
            applications += &fill(
                include_str!("target/applications.yaml"),
                &[
                    ("note", if at == 0 { self.note() } else { "" }),
                    ("number", &(at + 1).to_string()),
                    ("environment", environment),
                    ("statements", &written(&divider.statements(grants))),
                ],
            );
        }
        divider.template(fill(
            include_str!("target/target.yaml"),
            &[
                ("environment", environment),
                ("sha256", sha256),
                (
                    "task_roles",
                    if roles.is_none() {
                        self.asks_roles()
                    } else {
                        ""
                    },
                ),
                ("role", &deploy_role_name(self.environment)),
                ("statements", &written(&inline_statements)),
                ("applications", &applications),
                ("services", &self.any.service_arn("")),
                ("rollouts", &self.any.rollout_arns("")[0]),
            ],
        ))
    }

    /// What is said before the rights of the applications.
    fn note(&self) -> &'static str {
        match self.scope {
            Scope::Applications => "",
            Scope::Cluster => {
                "# The scope is the cluster: all its services, and whatever begins as the names of the\n\
                 # applications' own things do."
            }
        }
    }

    /// The parameter for the roles that the configuration does not name, or whose names do not fit.
    fn asks_roles(&self) -> &'static str {
        match self.task_roles {
            None => include_str!("target/roles_unnamed.yaml"),
            Some(_) => include_str!("target/roles_too_many.yaml"),
        }
    }
}

/// The ARNs of the roles that tasks run with, if every application names its own.
fn task_roles(config: &Config, environment: &EnvName) -> Option<Vec<String>> {
    let account = &config.environment(environment)?.account;
    let mut arns = Vec::new();
    for (_, application) in config.applications() {
        let Some(placement) = application.environments.get(environment) else {
            continue;
        };
        for role in placement.roles.as_ref()? {
            let role = role.trim_start_matches('/');
            arns.push(role_arn(&account.region, &account.id, role));
        }
    }
    arns.sort();
    arns.dedup();
    Some(arns).filter(|arns| !arns.is_empty())
}

/// What every role may do in the cluster, whatever runs there.
fn in_the_cluster(target: &Target) -> Vec<Statement> {
    let cluster = || Values::One(target.cluster_arn());
    let tasks = Resource::Arns(vec![target.tasks_arn()]);
    vec![
        Statement::allow("ReadTasks", &["ecs:DescribeTasks"], tasks).only_if(
            "ArnEquals",
            "ecs:cluster",
            cluster(),
        ),
        Statement::allow("ListTasks", &["ecs:ListTasks"], Resource::Every)
            .only_if("ArnEquals", "ecs:cluster", cluster())
            .noting(&[
                "`*`: the only resource type of ecs:ListTasks is the container instance, which a task on",
                "Fargate does not have; the cluster is the limit.",
            ]),
        Statement::allow("ReadTaskDefinitions", &["ecs:DescribeTaskDefinition"], Resource::Every)
            .noting(&["`*`: ecs:DescribeTaskDefinition has no resource-level permissions."]),
        Statement::deny("NeverEnableExec", &["ecs:UpdateService"])
            .only_if(
                "StringEquals",
                "ecs:enable-execute-command",
                Values::One("true".to_owned()),
            )
            .noting(&["`*` in a denial is every resource there is: nobody gets a shell through this role."]),
        Statement::deny("NeverExec", &["ecs:ExecuteCommand"])
            .noting(&["`*` in a denial, as above."]),
    ]
}
