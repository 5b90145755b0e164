//! What the table has to say, stated apart from it: what each action needs, and who has that, by the words of the
//! configuration that it is played with.

use super::{Act, Means};

/// What an action needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Nothing but to be of the workspace.
    Nothing,
    /// `request`: to deploy there.
    Request,
    /// `rollback.by`.
    Back,
    /// `logs`.
    Logs,
    /// To stop what is not one's own: the team, the admins, whoever may roll back.
    Stop,
    /// To stop what somebody asks an admin for: the same, and whoever asks.
    Withdraw,
    /// To be an admin.
    Admin,
    /// To be its requester.
    Requester,
    /// To be a full member who lacks the right to deploy there.
    Lack,
}

fn needs(act: Act) -> Needs {
    match act {
        Act::Status
        | Act::Show
        | Act::History
        | Act::Diff
        | Act::Where
        | Act::Who
        | Act::KeepPosted => Needs::Nothing,
        // Whatever one has asked for, one may stop.
        Act::CancelOwn => Needs::Nothing,
        Act::Deploy | Act::Restart | Act::Retry | Act::Promote | Act::DeployThere | Act::Plan => {
            Needs::Request
        }
        Act::ConfirmOwn | Act::Continue | Act::Difference | Act::Forward => Needs::Request,
        Act::Rollback => Needs::Back,
        Act::Logs => Needs::Logs,
        Act::Cancel | Act::Decline | Act::GoBack | Act::Abandon => Needs::Stop,
        Act::TurnDown => Needs::Withdraw,
        Act::Grant | Act::Revoke | Act::AllowOnce | Act::AllowUntil => Needs::Admin,
        Act::Confirm => Needs::Requester,
        Act::Plead => Needs::Lack,
    }
}

/// The requester is of the team; eve, the outsider, is who asks an admin.
const FULL_MEMBERS: &[&str] = &[
    "requester",
    "lead",
    "member",
    "admin",
    "oncall",
    "granted",
    "outsider",
];

/// Who has it.
fn who(environment: &str, needs: Needs) -> &'static [&'static str] {
    match (needs, environment) {
        (Needs::Admin, _) => &["admin"],
        (Needs::Requester, _) => &["requester"],
        // `request = ["everyone"]`, and nothing else is said.
        (Needs::Request | Needs::Back | Needs::Logs | Needs::Stop, "staging") => FULL_MEMBERS,
        // `request = ["team"]`, to which grants add; an admin may what anybody may.
        (Needs::Request, _) => &["requester", "lead", "member", "admin", "granted"],
        // `rollback = { by = ["team.leads", "oncall"] }`, to which nothing adds.
        (Needs::Back, _) => &["lead", "oncall", "admin"],
        // `logs = ["team.leads"]`.
        (Needs::Logs, _) => &["lead", "admin"],
        (Needs::Stop, _) => &["requester", "lead", "member", "admin", "oncall"],
        (Needs::Withdraw, _) => &["requester", "lead", "member", "admin", "oncall", "outsider"],
        (Needs::Lack, _) => &["oncall", "outsider"],
        (Needs::Nothing, _) => &[
            "requester",
            "lead",
            "member",
            "admin",
            "oncall",
            "granted",
            "outsider",
            "guest",
            "gone",
        ],
    }
}

/// The answer that somebody gets who can do that at all.
pub(super) fn stated(environment: &str, actor: &str, means: Means, act: Act) -> &'static str {
    let needs = needs(act);
    let is_member = FULL_MEMBERS.contains(&actor);
    match (actor, needs) {
        // Slack shows nothing to somebody whose account is gone: what they may, happens, what is refused when it is
        // planned stands in the record, and of the rest nobody hears.
        ("gone", _) if matches!(means, Means::Mention | Means::Thread) => match act {
            Act::CancelOwn => "yes",
            Act::Deploy | Act::Restart | Act::Rollback | Act::Promote
                if environment == "staging" =>
            {
                "member"
            }
            _ => "nothing",
        },
        ("elsewhere", _) => "stranger",
        // Neither rights, nor consent, nor anything else that only a button does.
        _ if means == Means::Mention && !act.has_words() => "never",
        // What an IAM identity may do is IAM's to say.
        ("operator", _) => "yes",
        _ if who(environment, needs).contains(&actor) => "yes",
        (_, Needs::Admin) => "admins",
        (_, Needs::Requester) => "requester",
        (_, Needs::Lack) if is_member => "has-it",
        (_, Needs::Lack) => "member",
        // Of the list of whoever may stop, everybody is no entry.
        (_, Needs::Request | Needs::Back | Needs::Logs) if environment == "staging" => "member",
        _ => "named",
    }
}
