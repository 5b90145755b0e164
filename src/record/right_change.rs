//! That somebody was given a right in chat, or lost one: who did it, to whom, when and why. Kept for good.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RightRefused;
use super::job::{RevokeAsked, Task};
use crate::names::{Actor, AppName, ChannelId, DeployId, EnvName, GivenReason, ReadId, UserId};
use crate::policy::{Grant, Grants};
use crate::request::GrantedRight;

/// A change to somebody's rights, as an admin asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightChange {
    /// The request's id.
    pub id: ReadId,
    /// The admin.
    pub by: Actor,
    /// In which conversation it was asked for.
    pub channel: Option<ChannelId>,
    /// When, by the request's own timestamp.
    pub at: Timestamp,
    /// What was done.
    pub what: ChangedRight,
}

/// What was done to a right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangedRight {
    /// It was given, or given anew with another end.
    Given(Grant),
    /// A second admin said yes to it, so that it counts at once.
    Seconded(Grant),
    /// These were taken back.
    Taken {
        /// As they were.
        grants: Vec<Grant>,
        /// Why, as the admin said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<GivenReason>,
        /// What was given for everywhere, and so is left.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        everywhere: Vec<Grant>,
        /// How many more there were than one request takes, and so are left.
        #[serde(default, skip_serializing_if = "is_none_more")]
        more: usize,
    },
}

impl ChangedRight {
    /// What taking rights back takes of what is given, or why it takes nothing.
    ///
    /// # Errors
    ///
    /// The reason.
    pub(crate) fn taking(
        asked: &RevokeAsked,
        whose: &UserId,
        given: &Grants,
        now: Timestamp,
    ) -> Result<Self, RightRefused> {
        let of = &asked.of;
        let rights: Vec<&Grant> = given
            .live(now)
            .filter(|grant| grant.to == *whose && grant.application == of.app)
            // Where no right is named, whatever they were given.
            .filter(|grant| of.right.is_none_or(|right| grant.right == right))
            .collect();
        let is_there = |grant: &&Grant| of.env.is_none() || grant.environment == of.env;
        let (there, left): (Vec<&Grant>, Vec<&Grant>) = rights.into_iter().partition(is_there);
        let everywhere = left.iter().filter(|grant| grant.environment.is_none());
        let everywhere: Vec<Grant> = everywhere.map(|grant| (*grant).clone()).collect();
        let (to, application) = (whose.clone(), of.app.clone());
        match (there.is_empty(), everywhere.is_empty()) {
            (false, _) => Ok(Self::Taken {
                grants: there.into_iter().cloned().collect(),
                why: asked.why.clone(),
                everywhere,
                more: 0,
            }),
            (true, false) => Err(RightRefused::GivenEverywhere { to, application }),
            (true, true) => Err(RightRefused::NothingGiven {
                to,
                application,
                environment: of.env.clone(),
            }),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none_more(more: &usize) -> bool {
    *more == 0
}

/// A right of somebody's in one place: there is one grant of it at most.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RightKey {
    /// For which application.
    pub application: AppName,
    /// Where; `None`: wherever the application runs.
    pub environment: Option<EnvName>,
    /// Whose.
    pub to: UserId,
    /// To do what.
    pub right: GrantedRight,
    /// The only deploy that it is for.
    pub once: Option<DeployId>,
}

impl RightKey {
    /// That of a grant.
    pub fn of(grant: &Grant) -> Self {
        Self {
            application: grant.application.clone(),
            environment: grant.environment.clone(),
            to: grant.to.clone(),
            right: grant.right,
            once: grant.once.as_ref().map(|once| once.deploy.clone()),
        }
    }
}

/// A change that waits until its admin says who was meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightWish {
    /// Who may say so.
    pub by: Actor,
    /// When it was asked for.
    pub at: Timestamp,
    /// What was asked for, of the person who was found.
    pub task: Task,
}
