//! That whoever asked for a deploy has no right to it, and asks an admin.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Ask, Deploy, Telling};
use crate::names::{Actor, UserId};

/// How far the asking for a right got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plea {
    /// The admin whom they chose to ask; any where they chose none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UserId>,
    /// The question to an admin, once there is a plan to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put: Option<PleaPut>,
    /// The admin's yes, from when it was first heard in time. It stays, and the right is given by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<Allowed>,
    /// The same, once the right is given and announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Allowed>,
}

/// The question that an admin is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PleaPut {
    /// The admin.
    pub to: UserId,
    /// The question.
    pub ask: Ask,
    /// The end of the longer of the two rights that the admin can give.
    pub until: LastDay,
    /// That it reached the admin.
    pub asked: Telling,
    /// That its requester knows whom Longshore asked.
    pub told: Telling,
}

/// The day with which a right ends, as it stands on a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastDay {
    /// The day.
    pub on: Date,
    /// Its end.
    pub at: Timestamp,
}

/// That an admin said yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// The admin.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// For how much.
    pub leave: Leave,
}

/// For how much somebody is allowed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leave {
    /// For this plan.
    Once,
    /// For whatever is deployed there until then.
    Until(Timestamp),
}

impl Plea {
    /// Whether the right was given for one plan alone, or for none.
    fn is_for_no_more(&self) -> bool {
        let allowed = self.allowed.as_ref();
        allowed.is_none_or(|allowed| allowed.leave == Leave::Once)
    }
}

impl Deploy {
    /// Whether its requester still waits for the right to it.
    pub fn pleads(&self) -> bool {
        let plea = self.plea.as_ref();
        plea.is_some_and(|plea| plea.allowed.is_none())
    }

    /// The question to an admin, if one was put.
    pub fn plea_put(&self) -> Option<&PleaPut> {
        self.plea.as_ref()?.put.as_ref()
    }

    /// Whether the admin has yet to be asked, or its requester to hear of it.
    pub fn has_to_be_put(&self) -> bool {
        let put = self.plea_put().filter(|_| self.pleads());
        put.is_some_and(|put| !(put.asked.is_settled() && put.told.is_settled()))
    }

    /// The question that stands, or was the last.
    pub fn question(&self) -> Option<&Ask> {
        match self.pleads() {
            true => self.plea_put().map(|put| &put.ask),
            false => self.ask.as_ref(),
        }
    }

    /// Whether its requester may do no more by it than what its plan says.
    pub fn is_allowed_once(&self) -> bool {
        let plea = self.plea.as_ref();
        plea.is_some_and(Plea::is_for_no_more)
    }

    /// Whether an admin said no to it.
    pub fn was_turned_away(&self) -> bool {
        let by = self.cancel.as_ref().map(|cancel| &cancel.by);
        self.pleads() && by.is_some_and(|by| *by != self.requester)
    }

    /// The hash of its plan, where a right may be bound to that.
    pub fn bound_plan(&self) -> Option<String> {
        let (plan, _) = (self.plan.as_ref()?, self.plea.as_ref()?);
        Some(plan.hash(self.application(), &self.environment, self.verb()))
    }
}
