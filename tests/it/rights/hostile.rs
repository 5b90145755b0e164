//! The public function, taken over: a double that does whatever the policy of its role allows, and
//! nothing else. It knows everything that the table holds.

use aws_sdk_dynamodb::types::AttributeValue;
use longshore::aws::Patience;
use longshore::aws::sfn::Machine;
use longshore_sim::World;
use serde_json::{Value, json};

use super::longshore_stack;
use super::policy::{Decision, Policy, Request};
use crate::town::{DEPLOYS, MACHINE, PROD, REGION, SLASH_KEY, aws};

/// The public function in somebody else's hands.
pub(crate) struct Hostile {
    world: World,
    policy: Policy,
}

/// What somebody said, as the public function writes it down.
pub(crate) fn said(user: &str, at: &str, what: &Value) -> Value {
    let by = json!({ "team": "T0001", "user": user });
    json!({ "by": by, "channel": DEPLOYS, "at": at, "what": what })
}

/// A request, as the public function writes it down.
pub(crate) fn asked(user: &str, at: &str, wanted: &Value) -> Value {
    let by = json!({ "team": "T0001", "user": user });
    json!({ "schema": 1, "by": by, "channel": DEPLOYS, "at": at, "wanted": wanted })
}

/// A deploy of the branch, as it is asked for.
pub(crate) fn the_branch(application: &str, environment: &str) -> Value {
    let reference = "feature/signup-autocomplete";
    let one = json!({ "application": application, "verb": "deploy", "reference": reference });
    json!({ "deploy": { "environment": environment, "each": [one] } })
}

impl Hostile {
    pub(crate) fn in_town(world: &World) -> Self {
        Self {
            world: world.clone(),
            policy: longshore_stack().policy("SlashRole"),
        }
    }

    fn machine(&self) -> String {
        format!("arn:aws:states:{REGION}:{PROD}:stateMachine:{MACHINE}")
    }

    fn may(&self, request: &Request) -> bool {
        self.policy.decide(request) == Decision::Allowed
    }

    pub(super) fn may_write(&self, action: &str, pk: &str) -> bool {
        let table = format!("arn:aws:dynamodb:{REGION}:{PROD}:table/longshore");
        let wish = Request::new(&format!("dynamodb:{action}"), &table);
        self.may(&wish.with("dynamodb:LeadingKeys", pk))
    }

    /// Puts an item of texts, whatever is there, if its policy allows that.
    pub(crate) async fn puts(&self, (pk, sk): (&str, &str), more: &[(&str, &str)]) -> bool {
        if !self.may_write("PutItem", pk) {
            return false;
        }
        let client = aws(&self.world, SLASH_KEY, Patience::STEP).dynamodb();
        let mut put = client.put_item().table_name("longshore");
        for (name, text) in [("pk", pk), ("sk", sk)].iter().chain(more) {
            put = put.item(*name, AttributeValue::S((*text).to_owned()));
        }
        // It may meet a fault like everything else.
        let sent = longshore_sim::until_killed(put.send()).await;
        sent.is_some_and(|sent| sent.is_ok())
    }

    /// Writes a request down.
    pub(crate) async fn requests(&self, id: &str, body: &Value) -> bool {
        let due = format!("{:015}", self.world.now().as_millisecond());
        let body = body.to_string();
        let more = [
            ("id", id),
            ("open", "asked"),
            ("due", &*due),
            ("body", &*body),
        ];
        self.puts((&format!("ASKED#{id}"), "REQUEST"), &more).await
    }

    /// Writes down that somebody said something about a deploy.
    pub(crate) async fn says(&self, deploy: &str, sk: &str, body: &Value) -> bool {
        let pk = format!("SAID#{deploy}");
        self.puts((&pk, sk), &[("body", &body.to_string())]).await
    }

    /// Starts an execution of any name with any input.
    pub(crate) async fn starts(&self, name: &str, id: &str) {
        let start = Request::new("states:StartExecution", &self.machine());
        assert!(self.may(&start));
        let machine: Machine = aws(&self.world, SLASH_KEY, Patience::STEP).machine(self.machine());
        let _ = longshore_sim::until_killed(machine.start(name, id)).await;
    }

    /// Answers a task token.
    pub(crate) async fn answers(&self, token: &str) {
        let answer = Request::new("states:SendTaskSuccess", &self.machine());
        assert!(self.may(&answer));
        let machine: Machine = aws(&self.world, SLASH_KEY, Patience::STEP).machine(self.machine());
        let _ = longshore_sim::until_killed(machine.wake(token)).await;
    }

    /// Every task token that the table holds.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let state = self.world.state();
        let items = state.dynamodb.tables["longshore"].items().values();
        let tokens = items.filter_map(|item| item.get("token")?["S"].as_str().map(str::to_owned));
        tokens.collect()
    }
}
