//! Slack as it is: every published shape of what it sends passes the door and means the right
//! person, what cannot be recorded is seen to fail, the largest card's buttons work, and whatever
//! is sent to Slack is what its own SDK would send.

mod clicks;
mod gov;
mod largest;
pub(crate) mod sdk;
mod shapes;

use bytes::Bytes;
use http::Response;
use longshore_sim::slack::SignedRequest;
use serde_json::Value;

use super::town::{ADA, Bot, Town};

/// Slack's own payload of a press of the newest such button.
fn payload_of(request: &SignedRequest) -> Value {
    let form = String::from_utf8(request.body.to_vec()).unwrap();
    let json = form.strip_prefix("payload=").unwrap();
    let mut bytes = Vec::new();
    let mut rest = json.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    serde_json::from_slice(&bytes).unwrap()
}

impl Town {
    /// A town where production's question stands, waiting for Ada.
    async fn asking(bot: Bot) -> Self {
        let town = Self::new(bot).await;
        town.types(ADA, "webapp to production").await;
        town.passes(std::time::Duration::from_secs(10)).await;
        town
    }

    /// Slack's request for a press of the newest such button.
    fn press(&self, user: &str, action: &str) -> SignedRequest {
        let now = self.world.now();
        let slack = &mut self.world.state().slack;
        slack.click_newest(now, user, action).unwrap()
    }

    /// The same press with another payload, signed.
    fn with_payload(&self, payload: &Value) -> SignedRequest {
        let now = self.world.now();
        self.world.state().slack.interaction(now, payload)
    }

    async fn answers(&self, request: &SignedRequest) -> Response<Bytes> {
        self.knocks(request).await.1
    }
}
