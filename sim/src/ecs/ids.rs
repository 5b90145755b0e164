//! ARNs and ids in ECS's own shapes. Ids come from a counter, so that a test's world is the same
//! in every run; nothing here is random.

use sha2::{Digest as _, Sha256};

use crate::AwsError;

/// Hands out ids; each is used once.
#[derive(Clone, Debug, Default)]
pub(super) struct Serial(u64);

impl Serial {
    fn next(&mut self) -> [u8; 32] {
        self.0 += 1;
        Sha256::digest(self.0.to_be_bytes()).into()
    }

    /// Nineteen digits, as in `ecs-svc/1485800978477494678` and service revisions.
    pub(super) fn digits(&mut self) -> String {
        let bytes = self.next();
        let digits = bytes
            .iter()
            .take(18)
            .map(|byte| char::from(b'0' + byte % 10));
        std::iter::once('1').chain(digits).collect()
    }

    /// Thirty-two hexadecimal digits, as in a task's id.
    pub(super) fn hex(&mut self) -> String {
        let bytes = self.next();
        bytes
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Twenty-one characters, as in a service deployment's id.
    pub(super) fn word(&mut self) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        let bytes = self.next();
        bytes
            .iter()
            .take(21)
            .map(|byte| char::from(LETTERS[usize::from(byte % 64)]))
            .collect()
    }

    /// A UUID, as in a service event's id.
    pub(super) fn uuid(&mut self) -> String {
        let hex = self.hex();
        format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }
}

/// Which account and region something lives in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Home {
    pub(super) account: String,
    pub(super) region: String,
}

impl Home {
    pub(super) fn new(account: &str, region: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
        }
    }

    /// `arn:aws:ecs:REGION:ACCOUNT:` and this resource.
    pub(super) fn arn(&self, resource: &str) -> String {
        format!("arn:aws:ecs:{}:{}:{resource}", self.region, self.account)
    }

    /// The resource part of an ARN of this account and region, or the text itself if it is no ARN.
    ///
    /// ECS refuses ARNs of elsewhere by saying whose they are.
    pub(super) fn resource<'a>(&self, text: &'a str) -> Result<&'a str, AwsError> {
        if !text.starts_with("arn:") {
            return Ok(text);
        }
        let mut parts = text.splitn(6, ':').skip(2);
        let (service, region, account, resource) =
            (parts.next(), parts.next(), parts.next(), parts.next());
        match (service, region, account, resource) {
            (Some("ecs"), Some(region), Some(_), Some(_)) if region != self.region => Err(invalid(
                format!("Identifier is for {region}. Your region is {}", self.region),
            )),
            (Some("ecs"), _, Some(account), Some(_)) if account != self.account => {
                Err(invalid(format!(
                    "Identifier is for {account}. Your accountId is {}",
                    self.account
                )))
            }
            (Some("ecs"), _, _, Some(resource)) => Ok(resource),
            _ => Err(invalid(format!("Invalid identifier: {text}"))),
        }
    }

    /// The last segment of a name or of an ARN of this `kind` (`cluster`, `service`, `task` …).
    pub(super) fn name<'a>(&self, kind: &str, text: &'a str) -> Result<&'a str, AwsError> {
        let resource = self.resource(text)?;
        if text.starts_with("arn:") {
            let rest = resource
                .strip_prefix(kind)
                .and_then(|rest| rest.strip_prefix('/'));
            let rest =
                rest.ok_or_else(|| invalid("Unexpected resource type in the identifier."))?;
            return Ok(rest.rsplit('/').next().unwrap_or(rest));
        }
        Ok(resource.rsplit('/').next().unwrap_or(resource))
    }
}

/// The account that an ARN of ECS's names. A role's says nothing of where a task definition is.
pub(super) fn account_of(text: &str) -> Option<&str> {
    let mut parts = text.split(':');
    let is_ours = parts.next() == Some("arn") && parts.nth(1) == Some("ecs");
    is_ours.then(|| parts.nth(1)).flatten()
}

/// The account that a role's ARN names.
pub(super) fn account_of_role(text: &str) -> Option<&str> {
    let mut parts = text.split(':');
    let is_role = parts.next() == Some("arn") && parts.nth(1) == Some("iam");
    is_role.then(|| parts.nth(1)).flatten()
}

/// An `InvalidParameterException`.
pub(super) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

/// A `ClientException`.
pub(super) fn client(message: impl Into<String>) -> AwsError {
    AwsError::new("ClientException", message)
}
