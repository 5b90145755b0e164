//! DynamoDB, as the wire shows it.

use jiff::Timestamp;
use serde_json::Value;

use crate::{Answer, AwsError, Caller, State};

/// What DynamoDB remembers.
#[derive(Debug, Default)]
pub struct DynamoDb {}

/// Answers one operation.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    operation: &str,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let _ = (state, now, request, caller);
    Err(AwsError::unknown_operation(operation))
}
