//! STS: roles with their trust as data, the sessions handed out, and who an access key is.
//! It speaks the query protocol: form fields in, XML out.

mod trust;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

pub use self::trust::Trust;
use self::trust::Wish;

use crate::{Answer, AwsError, Caller, State};

/// A role that may be assumed, and by whom.
#[derive(Clone, Debug)]
pub struct Role {
    /// `arn:aws:iam::ACCOUNT:role/NAME`.
    pub arn: String,
    /// Who may assume it.
    pub trust: Trust,
}

/// A session somebody obtained by assuming a role.
#[derive(Clone, Debug)]
pub struct Session {
    /// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
    pub arn: String,
    /// The role's account.
    pub account: String,
    /// Session tags as given.
    pub tags: Vec<(String, String)>,
    /// When the credentials stop working.
    pub expires: Timestamp,
}

/// What STS remembers.
#[derive(Clone, Debug, Default)]
pub struct Sts {
    /// Roles by ARN.
    pub roles: BTreeMap<String, Role>,
    /// Sessions by access key id.
    pub sessions: BTreeMap<String, Session>,
    /// Long-lived principals by access key id: (ARN, account).
    pub principals: BTreeMap<String, (String, String)>,
}

impl Sts {
    /// Registers the role `name` in `account`, assumable with this external id by anyone.
    pub fn add_role(&mut self, account: &str, name: &str, external_id: Option<&str>) {
        let arn = format!("arn:aws:iam::{account}:role/{name}");
        self.add_role_trusting(&arn, Trust::anybody(external_id));
    }

    /// Registers a role with its trust policy.
    pub fn add_role_trusting(&mut self, arn: &str, trust: Trust) {
        let arn = arn.to_owned();
        let role = Role {
            arn: arn.clone(),
            trust,
        };
        self.roles.insert(arn, role);
    }
}

/// Who an access key is. A key of twelve digits is that account's, as in other local AWSs, and one of a
/// user's says itself whose it is.
pub(crate) fn identify(state: &State, access_key: String, region: String) -> Caller {
    let sts = &state.sts;
    let mut caller = Caller {
        access_key,
        region,
        ..Caller::default()
    };
    if let Some(session) = sts.sessions.get(&caller.access_key) {
        caller.arn.clone_from(&session.arn);
        caller.account.clone_from(&session.account);
        caller.session_tags.clone_from(&session.tags);
    } else if let Some((arn, account)) = sts.principals.get(&caller.access_key) {
        caller.arn.clone_from(arn);
        caller.account.clone_from(account);
    } else if is_account(&caller.access_key) {
        caller.account.clone_from(&caller.access_key);
        caller.arn = format!("arn:aws:iam::{}:root", caller.account);
    } else if let Some(account) = account_in(&caller.access_key) {
        caller.arn = format!("arn:aws:iam::{account}:user/{}", caller.access_key);
        caller.account = account;
    }
    caller
}

/// The account that is written in a user's key: forty of the fifty bits of the ten characters after
/// `AKIA`, in base 32, as `aws sts get-access-key-info` reads them.
fn account_in(access_key: &str) -> Option<String> {
    let written = access_key
        .strip_prefix("AKIA")
        .filter(|rest| rest.len() == 16)?;
    let mut bits: u64 = 0;
    for byte in written.bytes().take(10) {
        let digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|known| *known == byte)?;
        bits = bits << 5 | u64::try_from(digit).ok()?;
    }
    // Keys from before accounts were written in them have another first bit.
    (bits >> 49 == 1).then(|| format!("{:012}", (bits >> 9) & ((1 << 40) - 1)))
}

/// Whether the caller's session is over.
pub(crate) fn expired(state: &State, caller: &Caller, now: Timestamp) -> bool {
    let session = state.sts.sessions.get(&caller.access_key);
    session.is_some_and(|session| session.expires <= now)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Answers one operation.
pub(crate) fn handle(
    state: &mut State,
    now: Timestamp,
    operation: &str,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    match operation {
        "AssumeRole" => assume_role(&mut state.sts, now, request, caller),
        "GetCallerIdentity" => Ok(Answer {
            body: json!({"Arn": caller.arn, "UserId": caller.access_key, "Account": caller.account}),
            ..Answer::default()
        }),
        _ => Err(AwsError::unknown_operation(operation)),
    }
}

fn assume_role(
    sts: &mut Sts,
    now: Timestamp,
    request: &Value,
    caller: &Caller,
) -> Result<Answer, AwsError> {
    let field = |name: &str| {
        request
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let arn = field("RoleArn");
    let session_name = field("RoleSessionName");
    let valid_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_=,.@-".contains(&byte);
    if !(2..=64).contains(&session_name.len()) || !session_name.bytes().all(valid_name) {
        let message = format!(
            "1 validation error detected: Value '{session_name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        );
        return Err(AwsError::new("ValidationError", message));
    }
    let tags = tags(request)?;
    let denied = |action: &str| {
        let who = if caller.arn.is_empty() {
            "anonymous"
        } else {
            &caller.arn
        };
        let message =
            format!("User: {who} is not authorized to perform: {action} on resource: {arn}");
        Err(AwsError {
            status: 403,
            ..AwsError::new("AccessDenied", message)
        })
    };
    let Some(role) = sts.roles.get(arn) else {
        return denied("sts:AssumeRole");
    };
    // A key that the request does not bring is not there.
    let external_id = request.get("ExternalId").and_then(Value::as_str);
    let external_id = external_id.map(|id| ("sts:ExternalId".to_owned(), id.to_owned()));
    let mut conditions: Vec<_> = external_id.into_iter().collect();
    conditions.extend(
        tags.iter()
            .map(|(key, value)| (format!("aws:RequestTag/{key}"), value.clone())),
    );
    conditions.extend(
        tags.iter()
            .map(|(key, _)| ("aws:TagKeys".to_owned(), key.clone())),
    );
    let trusts = |action: &str| {
        role.trust.allows(&Wish {
            action,
            caller: &caller.arn,
            account: &caller.account,
            keys: &conditions,
        })
    };
    if !trusts("sts:AssumeRole") {
        return denied("sts:AssumeRole");
    }
    if !tags.is_empty() && !trusts("sts:TagSession") {
        return denied("sts:TagSession");
    }
    let account = arn.split(':').nth(4).unwrap_or_default().to_owned();
    let name = arn.rsplit('/').next().unwrap_or_default();
    let session_arn = format!("arn:aws:sts::{account}:assumed-role/{name}/{session_name}");
    let seconds = field("DurationSeconds").parse::<i64>().unwrap_or(3600);
    let expires = now + SignedDuration::from_secs(seconds);
    let access_key = format!("ASIA{:016}", sts.sessions.len() + 1);
    let session = Session {
        arn: session_arn.clone(),
        account,
        tags,
        expires,
    };
    sts.sessions.insert(access_key.clone(), session);
    Ok(Answer {
        body: json!({
            "Credentials": {
                "AccessKeyId": access_key,
                "SecretAccessKey": "simulated-secret-access-key",
                "SessionToken": "simulated-session-token",
                "Expiration": expires.to_string(),
            },
            "AssumedRoleUser": {
                "AssumedRoleId": format!("AROASIMULATED:{session_name}"),
                "Arn": session_arn,
            },
        }),
        resources: vec![arn.to_owned()],
        conditions,
    })
}

/// `Tags.member.N.Key` and `.Value`, in order; AWS's limits and alphabet apply.
fn tags(request: &Value) -> Result<Vec<(String, String)>, AwsError> {
    let field = |index: usize, name: &str| {
        let key = format!("Tags.member.{index}.{name}");
        request.get(key).and_then(Value::as_str)
    };
    let tags: Vec<(String, String)> = (1..)
        .map_while(|index| {
            Some((
                field(index, "Key")?.to_owned(),
                field(index, "Value")?.to_owned(),
            ))
        })
        .collect();
    let allowed = |text: &str, limit: usize| {
        text.chars().count() <= limit
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c))
    };
    if tags.len() > 50
        || !tags
            .iter()
            .all(|(key, value)| allowed(key, 128) && allowed(value, 256))
    {
        let message = "1 validation error detected: a session tag is too long or holds a character outside [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]";
        return Err(AwsError::new("ValidationError", message));
    }
    Ok(tags)
}

/// The XML of a success.
pub(crate) fn success(operation: &str, body: &Value) -> String {
    format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>{}</{operation}Result><ResponseMetadata><RequestId>simulated</RequestId></ResponseMetadata></{operation}Response>",
        body.as_object().map(xml).unwrap_or_default()
    )
}

/// The XML of an error.
pub(crate) fn failure(error: &AwsError) -> String {
    let kind = if error.status >= 500 {
        "Receiver"
    } else {
        "Sender"
    };
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>simulated</RequestId></ErrorResponse>",
        escape(&error.code),
        escape(&error.message)
    )
}

fn xml(object: &Map<String, Value>) -> String {
    let element = |(name, value): (&String, &Value)| {
        let inner = match value {
            Value::Object(object) => xml(object),
            Value::String(text) => escape(text),
            other => other.to_string(),
        };
        format!("<{name}>{inner}</{name}>")
    };
    object.iter().map(element).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
