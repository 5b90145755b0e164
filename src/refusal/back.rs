//! Why a rollback goes nowhere: nothing lies below, the next cannot run, or what was to be left is gone.

use jiff::Timestamp;

use super::wording::NoWayBack;
use crate::names::{AppName, DeployId, EnvName};
use crate::plan::Candidate;
use crate::reply::plain::{Code, gone_now};
use crate::version::Gone;

/// Why a rollback that names no deploy goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBack {
    /// No earlier good deploy.
    #[error(
        "There is nothing to go back to: `{application}` on {environment} has no earlier deploy that succeeded with another image. {}",
        only_by_name(.application, .environment, .left)
    )]
    NothingToRollBackTo {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// What was rolled back from before.
        left: Vec<Candidate>,
    },
    /// What the card brought that a button is on is not there any more.
    #[error(
        "{}. Nothing was changed by this click. To go back from what runs now: `/deploy rollback {application} on {environment}`.",
        gone_now(.gone, *.now)
    )]
    IsGone {
        /// What is not there.
        gone: Gone,
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// When that was found.
        now: Timestamp,
    },
    /// The newest good version cannot run again, and nobody is asked whether an older one will do.
    #[error(
        "The newest good version of `{application}` on {environment}, {}, cannot be gone back to: {why}. {}",
        Code(.label),
        others_to_go_back_to(.application, .environment, .others)
    )]
    NewestCannotRun {
        /// The application.
        application: AppName,
        /// The environment.
        environment: EnvName,
        /// What people call it.
        label: String,
        /// What keeps it from running again.
        why: NoWayBack,
        /// Older ones that can: the deploy, and what people call it.
        others: Vec<(DeployId, String)>,
    },
}

/// What there is to go to all the same, by name.
fn only_by_name(application: &AppName, environment: &EnvName, left: &[Candidate]) -> String {
    let named = left.iter().filter_map(|one| {
        let id = one.id.as_ref()?;
        Some(format!("{} (`{id}`)", Code(&one.label)))
    });
    let named: Vec<String> = named.collect();
    match named.as_slice() {
        [] => format!("Deploy the version you want: `/deploy {application}:REF to {environment}`."),
        named => format!(
            "Rolled back from, and so gone to only by name: {}. Deploy the version you want, or name one of these: `/deploy rollback {application} on {environment} to DEPLOY`.",
            named.join(", ")
        ),
    }
}

/// What is left when the newest good version cannot run again.
fn others_to_go_back_to(
    application: &AppName,
    environment: &EnvName,
    others: &[(DeployId, String)],
) -> String {
    match others {
        [] => format!(
            "No older one that has a name can be either. Deploy the version you want: `/deploy {application}:REF to {environment}`."
        ),
        others => {
            let others: Vec<String> = others
                .iter()
                .map(|(id, label)| format!("`{id}` ({})", Code(label)))
                .collect();
            format!(
                "Older ones that can: {}. Name one: `/deploy rollback {application} on {environment} to DEPLOY`.",
                others.join(", ")
            )
        }
    }
}
