//! The function that pipelines speak to.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use longshore::app;
use longshore::ci::Ci;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    app::start_log();
    let ci: &'static Ci = Box::leak(Box::new(app::ci_from_env().await?));
    lambda_runtime::run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, Error>(ci.handle(&event.payload).await)
    }))
    .await
}
