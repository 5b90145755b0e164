//! What AWS takes, held against what is printed for environments of every size: either all of it can
//! be installed, or `check` and `target` both refuse, in words that name a way out.
//!
//! Sizes are measured here as IAM and CloudFormation measure them, parameters at their longest.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>

use longshore::cli::Exit;
use serde_json::{Value, json};

use super::journeys::says;
use super::policy::{Decision, Policy, Request};
use super::{Deployed, EXTERNAL_ID};
use crate::cloudformation::{many, nulls, parse};
use crate::town::PROD;

/// An environment of a town that is hard on the limits.
#[derive(Clone, Copy, Debug)]
struct Hostile {
    applications: usize,
    region: &'static str,
    /// Characters of the names of services, families, roles, log groups, schedules and repositories.
    name: usize,
    services: usize,
    roles: usize,
    log_groups: usize,
    images: usize,
    schedules: usize,
    before: usize,
    publish: bool,
    /// Whether its images' tags must stay, and their scans find nothing.
    rules: bool,
    scope: &'static str,
}

const USUAL: Hostile = Hostile {
    applications: 1,
    region: "eu-west-1",
    name: 12,
    services: 1,
    roles: 2,
    log_groups: 0,
    images: 0,
    schedules: 0,
    before: 0,
    publish: false,
    rules: false,
    scope: "applications",
};

impl Hostile {
    fn names(&self, what: &str, count: usize) -> Vec<String> {
        let name = |n: usize| format!("{{app}}-{what}{n}");
        (0..count)
            .map(|n| format!("{:x<1$}", name(n), self.name))
            .collect()
    }

    fn configuration(&self) -> String {
        let Self {
            region,
            scope,
            publish,
            ..
        } = self;
        let evidence = if self.log_groups > 0 { "logs" } else { "link" };
        let rules = match self.rules {
            true => "immutable = true\nscan = \"low\"\n",
            false => "",
        };
        let environment = "e".repeat(54);
        let cluster = "c".repeat(self.name);
        let mut text = format!(
            "slack = {{ teams = [\"T0001\"] }}\naccounts = {{ a = {{ id = \"{PROD}\", region = \"{region}\" }} }}\n\
             [environments.{environment}]\naliases = [\"qa\"]\naccount = \"a\"\ncluster = \"{cluster}\"\n\
             request = [\"everyone\"]\nscope = \"{scope}\"\npublish = {publish}\nevidence = \"{evidence}\"\n{rules}"
        );
        for n in 0..self.applications {
            let list = |key: &str, names: &[String]| match names {
                [] => String::new(),
                names => format!("{key} = {names:?}\n"),
            };
            let images: String = (0..self.images)
                .map(|image| format!("c{image} = {{ image = \"a{n:03}-image{image}\" }}, "))
                .collect();
            text += &format!("[applications.a{n:03}]\nenvironments = [\"{environment}\"]\n");
            text += &list("services", &self.names("s", self.services));
            text += &list("roles", &self.names("r", self.roles));
            text += &list("log_groups", &self.names("l", self.log_groups));
            text += &list("schedules", &self.names("t", self.schedules));
            if self.images > 0 {
                text += &format!("images = {{ {} }}\n", images.trim_end_matches(", "));
            }
            if self.before > 0 {
                text += &format!("before = {{ task = {:?} }}\n", self.names("b", 1)[0]);
            }
        }
        text
    }
}

/// A policy as IAM counts it.
fn characters(document: &Value) -> usize {
    let json = document.to_string();
    assert!(!json.contains(char::is_whitespace), "{json}");
    json.len()
}

/// As many roles as fit into a parameter, the shortest and so the most, or one that is the longest.
fn longest_parameter(role: &str) -> String {
    let most = (4_096 + 1) / (role.len() + 1);
    vec![role; most].join(",")
}

fn deployed(template: &Value, partition: &str) -> Deployed {
    let path = format!("{}/", "p".repeat(510));
    let waiter = format!("arn:{partition}:iam::{PROD}:role/{path}{}", "w".repeat(64));
    let bus = format!(
        "arn:{partition}:events:us-gov-west-1:{PROD}:event-bus/{}",
        "b".repeat(256)
    );
    let roles = longest_parameter("arn:aws:iam::111111111111:role/r");
    let mut given = vec![
        ("WaiterRoleArn", waiter.as_str()),
        ("ExternalId", EXTERNAL_ID),
        ("EventBusArn", bus.as_str()),
    ];
    if template["Parameters"].get("TaskRoleArns").is_some() {
        given.push(("TaskRoleArns", roles.as_str()));
    }
    Deployed::new(template.clone(), PROD, &given)
}

/// Everything that AWS would refuse.
fn holds(text: &str, partition: &str, what: &Hostile) {
    assert!(text.len() <= 51_200, "{what:?}: {} bytes", text.len());
    let template = parse(text);
    assert_eq!(nulls(&template), Vec::<String>::new(), "{what:?}");
    assert!(template["Description"].as_str().unwrap().len() <= 1_024);
    let resources = template["Resources"].as_object().unwrap();
    assert!(resources.len() <= 500);
    let stack = deployed(&template, partition);
    let mut managed = 0;
    for (name, resource) in resources {
        assert!(name.chars().all(char::is_alphanumeric), "{name}");
        let properties = stack.properties(name);
        let described = properties["Description"].as_str().unwrap_or_default();
        match resource["Type"].as_str().unwrap() {
            "AWS::IAM::ManagedPolicy" => {
                managed += 1;
                let size = characters(&properties["PolicyDocument"]);
                assert!(size <= 6_144, "{what:?}: {name} has {size}");
                assert!(described.len() <= 1_000);
            }
            "AWS::IAM::Role" => {
                let inline = many(&properties["Policies"]);
                let inline = inline.iter().map(|one| characters(&one["PolicyDocument"]));
                let size: usize = inline.sum();
                assert!(size <= 10_240, "{what:?}: {name} has {size}");
                let trust = properties["AssumeRolePolicyDocument"].to_string();
                assert!(trust.len() <= 2_048, "{what:?}: {}", trust.len());
                assert!(properties["RoleName"].as_str().unwrap_or_default().len() <= 64);
                assert!(described.len() <= 1_000);
            }
            "AWS::Events::Rule" => {
                let pattern = properties["EventPattern"].to_string();
                assert!(pattern.len() <= 2_048, "{what:?}: {}", pattern.len());
                assert!(described.len() <= 512);
            }
            other => panic!("nobody here knows what AWS takes of {other}"),
        }
        for statement in statements(&properties) {
            let sid = statement["Sid"].as_str().unwrap_or_default();
            assert!(sid.chars().all(|c| c.is_ascii_alphanumeric()), "{sid}");
        }
    }
    assert!((1..=10).contains(&managed), "{what:?}: {managed} policies");
}

fn statements(properties: &Value) -> Vec<Value> {
    let inline = many(&properties["Policies"]);
    let documents = inline.iter().map(|one| &one["PolicyDocument"]);
    let documents = documents.chain(properties.get("PolicyDocument"));
    documents.flat_map(|one| many(&one["Statement"])).collect()
}

/// That the role still may do everything for the first and for the last application.
fn allows_all(policy: &Policy, partition: &str, what: &Hostile, roles_are_named: bool) {
    let arn = |service: &str, resource: &str| {
        format!(
            "arn:{partition}:{service}:{}:{PROD}:{resource}",
            what.region
        )
    };
    let cluster = "c".repeat(what.name);
    for n in [0, what.applications - 1] {
        let names = |kind: &str, count: usize| {
            let app = format!("a{n:03}");
            let all = what.names(kind, count).into_iter();
            all.map(move |name| name.replace("{app}", &app))
        };
        let mut wishes = Vec::new();
        for name in names("s", what.services) {
            let family = arn("ecs", &format!("task-definition/{name}:7"));
            let service = arn("ecs", &format!("service/{cluster}/{name}"));
            wishes.push(
                Request::new("ecs:UpdateService", &service).with("ecs:task-definition", &family),
            );
            wishes.push(Request::new("ecs:DescribeServices", &service));
            let revision = arn("ecs", &format!("service-revision/{cluster}/{name}/1"));
            wishes.push(Request::new("ecs:DescribeServiceRevisions", &revision));
            wishes.push(Request::new("ecs:RegisterTaskDefinition", &family));
        }
        for name in names("b", what.before) {
            let family = arn("ecs", &format!("task-definition/{name}:7"));
            wishes.push(Request::new("ecs:RegisterTaskDefinition", &family));
            let run = Request::new("ecs:RunTask", &family);
            wishes.push(run.with("ecs:cluster", &arn("ecs", &format!("cluster/{cluster}"))));
        }
        for name in names("t", what.schedules) {
            let schedule = arn("scheduler", &format!("schedule/default/{name}"));
            wishes.push(Request::new("scheduler:UpdateSchedule", &schedule));
        }
        for name in names("l", what.log_groups) {
            let stream = arn("logs", &format!("log-group:{name}:log-stream:x"));
            wishes.push(Request::new("logs:GetLogEvents", &stream));
        }
        for image in 0..what.images {
            let repository = arn("ecr", &format!("repository/a{n:03}-image{image}"));
            wishes.push(Request::new("ecr:DescribeImages", &repository));
        }
        let own = arn("ecr", &format!("repository/a{n:03}"));
        wishes.push(Request::new("ecr:DescribeImages", &own));
        if what.rules {
            wishes.push(Request::new("ecr:DescribeRepositories", &own));
            wishes.push(Request::new("ecr:DescribeImageScanFindings", &own));
            wishes.push(Request::new("inspector2:ListFindings", "*"));
        }
        if what.publish {
            let parameter = format!("parameter/longshore/{}/a{n:03}/image", "e".repeat(54));
            wishes.push(Request::new("ssm:PutParameter", &arn("ssm", &parameter)));
        }
        for name in names("r", what.roles).filter(|_| roles_are_named) {
            let role = format!("arn:{partition}:iam::{PROD}:role/{name}");
            let pass = Request::new("iam:PassRole", &role);
            wishes.push(pass.with("iam:PassedToService", "ecs-tasks.amazonaws.com"));
        }
        for wish in wishes {
            assert_eq!(
                policy.decide(&wish),
                Decision::Allowed,
                "{what:?}: {wish:?}"
            );
        }
    }
}

/// Whether `check` and `target` take it, which they agree on; if so, so does AWS.
fn is_taken(what: &Hostile) -> bool {
    let configuration = what.configuration();
    let (checked, _, complaint) = says(&["check"], &configuration);
    let (printed, text, refusal) = says(&["target", "qa"], &configuration);
    assert_eq!(checked, printed, "{what:?}: {complaint}{refusal}");
    assert_eq!(complaint, refusal, "{what:?}");
    if printed == Exit::Done {
        let partition = match what.region {
            "cn-north-1" => "aws-cn",
            "us-gov-west-1" => "aws-us-gov",
            _ => "aws",
        };
        holds(&text, partition, what);
        let template = parse(&text);
        let named = template["Parameters"].get("TaskRoleArns").is_none();
        let policy = deployed(&template, partition).policy("DeployRole");
        allows_all(&policy, partition, what, named);
        return true;
    }
    assert_eq!(printed, Exit::Refused);
    assert_eq!(text, "");
    let way_out = match what.scope {
        "cluster" => "divide the environment into two",
        _ => "write scope = \"cluster\" into [environments.",
    };
    assert!(refusal.contains(way_out), "{what:?}: {refusal}");
    false
}

/// Each option alone, and all of them.
fn options() -> Vec<Hostile> {
    vec![
        USUAL,
        Hostile { before: 1, ..USUAL },
        Hostile {
            rules: true,
            images: 4,
            ..USUAL
        },
        Hostile {
            schedules: 2,
            ..USUAL
        },
        Hostile {
            publish: true,
            ..USUAL
        },
        Hostile { images: 4, ..USUAL },
        Hostile {
            log_groups: 3,
            ..USUAL
        },
        Hostile {
            services: 8,
            ..USUAL
        },
        Hostile { roles: 6, ..USUAL },
        Hostile { roles: 0, ..USUAL },
        Hostile {
            before: 1,
            schedules: 2,
            ..USUAL
        },
        Hostile {
            before: 1,
            publish: true,
            ..USUAL
        },
        Hostile {
            before: 1,
            schedules: 3,
            publish: true,
            images: 3,
            log_groups: 4,
            services: 3,
            roles: 6,
            ..USUAL
        },
    ]
}

#[test]
fn whatever_is_printed_can_be_installed_and_the_rest_is_refused_in_words() {
    let (mut taken, mut refused) = (0, 0);
    for option in options() {
        for (region, name) in [
            ("eu-west-1", 12),
            ("us-gov-west-1", 60),
            ("cn-north-1", 200),
        ] {
            for applications in [1, 5, 6, 44, 50] {
                let what = Hostile {
                    applications,
                    region,
                    name: if option.roles > 0 { name.min(60) } else { name },
                    ..option
                };
                match is_taken(&what) {
                    true => taken += 1,
                    false => refused += 1,
                }
            }
        }
    }
    assert!(
        taken > 100 && refused > 50,
        "{taken} taken, {refused} refused"
    );
}

#[test]
fn a_role_for_a_cluster_fits_three_hundred_applications_with_every_option() {
    for option in options() {
        for (region, name) in [
            ("eu-west-1", 12),
            ("us-gov-west-1", 60),
            ("cn-north-1", 240),
        ] {
            let what = Hostile {
                applications: 300,
                region,
                name: if option.roles > 0 { name.min(60) } else { name },
                scope: "cluster",
                ..option
            };
            assert!(is_taken(&what), "{what:?}");
        }
    }
}

#[test]
fn the_usual_applications_fit_by_their_names() {
    for (most, what) in [
        (45, USUAL),
        (
            5,
            Hostile {
                before: 1,
                schedules: 1,
                name: 40,
                ..USUAL
            },
        ),
        (
            6,
            Hostile {
                before: 1,
                publish: true,
                name: 40,
                ..USUAL
            },
        ),
        (
            4,
            Hostile {
                before: 1,
                schedules: 1,
                publish: true,
                log_groups: 2,
                name: 40,
                ..USUAL
            },
        ),
    ] {
        assert!(
            is_taken(&Hostile {
                applications: most,
                ..what
            }),
            "{most} of {what:?}"
        );
    }
}

#[test]
fn longshores_own_roles_fit_with_parameters_at_their_longest() {
    let role = format!("arn:aws-us-gov:iam::{PROD}:role/{}", "r".repeat(64));
    let name = format!("/{}", "n".repeat(1_010));
    for roles in [
        longest_parameter("arn:aws:iam::111111111111:role/r"),
        longest_parameter(&role),
    ] {
        let given = [
            ("ExternalId", EXTERNAL_ID),
            ("DeployRoles", &*roles),
            ("TargetAccounts", &*vec!["222222222222"; 100].join(",")),
            ("SecretsKeyArn", super::SECRETS_KEY),
            ("SigningSecretParameter", &*name),
            ("SigningSecretPreviousParameter", &*name),
            ("BotTokenParameter", &*name),
            ("GithubTokenParameter", &*name),
        ];
        let stack =
            Deployed::new(crate::cloudformation::template(), PROD, &given).called(&"s".repeat(128));
        for role in stack.roles() {
            let inline = many(&stack.properties(&role)["Policies"]);
            let size: usize = inline
                .iter()
                .map(|one| characters(&one["PolicyDocument"]))
                .sum();
            assert!(size <= 10_240, "{role}: {size}");
        }
        let pattern = stack.properties("TargetsEcsRule")["EventPattern"].to_string();
        assert!(pattern.len() <= 2_048, "{}", pattern.len());
        let bus = characters(&json!(stack.properties("TargetsBus")["Policy"]));
        assert!(bus <= 10_240);
    }
}
