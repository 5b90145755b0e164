//! The least that a Rust function behind API Gateway can be, which `bench` measures the public
//! function against: no clients, no secrets, one sentence.

use lambda_http::{Body, Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: Request| {
        Ok::<_, Error>(Response::new(Body::from("hello, world")))
    }))
    .await
}
