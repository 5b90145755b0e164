//! Who the caller is, as STS says: the name under which an operator acts.

use super::{Aws, AwsError};

impl Aws {
    /// The ARN of the identity whose credentials are used.
    ///
    /// # Errors
    ///
    /// Where there are no credentials, they are not valid, or STS cannot be reached.
    pub(crate) async fn identity(&self) -> Result<String, AwsError> {
        let client = aws_sdk_sts::Client::new(&self.config);
        let output = client.get_caller_identity().send().await;
        let output =
            output.map_err(|error| AwsError::from_sdk("sts", "GetCallerIdentity", error))?;
        output
            .arn
            .ok_or_else(|| AwsError::incomplete("sts", "GetCallerIdentity", "arn"))
    }
}
