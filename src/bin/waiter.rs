//! The state machine's task.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use longshore::app;
use longshore::waiter::{Event, StepError, Waiter};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    app::start_log();
    let waiter: &'static Waiter = Box::leak(Box::new(app::waiter_from_env().await?));
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        let next = match Event::read(&event.payload) {
            Ok(read) => waiter.handle(read, &event.context.request_id).await,
            Err(unknown) => Err(StepError::from(unknown)),
        };
        next.map_err(Diagnostic::from)
    }))
    .await
}
