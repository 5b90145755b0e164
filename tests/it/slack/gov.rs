//! GovSlack has hosts of its own, and its tokens work there alone.

use crate::town::{ADA, Bot, Town};

#[tokio::test(start_paused = true)]
async fn a_workspace_of_govslack_is_answered_at_its_own_hosts() {
    for bot in [Bot::Token, Bot::NoToken] {
        let town = Town::new(bot).await;
        town.world.state().slack.set_gov();
        town.types(ADA, "webapp to production").await;
        town.passes(std::time::Duration::from_secs(10)).await;
        town.clicks(ADA, "confirm").await;
        // Long enough for every address to lapse.
        town.passes(std::time::Duration::from_secs(40 * 60)).await;
        town.settles().await;
        let said = town.reads();
        assert!(
            said.contains("# webapp main@680af60 runs on production"),
            "{said}"
        );
        let state = town.world.state();
        let calls = state.calls.iter().filter(|call| call.service == "slack");
        // What the sweep asks beside any conversation, the name of the admin, goes by the configuration's `gov` alone.
        let calls = calls.filter(|call| call.operation != "POST /api/users.info");
        for call in calls {
            let to = call
                .resources
                .first()
                .map(String::as_str)
                .unwrap_or_default();
            assert!(to.contains("slack-gov.com"), "{} {to}", call.operation);
        }
    }
}
