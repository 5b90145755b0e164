//! The way of ECS's events: from the account and region in which they arise, by the rule of the
//! environment's stack, to Longshore's bus, and by its rule to the waiter.

use serde_json::{Value, json};

use super::journeys::{configuration, target};
use super::policy::{Decision, Policy, Request};
use super::{EXTERNAL_ID, longshore_stack};
use crate::cloudformation::{lets_through, many, parse};
use crate::rights::Deployed;
use crate::town::{DEV, PROD, REGION};

const ELSEWHERE: &str = "eu-central-1";
const BUS: &str = "arn:aws:events:eu-west-1:111111111111:event-bus/longshore-targets";

/// A rollout of `webapp`, as ECS tells of it there.
fn event(account: &str, region: &str, cluster: &str) -> Value {
    let sample = include_str!("../../../events/ecs-event.json");
    let mut event: Value = serde_json::from_str(sample).unwrap();
    event["account"] = json!(account);
    event["region"] = json!(region);
    let service = format!("arn:aws:ecs:{region}:{account}:service/{cluster}/webapp");
    event["resources"] = json!([service]);
    event
}

/// Whether the event reaches the waiter by the stacks of the environment and of Longshore.
fn reaches_the_waiter(environment: &Deployed, event: &Value) -> bool {
    if !lets_through(
        &environment.properties("ForwardEcsEvents")["EventPattern"],
        event,
    ) {
        return false;
    }
    let to = &environment.properties("ForwardEcsEvents")["Targets"][0];
    assert_eq!(to["RoleArn"], environment.role_arn("ForwardRole"));
    let wish = Request::new("events:PutEvents", to["Arn"].as_str().unwrap())
        .with("events:source", event["source"].as_str().unwrap());
    let may = environment.policy("ForwardRole").decide(&wish);
    assert_eq!(may, Decision::Allowed, "{wish:?}");

    let longshore = longshore_stack();
    let bus = &longshore.properties("TargetsBus")["Policy"]["Statement"];
    let bus = Policy::read(&many(bus));
    if bus.decide_for(event["account"].as_str(), &wish) != Decision::Allowed {
        return false;
    }
    let rule = longshore.properties("TargetsEcsRule");
    assert_eq!(rule["EventBusName"], "longshore-TargetsBus");
    lets_through(&rule["EventPattern"], event)
}

fn environment(name: &str, account: &str, region: &str) -> Deployed {
    let accounts = format!("id = \"{account}\", region = ");
    let configuration = configuration().replace(
        &format!("{accounts}\"{REGION}\""),
        &format!("{accounts}\"{region}\""),
    );
    let given = [
        ("WaiterRoleArn", &*longshore_stack().role_arn("WaiterRole")),
        ("ExternalId", EXTERNAL_ID),
        ("EventBusArn", BUS),
    ];
    Deployed::new(parse(&target(name, &configuration)), account, &given)
}

#[test]
fn events_of_other_accounts_and_of_other_regions_reach_the_waiter() {
    for (name, account, region) in [
        ("staging", DEV, REGION),
        ("staging", DEV, ELSEWHERE),
        ("production", PROD, ELSEWHERE),
    ] {
        let stack = environment(name, account, region);
        let rollout = event(account, region, name);
        assert!(reaches_the_waiter(&stack, &rollout), "{name} in {region}");
        let another = event(account, region, "another");
        assert!(!reaches_the_waiter(&stack, &another), "another cluster");
        let mut stranger = rollout;
        stranger["account"] = json!("999999999999");
        assert!(!reaches_the_waiter(&stack, &stranger), "another account");
    }
}

#[test]
fn nothing_is_forwarded_where_longshore_hears_the_events_itself() {
    let waiter = longshore_stack().role_arn("WaiterRole");
    let given = [("WaiterRoleArn", &*waiter), ("ExternalId", EXTERNAL_ID)];
    let stack = parse(&target("production", &configuration()));
    let stack = Deployed::new(stack, PROD, &given);
    assert_eq!(stack.roles(), ["DeployRole"]);
    let own = event(PROD, REGION, "production");
    let rule = longshore_stack().properties("EcsRule");
    assert!(lets_through(&rule["EventPattern"], &own));
}
