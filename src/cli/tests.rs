mod aws;

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const CONFIG: &str = r#"slack    = { teams = ["T0001"] }
accounts = { dev = { id = "222222222222", region = "eu-west-1" }, prod = { id = "111111111111", region = "eu-west-1" } }
defaults = { registry = "prod" }

[environments.staging]
account  = "dev"
cluster  = "staging"
aliases  = ["stg"]
request  = ["everyone"]
evidence = "logs"

[environments.production]
account = "prod"
cluster = "production"
confirm = true

[applications.cms]
environments = ["staging", "production"]
services     = ["cms-api", "cms-worker"]
families     = ["cms", "cms"]
roles        = ["ecsTaskExecutionRole", "{app}-task"]
log_groups   = ["/acme/{env}/{app}"]
"#;

/// What a command said.
struct Said {
    exit: Exit,
    out: String,
    err: String,
}

/// Runs a command with a secret in its environment, at Slack's documented second.
fn longshore(arguments: &[&str]) -> Said {
    with_input(arguments, "")
}

fn with_input(arguments: &[&str], input: &str) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut surroundings = Surroundings {
        variable: &|name| (name == "SECRET").then(|| "8f742231b10e8888abcd99yyyzzz85a5".to_owned()),
        connect: &|| panic!("this command needs no AWS"),
        now: Timestamp::from_second(1_531_420_618).unwrap(),
        input: &mut input.as_bytes(),
        out: &mut out,
        err: &mut err,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let arguments = ["longshore"].iter().chain(arguments);
    let exit = runtime.block_on(run(arguments, &mut surroundings));
    Said {
        exit,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

/// A folder that holds a configuration, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("longshore-{name}-{process}-{number}"));
        std::fs::create_dir_all(path.join("teams")).unwrap();
        for (file, text) in files {
            std::fs::write(path.join(file), text).unwrap();
        }
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// A text in which the folder's name stands as a dot.
    fn shown(&self, text: &str) -> String {
        text.replace(self.path(), ".")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn every_command_explains_itself() {
    for arguments in [
        vec![],
        vec!["check"],
        vec!["push"],
        vec!["target"],
        vec!["rollback"],
        vec!["sign"],
    ] {
        let said = longshore(&[&arguments[..], &["--help"]].concat());
        assert_eq!(said.exit, Exit::Done);
        assert_eq!(said.err, "");
        assert!(said.out.contains("Usage: longshore"), "{}", said.out);
        assert!(said.out.contains("Examples:\n  "), "{}", said.out);
    }
}

#[test]
fn the_help_is_the_map() {
    insta::assert_snapshot!(longshore(&["--help"]).out, @r"
Deploys to Amazon ECS from Slack: the operator's side

Usage: longshore <COMMAND>

Commands:
  check     Validate the configuration and show what it means
  push      Publish the configuration as a new version
  target    Print the CloudFormation template of an environment's deploy role
  rollback  Roll back when Slack is down, as yourself
  sign      Sign an API Gateway event as Slack would, now
  help      Print this message or the help of the given subcommand(s)

Options:
  -h, --help     Print help
  -V, --version  Print version

Examples:
  longshore check                          is ./longshore.toml sound, and what does it mean?
  longshore target production > role.yaml  the stack with production's deploy role
  longshore push --table NAME              publish the configuration
  longshore rollback cms production --wait the way back when Slack is down

Exit codes:
  0  done
  1  refused: the configuration, the event or the request is not acceptable
  2  usage: the command line is wrong
  3  AWS could not be reached or said no
");
}

#[test]
fn a_wrong_command_line_is_usage() {
    for arguments in [
        &[][..],
        &["deploy"],
        &["target"],
        &["check", "a", "b"],
        &["sign", "--no"],
    ] {
        let said = longshore(arguments);
        assert_eq!(said.exit, Exit::Usage, "{arguments:?}");
        assert_eq!(said.out, "");
        assert!(said.err.contains("Usage: longshore"), "{}", said.err);
    }
    assert_eq!(
        longshore(&["--version"]).out,
        format!("longshore {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn check_shows_what_the_configuration_means() {
    let folder = Folder::new("check", &[("longshore.toml", CONFIG)]);
    let said = longshore(&["check", folder.path()]);
    assert_eq!(said.exit, Exit::Done);
    insta::assert_snapshot!(said.out, @r"
ENVIRONMENT  ACCOUNT       REGION     CLUSTER     MAY DEPLOY  MAY ROLL BACK  CONFIRM
production   111111111111  eu-west-1  production  nobody      nobody         yes
staging      222222222222  eu-west-1  staging     everyone    everyone       rollbacks

APPLICATION  ENVIRONMENT  SERVICES            IMAGE                                             TAG
cms          production   cms-api cms-worker  111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms  {sha}
cms          staging      cms-api cms-worker  111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms  {sha}

size 1103 bytes, stored in 416 of 405504
sha256 c8b51cc0e2a7244bed3913c9738654605e383e559c67311d173ddf73f3c6b101
");
    insta::assert_snapshot!(folder.shown(&said.err), @r#"warning: ./longshore.toml:12: environments.production: nobody may deploy here: "request" is missing or empty; list "everyone", "team" or user ids"#);
}

#[test]
fn check_lists_every_problem_of_every_file() {
    let folder = Folder::new(
        "problems",
        &[
            ("longshore.toml", &CONFIG.replace("222222222222", "22")),
            (
                "teams/web.toml",
                "[teams.web]\nmembers = [\"@S0WEB\"]\n[applications.webapp]\nenvironments = [\"qa\"]\n[environments.qa]\n",
            ),
            ("teams/notes.txt", "not a configuration"),
        ],
    );
    let said = longshore(&["check", folder.path()]);
    assert_eq!(said.exit, Exit::Refused);
    assert_eq!(said.out, "");
    insta::assert_snapshot!(folder.shown(&said.err), @r#"
./longshore.toml:2: accounts.dev.id: "22" will not do: an account id is 12 digits in quotes, such as "111111111111"
./teams/web.toml:2: teams.web.members: "@S0WEB" is not supported by this version, remove it
./teams/web.toml:4: applications.webapp.environments: there is no environment "qa"; defined: "production" and "staging"
./teams/web.toml:5: environments: belongs in the main file; a team's file holds teams and applications only
longshore: . has 4 problems
"#);
}

#[test]
fn a_missing_file_is_named() {
    let said = longshore(&["check", "/nonexistent/longshore.toml"]);
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err, @r"longshore: cannot read /nonexistent/longshore.toml: No such file or directory (os error 2); name the configuration's main file or its folder");
}

#[test]
fn target_prints_the_role_and_nothing_wider() {
    let folder = Folder::new("target", &[("longshore.toml", CONFIG)]);
    let said = longshore(&["target", "stg", folder.path()]);
    assert_eq!(said.exit, Exit::Done);
    insta::assert_snapshot!(said.out, @r#"
# Generated by `longshore target staging` from the configuration with SHA-256
# c8b51cc0e2a7244bed3913c9738654605e383e559c67311d173ddf73f3c6b101.
# Do not edit it: change the configuration and generate it again.
AWSTemplateFormatVersion: "2010-09-09"
Description: What Longshore may do in staging

Parameters:
  WaiterRoleArn:
    Description: Output WaiterRoleArn of the Longshore stack
    Type: String
    AllowedPattern: ^arn:[a-z-]+:iam::[0-9]{12}:role/.+$
  ExternalId:
    Description: Parameter ExternalId of the Longshore stack
    Type: String
    AllowedPattern: ^[A-Za-z0-9+=,.@:/-]{8,128}$
  EventBusArn:
    Description: Output TargetsBusArn of the Longshore stack; empty only where that runs in this account and region
    Type: String
    AllowedPattern: ^(|arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/.+)$
    Default: ""

Conditions:
  ForwardsEvents: !Not [!Equals [!Ref EventBusArn, ""]]

Resources:
  DeployRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: longshore-staging
      Description: Assumed by Longshore's waiter for one step of one deploy
      MaxSessionDuration: 3600
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: OnlyTheWaiterWithTheExternalId
            Effect: Allow
            Principal: { AWS: !Ref WaiterRoleArn }
            Action: sts:AssumeRole
            Condition: { StringEquals: { sts:ExternalId: !Ref ExternalId } }
          - Sid: TheSessionSaysWhichDeployAndWho
            Effect: Allow
            Principal: { AWS: !Ref WaiterRoleArn }
            Action: sts:TagSession
            Condition: { "ForAllValues:StringEquals": { aws:TagKeys: [longshore:deploy, longshore:actor] } }
      Policies:
        - PolicyName: cluster
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: ReadTasks
                Effect: Allow
                Action: ecs:DescribeTasks
                Resource:
                  - arn:aws:ecs:eu-west-1:222222222222:task/staging/*
                Condition: { ArnEquals: { ecs:cluster: "arn:aws:ecs:eu-west-1:222222222222:cluster/staging" } }
              # `*`: the only resource type of ecs:ListTasks is the container instance, which a task on
              # Fargate does not have; the cluster is the limit.
              - Sid: ListTasks
                Effect: Allow
                Action: ecs:ListTasks
                Resource: "*"
                Condition: { ArnEquals: { ecs:cluster: "arn:aws:ecs:eu-west-1:222222222222:cluster/staging" } }
              # `*`: ecs:DescribeTaskDefinition has no resource-level permissions.
              - Sid: ReadTaskDefinitions
                Effect: Allow
                Action: ecs:DescribeTaskDefinition
                Resource: "*"
              # `*` in a denial is every resource there is: nobody gets a shell through this role.
              - Sid: NeverEnableExec
                Effect: Deny
                Action: ecs:UpdateService
                Resource: "*"
                Condition: { StringEquals: { ecs:enable-execute-command: "true" } }
              # `*` in a denial, as above.
              - Sid: NeverExec
                Effect: Deny
                Action: ecs:ExecuteCommand
                Resource: "*"
              - Sid: RunTasksAsTheyRunToday
                Effect: Allow
                Action: iam:PassRole
                Resource:
                  - arn:aws:iam::222222222222:role/cms-task
                  - arn:aws:iam::222222222222:role/ecsTaskExecutionRole
                Condition: { StringEquals: { iam:PassedToService: "ecs-tasks.amazonaws.com" } }

  Applications1:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Description: What Longshore may do to applications in staging, part 1
      Roles: [!Ref DeployRole]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          # The cluster is part of these ARNs. A condition on ecs:cluster would deny most of these
          # actions: they do not carry the key.
          - Sid: ReadAndStopRollouts
            Effect: Allow
            Action:
              - ecs:DescribeServices
              - ecs:ListServiceDeployments
              - ecs:DescribeServiceDeployments
              - ecs:DescribeServiceRevisions
              - ecs:StopServiceDeployment
              - ecs:ContinueServiceDeployment
            Resource:
              - arn:aws:ecs:eu-west-1:222222222222:service/staging/cms-api
              - arn:aws:ecs:eu-west-1:222222222222:service/staging/cms-worker
              - arn:aws:ecs:eu-west-1:222222222222:service-deployment/staging/cms-api/*
              - arn:aws:ecs:eu-west-1:222222222222:service-revision/staging/cms-api/*
              - arn:aws:ecs:eu-west-1:222222222222:service-deployment/staging/cms-worker/*
              - arn:aws:ecs:eu-west-1:222222222222:service-revision/staging/cms-worker/*
          # Every rollout names its revision, a restart's too; an update that names none is refused.
          - Sid: StartRollouts
            Effect: Allow
            Action: ecs:UpdateService
            Resource:
              - arn:aws:ecs:eu-west-1:222222222222:service/staging/cms-api
              - arn:aws:ecs:eu-west-1:222222222222:service/staging/cms-worker
            Condition:
              ArnLike:
                ecs:task-definition:
                  - arn:aws:ecs:eu-west-1:222222222222:task-definition/cms:*
          - Sid: RegisterRevisions
            Effect: Allow
            Action: ecs:RegisterTaskDefinition
            Resource:
              - arn:aws:ecs:eu-west-1:222222222222:task-definition/cms:*
          - Sid: TagNewRevisions
            Effect: Allow
            Action: ecs:TagResource
            Resource:
              - arn:aws:ecs:eu-west-1:222222222222:task-definition/cms:*
            Condition: { StringEquals: { ecs:CreateAction: "RegisterTaskDefinition" } }
          # A repository in another account must allow it too: its policy needs ecr:BatchGetImage,
          # ecr:DescribeImages and ecr:GetLifecyclePolicy for this role.
          - Sid: FindImages
            Effect: Allow
            Action:
              - ecr:BatchGetImage
              - ecr:DescribeImages
              - ecr:GetLifecyclePolicy
            Resource:
              - arn:aws:ecr:eu-west-1:111111111111:repository/cms
          - Sid: ShowLastLogLines
            Effect: Allow
            Action: logs:GetLogEvents
            Resource:
              - arn:aws:logs:eu-west-1:222222222222:log-group:/acme/staging/cms:log-stream:*

  ForwardEcsEvents:
    Type: AWS::Events::Rule
    Condition: ForwardsEvents
    Properties:
      Description: Rollouts in this cluster, to Longshore
      EventPattern:
        source: [aws.ecs]
        detail-type: [ECS Deployment State Change, ECS Service Deployment State Change, ECS Hook State Change]
        resources:
          - prefix: arn:aws:ecs:eu-west-1:222222222222:service/staging/
          - prefix: arn:aws:ecs:eu-west-1:222222222222:service-deployment/staging/
      Targets:
        - Id: longshore
          Arn: !Ref EventBusArn
          RoleArn: !GetAtt ForwardRole.Arn

  ForwardRole:
    Type: AWS::IAM::Role
    Condition: ForwardsEvents
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Service: events.amazonaws.com }
            Action: sts:AssumeRole
      Policies:
        - PolicyName: forward
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: ToTheBusOnly
                Effect: Allow
                Action: events:PutEvents
                Resource: !Ref EventBusArn

Outputs:
  DeployRoleArn:
    Description: Belongs into the parameter DeployRoles of the Longshore stack
    Value: !GetAtt DeployRole.Arn
"#);
}

#[test]
fn target_asks_for_the_roles_that_an_application_leaves_out() {
    let text = CONFIG
        .replace("roles        = ", "containers   = ")
        .replace("{app}-task", "sidecar");
    let folder = Folder::new("roles", &[("longshore.toml", &text)]);
    let said = longshore(&["target", "production", folder.path()]);
    assert!(said.out.contains("  TaskRoleArns:\n"));
    assert!(said.out.contains("Resource: !Ref TaskRoleArns\n"));
    // Without `evidence = "logs"` there is no right to read logs.
    assert!(!said.out.contains("logs:GetLogEvents"));
}

#[test]
fn target_divides_many_services_among_policies() {
    let services: Vec<String> = (0..40).map(|n| format!("\"service-{n:02}\"")).collect();
    let text = CONFIG
        .replace("\"cms-api\", \"cms-worker\"", &services.join(", "))
        .replace("families ", "# ");
    let folder = Folder::new("many", &[("longshore.toml", &text)]);
    let said = longshore(&["target", "staging", folder.path()]);
    assert_eq!(said.exit, Exit::Done);
    assert!(said.out.contains("  Applications2:\n"));
    for n in 0..40 {
        let service =
            format!("- arn:aws:ecs:eu-west-1:222222222222:service/staging/service-{n:02}\n");
        assert_eq!(
            said.out.matches(&service).count(),
            2,
            "to read and to update: {service}"
        );
    }

    let services: Vec<String> = (0..200).map(|n| format!("\"service-{n:03}\"")).collect();
    let text = CONFIG
        .replace("\"cms-api\", \"cms-worker\"", &services.join(", "))
        .replace("families ", "# ");
    let folder = Folder::new("too-many", &[("longshore.toml", &text)]);
    let said = longshore(&["target", "staging", folder.path()]);
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err.lines().last().unwrap(), @r#"longshore: the deploy role of staging does not fit: it needs more than the 10 managed policies that IAM attaches to a role; write scope = "cluster" into [environments.staging], or divide the environment into two"#);

    let checked = longshore(&["check", folder.path()]);
    assert_eq!((checked.exit, checked.out), (Exit::Refused, String::new()));
    let refused =
        |said: &str, name: &str| said.contains(&format!("the deploy role of {name} does"));
    assert!(refused(&checked.err, "staging") && refused(&checked.err, "production"));

    let text = text.replace("cluster  =", "scope = \"cluster\"\ncluster  =");
    let folder = Folder::new("cluster", &[("longshore.toml", &text)]);
    let said = longshore(&["target", "staging", folder.path()]);
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    assert!(said.out.contains(":service/staging/*\n") && !said.out.contains("service-000"));
    let checked = longshore(&["check", folder.path()]);
    assert!(!refused(&checked.err, "staging") && refused(&checked.err, "production"));
}

#[test]
fn target_wants_an_environment_with_something_in_it() {
    let text = CONFIG.replace("[\"staging\", \"production\"]", "[\"staging\"]");
    let folder = Folder::new("empty", &[("longshore.toml", &text)]);
    let said = longshore(&["target", "qa", folder.path()]);
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err.lines().last().unwrap(), @r#"longshore: there is no environment "qa"; there are production, staging"#);
    let said = longshore(&["target", "production", folder.path()]);
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err.lines().last().unwrap(), @r"longshore: no application runs in production, so there is nothing to allow; add the environment to one");
}

#[test]
fn sign_prints_the_event_as_slack_would_sign_it_now() {
    let event = r#"{"requestContext":{"timeEpoch":1},"headers":{},"body":"text=help","isBase64Encoded":false}"#;
    let said = with_input(&["sign", "-", "--secret-env", "SECRET"], event);
    assert_eq!(said.exit, Exit::Done);
    insta::assert_snapshot!(said.out, @r#"
{
  "body": "text=help",
  "headers": {
    "x-slack-request-timestamp": "1531420618",
    "x-slack-signature": "v0=5276b3ad6d1d175c510c993952329bae4fb40328922aba008776294351199f94"
  },
  "isBase64Encoded": false,
  "requestContext": {
    "timeEpoch": 1531420618000
  }
}
"#);
}

#[test]
fn sign_needs_a_secret_and_an_event() {
    let said = with_input(&["sign", "-"], "{}");
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err, @r"longshore: SLACK_SIGNING_SECRET is not set; set it to the Slack app's signing secret, or name another variable with --secret-env");
    let said = with_input(&["sign", "-", "--secret-env", "SECRET"], "{}");
    assert_eq!(said.exit, Exit::Refused);
    insta::assert_snapshot!(said.err, @r"longshore: -: not an event of an HTTP API in payload format 2.0: it has no requestContext");
}
