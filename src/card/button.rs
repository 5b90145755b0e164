//! The buttons: what each is called in a payload, and what it carries. A value is a deploy's id and
//! a nonce, nothing else: what a click may do is decided by the record at click time.

use std::fmt;
use std::str::FromStr;

use crate::names::digest::sha256;
use crate::names::{DeployId, UserId};
use crate::record::Deploy;
use crate::record::Pause;
use crate::request::EntryKey;

/// What pressing a button asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ButtonAction {
    /// Go ahead with the plan shown.
    Confirm,
    /// Do not.
    Decline,
    /// Ask about another version to go back to: a menu.
    Choose,
    /// Stop a deploy that is under way.
    Cancel,
    /// Go back to what ran before.
    Rollback,
    /// Ask for the same once more.
    Retry,
    /// Bring a fresh address to answer to.
    KeepPosted,
    /// Let a rollout that pauses go on.
    PauseContinue,
    /// Let a rollout that pauses go back.
    PauseBack,
    /// Stop the rollout and go back.
    StopBack,
    /// Hear that an overdue deploy is watched on.
    KeepWatching,
    /// Give up watching an overdue deploy.
    Abandon,
    /// Show what the deploy changed in the task definitions.
    Difference,
    /// Deploy what was chosen in the form.
    Form,
    /// Replace the tasks of what runs already.
    Restart,
    /// Deploy once more what a rollback left.
    Forward,
    /// Deploy the same where it must succeed first.
    DeployThere,
    /// Deploy the nearest commit before the one that was asked for and has no image.
    DeployBefore,
    /// Bring what succeeded to the next environment.
    Promote,
    /// That is the person who was meant.
    ThatPerson,
    /// It is not.
    NotThatPerson,
    /// Ask an admin for the right to a deploy.
    Plead,
    /// Let somebody deploy what they asked for, once.
    AllowOnce,
    /// The same, and whatever else until the day that the button names.
    AllowUntil,
}

impl ButtonAction {
    /// Every action.
    pub const ALL: [Self; 24] = [
        Self::Confirm,
        Self::Decline,
        Self::Choose,
        Self::Cancel,
        Self::Rollback,
        Self::Retry,
        Self::KeepPosted,
        Self::PauseContinue,
        Self::PauseBack,
        Self::StopBack,
        Self::KeepWatching,
        Self::Abandon,
        Self::Difference,
        Self::Form,
        Self::Restart,
        Self::Forward,
        Self::DeployThere,
        Self::DeployBefore,
        Self::Promote,
        Self::ThatPerson,
        Self::NotThatPerson,
        Self::Plead,
        Self::AllowOnce,
        Self::AllowUntil,
    ];

    /// The `action_id`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Decline => "decline",
            Self::Choose => "choose",
            Self::Cancel => "cancel",
            Self::Rollback => "rollback",
            Self::Retry => "retry",
            Self::KeepPosted => "keep_posted",
            Self::PauseContinue => "pause_continue",
            Self::PauseBack => "pause_back",
            Self::StopBack => "stop_back",
            Self::KeepWatching => "keep_watching",
            Self::Abandon => "abandon",
            Self::Difference => "difference",
            Self::Form => "form",
            Self::Restart => "restart",
            Self::Forward => "forward",
            Self::DeployThere => "deploy_there",
            Self::DeployBefore => "deploy_before",
            Self::Promote => "promote",
            Self::ThatPerson => "that_person",
            Self::NotThatPerson => "not_that_person",
            Self::Plead => "plead",
            Self::AllowOnce => "allow_once",
            Self::AllowUntil => "allow_until",
        }
    }
}

/// The buttons that ask one admin each: of those in one message, each has an `action_id` of its own
/// (<https://docs.slack.dev/reference/block-kit/block-elements/button-element>).
pub(crate) const PLEADS: [&str; 3] = ["plead", "plead_2", "plead_3"];

/// No button of ours carries that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is no button of Longshore's")]
pub struct BadButton;

impl FromStr for ButtonAction {
    type Err = BadButton;

    fn from_str(id: &str) -> Result<Self, BadButton> {
        if PLEADS.contains(&id) {
            return Ok(Self::Plead);
        }
        Self::ALL
            .into_iter()
            .find(|action| action.id() == id)
            .ok_or(BadButton)
    }
}

/// A button's `value`: `DEPLOYID:NONCE`; what is chosen in a menu: `DEPLOYID:NONCE:KEY`; where an admin is asked for
/// the right to what was typed: `ID:plead:TYPED`, or of one of several `ID:plead@ADMIN:TYPED`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ButtonValue {
    deploy: DeployId,
    nonce: String,
    version: Option<EntryKey>,
    typed: Option<String>,
    admin: Option<UserId>,
}

impl ButtonValue {
    /// The value of this button on this deploy's card.
    pub fn new(deploy: &Deploy, action: ButtonAction) -> Self {
        Self {
            deploy: deploy.id.clone(),
            nonce: nonce(deploy, action),
            version: None,
            typed: None,
            admin: None,
        }
    }

    /// The value of the button of a form, which is about no deploy yet and works once.
    pub(crate) fn of_form(form: DeployId) -> Self {
        Self {
            deploy: form,
            nonce: ButtonAction::Form.id().to_owned(),
            version: None,
            typed: None,
            admin: None,
        }
    }

    /// The value of the buttons under the question whether somebody was meant, which is about no deploy.
    pub(crate) fn of_question(question: DeployId) -> Self {
        Self {
            deploy: question,
            nonce: ButtonAction::ThatPerson.id().to_owned(),
            version: None,
            typed: None,
            admin: None,
        }
    }

    /// The value of the button that asks an admin for a right: it is about no deploy yet, and works once.
    pub(crate) fn of_plea(id: DeployId, admin: Option<UserId>, typed: &str) -> Self {
        Self {
            deploy: id,
            nonce: ButtonAction::Plead.id().to_owned(),
            version: None,
            typed: Some(typed.to_owned()),
            admin,
        }
    }

    /// The value of a button of one pause of this deploy.
    pub(crate) fn of_pause(deploy: &Deploy, pause: &Pause) -> Self {
        Self {
            deploy: deploy.id.clone(),
            nonce: pause.nonce.clone(),
            version: None,
            typed: None,
            admin: None,
        }
    }

    /// What stands for a version in the menu of this deploy's question.
    pub(crate) fn of_version(deploy: &Deploy, version: EntryKey) -> Self {
        Self {
            version: Some(version),
            ..Self::new(deploy, ButtonAction::Choose)
        }
    }

    /// The version that was chosen, where it is a menu's.
    pub fn version(&self) -> Option<EntryKey> {
        self.version
    }

    /// What was typed, where the right to it is asked for.
    pub(crate) fn typed(&self) -> Option<&str> {
        self.typed.as_deref()
    }

    /// The admin who is to be asked for it, where one is named.
    pub(crate) fn admin(&self) -> Option<&UserId> {
        self.admin.as_ref()
    }

    /// The deploy the button belongs to.
    pub fn deploy(&self) -> &DeployId {
        &self.deploy
    }

    /// The nonce, to be compared with the one that the record gives.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }
}

impl fmt::Display for ButtonValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.deploy, self.nonce)?;
        if let Some(admin) = &self.admin {
            write!(f, "@{admin}")?;
        }
        match (self.version, &self.typed) {
            (Some(version), _) => write!(f, ":{version}"),
            (None, Some(typed)) => write!(f, ":{typed}"),
            (None, None) => Ok(()),
        }
    }
}

impl FromStr for ButtonValue {
    type Err = BadButton;

    fn from_str(text: &str) -> Result<Self, BadButton> {
        let (deploy, rest) = text.split_once(':').ok_or(BadButton)?;
        let (nonce, rest) = match rest.split_once(':') {
            Some((nonce, rest)) => (nonce, Some(rest)),
            None => (rest, None),
        };
        let (nonce, admin) = match nonce.split_once('@') {
            Some((nonce, admin)) => (nonce, Some(admin.parse().map_err(|_| BadButton)?)),
            None => (nonce, None),
        };
        let pleads = nonce == ButtonAction::Plead.id();
        if admin.is_some() && !pleads {
            return Err(BadButton);
        }
        let (version, typed) = match rest {
            Some(typed) if pleads => (None, Some(typed.to_owned())),
            Some(version) => (Some(version.parse().map_err(|_| BadButton)?), None),
            None => (None, None),
        };
        let opaque = (1..=64).contains(&nonce.len())
            && nonce
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        match (deploy.parse(), opaque) {
            (Ok(deploy), true) => Ok(Self {
                deploy,
                nonce: nonce.to_owned(),
                version,
                typed,
                admin,
            }),
            _ => Err(BadButton),
        }
    }
}

/// The nonce of a deploy's button: the question's own for **Confirm**, **Do not deploy** and its menu, else
/// derived from the deploy, its plan or verdict and the action, so that a card posted twice carries
/// the same button and its second use is found out.
pub fn nonce(deploy: &Deploy, action: ButtonAction) -> String {
    use ButtonAction::{AllowOnce, AllowUntil, Choose, Confirm, Decline};
    let is_answer = matches!(action, Confirm | Decline | Choose | AllowOnce | AllowUntil);
    if let (true, Some(ask)) = (is_answer, deploy.question()) {
        return ask.nonce.clone();
    }
    let state = match (action, &deploy.ending) {
        (
            ButtonAction::Rollback
            | ButtonAction::Retry
            | ButtonAction::Restart
            | ButtonAction::Forward
            | ButtonAction::DeployThere
            | ButtonAction::DeployBefore
            | ButtonAction::Promote,
            Some(ending),
        ) => ending.verdict.name().to_owned(),
        _ => deploy.plan.as_ref().map_or_else(String::new, |plan| {
            plan.hash(deploy.application(), &deploy.environment, deploy.verb())
        }),
    };
    let seed = format!("{}\n{state}\n{}", deploy.id, action.id());
    let mut nonce = sha256(seed);
    nonce.truncate(16);
    nonce
}
