//! The public function: Slack's door.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use longshore::app;
use longshore::slash::Slash;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    app::start_log();
    let slash: &'static Slash = Box::leak(Box::new(app::slash_from_env().await?));
    slash.warm().await;
    lambda_runtime::run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, Error>(slash.handle(&event.payload).await)
    }))
    .await
}
