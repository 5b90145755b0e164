//! The versions that planning met lately, for whoever is to be shown one: in the form, and as an example in the help.

use std::time::Duration;

use super::asked::Visit;
use crate::names::AppName;
use crate::record::Met;

/// How long what suggests them waits: it is as good without.
const SUGGEST_WITHIN: Duration = Duration::from_millis(500);

/// What was met of all applications, the newest first. It only helps to choose, so without it what is said is as good.
pub(super) async fn lately(visit: Visit<'_>) -> Vec<(AppName, Met)> {
    let met = tokio::time::timeout(SUGGEST_WITHIN, visit.slash.store.met()).await;
    let met = met.map_err(|_| None).and_then(|met| met.map_err(Some));
    let met = met.unwrap_or_else(|error| {
        tracing::warn!(?error, "the versions to suggest could not be read in time");
        Vec::new()
    });
    let each = met.into_iter();
    let mut all: Vec<(AppName, Met)> = each
        .flat_map(|(name, met)| met.into_iter().map(move |one| (name.clone(), one)))
        .collect();
    all.sort_by_key(|(_, met)| std::cmp::Reverse(met.at));
    all
}
