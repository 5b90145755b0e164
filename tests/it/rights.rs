//! Rights: every call that a principal makes is allowed by that principal's policy, and nothing is
//! allowed that no call needs. The calls are those of the town; the policies are the template's and
//! those of the deploy roles that `longshore target` generates.

mod deployed;
mod forward;
pub(crate) mod hostile;
pub(crate) mod journeys;
mod limits;
mod needs;
mod policy;
mod product;
mod sizes;
mod taken_over;
mod two;

use std::collections::{BTreeMap, BTreeSet};

use longshore_sim::Call;

pub(crate) use self::deployed::Deployed;
use self::journeys::{SOMEBODY_KEY, calls, configuration, of_the_cluster, target};
use self::needs::{Needs, Principal, needs};
use self::policy::{Decision, Policy};
use crate::cloudformation::{parse, template};
use crate::documents;
use crate::town::{CI_KEY, DEV, MACHINE, OPERATOR_KEY, PROD, REGION, SLASH_KEY, WAITER_KEY};

const SECRETS_KEY: &str =
    "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const EXTERNAL_ID: &str = "longshore-test";
const ENVIRONMENTS: [(&str, &str); 2] = [("staging", DEV), ("production", PROD)];

/// Allowed, and used by nothing in the town.
const UNSEEN: [(&str, &str); 3] = [
    (
        "logs:CreateLogStream",
        "Lambda's runtime writes the functions' logs, not the product",
    ),
    (
        "logs:PutLogEvents",
        "Lambda's runtime writes the functions' logs, not the product",
    ),
    (
        ":log-group:/longshore/longshore/",
        "the group that Lambda's runtime writes to",
    ),
];

/// Longshore's own stack, in the account of production.
fn longshore_stack() -> Deployed {
    let role = |(name, account)| format!("arn:aws:iam::{account}:role/longshore-{name}");
    let given = [
        ("ExternalId", EXTERNAL_ID),
        ("DeployRoles", &*ENVIRONMENTS.map(role).join(",")),
        ("TargetAccounts", DEV),
        ("SecretsKeyArn", SECRETS_KEY),
    ];
    Deployed::new(template(), PROD, &given)
}

/// The stack of an environment's deploy role, in its account.
fn target_stack(environment: &str) -> Deployed {
    target_stack_of(environment, &configuration())
}

fn target_stack_of(environment: &str, configuration: &str) -> Deployed {
    let (_, account) = ENVIRONMENTS
        .into_iter()
        .find(|(name, _)| *name == environment)
        .unwrap();
    let waiter = longshore_stack().role_arn("WaiterRole");
    let bus = "arn:aws:events:eu-west-1:111111111111:event-bus/longshore-targets";
    let given = [
        ("WaiterRoleArn", waiter.as_str()),
        ("ExternalId", EXTERNAL_ID),
        ("EventBusArn", bus),
    ];
    let stack = parse(&target(environment, configuration));
    Deployed::new(stack, account, &given)
}

/// What every principal that calls AWS may do under this configuration.
fn policies(configuration: &str) -> BTreeMap<Principal, Policy> {
    let stack = longshore_stack();
    let mut policies = BTreeMap::from([
        (Principal::Slash, stack.policy("SlashRole")),
        (Principal::Ci, stack.policy("CiRole")),
        (Principal::Waiter, stack.policy("WaiterRole")),
        (Principal::Operator, operators()),
    ]);
    for (environment, _) in ENVIRONMENTS {
        let role = target_stack_of(environment, configuration).policy("DeployRole");
        policies.insert(Principal::Deploy(environment.to_owned()), role);
    }
    policies
}

/// What people are told to give to operators, for this stack.
fn operators() -> Policy {
    let document = documents::text(documents::OPERATING);
    let (_, after) = document.split_once("<!-- policy: operators -->").unwrap();
    let (_, after) = after.split_once("```json").unwrap();
    let (json, _) = after.split_once("```").unwrap();
    let machine = format!("arn:aws:states:eu-west-1:111111111111:stateMachine:{MACHINE}");
    let json = json.replace("STATE_MACHINE_ARN", &machine);
    let table = "arn:aws:dynamodb:eu-west-1:111111111111:table/longshore";
    let json = json.replace("TABLE_ARN", table);
    let token = "arn:aws:ssm:eu-west-1:111111111111:parameter/longshore/bot-token";
    let json = json.replace("BOT_TOKEN_ARN", token);
    let token = "arn:aws:ssm:eu-west-1:111111111111:parameter/longshore/github-token";
    let json = json.replace("GITHUB_TOKEN_ARN", token);
    let json = json.replace("SECRETS_KEY_ARN", SECRETS_KEY);
    let json = json.replace("REGION", REGION);
    Policy::read(&serde_json::from_str::<Vec<_>>(&json).unwrap())
}

/// Who made a call to AWS; `None` for those to Slack, GitHub and issuers of tokens.
fn principal(call: &Call) -> Option<Principal> {
    if matches!(call.service, "slack" | "github" | "issuer") {
        return None;
    }
    let caller = &call.caller;
    Some(match caller.access_key.as_str() {
        SLASH_KEY => Principal::Slash,
        CI_KEY => Principal::Ci,
        WAITER_KEY => Principal::Waiter,
        OPERATOR_KEY => Principal::Operator,
        SOMEBODY_KEY => Principal::Somebody,
        _ => {
            let mut parts = caller.arn.split('/');
            let role = parts
                .nth(1)
                .and_then(|role| role.strip_prefix("longshore-"));
            Principal::Deploy(role.expect("a session in a deploy role").to_owned())
        }
    })
}

/// What every call of the play needs.
fn all_needs() -> Vec<Needs> {
    let calls = calls().iter();
    calls
        .filter_map(|call| Some(needs(call, principal(call)?, SECRETS_KEY)))
        .collect()
}

#[test]
fn every_call_is_allowed_by_its_callers_policy() {
    for configuration in [configuration(), of_the_cluster()] {
        allows_every_call(&policies(&configuration));
    }
}

fn allows_every_call(policies: &BTreeMap<Principal, Policy>) {
    let mut refused = BTreeSet::new();
    for needs in all_needs() {
        let Some(policy) = policies.get(&needs.by) else {
            continue;
        };
        for request in needs.requests {
            let decision = policy.decide(&request);
            if decision != Decision::Allowed {
                refused.insert(format!("{:?}: {decision:?} {request:?}", needs.by));
            }
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn everything_that_is_allowed_is_used() {
    for configuration in [configuration(), of_the_cluster()] {
        uses_all(policies(&configuration));
    }
}

fn uses_all(policies: BTreeMap<Principal, Policy>) {
    let needs = all_needs();
    let (mut grants, mut used) = (BTreeSet::new(), BTreeSet::new());
    for (principal, policy) in policies {
        let name = |grant: String| match &principal {
            // All deploy roles are written by the same lines: what one uses counts for all, but for
            // the resources, which are each one's own.
            Principal::Deploy(_) if !grant.contains(" arn:") => format!("a deploy role: {grant}"),
            principal => format!("{principal:?}: {grant}"),
        };
        let mine = needs.iter().filter(|needs| needs.by == principal);
        let requests = mine.flat_map(|needs| &needs.requests);
        used.extend(requests.flat_map(|one| policy.uses(one)).map(name));
        grants.extend(policy.grants().into_iter().map(name));
    }
    let unseen = |grant: &&String| UNSEEN.iter().any(|(unseen, _)| grant.contains(unseen));
    let unused: Vec<&String> = grants
        .difference(&used)
        .filter(|one| !unseen(one))
        .collect();
    assert!(unused.is_empty(), "{unused:#?}");
    for (unseen, _) in UNSEEN {
        let excused = |grant: &&String| grant.contains(unseen) && !used.contains(*grant);
        assert!(
            grants.iter().any(|one| excused(&one)),
            "{unseen} needs no excuse"
        );
    }
}
