//! `longshore target`: the CloudFormation template of an environment's deploy role.
//!
//! The role is the fence around everything Longshore may touch in an account, so the template names
//! every service, family, role, repository and log group, and says why wherever it cannot. An
//! environment with more of them than one role can name says `scope = "cluster"` in the configuration,
//! and its role names the cluster and what the names have in common. Actions and resource types are
//! those of AWS's
//! [service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html).

mod fit;
mod grants;
mod statement;
mod yaml;

use std::collections::BTreeSet;
use std::path::Path;

pub(super) use self::fit::DoesNotFit;
use self::fit::{Divider, Parts};
use self::grants::{Grants, PassedTo};
use self::statement::{Resource, Statement, Values, write_policy};
use self::yaml::Yaml;
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
        let all = self.targets.iter().flat_map(Grants::of);
        let grants = match self.scope {
            Scope::Applications => {
                let mut seen = BTreeSet::new();
                all.filter(|part| seen.insert(part.clone())).collect()
            }
            Scope::Cluster => Grants::for_the_cluster(all, &self.any),
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

        let mut yaml = Yaml::default();
        self.head(&mut yaml, sha256, roles.is_none());
        role(&mut yaml, &self.any, &inline_statements);
        for (index, grants) in managed.iter().enumerate() {
            self.managed(&mut yaml, index + 1, &divider.statements(grants));
        }
        events(&mut yaml, &self.any);
        yaml.line(0, "");
        yaml.line(0, "Outputs:");
        yaml.line(1, "DeployRoleArn:");
        yaml.line(
            2,
            "Description: Belongs into the parameter DeployRoles of the Longshore stack",
        );
        yaml.line(2, "Value: !GetAtt DeployRole.Arn");
        divider.template(yaml.finish())
    }

    fn managed(&self, yaml: &mut Yaml, number: usize, statements: &[Statement]) {
        let environment = self.environment;
        yaml.line(0, "");
        if self.scope == Scope::Cluster && number == 1 {
            yaml.line(
                1,
                "# The scope is the cluster: all its services, and whatever begins as the names of the",
            );
            yaml.line(1, "# applications' own things do.");
        }
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
        write_policy(yaml, 3, statements);
    }

    fn head(&self, yaml: &mut Yaml, sha256: &str, asks_roles: bool) {
        let environment = self.environment;
        yaml.line(
            0,
            &format!(
                "# Generated by `longshore target {environment}` from the configuration with SHA-256"
            ),
        );
        yaml.line(0, &format!("# {sha256}."));
        yaml.line(
            0,
            "# Do not edit it: change the configuration and generate it again.",
        );
        yaml.line(0, "AWSTemplateFormatVersion: \"2010-09-09\"");
        yaml.line(
            0,
            &format!("Description: What Longshore may do in {environment}"),
        );
        yaml.line(0, "");
        yaml.line(0, "Parameters:");
        yaml.line(1, "WaiterRoleArn:");
        yaml.line(
            2,
            "Description: Output WaiterRoleArn of the Longshore stack",
        );
        yaml.line(2, "Type: String");
        yaml.line(2, "AllowedPattern: ^arn:[a-z-]+:iam::[0-9]{12}:role/.+$");
        yaml.line(1, "ExternalId:");
        yaml.line(
            2,
            "Description: Parameter ExternalId of the Longshore stack",
        );
        yaml.line(2, "Type: String");
        yaml.line(2, "AllowedPattern: ^[A-Za-z0-9+=,.@:/-]{8,128}$");
        yaml.line(1, "EventBusArn:");
        yaml.line(2, "Description: Output TargetsBusArn of the Longshore stack; empty only where that runs in this account and region");
        yaml.line(2, "Type: String");
        yaml.line(
            2,
            "AllowedPattern: ^(|arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/.+)$",
        );
        yaml.line(2, "Default: \"\"");
        if asks_roles {
            yaml.line(1, "TaskRoleArns:");
            yaml.line(2, match self.task_roles {
                None => "Description: Task and execution roles of the applications, comma separated (`roles` of each application makes this unnecessary)",
                Some(_) => "Description: Task and execution roles of the applications, comma separated; their names do not fit, so give patterns such as arn:aws:iam::111111111111:role/acme-*",
            });
            yaml.line(2, "Type: CommaDelimitedList");
        }
        yaml.line(0, "");
        yaml.line(0, "Conditions:");
        yaml.line(1, "ForwardsEvents: !Not [!Equals [!Ref EventBusArn, \"\"]]");
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

fn role(yaml: &mut Yaml, target: &Target, inline: &[Statement]) {
    yaml.line(0, "");
    yaml.line(0, "Resources:");
    yaml.line(1, "DeployRole:");
    yaml.line(2, "Type: AWS::IAM::Role");
    yaml.line(2, "Properties:");
    yaml.line(
        3,
        &format!("RoleName: {}", deploy_role_name(&target.environment)),
    );
    yaml.line(
        3,
        "Description: Assumed by Longshore's waiter for one step of one deploy",
    );
    yaml.line(3, "MaxSessionDuration: 3600");
    yaml.line(3, "AssumeRolePolicyDocument:");
    yaml.line(4, "Version: \"2012-10-17\"");
    yaml.line(4, "Statement:");
    yaml.line(5, "- Sid: OnlyTheWaiterWithTheExternalId");
    yaml.line(6, "Effect: Allow");
    yaml.line(6, "Principal: { AWS: !Ref WaiterRoleArn }");
    yaml.line(6, "Action: sts:AssumeRole");
    yaml.line(
        6,
        "Condition: { StringEquals: { sts:ExternalId: !Ref ExternalId } }",
    );
    yaml.line(5, "- Sid: TheSessionSaysWhichDeployAndWho");
    yaml.line(6, "Effect: Allow");
    yaml.line(6, "Principal: { AWS: !Ref WaiterRoleArn }");
    yaml.line(6, "Action: sts:TagSession");
    yaml.line(6, "Condition: { \"ForAllValues:StringEquals\": { aws:TagKeys: [longshore:deploy, longshore:actor] } }");
    yaml.line(3, "Policies:");
    yaml.line(4, "- PolicyName: cluster");
    write_policy(yaml, 5, inline);
}

/// Forwards what ECS says of the cluster's services, so that a verdict need not wait for the next
/// poll. By prefix, because a pattern of every service would outgrow EventBridge's limit.
fn events(yaml: &mut Yaml, target: &Target) {
    let service = target.service_arn("");
    let rollout = service.replacen(":service/", ":service-deployment/", 1);
    yaml.line(0, "");
    yaml.line(1, "ForwardEcsEvents:");
    yaml.line(2, "Type: AWS::Events::Rule");
    yaml.line(2, "Condition: ForwardsEvents");
    yaml.line(2, "Properties:");
    yaml.line(3, "Description: Rollouts in this cluster, to Longshore");
    yaml.line(3, "EventPattern:");
    yaml.line(4, "source: [aws.ecs]");
    yaml.line(
        4,
        "detail-type: [ECS Deployment State Change, ECS Service Deployment State Change, ECS Hook State Change]",
    );
    yaml.line(4, "resources:");
    yaml.line(5, &format!("- prefix: {service}"));
    yaml.line(5, &format!("- prefix: {rollout}"));
    yaml.line(3, "Targets:");
    yaml.line(4, "- Id: longshore");
    yaml.line(5, "Arn: !Ref EventBusArn");
    yaml.line(5, "RoleArn: !GetAtt ForwardRole.Arn");
    yaml.line(0, "");
    yaml.line(1, "ForwardRole:");
    yaml.line(2, "Type: AWS::IAM::Role");
    yaml.line(2, "Condition: ForwardsEvents");
    yaml.line(2, "Properties:");
    yaml.line(3, "AssumeRolePolicyDocument:");
    yaml.line(4, "Version: \"2012-10-17\"");
    yaml.line(4, "Statement:");
    yaml.line(5, "- Effect: Allow");
    yaml.line(6, "Principal: { Service: events.amazonaws.com }");
    yaml.line(6, "Action: sts:AssumeRole");
    yaml.line(3, "Policies:");
    yaml.line(4, "- PolicyName: forward");
    yaml.line(5, "PolicyDocument:");
    yaml.line(6, "Version: \"2012-10-17\"");
    yaml.line(6, "Statement:");
    yaml.line(7, "- Sid: ToTheBusOnly");
    yaml.line(8, "Effect: Allow");
    yaml.line(8, "Action: events:PutEvents");
    yaml.line(8, "Resource: !Ref EventBusArn");
}
