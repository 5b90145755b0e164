//! AWS's own service models, as `make models` unpacks them from the newest botocore: what tests hold
//! against this project's words about AWS, because nobody here wrote it.

use serde_json::Value;

/// Why there is no model.
#[derive(Debug)]
pub struct NoModel(String);

impl std::fmt::Display for NoModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; `make models` unpacks it", self.0)
    }
}

impl std::error::Error for NoModel {}

/// The model of a service by IAM's name for it: `ecs`, `states`.
///
/// # Errors
/// Where it has not been unpacked, or is no JSON.
pub fn model(service: &str) -> Result<Value, NoModel> {
    let path = format!(
        "{}/../.local/models/{service}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read(&path).map_err(|error| NoModel(format!("{path}: {error}")))?;
    serde_json::from_slice(&text).map_err(|error| NoModel(format!("{path}: {error}")))
}
