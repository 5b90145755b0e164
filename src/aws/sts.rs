//! The deploy roles: assumed per environment and deploy, named by session tags, kept until shortly
//! before they expire.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::Client;
use aws_sdk_sts::types::Tag;
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};

use super::{AwsError, ErrorKind};
use crate::names::Actor;

/// A session is used no longer than this before its end.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// How long a session lasts: the least that AWS gives.
const LASTS: i32 = 15 * 60;

/// Sessions kept at most; one function instance serves one step at a time.
const KEPT: usize = 32;

/// What somebody is in an account for a while. Its `Debug` shows no credentials.
#[derive(Clone, Debug)]
pub struct Session {
    credentials: Credentials,
}

impl Session {
    pub(super) fn provider(&self) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(self.credentials.clone())
    }

    fn lasts_beyond(&self, time: SystemTime) -> bool {
        self.credentials
            .expiry()
            .is_some_and(|expiry| expiry > time + MARGIN)
    }
}

/// On whose behalf a role is assumed: in the session's name and tags, so that the account's trail
/// names deploy and person.
#[derive(Clone, Copy, Debug)]
pub struct OnBehalf<'a> {
    /// The deploy's (or read's) id.
    pub deploy: &'a str,
    /// Who asked for it.
    pub actor: &'a Actor,
}

/// The roles that Longshore may assume.
#[derive(Clone, Debug)]
pub struct Roles {
    client: Client,
    clock: SharedTimeSource,
    kept: Arc<Mutex<HashMap<(String, String), Session>>>,
}

impl Roles {
    pub(super) fn new(client: Client, config: &SdkConfig) -> Self {
        let clock = config
            .time_source()
            .unwrap_or_else(|| SharedTimeSource::new(SystemTimeSource::new()));
        Self {
            client,
            clock,
            kept: Arc::default(),
        }
    }

    /// A session in the role, out of the kept ones where one lasts at least five minutes more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Denied`] where the role's trust policy says no: wrong external id, role not
    /// installed (`longshore target` makes its stack).
    pub async fn assume(
        &self,
        role_arn: &str,
        external_id: &str,
        behalf: OnBehalf<'_>,
    ) -> Result<Session, AwsError> {
        let key = (role_arn.to_owned(), behalf.deploy.to_owned());
        let now = self.clock.now();
        if let Some(session) = self.kept().get(&key).filter(|s| s.lasts_beyond(now)) {
            return Ok(session.clone());
        }
        let session = self.ask(role_arn, external_id, behalf).await?;
        let mut kept = self.kept();
        kept.retain(|_, session| session.lasts_beyond(now));
        if kept.len() < KEPT {
            kept.insert(key, session.clone());
        }
        Ok(session)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), Session>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(
        &self,
        role_arn: &str,
        external_id: &str,
        behalf: OnBehalf<'_>,
    ) -> Result<Session, AwsError> {
        let malformed = |error| AwsError::malformed("sts", "AssumeRole", &error);
        let tag = |key: &str, value: String| {
            let tag = Tag::builder().key(key).value(value).build();
            tag.map_err(malformed)
        };
        let output = self
            .client
            .assume_role()
            .role_arn(role_arn)
            .role_session_name(session_name(behalf.deploy))
            .external_id(external_id)
            .duration_seconds(LASTS)
            .tags(tag("longshore:deploy", tag_value(behalf.deploy))?)
            .tags(tag(
                "longshore:actor",
                tag_value(&behalf.actor.to_string()),
            )?)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk("sts", "AssumeRole", error))?;
        let given = output
            .credentials
            .ok_or_else(|| AwsError::incomplete("sts", "AssumeRole", "credentials"))?;
        let expiry = SystemTime::try_from(given.expiration).map_err(|error| {
            AwsError::own("sts", "AssumeRole", ErrorKind::Unknown, error.to_string())
        })?;
        Ok(Session {
            credentials: Credentials::new(
                given.access_key_id,
                given.secret_access_key,
                Some(given.session_token),
                Some(expiry),
                "longshore deploy role",
            ),
        })
    }
}

/// `longshore-DEPLOY`, in the characters a session's name accepts: `[\w+=,.@-]{2,64}`.
fn session_name(deploy: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c);
    format!("longshore-{deploy}")
        .chars()
        .map(|c| if plain(c) { c } else { '-' })
        .take(64)
        .collect()
}

/// The text in the characters that
/// [session tags](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules)
/// accept, at most 256 of them; anything else becomes `_`. Letters of every language are accepted
/// there, but not here, so that an ARN condition can be written by anybody.
fn tag_value(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
    text.chars()
        .map(|c| if plain(c) { c } else { '_' })
        .take(256)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_session_names_keep_to_the_characters_aws_accepts() {
        assert_eq!(tag_value("slack:T0001:U1"), "slack:T0001:U1");
        assert_eq!(
            tag_value("operator:arn:aws:sts::1:assumed-role/X/jörg*"),
            "operator:arn:aws:sts::1:assumed-role/X/j_rg_"
        );
        assert_eq!(tag_value(&"x".repeat(300)).len(), 256);
        assert_eq!(session_name("0a1b2c3d"), "longshore-0a1b2c3d");
        assert_eq!(session_name("r-0a1b/…3d"), "longshore-r-0a1b--3d");
    }

    #[test]
    fn a_session_shows_no_credentials() {
        let session = Session {
            credentials: Credentials::new("AKIDEXAMPLE", "hush", Some("shh".into()), None, "test"),
        };
        let shown = format!("{session:?}");
        assert!(!shown.contains("hush") && !shown.contains("shh"), "{shown}");
    }
}
