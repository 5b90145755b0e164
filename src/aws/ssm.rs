//! Parameters: where the secrets are, and where a version is published.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::ParameterType;

use super::AwsError;
use crate::names::secret::Secret;

/// Systems Manager's parameters.
#[derive(Clone, Debug)]
pub struct Parameters {
    client: Client,
}

impl Parameters {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Writes a plain parameter, over what it held before.
    ///
    /// # Errors
    ///
    /// Whatever AWS says.
    pub async fn put(&self, name: &str, value: &str) -> Result<(), AwsError> {
        self.client
            .put_parameter()
            .name(name)
            .value(value)
            .r#type(ParameterType::String)
            .overwrite(true)
            .send()
            .await
            .map(drop)
            .map_err(|error| AwsError::from_sdk("ssm", "PutParameter", error))
    }

    /// The parameter of this name, decrypted; `None` where there is none.
    ///
    /// One by one and never by path, because a role's right to read can then be spelled out.
    ///
    /// # Errors
    ///
    /// Whatever else AWS says, a denied decryption included.
    pub async fn get(&self, name: &str) -> Result<Option<Secret>, AwsError> {
        let answer = self
            .client
            .get_parameter()
            .name(name)
            .with_decryption(true)
            .send()
            .await;
        match answer {
            Ok(output) => Ok(output
                .parameter
                .and_then(|parameter| parameter.value)
                .map(Secret::new)),
            Err(error) => match AwsError::from_sdk("ssm", "GetParameter", error) {
                error if error.is_not_found() => Ok(None),
                error => Err(error),
            },
        }
    }
}
