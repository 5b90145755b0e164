//! What runs when a deploy ends otherwise than well: read right before the verdict is written, so
//! that the card says what `status` would say a moment later.

use crate::record::Deploy;
use crate::rollout::LiveService;
use crate::waiter::reach::Reach;

/// Reads what each service runs, with one call for ten of them, and two more where something stands
/// where it was stopped. Helps people and decides nothing: what cannot be read is left out.
pub(super) async fn read_what_runs(reach: &Reach, deploy: &mut Deploy) {
    if !deploy.has_started() {
        return;
    }
    let names: Vec<String> = deploy.services.iter().map(|s| s.service.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let live = match reach.ecs.describe_services(&names).await {
        Ok(live) => live,
        Err(error) => {
            tracing::warn!(deploy = %deploy.id, %error, "what runs could not be read for the verdict");
            return;
        }
    };
    let of = live.iter().collect::<Vec<&LiveService>>();
    let staged = reach.ecs.staged(&of).await.unwrap_or_else(|error| {
        tracing::warn!(deploy = %deploy.id, %error, "shares of the traffic could not be read");
        Default::default()
    });
    for state in &mut deploy.services {
        let service = live.iter().find(|service| service.name == state.service);
        if let Some(service) = service.filter(|service| service.is_active()) {
            state.shown = service.sides(staged.get(&service.name));
        }
    }
}
